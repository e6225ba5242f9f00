"""What the caller may ask for: windows of time that end at `now`, and periods of the calendar."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from dateutil.relativedelta import relativedelta

from store_uptime._frozen import FrozenMapping, as_call
from store_uptime._time.instants import microseconds
from store_uptime._time.lengths import LENGTH_EXAMPLES, read_length, shown_length
from store_uptime._time.units import DAY, FIRST_INSTANT, LAST_INSTANT
from store_uptime.errors import PolicyError, check_word

Unit = Literal["seconds", "minutes", "hours", "days"]
Period = Literal["day", "week", "month", "quarter", "year"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

# The parts of a relativedelta that replace those of an instant.
_ABSOLUTE = ("year", "month", "day", "weekday", "hour", "minute", "second", "microsecond")

# What stands between `uptime_` and the name of a window, in columns that are appended.
_DETAIL_PREFIXES = ("min_", "max_")
_UNCERTAINTY_PREFIXES = ("expected_", "error_")

_LONGEST = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _too_far(table: str, column: str, value: object) -> PolicyError:
    remedy = "Windows must start in the year 1 or later."
    return PolicyError(
        "reaches back too far",
        table=table,
        column=column,
        values=[value],
        remedy=remedy,
        code="before_year_1",
    )


class AnyWindow(ABC):
    """What windows have in common, so that type checkers accept both kinds in one mapping."""

    __slots__ = ()
    unit: Unit

    @abstractmethod
    def earliest_us(self, now: dt.datetime) -> int:
        """Return an instant, in microseconds since 1970, before which it starts in no zone."""

    @abstractmethod
    def longest_us(self) -> int:
        """Return a length in microseconds that it exceeds at no `now`, in no zone."""


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Window(AnyWindow):
    """The half-open interval ``[now - length, now)`` and the unit in which it is reported.

    Attributes
    ----------
    length
        A ``timedelta``, or a dateutil ``relativedelta``, which is subtracted from `now` in UTC. It
        may be given as a string in polars' notation: ``"7d"``, ``"2h30m"``, ``"1mo"``.
    unit
        ``"seconds"``, ``"minutes"``, ``"hours"`` or ``"days"`` (of 24 hours).

    Raises
    ------
    PolicyError
        A length that is not positive, or an unknown unit.

    Examples
    --------
    >>> Window("30d", "days") == Window(dt.timedelta(days=30), "days")
    True
    """

    length: dt.timedelta | relativedelta
    unit: Unit

    # Written out, because a length may be given as a string, but is never kept as such.
    def __init__(self, length: dt.timedelta | relativedelta | str, unit: Unit = "hours") -> None:
        """Take the length and the unit, or raise `PolicyError`."""
        check_word("Window", "unit", unit, get_args(Unit), kind="unit")
        object.__setattr__(self, "length", _read_window_length(length))
        object.__setattr__(self, "unit", unit)
        # A relativedelta has no length of its own; any instant tells whether it points back.
        self.start_us(dt.datetime(2024, 3, 31, tzinfo=dt.UTC))

    def __repr__(self) -> str:
        return as_call(self, shown_length)

    def start_us(self, now: dt.datetime) -> int:
        """Return the window's start in microseconds since 1970, for an aware `now` in UTC."""
        try:
            start = now - self.length
        except (OverflowError, ValueError) as error:
            raise _too_far("Window", "length", self.length) from error
        if start >= now:
            raise _no_length(self.length)
        return microseconds(start)

    def earliest_us(self, now: dt.datetime) -> int:
        """Return the same as `start_us`: the window is the same in all zones."""
        return self.start_us(now)

    def longest_us(self) -> int:
        """Return the length; of a ``relativedelta`` the longest, with months of 31 days."""
        if isinstance(self.length, dt.timedelta):
            return self.length // dt.timedelta(microseconds=1)
        return _longest_relative(self.length)


def _longest_relative(length: relativedelta) -> int:
    """Return a length in microseconds that ``now - length`` never goes back further."""
    if length.leapdays or any(getattr(length, part) is not None for part in _ABSOLUTE):
        return LAST_INSTANT - FIRST_INSTANT  # back to some date: anything
    years, months = divmod(max(12 * length.years + length.months, 0), 12)
    # A month is at most 31 days, 12 months are at most 366.
    days = 366 * years + 31 * months + length.days
    time = {part: getattr(length, part) for part in ("hours", "minutes", "seconds", "microseconds")}
    return dt.timedelta(days, **time) // dt.timedelta(microseconds=1)


