"""Running totals along the axis, and their readings at points.

A clock tells how much time of some kind, of all stores together, lies before a point. What a
store has of it between two points of its own stretch is the difference of two readings, so more
windows cost points, not passes.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl


def open_clock(points: pl.LazyFrame, sessions: pl.DataFrame) -> pl.LazyFrame:
    """Append `open_time`: how much open time of all stores lies before `x`.

    Both frames are sorted, `points` by `x`. The open time between two points is the difference of
    their `open_time`.
    """
    elapsed = pl.min_horizontal("x", "close") - pl.col("open")
    return (
        points.join_asof(sessions.lazy(), left_on="x", right_on="open", coalesce=False)
        .with_columns((pl.col("before") + elapsed).fill_null(0).alias("open_time"))
        .drop("open", "close", "before")
    )


def state_clocks(
    points: pl.LazyFrame,
    pieces: pl.DataFrame,
    sessions: pl.DataFrame,
    clocks: Mapping[str, tuple[int, ...]],
) -> pl.LazyFrame:
    """Append `open_time` and one column per clock: the open time in its states before `x`.

    `points` and `pieces` are sorted by `x`.
    """
    spent = (pl.col("open_time").shift(-1) - pl.col("open_time")).fill_null(0)
    ticking = {name: _any_of(states) for name, states in clocks.items()}
    totals = {
        name: (pl.when(ticks).then(spent).otherwise(0)).cum_sum().shift(1).fill_null(0)
        for name, ticks in ticking.items()
    }
    line = open_clock(pieces.lazy(), sessions).with_columns(**totals)
    since = pl.col("open_time") - pl.col("open_time_right")
    readings = {
        name: pl.col(name) + pl.when(ticks).then(since).otherwise(0)
        for name, ticks in ticking.items()
    }
    return (
        open_clock(points, sessions)
        .join_asof(line, on="x")
        .with_columns(**readings)
        .drop("state", "open_time_right")
    )


def _any_of(states: tuple[int, ...]) -> pl.Expr:
    return pl.any_horizontal(pl.col("state") == state for state in states)
