"""The downtime on a piece of a gap between two polls: closed forms, one for every piece.

With q the share of time down, p the rest, r the rate, and a piece of length l that begins s after
the one poll and ends e before the other: the chance to be down at an instant is ``q + a e^-ru`` by
the earlier poll and ``pi + b e^-rv`` by the later one. What a mean or a mean square needs are
integrals of these products; E, F and G are those of one exponential and of two.
"""

from __future__ import annotations

import math
from typing import NamedTuple

Seen = bool | None
"""Whether a poll found the store up; ``None``: there was no poll."""
Node = tuple[float, float, float]
"""A share of time down, a rate, and a weight."""


class Piece(NamedTuple):
    """A length of time, how far it is behind one poll and before another, and what they found.

    Where there is no poll, it is as far from it as nothing. `start` is a place on the clock.
    """

    before: Seen
    after: Seen
    since: float
    length: float
    until: float
    start: float = 0.0


def shapes(x: float) -> tuple[float, float, float, float]:
    """Return ``e^-x``, and E, F and G of the formulas for a length of 1; x is no less than 1e-6."""
    x = max(x, 1e-6)
    left = math.exp(-x)
    once = -math.expm1(-x) / x
    return left, once, (1 - once) / x, (once - left) / x


def _fast_enough(node: Node, piece: Piece) -> Node:
    """Return the node with a rate of once in 1,000 gaps at least."""
    down, rate, weight = node
    if piece.before is None or piece.after is None:
        return node
    return down, max(rate, 1e-3 / (piece.since + piece.length + piece.until)), weight


def _sides(piece: Piece, node: Node) -> tuple[float, float, float]:
    """Return a and b (what is left of the two polls) and the share of the state found later."""
    down, rate, _ = node
    a = 0.0 if piece.before is None else (not piece.before) - down
    b = 0.0 if piece.after is None else (-1 if piece.after else 1) * (1 - down)
    share = 1.0 if piece.after is None else (1 - down if piece.after else down)
    return a * math.exp(-rate * piece.since), b * math.exp(-rate * piece.until), share


def _chance(piece: Piece, node: Node) -> float:
    share = _sides(piece, node)[2]
    if piece.before is None or piece.after is None:
        return share
    kept = math.exp(-node[1] * (piece.since + piece.length + piece.until))
    return share + ((piece.before == piece.after) - share) * kept


def on_piece(piece: Piece, node: Node) -> tuple[float, float]:
    """Return mean and variance of the downtime on a piece."""
    node = _fast_enough(node, piece)
    q, p = node[0], 1 - node[0]
    a, b, pi = _sides(piece, node)
    left, once, twice, both = shapes(node[1] * piece.length)
    flat, bent, product_ = q * pi, a * pi + q * b, a * b
    chance = _chance(piece, node)
    mean = (flat + bent * once + product_ * left) / chance
    square = q * (flat / 2 + bent * twice + product_ * both)
    square += p * (flat * twice + bent * both + product_ * left / 2)
    return mean * piece.length, (2 * square / chance - mean * mean) * piece.length**2


def on_gap(kind: tuple[bool, bool], length: float, node: Node) -> tuple[float, float]:
    """Return mean and variance of the downtime in a whole gap."""
    return on_piece(Piece(*kind, 0.0, length, 0.0), node)


def covariance(one: Piece, other: Piece, node: Node) -> float:
    """Return that of the downtimes on two pieces of one gap, the earlier one first."""
    q, rate, _ = node = _fast_enough(node, one)
    (a, _, _), (_, b, pi) = _sides(one, node), _sides(other, node)
    left_1, once_1, _, _ = shapes(rate * one.length)
    left_2, once_2, _, _ = shapes(rate * other.length)
    between = other.start - one.start - one.length
    joint = q * (q + a * once_1) * (pi + b * once_2)
    memory = math.exp(-rate * between)
    joint += (1 - q) * memory * (q * once_1 + a * left_1) * (pi * once_2 + b * left_2)
    joint *= one.length * other.length / _chance(one, node)
    return joint - on_piece(one, node)[0] * on_piece(other, node)[0]
