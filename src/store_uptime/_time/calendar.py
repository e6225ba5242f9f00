"""Local dates: what the wall clocks of zones read, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import polars as pl

from store_uptime._effort import run_as_written
from store_uptime._time.changes import FROM_HERE_BY_RULE
from store_uptime._time.quiet import FOUR_CENTURIES, WEEK, Run, Stretch, outside, repeats
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


def all_readings(name: str, wall: int) -> list[int]:
    """Return every instant at which the zone's clock reads `wall`: none, one or two as a rule.

    `wall` is in microseconds since 1970-01-01 on the wall, the result since 1970 UTC.
    """
    nearby = segments(name, wall - DAY, wall + DAY)
    return [wall - part.offset for part in nearby if part.start <= wall - part.offset < part.end]


class Calendar(NamedTuple):
    """The local dates of some zones, but for the runs of quiet time.

    Attributes
    ----------
    dates
        A row is one local date in one segment: `z` (the zone's rank), `day` (0-6), `midnight` (the
        date's 00:00 on the wall, in microseconds since 1970-01-01 on the wall), `segment_start`,
        `segment_end` (in UTC), `offset`. The date before the first is included for the hours that
        run past midnight. Segments end where a run begins.
    runs
        The stretches without dates: `z`, `start`, `end`, `period`, as in `Run`.
    """

    dates: pl.DataFrame
    runs: pl.DataFrame


def make_calendar(
    names: Sequence[str], start: int, end: int, quiet: Sequence[Stretch] = ()
) -> Calendar:
    """Return every local date that the wall clocks of zones can show in ``[start, end)``.

    `quiet` are sorted stretches in which a week may stand for the weeks after it.
    """
    kept: list[tuple[int, ...]] = []
    runs: list[tuple[int, ...]] = []
    for z, name in enumerate(names):
        for part in _parts(name, start, end, quiet):
            if isinstance(part, Run):
                runs.append((z, *part))
            else:
                kept.append((z, *part, *_midnights(part)))
    columns = ("z", "segment_start", "segment_end", "offset", "first", "last")
    midnight = pl.int_ranges("first", "last", DAY).alias("midnight")
    weekday = (pl.col("midnight") // DAY + 3) % 7
    dates = _frame(kept, columns).lazy().select(*columns[:4], midnight).explode("midnight")
    dates = dates.with_columns(weekday.alias("day"))
    return Calendar(run_as_written(dates), _frame(runs, _RUN) if runs else _NO_RUNS)


def _frame(rows: list[tuple[int, ...]], columns: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.Int64), orient="row")


_RUN = ("z", *Run._fields)
_NO_RUNS = _frame([], _RUN)


def _parts(name: str, start: int, end: int, quiet: Sequence[Stretch]) -> Iterator[Segment | Run]:
    """Cut ``[start, end)`` into the runs of the zone, and segments around them."""
    cycles = list(repeats(quiet, max(start, FROM_HERE_BY_RULE), end, FOUR_CENTURIES))
    yield from cycles
    for around in outside(cycles, start, end):
        for since, until, offset in segments(name, *around):
            weeks = list(repeats(quiet, since, until, WEEK))
            yield from weeks
            for part in outside(weeks, since, until):
                yield Segment(*part, offset)


def _midnights(segment: Segment) -> tuple[int, int]:
    """Return the first midnight whose hours can reach into the segment, and the segment's end."""
    first = segment.start + segment.offset
    # No row reaches further than two whole days past its midnight: 24 hours from 24:00 on.
    return (first // DAY - 1) * DAY, segment.end + segment.offset
