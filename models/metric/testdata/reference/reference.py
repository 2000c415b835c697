"""Writes metric.json: inputs and what the established tools make of them.

    pip install scikit-learn scipy scikit-uplift statsmodels pandas
    pip download --no-deps causalml==0.18.0 && unzip causalml-*.whl 'causalml/metrics/visualize.py'
    python reference.py causalml/metrics/visualize.py > metric.json

Only the plain functions of causalml's visualize.py are run, since the whole
package needs far more than they do.
"""
import ast
import json
import sys
import warnings

import numpy as np
import pandas as pd
import scipy
import scipy.spatial.distance
import scipy.stats
import sklearn
import sklearn.calibration
import sklearn.metrics as m
import sklift
import sklift.metrics as u
import statsmodels
import statsmodels.api as sm

warnings.filterwarnings("ignore")


def causalml(path):
    wanted = {"get_cumlift", "get_cumgain", "get_qini", "auuc_score", "qini_score"}
    tree = ast.parse(open(path).read())
    tree.body = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in wanted]
    space = {"np": np, "pd": pd}
    exec(compile(tree, path, "exec"), space)
    return space


def ranking(rng, n, ties):
    label = (rng.random(n) < 0.3).astype(float)
    prob = 1 / (1 + np.exp(-(1.4 * label - 1 + rng.normal(size=n))))
    if ties:
        prob = np.round(prob, 1)
    weight = rng.uniform(0, 3, n).round(3)
    weight[::11] = 0
    out = {"label": label, "prob": prob, "weight": weight}
    for name, w in (("", None), ("Weighted", weight)):
        clipped = np.clip(prob, 2.0**-52, 1 - 2.0**-52)
        fpr, tpr, _ = m.roc_curve(label, prob, sample_weight=w, drop_intermediate=False)
        z = np.log(clipped) - np.log1p(-clipped)
        v = np.ones(n) if w is None else w
        family = sm.families.Binomial()
        fit = sm.GLM(label, sm.add_constant(z), family=family, freq_weights=v).fit(tol=1e-14, maxiter=200)
        large = sm.GLM(label, np.ones(n), offset=z, family=family, freq_weights=v).fit(tol=1e-14, maxiter=200)
        out["want" + name] = {
            "rocAUC": m.roc_auc_score(label, prob, sample_weight=w),
            "averagePrecision": m.average_precision_score(label, prob, sample_weight=w),
            "logLoss": m.log_loss(label, prob, sample_weight=w),
            "brier": m.brier_score_loss(label, prob, sample_weight=w),
            "brierSkill": m.d2_brier_score(label, prob, sample_weight=w),
            "ks": np.abs(tpr - fpr).max(),
            "intercept": fit.params[0],
            "slope": fit.params[1],
            "inTheLarge": large.params[0],
        }
    if w is not None:
        a, b = prob[label == 1], prob[label == 0]
        assert abs(scipy.stats.ks_2samp(a, b).statistic - out["want"]["ks"]) < 1e-12
    true, pred = sklearn.calibration.calibration_curve(label, prob, n_bins=12, strategy="quantile")
    edges = np.percentile(prob, np.linspace(0, 1, 13) * 100)
    count = np.bincount(np.searchsorted(edges[1:-1], prob), minlength=12)
    count = count[count > 0]
    out["bins"] = {"rows": count, "predicted": pred, "observed": true,
                   "ece": (count / n * np.abs(true - pred)).sum()}
    return out


def classes(rng, n, k):
    actual = rng.integers(0, k, n)
    predicted = np.where(rng.random(n) < 0.6, actual, rng.integers(0, k - 1, n))
    weight = rng.uniform(0, 2, n).round(3)
    out = {"actual": actual, "predicted": predicted, "weight": weight, "classes": k}
    for name, w in (("", None), ("Weighted", weight)):
        want = {"accuracy": m.accuracy_score(actual, predicted, sample_weight=w),
                "balanced": m.balanced_accuracy_score(actual, predicted, sample_weight=w),
                "confusion": m.confusion_matrix(actual, predicted, sample_weight=w)}
        for average in ("macro", "weighted"):
            p, r, f, _ = m.precision_recall_fscore_support(actual, predicted, average=average, sample_weight=w)
            want[average] = [p, r, f]
        p, r, f, _ = m.precision_recall_fscore_support(actual, predicted, sample_weight=w)
        want["precision"], want["recall"], want["f1"] = p, r, f
        out["want" + name] = want
    return out


