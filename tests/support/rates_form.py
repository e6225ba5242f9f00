"""What polls say of the rates of a store, in plain Python, with the short cuts of the library.

The unit of time is a power of two in microseconds; rates are changes in a unit. Gaps are put into
bins by powers of two in units, and lengths that are such powers stand for those in a bin.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import product
from statistics import fmean
from typing import NamedTuple

from support.gap_pieces import Node
from support.wall_clock import HOUR


class Grid(NamedTuple):
    """Nodes before any poll, the unit of time, and the first and the last bin of gaps."""

    nodes: list[Node]
    bits: int
    bins: tuple[int, int]


class Gap(NamedTuple):
    """The time between two polls on the open clock, and what they found."""

    before: bool
    after: bool
    length: int


# --- what may be so, before any poll -------------------------------------------------------------


def grid_points(paces: int) -> Iterator[tuple[float, float]]:
    """Yield 21 shares from 1/2000 to 997/1000, their odds evenly apart, each with some paces."""
    least, most = 1 / 1999, 997 / 3
    for i, k in product(range(21), range(paces)):
        odds = least * (most / least) ** (i / 20)
        yield odds / (1 + odds), 0.05 * 600 ** (k / (paces - 1))


def own_grid(mean_gap: float) -> Grid:
    """Return the grid of a store alone: a mean gap counts as root 2 units."""
    nodes = [
        (share, pace / math.sqrt(2), math.sqrt(share * (1 - share) * pace))
        for share, pace in grid_points(5)
    ]
    return Grid(nodes, int(mean_gap).bit_length() - 1, (-3, 10))


def given_grid(rates: Sequence[Node]) -> Grid:
    """Return the grid of rates in changes an hour, none beyond 1e9 in a unit or once in 1e9."""
    bits = 32
    speeds = [min(max(rate * 2**bits / HOUR, 1e-9), 1e9) for _, rate, _ in rates]
    nodes = [(share, speed, w) for (share, _, w), speed in zip(rates, speeds, strict=True)]
    return Grid(nodes, bits, (-12, 10))


# --- gaps of about one length, counted together --------------------------------------------------

Counts = dict[tuple[bool, bool, int], float]
"""How many gaps there are, by what the polls found (a change has one order) and by exponent."""


def counted(gaps: Sequence[Gap], grid: Grid) -> Counts:
    """Return how many gaps of lengths that are powers of two stand for these."""
    first, last = grid.bins
    cells = defaultdict(list)
    for before, after, length in gaps:
        place = length.bit_length() - 1 - grid.bits
        kind = (min(before, after), max(before, after))
        cells[*kind, min(max(place, first), last)].append(length)
    found: Counts = defaultdict(float)
    for (low, high, place), lengths in cells.items():
        x = fmean(lengths) / 2.0 ** (grid.bits + place)
        for shift, share in _shares(x, len(lengths), place, grid).items():
            found[low, high, place + shift] += len(lengths) * share
    return found


def _shares(x: float, number: int, place: int, grid: Grid) -> dict[int, float]:
    """Return what lengths of two to a shift get of a gap of length x, in units of its bin."""
    if place == grid.bins[0]:
        return {1: x / 2}  # on the line from 0 to 2
    if place == grid.bins[1]:
        return {0: 2 - x, 1: x - 1}
    # Several gaps spread: half of them below their mean, half of them above it.
    apart = math.sqrt(max((x - 1) * (2 - x) / 3 * (1 - 1 / number), 0.0))
    points = {shift: 2.0**shift for shift in (-1, 0, 1, 2)}
    return {
        shift: fmean(
            math.prod((y - other) / (point - other) for other in points.values() if other != point)
            for y in (x - apart, x + apart)
        )
        for shift, point in points.items()
    }


# --- what the polls say of the rates -------------------------------------------------------------


def log_chances(gaps: Sequence[Gap], grid: Grid) -> list[float]:
    """Return the logarithm of the chance of all polls under each node, but for a constant."""
    counts = counted(gaps, grid)
    states = [gaps[0].before, *(gap.after for gap in gaps if gap.before != gap.after)]
    found = []
    for down, rate, _ in grid.nodes:
        # Of a chance to change, all that is not its first power of the length.
        total = sum(math.log(1 - down if up else down) for up in states)
        total += math.log(rate) * (len(states) - 1)
        for (low, high, place), number in counts.items():
            x = rate * 2.0**place
            share = 1 - down if low else down
            stays = share + (1 - share) * math.exp(-x)
            total += number * math.log(stays if low == high else -math.expm1(-x) / x)
        found.append(total)
    return found


def nine_nodes(gaps: Sequence[Gap], grid: Grid) -> list[Node]:
    """Return nine nodes with mean and covariance of all, on the scale of odds and of logs."""
    logs = [
        math.log(weight) + chance
        for (_, _, weight), chance in zip(grid.nodes, log_chances(gaps, grid), strict=True)
    ]
    weights = [math.exp(log - max(logs)) for log in logs]
    points = [(math.log(down / (1 - down)), math.log(rate)) for down, rate, _ in grid.nodes]
    whole = sum(weights)
    parts = [(weight / whole, *point) for weight, point in zip(weights, points, strict=True)]
    a, b = sum(w * x for w, x, _ in parts), sum(w * y for w, _, y in parts)
    spread = math.sqrt(max(sum(w * (x - a) ** 2 for w, x, _ in parts), 1e-12))
    slope = sum(w * (x - a) * (y - b) for w, x, y in parts) / spread
    rest = math.sqrt(max(sum(w * (y - b) ** 2 for w, _, y in parts) - slope**2, 0.0))
    steps = [(-math.sqrt(3), 1 / 6), (0.0, 2 / 3), (math.sqrt(3), 1 / 6)]
    return [
        (1 / (1 + math.exp(-a - spread * u)), math.exp(b + slope * u + rest * v), w * z)
        for (u, w), (v, z) in product(steps, steps)
    ]


# --- what the polls of all stores say ------------------------------------------------------------


def fitted(stores: Sequence[Sequence[Gap]]) -> list[Node]:
    """Return the nodes, rates in changes an hour, weighed by the gaps of some stores.

    Thirty times each node gets what of all stores is likely to be its own; one store more says that
    all is as guessed at first.
    """
    mean = fmean(gap.length for gaps in stores for gap in gaps)
    points = list(grid_points(9))
    guess = [math.sqrt(share * (1 - share) * pace) for share, pace in points]
    guess = [weight / sum(guess) for weight in guess]
    nodes = [(share, pace * HOUR / mean, 1.0) for share, pace in points]
    chances = [log_chances(gaps, given_grid(nodes)) for gaps in stores]
    likely = [[math.exp(chance - max(own)) for chance in own] for own in chances]
    weights = guess
    for _ in range(30):
        shares = [[w * x for w, x in zip(weights, own, strict=True)] for own in likely]
        totals = [sum(own) for own in shares]
        seen = [
            sum(own[k] / total for own, total in zip(shares, totals, strict=True))
            for k in range(len(guess))
        ]
        weights = [(a + b) / (len(stores) + 1) for a, b in zip(seen, guess, strict=True)]
    return [(share, rate, w) for (share, rate, _), w in zip(nodes, weights, strict=True)]
