"""Writes mcd.json: rows, and what scikit-learn's minimum covariance determinant makes of them.

    pip install scikit-learn
    python mcd.py > mcd.json
"""
import json

import numpy as np
import sklearn
from sklearn.covariance import MinCovDet

SEEDS = 40


def best(x):
    """The fit of the seed whose core has the least determinant."""
    fits = [MinCovDet(random_state=seed).fit(x) for seed in range(SEEDS)]
    return min(fits, key=lambda f: np.linalg.slogdet(f.raw_covariance_)[1])


def main():
    rng = np.random.default_rng(20111209)
    sets = []
    for n, d, share in ((60, 2, 0.3), (300, 3, 0.2), (747, 3, 0.1), (2200, 4, 0.4)):
        mix = rng.normal(size=(d, d))
        x = rng.normal(size=(n, d)) @ mix + 10 * np.arange(d)
        wild = int(share * n)
        x[:wild] += 8 * np.abs(mix).sum(0)
        x = rng.permutation(x).astype(np.float32).astype(float)
        fit = best(x)
        sets.append({
            "x": x.T.tolist(), "location": fit.location_.tolist(), "covariance": fit.covariance_.ravel().tolist(),
            "distance": np.sqrt(fit.dist_).tolist(),
        })
    print(json.dumps({"versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__}, "sets": sets}))


main()
