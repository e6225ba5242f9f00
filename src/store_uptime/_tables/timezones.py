"""The zones of the stores: names that tzdata knows, one for each store."""

from __future__ import annotations

import polars as pl

from store_uptime._tables.contract import Table
from store_uptime._tables.given import Source
from store_uptime._tables.rows import read_rows
from store_uptime._time.zone_names import check_zones, zone_links, zone_names
from store_uptime.errors import SHOWN_VALUES, UnknownTimeZoneError


def read_timezones(source: Source, table: Table, id_dtype: pl.DataType) -> pl.DataFrame:
    """Return `store_id` and `timezone_str`, null for a store that is named without a zone.

    Raises
    ------
    SchemaError
        As `read_rows` does.
    UnknownTimeZoneError
        A null id, a name that tzdata does not know, names of different zones for one store.
    """
    rows = read_rows(source, table, id_dtype)
    zones = rows["timezone_str"]
    # Few zones have many stores; the rows are looked through only to count them for an error.
    if not zone_names().issuperset(set(zones.unique()) - {None}):
        check_zones(zones.drop_nulls(), table="timezones", column="timezone_str")
    # Listing zones store by store takes its time, so it is first asked whether there is need to.
    return _with_one_zone_each(rows) if _has_two_names(rows, "timezone_str") else rows


def _has_two_names(rows: pl.DataFrame, column: str) -> bool:
    """Return whether any store has two names of zones in the column."""
    if rows["store_id"].n_unique() == rows.height:
        return False
    name = pl.col(column)
    by_store = rows.lazy().drop_nulls(column).group_by("store_id")
    return bool(by_store.agg(name.min() != name.max()).select(name.any()).collect().item())


def _with_one_zone_each(rows: pl.DataFrame) -> pl.DataFrame:
    """Give stores that have several names of one zone the name that tzdata links them to.

    Raises
    ------
    UnknownTimeZoneError
        A store has names of different zones.
    """
    zone, linked, store_id = pl.col("timezone_str"), pl.col("linked"), pl.col("store_id")
    rows = rows.with_columns(linked=zone.replace(zone_links()))
    several = zone.drop_nulls().n_unique().over(store_id) > 1
    if not _has_two_names(rows, "linked"):
        one = pl.when(several).then(linked).otherwise(zone)
        return rows.select(store_id, timezone_str=one)
    by_store = rows.lazy().drop_nulls("timezone_str").group_by("store_id")
    differ = by_store.agg(zone.unique().sort(), linked.n_unique()).filter(linked > 1)
    two = differ.drop("linked").sort("store_id").collect()
    raise UnknownTimeZoneError(
        "one store with two different zones",
        table="timezones",
        column="timezone_str",
        count=int(two["timezone_str"].list.len().sum()),
        values=two.head(SHOWN_VALUES).rows(),
        remedy="Keep one row per store.",
        code="two_zones",
    )
