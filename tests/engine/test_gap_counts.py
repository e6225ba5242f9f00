"""Gaps counted by length, and lengths that stand for them: a few polls, worked by hand."""

from __future__ import annotations

import polars as pl
import pytest

from store_uptime._engine.axis import Axis
from store_uptime._engine.uncertainty.gap_cells import (
    BOTH_DOWN,
    BOTH_UP,
    UNLIKE,
    GapCounts,
    Range,
    count_gaps,
)
from store_uptime._engine.uncertainty.gap_lengths import CHANGES, share_out
from store_uptime._engine.uncertainty.open_clock import Clocked

BINS = range(-3, 11)
UNIT = 4  # microseconds
NONE = pl.Series([], dtype=pl.Int64)


def clocked(*polls: tuple[int, bool]) -> Clocked:
    """Return polls at some places of the open clock; of a poll here only the last bit counts."""
    return Clocked(
        Axis(1, 0, 10**6),
        pl.DataFrame(),
        pl.Series([2 * k + up for k, (_, up) in enumerate(polls)], dtype=pl.Int64),
        pl.Series([clock for clock, _ in polls], dtype=pl.Int64),
    )


def rows_of(*ends: tuple[int, int]) -> pl.DataFrame:
    oldest, newest = zip(*ends, strict=True)
    return pl.DataFrame({"oldest": oldest, "newest": newest, "bits": [2] * len(ends)})


def between(*ends: tuple[int, int], whole: bool = False) -> Range:
    first, end = zip(*ends, strict=True)
    return Range(pl.Series(first), pl.Series(end), whole=whole)


