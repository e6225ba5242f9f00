"""The gaps between neighbouring polls, counted by what the two found and by length.

A gap is one of very many, and all that matters of it is a smooth function of its length. So gaps
whose lengths lie between two powers of two are counted together. The borders do not depend on the
windows or on the instant of a report; how they are numbered depends on the unit of the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from store_uptime._effort import run
from store_uptime._engine.open_clock import Clocked
from store_uptime._engine.packed_polls import rank_of, says_up

KINDS = BOTH_DOWN, UNLIKE, BOTH_UP = range(3)
"""What the polls on either side of a gap found."""

_BITS = 64
_KINDS = 4
_HOLED = _BITS * _KINDS  # so many codes there are for gaps that are known as a whole


@dataclass(frozen=True, slots=True)
class Range:
    """Neighbouring gaps of one store, or none, for each of some rows; named by their first polls.

    `first` is the index of the first gap of each row, and `end` that of the one after the last.
    `whole` leaves out gaps that are in part unknown.
    """

    first: pl.Series
    end: pl.Series
    whole: bool


def count_gaps(
    inside: Clocked, rows: pl.DataFrame, ranges: Sequence[Range], holed: pl.Series, bins: range
) -> pl.DataFrame:
    """Return the gaps of all ranges in cells.

    Parameters
    ----------
    inside
        The polls.
    rows
        `row` (its number), `i` (the rank of the store) and `bits`: gaps of at least ``2 ** bits``
        microseconds and less than twice that are in bin 0, those from twice to four times in bin 1.
    ranges
        Which gaps are wanted.
    holed
        The indices of gaps that are in part unknown; some may be -1, for none.
    bins
        The bins. What is shorter or longer is in the first or the last.

    Returns
    -------
    pl.DataFrame
        `row`, `kind`, `bin` and for each range, by its number, the columns `count_in` (how many
        gaps) and `length_in` (how long they are together, microseconds); in no order.
    """
    edges = [edge for each in ranges for edge in (each.first, each.end)]
    marks = pl.concat(edges).unique().sort()
    marks = marks.filter(marks < len(inside))
    cells = _count_between(marks, inside, holed)
    bounds = {}
    for number, each in enumerate(ranges):
        bounds[f"first{number}"] = marks.search_sorted(each.first)
        bounds[f"end{number}"] = marks.search_sorted(each.end)
    wanted = rows.lazy().select("row", "i", "bits", **bounds)
    sums = []
    for number, each in enumerate(ranges):
        stretch = pl.col("stretch")
        within = (stretch >= pl.col(f"first{number}")) & (stretch < pl.col(f"end{number}"))
        own = pl.when(within & ~pl.col("holed") if each.whole else within)
        sums.append(own.then("n").otherwise(0).sum().alias(count_in(number)))
        sums.append(own.then("length").otherwise(0).sum().alias(length_in(number)))
    bin_of_row = (pl.col("exponent") - pl.col("bits")).clip(bins.start, bins.stop - 1)
    known = cells.lazy().join(wanted, on="i").with_columns(bin=bin_of_row)
    return run(known.group_by("row", "kind", "bin").agg(sums), cells.height)


def count_in(number: int) -> str:
    """Return the column of how many gaps a range has."""
    return f"n{number}"


def length_in(number: int) -> str:
    """Return the column of how long the gaps of a range are together."""
    return f"length{number}"


def _count_between(marks: pl.Series, inside: Clocked, holed: pl.Series) -> pl.DataFrame:
    """Return the gaps between neighbouring `marks`, indices of polls, in cells.

    These are `stretch` (the number of the mark before), `i`, `holed`, `kind`, `exponent` (of the
    power of two), `n` and `length`.
    """
    count, up = len(inside), says_up(pl.col("poll")).cast(pl.Int64)
    rows = pl.DataFrame(
        {"poll": inside.polls, "clock": inside.clock, "begins": _flags(marks, 1, count)}
    )
    length = pl.col("clock").shift(-1) - pl.col("clock")
    bits = _BITS - 1 - length.bitwise_leading_zeros().cast(pl.Int64)
    code = bits * _KINDS + up + up.shift(-1)
    if len(holed):
        code += pl.lit(_flags(holed.filter(holed >= 0), _HOLED, count))
    stretch, key = pl.col("begins").cum_sum() - 1, pl.col("key")
    keyed = rows.lazy().select(key=stretch * (2 * _HOLED) + code, length=length).drop_nulls()
    cells = run(
        keyed.group_by("key")
        .agg(n=pl.len().cast(pl.Int64), length=pl.col("length").sum())
        .filter(key >= 0)
        .select(
            "n",
            "length",
            stretch=key // (2 * _HOLED),
            holed=key % (2 * _HOLED) >= _HOLED,
            exponent=key % _HOLED // _KINDS,
            kind=key % _KINDS,
        ),
        count,
    )
    ranks = rank_of(inside.polls.gather(marks), inside.axis)
    return cells.with_columns(ranks.gather(cells["stretch"]).alias("i"))


def _flags(indices: pl.Series, flag: int, count: int) -> pl.Series:
    """Return `count` values, `flag` at the indices and 0 elsewhere."""
    return pl.zeros(count, dtype=pl.Int64, eager=True).scatter(indices, flag)
