"""The statsforecast side of the benchmark of forecasts, and the maker of its data.

    python peer.py make DIR                   writes weeks-108.f64 (2,000 series) and months-72.f64 (400 series)
    python peer.py run DATA SEASON HORIZON    fits AutoETS and Theta at eight rolling origins and to the whole

Ours tries six methods at the same origins, and publishes the winner; theirs fits two and publishes their mean. Only fitting
and forecasting are timed. "mase" is the error of the last periods, which no fit saw.
"""
import json
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

ORIGINS = 8


def make(folder):
    rng = np.random.default_rng(20240501)
    for name, series, periods, season in (("weeks", 2000, 108, 1), ("months", 400, 72, 12)):
        drift = rng.normal(rng.normal(0, 1, (series, 1)), 5, (series, periods))
        level = rng.uniform(50, 1000, (series, 1)) + np.cumsum(drift, axis=1)
        factors = np.exp(rng.normal(0, 0.2, (series, season))) if season > 1 else np.ones((series, 1))
        noise = rng.normal(1, 0.1, (series, periods))
        values = np.maximum(level * factors[:, np.arange(periods) % season] * noise, 0)
        values.astype("<f8").tofile(f"{folder}/{name}-{periods}.f64")


def lengths(periods, season, horizon):
    """The origins that ours uses, and the whole."""
    step = (horizon + 1) // 2
    first = max(12, 3 * season)
    return [o for k in range(ORIGINS, 0, -1) if (o := periods - k * step) >= first] + [periods]


def fit(job):
    import warnings

    from statsforecast.models import AutoETS, Theta

    warnings.filterwarnings("ignore")
    known, season, horizon = job
    out = []
    for y in known:
        for o in lengths(len(y), season, horizon):
            ets = AutoETS(season_length=season).forecast(y[:o], horizon)["mean"]
            theta = Theta(season_length=season).forecast(y[:o], horizon)["mean"]
        out.append((ets + theta) / 2)
    return np.array(out)


def run(path, season, horizon):
    y = np.fromfile(path, "<f8").reshape(-1, int(Path(path).stem.rsplit("-", 1)[1]))
    known, actual = y[:, :-horizon], y[:, -horizon:]
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(fit, [(known[:4], season, horizon)] * 2))  # compiles and imports
        wall = time.perf_counter()
        found = np.concatenate(list(pool.map(fit, [(part, season, horizon) for part in np.array_split(known, min(64, len(known)))])))
        wall = time.perf_counter() - wall
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    scale = np.abs(known[:, season:] - known[:, :-season]).mean(axis=1)
    print(json.dumps({"tool": "statsforecast", "work": Path(path).name, "seconds": round(wall, 4),
                      "cpu": round(used.ru_utime + used.ru_stime, 4),
                      "mase": float((np.abs(found - actual).mean(axis=1) / scale).mean()), "peak_rss_mb": used.ru_maxrss // 1024}))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2])
    else:
        run(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
