"""The report on Spark DataFrames: the same core, run in each partition."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from store_uptime import report as core
from store_uptime._tables.rates import read_rates
from store_uptime._time.instants import check_instant
from store_uptime.inputs import AnyTable
from store_uptime.policy import DEFAULT_POLICY, Policy
from store_uptime.spark.by_store import Call, compute_by_store, plain, reach_of
from store_uptime.spark.tables import require_spark
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["compute_report"]


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
    uncertainty: bool = False,
    rates: AnyTable | None = None,
) -> DataFrame:
    """Compute uptime and downtime of every store in every window, on Spark.

    The rows are those of `store_uptime.compute_report`, to the last bit, in a partition for some
    2,000 stores. The call itself runs a few jobs that check the tables. The report is computed when
    it is asked for.

    Parameters
    ----------
    status, hours, timezones, special_hours, maintenance, maintenance_hours
        Spark DataFrames, of a classic session or of Spark Connect, with the columns that
        `store_uptime.compute_report` takes. `TIMESTAMP` is an instant whatever the session's time
        zone, `TIMESTAMP_NTZ` is taken as UTC. Local times may be `INTERVAL DAY TO SECOND` since
        midnight, `TIME`, or strings. ``None``: every store is always open; in the default zone.
    now
        Where all windows end, as in `store_uptime.compute_report`; ``None`` is the latest poll in
        all of `status`, found at the call.
    windows, policy, detail, uncertainty
        As in `store_uptime.compute_report`.
    rates
        Likewise: a small table in memory, no Spark DataFrame. Every worker gets it.

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
        pyspark or pyarrow is not installed, or pyspark is older than 4.
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
    frames = (status, hours, timezones, special_hours, maintenance, maintenance_hours)
    options = {
        "now": None if now is None else check_instant(now),
        "windows": plain(windows),
        "policy": policy,
        "detail": detail,
        "uncertainty": uncertainty,
        # Read once, and in a form that can be sent to workers.
        "rates": None if rates is None else read_rates(rates),
    }
    return compute_by_store(frames, Call(core.compute_report, options, reach_of(windows)))
