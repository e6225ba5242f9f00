"""Polls and weekly hours from a few short lines of text, so that a test reads like its story."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from store_uptime._tables.weekdays import DAYS_A_WEEK, WEEKDAY_NUMBERS
from store_uptime._time.calendar import all_readings
from store_uptime._time.instants import from_microseconds
from store_uptime._time.units import DAY, FIRST_INSTANT, LAST_INSTANT, UNIT_MICROSECONDS
from store_uptime._time.zone_names import check_zones
from store_uptime.errors import InvalidHoursError, InvalidStatusError, PolicyError
from store_uptime.testing.story_lines import StoryForm, StoryLine, story_lines, typed_ids

_STATUSES = {"up": "active", "down": "inactive"}
_CLOCK = r"(?:(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?|24:00)"
_POLL = re.compile(rf"(?:(\S+) )?({_CLOCK}) (up|down)", re.IGNORECASE)
_SESSION = re.compile(rf"({_CLOCK})-({_CLOCK})")
_FIRST_OF_1970 = dt.date(1970, 1, 1)

_POLLS_TOLD = StoryForm(
    "polls",
    ",",
    InvalidStatusError,
    "Write a store a line: its id, then polls with commas between, each a day, a time and up or "
    "down, like: 7 Mon 10:14 up, 11:15 down, Tue 09:00 up",
)
_HOURS_TOLD = StoryForm(
    "weekly",
    ";",
    InvalidHoursError,
    "Write a store a line: its id, then hours with semicolons between, each weekdays and times, "
    "like: 7 Mon-Fri 09:00-12:00, 13:00-17:00; Sat 22:00-02:00",
)


def polls(text: str, *, week: dt.date | str = "2024-05-13", zone: str = "UTC") -> pl.DataFrame:
    """Make polls of a few lines of text, as `status` for the functions of this package.

    A line is a store: its id, which has no blank, and its polls with commas between. A poll is a
    day, a local time and ``up`` or ``down``. The day is a weekday's English name (``Mon``,
    ``monday``) or a date (``2024-05-13``); left out, it is that of the poll before in the line. The
    time is ``H:MM``, ``HH:MM`` or ``HH:MM:SS``, with up to six digits behind a point, or ``24:00``.
    Empty lines are skipped, and so is what follows a ``#`` at the start of a line or behind a
    blank. A store may have several lines.

    Parameters
    ----------
    text
        The lines.
    week
        A date, or its ISO text, in the week that the weekdays are of. Weeks begin on Monday; that
        of 2024-05-13 does so.
    zone
        The zone whose clock shows the times, a name that the tzdata package knows.

    Returns
    -------
    pl.DataFrame
        A row a poll, in the order of the text: `store_id`, `timestamp_utc` (Datetime,
        microseconds, UTC) and `status` (String, ``active`` or ``inactive``); no nulls. Ids are
        Int64 if every id is a whole number that is written as Int64 writes it, and String
        otherwise, as when one is ``007``.

    Raises
    ------
    InvalidStatusError
        A line that cannot be read; a time that the clock skips, or reads twice, on that day; an
        instant outside the years 1 to 9999.
    UnknownTimeZoneError
        A zone that the tzdata package does not know.
    PolicyError
        `week` is no date.

    Examples
    --------
    >>> polls('''
    ...     7  Mon 10:14 up, 11:15 down, Tue 09:00 up
    ...     8  2024-05-15 12:00 up   # a Wednesday
    ... ''')
    shape: (4, 3)
    ┌──────────┬─────────────────────────┬──────────┐
    │ store_id ┆ timestamp_utc           ┆ status   │
    │ ---      ┆ ---                     ┆ ---      │
    │ i64      ┆ datetime[μs, UTC]       ┆ str      │
    ╞══════════╪═════════════════════════╪══════════╡
    │ 7        ┆ 2024-05-13 10:14:00 UTC ┆ active   │
    │ 7        ┆ 2024-05-13 11:15:00 UTC ┆ inactive │
    │ 7        ┆ 2024-05-14 09:00:00 UTC ┆ active   │
    │ 8        ┆ 2024-05-15 12:00:00 UTC ┆ active   │
    └──────────┴─────────────────────────┴──────────┘
    >>> polls("7 Mon 10:14 up", zone="America/New_York")["timestamp_utc"].item().isoformat()
    '2024-05-13T14:14:00+00:00'
    """
    monday = _monday_of(week)
    check_zones([zone], table="polls", column="zone")
    rows = [
        (line.store_id, _instant(line, wall, zone), _STATUSES[state.lower()])
        for line in story_lines(text, _POLLS_TOLD)
        for wall, state in _polls_of(line, monday)
    ]
    frame = pl.DataFrame(
        rows,
        {"store_id": pl.String, "timestamp_utc": pl.Int64, "status": pl.String},
        orient="row",
    )
    instant = pl.col("timestamp_utc").cast(pl.Datetime("us", "UTC"))
    return frame.with_columns(instant, store_id=typed_ids(frame["store_id"]))


def weekly(text: str) -> pl.DataFrame:
    """Make weekly hours of a few lines of text, as `hours` for the functions of this package.

    A line is a store: its id, and its hours with semicolons between. Hours are weekdays
    and times: ``Mon-Fri 09:00-17:00``. Weekdays are English names (``Mon``, ``monday``), ranges of
    them, which may run past Sunday (``Sat-Mon``), or several of either with commas between
    (``Mon,Wed-Fri``). Several times have commas between (``09:00-12:00, 13:00-17:00``); each is
    written as in `polls`. An end at or before its start lies on the next day. Empty lines,
    comments and ids are as in `polls`.

    A store without hours is always open, so a line needs some.

    Parameters
    ----------
    text
        The lines.

    Returns
    -------
    pl.DataFrame
        A row for each weekday and time of the text, in its order: `store_id` (Int64 or String, as
        in `polls`), `day_of_week` (Int64, 0 = Monday), `start_time_local` and `end_time_local`
        (String, as written); no nulls.

    Raises
    ------
    InvalidHoursError
        A line that cannot be read.

    Examples
    --------
    >>> weekly("7 Mon,Thu 09:00-17:00; Sat 22:00-02:00")
    shape: (3, 4)
    ┌──────────┬─────────────┬──────────────────┬────────────────┐
    │ store_id ┆ day_of_week ┆ start_time_local ┆ end_time_local │
    │ ---      ┆ ---         ┆ ---              ┆ ---            │
    │ i64      ┆ i64         ┆ str              ┆ str            │
    ╞══════════╪═════════════╪══════════════════╪════════════════╡
    │ 7        ┆ 0           ┆ 09:00            ┆ 17:00          │
    │ 7        ┆ 3           ┆ 09:00            ┆ 17:00          │
    │ 7        ┆ 5           ┆ 22:00            ┆ 02:00          │
    └──────────┴─────────────┴──────────────────┴────────────────┘
    """
    rows = [
        (line.store_id, *row)
        for line in story_lines(text, _HOURS_TOLD)
        for entry in line.entries
        for row in _hours_of(line, entry)
    ]
    times = {"start_time_local": pl.String, "end_time_local": pl.String}
    frame = pl.DataFrame(
        rows, {"store_id": pl.String, "day_of_week": pl.Int64, **times}, orient="row"
    )
    return frame.with_columns(store_id=typed_ids(frame["store_id"]))


# --- what the lines say --------------------------------------------------------------------------


def _polls_of(line: StoryLine, monday: int) -> Iterator[tuple[int, str]]:
    """Yield what the clock reads at each poll, in microseconds since 1970 on it, and the state."""
    day = None
    for entry in line.entries:
        match = _POLL.fullmatch(entry)
        if match and match[1]:
            day = _day(match[1], monday)
        if not match or day is None:
            line.refuse(entry)
        yield day * DAY + _microseconds(match[2]), match[3]


def _hours_of(line: StoryLine, entry: str) -> Iterator[tuple[int, str, str]]:
    """Yield the weekday, the start and the end of each session."""
    days, _, times = re.sub(r" ?([,-]) ?", r"\1", entry).partition(" ")
    sessions = [_SESSION.fullmatch(each) for each in times.split(",")]
    for part in days.lower().split(","):
        first, dash, last = part.partition("-")
        start, end = (WEEKDAY_NUMBERS.get(name) for name in (first, last if dash else first))
        if start is None or end is None:
            line.refuse(entry)
        for later in range((end - start) % DAYS_A_WEEK + 1):
            for session in sessions:
                if session is None:
                    line.refuse(entry)
                yield (start + later) % DAYS_A_WEEK, session[1], session[2]


def _day(word: str, monday: int) -> int | None:
    """Return the day that a weekday or a date means, in days since 1970; ``None`` if unreadable."""
    if word.lower() in WEEKDAY_NUMBERS:
        return monday + WEEKDAY_NUMBERS[word.lower()]
    try:
        return (dt.date.fromisoformat(word) - _FIRST_OF_1970).days
    except ValueError:
        return None


def _monday_of(week: dt.date | str) -> int:
    """Return the Monday of the week of a date, in days since 1970."""
    try:
        date = dt.date.fromisoformat(week) if isinstance(week, str) else week
    except ValueError:
        date = None
    if not isinstance(date, dt.date) or isinstance(date, dt.datetime):
        raise PolicyError(
            "is no date",
            table="week",
            values=[week],
            remedy="Give a date of the week that the weekdays are of, like '2024-05-13'.",
            code="unreadable_date",
        )
    return (date - _FIRST_OF_1970).days - date.weekday()


def _microseconds(clock: str) -> int:
    hour, minute, second = f"{clock}:0".split(":")[:3]
    whole = int(hour) * UNIT_MICROSECONDS["hours"] + int(minute) * UNIT_MICROSECONDS["minutes"]
    return whole + int(Decimal(second) * UNIT_MICROSECONDS["seconds"])


def _instant(line: StoryLine, wall: int, zone: str) -> int:
    """Return the one instant at which the zone's clock reads `wall`, or raise."""
    found = all_readings(zone, wall)
    if not all(FIRST_INSTANT <= each <= LAST_INSTANT for each in (wall, *found)):
        years = "the years 1 to 9999"
        remedy = f"Choose a day inside {years}."
        raise line.error(f"is outside {years}", remedy, code="timestamp_outside_years")
    if len(found) != 1:
        does = "reads more than once" if found else "skips"
        local = from_microseconds(wall).replace(tzinfo=None).isoformat(" ")
        remedy = "Choose another time, or write the poll in UTC."
        raise line.error(
            f"has {local}, which the clock of {zone} {does}", remedy, code="not_one_instant"
        )
    return found[0]
