"""The timeline and the outages of polls on Spark DataFrames."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from store_uptime import timeline as core
from store_uptime._calls import start_of_span
from store_uptime._time.instants import check_instant
from store_uptime.policy import DEFAULT_POLICY, Policy, check_flag, check_policy
from store_uptime.spark.by_store import SOME_INSTANT, Call, compute_by_store
from store_uptime.spark.tables import require_spark

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["compute_outages", "compute_timeline"]


def compute_timeline(
    status: DataFrame,
    hours: DataFrame | None = None,
    timezones: DataFrame | None = None,
    now: dt.datetime | str | None = None,
    *,
    start: dt.datetime | str | None = None,
    policy: Policy = DEFAULT_POLICY,
    special_hours: DataFrame | None = None,
    maintenance: DataFrame | None = None,
    maintenance_hours: DataFrame | None = None,
    settled: bool = False,
) -> DataFrame:
    """Cut the open time of ``[start, now)`` into pieces of one state, on Spark.

    The rows are those of `store_uptime.compute_timeline`. What runs when, and what is checked, is
    as in `store_uptime.spark.compute_report`. `store_uptime.spark.report_from_timeline` makes
    reports of them.

    Parameters
    ----------
    status, hours, timezones, special_hours, maintenance, maintenance_hours
        Spark DataFrames, as in `store_uptime.spark.compute_report`.
    now
        As in `store_uptime.spark.compute_report`.
    start, policy, settled
        As in `store_uptime.compute_timeline`.

    Returns
    -------
    DataFrame
        `store_id` (in the type that it has in `status`), `start` and `end` (TIMESTAMP, half-open)
        and `state` (STRING: ``up``, ``down`` or ``unknown``); never null. One row for each stretch
        of open time in one state. Like any DataFrame it has no row order until it is sorted.

    Raises
    ------
    MissingDependencyError
        pyspark or pyarrow is not installed, or pyspark is older than 4.
    NaiveDatetimeError, PolicyError
        As in `store_uptime.compute_timeline`, at the call.
    SchemaError, InvalidStatusError, InvalidHoursError, UnknownTimeZoneError
        As in `store_uptime.spark.compute_report`.

    Examples
    --------
    >>> from pyspark.sql import SparkSession
    >>> from store_uptime.spark import compute_timeline
    >>> spark = SparkSession.builder.master("local[2]").getOrCreate()
    >>> status = spark.sql(
    ...     "SELECT * FROM VALUES (7, '2023-01-23 10:00:00 UTC', 'active'),"
    ...     "(7, '2023-01-23 11:00:00 UTC', 'inactive') AS t(store_id, timestamp_utc, status)"
    ... )
    >>> span = {"start": "2023-01-23T10:00:00Z", "now": "2023-01-23T12:00:00Z"}
    >>> timeline = compute_timeline(status, **span).sort("start")
    >>> timeline.selectExpr("state", "CAST(end - start AS STRING) AS length").collect()
    [Row(state='up', length="INTERVAL '0 00:30:00' DAY TO SECOND"), \
Row(state='down', length="INTERVAL '0 01:30:00' DAY TO SECOND")]
    """
    require_spark()
    frames = (status, hours, timezones, special_hours, maintenance, maintenance_hours)
    check_policy(policy)
    check_flag(settled, "settled")
    return _cut_at_edges(core.compute_timeline, frames, now, start, policy, {"settled": settled})


def compute_outages(
    status: DataFrame,
    hours: DataFrame | None = None,
    timezones: DataFrame | None = None,
    now: dt.datetime | str | None = None,
    *,
    start: dt.datetime | str | None = None,
    policy: Policy = DEFAULT_POLICY,
    special_hours: DataFrame | None = None,
    maintenance: DataFrame | None = None,
    maintenance_hours: DataFrame | None = None,
) -> DataFrame:
    """List the outages of ``[start, now)``, on Spark: downtime, joined across closed time.

    The rows are those of `store_uptime.compute_outages`. What runs when, and what is checked, is as
    in `store_uptime.spark.compute_report`.

    Parameters
    ----------
    status, hours, timezones, special_hours, maintenance, maintenance_hours
        Spark DataFrames, as in `store_uptime.spark.compute_report`.
    now
        As in `store_uptime.spark.compute_report`.
    start, policy
        As in `store_uptime.compute_outages`.

    Returns
    -------
    DataFrame
        The columns of `store_uptime.compute_outages` in their order: `store_id` in the type that it
        has in `status`, instants as TIMESTAMP, `downtime` and `elapsed` as INTERVAL DAY TO SECOND,
        `ongoing` and `recovered` as BOOLEAN; `last_poll_before` and `first_poll_after` are null
        where there is none. One row for each outage. Like any DataFrame it has no row order until
        it is sorted.

    Raises
    ------
    MissingDependencyError
        pyspark or pyarrow is not installed, or pyspark is older than 4.
    NaiveDatetimeError, PolicyError
        As in `store_uptime.compute_outages`, at the call.
    SchemaError, InvalidStatusError, InvalidHoursError, UnknownTimeZoneError
        As in `store_uptime.spark.compute_report`.

    Examples
    --------
    >>> from pyspark.sql import SparkSession
    >>> from store_uptime.spark import compute_outages
    >>> spark = SparkSession.builder.master("local[2]").getOrCreate()
    >>> status = spark.sql(
    ...     "SELECT * FROM VALUES (7, '2023-01-23 10:00:00 UTC', 'active'),"
    ...     "(7, '2023-01-23 11:00:00 UTC', 'inactive') AS t(store_id, timestamp_utc, status)"
    ... )
    >>> outages = compute_outages(status, now="2023-01-23T12:00:00Z")
    >>> outages.select("store_id", "downtime", "ongoing").collect()
    [Row(store_id=7, downtime=datetime.timedelta(seconds=5400), ongoing=True)]
    """
    require_spark()
    frames = (status, hours, timezones, special_hours, maintenance, maintenance_hours)
    check_policy(policy)
    return _cut_at_edges(core.compute_outages, frames, now, start, policy, {})


def _cut_at_edges(
    compute: Callable[..., pl.DataFrame],
    frames: Sequence[DataFrame | None],
    now: object,
    start: object,
    policy: Policy,
    others: Mapping[str, bool],
) -> DataFrame:
    since = None if start is None else check_instant(start, table="start")
    options: dict[str, Any] = {
        "now": None if now is None else check_instant(now),
        "start": since,
        "policy": policy,
        **others,
    }
    # The start that was given is known to be before `now` only where that is known.
    tried = {"now": SOME_INSTANT, "start": None}
    if others.get("settled"):
        tried["start"] = policy.settled_until(SOME_INSTANT) - dt.timedelta(days=1)
    return compute_by_store(frames, Call(compute, options, partial(start_of_span, since), tried))
