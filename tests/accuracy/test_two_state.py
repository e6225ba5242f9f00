"""The witness's moments against other ways to them: by hand, by small steps, by simulated stores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise, product
from random import Random
from statistics import fmean, stdev

import pytest

from support.two_state import (
    NOTHING,
    Chain,
    Seen,
    Series,
    Stretch,
    Ways,
    moments,
    plus,
    scaled,
    times,
    ways_through,
)

CHAINS = [Chain(0.0005, 0.05), Chain(0.3, 1.3), Chain(0.5, 30.0), Chain(0.997, 4.0)]
ENDS = list(product((True, False, None), repeat=2))
UP, DOWN = True, False


# --- by hand -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after"), [(UP, DOWN), (DOWN, UP)])
def test_one_slow_change_is_anywhere_with_equal_chance(before: Seen, after: Seen) -> None:
    """Down for U of 6 hours, U uniform: the mean is 6/2 = 3, the variance 36/12 = 3."""
    found = moments(Chain(0.4, 1e-7), before, after, [(6.0, True)])
    assert found.mean == pytest.approx(3.0, rel=1e-6)
    assert found.variance == pytest.approx(3.0, rel=1e-6)


def test_a_hidden_outage_between_two_polls_that_find_it_up() -> None:
    """To fail at u, to be back at v: density a b, so a b g^3/6 of downtime; a = 0.2, b = 0.3."""
    chain = Chain(0.2 / 0.5, 0.5)
    short = 1e-3
    found = moments(chain, UP, UP, [(short, True)])
    assert found.mean == pytest.approx(0.2 * 0.3 * short**3 / 6, rel=1e-3)
    assert found.square == pytest.approx(2 * 0.2 * 0.3 * short**4 / 24, rel=1e-3)


def test_over_a_long_time_only_the_share_counts() -> None:
    """Of 10,000 hours at a share of 1/4: 2,500; the variance is 2 * 1/4 * 3/4 * 10,000 / 5 = 750."""
    found = moments(Chain(0.25, 5.0), None, None, [(1e4, True)])
    assert found.mean == pytest.approx(2500.0, rel=1e-9)
    assert found.variance == pytest.approx(750.0, rel=1e-3)


def test_chances_of_two_polls_by_hand() -> None:
    """A share of 1/4, a memory of e^-rg = 1/2 after the gap."""
    chain, gap = Chain(0.25, math.log(2)), [(1.0, True)]
    assert moments(chain, UP, UP, gap).chance == pytest.approx(0.75 + 0.25 / 2)
    assert moments(chain, UP, DOWN, gap).chance == pytest.approx(0.25 / 2)
    assert moments(chain, DOWN, UP, gap).chance == pytest.approx(0.75 / 2)
    assert moments(chain, DOWN, DOWN, gap).chance == pytest.approx(0.25 + 0.75 / 2)
    assert moments(chain, None, DOWN, gap).chance == pytest.approx(0.25)
    assert moments(chain, UP, None, gap).chance == pytest.approx(1.0)


# --- by small steps ------------------------------------------------------------------------------


def product_of(one: Ways, other: Ways) -> Ways:
    def entry(i: int, k: int) -> Series:
        return plus(times(one[i][0], other[0][k]), times(one[i][1], other[1][k]))

    return (entry(0, 0), entry(0, 1)), (entry(1, 0), entry(1, 1))


def by_small_steps(chain: Chain, length: float, *, counted: bool) -> Ways:
    """Sum the powers of a small step, and square the sum; every number added is positive."""
    doublings = 20
    step = length / 2**doublings
    to_down, to_up = (
        share * chain.rate * step for share in (chain.share_down, 1 - chain.share_down)
    )
    # One more change at the rate of the chain for each state, taken out again by the last factor.
    once: Ways = (
        ((to_up, 0.0, 0.0), (to_down, 0.0, 0.0)),
        ((to_up, 0.0, 0.0), (to_down, step * counted, 0.0)),
    )
    found = term = (((1.0, 0.0, 0.0), NOTHING), (NOTHING, (1.0, 0.0, 0.0)))
    for number in range(1, 6):
        term = part_of(product_of(term, once), 1 / number)
        found = (
            (plus(found[0][0], term[0][0]), plus(found[0][1], term[0][1])),
            (plus(found[1][0], term[1][0]), plus(found[1][1], term[1][1])),
        )
    found = part_of(found, math.exp(-chain.rate * step))
    for _ in range(doublings):
        found = product_of(found, found)
    return found


def part_of(ways: Ways, factor: float) -> Ways:
    (a, b), (c, d) = ways
    return (scaled(a, factor), scaled(b, factor)), (scaled(c, factor), scaled(d, factor))


@pytest.mark.parametrize("chain", CHAINS, ids=str)
@pytest.mark.parametrize("length", [0.003, 0.2, 0.9, 7.0, 60.0])
@pytest.mark.parametrize("counted", [True, False])
def test_the_weights_equal_those_of_many_small_steps(
    chain: Chain, length: float, *, counted: bool
) -> None:
    found = ways_through(chain, length, counted=counted)
    expected = by_small_steps(chain, length, counted=counted)
    for i, k in product((0, 1), repeat=2):
        units = [1.0, length, length * length]
        for one, other, unit in zip(found[i][k], expected[i][k], units, strict=True):
            assert one == pytest.approx(other, rel=1e-8, abs=1e-14 * unit)


@pytest.mark.parametrize("chain", CHAINS, ids=str)
def test_below_and_above_the_length_where_the_method_changes(chain: Chain) -> None:
    """The two ways to the same weights meet where one takes over from the other."""
    border = 1.0 / chain.rate
    for i, k in product((0, 1), repeat=2):
        below = ways_through(chain, border * (1 - 1e-12), counted=True)[i][k]
        above = ways_through(chain, border * (1 + 1e-12), counted=True)[i][k]
        assert below == pytest.approx(above, rel=1e-9, abs=1e-13 * border**2)


# --- cuts change nothing -------------------------------------------------------------------------


@pytest.mark.parametrize("chain", CHAINS, ids=str)
@pytest.mark.parametrize(("before", "after"), ENDS)
def test_a_cut_changes_nothing(chain: Chain, before: Seen, after: Seen) -> None:
    whole = moments(chain, before, after, [(2.5, True)])
    cut = moments(chain, before, after, [(0.4, True), (1.6, True), (0.5, True)])
    assert cut == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize("chain", CHAINS, ids=str)
@pytest.mark.parametrize(("before", "after"), ENDS)
def test_backwards_is_as_likely_as_forwards(chain: Chain, before: Seen, after: Seen) -> None:
    """The chance of both ends, the first one included, does not tell the past from the future."""
    way: list[Stretch] = [(0.4, False), (1.6, True), (0.5, False), (0.2, True)]
    there, back = moments(chain, before, after, way), moments(chain, after, before, way[::-1])
    assert there[1:] == pytest.approx(back[1:], rel=1e-8)


def covariance(chain: Chain, before: Seen, after: Seen, cuts: Sequence[float]) -> float:
    """Return that of the downtimes on the first and the last of three stretches, by a formula.

    The chance to be down at u in the first and v in the last is P(u) P(v - u) P(g - v) over P(g),
    each factor a constant and an exponential; the integrals are done by hand.
    """
    (down, rate), (first, hole, last) = chain, cuts
    up = 1 - down
    chances = (up if before else -down), (up if after else down), (-up if after else up)
    leave, arrive, lean = (-down if before else up), chances[1], chances[2]
    e1, e2 = -math.expm1(-rate * first) / rate, -math.expm1(-rate * last) / rate
    flat_1 = down * first + leave * e1
    bent_1 = down * e1 + leave * first * math.exp(-rate * first)
    flat_2 = arrive * last + lean * e2
    bent_2 = arrive * e2 + lean * last * math.exp(-rate * last)
    whole = moments(chain, before, after, [(sum(cuts), True)])
    one = moments(chain, before, after, [(first, True), (hole + last, False)])
    two = moments(chain, before, after, [(first + hole, False), (last, True)])
    both = down * flat_1 * flat_2 + up * math.exp(-rate * hole) * bent_1 * bent_2
    return both / whole.chance - one.mean * two.mean


@pytest.mark.parametrize("chain", CHAINS[1:], ids=str)
@pytest.mark.parametrize(("before", "after"), list(product((UP, DOWN), repeat=2)))
@pytest.mark.parametrize("hole", [0.0, 0.7])
def test_the_variance_of_two_pieces_holds_twice_their_covariance(
    chain: Chain, before: Seen, after: Seen, hole: float
) -> None:
    first, last = 0.7, 1.3
    both = moments(chain, before, after, [(first, True), (hole, False), (last, True)])
    one = moments(chain, before, after, [(first, True), (hole + last, False)])
    two = moments(chain, before, after, [(first + hole, False), (last, True)])
    shared = 2 * covariance(chain, before, after, (first, hole, last))
    assert both.mean == pytest.approx(one.mean + two.mean, rel=1e-9)
    assert both.variance == pytest.approx(one.variance + two.variance + shared, abs=1e-9)


# --- simulated stores ----------------------------------------------------------------------------

WAY: list[Stretch] = [(0.3, True), (0.5, False), (0.6, True), (0.2, False)]
LIVES = 30_000


def live(chain: Chain, random: Random, *, up: bool) -> tuple[float, bool]:
    """Let a store live along the way; return the downtime that counts, and its last state."""
    total = sum(length for length, _ in WAY)
    rates = {True: chain.share_down * chain.rate, False: (1 - chain.share_down) * chain.rate}
    ends = [sum(length for length, _ in WAY[:k]) for k in range(len(WAY) + 1)]
    counted = [span for span, (_, counts) in zip(pairwise(ends), WAY, strict=True) if counts]
    down, start = 0.0, 0.0
    while True:
        end = start + random.expovariate(rates[up])
        if not up:
            down += sum(max(min(end, b) - max(start, a), 0.0) for a, b in counted)
        if end >= total:
            return down, up
        start, up = end, not up


@pytest.mark.parametrize("chain", [Chain(0.3, 1.3), Chain(0.5, 6.0)], ids=str)
@pytest.mark.parametrize("before", [UP, DOWN])
def test_simulated_stores_have_these_moments(chain: Chain, *, before: bool) -> None:
    """Mean and mean square lie within four standard errors of the sample's."""
    random = Random(7)  # noqa: S311  # a simulation
    lives = [live(chain, random, up=before) for _ in range(LIVES)]
    for after in (UP, DOWN, None):
        downs = [down for down, up in lives if after is None or up == after]
        found = moments(chain, before, after, WAY)
        chance = len(downs) / LIVES
        assert abs(found.chance - chance) <= 4 * math.sqrt(chance * (1 - chance) / LIVES) + 1e-12
        for power, told in ((1, found.mean), (2, found.square)):
            sample = [down**power for down in downs]
            assert abs(told - fmean(sample)) <= 4 * stdev(sample) / math.sqrt(len(sample))
