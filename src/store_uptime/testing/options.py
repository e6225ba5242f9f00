"""What a data set is to be like: the arguments of `make_dataset`, checked, as exact numbers."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from store_uptime._time.instants import check_instant, microseconds
from store_uptime._time.lengths import LENGTH_EXAMPLES, read_length
from store_uptime._time.units import DAY, FIRST_INSTANT
from store_uptime._time.zone_names import check_zones
from store_uptime.errors import PolicyError

Edition = Literal["integer", "uuid"]
Zones = str | Sequence[str | None] | Mapping[str, float] | Mapping[str | None, float]

EVERY_STORE = 2**32 - 1
"""The number that stands for all stores together; the stores have those from 0 on."""

MOST_SEED = 2**64 - 1

_MOST_DAYS = 3_652_058  # the years 1 to 9999


@dataclass(frozen=True, slots=True)
class Options:
    """What `make_dataset` was asked for.

    Instants and lengths are in microseconds, instants since 1970 UTC. A poll lies in the first
    `jitter` of the stretch `every`. `up` and `down` are the mean lengths between and of outages;
    an `up` of ``None`` is for ever. Shares are exact.
    """

    stores: int
    seed: int
    first: int
    now: int
    every: int
    jitter: int
    missing: Fraction
    missing_while_down: Fraction
    up: Fraction | None
    down: Fraction
    off_when_closed: bool
    zones: Mapping[str | None, Fraction]
    edition: Edition
    without_hours: Fraction
    special_days: Fraction
    maintenance: Fraction


def check_span(days: Any, now: Any) -> tuple[int, int]:
    """Return where the span begins and ends.

    Raises
    ------
    PolicyError
        `days` is no whole number from 1 on, `now` is no instant, or the span begins before the
        year 1.
    NaiveDatetimeError
        `now` has no time zone.
    """
    end = microseconds(check_instant(now))
    start = end - whole_number("days", days, 1, _MOST_DAYS) * DAY
    if start < FIRST_INSTANT:
        raise PolicyError(
            "reach back too far",
            table="days",
            values=[days],
            remedy="The span must start in the year 1 or later.",
            code="before_year_1",
        )
    return start, end


def whole_number(name: str, given: Any, least: int, most: int) -> int:
    """Return a whole number between these two, or raise `PolicyError`."""
    if isinstance(given, int) and not isinstance(given, bool) and least <= given <= most:
        return given
    raise _no_number(name, given, f"must be a whole number from {least} to {most}")


def check_share(name: str, given: Any) -> Fraction:
    """Return a share from 0 to 1, or raise `PolicyError`."""
    if _is_number(given) and given <= 1:
        return Fraction(given)
    raise _no_number(name, given, "must be a share, a number from 0 to 1")


def check_length(name: str, given: Any) -> int:
    """Return a length in microseconds, or raise `PolicyError`."""
    try:
        length = read_length(given)
    except ValueError:
        length = None
    if isinstance(length, dt.timedelta) and length > dt.timedelta(0):
        return length // dt.timedelta(microseconds=1)
    raise PolicyError(
        "must be a positive length of time",
        table=name,
        values=[given],
        remedy=f"Write it like {LENGTH_EXAMPLES}; months and years have no fixed length.",
        code="not_a_length",
    )


def check_outages(a_day: Any, length: Any) -> tuple[Fraction | None, Fraction]:
    """Return how long stores are up and down on average, or raise `PolicyError`."""
    down = Fraction(check_length("outage_length", length))
    if not _is_number(a_day):
        raise _no_number("outages_per_day", a_day, "must be a number of zero or more")
    if not a_day:
        return None, down
    up = DAY / Fraction(a_day) - down
    if up <= 0:
        fit = f"so many outages of {length!r} do not fit into a day"
        raise _no_number("outages_per_day", a_day, fit)
    return up, down


def check_zone_weights(zones: Any) -> Mapping[str | None, Fraction]:
    """Return how much each zone weighs.

    Raises
    ------
    PolicyError
        They are no names, there are none, or a weight is no number of zero or more, or all are
        zero.
    UnknownTimeZoneError
        The tzdata package does not know a name.
    """
    given = [zones] if isinstance(zones, str) else zones
    if isinstance(given, (Sequence, Mapping)):
        check_zones((name for name in given if name is not None), table="zones", column="name")
        weights = given if isinstance(given, Mapping) else Counter(given)
        if all(map(_is_number, weights.values())) and any(weights.values()):
            return {name: Fraction(weight) for name, weight in weights.items()}
    problem = "must be names of zones, or a mapping from names to how much they weigh"
    raise _no_number("zones", zones, problem)


def _is_number(given: Any) -> bool:
    """Return whether it is a number of zero or more."""
    if not isinstance(given, (int, float)) or isinstance(given, bool):
        return False
    return math.isfinite(given) and given >= 0


def _no_number(name: str, given: Any, problem: str) -> PolicyError:
    return PolicyError(problem, table=name, values=[given], code="wrong_number")
