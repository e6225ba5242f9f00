"""How a query is run: by what polars has for few rows, or for many. The result is the same."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

# From some tens of thousands of rows on, what the streaming engine gains is more than its start.
_FEW_ROWS = 20_000
_AS_WRITTEN, _ALL = pl.QueryOptFlags.none(), pl.QueryOptFlags()


def are_few(rows: int) -> bool:
    """Return whether so many rows cost less than preparing for them."""
    return rows <= _FEW_ROWS


def run(query: pl.LazyFrame, rows: int) -> pl.DataFrame:
    """Return what a query gives that has to do with about so many rows."""
    return run_as_written(query) if are_few(rows) else query.collect(engine="streaming")


def run_all(
    queries: Sequence[pl.LazyFrame], rows: int, optimizations: pl.QueryOptFlags = _ALL
) -> list[pl.DataFrame]:
    """Return what queries give that have to do with about so many rows, each with the others.

    `optimizations` are those for many rows.
    """
    if are_few(rows):
        return pl.collect_all(queries, engine="in-memory", optimizations=_AS_WRITTEN)
    return pl.collect_all(queries, engine="streaming", optimizations=optimizations)


def run_as_written(query: pl.LazyFrame) -> pl.DataFrame:
    """Return what a query gives that polars cannot better, or not in the time that it would save.

    Looking for a better way to compute few rows takes longer than computing them.
    """
    return query.collect(engine="in-memory", optimizations=_AS_WRITTEN)
