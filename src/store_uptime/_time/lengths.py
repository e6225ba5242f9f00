"""Lengths of time as text, in polars' notation: ``7d``, ``90m``, ``2h30m``, ``1mo``."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import overload

from dateutil.relativedelta import relativedelta

_LENGTH_TERM = re.compile(r"([0-9]{1,15})(ns|us|ms|mo|[smhdwqy])")
_NANOSECONDS: Mapping[str, int] = MappingProxyType(
    {
        "ns": 1,
        "us": 10**3,
        "ms": 10**6,
        "s": 10**9,
        "m": 60 * 10**9,
        "h": 3600 * 10**9,
        "d": 86_400 * 10**9,
        "w": 7 * 86_400 * 10**9,
    }
)
_UNIT_MONTHS: Mapping[str, int] = MappingProxyType({"mo": 1, "q": 3, "y": 12})

LENGTH_EXAMPLES = "7d, 90m or 2h30m"


@overload
def read_length(given: str) -> dt.timedelta | relativedelta: ...
@overload
def read_length(given: object) -> object: ...
def read_length(given: object) -> object:
    """Return a text as the length that it says, and whatever is no text as it is.

    A text is one or more whole numbers, each with its unit: ``ns`` (whole microseconds in all),
    ``us``, ``ms``, ``s``, ``m`` (minutes), ``h``, ``d`` (24 hours), ``w``, and, of no fixed length,
    ``mo`` (months), ``q`` (quarters) and ``y``. With one of these three it is a ``relativedelta``,
    otherwise a ``timedelta``.

    Raises
    ------
    ValueError
        The text says no length, or one that is too long or finer than a microsecond.

    Examples
    --------
    >>> read_length("2h30m")
    datetime.timedelta(seconds=9000)
    >>> read_length("1y2d")
    relativedelta(years=+1, days=+2)
    """
    if not isinstance(given, str):
        return given
    terms = [(int(number), unit) for number, unit in _LENGTH_TERM.findall(given)]
    if not terms or "".join(f"{match[0]}" for match in _LENGTH_TERM.finditer(given)) != given:
        message = f"no length of time: {given!r}"
        raise ValueError(message)
    nanos = sum(number * _NANOSECONDS.get(unit, 0) for number, unit in terms)
    if nanos % 1000:
        message = f"finer than a microsecond: {given!r}"
        raise ValueError(message)
    months = sum(number * _UNIT_MONTHS.get(unit, 0) for number, unit in terms)
    try:
        length = dt.timedelta(microseconds=nanos // 1000)
    except OverflowError as error:
        message = f"too long: {given!r}"
        raise ValueError(message) from error
    if any(unit in _UNIT_MONTHS for _, unit in terms):
        return relativedelta(months=months) + length
    return length


def write_length(length: int) -> str:
    """Return microseconds, zero or more, as the text that `read_length` reads.

    Examples
    --------
    >>> write_length(90_000_001)
    '1m30s1us'
    """
    terms = []
    for unit in ("d", "h", "m", "s", "ms", "us"):
        number, length = divmod(length, _NANOSECONDS[unit] // 1000)
        terms += [f"{number}{unit}"] if number else []
    return "".join(terms) or "0s"


def shown_length(given: object) -> str:
    """Return a length as the text that says it, in quotes, and whatever no text says as it is.

    Examples
    --------
    >>> shown_length(dt.timedelta(hours=36)), shown_length(relativedelta(months=1))
    ("'1d12h'", "'1mo'")
    >>> shown_length(relativedelta(day=1))
    'relativedelta(day=1)'
    """
    if isinstance(given, dt.timedelta):
        years, months, rest = 0, 0, given
    elif isinstance(given, relativedelta):
        years, months = given.years, given.months
        rest = dt.timedelta(given.days, given.seconds, given.microseconds)
        rest += dt.timedelta(hours=given.hours, minutes=given.minutes)
    else:
        return repr(given)
    text = "".join(f"{count}{unit}" for count, unit in ((years, "y"), (months, "mo")) if count)
    if rest or not text:
        text += write_length(rest // dt.timedelta(microseconds=1))
    try:
        is_same = read_length(text) == given
    except ValueError:  # something in it is negative
        is_same = False
    return repr(text if is_same else given)
