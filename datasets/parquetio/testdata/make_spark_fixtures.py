"""Writes the fixtures of Spark, from the rows in values.json that make_fixtures.py left.

Run with pyspark installed, and Java; README.md names the versions.
"""
import datetime as dt, decimal, glob, json, os, shutil, tempfile
from pyspark.sql import SparkSession
from pyspark.sql import types as T

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "values.json")) as f:
    values = json.load(f)

utc = dt.timezone.utc
instant = lambda v: None if v is None else dt.datetime.fromtimestamp(0, utc) + dt.timedelta(microseconds=v)
wall = lambda v: None if v is None else dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=v)
day = lambda v: None if v is None else dt.date(1970, 1, 1) + dt.timedelta(days=v)
money = lambda v: None if v is None else decimal.Decimal(v).scaleb(-2)
same = lambda v: v
columns = {
    "code": (T.StringType(), same), "code_null": (T.StringType(), same), "note": (T.StringType(), same),
    "flag": (T.BooleanType(), same), "i8": (T.ByteType(), same), "i32": (T.IntegerType(), same), "i64": (T.LongType(), same),
    "f32": (T.FloatType(), same), "f64": (T.DoubleType(), same), "day": (T.DateType(), day),
    "us_utc": (T.TimestampType(), instant), "us": (T.TimestampNTZType(), wall),
    "money9": (T.DecimalType(9, 2), money), "money18": (T.DecimalType(18, 2), money), "money38": (T.DecimalType(38, 2), money),
}

spark = SparkSession.builder.master("local[1]").config("spark.sql.session.timeZone", "UTC").config("spark.ui.enabled", "false").getOrCreate()
schema = T.StructType([T.StructField(name, kind, True) for name, (kind, _) in columns.items()])
rows = list(zip(*([convert(v) for v in values[name]] for name, (_, convert) in columns.items())))
frame = spark.createDataFrame(rows, schema).coalesce(1)


def write(name, legacy, **options):
    spark.conf.set("spark.sql.parquet.writeLegacyFormat", legacy)
    spark.conf.set("spark.sql.parquet.outputTimestampType", "INT96" if legacy == "true" else "TIMESTAMP_MICROS")
    folder = tempfile.mkdtemp()
    frame.write.mode("overwrite").options(**options).parquet(folder)
    shutil.move(glob.glob(folder + "/part-*.parquet")[0], os.path.join(here, name + ".parquet"))
    shutil.rmtree(folder)


write("spark", "false", compression="zstd")
write("spark-legacy", "true", compression="snappy")
