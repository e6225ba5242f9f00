"""The truths against which errors are judged: one axis varied at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from support.simulated_truths import (
    Length,
    Truth,
    at_minute,
    exponential,
    fixed,
    in_bursts,
    jittered,
    log_normal,
    mixed,
    on_the_minute,
    pareto,
    poisson,
    with_gaps,
)
from support.wall_clock import HOUR, MINUTE

LENGTHS = {
    "exponential 10 min": exponential(10 * MINUTE),
    "exponential 1 h": exponential(HOUR),
    "exponential 4 h": exponential(4 * HOUR),
    "fixed 10 min": fixed(10 * MINUTE),
    "fixed 20 min": fixed(20 * MINUTE),
    "fixed 1 h": fixed(HOUR),
    "fixed 3 h": fixed(3 * HOUR),
    "log-normal 15 min, sigma 1": log_normal(15 * MINUTE, 1.0),
    "log-normal 1 h, sigma 1": log_normal(HOUR, 1.0),
    "Pareto from 5 min": pareto(5 * MINUTE, 1.5),
}
# Much shorter and much longer outages than the distance of the polls in one store: a chain of two
# rates takes the long ones for all there is.
UNLIKE = {
    "mixed 20 min, 2 h": mixed([(1, fixed(20 * MINUTE)), (1, exponential(2 * HOUR))]),
    "mixed 5 min (80 %), 4 h": mixed([(4, fixed(5 * MINUTE)), (1, exponential(4 * HOUR))]),
    "log-normal 15 min, sigma 1.5": log_normal(15 * MINUTE, 1.5),
    "log-normal 1 h, sigma 1.5": log_normal(HOUR, 1.5),
}
PER_DAY = (0.05, 0.5, 1.0, 2.0, 5.0)
POLLS = {
    "at a steady distance": on_the_minute(HOUR),
    "within the first 10 min": jittered(HOUR, 10 * MINUTE),
    "Poisson": poisson(HOUR),
    "10 % missing": with_gaps(jittered(HOUR), 10),
    "30 % missing": with_gaps(jittered(HOUR), 30),
    "in bursts": in_bursts(4 * HOUR, 4, 5 * MINUTE),
    "every 10 min": jittered(10 * MINUTE),
    "every 2 h": jittered(2 * HOUR),
}
HOURS = {"12 h": (9, 21), "8 h": (9, 17)}

HOUR_ONCE = Truth(LENGTHS["exponential 1 h"], 1.0)
SHORT_TWICE = Truth(LENGTHS["exponential 10 min"], 2.0)
FIXED_TWICE = Truth(LENGTHS["fixed 10 min"], 2.0)
BASES = {
    "exponential 1 h, 1 a day": HOUR_ONCE,
    "exponential 10 min, 2 a day": SHORT_TWICE,
    "fixed 10 min, 2 a day": FIXED_TWICE,
}
# Of a hundred stores 55 never fail, 35 fail for an hour after 30 hours up, ten for four after six.
FLEET = Truth(
    HOUR_ONCE.length,
    kinds=(
        (55, LENGTHS["exponential 1 h"], 0.0),
        (35, LENGTHS["exponential 1 h"], 24 / 31),
        (10, LENGTHS["exponential 4 h"], 2.4),
    ),
)


def _at_all_rates(lengths: Mapping[str, Length]) -> dict[str, Truth]:
    return {
        f"{name}, {often:g} a day": Truth(length, often)
        for name, length in lengths.items()
        for often in PER_DAY
        if often * length.mean <= 10 * HOUR
    }


def promised() -> dict[str, Truth]:
    """Return the truths for which coverage is promised."""
    found = _at_all_rates(LENGTHS)
    for name, base in BASES.items():
        for polls, instants in POLLS.items():
            found[f"{name}, polls {polls}"] = replace(base, instants=instants)
        for word, hours in HOURS.items():
            found[f"{name}, open {word}"] = replace(base, hours=hours)
        dark = replace(base, hours=(9, 21), off_when_closed=True)
        found[f"{name}, open 12 h, off when closed"] = dark
    found["a fleet of three kinds"] = FLEET
    found["no outages"] = replace(HOUR_ONCE, per_day=0.0)
    daily = (14 * HOUR, 14 * HOUR + 30 * MINUTE)
    found["14:00 to 14:30 every day"] = replace(HOUR_ONCE, per_day=0.0, daily=daily)
    return found


def not_promised() -> dict[str, Truth]:
    """Return the truths in which polls cannot tell, or the chain is not how stores fail."""
    daily = (14 * HOUR, 14 * HOUR + 30 * MINUTE)
    return {
        **_at_all_rates(UNLIKE),
        "half of the polls lost while down": replace(HOUR_ONCE, lost=50),
        "nine in ten polls lost while down": replace(HOUR_ONCE, lost=90),
        "14:00 to 14:30 every day, polls at :40": replace(
            HOUR_ONCE, per_day=0.0, daily=daily, instants=at_minute(40)
        ),
        "on 15 min late, off 6 min early": replace(
            HOUR_ONCE, hours=(9, 21), per_day=0.0, on_late=15 * MINUTE, off_early=6 * MINUTE
        ),
    }
