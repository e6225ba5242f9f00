"""Who is in the report, in which zone, and where on the axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from store_uptime._engine.id_lookup import Directory
from store_uptime._tables.read import Tables


@dataclass(frozen=True, slots=True)
class Stores:
    """Some of the stores, numbered.

    `table` has `store_id`, `i` (0, 1, 2 ...) and `z` (the place of the store's zone in `zones`),
    sorted by `i`. `hours` has the stores' weekly hours with `i` and `z` for `store_id`; `special`
    and `maintenance` have `i`, null where a row is for every store.
    """

    table: pl.DataFrame
    hours: pl.DataFrame
    special: pl.DataFrame
    maintenance: pl.DataFrame
    zones: list[str]

    def __len__(self) -> int:
        return self.table.height

    @property
    def always_open(self) -> pl.DataFrame:
        """The `i` of the stores without weekly hours."""
        return self.table.select("i").join(self.hours.select("i"), on="i", how="anti")

    def batches(self, size: int) -> Iterator[Stores]:
        """Cut into groups of at most `size` stores, each numbered from 0."""
        if len(self) <= size:
            yield self
            return
        place = pl.col("i")
        for first in range(0, len(self), size):
            own = place.is_between(first, first + size - 1) | place.is_null()
            table, hours, special, maintenance = (
                rows.filter(own).with_columns(place - first)
                for rows in (self.table, self.hours, self.special, self.maintenance)
            )
            yield Stores(table, hours, special, maintenance, self.zones)


def number_stores(
    tables: Tables, default_timezone: str, others: Sequence[pl.Series] = ()
) -> tuple[Stores, Directory]:
    """Give every store its place on the axis, in the order of the ids, and its zone.

    The stores are those of `hours`, `timezones` and `others`.
    """
    zone = pl.col("zone")
    named = tables.timezones
    if named["store_id"].n_unique() < named.height:
        named = named.group_by("store_id").agg(zone.max())
    named = pl.concat([named, *map(pl.DataFrame, others)], how="diagonal")
    # Sorting strings on several threads takes polars longer than on one.
    named = named.sort("store_id", multithreaded=False)
    named = named.with_columns(zone.fill_null(default_timezone))
    directory = Directory(named["store_id"])
    hours, strangers = directory.find(tables.hours)
    if len(strangers):
        return number_stores(tables, default_timezone, [*others, strangers])
    zones = named["zone"].unique().sort().to_list()
    z = named.select(z=zone.cast(pl.Enum(zones)).to_physical().cast(pl.Int64))
    stores = Stores(
        named.select("store_id", i=pl.int_range(pl.len(), dtype=pl.Int64)).hstack(z),
        hours.select("i", pl.lit(z["z"]).gather(pl.col("i")).alias("z"), "day", "start", "end"),
        _number_rows(tables.special, directory),
        _number_rows(tables.maintenance, directory),
        zones,
    )
    return stores, directory


def _number_rows(rows: pl.DataFrame, directory: Directory) -> pl.DataFrame:
    """Replace `store_id` by `i`; rows of no store that is known are left out."""
    shared = rows.filter(pl.col("store_id").is_null()).with_columns(i=pl.lit(None, pl.Int64))
    named, _ = directory.find(rows.drop_nulls("store_id"))
    return pl.concat([named, shared.select(named.columns)])
