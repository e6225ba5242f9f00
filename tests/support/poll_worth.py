"""A slow witness for what polls are worth: one store at a time, one gap after the other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import median_high, median_low

from support.oracle import Rules, Store, edges, evidence_of, is_open


@dataclass(frozen=True)
class PollWorth:
    """What `describe_polls` says of one store: instants and lengths in microseconds."""

    polls: int
    repeated: int
    conflicting: int
    outside_hours: int
    first_poll: int | None
    last_poll: int | None
    evidence: int
    inactive_share: Fraction | None
    median_gap: int | None
    longest_gap: int | None
    gap_ratio: Fraction | None
    gaps_after_inactive: int
    has_hours: bool
    has_timezone: bool


def poll_worth(store: Store, rules: Rules, now: int, start: int) -> PollWorth:
    """Look at the polls of one store."""
    times = Counter(poll for poll in store.polls if start <= poll[0] <= now)
    instants = {us for us, _ in times}
    known = evidence_of(store, replace(rules, lookback=timedelta(0)), start, now)
    after: dict[bool, list[int]] = {True: [], False: []}
    for (us, up), (following, _) in pairwise(known):
        after[up].append(open_between(store, rules, us, following))
    gaps = after[True] + after[False]
    silence = [open_between(store, rules, known[-1][0], now)] if known else []
    return PollWorth(
        polls=times.total(),
        repeated=sum(count - 1 for count in times.values()),
        conflicting=sum((us, True) in times and (us, False) in times for us in instants),
        outside_hours=sum(not is_open(store, rules, us) for us in instants),
        first_poll=min(instants, default=None),
        last_poll=max(instants, default=None),
        evidence=len(known),
        inactive_share=Fraction(sum(not up for _, up in known), len(known)) if known else None,
        median_gap=(median_low(gaps) + median_high(gaps)) // 2 if gaps else None,
        longest_gap=max(gaps + silence, default=None),
        gap_ratio=mean_ratio(after[False], after[True]),
        gaps_after_inactive=len(after[False]),
        has_hours=bool(store.rows),
        has_timezone=store.zone is not None,
    )


def mean_ratio(upper: list[int], lower: list[int]) -> Fraction | None:
    """Return the mean of some lengths divided by that of others, where that makes sense."""
    if not upper or not sum(lower):
        return None
    return Fraction(sum(upper), len(upper)) / Fraction(sum(lower), len(lower))


def open_between(store: Store, rules: Rules, start: int, end: int) -> int:
    """Walk from one instant to another, and add up the pieces at which the store is open."""
    cuts = sorted({start, end, *edges(store, rules, start, end)})
    return sum(b - a for a, b in pairwise(cuts) if is_open(store, rules, a))
