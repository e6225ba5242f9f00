"""A few made-up stores that show what the report makes of the usual difficulties."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from store_uptime.inputs import Inputs

_NOW = dt.datetime(2023, 3, 27, 18, tzinfo=dt.UTC)
_HOURS_POLLED = 8 * 24

ABOUT = """\
Seven made-up stores, polled hourly for eight days, until Monday 27 March 2023,
18:00 UTC. How long was each store up and down while it should have been open?
"""
NEXT_STEPS = """\
To run it on your own data, put store_status.csv, menu_hours.csv and
timezones.csv into a folder. The report then ends at the latest poll:

    python -m store_uptime report FOLDER -o report.csv
    python -m store_uptime report --help
"""


@dataclass(frozen=True, slots=True)
class _Store:
    """A store: daily hours on its wall clock, and when its polls found it up.

    `up` is a range of hours of the day in UTC, `down` spans of instants. All polls come `minute`
    minutes after the hour; none comes at all if that is ``None``.
    """

    note: str
    zone: str | None
    hours: tuple[str, str] | None
    minute: int | None
    up: range = range(24)
    down: tuple[tuple[dt.datetime, dt.datetime], ...] = ()

    def polls(self) -> Iterator[tuple[dt.datetime, bool]]:
        if self.minute is None:
            return
        for hour in range(_HOURS_POLLED):
            instant = _NOW - dt.timedelta(hours=hour, minutes=-self.minute % 60)
            is_down = any(since <= instant < until for since, until in self.down)
            yield instant, instant.hour in self.up and not is_down


def _march(day: int, hour: int) -> dt.datetime:
    return dt.datetime(2023, 3, day, hour, tzinfo=dt.UTC)


_STORES: Mapping[str, _Store] = {
    "clock-change": _Store(
        "01:00-05:00 in Berlin; Sunday had 3 of these 4 hours",
        "Europe/Berlin",
        ("01:00", "05:00"),
        minute=5,
    ),
    "never-polled": _Store(
        "nothing is known, so it is neither up nor down",
        "America/New_York",
        ("08:00", "20:00"),
        minute=None,
    ),
    "no-hours": _Store("no opening hours: open day and night", "Asia/Tokyo", None, minute=0),
    "no-zone": _Store(
        "08:00-18:00, no time zone: America/Chicago is assumed",
        None,
        ("08:00", "18:00"),
        minute=12,
    ),
    "ordinary": _Store(
        "09:00-17:00 in New York; off at night, which does not count",
        "America/New_York",
        ("09:00", "17:00"),
        minute=30,
        up=range(13, 21),
    ),
    "outage": _Store(
        "10:00-20:00 in Denver; down on Saturday, and again now",
        "America/Denver",
        ("10:00", "20:00"),
        minute=50,
        down=((_march(25, 18), _march(25, 21)), (_march(27, 17), _march(27, 18))),
    ),
    "overnight": _Store(
        "20:00-04:00 in Los Angeles, past midnight",
        "America/Los_Angeles",
        ("20:00", "04:00"),
        minute=41,
    ),
}
NOTES: Mapping[str, str] = {store_id: store.note for store_id, store in _STORES.items()}
"""What each store of the demo shows."""


def make_demo() -> Inputs:
    """Make the tables of the demo, the same ones each time.

    Returns
    -------
    Inputs
        Seven stores with speaking names as ids, and about 1,150 polls.

    Examples
    --------
    >>> make_demo().timezones.height
    6
    """
    polls = [(name, *poll) for name, store in _STORES.items() for poll in store.polls()]
    hours = [
        (name, day, *store.hours)
        for name, store in _STORES.items()
        if store.hours
        for day in range(7)
    ]
    zones = [(name, store.zone) for name, store in _STORES.items() if store.zone]
    return Inputs(
        status=pl.DataFrame(
            polls,
            schema={
                "store_id": pl.String,
                "timestamp_utc": pl.Datetime("us", "UTC"),
                "status": pl.Boolean,
            },
            orient="row",
        ),
        hours=pl.DataFrame(
            hours,
            schema=["store_id", "day_of_week", "start_time_local", "end_time_local"],
            orient="row",
        ),
        timezones=pl.DataFrame(zones, schema=["store_id", "timezone_str"], orient="row"),
    )
