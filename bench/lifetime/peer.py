"""The lifetimes package on the work that main.go does.

    python peer.py DATA WORK [ROWS]  prints one JSON line

WORK is bg_nbd, mbg_nbd, pareto_nbd or gamma_gamma. lifetimes scales the times before it fits; its log-likelihood is
printed in weeks, the unit of the data.
"""
import json
import resource
import sys
import time

import numpy as np

HORIZON_WEEKS = 26


def main():
    from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

    path, work = sys.argv[1], sys.argv[2]
    x, tx, t, mean = np.fromfile(path).reshape(4, -1)
    rows = int(sys.argv[3]) if len(sys.argv) > 3 else len(x)
    x, tx, t, mean = x[:rows], tx[:rows], t[:rows], mean[:rows]
    start, cpu = time.perf_counter(), time.process_time()
    if work == "gamma_gamma":
        repeated = (x > 0) & (mean > 0)
        model = GammaGammaFitter().fit(x[repeated], mean[repeated])
        model.conditional_expected_average_profit(x, mean)
        likelihood = -model._negative_log_likelihood_ * repeated.sum()
    else:
        make = {"bg_nbd": BetaGeoFitter, "mbg_nbd": ModifiedBetaGeoFitter, "pareto_nbd": ParetoNBDFitter}[work]
        model = make().fit(x, tx, t)
        model.conditional_expected_number_of_purchases_up_to_time(HORIZON_WEEKS, x, tx, t)
        model.conditional_probability_alive(x, tx, t)
        likelihood = -model._negative_log_likelihood_ * rows + x.sum() * np.log(model._scale)
    took, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(json.dumps({
        "work": work,
        "seconds": took,
        "cpu_seconds": cpu,
        "log_likelihood": float(likelihood),
        "parameters": [float(v) for v in model.params_],
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }), flush=True)


main()
