"""Writes aus_retail.json: the errors of statsforecast on monthly Australian retail turnover.

Usage: python aus_retail.py ../shared/data/forecast/aus_retail_23.csv.gz (statsforecast 2.1.1, numpy 2.4.6)
"""

import csv
import gzip
import json
import sys
from pathlib import Path

import numpy as np
from statsforecast.models import AutoETS, Theta

SETS = (("years_3", 72, (36, 48, 60)), ("years_8", 132, (96, 108, 120)))


def series():
    found = {}
    with gzip.open(sys.argv[1], "rt") as f:
        for name, _, value in list(csv.reader(f))[1:]:
            found.setdefault(name, []).append(float(value))
    return found.values()


def errors(y, origins):
    rows = []
    for o in origins:
        known, actual = y[:o], y[o:o + 12]
        scale = np.mean(np.abs(known[12:] - known[:-12]))
        ets = AutoETS(season_length=12).forecast(known, 12)["mean"]
        theta = Theta(season_length=12).forecast(known, 12)["mean"]
        rows.append([np.mean(np.abs(actual - f)) / scale for f in (ets, theta, (ets + theta) / 2)])
    return np.mean(rows, axis=0)


def main():
    out = {
        "tool": "statsforecast 2.1.1",
        "what": "MASE per series (mean of three origins, 12 months ahead) of the mean of AutoETS and Theta, and of each, "
                "on forecast/aus_retail_23.csv.gz",
        "script": "aus_retail.py",
    }
    for name, last, origins in SETS:
        rows = [errors(np.array(y[-last:]), origins) for y in series()]
        out[name] = {key: [round(float(r[i]), 9) for r in rows] for i, key in enumerate(("autoets", "theta", "mean"))}
    path = Path(__file__).with_name("aus_retail.json")
    path.write_text(json.dumps(out, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
