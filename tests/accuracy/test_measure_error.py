"""The witness for the error of a report: what is known, and what was reported, by the policy."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from support.oracle import Row, Rules, Span, Store
from support.uptime_error import Interval, expected_uptime, measure_error
from support.wall_clock import DAY, HOUR, MINUTE, at

UP, DOWN = True, False
NOW = at("2024-05-15T12:00")
DAYTIME: tuple[Row, ...] = tuple((day, 9 * HOUR, 17 * HOUR) for day in range(7))


def test_a_night_is_no_time() -> None:
    """Polls at 16:00 and at 10:00 the next day are 2 hours apart, as they are without closing."""
    polls = ((at("2024-05-14T16:00"), UP), (at("2024-05-15T10:00"), DOWN))
    store = Store(1, "UTC", DAYTIME, polls)
    told = measure_error(store, Rules(), NOW, [Span(NOW - DAY, NOW)])[0]
    assert told is not None
    # Open are 12:00-17:00 and 09:00-12:00, the polls 4 and 6 hours after the start.
    hours = expected_uptime([(4, UP), (6, DOWN)], [(0, 8)])
    assert hours is not None
    # The middle, 01:00, is at night: up until 17:00, 5 hours.
    assert told.expected == pytest.approx(hours[0] * HOUR)
    assert told.error == pytest.approx(math.hypot(hours[1], hours[0] - 5) * HOUR)


@pytest.mark.parametrize(
    ("interpolation", "backfill", "known", "uptime"),
    [
        ("nearest", True, [(5, 7), (10, 12)], 2),
        ("nearest", False, [(6, 7), (10, 12)], 1),
        ("previous", True, [(5, 7), (11, 12)], 2),
        ("previous", False, [(6, 7), (11, 12)], 1),
        ("next", True, [(5, 6), (10, 12)], 1),
        ("next", False, [(10, 12)], 0),
    ],
)
def test_beyond_reach_nothing_is_expected(
    interpolation: str, *, backfill: bool, known: list[Interval], uptime: int
) -> None:
    """A reach of an hour around polls at 06:00, up, and at 11:00, down; the window ends at 12:00."""
    polls = ((NOW - 6 * HOUR, UP), (NOW - HOUR, DOWN))
    rules = Rules(interpolation, backfill=backfill, max_gap=timedelta(hours=1))
    told = measure_error(Store(1, "UTC", (), polls), rules, NOW, [Span(NOW - DAY, NOW)])[0]
    hours = expected_uptime([(6, UP), (11, DOWN)], known)
    assert hours is not None
    assert told is not None
    assert told.expected == pytest.approx(hours[0] * HOUR)
    assert told.error == pytest.approx(math.hypot(hours[1], hours[0] - uptime) * HOUR)


def test_polls_while_closed_are_no_part_of_the_chain_but_of_the_bias() -> None:
    """By all polls the store is down from 18:00 on: one open hour is down that the chain has up."""
    polls = (
        (at("2024-05-14T14:00"), UP),
        (at("2024-05-14T16:00"), UP),
        (at("2024-05-14T17:30"), DOWN),
        (at("2024-05-15T10:00"), UP),
    )
    store = Store(1, "UTC", DAYTIME, polls)
    span = Span(at("2024-05-14T09:00"), at("2024-05-15T11:00"))
    by_open, by_all = (
        measure_error(store, Rules(evidence=word), span.end, [span])[0] for word in ("open", "all")
    )
    assert by_open is not None
    assert by_all is not None
    assert by_all.expected == by_open.expected
    # Open: up all 10 hours. All: down from 16:45 to 17:00, a quarter of an hour.
    spread = by_open.error**2 - (by_open.expected - 10 * HOUR) ** 2
    bias = by_all.expected - (10 * HOUR - 15 * MINUTE)
    assert by_all.error**2 == pytest.approx(spread + bias**2, rel=1e-6)


def test_one_poll_inside_the_hours_tells_no_error() -> None:
    polls = ((at("2024-05-14T16:00"), UP), (at("2024-05-14T18:00"), DOWN))
    store = Store(1, "UTC", DAYTIME, polls)
    span = Span(NOW - DAY, NOW)
    assert measure_error(store, Rules(evidence="all"), NOW, [span]) == [None]
