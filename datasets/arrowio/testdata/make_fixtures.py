"""Writes the fixtures of the Arrow reader with the programs that users have.

Run with pyarrow, polars and duckdb installed; README.md names the versions. values.json holds the rows
of every file by the name of the column, in the reader's own terms: null, true and false, numbers, texts; days since
1970 for dates, microseconds since 1970 for timestamps, unscaled integers for decimals.
"""
import datetime as dt, decimal, json, os, random, uuid
import pyarrow as pa, pyarrow.ipc as ipc
import duckdb, polars as pl

here = os.path.dirname(os.path.abspath(__file__))
rng = random.Random(11)
N = 36
D = decimal.Decimal
epoch = dt.datetime(1970, 1, 1)
maybe = lambda values, every=5: [None if i % every == 2 else v for i, v in enumerate(values)]
micros = lambda t: None if t is None else int((t - epoch) / dt.timedelta(microseconds=1))
day = lambda d: None if d is None else (d - dt.date(1970, 1, 1)).days
unscaled = lambda v, s: None if v is None else int(v.scaleb(s))

codes = [rng.choice(["France", "United Kingdom", "Österreich", ""]) for _ in range(N)]
notes = [f"a note that is longer than twelve bytes {i} {'é' * (i % 3)}" for i in range(N)]
times = [dt.datetime(2011, 12, 10, 8, 26) + dt.timedelta(seconds=37 * i, microseconds=i) for i in range(N)]
times[3] = dt.datetime(1969, 7, 20, 20, 17, 40, 123456)
whole = [t.replace(microsecond=0) for t in times]
milli = [t.replace(microsecond=t.microsecond // 1000 * 1000) for t in times]
days = [t.date() for t in times]
money = [D(i * 12345 - 99999).scaleb(-2) for i in range(N)]
uuids = [uuid.UUID(int=rng.getrandbits(128)) for _ in range(N)]
doubles = [rng.uniform(-1e6, 1e6) for _ in range(N)]
quarters = [i / 4 for i in range(N)]
ints = [rng.randrange(-2**62, 2**62) for _ in range(N)]
flags = [i % 3 == 0 for i in range(N)]

columns = {
    "code": (pa.string(), codes, codes),
    "code_null": (pa.large_string(), maybe(codes), maybe(codes)),
    "note": (pa.string_view(), notes, notes),
    "note_null": (pa.string_view(), maybe(notes, 3), maybe(notes, 3)),
    "raw": (pa.binary(), maybe([n.encode() for n in notes]), maybe(notes)),
    "coded": (pa.dictionary(pa.int8(), pa.string()), maybe(codes), maybe(codes)),
    "coded_int": (pa.dictionary(pa.int32(), pa.int64()), maybe([i % 4 * 1000 for i in range(N)]), maybe([i % 4 * 1000 for i in range(N)])),
    "coded_float": (pa.dictionary(pa.uint16(), pa.float64()), [i % 4 / 8 for i in range(N)], [i % 4 / 8 for i in range(N)]),
    "flag": (pa.bool_(), maybe(flags), maybe(flags)),
    "f16": (pa.float16(), quarters, quarters),
    "f32": (pa.float32(), maybe(quarters), maybe(quarters)),
    "f64": (pa.float64(), doubles, doubles),
    "day": (pa.date32(), maybe(days), maybe([day(d) for d in days])),
    "day64": (pa.date64(), days, [day(d) for d in days]),
    "s": (pa.timestamp("s"), whole, [micros(t) for t in whole]),
    "ms": (pa.timestamp("ms"), maybe(milli), maybe([micros(t) for t in milli])),
    "us": (pa.timestamp("us"), times, [micros(t) for t in times]),
    "us_utc": (pa.timestamp("us", "Europe/London"), maybe([t.replace(tzinfo=dt.timezone.utc) for t in times]), maybe([micros(t) for t in times])),
    "ns": (pa.timestamp("ns"), times, [micros(t) for t in times]),
    "money32": (pa.decimal32(9, 2), money, [unscaled(v, 2) for v in money]),
    "money64": (pa.decimal64(18, 2), money, [unscaled(v, 2) for v in money]),
    "money": (pa.decimal128(38, 2), maybe(money), maybe([unscaled(v, 2) for v in money])),
    "nothing": (pa.null(), [None] * N, [None] * N),
    "i64": (pa.int64(), ints, ints),
    "u64": (pa.uint64(), maybe([2**63 - 1 - i for i in range(N)]), maybe([2**63 - 1 - i for i in range(N)])),
}
for bits in (8, 16, 32):
    columns[f"i{bits}"] = (getattr(pa, f"int{bits}")(), maybe([i - 2**(bits - 1) for i in range(N)]), maybe([i - 2**(bits - 1) for i in range(N)]))
    columns[f"u{bits}"] = (getattr(pa, f"uint{bits}")(), [2**bits - 1 - i for i in range(N)], [2**bits - 1 - i for i in range(N)])

table = pa.table({k: pa.array(v, t) for k, (t, v, _) in columns.items()})
uuid_array = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([u.bytes for u in uuids], pa.binary(16)))
table = table.append_column("uuid", uuid_array)
# columns that cannot be delivered stand between those that can
table = table.add_column(1, "basket", pa.array([["a", "b"][: i % 3] for i in range(N)]))
table = table.add_column(3, "at", pa.array([dt.time(8, i % 60) for i in range(N)], pa.time64("us")))
table = table.add_column(5, "address", pa.array([{"city": c} for c in codes]))
values = {k: e for k, (_, _, e) in columns.items()}
values["uuid"] = [str(u) for u in uuids]


def write(name, t, stream=False, size=18, **options):
    new = ipc.new_stream if stream else ipc.new_file
    with new(os.path.join(here, name), t.schema, options=ipc.IpcWriteOptions(**options)) as w:
        for batch in t.to_batches(max_chunksize=size):
            w.write_batch(batch)


write("pyarrow.arrow", table)
write("pyarrow-stream.arrows", table, stream=True)
write("pyarrow-lz4.arrow", table, compression="lz4", size=N)
write("pyarrow-zstd.arrow", table, compression="zstd", size=N)
write("pyarrow-zstd-stream.arrows", table, stream=True, compression="zstd", size=N)
write("pyarrow-empty.arrow", table.slice(0, 0))
write("pyarrow-v4.arrows", table.select(["code", "i64"]), stream=True, use_legacy_format=True, metadata_version=ipc.MetadataVersion.V4)


def changing(name, deltas, stream):
    """Batches whose dictionary grows, or is another one, from batch to batch."""
    words = sorted(set(codes))
    schema = pa.schema([("coded", pa.dictionary(pa.int32(), pa.string())), ("i64", pa.int64())])
    new = ipc.new_stream if stream else ipc.new_file
    with new(os.path.join(here, name), schema, options=ipc.IpcWriteOptions(emit_dictionary_deltas=deltas)) as w:
        known = []
        for start in range(0, N, 12):
            part = maybe(codes)[start:start + 12]
            if deltas:
                known = known + [c for c in part if c is not None and c not in known]
                known = list(dict.fromkeys(known))
            else:
                known = words[start // 12:] + words[:start // 12]
            indices = pa.array([None if c is None else known.index(c) for c in part], pa.int32())
            coded = pa.DictionaryArray.from_arrays(indices, pa.array(known))
            w.write_batch(pa.record_batch([coded, pa.array(ints[start:start + 12])], schema=schema))


changing("pyarrow-delta.arrows", True, True)
changing("pyarrow-delta.arrow", True, False)
changing("pyarrow-replaced.arrows", False, True)

frame = pl.DataFrame({
    "code": codes, "code_null": maybe(codes), "note": notes, "flag": maybe(flags), "i64": ints,
    "u32": pl.Series([2**32 - 1 - i for i in range(N)], dtype=pl.UInt32), "f64": doubles, "day": maybe(days), "us": times,
    "money": pl.Series(maybe(money), dtype=pl.Decimal(38, 2)), "coded": pl.Series(maybe(codes), dtype=pl.Categorical)})
frame.write_ipc(os.path.join(here, "polars.arrow"), compression="zstd")
frame.write_ipc_stream(os.path.join(here, "polars.arrows"), compression="lz4")

con = duckdb.connect()
con.register("t", table.select(["code", "code_null", "i64", "f64", "day", "us", "money", "flag"]))
batches = con.execute("SELECT * FROM t").to_arrow_table()
write("duckdb.arrow", batches, size=30)

with open(os.path.join(here, "values.json"), "w") as f:
    json.dump(values, f, separators=(",", ":"))
    f.write("\n")
