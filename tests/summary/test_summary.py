"""Summaries: worked by hand, held to sums of fractions, and to the laws that sums obey."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from store_uptime import (
    Policy,
    PolicyError,
    SchemaError,
    StoreUptimeError,
    Window,
    compute_report,
    summarize,
)
from support.frames import UNIT_US, Unit, totals_of, windows_of
from support.strategies import Scenario, examples, scenarios

DAY = {"day": Window(dt.timedelta(days=1), "minutes")}
REPORT = pl.DataFrame(
    {
        "store_id": [1, 2, 3, 4, 5],
        "region": ["north", "north", "south", "south", None],
        "brand": ["x", "y", "x", "x", "x"],
        "uptime_day": [180.0, 10.0, 99.0, 0.0, 0.0],
        "downtime_day": [0.0, 10.0, 1.0, 0.0, 0.0],
        "unknown_day": [0.0, 160.0, 20.0, 60.0, 0.0],
    }
)
PLAIN = REPORT.drop("unknown_day")


def day(report: Any = REPORT, by: Any = None, **options: Any) -> pl.DataFrame:
    return summarize(report, by, windows=DAY, **options)


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
    assert day(report, target=target)["stores_below_target"].item() == below


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
    assert day(report, "store_id")["availability_percent"].to_list() == list(cases.values())


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

GROUPS = PLAIN.select("store_id", "region", "brand")
TIMES = PLAIN.drop("region", "brand")


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


# --- an oracle of fractions ----------------------------------------------------------------------


@dataclass(frozen=True)
class Times:
    """One store in one window, in microseconds."""

    up: int
    down: int
    unknown: int

    @property
    def known(self) -> int:
        return self.up + self.down


YEAR = 365 * UNIT_US["days"]
amounts = st.sampled_from((0, 0, 1, 99, 7 * UNIT_US["days"], 10 * YEAR)) | st.integers(0, YEAR)
# Parts of a hundred: stores that lie exactly at a target.
even = st.builds(
    lambda size, share: Times(size * share, size * (100 - share), 0),
    st.integers(1, 10**9),
    st.sampled_from((1, 50, 99, 100)),
)
times = st.builds(Times, amounts, amounts, amounts) | even
regions = st.sampled_from(("a", "b", None))
TARGETS = (0.99, 0.5, 0.01, 1.0, 1, 0.999, 0.07, 0.3333333333333333)
SIZES: Sequence[tuple[str, Unit]] = (("hour", "minutes"), ("day", "days"), ("odd", "seconds"))
WINDOWS = {name: Window(dt.timedelta(days=1), unit) for name, unit in SIZES}

Store = tuple[str | None, tuple[Times, Times, Times]]
stores_drawn = st.lists(st.tuples(regions, st.tuples(times, times, times)), max_size=8)


def report_of(stores: Sequence[Store], *, detail: bool = True) -> pl.DataFrame:
    """Write the stores down as a report does: each time is the float nearest to it."""
    columns: dict[str, Any] = {
        "store_id": pl.Series(range(len(stores)), dtype=pl.Int64),
        "region": pl.Series([region for region, _ in stores], dtype=pl.String),
    }
    for place, (name, unit) in enumerate(SIZES):
        for part, field in (("uptime", "up"), ("downtime", "down"), ("unknown", "unknown")):
            if detail or part != "unknown":
                values = [getattr(windows[place], field) / UNIT_US[unit] for _, windows in stores]
                columns[f"{part}_{name}"] = pl.Series(values, dtype=pl.Float64)
    return pl.DataFrame(columns)


def check_row(row: dict[str, Any], group: Sequence[Times], unit: Unit, target: float) -> None:
    """Hold one row of a summary to sums of integers and fractions."""
    micros, goal = UNIT_US[unit], Fraction(str(target))
    known = [each for each in group if each.known]
    up, down = sum(each.up for each in group), sum(each.down for each in group)
    unknown = sum(each.unknown for each in group)
    assert row["unit"] == unit
    assert row["stores"] == len(group)
    assert row["stores_unknown"] == len(group) - len(known)
    assert row["stores_closed"] == sum(not each.known + each.unknown for each in group)
    below = [each for each in known if Fraction(each.up, each.known) < goal]
    assert row["stores_below_target"] == len(below)
    assert row["uptime"] == up / micros
    assert row["downtime"] == down / micros
    assert row["unknown"] == unknown / micros
    assert row["scheduled"] == (up + down + unknown) / micros
    if not known:
        shares = ("availability", "availability_percent", "availability_mean")
        assert all(row[name] is None for name in (*shares, "error_budget_used"))
        return
    share = Fraction(up, up + down)
    assert row["availability"] == up / (up + down)
    assert row["availability_percent"] == math.floor(share * 100_000) / 1000
    mean = sum((Fraction(each.up, each.known) for each in known), Fraction(0)) / len(known)
    assert abs(Fraction(row["availability_mean"]) - mean) <= Fraction(1, 2**53) + Fraction(1, 2**90)
    for name, whole in (("", 1), ("_percent", 100), ("_mean", 1)):
        assert (row[f"availability{name}"] == whole) == (down == 0)
    if goal < 1:
        used = Fraction(down, up + down) / (1 - goal)
        assert row["error_budget_used"] == pytest.approx(float(used), rel=1e-15)
        assert row["error_budget_used"] >= 1 or used < 1
        assert row["error_budget_used"] <= 1 or used > 1
    else:
        assert row["error_budget_used"] == (math.inf if down else 0)


@examples(200)
@given(stores_drawn, st.sampled_from(TARGETS))
def test_summaries_agree_with_fractions(stores: Sequence[Store], target: float) -> None:
    report = report_of(stores)
    found = summarize(report, "region", windows=WINDOWS, target=target)
    present = sorted({region for region, _ in stores}, key=lambda name: (name is None, name))
    rows = [(region, name) for region in present for name in WINDOWS]
    assert found.select("region", "window").rows() == rows
    whole = summarize(report, windows=WINDOWS, target=target)
    for place, (name, unit) in enumerate(SIZES):
        check_row(whole.row(place, named=True), [own[place] for _, own in stores], unit, target)
        for row in found.filter(pl.col("window") == name).iter_rows(named=True):
            group = [own[place] for region, own in stores if region == row["region"]]
            check_row(row, group, unit, target)


@examples(50)
@given(scenarios())
def test_summaries_of_real_reports_agree_with_the_integers_behind_them(scenario: Scenario) -> None:
    report = scenario.report()
    windows = windows_of(scenario.lengths)
    stores = list(totals_of(report, scenario.lengths).values())
    found = summarize(report, windows=windows)
    for place, (_, unit) in enumerate(scenario.lengths.values()):
        each = [own[place] for own in stores]
        group = [Times(own.uptime, own.downtime, own.unknown) for own in each]
        check_row(found.row(place, named=True), group, unit, 0.99)


# --- laws ----------------------------------------------------------------------------------------


@examples(50)
@given(stores_drawn, st.randoms(use_true_random=True))
def test_the_order_of_the_stores_is_nothing(stores: Sequence[Store], chance: random.Random) -> None:
    report = report_of(stores)
    shuffled = report[chance.sample(range(report.height), report.height)]
    for by in (None, "region"):
        expected = summarize(report, by, windows=WINDOWS)
        assert_frame_equal(summarize(shuffled, by, windows=WINDOWS), expected, check_exact=True)


@examples(50)
@given(stores_drawn)
def test_the_groups_add_up_to_the_whole(stores: Sequence[Store]) -> None:
    report = report_of(stores)
    whole = summarize(report, windows=WINDOWS)
    groups = summarize(report, "region", windows=WINDOWS)
    for place, (name, unit) in enumerate(SIZES):
        parts = groups.filter(pl.col("window") == name)
        for column in ("uptime", "downtime", "unknown", "scheduled"):
            micros = sum(round(value * UNIT_US[unit]) for value in parts[column])
            assert whole[column][place] == micros / UNIT_US[unit]
        for column in ("stores", "stores_unknown", "stores_closed", "stores_below_target"):
            assert whole[column][place] == parts[column].sum()


@examples(50)
@given(stores_drawn)
def test_a_group_of_one_store_is_the_report_of_that_store(stores: Sequence[Store]) -> None:
    report = report_of(stores)
    found = summarize(report, "store_id", windows=WINDOWS)
    for name in WINDOWS:
        own = found.filter(pl.col("window") == name)
        assert own["store_id"].equals(report["store_id"])
        for part in ("uptime", "downtime", "unknown"):
            assert own[part].equals(report[f"{part}_{name}"])
        # The mean of one is that one; below 2^-42 it has fewer digits.
        for share, mean in own.select("availability", "availability_mean").rows():
            assert mean == share or (0 < share < 2.0**-42 and abs(mean - share) <= 2.0**-94)


@examples(200)
@given(st.integers(0, 2**51), st.sampled_from(tuple(UNIT_US)))
def test_times_come_back_to_the_microsecond_up_to_71_years(micros: int, unit: Unit) -> None:
    # The floats of two different integers below 2^52 differ, so an equal float is an equal integer.
    value = micros / UNIT_US[unit]
    report = pl.DataFrame({"store_id": [1, 2], "uptime_w": [value, 0.0], "downtime_w": [0.0] * 2})
    found = summarize(report, windows={"w": Window(dt.timedelta(days=1), unit)})
    assert found["uptime"].item() == value


# --- errors --------------------------------------------------------------------------------------

MISSING = "no such column. The columns are: store_id, "
RETURNED = "Give what compute_report returned, with the windows that it was given."
TIME = "null, negative, not finite or beyond 73,000 years in "


def times_of(*values: float | None) -> pl.DataFrame:
    rest = [1.0] * (PLAIN.height - len(values))
    return PLAIN.with_columns(downtime_day=pl.Series([*values, *rest], dtype=pl.Float64))


BAD_CALLS = [
    # --- no report
    ((7,), "report: a int is not a table."),
    ((PLAIN.drop("store_id"),), "report.store_id: no such column."),
    ((PLAIN.drop("downtime_day"),), f"report.downtime_day: {MISSING}region, brand, uptime_day. {RETURNED}"),
    ((PLAIN.rename({"uptime_day": "up"}),), f"report.uptime_day: {MISSING}"),
    ((PLAIN.with_columns(pl.col("uptime_day").cast(pl.Float32)),), "report.uptime_day: type Float32 is not accepted. Accepted: Float64"),
    ((REPORT.with_columns(unknown_day=pl.lit("none")),), "report.unknown_day: type String is not accepted."),
    # --- times
    ((times_of(None),), f"report.downtime_day: {TIME}1 row (first: None). {RETURNED}"),
    ((times_of(math.nan, -1.0, math.inf),), f"{TIME}3 rows (first: nan, -1.0, inf)."),
    ((times_of(-math.inf, 4e10),), f"{TIME}2 rows (first: -inf, 40000000000.0)."),
    ((REPORT.with_columns(unknown_day=-pl.col("unknown_day")),), f"report.unknown_day: {TIME}3 rows"),
    # --- ids
    ((PLAIN.with_columns(pl.col("store_id").cast(pl.Float64)),), "report.store_id: ids are floats (Float64)."),
    ((PLAIN.with_columns(store_id=pl.lit(True)),), "report.store_id: type Boolean is not accepted."),
    ((PLAIN.with_columns(pl.col("store_id").replace(2, None)),), "report.store_id: null id in 1 row"),
    ((pl.concat([PLAIN, PLAIN.head(1)]),), "report.store_id: a store more than once in 2 rows (first: 1, 1). Where groups were joined on, join one row a store."),
    # --- groups by name
    ((PLAIN, "city"), f"report.city: {MISSING}region, brand, uptime_day, downtime_day. Join it onto the report, or give a table of store_id and the groups as by."),
    ((PLAIN, ["region", "city"]), "report.city: no such column."),
    ((PLAIN, [7]), "report.7: no such column."),
    ((PLAIN, [["region"]]), "report.['region']: no such column."),
    ((PLAIN.rename({"region": "window"}), "window"), "report.window: the summary has a column of this name already. Rename the column to group by."),
    ((PLAIN.with_columns(region=pl.lit([1, 2])), "region"), "report.region: type List(Int64) is not accepted. Accepted: strings, numbers, Booleans, dates and times."),
    ((PLAIN.with_columns(region=pl.Series([object()] * 5)), "region"), "report.region: type Object is not accepted."),
    ((PLAIN.with_columns(now=pl.lit([1, 2])),), "report.now: type List(Int64) is not accepted."),
    # --- groups by table
    ((PLAIN, 7), "by: a int is not a table."),
    ((PLAIN, pl.DataFrame({"store": [1], "region": ["a"]})), "by.store_id: no such column."),
    ((PLAIN, GROUPS.select("store_id")), "by: no column to group by. Give it one beside store_id."),
    ((PLAIN, GROUPS.with_columns(pl.col("store_id").cast(pl.String))), "by.store_id: ids are String here but Int64 in report."),
    ((PLAIN, GROUPS.with_columns(pl.col("store_id").cast(pl.Float64))), "by.store_id: ids are floats (Float64)."),
    ((PLAIN, GROUPS.with_columns(pl.col("store_id").replace(2, None))), "by.store_id: null id in 1 row"),
    ((PLAIN, pl.concat([GROUPS, GROUPS.tail(1)])), "by.store_id: a store more than once in 2 rows (first: 5, 5). Keep one row a store."),
    ((PLAIN, GROUPS.rename({"brand": "unit"})), "by.unit: the summary has a column of this name already."),
    ((PLAIN, GROUPS.rename({"brand": "uptime_day"})), "by.uptime_day: the summary has a column of this name already."),
    ((PLAIN.with_columns(now=1), GROUPS.rename({"brand": "now"})), "by.now: the summary has a column of this name already."),
    ((PLAIN, GROUPS.with_columns(brand=pl.struct("region"))), "by.brand: type Struct({'region': String}) is not accepted."),
]  # fmt: skip


@pytest.mark.parametrize(("call", "sentence"), BAD_CALLS)
def test_bad_calls(call: tuple[Any, ...], sentence: str) -> None:
    with pytest.raises(SchemaError) as caught:
        day(*call)
    assert sentence in str(caught.value)
    assert isinstance(caught.value, StoreUptimeError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "target", [0, 0.0, -0.1, 1.01, 99, math.nan, math.inf, "0.99", None, True, 1e-19, 1e-300]
)
def test_bad_targets(target: Any) -> None:
    with pytest.raises(PolicyError, match="target: is no availability to aim at") as caught:
        day(target=target)
    assert "Give a number above 0 and at most 1" in str(caught.value)
    assert f"(first: {target!r})" in str(caught.value)


def test_bad_windows() -> None:
    with pytest.raises(PolicyError, match="windows: no windows"):
        summarize(REPORT, windows={})
    policy: Any = Policy()
    with pytest.raises(PolicyError, match="windows: not a window"):
        summarize(REPORT, windows={"day": policy})
