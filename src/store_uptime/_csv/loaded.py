"""What was read of a table: its good rows, and those that were refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from store_uptime._tables.contract import Table
from store_uptime._tables.loaded import no_rows
from store_uptime.errors import SHOWN_VALUES
from store_uptime.inputs import REJECTED_SCHEMA


@dataclass(slots=True)
class Load:
    """The rows of one file, or of several: the good ones and the refused ones, in parts.

    Attributes
    ----------
    file
        The file, as it stands in messages.
    good, refused
        The rows; of the refused ones perhaps the first ones only.
    count, count_refused
        How many rows there were, and how many were refused.
    """

    file: str = ""
    good: list[pl.DataFrame] = field(default_factory=list)
    refused: list[pl.DataFrame] = field(default_factory=list)
    count: int = 0
    count_refused: int = 0

    def refuse(self, rows: pl.DataFrame, *, keep_all: bool) -> None:
        """Take the next refused rows."""
        self.count_refused += rows.height
        named = rows.with_columns(file=pl.lit(self.file))
        self.refused.append(named if keep_all else named.head(SHOWN_VALUES))

    @property
    def has_integer_ids(self) -> bool:
        return all(part.schema["store_id"] == pl.Int64 for part in self.good)

    def frame(self, table: Table, id_dtype: pl.DataType) -> pl.DataFrame:
        """Return the good rows, with the columns of the table also where there are none."""
        parts = [part.with_columns(pl.col("store_id").cast(id_dtype)) for part in self.good]
        return pl.concat(parts or [no_rows(table, id_dtype)], rechunk=True)

    def rejected(self, table: str) -> pl.DataFrame:
        """Return the refused rows as `Inputs.rejected` has them."""
        named = (part.with_columns(table=pl.lit(table)) for part in self.refused)
        rows = (part.select(list(REJECTED_SCHEMA)) for part in named)
        return pl.concat([REJECTED_SCHEMA.to_frame(), *rows])

    def without(self, stores: list[str]) -> Load:
        """Return the load without the good rows of these stores, which are texts."""
        is_out = pl.col("store_id").cast(pl.String).is_in(stores)
        rows = (part.filter(~is_out.fill_null(value=False)) for part in self.good)
        good = [_with_number(part) for part in rows]
        return Load(self.file, good, self.refused, self.count, self.count_refused)


def joined(loads: Iterable[Load]) -> Load:
    """Return several files of one table as one load."""
    whole = Load()
    for load in loads:
        whole.good += load.good
        whole.refused += load.refused
        whole.count += load.count
        whole.count_refused += load.count_refused
    return whole


def with_integer_ids(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with their `number` as id if that changes nothing about how it is written."""
    number = rows["number"]
    is_same = rows["store_id"].eq_missing(number.cast(pl.String))
    return rows.with_columns(store_id=number) if is_same.all() else rows


def _with_number(rows: pl.DataFrame) -> pl.DataFrame:
    if rows.schema["store_id"] == pl.Int64:
        return rows
    number = pl.col("store_id").cast(pl.Int64, strict=False)
    return with_integer_ids(rows.with_columns(number=number)).drop("number")
