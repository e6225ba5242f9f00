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
from typing import NamedTuple
from zoneinfo import ZoneInfo

from store_uptime._time.instants import from_microseconds
from store_uptime._time.units import DAY, FIRST_INSTANT, LAST_INSTANT


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
    # No two changes of offset in tzdata lie closer together than six days (Recife, October 2000),
    # so one look a day misses none. A test holds every zone of the package to that.
    for probe in [*range(start + DAY, end, DAY), end]:
        then = _offset(zone, probe)
        if then != offset:
            change = _change(zone, probe - DAY, probe, then)
            if change < end:
                yield Segment(since, change, offset)
                since, offset = change, then
    yield Segment(since, end, offset)


def offset_at(name: str, instant: int) -> int:
    """Return how far the zone's clock is ahead of UTC at an instant, in microseconds."""
    return _offset(_rules(name), instant)


def _change(zone: ZoneInfo, before: int, after: int, offset: int) -> int:
    """Return the first instant in ``(before, after]`` at which `offset` is in force."""
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == offset:
            after = middle
        else:
            before = middle
    return after


def _offset(zone: ZoneInfo, instant: int) -> int:
    """Return how far the wall clock is ahead of UTC at `instant`, in microseconds."""
    utc = from_microseconds(min(max(instant, FIRST_INSTANT), LAST_INSTANT))
    try:
        local = utc.astimezone(zone)
    except OverflowError:
        return 0  # the local date would lie outside the calendar, where no store is open
    return (local.replace(tzinfo=None) - utc.replace(tzinfo=None)) // dt.timedelta(microseconds=1)
