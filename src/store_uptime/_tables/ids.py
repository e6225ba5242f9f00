"""Ids of stores: of one type in all tables, and never floats."""

from __future__ import annotations

import polars as pl

from store_uptime._tables.contract import ID
from store_uptime._tables.given import Source, is_text
from store_uptime.errors import SchemaError, StoreUptimeError

_ID_REMEDY = (
    "Read ids as integers or strings from the start: a float keeps only 15 to 17 of their digits."
)


def common_id_dtype(sources: dict[str, Source]) -> pl.DataType:
    """Return the type of all ids: that of `status`, unless it is empty and untyped."""
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
            )
    return typed[first]


def _id_dtype(source: Source) -> pl.DataType:
    dtype = source.dtype(source.column("store_id"))
    if dtype.is_integer() or dtype == pl.Null:
        return dtype
    if is_text(dtype):
        return pl.String()
    if dtype.is_float():
        raise SchemaError(
            f"ids are floats ({dtype})",
            table=source.table,
            column="store_id",
            remedy=_ID_REMEDY,
        )
    source.refuse_type("store_id", ID.accepted)


def refuse_ids(source: Source, error: type[StoreUptimeError], id_dtype: pl.DataType) -> None:
    """Raise `error` for null ids, `SchemaError` for ids that `id_dtype` cannot hold."""
    refuse_null_ids(source, error)
    refuse_foreign_ids(source, id_dtype)


def refuse_null_ids(source: Source, error: type[StoreUptimeError]) -> None:
    """Raise `error` for null ids."""
    null = pl.col("store_id").is_null()
    source.refuse_rows(error, "store_id", ID.null_fault, null, ID.remedy)


def refuse_foreign_ids(source: Source, id_dtype: pl.DataType) -> None:
    """Raise `SchemaError` for ids that `id_dtype` cannot hold."""
    raw = pl.col("store_id")
    if source.dtype("store_id").is_integer() and source.dtype("store_id") != id_dtype:
        remedy = "Cast status.store_id to a type that holds every id."
        source.refuse_rows(
            SchemaError,
            "store_id",
            f"id outside {id_dtype}, the type of the ids in status",
            raw.is_not_null() & raw.cast(id_dtype, strict=False).is_null(),
            remedy,
        )
