"""Mistakes that type checkers find: each on the line that says so, and no other. Never run."""

# ruff: noqa: F401, F841, I001, RUF059

from datetime import UTC, date, datetime, timedelta

import polars as pl

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
    every,
    load_csv,
    load_parquet,
    load_sql,
    summarize,
    write_sql,
)
from store_uptime import compute_reprot  # wrong: no such name

NOW = datetime(2023, 1, 25, 18, tzinfo=UTC)
DAY = timedelta(days=1)

Policy(interpolation="closest")  # wrong: an unknown word
Policy(evidence="closed")  # wrong: an unknown word
Policy(missing_days=None)  # wrong: no word
Policy(max_gap=3600)  # wrong: a number
Policy(lookback=1)  # wrong: no length
Policy(backfill="no")  # wrong: not a bool
Policy(default_time_zone="Etc/UTC")  # wrong: no such option
Policy().backfill = False  # wrong: frozen

Window(DAY, "weeks")  # wrong: an unknown unit
Window(24)  # wrong: a number
every(24, start=NOW, end=NOW)  # wrong: a number
every("1d", NOW, NOW)  # wrong: keyword only
Policy.for_changes(max_gap=24)  # wrong: a number
Policy.for_changes(maxgap=None)  # wrong: no such option
Window()  # wrong: no length
CalendarWindow("fortnight")  # wrong: an unknown period
CalendarWindow("month", -0.5)  # wrong: no whole number
CalendarWindow("week", week_start="sun")  # wrong: an unknown weekday
CalendarWindow("year", first_month="april")  # wrong: no number
DEFAULT_WINDOWS["last_day"] = Window(DAY)  # wrong: read-only


def report(status: pl.DataFrame, hours: pl.DataFrame, zones: pl.DataFrame) -> None:
    compute_report(status, zones, hours, hours)  # wrong: hours as now
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
    summarize(inputs.status, target="99 %")  # wrong: a string


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
    inputs.extra["maintenance"] = inputs.status  # wrong: read-only
    inputs.status = pl.DataFrame()  # wrong: read-only
    status, hours = inputs  # wrong: three tables
