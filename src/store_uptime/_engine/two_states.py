"""A store as a chain of two states on the open clock: closed forms for its downtime in a gap.

The chain is down a share `q` of the time and changes at the rate `r`: from up to down at ``q * r``,
from down to up at ``(1 - q) * r``. What it does in a gap between two polls depends only on what
these two found (Kalbfleisch and Lawless 1985), and mean and variance of the time that it is down
there are sums of exponentials (Hobolth and Jensen 2011, with two states). Given `q` and `r`, gaps
are independent of each other, so what a window has is a sum over its gaps.

Times are Float64 in microseconds of open time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

Moments = tuple[pl.Expr, pl.Expr]
"""Mean and variance of the downtime."""

# Shorter pieces, in units of 1 / r, are taken as so long: below, differences lose their digits. The
# mean per length is off by less than a thousandth there, of a time that is as short itself.
_SHORTEST = 1e-3


class _Shapes(NamedTuple):
    """What the integrals of exponentials over a piece come to, as shares of its length.

    With ``x = r * length``: `left` is ``exp(-x)``, `once` the mean of ``exp(-x u)`` over u in
    [0, 1], `twice` and `both` what is left of two such integrals one inside the other.
    """

    left: pl.Expr
    once: pl.Expr
    twice: pl.Expr
    both: pl.Expr


def decay(length: pl.Expr, rate: pl.Expr | float) -> pl.Expr:
    """Return how much of the first state is still felt after so long."""
    return (length * -rate).exp()


def _shapes(rate: pl.Expr, length: pl.Expr) -> _Shapes:
    x = (rate * length).clip(_SHORTEST)
    left = (-x).exp()
    once = (1 - left) / x
    return _Shapes(left, once, (1 - once) / x, (once - left) / x)


def alike(q: pl.Expr, r: pl.Expr, length: pl.Expr, *, up: bool) -> Moments:
    """Return the moments in a whole gap between polls that agree."""
    left, once, twice, both = _shapes(r, length)
    # The time in the state that neither poll found, which is the downtime if they found it up.
    other, own = (q, 1 - q) if up else (1 - q, q)
    factor = other * own / (own + other * left)
    mean = factor * (1 + left - 2 * once)
    square = factor * (
        other * (1 - 4 * twice + 2 * both) + own * (2 * twice - 4 * both + left)
    )
    variance = (square - mean * mean).clip(0)
    return (mean if up else 1 - mean) * length, variance * length * length


def unlike(q: pl.Expr, r: pl.Expr, length: pl.Expr) -> Moments:
    """Return the moments in a whole gap between polls that disagree, in either order."""
    left, once, twice, both = _shapes(r, length)
    p = 1 - q
    gone = 1 - left
    mean = (q + (p - q) * once - p * left) / gone
    inside = q * (q / 2 + (p - q) * twice - p * both)
    inside += p * (q * twice + (p - q) * both - p * left / 2)
    variance = (2 * inside / gone - mean * mean).clip(0)
    return mean * length, variance * length * length


class Ends(NamedTuple):
    """The polls on either side of a gap: whether there is one (1 or 0), and whether it says down.

    `gap` is the length of the gap, which matters if there are both.
    """

    from_known: pl.Expr
    from_down: pl.Expr
    to_known: pl.Expr
    to_down: pl.Expr
    gap: pl.Expr


class _Factors(NamedTuple):
    """The chance of each poll, as constant and factor of what is still felt of it."""

    before: pl.Expr
    to: pl.Expr
    after: pl.Expr
    chance: pl.Expr


def _factors(q: pl.Expr, r: pl.Expr, ends: Ends) -> _Factors:
    share = 1 - q + ends.to_down * (2 * q - 1)  # how often it is as the later poll found it
    to = 1 - ends.to_known * (1 - share)
    same = 1 - (ends.from_down - ends.to_down).abs()
    both = ends.from_known * ends.to_known
    return _Factors(
        before=ends.from_known * (ends.from_down - q),
        to=to,
        after=ends.to_known * (1 - q) * (2 * ends.to_down - 1),
        chance=to + both * (same - to) * decay(ends.gap, r),
    )


def part(
    q: pl.Expr, r: pl.Expr, ends: Ends, since: pl.Expr, length: pl.Expr, until: pl.Expr
) -> Moments:
    """Return the moments on a piece of a gap: so far behind the one poll and before the other."""
    before, to, after, chance = _factors(q, r, ends)
    left, once, twice, both = _shapes(r, length)
    p = 1 - q
    a, b = before * decay(since, r), after * decay(until, r)
    edge, product, level = a * to + q * b, a * b, q * to
    mean = (level + edge * once + product * left) / chance
    inside = q * (level / 2 + edge * twice + product * both)
    inside += p * (level * twice + edge * both + product * left / 2)
    variance = (2 * inside / chance - mean * mean).clip(0)
    return mean * length, variance * length * length


def covariance(
    q: pl.Expr,
    r: pl.Expr,
    ends: Ends,
    since: pl.Expr,
    first: pl.Expr,
    between: pl.Expr,
    second: pl.Expr,
    until: pl.Expr,
) -> pl.Expr:
    """Return the covariance of the downtimes on two pieces of a gap, so far apart."""
    before, to, after, chance = _factors(q, r, ends)
    a, b = before * decay(since, r), after * decay(until, r)
    one, other = _shapes(r, first), _shapes(r, second)
    joint = q * (q + a * one.once) * (to + b * other.once)
    joint += (
        (1 - q)
        * decay(between, r)
        * (q * one.once + a * one.left)
        * (to * other.once + b * other.left)
    )
    rest, ahead = between + second + until, since + first + between
    means = part(q, r, ends, since, first, rest)[0] * part(q, r, ends, ahead, second, until)[0]
    return joint / chance * first * second - means


def log_chance_alike(share: float, length: float) -> float:
    """Return the logarithm of the chance to find a state again that has this share of the time.

    `length` is in units of 1 / r.
    """
    return math.log(share + (1 - share) * math.exp(-length))


def log_chance_unlike(rate: float, length: float) -> float:
    """Return the logarithm of the chance of a change, over the length and the new state's share."""
    return math.log(-math.expm1(-rate * length) / length if length else rate)


def tree_sum(terms: Iterable[pl.Expr]) -> pl.Expr:
    """Return the sum, added in an order that is always the same."""
    rest = list(terms)
    while len(rest) > 1:
        odd = rest[-1:] if len(rest) % 2 else []
        rest = [one + other for one, other in zip(rest[::2], rest[1::2], strict=False)] + odd
    return rest[0]
