"""Compares Quintile with its peers on the same files and cores, and prints a table of ratios.

    make bench-peers                                        everything, 40 minutes or so on two idle cores
    bench/.venv/bin/python bench/compare.py --only tree     the works whose names contain "tree"
    bench/.venv/bin/python bench/compare.py --quick         one run of each, nothing written: does it all work?
    bench/.venv/bin/python bench/compare.py --list          the names

Builds our programs, makes what data is missing (all under bench/data, which git ignores; `make clean` removes it), runs
every work by ours and by the peers in turn, appends what was measured to docs/benchmarks/<date>-<machine>.jsonl and writes
the table of this machine, each work as last measured, to docs/benchmarks/peers.md. It needs the standard library only; the
packages of bench/requirements.txt are what is compared. See works.py for the works and their targets.
"""

import argparse
import datetime
import hashlib
import os
import shutil
import subprocess
import sys

import records
import table
import works

RESULTS = os.path.join("docs", "benchmarks")
PROGRAMS = ("synth", "features", "job", "kmeans", "tree", "boost", "itemset")


def main():
    os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    options = parse()
    every = works.works()
    chosen = [w for w in every if options.only in w.name]
    if options.list or not chosen:
        print("\n".join(w.name for w in every))
        return 0 if options.list else f"compare: no work is named like {options.only!r}; above are all"
    rounds, warm_ups = (1, 0) if options.quick else (options.runs, 1)
    build()
    here = records.machine()
    run = {
        "run": datetime.datetime.now().isoformat(timespec="seconds"), "machine": here, "load": round(os.getloadavg()[0], 2),
        "passive": options.passive,
    }
    if options.passive:
        os.environ["OMP_WAIT_POLICY"] = "passive"
    if run["load"] > table.BUSY:
        say(f"warning: the machine has other work to do (load {run['load']}): wait, or see --passive")
    measured, path = [run], records.path_of(RESULTS, here)
    for work in chosen:
        found = compare(work, rounds, warm_ups, {"run": run["run"], "work": work.name})
        if not options.quick:
            records.append(path, found if len(measured) > 1 else [run, *found])
        measured += found
    print(table.markdown(chosen, measured, rounds, works.CORES))
    if not options.quick:
        with open(os.path.join(RESULTS, "peers.md"), "w") as f:
            f.write(table.markdown(every, table.latest(records.read(RESULTS, here)), rounds, works.CORES))
    return 0


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="NAME", help="compare works whose names contain this")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each side (default 5)")
    parser.add_argument("--quick", action="store_true", help="one run, no warm-up, write nothing")
    parser.add_argument("--passive", action="store_true", help="let waiting threads of OpenMP sleep: on a machine with other "
                        "work, LightGBM's and XGBoost's spend most of the time spinning, which flatters us many times over")
    parser.add_argument("--list", action="store_true", help="print the names of the works")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error(f"--runs: got {options.runs}, want 1 or more")
    return options


def build():
    """Builds our programs; the works of one that does not build say that it is absent."""
    for name in PROGRAMS:
        program = f"{works.DATA}/bin/{name}"
        done = subprocess.run(["go", "build", "-trimpath", "-buildvcs=false", "-o", program, f"./bench/{name}"])
        if done.returncode != 0 and os.path.exists(program):
            os.remove(program)  # rather no figure than an old one


def make(name):
    """Makes a set of data unless it is there as its makers make it now; returns what is missing for it."""
    folder = f"{works.DATA}/{name}"
    data = next(d for d in works.DATA_SETS if d.name == name)
    absent = [p for p in data.needs if not os.path.exists(p)]
    origin = origin_of(data)
    if os.path.isdir(folder) and (absent or told_origin(folder) == origin):
        return ""
    if absent:
        return f"no data: {absent[0]} is absent"
    say(f"making {folder}")
    new = folder + ".new"
    shutil.rmtree(new, ignore_errors=True)  # of a making that failed
    os.makedirs(new)
    try:
        for command in data.commands:
            subprocess.run([word.replace("{new}", new) for word in command], capture_output=True, text=True, check=True)
    except OSError as err:
        return f"cannot make the data: {err}"
    except subprocess.CalledProcessError as err:
        return "cannot make the data: " + (err.stderr.strip().splitlines() or ["no reason given"])[-1][:200]
    with open(f"{new}/{ORIGIN}", "w") as f:
        f.write(origin + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(new, folder)  # whole or not at all
    return ""


ORIGIN = "origin.sha256"


def origin_of(data):
    """Returns a digest of the commands that make a set of data and of the programs and scripts that they run."""
    digest = hashlib.sha256(repr(data.commands).encode())
    for word in sorted({word for command in data.commands for word in command[:2]} - {sys.executable}):
        if os.path.isfile(word):
            with open(word, "rb") as f:
                digest.update(f.read())
    return digest.hexdigest()


def told_origin(folder):
    """Returns the digest kept with a set of data; "" where there is none, as in sets that older versions made."""
    try:
        with open(f"{folder}/{ORIGIN}") as f:
            return f.read().strip()
    except OSError:
        return ""


def compare(work, rounds, warm_ups, base):
    """Runs all sides of a work in turn and returns the records."""
    missing = make(work.data)
    if missing:
        return [{**base, "side": "*", "warm_up": False, "round": 0, "error": missing}]
    found, broken = [], set()
    for i in range(-warm_ups, rounds):
        for side in work.sides:
            if side.name in broken or side.rounds and not 0 <= i < side.rounds:
                continue
            got = records.measure(side, {**base, "round": i, "warm_up": i < 0})
            if any("error" in r for r in got):
                broken.add(side.name)
            found += got
            say(f"{work.name} {'warm-up' if i < 0 else i + 1}: {side.name} " + ", ".join(told(r) for r in got))
    return found


def told(record):
    if "error" in record:
        return record["error"]
    return f"{record['part']} {record['seconds']:.3f} s".strip()


def say(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
