"""Summaries of reports and of histories, worked by hand; groups by name and by table."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import (
    Window,
    compute_report,
    summarize,
)
from support.five_stores import GROUPS, PLAIN, REPORT, TIMES, day
from support.frames import UNIT_US

# 1e9 minutes are 694,445 days.
AGES = {"day": Window(dt.timedelta(days=700_000), "minutes")}


def only(frame: pl.DataFrame) -> dict[str, Any]:
    return frame.row(0, named=True)


# --- worked by hand ------------------------------------------------------------------------------


def test_all_stores_together() -> None:
    assert only(day()) == {
        "window": "day",
        "unit": "minutes",
        "stores": 5,
        "stores_unknown": 2,  # 4 was not polled, 5 is closed
        "stores_closed": 1,  # 5
        "stores_below_target": 1,  # 2; store 3 has 99 / 100, which is the target
        "uptime": 289.0,  # 180 + 10 + 99
        "downtime": 11.0,  # 10 + 1
        "unknown": 240.0,  # 160 + 20 + 60
        "scheduled": 540.0,  # 289 + 11 + 240
        "availability": 289 / 300,
        "availability_percent": 96.333,  # 96.333...
        "availability_mean": 0.83,  # (1 + 0.5 + 0.99) / 3
        "error_budget_used": 11 / 300 / 0.01,  # three of 300 minutes were allowed
    }
    assert day()["error_budget_used"].item() == pytest.approx(11 / 3)


def test_the_columns_and_their_types_do_not_depend_on_the_details() -> None:
    schema = {
        "region": pl.String,
        "window": pl.Enum(["day"]),
        "unit": pl.String,
        "stores": pl.UInt32,
        "stores_unknown": pl.UInt32,
        "stores_closed": pl.UInt32,
        "stores_below_target": pl.UInt32,
        "uptime": pl.Float64,
        "downtime": pl.Float64,
        "unknown": pl.Float64,
        "scheduled": pl.Float64,
        "availability": pl.Float64,
        "availability_percent": pl.Float64,
        "availability_mean": pl.Float64,
        "error_budget_used": pl.Float64,
    }
    for report in (REPORT, PLAIN, REPORT.clear(), PLAIN.clear()):
        assert day(report, "region").schema == schema


def test_without_details_unknown_time_and_closed_stores_are_null() -> None:
    null = ["stores_closed", "unknown", "scheduled"]
    plain = day(PLAIN, "region")
    assert plain.select(null).null_count().row(0) == (3, 3, 3)
    assert_frame_equal(plain.drop(null), day(by="region").drop(null))


def test_groups_are_sorted_and_the_group_null_is_last() -> None:
    summary = day(by="region")
    columns = ["region", "stores", "stores_unknown", "stores_closed", "uptime", "downtime"]
    assert summary.select(columns).rows() == [
        ("north", 2, 0, 0, 190.0, 10.0),
        ("south", 2, 1, 0, 99.0, 1.0),
        (None, 1, 1, 1, 0.0, 0.0),
    ]
    shares = ["availability", "availability_percent", "availability_mean", "error_budget_used"]
    assert summary.select(shares).rows() == [
        (0.95, 95.0, 0.75, 5.0),  # 190 / 200; (1 + 0.5) / 2; 10 of 0.01 * 200
        (0.99, 99.0, 0.99, 1.0),  # the budget is used up, to the minute
        (None, None, None, None),
    ]


def test_several_columns_make_groups_together_in_the_order_given() -> None:
    summary = day(by=["brand", "region"])
    assert summary.columns[:3] == ["brand", "region", "window"]
    assert summary.select("brand", "region", "stores").rows() == [
        ("x", "north", 1),
        ("x", "south", 2),
        ("x", None, 1),
        ("y", "north", 1),
    ]
    assert_frame_equal(day(by=("brand", "region")), summary)


def test_a_name_given_twice_counts_once_and_no_name_is_no_group() -> None:
    assert_frame_equal(day(by=["brand", "region", "brand"]), day(by=["brand", "region"]))
    assert_frame_equal(day(by=[]), day())


@pytest.mark.parametrize(
    ("groups", "in_order"),
    [
        (pl.Series([True, False, True, None, None]), [False, True, None]),
        (pl.Series([2.5, -0.0, 0.0, 2.5, math.inf]), [0.0, 2.5, math.inf]),
        (pl.Series([dt.date(2023, 1, 1), None, None, None, None]), [dt.date(2023, 1, 1), None]),
        (pl.Series(list("bcbca"), dtype=pl.Enum(["c", "b", "a"])), ["c", "b", "a"]),
        (pl.Series(list("bcbca"), dtype=pl.Categorical), ["a", "b", "c"]),
        (pl.Series([None] * 5, dtype=pl.Null), [None]),
    ],
    ids=["bool", "float", "date", "enum", "categorical", "null"],
)
def test_groups_may_be_of_any_plain_type(groups: pl.Series, in_order: list[Any]) -> None:
    named = PLAIN.with_columns(groups.alias("group"))
    summary = day(named, "group")
    assert summary["group"].to_list() == in_order
    assert summary.schema["group"] == groups.dtype
    assert_frame_equal(day(TIMES, named.select("store_id", "group")), summary)


def test_each_window_has_a_row_in_the_order_given_and_in_its_own_unit() -> None:
    windows = {
        "week": Window(dt.timedelta(days=7), "hours"),
        "day": Window(dt.timedelta(days=1), "minutes"),
    }
    week = REPORT.with_columns(
        uptime_week=pl.lit(1.5), downtime_week=pl.lit(0.0), unknown_week=pl.lit(0.25)
    )
    summary = summarize(week, "brand", windows=windows)
    columns = ["brand", "window", "unit", "stores", "uptime", "unknown"]
    assert summary.select(columns).rows() == [
        ("x", "week", "hours", 4, 6.0, 1.0),
        ("x", "day", "minutes", 4, 279.0, 80.0),
        ("y", "week", "hours", 1, 1.5, 0.25),
        ("y", "day", "minutes", 1, 10.0, 160.0),
    ]
    # Details of one window alone are of no use to another.
    mixed = summarize(week.drop("unknown_week"), windows=windows)
    assert mixed["unknown"].to_list() == [None, 240.0]


def test_the_default_windows_are_those_of_the_report() -> None:
    polls = pl.DataFrame(
        {
            "store_id": [7, 7],
            "timestamp_utc": ["2023-01-23 10:14:00 UTC", "2023-01-23 11:15:00 UTC"],
            "status": ["active", "inactive"],
        }
    )
    hours = pl.DataFrame(
        {
            "store_id": [7],
            "day_of_week": [0],
            "start_time_local": ["09:00"],
            "end_time_local": ["12:00"],
        }
    )
    zones = pl.DataFrame({"store_id": [7], "timezone_str": ["Etc/UTC"]})
    report = compute_report(polls, hours, zones, "2023-01-23T12:00:00Z")
    # Up 09:00 to 10:44:30, then down; the hour is down throughout.
    assert summarize(report).select("window", "unit", "uptime", "downtime").rows() == [
        ("last_hour", "minutes", 0.0, 60.0),
        ("last_day", "hours", 104.5 / 60, 75.5 / 60),
        ("last_week", "hours", 104.5 / 60, 75.5 / 60),
    ]


def test_a_report_without_stores() -> None:
    row = only(day(REPORT.clear()))
    assert (row["stores"], row["uptime"], row["scheduled"]) == (0, 0.0, 0.0)
    assert (row["availability"], row["availability_mean"]) == (None, None)
    assert day(REPORT.clear(), "region").is_empty()


@pytest.mark.parametrize(
    ("down", "used"),
    [(0.0, 0.0), (1.0, math.inf)],
)
def test_a_target_of_one_allows_nothing(down: float, used: float) -> None:
    report = pl.DataFrame({"store_id": [1], "uptime_day": [9.0], "downtime_day": [down]})
    row = only(day(report, target=1))
    assert row["error_budget_used"] == used
    assert row["stores_below_target"] == (down > 0)


@pytest.mark.parametrize(
    ("up", "down", "target", "below"),
    [
        # 0.07 of 100 minutes are 7; as floats, 0.07 * 100 = 7.000000000000001.
        (7.0, 93.0, 0.07, 0),
        (99.9, 0.1, 0.999, 0),
        (0.29, 0.71, 0.29, 0),
        # One microsecond of a day of 1440 minutes.
        (1440 * 0.99, 1440 * 0.01, 0.99, 0),
        (1440 * 0.99 - 1e-6 / 60, 1440 * 0.01 + 1e-6 / 60, 0.99, 1),
        (1440 * 0.99 + 1e-6 / 60, 1440 * 0.01 - 1e-6 / 60, 0.99, 0),
        # 18 decimals, and a target that is the float below one.
        (99.0, 1.0, 0.012345678901234567, 0),
        (1.0, 0.0, 0.9999999999999999, 0),
        (1e9, 1e-6 / 60, 0.9999999999999999, 0),
        (1e7, 1e-6 / 60, 0.9999999999999999, 1),
    ],
)
def test_below_the_target_is_exact(up: float, down: float, target: float, below: int) -> None:
    report = pl.DataFrame({"store_id": [1], "uptime_day": [up], "downtime_day": [down]})
    summary = summarize(report, windows=AGES, target=target)
    assert summary["stores_below_target"].item() == below


def test_percentages_are_rounded_down() -> None:
    cases = {
        # 99.9995 would become 100.
        (199_999.0, 1.0): 99.999,
        (99_999_999.0, 1.0): 99.999,
        (100_000_000.0, 0.0): 100.0,
        # 66.666..., 57.0 exactly; 0.57 * 100 as floats is 56.99999999999999.
        (2.0, 1.0): 66.666,
        (57.0, 43.0): 57.0,
        (1.0, 100_000_000.0): 0.0,
        (0.0, 1.0): 0.0,
    }
    report = pl.DataFrame(
        [(place, *times) for place, times in enumerate(cases)],
        schema=["store_id", "uptime_day", "downtime_day"],
        orient="row",
    )
    summary = summarize(report, "store_id", windows=AGES)
    assert summary["availability_percent"].to_list() == list(cases.values())


def test_a_share_is_never_one_while_there_is_downtime() -> None:
    # 5000 stores with 36,500 days each: 1.6e19 microseconds, beyond Int64. The nearest float of
    # 1 - 1 / 1.6e19 is 1.
    stores = 5000
    report = pl.DataFrame(
        {
            "store_id": range(stores),
            "uptime_w": [36_500.0] * stores,
            "downtime_w": [1 / UNIT_US["days"]] + [0.0] * (stores - 1),
        }
    )
    row = only(summarize(report, windows={"w": Window(dt.timedelta(days=36_501), "days")}))
    assert row["uptime"] == stores * 36_500
    assert row["availability"] == row["availability_mean"] == math.nextafter(1, 0)
    assert row["availability_percent"] == 99.999
    assert 0 < row["error_budget_used"] < 1e-16


# --- a table of groups ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        lambda frame: frame,
        lambda frame: frame.lazy(),
        lambda frame: frame.to_arrow(),
        lambda frame: (
            frame.reverse().select(reversed(frame.columns)).select("region", "brand", "store_id")
        ),
        lambda frame: frame.with_columns(pl.col("store_id").cast(pl.UInt8)),
    ],
    ids=["eager", "lazy", "arrow", "order", "type"],
)
def test_a_table_of_groups_is_joined(form: Callable[[pl.DataFrame], Any]) -> None:
    assert_frame_equal(day(TIMES, form(GROUPS)), day(PLAIN, ["region", "brand"]))


@pytest.mark.parametrize(
    "form",
    [
        lambda frame: frame.lazy(),
        lambda frame: frame.to_arrow(),
        lambda frame: frame.to_arrow().to_reader(),
        lambda frame: duckdb.from_arrow(frame.to_arrow()),
        lambda frame: pd.DataFrame(frame.to_dict(as_series=False)),
        lambda frame: frame.select(reversed(frame.columns)),
        lambda frame: frame.reverse(),
    ],
    ids=["lazy", "arrow", "stream", "duckdb", "pandas", "columns", "rows"],
)
def test_a_report_in_any_container(form: Callable[[pl.DataFrame], Any]) -> None:
    assert_frame_equal(day(form(REPORT), "brand"), day(by="brand"))
    assert_frame_equal(day(form(REPORT)), day())


def test_the_callers_frames_are_not_changed() -> None:
    report, groups = REPORT.clone(), GROUPS.clone()
    day(report, groups)
    assert_frame_equal(report, REPORT)
    assert_frame_equal(groups, GROUPS)


def test_a_store_without_a_group_is_in_the_group_null() -> None:
    groups = GROUPS.select("store_id", "region").filter(pl.col("store_id") != 1)
    assert day(TIMES, groups).select("region", "stores", "uptime").rows() == [
        ("north", 1, 10.0),
        ("south", 2, 99.0),
        (None, 2, 180.0),  # 1, which is not named, and 5, which is named with a null
    ]


@pytest.mark.parametrize("stranger", [99, 2**40, -(2**63)])
def test_a_group_of_stores_that_are_not_in_the_report_is_not_there(stranger: int) -> None:
    # Even where the type of the report's ids cannot hold the stranger's.
    more = pl.DataFrame({"store_id": [stranger], "region": ["east"], "brand": ["x"]})
    small = TIMES.with_columns(pl.col("store_id").cast(pl.UInt8))
    found = day(small, pl.concat([GROUPS, more]))
    assert_frame_equal(found, day(PLAIN, ["region", "brand"]))


def test_ids_may_be_strings_however_they_are_stored() -> None:
    text = pl.col("store_id").cast(pl.String)
    report = TIMES.with_columns(text.cast(pl.Categorical))
    assert_frame_equal(day(report, GROUPS.with_columns(text)), day(TIMES, GROUPS))
    assert day(report, "store_id").schema["store_id"] == pl.String


# --- histories -----------------------------------------------------------------------------------


def test_the_reports_of_a_history_are_summed_up_one_by_one() -> None:
    instants = [dt.datetime(2023, 1, day, tzinfo=dt.UTC) for day in (23, 24)]
    later = REPORT.with_columns(uptime_day=pl.col("uptime_day") + 1)
    history = pl.concat(
        report.select(pl.lit(now).alias("now"), pl.all())
        for now, report in zip(instants, (REPORT, later), strict=True)
    )
    whole = day(history.reverse())
    assert whole.columns[:2] == ["now", "window"]
    assert whole.select("now", "stores", "uptime").rows() == [
        (instants[0], 5, 289.0),
        (instants[1], 5, 294.0),
    ]
    for now, report in zip(instants, (REPORT, later), strict=True):
        for by in (None, "region", GROUPS):
            alone = day(history.drop("region", "brand") if by is GROUPS else history, by)
            expected = day(report.drop("region", "brand") if by is GROUPS else report, by)
            assert alone.columns[0] == "now"
            assert_frame_equal(alone.filter(pl.col("now") == now).drop("now"), expected)
    assert_frame_equal(day(history, "now"), whole)
    assert_frame_equal(day(history, ["region", "now"]), day(history, "region"))
