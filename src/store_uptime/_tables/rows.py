"""Tables that are small, so all but the polls: read whole and checked."""

from __future__ import annotations

import polars as pl

from store_uptime._tables.contract import Column, Table
from store_uptime._tables.given import Source
from store_uptime._tables.ids import refuse_foreign_ids, refuse_ids
from store_uptime._tables.values import value_of


def read_rows(source: Source, table: Table, id_dtype: pl.DataType) -> pl.DataFrame:
    """Return the rows of a table, by the names of its columns, with the values of `value_of`.

    Raises
    ------
    SchemaError
        A column is missing or of a type that is not accepted; an id that `id_dtype` cannot hold.
    table.error
        A value or a row that is not as the contract has it.
    """
    found = {column.name: source.column(*column.names) for column in table.columns}
    source = source.collected(*found.values())
    store_id, *others = table.columns
    values = {each.name: value_of(source, found[each.name], each.kind) for each in others}
    _refuse_bad_ids(source, table, store_id, id_dtype)
    rows = source.rows.select(pl.col("store_id").cast(id_dtype), **values).collect()
    for column in others:
        # A query for each column takes its time, so it is first asked whether there is need to.
        if rows[column.name].null_count():
            bad, raw = values[column.name].is_null(), found[column.name]
            if column.nullable:
                bad &= pl.col(raw).is_not_null()
            source.refuse_rows(table.error, raw, column.fault, bad, column.kind.remedy)
    _refuse_bad_rows(source, table, rows, found)
    return rows


def empty_rows(table: Table, id_dtype: pl.DataType) -> pl.DataFrame:
    """Return no rows, for a table that is not there."""
    schema = dict.fromkeys((column.name for column in table.columns), pl.Int64())
    return pl.DataFrame(schema={**schema, "store_id": id_dtype})


def _refuse_bad_ids(source: Source, table: Table, column: Column, id_dtype: pl.DataType) -> None:
    if column.nullable:
        refuse_foreign_ids(source, id_dtype)
    else:
        refuse_ids(source, table.error, id_dtype)


def _refuse_bad_rows(
    source: Source, table: Table, rows: pl.DataFrame, found: dict[str, str]
) -> None:
    for check in table.checks:
        bad = rows.select(check.is_bad.fill_null(value=False)).to_series()
        if bad.any():
            source.refuse_rows(
                table.error, found[check.column], check.fault, pl.lit(bad), check.remedy
            )
