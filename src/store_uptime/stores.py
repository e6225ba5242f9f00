"""Who is in the report, in which zone, and where on the axis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from store_uptime.schema import Tables


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


def named_ids(tables: Tables) -> pl.DataFrame:
    """Return the `store_id` of every store that `hours` or `timezones` names."""
    columns = [table["store_id"].unique() for table in (tables.hours, tables.timezones)]
    return pl.concat(columns).unique().to_frame()


def missing_ids(polled: pl.LazyFrame, ids: pl.DataFrame) -> pl.DataFrame:
    """Return the `store_id`, once each, of `polled` that are not among `ids`."""
    numbered = ids.with_row_index("i")
    strangers = find_stores(polled, numbered, every=True)
    strangers = strangers.filter(pl.col("i").is_null()).select("store_id").unique()
    return strangers.join(ids.lazy(), on="store_id", how="anti").collect(engine="streaming")


def find_stores(rows: pl.LazyFrame, stores: pl.DataFrame, *, every: bool) -> pl.LazyFrame:
    """Append the `i` of the store to each row.

    A row of a store that is not among `stores` gets a null where `every` row is wanted, and is
    left out otherwise. (Where two strings of `stores` have one hash, a row of theirs may come
    twice when `every` is wanted: once with its `i`, once with a null.)
    """
    if stores.schema["store_id"] != pl.String:
        return rows.join(stores.lazy(), on="store_id", how="left" if every else "inner")
    # Joining on a hash and comparing what was found is as exact, and costs half of joining on
    # strings: only numbers go through the join.
    code = pl.col("store_id").hash().alias("code")
    known = stores.with_row_index("at").lazy().select(code, "i", "at")
    joined = rows.with_columns(code).join(known, on="code", how="left" if every else "inner")
    found = pl.lit(stores["store_id"]).gather(pl.col("at"))
    same = found == pl.col("store_id")
    if every:
        return joined.with_columns(pl.when(same).then(pl.col("i")))
    return joined.filter(same)


def guess_store(ids: pl.Expr, known: pl.Series) -> pl.Expr:
    """Return where in `known` each of `ids` is if it is there and no other takes its slot."""
    # With sixteen to thirty-two slots a store, one store in thirty or so shares its slot.
    slots = 1 << (16 * max(len(known), 1)).bit_length()

    def slot(text: pl.Expr) -> pl.Expr:
        return (text.hash() & (slots - 1)).cast(pl.UInt32)

    taken = pl.DataFrame(known).select(slot=slot(pl.col(known.name)), at=pl.int_range(pl.len()))
    table = pl.repeat(0, slots, dtype=pl.UInt32, eager=True)
    table = table.scatter(taken["slot"], taken["at"].cast(pl.UInt32))
    return pl.lit(table).gather(slot(ids))


def number_stores(ids: pl.DataFrame, tables: Tables, default_timezone: str) -> Stores:
    """Give every store its place on the axis, in the order of the ids, and its zone."""
    zone = pl.col("zone")
    named = tables.timezones.drop_nulls("zone").unique("store_id")
    joined = ids.join(named, on="store_id", how="left").sort("store_id")
    joined = joined.with_columns(zone.fill_null(default_timezone))
    table = joined.select(
        "store_id",
        i=pl.int_range(pl.len(), dtype=pl.Int64),
        z=zone.rank("dense").cast(pl.Int64) - 1,
    )
    zones = joined["zone"].unique().sort().to_list()
    zone_of = pl.lit(table["z"]).gather(pl.col("i")).alias("z")
    numbered = table.drop("z")
    hours = find_stores(tables.hours.lazy(), numbered, every=False)
    hours = hours.select("i", zone_of, "day", "start", "end")
    return Stores(
        table,
        hours.collect(engine="streaming"),
        _number_rows(tables.special, numbered),
        _number_rows(tables.maintenance, numbered),
        zones,
    )


def _number_rows(rows: pl.DataFrame, stores: pl.DataFrame) -> pl.DataFrame:
    """Replace `store_id` by `i`; rows of no store that is known are left out."""
    unnamed = pl.col("store_id").is_null()
    columns = ["i", *rows.drop("store_id").columns]
    named = find_stores(rows.lazy().filter(~unnamed), stores, every=False).select(columns)
    shared = rows.lazy().filter(unnamed).select(pl.lit(None, pl.Int64).alias("i"), *columns[1:])
    return pl.concat([named, shared]).collect(engine="streaming")