def _read_window_length(given: object) -> dt.timedelta | relativedelta:
    try:
        length = read_length(given)
    except ValueError as error:
        raise _no_length(given) from error
    if not isinstance(length, (dt.timedelta, relativedelta)):
        raise _no_length(given)
    return length


def _no_length(given: object) -> PolicyError:
    return PolicyError(
        "must be a positive timedelta, relativedelta or string",
        table="Window",
        column="length",
        values=[given],
        remedy=f"The window is [now - length, now). Write a length like {LENGTH_EXAMPLES}, or 1mo.",
        code="not_a_length",
    )


@dataclass(frozen=True, slots=True, repr=False)
class CalendarWindow(AnyWindow):
    """A period of the calendar in each store's own zone, and the unit in which it is reported.

    A date begins at the first instant at which the store's wall clock reads it, or a later one,
    and ends where the next begins. Weeks begin on Monday, and years in January, unless you say
    otherwise.

    Attributes
    ----------
    period
        ``"day"``, ``"week"``, ``"month"``, ``"quarter"`` or ``"year"``.
    offset
        How many periods from the one that holds `now`: 0 is the running one, cut at `now`; -1 the
        last full one; -2 the one before.
    unit
        ``"seconds"``, ``"minutes"``, ``"hours"`` or ``"days"`` (of 24 hours).
    week_start
        The weekday on which weeks begin: ``"monday"`` to ``"sunday"``. It is read in any case and
        kept in lower case. Only the period ``"week"`` uses it.
    first_month
        The month in which years begin, 1 to 12, as those of a company may do (fiscal years).
        Quarters are counted from it, too. Only the periods ``"quarter"`` and ``"year"`` use it.

    Raises
    ------
    PolicyError
        An unknown period, unit or weekday; an offset that is no whole number of zero or less; a
        `first_month` that is no whole number from 1 to 12; a `week_start` other than Monday, or a
        `first_month` other than 1, with a period that does not use it.

    Examples
    --------
    >>> windows = {
    ...     "yesterday": CalendarWindow("day"),
    ...     "this_month": CalendarWindow("month", 0),
    ...     "last_quarter": CalendarWindow("quarter", unit="days"),
    ...     "sunday_to_saturday": CalendarWindow("week", week_start="sunday"),
    ...     "fiscal_year_so_far": CalendarWindow("year", 0, first_month=4),
    ... }
    >>> CalendarWindow("fortnight")
    Traceback (most recent call last):
        ...
    store_uptime.errors.PolicyError: CalendarWindow.period: unknown period (first: 'fortnight'). \
Use one of 'day', 'week', 'month', 'quarter', 'year'.
    """

    period: Period
    offset: int = -1
    unit: Unit = "hours"
    week_start: Weekday = "monday"
    first_month: int = 1

    def __post_init__(self) -> None:
        check_word("CalendarWindow", "period", self.period, get_args(Period), kind="period")
        check_word("CalendarWindow", "unit", self.unit, get_args(Unit), kind="unit")
        if not _is_whole(self.offset) or self.offset > 0:
            problem = "must be a whole number of zero or less"
            remedy = "0 is the running period, -1 the last full one."
            raise _wrong_number("offset", self.offset, problem, remedy)
        if not _is_whole(self.first_month) or self.first_month not in range(1, 13):
            problem = "must be a whole number from 1 to 12"
            remedy = "1 is January: 4 begins years and quarters in April."
            raise _wrong_number("first_month", self.first_month, problem, remedy)
        object.__setattr__(self, "week_start", _read_week_start(self.week_start))
        # It would change nothing, so it must be a mistake.
        if self.week_start != "monday" and self.period != "week":
            raise _unused("week_start", self.week_start, self.period, "Only 'week' uses it.")
        if self.first_month != 1 and self.period not in ("quarter", "year"):
            remedy = "Only 'quarter' and 'year' use it."
            raise _unused("first_month", self.first_month, self.period, remedy)

    def __repr__(self) -> str:
        return as_call(self, repr)

    def dates(self, today: dt.date) -> tuple[dt.date, dt.date]:
        """Return the first date of the window and the first one after it.

        Raises
        ------
        PolicyError
            One of them lies outside the calendar, which begins with the year 1.
        """
        try:
            return self._first(today, self.offset), self._first(today, self.offset + 1)
        except (OverflowError, ValueError) as error:
            raise _too_far("CalendarWindow", "offset", self.offset) from error

    def earliest_us(self, now: dt.datetime) -> int:
        """Return an instant, in microseconds since 1970, before which it starts in no zone."""
        # No wall clock is, or was, as much as a day apart from UTC.
        first, _ = self.dates(dt.date.fromordinal(max(now.toordinal() - 1, 1)))
        midnight = dt.datetime.combine(first, dt.time(), dt.UTC)
        return microseconds(midnight) - DAY

    def longest_us(self) -> int:
        """Return the length of the longest period of the kind, in any zone and year."""
        # Most clocks are set back an hour a year. Those of Alaska, Samoa and Kwajalein once went
        # to the other side of the date line, up to a day back, and no clock ever went further.
        return (_LONGEST[self.period] + 1) * DAY

    def _first(self, today: dt.date, offset: int) -> dt.date:
        if self.period in _DAYS:
            length = _DAYS[self.period]
            # The calendar's first date, 0001-01-01, is a Monday.
            origin = 1 + get_args(Weekday).index(self.week_start)
            periods = (today.toordinal() - origin) // length + offset
            return dt.date.fromordinal(origin + periods * length)
        length = _MONTHS[self.period]
        origin = self.first_month - 1
        periods = (today.year * 12 + today.month - 1 - origin) // length + offset
        year, month = divmod(origin + periods * length, 12)
        return dt.date(year, month + 1, 1)


