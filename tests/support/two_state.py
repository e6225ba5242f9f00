"""A store that goes up and down at constant rates, seen only now and then: how long was it down?

The answer comes from one idea, the moment generating function. While a store goes its way for a
length of time, let every instant of counted downtime weigh ``1 + theta`` more: the weights of its
four ways (from up or down, to up or down) are the matrix ``exp(length * (rates + theta * down))``.
Of its power series in theta the first term is a probability, the second a mean, the third half of
a mean square. Whatever happens in a row, also time that does not count, is a product of matrices:
no piece of time needs a formula of its own, and no two of them a covariance.

Plain floats. Any unit of time will do.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

Series = tuple[float, float, float]
"""What stands before 1, theta and theta squared."""
Ways = tuple[tuple[Series, Series], tuple[Series, Series]]
"""A series for each way: from up (first) or down, to up (first) or down."""
Stretch = tuple[float, bool]
"""A length of time, and whether downtime in it counts."""

Seen = bool | None
"""Whether a poll found the store up; ``None``: there was no poll."""

NOTHING: Series = (0.0, 0.0, 0.0)
_SMALL = 0.5  # below it the difference of two exponentials loses digits


class Chain(NamedTuple):
    """A share of time down, and a rate: up to down is ``share_down * rate``, back the rest of it."""

    share_down: float
    rate: float


class Moments(NamedTuple):
    """The chance of what was seen; and, given that, mean and mean square of the downtime."""

    chance: float
    mean: float
    square: float

    @property
    def variance(self) -> float:
        return max(self.square - self.mean * self.mean, 0.0)


def moments(chain: Chain, before: Seen, after: Seen, stretches: Iterable[Stretch]) -> Moments:
    """Return what is known of the counted downtime between two polls.

    Without a first poll the store is in either state as often as in the long run. The stretches are all the time between the two.
    """
    down = chain.share_down
    starts = (1.0 - down, down) if before is None else (float(before), float(not before))
    here = ((starts[0], 0.0, 0.0), (starts[1], 0.0, 0.0))
    for length, counted in stretches:
        ways = ways_through(chain, length, counted=counted)
        here = (
            plus(times(here[0], ways[0][0]), times(here[1], ways[1][0])),
            plus(times(here[0], ways[0][1]), times(here[1], ways[1][1])),
        )
    chance, mean, half = plus(*here) if after is None else here[not after]
    return Moments(chance, mean / chance, 2.0 * half / chance)


def ways_through(chain: Chain, length: float, *, counted: bool) -> Ways:
    """Return the weights of the four ways through a length of time.

    Of a matrix M with two rows the exponential is ``e^mt (cosh(dt) + sinh(dt)/d (M - m))``, with m
    half the trace and d the root of ``m^2 - det M``.
    """
    down, rate = chain
    theta = float(counted)
    middle: Series = (-rate / 2, theta / 2, 0.0)
    spread: Series = (rate * rate / 4, theta * rate * (down - 0.5), theta / 4)
    even, odd = _even_and_odd(middle, spread, length)
    lean: Series = (rate / 2 - down * rate, -theta / 2, 0.0)  # what up has over the middle
    moved = times(odd, lean)
    to_down, to_up = scaled(odd, down * rate), scaled(odd, (1.0 - down) * rate)
    return (plus(even, moved), to_down), (to_up, plus(even, scaled(moved, -1.0)))


def _even_and_odd(middle: Series, spread: Series, length: float) -> tuple[Series, Series]:
    """Return ``e^mt cosh(dt)`` and ``e^mt sinh(dt)/d``, of a middle m and a spread d squared."""
    if -middle[0] * length < _SMALL:
        return _by_powers(middle, spread, length)
    root = math.sqrt(spread[0])
    first = spread[1] / (2 * root)
    width: Series = (root, first, (spread[2] - first * first) / (2 * root))
    above = _exponential(scaled(plus(middle, width), length))
    below = _exponential(scaled(plus(middle, scaled(width, -1.0)), length))
    both = plus(above, below)
    apart = plus(above, scaled(below, -1.0))
    return scaled(both, 0.5), times(scaled(apart, 0.5), _inverse(width))


def _by_powers(middle: Series, spread: Series, length: float) -> tuple[Series, Series]:
    square = scaled(spread, length * length)
    even, odd, term = NOTHING, NOTHING, (1.0, 0.0, 0.0)
    for number in range(12):
        even = plus(even, term)
        odd = plus(odd, scaled(term, 1.0 / (2 * number + 1)))
        term = scaled(times(term, square), 1.0 / ((2 * number + 1) * (2 * number + 2)))
    weight = _exponential(scaled(middle, length))
    return times(weight, even), scaled(times(weight, odd), length)


# --- power series in theta, cut after its square -------------------------------------------------


def plus(one: Series, other: Series) -> Series:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def times(one: Series, other: Series) -> Series:
    return (
        one[0] * other[0],
        one[0] * other[1] + one[1] * other[0],
        one[0] * other[2] + one[1] * other[1] + one[2] * other[0],
    )


def scaled(one: Series, factor: float) -> Series:
    return one[0] * factor, one[1] * factor, one[2] * factor


def _exponential(one: Series) -> Series:
    return scaled((1.0, one[1], one[2] + one[1] * one[1] / 2), math.exp(one[0]))


def _inverse(one: Series) -> Series:
    slope = -one[1] / one[0]
    return scaled((1.0, slope, slope * slope - one[2] / one[0]), 1.0 / one[0])
