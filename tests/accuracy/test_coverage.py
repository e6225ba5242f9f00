"""Uptime plus or minus twice its error holds the truth: a quick look at a few kinds of stores.

`coverage.py` looks at all of them, with more stores.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import polars as pl
import pytest

from accuracy.coverage import judged, measured, misses, share_covered
from accuracy.truths import FIXED_TWICE, FLEET, HOUR_ONCE, POLLS
from support.simulated_truths import Truth

STORES = 40
TRUTHS = {
    "an hour, once a day": HOUR_ONCE,
    "three in ten polls missing": replace(HOUR_ONCE, instants=POLLS["30 % missing"]),
    "ten minutes, twice a day, open 12 h": replace(
        FIXED_TWICE, hours=(9, 21), off_when_closed=True
    ),
    "a fleet": FLEET,
}


@cache
def cells_of(name: str) -> pl.DataFrame:
    return judged(measured(name, TRUTHS[name], STORES)).with_columns(truth=pl.lit(name))


def sums(cells: pl.DataFrame) -> dict[str, Any]:
    return cells.select(pl.col("n", "covered", "told", "made").sum()).row(0, named=True)


@pytest.mark.parametrize("name", TRUTHS)
def test_days_are_covered_as_promised(name: str) -> None:
    """90 % with a change seen, 86 % without one, of at least 40 days each."""
    days = cells_of(name).filter(window="day")
    assert all(n >= 40 for n in days["n"])
    assert list(misses(days, judged_from=40)) == []


def test_all_together_are_covered_but_not_always() -> None:
    """Of all days 90 to 98 %: an interval that always holds the truth is too wide to be of use."""
    share = share_covered(pl.concat(cells_of(name) for name in TRUTHS))
    assert 0.90 <= share <= 0.98


def test_errors_told_are_about_those_made() -> None:
    """Root mean squares, of all days: told over made between 0.9 and 1.5."""
    found = sums(pl.concat(cells_of(name) for name in TRUTHS).filter(window="day"))
    assert 0.9 <= (found["told"] / found["made"]) ** 0.5 <= 1.5


def test_polls_that_are_lost_while_down_leave_errors_too_small() -> None:
    """What cannot be seen is not covered: this test would not pass if everything were."""
    truth = Truth(HOUR_ONCE.length, 1.0, lost=90)
    weeks = sums(judged(measured("lost", truth, STORES)).filter(window="week"))
    assert weeks["covered"] / weeks["n"] <= 0.6
