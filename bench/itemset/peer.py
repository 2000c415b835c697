"""The peers' side of the comparison: prints one JSON line for a work and a tool.

python bench/itemset/peer.py --data bench/data/itemset --work retail-10 --tool pyfim-eclat

Times begin with the baskets in memory in the form that the tool wants (lists of integers for pyfim, a sparse frame of booleans
for mlxtend, a sparse matrix for rusket) and end with its result in memory.
"""
import argparse
import gc
import json
import resource
import sys
import time
import warnings

WORKS = {  # name: file, minimum count, maximum length, confidence, right side
    "retail-20": ("retail.dat", 20, None, None, None),
    "retail-10": ("retail.dat", 10, None, None, None),
    "online-93": ("online.dat", 93, None, None, None),
    "t10i4-50": ("t10i4.dat", 50, None, None, None),
    "wholesale-11": ("wholesale.dat", 11, 8, None, None),
    "rules-retail-20": ("retail.dat", 20, None, 0.5, 1),
    "rules-retail-10": ("retail.dat", 10, None, 0.5, 1),
    "rules-online-93": ("online.dat", 93, None, 0.5, 1),
    "rules-online-93-all": ("online.dat", 93, None, 0.5, 31),
    "rules-retail-20-all": ("retail.dat", 20, None, 0.5, 31),
    "rules-retail-10-all": ("retail.dat", 10, None, 0.5, 31),
}
MINERS = ["pyfim-eclat", "pyfim-occdlv", "pyfim-fpgrowth", "pyfim-relim", "pyfim-count", "rusket", "mlxtend"]
RULERS = ["mlxtend-rules", "rusket-rules"]


def read(path):
    with open(path) as f:
        return [[int(w) for w in line.split()] for line in f]


def sparse(baskets):
    import numpy as np
    from scipy.sparse import csr_matrix
    rows = [sorted(set(b)) for b in baskets]
    indptr = np.cumsum([0] + [len(r) for r in rows])
    indices = np.concatenate([np.array(r, dtype=np.int32) for r in rows])
    return csr_matrix((np.ones(len(indices), dtype=bool), indices, indptr))


def frame(baskets):
    import pandas as pd
    m = sparse(baskets)
    return pd.DataFrame.sparse.from_spmatrix(m, columns=[str(i) for i in range(m.shape[1])])


def miner(tool, baskets, count, longest):
    """The input in the tool's form, and the function to time."""
    if tool.startswith("pyfim"):
        import fim
        kind = tool.split("-")[1]
        options = {"target": "s", "supp": -count, "zmin": 1}
        if longest:
            options["zmax"] = longest
        if kind == "occdlv":
            return lambda: len(fim.eclat(baskets, algo="o", **options))
        if kind == "count":  # the search alone: no list of sets is made
            return lambda: int(sum(fim.eclat(baskets, report="#", **options).values()))
        return lambda: len(getattr(fim, kind)(baskets, **options))
    support = (count - 0.5) / len(baskets)  # between two counts: no rounding can matter
    if tool == "mlxtend":
        from mlxtend.frequent_patterns import fpgrowth
        data = frame(baskets)
        return lambda: len(fpgrowth(data, min_support=support, max_len=longest))
    import rusket
    data = frame(baskets)
    return lambda: len(rusket.mine(data, min_support=support, max_len=longest))


def ruler(tool, baskets, count, confidence):
    """The sets in the tool's form, and the function to time."""
    import pandas as pd
    import fim
    found = fim.eclat(baskets, target="s", supp=-count, zmin=1)
    n = len(baskets)
    sets = pd.DataFrame({"support": [c / n for _, c in found], "itemsets": [frozenset(s) for s, _ in found]})
    if tool == "mlxtend-rules":
        from mlxtend.frequent_patterns import association_rules
        return lambda: len(association_rules(sets, num_itemsets=n, metric="confidence", min_threshold=confidence))
    import rusket
    return lambda: len(rusket.association_rules(sets, num_itemsets=n, metric="confidence", min_threshold=confidence))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="bench/data/itemset")
    parser.add_argument("--work", required=True, choices=WORKS)
    parser.add_argument("--tool", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--repeat", type=int, default=3)
    args = parser.parse_args()
    file, count, longest, confidence, _ = WORKS[args.work]
    if args.list:
        print(" ".join(RULERS if confidence else MINERS))
        return
    warnings.simplefilter("ignore")
    baskets = read(f"{args.data}/{file}")
    run = ruler(args.tool, baskets, count, confidence) if confidence else miner(args.tool, baskets, count, longest)
    best, cpu, found = 1e9, 0, 0
    for _ in range(args.repeat):
        gc.collect()
        start, used = time.perf_counter(), time.process_time()
        found = run()
        seconds = time.perf_counter() - start
        if seconds < best:
            best, cpu = seconds, time.process_time() - used
        if seconds > 10:
            break
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump({"work": args.work, "tool": args.tool, "seconds": best, "cpu_seconds": cpu, "sets": found, "peak_rss_mb": peak}, sys.stdout)
    print()


main()
