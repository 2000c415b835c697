"""Recency, frequency, money and their quintiles of every customer, by DuckDB and by Polars.

    python peer.py FILE {duckdb|polars}

FILE holds line items (.csv or .parquet): order_id, customer_id, time, product, quantity, unit_price. The clock runs
from opening the file to the finished table in memory; the import is outside. Lines without a customer are left out, as
on our side. One JSON line: {"work", "seconds", "cpu_seconds", "customers", "money", "peak_rss_mb"}.
"""

import json
import os
import resource
import sys
import time

THREADS = 2
os.environ["POLARS_MAX_THREADS"] = str(THREADS)

QUERY = """
create table result as
with customer as (
  select customer_id, max(time) as recency, count(distinct order_id) as frequency, sum(quantity * unit_price) as money
  from '{path}'
  where customer_id is not null
  group by customer_id
)
select *,
  ntile(5) over (order by recency) as r,
  ntile(5) over (order by frequency) as f,
  ntile(5) over (order by money) as m
from customer
"""


def duckdb_table(path):
    """Returns the number of customers and the money of all of them."""
    import duckdb

    def build():
        connection = duckdb.connect(config={"threads": THREADS})
        connection.execute(QUERY.format(path=path))
        return connection

    return build, lambda c: c.execute("select count(*), sum(money) from result").fetchone()


def polars_table(path):
    """The same with the streaming engine."""
    import polars as pl

    def fifth(column):
        rank = pl.col(column).rank("ordinal")
        return ((rank - 1) * 5 // pl.len() + 1).cast(pl.Int8)

    # What makes Polars quickest: types given, and a time read only where it is a customer's last. (Left to itself it takes
    # orders for integers and stops at the first C506402, goods that came back.)
    schema = {
        "order_id": pl.String, "customer_id": pl.Int64, "time": pl.String, "product": pl.String, "quantity": pl.Int64,
        "unit_price": pl.Float64,
    }

    def build():
        recency = pl.col("time").max()
        if path.endswith(".parquet"):
            lines = pl.scan_parquet(path)
        else:
            lines, recency = pl.scan_csv(path, schema=schema), recency.str.to_datetime("%Y-%m-%d %H:%M:%S")
        customers = (
            lines.filter(pl.col("customer_id").is_not_null())
            .group_by("customer_id")
            .agg(
                recency=recency,
                frequency=pl.col("order_id").n_unique(),
                money=(pl.col("quantity") * pl.col("unit_price")).sum(),
            )
        )
        scored = customers.with_columns(r=fifth("recency"), f=fifth("frequency"), m=fifth("money"))
        return scored.collect(engine="streaming")

    return build, lambda table: (len(table), table["money"].sum())


def cpu_seconds():
    use = resource.getrusage(resource.RUSAGE_SELF)
    return use.ru_utime + use.ru_stime


def main():
    path, tool = sys.argv[1], sys.argv[2]
    build, summary = {"duckdb": duckdb_table, "polars": polars_table}[tool](path)
    start, cpu = time.perf_counter(), cpu_seconds()
    table = build()
    seconds, cpu = time.perf_counter() - start, cpu_seconds() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    customers, money = summary(table)
    print(json.dumps({
        "work": "rfm", "seconds": round(seconds, 4), "cpu_seconds": round(cpu, 4), "customers": customers,
        "money": round(money, 2), "peak_rss_mb": round(peak, 1),
    }))


main()
