"""Tables that are small, so all but the polls: read whole and checked."""

from __future__ import annotations

import polars as pl

from store_uptime._tables.contract import INSTANT, WEEKDAY, ZONE, Column, Table
from store_uptime._tables.given import Source
from store_uptime._tables.ids import refuse_foreign_ids, refuse_ids
from store_uptime._tables.values import refuse_outside_years, value_of
from store_uptime._tables.weekdays import WeekdayCheck, weekday_number
from store_uptime._time.units import FIRST_INSTANT, LAST_INSTANT


def read_rows(source: Source, table: Table, id_dtype: pl.DataType) -> pl.DataFrame:
    """Return the rows of a table, by the names of its columns, with the values of `value_of`.

    Optional columns that are not there are null.

    Raises
    ------
    SchemaError
        A column is missing or of a type that is not accepted; an id that `id_dtype` cannot hold.
    table.error
        A value or a row that is not as the contract has it.
    """
    found = source.columns(table)
    source = source.collected(*found.values())
    store_id, *others = table.columns
    values = {
        each.name: value_of(source, found[each.name], each.kind)
        if each.name in found
        else pl.lit(None, _value_dtype(each))
        for each in others
    }
    _refuse_bad_ids(source, table, store_id, id_dtype)
    ids = pl.col(source.id_column).cast(id_dtype).alias("store_id")
    rows = source.collect(source.rows.select(ids, **values))
    for column in others:
        if column.name not in found:
            continue
        raw, value = found[column.name], values[column.name]
        if column.kind == INSTANT and not _within_years(rows[column.name]):
            refuse_outside_years(source, table.error, raw, value)
        # A query for each column takes its time, so it is first asked whether there is need to.
        if rows[column.name].null_count():
            if column.kind == WEEKDAY:
                _refuse_other_numbering(source, raw)
            _refuse_bad_values(source, table, column, raw, value)
    _refuse_bad_rows(source, table, rows, found)
    return rows


def empty_rows(table: Table, id_dtype: pl.DataType) -> pl.DataFrame:
    """Return no rows, for a table that is not there."""
    types = {column.name: _value_dtype(column) for column in table.columns}
    return pl.DataFrame(schema={**types, "store_id": id_dtype})


def _value_dtype(column: Column) -> pl.DataType:
    return pl.String() if column.kind == ZONE else pl.Int64()


def _refuse_bad_ids(source: Source, table: Table, column: Column, id_dtype: pl.DataType) -> None:
    if column.nullable:
        refuse_foreign_ids(source, id_dtype)
    else:
        refuse_ids(source, table.error, id_dtype)


def _within_years(instants: pl.Series) -> bool:
    return not ((instants < FIRST_INSTANT) | (instants > LAST_INSTANT)).any()


def _refuse_other_numbering(source: Source, column: str) -> None:
    number = weekday_number(pl.col(column), source.dtype(column))
    if number is not None:  # a column without any type has no numbers either
        check = WeekdayCheck()
        check.look_at(source.collect(source.rows.select(number)).to_series())
        check.refuse(source.table, column)


def _refuse_bad_values(
    source: Source, table: Table, column: Column, raw: str, value: pl.Expr
) -> None:
    bad = value.is_null()
    if column.nullable:
        bad &= pl.col(raw).is_not_null()
    if source.dtype(raw) == pl.String:
        for mistake in column.kind.mistakes:
            made = bad & pl.col(raw).str.contains(mistake.form)
            source.refuse_rows(
                table.error, raw, mistake.fault, made, mistake.remedy, code=mistake.code
            )
    kind = column.kind
    source.refuse_rows(table.error, raw, column.fault, bad, kind.remedy, code=kind.code)


def _refuse_bad_rows(
    source: Source, table: Table, rows: pl.DataFrame, found: dict[str, str]
) -> None:
    checks = [check for check in table.checks if check.column in found]
    if not checks:
        return
    each = rows.select(check.is_bad.alias(str(number)) for number, check in enumerate(checks))
    for check, bad in zip(checks, each, strict=True):
        if bad.any():
            source.refuse_rows(
                table.error,
                found[check.column],
                check.fault,
                pl.lit(bad),
                check.remedy,
                code=check.code,
            )
