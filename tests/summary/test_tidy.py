"""The long form of a report: worked by hand, turned back by other means, and what it refuses."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from store_uptime import (
    DEFAULT_WINDOWS,
    CalendarWindow,
    PolicyError,
    SchemaError,
    Window,
    compute_history,
    compute_report,
    summarize,
    tidy,
)
from store_uptime.windows import AnyWindow
from support.comparing import bits
from support.frames import frames, windows_of
from support.oracle import Store
from support.strategies import Scenario, examples, scenarios
from support.wall_clock import HOUR, at, instant

TIMES = ["uptime", "downtime"]
DETAILS = ["unknown", "scheduled", "availability", "uptime_min", "uptime_max", "polls"]
NOON = at("2023-01-23T12:00")
# Open night and day, up at 09:00, down at 11:00, so down since 10:00; the other was not polled.
TABLES = frames(
    [
        Store(8, "Etc/UTC", polls=((NOON - 3 * HOUR, True), (NOON - HOUR, False))),
        Store(3, "Etc/UTC"),
    ]
)
WINDOWS = {"2h": Window("2h", "minutes"), "half a day": Window("12h", "hours")}


def report(windows: Mapping[str, AnyWindow] = WINDOWS, **options: Any) -> pl.DataFrame:
    return compute_report(*TABLES, instant(NOON), windows=windows, **options)


# --- worked by hand ------------------------------------------------------------------------------


def test_each_store_has_a_row_for_each_window_with_its_unit() -> None:
    found = tidy(report(), windows=WINDOWS)
    assert found.rows() == [
        (3, "2h", "minutes", 0.0, 0.0),
        (3, "half a day", "hours", 0.0, 0.0),
        (8, "2h", "minutes", 0.0, 120.0),  # 10:00-12:00
        (8, "half a day", "hours", 10.0, 2.0),  # 00:00-10:00
    ]
    assert found.schema == {
        "store_id": pl.Int64,
        "window": pl.Enum(["2h", "half a day"]),
        "unit": pl.String,
        "uptime": pl.Float64,
        "downtime": pl.Float64,
    }


def test_the_details_follow_where_the_report_has_them() -> None:
    found = tidy(report(detail=True), windows=WINDOWS)
    assert found.columns == ["store_id", "window", "unit", *TIMES, *DETAILS]
    # uptime, downtime, unknown, scheduled, availability, at least, at most, polls
    assert [row[3:] for row in found.rows()] == [
        (0.0, 0.0, 120.0, 120.0, None, 0.0, 120.0, 0),
        (0.0, 0.0, 12.0, 12.0, None, 0.0, 12.0, 0),
        (0.0, 120.0, 0.0, 120.0, 0.0, 0.0, 120.0, 1),
        (10.0, 2.0, 0.0, 12.0, 10 / 12, 0.0, 12.0, 2),
    ]
    assert found.schema["polls"] == pl.UInt32


def test_a_history_keeps_its_instants_in_front() -> None:
    instants = [instant(NOON - HOUR), instant(NOON)]
    found = tidy(compute_history(*TABLES, at=instants, windows=WINDOWS), windows=WINDOWS)
    assert found.columns[:4] == ["now", "store_id", "window", "unit"]
    assert found.schema["now"] == pl.Datetime("us", "UTC")
    assert found.filter(window="half a day", store_id=8).rows() == [
        (instants[0], 8, "half a day", "hours", 11.0, 1.0),  # 23:00-10:00, 10:00-11:00
        (instants[1], 8, "half a day", "hours", 10.0, 2.0),
    ]


def test_the_order_is_that_of_the_report_and_sorting_keeps_that_of_the_windows() -> None:
    long = tidy(report().reverse(), windows=dict(reversed(WINDOWS.items())))
    pairs = [(8, "half a day"), (8, "2h"), (3, "half a day"), (3, "2h")]
    assert long.select("store_id", "window").rows() == pairs
    by_window = long.sort("window", "store_id").select("window", "store_id").rows()
    assert by_window == [("half a day", 3), ("half a day", 8), ("2h", 3), ("2h", 8)]


def test_calendar_windows_have_their_own_units() -> None:
    windows = {"yesterday": CalendarWindow("day", unit="seconds"), "week": CalendarWindow("week")}
    found = tidy(report(windows, detail=True), windows=windows)
    assert (
        found.select("window", "unit", "scheduled").rows()
        == [
            ("yesterday", "seconds", 86_400.0),
            ("week", "hours", 168.0),
        ]
        * 2
    )


def test_the_error_of_the_availability_is_a_share_of_the_known_time() -> None:
    told = pl.DataFrame(
        {
            "store_id": [1, 2, 3],
            "uptime_2h": [90.0, 0.0, 7.0],
            "downtime_2h": [30.0, 0.0, 0.0],
            "uptime_expected_2h": [85.0, None, None],
            "uptime_error_2h": [12.0, None, None],  # store 3 has a single poll
        }
    )
    found = tidy(told, windows={"2h": WINDOWS["2h"]})
    assert found.columns[-3:] == ["uptime_expected", "uptime_error", "availability_error"]
    assert found["uptime_expected"].to_list() == [85.0, None, None]
    assert found["availability_error"].to_list() == [0.1, None, None]  # 12 / (90 + 30)
    nothing_known = told.with_columns(uptime_error_2h=1.0)
    assert tidy(nothing_known, windows={"2h": WINDOWS["2h"]})["availability_error"][1] is None


def test_a_report_without_stores_has_the_same_columns() -> None:
    for each in (report(), report(detail=True)):
        full, empty = (tidy(some, windows=WINDOWS) for some in (each, each.clear()))
        assert empty.height == 0
        assert empty.schema == full.schema


def test_the_default_windows_are_those_of_the_report() -> None:
    found = tidy(compute_report(*TABLES, instant(NOON)))
    assert found.schema["window"] == pl.Enum(list(DEFAULT_WINDOWS))
    assert found["unit"].to_list() == ["minutes", "hours", "hours"] * 2


CONTAINERS: dict[str, Callable[[pl.DataFrame], Any]] = {
    "lazy": pl.DataFrame.lazy,
    "arrow": pl.DataFrame.to_arrow,
    "pandas": lambda frame: pd.DataFrame(frame.to_dict(as_series=False)),
    "duckdb": lambda frame: duckdb.from_arrow(frame.to_arrow()),
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_any_container_will_do(container: str) -> None:
    # What went through a file or a database may have counted the polls in another type.
    detailed = report(detail=True).with_columns(pl.col("polls_2h").cast(pl.Int64))
    found = tidy(CONTAINERS[container](detailed), windows=WINDOWS)
    assert_frame_equal(found, tidy(detailed, windows=WINDOWS), check_exact=True, check_dtypes=False)


def test_other_columns_and_other_windows_are_ignored() -> None:
    more = report(detail=True).with_columns(region=pl.lit("x"), unit=1, window=pl.lit([1]))
    one = {"2h": WINDOWS["2h"]}
    found = tidy(more, windows=one)
    assert_frame_equal(found, tidy(report(one, detail=True), windows=one))


# --- laws ----------------------------------------------------------------------------------------

NAMES = ("last week", "v1.2", "uptime_x", "x", "unknown_x", "", "^Ω$ *", "availability", "1")


def pivoted(long: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Return the report of which a long form was made."""
    quantities = long.columns[3:]
    rows: dict[Any, dict[str, Any]] = {}
    for row in long.iter_rows(named=True):
        own = rows.setdefault(row["store_id"], {"store_id": row["store_id"]})
        own |= {f"{quantity}_{row['window']}": row[quantity] for quantity in quantities}
    usual, details = quantities[:2], quantities[2:]
    columns = {f"{quantity}_{name}": long.schema[quantity]
               for some in (usual, details) for name in names for quantity in some}  # fmt: skip
    schema = {"store_id": long.schema["store_id"], **columns}
    return pl.DataFrame(list(rows.values()), schema, orient="row")


