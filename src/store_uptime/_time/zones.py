"""Time zones as segments of constant offset, read from the tzdata package and nowhere else.

`zoneinfo.ZoneInfo(key)` and `dateutil.tz` look at the operating system's files first, and polars
carries a copy of its own; all of them go stale while the tzdata package is a `pip install` away
from being right. So the package's files are opened here by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import NamedTuple
from zoneinfo import ZoneInfo

import polars as pl

from store_uptime._time.instants import from_microseconds
from store_uptime.errors import SHOWN_VALUES, UnknownTimeZoneError

# No two changes of offset in tzdata lie closer together than six days (Recife, October 2000), so
# one look a day misses none. A test holds every zone of the package to that.
_STEP = 86_400 * 10**6
_FIRST = -62_135_596_800_000_000  # 0001-01-01, where datetime begins
_LAST = 253_402_300_799_999_999  # 9999-12-31, where it ends


class Segment(NamedTuple):
    """A stretch of UTC, ``[start, end)``, in which the wall clock is UTC plus `offset`."""

    start: int
    end: int
    offset: int


@cache
def zone_names() -> frozenset[str]:
    """Return the names that tzdata lists. No other name ever becomes part of a path."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())


def check_zones(names: Iterable[str], *, table: str, column: str) -> None:
    """Raise `UnknownTimeZoneError` unless tzdata lists all `names`."""
    unknown = [name for name in names if name not in zone_names()]
    if unknown:
        raise UnknownTimeZoneError(
            "zone unknown to the tzdata package",
            table=table,
            column=column,
            count=len(unknown),
            values=sorted(set(unknown), key=repr)[:SHOWN_VALUES],
            remedy="Use an IANA name such as 'America/Chicago', "
            "or upgrade tzdata if the zone is new.",
        )


@cache
def _rules(name: str) -> ZoneInfo:
    path = resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with path.open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def segments(name: str, start: int, end: int) -> Iterator[Segment]:
    """Cut ``[start, end)`` (microseconds since 1970 UTC) at the zone's changes of offset."""
    zone = _rules(name)
    since, offset = start, _offset(zone, start)
    for probe in [*range(start + _STEP, end, _STEP), end]:
        then = _offset(zone, probe)
        if then != offset:
            change = _change(zone, probe - _STEP, probe, then)
            if change < end:
                yield Segment(since, change, offset)
                since, offset = change, then
    yield Segment(since, end, offset)


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
    utc = from_microseconds(min(max(instant, _FIRST), _LAST))
    try:
        local = utc.astimezone(zone)
    except OverflowError:
        return 0  # the local date would lie outside the calendar, where no store is open
    return (local.replace(tzinfo=None) - utc.replace(tzinfo=None)) // dt.timedelta(microseconds=1)


def wall_clock(name: str, instant: int) -> int:
    """Return what the zone's clock reads, in microseconds since 1970-01-01 on the wall."""
    return instant + _offset(_rules(name), instant)


@cache
def first_reading(name: str, wall: int) -> int:
    """Return the first instant at which the zone's clock reads `wall` or later.

    `wall` is in microseconds since 1970-01-01 on the wall, the result since 1970 UTC.
    """
    # No wall clock is, or was, as much as a day apart from UTC.
    nearby = segments(name, wall - _STEP, wall + 2 * _STEP)
    firsts = ((max(part.start, wall - part.offset), part.end) for part in nearby)
    return next(first for first, end in firsts if first < end)


def calendar_frame(names: list[str], start: int, end: int) -> pl.DataFrame:
    """Return every local date that the wall clocks of some zones can show in ``[start, end)``.

    A row is one local date in one segment: `z` (the zone's place in `names`), `day` (0-6),
    `midnight` (the date's 00:00 on the wall, in microseconds since 1970-01-01 on the wall),
    `from`, `to` (the segment's bounds in UTC), `offset`. The date before the first is included
    for the hours that run past midnight.
    """
    rows = [
        (z, (midnight // _STEP + 3) % 7, midnight, *segment)
        for z, name in enumerate(names)
        for segment in segments(name, start, end)
        for midnight in range(*_dates(segment), _STEP)
    ]
    columns = ("z", "day", "midnight", "from", "to", "offset")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.Int64), orient="row")


def _dates(segment: Segment) -> tuple[int, int]:
    """Return the first midnight whose hours can reach into the segment, and the segment's end."""
    first = segment.start + segment.offset
    # No row reaches further than two whole days past its midnight: 24 hours from 24:00 on.
    return (first // _STEP - 1) * _STEP, segment.end + segment.offset
