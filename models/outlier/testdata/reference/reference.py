"""Writes outlier.json: rows, and what scikit-learn's forests and SciPy's median make of them.

    pip install scikit-learn scipy
    python reference.py > outlier.json
"""
import json

import numpy as np
import scipy.stats
import sklearn
from sklearn.ensemble import IsolationForest

FORESTS = 400


def main():
    rng = np.random.default_rng(20111209)
    x = np.column_stack([
        rng.normal(size=400),
        rng.gamma(1.5, 10, 400),
        rng.integers(0, 4, 400),
        np.r_[rng.normal(0, 1, 200), rng.normal(8, 1, 200)],
    ])
    x[:6] = [[6, 10, 1, 0], [0, 300, 2, 8], [0, 10, 9, 8], [0, 10, 1, 4], [-5, 200, 8, 15], [0, 0, 0, 0]]
    x = x.astype(np.float32)
    scores = np.array([-IsolationForest(n_estimators=100, max_samples=256, random_state=s).fit(x).score_samples(x)
                       for s in range(FORESTS)])
    whole = x.astype(float)
    median = np.median(whole, axis=0)
    mad = scipy.stats.median_abs_deviation(whole, axis=0)
    print(json.dumps({
        "versions": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__},
        "x": whole.T.tolist(),
        "forests": FORESTS,
        "mean": scores.mean(axis=0).tolist(),
        "sd": scores.std(axis=0, ddof=1).tolist(),
        "median": median.tolist(),
        "scale": scipy.stats.median_abs_deviation(whole, axis=0, scale="normal").tolist(),
        "z": ((whole - median) / (mad / scipy.stats.norm.ppf(0.75))).tolist(),
    }))


main()
