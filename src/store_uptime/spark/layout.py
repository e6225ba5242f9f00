"""How all tables travel as one: flat columns, which the tables share where their types are equal.

A row has its store's id as `key`, the number of its table as `kind`, and its values in `v0`, `v1`
and so on. Structs, one for each table, would be simpler, but cost Spark as much as all the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import polars as pl

from store_uptime.spark.tables import quoted

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the values of each table travel.

    Attributes
    ----------
    places
        By table, in the order of their numbers: the columns beside the id, and where they travel.
    types
        The types of `v0`, `v1` and so on, as Spark writes them.
    id_dtypes
        By table, the type that its ids have when they arrive.
    key_type
        The type of `key`, as Spark writes it.
    """

    places: Mapping[str, Mapping[str, str]]
    types: Sequence[str]
    id_dtypes: Mapping[str, pl.DataType]
    key_type: str

    def rows(self, table: str, frame: DataFrame) -> DataFrame:
        """Return the rows of a table as they travel."""
        columns = {place: column for column, place in self.places[table].items()}
        values = (
            f"{quoted(columns[place])} AS {place}"
            if place in columns
            else f"CAST(NULL AS {type_}) AS {place}"
            for place, type_ in _named_places(self.types)
        )
        kind = list(self.places).index(table)
        return frame.selectExpr(
            f"CAST(store_id AS {self.key_type}) AS key", f"CAST({kind} AS TINYINT) AS kind", *values
        )

    def tables(self, travelled: pa.Table) -> dict[str, pl.DataFrame]:
        """Return the tables by name, some of them without rows."""
        rows = in_polars(travelled)
        return {
            table: rows.filter(pl.col("kind") == kind).select(
                pl.col("key").cast(self.id_dtypes[table]).alias("store_id"),
                **{column: pl.col(place) for column, place in places.items()},
            )
            for kind, (table, places) in enumerate(self.places.items())
        }


def lay_out(
    frames: Mapping[str, DataFrame], id_dtypes: Mapping[str, pl.DataType], key_type: str
) -> Layout:
    """Return a layout for the tables of these names."""
    slots: dict[tuple[str, int], str] = {}
    places: dict[str, dict[str, str]] = {}
    for table, frame in frames.items():
        seen: Counter[str] = Counter()
        places[table] = {}
        for column in frame.schema:
            if column.name != "store_id":
                type_ = column.dataType.simpleString()
                slot = type_, seen[type_]
                seen[type_] += 1
                places[table][column.name] = slots.setdefault(slot, f"v{len(slots)}")
    return Layout(places, [type_ for type_, _ in slots], id_dtypes, key_type)


def _named_places(types: Sequence[str]) -> Iterable[tuple[str, str]]:
    return ((f"v{number}", type_) for number, type_ in enumerate(types))


def stacked(frames: Iterable[DataFrame]) -> DataFrame:
    """Return the rows of all frames, whose columns stand in the same order."""
    return reduce(lambda a, b: a.union(b), frames)


def in_polars(table: pa.Table) -> pl.DataFrame:
    """Return the rows of a Spark frame as a frame of polars."""
    import pyarrow as pa  # noqa: PLC0415  # of an extra

    # Instants carry the session's time zone, by a name that polars need not know.
    fields: list[Any] = [
        each.with_type(pa.timestamp(each.type.unit, "UTC"))
        if pa.types.is_timestamp(each.type) and each.type.tz
        else each
        for each in table.schema
    ]
    return pl.DataFrame(table.cast(pa.schema(fields)))
