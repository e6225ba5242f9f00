"""Outages, from the pieces of a timeline instead of polls."""

from __future__ import annotations

import polars as pl

from store_uptime._engine.outages import LENGTH_DTYPE, down_runs
from store_uptime._engine.pieces import INSTANT_DTYPE
from store_uptime._tables.timeline_rows import Pieces


def list_timeline_outages(pieces: Pieces, end: int | None) -> pl.DataFrame:
    """Return the outages as `outages_from_timeline` gives them; the timeline goes to `end`."""
    rows = pieces.rows if pieces.in_order else pieces.rows.sort("store_id", "start")
    runs = down_runs(pieces.collect(rows.rename({"store_id": "i"})), up="up", down="down")
    until = pl.when("final").then(pl.lit(end, pl.Int64)).otherwise("end")
    return runs.select(
        pl.col("i").alias("store_id"),
        pl.col("start", "end").cast(INSTANT_DTYPE),
        pl.col("downtime").cast(LENGTH_DTYPE),
        pl.col("final").alias("ongoing"),
        (until - pl.col("start")).cast(LENGTH_DTYPE).alias("elapsed"),
        recovered=pl.col("then_up") & ~pl.col("final"),
    )
