"""Ids of stores: of one type in all tables, and never floats."""

from __future__ import annotations

from uuid import UUID

import polars as pl

from store_uptime._tables.contract import ID
from store_uptime._tables.given import Source, is_text
from store_uptime.errors import SchemaError, StoreUptimeError

_ID_REMEDY = (
    "Read ids as integers or strings from the start: a float keeps only 15 to 17 of their digits."
)
_PANDAS_REMEDY = (
    "In pandas give dtype={'store_id': 'Int64'} or 'string' where the table is read, "
    "and drop the rows without an id."
)
# The most digits that always fit into Int64.
_INT64_DIGITS = 18


def with_text_ids(source: Source) -> Source:
    """Return the source with ids that are UUIDs of Python as strings."""
    column = source.id_column
    if not source.eager or source.dtype(column) != pl.Object:
        return source
    ids = source.collect(source.rows.select(column)).to_series().to_list()
    if not all(each is None or isinstance(each, UUID) for each in ids):
        return source
    texts = pl.Series(column, [each and str(each) for each in ids], pl.String)
    return Source(source.collect(source.rows.with_columns(texts)), source.table)


def common_id_dtype(sources: dict[str, Source]) -> pl.DataType:
    """Return the type of all ids: that of `status`, unless it is empty and untyped.

    Decimals without places are integers: Int64 if all ids of the table fit into it, else Int128.
    """
    dtypes = {name: _id_dtype(source) for name, source in sources.items()}
    typed = {name: dtype for name, dtype in dtypes.items() if dtype != pl.Null}
    if not typed:
        return pl.Int64()
    first = next(iter(typed))
    for name, dtype in typed.items():
        if dtype.is_integer() != typed[first].is_integer():
            raise SchemaError(
                f"ids are {dtype} here but {typed[first]} in {first}",
                table=name,
                column="store_id",
                remedy="Give store_id the same kind, integer or string, in all tables.",
                code="mixed_ids",
            )
    return _fitting(sources[first]) if typed[first] == pl.Int128 else typed[first]


def _id_dtype(source: Source) -> pl.DataType:
    dtype = source.dtype(source.id_column)
    if dtype.is_integer() or dtype == pl.Null:
        return dtype
    if isinstance(dtype, pl.Decimal) and not dtype.scale:
        return pl.Int64() if dtype.precision <= _INT64_DIGITS else pl.Int128()
    if is_text(dtype):
        return pl.String()
    if dtype.is_float():
        raise SchemaError(
            f"ids are floats ({dtype}){_trace_of_pandas(source)}",
            table=source.table,
            column=source.id_column,
            remedy=f"{_ID_REMEDY} {_PANDAS_REMEDY}",
            code="float_ids",
        )
    source.refuse_type(source.id_column, ID.accepted)


def _fitting(source: Source) -> pl.DataType:
    """Return the type of ids of up to 38 digits: Int128 only where Int64 does not hold them."""
    if source.dtype(source.id_column) == pl.Int128:
        return pl.Int128()
    raw = pl.col(source.id_column)
    too_large = raw.is_not_null() & raw.cast(pl.Int64, strict=False).is_null()
    any_is = source.collect(source.rows.select(too_large.any())).item()
    return pl.Int128() if any_is else pl.Int64()


def _trace_of_pandas(source: Source) -> str:
    """Return what to say of float ids that show by a missing one where they come from."""
    raw = pl.col(source.id_column)
    missing = source.collect(source.rows.select((raw.is_null() | raw.is_nan()).any())).item()
    return ", some of them missing: pandas makes floats of such integers" if missing else ""


def refuse_ids(source: Source, error: type[StoreUptimeError], id_dtype: pl.DataType) -> None:
    """Raise `error` for null ids, `SchemaError` for ids that `id_dtype` cannot hold."""
    refuse_null_ids(source, error)
    refuse_foreign_ids(source, id_dtype)


def refuse_null_ids(source: Source, error: type[StoreUptimeError]) -> None:
    """Raise `error` for null ids."""
    if source.frame is not None and not source.frame[source.id_column].null_count():
        return
    null = pl.col(source.id_column).is_null()
    source.refuse_rows(error, source.id_column, ID.null_fault, null, ID.remedy, code=ID.code)


def refuse_foreign_ids(source: Source, id_dtype: pl.DataType, of: str = "status") -> None:
    """Raise `SchemaError` for ids that `id_dtype`, the type `of` a table, cannot hold."""
    column = source.id_column
    raw, dtype = pl.col(column), source.dtype(column)
    if id_dtype.is_integer() and dtype not in (id_dtype, pl.Null):
        if source.frame is not None and _all_fit(source.frame[column], id_dtype):
            return
        remedy = f"Cast {of}.store_id to a type that holds every id."
        source.refuse_rows(
            SchemaError,
            column,
            f"id outside {id_dtype}, the type of the ids in {of}",
            raw.is_not_null() & raw.cast(id_dtype, strict=False).is_null(),
            remedy,
            code="number_out_of_range",
        )


def _all_fit(ids: pl.Series, id_dtype: pl.DataType) -> bool:
    return ids.cast(id_dtype, strict=False).null_count() == ids.null_count()
