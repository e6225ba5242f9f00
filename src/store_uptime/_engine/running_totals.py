"""Running totals along the axis, and their readings at points.

A running total tells how much time of some kind, of all stores together, lies before a position.
What a store has of it between two positions of its own stretch is the difference of two readings,
so more windows cost points, not passes.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

OPEN_TIME = "open_time"
"""The running total of all open time."""


def read_open_time(points: pl.LazyFrame, sessions: pl.DataFrame) -> pl.LazyFrame:
    """Append `open_time`: how much open time of all stores lies before `x`.

    Both frames are sorted, `points` by `x`. The open time between two points is the difference of
    their `open_time`.
    """
    elapsed = pl.min_horizontal("x", "close") - pl.col("open")
    return (
        points.join_asof(sessions.lazy(), left_on="x", right_on="open", coalesce=False)
        .with_columns((pl.col("before") + elapsed).fill_null(0).alias(OPEN_TIME))
        .drop("open", "close", "before")
    )


def read_totals(
    points: pl.LazyFrame,
    pieces: pl.DataFrame,
    sessions: pl.DataFrame,
    totals: Mapping[str, tuple[int, ...]],
) -> pl.LazyFrame:
    """Append `open_time` and a column for each total: the open time in its states before `x`.

    `points` and `pieces` are sorted by `x`.
    """
    spent = (pl.col(OPEN_TIME).shift(-1) - pl.col(OPEN_TIME)).fill_null(0)
    counting = {name: _any_of(states) for name, states in totals.items()}
    until_here = {
        name: (pl.when(counts).then(spent).otherwise(0)).cum_sum().shift(1).fill_null(0)
        for name, counts in counting.items()
    }
    at_pieces = read_open_time(pieces.lazy(), sessions).with_columns(**until_here)
    since = pl.col(OPEN_TIME) - pl.col(f"{OPEN_TIME}_right")
    readings = {
        name: pl.col(name) + pl.when(counts).then(since).otherwise(0)
        for name, counts in counting.items()
    }
    return (
        read_open_time(points, sessions)
        .join_asof(at_pieces, on="x")
        .with_columns(**readings)
        .drop("state", f"{OPEN_TIME}_right")
    )


def _any_of(states: tuple[int, ...]) -> pl.Expr:
    return pl.any_horizontal(pl.col("state") == state for state in states)
