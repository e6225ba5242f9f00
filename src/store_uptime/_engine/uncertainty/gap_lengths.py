"""Some lengths that stand for the lengths of all gaps.

What a smooth function of the length adds up to over any gaps takes only its values at some lengths,
powers of two: in each bin it is taken as the cubic curve through the four lengths around it
(Lagrange), and the gaps of the bin as many of their mean length.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from store_uptime._effort import run_as_written
from store_uptime._engine.uncertainty.gap_cells import KINDS, UNLIKE, GapCounts

CHANGES = "changes"
"""The column of how many gaps there are between polls that disagree."""

# Polars divides a column by a number in another way if the column has one row: the last bit may
# differ. It multiplies always alike. Those of the curves are by what makes them 1 at their length.
_A_SIXTH, _AT_FIRST, _AT_LAST = 1 / 6, -1 / 2.625, 1 / 21


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

    `units` are those of the rows, in microseconds. There is a row, and each has a gap.
    """
    pairs = [_Pair(place, kind, each) for place, (kind, each) in enumerate(counts.pairs)]
    shares: dict[tuple[int, int], list[pl.Expr]] = {}
    for pair in pairs:
        for exponent, share in pair.shares(bins).items():
            shares.setdefault((pair.kind, exponent), []).append(share)
    columns = {f"share{kind}_{exponent}": (kind, exponent) for kind, exponent in sorted(shares)}
    sums = [sum(shares[pair][1:], shares[pair][0]).alias(name) for name, pair in columns.items()]
    changes = [pair.column("n") for pair in pairs if pair.kind == UNLIKE]
    sums.append(sum(changes, pl.lit(0.0)).alias(CHANGES))
    frames = []
    for frame in counts.frames:
        known = frame.with_columns(units.alias("unit")).lazy()
        for step in zip(*(pair.steps() for pair in pairs), strict=True):
            known = known.with_columns(step)
        frames.append(run_as_written(known.select(sums)))
    return GapShares(columns, frames)


@dataclass(frozen=True, slots=True)
class _Pair:
    """The gaps of a kind and a bin, and their place among all pairs."""

    place: int
    kind: int
    bin: int

    def column(self, name: str) -> pl.Expr:
        return pl.col(f"{name}{self.place}")

    def steps(self) -> Iterator[pl.Expr]:
        """Yield what `shares` needs, one after the other."""
        names = ("n", "length", "x", "spread", "shortest", "longest")
        n, length, x, spread, shortest, longest = map(self.column, names)
        yield (length / pl.col("unit") / n / 2.0**self.bin).fill_nan(0.0).alias(f"x{self.place}")
        # Half of their variance: a third of the most that it can be in the bin, as of lengths that
        # are spread evenly over it; one gap alone has none.
        even = (x - 1) * (2 - x) * (1 - 1 / n.clip(1)) * _A_SIXTH
        yield even.alias(f"spread{self.place}")
        # What the curve through 1/2, 1, 2 and 4 takes of its values at the first and the last.
        first = ((x - 1) * (x - 2) * (x - 4) + (6 * x - 14) * spread) * _AT_FIRST
        yield first.alias(f"shortest{self.place}")
        last = ((x - 0.5) * (x - 1) * (x - 2) + (6 * x - 7) * spread) * _AT_LAST
        yield last.alias(f"longest{self.place}")
        # The two in the middle follow, as number and mean length are kept.
        yield (x - 1 + shortest / 2 - 3 * longest).alias(f"longer{self.place}")

    def shares(self, bins: range) -> dict[int, pl.Expr]:
        """Return how many gaps the lengths next to the bin get, by exponent."""
        names = ("n", "x", "shortest", "longer", "longest")
        n, x, shortest, longer, longest = map(self.column, names)
        if self.bin == bins[0]:
            # Short gaps lie on the straight line from 0, at which there is nothing to add.
            return {self.bin + 1: n * x / 2}
        if self.bin == bins[-1]:
            # Long gaps lie on that through the last two.
            return {self.bin: n * (2 - x), self.bin + 1: n * (x - 1)}
        return {
            self.bin - 1: n * shortest,
            self.bin: n * (1 - shortest - longer - longest),
            self.bin + 1: n * longer,
            self.bin + 2: n * longest,
        }
