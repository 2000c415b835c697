"""Writes the reference trees in this folder. See README.md.

    python make.py

Every tree is fitted with several random states, which in scikit-learn decide
ties between columns; a case with a tie is refused, so each tree here is the one
that any exact CART must find.
"""
import json

import numpy as np
import sklearn
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor


def nodes(model):
    t = model.tree_
    out = []
    for i in range(t.node_count):
        leaf = t.children_left[i] < 0
        node = {
            "rows": int(t.n_node_samples[i]),
            "weight": float(t.weighted_n_node_samples[i]),
            "impurity": float(t.impurity[i]),
            # shares of classes, or the mean
            "value": [float(v) for v in t.value[i][0]],
        }
        if not leaf:
            node["column"] = int(t.feature[i])
            node["threshold"] = float(t.threshold[i]) if np.isfinite(t.threshold[i]) else None
            node["right"] = int(t.children_right[i])
            node["missing_left"] = bool(t.missing_go_to_left[i])
        out.append(node)
    return out


def preorder(model):
    """Best-first trees are numbered in the order of growing: renumber them."""
    t = model.tree_
    order, number = [], {}

    def walk(i):
        number[i] = len(order)
        order.append(i)
        if t.children_left[i] >= 0:
            walk(t.children_left[i])
            walk(t.children_right[i])

    walk(0)
    plain = nodes(model)
    out = [plain[i] for i in order]
    for node in out:
        if "right" in node:
            node["right"] = number[node["right"]]
    return out


def shape(tree):
    return [[node.get(key) for key in ("rows", "column", "threshold", "right", "missing_left")] for node in tree]


def case(name, make, x, y, weight=None, path=False, **settings):
    trees = [make(random_state=s, **settings).fit(x, y, sample_weight=weight) for s in range(6)]
    first = preorder(trees[0])
    for other in trees[1:]:
        assert shape(preorder(other)) == shape(first), f"{name}: a tie"
    model = trees[0]
    c = {
        "name": name,
        "settings": settings,
        "x": [[None if np.isnan(v) else float(v) for v in col] for col in x.T],
        "y": [float(v) for v in y],
        "weight": None if weight is None else [float(v) for v in weight],
        "classes": int(getattr(model, "n_classes_", 0)) if make is DecisionTreeClassifier else 0,
        "nodes": first,
        "importances": [float(v) for v in model.feature_importances_],
        "score": float(model.score(x, y, sample_weight=weight)),
    }
    if path:
        p = make(random_state=0, **settings).cost_complexity_pruning_path(x, y, sample_weight=weight)
        c["ccp_alphas"] = [float(v) for v in p.ccp_alphas]
        c["ccp_impurities"] = [float(v) for v in p.impurities]
    return c


def main():
    rng = np.random.default_rng(20111209)
    n, d = 400, 5
    x = rng.standard_normal((n, d)).astype(np.float32)
    x[:, 2] = np.exp(3 + x[:, 2])
    signal = x[:, 0] + x[:, 1] * x[:, 3] + 0.05 * x[:, 2] + 0.4 * rng.standard_normal(n)
    two = (signal > 1).astype(int)
    four = np.digitize(signal, [-0.3, 0.9, 2.0])
    weight = rng.uniform(0.25, 3.0, n)
    few = np.round(x * [3, 3, 0.5, 3, 3]).astype(np.float32)  # few distinct values a column
    holes = x.copy()
    holes[rng.random((n, d)) < 0.15] = np.nan
    holes[four == 3, 1] = np.where(rng.random((four == 3).sum()) < 0.6, np.nan, holes[four == 3, 1])
    C, R = DecisionTreeClassifier, DecisionTreeRegressor
    cases = [
        case("gini-depth", C, x, four, max_depth=4, min_samples_leaf=12, path=True),
        case("gini-two-classes", C, x, two, max_depth=6, min_samples_leaf=13, path=True),
        case("entropy", C, x, four, criterion="entropy", max_depth=5, min_samples_leaf=13, path=True),
        case("gini-weighted", C, x, four, weight, max_depth=6, min_samples_leaf=20, path=True),
        case("entropy-weighted", C, x, four, weight, criterion="entropy", max_depth=4, min_samples_leaf=22),
        case("gini-few-values", C, few, four, weight, max_depth=5, min_samples_leaf=16),
        case("gini-missing", C, holes, four, max_depth=4, min_samples_leaf=15),
        case("gini-best-first", C, x, four, max_leaf_nodes=9, min_samples_leaf=10),
        case("gini-min-gain", C, x, four, min_impurity_decrease=0.01, min_samples_leaf=5),
        case("regression-depth", R, x, signal, max_depth=5, min_samples_leaf=5, path=True),
        case("regression-full", R, x, signal, min_samples_leaf=6, path=True),
        case("regression-weighted", R, x, signal, weight, max_depth=6, min_samples_leaf=5, path=True),
        case("regression-missing", R, holes, signal, max_depth=5, min_samples_leaf=10),
        case("regression-best-first", R, x, signal, max_leaf_nodes=12),
    ]
    for c in cases:
        c["tool"] = f"scikit-learn {sklearn.__version__}, numpy {np.__version__}"
        with open(c["name"] + ".json", "w") as f:
            json.dump(c, f, allow_nan=False, separators=(",", ":"))
            f.write("\n")


main()
