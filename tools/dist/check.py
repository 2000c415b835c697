"""Install the wheel and the Debian package as people do, and try them.

    python3 tools/dist/check.py dist

The wheel goes into a fresh virtual environment, the package into an empty folder. Needs the
network for pandas, Polars and DuckDB.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TRY = """
import quintile

print(quintile.program())
run = quintile.demo("{folder}/out")
print(run)
assert run.manifest["customers"] == len(run.table("segments", to="arrow")), "customers"

import pandas, polars, duckdb
frame = run.segments
assert str(frame["customer"].dtype).startswith("string"), frame["customer"].dtype
assert str(frame["r_score"].dtype) == "category" and frame["r_score"].cat.ordered, frame["r_score"].dtype
assert frame["rfm_segment"].cat.ordered
assert str(frame["frequency"].dtype) == "Int64", frame["frequency"].dtype
p = run.table("segments", to="polars")
assert p.height == len(frame)
assert duckdb.sql("select count(*) from p").fetchall()[0][0] == len(frame)
assert "segments" in dir(run) and run.rules is not None
again = quintile.latest("{folder}/out/demo")
assert again.folder.resolve() == run.folder.resolve()
page = run.report()
assert page.is_file(), page

lines = pandas.DataFrame({{"customer": ["a", "b", "a"], "day": pandas.to_datetime(["2024-01-01", "2024-01-02", "2024-02-01"]), "amount": [1.0, 2.0, 3.0]}})
job = quintile.init(lines, job="{folder}/job.yaml")
assert job.is_file()
try:
    quintile.run("{folder}/absent.yaml")
except quintile.Error as e:
    assert e.code == 2, e.code
else:
    raise AssertionError("a job that does not exist should fail")
try:
    run.nothing
except AttributeError as e:
    assert "segments" in str(e)
print("the module works")
"""


def main(folder):
    machine = {"x86_64": "x86_64", "aarch64": "aarch64"}[platform.machine()]
    deb_arch = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    checksums(folder)
    (wheel,) = folder.glob(f"*manylinux_2_17_{machine}*.whl")
    with tempfile.TemporaryDirectory() as temporary:
        venv = Path(temporary) / "venv"
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        pip = [venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, wheel], check=True)
        out = subprocess.run([venv / "bin" / "quintile", "--version"], check=True, capture_output=True, text=True).stdout
        print(out.strip())
        subprocess.run([*pip, "pandas", "pyarrow", "polars", "duckdb"], check=True)
        environment = {k: v for k, v in os.environ.items() if k != "QUINTILE"}
        subprocess.run([venv / "bin" / "python", "-c", TRY.format(folder=temporary)], check=True, env=environment)
    if shutil.which("dpkg-deb"):
        (deb,) = folder.glob(f"*linux-{deb_arch}.deb")
        with tempfile.TemporaryDirectory() as root:
            subprocess.run(["dpkg-deb", "--extract", deb, root], check=True)
            subprocess.run([Path(root) / "usr/bin/quintile", "--version"], check=True)
            assert (Path(root) / "usr/share/man/man1/quintile.1").exists()
    else:
        print("skipped: the Debian package, since dpkg-deb is absent")


def checksums(folder):
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        want, name = line.split("  ")
        got = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        assert got == want, f"{name}: got {got}, want {want}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
