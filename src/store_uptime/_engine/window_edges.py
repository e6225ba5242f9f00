"""Where every window begins and ends: once for each instant `now` and each zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import polars as pl

from store_uptime._time.instants import microseconds
from store_uptime._time.units import DAY
from store_uptime._time.zones import first_reading, wall_clock
from store_uptime.windows import AnyWindow, CalendarWindow, Window

_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()


def window_bounds(
    windows: Mapping[str, AnyWindow], nows: Iterable[dt.datetime], zones: Iterable[str]
) -> pl.DataFrame:
    """Return the bounds of all windows, in microseconds since 1970 UTC.

    Returns
    -------
    pl.DataFrame
        `zone`, `now`, `first` (the earliest start of all windows) and, for each window,
        `start@<name>` and `end@<name>`; one row for each `now` and zone.
    """
    instants = sorted({microseconds(now): now for now in nows}.items())
    # The rolling windows are the same in all zones.
    rolling = {
        name: [window.start_us(now) for _, now in instants]
        for name, window in windows.items()
        if isinstance(window, Window)
    }
    rows = []
    for zone in sorted(set(zones)):
        for place, (now, _) in enumerate(instants):
            bounds: list[int] = []
            for name, window in windows.items():
                if isinstance(window, CalendarWindow):
                    bounds += _period(window, zone, now)
                else:
                    bounds += [rolling[name][place], now]
            rows.append((zone, now, min(bounds[::2]), *bounds))
    columns = [f"{side}@{name}" for name in windows for side in ("start", "end")]
    schema: dict[str, type[pl.DataType]] = {"zone": pl.String}
    schema |= dict.fromkeys(["now", "first", *columns], pl.Int64)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _period(window: CalendarWindow, zone: str, now: int) -> tuple[int, int]:
    """Return where the window's period begins in the zone, and where it ends, at `now` at last."""
    today = wall_clock(zone, now) // DAY
    # A wall clock that is set back across midnight reads yesterday once more.
    while first_reading(zone, (today + 1) * DAY) <= now:
        today += 1
    dates = window.dates(dt.date.fromordinal(today + _EPOCH_DAY))
    start, end = (first_reading(zone, (each.toordinal() - _EPOCH_DAY) * DAY) for each in dates)
    return start, min(end, now)
