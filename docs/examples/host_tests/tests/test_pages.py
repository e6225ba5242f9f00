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


def test_what_nobody_knows_is_not_at_100() -> None:
    zones = pl.DataFrame({"store_id": [7], "timezone_str": ["UTC"]})
    a_week_later = datetime(2024, 5, 20, 18, tzinfo=UTC)
    inputs = Inputs(
        polls("7 Mon 10:00 up"), weekly("7 Mon-Fri 09:00-17:00"), zones, now=a_week_later
    )
    # The poll speaks for the rest of its Monday, and for Tuesday up to 10:00; the week holds only
    # what comes after 18:00 on Monday.
    assert page_of(inputs) == [
        {"store_id": "7", "window": "day", "up": None},
        {"store_id": "7", "window": "week", "up": 100},
    ]
