"""A timeline that comes back, asked for many windows: worked by hand."""

from __future__ import annotations

import datetime as dt
from functools import partial

import polars as pl

from store_uptime import Window, report_from_timeline

DAY = dt.timedelta(days=1)
FIRST = dt.datetime(2024, 5, 13, tzinfo=dt.UTC)
DAYS = 40


def test_each_of_many_windows_has_its_own_days() -> None:
    """Up and down by turns, a day each: every window of a day has 24 hours of the one."""
    starts = [FIRST + number * DAY for number in range(DAYS)]
    timeline = pl.DataFrame(
        {
            "store_id": [7] * DAYS,
            "start": starts,
            "end": [start + DAY for start in starts],
            "state": ["up", "down"] * (DAYS // 2),
        }
    )
    found = report_from_timeline(
        timeline, at=[start + DAY for start in starts], windows={"day": Window("1d")}
    )
    assert found["uptime_day"].to_list() == [24.0, 0.0] * (DAYS // 2)
    assert found["downtime_day"].to_list() == [0.0, 24.0] * (DAYS // 2)


def _note(seen: list[tuple[int, int]], done: int, of: int) -> None:
    seen.append((done, of))


def test_stores_come_in_their_order_and_are_told_batch_by_batch() -> None:
    """Of a day, each store is up for 12, down for 8 and unknown for 4 hours; store 9 comes first."""
    parts = [("up", 0, 12), ("down", 12, 20), ("unknown", 20, 24)]
    stores = [f"store {number}" for number in range(9, 0, -1)]
    timeline = pl.DataFrame(
        [
            (store, FIRST + dt.timedelta(hours=start), FIRST + dt.timedelta(hours=end), state)
            for store in stores
            for state, start, end in parts
        ],
        schema=["store_id", "start", "end", "state"],
        orient="row",
    )
    for size, told in ((None, [(9, 9)]), (4, [(4, 9), (8, 9), (9, 9)])):
        seen: list[tuple[int, int]] = []
        found = report_from_timeline(
            timeline,
            now=FIRST + DAY,
            windows={"day": Window("1d")},
            detail=True,
            batch_stores=size,
            progress=partial(_note, seen),
        )
        assert seen == told
        assert found["store_id"].to_list() == sorted(stores)
        columns = ("uptime_day", "downtime_day", "unknown_day", "scheduled_day")
        assert set(found.select(columns).rows()) == {(12.0, 8.0, 4.0, 24.0)}
