"""One integer line on which all stores lie end to end.

Instant `t` of store `i` sits at ``x = i * length + (t - lo)``, an Int64, where ``[lo, now]`` is
the span that matters. So no step needs a group, a window function or a join by store: everything
is a sort, a shift, a running sum or an as-of search on one sorted column.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from store_uptime._time.units import INT64_MAX


@dataclass(frozen=True, slots=True)
class Axis:
    """The line of `stores` stretches, each holding the instants `lo` to `now` (microseconds)."""

    stores: int
    lo: int
    now: int

    @property
    def length(self) -> int:
        """How long one store's stretch is."""
        return self.now - self.lo + 1

    @property
    def end(self) -> int:
        """Where the last stretch ends."""
        return self.stores * self.length

    def limit(self, distance: int | None) -> int:
        """Return `distance`, or the length of a stretch, beyond which it is no limit.

        So sums of a position and a distance stay within Int64.
        """
        return self.length if distance is None else min(distance, self.length)

    def place(self, store: pl.Expr, instant: pl.Expr) -> pl.Expr:
        """Return where an instant of a store sits."""
        return store * self.length + (instant - self.lo)

    def store(self, place: pl.Expr) -> pl.Expr:
        """Return whose stretch a place lies in."""
        return place // self.length

    def instant(self, store: pl.Expr, place: pl.Expr) -> pl.Expr:
        """Return which instant of a store a place is, even one outside the store's stretch."""
        return place - store * self.length + self.lo


def capacity(lo: int, now: int) -> int:
    """Return how many stores fit on an axis, four times whose positions must stay within Int64.

    Twice is what packing needs; the rest leaves room for sums on the way.
    """
    return INT64_MAX // (4 * (now - lo + 1))
