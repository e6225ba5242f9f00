"""Time zones as segments of constant offset, read from the tzdata package and nowhere else.

`zoneinfo.ZoneInfo(key)` and `dateutil.tz` look at the operating system's files first, and polars
carries a copy of its own; all of them go stale while the tzdata package is a `pip install` away
from being right. So the package's files are opened here by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from store_uptime._time.changes import look_at
from store_uptime._time.instants import from_microseconds
from store_uptime._time.units import DAY, FIRST_INSTANT, LAST_INSTANT, UNIT_MICROSECONDS

_SECOND = UNIT_MICROSECONDS["seconds"]


class Segment(NamedTuple):
    """A stretch of UTC, ``[start, end)``, in which the wall clock is UTC plus `offset`."""

    start: int
    end: int
    offset: int


@cache
def _rules(name: str) -> ZoneInfo:
    path = resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with path.open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def segments(name: str, start: int, end: int) -> Iterator[Segment]:
    """Cut ``[start, end)`` (microseconds since 1970 UTC) at the zone's changes of offset."""
    zone = _rules(name)
    since, offset = start, _offset(zone, start)
    for before, after in pairwise(_probes(name, start, end)):
        then = _offset(zone, after)
        if then != offset:
            change = _change(zone, before, after, then)
            if change < end:
                yield Segment(since, change, offset)
                since, offset = change, then
    yield Segment(since, end, offset)


def _probes(name: str, start: int, end: int) -> list[int]:
    """Return instants from `start` to `end`, from each to the next one change at most."""
    # `_offset` is 0 where the local date would lie outside the calendar, up to a day at its ends.
    ends = (FIRST_INSTANT, FIRST_INSTANT + DAY, LAST_INSTANT - DAY, LAST_INSTANT)
    return sorted({*look_at(name, start, end), *(each for each in ends if start < each < end)})


def offset_at(name: str, instant: int) -> int:
    """Return how far the zone's clock is ahead of UTC at an instant, in microseconds."""
    return _offset(_rules(name), instant)


def _change(zone: ZoneInfo, before: int, after: int, offset: int) -> int:
    """Return the first instant in ``(before, after]`` at which `offset` is in force."""
    if _offset(zone, after - 1) != offset:
        return after  # as the file lists it
    low, high = before // _SECOND, -(-after // _SECOND)  # clocks change at whole seconds
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle * _SECOND) == offset:
            high = middle
        else:
            low = middle
    return high * _SECOND


def _offset(zone: ZoneInfo, instant: int) -> int:
    """Return how far the wall clock is ahead of UTC at `instant`, in microseconds."""
    utc = from_microseconds(min(max(instant, FIRST_INSTANT), LAST_INSTANT))
    try:
        local = utc.astimezone(zone)
    except OverflowError:
        return 0  # the local date would lie outside the calendar, where no store is open
    return (local.replace(tzinfo=None) - utc.replace(tzinfo=None)) // dt.timedelta(microseconds=1)
