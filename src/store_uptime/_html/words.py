"""What the page says in words: instants, windows, the rules, and why time is unknown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import NamedTuple

from store_uptime._html.behind import EdgePair
from store_uptime._time.instants import microseconds
from store_uptime._time.lengths import shown_length
from store_uptime._time.zones import offset_at
from store_uptime.plot.words import plain_name, spoken
from store_uptime.policy import Policy
from store_uptime.windows import AnyWindow, CalendarWindow, Window

NOTHING = "\N{EN DASH}"
"""Where there is no number, because nothing is known or there is no such thing."""

_SHORT_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = dt.timedelta(days=1)
_ONE_SECOND = dt.timedelta(seconds=1)
_ONE_MICROSECOND = dt.timedelta(microseconds=1)


def told_utc(instant: dt.datetime) -> str:
    """Return an instant, to the microsecond where it is no whole second.

    Examples
    --------
    >>> told_utc(dt.datetime(2023, 1, 25, 18, 13, 22, tzinfo=dt.UTC))
    '2023-01-25 18:13:22 UTC'
    """
    return f"{instant.replace(tzinfo=None).isoformat(' ')} UTC"


def by_clock_of(zone: str, instant: dt.datetime) -> str:
    """Return an instant as a store's own clock reads it, cut to the minute, with its offset.

    Examples
    --------
    >>> by_clock_of("America/Chicago", dt.datetime(2023, 1, 25, 18, 13, 22, tzinfo=dt.UTC))
    'Wed 2023-01-25 12:13 -06:00'
    """
    local = _on_clock(zone, instant)
    clock = local.replace(tzinfo=None).isoformat(" ", "minutes")
    offset = str(local.tzinfo).removeprefix("UTC") or "+00:00"
    return f"{_SHORT_DAYS[local.weekday()]} {clock} {offset}"


def _on_clock(zone: str, instant: dt.datetime) -> dt.datetime:
    # By the rules of the tzdata package.
    offset = dt.timedelta(microseconds=offset_at(zone, microseconds(instant)))
    return instant.astimezone(dt.timezone(offset))


def length_of(length: dt.timedelta) -> str:
    """Return a length of time in words, from two days on in days if these are whole.

    Examples
    --------
    >>> length_of(dt.timedelta(days=7)), length_of(dt.timedelta(days=1))
    ('7 days', '24 h')
    """
    if length >= 2 * _DAY and not length % _DAY:
        return f"{length // _DAY:,} days"
    return spoken(length // _ONE_MICROSECOND)


def in_seconds(length: dt.timedelta) -> str:
    """Return a length of time in words, cut to the second.

    Examples
    --------
    >>> in_seconds(dt.timedelta(hours=3, seconds=61, microseconds=7))
    '3 h 01 min 01 s'
    """
    return spoken(length // _ONE_SECOND * _ONE_SECOND // _ONE_MICROSECOND)


def told_name(window: str) -> str:
    """Return the name of a window as a heading.

    Examples
    --------
    >>> told_name("last_week")
    'last week'
    """
    return plain_name(window).replace("_", " ")


# --- windows -------------------------------------------------------------------------------------


def told_window(window: AnyWindow) -> str:
    """Return what a window is.

    Examples
    --------
    >>> told_window(Window("7d")), told_window(Window("1mo"))
    ('the 7 days before now', 'the 1mo before now')
    >>> told_window(CalendarWindow("month", -2))
    "the full month that is 2 before the running one, in each store's own zone"
    """
    if isinstance(window, CalendarWindow):
        return f"{_period(window)}, in each store's own zone"
    length = window.length if isinstance(window, Window) else window
    if isinstance(length, dt.timedelta):
        return f"the {length_of(length)} before now"
    return f"the {shown_length(length).strip(chr(39))} before now"


def _period(window: CalendarWindow) -> str:
    if window.offset == 0:
        return f"the running {window.period}"
    if window.offset == -1:
        return f"the last full {window.period}"
    return f"the full {window.period} that is {-window.offset} before the running one"


def told_span(
    window: AnyWindow, spans: list[EdgePair], zones: Iterable[str], now: dt.datetime
) -> str:
    """Return from when to when a window is: of a period of the calendar, the local dates."""
    if not isinstance(window, CalendarWindow):
        return f"{told_utc(spans[0][0])} to {told_utc(spans[0][1])}"
    dates = sorted({window.dates(_on_clock(zone, now).date()) for zone in zones})
    return " or ".join(_told_dates(window, *pair) for pair in dates) or "no store"


def _told_dates(window: CalendarWindow, first: dt.date, until: dt.date) -> str:
    last = "now" if window.offset == 0 else str(until - _DAY)
    return last if str(first) == last else f"{first} to {last}"


# --- rules ---------------------------------------------------------------------------------------


class Rule(NamedTuple):
    """A rule: its name in Python, its value, and what it means."""

    name: str
    value: str
    meaning: str


_MEANINGS: Mapping[str, Mapping[object, str]] = MappingProxyType(
    {
        "interpolation": {
            "nearest": "Between two polls, the nearer one says the state.",
            "previous": "Between two polls, the earlier one says the state.",
            "next": "Between two polls, the later one says the state.",
        },
        "evidence": {
            "open": "Only polls taken while the store is open count.",
            "all": "All polls count, also those taken while the store is closed.",
        },
        "backfill": {
            True: "The first poll also speaks for the time before it.",
            False: "Before the first poll, time is unknown.",
        },
        "max_gap": {None: "A poll speaks however far away it is."},
        "lookback": {None: "Polls count however long before the earliest window they are."},
        "missing_days": {
            "closed": "A store with hours for some weekdays is closed on the others.",
            "open": "A store with hours for some weekdays is open all day on the others.",
        },
        "snap_midnight": {
            True: "An end of 23:59 or later means midnight.",
            False: "An end of 23:59 is taken as it is.",
        },
    }
)
_MEANINGS_OF_VALUES = {
    "max_gap": "Time further than {} from the poll that speaks for it is unknown.",
    "lookback": "Polls count from {} before the earliest window on.",
    "default_timezone": "A store without a time zone is in {}.",
}


def told_rules(policy: Policy) -> list[Rule]:
    """Return every rule of a policy in words."""
    return [_told_rule(field.name, getattr(policy, field.name)) for field in fields(Policy)]


def _told_rule(name: str, value: object) -> Rule:
    typed = told = str(value)
    if isinstance(value, dt.timedelta):
        typed, told = shown_length(value).strip("'"), length_of(value)
    meaning = _MEANINGS.get(name, {}).get(value)
    return Rule(name, typed, meaning or _MEANINGS_OF_VALUES[name].format(told))


# --- unknown time --------------------------------------------------------------------------------


def told_reasons(policy: Policy) -> dict[str, str]:
    """Return why time is unknown, by the words of `REASONS`."""
    reach = "" if policy.max_gap is None else length_of(policy.max_gap)
    first = "Before the first poll of the store"
    if policy.backfill:
        first += f", and more than {reach} from it"
    between = f"In a gap between two polls, more than {reach} from the one that speaks for it"
    return {
        "never_polled": "No poll of the store, look-back included",
        "polled_while_closed": "The store was polled only while it was closed",
        "before_first": first,
        "between": between,
        "after_last": f"After the last poll of the store, more than {reach} from it",
    }
