"""Quintile in a notebook.

    import quintile

    run = quintile.run("job.yaml")        # runs the job; the log goes to stderr
    run.segments                          # a table: pandas, Polars or Arrow, whichever is installed
    run.report()                          # the page, inside the notebook
    run = quintile.latest("out/shop")     # what was published last

The program does the work; this module starts it and reads the files that it publishes. Reading
tables needs pandas with pyarrow, Polars, or pyarrow alone.
"""

import html
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

__all__ = ["Error", "Run", "check", "demo", "init", "latest", "program", "run", "score"]

# What the exit codes of the program mean; docs/exit-codes.md says more.
_MEANINGS = {
    1: "a fault of the program itself",
    2: "the job or the command line is wrong",
    3: "an input cannot be read",
    4: "the data are not good enough",
    5: "a result does not meet what the job asks of it",
    6: "the results could not be written",
    7: "another run of this job is at work",
    130: "interrupted",
    143: "stopped",
}


class Error(RuntimeError):
    """The program ended with an error. `code` is its exit code, `message` what it said."""

    def __init__(self, code, message):
        self.code, self.message = code, message
        meaning = _MEANINGS.get(code, "an unknown exit code")
        super().__init__(f"{message or 'quintile failed'} (exit code {code}: {meaning})")


def program():
    """The path of the program: $QUINTILE, the scripts of this Python, or the search path."""
    named = os.environ.get("QUINTILE")
    if named:
        return named
    name = "quintile.exe" if os.name == "nt" else "quintile"
    for folder in (sysconfig.get_path("scripts"), sysconfig.get_path("scripts", f"{os.name}_user")):
        if folder and (Path(folder) / name).is_file():
            return str(Path(folder) / name)
    found = shutil.which(name)
    if not found:
        raise FileNotFoundError("got no program named quintile, want one on the search path; set $QUINTILE to its path")
    return found


def _call(*arguments, quiet=True):
    """Start the program and return what it printed. Its log goes to stderr unless it is quiet."""
    command = [program(), *(str(a) for a in arguments)]
    if quiet:
        command.append("--quiet")
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    if not quiet and done.stderr:
        print(done.stderr, file=sys.stderr, end="")
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.startswith("quintile:")]
        raise Error(done.returncode, (lines or done.stderr.splitlines() or [""])[-1].removeprefix("quintile: "))
    return done.stdout


def _flags(options):
    """Write keywords as flags: as_of="2011-12-10" is --as-of=2011-12-10, and True is a flag by itself."""
    out = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            out.append(flag)
        elif value is not None and value is not False:
            out.append(f"{flag}={value}")
    return out


def run(job, quiet=True, **options):
    """Run a job and return what it published.

    Keywords are flags of `quintile run`: memory="4GiB", workers=2, output="out", as_of="2011-12-10".
    Raises Error where the program fails.
    """
    return Run(_call("run", job, *_flags(options), quiet=quiet).strip().splitlines()[-1], job)


def score(job, quiet=True, **options):
    """Score customers with the models of an earlier run: the flags are those of `quintile score`."""
    return Run(_call("score", job, *_flags(options), quiet=quiet).strip().splitlines()[-1], job)


def demo(output="out", quiet=True):
    """Run the synthetic retailer that is part of the program."""
    return Run(_call("demo", f"--output={output}", quiet=quiet).strip().splitlines()[-1])


def check(job, **options):
    """Say how a job's files would be read, as text; nothing is published."""
    return _call("check", job, *_flags(options))


def init(data, job="job.yaml", name="transactions"):
    """Write a job for a file, or for a table of pandas, Polars or Arrow, and return its path.

    A table is first written beside the job, as `<name>.parquet`. Neither file may exist yet.
    """
    job = Path(job)
    if isinstance(data, (str, os.PathLike)):
        source = Path(data)
    else:
        source = job.parent / f"{name}.parquet"
        if source.exists():
            raise FileExistsError(f"got {source}, which exists already; name another with name=")
        _write(data, source)
    _call("init", "--write", job, source)
    return job


def _write(data, path):
    if hasattr(data, "write_parquet"):  # Polars
        data.write_parquet(path)
    elif hasattr(data, "to_parquet"):  # pandas
        data.to_parquet(path, index=False)
    else:
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(data if isinstance(data, pa.Table) else pa.table(data), path)


def latest(folder, job=None):
    """What was published last below `<output>/<job>`. The job file is needed for `explain` alone."""
    folder = Path(folder)
    mark = folder / "latest"
    if not mark.is_file():
        raise FileNotFoundError(f"got no file {mark}, want the folder of a job below its output, such as out/online-retail")
    return Run(folder / mark.read_text(encoding="utf-8").strip(), job)


