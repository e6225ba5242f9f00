"""The report on Spark DataFrames: the same core, run in each partition over Arrow.

All tables travel as one: each row has its store's id as `key` and its columns as one struct, named
after its table; the other tables' structs are null. Partitioned by `key`, every store has all its
rows in one partition and no partition needs to know another. Only methods of the frames are used,
never `pyspark.sql.functions`, so that a classic session and Spark Connect are the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

import polars as pl

from store_uptime._tables.contract import TABLES
from store_uptime._tables.read import now_or_latest
from store_uptime._time.instants import check_instant
from store_uptime.policy import DEFAULT_POLICY, Policy
from store_uptime.spark.partition import (
    OUTCOME_DDL,
    Job,
    check_partition,
    check_tables,
    join_outcomes,
    report_partition,
    untag,
)
from store_uptime.spark.tables import SparkTable, columns_ddl, require_spark
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["compute_report"]

# Where `now` is not known yet, the options are tried out at the instant that `Window` uses itself.
_SOME_INSTANT = dt.datetime(2024, 3, 31, tzinfo=dt.UTC)


def compute_report(
    status: DataFrame,
    hours: DataFrame | None = None,
    timezones: DataFrame | None = None,
    now: dt.datetime | str | None = None,
    *,
    windows: Mapping[str, AnyWindow] = DEFAULT_WINDOWS,
    policy: Policy = DEFAULT_POLICY,
    special_hours: DataFrame | None = None,
    maintenance: DataFrame | None = None,
    maintenance_hours: DataFrame | None = None,
    detail: bool = False,
) -> DataFrame:
    """Compute uptime and downtime of every store in every window, on Spark.

    The rows are those of `store_uptime.compute_report`, to the last bit; their number of
    partitions is that of any shuffle of the session. The call itself runs one job that reads every
    table once and checks it. The report is computed when it is asked for.

    Parameters
    ----------
    status, hours, timezones, special_hours, maintenance, maintenance_hours
        Spark DataFrames, of a classic session or of Spark Connect, with the columns that
        `store_uptime.compute_report` takes. `TIMESTAMP` is an instant whatever the session's time
        zone, `TIMESTAMP_NTZ` is taken as UTC. Local times may be `INTERVAL DAY TO SECOND` since
        midnight, `TIME`, or strings. ``None``: every store is always open; in the default zone.
    now
        Where all windows end, as in `store_uptime.compute_report`; ``None`` is the latest poll in
        all of `status`, found by the job that checks the tables.
    windows, policy, detail
        As in `store_uptime.compute_report`.

    Returns
    -------
    DataFrame
        The columns of `store_uptime.compute_report` in their order: `store_id` in the type that it
        has in `status`, DOUBLE in the windows' units, and with `detail` also `polls_<name>` as
        BIGINT. One row for every store that occurs in `status`, `hours` or `timezones`. Like any
        DataFrame it has no row order until it is sorted.

    Raises
    ------
    MissingDependencyError
        pyspark or pyarrow is not installed.
    SchemaError
        As in `store_uptime.compute_report`, and for what is no Spark DataFrame or has two columns
        of one name.
    InvalidStatusError, InvalidHoursError, UnknownTimeZoneError, NaiveDatetimeError, PolicyError
        As in `store_uptime.compute_report`, at the call. The rows are counted over all partitions;
        where different partitions stop at different problems, those of the problem that is named.

    Examples
    --------
    >>> from pyspark.sql import SparkSession
    >>> from store_uptime.spark import compute_report
    >>> spark = SparkSession.builder.master("local[2]").getOrCreate()
    >>> status = spark.sql(
    ...     "SELECT * FROM VALUES (7, '2023-01-23 10:14:00 UTC', 'active'),"
    ...     "(7, '2023-01-23 11:15:00 UTC', 'inactive') AS t(store_id, timestamp_utc, status)"
    ... )
    >>> hours = spark.sql(
    ...     "SELECT 7 AS store_id, 0 AS day_of_week,"
    ...     "'09:00' AS start_time_local, '12:00' AS end_time_local"
    ... )
    >>> timezones = spark.sql("SELECT 7 AS store_id, 'Etc/UTC' AS timezone_str")
    >>> report = compute_report(status, hours, timezones, "2023-01-23T12:00:00Z")
    >>> report.select("store_id", "uptime_last_day", "downtime_last_day").collect()
    [Row(store_id=7, uptime_last_day=1.7416666666666667, downtime_last_day=1.2583333333333333)]
    """
    require_spark()
    given = {"status": status}
    others = {"hours": hours, "timezones": timezones}
    others |= {"special_hours": special_hours, "maintenance": maintenance}
    others |= {"maintenance_hours": maintenance_hours}
    given |= {name: frame for name, frame in others.items() if frame is not None}
    tables = {name: SparkTable(frame, name) for name, frame in given.items()}
    empty = {name: table.empty for name, table in tables.items()}
    options: dict[str, Any] = {"windows": windows, "policy": policy, "detail": detail}

    instant = None if now is None else check_instant(now)
    form = Job(options, instant or _SOME_INSTANT).compute(empty)
    key_type = "bigint" if form.schema["store_id"].is_integer() else "string"
    rows = {name: table.tagged(key_type) for name, table in tables.items()}
    everywhere = _rows_for_every_store(rows)
    rows |= {name: rows[name].where("key IS NOT NULL") for name in everywhere}
    latest = _check_rows(rows, empty | everywhere)
    if instant is None:
        instant = now_or_latest(None, latest)
        Job(options, instant).compute(empty)  # refuses what only `now` can tell
    job = Job(options | {"windows": dict(windows)}, instant, everywhere)
    by_store = _union(rows.values()).repartition("key")
    return by_store.mapInArrow(partial(report_partition, job=job), columns_ddl(form.schema))


# --- from Spark's tables to one that travels ------------------------------------------------------


def _union(frames: Iterable[DataFrame]) -> DataFrame:
    return reduce(lambda a, b: a.unionByName(b, allowMissingColumns=True), frames)


def _rows_for_every_store(rows: Mapping[str, DataFrame]) -> dict[str, pl.DataFrame]:
    """Fetch the rows without an id of the optional tables: they are few, and all need them."""
    optional = [frame for name, frame in rows.items() if TABLES[name].optional]
    return untag(_union(optional).where("key IS NULL").toArrow()) if optional else {}


def _check_rows(rows: Mapping[str, DataFrame], on_driver: Mapping[str, pl.DataFrame]) -> int | None:
    """Return the latest poll, in microseconds since 1970 UTC, or raise what is wrong with a row.

    `status` is read where it lies; of the other tables, the rows of a store must come together,
    because only then two zones of one store are seen.
    """
    small = [frame for name, frame in rows.items() if name != "status"]
    checked = _union([rows["status"], *([_union(small).repartition("key")] if small else [])])
    found = checked.mapInArrow(check_partition, OUTCOME_DDL).toArrow()
    return join_outcomes([check_tables(on_driver), *zip(*found.to_pydict().values(), strict=True)])
