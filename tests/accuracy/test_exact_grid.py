"""The errors that a report tells, beside those of the witness that takes no shortcut.

The library puts gaps of about the same length together and looks at a few pairs of rates, so that
it need not agree to the last digit; it has to agree on what is null, and about the size.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from statistics import median
from typing import Any

import pytest

from support.effort import combined
from support.frames import Lengths, frames, report_of, spans_of
from support.oracle import Rules, Store
from support.simulated_truths import NOW, Truth, exponential, lives, poisson
from support.uptime_error import Told, measure_error
from support.wall_clock import DAY, HOUR, MINUTE

LENGTHS: Lengths = {
    "hours": (timedelta(hours=5), "minutes"),
    "days": (timedelta(hours=50), "hours"),
}
TRUTH = Truth(exponential(HOUR), 3.0, poisson(4 * HOUR), hours=(9, 21), off_when_closed=True)
CHOICES: dict[str, tuple[Any, ...]] = {
    "interpolation": ("nearest", "previous", "next"),
    "evidence": ("open", "all"),
    "backfill": (True, False),
    "max_gap": (None, timedelta(days=1), timedelta(minutes=75)),
    "lookback": (timedelta(0), timedelta(days=1)),
}


def made() -> list[Store]:
    """Return stores that are polled as usual, and some that are hardly polled."""
    usual = [life.store for life in lives(TRUTH, 3, 4)]
    polls = usual[0].polls
    some = {
        "never": (),
        "once": polls[-1:],
        "twice": polls[-9::8],
        "long ago": tuple(poll for poll in polls if poll[0] < NOW - 2 * DAY),
        "at last": tuple(poll for poll in polls if poll[0] > NOW - 9 * HOUR),
        "always up": tuple((us, True) for us, _ in polls),
    }
    kinds = [
        replace(usual[0], store_id=100 + number, polls=some[name])
        for number, name in enumerate(some)
    ]
    return [*usual, *kinds]


STORES = made()
FRAMES = frames(STORES)
Pair = tuple[Told | None, Told | None, float]
"""What the library tells, what the witness tells, and how long the known time is."""


@cache
def pairs(rules: Rules) -> list[Pair]:
    report = report_of(FRAMES, NOW, LENGTHS, rules, {"uncertainty": True})
    rows = {row["store_id"]: row for row in report.iter_rows(named=True)}
    units = {"hours": MINUTE, "days": HOUR}
    found = []
    for store in STORES:
        told = measure_error(store, rules, NOW, spans_of(NOW, LENGTHS))
        row = rows[store.store_id]
        for name, expected in zip(LENGTHS, told, strict=True):
            known = (row[f"uptime_{name}"] + row[f"downtime_{name}"]) * units[name]
            found.append((_read(row, name, units[name]), expected, known))
    return found


def _read(row: dict[str, Any], name: str, unit: int) -> Told | None:
    expected, error = row[f"uptime_expected_{name}"], row[f"uptime_error_{name}"]
    assert (expected is None) == (error is None)
    return None if expected is None else Told(expected * unit, error * unit)


CHOSEN = combined(*CHOICES.values())


def rules_of(chosen: tuple[Any, ...]) -> Rules:
    return Rules(**dict(zip(CHOICES, chosen, strict=True)))


@pytest.mark.parametrize("chosen", CHOSEN, ids=str)
def test_the_report_tells_what_the_whole_grid_tells(chosen: tuple[Any, ...]) -> None:
    """The same nulls; an expected uptime and an error of about the same size."""
    for told, exact, known in pairs(rules_of(chosen)):
        assert (told is None) == (exact is None)
        if told is not None and exact is not None:
            assert 0 <= told.expected <= known
            assert abs(told.expected - exact.expected) <= 0.3 * exact.error
            assert 0.8 <= told.error / exact.error <= 1.7


def test_on_the_median_errors_are_those_of_the_whole_grid() -> None:
    """A little wide is fine: a median ratio of 0.95 to 1.4."""
    ratios = [
        told.error / exact.error
        for chosen in CHOSEN
        for told, exact, _ in pairs(rules_of(chosen))
        if told is not None and exact is not None
    ]
    assert len(ratios) >= 60
    assert 0.95 <= median(ratios) <= 1.4
