"""What is compared: the sets of data, the programs that run on them, and the rows of the table with their targets.

A work is run by several sides, ours first. Every side is a command that does the work once and prints JSON lines with
"seconds" of the work itself, "cpu" or "cpu_seconds", "peak_rss_mb" and what shows the quality of the result. Reading the
data, importing libraries and starting the process are outside those seconds, save for `features`, whose work is to read.
"""

import sys
from dataclasses import dataclass

DATA = "bench/data"
SHARED = "../shared/data"  # public data, beside the repository; rows on it are left out where it is absent
CORES = 2


@dataclass(frozen=True)
class DataSet:
    """A folder under bench/data and the commands that fill it, in which {new} stands for the folder."""

    name: str
    commands: tuple
    needs: tuple = ()  # paths without which it cannot be made


@dataclass(frozen=True)
class Side:
    name: str
    command: tuple
    packages: tuple = ()  # whose versions are printed; the first names the side in the table
    cores: int = CORES
    rounds: int = 0  # at most so many, without a warm-up, of what takes minutes; 0 for no limit


@dataclass(frozen=True)
class Row:
    """One line of the table: a part of our work against the quickest of some peers.

    quality is the field of the output that shows the result, and better is how ours may differ: "same", or not "lower"
    or "higher" than the peer's by more than slack (relative for lower, absolute for higher).
    """

    title: str
    peers: tuple
    part: str = ""
    floor: float = 0  # the least ratio that will do; 0 for a row that is there to inform
    aim: float = 0
    quality: str = ""
    better: str = "same"
    slack: float = 0
    ours: str = "quintile"
    most_mb: float = 0  # the most resident memory that ours may have taken in any run; 0 for no limit


@dataclass(frozen=True)
class Work:
    name: str
    data: str
    sides: tuple
    rows: tuple


DATA_SETS = (
    DataSet("features", tuple(
        (f"{DATA}/bin/synth", "-customers", "336000", "-lines", "10000000", "-seed", "1", "-columns", "minimal", "-out",
         "{new}/lines." + ending) for ending in ("csv", "parquet"))),
    DataSet("job", ((f"{DATA}/bin/synth", "-customers", "3360000", "-lines", "100000000", "-seed", "1", "-columns", "minimal",
                     "-out", "{new}/lines.parquet"),)),
    DataSet("kmeans", ((sys.executable, "bench/kmeans/peer.py", "make", "{new}"),)),
    DataSet("tree", ((sys.executable, "bench/tree/peer.py", "{new}/data.bin", "write"),)),
    DataSet("lifetime", ((f"{DATA}/bin/lifetime", "-make", "{new}/data.bin"),)),
    DataSet("boost", ((f"{DATA}/bin/boost", "-make", "{new}/data.bin"),)),
    DataSet("forecast", ((sys.executable, "bench/forecast/peer.py", "make", "{new}"),)),
    DataSet("itemset", ((f"{DATA}/bin/itemset", "-prepare", "-shared", SHARED, "-data", "{new}"),),
            needs=(f"{SHARED}/fimi/retail.dat.gz", f"{SHARED}/online-retail/online-retail.csv.gz")),
)


def ours(program, *arguments, name="quintile", cores=CORES, rounds=0):
    return Side(name, (f"{DATA}/bin/{program}", *arguments), cores=cores, rounds=rounds)


def peer(name, program, *arguments, packages, rounds=0):
    return Side(name, (sys.executable, f"bench/{program}/peer.py", *arguments), packages, rounds=rounds)


def features(ending, floor):
    path = f"{DATA}/features/lines.{ending}"
    label = {"csv": "CSV", "parquet": "Parquet"}[ending]
    title = f"10 M line items in {label}: all features here, R, F, M and quintiles there"
    return Work(
        f"features-{ending}", "features",
        (ours("features", "-in", path, "-workers", "2"),
         ours("features", "-in", path, "-workers", "1", name="1 core", cores=1),
         peer("duckdb", "features", path, "duckdb", packages=("duckdb",)),
         peer("polars", "features", path, "polars", packages=("polars",))),
        (Row(title, ("duckdb",), floor=floor, aim=floor, quality="customers"),
         Row(title, ("polars",), quality="customers"),
         Row(f"10 M line items in {label}: all features on two cores here, on one there", ("1 core",),
             floor=1.8, aim=1.8, quality="customers")))


def job():
    def side(cores, **named):
        return ours("job", "-in", f"{DATA}/job/lines.parquet", "-memory", "2GiB", "-workers", str(cores), cores=cores, rounds=3, **named)

    return Work(
        "job", "job", (side(2), side(1, name="1 core")),
        (Row("100 M line items in Parquet, every step, published, with memory: 2GiB: on two cores here, on one there", ("1 core",),
             floor=1.8, aim=1.8, quality="customers", most_mb=2560),))


def kmeans(name, title, floor, aim, slack):
    return Work(
        f"kmeans-{name}", "kmeans",
        (ours("kmeans", f"{DATA}/kmeans", name),
         peer("scikit-learn", "kmeans", "run", f"{DATA}/kmeans", name, packages=("scikit-learn", "numpy"))),
        (Row(title, ("scikit-learn",), floor=floor, aim=aim, quality="inertia", better="lower", slack=slack),))


