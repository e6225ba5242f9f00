"""Who is called: a store that is down, and has been for half an hour of its open time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from status_page.service import stores_to_call

from store_uptime.testing import polls, weekly

Fill = Callable[..., None]
OFFICE = weekly("7 Mon-Fri 09:00-17:00")


def at(hour: int, minute: int = 0, *, day: int = 13) -> datetime:
    return datetime(2024, 5, day, hour, minute, tzinfo=UTC)


# The polls at 09:30 and 10:10 meet at 09:50: the store is down from then on.
@pytest.mark.parametrize(("now", "called"), [(at(10, 19), []), (at(10, 20), [7])])
def test_a_store_is_called_after_half_an_hour(
    database: sqlite3.Connection, fill: Fill, now: datetime, called: list[int]
) -> None:
    fill(polls("7 Mon 09:30 up, 10:10 down"), OFFICE)
    assert stores_to_call(database, now) == called


# Down from 16:40 on, so for 20 minutes of Monday. On Tuesday at 09:10 they are 30.
@pytest.mark.parametrize(("now", "called"), [(at(9, 9, day=14), []), (at(9, 10, day=14), [7])])
def test_the_night_does_not_count(
    database: sqlite3.Connection, fill: Fill, now: datetime, called: list[int]
) -> None:
    fill(polls("7 Mon 16:30 up, 16:50 down, Tue 09:02 down"), OFFICE)
    assert stores_to_call(database, now) == called


def test_a_store_that_came_back_is_not_called(database: sqlite3.Connection, fill: Fill) -> None:
    fill(polls("7 Mon 09:00 down, 10:00 down, 10:10 up"), OFFICE)
    assert stores_to_call(database, at(10, 15)) == []


def test_hours_are_those_of_the_stores_own_clock(database: sqlite3.Connection, fill: Fill) -> None:
    # In New York it is 05:10, and the store is closed: nobody has to get up.
    fill(polls("7 Mon 09:00 down, 09:10 down"), OFFICE, zone="America/New_York")
    assert stores_to_call(database, at(9, 10)) == []
