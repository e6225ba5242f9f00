"""The gaps between neighbouring polls, counted by what the two found and by length.

A gap is one of very many, and all that matters of it is a smooth function of its length. So gaps
whose lengths lie between two powers of two are counted together, and stand for as many gaps of
their mean length. The borders do not depend on the store or on the instant of the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from store_uptime._effort import run
from store_uptime._engine.open_clock import Clocked
from store_uptime._engine.packed_polls import rank_of, says_up

BOTH_DOWN, UNLIKE, BOTH_UP = range(3)
"""What the polls on either side of a gap found."""

_BITS = 64
_KINDS = 4
_HOLED = _BITS * _KINDS  # so many codes there are for gaps that are known as a whole


@dataclass(frozen=True, slots=True)
class Range:
    """Neighbouring gaps of one store, or none, for each of some rows; named by their first polls.

    `first` is the index of the first gap of each row, and `end` that of the one after the last.
    """

    first: pl.Series
    end: pl.Series


def count_gaps(
    inside: Clocked, ranks: pl.Series, ranges: Sequence[Range], holed: pl.Series
) -> pl.DataFrame:
    """Return the gaps of each range in cells.

    Parameters
    ----------
    inside
        The polls.
    ranks
        The rank of the store of each row.
    ranges
        Which gaps are wanted.
    holed
        The indices of gaps that are in part unknown; some may be -1, for none.

    Returns
    -------
    pl.DataFrame
        `range` (its number), `row` (its number), `holed`, `kind`, `n` (how many gaps) and `length`
        (how long they are together, microseconds); in no order.
    """
    edges = [edge for each in ranges for edge in (each.first, each.end)]
    marks = pl.concat(edges).unique().sort()
    marks = marks.filter(marks < len(inside))
    cells = _count_between(marks, inside, holed)
    stretch, code, found = pl.col("stretch"), pl.col("code"), []
    for number, each in enumerate(ranges):
        first, end = (marks.search_sorted(edge) for edge in (each.first, each.end))
        rows = pl.DataFrame({"i": ranks, "first": first, "end": end}).with_row_index("row")
        own = cells.lazy().join(rows.lazy().filter(pl.col("first") < pl.col("end")), on="i")
        own = own.filter(stretch >= pl.col("first"), stretch < pl.col("end"))
        sums = own.group_by("row", "code").agg(pl.col("n", "length").sum())
        found.append(
            sums.select(
                pl.lit(number, pl.Int64).alias("range"),
                "row",
                holed=code >= _HOLED,
                kind=code % _KINDS,
                n="n",
                length="length",
            )
        )
    return run(pl.concat(found), cells.height * len(ranges))


def _count_between(marks: pl.Series, inside: Clocked, holed: pl.Series) -> pl.DataFrame:
    """Return the gaps between neighbouring `marks`, indices of polls, in cells.

    These are `stretch` (the number of the mark before), `i`, `code`, `n` and `length`.
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
            "n", "length", stretch=key // (2 * _HOLED), code=key % (2 * _HOLED)
        ),
        count,
    )
    ranks = rank_of(inside.polls.gather(marks), inside.axis)
    return cells.with_columns(ranks.gather(cells["stretch"]).alias("i"))


def _flags(indices: pl.Series, flag: int, count: int) -> pl.Series:
    """Return `count` values, `flag` at the indices and 0 elsewhere."""
    return pl.zeros(count, dtype=pl.Int64, eager=True).scatter(indices, flag)
