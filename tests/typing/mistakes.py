"""Mistakes that type checkers find: each on the line that says so, and no other. Never run."""

# ruff: noqa: F401, F841, I001, RUF059

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import polars as pl
import psycopg
import sqlalchemy as sa
import sqlalchemy.ext.asyncio as sa_async
import sqlalchemy.orm

import store_uptime.spark

from store_uptime import (
    DEFAULT_WINDOWS,
    CalendarWindow,
    Inputs,
    Policy,
    Window,
    compute_history,
    compute_outages,
    compute_report,
    compute_timeline,
    describe_polls,
    every,
    fit_outage_rates,
    load_csv,
    load_parquet,
    load_sql,
    summarize,
    summarize_outages,
    tidy,
    write_sql,
)
from store_uptime.testing import (
    assert_report_equal,
    assert_report_valid,
    polls,
    st_inputs,
    st_polls,
)
from store_uptime import compute_reprot  # wrong: no such name

NOW = datetime(2023, 1, 25, 18, tzinfo=UTC)
DAY = timedelta(days=1)

Policy(interpolation="closest")  # wrong: an unknown word
Policy(evidence="closed")  # wrong: an unknown word
Policy(missing_days=None)  # wrong: no word
Policy(max_gap=3600)  # wrong: a number
Policy(max_gap=True)  # wrong: a bool for a length
Policy(max_gap=date(2023, 1, 25))  # wrong: a date for a length
Policy(lookback=1)  # wrong: no length
Policy(backfill="no")  # wrong: not a bool
Policy(default_time_zone="Etc/UTC")  # wrong: no such option
Policy().backfill = False  # wrong: frozen

Window(DAY, "weeks")  # wrong: an unknown unit
Window(24)  # wrong: a number
Window(True)  # wrong: a bool for a length
Window("7d", unit="day")  # wrong: an unknown unit
every(24, start=NOW, end=NOW)  # wrong: a number
every("1d", NOW, NOW)  # wrong: keyword only
Policy.for_changes(max_gap=24)  # wrong: a number
Policy.for_changes(maxgap=None)  # wrong: no such option
Window()  # wrong: no length
Window("7d").unit = "days"  # wrong: frozen
CalendarWindow("fortnight")  # wrong: an unknown period
CalendarWindow("month", -0.5)  # wrong: no whole number
CalendarWindow("week", week_start="sun")  # wrong: an unknown weekday
CalendarWindow("year", first_month="april")  # wrong: no number
DEFAULT_WINDOWS["last_day"] = Window(DAY)  # wrong: read-only


def report(status: pl.DataFrame, hours: pl.DataFrame, zones: pl.DataFrame) -> None:
    compute_report(status, zones, hours, hours)  # wrong: hours as now
    compute_report(NOW, status, hours, zones)  # wrong: now before the tables
    compute_report(status, hours, NOW)  # wrong: now in the place of the zones
    compute_report(status, now=zones)  # wrong: a table as now
    compute_report("polls.csv")  # wrong: a path
    compute_report(Path("polls.csv"))  # wrong: a path
    compute_report([{"store_id": 7}])  # wrong: a list of dicts
    compute_report({"store_id": [7]})  # wrong: a dict
    compute_report([status, hours, zones])  # wrong: a list of tables
    compute_report((status, hours, zones))  # wrong: a tuple of tables
    compute_report(None, hours, zones)  # wrong: no polls
    compute_report()  # wrong: no polls
    compute_report(pl.DataFrame)  # wrong: a class
    compute_report(status.columns)  # wrong: names of columns
    compute_report(status, "hours.csv")  # wrong: a path
    compute_report(status, hours, [("America/Chicago",)])  # wrong: a list
    compute_report(status, False)  # wrong: None says that there is no table
    compute_report(status, special_hours={"date": "2023-12-25"})  # wrong: a dict
    compute_report(status, maintenance=[NOW, NOW])  # wrong: a list
    compute_report(status, maintenance_hours="hours.csv")  # wrong: a path
    compute_report(status, hour=hours)  # wrong: misspelt
    compute_report(status, polices=Policy())  # wrong: misspelt
    compute_report(status, windows="7d")  # wrong: a length alone
    compute_report(status, windows={"week": "7d"})  # wrong: no window
    compute_report(status, windows={7: Window(DAY)})  # wrong: a number as a name
    compute_report(status, policy="previous")  # wrong: a word
    compute_report(status, policy=Policy)  # wrong: a class
    compute_report(status, uncertainty="yes")  # wrong: not a bool
    compute_report(status, uncertainty=True, rates={"rate": [1.0]})  # wrong: a dict
    compute_report(status, uncertainty=True, rates="rates.parquet")  # wrong: a path
    fit_outage_rates(status, windows=DEFAULT_WINDOWS)  # wrong: no such option
    compute_report(status, progress=lambda: None)  # wrong: takes no numbers
    compute_report(status, hours, zones, date(2023, 1, 25))  # wrong: a date as now
    compute_report(status, hours, zones, 1674669600)  # wrong: a number as now
    compute_report(status, hours, zones, NOW, DEFAULT_WINDOWS)  # wrong: keyword only
    compute_report(status, hours, zones, NOW, windows=[Window(DAY)])  # wrong: a list
    compute_report(status, hours, zones, NOW, windows={"day": DAY})  # wrong: no window
    compute_report(status, hours, zones, NOW, policy={"backfill": False})  # wrong: a dict
    compute_report(status, hours, zones, NOW, detail="all")  # wrong: not a bool
    compute_report(status, hours, zones, NOW, batch_stores=0.5)  # wrong: no whole number
    compute_report(status, hours, zones, NOW, progress=True)  # wrong: cannot be called
    compute_report(status, hours, zones, NOW, holidays=hours)  # wrong: no such table
    found: dict[str, float] = compute_report(status, hours, zones, NOW)  # wrong: a frame


