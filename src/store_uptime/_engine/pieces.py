"""Open time cut into pieces of one state."""

from __future__ import annotations

import polars as pl

from store_uptime._effort import run
from store_uptime._engine.batches import Batch
from store_uptime._engine.states import DOWN, UNKNOWN, UP, cut_states
from store_uptime._tables.timeline_rows import STATE_DTYPE

INSTANT_DTYPE = pl.Datetime("us", "UTC")
_STATE_NAMES = {UP: "up", DOWN: "down", UNKNOWN: "unknown"}


def list_pieces(batch: Batch, _: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """Return the pieces of the batch as `compute_timeline` gives them."""
    return pieces.select(
        store_id_of(batch),
        instant_of(batch, pl.col("start")),
        instant_of(batch, pl.col("end")),
        pl.col("state").replace_strict(_STATE_NAMES, return_dtype=STATE_DTYPE),
    )


def open_pieces(batch: Batch, start: int, end: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the states of the batch, as `cut_states` does, and its open time in ``[start, end)``.

    That is cut into pieces of one state: `i`, `start`, `end` (positions) and `state`.
    """
    states = cut_states(batch.evidence, batch.axis, batch.policy, proofs=False)
    return states, _cut_open_time(batch, start, end, states)


def _cut_open_time(batch: Batch, start: int, end: int, states: pl.DataFrame) -> pl.DataFrame:
    axis, sessions = batch.axis, batch.sessions
    stores = batch.stores.table.select("i").lazy()
    cuts = [
        *(stores.select(x=axis.position(pl.col("i"), pl.lit(at))) for at in (start, end)),
        *(sessions.lazy().select(x=edge) for edge in ("open", "close")),
        states.lazy().select("x"),
    ]
    own = axis.instant(pl.col("i"), pl.col("x"))
    between = (
        pl.concat(cuts)
        .unique()
        .sort("x")
        .with_columns(end=pl.col("x").shift(-1), i=axis.rank(pl.col("x")))
        .join_asof(states.lazy(), on="x")
        .join_asof(sessions.lazy(), left_on="x", right_on="open", coalesce=False)
        .filter(pl.col("x") < pl.col("close"), own >= start, own < end)
        .select("i", "end", "state", start="x")
    )
    rows = batch.stores.table.height + sessions.height + states.height
    return _join_neighbours(run(between, rows))


def _join_neighbours(pieces: pl.DataFrame) -> pl.DataFrame:
    """Return the pieces, as long as they can be."""
    i, start, end, state = (pl.col(name) for name in ("i", "start", "end", "state"))
    same = (i == i.shift(1)) & (state == state.shift(1)) & (start == end.shift(1))
    begins = ~same.fill_null(value=False)
    ends = begins.shift(-1).fill_null(value=True)
    return pieces.select(
        i.filter(begins), start.filter(begins), end.filter(ends), state.filter(begins)
    )


def store_id_of(batch: Batch) -> pl.Expr:
    """Return the id of the store of rank `i`."""
    return pl.lit(batch.stores.ids).gather(pl.col("i")).alias("store_id")


def instant_of(batch: Batch, position: pl.Expr) -> pl.Expr:
    """Return the instant of a position of the store of rank `i`."""
    return batch.axis.instant(pl.col("i"), position).cast(INSTANT_DTYPE)
