"""Instants as the clocks of stores show them: places on an axis, and texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from store_uptime._time.instants import from_microseconds
from store_uptime._time.zones import Segment, segments

_A_MILLISECOND = 1000


def clock_of(zone: str | None, first: int, last: int) -> list[Segment]:
    """Return the offsets of a zone, or of UTC, from `first` to `last`, both included."""
    return [*segments(zone, first, last + 1)] if zone else [Segment(first, last + 1, 0)]


def parts_on(clock: Sequence[Segment], start: int, end: int) -> Iterator[Segment]:
    """Cut a stretch where the clock changes, so that on the wall no part ends before it starts."""
    for since, until, offset in clock:
        part = Segment(max(start, since), min(end, until), offset)
        if part.start < part.end:
            yield part


def offset_on(clock: Sequence[Segment], instant: int) -> int:
    """Return the offset at an instant from the first to the last that the clock was made for."""
    return next(part.offset for part in clock if instant < part.end)


def place(instant: int, offset: int) -> int:
    """Return what the clock shows at an instant, in milliseconds, as charts have their times."""
    return (instant + offset) // _A_MILLISECOND


def told_instant(instant: int, offset: int | None) -> str:
    """Return what the clock shows, and how far it is ahead of UTC; without offset, UTC.

    Examples
    --------
    >>> told_instant(1_674_496_470_000_000, -5 * 3_600_000_000)
    'Mon 2023-01-23 12:54:30 -05:00'
    >>> told_instant(1_674_496_470_250_000, None)
    'Mon 2023-01-23 17:54:30.25 UTC'
    """
    wall = from_microseconds(instant + (offset or 0))
    fraction = f".{wall.microsecond:06}".rstrip("0").rstrip(".")
    date = f"{wall:%a} {wall.date().isoformat()} {wall:%H:%M:%S}{fraction}"
    return f"{date} {_told_offset(offset)}"


def _told_offset(offset: int | None) -> str:
    if offset is None:
        return "UTC"
    minutes, seconds = divmod(abs(offset) // 10**6, 60)
    sign = "-" if offset < 0 else "+"
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}{f':{seconds:02}' if seconds else ''}"
