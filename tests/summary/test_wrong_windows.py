"""A report that is read with other windows than its own has more time than there is."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from dateutil.relativedelta import relativedelta

from store_uptime import (
    DEFAULT_WINDOWS,
    CalendarWindow,
    Policy,
    SchemaError,
    Window,
    compute_history,
    compute_report,
    summarize,
)
from store_uptime.windows import Unit
from support.five_stores import PLAIN, REPORT
from support.frames import UNIT_US, frames
from support.oracle import Store
from support.wall_clock import at, instant

NOW = at("2023-11-06T06:00")  # midnight in Chicago, where Sunday had 25 hours
ALWAYS_UP = frames([Store(1, "America/Chicago", polls=((NOW, True),))])
EVERYTHING = Policy(max_gap=None)


def units_of(window: Any) -> list[Unit]:
    """Return the units that are longer than the window's own."""
    return [unit for unit, length in UNIT_US.items() if length > UNIT_US[window.unit]]


WINDOWS: dict[str, Any] = {
    **DEFAULT_WINDOWS,
    "month": Window(relativedelta(months=1), "seconds"),
    "yesterday": CalendarWindow("day", unit="minutes"),
    "last_month": CalendarWindow("month"),
    "year": CalendarWindow("year", -3, "hours"),
}


@pytest.mark.parametrize("detail", [False, True])
@pytest.mark.parametrize("name", WINDOWS)
def test_a_unit_that_is_too_long_is_refused_where_the_store_is_known(
    name: str, *, detail: bool
) -> None:
    windows = {name: WINDOWS[name]}
    report = compute_report(
        *ALWAYS_UP, instant(NOW), windows=windows, policy=EVERYTHING, detail=detail
    )
    assert summarize(report, windows=windows)["availability"].item() == 1
    for unit in units_of(WINDOWS[name]):
        with pytest.raises(SchemaError, match="the longest that the window can be") as caught:
            summarize(report, windows={name: replace(WINDOWS[name], unit=unit)})
        assert caught.value.code == "longer_than_window"
        assert (caught.value.table, caught.value.column) == ("report", f"uptime_{name}")


def test_minutes_turned_into_seconds_behind_its_back_are_refused() -> None:
    report = compute_report(*ALWAYS_UP, instant(NOW), policy=EVERYTHING)
    seconds = report.with_columns(pl.col("uptime_last_hour") * 60)
    with pytest.raises(SchemaError) as caught:
        summarize(seconds)
    assert str(caught.value) == (
        "report.uptime_last_hour: together with downtime_last_hour above 60 minutes, the longest "
        "that the window can be, in 1 row (first: 3600.0). "
        "Give the windows, and their units, with which the report was computed."
    )


def test_all_parts_of_the_open_time_count() -> None:
    # Store 2 has 10 + 10 + 160 minutes.
    three_hours = {"day": Window(dt.timedelta(hours=3), "minutes")}
    assert summarize(REPORT, windows=three_hours)["scheduled"].item() > 0
    less = {"day": Window(dt.timedelta(minutes=179, seconds=59), "minutes")}
    with pytest.raises(SchemaError, match=r"downtime_day and unknown_day above 179.98333"):
        summarize(REPORT, windows=less)
    # Without `unknown_*`, store 1 has 180, and without that column, store 3 has 100.
    with pytest.raises(SchemaError, match=r"with downtime_day above 100 minutes.* in 1 row "):
        summarize(PLAIN, windows={"day": Window(dt.timedelta(minutes=100), "minutes")})


def test_one_instant_of_a_history_is_enough() -> None:
    at_both = [instant(at("2023-11-05T07:00")), instant(NOW)]
    history = compute_history(*ALWAYS_UP, at_both, policy=EVERYTHING)
    with pytest.raises(SchemaError, match="in 1 row "):
        summarize(history, windows={"last_hour": Window(dt.timedelta(hours=1), "hours")})


def test_days_of_25_hours_and_reports_with_four_decimals_are_right() -> None:
    windows: dict[str, Any] = {"yesterday": CalendarWindow("day")}
    report = compute_report(*ALWAYS_UP, instant(NOW), windows=windows, policy=EVERYTHING)
    assert report["uptime_yesterday"].item() == 25
    assert summarize(report, windows=windows)["uptime"].item() == 25
    # 59.99995 + 0.00005 minutes, each rounded up.
    rounded = pl.DataFrame(
        {"store_id": [1], "uptime_last_hour": [60.0], "downtime_last_hour": [0.0001]}
    )
    hour = {"last_hour": DEFAULT_WINDOWS["last_hour"]}
    assert summarize(rounded, windows=hour)["stores"].item() == 1


def test_the_opposite_mistake_only_looks_like_little_known_time() -> None:
    hours = {"week": Window(dt.timedelta(days=7), "hours")}
    report = compute_report(*ALWAYS_UP, instant(NOW), windows=hours, policy=EVERYTHING)
    minutes = {"week": Window(dt.timedelta(days=7), "minutes")}
    assert summarize(report, windows=minutes)["uptime"].item() == 168
