"""The page, for whatever may stand in the tables."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import polars as pl
from hypothesis import given, settings
from status_page.service import WINDOWS, page_of

from store_uptime import Inputs, compute_report, tidy
from store_uptime.testing import polls, st_inputs, weekly

# A busy machine is no fault of the page.
anything = settings(max_examples=30, deadline=None)


@anything
@given(st_inputs())
def test_there_is_a_row_for_each_store_and_window(inputs: Inputs) -> None:
    page = json.loads(json.dumps(page_of(inputs)))
    assert [row["window"] for row in page] == list(WINDOWS) * (len(page) // len(WINDOWS))
    assert all(row["up"] is None or 0 <= row["up"] <= 100 for row in page)


@anything
@given(st_inputs())
def test_only_what_was_never_down_is_at_100(inputs: Inputs) -> None:
    report = tidy(compute_report(inputs, windows=WINDOWS), windows=WINDOWS)
    for shown, row in zip(page_of(inputs), report.iter_rows(named=True), strict=True):
        assert (shown["up"] == 100) == (row["downtime"] == 0 < row["uptime"])


def page_at(now: datetime, story: str) -> list[int | None]:
    """Return what the page shows of store 7, for the day and for the week."""
    zones = pl.DataFrame({"store_id": [7], "timezone_str": ["UTC"]})
    inputs = Inputs(polls(story), weekly("7 Mon-Fri 09:00-17:00"), zones, now=now)
    return [row["up"] for row in page_of(inputs)]


# Down from 12:01 to 12:03: 478 of 480 minutes are 99.6 %.
def test_two_minutes_down_are_not_100() -> None:
    evening = datetime(2024, 5, 13, 17, tzinfo=UTC)
    story = "7 Mon 09:00 up, 12:00 up, 12:02 down, 12:04 up, 17:00 up"
    assert page_at(evening, story) == [99, 99]


# The poll speaks for a day, so up to Tuesday at 10:00. The week has some of that, the day nothing.
def test_what_nobody_knows_is_not_100() -> None:
    a_week_later = datetime(2024, 5, 20, 9, 30, tzinfo=UTC)
    assert page_at(a_week_later, "7 Mon 10:00 up") == [None, 100]
