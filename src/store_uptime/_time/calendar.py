"""Local dates: what the wall clocks of zones read, and when."""

from __future__ import annotations

from functools import cache

import polars as pl

from store_uptime._time.units import DAY
from store_uptime._time.zones import Segment, offset_at, segments


def wall_clock(name: str, instant: int) -> int:
    """Return what the zone's clock reads, in microseconds since 1970-01-01 on the wall."""
    return instant + offset_at(name, instant)


@cache
def first_reading(name: str, wall: int) -> int:
    """Return the first instant at which the zone's clock reads `wall` or later.

    `wall` is in microseconds since 1970-01-01 on the wall, the result since 1970 UTC.
    """
    # No wall clock is, or was, as much as a day apart from UTC.
    nearby = segments(name, wall - DAY, wall + 2 * DAY)
    firsts = ((max(part.start, wall - part.offset), part.end) for part in nearby)
    return next(first for first, end in firsts if first < end)


def calendar_frame(names: list[str], start: int, end: int) -> pl.DataFrame:
    """Return every local date that the wall clocks of some zones can show in ``[start, end)``.

    A row is one local date in one segment: `z` (the zone's rank in `names`), `day` (0-6),
    `midnight` (the date's 00:00 on the wall, in microseconds since 1970-01-01 on the wall),
    `segment_start`, `segment_end` (in UTC), `offset`. The date before the first is included for
    the hours that run past midnight.
    """
    rows = [
        (z, (midnight // DAY + 3) % 7, midnight, *segment)
        for z, name in enumerate(names)
        for segment in segments(name, start, end)
        for midnight in range(*_dates(segment), DAY)
    ]
    columns = ("z", "day", "midnight", "segment_start", "segment_end", "offset")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.Int64), orient="row")


def _dates(segment: Segment) -> tuple[int, int]:
    """Return the first midnight whose hours can reach into the segment, and the segment's end."""
    first = segment.start + segment.offset
    # No row reaches further than two whole days past its midnight: 24 hours from 24:00 on.
    return (first // DAY - 1) * DAY, segment.end + segment.offset
