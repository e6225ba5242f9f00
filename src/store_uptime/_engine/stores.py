"""Who is in the report, in which zone, and at which rank."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import polars as pl

from store_uptime._effort import run_as_written
from store_uptime._engine.id_lookup import IdLookup, look_up
from store_uptime._tables.read import Tables


@dataclass(frozen=True, slots=True)
class Stores:
    """Some of the stores, numbered.

    `table` has `store_id`, `has_zone` (whether `timezones` gives it one), `i` (the rank: 0, 1, 2
    ...) and `z` (the rank of the store's zone in `zones`), sorted by `i`. `hours` has the stores'
    weekly hours with `i` for `store_id`; `special`, `maintenance` and `maintenance_hours` have it
    too, null where a row is for every store.
    """

    table: pl.DataFrame
    hours: pl.DataFrame
    special: pl.DataFrame
    maintenance: pl.DataFrame
    maintenance_hours: pl.DataFrame
    zones: list[str]

    def __len__(self) -> int:
        return self.table.height

    @property
    def ids(self) -> pl.Series:
        """The ids in the order of the ranks."""
        return self.table["store_id"]

    @property
    def always_open(self) -> pl.DataFrame:
        """The `i` of the stores without weekly hours."""
        if self.hours["i"].n_unique() == len(self):
            return self.table["i"].clear().to_frame()
        return self.table.select("i").join(self.hours.select("i"), on="i", how="anti")

    def groups(self, size: int) -> Iterator[Stores]:
        """Cut into groups of at most `size` stores, each numbered from 0."""
        if len(self) <= size:
            yield self
            return
        for first in range(0, len(self), size):
            cut = partial(_of_ranks, first=first, size=size)
            yield Stores(
                cut(self.table),
                cut(self.hours),
                cut(self.special),
                cut(self.maintenance),
                cut(self.maintenance_hours),
                self.zones,
            )


def _of_ranks(rows: pl.DataFrame, *, first: int, size: int) -> pl.DataFrame:
    """Return the rows of `size` stores from rank `first` on, numbered from 0, and those of all."""
    rank = pl.col("i")
    own = rank.is_between(first, first + size - 1) | rank.is_null()
    return rows.filter(own).with_columns(rank - first)


def number_stores(
    tables: Tables, default_timezone: str, polls: int, others: Sequence[pl.Series] = ()
) -> tuple[Stores, IdLookup]:
    """Give every store its rank, in the order of the ids, and its zone.

    The stores are those of `hours`, `timezones` and `others`. So many `polls` are to be looked up.
    """
    rows = max(polls, tables.hours.height)
    zones = tables.zones_with(default_timezone)
    table = _rank(tables.timezones, others, zones, default_timezone)
    lookup = look_up(table["store_id"], rows)
    hours, strangers = lookup.find(tables.hours)
    if len(strangers):
        # Nearly always every store has a zone, so looking the hours up first costs less than
        # uniting the ids of both tables.
        table = _rank(tables.timezones, [*others, strangers], zones, default_timezone)
        lookup = look_up(table["store_id"], rows)
        hours, _ = lookup.find(tables.hours)
    stores = Stores(
        table,
        hours,
        _number_rows(tables.special, lookup),
        _number_rows(tables.maintenance, lookup),
        _number_rows(tables.maintenance_hours, lookup),
        zones,
    )
    return stores, lookup


def _rank(
    timezones: pl.DataFrame, others: Sequence[pl.Series], zones: list[str], default_timezone: str
) -> pl.DataFrame:
    """Return the stores of `timezones` and `others`, as the `table` of `Stores`."""
    zone = pl.col("zone")
    if timezones["store_id"].n_unique() < timezones.height:
        timezones = timezones.group_by("store_id").agg(zone.max())
    if others:
        timezones = pl.concat([timezones, *map(pl.DataFrame, others)], how="diagonal")
    # Sorting strings on several threads takes polars longer than on one.
    table = timezones.lazy().sort("store_id", multithreaded=False)
    known = zone.fill_null(default_timezone)
    return run_as_written(
        table.select(
            "store_id",
            has_zone=zone.is_not_null(),
            i=pl.int_range(pl.len(), dtype=pl.Int64),
            z=known.cast(pl.Enum(zones)).to_physical().cast(pl.Int64),
        )
    )


def _number_rows(rows: pl.DataFrame, lookup: IdLookup) -> pl.DataFrame:
    """Replace `store_id` by `i`; rows of no store that is known are left out."""
    if rows.is_empty():
        return _nothing_numbered(tuple(rows.columns))
    for_all = rows["store_id"].is_null()
    named, _ = lookup.find(rows.filter(~for_all) if for_all.any() else rows)
    if not for_all.any():
        return named
    shared = rows.filter(for_all).with_columns(i=pl.lit(None, pl.Int64))
    return pl.concat([named, shared.select(named.columns)])


# Most calls lack some tables, and a frame takes its time to be made.
@lru_cache(maxsize=10)
def _nothing_numbered(columns: tuple[str, ...]) -> pl.DataFrame:
    others = [name for name in columns if name != "store_id"]
    return pl.DataFrame(schema=dict.fromkeys(["i", *others], pl.Int64))
