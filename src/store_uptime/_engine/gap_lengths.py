"""Some lengths that stand for the lengths of all gaps.

A gap is shared out between the two of them that it lies between, so that its length is kept. So
what a function of the length adds up to, over any gaps, takes only its values at these lengths; in
between it is taken as a straight line. They are a factor of the root of two apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from store_uptime._effort import run_as_written


@dataclass(frozen=True, slots=True)
class GapShares:
    """How many gaps of each kind the lengths stand for.

    Attributes
    ----------
    lengths
        By step, rising, in units of each row: the root of two to the power of the step, but 0 for
        the first of all.
    columns
        The kind and the step of each column of the `frames`, in the order in which they are added.
    frames
        For each range, with a row for each row and a column for each kind and step; Float64.
    """

    lengths: dict[int, float]
    columns: dict[str, tuple[int, int]]
    frames: Sequence[pl.DataFrame]

    def add_up(self, value: Callable[[int, int], pl.Expr | float | None]) -> pl.Expr:
        """Return the sum of a function of kind and step over the gaps of a row.

        A column that is not there has no gaps, so that leaving it out changes no bit of the sum.
        """
        terms = [
            pl.col(name) * each
            for name, pair in self.columns.items()
            if (each := value(*pair)) is not None
        ]
        return sum(terms, pl.lit(0.0))


def share_out(cells: pl.DataFrame, units: pl.Series, bins: range, ranges: int) -> GapShares:
    """Share out the gaps that `count_gaps` has counted in `bins`, for so many ranges.

    `units` are those of the rows, in microseconds.
    """
    pairs = cells.select("kind", "bin").unique().sort("kind", "bin").with_row_index("column")
    height, there = len(units), pairs.select("kind", "bin").rows()
    row = cells["row"].cast(pl.Int64)
    column = cells.join(pairs, on=["kind", "bin"], maintain_order="left")["column"].cast(pl.Int64)
    place = (cells["range"] * len(there) + column) * height + row
    mean = cells["length"] / cells["n"] / units.gather(row)
    dense = {
        name: pl.zeros(ranges * len(there) * height, dtype=pl.Float64, eager=True).scatter(
            place, values
        )
        for name, values in (("n", cells["n"].cast(pl.Float64)), ("mean", mean))
    }
    steps = sorted({2 * each + half for _, each in there for half in range(3)})
    lowest = 2 * bins.start
    lengths = {step: 0.0 if step == lowest else math.sqrt(2) ** step for step in steps}
    shares = _shares(there, lengths)
    columns = {f"share{kind}_{step}": (kind, step) for kind, step in sorted(shares)}
    frames = []
    for first in range(0, ranges * len(there), len(there)):
        known = pl.DataFrame(
            values.slice((first + place) * height, height).alias(f"{name}{place}")
            for place in range(len(there))
            for name, values in dense.items()
        )
        own = [sum(shares[pair][1:], shares[pair][0]).alias(name) for name, pair in columns.items()]
        frames.append(run_as_written(known.lazy().select(own)))
    return GapShares(lengths, columns, frames)


def _shares(
    there: Sequence[tuple[int, int]], lengths: dict[int, float]
) -> dict[tuple[int, int], list[pl.Expr]]:
    """Return what each kind and step gets, from the gaps of one bin or two."""
    shares: dict[tuple[int, int], list[pl.Expr]] = {}
    for place, (kind, each) in enumerate(there):
        count, mean = pl.col(f"n{place}"), pl.col(f"mean{place}")
        short, middle, long = (lengths[2 * each + half] for half in range(3))
        near = count * ((middle - mean.clip(upper_bound=middle)) / (middle - short))
        far = count * ((mean.clip(middle) - middle) / (long - middle))
        for half, share in enumerate((near, count - near - far, far)):
            shares.setdefault((kind, 2 * each + half), []).append(share)
    return shares
