"""Writes scaler.json, rfm.json and statistics.json beside this script."""
import json
import pathlib

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

HERE = pathlib.Path(__file__).parent
rng = np.random.default_rng(7)


def scaler_cases():
    columns = {
        "skewed": np.round(np.exp(rng.normal(4, 1.5, 101)), 2),
        "with_zero": np.round(np.maximum(0, rng.normal(2, 3, 100)), 3),
        "negative": np.round(rng.normal(-5, 20, 64), 4),
        "missing": np.where(rng.random(80) < 0.2, np.nan, np.round(rng.gamma(2, 30, 80), 2)),
        "mostly_one_value": np.where(rng.random(50) < 0.9, 1.0, np.round(rng.random(50) * 9, 2)),
    }
    scalers = {"standard": StandardScaler, "robust": RobustScaler, "minmax": MinMaxScaler}
    cases = []
    for name, raw in columns.items():
        x = SimpleImputer(strategy="median").fit_transform(raw.reshape(-1, 1))
        for transform in ("none", "log", "sqrt"):
            t = x
            if transform == "log":
                t = np.log(x + (1 - x.min()) if x.min() <= 0 else x)
            if transform == "sqrt":
                t = np.sqrt(x - x.min() if x.min() < 0 else x)
            for scale, make in scalers.items():
                if scale == "robust" and np.subtract(*np.percentile(t, [75, 25])) == 0:
                    continue  # scikit-learn divides by 1, we by the standard deviation
                want = make().fit_transform(t)[:, 0]
                cases.append({
                    "name": name, "transform": transform, "scale": scale,
                    "values": [None if np.isnan(v) else v for v in raw],
                    "want": list(want),
                })
    return cases


def rfm_cases():
    cases = []
    for n, k in ((7, 5), (50, 5), (333, 5), (40, 3), (100, 9), (12, 2)):
        f = pd.DataFrame({
            "recency": rng.integers(0, 60, n).astype(float),
            "frequency": rng.geometric(0.4, n).astype(float),
            "monetary": np.round(rng.gamma(1.2, 80, n), 2),
        })

        def ntile(v):
            return np.floor(1 + v.rank(method="average") * k / (len(v) + 1)).astype(int)

        r = ntile(-f.recency)
        nested_f = f.groupby(r).frequency.transform(ntile).astype(int)
        nested_m = f.groupby([r, nested_f]).monetary.transform(ntile).astype(int)
        cases.append({
            "bins": k,
            "recency": list(f.recency), "frequency": list(f.frequency), "monetary": list(f.monetary),
            "independent": [list(map(int, r)), list(map(int, ntile(f.frequency))), list(map(int, ntile(f.monetary)))],
            "nested": [list(map(int, r)), list(map(int, nested_f)), list(map(int, nested_m))],
        })
    return cases


def statistics_cases():
    cases = []
    for n in (1, 2, 5, 8, 40):
        days = np.sort(rng.choice(np.arange(1, 366), n, replace=False))
        gaps = np.diff(days)
        x = np.diff(np.concatenate([[0], days, [366]])) / 366
        cases.append({
            "days": [int(d) for d in days],  # 1 … 365, of the year that ends with the as-of day
            "gap_mean": None if n < 2 else float(np.mean(gaps)),
            "gap_median": None if n < 2 else float(np.median(gaps)),
            "gap_sd": None if n < 3 else float(np.std(gaps, ddof=1)),
            "gap_cv": None if n < 3 else float(stats.variation(gaps, ddof=1)),
            "clumpiness_365": float(1 - stats.entropy(x) / np.log(n + 1)),
        })
    return cases


for file, cases in (("scaler", scaler_cases()), ("rfm", rfm_cases()), ("statistics", statistics_cases())):
    (HERE / f"{file}.json").write_text(json.dumps(cases, allow_nan=False) + "\n")
