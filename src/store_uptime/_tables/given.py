"""One input as it came, and what every table is checked for: columns, types, rows."""

from __future__ import annotations

from typing import Any, NoReturn

import polars as pl

from store_uptime.errors import (
    SHOWN_VALUES,
    MissingDependencyError,
    SchemaError,
    StoreUptimeError,
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
