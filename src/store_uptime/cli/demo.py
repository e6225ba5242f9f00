"""A few made-up stores that show what the report makes of the usual difficulties."""

from __future__ import annotations

import datetime as dt
import errno
import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from store_uptime.cli.output import terminal_width, write_file, write_out
from store_uptime.cli.render import to_table
from store_uptime.inputs import Inputs
from store_uptime.report import compute_report
from store_uptime.windows import DEFAULT_WINDOWS

_NOW = dt.datetime(2023, 3, 27, 18, tzinfo=dt.UTC)
_HOURS_POLLED = 8 * 24

_ABOUT = """\
Seven made-up stores, polled hourly for eight days, until Monday 27 March 2023,
18:00 UTC. How long was each store up and down while it should have been open?
"""
_NEXT_STEPS = """\
To get these stores as files to play with:

    python -m store_uptime demo FOLDER

To run it on your own data, put store_status.csv, menu_hours.csv and
timezones.csv into a folder. The report then ends at the latest poll:

    python -m store_uptime report FOLDER -o report.csv
    python -m store_uptime report --help
"""
_TO_PLAY_WITH = """\
{files}
are now in {folder}. Try

    python -m store_uptime report {folder}
    python -m store_uptime report {folder} --detail --sort availability_last_week --top 3
    python -m store_uptime report {folder} --by {regions} --target 0.99
    python -m store_uptime outages {folder} --local
    python -m store_uptime history {folder} --every 1d --reports 7 --window day=1d --target 0.99
    python -m store_uptime report {folder} --window day=1d --quiet --fail-below 0.9
"""


@dataclass(frozen=True, slots=True)
class _Store:
    """A store: daily hours on its wall clock, and when its polls found it up.

    `up` is a range of hours of the day in UTC, `down` spans of instants. All polls come `minute`
    minutes after the hour; none comes at all if that is ``None``.
    """

    note: str
    region: str
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
        "Europe",
        "Europe/Berlin",
        ("01:00", "05:00"),
        minute=5,
    ),
    "never-polled": _Store(
        "nothing is known, so it is neither up nor down",
        "America",
        "America/New_York",
        ("08:00", "20:00"),
        minute=None,
    ),
    "no-hours": _Store(
        "no opening hours: open day and night", "Asia", "Asia/Tokyo", None, minute=0
    ),
    "no-zone": _Store(
        "08:00-18:00, no time zone: America/Chicago is assumed",
        "America",
        None,
        ("08:00", "18:00"),
        minute=12,
    ),
    "ordinary": _Store(
        "09:00-17:00 in New York; off at night, which does not count",
        "America",
        "America/New_York",
        ("09:00", "17:00"),
        minute=30,
        up=range(13, 21),
    ),
    "outage": _Store(
        "10:00-20:00 in Denver; down on Saturday, and again now",
        "America",
        "America/Denver",
        ("10:00", "20:00"),
        minute=50,
        down=((_march(25, 18), _march(25, 21)), (_march(27, 17), _march(27, 18))),
    ),
    "overnight": _Store(
        "20:00-04:00 in Los Angeles, past midnight",
        "America",
        "America/Los_Angeles",
        ("20:00", "04:00"),
        minute=41,
    ),
}
NOTES: Mapping[str, str] = {store_id: store.note for store_id, store in _STORES.items()}
"""What each store of the demo shows."""


def show_demo(folder: str | None) -> None:
    """Print the report on the demo's stores; or write their files, and print what to do with them.

    Raises
    ------
    OSError
        A file is there already, or cannot be written. Then no other is written.
    """
    inputs = make_demo()
    if folder is not None:
        write_out(_written_to(Path(folder), inputs))
        return
    report = compute_report(inputs)
    notes = "".join(f"{store_id:<14}{note}\n" for store_id, note in NOTES.items())
    write_out(
        "\n".join([_ABOUT, to_table(report, DEFAULT_WINDOWS, terminal_width()), notes, _NEXT_STEPS])
    )


def _written_to(folder: Path, inputs: Inputs) -> str:
    frames = _as_files(inputs)
    for name in frames:
        # A broken link would be written through.
        if os.path.lexists(folder / name):
            raise FileExistsError(errno.EEXIST, "is there already, and is kept", str(folder / name))
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        write_file(frame, folder / name)
    return _TO_PLAY_WITH.format(
        files=", ".join(frames),
        folder=shlex.quote(str(folder)),
        regions=shlex.quote(str(folder / "regions.csv")),
    )


def _as_files(inputs: Inputs) -> Mapping[str, pl.DataFrame]:
    """Return the tables as people have them in files, and a table of regions, by file name."""
    words = pl.when("status").then(pl.lit("active")).otherwise(pl.lit("inactive"))
    regions = [(name, store.region) for name, store in _STORES.items()]
    return {
        "store_status.csv": inputs.status.with_columns(
            pl.col("timestamp_utc").dt.strftime("%Y-%m-%d %H:%M:%S UTC"), status=words
        ),
        "menu_hours.csv": inputs.hours,
        "timezones.csv": inputs.timezones,
        "regions.csv": pl.DataFrame(regions, schema=["store_id", "region"], orient="row"),
    }


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
