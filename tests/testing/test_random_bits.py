"""Random numbers: by plain integers the same, and distributed as they say."""

from __future__ import annotations

import math
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime.testing.random_bits import (
    Use,
    Where,
    chosen,
    exponential,
    first_numbers,
    happens,
    random_bits,
)
from support.splitmix import nth
from support.strategies import examples

MANY: Where = (first_numbers(50_000),)


def test_the_second_number_of_a_published_series_comes_out() -> None:
    # https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64: the seed 1234567 gives
    # 6457827717110365317, 3203168211198807973, 9817491932198370423, ...
    assert int(Use.ID) == 1
    assert random_bits(1234567, Use.ID, ()).to_list() == [3203168211198807973]
    assert random_bits(1234567, Use.ID_END, ()).to_list() == [9817491932198370423]


@given(
    seed=st.integers(0, 2**64 - 1),
    use=st.sampled_from(Use),
    rows=st.lists(st.tuples(*[st.integers(0, 2**64 - 2)] * 2), min_size=1, max_size=5),
)
@examples(100)
def test_polars_wraps_around_as_integers_of_python_do(
    seed: int, use: Use, rows: list[tuple[int, int]]
) -> None:
    where = tuple(pl.Series(column, dtype=pl.UInt64) for column in zip(*rows, strict=True))
    want = [nth(nth(nth(seed, use), a), b) for a, b in rows]
    assert random_bits(seed, use, where).to_list() == want


def test_no_two_uses_and_no_two_seeds_share_their_numbers() -> None:
    found = [random_bits(seed, use, MANY) for seed in range(3) for use in Use]
    assert pl.concat(found).n_unique() == len(found) * 50_000


@pytest.mark.parametrize("mean", [1, 3_600_000_000, 2**53])
def test_lengths_are_those_of_the_logarithm(mean: int) -> None:
    lengths = exponential(7, Use.POLL, MANY, Fraction(mean))
    for bits, length in zip(random_bits(7, Use.POLL, MANY).head(200), lengths, strict=False):
        # The first 1 of the upper 33 bits says the power of two, the lower 31 the mantissa.
        zeros = f"{bits >> 31:033b}".index("1")
        fraction = (1 + bits % 2**31 / 2**31) / 2 ** (zeros + 1)
        assert abs(length + math.log(fraction) * mean) <= max(1, mean * 2**-21)
    assert lengths.min() >= 1  # type: ignore[operator]  # of integers


def test_lengths_have_their_mean_and_no_memory() -> None:
    lengths = exponential(7, Use.POLL, MANY, Fraction(10**9))
    assert lengths.mean() == pytest.approx(10**9, rel=0.02)
    for age in (10**8, 10**9, 2 * 10**9):
        # Of those that reach an age the share exp(-1) reaches it once more and a mean beside.
        old = lengths.filter(lengths > age)
        assert (old > age + 10**9).mean() == pytest.approx(math.exp(-1), abs=0.015)


def test_a_length_beyond_all_lengths_is_no_overflow() -> None:
    lengths = exponential(7, Use.POLL, MANY, Fraction(10) ** 40)
    assert lengths.min() > 0  # type: ignore[operator]  # of integers
    assert lengths.mean() == pytest.approx(2**54, rel=0.02)


@pytest.mark.parametrize("share", [Fraction(0), Fraction(1, 1000), Fraction(1, 3), Fraction(1)])
def test_things_happen_in_their_share(share: Fraction) -> None:
    found = happens(1, Use.LOST, MANY, share).mean()
    assert found == pytest.approx(float(share), abs=4 * math.sqrt(share * (1 - share) / 50_000))


def test_what_happens_seldom_happens_where_it_happens_more_often_too() -> None:
    seldom, often = (happens(1, Use.LOST, MANY, Fraction(n, 10)) for n in (2, 3))
    assert seldom.any()
    assert (often | ~seldom).all()


def test_weights_are_kept() -> None:
    weights = [Fraction(1), Fraction(0), Fraction(5, 2), Fraction(3, 2)]  # 5 in all
    counts = chosen(1, Use.ZONE, MANY, weights).value_counts()
    shares = {index: count / 50_000 for index, count in counts.iter_rows()}
    assert shares == {
        0: pytest.approx(0.2, abs=0.01),
        2: pytest.approx(0.5, abs=0.01),
        3: pytest.approx(0.3, abs=0.01),
    }
    assert chosen(1, Use.ZONE, MANY, weights[:1]).unique().to_list() == [0]
