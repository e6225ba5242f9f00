"""A slow witness for the uptime to be expected of a store, and for the error of the reported one.

All of it is on the *open clock*, which stands still while the store is closed. A store is up and
down at two constant rates that nobody knows: each pair of a grid is tried, and counts by how well
it explains the polls. No shortcut: every gap and every pair has its turn, and the uptime that is
asked for may be any set of intervals.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from support.oracle import Poll, Rules, Span, States, Store, edges, evidence_of, is_open, timeline
from support.two_state import Chain, Seen, Stretch, moments

Interval = tuple[int, int]


class Node(NamedTuple):
    """A pair of rates that may be the store's, and how much it counts before any poll."""

    chain: Chain
    weight: float


class Told(NamedTuple):
    """What a report says of one window, in microseconds: the mean, and the error of `uptime`."""

    expected: float
    error: float


# --- what may be so ------------------------------------------------------------------------------

SHARES, PACES = 21, 9


def every_node(mean_gap: float) -> list[Node]:
    """Return the grid: shares of time down from 1/2000 to 997/1000, rates from 0.05 to 30 a gap."""
    low, high = math.log(5e-4), -math.log(3e-3)
    found = []
    for i in range(SHARES):
        down = 1 / (1 + math.exp(-(low + (high - low) * i / (SHARES - 1))))
        for k in range(PACES):
            pace = 0.05 * (30 / 0.05) ** (k / (PACES - 1))
            found.append(Node(Chain(down, pace / mean_gap), math.sqrt(down * (1 - down) * pace)))
    return found


def shares_of_nodes(polls: Sequence[Poll], nodes: Sequence[Node]) -> list[float]:
    """Return how likely each node is once the polls are known; together they are one."""
    logs = [math.log(node.weight) + log_chance(node.chain, polls) for node in nodes]
    weights = [math.exp(log - max(logs)) for log in logs]
    return [weight / sum(weights) for weight in weights]


def log_chance(chain: Chain, polls: Sequence[Poll]) -> float:
    """Return the logarithm of the chance that a store of these rates answers as it did."""
    long_run = {True: 1 - chain.share_down, False: chain.share_down}
    total = math.log(long_run[polls[0][1]])
    for (a, was_up), (b, is_up) in pairwise(polls):
        forgotten = -math.expm1(-chain.rate * (b - a))
        chance = long_run[is_up] * forgotten
        total += math.log(chance if was_up != is_up else chance + 1 - forgotten)
    return total


# --- the uptime inside some intervals of the open clock ------------------------------------------


def expected_uptime(
    polls: Sequence[Poll], known: Sequence[Interval], nodes: Sequence[Node] | None = None
) -> tuple[float, float] | None:
    """Return mean and standard deviation of the uptime inside intervals that are apart.

    Polls are in order, at distinct positions; the rates may be given. ``None`` with fewer than
    two polls, or where no interval has a length.
    """
    length = sum(end - start for start, end in known)
    if len(polls) < 2 or not length:
        return None
    if nodes is None:
        nodes = every_node((polls[-1][0] - polls[0][0]) / (len(polls) - 1))
    gaps = list(gaps_with(polls, known))
    mean = square = 0.0
    for node, share in zip(nodes, shares_of_nodes(polls, nodes), strict=True):
        # Between polls a chain forgets all but the state: means and variances of gaps add up.
        found = [moments(node.chain, *gap) for gap in gaps]
        down = sum(each.mean for each in found)
        mean += share * down
        square += share * (down * down + sum(each.variance for each in found))
    return length - mean, math.sqrt(max(square - mean * mean, 0.0))


Gap = tuple[Seen, Seen, list[Stretch]]


def gaps_with(polls: Sequence[Poll], known: Sequence[Interval]) -> Iterator[Gap]:
    """Cut each way from poll to poll that holds known time into time that counts and time between.

    Before the first poll and after the last one the way begins and ends with the known time.
    """
    ends = sorted(position for interval in known for position in interval)
    early = [] if ends[0] >= polls[0][0] else [(ends[0], None)]
    late = [] if ends[-1] <= polls[-1][0] else [(ends[-1], None)]
    for (a, before), (b, after) in pairwise([*early, *polls, *late]):
        cuts = sorted({a, b, *(position for position in ends if a < position < b)})
        stretches = [(float(y - x), bisect_right(ends, x) % 2 == 1) for x, y in pairwise(cuts)]
        if any(counted for _, counted in stretches):
            yield before, after, stretches


# --- a whole store, by the rules of a report -----------------------------------------------------


def measure_error(
    store: Store, rules: Rules, now: int, spans: Sequence[Span], nodes: Sequence[Node] | None = None
) -> list[Told | None]:
    """Return what a report is to say of every window of one store."""
    first = min(span.start for span in spans)
    said = timeline(store, rules, now, first)
    inside = evidence_of(store, replace(rules, evidence="open"), first, now)
    clock = OpenClock(store, rules, min([first, *(us for us, _ in inside)]), now)
    polls = [(clock.position(us), up) for us, up in inside]
    return [_told(clock, polls, list(_within(span, said)), nodes) for span in spans]


def _told(
    clock: OpenClock, polls: Sequence[Poll], said: States, nodes: Sequence[Node] | None
) -> Told | None:
    known = [(clock.position(a), clock.position(b)) for a, b, up in said if up is not None]
    found = expected_uptime(polls, _joined(known), nodes)
    uptime = sum(b - a for a, b, up in said if up)
    return found and Told(found[0], math.hypot(found[1], found[0] - uptime))


def _within(span: Span, said: States) -> Iterator[tuple[int, int, bool | None]]:
    for a, b, up in said:
        if max(a, span.start) < min(b, span.end):
            yield max(a, span.start), min(b, span.end), up


def _joined(intervals: Sequence[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for start, end in intervals:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


class OpenClock:
    """How long a store was open from a first instant up to another."""

    def __init__(self, store: Store, rules: Rules, low: int, high: int) -> None:
        self._cuts = sorted({low, high, *edges(store, rules, low, high)})
        self._read = [0]
        for a, b in pairwise(self._cuts):
            self._read.append(self._read[-1] + (b - a) * is_open(store, rules, a))

    def position(self, us: int) -> int:
        """Read the clock at an instant that is not before the first one."""
        place = bisect_right(self._cuts, us) - 1
        if place == len(self._cuts) - 1:
            return self._read[-1]
        runs = self._read[place + 1] > self._read[place]
        return self._read[place] + (us - self._cuts[place]) * runs
