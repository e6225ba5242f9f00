"""The history on Spark DataFrames: the report at many instants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from store_uptime import history as core
from store_uptime._calls import check_instants
from store_uptime._tables.rates import read_rates
from store_uptime.inputs import AnyTable
from store_uptime.policy import DEFAULT_POLICY, Policy
from store_uptime.spark.by_store import Call, compute_by_store, plain, reach_of
from store_uptime.spark.tables import require_spark
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["compute_history"]


def compute_history(
    status: DataFrame,
    hours: DataFrame | None = None,
    timezones: DataFrame | None = None,
    at: Iterable[dt.datetime | str] | None = None,
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
    """Compute the report at many instants, on Spark.

    The rows are those of `store_uptime.compute_history`, to the last bit. What runs when, and what
    is checked, is as in `store_uptime.spark.compute_report`.

    Parameters
    ----------
    status, hours, timezones, special_hours, maintenance, maintenance_hours
        Spark DataFrames, as in `store_uptime.spark.compute_report`.
    at
        The instants at which the reports are made, as in `store_uptime.compute_history`. It must be
        given.
    windows, policy, detail, uncertainty
        As in `store_uptime.compute_report`.
    rates
        Likewise: a small table in memory, no Spark DataFrame. Every worker gets it.

    Returns
    -------
    DataFrame
        `now` (TIMESTAMP), then the columns of `store_uptime.spark.compute_report`. For each
        instant one row for every store that occurs in `status`, `hours` or `timezones`. Like any
        DataFrame it has no row order until it is sorted.

    Raises
    ------
    MissingDependencyError
        pyspark or pyarrow is not installed, or pyspark is older than 4.
    NaiveDatetimeError, PolicyError
        As in `store_uptime.compute_history`, at the call.
    SchemaError, InvalidStatusError, InvalidHoursError, UnknownTimeZoneError
        As in `store_uptime.spark.compute_report`.

    Examples
    --------
    At 11:00 the poll at 11:15 was not known, and the store seemed up all morning.

    >>> from pyspark.sql import SparkSession
    >>> from store_uptime.spark import compute_history
    >>> spark = SparkSession.builder.master("local[2]").getOrCreate()
    >>> status = spark.sql(
    ...     "SELECT * FROM VALUES (7, '2023-01-23 10:14:00 UTC', 'active'),"
    ...     "(7, '2023-01-23 11:15:00 UTC', 'inactive') AS t(store_id, timestamp_utc, status)"
    ... )
    >>> at = ["2023-01-23T11:00:00Z", "2023-01-23T12:00:00Z"]
    >>> history = compute_history(status, at=at).sort("now")
    >>> history.select("uptime_last_hour", "downtime_last_hour").collect()
    [Row(uptime_last_hour=60.0, downtime_last_hour=0.0), \
Row(uptime_last_hour=0.0, downtime_last_hour=60.0)]
    """
    require_spark()
    frames = (status, hours, timezones, special_hours, maintenance, maintenance_hours)
    options = {
        "at": check_instants(at),
        "windows": plain(windows),
        "policy": policy,
        "detail": detail,
        "uncertainty": uncertainty,
        # Read once, and in a form that can be sent to workers.
        "rates": None if rates is None else read_rates(rates),
    }
    return compute_by_store(frames, Call(core.compute_history, options, reach_of(windows)))
