"""Makes the table of a comparison from its records, in Markdown."""

import textwrap
from statistics import median

BUSY = 0.5  # a load from which on a machine is not idle
HEAD = ("work", "peer", "ours s", "peer s", "ratio", "target", "verdict", "ours CPU s", "peer CPU s", "ours MB", "peer MB", "ours", "peer's")

NOTES = """
Every run is a separate process, does the work once and keeps to the same {cores} cores; the sides take turns, and each
runs {how}. Seconds are medians, of the work alone: reading data and starting up are outside, except for
works of reading files. The ratio is the peer's seconds by ours: above 1 we are faster. The target is the least sufficient
ratio, with the goal in brackets. MB are peak resident memory of the process, with the data. The last
two columns show the result: customers, inertia (less is better), accuracy, AUC, or the number of sets or rules.
"""
MANY = "{rounds} times after an uncounted warm-up (long works at most three times, without)"


def latest(records):
    """Keeps, of every work, the records of its last run, and the descriptions of these runs."""
    last = {}
    for r in records:
        if "work" in r:
            last[r["work"]] = max(last.get(r["work"], ""), r["run"])
    runs = set(last.values())
    return [r for r in records if (r["run"] == last[r["work"]] if "work" in r else r["run"] in runs)]


def lines_of(work, records):
    """Returns the table's lines for the rows of one work."""
    mine = [r for r in records if r.get("work") == work.name]
    return [line_of(row, mine) for row in work.rows]


def line_of(row, records):
    ours = summary(records, row.ours, row.part)
    peers = [summary(records, name, row.part) for name in row.peers]
    ran = [p for p in peers if "error" not in p]
    theirs = min(ran, key=lambda p: p["seconds"]) if ran else peers[0]
    target = f"≥ {row.floor:.3g} ({row.aim:.3g})" if row.floor else "–"
    if row.most_mb:
        target += f", ≤ {row.most_mb:,} MB"
    for s in (ours, theirs):
        if "error" in s:
            blank = [""] * (len(HEAD) - 7)
            return [row.title, theirs["name"], number(ours.get("seconds")), number(theirs.get("seconds")), "", target, s["error"], *blank]
    ratio = theirs["seconds"] / ours["seconds"]
    return [
        row.title, theirs["name"], number(ours["seconds"]), number(theirs["seconds"]), f"{ratio:.2f}", target,
        verdict(row, ratio, ours, theirs), number(ours["cpu_seconds"]), number(theirs["cpu_seconds"]),
        number(ours["peak_rss_mb"]), number(theirs["peak_rss_mb"]), value(ours["quality"].get(row.quality)),
        value(theirs["quality"].get(row.quality)),
    ]


def summary(records, side, part):
    """Returns the medians of a side's counted runs of a part, or the error that it met."""
    of_side = [r for r in records if r["side"] == side or r["side"] == "*"]
    errors = [r["error"] for r in of_side if "error" in r]
    counted = [r for r in of_side if r.get("part") == part and not r["warm_up"] and "error" not in r]
    if errors or not counted:
        return {"name": side, "error": errors[0] if errors else "not measured"}
    version = next(iter(counted[-1]["versions"].items()), ("", ""))
    middle = {k: median(r[k] for r in counted) for k in ("seconds", "cpu_seconds", "peak_rss_mb")}
    most = max(r["peak_rss_mb"] for r in counted)
    return {"name": f"{side} {version[1]}".strip(), "quality": counted[-1]["quality"], "most_mb": most, **middle}


def verdict(row, ratio, ours, theirs):
    a, b = ours["quality"].get(row.quality), theirs["quality"].get(row.quality)
    if a is None or b is None:
        return "NO RESULT"
    right = {"same": a == b, "lower": a <= b * (1 + row.slack), "higher": a >= b - row.slack}[row.better]
    if not right:
        return "RESULT DIFFERS"
    if row.most_mb and ours["most_mb"] > row.most_mb:
        return "TOO MUCH MEMORY"
    if not row.floor:
        return ""
    if ratio >= row.aim:
        return "aim met"
    return "met" if ratio >= row.floor else "SHORT"


def number(x):
    """Prints three figures."""
    if x is None:
        return ""
    return f"{x:.0f}" if x >= 100 else f"{x:.3g}" if x >= 1 else f"{x:.3f}"


def value(x):
    return "" if x is None else f"{x:,}" if isinstance(x, int) else f"{x:,.0f}" if x > 1000 else f"{x:.5f}"


def about(records):
    """Returns a sentence on when, where and with which versions the records were measured."""
    runs = [r for r in records if "machine" in r]
    here = runs[-1]["machine"]
    days = sorted({r["run"][:10] for r in runs})
    revisions = sorted({r["machine"]["revision"] for r in runs})
    tools = sorted({f"{k} {v}" for r in records for k, v in r.get("versions", {}).items()})
    notes = ""
    if any(r["load"] > BUSY for r in runs):
        notes += (" The machine had other work to do, so ratios are uncertain; those against LightGBM and XGBoost are far too "
                  "high, unless waiting threads slept.")
    if any(r.get("passive") for r in runs):
        notes += " Waiting threads of OpenMP slept (OMP_WAIT_POLICY=passive)."
    return (
        f"Measured {' to '.join(dict.fromkeys([days[0], days[-1]]))} on {here['processor']}, {here['cores']} cores, "
        f"{here['memory_gb']} GB, {here['system']}. quintile {', '.join(revisions)}; {here['go']}; "
        f"{', '.join(['Python ' + here['python'], *tools])}. Load when it began: {', '.join(str(r['load']) for r in runs)}.{notes}")


def markdown(works, records, rounds, cores):
    """Returns the whole page; records are those of latest."""
    lines = [[c.replace("|", "/") for c in line] for work in works for line in lines_of(work, records)]
    widths = [max(len(line[i]) for line in [HEAD, *lines]) for i in range(len(HEAD))]

    def row(cells):
        return "| " + " | ".join(c.ljust(w) for c, w in zip(cells, widths)) + " |"

    rule = "|" + "|".join("-" * (w + 2) for w in widths) + "|"
    how = MANY.format(rounds=rounds) if rounds > 1 else "once"
    notes = textwrap.fill(" ".join(NOTES.format(how=how, cores=cores).split()), 120)
    return "\n".join(["# Comparison with peers", "", textwrap.fill(about(records), 120), "", notes, "", row(HEAD), rule, *map(row, lines), ""])
