"""Checked tables as the loaders return them."""

from __future__ import annotations

import polars as pl

from store_uptime._tables.contract import DATE, TABLES, Column, Table


def as_loaded(rows: pl.DataFrame, table: str, source: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return a checked table with the names and types that its columns have in `Inputs`.

    Of the optional columns it has those of the table that it comes from.
    """
    present = [] if source is None else source.columns
    columns = TABLES[table].columns
    rows = rows.rename(dict(zip(rows.columns, (each.name for each in columns), strict=True)))
    kept = [each for each in columns if not each.optional or each.name in present]
    return rows.select(_loaded(each) for each in kept)


def _loaded(column: Column) -> pl.Expr:
    value, dtype = pl.col(column.name), column.kind.loaded
    if column.kind == DATE:
        value = value.cast(pl.Datetime("us"))
    return value if dtype is None else value.cast(dtype)


def no_rows(table: Table, id_dtype: pl.DataType) -> pl.DataFrame:
    """Return a table without rows, with the columns that it must have in `Inputs`."""
    must = [column for column in table.columns if not column.optional]
    return pl.DataFrame(schema={column.name: column.kind.loaded or id_dtype for column in must})
