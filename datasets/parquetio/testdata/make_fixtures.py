"""Writes the fixtures of the Parquet reader with the programs that users have.

Run with pyarrow, polars, duckdb, fastparquet and pandas installed; README.md names the versions.
values.json holds the rows of every file by the name of the column, in the reader's own terms: null, true and
false, numbers, texts; days since 1970 for dates, microseconds since 1970 for timestamps, unscaled integers for decimals.
"""
import datetime as dt, decimal, json, os, random, uuid
import pyarrow as pa, pyarrow.parquet as pq
import duckdb, fastparquet, pandas as pd, polars as pl

here = os.path.dirname(os.path.abspath(__file__))
rng = random.Random(7)
N = 70
D = decimal.Decimal
epoch = dt.datetime(1970, 1, 1)


def maybe(values, every=5):
    return [None if i % every == 2 else v for i, v in enumerate(values)]


def micros(t):
    return None if t is None else int((t - epoch) / dt.timedelta(microseconds=1))


values = {}


def save(columns):
    for name, rows in columns.items():
        assert values.setdefault(name, rows) == rows, name


codes = [rng.choice(["France", "United Kingdom", "Österreich", ""]) for _ in range(N)]
notes = [f"note {i} {'é' * (i % 3)}" for i in range(N)]
times = [dt.datetime(2011, 12, 10, 8, 26) + dt.timedelta(seconds=37 * i, microseconds=i) for i in range(N)]
times[3] = dt.datetime(1969, 7, 20, 20, 17, 40, 123456)
days = [t.date() for t in times]
money = [D(i * 12345 - 99999).scaleb(-2) for i in range(N)]
wide = [D(i * 10**20 - 7).scaleb(-4) for i in range(N)]
uuids = [uuid.UUID(int=rng.getrandbits(128)) for _ in range(N)]
doubles = [rng.uniform(-1e6, 1e6) for _ in range(N)]
halves = [i / 4 for i in range(N)]
ints = [rng.randrange(-2**62, 2**62) for _ in range(N)]
unscaled = lambda v, s: None if v is None else int(v.scaleb(s))
day = lambda d: None if d is None else (d - dt.date(1970, 1, 1)).days

