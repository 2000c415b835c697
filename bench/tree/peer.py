"""scikit-learn's decision trees on the work that main.go does.

    python peer.py DATA write        writes the data file, once, for both sides
    python peer.py DATA WORK [RUNS]  prints one JSON line a run

WORK is classify, classify-exact (the same here), regress or predict.
"""
import json
import resource
import sys
import time

import numpy as np

TRAIN, TEST, COLUMNS, CLASSES, DEPTH = 1_000_000, 200_000, 20, 4, 6


def write(path):
    """Columns one after the other as float32, then the class as int32 and the value as float32."""
    rng = np.random.default_rng(20111209)
    n = TRAIN + TEST
    x = np.empty((COLUMNS, n), dtype=np.float32)
    for j in range(COLUMNS):
        kind = j % 5
        if kind < 2:
            x[j] = rng.standard_normal(n)
        elif kind == 2:
            x[j] = np.round(np.exp(4 + 1.2 * rng.standard_normal(n)), 2)  # money
        elif kind == 3:
            x[j] = rng.integers(1, 375, n)  # days
        else:
            x[j] = rng.geometric(0.3, n)  # counts
    signal = (
        x[0]
        + x[1] * x[5]
        + 1.5 * (x[3] < 90)
        - (x[8] > 200)
        + 0.8 * np.log(x[2] / 50)
        + 0.3 * np.minimum(x[4], 6)
        + rng.standard_normal(n)
    )
    label = np.digitize(signal, np.quantile(signal, [0.2, 0.5, 0.85]))
    with open(path, "wb") as f:
        x.tofile(f)
        label.astype(np.int32).tofile(f)
        signal.astype(np.float32).tofile(f)


def read(path):
    n = TRAIN + TEST
    with open(path, "rb") as f:
        x = np.fromfile(f, np.float32, COLUMNS * n).reshape(COLUMNS, n).T  # column-major, as trees like it
        label = np.fromfile(f, np.int32, n)
        value = np.fromfile(f, np.float32, n).astype(np.float64)
    return x, label, value


def main():
    path, work = sys.argv[1], sys.argv[2]
    if work == "write":
        write(path)
        return
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    x, label, value = read(path)
    y = value if work == "regress" else label
    make = DecisionTreeRegressor if work == "regress" else DecisionTreeClassifier
    for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else 1):
        model = make(max_depth=DEPTH, random_state=0)
        start, cpu = time.perf_counter(), time.process_time()
        model.fit(x[:TRAIN], y[:TRAIN])
        if work == "predict":
            start, cpu = time.perf_counter(), time.process_time()
            model.predict(x[:TRAIN])
        took, cpu = time.perf_counter() - start, time.process_time() - cpu
        print(
            json.dumps(
                {
                    "work": work,
                    "seconds": took,
                    "cpu_seconds": cpu,
                    "accuracy": model.score(x[TRAIN:], y[TRAIN:]),
                    "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                }
            ),
            flush=True,
        )


main()
