"""One input as it came, and what every table is checked for: columns, types, ids."""

from __future__ import annotations

from typing import Any, NoReturn

import polars as pl

from store_uptime.errors import (
    SHOWN_VALUES,
    MissingDependencyError,
    SchemaError,
    StoreUptimeError,
)

_ID_REMEDY = (
    "Read ids as integers or strings from the start: a float keeps only 15 to 17 of their digits."
)


class Source:
    """One input as it came: its rows, its schema, its name in messages."""

    def __init__(self, rows: Any, table: str) -> None:
        self.table = table
        frame = _as_frame(rows, table)
        self.eager = isinstance(frame, pl.DataFrame)
        self.rows = frame.lazy()
        try:
            self.schema = self.rows.collect_schema()
        except pl.exceptions.PolarsError as error:
            raise SchemaError(f"the lazy frame cannot be read: {error}", table=table) from error

    def filtered(self, kept: pl.Expr) -> Source:
        """Return the source with the rows for which `kept` holds, as lazy as it is."""
        return Source(self.rows.filter(kept), self.table)

    def collected(self, *columns: str) -> Source:
        """Return the source with just these columns, in memory: small tables are checked often."""
        for column in columns:
            self.column(column)
        return Source(self.rows.select(columns).collect(), self.table)

    def column(self, *names: str) -> str:
        """Return the first of `names` that the table has."""
        for name in names:
            if name in self.schema:
                return name
        present = ", ".join(self.schema) or "none"
        raise SchemaError(
            "no such column",
            table=self.table,
            column=names[0],
            remedy=f"The columns are: {present}. Rename the one that holds it to {names[0]!r}.",
        )

    def dtype(self, column: str) -> pl.DataType:
        """Return the type of a column that is there."""
        return self.schema[column]

    def refuse_type(self, column: str, accepted: str) -> NoReturn:
        """Raise `SchemaError`, with the types that are accepted."""
        dtype = self.schema[column]
        raise SchemaError(
            f"type {dtype} is not accepted",
            table=self.table,
            column=column,
            remedy=f"Accepted: {accepted}.",
        )

    def refuse_rows(
        self, error: type[StoreUptimeError], column: str, problem: str, bad: pl.Expr, remedy: str
    ) -> None:
        """Raise `error` if `bad` holds for any row."""
        shown = pl.col(column)
        if self.schema[column].is_temporal():
            # Polars panics when it turns an instant beyond its calendar into a Python object.
            shown = shown.to_physical()
        rows = self.rows.filter(bad)
        count = rows.select(pl.len()).collect().item()
        if count:
            values = rows.select(shown).head(SHOWN_VALUES).collect().to_series().to_list()
            raise error(
                problem, table=self.table, column=column, count=count, values=values, remedy=remedy
            )


def _as_frame(rows: Any, table: str) -> pl.DataFrame | pl.LazyFrame:
    if isinstance(rows, (pl.DataFrame, pl.LazyFrame)):
        return rows
    if not hasattr(rows, "__arrow_c_stream__"):
        raise SchemaError(
            f"a {type(rows).__name__} is not a table",
            table=table,
            remedy="Give a polars frame, or an object with __arrow_c_stream__ "
            "(pandas, pyarrow, DuckDB).",
        )
    try:
        return pl.DataFrame(rows)
    except ImportError as error:
        raise MissingDependencyError(
            f"a {type(rows).__name__} needs another package to be read: {error}",
            table=table,
            remedy="Install it: pip install 'store-uptime[pandas]'.",
        ) from error
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        raise SchemaError(f"cannot be read as a table: {error}", table=table) from error


def is_text(dtype: pl.DataType) -> bool:
    """Return whether a column of this type holds words, however they are stored."""
    return dtype == pl.String or isinstance(dtype, (pl.Categorical, pl.Enum))


# --- ids ----------------------------------------------------------------------------------------


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
    source.refuse_type("store_id", "integers and strings")


def refuse_ids(source: Source, error: type[StoreUptimeError], id_dtype: pl.DataType) -> None:
    """Raise `error` for null ids, `SchemaError` for ids that `id_dtype` cannot hold."""
    remedy = "Remove the rows or give them an id."
    source.refuse_rows(error, "store_id", "null id", pl.col("store_id").is_null(), remedy)
    refuse_foreign_ids(source, id_dtype)


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
