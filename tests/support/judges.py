"""The two judges of a worked example: the library, and the witness of the random tests.

Both are asked, so that the witness is itself held to sums that a reader can check.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from support.frames import Lengths, frames, report_of, spans_of, totals_of
from support.oracle import Poll, Row, Rules, Store, Totals, measure
from support.wall_clock import MINUTE, at, tod

Judge = Callable[..., Totals]


def by_library(store: Store, now: int, length: timedelta, rules: Rules) -> Totals:
    """Ask the library."""
    lengths: Lengths = {"w": (length, "minutes")}
    report = report_of(frames([store]), now, lengths, rules)
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


def row(day: int, start: str, end: str) -> Row:
    """Write a weekly row."""
    return day, tod(start), tod(end)


def poll(when: str, state: str) -> Poll:
    """Write a poll."""
    return at(when), {"up": True, "down": False}[state]
