"""The zones of the stores: names that tzdata knows, one for each store."""

from __future__ import annotations

import polars as pl

from store_uptime._tables.contract import TABLES
from store_uptime._tables.given import Source
from store_uptime._tables.rows import read_rows
from store_uptime._time.zones import check_zones, zone_names
from store_uptime.errors import SHOWN_VALUES, UnknownTimeZoneError


def read_timezones(source: Source, id_dtype: pl.DataType) -> pl.DataFrame:
    """Return `store_id` and `zone` (String, null for a store that is named without a zone)."""
    rows = read_rows(source, TABLES["timezones"], id_dtype).rename({"timezone_str": "zone"})
    zones = rows["zone"].drop_nulls()
    # Few zones have many stores; the rows are looked through only to count them for an error.
    if not zone_names().issuperset(zones.unique()):
        check_zones(zones, table="timezones", column="timezone_str")
    _refuse_two_zones(rows)
    return rows


def _refuse_two_zones(rows: pl.DataFrame) -> None:
    if rows["store_id"].n_unique() == rows.height:
        return
    zone = pl.col("zone")
    by_store = rows.lazy().drop_nulls("zone").group_by("store_id")
    # Listing zones store by store takes its time, so it is first asked whether there is need to.
    if not by_store.agg(zone.min() != zone.max()).select(zone.any()).collect().item():
        return
    listed = by_store.agg(zone.unique().sort()).filter(zone.list.len() > 1)
    two = listed.sort("store_id").collect()
    raise UnknownTimeZoneError(
        "one store with two different zones",
        table="timezones",
        column="timezone_str",
        count=int(two["zone"].list.len().sum()),
        values=two.head(SHOWN_VALUES).rows(),
        remedy="Keep one row per store.",
    )
