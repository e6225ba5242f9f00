"""Where every window begins and ends: once for each instant `now` and each zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from store_uptime._time.calendar import first_reading, wall_clock
from store_uptime._time.instants import microseconds
from store_uptime._time.units import DAY
from store_uptime.windows import AnyWindow, CalendarWindow, Window

_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()


def start_of(window: str) -> str:
    """Return the column that says where a window begins."""
    return f"start@{window}"


def end_of(window: str) -> str:
    """Return the column that says where a window ends."""
    return f"end@{window}"


def find_window_edges(
    windows: Mapping[str, AnyWindow], nows: Iterable[dt.datetime], zones: Sequence[str]
) -> pl.DataFrame:
    """Return the edges of all windows, in microseconds since 1970 UTC.

    Returns
    -------
    pl.DataFrame
        `z` (the rank of the zone in `zones`), `now`, `first_start` (the earliest start of all
        windows) and, for each window, the columns `start_of` and `end_of`; one row for each zone
        and `now`; Int64.
    """
    instants = sorted({microseconds(now): now for now in nows}.items())
    # The rolling windows are the same in all zones.
    rolling = {
        name: [window.start_us(now) for _, now in instants]
        for name, window in windows.items()
        if isinstance(window, Window)
    }
    rows = []
    for z, zone in enumerate(zones):
        for index, (now, _) in enumerate(instants):
            edges: list[int] = []
            for name, window in windows.items():
                if isinstance(window, CalendarWindow):
                    edges += _period_edges(window, zone, now)
                else:
                    edges += [rolling[name][index], now]
            rows.append((z, now, min(edges[::2]), *edges))
    columns = [edge_of(name) for name in windows for edge_of in (start_of, end_of)]
    schema = dict.fromkeys(["z", "now", "first_start", *columns], pl.Int64)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _period_edges(window: CalendarWindow, zone: str, now: int) -> tuple[int, int]:
    """Return where the window's period begins in the zone, and where it ends, at `now` at last."""
    today = wall_clock(zone, now) // DAY
    # A wall clock that is set back across midnight reads yesterday once more.
    while first_reading(zone, (today + 1) * DAY) <= now:
        today += 1
    dates = window.dates(dt.date.fromordinal(today + _EPOCH_DAY))
    start, end = (first_reading(zone, (each.toordinal() - _EPOCH_DAY) * DAY) for each in dates)
    return start, min(end, now)
