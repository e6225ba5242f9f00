"""The clock and the calendar on the wall, as the witness of the tests reads them.

Instants are UTC microseconds since 1970 (plain integers), times of day microseconds since
midnight. No polars, no daylight-saving rule: only ``datetime``, ``zoneinfo`` (reading the files of
the tzdata *package*) and integers.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(when: datetime) -> int:
    """Count the microseconds from 1970 to an aware datetime."""
    return (when - EPOCH) // timedelta(microseconds=1)


def instant(us: int) -> datetime:
    """Return the UTC datetime of an instant."""
    return EPOCH + timedelta(microseconds=us)


def at(text: str) -> int:
    """Return the instant of an ISO 8601 text; without an offset it is UTC."""
    when = datetime.fromisoformat(text)
    return micros(when if when.tzinfo else when.replace(tzinfo=UTC))


def tod(text: str) -> int:
    """Return the time of day of ``HH:MM[:SS[.ffffff]]``; ``24:00`` is the end of the day."""
    hours, minutes, *rest = text.split(":")
    whole, _, fraction = (rest[0] if rest else "0").partition(".")
    clock = int(hours) * HOUR + int(minutes) * MINUTE + int(whole) * SECOND
    return clock + int(fraction.ljust(6, "0"))


# --- the clock ------------------------------------------------------------------------------------


@cache
def zone_info(name: str) -> ZoneInfo:
    """Load a zone from the tzdata package; ``ZoneInfo(name)`` would ask the system's files."""
    path = importlib.resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with path.open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def offset(zone: str, us: int) -> int:
    """Return local time minus UTC, in microseconds, at an instant."""
    shift = instant(us).astimezone(zone_info(zone)).utcoffset()
    assert shift is not None
    return shift // timedelta(microseconds=1)


def wall_clock(zone: str, us: int) -> tuple[int, int]:
    """Read the wall clock: the local date's ordinal, and microseconds since its midnight."""
    local = instant(us).astimezone(zone_info(zone))
    clock = (local.hour * 60 + local.minute) * 60 + local.second
    return local.toordinal(), clock * SECOND + local.microsecond


@cache
def _shifts_in_hour(zone: str, hour: int) -> tuple[int, ...]:
    low, high = hour * HOUR, (hour + 1) * HOUR
    before = offset(zone, low)
    if before == offset(zone, high):
        return ()
    while high - low > 1:
        middle = (low + high) // 2
        if offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return (high,)


@cache
def _shifts_in_day(zone: str, day: int) -> tuple[int, ...]:
    return tuple(
        us for hour in range(day * 24, day * 24 + 24) for us in _shifts_in_hour(zone, hour)
    )


def transitions(zone: str, low: int, high: int) -> list[int]:
    """Find the instants in ``[low, high]`` at which the zone's offset changes.

    The clock is read every hour, and between two different readings halved down to the first
    microsecond of the new offset.  No zone has changed its clocks twice within one hour.
    """
    days = range(low // DAY - 1, high // DAY + 2)
    found = (us for day in days for us in _shifts_in_day(zone, day))
    return [us for us in found if low <= us <= high]


# --- the calendar on the wall --------------------------------------------------------------------


def day_begins(zone: str, ordinal: int) -> int:
    """Return the first instant at which the wall shows a local date, or a later one."""
    midnight = (ordinal - EPOCH.toordinal()) * DAY
    shifts = transitions(zone, midnight - 2 * DAY, midnight + 2 * DAY)
    offsets = {offset(zone, us) for us in (midnight - 2 * DAY, *shifts)}
    candidates = sorted({*shifts, *(midnight - shift for shift in offsets)})
    return next(us for us in candidates if wall_clock(zone, us)[0] >= ordinal)


def period(
    zone: str,
    kind: str,
    offset_: int,
    now: int,
    week_start: str = "monday",
    first_month: int = 1,
) -> tuple[int, int]:
    """Return the first and the last instant of a calendar period, walking there day by day."""
    shown = wall_clock(zone, now)[0]
    # The wall may show yesterday once more: what counts is which date began last.
    today = max(day for day in range(shown - 1, shown + 3) if day_begins(zone, day) <= now)

    def begins(day: date) -> bool:
        return _period_begins(kind, day, week_start, first_month)

    first = _walk(date.fromordinal(today), -1, begins)
    for _ in range(-offset_):
        first = _walk(first - timedelta(days=1), -1, begins)
    after = _walk(first + timedelta(days=1), 1, begins)
    return day_begins(zone, first.toordinal()), min(day_begins(zone, after.toordinal()), now)


def _walk(day: date, days: int, begins: Callable[[date], bool]) -> date:
    while not begins(day):
        day += timedelta(days=days)
    return day


def _period_begins(kind: str, day: date, week_start: str, first_month: int) -> bool:
    if kind == "day":
        return True
    if kind == "week":
        return WEEKDAYS[day.weekday()] == week_start
    # December, the twelfth month, is followed by the first.
    year = [*range(first_month, 13), *range(1, first_month)]
    months = {"month": year, "quarter": year[::3], "year": year[:1]}[kind]
    return day.day == 1 and day.month in months