def tree():
    return Work(
        "tree", "tree",
        (ours("tree", f"{DATA}/tree/data.bin", "classify"),
         peer("scikit-learn", "tree", f"{DATA}/tree/data.bin", "classify", packages=("scikit-learn", "numpy"))),
        (Row("tree, 1 M × 20, depth 6, 4 classes", ("scikit-learn",), floor=15, aim=40, quality="accuracy", better="higher",
             slack=0.005),))


def boost():
    path = f"{DATA}/boost/data.bin"
    fit = "boosting, 1 M × 20, 100 trees of 31 leaves: fit"
    score, explain = "boosting: score 1.25 M rows with 100 trees", "boosting: Shapley values of 20,000 rows"

    def row(title, part, tool, floor=0.0, aim=0.0):
        return Row(title, (tool,), part, floor, aim, "auc", "higher", 0.002)

    return Work(
        "boost", "boost",
        (ours("boost", "-workers", "2", path),
         peer("lightgbm", "boost", path, "lightgbm", "2", packages=("lightgbm",)),
         peer("xgboost", "boost", path, "xgboost", "2", packages=("xgboost",)),
         peer("scikit-learn", "boost", path, "sklearn", "2", packages=("scikit-learn",))),
        (row(fit, "fit", "lightgbm", 0.7, 1.1), row(fit, "fit", "xgboost", 1, 2), row(fit, "fit", "scikit-learn", 2, 4),
         row(score, "score", "lightgbm", 1, 2), row(score, "score", "xgboost"), row(score, "score", "scikit-learn"),
         row(explain, "explain", "lightgbm"), row(explain, "explain", "xgboost")))


def forecast(name, data, season, horizon, title):
    arguments = (f"{DATA}/forecast/{data}", str(season), str(horizon))
    return Work(
        f"forecast-{name}", "forecast",
        (ours("forecast", "-workers", "2", *arguments),
         peer("statsforecast", "forecast", "run", *arguments, packages=("statsforecast", "numpy"), rounds=3)),
        (Row(title, ("statsforecast",), floor=10, aim=20, quality="mase", better="lower", slack=0.03),))


def itemset(name, title, mlxtend_rounds):
    def side(tool, package, rounds=0):
        return peer(tool, "itemset", "--work", name, "--tool", tool, "--repeat", "1", packages=(package,), rounds=rounds)

    makers = tuple(side(f"pyfim-{kind}", "pyfim") for kind in ("eclat", "occdlv", "fpgrowth", "relim"))
    sides = (ours("itemset", "-work", name, "-repeat", "1", "-workers", "2"), *makers,
             side("pyfim-count", "pyfim"), side("rusket", "rusket"))
    rows = (Row(f"item sets, {title}", tuple(s.name for s in makers), floor=1, aim=2, quality="sets"),
            Row(f"item sets, {title}: counted only there", ("pyfim-count",), quality="sets"),
            Row(f"item sets, {title}", ("rusket",), quality="sets"))
    if mlxtend_rounds:
        sides += (side("mlxtend", "mlxtend", mlxtend_rounds),)
        rows += (Row(f"item sets, {title}", ("mlxtend",), floor=30, aim=100, quality="sets"),)
    return Work(name, "itemset", sides, rows)


def rules(name, title):
    def side(tool, package):
        return peer(tool, "itemset", "--work", name, "--tool", tool, "--repeat", "1", packages=(package,))

    return Work(
        name, "itemset",
        (ours("itemset", "-work", name, "-repeat", "1", "-workers", "2"), side("mlxtend-rules", "mlxtend"),
         side("rusket-rules", "rusket")),
        (Row(f"rules with all measures, {title}", ("mlxtend-rules",), floor=50, aim=200, quality="sets"),
         Row(f"rules with all measures, {title}", ("rusket-rules",), quality="sets")))


def lifetime(name, title):
    path = f"{DATA}/lifetime/data.bin"
    return Work(
        f"lifetime-{name}", "lifetime",
        (ours("lifetime", "-workers", "2", path, name),
         peer("lifetimes", "lifetime", path, name, packages=("lifetimes",), rounds=2)),
        (Row(f"{title}, 1 M customers: fit and forecast", ("lifetimes",), aim=50, quality="log_likelihood", better="higher",
             slack=0.01),))


def works():
    return (
        features("csv", 1 / 0.6),
        features("parquet", 1 / 0.6),
        job(),
        kmeans("start", "k-means, 1 M × 16, k = 16, same start", 4, 8, 1e-6),
        kmeans("restarts", "k-means, 500,000 × 6, k = 8, default restarts here, n_init = 10 there", 5, 10, 1e-3),
        tree(),
        boost(),
        lifetime("bg_nbd", "BG/NBD"),
        lifetime("gamma_gamma", "gamma-gamma"),
        forecast("weeks", "weeks-108.f64", 1, 4, "forecasts of 2,000 series of 104 weeks, eight origins"),
        forecast("months", "months-72.f64", 12, 12, "forecasts of 400 series of 60 months, four origins"),
        itemset("retail-20", "retail, count 20", 1),
        itemset("retail-10", "retail, count 10", 0),
        itemset("online-93", "Online Retail, support 0.005", 2),
        itemset("t10i4-50", "T10.I4.D100K, support 0.0005", 1),
        rules("rules-retail-20-all", "retail, count 20, confidence 0.5"),
        rules("rules-online-93-all", "Online Retail, support 0.005, confidence 0.5"),
    )
