"""The closed forms for a chain of two states: by hand, and cut into pieces that add up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise, product

import polars as pl
import pytest

from store_uptime._engine.uncertainty.two_states import (
    NODE_WEIGHTS,
    NODES,
    log_chance_alike,
    log_chance_unlike,
    pair_moments,
    piece_moments,
    tree_sum,
    whole_gaps,
    with_factors,
)

NUMBERS = range(len(NODES))
Node = tuple[float, float]
"""Share of time down, and rate; all nodes are this one."""
SOME: list[Node] = [(0.3, 1.3), (0.5, 0.02), (0.01, 6.0), (0.9, 30.0)]
ENDS = list(product((0.0, 1.0), repeat=2))
ALL_ENDS = [*ENDS, (None, 1.0), (0.0, None), (None, None)]
LENGTHS = (1e-9, 1e-6, 1e-4, 1e-3, 0.1, 1.0, 50.0)
KINDS = ("both_down", "unlike", "both_up")


def alike(node: Node) -> pl.DataFrame:
    return pl.DataFrame(
        {f"{name}_{k}": [value] for name, value in zip("qr", node, strict=True) for k in NUMBERS}
    )


def of_gap(node: Node, length: float) -> dict[str, float]:
    nodes = with_factors(alike(node)).with_columns(length=pl.lit(length))
    found = whole_gaps(nodes.lazy()).collect()
    row = found.row(0, named=True)
    means = {kind: row[f"{kind}_0"] for kind in KINDS}
    return means | {f"var_{kind}": row[f"var_{kind}"] for kind in KINDS}


def piece(
    node: Node, ends: Sequence[float | None], lengths: tuple[float, float, float]
) -> tuple[float, float]:
    """Return mean and variance of the downtime on a piece; ends say whether polls found it down."""
    found = piece_moments(_placed(node, ends, *lengths).lazy()).collect()
    return found["mean_0"].item(), found["variance"].item()


def _placed(
    node: Node,
    ends: Sequence[float | None],
    since: float,
    length: float,
    until: float,
    **more: float,
) -> pl.DataFrame:
    before, after = ends
    columns = {
        "from_known": float(before is not None),
        "to_known": float(after is not None),
        "from_down": before or 0.0,
        "to_down": after or 0.0,
        "gap": since + length + until + sum(more.values()),
        "since": since,
        "length": length,
        "until": until,
        **more,
    }
    return alike(node).with_columns(**{name: pl.lit(each) for name, each in columns.items()})


# --- by hand -------------------------------------------------------------------------------------


def test_one_slow_change_is_anywhere_with_equal_chance() -> None:
    """Down for U of 6 hours, U uniform: the mean is 6/2 = 3, the variance 36/12 = 3."""
    found = of_gap((0.4, 1e-3), 6.0)
    assert found["unlike"] == pytest.approx(3.0, rel=2e-3)
    assert found["var_unlike"] == pytest.approx(3.0, rel=2e-3)


def test_over_a_long_gap_only_the_share_counts() -> None:
    """Of 10,000 hours at a share of 1/4: 2,500; the variance is 2 * 1/4 * 3/4 * 10,000 / 5 = 750."""
    found = of_gap((0.25, 5.0), 1e4)
    for kind in KINDS:
        assert found[kind] == pytest.approx(2500.0, rel=1e-3)
        assert found[f"var_{kind}"] == pytest.approx(750.0, rel=1e-3)


def test_a_hidden_outage_between_two_polls_that_find_it_up() -> None:
    """To fail at u, to be back at v: density a b, so a b g^3 / 6 of downtime; a = 0.2, b = 0.3.

    In a gap of 1/50 that is 0.06 * 8e-6 / 6 = 8e-8; with up for down, a and b change places.
    """
    short = 0.02
    up, down = of_gap((0.4, 0.5), short), of_gap((0.6, 0.5), short)
    assert up["both_up"] == pytest.approx(8e-8, rel=0.01)
    assert short - down["both_down"] == pytest.approx(8e-8, rel=0.01)


def test_a_shorter_gap_is_a_gap_of_one_thousandth_made_smaller() -> None:
    """At a rate of 1/2, gaps of 1/1,000 and of 2e-6 count as so long as 2/1,000: 1/1000 of a change."""
    longer, short = of_gap((0.3, 0.5), 2e-3), of_gap((0.3, 0.5), 2e-6)
    for kind in KINDS:
        assert short[kind] == pytest.approx(longer[kind] / 1000, rel=1e-12)
        assert short[f"var_{kind}"] == pytest.approx(longer[f"var_{kind}"] / 1e6, rel=1e-12)


def test_chances_are_the_product_of_the_chances_of_each_step() -> None:
    """Up, up, down, down, up after gaps of 1, 2, 3 and 1 hours; a share of 1/4, a rate of ln 2.

    What is left of a state after an hour is 1/2, so the chances of the steps are 3/4 + 1/4 * 1/2,
    then 1/4 * (1 - 1/4), 1/4 + 3/4 * 1/8, and 3/4 * (1 - 1/2).
    """
    rate = math.log(2)
    told = log_chance_alike(0.75, rate) + log_chance_alike(0.25, 3 * rate)
    # Of a change: the new state's share, times length and rate, times what `unlike` says.
    told += math.log(0.25 * 2 * rate) + log_chance_unlike(2 * rate)
    told += math.log(0.75 * rate) + log_chance_unlike(rate)
    assert told == pytest.approx(math.log(0.875 * 0.1875 * 0.34375 * 0.375))


# --- pieces --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ends", ALL_ENDS, ids=str)
def test_no_more_downtime_than_there_is_time(ends: Sequence[float | None]) -> None:
    """Mean and variance lie where they can: 0 <= m <= l, and 0 <= v <= m (l - m).

    The nodes are as slow as one change in 100 million units, the pieces as short as they come; then
    the mean may be off by a thousandth, and the variance by rounding.
    """
    nodes = product((1e-6, 5e-4, 0.3, 0.997), (1e-8, 1e-3, 1.3, 30.0))
    cases = product(nodes, (0.0, 1e-9, 1.0), LENGTHS, (0.0, 1e-9, 2.0))
    placed = pl.concat(_placed(node, ends, *lengths) for node, *lengths in cases)
    length, mean = pl.col("length"), pl.col("mean_0")
    told = (
        piece_moments(placed.lazy()).with_columns(most=(mean * (length - mean)).clip(0)).collect()
    )
    assert told.filter(~mean.is_between(-1e-12 * length, length * 1.001)).is_empty()
    assert told.filter(pl.col("variance") < 0).is_empty()
    too_much = pl.col("variance") > pl.col("most") * 1.01 + 1e-6 * length**2
    assert told.filter(too_much).is_empty()


def test_no_more_downtime_than_there_is_time_in_whole_gaps() -> None:
    nodes = product((1e-6, 5e-4, 0.3, 0.997, 0.999999), (1e-8, 1e-3, 0.1, 1.3, 30.0, 1e9))
    placed = pl.concat(
        with_factors(alike(node)).with_columns(length=pl.lit(length))
        for node, length in product(nodes, LENGTHS)
    )
    lengths, told = placed["length"], whole_gaps(placed.lazy()).collect()
    for kind in KINDS:
        mean, variance = told[f"{kind}_0"], told[f"var_{kind}"]
        assert (mean >= -1e-12 * lengths).all()
        assert (mean <= lengths * (1 + 1e-12)).all()
        assert (variance >= 0).all()
        assert (variance <= (mean * (lengths - mean)).clip(0) * 1.01 + 1e-6 * lengths**2).all()


@pytest.mark.parametrize("length", LENGTHS)
def test_a_change_that_must_be_in_a_short_gap_is_anywhere_with_equal_chance(length: float) -> None:
    """The first tenth of a gap after a poll that found it down has 19/20 of it; rates are slow."""
    mean, variance = piece((0.3, 1e-6), (1.0, 0.0), (0.0, length / 10, 9 * length / 10))
    assert mean == pytest.approx(length / 10 * 0.95, rel=2e-3)
    # Down for all of it but with a chance of 1/10, when it is for U of it: the mean square is
    # 9/10 + 1/10 * 1/3 = 28/30, less 0.95 ** 2.
    assert variance == pytest.approx((28 / 30 - 0.95**2) * length**2 / 100, rel=1e-2)


@pytest.mark.parametrize("node", SOME, ids=str)
def test_a_piece_may_be_the_whole_gap(node: Node) -> None:
    whole = of_gap(node, 2.0)
    for before, after in ENDS:
        kind = KINDS[2 - int(before + after)]
        mean, variance = piece(node, (before, after), (0.0, 2.0, 0.0))
        assert (mean, variance) == pytest.approx((whole[kind], whole[f"var_{kind}"]), rel=1e-8)


@pytest.mark.parametrize("node", SOME, ids=str)
def test_two_pieces_and_twice_their_covariance_make_the_whole(node: Node) -> None:
    """var(a + b) = var(a) + var(b) + 2 cov(a, b), however many polls there are."""
    a, b = 0.7, 1.3
    for ends in ALL_ENDS:
        whole = piece(node, ends, (0.0, a + b, 0.0))
        one, two = piece(node, ends, (0.0, a, b)), piece(node, ends, (a, b, 0.0))
        pair = _placed(node, ends, 0.0, a, 0.0, between=0.0, second=b)
        shared = pair_moments(pair.lazy()).collect()["covariance"].item()
        assert one[0] + two[0] == pytest.approx(whole[0], rel=1e-9)
        assert one[1] + two[1] + 2 * shared == pytest.approx(whole[1], abs=1e-9)


@pytest.mark.parametrize("node", SOME, ids=str)
def test_pieces_with_time_between_them(node: Node) -> None:
    """Of three pieces a, h, b: var(a+h+b) is their variances and twice the three covariances."""
    cuts = [0.2, 0.7, 1.1, 1.9, 2.4]  # from poll to poll: 0.2, then a, h and b, then 0.5
    parts, whole_length = list(pairwise(cuts[:4])), 2.4

    def place(start: float, end: float) -> tuple[float, float, float]:
        return start, end - start, whole_length - end

    for ends in ENDS:
        whole = piece(node, ends, place(0.2, 1.9))[1]
        total = sum(piece(node, ends, place(*part))[1] for part in parts)
        for (a, b), (c, d) in ((parts[0], parts[1]), (parts[0], parts[2]), (parts[1], parts[2])):
            pair = _placed(node, ends, a, b - a, whole_length - d, between=c - b, second=d - c)
            total += 2 * pair_moments(pair.lazy()).collect()["covariance"].item()
        assert total == pytest.approx(whole, abs=1e-9)


def test_after_the_last_poll_the_chain_runs_free() -> None:
    """Down at first, a share of 1/4 and a rate of 1, for 2 hours: 1/4 * 2 + 3/4 * (1 - e^-2)."""
    after = piece((0.25, 1.0), (1.0, None), (0.0, 2.0, 0.0))
    assert after[0] == pytest.approx(0.5 + 0.75 * (1 - math.exp(-2)))
    # A chain of two states does not tell the past from the future.
    before = piece((0.25, 1.0), (None, 1.0), (0.0, 2.0, 0.0))
    assert before == pytest.approx(after, rel=1e-12)


def test_without_any_poll_it_is_down_its_share() -> None:
    """A quarter of 2 hours; the variance is 2 * 3/16 * (2 - (1 - e^-2)), of a rate of 1."""
    mean, variance = piece((0.25, 1.0), (None, None), (0.0, 2.0, 0.0))
    assert mean == pytest.approx(0.5)
    assert variance == pytest.approx(0.375 * (1 + math.exp(-2)))


# --- sums ----------------------------------------------------------------------------------------


def test_the_weights_of_the_nodes_are_one_together() -> None:
    assert sum(NODE_WEIGHTS) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_a_sum_of_so_many_terms(count: int) -> None:
    """Powers of two, of which no two sums are alike."""
    numbers = pl.DataFrame({str(k): [2**k] for k in range(count)})
    assert numbers.select(tree_sum(map(pl.col, numbers.columns))).item() == 2**count - 1
