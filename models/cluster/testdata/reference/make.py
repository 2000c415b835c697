"""Writes sklearn.json: k-means from a given start, the indices of the partition, and an assignment problem.

    python make.py > sklearn.json
"""
import json

import numpy as np
import scipy
import sklearn
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_samples, silhouette_score


def data(rng, n, d, groups, apart, offset):
    centres = apart * rng.normal(size=(groups, d)) + offset
    return np.round(centres[rng.integers(groups, size=n)] + rng.normal(size=(n, d)), 2).astype(np.float32)


def fit_case(name, seed, n, d, groups, k, apart, offset=0.0, weighted=False):
    rng = np.random.default_rng(seed)
    x = data(rng, n, d, groups, apart, offset).astype(np.float64)
    w = np.round(rng.gamma(2, size=n), 3) if weighted else None
    start = x[rng.choice(n, k, replace=False)]
    m = KMeans(k, init=start, n_init=1, max_iter=300, tol=0, algorithm="lloyd").fit(x, sample_weight=w)
    labels = m.labels_
    return {
        "name": name, "k": k, "x": x.tolist(), "weights": None if w is None else w.tolist(), "start": start.tolist(),
        "inertia": m.inertia_, "centres": m.cluster_centers_.tolist(), "labels": labels.tolist(),
        "silhouette": silhouette_score(x, labels), "silhouettes": silhouette_samples(x, labels).tolist(),
        "davies_bouldin": davies_bouldin_score(x, labels), "calinski_harabasz": calinski_harabasz_score(x, labels),
    }


def assign_case(seed, rows, cols):
    cost = np.random.default_rng(seed).integers(-50, 50, size=(rows, cols)).astype(float)
    i, j = linear_sum_assignment(cost)
    return {"cost": cost.tolist(), "total": float(cost[i, j].sum()), "pairs": len(i)}


print(json.dumps({
    "sklearn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__,
    "fits": [
        fit_case("apart", 1, 120, 2, 4, 4, 6.0),
        fit_case("overlapping", 2, 200, 5, 6, 6, 1.0),
        fit_case("off the origin", 3, 150, 3, 3, 5, 3.0, offset=1000.0),
        fit_case("weighted", 4, 130, 4, 3, 4, 2.0, weighted=True),
        fit_case("one column", 5, 90, 1, 3, 3, 4.0),
    ],
    "assignments": [assign_case(6, 5, 5), assign_case(7, 12, 12), assign_case(8, 4, 9), assign_case(9, 9, 4), assign_case(10, 1, 1)],
}))
