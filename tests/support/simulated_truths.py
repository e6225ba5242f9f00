"""Stores whose outages are known, and what polls see of them: plain Python, from one seed.

A `Truth` says how stores fail and how they are polled. Each store has its own random numbers, so
that more stores are the same ones and some more. Instants are UTC microseconds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp
from random import Random
from typing import NamedTuple

from support.oracle import Row, Store
from support.wall_clock import DAY, HOUR, MINUTE, at

NOW = at("2024-05-22T18:13:22.479220")
BEFORE = 3 * DAY  # a life begins before it is watched, so that it may begin inside an outage
Outages = list[tuple[int, int]]
Instants = Callable[[Random, int, int], list[int]]
"""When a store is polled, from an instant up to another."""


class Length(NamedTuple):
    """How long outages are: on average, and one at a time."""

    mean: float
    draw: Callable[[Random], float]


@dataclass(frozen=True)
class Truth:
    """How stores fail, and how they are polled.

    Stores fail `per_day` times in 24 hours, by night as by day. They are open from the first of
    the `hours` to the second, every day. Of polls of a store that is down, `lost` percent never
    arrive. With `off_when_closed` polls find it down whenever it is closed. A terminal is switched on so long after opening and off so long before closing:
    `on_late` and `off_early` are downtime. `kinds` are lengths and frequencies of which each store
    has one, drawn by weight, in place of `length` and `per_day`; `daily` is an outage at the same
    time every day.
    """

    length: Length
    per_day: float = 1.0
    instants: Instants = lambda random, low, high: in_each(random, low, high, HOUR, HOUR)
    hours: tuple[int, int] = (0, 24)
    lost: int = 0
    off_when_closed: bool = False
    on_late: int = 0
    off_early: int = 0
    kinds: tuple[tuple[int, Length, float], ...] = ()
    daily: tuple[int, int] | None = None

    @property
    def opens(self) -> int:
        return self.hours[0] * HOUR

    @property
    def closes(self) -> int:
        return self.hours[1] * HOUR

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple((day, self.opens, self.closes) for day in range(7))


class Life(NamedTuple):
    """A store as polls see it, and when it was down."""

    store: Store
    outages: Outages


def lives(truth: Truth, count: int, days: int, seed: str = "", now: int = NOW) -> list[Life]:
    """Let stores live for some days up to `now`."""
    return [
        _life(truth, number, now - days * DAY, now, Random(f"{seed} {number}"))  # noqa: S311
        for number in range(count)
    ]


def _life(truth: Truth, number: int, low: int, high: int, random: Random) -> Life:
    outages = _outages(truth, random, low, high)
    edges = [us for outage in outages for us in outage]
    polls = []
    for us in truth.instants(random, low, high):
        up = bisect_right(edges, us) % 2 == 0
        if up or not truth.lost or random.randrange(100) >= truth.lost:
            off = truth.off_when_closed and not truth.opens <= us % DAY < truth.closes
            polls.append((us, up and not off))
    return Life(Store(number, "UTC", truth.rows, tuple(polls)), outages)


def _outages(truth: Truth, random: Random, low: int, high: int) -> Outages:
    length, per_day = truth.length, truth.per_day
    if truth.kinds:
        weights = [weight for weight, _, _ in truth.kinds]
        _, length, per_day = random.choices(truth.kinds, weights)[0]
    found = list(_at_random(random, length, per_day, low - BEFORE, high)) if per_day else []
    for midnight in range((low - DAY) // DAY * DAY, high, DAY):
        if truth.daily:
            found.append((midnight + truth.daily[0], midnight + truth.daily[1]))
        opening, closing = midnight + truth.opens, midnight + truth.closes
        found += [(opening, opening + truth.on_late), (closing - truth.off_early, closing)]
    return _apart(found)


def _at_random(
    random: Random, length: Length, per_day: float, low: int, high: int
) -> Iterator[tuple[int, int]]:
    between = max(DAY / per_day - length.mean, 0.1 * DAY / per_day)
    us = low
    while us < high:
        start = us + 1 + int(random.expovariate(1 / between))
        us = start + 1 + int(length.draw(random))
        yield start, us


def _apart(outages: Outages) -> Outages:
    """Join what touches, and leave out what has no length."""
    found: Outages = []
    for start, end in sorted(outages):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return found


# --- what is true of a window --------------------------------------------------------------------


def true_uptime(life: Life, truth: Truth, start: int, end: int) -> int:
    """Return for how long a store is open and up."""
    up = 0
    for midnight in range(start // DAY * DAY, end, DAY):
        low, high = max(start, midnight + truth.opens), min(end, midnight + truth.closes)
        up += max(high - low, 0)
        first = bisect_right(life.outages, low, key=lambda outage: outage[1])
        for outage in life.outages[first:]:
            if outage[0] >= high:
                break
            up -= max(min(high, outage[1]) - max(low, outage[0]), 0)
    return up


def change_seen(life: Life, truth: Truth, start: int, end: int) -> bool:
    """Ask whether polls inside a window and the hours differ."""
    polls = life.store.polls
    first = bisect_right(polls, (start, False))
    last = bisect_right(polls, (end, True))
    inside = [up for us, up in polls[first:last] if truth.opens <= us % DAY < truth.closes]
    return any(one != other for one, other in pairwise(inside))


# --- how long outages are ------------------------------------------------------------------------


def exponential(mean: int) -> Length:
    return Length(mean, lambda random: random.expovariate(1 / mean))


def fixed(length: int) -> Length:
    return Length(length, lambda _: length)


def log_normal(median: int, sigma: float) -> Length:
    return Length(
        median * exp(sigma**2 / 2), lambda random: median * random.lognormvariate(0.0, sigma)
    )


def pareto(least: int, alpha: float) -> Length:
    """Return lengths from `least` on; with an alpha below 2 they have no variance."""
    return Length(least * alpha / (alpha - 1), lambda random: least * random.paretovariate(alpha))


def mixed(parts: Sequence[tuple[int, Length]]) -> Length:
    """Return lengths of which each is of a kind drawn by its weight."""
    weights = [weight for weight, _ in parts]
    lengths = [length for _, length in parts]
    mean = sum(weight * length.mean for weight, length in parts) / sum(weights)
    return Length(mean, lambda random: random.choices(lengths, weights)[0].draw(random))


# --- when polls come -----------------------------------------------------------------------------


def in_each(random: Random, low: int, high: int, every: int, jitter: int) -> list[int]:
    """Return an instant in the first part of each stretch, at random; a jitter of 1 is none."""
    first = low + random.randrange(every)
    found = [us + random.randrange(jitter) for us in range(first - every, high, every)]
    return [us for us in found if low <= us < high]


def jittered(every: int, jitter: int | None = None) -> Instants:
    """Poll once in each stretch, anywhere or within its first part."""
    return lambda random, low, high: in_each(random, low, high, every, jitter or every)


def on_the_minute(every: int) -> Instants:
    """Poll at a steady distance, each store at its own minute."""
    return lambda random, low, high: in_each(random, low, high, every, 1)


def at_minute(minute: int) -> Instants:
    """Poll all stores at the same minute of each hour."""
    return lambda _, low, high: list(range(low // HOUR * HOUR + HOUR + minute * MINUTE, high, HOUR))


def poisson(every: int) -> Instants:
    """Poll at any time, as often as `every` on average."""

    def instants(random: Random, low: int, high: int) -> list[int]:
        found, us = [], low
        while us < high:
            us += 1 + int(random.expovariate(1 / every))
            found.append(us)
        return found[:-1]

    return instants


def with_gaps(instants: Instants, percent: int) -> Instants:
    """Lose polls at random, whatever the store's state."""
    return lambda random, low, high: [
        us for us in instants(random, low, high) if random.randrange(100) >= percent
    ]


def in_bursts(every: int, polls: int, apart: int) -> Instants:
    """Poll several times in a row, then not for a while."""

    def instants(random: Random, low: int, high: int) -> list[int]:
        starts = in_each(random, low, high, every, every)
        found = {start + k * apart for start in starts for k in range(polls)}
        return sorted(us for us in found if us < high)

    return instants