class Run:
    """A published run. Each Parquet file of the folder is an attribute: segments, features, profiles, rules, …

    `table(name, to=…)` reads one as "pandas", "polars" or "arrow"; an attribute takes the first of
    these that is installed. A folder of files, such as performance, is read by its path:
    table("performance/region").
    """

    def __init__(self, folder, job=None):
        self.folder, self.job = Path(folder), job
        if not (self.folder / "manifest.json").is_file():
            raise FileNotFoundError(f"got no manifest.json in {self.folder}, want a published folder such as out/shop/as_of=2011-12-10")

    def __repr__(self):
        m = self.manifest
        return f"<quintile run {m['job']} at {m['as_of']}: {m['customers']:,} customers, {self.folder}>"

    @property
    def manifest(self):
        """The account of the run: rows, inputs, figures of every step, warnings."""
        return json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))

    @property
    def warnings(self):
        return [w["message"] for w in self.manifest["warnings"]]

    @property
    def steps(self):
        """State and figures of each step."""
        return self.manifest["steps"]

    @property
    def tables(self):
        """The names of the tables."""
        return sorted(p.relative_to(self.folder).with_suffix("").as_posix() for p in self.folder.rglob("*.parquet"))

    def __dir__(self):
        return [*super().__dir__(), *(t for t in self.tables if t.isidentifier())]

    def __getattr__(self, name):
        if name.startswith("_") or not (self.folder / f"{name}.parquet").is_file():
            raise AttributeError(f"the run has no table {name}; it has {', '.join(self.tables)}")
        return self.table(name)

    def table(self, name, to=None, columns=None):
        """Read a table. Missing values stay missing, and whole numbers stay whole.

        In pandas the columns that name groups, and scores, are ordered categories.
        """
        path = self.folder / f"{name}.parquet"
        if not path.is_file():
            raise FileNotFoundError(f"the run has no table {name}; it has {', '.join(self.tables)}")
        to = to or _installed()
        if to == "polars":
            import polars

            return polars.read_parquet(path, columns=columns)
        if to == "arrow":
            import pyarrow.parquet

            return pyarrow.parquet.read_table(path, columns=columns)
        if to == "pandas":
            import pandas

            frame = pandas.read_parquet(path, columns=columns, dtype_backend="numpy_nullable")
            return self._categories(frame) if name == "segments" else frame
        raise ValueError(f'got to="{to}", want "pandas", "polars" or "arrow"')

    def _categories(self, frame):
        """Give the columns of groups the order of profiles.parquet, and scores their own."""
        import pandas

        order = {}
        if (self.folder / "profiles.parquet").is_file():
            profiles = self.table("profiles", to="pandas", columns=["grouping", "segment", "segment_name"])
            for grouping, rows in profiles.sort_values("segment").groupby("grouping"):
                column = "segment_name" if grouping == "segment" else grouping
                order[column] = list(dict.fromkeys(rows["segment_name"].dropna()))
        for column in frame.columns:
            if column in order:
                known = order[column] + [v for v in frame[column].dropna().unique() if v not in order[column]]
                frame[column] = pandas.Categorical(frame[column], categories=known, ordered=True)
            elif column in ("r_score", "f_score", "m_score"):
                frame[column] = pandas.Categorical(frame[column], categories=sorted(frame[column].dropna().unique()), ordered=True)
        return frame

    def report(self, height=700):
        """Show the page of the run inside a notebook; elsewhere return its path."""
        path = self.folder / "report.html"
        try:
            from IPython import get_ipython
            from IPython.display import HTML
        except ImportError:
            return path
        if get_ipython() is None:
            return path
        page = html.escape(path.read_text(encoding="utf-8"), quote=True)
        return HTML(f'<iframe srcdoc="{page}" style="width:100%;height:{int(height)}px;border:1px solid #ddd" title="Report of the run"></iframe>')

    def explain(self, customer, job=None):
        """What is known of a customer, and why the scores are what they are, as a dictionary.

        The job file is the one that `run` was given; after `latest` it has to be named.
        """
        job = job or self.job
        if job is None:
            raise ValueError('got no job file, want one: run.explain("17850", job="job.yaml")')
        return json.loads(_call("explain", job, customer, "--json"))


def _installed():
    from importlib.util import find_spec

    for library, needs in (("pandas", ("pandas", "pyarrow")), ("polars", ("polars",)), ("arrow", ("pyarrow",))):
        if all(find_spec(n) for n in needs):
            return library
    raise ImportError("reading tables needs pandas with pyarrow, Polars, or pyarrow: pip install pandas pyarrow")