@examples(25)
@given(scenarios(), st.permutations(NAMES), st.randoms(use_true_random=True))
def test_turned_back_it_is_the_report_to_the_last_bit(
    scenario: Scenario, names: list[str], chance: random.Random
) -> None:
    renamed = replace(scenario, lengths=dict(zip(names, scenario.lengths.values(), strict=False)))
    windows, detailed = windows_of(renamed.lengths), renamed.report()
    shuffled = detailed[chance.sample(range(detailed.height), detailed.height)]
    usual = shuffled.select("store_id", *(f"{part}_{name}" for name in windows for part in TIMES))
    for each in (shuffled, usual):
        assert bits(pivoted(tidy(each, windows=windows), list(windows))) == bits(each)


@examples(25)
@given(scenarios())
def test_a_row_is_the_summary_of_one_store(scenario: Scenario) -> None:
    windows = windows_of(scenario.lengths)
    found = tidy(scenario.report(), windows=windows)
    summary = summarize(scenario.report(), "store_id", windows=windows)
    same = ["store_id", "window", "unit", *TIMES, "unknown", "scheduled"]
    assert_frame_equal(found.select(same), summary.select(same), check_exact=True)


# --- names of windows ----------------------------------------------------------------------------


def test_the_uptime_of_another_window_is_no_detail() -> None:
    # Without details these four are the names of columns that nothing else has.
    names = ("x", "min_x", "max_x", "error_x")
    windows = dict.fromkeys(names, Window("2h", "minutes"))
    plain = report(windows)
    assert tidy(plain, windows=windows).columns == ["store_id", "window", "unit", *TIMES]
    one = {"x": windows["x"]}
    assert tidy(plain, windows=one).columns == ["store_id", "window", "unit", *TIMES]