everything = {
    "code": (pa.string(), codes, codes),
    "code_null": (pa.string(), maybe(codes), maybe(codes)),
    "note": (pa.string(), notes, notes),
    "note_null": (pa.large_string(), maybe(notes, 3), maybe(notes, 3)),
    "flag": (pa.bool_(), maybe([i % 3 == 0 for i in range(N)]), maybe([i % 3 == 0 for i in range(N)])),
    "i8": (pa.int8(), [i % 100 - 50 for i in range(N)], [i % 100 - 50 for i in range(N)]),
    "u16": (pa.uint16(), [65535 - i for i in range(N)], [65535 - i for i in range(N)]),
    "i32": (pa.int32(), maybe([i - 2**31 for i in range(N)]), maybe([i - 2**31 for i in range(N)])),
    "u32": (pa.uint32(), [2**32 - 1 - i for i in range(N)], [2**32 - 1 - i for i in range(N)]),
    "i64": (pa.int64(), ints, ints),
    "u64": (pa.uint64(), maybe([2**63 - 1 - i for i in range(N)]), maybe([2**63 - 1 - i for i in range(N)])),
    "f32": (pa.float32(), maybe(halves), maybe(halves)),
    "f64": (pa.float64(), doubles, doubles),
    "day": (pa.date32(), maybe(days), maybe([day(d) for d in days])),
    "ms": (pa.timestamp("ms"), maybe([t.replace(microsecond=t.microsecond // 1000 * 1000) for t in times]),
           maybe([micros(t.replace(microsecond=t.microsecond // 1000 * 1000)) for t in times])),
    "us": (pa.timestamp("us"), times, [micros(t) for t in times]),
    "us_utc": (pa.timestamp("us", "UTC"), maybe(times), maybe([micros(t) for t in times])),
    "ns": (pa.timestamp("ns"), times, [micros(t) for t in times]),
    "money9": (pa.decimal128(9, 2), money, [unscaled(v, 2) for v in money]),
    "money18": (pa.decimal128(18, 2), maybe(money), maybe([unscaled(v, 2) for v in money])),
    "money38": (pa.decimal128(38, 2), maybe(money), maybe([unscaled(v, 2) for v in money])),
    "wide38": (pa.decimal128(38, 4), maybe(wide), maybe([format(v, "f") for v in wide])),
    "nothing": (pa.string(), [None] * N, [None] * N),
}


def table(columns):
    return pa.table({k: pa.array(v, t) for k, (t, v, _) in columns.items()})


def expected(columns):
    return {k: e for k, (_, _, e) in columns.items()}


def write(name, columns, **options):
    pq.write_table(table(columns), os.path.join(here, name + ".parquet"), **options)
    save(expected(columns))


some = lambda *keys: {k: everything[k] for k in keys}

write("pyarrow-default", everything, row_group_size=40)
write("pyarrow-v2", everything, compression="zstd", data_page_version="2.0", data_page_size=512, write_batch_size=16,
      version="2.6")
write("pyarrow-plain", everything, compression="none", use_dictionary=False)
write("pyarrow-decimal-ints", some("money9", "money18", "money38"), store_decimal_as_integer=True)
# the dictionary outgrows its limit, and plain pages follow in the same chunk
write("pyarrow-mixed", some("note", "note_null", "i64", "f64", "code"), dictionary_pagesize_limit=256, data_page_size=400,
      write_batch_size=8, compression="snappy")
for codec in ["gzip", "brotli", "lz4"]:
    write("pyarrow-" + codec, some("code_null", "i64", "us", "note"), compression=codec)
write("pyarrow-delta", some("i64", "i32", "us", "day", "note", "note_null", "code"), use_dictionary=False,
      data_page_version="2.0", data_page_size=700, write_batch_size=16,
      column_encoding={"i64": "DELTA_BINARY_PACKED", "i32": "DELTA_BINARY_PACKED", "us": "DELTA_BINARY_PACKED",
                       "day": "DELTA_BINARY_PACKED", "note": "DELTA_BYTE_ARRAY", "note_null": "DELTA_LENGTH_BYTE_ARRAY",
                       "code": "DELTA_BYTE_ARRAY"})
write("pyarrow-split", some("i64", "i32", "f32", "f64", "money38"), use_dictionary=False,
      column_encoding={k: "BYTE_STREAM_SPLIT" for k in ["i64", "i32", "f32", "f64", "money38"]})
write("pyarrow-int96", {"us": everything["us"], "ns_null": (pa.timestamp("ns"), maybe(times), maybe([micros(t) for t in times]))},
      use_deprecated_int96_timestamps=True)
pq.write_table(table(some("code", "i64", "us", "money18")).slice(0, 0), os.path.join(here, "pyarrow-empty.parquet"))

# columns that cannot be delivered stand between those that can
nested = table(some("code", "i64"))
nested = nested.add_column(1, "basket", pa.array([["a", "b"][: i % 3] for i in range(N)]))
nested = nested.add_column(2, "address", pa.array([{"city": c, "zip": i} for i, c in enumerate(codes)]))
nested = nested.add_column(3, "at", pa.array([dt.time(8, i % 60) for i in range(N)], pa.time64("us")))
nested = nested.add_column(4, "hash", pa.array([b"12345678"] * N, pa.binary(8)))
pq.write_table(nested, os.path.join(here, "pyarrow-nested.parquet"))
save({"code": codes, "i64": ints})

frame = pl.DataFrame({
    "code": codes, "code_null": maybe(codes), "note": notes, "flag": maybe([i % 3 == 0 for i in range(N)]),
    "i64": ints, "u32": pl.Series([2**32 - 1 - i for i in range(N)], dtype=pl.UInt32), "f64": doubles,
    "day": maybe(days), "us": times, "money": pl.Series(maybe(money), dtype=pl.Decimal(38, 2)),
    "kind": pl.Series(codes, dtype=pl.Categorical)})
frame.write_parquet(os.path.join(here, "polars.parquet"), row_group_size=40)
save({
    "code": codes, "code_null": maybe(codes), "note": notes, "flag": maybe([i % 3 == 0 for i in range(N)]),
    "i64": ints, "u32": [2**32 - 1 - i for i in range(N)], "f64": doubles, "day": maybe([day(d) for d in days]),
    "us": [micros(t) for t in times], "money": maybe([unscaled(v, 2) for v in money]), "kind": codes})

arrow = table(everything).append_column("uuid_text", pa.array([str(u) for u in uuids]))
con = duckdb.connect()
con.execute("SET TimeZone='UTC'")
con.register("arrow", arrow)
duck = {k: everything[k][2] for k in ["code", "code_null", "note", "flag", "i8", "u16", "i32", "u32", "i64", "f32", "f64", "day", "us",
                                     "us_utc", "money9", "money18"]}
con.execute(f"COPY (SELECT {', '.join(duck)}, uuid_text::UUID AS uuid, code::ENUM('France','United Kingdom','Österreich','') AS kind FROM arrow) "
            f"TO '{here}/duckdb.parquet' (FORMAT parquet)")
save({**duck, "uuid": [str(u) for u in uuids], "kind": codes})
con.execute(f"COPY (SELECT {', '.join(duck)} FROM arrow) TO '{here}/duckdb-v2.parquet' (FORMAT parquet, PARQUET_VERSION v2, CODEC zstd)")
save(duck)

fp = pd.DataFrame({"code": codes, "code_null": maybe(codes), "i64": ints, "f64": doubles, "us": times,
                   "whole": [i % 3 == 0 for i in range(N)]})
fastparquet.write(os.path.join(here, "fastparquet.parquet"), fp, compression="SNAPPY")
save({"whole": [i % 3 == 0 for i in range(N)]})

with open(os.path.join(here, "values.json"), "w") as f:
    json.dump(values, f, separators=(",", ":"))
    f.write("\n")
