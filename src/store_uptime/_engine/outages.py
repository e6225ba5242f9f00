"""Outages: runs of downtime, joined across closed time."""

from __future__ import annotations

import polars as pl

from store_uptime._engine.batches import Batch
from store_uptime._engine.packed_polls import first_at, last_at, position_of
from store_uptime._engine.pieces import instant_of, store_id_of
from store_uptime._engine.states import DOWN, UP

LENGTH_DTYPE = pl.Duration("us")


def list_outages(batch: Batch, states: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """Return the outages among the pieces of the batch, as `compute_outages` gives them."""
    found = down_runs(pieces, up=UP, down=DOWN)
    found = (
        found.with_columns(until=batch.axis.position(pl.col("i"), pl.lit(batch.axis.last)))
        .join_asof(states, left_on="until", right_on="x")
        .with_columns(
            ongoing=pl.col("final") & (pl.col("state") == DOWN),
            recovered=pl.when("final")
            .then((pl.col("state") == UP) & (pl.col("end") < pl.col("until")))
            .otherwise("then_up"),
        )
    )
    found = found.with_columns(
        elapsed=pl.when("ongoing").then("until").otherwise("end") - pl.col("start"),
        before=_poll_before(batch, found),
        after=pl.when(~pl.col("ongoing")).then(_poll_after(batch, found)),
    )
    return found.select(
        store_id_of(batch),
        instant_of(batch, pl.col("start")),
        instant_of(batch, pl.col("end")),
        pl.col("downtime").cast(LENGTH_DTYPE),
        "ongoing",
        pl.col("elapsed").cast(LENGTH_DTYPE),
        instant_of(batch, pl.col("before")).alias("last_poll_before"),
        instant_of(batch, pl.col("after")).alias("first_poll_after"),
        "recovered",
    )


def down_runs(pieces: pl.DataFrame, *, up: int | str, down: int | str) -> pl.DataFrame:
    """Return each run of downtime as `i`, `start`, `end`, `downtime`, `final` and `then_up`.

    That is whether the store has no other open time after it, and whether it is up in what it has.
    `pieces` are sorted by store (`i`) and start; `up` and `down` are how they call these states.
    """
    i, is_down, is_up = pl.col("i"), pl.col("state") == down, pl.col("state") == up
    goes_on = (is_down & is_down.shift(1) & (i == i.shift(1))).fill_null(value=False)
    return (
        pieces.with_columns(
            run=(~goes_on).cum_sum(),
            final=(i != i.shift(-1)).fill_null(value=True),
            then_up=is_up.shift(-1),
        )
        .filter(is_down)
        .group_by("run", maintain_order=True)
        .agg(
            pl.col("i", "start").first(),
            pl.col("end", "final", "then_up").last(),
            downtime=(pl.col("end") - pl.col("start")).sum(),
        )
    )


# A poll at the edge of an outage lies outside if it says up, and is part of it if it says down.


def _poll_before(batch: Batch, outages: pl.DataFrame) -> pl.Series:
    """Return the position of the last poll before each outage, or null."""
    start = outages["start"]
    last = pl.lit(batch.evidence.search_sorted(last_at(start), side="right").cast(pl.Int64) - 1)
    part_of_it = _poll(batch, last) == pl.lit(first_at(start))
    return _own_position(batch, outages, last - pl.when(part_of_it).then(1).otherwise(0))


def _poll_after(batch: Batch, outages: pl.DataFrame) -> pl.Series:
    """Return the position of the first poll after each outage, or null."""
    first = batch.evidence.search_sorted(first_at(outages["end"]), side="right").cast(pl.Int64)
    return _own_position(batch, outages, pl.lit(first))


def _poll(batch: Batch, index: pl.Expr) -> pl.Expr:
    """Return the piece of evidence at an index, or null where there is none."""
    inside = index.is_between(0, len(batch.evidence) - 1)
    return pl.lit(batch.evidence).gather(pl.when(inside).then(index))


def _own_position(batch: Batch, outages: pl.DataFrame, index: pl.Expr) -> pl.Series:
    """Return the position of the poll at an index; null if it is another store's."""
    position = position_of(_poll(batch, index))
    own = batch.axis.rank(position) == pl.col("i")
    return outages.select(pl.when(own).then(position)).to_series()
