"""The report against a brute-force witness, to the microsecond.

The witness (``oracle.py``) shares neither code nor method with the library: where both agree on
random stores with nasty hours near real changes of the clocks, a mistake would have to have been
made twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from support.effort import combined, thinned
from support.frames import DEFAULT_LENGTHS, Lengths, frames, report_of, spans_of, totals_of
from support.oracle import Poll, Rules, Store, measure
from support.strategies import ANCHORS, Scenario, examples, scenarios
from support.wall_clock import DAY, HOUR, MINUTE, SECOND, at, tod, transitions

if TYPE_CHECKING:
    from collections.abc import Sequence


def assert_agree(stores: Sequence[Store], now: int, lengths: Lengths, rules: Rules) -> None:
    """Compare every number of every store and window."""
    assert_scenario_agrees(Scenario(tuple(stores), now, lengths, rules))


def assert_scenario_agrees(scenario: Scenario) -> None:
    """Compare every number of every store and window."""
    found = totals_of(scenario.report(), scenario.lengths)
    expected = {
        store.store_id: measure(store, scenario.rules, scenario.now, scenario.spans(store))
        for store in scenario.told
    }
    assert found == expected


@examples(250)
@given(scenarios())
def test_report_equals_the_oracle_on_random_stores(scenario: Scenario) -> None:
    assert_scenario_agrees(scenario)


# --- every zone, around its change of the clocks -------------------------------------------------

STANDING_STILL = {
    ("America/Vancouver", at("2026-11-01T09:00")),
    ("Africa/Casablanca", at("2026-09-20T02:00")),
    ("Asia/Kathmandu", at("2026-11-01T00:00")),
    ("UTC", 0),
}


@pytest.mark.parametrize(("zone", "anchor"), ANCHORS)
def test_the_anchors_are_the_changes_they_claim_to_be(zone: str, anchor: int) -> None:
    """An instant that no longer is a change of the clocks would quietly test nothing."""
    if (zone, anchor) not in STANDING_STILL:
        assert anchor in transitions(zone, anchor - DAY, anchor + DAY)


def polls_every(step: int, low: int, high: int) -> tuple[Poll, ...]:
    """Poll at a steady step, with a state that follows no period of the clock."""
    return tuple((us, k * k % 7 < 4) for k, us in enumerate(range(low, high, step)))


def week_of_nasty_stores(zone: str, now: int) -> list[Store]:
    """Return one store for every kind of row that a change of the clocks can hurt."""
    rows = {
        "never closed": (),
        "in the hour that is skipped or repeated": ("02:00", "03:00"),
        "across it": ("01:15", "02:45:00.000001"),
        "past midnight": ("22:00", "02:30"),
        "around midnight": ("23:30", "00:30"),
        "from any time to the same": ("02:30", "02:30"),
        "to a minute before midnight": ("18:00", "23:59"),
        "of the whole day": ("00:00", "00:00"),
    }
    polls = polls_every(97 * MINUTE + 1, now - 9 * DAY, now + HOUR)
    return [Store(name, zone, _daily(*row) if row else (), polls) for name, row in rows.items()]


def _daily(start: str, end: str) -> tuple[tuple[int, int, int], ...]:
    return tuple((day, tod(start), tod(end)) for day in range(7))


AFTERWARDS = (0, 1, 45 * MINUTE, 26 * HOUR, 6 * DAY + 1)


# Five and three share no factor: each change and each distance is in a quick run too.
@pytest.mark.parametrize(
    ("zone", "anchor", "after"),
    thinned([(*each, after) for each in ANCHORS for after in AFTERWARDS], 3),
)
def test_every_zone_around_its_change_of_the_clocks(zone: str, anchor: int, after: int) -> None:
    now = anchor + after
    assert_agree(week_of_nasty_stores(zone, now), now, DEFAULT_LENGTHS, Rules())


# --- every combination of the policy's choices ---------------------------------------------------

NOW = at("2026-11-02T08:30:00.000007")
LENGTHS: Lengths = {
    "hour": (timedelta(hours=1), "minutes"),
    "days": (timedelta(days=3, microseconds=1), "seconds"),
}
NASTY_STORES = (
    Store(
        "chained, repeated and opposed polls",
        "America/Chicago",
        (
            (4, tod("09:00"), tod("17:00")),
            (5, tod("20:00"), tod("23:59")),
            (6, tod("00:00"), tod("02:30")),
            (6, tod("01:00"), tod("01:30:00.000001")),
            (6, tod("22:00"), tod("04:00")),
        ),
        (
            *polls_every(151 * MINUTE + 7, NOW - 5 * DAY, NOW),
            (at("2026-11-01T06:30"), True),
            (at("2026-11-01T06:30"), False),
            (at("2026-11-01T06:30:00.000003"), True),
            (at("2026-11-01T06:30:00.000003"), True),
            (NOW, True),
            (NOW + 1, False),
        ),
    ),
    Store(
        "silent since Saturday, in the default zone",
        None,
        ((5, tod("23:59:30"), tod("23:59:30")), (6, tod("23:00"), tod("23:59:59"))),
        ((at("2026-10-31T12:00"), True), (at("2026-11-01T04:59:45.5"), False)),
    ),
    Store(
        "polled twice, never closed", "Asia/Kathmandu", (), ((NOW - 3 * HOUR, True), (NOW, False))
    ),
    Store("never polled", "Australia/Lord_Howe", ((0, tod("24:00"), tod("06:00")),)),
    Store("known by a null alone", None, null_zone=True),
)
FRAMES = frames(NASTY_STORES)


CHOICES: dict[str, Sequence[Any]] = {
    "max_gap": (None, timedelta(microseconds=2), timedelta(minutes=40), timedelta(days=9)),
    "lookback": (timedelta(0), timedelta(hours=7), timedelta(days=1), None),
    "interpolation": ("nearest", "previous", "next"),
    "evidence": ("open", "all"),
    "missing_days": ("closed", "open"),
    "snap_midnight": (True, False),
    "backfill": (True, False),
}


@pytest.mark.parametrize("chosen", combined(*CHOICES.values()), ids=str)
def test_every_combination_of_the_policy(chosen: tuple[Any, ...]) -> None:
    rules = Rules(**dict(zip(CHOICES, chosen, strict=True)))
    spans = spans_of(NOW, LENGTHS)
    found = totals_of(report_of(FRAMES, NOW, LENGTHS, rules), LENGTHS)
    assert found == {s.store_id: measure(s, rules, NOW, spans) for s in NASTY_STORES}


@pytest.mark.parametrize("second", [0, -1, -2, 1, -DAY, 10 * DAY])
def test_odd_midpoints_are_floored_on_both_sides_of_1970(second: int) -> None:
    """``//`` floors; a division that truncates errs before 1970, and only there."""
    now = second + SECOND
    store = Store(1, polls=((second, True), (second + 3, False), (second + 8, True)))
    assert_agree([store], now, {"w": (timedelta(seconds=2), "seconds")}, Rules())
