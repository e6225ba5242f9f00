"""Two reports held against each other: what counts as equal, and what is said of the rest."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import (
    DEFAULT_WINDOWS,
    PolicyError,
    SchemaError,
    Window,
    compute_history,
    compute_report,
)
from store_uptime.testing import assert_report_equal, polls, weekly
from support.frames import windows_of
from support.strategies import Scenario, examples, scenarios

STATUS = polls("7 Mon 10:14 up, 11:15 down\n8 Mon 10:00 up")
HOURS = weekly("7 Mon 09:00-12:00\n8 Mon 09:00-12:00")
ZONES = pl.DataFrame({"store_id": [7, 8], "timezone_str": ["Etc/UTC"] * 2})
NOON = "2024-05-13T12:00Z"
REPORT = compute_report(STATUS, HOURS, ZONES, NOON, detail=True)
PLAIN = compute_report(STATUS, HOURS, ZONES, NOON)
HISTORY = compute_history(STATUS, HOURS, ZONES, [NOON, "2024-05-13T11:00Z"], detail=True)
# Store 7 was up until 10:44:30, half of the way from poll to poll; store 8 all of the time.
BY_HAND = pl.DataFrame(
    {
        "store_id": [7, 8],
        "uptime_day": [104.5, 180.0],
        "downtime_day": [75.5, 0.0],
        "availability_day": [104.5 / 180, 1.0],
    }
)
DAY = {"day": Window("1d", "minutes")}


def difference(a: Any, b: Any, **options: Any) -> str:
    """Return what is said of two reports that differ."""
    with pytest.raises(AssertionError) as caught:
        assert_report_equal(a, b, **options)
    assert len(str(caught.value)) < 2000
    return str(caught.value)


def with_first(report: pl.DataFrame, column: str, value: Any) -> pl.DataFrame:
    """Return the report with another value in the first row."""
    values = [value, *report[column].to_list()[1:]]
    return report.with_columns(pl.Series(column, values, report.schema[column]))


# --- what is equal -------------------------------------------------------------------------------


@pytest.mark.parametrize("report", [REPORT, PLAIN, HISTORY, PLAIN.clear()])
def test_a_report_equals_itself_in_any_order_and_form(report: pl.DataFrame) -> None:
    assert_report_equal(report, report)
    assert_report_equal(report, report.reverse().select(sorted(report.columns)))
    assert_report_equal(report.lazy(), report.to_arrow())


def test_a_table_by_hand_equals_the_report() -> None:
    report = compute_report(STATUS, HOURS, ZONES, NOON, windows=DAY, detail=True)
    assert_report_equal(report.select(BY_HAND.columns), BY_HAND, windows=DAY)
    rounded = report.select(BY_HAND.columns).with_columns(pl.col("uptime_day") + 1e-9)
    assert_report_equal(rounded, BY_HAND, windows=DAY)


def test_widths_of_integers_and_units_of_instants_are_nothing() -> None:
    other = HISTORY.cast({pl.UInt32: pl.Int64, pl.Int64: pl.UInt8})
    zoned = pl.col("now").dt.convert_time_zone("Asia/Tokyo").dt.cast_time_unit("ms")
    assert_report_equal(HISTORY, other.with_columns(zoned))
    named = HISTORY.cast({"store_id": pl.String})
    assert_report_equal(named, named.cast({"store_id": pl.Categorical}))


def test_nulls_equal_nulls_and_nothing_else() -> None:
    closed = with_first(BY_HAND, "availability_day", None)
    assert_report_equal(closed, closed, windows=DAY)
    assert difference(closed, BY_HAND, windows=DAY) == (
        "a and b differ in 1 of 2 rows:\n"
        "  store 7: availability_day is null in a, 0.5805555555555556 in b"
    )
    bounds = BY_HAND.with_columns(uptime_min_day=pl.lit(None, pl.Float64))
    assert_report_equal(bounds, bounds, windows=DAY)
    for odd in (math.nan, math.inf, 0.0):
        other = with_first(bounds, "uptime_min_day", odd)
        assert_report_equal(other, other, windows=DAY)
        said = f"store 7: uptime_min_day is null minutes in a, {odd} minutes in b"
        said = said.replace("null minutes", "null")
        assert difference(bounds, other, windows=DAY, tolerance="1h").endswith(said)


@examples(20)
@given(scenarios(), st.integers(0, 15))
def test_the_reports_of_groups_together_equal_the_report_of_all(
    scenario: Scenario, chosen: int
) -> None:
    groups = [
        tuple(each for k, each in enumerate(scenario.stores) if chosen >> k & 1 == side)
        for side in (0, 1)
    ]
    parts = [replace(scenario, stores=group).report() for group in groups if group]
    windows = windows_of(scenario.lengths)
    assert_report_equal(pl.concat(parts), scenario.report(), windows=windows)


# --- times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "unit", "us"),
    # What a microsecond is in the unit.
    [("last_hour", "minutes", 1 / 60e6), ("last_day", "hours", 1 / 3600e6)],
)
def test_a_microsecond_is_seen_and_told_in_the_unit(window: str, unit: str, us: float) -> None:
    column = f"uptime_{window}"
    value = REPORT[column][0]
    said = difference(REPORT, with_first(REPORT, column, value + us))
    assert said == (
        "a and b differ in 1 of 2 rows:\n"
        f"  store 7: {column} is {value} {unit} in a, {value + us} {unit} in b (1us apart)"
    )


@pytest.mark.parametrize("enough", ["30s", dt.timedelta(seconds=30), "1m"])
def test_a_tolerance_is_a_length_that_times_may_be_apart(enough: Any) -> None:
    """44.5 and 45 minutes are 30 seconds apart."""
    a = pl.DataFrame({"store_id": [7], "uptime_day": [44.5], "downtime_day": [9.0]})
    b = a.with_columns(uptime_day=pl.lit(45.0))
    assert_report_equal(a, b, windows=DAY, tolerance=enough)
    assert_report_equal(b, a, windows=DAY, tolerance=enough)
    assert difference(a, b, windows=DAY, tolerance="29s999ms999us") == (
        "a and b differ by more than 29s999ms999us in 1 of 1 rows:\n"
        "  store 7: uptime_day is 44.5 minutes in a, 45.0 minutes in b (30s apart)"
    )


def test_a_tolerance_is_the_same_in_windows_of_any_unit() -> None:
    """A second is 1 / 60 of a minute and 1 / 3,600 of an hour."""
    columns = ("uptime_last_hour", "uptime_last_day")
    other = REPORT.with_columns(pl.col(columns[0]) + 1 / 60, pl.col(columns[1]) + 1 / 3600)
    assert_report_equal(REPORT, other, tolerance="1s")
    said = difference(REPORT, other, tolerance="999999us")
    assert said.count("(1s apart)") == 4
    assert [said.count(column) for column in columns] == [2, 2]


def test_rounded_times_may_be_more_than_the_window_by_the_tolerance() -> None:
    """59.95 and 0.05 minutes, rounded to a decimal each: 60.0 and 0.1 together are above 60."""
    exact = pl.DataFrame({"store_id": [7], "uptime_hour": [59.95], "downtime_hour": [0.05]})
    rounded = exact.with_columns(uptime_hour=pl.lit(60.0), downtime_hour=pl.lit(0.1))
    hour = {"hour": Window("1h", "minutes")}
    assert_report_equal(exact, rounded, windows=hour, tolerance="3s")
    with pytest.raises(SchemaError, match="above 60 minutes"):
        assert_report_equal(rounded, rounded, windows=hour)


def test_a_tolerance_is_not_for_polls() -> None:
    other = REPORT.with_columns(pl.col("polls_last_day") + 1)
    assert difference(REPORT, other, tolerance="7d") == (
        "a and b differ by more than 7d in 2 of 2 rows:\n"
        "  store 7: polls_last_day is 2 in a, 3 in b\n"
        "  store 8: polls_last_day is 1 in a, 2 in b"
    )


def test_availability_is_compared_without_a_tolerance_only() -> None:
    other = with_first(BY_HAND, "availability_day", 0.58)
    assert "availability_day is 0.58055" in difference(BY_HAND, other, windows=DAY)
    assert_report_equal(BY_HAND, other, windows=DAY, tolerance="1us")


# --- what is said --------------------------------------------------------------------------------


def test_a_history_tells_the_instant() -> None:
    """The first row is that of 11:00, when the poll at 10:14 was the last: up for two hours."""
    other = with_first(HISTORY, "uptime_last_day", 1.5)
    assert difference(HISTORY, other) == (
        "a and b differ in 1 of 4 rows:\n"
        "  store 7 at 2024-05-13 11:00:00+00:00: "
        "uptime_last_day is 2.0 hours in a, 1.5 hours in b (30m apart)"
    )


def test_of_many_differences_the_first_are_told_and_all_are_counted() -> None:
    many = (
        PLAIN.drop("store_id").head(1).join(pl.DataFrame({"store_id": range(10_000)}), how="cross")
    )
    other = many.with_columns(pl.col("downtime_last_day", "uptime_last_hour") + 0.5)
    lines = difference(many, other).splitlines()
    assert lines[0] == "a and b differ in 10,000 of 10,000 rows:"
    assert [line.split(":")[0] for line in lines[1:9]] == [f"  store {k // 2}" for k in range(8)]
    assert lines[9:] == ["  ... and 19,992 more values"]


def test_long_ids_and_names_are_cut() -> None:
    name = "w" * 1000
    report = pl.DataFrame(
        {"store_id": ["x" * 1000], f"uptime_{name}": [0.0], f"downtime_{name}": [0.0]}
    )
    other = report.with_columns(pl.col(pl.Float64) + 1)
    assert "..." in difference(report, other, windows={name: Window("1d")})
    ids = pl.DataFrame({"store_id": [f"{k}{'y' * 1000}" for k in range(50)]})
    empty = report.drop("store_id").join(ids, how="cross")
    said = difference(report, empty, windows={name: Window("1d")})
    assert "only in a: store xxx" in said


def test_stores_of_one_report_only() -> None:
    more = pl.concat([PLAIN, PLAIN.with_columns(pl.col("store_id") + 2)])
    assert difference(PLAIN, more) == "a and b have different rows: only in b: store 9, store 10"
    assert difference(more[1:], PLAIN) == (
        "a and b have different rows: only in a: store 9, store 10; only in b: store 7"
    )
    assert difference(HISTORY, HISTORY[1:]) == (
        "a and b have different rows: only in a: store 7 at 2024-05-13 11:00:00+00:00"
    )


def test_columns_of_one_report_only() -> None:
    assert difference(PLAIN, HISTORY.select("now", *PLAIN.columns)) == (
        "a and b have different columns: only in b: now"
    )
    details = REPORT.select(*PLAIN.columns, "unknown_last_day", "polls_last_day")
    other = PLAIN.with_columns(region=pl.lit("north"))
    assert difference(details, other) == (
        "a and b have different columns: "
        "only in a: unknown_last_day, polls_last_day; only in b: region"
    )


def test_ids_of_different_kinds() -> None:
    said = "a and b have different kinds of ids: integers in a, strings in b"
    assert difference(PLAIN, PLAIN.cast({"store_id": pl.String})) == said


def test_the_frame_of_the_check_is_left_out_by_pytest() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_report_equal(PLAIN, REPORT)
    assert caught.traceback[-1].ishidden(caught)


# --- what cannot be compared ---------------------------------------------------------------------

RETURNED = "as compute_report returns it"
NO_REPORTS = [
    (7, {}, "a: a int is not a table."),
    (PLAIN.drop("store_id"), {}, "a.store_id: no such column."),
    (PLAIN.drop("uptime_last_day"), {}, "a.uptime_last_day: no such column. The columns are: store_id, uptime_last_hour"),
    (PLAIN, DAY, "a.uptime_day: no such column."),
    (PLAIN, {"last_day": DEFAULT_WINDOWS["last_day"]}, "a: columns that a report over these windows does not have: uptime_last_hour, downtime_last_hour, uptime_last_week, downtime_last_week. Give the windows with which it was computed, and drop what was joined on."),
    (PLAIN.with_columns(region=1), {}, "a: columns that a report over these windows does not have: region."),
    (PLAIN.cast({"uptime_last_day": pl.Float32}), {}, f"a.uptime_last_day: type Float32 is not accepted. Accepted: Float64, {RETURNED}."),
    (REPORT.cast({"uptime_max_last_day": pl.Int64}), {}, f"a.uptime_max_last_day: type Int64 is not accepted. Accepted: Float64, {RETURNED}."),
    (REPORT.cast({"polls_last_day": pl.Float64}), {}, f"a.polls_last_day: type Float64 is not accepted. Accepted: UInt32, {RETURNED}, and other integers."),
    (HISTORY.cast({"now": pl.Datetime("us")}), {}, "a.now: type Datetime(time_unit='us', time_zone=None) is not accepted. Accepted: Datetime with a time zone"),
    (HISTORY.cast({"now": pl.String}), {}, "a.now: type String is not accepted."),
    (PLAIN.cast({"store_id": pl.Float64}), {}, "a.store_id: ids are floats"),
    (pl.concat([PLAIN, PLAIN]), {}, "a.store_id: a store more than once in 4 rows (first: 7, 8, 7, 8). Keep one row a store."),
    (with_first(PLAIN, "store_id", None), {}, "a.store_id: null id in 1 row"),
    (with_first(PLAIN, "uptime_last_day", None), {}, "a.uptime_last_day: null, negative"),
    (PLAIN.with_columns(pl.col("uptime_last_day") * 60), {}, "a.uptime_last_day: together with downtime_last_day above 24 hours"),
]  # fmt: skip


@pytest.mark.parametrize(("report", "windows", "sentence"), NO_REPORTS)
def test_what_is_no_report_of_these_windows_is_refused(
    report: Any, windows: dict[str, Window], sentence: str
) -> None:
    with pytest.raises(SchemaError) as caught:
        assert_report_equal(report, report, windows=windows or DEFAULT_WINDOWS)
    assert sentence in str(caught.value)


def test_the_second_report_has_its_name_in_errors() -> None:
    with pytest.raises(SchemaError, match=r"^b: a int is not a table"):
        assert_report_equal(PLAIN, 7)  # type: ignore[arg-type]


@pytest.mark.parametrize("tolerance", [1.0, 0, None, "1", "-1s", "1mo", dt.timedelta(-1)])
def test_a_tolerance_that_is_no_length_is_refused(tolerance: Any) -> None:
    with pytest.raises(PolicyError, match="tolerance: must be a length of zero or more") as caught:
        assert_report_equal(PLAIN, PLAIN, tolerance=tolerance)
    assert caught.value.code == "not_a_length"


def test_windows_that_make_no_sense_are_refused() -> None:
    with pytest.raises(PolicyError, match="windows: no windows"):
        assert_report_equal(PLAIN, PLAIN, windows={})
    # Of which window would `uptime_min_day` be?
    clash = {"day": Window("1d"), "min_day": Window("1d")}
    names = [f"{kind}_{name}" for name in clash for kind in ("uptime", "downtime")]
    report = pl.DataFrame({"store_id": [7], **{name: [1.0] for name in names}})
    assert_report_equal(report, report, windows=clash)
    with pytest.raises(PolicyError, match="two columns of one name"):
        assert_report_equal(*[report.with_columns(unknown_day=0.0)] * 2, windows=clash)


def test_names_of_windows_may_be_anything() -> None:
    windows = {"a0": Window("1d"), "differ0": Window("1d"), "": Window("1d"), "ä b": Window("1d")}
    report = compute_report(STATUS, HOURS, ZONES, NOON, windows=windows, detail=True)
    assert_report_equal(report, report, windows=windows)
    other = with_first(report, "uptime_ä b", 0.0)
    assert "uptime_ä b is 1.74166" in difference(report, other, windows=windows)


# --- how far the uptime may be off ---------------------------------------------------------------

UNCERTAIN = BY_HAND.with_columns(
    uptime_expected_day=pl.Series([100.0, None]), uptime_error_day=pl.Series([6.0, None])
)


def test_the_error_is_compared_as_a_time() -> None:
    assert_report_equal(UNCERTAIN, UNCERTAIN.lazy(), windows=DAY)
    later = with_first(UNCERTAIN, "uptime_error_day", 6.5)
    assert_report_equal(UNCERTAIN, later, windows=DAY, tolerance="30s")
    said = difference(UNCERTAIN, later, windows=DAY, tolerance="29s")
    assert "store 7: uptime_error_day is 6.0 minutes in a, 6.5 minutes in b (30s apart)" in said
    said = difference(UNCERTAIN, with_first(UNCERTAIN, "uptime_expected_day", None), windows=DAY)
    assert "store 7: uptime_expected_day is 100.0 minutes in a, null in b" in said


def test_a_report_without_the_error_differs_from_one_that_has_it() -> None:
    said = difference(UNCERTAIN, BY_HAND, windows=DAY)
    assert (
        said == "a and b have different columns: only in a: uptime_expected_day, uptime_error_day"
    )


@pytest.mark.parametrize("part", ["expected", "error"])
def test_windows_that_no_report_with_an_error_can_have(part: str) -> None:
    """`uptime_error_x` would be the error of one window and the uptime of the other."""
    windows = {"x": Window("1h"), f"{part}_x": Window("1h")}
    times = {f"{time}_{name}": 0.5 for name in windows for time in ("uptime", "downtime")}
    plain = pl.DataFrame({"store_id": [1]}).with_columns(**times)
    assert_report_equal(plain, plain, windows=windows)
    other = "error" if part == "expected" else "expected"
    both = plain.with_columns(pl.lit(0.5).alias(f"uptime_{other}_x"))
    with pytest.raises(PolicyError) as caught:
        assert_report_equal(both, both, windows=windows)
    assert caught.value.code == "name_taken"
