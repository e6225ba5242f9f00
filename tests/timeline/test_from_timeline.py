"""Reports and outages from a timeline alone, beside those from its polls."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import (
    CalendarWindow,
    CoverageWarning,
    Window,
    compute_history,
    compute_outages,
    compute_report,
    compute_timeline,
    every,
    outages_from_timeline,
    report_from_timeline,
)
from store_uptime.testing import make_dataset
from store_uptime.windows import AnyWindow

DATA = make_dataset(30, 14, seed=3, outages_per_day=2)
NOW = DATA.now
START = NOW - dt.timedelta(days=13)
COVERS = (START, NOW)
TIMELINE = compute_timeline(DATA.inputs, start=START)
WINDOWS = {
    "week": Window("7d"),
    "hour": Window("1h", "minutes"),
    "yesterday": CalendarWindow("day"),
    "today": CalendarWindow("day", 0, "seconds"),
}


def without_polls(report: pl.DataFrame) -> pl.DataFrame:
    """Leave out what only polls can tell."""
    return report.select(pl.exclude("^uptime_m(in|ax)_.*$", "^polls_.*$"))


def from_timeline(timeline: Any = TIMELINE, **options: Any) -> pl.DataFrame:
    return report_from_timeline(timeline, DATA.timezones, **{"covers": COVERS, **options})


@pytest.mark.parametrize("detail", [False, True])
def test_the_report_is_that_of_the_polls(detail: bool) -> None:  # noqa: FBT001
    expected = compute_report(DATA.inputs, windows=WINDOWS, detail=detail)
    found = from_timeline(windows=WINDOWS, detail=detail)
    assert_frame_equal(found, without_polls(expected), check_exact=True)


@pytest.mark.parametrize("batch_stores", [None, 1, 7])
def test_rows_may_come_in_any_order_and_in_any_form(batch_stores: int | None) -> None:
    shuffled = TIMELINE.sample(fraction=1, shuffle=True, seed=1)
    expected = from_timeline(windows=WINDOWS, detail=True)
    for form in (shuffled, shuffled.lazy(), TIMELINE.lazy(), shuffled.to_arrow()):
        found = from_timeline(form, windows=WINDOWS, detail=True, batch_stores=batch_stores)
        assert_frame_equal(found, expected, check_exact=True)


def test_a_history_has_a_report_at_each_instant() -> None:
    at = every("9h", start=START + dt.timedelta(days=8), end=NOW)
    history = from_timeline(at=at, windows=WINDOWS, detail=True)
    assert (
        history.columns
        == without_polls(compute_history(DATA.inputs, at=at, windows=WINDOWS, detail=True)).columns
    )
    assert history["now"].unique().to_list() == at
    for now in at:
        own = history.filter(pl.col("now") == now).drop("now")
        expected = from_timeline(now=now, windows=WINDOWS, detail=True)
        assert_frame_equal(own, expected, check_exact=True)


def test_outages_are_those_of_the_polls() -> None:
    """Those that end in open time; how others go on is said by the polls alone."""
    found = outages_from_timeline(TIMELINE, covers=COVERS)
    expected = compute_outages(DATA.inputs, start=START).select(found.columns)
    columns = ["store_id", "start", "end", "downtime"]
    assert_frame_equal(found.select(columns), expected.select(columns))
    settled = ~found["ongoing"]
    assert settled.any()
    assert_frame_equal(found.filter(settled), expected.filter(settled))


def test_a_window_outside_of_the_pieces_is_warned_of() -> None:
    with pytest.warns(CoverageWarning, match="windows 'month' begin before it") as told:
        report_from_timeline(TIMELINE, windows={"month": Window("30d"), "day": Window("1d")})
    warning = told[0].message
    assert isinstance(warning, CoverageWarning)
    assert warning.outside == ("month",)
    assert warning.covers is not None
    assert warning.covers[1] == TIMELINE["end"].max()


def test_columns_are_found_in_any_case() -> None:
    """As a database may give them back."""
    loud = TIMELINE.rename(str.upper)
    assert from_timeline(loud).equals(from_timeline())
    assert from_timeline(loud.lazy()).equals(from_timeline())


@pytest.mark.parametrize("window", [Window("1d"), CalendarWindow("day")], ids=["length", "period"])
def test_a_report_on_no_stores_has_its_columns(window: AnyWindow) -> None:
    windows = {"day": window}
    expected = from_timeline(windows=windows).clear()
    found = report_from_timeline(
        TIMELINE.clear(), DATA.timezones.clear(), windows=windows, covers=COVERS
    )
    assert_frame_equal(found, expected)
