"""A timeline that comes back, asked for many windows: worked by hand."""

from __future__ import annotations

import datetime as dt

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
