"""Some stores with polls enough to be cut into groups."""

from __future__ import annotations

import datetime as dt

import polars as pl

NOW = "2023-03-14T18:00:00Z"
STORES = 37


def tables() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return polls every 50 minutes or so of stores of which some lack hours or a zone."""
    store = pl.DataFrame({"store_id": range(100, 100 + STORES)})
    poll = pl.DataFrame({"k": range(300)})
    status = store.join(poll, how="cross").select(
        "store_id",
        timestamp_utc=pl.lit(dt.datetime(2023, 3, 5, tzinfo=dt.UTC))
        + pl.duration(seconds=pl.col("k") * 3011 + pl.col("store_id") * 997 % 1800),
        status=(pl.col("k") * 7919 + pl.col("store_id")) % 11 < 8,
    )
    hours = store.head(30).join(pl.DataFrame({"day_of_week": range(6)}), how="cross")
    hours = hours.with_columns(
        start_time_local=pl.time(pl.col("store_id") % 12), end_time_local=pl.time(17, 30)
    )
    zones = store.tail(30).with_columns(
        timezone_str=pl.when(pl.col("store_id") % 2 == 0)
        .then(pl.lit("America/New_York"))
        .otherwise(pl.lit("Asia/Kolkata"))
    )
    return status, hours, zones