def told(
    counts: GapCounts, number: int = 0, row: int = 0
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return number and length by kind and bin, where there are any."""
    values = counts.frames[number].row(row, named=True)
    both = {pair: (values[f"n{k}"], values[f"length{k}"]) for k, pair in enumerate(counts.pairs)}
    return {pair: each for pair, each in both.items() if each[0]}


UP, DOWN = True, False
FIVE = clocked((0, UP), (5, UP), (12, DOWN), (15, DOWN), (47, UP))


def test_gaps_by_kind_and_length() -> None:
    """Gaps of 5, 7, 3 and 32 in units of 4: bins 0 (4 to 7), 0, -1 (2 to 3) and 3 (32 to 63)."""
    counts = count_gaps(FIVE, rows_of((0, 4)), [between((0, 4))], NONE, BINS)
    assert told(counts) == {
        (BOTH_UP, 0): (1, 5),
        (UNLIKE, 0): (1, 7),
        (BOTH_DOWN, -1): (1, 3),
        (UNLIKE, 3): (1, 32),
    }


def test_a_range_holds_some_gaps_and_whole_ones_alone_if_asked() -> None:
    """The second gap (index 1) is in part unknown."""
    holed = pl.Series([-1, 1])
    ranges = [between((0, 4)), between((0, 2), whole=True), between((3, 3), whole=True)]
    counts = count_gaps(FIVE, rows_of((0, 4)), ranges, holed, BINS)
    assert sum(n for n, _ in told(counts, 0).values()) == 4
    assert told(counts, 1) == {(BOTH_UP, 0): (1, 5)}
    assert told(counts, 2) == {}


def test_from_the_last_poll_of_a_store_to_the_first_of_the_next_no_time_may_pass() -> None:
    """Two stores: polls at 0 and 6, then at 6 and 16, as no store is open in between."""
    polls = clocked((0, UP), (6, UP), (6, DOWN), (16, DOWN))
    rows = rows_of((0, 1), (2, 3))
    counts = count_gaps(polls, rows, [between((0, 1), (2, 3))], NONE, BINS)
    assert told(counts, row=0) == {(BOTH_UP, 0): (1, 6)}
    assert told(counts, row=1) == {(BOTH_DOWN, 1): (1, 10)}


def test_gaps_of_one_microsecond_and_two_in_units_of_one() -> None:
    rows = rows_of((0, 2)).with_columns(bits=pl.lit(0))
    counts = count_gaps(clocked((0, UP), (1, UP), (3, UP)), rows, [between((0, 2))], NONE, BINS)
    assert told(counts) == {(BOTH_UP, 0): (1, 1), (BOTH_UP, 1): (1, 2)}


def test_rows_of_several_instants_share_their_polls() -> None:
    rows = rows_of((0, 2), (1, 4))
    counts = count_gaps(FIVE, rows, [between((0, 2), (1, 4))], NONE, BINS)
    assert told(counts, row=0) == {(BOTH_UP, 0): (1, 5), (UNLIKE, 0): (1, 7)}
    assert told(counts, row=1) == {
        (UNLIKE, 0): (1, 7),
        (BOTH_DOWN, -1): (1, 3),
        (UNLIKE, 3): (1, 32),
    }


def test_rows_of_several_instants_have_units_of_their_own() -> None:
    """In units of 4, a gap of 7 lies in bin 0; in units of 1, in bin 2 (4 to 7)."""
    rows = rows_of((0, 2), (1, 4)).with_columns(bits=pl.Series([2, 0]))
    counts = count_gaps(FIVE, rows, [between((0, 2), (1, 4))], NONE, BINS)
    assert told(counts, row=0) == {(BOTH_UP, 0): (1, 5), (UNLIKE, 0): (1, 7)}
    assert told(counts, row=1) == {
        (UNLIKE, 2): (1, 7),
        (BOTH_DOWN, 1): (1, 3),
        (UNLIKE, 5): (1, 32),
    }


def test_the_first_bin_and_the_last_have_all_that_lie_beyond() -> None:
    """Bins 0 and 1 alone: a gap of 3 is as short as one of 4, one of 32 as long as one of 8."""
    counts = count_gaps(FIVE, rows_of((0, 4)), [between((0, 4))], NONE, range(2))
    assert told(counts) == {
        (BOTH_UP, 0): (1, 5),
        (UNLIKE, 0): (1, 7),
        (BOTH_DOWN, 0): (1, 3),
        (UNLIKE, 1): (1, 32),
    }


# --- lengths that stand for gaps -----------------------------------------------------------------


def shares_of(
    number: int, length: int, place: int, kind: int = BOTH_UP, unit: int = UNIT
) -> dict[int, float]:
    """Return how many of each length stand for gaps of a bin, by exponent."""
    frame = pl.DataFrame({"n0": [number], "length0": [length]})
    found = share_out(GapCounts([(kind, place)], [frame]), pl.Series([float(unit)]), BINS)
    row = found.frames[0].row(0, named=True)
    assert row[CHANGES] == (number if kind == UNLIKE else 0)
    assert found.exponents == sorted(exponent for _, exponent in found.columns.values())
    return {exponent: row[name] for name, (_, exponent) in found.columns.items()}


@pytest.mark.parametrize(("place", "kind"), [(-2, BOTH_DOWN), (0, UNLIKE), (9, BOTH_UP)])
@pytest.mark.parametrize(("number", "x"), [(1, 1.0), (1, 1.75), (2, 1.5), (100, 1.25)])
def test_number_and_mean_length_are_kept(place: int, kind: int, number: int, x: float) -> None:
    unit_length = number * x * 2.0**place
    shares = shares_of(number, int(unit_length * 64), place, kind, unit=64)
    assert [*shares] == [place - 1, place, place + 1, place + 2]
    assert sum(shares.values()) == pytest.approx(number)
    together = sum(share * 2.0**exponent for exponent, share in shares.items())
    assert together == pytest.approx(unit_length)


def test_one_gap_of_such_a_length_is_that_length() -> None:
    """8 microseconds are 2 units, the first length of bin 1."""
    assert shares_of(1, 8, 1) == pytest.approx({0: 0, 1: 1, 2: 0, 3: 0}, abs=1e-15)


def test_a_cubic_goes_through_the_four_lengths() -> None:
    """One gap of 6 is 1.5 units, between 1 and 2; the curve through x^3 at 1/2, 1, 2, 4 is x^3."""
    shares = shares_of(1, 6, 0)
    cubes = sum(share * 2.0 ** (3 * exponent) for exponent, share in shares.items())
    assert cubes == pytest.approx(1.5**3)


def test_several_gaps_of_a_bin_are_taken_as_spread_over_it() -> None:
    """Three gaps, on average 1.5 units: squares 2.25 and a variance of 1/12 * (1 - 1/3) = 1/18."""
    shares = shares_of(3, 18, 0)
    squares = sum(share * 4.0**exponent for exponent, share in shares.items())
    assert squares == pytest.approx(3 * (2.25 + 1 / 18))


def test_beyond_the_bins_lengths_lie_on_a_line() -> None:
    """In bin -3 a gap of x = 1.5 is 0.75 of one of 2; in bin 10 one of x = 3 is 2 of 2 less 1 of 1."""
    assert shares_of(4, 3, -3) == pytest.approx({-2: 4 * 1.5 / 2})  # 4 gaps, 3/4 units together
    assert shares_of(1, 3 * 1024 * UNIT, 10) == pytest.approx({10: -1, 11: 2})
    assert shares_of(4, 6 * 1024 * UNIT, 10) == pytest.approx({10: 2, 11: 2})


def test_gaps_of_no_length_have_none_to_stand_for_them() -> None:
    frame = pl.DataFrame({"n0": [0, 2], "length0": [0, 12]})
    found = share_out(GapCounts([(BOTH_UP, 0)], [frame]), pl.Series([4.0, 4.0]), BINS)
    assert found.frames[0].row(0) == (0.0,) * 5
