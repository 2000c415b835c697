"""Fits and scores the same file with LightGBM, XGBoost and scikit-learn.

    python peer.py data.bin {lightgbm|xgboost|sklearn} [threads] [repeats]

The file is made by `go run ./bench/boost -make data.bin`. One JSON line per
piece of work: {"work", "seconds", "cpu_seconds", "auc", "peak_rss_mb"}.
"""

import json
import os
import resource
import sys
import time

THREADS = int(sys.argv[3]) if len(sys.argv) > 3 else 2
REPEATS = int(sys.argv[4]) if len(sys.argv) > 4 else 1
os.environ["OMP_NUM_THREADS"] = str(THREADS)

import numpy as np
from sklearn.metrics import roc_auc_score

TREES, LEAVES, RATE, MIN_ROWS = 100, 31, 0.1, 20
EXPLAINED = 20_000


def load(path):
    head = np.fromfile(path, dtype="<u8", count=3)
    rows, cols = int(head[1]), int(head[2])
    x = np.fromfile(path, dtype="<f4", count=rows * cols, offset=24).reshape(cols, rows).T
    y = np.fromfile(path, dtype="<f8", offset=24 + 4 * rows * cols)
    return x, y


def report(work, start, cpu, auc):
    use = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "work": work,
        "seconds": round(time.perf_counter() - start, 4),
        "cpu_seconds": round(use.ru_utime + use.ru_stime - cpu, 4),
        "auc": round(float(auc), 6),
        "peak_rss_mb": round(use.ru_maxrss / 1024, 1),
    }), flush=True)


def cpu_now():
    use = resource.getrusage(resource.RUSAGE_SELF)
    return use.ru_utime + use.ru_stime


def lightgbm_model(x, y):
    import lightgbm as lgb
    params = dict(objective="binary", num_leaves=LEAVES, learning_rate=RATE, min_data_in_leaf=MIN_ROWS,
                  max_bin=255, num_threads=THREADS, verbose=-1, deterministic=False)
    booster = lgb.train(params, lgb.Dataset(x, y, free_raw_data=True), TREES)
    return (lambda z: booster.predict(z, num_threads=THREADS),
            lambda z: booster.predict(z, num_threads=THREADS, pred_contrib=True))


def xgboost_model(x, y):
    import xgboost as xgb
    params = dict(objective="binary:logistic", tree_method="hist", grow_policy="lossguide", max_leaves=LEAVES,
                  max_depth=0, eta=RATE, max_bin=256, min_child_weight=0.001, reg_lambda=0, nthread=THREADS)
    booster = xgb.train(params, xgb.QuantileDMatrix(x, y, max_bin=256, nthread=THREADS), TREES)
    booster.set_param({"nthread": THREADS})
    return (lambda z: booster.inplace_predict(z),
            lambda z: booster.predict(xgb.DMatrix(z, nthread=THREADS), pred_contribs=True))


def sklearn_model(x, y):
    from sklearn.ensemble import HistGradientBoostingClassifier
    model = HistGradientBoostingClassifier(max_iter=TREES, max_leaf_nodes=LEAVES, learning_rate=RATE,
                                           min_samples_leaf=MIN_ROWS, max_bins=255, early_stopping=False)
    model.fit(x, y)
    return lambda z: model.predict_proba(z)[:, 1], None


def main():
    x, y = load(sys.argv[1])
    name = sys.argv[2]
    make = {"lightgbm": lightgbm_model, "xgboost": xgboost_model, "sklearn": sklearn_model}[name]
    cut = len(x) * 4 // 5
    # Each peer gets the memory order it likes best.
    x = np.asfortranarray(x) if name == "sklearn" else np.ascontiguousarray(x)
    make(x[:2000], y[:2000])  # import, compile and warm up outside the clock
    for _ in range(REPEATS):
        start, cpu = time.perf_counter(), cpu_now()
        predict, explain = make(x[:cut], y[:cut])
        fit = time.perf_counter() - start
        cpu_fit = cpu_now() - cpu
        auc = roc_auc_score(y[cut:], predict(x[cut:]))
        report(name + " fit", time.perf_counter() - fit, cpu_now() - cpu_fit, auc)
        start, cpu = time.perf_counter(), cpu_now()
        predict(x)
        report(name + " score", start, cpu, auc)
        if explain:
            start, cpu = time.perf_counter(), cpu_now()
            explain(x[:EXPLAINED])
            report(name + " explain", start, cpu, auc)


main()