# --- what it refuses -----------------------------------------------------------------------------

DETAILED = report(detail=True)
RETURNED = "Give what compute_report returned, with the windows that it was given."
ALL_OR_NONE = "Give what compute_report returned: a column of each window, or of none."
BAD_REPORTS: list[tuple[Any, str, str]] = [
    (7, "not_a_table", "report: a int is not a table."),
    (DETAILED.drop("uptime_2h"), "missing_column", "report.uptime_2h: no such column."),
    (tidy(DETAILED, windows=WINDOWS), "missing_column", RETURNED),
    (DETAILED.drop("unknown_2h"), "missing_column", ALL_OR_NONE),
    (DETAILED.drop("polls_half a day"), "missing_column", ALL_OR_NONE),
    (DETAILED.cast({"scheduled_2h": pl.Int64}), "unaccepted_type", "report.scheduled_2h: type Int64 is not accepted. Accepted: Float64, as compute_report returns it."),
    (DETAILED.cast({"polls_2h": pl.Float64}), "unaccepted_type", "report.polls_2h: type Float64 is not accepted. Accepted: integers, as compute_report returns them."),
    (DETAILED.with_columns(uptime_2h=-1.0), "impossible_time", "report.uptime_2h: null, negative"),
    (DETAILED.with_columns(uptime_2h=121.0), "longer_than_window", "above 120 minutes, the longest that the window can be"),
    (pl.concat([DETAILED, DETAILED]), "repeated_store", "report.store_id: a store more than once in 4 rows"),
    (DETAILED.cast({"store_id": pl.Float64}), "float_ids", "report.store_id: ids are floats"),
    (DETAILED.with_columns(store_id=pl.lit(None, pl.Int64)), "null_id", "report.store_id: null id in 2 rows"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "code", "sentence"), BAD_REPORTS)
def test_what_is_no_report_of_these_windows_is_refused(
    given: Any, code: str, sentence: str
) -> None:
    with pytest.raises(SchemaError) as caught:
        tidy(given, windows=WINDOWS)
    assert caught.value.code == code
    assert sentence in str(caught.value)


def test_windows_that_the_report_lacks_are_told_before_their_details() -> None:
    with pytest.raises(SchemaError) as caught:
        tidy(DETAILED, windows={**WINDOWS, "month": Window("30d")})
    assert (caught.value.code, caught.value.column) == ("missing_column", "uptime_month")
    with pytest.raises(PolicyError, match="windows: no windows"):
        tidy(DETAILED, windows={})


def test_minutes_are_no_hours() -> None:
    hours = {"2h": Window(dt.timedelta(hours=2), "hours")}
    with pytest.raises(SchemaError, match="the longest that the window can be"):
        tidy(report(), windows=hours)