def others(inputs: Inputs) -> None:
    compute_history(*inputs, NOW)  # wrong: one instant, not many
    compute_history(*inputs, [date(2023, 1, 25)])  # wrong: a date
    compute_timeline(*inputs, NOW, start=DAY)  # wrong: a length as start
    compute_outages(*inputs, NOW, detail=True)  # wrong: no such option
    compute_timeline(inputs.status, start=inputs.hours)  # wrong: a table as start
    compute_outages("polls.csv")  # wrong: a path
    describe_polls([inputs.status])  # wrong: a list
    compute_history({"store_id": [7]}, at=[NOW])  # wrong: a dict
    summarize(inputs.status, target="99 %")  # wrong: a string
    summarize(inputs)  # wrong: no report
    summarize("report.csv")  # wrong: a path
    summarize(inputs.status, by=["region", 7])  # wrong: a number as a name
    summarize(inputs.status, {"store_id": [7]})  # wrong: a dict
    summarize_outages([inputs.status])  # wrong: a list
    summarize_outages(inputs.status, Path("regions.csv"))  # wrong: a path
    tidy("report.csv")  # wrong: a path
    tidy(inputs.status, DEFAULT_WINDOWS)  # wrong: keyword only
    polls(["7 Mon 10:14 up"])  # wrong: a list of lines
    assert_report_valid(inputs)  # wrong: no report
    assert_report_equal(inputs.status, [7])  # wrong: a list
    assert_report_equal(inputs.status, inputs.hours, tolerance=1)  # wrong: a number
    st_polls(7)  # wrong: an id, not a list of ids
    st_polls([1.5])  # wrong: floats
    st_inputs(now=1)  # wrong: a number
    st_inputs(extra=["holidays"])  # wrong: no such table
    store_uptime.spark.compute_report(inputs.status)  # wrong: no frame of Spark's
    store_uptime.spark.report_from_timeline(inputs.status)  # wrong: no frame of Spark's


def asynchronous(
    engine: sa_async.AsyncEngine,
    connection: sa_async.AsyncConnection,
    session: sa_async.AsyncSession,
    raw: psycopg.AsyncConnection[tuple[object, ...]],
) -> None:
    load_sql(engine)  # wrong: asynchronous
    load_sql(connection)  # wrong: asynchronous
    load_sql(session)  # wrong: asynchronous
    load_sql(raw)  # wrong: asynchronous
    write_sql(pl.DataFrame(), engine)  # wrong: asynchronous


def of_pandas(status: pd.DataFrame) -> None:
    compute_report(status.to_dict())  # wrong: a dict
    compute_report(status, now=status)  # wrong: a table as now
    compute_report(status.itertuples())  # wrong: an iterator of rows
    compute_report(status, batch_stores="all")  # wrong: a word


def loaders(inputs: Inputs) -> None:
    load_csv(inputs)  # wrong: no path
    load_csv("folder", lenient=True)  # wrong: no such option
    load_csv("folder", strict="no")  # wrong: not a bool
    load_csv("folder", hours=["a.csv", "b.csv"])  # wrong: only polls may be several files
    load_csv("folder", maintenance_hours=["a.csv"])  # wrong: so may only they
    load_csv("folder", status=False)  # wrong: there must be polls
    load_csv("folder", hours=True)  # wrong: False alone has a meaning
    load_parquet("folder", strict=False)  # wrong: no such option
    load_sql("sqlite:///shop.db", status=inputs.status)  # wrong: a frame as the name of a table
    write_sql(inputs.status, "sqlite:///shop.db", if_exists="overwrite")  # wrong: an unknown word
    load_csv("folder", status=inputs.status)  # wrong: a table, not a file
    load_csv("folder", status=[inputs.status])  # wrong: a list of tables
    load_parquet(7)  # wrong: no path
    load_sql(7)  # wrong: no connection
    load_sql(None)  # wrong: no connection
    load_sql(Path("shop.db"))  # wrong: a path, not a URI
    load_sql(inputs)  # wrong: no connection
    load_sql(sqlite3)  # wrong: a module
    load_sql(sqlalchemy.orm.sessionmaker())  # wrong: makes sessions, is none
    load_sql(sa.Engine)  # wrong: a class
    load_sql({"host": "localhost"})  # wrong: a dict
    load_sql("sqlite:///shop.db", status=None)  # wrong: there must be polls
    load_sql("sqlite:///shop.db", hours=True)  # wrong: False alone has a meaning
    write_sql("sqlite:///shop.db", inputs.status)  # wrong: the report comes first
    write_sql(inputs.status, sqlite3.connect("a.db"), 7)  # wrong: a number as a name
    write_sql(inputs.status, "sqlite:///shop.db", run_id=7)  # wrong: a number
    Inputs(inputs.status, inputs.hours)  # wrong: three tables
    Inputs("polls.csv", inputs.hours, inputs.timezones)  # wrong: a path
    Inputs(*inputs, extra=[inputs.status])  # wrong: a list
    inputs.extra["maintenance"] = inputs.status  # wrong: read-only
    inputs.status = pl.DataFrame()  # wrong: read-only
    status, hours = inputs  # wrong: three tables
