"""What the strategies are asked for, checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from store_uptime._time.instants import check_instant, microseconds
from store_uptime.errors import PolicyError, need_packages

_TOO_LARGE_ID = 2**63


def require_hypothesis() -> None:
    """Raise `MissingDependencyError` unless Hypothesis is installed."""
    remedy = "Install it: pip install hypothesis."
    need_packages("the strategies need", "hypothesis", remedy=remedy)


def read_store_ids(given: Any) -> tuple[int, ...] | tuple[str, ...] | None:
    """Return each id once, or None where ids are to be drawn."""
    if given is None:
        return None
    ids = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else []
    whole = all(type(each) is int and abs(each) < _TOO_LARGE_ID for each in ids)
    if ids and (whole or all(isinstance(each, str) for each in ids)):
        return tuple(dict.fromkeys(ids))
    raise PolicyError(
        "must be integers of 64 bits, or strings, and one at least",
        table="store_ids",
        values=[given],
        remedy="Give a list such as [1, 2], or None to have ids drawn.",
        code="not_store_ids",
    )


def read_span(start: Any, end: Any) -> tuple[int, int]:
    """Return the first and the last instant in microseconds since 1970."""
    first, last = check_instant(start, table="start"), check_instant(end, table="end")
    if last < first:
        raise PolicyError(
            "is before start",
            table="end",
            values=[end],
            remedy=f"It starts at {first.isoformat()}.",
            code="end_before_start",
        )
    return microseconds(first), microseconds(last)


def read_now(given: Any) -> dt.datetime | None:
    """Return an instant with time around it, or None where one is to be drawn."""
    if given is None:
        return None
    now = check_instant(given)
    if now.year in (dt.MINYEAR, dt.MAXYEAR):
        raise PolicyError(
            "is at an end of the calendar",
            table="now",
            values=[given],
            remedy=f"Give an instant of the years {dt.MINYEAR + 1} to {dt.MAXYEAR - 1}.",
            code="not_an_instant",
        )
    return now


def check_sizes(min_size: Any, max_size: Any) -> None:
    """Raise `PolicyError` unless tables can have so many rows."""
    for option, size, least in (("min_size", min_size, 0), ("max_size", max_size, min_size)):
        if not isinstance(size, int) or isinstance(size, bool) or size < least:
            raise PolicyError(
                f"must be a whole number from {least} on",
                table=option,
                values=[size],
                remedy="It says how many polls there are, of all stores together.",
                code="wrong_number",
            )
