"""Writes categories.json: what LightGBM says of columns of categories.

    python categories.py

Two columns of 12 and 40 categories, whose effects have no order, and one of
numbers. LightGBM's defaults for categories: cat_smooth 10, cat_l2 10,
max_cat_threshold 32, min_data_per_group 100.
"""

import json

import lightgbm as lgb
import numpy as np

ROWS = 3000
OBJECTIVE = {"logistic": "binary", "squared": "regression"}


def data(seed):
    rng = np.random.default_rng(seed)
    x = np.stack([rng.integers(0, 12, ROWS), rng.integers(0, 40, ROWS), rng.integers(0, 100, ROWS)], axis=1).astype(float)
    first, second = rng.permutation(np.linspace(-1, 1, 12)), rng.permutation(np.linspace(-1.5, 1.5, 40))
    z = first[x[:, 0].astype(int)] + second[x[:, 1].astype(int)] + 0.01 * x[:, 2] - 0.5
    return x, z, rng


def main():
    cases = []
    for seed, loss in enumerate(OBJECTIVE):
        x, z, rng = data(seed)
        y = (rng.random(ROWS) < 1 / (1 + np.exp(-z))).astype(float) if loss == "logistic" else np.round(z + rng.standard_normal(ROWS), 3)
        params = dict(objective=OBJECTIVE[loss], num_leaves=8, learning_rate=0.2, min_data_in_leaf=1 if loss == "logistic" else 20,
                      min_sum_hessian_in_leaf=4.0, min_data_in_bin=1,
                      num_threads=1, deterministic=True, force_col_wise=True, feature_pre_filter=False, enable_bundle=False, verbose=-1)
        booster = lgb.train(params, lgb.Dataset(x, y, categorical_feature=[0, 1]), 15)
        cases.append(dict(loss=loss, x=[float(v) for v in x.ravel()], y=[float(v) for v in y],
                          score=[round(v, 9) for v in booster.predict(x, raw_score=True)],
                          splits=[int(v) for v in booster.feature_importance("split")],
                          gain=[float(v) for v in booster.feature_importance("gain")]))
    with open("categories.json", "w") as f:
        json.dump(dict(cols=3, trees=15, cases=cases), f)
        f.write("\n")


if __name__ == "__main__":
    main()
