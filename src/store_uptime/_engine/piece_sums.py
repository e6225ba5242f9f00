"""What every store has between the edges of all windows, summed up from the pieces of a timeline.

The edges of all windows, in order, cut time into cells. What a store has in a cell is the sum of
the parts of its pieces that lie inside, and what it has up to an edge is the sum of the cells
before it. So a window is a difference of two such sums, however many windows there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isqrt

import polars as pl

from store_uptime._effort import run, run_all
from store_uptime._tables.timeline_rows import STATE_DTYPE, Pieces

STATES = STATE_DTYPE.categories.to_list()
_FEW_CELLS = 16

Cell = Sequence[tuple[int, int]]
"""Where a cell begins and ends, by each clock."""


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

    @property
    def whole(self) -> bool:
        """Whether one cell holds all pieces."""
        return self.edges == [[self.first, self.last]]

    def __len__(self) -> int:
        return len(self.edges[0]) - 1

    def __iter__(self) -> Iterator[Cell]:
        return zip(*(pairwise(own) for own in self.edges), strict=True)


def make_cells(edges: Sequence[Sequence[int]], first: int, last: int) -> Cells:
    """Return the cells between the edges of each clock, as far as there are pieces."""
    rising = [sorted({min(max(edge, first), last) for edge in own}) for own in edges]
    most = max(map(len, rising))
    return Cells(first, last, [own + own[-1:] * (most - len(own)) for own in rising])


def sum_whole(pieces: Pieces) -> pl.DataFrame:
    """Return what each store has in all pieces: `store_id` and a column for each state."""
    length, rows = pl.col("end") - pl.col("start"), pieces.rows
    if pieces.frame is None:
        return pieces.collect(rows.group_by("store_id").agg(_by_state(length)))
    # Most pieces are up. To add up all, and then those that are not, takes less than each for each.
    others = rows.filter(pl.col("state") != "up").group_by("store_id").agg(_by_state(length)[1:])
    everything = rows.group_by("store_id").agg(length.sum().alias("up"))
    whole, rest = run_all([everything, others], pieces.frame.height)
    both = whole.join(rest, on="store_id", how="left")
    both = both.with_columns(pl.col("down", "unknown").fill_null(0))
    return both.with_columns(pl.col("up") - pl.col("down") - pl.col("unknown"))


def sum_cells(pieces: Pieces, cells: Cells, stores: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield what the stores have in each cell, in the order of `stores`, a column for each state.

    Parameters
    ----------
    stores
        `store_id` and `clock`, sorted by `store_id`.
    """
    chosen, few = list(cells), len(cells) <= _FEW_CELLS
    # Of many cells, those that lie together are looked for among the pieces that do so too.
    size = 1 if few else isqrt(len(cells))
    for number in range(0, len(chosen), size):
        block = chosen[number : number + size]
        rows = _own(pieces.inside(*_stretch(block)), stores)
        if not few:
            held = pieces.collect(rows)
            rows = held.lazy()
        for cell in block:
            first, last = _stretch([cell])
            inside = rows.filter(pl.col("end") > first, pl.col("start") < last)
            sums = _sum_cell(inside, cell, stores)
            found = pieces.collect(sums) if few else run(sums, held.height)
            yield align(found, stores)


def align(found: pl.DataFrame, stores: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of the states, a row for each of `stores`; zero where nothing is found."""
    rows = stores.select("store_id").join(found, on="store_id", how="left", maintain_order="left")
    return rows.select(pl.col(STATES).fill_null(0))


def _stretch(cells: Sequence[Cell]) -> tuple[int, int]:
    """Return where the first of neighbouring cells begins by any clock, and the last one ends."""
    return min(start for start, _ in cells[0]), max(end for _, end in cells[-1])


def _own(rows: pl.LazyFrame, stores: pl.DataFrame) -> pl.LazyFrame:
    ids = stores["store_id"]
    first, last = (pl.lit(ids[at], ids.dtype) for at in (0, -1))
    return rows.filter(pl.col("store_id").is_between(first, last))


def _sum_cell(rows: pl.LazyFrame, cell: Cell, stores: pl.DataFrame) -> pl.LazyFrame:
    bounds = [pl.lit(bound) for bound in cell[0]]
    if len(cell) > 1:
        clocks = pl.DataFrame(cell, ["since", "until"], orient="row").with_row_index("clock")
        own = stores.join(clocks.cast(pl.Int64), on="clock").drop("clock")
        rows, bounds = rows.join(own.lazy(), on="store_id"), [pl.col("since"), pl.col("until")]
    inside = pl.col("end").clip(*bounds) - pl.col("start").clip(*bounds)
    return rows.group_by("store_id").agg(_by_state(inside))


def _by_state(length: pl.Expr) -> list[pl.Expr]:
    return [
        pl.when(pl.col("state") == state).then(length).otherwise(0).sum().alias(state)
        for state in STATES
    ]
