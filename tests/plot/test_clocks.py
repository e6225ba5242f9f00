"""Instants as the clocks of stores show them."""

from __future__ import annotations

import datetime as dt

import pytest

from store_uptime._time.instants import microseconds
from store_uptime.plot.clocks import clock_of, offset_on, parts_on, place, told_instant

HOUR = 3600 * 10**6


def utc(*when: int) -> int:
    return microseconds(dt.datetime(*when, tzinfo=dt.UTC))  # type: ignore[arg-type, misc]  # a date


def test_a_piece_through_the_repeated_hour_is_two_parts() -> None:
    # New York goes back at 06:00 UTC on 2024-11-03, from 02:00 to 01:00.
    start, change, end = utc(2024, 11, 3, 4), utc(2024, 11, 3, 6), utc(2024, 11, 3, 8)
    clock = clock_of("America/New_York", start, end)
    parts = [*parts_on(clock, start, end)]
    assert parts == [(start, change, -4 * HOUR), (change, end, -5 * HOUR)]
    wall = [(place(part.start, part.offset), place(part.end, part.offset)) for part in parts]
    midnight = utc(2024, 11, 3) // 1000
    assert wall == [(midnight, midnight + 7_200_000), (midnight + 3_600_000, midnight + 10_800_000)]
    assert [*parts_on(clock, change, end)] == parts[1:]
    assert [*parts_on(clock, start, change)] == parts[:1]


def test_offsets_are_told_up_to_the_last_instant() -> None:
    start, end = utc(2024, 11, 3, 4), utc(2024, 11, 3, 6)
    clock = clock_of("America/New_York", start, end)
    assert [offset_on(clock, each) // HOUR for each in (start, end - 1, end)] == [-4, -4, -5]
    assert [part.offset for part in clock_of(None, start, end)] == [0]


@pytest.mark.parametrize(
    ("instant", "offset", "told"),
    [
        (utc(2024, 11, 3, 4), -4 * HOUR, "Sun 2024-11-03 00:00:00 -04:00"),
        (utc(2024, 11, 3, 4) + 1, 20_700 * 10**6, "Sun 2024-11-03 09:45:00.000001 +05:45"),
        (utc(1960, 1, 1), -2_670 * 10**6, "Thu 1959-12-31 23:15:30 -00:44:30"),  # Monrovia
        (utc(1, 1, 1), None, "Mon 0001-01-01 00:00:00 UTC"),
        (utc(2024, 11, 3, 4), 0, "Sun 2024-11-03 04:00:00 +00:00"),
    ],
)
def test_an_instant_is_told_exactly(instant: int, offset: int | None, told: str) -> None:
    assert told_instant(instant, offset) == told
