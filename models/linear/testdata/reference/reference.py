"""Writes linear.json: inputs and what the established tools make of them.

    pip install scikit-learn statsmodels scipy
    python reference.py > linear.json
"""
import json
import warnings

import numpy as np
import scipy.optimize
import sklearn
import statsmodels
import statsmodels.api as sm
from sklearn.calibration import _sigmoid_calibration
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression, PoissonRegressor

warnings.filterwarnings("ignore")


def data(rng, n):
    x = np.column_stack([rng.normal(size=n), rng.gamma(2, 30, n), rng.integers(0, 2, n),
                         rng.uniform(-1, 1, n) * 0.02, rng.normal(size=n)]).astype(np.float32).astype(float)
    x[:, 4] = (x[:, 0] + 0.3 * x[:, 4]).astype(np.float32)
    eta = 0.8 * x[:, 0] - 0.01 * x[:, 1] + 0.5 * x[:, 2] + 20 * x[:, 3] - 0.3
    yes = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float)
    count = rng.poisson(np.exp(0.5 * eta)).astype(float)
    weight = rng.integers(0, 4, n).astype(float)
    return x, yes, count, weight


def inference(x, y, w, family):
    model = sm.GLM(y, sm.add_constant(x), family=family, freq_weights=np.ones(len(y)) if w is None else w)
    fit = model.fit(tol=1e-14, maxiter=200)
    return {"coefficients": fit.params, "stdErrors": fit.bse, "z": fit.tvalues, "p": fit.pvalues, "logLikelihood": fit.llf}


def penalised(x, y, w, l1, l2):
    """Minimises Σ w ℓ + l1 Σ|β| + ½ l2 Σ β² on standardised columns and returns it in their own units."""
    v = np.ones(len(y)) if w is None else w
    mean = np.average(x, axis=0, weights=v)
    sd = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=v))
    z = (x - mean) / sd
    strength = l1 + l2
    how = dict(solver="newton-cholesky", l1_ratio=0) if l1 == 0 else dict(solver="saga", l1_ratio=l1 / strength)
    fit = LogisticRegression(C=1 / strength, tol=1e-12, max_iter=200_000, **how).fit(z, y, sample_weight=w)
    beta = fit.coef_[0] / sd
    return {"l1": l1, "l2": l2, "coefficients": np.r_[fit.intercept_[0] - beta @ mean, beta]}


def poisson_ridge(x, y, w, l2):
    v = np.ones(len(y)) if w is None else w
    mean = np.average(x, axis=0, weights=v)
    sd = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=v))
    fit = PoissonRegressor(alpha=l2 / v.sum(), tol=1e-14, max_iter=10_000, solver="newton-cholesky").fit((x - mean) / sd, y, sample_weight=w)
    beta = fit.coef_ / sd
    return {"l1": 0, "l2": l2, "coefficients": np.r_[fit.intercept_ - beta @ mean, beta]}


def platt(score, label, weight):
    v = np.ones(len(label)) if weight is None else weight
    positive, negative = v[label == 1].sum(), v[label == 0].sum()
    target = np.where(label == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))
    def loss(t):
        eta = t[0] * score + t[1]
        p = 1 / (1 + np.exp(-eta))
        return v @ (np.logaddexp(0, eta) - target * eta), np.array([v @ ((p - target) * score), v @ (p - target)])
    def curvature(t):
        p = 1 / (1 + np.exp(-t[0] * score - t[1]))
        h = v * p * (1 - p)
        return np.array([[h @ score**2, h @ score], [h @ score, h.sum()]])
    t = scipy.optimize.minimize(loss, [0, 0], jac=True, hess=curvature, method="Newton-CG", options={"xtol": 1e-14}).x
    a, b = _sigmoid_calibration(score, label, sample_weight=weight)
    assert np.allclose([-a, -b], t, rtol=1e-4), (a, b, t)
    return t


def isotonic(score, y, w, at):
    fit = IsotonicRegression(out_of_bounds="clip").fit(score, y, sample_weight=w)
    return {"scores": fit.X_thresholds_, "values": fit.y_thresholds_, "at": at, "predicted": fit.predict(at)}


def plain(v):
    if isinstance(v, dict):
        return {k: plain(x) for k, x in v.items()}
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    if isinstance(v, np.ndarray):
        return v.tolist()
    return v.item() if isinstance(v, np.generic) else v


def main():
    rng = np.random.default_rng(20111209)
    x, yes, count, weight = data(rng, 400)
    score = np.round(rng.normal(size=300) * 2, 1)
    label = (rng.random(300) < 1 / (1 + np.exp(-score + 0.5))).astype(float)
    w = rng.integers(0, 3, 300).astype(float)
    kept = w > 0  # scikit-learn also drops rows of weight 0 here, but would keep their scores as knots elsewhere
    at = np.linspace(-9, 9, 73)
    out = {
        "versions": {"scikit-learn": sklearn.__version__, "statsmodels": statsmodels.__version__, "numpy": np.__version__},
        "x": x.T, "yes": yes, "count": count, "weight": weight,
        "plain": {
            "logistic": inference(x, yes, None, sm.families.Binomial()),
            "logisticWeighted": inference(x, yes, weight, sm.families.Binomial()),
            "poisson": inference(x, count, None, sm.families.Poisson()),
            "poissonWeighted": inference(x, count, weight, sm.families.Poisson()),
        },
        "logistic": [penalised(x, yes, None, l1, l2) for l1, l2 in ((0, 1), (0, 50), (3, 0), (15, 0), (4, 6))],
        "logisticWeighted": [penalised(x, yes, weight, l1, l2) for l1, l2 in ((0, 7), (9, 0), (2, 2))],
        "poisson": [poisson_ridge(x, count, None, l2) for l2 in (1, 80)],
        "poissonWeighted": [poisson_ridge(x, count, weight, l2) for l2 in (5,)],
        "calibration": {
            "score": score, "label": label, "weight": w,
            "platt": platt(score, label, None), "plattWeighted": platt(score, label, w),
            "isotonic": isotonic(score, label, None, at),
            "isotonicWeighted": isotonic(score[kept], label[kept], w[kept], at),
        },
    }
    print(json.dumps(plain(out)))


main()
