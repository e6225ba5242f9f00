"""What a report with `uncertainty=True` tells, in plain Python: its method with its short cuts.

The witness of ``uptime_error.py`` takes no short cut, so it can be met only roughly. This one takes
the same ones, a store at a time and a gap at a time, and can be met to many digits: a coarser grid,
gaps of about one length counted together, nine pairs of rates that stand for all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from statistics import fmean
from typing import NamedTuple

from support.gap_pieces import Node, Piece, covariance, on_gap, on_piece
from support.oracle import Rules, Span, States, Store, evidence_of, timeline
from support.rates_form import Gap, Grid, counted, given_grid, nine_nodes, own_grid
from support.uptime_error import Interval, OpenClock, Told

# --- the sum over the gaps of a window -----------------------------------------------------------


class Held(NamedTuple):
    """What of the gaps a window holds: whole ones, and pieces, those of one gap together."""

    whole: list[Gap]
    cut: list[list[Piece]]


def downtime(held: Held, nodes: Sequence[Node], grid: Grid) -> tuple[float, float]:
    """Return mean and variance of the downtime in a window, in units.

    The library rounds those of a piece to whole microseconds, and to squares of these.
    """
    parts = 2**grid.bits
    weights = [weight for _, _, weight in nodes]

    def mixed(values: Sequence[float]) -> float:
        return sum(weight * value for weight, value in zip(weights, values, strict=True))

    means, variance = [0.0] * len(nodes), 0.0
    for (low, high, place), number in counted(held.whole, grid).items():
        found = [on_gap((low, high), 2.0**place, node) for node in nodes]
        means = [total + number * mean for total, (mean, _) in zip(means, found, strict=True)]
        variance += number * max(mixed([each for _, each in found]), 0.0)
    for pieces in held.cut:
        for piece in pieces:
            found = [on_piece(piece, node) for node in nodes]
            means = [
                total + round(mean * parts) / parts
                for total, (mean, _) in zip(means, found, strict=True)
            ]
            variance += round(max(mixed([each for _, each in found]), 0.0) * parts**2) / parts**2
        for pair in combinations(pieces, 2):
            shared = mixed([covariance(*pair, node) for node in nodes])
            variance += 2 * round(shared * parts**2) / parts**2
    mean = mixed(means)
    return mean, variance + mixed([(each - mean) ** 2 for each in means])


# --- a whole store, by the rules of a report -----------------------------------------------------


class Stop(NamedTuple):
    """A poll: when, where on the open clock, and what it found."""

    us: int
    at: int
    up: bool


def told_of(
    store: Store, rules: Rules, now: int, spans: Sequence[Span], rates: Sequence[Node] | None = None
) -> list[Told | None]:
    """Return what a report tells of every window of one store."""
    first = min(span.start for span in spans)
    stops, clock = stops_of(store, rules, now, first)
    if len(stops) < 2:
        return [None] * len(spans)
    gaps = gaps_between(stops)
    grid = own_grid(fmean(gap.length for gap in gaps)) if rates is None else given_grid(rates)
    nodes, said = nine_nodes(gaps, grid), timeline(store, rules, now, first)
    found: list[Told | None] = []
    for span in spans:
        known: States = [
            (max(a, span.start), min(b, span.end), up)
            for a, b, up in said
            if up is not None and max(a, span.start) < min(b, span.end)
        ]
        length, uptime = sum(b - a for a, b, _ in known), sum(b - a for a, b, up in known if up)
        unit = 2.0**grid.bits
        mean, variance = downtime(_held(span, known, stops, clock, unit), nodes, grid)
        expected = min(max(length - mean * unit, 0.0), length)
        error = math.hypot(math.sqrt(variance) * unit, expected - uptime)
        found.append(Told(expected, error) if length else None)
    return found


def stops_of(store: Store, rules: Rules, now: int, first: int) -> tuple[list[Stop], OpenClock]:
    """Return the polls inside open time that speak for windows from `first` to `now`."""
    polls = evidence_of(store, replace(rules, evidence="open"), first, now)
    clock = OpenClock(store, rules, min([first, *(us for us, _ in polls)]), now)
    return [Stop(us, clock.position(us), up) for us, up in polls], clock


def gaps_between(stops: Sequence[Stop]) -> list[Gap]:
    """Return the gaps between neighbours."""
    return [Gap(a.up, b.up, b.at - a.at) for a, b in pairwise(stops)]


def _held(span: Span, known: States, stops: Sequence[Stop], clock: OpenClock, unit: float) -> Held:
    held = Held([], [])
    for before, after in pairwise([None, *stops, None]):
        low, high = before.us if before else span.start, after.us if after else span.end
        inside = [(max(a, low), min(b, high)) for a, b, _ in known if max(a, low) < min(b, high)]
        parts = _joined([(clock.position(a), clock.position(b)) for a, b in inside])
        if before and after and _holds_both(span, before, after, parts):
            held.whole.append(Gap(before.up, after.up, after.at - before.at))
            continue
        held.cut.append(
            [
                Piece(
                    before and before.up,
                    after and after.up,
                    (start - before.at if before else 0) / unit,
                    (end - start) / unit,
                    (after.at - end if after else 0) / unit,
                    start / unit,
                )
                for start, end in parts
            ]
        )
    return held


def _holds_both(span: Span, before: Stop, after: Stop, parts: Sequence[Interval]) -> bool:
    """Ask for a whole gap; without both polls it is cut, even where nothing of it is lost."""
    return (before.at, after.at) in parts and span.start <= before.us and after.us <= span.end


def _joined(intervals: Sequence[Interval]) -> list[Interval]:
    """Join what touches on the open clock, as evening and morning do."""
    cuts = [0, *(k for k in range(1, len(intervals)) if intervals[k - 1][1] != intervals[k][0])]
    ends = [*cuts[1:], len(intervals)]
    return [
        (intervals[a][0], intervals[b - 1][1]) for a, b in zip(cuts, ends, strict=True) if a < b
    ]
