"""The scikit-learn side of the k-means benchmark, and the maker of its data.

    python peer.py make DIR       writes the data sets and starts as raw float32, row by row
    python peer.py run DIR WORK   runs one work and prints {"work","seconds","inertia","peak_rss_mb",...}

Works: start (1,000,000 x 16, k = 16, the same start, until nothing changes), start-tol (the same, scikit-learn's
default tol), restarts (500,000 x 6, k = 8, n_init = 10), and each with -flat for data without clusters.
Only fit is timed; "cpu" is the processor time of the fit, which other work on the machine disturbs less.
"""
import json
import resource
import sys
import time

import numpy as np

SETS = {"start": (1_000_000, 16, 16), "restarts": (500_000, 6, 8)}


def make(folder):
    for name, (n, d, k) in SETS.items():
        rng = np.random.default_rng(20240501)
        centres = rng.normal(size=(k, d))
        x = (centres[rng.integers(k, size=n)] + rng.normal(size=(n, d))).astype(np.float32)
        # purchases: skewed and correlated, without clusters
        flat = np.exp(0.5 * rng.normal(size=(n, 1)) + 0.6 * rng.normal(size=(n, d))).astype(np.float32)
        for suffix, data in (("", x), ("-flat", flat)):
            data.tofile(f"{folder}/{name}{suffix}.f32")
            data[rng.choice(n, k, replace=False)].tofile(f"{folder}/{name}{suffix}.start.f32")


def run(folder, work):
    from sklearn.cluster import KMeans

    base = "start" if work.startswith("start") else "restarts"
    n, d, k = SETS[base]
    name = base + ("-flat" if work.endswith("-flat") else "")
    x = np.fromfile(f"{folder}/{name}.f32", np.float32).reshape(n, d)
    if base == "start":
        start = np.fromfile(f"{folder}/{name}.start.f32", np.float32).reshape(k, d)
        model = KMeans(k, init=start, n_init=1, max_iter=300, tol=1e-4 if "tol" in work else 0)
    else:
        model = KMeans(k, n_init=10, random_state=1)
    wall, cpu = time.perf_counter(), time.process_time()
    model.fit(x)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    exact = exact_inertia(x, model.cluster_centers_)
    print(json.dumps({"tool": "scikit-learn", "work": work, "seconds": round(wall, 4), "cpu": round(cpu, 4), "inertia": exact,
                      "iterations": int(model.n_iter_),
                      "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


def exact_inertia(x, centres):
    """In float64, since scikit-learn's own is a float32."""
    centres = centres.astype(np.float64)
    total = 0.0
    for part in np.array_split(x, 100):
        total += ((part[:, None, :].astype(np.float64) - centres) ** 2).sum(axis=2).min(axis=1).sum()
    return total


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2])
    else:
        run(sys.argv[2], sys.argv[3])
