"""The hours of the local week: what all stores together have in each of them."""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

import polars as pl

from store_uptime._tables.timeline_rows import STATE_DTYPE, Pieces
from store_uptime._time.units import DAY, UNIT_MICROSECONDS
from store_uptime._time.zones import segments

WEEK_HOURS = 168
_WALL_HOUR = UNIT_MICROSECONDS["hours"]
_MONDAY = 4 * DAY  # the first one, 1970-01-05


class LocalHour(NamedTuple):
    """An hour of the local week, and what all stores have in it, in microseconds.

    Attributes
    ----------
    day, hour
        0 is Monday; 0 is from midnight to 01:00.
    up, down, unknown
        The open time in each state.
    """

    day: int
    hour: int
    up: int
    down: int
    unknown: int

    @property
    def known(self) -> int:
        """Uptime and downtime."""
        return self.up + self.down


def sum_local_hours(
    pieces: Pieces, timezones: pl.DataFrame | None, default_timezone: str
) -> list[LocalHour]:
    """Return the hours of the week, Monday's first.

    `timezones` has `store_id` and `timezone_str`, which may be null; without it, all is UTC.
    """
    # Up to an instant, a clock has shown each hour of the week once for each whole week, once more
    # if it comes before the hour that runs, and that one in part. What a piece has in an hour is
    # the difference of this between its end and its start. So it is enough to know, of all edges
    # together, how many lie in which hour, and how far into it: no piece is ever cut at an hour.
    rows = _on_the_wall(pieces, timezones, default_timezone)
    wall = pl.col("wall") - _MONDAY
    hours = wall // _WALL_HOUR
    edges = pl.concat(
        [
            rows.select("state", wall="end", sign=pl.lit(1)),
            rows.select("state", wall="start", sign=pl.lit(-1)),
        ]
    ).select(
        "state",
        running=hours - hours // WEEK_HOURS * WEEK_HOURS,
        edges="sign",
        weeks=pl.col("sign") * (hours // WEEK_HOURS),
        part=pl.col("sign") * (wall - hours * _WALL_HOUR),
    )
    sums = pieces.collect(edges.group_by("state", "running").sum())
    totals = [_by_running_hour(sums.filter(state=state)) for state in STATE_DTYPE.categories]
    return [
        LocalHour(*divmod(number, 24), *each)
        for number, each in enumerate(zip(*totals, strict=True))
    ]


def _on_the_wall(
    pieces: Pieces, timezones: pl.DataFrame | None, default_timezone: str
) -> pl.LazyFrame:
    """Return `state`, `start` and `end` on the wall clocks, a row for each piece and offset."""
    if timezones is None or pieces.first is None or pieces.last is None:
        return pieces.rows.select("state", "start", "end")
    zone = pl.col("timezone_str")
    zones = timezones.lazy().group_by("store_id").agg(zone.max())
    names = [default_timezone, *timezones["timezone_str"].drop_nulls().unique().sort()]
    offsets = [
        (name, *part)
        for name in dict.fromkeys(names)
        for part in segments(name, pieces.first, pieces.last)
    ]
    known = {"timezone_str": pl.String, "since": pl.Int64, "until": pl.Int64, "offset": pl.Int64}
    parts = pl.LazyFrame(offsets, schema=known, orient="row")
    rows = pieces.rows.join(zones, on="store_id", how="left")
    rows = rows.with_columns(zone.fill_null(default_timezone)).join(parts, on="timezone_str")
    bounds = pl.col("since"), pl.col("until")
    return rows.filter(pl.col("end") > bounds[0], pl.col("start") < bounds[1]).select(
        "state", *(pl.col(edge).clip(*bounds) + pl.col("offset") for edge in ("start", "end"))
    )


def _by_running_hour(sums: pl.DataFrame) -> list[int]:
    """Return what each hour has of one state, from what is at its edges."""
    whole = int(sums["weeks"].sum()) * _WALL_HOUR
    edges, parts = [0] * WEEK_HOURS, [0] * WEEK_HOURS
    for running, count, part in sums.select("running", "edges", "part").rows():
        edges[running], parts[running] = count, part
    # The hours before the one that runs have been shown once more.
    later = [*accumulate(reversed(edges), initial=0)][-2::-1]
    return [whole + _WALL_HOUR * count + part for count, part in zip(later, parts, strict=True)]
