"""The two judges of a worked example: the library, and the witness of the random tests.

Both are asked, so that the witness is itself held to sums that a reader can check.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from support.frames import Lengths, spans_of, totals_of
from support.oracle import DatedRow, Poll, Rules, Store, Totals, measure
from support.strategies import Scenario
from support.wall_clock import MINUTE, at, tod

Judge = Callable[..., Totals]


def by_library(store: Store, now: int, length: timedelta, rules: Rules) -> Totals:
    """Ask the library."""
    lengths: Lengths = {"w": (length, "minutes")}
    report = Scenario((store,), now, lengths, rules).report()
    return totals_of(report, lengths)[store.store_id][0]


def by_oracle(store: Store, now: int, length: timedelta, rules: Rules) -> Totals:
    """Ask the witness."""
    return measure(store, rules, now, spans_of(now, {"w": (length, "minutes")}))[0]


def minutes(totals: Totals) -> tuple[float, float, float]:
    """Return uptime, downtime and unknown in minutes."""
    parts = (totals.uptime, totals.downtime, totals.unknown)
    assert sum(parts) == totals.scheduled
    up, down, unknown = (part / MINUTE for part in parts)
    return up, down, unknown


def row(
    day: int, start: str, end: str, valid_from: str | None = None, valid_until: str | None = None
) -> DatedRow:
    """Write a weekly row."""
    return DatedRow(day, tod(start), tod(end), _ordinal(valid_from), _ordinal(valid_until))


def _ordinal(day: str | None) -> int | None:
    return None if day is None else date.fromisoformat(day).toordinal()


def poll(when: str, state: str) -> Poll:
    """Write a poll."""
    return at(when), {"up": True, "down": False}[state]
