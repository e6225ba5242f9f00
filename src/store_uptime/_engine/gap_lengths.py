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
from store_uptime._engine.gap_cells import KINDS, UNLIKE, GapCounts

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


def share_out(counts: GapCounts, units: pl.Series, bins: range) -> GapShares:
    """Share out the gaps that `count_gaps` has counted in `bins`.

    `units` are those of the rows, in microseconds.
    """
    shares = _shares(counts.pairs, bins)
    columns = {f"share{kind}_{exponent}": (kind, exponent) for kind, exponent in sorted(shares)}
    sums = [sum(shares[pair][1:], shares[pair][0]).alias(name) for name, pair in columns.items()]
    changed = [
        pl.col(f"n{place}") for place, (kind, _) in enumerate(counts.pairs) if kind == UNLIKE
    ]
    sums.append(sum(changed, pl.lit(0.0)).alias(CHANGES))
    means = [
        (pl.col(f"length{place}") / pl.col("unit") / pl.col(f"n{place}")).fill_nan(0.0)
        for place in range(len(counts.pairs))
    ]
    return GapShares(
        columns,
        [
            run_as_written(frame.with_columns(units.alias("unit")).lazy().with_columns(means).select(sums))
            for frame in counts.frames
        ],
    )


def _shares(
    pairs: Sequence[tuple[int, int]], bins: range
) -> dict[tuple[int, int], list[pl.Expr]]:
    """Return what each kind and exponent gets from each bin that is next to it."""
    shares: dict[tuple[int, int], list[pl.Expr]] = {}
    for place, (kind, each) in enumerate(pairs):
        count, mean = pl.col(f"n{place}"), pl.col(f"length{place}")
        for exponent, weight in _weights(mean, count, each, bins).items():
            shares.setdefault((kind, exponent), []).append(count * weight)
    return shares


def _weights(mean: pl.Expr, count: pl.Expr, each: int, bins: range) -> dict[int, pl.Expr]:
    """Return how much of a gap of a bin the lengths next to it get, by exponent."""
    if each == bins[0]:
        # Short gaps lie on the straight line from 0, at which there is nothing to add.
        return {bins[0] + 1: mean / 2.0 ** (bins[0] + 1)}
    if each == bins[-1]:
        x = mean / 2.0 ** bins[-1]
        return {bins[-1]: 2 - x, bins[-1] + 1: x - 1}  # and long ones on that through the last two
    x = mean / 2.0**each
    # As if they were spread evenly around their mean: what that adds to a square.
    spread = (x - 1) * (2 - x) * (1 - 1 / count.clip(1)) / 6
    return {
        each - 1: ((x - 1) * (x - 2) * (x - 4) + (6 * x - 14) * spread) / -2.625,
        each: ((x - 0.5) * (x - 2) * (x - 4) + (6 * x - 13) * spread) / 1.5,
        each + 1: ((x - 0.5) * (x - 1) * (x - 4) + (6 * x - 11) * spread) / -3,
        each + 2: ((x - 0.5) * (x - 1) * (x - 2) + (6 * x - 7) * spread) / 21,
    }
