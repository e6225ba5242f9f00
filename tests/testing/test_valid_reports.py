"""Every report is valid, and each law that is broken by hand is told with store and window."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given

from store_uptime import (
    DEFAULT_WINDOWS,
    CalendarWindow,
    Policy,
    PolicyError,
    SchemaError,
    Window,
    compute_history,
    compute_report,
)
from store_uptime.testing import assert_report_valid, polls, weekly
from support.frames import policy_of, windows_of
from support.strategies import Scenario, examples, scenarios
from support.wall_clock import HOUR, instant

STATUS = polls("7 Mon 10:14 up, 11:15 down\n8 Mon 10:00 up")
HOURS = weekly("7 Mon 09:00-12:00\n8 Mon 09:00-12:00\n9 Mon 09:00-12:00")
ZONES = pl.DataFrame({"store_id": [7, 8, 9], "timezone_str": ["Etc/UTC"] * 3})
NOON = "2024-05-13T12:00Z"
REPORT = compute_report(STATUS, HOURS, ZONES, NOON, detail=True)
PLAIN = compute_report(STATUS, HOURS, ZONES, NOON)
HISTORY = compute_history(STATUS, HOURS, ZONES, ["2024-05-13T11:00Z", NOON], detail=True)
# Of the last hour, 11:00-12:00, store 7 was down for all, store 8 up for all, store 9 unknown.
# Of the last day, 09:00-12:00, store 7 was up until 10:44:30: 104.5 and 75.5 minutes.
LAST_DAY = {"last_day": Window("1d", "minutes")}
DAY = compute_report(STATUS, HOURS, ZONES, NOON, windows=LAST_DAY, detail=True)
UNCERTAIN = DAY.with_columns(
    uptime_expected_last_day=pl.Series([100.0, 178.0, None], dtype=pl.Float64),
    uptime_error_last_day=pl.Series([110.0, 2.0, None], dtype=pl.Float64),
)


def broken(report: Any, windows: Any = DEFAULT_WINDOWS) -> list[str]:
    """Return the lines of what is said of a report that breaks laws."""
    with pytest.raises(AssertionError) as caught:
        assert_report_valid(report, windows)
    assert len(str(caught.value)) < 2000
    return str(caught.value).splitlines()


def with_values(report: pl.DataFrame, column: str, *values: Any) -> pl.DataFrame:
    """Return the report with other values in the first rows."""
    rest = report[column].to_list()[len(values) :]
    return report.with_columns(pl.Series(column, [*values, *rest], report.schema[column]))


# --- good reports --------------------------------------------------------------------------------


@pytest.mark.parametrize("report", [REPORT, PLAIN, HISTORY, REPORT.clear(), HISTORY.clear()])
def test_a_report_is_valid_in_any_form(report: pl.DataFrame) -> None:
    assert_report_valid(report)
    assert_report_valid(report.lazy())
    assert_report_valid(report.to_arrow())
    assert_report_valid(report.cast({"store_id": pl.String, pl.UInt32: pl.Int64}))


@examples(30)
@given(scenarios())
def test_every_report_is_valid(scenario: Scenario) -> None:
    windows = windows_of(scenario.lengths)
    report = scenario.report()
    assert_report_valid(report, windows)
    usual = [f"{part}_{name}" for name in windows for part in ("uptime", "downtime")]
    assert_report_valid(report.select("store_id", *usual), windows)


@examples(20)
@given(scenarios(changing=True))
def test_every_history_is_valid(scenario: Scenario) -> None:
    windows = windows_of(scenario.lengths)
    extra: dict[str, Any] = {**scenario.extra}
    history = compute_history(
        *scenario.tables,
        [instant(scenario.now + k * HOUR) for k in (0, -1, 7)],
        windows=windows,
        policy=policy_of(scenario.rules),
        detail=True,
        **extra,
    )
    assert_report_valid(history, windows)


def test_windows_of_centuries_are_valid() -> None:
    """Floats do not tell every microsecond of them; the store is open for a third of an hour."""
    status = polls("7 1000-01-01 10:14 up, 2024-05-13 11:15 down, 11:16:00.000001 up")
    hours = weekly("7 Mon-Sun 09:00-09:20:00.000007; Mon 10:00-12:00:00.000001")
    windows: dict[str, Any] = {
        "long": Window(timedelta(days=700_000, microseconds=1), "days"),
        "longer": Window(timedelta(days=700_001, microseconds=-1), "hours"),
        "relative": Window(relativedelta(years=1950), "minutes"),
        "absolute": Window(relativedelta(year=3), "seconds"),
        "calendar": CalendarWindow("year", 0, "hours"),
    }
    for unlimited in (Policy(max_gap=None, lookback=None), Policy()):
        report = compute_report(
            status, hours, None, NOON, windows=windows, detail=True, policy=unlimited
        )
        assert_report_valid(report, windows)
        always = compute_report(status, now=NOON, windows=windows, detail=True, policy=unlimited)
        assert_report_valid(always, windows)


def test_uncertainty_may_be_there() -> None:
    assert_report_valid(UNCERTAIN, LAST_DAY)
    everything = with_values(UNCERTAIN, "uptime_expected_last_day", 180.0)
    assert_report_valid(everything, LAST_DAY)


# --- laws of a window, each broken in one place --------------------------------------------------

NEVER = "is never null, negative or infinite; not so in store"
MIN = "uptime_min_last_day is 0.0 minutes"
BROKEN: list[tuple[str, list[Any], list[str]]] = [
    ("uptime", [None], [f"uptime {NEVER} 7: uptime_last_day is null"]),
    ("downtime", [math.nan], [f"downtime {NEVER} 7: downtime_last_day is nan minutes"]),
    ("unknown", [0.0, math.inf], [f"unknown {NEVER} 8: unknown_last_day is inf minutes"]),
    ("unknown", [-math.inf], [f"unknown {NEVER} 7: unknown_last_day is -inf minutes"]),
    ("scheduled", [None] * 2, ["scheduled is never null, negative or infinite; not so in 2 rows, first store 7: scheduled_last_day is null"]),
    ("uptime_min", [-0.5], [f"uptime_min {NEVER} 7: uptime_min_last_day is -0.5 minutes"]),
    ("uptime_min", [None], [f"uptime_min {NEVER} 7: uptime_min_last_day is null"]),
    ("polls", [None], ["polls is never null or negative; not so in store 7: polls_last_day is null"]),
    # A microsecond is missing: 60e-6 of a minute is 3.6 us.
    ("unknown", [1 / 60e6], ["uptime + downtime + unknown = scheduled; not so in store 7: uptime_last_day is 104.5 minutes, downtime_last_day is 75.5 minutes, unknown_last_day is 1.6666666666666667e-08 minutes, scheduled_last_day is 180.0 minutes"]),
    ("uptime_min", [105.0], ["uptime_min <= uptime <= uptime_max <= scheduled; not so in store 7: uptime_min_last_day is 105.0 minutes, uptime_last_day is 104.5 minutes, uptime_max_last_day is 180.0 minutes, scheduled_last_day is 180.0 minutes"]),
    ("uptime_max", [104.0], [f"uptime_min <= uptime <= uptime_max <= scheduled; not so in store 7: {MIN}, uptime_last_day is 104.5 minutes, uptime_max_last_day is 104.0 minutes, scheduled_last_day is 180.0 minutes"]),
    ("uptime_max", [181.0], [f"uptime_min <= uptime <= uptime_max <= scheduled; not so in store 7: {MIN}, uptime_last_day is 104.5 minutes, uptime_max_last_day is 181.0 minutes, scheduled_last_day is 180.0 minutes"]),
    ("availability", [0.58], ["availability = uptime / (uptime + downtime), null where both are zero; not so in store 7: uptime_last_day is 104.5 minutes, downtime_last_day is 75.5 minutes, availability_last_day is 0.58"]),
    ("availability", [None], ["availability = uptime / (uptime + downtime), null where both are zero; not so in store 7: uptime_last_day is 104.5 minutes, downtime_last_day is 75.5 minutes, availability_last_day is null"]),
    ("availability", [104.5 / 180, 1.0, 1.0], ["availability = uptime / (uptime + downtime), null where both are zero; not so in store 9: uptime_last_day is 0.0 minutes, downtime_last_day is 0.0 minutes, availability_last_day is 1.0"]),
    ("availability", [math.nan], ["availability = uptime / (uptime + downtime), null where both are zero; not so in store 7: uptime_last_day is 104.5 minutes, downtime_last_day is 75.5 minutes, availability_last_day is nan"]),
    ("uptime_min", [1e-9], ["uptime_min is whole microseconds; not so in store 7: uptime_min_last_day is 1e-09 minutes"]),
    ("uptime_max", [180.0, 180.0, 179.33333333], ["uptime_max is whole microseconds; not so in store 9: uptime_max_last_day is 179.33333333 minutes"]),
    ("uptime_expected", [-1.0], ["uptime_expected is never negative or infinite; not so in store 7: uptime_expected_last_day is -1.0 minutes"]),
    ("uptime_error", [math.nan], ["uptime_error is never negative or infinite; not so in store 7: uptime_error_last_day is nan minutes"]),
    ("uptime_error", [5.0, None], ["uptime_expected and uptime_error are null together, and where nothing is known; not so in store 8: uptime_last_day is 180.0 minutes, downtime_last_day is 0.0 minutes, uptime_expected_last_day is 178.0 minutes, uptime_error_last_day is null"]),
    ("uptime_error", [4.4999], ["uptime_error is at least the distance from uptime to uptime_expected; not so in store 7: uptime_last_day is 104.5 minutes, uptime_expected_last_day is 100.0 minutes, uptime_error_last_day is 4.4999 minutes"]),
    ("uptime_expected", [180.1], ["uptime_expected <= uptime + downtime; not so in store 7: uptime_last_day is 104.5 minutes, downtime_last_day is 75.5 minutes, uptime_expected_last_day is 180.1 minutes"]),
]  # fmt: skip


@pytest.mark.parametrize(("quantity", "values", "laws"), BROKEN)
def test_a_broken_law_is_told_with_store_and_window(
    quantity: str, values: list[Any], laws: list[str]
) -> None:
    report = with_values(UNCERTAIN, f"{quantity}_last_day", *values)
    head = "the report breaks a law:"
    assert broken(report, LAST_DAY) == [head, *(f"  last_day: {law}" for law in laws)]


def test_uncertainty_where_nothing_is_known() -> None:
    report = UNCERTAIN.with_columns(
        pl.col("uptime_expected_last_day", "uptime_error_last_day").fill_null(0.0)
    )
    (line,) = broken(report, LAST_DAY)[1:]
    assert "where nothing is known; not so in store 9: uptime_last_day is 0.0 minutes" in line


def test_more_time_than_the_window_can_be() -> None:
    """In hours, as the windows are by default, the minutes of store 7 are 180 of a day."""
    windows = {"last_day": Window("1d", "hours")}
    report = PLAIN.select("store_id", uptime_last_day=104.5, downtime_last_day=75.5)
    with pytest.raises(SchemaError) as caught:
        assert_report_valid(report, windows)
    assert str(caught.value) == (
        "report: last_day: uptime + downtime is at most 24 hours, the longest that the window can "
        "be; not so in 3 rows, first store 7: uptime_last_day is 104.5 hours, downtime_last_day is "
        "75.5 hours. Give the windows, and their units, with which the report was computed."
    )
    a_microsecond = report.with_columns(uptime_last_day=24.0, downtime_last_day=1 / 3600e6)
    with pytest.raises(SchemaError, match="at most 24 hours"):
        assert_report_valid(a_microsecond, windows)
    assert_report_valid(report.with_columns(uptime_last_day=24.0, downtime_last_day=0.0), windows)
    # A calendar day may have 25 hours; no zone had 49 in any.
    days = {"last_day": CalendarWindow("day")}
    assert_report_valid(report.with_columns(uptime_last_day=25.0, downtime_last_day=0.0), days)
    with pytest.raises(SchemaError, match="at most 48 hours"):
        assert_report_valid(report, days)
    # Where another law is broken too, the report is not right by any windows.
    assert len(broken(report.with_columns(uptime_last_day=-1.0), windows)) == 2


@pytest.mark.parametrize("huge", [1e30, 1e300])
def test_times_that_no_integer_holds_break_laws(huge: float) -> None:
    assert (
        f"uptime_last_week is {huge} hours"
        in broken(with_values(PLAIN, "uptime_last_week", huge))[1]
    )


# --- laws of two windows -------------------------------------------------------------------------


def test_the_longer_of_two_windows_has_no_less() -> None:
    """Store 8 was up for an hour of the last hour, and for 3 of the last day, not a half."""
    report = with_values(PLAIN, "uptime_last_day", 104.5 / 60, 0.5)
    assert broken(report) == [
        "the report breaks a law:",
        (
            "  last_day is not shorter than last_hour, so it has no less uptime; not so in store 8: "
            "uptime_last_hour is 60.0 minutes, uptime_last_day is 0.5 hours"
        ),
    ]
    less = with_values(REPORT, "polls_last_week", 1)
    assert broken(less)[1:] == [
        (
            "  last_week is not shorter than last_day, so it has no less polls; not so in store 7: "
            "polls_last_day is 2, polls_last_week is 1"
        )
    ]


@pytest.mark.parametrize("length", [CalendarWindow("month", 0), Window(relativedelta(months=1))])
def test_one_of_two_windows_that_end_at_now_holds_the_other(length: Any) -> None:
    """Whichever it is: it cannot have more uptime and less downtime."""
    windows = {"a": Window("13d", "minutes"), "b": length}
    names = [f"{part}_{name}" for name in windows for part in ("uptime", "downtime")]
    columns = ["store_id", *names]
    good = [(7, 120.0, 60.0, 2.0, 1.0), (8, 120.0, 60.0, 1.0, 1.0), (9, 60.0, 60.0, 2.0, 1.0)]
    assert_report_valid(pl.DataFrame(good, columns, orient="row"), windows)
    bad = pl.DataFrame([*good, (10, 120.0, 60.0, 1.0, 2.0)], columns, orient="row")
    assert broken(bad, windows)[1:] == [
        (
            "  one of a and b holds the other, so it has no less of anything; not so in store 10: "
            "uptime_a is 120.0 minutes, uptime_b is 1.0 hours, "
            "downtime_a is 60.0 minutes, downtime_b is 2.0 hours"
        )
    ]
    # What ended before holds nothing of it.
    before = {"a": windows["a"], "b": CalendarWindow("month", -1)}
    assert_report_valid(bad, before)


# --- rows and columns ----------------------------------------------------------------------------


def test_rows_are_sorted() -> None:
    assert broken(PLAIN.sort("store_id", descending=True)) == [
        "the report breaks a law:",
        "  rows are sorted by store_id; not so in 2 rows, first store 8",
    ]
    assert broken(HISTORY.sort("store_id", "now"))[1:] == [
        (
            "  rows are sorted by now and store_id; "
            "not so in 2 rows, first store 8 at 2024-05-13 11:00:00+00:00"
        )
    ]
    assert broken(HISTORY[[1, 0, 2, 3, 4, 5]])[1:] == [
        "  rows are sorted by now and store_id; not so in store 7 at 2024-05-13 11:00:00+00:00"
    ]
    names = PLAIN.with_columns(store_id=pl.Series(["10", "9", "A"]))
    assert_report_valid(names)
    assert_report_valid(names.cast({"store_id": pl.Enum(["A", "9", "10"])}))


def test_no_store_has_two_rows() -> None:
    twice = PLAIN[[0, 1, 1, 2]]
    assert broken(twice)[1:] == [
        "  no two rows have the same store_id; not so in 2 rows, first store 8"
    ]
    assert broken(HISTORY[[0, 0]])[1:] == [
        (
            "  no two rows have the same now and store_id; "
            "not so in 2 rows, first store 7 at 2024-05-13 11:00:00+00:00"
        )
    ]


def test_no_id_is_null() -> None:
    assert broken(with_values(PLAIN, "store_id", None))[1:] == [
        "  store_id is never null; not so in store None"
    ]
    assert broken(with_values(HISTORY, "now", None))[1:] == [
        "  now and store_id is never null; not so in store 7 at None"
    ]


def test_columns_are_in_order_and_complete() -> None:
    head = "the columns are out of order: "
    report = REPORT.select("uptime_last_hour", pl.exclude("uptime_last_hour"))
    assert broken(report) == [f"{head}uptime_last_hour stands where store_id should"]
    assert broken(HISTORY.select(sorted(HISTORY.columns)))[0].endswith("stands where now should")
    details = [name for name in REPORT.columns if name not in PLAIN.columns]
    assert broken(REPORT.select("store_id", *details, pl.exclude("store_id", *details))) == [
        f"{head}unknown_last_hour stands where uptime_last_hour should"
    ]
    windows = dict(reversed([*DEFAULT_WINDOWS.items()]))
    assert broken(PLAIN, windows) == [
        f"{head}uptime_last_hour stands where uptime_last_week should"
    ]
    assert broken(REPORT.drop("polls_last_day", "unknown_last_week")) == [
        "columns are missing, which other windows have: polls_last_day, unknown_last_week"
    ]


def test_of_many_broken_laws_the_first_are_told_and_all_are_counted() -> None:
    lines = broken(REPORT.with_columns(-pl.col(pl.Float64) - 1))
    assert lines[0].startswith("the report breaks ")
    count = int(lines[0].split()[3])
    assert lines[1].startswith(
        "  last_hour: uptime is never null, negative or infinite; not so in 3"
    )
    assert len(lines) == 7
    assert lines[6] == f"  ... and {count - 5} more"


def test_the_check_is_left_out_by_pytest() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_report_valid(PLAIN.reverse())
    assert caught.traceback[-1].ishidden(caught)


def test_long_names_are_cut() -> None:
    name = "w" * 1000
    report = PLAIN.select(
        "store_id", pl.lit(-1.0).alias(f"uptime_{name}"), pl.lit(-1.0).alias(f"downtime_{name}")
    )
    assert "..." in "".join(broken(report, {name: Window("1d")}))


def test_what_is_no_report_of_these_windows_is_refused() -> None:
    with pytest.raises(SchemaError, match="report: a int is not a table"):
        assert_report_valid(7)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match=r"report\.uptime_last_day: no such column"):
        assert_report_valid(PLAIN.drop("uptime_last_day"))
    with pytest.raises(SchemaError, match="report: columns that a report over these windows"):
        assert_report_valid(PLAIN, {"last_day": DEFAULT_WINDOWS["last_day"]})
    with pytest.raises(PolicyError, match="windows: no windows"):
        assert_report_valid(PLAIN, {})