def regression(rng, n):
    predicted = rng.gamma(2, 1, n)
    actual = rng.poisson(predicted).astype(float)
    weight = rng.uniform(0, 2, n).round(3)
    out = {"predicted": predicted, "actual": actual, "weight": weight}
    for name, w in (("", None), ("Weighted", weight)):
        out["want" + name] = {
            "rmse": m.root_mean_squared_error(actual, predicted, sample_weight=w),
            "mae": m.mean_absolute_error(actual, predicted, sample_weight=w),
            "r2": m.r2_score(actual, predicted, sample_weight=w),
            "poissonDeviance": m.mean_poisson_deviance(actual, predicted, sample_weight=w),
        }
    return out


def partitions(rng):
    out = []
    for n, ka, kb, agree in ((200, 4, 4, 0.7), (200, 3, 7, 0), (50, 1, 4, 0), (50, 2, 2, 1), (1000, 12, 9, 0.3)):
        a = rng.integers(0, ka, n)
        b = np.where(rng.random(n) < agree, a, rng.integers(0, kb, n))
        out.append({"a": a, "b": b, "ari": m.adjusted_rand_score(a, b), "nmi": m.normalized_mutual_info_score(a, b)})
    return out


def silhouette(rng):
    n = 120
    label = rng.integers(0, 4, n)
    label[0] = 9  # alone in its group
    x = (rng.normal(size=(n, 3)) + 2.0 * label[:, None]).astype(np.float32).astype(float)
    x[5] = x[6]
    distance = scipy.spatial.distance.cdist(x, x)  # without the rounding of scikit-learn's own
    rows = m.silhouette_samples(distance, label, metric="precomputed")
    codes = np.searchsorted(np.unique(label), label)
    centres = np.array([x[codes == c].mean(axis=0) for c in range(codes.max() + 1)])
    to = scipy.spatial.distance.cdist(x, centres)
    a = to[np.arange(n), codes].copy()
    to[np.arange(n), codes] = np.inf
    b = to.min(axis=1)
    simple = np.where(np.bincount(codes)[codes] > 1, (b - a) / np.maximum(a, b), 0)
    return {"x": x.T, "label": label, "codes": codes, "centres": centres, "rows": rows, "mean": rows.mean(),
            "groups": [rows[codes == c].mean() for c in range(codes.max() + 1)],
            "simple": simple, "simpleMean": simple.mean()}


def uplift(rng, n, ties, cml, first=0):
    treated = (rng.random(n) < 0.45).astype(int)
    strength = rng.normal(size=n)
    outcome = (rng.random(n) < 0.2 + 0.15 * treated * (strength > 0)).astype(int)
    score = strength + rng.normal(size=n)
    if ties:
        score = np.round(score, 0)
    else:
        lead = np.argsort(-score)[:4]  # an empty arm at the start
        treated[lead] = first
    out = {"uplift": score, "outcome": outcome, "treated": treated.astype(bool)}
    x, y = u.qini_curve(outcome, score, treated)
    out["qiniCurve"] = {"rows": x, "gain": y}
    x, y = u.uplift_curve(outcome, score, treated)
    out["upliftCurve"] = {"rows": x, "gain": y}
    want = {"qini": u.qini_auc_score(outcome, score, treated), "auuc": u.uplift_auc_score(outcome, score, treated)}
    if not ties:
        frame = pd.DataFrame({"y": outcome, "w": treated, "model": score})
        qini = cml["get_qini"](frame)["model"]
        gain = cml["get_cumgain"](frame)["model"]
        out["steppedQini"], out["steppedGain"] = qini.to_numpy(), gain.to_numpy()
        want["steppedQini"] = cml["qini_score"](frame)["model"]
        want["steppedAUUC"] = cml["auuc_score"](frame)["model"]
        for k in (0.1, 0.3, 0.55):
            want[f"overall{k}"] = u.uplift_at_k(outcome, score, treated, "overall", k)
            want[f"byArm{k}"] = u.uplift_at_k(outcome, score, treated, "by_group", k)
    out["want"] = want
    return out


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
    cml = causalml(sys.argv[1])
    first = {
        "ranking": [ranking(rng, 240, False), ranking(rng, 240, True)],
        "classes": classes(rng, 200, 4),
        "regression": regression(rng, 150),
        "partitions": partitions(rng),
        "silhouette": silhouette(rng),
    }
    rng.normal(size=900)  # the draws of a part that is gone: what follows stays as it was
    versions = {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__,
                "scikit-uplift": sklift.__version__, "statsmodels": statsmodels.__version__, "causalml": "0.18.0"}
    print(json.dumps(plain({
        "versions": versions,
        **first,
        "uplift": [uplift(rng, 300, False, cml), uplift(rng, 300, True, cml), uplift(rng, 300, False, cml, first=1)],
    })))


main()
