"""Runs commands, and keeps what they print as records: plain dictionaries, one a line of a file of JSON.

A record holds "run" (when the comparison began), "work", "side", "part", "round", "warm_up", the measured "seconds",
"cpu_seconds", "peak_rss_mb" and "quality", and "versions"; or "error" in place of the measured. The first record of a run
holds "run", "machine" and "load" instead.
"""

import datetime
import glob
import json
import os
import platform
import re
import subprocess
from importlib import metadata

TIME_LIMIT = 600  # seconds of one process


def measure(side, base):
    """Runs the side's command once and returns its records, each base with what was measured."""
    base = {**base, "side": side.name, "versions": versions(side.packages)}
    try:
        done = subprocess.run(
            side.command, capture_output=True, text=True, timeout=TIME_LIMIT, env=environment(side.cores),
            preexec_fn=lambda: keep_to(side.cores))
    except subprocess.TimeoutExpired:
        return [{**base, "error": f"not done after {TIME_LIMIT} s"}]
    except OSError as err:
        return [{**base, "error": str(err)}]
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        return [{**base, "error": last[:200]}]
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [{**base, **measured(line)} for line in lines] or [{**base, "error": "printed no result"}]


def measured(line):
    """Gives one line of any program the names that records have."""
    words = str(line.get("work", "")).split()
    return {
        "part": words[-1] if len(words) > 1 else "",
        "seconds": line["seconds"],
        "cpu_seconds": line.get("cpu_seconds", line.get("cpu")),
        "peak_rss_mb": line.get("peak_rss_mb"),
        "quality": {k: line[k] for k in ("customers", "inertia", "accuracy", "auc", "sets", "mase") if k in line},
        **({"note": line["note"]} if line.get("note") else {}),
    }


def environment(cores):
    names = ("GOMAXPROCS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS")
    return {**os.environ, **{name: str(cores) for name in names}}


def keep_to(cores):
    """Binds this process to the first cores of those that it may use, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])


def versions(packages):
    found = {}
    for name in packages:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "missing"
    return found


def machine():
    """Describes the machine and the tools that all runs share."""
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "go": said("go", "env", "GOVERSION"),
        "revision": said("git", "describe", "--always", "--dirty"),
    }


def processor():
    try:
        with open("/proc/cpuinfo") as f:
            names = re.findall(r"model name\s*:\s*(.+)", f.read())
    except OSError:
        names = []
    return names[0].strip() if names else platform.processor() or platform.machine()


def said(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def slug(here):
    return re.sub(r"[^a-z0-9]+", "-", f"{here['processor']} {here['cores']} cores".lower()).strip("-")


def path_of(folder, here):
    """Names the file of records of a machine and a day."""
    return os.path.join(folder, f"{datetime.date.today().isoformat()}-{slug(here)}.jsonl")


def append(path, records):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "a") as f:
        f.writelines(json.dumps(r) + "\n" for r in records)


def read(folder, here):
    """Returns all records of a machine, of all days."""
    found = []
    for path in sorted(glob.glob(os.path.join(folder, f"????-??-??-{slug(here)}.jsonl"))):
        with open(path) as f:
            found += [json.loads(line) for line in f]
    return found
