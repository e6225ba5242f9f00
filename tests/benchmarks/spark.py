"""How fast the report is on Spark, beside Spark SQL written by hand for the same numbers.

    python tests/benchmarks/spark.py                              # 30,000 stores, 5.8 million polls
    python tests/benchmarks/spark.py --stores 8750 --old 7         # 1.7 and 13.4 million

writes its data as Parquet, checks that all agree to the last bit, lets them take turns on a local
Spark, and prints medians and ratios. What the library does at the call and what it does when the
report is asked for are both counted. With `--old`, it computes the same report once more, from files
that have so many older polls beside each poll. Needs the extra "test", and Java 17 or newer. Run
nothing else beside it.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyspark
from polars.testing import assert_frame_equal
from pyspark.sql import SparkSession

import store_uptime.spark
from data import HOUR, NOW, NOW_US, make_data
from store_uptime import Policy
from told import report, tell

POLICY = Policy(max_gap=None)
TABLES = ("status", "hours", "timezones")
Contestant = Callable[[dict[str, Any]], Any]

LO = NOW_US - 192 * HOUR
STARTS = {"last_hour": NOW_US - HOUR, "last_day": NOW_US - 24 * HOUR, "last_week": NOW_US - 168 * HOUR}  # fmt: skip
UNITS = {"last_hour": 60 * 10**6, "last_day": HOUR, "last_week": HOUR}
EDGES = ", ".join(str(instant) for instant in (*STARTS.values(), NOW_US))
SUMS = ", ".join(
    f"coalesce(sum(CASE WHEN {condition} AND x >= {start} AND x < {NOW_US} THEN spent END), 0)"
    f" / {UNITS[name]} AS {quantity}_{name}"
    for name, start in STARTS.items()
    for condition, quantity in (("up", "uptime"), ("NOT up", "downtime"))
)

# As in the SQL for DuckDB: only polls at which the state changes become edges, and the open time up
# to an edge is read off the sessions.
# It knows no `max_gap`, so that the others do without.
SQL = f"""
WITH stores AS (
    SELECT s.store_id, coalesce(z.zone, 'America/Chicago') AS zone
    FROM (SELECT store_id FROM status UNION SELECT store_id FROM hours
          UNION SELECT store_id FROM timezones) s
    LEFT JOIN (SELECT store_id, max(timezone_str) AS zone FROM timezones GROUP BY store_id) z
        USING (store_id)
), days AS (
    SELECT explode(sequence(DATE '2023-01-15', DATE '2023-01-27')) AS d
), dated AS (
    SELECT h.store_id,
        unix_micros(to_utc_timestamp(CAST(concat(d, ' ', h.start_time_local) AS TIMESTAMP), s.zone))
            AS open,
        unix_micros(to_utc_timestamp(CAST(concat(
            CASE WHEN h.end_time_local <= h.start_time_local THEN date_add(d, 1) ELSE d END,
            ' ', h.end_time_local) AS TIMESTAMP), s.zone)) AS close
    FROM hours h JOIN stores s USING (store_id) JOIN days ON weekday(d) = h.day_of_week
), clipped AS (
    SELECT store_id, greatest(open, {LO}) AS open, least(close, {NOW_US + 1}) AS close
    FROM dated WHERE close > {LO} AND open <= {NOW_US}
    UNION ALL
    SELECT s.store_id, {LO}, {NOW_US + 1}
    FROM stores s LEFT ANTI JOIN hours h ON s.store_id = h.store_id
), marked AS (
    SELECT *, CASE WHEN open > max(close) OVER (PARTITION BY store_id ORDER BY open, close
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 1 ELSE 0 END AS apart
    FROM clipped
), numbered AS (
    SELECT *, sum(apart) OVER (PARTITION BY store_id ORDER BY open, close) AS n FROM marked
), merged AS (
    SELECT store_id, min(open) AS open, max(close) AS close FROM numbered GROUP BY store_id, n
), sessions AS (
    SELECT *, sum(close - open) OVER (PARTITION BY store_id ORDER BY open) - (close - open) AS before
    FROM merged
), evidence AS (
    SELECT store_id, x AS t, up
    FROM (
        SELECT *, last_value(close, true) OVER (PARTITION BY store_id ORDER BY x, kind
            ROWS UNBOUNDED PRECEDING) AS until
        FROM (
            SELECT store_id, open AS x, 0 AS kind, close, CAST(NULL AS BOOLEAN) AS up FROM sessions
            UNION ALL
            SELECT store_id, unix_micros(timestamp_utc), 1, NULL, status = 'active' FROM status
            WHERE timestamp_utc BETWEEN timestamp_micros({LO}) AND timestamp_micros({NOW_US})))
    WHERE kind = 1 AND x < until
), single AS (
    SELECT store_id, t, min(up) AS up FROM evidence GROUP BY store_id, t
), neighbours AS (
    SELECT *, lag(t) OVER (PARTITION BY store_id ORDER BY t) AS t_before,
        lag(up) OVER (PARTITION BY store_id ORDER BY t) AS up_before
    FROM single
), edges AS (
    SELECT store_id, coalesce((t_before + t) div 2, {LO}) AS x, up, 1 AS kind
    FROM neighbours WHERE up_before IS NULL OR up <> up_before
    UNION ALL
    SELECT store_id, explode(array({EDGES})), NULL, 2 FROM stores
), placed AS (
    SELECT store_id, x, kind, last_value(up, true) OVER w AS up,
        coalesce(last_value(before, true) OVER w + least(x, last_value(close, true) OVER w)
            - last_value(open, true) OVER w, 0) AS open_until
    FROM (
        SELECT store_id, x, kind, up, CAST(NULL AS BIGINT) AS open, CAST(NULL AS BIGINT) AS close,
            CAST(NULL AS BIGINT) AS before FROM edges
        UNION ALL
        SELECT store_id, open, 0, NULL, open, close, before FROM sessions)
    WINDOW w AS (PARTITION BY store_id ORDER BY x, kind ROWS UNBOUNDED PRECEDING)
), pieces AS (
    SELECT store_id, x, up,
        lead(open_until) OVER (PARTITION BY store_id ORDER BY x, kind) - open_until AS spent
    FROM placed WHERE kind > 0
)
SELECT store_id, {SUMS} FROM pieces GROUP BY store_id
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stores", type=int, default=30_000)
    parser.add_argument("--polls", type=int, default=192, help="of each store, one an hour")
    parser.add_argument("--old", type=int, default=0, help="older polls beside each of these")
    parser.add_argument("--order", choices=["shuffled", "time", "store"], default="shuffled")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--batch", type=int, default=10_000, help="rows of an Arrow batch")
    args = parser.parse_args()
    spark = start(args.cores, args.batch)
    tell(f"{platform.machine()}, {args.cores} cores, Python {platform.python_version()}, polars {pl.__version__}, Spark {pyspark.__version__}")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        entries: dict[str, tuple[Contestant, dict[str, Any]]] = {}
        for old in sorted({0, args.old}):
            write(Path(folder) / str(old), args, old)
            frames = {name: spark.read.parquet(f"{folder}/{old}/{name}") for name in TABLES}
            also = f", {old} old polls beside each" if old else ""
            entries[f"Spark SQL{also}"] = by_hand, frames
            entries[f"store_uptime{also}"] = library, frames
            entries[f"store_uptime, now=None{also}"] = library_at_latest, frames
        check(entries)
        seconds: dict[str, list[float]] = {name: [] for name in entries}
        for _ in range(args.rounds):
            for name, (compute, frames) in entries.items():
                seconds[name].append(timed(compute, frames))
    report(seconds)
    spark.stop()


def start(cores: int, batch: int) -> SparkSession:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "3g",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(batch),
    }
    builder = SparkSession.builder.master(f"local[{cores}]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def write(folder: Path, args: argparse.Namespace, old: int) -> None:
    """Write the tables; of `status` four files, so that Spark reads them on several cores."""
    data = make_data(args.stores, args.polls * (1 + old), order=args.order)
    word = pl.when("status").then(pl.lit("active")).otherwise(pl.lit("inactive"))
    times = pl.col("start_time_local", "end_time_local").dt.to_string("%H:%M:%S")
    tables = (
        data.status.with_columns(status=word),
        data.hours.with_columns(times),
        data.timezones,
    )
    for name, table in zip(TABLES, tables, strict=True):
        (folder / name).mkdir(parents=True)
        parts = 4 if name == "status" else 1
        for number, part in enumerate(table.iter_slices(-(-table.height // parts))):
            part.write_parquet(folder / name / f"{number}.parquet")
    tell(f"{args.stores:,} stores, {data.polls:,} polls")


# --- contestants ----------------------------------------------------------------------------------


def by_hand(frames: dict[str, Any]) -> Any:
    for name, frame in frames.items():
        frame.createOrReplaceTempView(name)
    return frames["status"].sparkSession.sql(SQL).toArrow()


def library(frames: dict[str, Any]) -> Any:
    return store_uptime.spark.compute_report(**frames, now=NOW, policy=POLICY).toArrow()


def library_at_latest(frames: dict[str, Any]) -> Any:
    """Let the library find `now`: a moment before that of the others."""
    return store_uptime.spark.compute_report(**frames, policy=POLICY).toArrow()


# --- what is told ---------------------------------------------------------------------------------


def check(entries: dict[str, tuple[Contestant, dict[str, Any]]]) -> None:
    """Let everyone compute once, to warm up, and compare the numbers with the core's."""
    for name, (compute, frames) in entries.items():
        given: dict[str, Any] = {table: pl.DataFrame(frames[table].toArrow()) for table in TABLES}
        now = None if compute is library_at_latest else NOW
        expected = store_uptime.compute_report(**given, now=now, policy=POLICY)
        found = pl.DataFrame(compute(frames)).sort("store_id").select(expected.columns)
        assert_frame_equal(found, expected, check_exact=True)
        tell(f"{name}: the numbers of store_uptime.compute_report")


def timed(compute: Contestant, frames: dict[str, Any]) -> float:
    start = time.perf_counter()
    compute(frames)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
