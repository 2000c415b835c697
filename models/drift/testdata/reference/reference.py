"""Writes drift.json: inputs and what the established tools make of them.

    pip install numpy==2.4.6 scipy==1.17.1
    python reference.py > drift.json
"""
import json

import numpy as np
import scipy
import scipy.spatial.distance
import scipy.stats


def case(reference, current):
    """One pair of samples, NaN for missing."""
    known = reference[np.isfinite(reference)]
    edges = np.unique(np.quantile(known, np.arange(1, 10) / 10))

    def shares(values):
        bins = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values))
        return np.bincount(bins, minlength=len(edges) + 2) / len(values)

    e, a = shares(reference), shares(current)
    fe, fa = np.maximum(e, 1e-4), np.maximum(a, 1e-4)
    return {
        "reference": reference, "current": current, "edges": edges, "expected": e, "actual": a,
        "psi": ((fa - fe) * np.log(fa / fe)).sum(),
        "js": scipy.spatial.distance.jensenshannon(e, a) ** 2,
        "binnedKS": np.abs(np.cumsum(e) - np.cumsum(a))[:-1].max(),
        "ks": scipy.stats.ks_2samp(known, current[np.isfinite(current)]).statistic,
    }


def plain(v):
    if isinstance(v, dict):
        return {k: plain(x) for k, x in v.items()}
    if isinstance(v, np.ndarray):
        return [None if np.isnan(x) else x for x in v.tolist()]
    return v.item() if isinstance(v, np.generic) else v


def main():
    rng = np.random.default_rng(20111210)
    gaps = rng.normal(5, 2, 300)
    gaps[rng.random(300) < 0.2] = np.nan
    late = rng.normal(6, 2, 250)
    late[rng.random(250) < 0.05] = np.nan
    cases = [
        case(rng.normal(size=500), rng.normal(0.3, 1.2, 400)),
        case(rng.poisson(1.2, 600).astype(float), rng.poisson(1.6, 350).astype(float)),  # ties, merged edges
        case(rng.lognormal(5, 1, 400), rng.lognormal(5, 1, 400) * 150),  # prices in another unit
        case(gaps, late),
    ]
    versions = {"scipy": scipy.__version__, "numpy": np.__version__}
    print(json.dumps({"versions": versions, "cases": [plain(c) for c in cases]}))


main()
