"""One integer line on which all stores lie end to end.

Instant `t` of the store of rank `i` sits at position ``i * length + (t - first)``, an Int64, where
``[first, last]`` is the span that matters. So no step needs a group, a window function or a join by
store: everything is a sort, a shift, a running sum or an as-of search on one sorted column.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from store_uptime._time.units import INT64_MAX


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch for each of `stores`, holding the instants `first` to `last` (microseconds)."""

    stores: int
    first: int
    last: int

    @property
    def length(self) -> int:
        """How long one store's stretch is."""
        return self.last - self.first + 1

    @property
    def end(self) -> int:
        """Where the last stretch ends."""
        return self.stores * self.length

    def limit(self, distance: int | None) -> int:
        """Return `distance`, or the length of a stretch, beyond which it is no limit.

        So sums of a position and a distance stay within Int64.
        """
        return self.length if distance is None else min(distance, self.length)

    def position(self, rank: pl.Expr, instant: pl.Expr) -> pl.Expr:
        """Return where an instant of a store sits."""
        return rank * self.length + (instant - self.first)

    def rank(self, position: pl.Expr) -> pl.Expr:
        """Return the rank of the store in whose stretch a position lies."""
        return position // self.length

    def instant(self, rank: pl.Expr, position: pl.Expr) -> pl.Expr:
        """Return which instant of a store a position is, even outside the store's stretch."""
        return position - rank * self.length + self.first


def capacity(first: int, last: int) -> int:
    """Return how many stores fit on an axis, four times whose positions must stay within Int64.

    Twice is what packing needs; the rest leaves room for sums on the way.
    """
    return INT64_MAX // (4 * (last - first + 1))
