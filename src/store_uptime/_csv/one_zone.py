"""Each store has one zone: rows that say otherwise are refused, all of that store."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from store_uptime._tables.contract import Check, Table
from store_uptime._time.zone_names import zone_links


def stores_of_two_zones(rows: pl.DataFrame) -> list[str]:
    """Return the ids of the stores that the table `timezones` gives different zones.

    Two names of one zone are one zone.
    """
    if rows["store_id"].n_unique() == rows.height:
        return []
    zone = pl.col("timezone_str").replace(zone_links())
    zones = rows.drop_nulls("timezone_str").group_by("store_id").agg(zone.n_unique())
    return zones.filter(pl.col("timezone_str") > 1)["store_id"].to_list()


def one_zone_each(table: Table, stores: list[str]) -> Table:
    """Return the table with the check that refuses the rows of these stores."""
    check = Check(
        "timezone_str",
        pl.col("store_id").is_in(stores),
        "one store with two different zones",
        "two_zones",
        "Keep one row per store.",
    )
    return replace(table, checks=(*table.checks, check))
