"""Some lengths that stand for the lengths of all gaps.

What a smooth function of the length adds up to over any gaps takes only its values at some lengths,
powers of two: in each bin it is taken as the cubic curve through the four lengths around it
(Lagrange), and the gaps of the bin as many of their mean length.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from store_uptime._effort import run_as_written
from store_uptime._engine.gap_cells import KINDS, UNLIKE, count_in, length_in

CHANGES = "changes"
"""The column of how many gaps there are between polls that disagree."""


@dataclass(frozen=True, slots=True)
class GapShares:
    """How many gaps of each kind the lengths stand for.

    Attributes
    ----------
    columns
        The kind and the exponent of each column of the `frames`, in the order in which they are
        added. The length is two to the power of the exponent, in units of each row.
    frames
        For each range, with a row for each row, a column for each kind and exponent, and `CHANGES`;
        Float64.
    """

    columns: Mapping[str, tuple[int, int]]
    frames: Sequence[pl.DataFrame]

    @property
    def exponents(self) -> list[int]:
        """The exponents of all lengths, rising."""
        return sorted({exponent for _, exponent in self.columns.values()})

    def add_up(
        self, value: Callable[[int, int], pl.Expr | float], kinds: Collection[int] = KINDS
    ) -> pl.Expr:
        """Return the sum of a function of kind and exponent over the gaps of a row.

        The function has to be 0 for a length of 0. A column that is not there has no gaps, so that
        leaving it out changes no bit of the sum.
        """
        total = pl.lit(0.0)
        for name, pair in self.columns.items():
            if pair[0] in kinds:
                total += pl.col(name) * value(*pair)
        return total


def share_out(cells: pl.DataFrame, units: pl.Series, bins: range, ranges: int) -> GapShares:
    """Share out the gaps that `count_gaps` has counted in `bins`, for so many ranges.

    `units` are those of the rows, in microseconds.
    """
    pairs = cells.select("kind", "bin").unique().sort("kind", "bin").with_row_index("column")
    height, there = len(units), pairs.select("kind", "bin").rows()
    row = cells["row"].cast(pl.Int64)
    column = cells.select("kind", "bin").join(pairs, on=["kind", "bin"], maintain_order="left")
    place = column["column"].cast(pl.Int64) * height + row
    unit = units.gather(row)
    shares = _shares(there, bins)
    columns = {f"share{kind}_{exponent}": (kind, exponent) for kind, exponent in sorted(shares)}
    frames = []
    for number in range(ranges):
        count = cells[count_in(number)].cast(pl.Float64)
        mean = cells[length_in(number)] / unit / count
        dense = {
            name: pl.zeros(len(there) * height, dtype=pl.Float64, eager=True).scatter(place, values)
            for name, values in (("n", count), ("mean", mean.fill_nan(0)))
        }
        known = pl.DataFrame(
            values.slice(place * height, height).alias(f"{name}{place}")
            for place in range(len(there))
            for name, values in dense.items()
        )
        own = [sum(shares[pair][1:], shares[pair][0]).alias(name) for name, pair in columns.items()]
        changes = [pl.col(f"n{place}") for place, (kind, _) in enumerate(there) if kind == UNLIKE]
        own.append(sum(changes, pl.lit(0.0)).alias(CHANGES))
        frames.append(run_as_written(known.lazy().select(own)))
    return GapShares(columns, frames)


def _shares(
    there: Sequence[tuple[int, int]], bins: range
) -> dict[tuple[int, int], list[pl.Expr]]:
    """Return what each kind and exponent gets from each bin that is next to it."""
    shares: dict[tuple[int, int], list[pl.Expr]] = {}
    for place, (kind, each) in enumerate(there):
        count, x = pl.col(f"n{place}"), pl.col(f"mean{place}") / 2.0**each
        if each == bins[0]:
            # Shorter gaps lie on the straight line from 0, at which there is nothing to add.
            weights = {each + 1: x / 2}
        elif each == bins[-1]:
            weights = {each: 2 - x, each + 1: x - 1}  # and longer ones on that through the last two
        else:
            weights = {
                each - 1: (x - 1) * (x - 2) * (x - 4) / -2.625,
                each: (x - 0.5) * (x - 2) * (x - 4) / 1.5,
                each + 1: (x - 0.5) * (x - 1) * (x - 4) / -3,
                each + 2: (x - 0.5) * (x - 1) * (x - 2) / 21,
            }
        for exponent, weight in weights.items():
            shares.setdefault((kind, exponent), []).append(count * weight)
    return shares
