"""Reference values for the measures, the p-values and their adjustment.

Run: python measures.py > measures.json
"""
import json
import random
from math import comb

import mlxtend
import mpmath
import numpy as np
import pandas as pd
import scipy
from mlxtend.frequent_patterns import association_rules
from scipy.stats import chi2_contingency, false_discovery_control, hypergeom
from scipy.stats.contingency import association

random.seed(11)
mpmath.mp.dps = 40
LARGEST = 60_000  # of n, for sums of exact integers


def exact_p(both, x, y, n):
    """P(C >= both), as a quotient of integers."""
    top = sum(comb(x, k) * comb(n - x, y - k) for k in range(both, min(x, y) + 1))
    return float(mpmath.mpf(top) / mpmath.mpf(comb(n, y)))


def gamma_p(both, x, y, n):
    """P(C >= both) for large n: 40 digits, the terms by their ratios."""
    lf = mpmath.loggamma
    ln = lambda a, b: lf(a + 1) - lf(b + 1) - lf(a - b + 1)
    term = mpmath.exp(ln(x, both) + ln(n - x, y - both) - ln(n, y))
    total, k = mpmath.mpf(0), both
    while term > total * mpmath.mpf(10) ** -30 and k <= min(x, y):
        total += term
        term = term * (x - k) * (y - k) / ((k + 1) * (n - x - y + k + 1))
        k += 1
    return float(total)


def tables():
    """both, x, y, n."""
    yield from [(1, 1, 1, 1), (1, 1, 1, 2), (1, 1, 2, 2), (2, 2, 2, 4), (3, 3, 5, 10), (1, 5, 5, 9),
                (2, 4, 5, 10), (5, 5, 5, 10), (10, 10, 10, 10), (1, 50, 50, 99), (4, 8, 8, 16),
                (202, 224, 265, 18532), (10, 20, 3000, 60000), (1, 300, 9000, 60000)]
    for _ in range(150):
        n = int(10 ** random.uniform(1, 4))
        x, y = random.randint(1, n), random.randint(1, n)
        if random.random() < 0.5:
            x, y = max(1, x // 20), max(1, y // 20)
        lo = max(1, x + y - n)
        both = random.randint(lo, min(x, y))
        if random.random() < 0.7:  # near independence, where most rules are
            sd = (x * y / n * (1 - x / n) * (1 - y / n)) ** 0.5
            both = min(min(x, y), max(lo, round(x * y / n + random.uniform(-2, 6) * sd)))
        yield both, x, y, n
    for _ in range(30):  # large data, rare items
        n = int(10 ** random.uniform(5, 7))
        x, y = int(10 ** random.uniform(1, 4)), int(10 ** random.uniform(1, 4.5))
        yield min(min(x, y), round(x * y / n + random.uniform(1, 12) * (1 + x * y / n) ** 0.5)), x, y, n
    for both, x, y, n in [(50_300, 100_000, 500_000, 1_000_000), (900, 1000, 900_000, 1_000_000), (255_000, 500_000, 500_000, 1_000_000)]:
        yield both, x, y, n


def by_mlxtend(both, x, y, n):
    sets = pd.DataFrame({"support": [x / n, y / n, both / n],
                         "itemsets": [frozenset("x"), frozenset("y"), frozenset("xy")]})
    rules = association_rules(sets, num_itemsets=n, metric="support", min_threshold=0)
    row = rules[rules.antecedents == frozenset("x")].iloc[0]
    return {k: float(row[k]) for k in ["support", "confidence", "lift", "leverage", "conviction",
                                       "zhangs_metric", "jaccard", "certainty", "kulczynski"]}


out = []
for both, x, y, n in tables():
    a, b, c, d = both, x - both, y - both, n - x - y + both
    t = np.array([[a, b], [c, d]])
    row = {"both": both, "x": x, "y": y, "n": n, **by_mlxtend(both, x, y, n)}
    if row["conviction"] == float("inf"):
        row["conviction"] = None
    if x < n and y < n:
        row["chi2"] = float(chi2_contingency(t, correction=False).statistic)
        row["phi_abs"] = float(association(t, method="cramer"))
    if min(a, b, c, d) > 0:
        row["odds_ratio"] = float(scipy.stats.contingency.odds_ratio(t, kind="sample").statistic)
    row["p"] = exact_p(both, x, y, n) if n <= LARGEST else gamma_p(both, x, y, n)
    row["p_scipy"] = float(hypergeom.sf(both - 1, n, x, y))
    out.append(row)

p = [r["p"] for r in out]
q = false_discovery_control(p, method="bh")
for r, v in zip(out, q):
    r["q"] = float(v)
tools = {"mlxtend": mlxtend.__version__, "scipy": scipy.__version__, "mpmath": mpmath.__version__}
rows = ",\n".join("  " + json.dumps(r) for r in out)
print('{"tools": %s,\n "tables": [\n%s\n]}' % (json.dumps(tools), rows))
