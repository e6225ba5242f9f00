"""The simulated stores are what they say: times down, what polls see, and when they come."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import fmean

import pytest

from accuracy.truths import FLEET, HOUR_ONCE, LENGTHS, POLLS, UNLIKE, not_promised, promised
from support.dataset_truth import is_down, true_times
from support.simulated_truths import (
    NOW,
    Life,
    Truth,
    at_minute,
    change_seen,
    fixed,
    lives,
    true_uptime,
)
from support.wall_clock import DAY, HOUR, MINUTE

DAYTIME = Truth(
    LENGTHS["exponential 1 h"], 3.0, hours=(9, 21), on_late=15 * MINUTE, off_early=6 * MINUTE
)


def gaps(life: Life) -> list[int]:
    return [b - a for (a, _), (b, _) in pairwise(life.store.polls)]


# --- when stores are down ------------------------------------------------------------------------


def test_the_true_uptime_is_that_of_the_wall_clock() -> None:
    """Another witness asks at every cut whether the store is open and whether it is down."""
    for life in lives(DAYTIME, 6, 4):
        for start, end in ((NOW - 3 * DAY, NOW), (NOW - 5 * HOUR, NOW - HOUR), (NOW - 9, NOW)):
            up, _ = true_times(life.store, life.outages, start, end)
            assert true_uptime(life, DAYTIME, start, end) == up


@pytest.mark.parametrize("name", [*LENGTHS, *UNLIKE])
def test_stores_are_down_as_often_and_as_long_as_asked_for(name: str) -> None:
    """Twice a day for the mean length, within a fifth; some lengths scatter much."""
    length = {**LENGTHS, **UNLIKE}[name]
    truth = Truth(length, 2.0)
    made = lives(truth, 60, 20)
    down = fmean(20 * DAY - true_uptime(life, truth, NOW - 20 * DAY, NOW) for life in made)
    assert down / 20 == pytest.approx(2 * length.mean, rel=0.2)
    often = fmean(sum(NOW - 20 * DAY <= a < NOW for a, _ in life.outages) for life in made)
    assert often / 20 == pytest.approx(2.0, rel=0.1)


def test_outages_are_apart_and_in_order() -> None:
    for life in lives(replace(DAYTIME, per_day=8.0), 5, 5):
        edges = [us for outage in life.outages for us in outage]
        assert edges == sorted(set(edges))


def test_a_terminal_that_is_on_late_and_off_early_is_down_21_minutes_a_day() -> None:
    """15 minutes after opening and 6 before closing, of 12 hours: 699 minutes are left."""
    truth = replace(DAYTIME, per_day=0.0)
    life = lives(truth, 1, 5)[0]
    assert true_uptime(life, truth, NOW - 2 * DAY, NOW - DAY) == 699 * MINUTE


def test_a_fleet_has_stores_that_never_fail_and_some_that_often_do() -> None:
    """Of 400 stores 220, 140 and 40, give or take 40."""
    downs = [len(life.outages) / 23 for life in lives(FLEET, 400, 20)]
    assert sum(often == 0 for often in downs) == pytest.approx(220, abs=40)
    assert sum(often > 1.5 for often in downs) == pytest.approx(40, abs=20)


# --- what polls see ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", POLLS)
def test_polls_see_the_truth_in_order(name: str) -> None:
    for life in lives(replace(HOUR_ONCE, instants=POLLS[name]), 3, 5):
        times = [us for us, _ in life.store.polls]
        assert times == sorted(set(times))
        assert NOW - 5 * DAY <= times[0] < times[-1] < NOW
        assert all(up != is_down(life.outages, us) for us, up in life.store.polls)


def test_polls_come_as_their_names_say() -> None:
    """Mean distances: an hour; that over 0.9 and 0.7; four in 4 hours; a sixth; two."""
    means = {
        name: fmean(
            gap
            for life in lives(replace(HOUR_ONCE, instants=instants), 20, 20)
            for gap in gaps(life)
        )
        for name, instants in POLLS.items()
    }
    expected = {
        "at a steady distance": 1.0,
        "within the first 10 min": 1.0,
        "Poisson": 1.0,
        "10 % missing": 1 / 0.9,
        "30 % missing": 1 / 0.7,
        "in bursts": 1.0,
        "every 10 min": 1 / 6,
        "every 2 h": 2.0,
    }
    assert {name: mean / HOUR for name, mean in means.items()} == pytest.approx(expected, rel=0.02)
    steady = lives(replace(HOUR_ONCE, instants=POLLS["at a steady distance"]), 3, 5)
    assert {gap for life in steady for gap in gaps(life)} == {HOUR}
    nearly = lives(replace(HOUR_ONCE, instants=POLLS["within the first 10 min"]), 3, 5)
    assert all(50 * MINUTE <= gap <= 70 * MINUTE for life in nearly for gap in gaps(life))


def test_all_stores_may_be_polled_at_one_minute() -> None:
    life = lives(replace(HOUR_ONCE, instants=at_minute(40)), 1, 2)[0]
    assert {us % HOUR for us, _ in life.store.polls} == {40 * MINUTE}


def test_polls_are_lost_only_while_a_store_is_down() -> None:
    """Half of those that find it down; the others are the same as without a loss."""
    truth = Truth(fixed(4 * HOUR), 1.0)
    for whole, left in zip(lives(truth, 5, 30), lives(replace(truth, lost=50), 5, 30), strict=True):
        assert set(left.store.polls) < set(whole.store.polls)
        kept = [sum(not up for _, up in life.store.polls) for life in (left, whole)]
        assert kept[0] / kept[1] == pytest.approx(0.5, abs=0.2)
        assert all(not up for _, up in set(whole.store.polls) - set(left.store.polls))


def test_terminals_that_are_off_at_night_answer_down() -> None:
    truth = replace(HOUR_ONCE, per_day=0.0, hours=(9, 21), off_when_closed=True)
    life = lives(truth, 1, 5)[0]
    assert all(up == (9 * HOUR <= us % DAY < 21 * HOUR) for us, up in life.store.polls)
    assert not change_seen(life, truth, NOW - 4 * DAY, NOW)


def test_a_change_is_seen_between_two_polls_of_the_window_by_hand() -> None:
    store = lives(HOUR_ONCE, 1, 1)[0].store
    polls = ((10 * HOUR, True), (12 * HOUR, False), (22 * HOUR, True))
    life = Life(replace(store, polls=polls), [])
    truth = replace(HOUR_ONCE, hours=(9, 21))
    assert change_seen(life, truth, 0, DAY)
    assert change_seen(life, truth, 10 * HOUR, 12 * HOUR)
    assert not change_seen(life, truth, 11 * HOUR, DAY)  # the last poll comes when it is closed
    assert change_seen(life, HOUR_ONCE, 11 * HOUR, DAY)


# --- the matrix ----------------------------------------------------------------------------------


def test_the_truths_have_all_axes() -> None:
    names = " ".join([*promised(), *not_promised()])
    for word in ("exponential", "fixed", "log-normal", "Pareto", "mixed", "0.05 a", "5 a"):
        assert word in names
    for word in (*POLLS, "open 8 h", "open 12 h", "off when closed", "fleet", "no outages"):
        assert word in names
    assert not set(promised()) & set(not_promised())
