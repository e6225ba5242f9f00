"""Load the tables from a database, and write reports into one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from store_uptime.inputs import Inputs
from store_uptime.instant import check_now, from_microseconds, microseconds
from store_uptime.io._sql_connect import opened
from store_uptime.io._sql_driver import Driver, reading, writing
from store_uptime.io._sql_read import find_polls, find_table
from store_uptime.io._sql_write import ReportRows, check_if_exists, write_rows
from store_uptime.policy import (
    DEFAULT_POLICY,
    DEFAULT_WINDOWS,
    Policy,
    Window,
    check_policy,
    check_windows,
)
from store_uptime.schema import read_tables


def load_sql(
    connection: Any,
    *,
    status: str = "store_status",
    hours: str = "business_hours",
    timezones: str = "store_timezones",
    special_hours: str | None = None,
    maintenance: str | None = None,
    now: dt.datetime | str | None = None,
    windows: Mapping[str, Window] = DEFAULT_WINDOWS,
    policy: Policy = DEFAULT_POLICY,
) -> Inputs:
    """Load the tables from a database."""
    chosen = check_windows(windows, detail=False)
    check_policy(policy)
    instant = None if now is None else check_now(now)
    given = {"hours": hours, "timezones": timezones}
    optional = {"special_hours": special_hours, "maintenance": maintenance}
    extra = {name: table for name, table in optional.items() if table is not None}
    with opened(connection, write=False) as driver, reading(driver):
        rows = {
            name: find_table(driver, name, table).rows() for name, table in (given | extra).items()
        }
        polls, span = _read_polls(driver, status, instant, chosen, policy)
    return _inputs(polls, span, rows)


def _read_polls(
    driver: Driver,
    status: str,
    now: dt.datetime | None,
    windows: Mapping[str, Window],
    policy: Policy,
) -> tuple[pl.DataFrame, tuple[int, int] | None]:
    """Return the polls, some more than those that matter, and the span in which they matter."""
    table = find_table(driver, "status", status)
    polls = find_polls(table)
    last = polls.last() if now is None else microseconds(now)
    if last is None:
        return table.rows(), None
    lo = _earliest(windows, from_microseconds(last), policy)
    return polls.between(lo, last), (lo, last)


def _earliest(windows: Mapping[str, Window], now: dt.datetime, policy: Policy) -> int:
    """Return the instant before which no poll can matter, in microseconds since 1970 UTC."""
    return min(window.start_us(now) for window in windows.values()) - policy.lookback_us


def _inputs(
    polls: pl.DataFrame, span: tuple[int, int] | None, rows: dict[str, pl.DataFrame]
) -> Inputs:
    """Check the tables and return them in the form that `Inputs` promises."""
    tables = read_tables(polls, rows.pop("hours"), rows.pop("timezones"))
    found = tables.polls.between(*span) if span else tables.polls.between(0, 0)
    timely = found.rows if found.timely is None else found.rows.filter(found.timely)
    status = timely.select(
        "store_id", pl.col("t").cast(pl.Datetime("us", "UTC")).alias("timestamp_utc"), status="up"
    )
    hours = tables.hours.select(
        "store_id",
        day_of_week="day",
        start_time_local=pl.col("start").cast(pl.Duration("us")),
        end_time_local=pl.col("end").cast(pl.Duration("us")),
    )
    timezones = tables.timezones.rename({"zone": "timezone_str"})
    return Inputs(status.collect(), hours, timezones, extra=rows)


def write_sql(
    report: Any,
    connection: Any,
    table: str = "store_uptime_report",
    *,
    run_id: str | None = None,
    if_exists: str = "append",
) -> str:
    """Write a report."""
    rows = ReportRows(report, run_id)
    check_if_exists(if_exists)
    with opened(connection, write=True) as driver, writing(driver):
        write_rows(driver, rows, table, if_exists)
    return rows.run_id
