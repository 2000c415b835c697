"""Writes lightgbm.json and shap.json: what LightGBM and shap say.

    python reference.py

Columns hold whole numbers below 200, so that LightGBM and Quintile cut the same
bins, and values are exact in float32.
"""

import json

import lightgbm as lgb
import numpy as np
import shap

ROWS, COLS = 1500, 5


def data(seed, missing):
    rng = np.random.default_rng(seed)
    x = np.stack([rng.integers(0, top, ROWS) for top in (200, 150, 40, 7, 90)], axis=1).astype(np.float64)
    if missing:
        x[rng.random(ROWS) < 0.15, 0] = np.nan
        x[rng.random(ROWS) < 0.10, 3] = np.nan
    z = (0.02 * np.nan_to_num(x[:, 0], nan=170) - 0.03 * x[:, 1] + 0.02 * x[:, 2] * np.nan_to_num(x[:, 3], nan=4)
         + np.sin(x[:, 4] / 9) + 0.5 * rng.standard_normal(ROWS))
    return x, z - z.mean(), rng


def target(loss, z, rng):
    if loss == "logistic":
        return (rng.random(ROWS) < 1 / (1 + np.exp(-z))).astype(float)
    if loss == "poisson":
        return rng.poisson(np.exp(0.5 * z)).astype(float)
    return np.round(4 * z, 3)


OBJECTIVE = {"logistic": "binary", "squared": "regression", "poisson": "poisson"}
CASES = [
    # MinRows is only compared where LightGBM counts rows rather than guess them.
    dict(name="logistic", loss="logistic", missing=False, min_rows=1, min_child_weight=3.0, l1=0.0, l2=0.0, monotone=None),
    dict(name="logistic with missing values", loss="logistic", missing=True, min_rows=1, min_child_weight=3.0, l1=0.0, l2=1.0, monotone=None),
    dict(name="squared", loss="squared", missing=False, min_rows=20, min_child_weight=0.001, l1=0.0, l2=0.0, monotone=None),
    dict(name="squared, L1 and L2", loss="squared", missing=True, min_rows=20, min_child_weight=0.001, l1=2.0, l2=3.0, monotone=None),
    dict(name="squared, monotone", loss="squared", missing=False, min_rows=20, min_child_weight=0.001, l1=0.0, l2=0.0, monotone=[1, -1, 0, 0, 0]),
    dict(name="poisson", loss="poisson", missing=False, min_rows=1, min_child_weight=8.0, l1=0.0, l2=0.0, monotone=None),
]


def fit(case, x, y, weights=None):
    params = dict(objective=OBJECTIVE[case["loss"]], num_leaves=12, learning_rate=0.2, min_data_in_leaf=case["min_rows"],
                  min_sum_hessian_in_leaf=case["min_child_weight"], lambda_l1=case["l1"], lambda_l2=case["l2"],
                  min_data_in_bin=1, max_bin=255, num_threads=1, deterministic=True, force_col_wise=True,
                  zero_as_missing=False, feature_pre_filter=False, enable_bundle=False, verbose=-1)
    if case["monotone"]:
        params["monotone_constraints"] = case["monotone"]
        params["monotone_constraints_method"] = "basic"
    return lgb.train(params, lgb.Dataset(x, y, weight=weights), 15)


def numbers(a):
    return [None if np.isnan(v) else float(v) for v in np.asarray(a, dtype=np.float64).ravel()]


def floor32(v):
    """The largest float32 not above v: the same side for every float32."""
    f = np.float32(v)
    return float(np.nextafter(f, np.float32(-np.inf)) if float(f) > v else f)


def convert(booster, loss):
    """A LightGBM model in the JSON of boost.Ensemble."""
    model = booster.dump_model()
    trees = []
    for info in model["tree_info"]:
        t = {k: [] for k in ("column", "threshold", "missing_left", "left", "right", "rows", "gain", "value")}

        def visit(n):
            i = len(t["column"])
            leaf = "leaf_value" in n
            t["column"].append(-1 if leaf else n["split_feature"])
            t["threshold"].append(0.0 if leaf else floor32(n["threshold"]))
            # Without missing values in training LightGBM reads NaN as 0; the test data has none then.
            t["missing_left"].append(False if leaf else bool(n["default_left"]))
            t["rows"].append(n["leaf_count"] if leaf else n["internal_count"])
            t["gain"].append(0.0 if leaf else n["split_gain"])
            t["value"].append(n["leaf_value"] if leaf else 0.0)
            t["left"].append(0)
            t["right"].append(0)
            if not leaf:
                t["left"][i] = visit(n["left_child"])
                t["right"][i] = visit(n["right_child"])
            return i

        visit(info["tree_structure"])
        trees.append(t)
    return {"format": "quintile.boost/1", "loss": loss, "columns": model["feature_names"], "base_score": 0.0, "trees": trees}


def main():
    fits = []
    for seed, case in enumerate(CASES):
        x, z, rng = data(seed, case["missing"])
        y = target(case["loss"], z, rng)
        booster = fit(case, x, y)
        raw = booster.predict(x, raw_score=True)
        fits.append(dict(case, x=numbers(x), y=numbers(y), score=[round(v, 9) for v in raw],
                         gain=[float(v) for v in booster.feature_importance("gain")],
                         splits=[int(v) for v in booster.feature_importance("split")]))
    with open("lightgbm.json", "w") as f:
        json.dump({"lightgbm": lgb.__version__, "cols": COLS, "trees": 15, "cases": fits}, f, separators=(",", ":"))

    x, z, rng = data(99, True)
    y = target("logistic", z, rng)
    booster = fit(CASES[1], x, y)
    few = x[:60]
    explainer = shap.TreeExplainer(booster, feature_perturbation="tree_path_dependent")
    values = explainer.shap_values(few)
    values = values[1] if isinstance(values, list) else values
    with open("shap.json", "w") as f:
        json.dump({"shap": shap.__version__, "lightgbm": lgb.__version__, "model": convert(booster, "logistic"),
                   "x": numbers(few), "score": numbers(booster.predict(few, raw_score=True)),
                   "expected": float(np.ravel(explainer.expected_value)[-1]), "shap": numbers(values),
                   "contrib": numbers(booster.predict(few, pred_contrib=True))}, f, separators=(",", ":"))


main()
