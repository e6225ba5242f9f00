"""What every store has between the edges of all windows, summed up from the pieces of a timeline.

The edges of all windows, in order, cut time into cells. What a store has in a cell is the sum of
the parts of its pieces that lie inside, and what it has up to an edge is the sum of the cells
before it. So a window is a difference of two such sums, however many windows there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import isqrt

import polars as pl

from store_uptime._tables.timeline_rows import STATE_DTYPE, Pieces

STATES = STATE_DTYPE.categories.to_list()
_FEWEST_CELLS = 4


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of each clock; a clock is what zones share in which all windows have one time.

    Attributes
    ----------
    first, last
        Where the pieces begin and end. What lies outside has nothing in it.
    edges
        Of each clock, rising, and as many as of any other.
    """

    first: int
    last: int
    edges: Sequence[Sequence[int]]

    def __len__(self) -> int:
        return len(self.edges[0]) - 1

    @property
    def whole(self) -> bool:
        """Whether one cell holds all pieces."""
        return self.edges == [[self.first, self.last]]

    def chunks(self) -> Iterator[Cells]:
        """Cut into groups of neighbouring cells, each of which takes a pass over the rows."""
        # A pass costs as much as some cells of the rows that it keeps.
        size = max(_FEWEST_CELLS, isqrt(len(self)) // 4)
        for number in range(0, len(self), size):
            edges = [own[number : number + size + 1] for own in self.edges]
            yield Cells(self.first, self.last, edges)


def make_cells(edges: Sequence[Sequence[int]], first: int, last: int) -> Cells:
    """Return the cells between the edges of each clock, as far as there are pieces."""
    rising = [sorted({min(max(edge, first), last) for edge in own}) for own in edges]
    most = max(map(len, rising))
    return Cells(first, last, [own + own[-1:] * (most - len(own)) for own in rising])


def sum_whole(pieces: Pieces) -> pl.DataFrame:
    """Return `store_id` and, for each state, what each store has of it in all pieces."""
    length = pl.col("end") - pl.col("start")
    return pieces.collect(pieces.rows.group_by("store_id").agg(_sums_by_state(length, 0)))


def sum_cells(pieces: Pieces, cells: Cells, stores: pl.DataFrame) -> pl.DataFrame:
    """Return `stores` with a column for each state and cell, ``up@0``, ``down@0`` and so on.

    Parameters
    ----------
    stores
        `store_id` and `clock`, sorted by `store_id`.
    """
    ids, clocks = stores["store_id"], len(cells.edges)
    first, last = (pl.lit(edge, ids.dtype) for edge in (ids.min(), ids.max()))
    rows = pieces.rows.filter(pl.col("store_id").is_between(first, last))
    summed, number = stores.lazy(), 0
    for chunk in cells.chunks():
        edges = [[own[k] for own in chunk.edges] for k in range(len(chunk) + 1)]
        inside = rows.filter(pl.col("end") > min(edges[0]), pl.col("start") < max(edges[-1]))
        if clocks == 1:
            bounds = [pl.lit(own[0]) for own in edges]
        else:
            bounds = [pl.col(f"edge{k}") for k in range(len(edges))]
            times = pl.DataFrame(
                {"clock": range(clocks)} | {f"edge{k}": own for k, own in enumerate(edges)},
                schema_overrides={"clock": stores.schema["clock"]},
            )
            inside = inside.join(stores.join(times, on="clock").lazy(), on="store_id")
        sums = []
        for k in range(len(chunk)):
            part = _clipped("end", bounds[k : k + 2]) - _clipped("start", bounds[k : k + 2])
            sums += _sums_by_state(part, number + k)
        found = pieces.collect(inside.group_by("store_id").agg(sums))
        summed = summed.join(found.lazy(), on="store_id", how="left")
        number += len(chunk)
    return summed.sort("store_id").collect().fill_null(0)


def totals_at_edges(sums: pl.DataFrame, state: str, cells: int) -> list[pl.Series]:
    """Return what each store has of a state up to each edge, from the first edge on."""
    of_cells = (sums[f"{state}@{number}"] for number in range(cells))
    nothing = pl.repeat(0, sums.height, dtype=pl.Int64, eager=True)
    return list(accumulate(of_cells, initial=nothing))


def _sums_by_state(length: pl.Expr, cell: int) -> list[pl.Expr]:
    return [
        pl.when(pl.col("state") == state).then(length).otherwise(0).sum().alias(f"{state}@{cell}")
        for state in STATES
    ]


def _clipped(instant: str, bounds: Sequence[pl.Expr]) -> pl.Expr:
    return pl.col(instant).clip(*bounds)
