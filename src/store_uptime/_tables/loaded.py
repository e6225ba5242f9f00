"""Checked tables as the loaders return them."""

from __future__ import annotations

import polars as pl

from store_uptime._tables.contract import TABLES, Table


def as_loaded(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    """Return a checked table with the names and types that its columns have in `Inputs`."""
    types = {column.name: column.kind.loaded for column in TABLES[table].columns}
    rows = rows.rename(dict(zip(rows.columns, types, strict=True)))
    return rows.cast({name: dtype for name, dtype in types.items() if dtype is not None})


def no_rows(table: Table, id_dtype: pl.DataType) -> pl.DataFrame:
    """Return a table without rows, with the columns that it has in `Inputs`."""
    return pl.DataFrame(
        schema={column.name: column.kind.loaded or id_dtype for column in table.columns}
    )
