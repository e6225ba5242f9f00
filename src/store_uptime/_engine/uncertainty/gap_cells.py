"""The gaps between neighbouring polls, counted by what the two found and by length.

A gap is one of very many, and all that matters of it is a smooth function of its length. So gaps
whose lengths lie between two powers of two are counted together. The borders do not depend on the
windows or on the instant of a report; how they are numbered depends on the unit of the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import polars as pl

from store_uptime._effort import run, run_as_written
from store_uptime._engine.packed_polls import says_up
from store_uptime._engine.uncertainty.open_clock import Clocked, first_equals

KINDS = BOTH_DOWN, UNLIKE, BOTH_UP = range(3)
"""What the polls on either side of a gap found."""

_SUMS = ("n", "length")


@dataclass(frozen=True, slots=True)
class Range:
    """Neighbouring gaps of one store, or none, for each of some rows; named by their first polls.

    `first` is the index of the first gap of each row, and `end` that of the one after the last.
    `whole` leaves out gaps that are in part unknown.
    """

    first: pl.Series
    end: pl.Series
    whole: bool


@dataclass(frozen=True, slots=True)
class GapCounts:
    """How many gaps there are, and how long they are together.

    Attributes
    ----------
    pairs
        The kinds and bins of which there are any. Bin 0 has the lengths from a unit of the row to
        less than two units, bin 1 those from two to four; the first bin has all that are shorter,
        and the last all that are longer.
    frames
        For each range, with a row for each row: of the pair with index ``k``, `n{k}` (how many) and
        `length{k}` (microseconds), Int64.
    """

    pairs: Sequence[tuple[int, int]]
    frames: Sequence[pl.DataFrame]


def count_gaps(
    inside: Clocked, rows: pl.DataFrame, ranges: Sequence[Range], holed: pl.Series, bins: range
) -> GapCounts:
    """Return the gaps of each range.

    Parameters
    ----------
    inside
        The polls.
    rows
        `oldest` and `newest` (the indices of the polls that count, of one store), and `bits`: of
        which power of two microseconds the unit of the row is.
    ranges
        Which gaps are wanted; in the first, all.
    holed
        The indices of gaps that are in part unknown; some may be -1, for none.
    bins
        The bins.
    """
    polls = pl.DataFrame({"poll": inside.polls, "clock": inside.clock})
    if len(holed):
        polls = polls.with_columns(holed=_flags(holed.filter(holed >= 0), len(polls)))
    if (rows["oldest"] <= rows["newest"].shift(1)).any():
        # The rows of several instants share polls. Each gets its own.
        own = rows.select(pl.int_ranges("oldest", pl.col("newest") + 1)).to_series()
        shift = own.list.len().cast(pl.Int64).cum_sum().shift(1, fill_value=0) - rows["oldest"]
        polls = polls.select(pl.all().gather(own.explode()))
    else:
        first, last = rows["oldest"].item(0), rows["newest"].item(-1)
        shift = pl.repeat(-first, len(rows), dtype=pl.Int64, eager=True)
        polls = polls.slice(first, last + 1 - first)
    edges = [edge + shift for each in ranges for edge in (each.first, each.end)]
    places = first_equals(edges)
    marks = pl.concat(edges[place] for place in set(places)).unique().sort()
    owner = (rows["oldest"] + shift).search_sorted(marks, side="right") - 1
    cells = _count_between(marks, rows["bits"].gather(owner), polls, bins)
    totals = _before_marks(cells, marks)
    numbers = sorted({code // 2 for code in cells["code"].unique()})
    read = {
        place: totals.select(pl.all().gather(marks.search_sorted(edges[place])))
        for place in set(places)
    }
    frames = []
    for each, first, end in zip(ranges, places[::2], places[1::2], strict=True):
        passed = read[end] - read[first]
        codes = range(1) if each.whole else range(2)
        nothing = pl.repeat(0, pl.len(), dtype=pl.Int64)
        sums = {}
        for (index, number), name in product(enumerate(numbers), _SUMS):
            there = [_total(name, 2 * number + unknown) for unknown in codes]
            known = [pl.col(total) for total in there if total in totals]
            sums[f"{name}{index}"] = sum(known[1:], known[0]) if known else nothing
        frames.append(run_as_written(passed.lazy().select(**sums)))
    kinds = len(KINDS)
    return GapCounts([(number % kinds, number // kinds + bins.start) for number in numbers], frames)


def _count_between(
    marks: pl.Series, bits: pl.Series, polls: pl.DataFrame, bins: range
) -> pl.DataFrame:
    """Return the gaps between neighbouring `marks`, indices of polls, in cells.

    These are `stretch` (the index of the mark before), `code`, `n` and `length`. A code is twice a
    number for kind and bin, and one more where a gap is in part unknown. `bits` are those of the
    rows in which the stretches lie. The first poll has a mark.
    """
    up = says_up(pl.col("poll")).cast(pl.Int64)
    length = pl.col("clock").shift(-1) - pl.col("clock")
    exponent = 63 - length.bitwise_leading_zeros().cast(pl.Int64)
    stretch = _flags(marks, len(polls)).cum_sum() - 1
    placed = polls.with_columns(stretch.alias("stretch"), unit=bits.gather(stretch))
    bin_ = (exponent - pl.col("unit") - bins.start).clip(0, len(bins) - 1)
    code = 2 * (len(KINDS) * bin_ + up + up.shift(-1))
    if "holed" in polls.columns:
        code += pl.col("holed")
    codes, key = 2 * len(KINDS) * len(bins), pl.col("key")
    keyed = placed.lazy().select(key=pl.col("stretch") * codes + code, length=length).drop_nulls()
    cells = keyed.group_by("key").agg(n=pl.len().cast(pl.Int64), length=pl.col("length").sum())
    found = cells.select(*_SUMS, stretch=key // codes, code=key % codes)
    return run(found, len(polls))


def _before_marks(cells: pl.DataFrame, marks: pl.Series) -> pl.DataFrame:
    """Return running totals up to each mark, in the columns `_total`.

    One sum runs on through all codes, so only differences between two marks mean something.
    """
    codes = cells["code"].unique().sort()
    place = codes.search_sorted(cells["code"]).cast(pl.Int64) * len(marks) + cells["stretch"] + 1
    size = len(codes) * len(marks) + 1
    totals = {
        name: pl.zeros(size, dtype=pl.Int64, eager=True).scatter(place, cells[name]).cum_sum()
        for name in _SUMS
    }
    return pl.DataFrame(
        total.slice(number * len(marks), len(marks)).alias(_total(name, code))
        for number, code in enumerate(codes)
        for name, total in totals.items()
    )


def _total(name: str, code: int) -> str:
    return f"{name}|{code}"


def _flags(indices: pl.Series, count: int) -> pl.Series:
    """Return `count` values, 1 at the indices and 0 elsewhere."""
    return pl.zeros(count, dtype=pl.Int64, eager=True).scatter(indices, 1)
