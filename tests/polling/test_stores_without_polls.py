"""A store that was never polled, between two that were."""

from __future__ import annotations

import datetime as dt

import polars as pl

from store_uptime import describe_polls
from store_uptime.testing import polls

NOW = dt.datetime(2024, 5, 14, tzinfo=dt.UTC)  # a Tuesday
HOUR = dt.timedelta(hours=1)


def test_it_borrows_nothing_from_its_neighbours() -> None:
    """Of stores 1 and 3 the gaps are of 2 and 4 hours; from the last poll to `now` it is longer."""
    status = polls(
        "1 Mon 10:00 up, Mon 12:00 down\n3 Mon 08:00 down, Mon 12:00 up", week="2024-05-13"
    )
    zones = pl.DataFrame({"store_id": [1, 2, 3], "timezone_str": ["UTC"] * 3})
    found = describe_polls(status, None, zones, NOW, start=NOW - 24 * HOUR)
    noon = NOW - 12 * HOUR
    columns = ("polls", "first_poll", "last_poll", "evidence", "median_gap", "longest_gap")
    assert found.select(columns).rows() == [
        (2, noon - 2 * HOUR, noon, 2, 2 * HOUR, 12 * HOUR),
        (0, None, None, 0, None, None),
        (2, noon - 4 * HOUR, noon, 2, 4 * HOUR, 12 * HOUR),
    ]
