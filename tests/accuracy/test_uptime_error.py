"""The witness for the error of an uptime: worked by hand, and on stores drawn as it believes."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import pairwise
from random import Random
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.oracle import Poll
from support.strategies import examples
from support.two_state import Chain
from support.uptime_error import (
    Interval,
    Node,
    every_node,
    expected_uptime,
    gaps_with,
    shares_of_nodes,
)

UP, DOWN = True, False

# --- by hand -------------------------------------------------------------------------------------


def test_the_grid_by_hand() -> None:
    """21 shares times 9 paces; the first share 1/2001 (odds 5e-4), the last 1/1.003."""
    nodes = every_node(2.0)
    assert len(nodes) == 189
    assert nodes[0].chain.share_down == pytest.approx(0.0005 / 1.0005)
    assert nodes[-1].chain.share_down == pytest.approx(1 / 1.003)
    assert [node.chain.rate for node in (nodes[0], nodes[8])] == pytest.approx([0.025, 15.0])
    # The middle pace is the root of 0.05 * 30.
    assert nodes[4].chain.rate == pytest.approx(math.sqrt(1.5) / 2)


def test_two_rates_by_hand() -> None:
    """Two stores may stand behind one poll up and one down, an hour apart.

    One forgets at once and is down for 1/4 of the time: chance 3/4 * 1/4 = 3/16. The other, 1/2
    of the time: 1/4. They are worth 3/7 and 4/7. Of an hour each is down as in the long run.
    """
    nodes = [Node(Chain(0.25, 1e9), 1.0), Node(Chain(0.5, 1e9), 1.0)]
    polls = [(0, UP), (3600, DOWN)]
    assert shares_of_nodes(polls, nodes) == pytest.approx([3 / 7, 4 / 7])
    found = expected_uptime(polls, [(0, 3600)], nodes)
    assert found is not None
    # Up 3600 * (3/7 * 3/4 + 4/7 * 1/2); apart by the share alone: 900 * root(3/7 * 4/7).
    assert found[0] == pytest.approx(3600 * (9 / 28 + 2 / 7))
    assert found[1] == pytest.approx(900 * math.sqrt(12) / 7, rel=1e-6)


def test_a_change_that_may_be_anywhere_between_two_polls() -> None:
    """With rates near zero: half of the hour, give or take 60 / root 12 minutes."""
    found = expected_uptime([(0, UP), (60, DOWN)], [(0, 60)], [Node(Chain(0.5, 1e-9), 1.0)])
    assert found == pytest.approx((30.0, 60 / math.sqrt(12)), rel=1e-6)


def test_the_way_is_cut_where_polls_windows_and_reach_cut_it() -> None:
    """Polls at 10 and 20; known are 4 to 13, 18 to 26 and 30 to 31."""
    found = list(gaps_with([(10, UP), (20, DOWN)], [(4, 13), (18, 26), (30, 31)]))
    assert found == [
        (None, UP, [(6.0, True)]),
        (UP, DOWN, [(3.0, True), (5.0, False), (2.0, True)]),
        (DOWN, None, [(6.0, True), (4.0, False), (1.0, True)]),
    ]


def test_nothing_is_told_without_two_polls_or_known_time() -> None:
    assert expected_uptime([(5, UP)], [(0, 10)]) is None
    assert expected_uptime([(5, UP), (7, UP)], []) is None
    assert expected_uptime([(5, UP), (7, UP)], [(6, 7)]) is not None


# --- laws ----------------------------------------------------------------------------------------


@st.composite
def seen(draw: st.DrawFn) -> tuple[list[Poll], list[Interval]]:
    """Draw a few polls, and intervals that are apart."""
    times = draw(st.lists(st.integers(-50, 50), min_size=2, max_size=6, unique=True))
    polls = [(time, draw(st.booleans())) for time in sorted(times)]
    ends = draw(st.lists(st.integers(-60, 60), min_size=2, max_size=6, unique=True))
    ends = sorted(ends)[: len(ends) // 2 * 2]
    return polls, list(zip(ends[::2], ends[1::2], strict=True))


@examples(30)
@given(seen())
def test_expected_uptime_lies_in_the_known_time_and_adds_up(
    drawn: tuple[list[Poll], list[Interval]],
) -> None:
    polls, known = drawn
    whole = expected_uptime(polls, known)
    parts = [expected_uptime(polls, [interval]) for interval in known]
    assert whole is not None
    assert 0 <= whole[0] <= sum(end - start for start, end in known)
    assert whole[0] == pytest.approx(sum(part[0] for part in parts if part), rel=1e-9)
    # Standard deviations of parts add up at most straight.
    assert whole[1] <= sum(part[1] for part in parts if part) * (1 + 1e-9)


@examples(30)
@given(seen())
def test_the_future_is_the_past_in_a_mirror(drawn: tuple[list[Poll], list[Interval]]) -> None:
    polls, known = drawn
    mirrored = expected_uptime(
        [(-time, up) for time, up in reversed(polls)], [(-b, -a) for a, b in reversed(known)]
    )
    assert mirrored == pytest.approx(expected_uptime(polls, known), rel=1e-8, abs=1e-8)


@examples(30)
@given(seen(), st.integers(2, 10**9))
def test_no_unit_of_time_enters(drawn: tuple[list[Poll], list[Interval]], unit: int) -> None:
    polls, known = drawn
    larger = expected_uptime(
        [(time * unit, up) for time, up in polls], [(a * unit, b * unit) for a, b in known]
    )
    plain = expected_uptime(polls, known)
    assert plain is not None
    assert larger == pytest.approx([unit * each for each in plain], rel=1e-7, abs=1e-7 * unit)


# --- stores drawn as the witness believes --------------------------------------------------------

NODES = [
    Node(Chain(down, rate), weight)
    for down, rate, weight in [(0.05, 0.2, 2.0), (0.05, 3.0, 1.0), (0.4, 0.3, 1.0), (0.7, 2.0, 1.0)]
]
KNOWN = [(-2, 3), (5, 19), (24, 37), (40, 43)]
TIMES = [0, 1, 4, 9, 10, 16, 21, 28, 29, 33, 41]


def draw_life(random: Random) -> tuple[list[float], bool]:
    """Draw rates, then when a store changes its state from -2 on, and whether it is up there."""
    (down, rate), _ = random.choices(NODES, [node.weight for node in NODES])[0]
    first = up = random.random() >= down
    changes, time = [], -2.0
    while time < 43:
        time += random.expovariate(rate * (down if up else 1 - down))
        changes.append(time)
        up = not up
    return changes, first


def test_mean_and_error_are_those_of_stores_drawn_from_the_grid() -> None:
    """If rates are as likely as the nodes say, errors are right on average, whatever is cut out.

    The error's mean is zero, the mean of its square is the mean of the variances told, each within
    four standard errors; heads, tails, holes in gaps and unknown rates are all in it.
    """
    random = Random(3)  # noqa: S311  # a simulation
    errors, surplus = [], []
    for _ in range(1500):
        changes, first = draw_life(random)
        polls = [(time, (bisect_right(changes, time) % 2 == 0) == first) for time in TIMES]
        told = expected_uptime(polls, KNOWN, NODES)
        assert told is not None
        error = told[0] - true_uptime(changes, first=first)
        errors.append(error)
        surplus.append(error**2 - told[1] ** 2)
    for sample in (errors, surplus):
        assert abs(fmean(sample)) <= 4 * stdev(sample) / math.sqrt(len(sample))
    # The test would see an error that is an eighth too small or too large: 1.125 squared is 1.27.
    assert 4 * stdev(surplus) / math.sqrt(len(surplus)) <= 0.25 * fmean(e * e for e in errors)


def true_uptime(changes: list[float], *, first: bool) -> float:
    total = 0.0
    for k, (a, b) in enumerate(pairwise([-2.0, *changes])):
        if (k % 2 == 0) == first:
            total += sum(max(min(b, d) - max(a, c), 0.0) for c, d in KNOWN)
    return total
