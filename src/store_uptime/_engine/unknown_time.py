"""Why open time is unknown: what the polls of the store lack around it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from store_uptime._engine.batches import Batch
from store_uptime._engine.packed_polls import position_of, rank_of
from store_uptime._engine.states import UNKNOWN
from store_uptime._engine.window_edges import end_of, start_of

REASONS = ("never_polled", "polled_while_closed", "before_first", "between", "after_last")
"""No poll of the store; none that is evidence; and where its evidence lies around the time: all of
it after, some on either side, all of it before."""

REASON_DTYPE = pl.Enum(REASONS)


def explain_unknown(
    batch: Batch, pieces: pl.DataFrame, edges: pl.DataFrame, windows: Sequence[str]
) -> pl.DataFrame:
    """Return why the unknown pieces of the batch are unknown, window by window.

    Parameters
    ----------
    batch
        The stores, with all their polls.
    pieces
        Their open time: `i`, `start`, `end` (positions) and `state`.
    edges
        Where the windows begin and end, of one `now`, as `find_window_edges` gives it.

    Returns
    -------
    pl.DataFrame
        `window` (String), `reason` (Enum of `REASONS`), `time` (microseconds, Int128) and `stores`
        (UInt32, those with such time); a row for each pair of which there is any time. In no order.
    """
    unknown = pieces.lazy().filter(pl.col("state") == UNKNOWN).drop("state")
    zones = batch.stores.table.lazy().select("i", "z")
    explained = (
        unknown.join(_evidence_ends(batch), on="i", how="left")
        .with_columns(reason=_reason(batch))
        .join(zones, on="i")
        .join(edges.lazy(), on="z")
        .collect()
    )
    return pl.concat(_time_in(batch, explained, window) for window in windows)


def _evidence_ends(batch: Batch) -> pl.LazyFrame:
    """Return the positions of the first and the last piece of evidence of each store with any."""
    evidence, poll = batch.evidence.alias("poll").to_frame().lazy(), pl.col("poll")
    ranked = evidence.select(i=rank_of(poll, batch.axis), x=position_of(poll))
    return ranked.group_by("i").agg(first=pl.col("x").min(), last=pl.col("x").max())


def _reason(batch: Batch) -> pl.Expr:
    polled = rank_of(batch.polls, batch.axis).unique()
    return (
        pl.when(pl.col("first").is_null())
        .then(
            pl.when(pl.col("i").is_in(polled.implode()))
            .then(pl.lit("polled_while_closed"))
            .otherwise(pl.lit("never_polled"))
        )
        .when(pl.col("end") <= pl.col("first"))
        .then(pl.lit("before_first"))
        .when(pl.col("start") >= pl.col("last"))
        .then(pl.lit("after_last"))
        .otherwise(pl.lit("between"))
        .cast(REASON_DTYPE)
    )


def _time_in(batch: Batch, explained: pl.DataFrame, window: str) -> pl.DataFrame:
    """Return the time of each reason that lies inside a window."""
    start, end = (
        batch.axis.position(pl.col("i"), pl.col(edge(window))) for edge in (start_of, end_of)
    )
    time = pl.min_horizontal("end", end) - pl.max_horizontal("start", start)
    inside = explained.select("i", "reason", time=time).filter(pl.col("time") > 0)
    # Years of a million stores are more microseconds than Int64 holds.
    sums = inside.group_by("reason").agg(
        pl.col("time").cast(pl.Int128).sum(), stores=pl.col("i").n_unique()
    )
    return sums.select(pl.lit(window).alias("window"), "reason", "time", "stores")
