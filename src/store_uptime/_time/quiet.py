"""Quiet time: so long and so even that one week tells of those after it.

Where neither a poll nor a window needs to be told from the instant beside it, only the sum of open
time counts. While a zone keeps its offset, every week has the same. And once only the last rule of
a zone is left, its clocks repeat themselves every 400 years.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from store_uptime._time.units import DAY

WEEK = 7 * DAY
FOUR_CENTURIES = 146_097 * DAY  # with 97 leap days: 20,871 weeks

Stretch = tuple[int, int]
"""Where it starts, and where it ends, in microseconds since 1970 UTC."""


class Run(NamedTuple):
    """Some whole periods, ``[start, end)``, on wall clocks the same as the one before `start`."""

    start: int
    end: int
    period: int


def repeats(quiet: Sequence[Stretch], start: int, end: int, period: int) -> Iterator[Run]:
    """Yield a run for each stretch of `quiet` in ``[start, end)`` that has room for one."""
    first = bisect_right(quiet, start, key=lambda stretch: stretch[1])
    for index in range(first, len(quiet)):
        since, until = max(quiet[index][0], start), min(quiet[index][1], end)
        if since >= until:
            break
        begin = since + period
        if begin + period <= until:
            yield Run(begin, begin + (until - begin) // period * period, period)


def outside(runs: Iterable[Run], start: int, end: int) -> Iterator[Stretch]:
    """Yield what is left of ``[start, end)`` around sorted runs in it."""
    for run in runs:
        yield start, run.start
        start = run.end
    if start < end:
        yield start, end
