"""Where the last microsecond, or the border between two stores, decides: worked by hand."""

from __future__ import annotations

import datetime as dt

import polars as pl

from store_uptime import Policy, Window, compute_report, describe_polls
from store_uptime.testing import polls

NOW = dt.datetime(2024, 5, 20, tzinfo=dt.UTC)  # a Monday
WEEK = {"week": Window("7d")}


def maintenance(start: dt.datetime | None, end: dt.datetime | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"store_id": [1], "start_utc": [start], "end_utc": [end]},
        schema_overrides={
            "start_utc": pl.Datetime("us", "UTC"),
            "end_utc": pl.Datetime("us", "UTC"),
        },
    )


def test_a_known_microsecond_has_an_availability() -> None:
    # The poll at the end of the window speaks for the microsecond before it.
    status = polls("1 Mon 00:00 down", week="2024-05-20")
    found = compute_report(status, now=NOW, windows=WEEK, policy=Policy(max_gap="1us"), detail=True)
    assert found["downtime_week"].item() * 3600 * 10**6 == 1
    assert found["availability_week"].item() == 0.0


def test_gaps_of_microseconds_have_a_ratio() -> None:
    """A microsecond from up to down, two from down to up: 2 / 1."""
    hour = NOW - dt.timedelta(hours=1)
    status = pl.DataFrame(
        {
            "store_id": [1] * 3,
            "timestamp_utc": [hour + dt.timedelta(microseconds=after) for after in (0, 1, 3)],
            "status": [True, False, True],
        },
        schema_overrides={"timestamp_utc": pl.Datetime("us", "UTC")},
    )
    assert describe_polls(status, now=NOW)["gap_ratio"].item() == 2.0


def test_maintenance_from_now_on_closes_the_store_at_now() -> None:
    """The poll at `now` is outside the hours, so only the one on Sunday speaks: up for a day.

    One microsecond later, the store is still open at `now`, and the two meet at 23:00.
    """
    status = polls("1 Sun 22:00 up, Mon 00:00 down", week="2024-05-13").with_columns(
        timestamp_utc=pl.Series([NOW - dt.timedelta(hours=2), NOW])
    )
    later = NOW + dt.timedelta(microseconds=1)
    found = [
        compute_report(
            status, now=NOW, windows=WEEK, maintenance=maintenance(start, None), detail=True
        ).select("uptime_week", "downtime_week", "polls_week")
        for start in (NOW, later)
    ]
    assert [each.row(0) for each in found] == [(26.0, 0.0, 1), (25.0, 1.0, 2)]


def test_maintenance_for_ever_is_of_its_own_store() -> None:
    """Store 1 is closed for ever from Sunday on, store 2 never: 6 and 7 days."""
    status = polls("1 Mon 12:00 up\n2 Mon 12:00 up", week="2024-05-13")
    sunday = NOW - dt.timedelta(days=1)
    for end in (None, NOW + dt.timedelta(days=900)):
        found = compute_report(
            status,
            now=NOW,
            windows=WEEK,
            policy=Policy(lookback="0s"),
            maintenance=maintenance(sunday, end),
            detail=True,
        )
        assert found["scheduled_week"].to_list() == [6 * 24.0, 7 * 24.0]
