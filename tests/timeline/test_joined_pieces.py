"""Pieces and outages are as long as they can be: worked by hand."""

from __future__ import annotations

import datetime as dt

import polars as pl

from store_uptime import Policy, compute_outages, compute_timeline
from store_uptime.testing import polls, weekly

WEEK = "2024-05-13"


def monday(hours: float) -> dt.datetime:
    """Return an instant so many hours after Monday began."""
    return dt.datetime(2024, 5, 13, tzinfo=dt.UTC) + dt.timedelta(hours=hours)


def test_pieces_of_one_state_that_touch_are_one() -> None:
    """Polls 30 hours apart, each of which speaks for a day: neighbours meet after 15 hours.

    Store 2 is up in all three. Store 1 is down in the last, so from Tuesday 21:00 on.
    """
    status = polls(
        "1 Mon 00:00 up, Tue 06:00 up, Wed 12:00 down\n2 Mon 00:00 up, Tue 06:00 up, Wed 12:00 up",
        week=WEEK,
    )
    found = compute_timeline(status, now=monday(60), start=monday(0))
    assert found.rows() == [
        (1, monday(0), monday(45), "up"),
        (1, monday(45), monday(60), "down"),
        (2, monday(0), monday(60), "up"),
    ]


def test_an_outage_goes_on_behind_closed_time_for_each_store() -> None:
    """Open for an hour on Monday, Tuesday and Wednesday, and down in each of them."""
    status = polls(
        "\n".join(f"{store} Mon 09:30 down, Tue 09:30 down, Wed 09:30 down" for store in (1, 2)),
        week=WEEK,
    )
    hours = weekly("1 Mon-Wed 09:00-10:00\n2 Mon-Wed 09:00-10:00")
    zones = pl.DataFrame({"store_id": [1, 2], "timezone_str": ["UTC", "UTC"]})
    found = compute_outages(status, hours, zones, monday(60), start=monday(0))
    assert found.select("store_id", "start", "downtime").rows() == [
        (1, monday(9), dt.timedelta(hours=3)),
        (2, monday(9), dt.timedelta(hours=3)),
    ]


def test_a_poll_that_says_up_where_an_outage_begins_lies_before_it() -> None:
    """With `next`, the poll at 11:00 speaks from 10:00 on, where the store was last seen up."""
    status = polls("1 Mon 09:00 up, Mon 10:00 up, Mon 11:00 down, Mon 12:00 up", week=WEEK)
    policy = Policy(interpolation="next")
    found = compute_outages(status, now=monday(12), start=monday(0), policy=policy)
    assert found.select("start", "end", "last_poll_before", "first_poll_after").rows() == [
        (monday(10), monday(11), monday(10), monday(12))
    ]
