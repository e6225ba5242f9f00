"""Intervals of positions, `open` and `close`: their union, their difference, their sum."""

from __future__ import annotations

import polars as pl

from store_uptime._effort import run_all


def union(intervals: pl.LazyFrame) -> pl.LazyFrame:
    """Return the union of the intervals as sorted, disjoint ones."""
    ordered = intervals.sort("open").with_columns(pl.col("close").cum_max())
    # Stores lie apart on the axis, so the running maximum never reaches into the next store;
    # where two touch at a border, joining them changes neither the open time nor who is open.
    begins = (pl.col("open") > pl.col("close").shift(1)).fill_null(value=True)
    ends = (pl.col("open").shift(-1) > pl.col("close")).fill_null(value=True)
    return ordered.select(pl.col("open").filter(begins), pl.col("close").filter(ends))


def difference(sessions: pl.DataFrame, closed: pl.DataFrame) -> pl.DataFrame:
    """Return the parts of `sessions` outside `closed`; both and the result as `union` gives."""
    x, close = pl.col("x"), pl.col("close")
    opens = [
        _latest(sessions["open"], closed, at=True).filter(close.is_null() | (close <= x)),
        _latest(closed["close"], sessions, at=False).filter(x < close),
    ]
    closes = [
        _latest(sessions["close"], closed, at=False).filter(close.is_null() | (close < x)),
        _latest(closed["open"], sessions, at=False).filter(x < close),
    ]
    edges = {"open": opens, "close": closes}
    queries = [
        pl.concat(each).select(pl.col("x").sort().alias(name)) for name, each in edges.items()
    ]
    found = run_all(queries, sessions.height + closed.height)
    return pl.DataFrame([each.to_series() for each in found])


def _latest(points: pl.Series, intervals: pl.DataFrame, *, at: bool) -> pl.LazyFrame:
    """Return the `points` as `x`, each with the last interval that opens before it, or `at` it."""
    return (
        points.alias("x")
        .to_frame()
        .lazy()
        .join_asof(
            intervals.lazy(),
            left_on="x",
            right_on="open",
            coalesce=False,
            allow_exact_matches=at,
        )
    )


def with_before(sessions: pl.LazyFrame) -> pl.LazyFrame:
    """Append to sorted, disjoint intervals `before`: how long those before each are together."""
    length = pl.col("close") - pl.col("open")
    return sessions.with_columns((length.cum_sum() - length).alias("before"))