def _is_whole(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool)


def _read_week_start(given: object) -> str:
    names = get_args(Weekday)
    name = given.lower() if isinstance(given, str) else ""
    if name not in names:
        check_word("CalendarWindow", "week_start", given, names, kind="weekday")
    return name


def _wrong_number(column: str, given: object, problem: str, remedy: str) -> PolicyError:
    return PolicyError(
        problem,
        table="CalendarWindow",
        column=column,
        values=[given],
        remedy=remedy,
        code="wrong_number",
    )


def _unused(column: str, given: object, period: Period, remedy: str) -> PolicyError:
    return PolicyError(
        f"has no meaning for the period {period!r}",
        table="CalendarWindow",
        column=column,
        values=[given],
        remedy=remedy,
        code="unused_option",
    )


DEFAULT_WINDOWS: Mapping[str, AnyWindow] = FrozenMapping(
    {
        "last_hour": Window(dt.timedelta(hours=1), "minutes"),
        "last_day": Window(dt.timedelta(days=1), "hours"),
        "last_week": Window(dt.timedelta(days=7), "hours"),
    }
)
"""The three windows of the default report: minutes of the last hour, hours of the last day and
of the last week (1 h, 24 h and 168 h back from `now`)."""


def check_windows(
    windows: object, *, detail: bool, uncertainty: bool = False
) -> dict[str, AnyWindow]:
    """Return `windows` as a dict of its own, or raise `PolicyError`."""
    remedy = "Give a mapping from name to Window, e.g. {'last_month': Window(timedelta(days=30))}."
    if not isinstance(windows, Mapping) or not windows:
        raise PolicyError(
            "no windows", table="windows", values=[windows], remedy=remedy, code="no_windows"
        )
    for name, window in windows.items():
        if not isinstance(name, str) or not isinstance(window, (Window, CalendarWindow)):
            raise PolicyError(
                "not a window",
                table="windows",
                values=[(name, window)],
                remedy=remedy,
                code="not_a_window",
            )
    prefixes = ["", *_DETAIL_PREFIXES * detail, *_UNCERTAINTY_PREFIXES * uncertainty]
    endings = Counter(f"{prefix}{name}" for name in windows for prefix in prefixes)
    double = sorted(ending for ending, count in endings.items() if count > 1)
    if double:
        raise PolicyError(
            "two columns of one name",
            table="windows",
            values=[f"uptime_{ending}" for ending in double],
            remedy="Rename a window.",
            code="name_taken",
        )
    return dict(windows)


def earliest_start(windows: Mapping[str, AnyWindow], now: dt.datetime) -> int:
    """Return an instant, in microseconds since 1970, before which no window starts in any zone."""
    return min(window.earliest_us(now) for window in windows.values())
