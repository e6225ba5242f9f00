"""One input as it came, and what every table is checked for: columns, types, rows."""

from __future__ import annotations

import os
from typing import NoReturn

import polars as pl

from store_uptime._effort import run
from store_uptime._tables.contract import TABLES, Table
from store_uptime._tables.names import matching, no_such_column
from store_uptime._tables.reading import reading_rows
from store_uptime._tables.streams import read_stream
from store_uptime._time.units import DAY, FIRST_INSTANT, LAST_INSTANT
from store_uptime.errors import SHOWN_VALUES, SchemaError, StoreUptimeError, listed

_GIVE_A_TABLE = (
    "Give a polars frame, or an object with __arrow_c_stream__ (pandas, pyarrow, DuckDB)."
)
_TICKS_A_DAY = {None: 1, "ms": DAY // 1000, "us": DAY, "ns": DAY * 1000}
# A day in from the ends of the calendar: a zone may lead out of it.
_TELLABLE_DAYS = (FIRST_INSTANT // DAY + 1, LAST_INSTANT // DAY - 1)
_IN_ANY_CASE = (*TABLES, "timeline")  # what databases keep, with names in their own case
_LOAD_FIRST = "Load files first, by load_csv or load_parquet, and give what these return."


class Source:
    """One input as it came: its rows, its schema, its name in messages.

    `frame` has the rows where they are in memory. Of a table of the contract that is an Arrow
    stream, it has the columns that the table may need; `names` are those of all.
    """

    def __init__(self, rows: object, table: str) -> None:
        self.table = table
        self.frame: pl.DataFrame | None = None
        if isinstance(rows, pl.DataFrame):
            self.frame, self.rows, self.schema = rows, rows.lazy(), rows.schema
            self.names = rows.columns
        elif isinstance(rows, pl.LazyFrame):
            self.rows = rows
            with reading_rows(table, "the lazy frame cannot be read"):
                self.schema = self.rows.collect_schema()
            self.names = self.schema.names()
        elif hasattr(rows, "__arrow_c_stream__"):
            with reading_rows(table, "cannot be read as a table"):
                self.frame, self.names = read_stream(rows, table)
            self.rows, self.schema = self.frame.lazy(), self.frame.schema
        else:
            raise SchemaError(
                f"a {type(rows).__name__} is not a table",
                table=table,
                remedy=_LOAD_FIRST if isinstance(rows, (str, os.PathLike)) else _GIVE_A_TABLE,
                code="not_a_table",
            )

    def filtered(self, kept: pl.Expr) -> Source:
        """Return the source with the rows for which `kept` holds, as lazy as it is."""
        return Source(self.rows.filter(kept), self.table)

    def collected(self, *columns: str) -> Source:
        """Return the source with just these columns, in memory: small tables are checked often."""
        if self.frame is None:
            frame = self.collect(self.rows.select(columns))
        else:
            frame = pl.DataFrame([self.frame[column] for column in columns])
        # In one chunk, because polars 2.0 panics at the groups of a pattern in texts of several.
        return Source(frame.rechunk(), self.table)

    def collect(self, query: pl.LazyFrame) -> pl.DataFrame:
        """Return what a query of the rows gives."""
        with reading_rows(self.table):
            if self.frame is None:
                return query.collect(engine="streaming")
            return run(query, self.frame.height)

    @property
    def eager(self) -> bool:
        """Whether the rows are in memory."""
        return self.frame is not None

    @property
    def id_column(self) -> str:
        """The column of the ids."""
        return self.column("store_id")

    def column(self, *names: str) -> str:
        """Return the column that `names` mean: the first that is there, else one in another case.

        The columns of a result that comes back, such as a report, are found to the letter.

        Raises
        ------
        SchemaError
            There is none, or there are several that differ from `names` in case.
        """
        found = matching(names, self.names, to_the_letter=self.table not in _IN_ANY_CASE)
        if len(found) == 1:
            return found[0]
        if found:
            raise SchemaError(
                f"several columns that differ only in case: {listed(found)}",
                table=self.table,
                column=names[0],
                remedy=f"Rename the one that holds it to {names[0]!r}.",
                code="ambiguous_column",
            )
        raise SchemaError(
            no_such_column(self.table, self.names),
            table=self.table,
            column=names[0],
            remedy=f"The columns are: {listed(self.names)}. "
            f"Rename the one that holds it to {names[0]!r}.",
            code="missing_column",
        )

    def columns(self, table: Table) -> dict[str, str]:
        """Return the columns of a table that are there, by its own names for them.

        Raises
        ------
        SchemaError
            As `column`, but for optional columns that are not there.
        """
        return {
            column.name: self.column(*column.names)
            for column in table.columns
            if not column.optional or matching(column.names, self.names)
        }

    def dtype(self, column: str) -> pl.DataType:
        """Return the type of a column that is there."""
        return self.schema[column]

    def refuse_type(self, column: str, accepted: str, advice: str = "") -> NoReturn:
        """Raise `SchemaError`, with the types that are accepted, and what else helps."""
        raise SchemaError(
            f"type {type_name(self.schema[column])} is not accepted",
            table=self.table,
            column=column,
            remedy=f"Accepted: {accepted}.{advice and ' '}{advice}",
            code="unaccepted_type",
        )

    def refuse_rows(
        self,
        error: type[StoreUptimeError],
        column: str,
        problem: str,
        bad: pl.Expr,
        remedy: str,
        *,
        code: str,
    ) -> None:
        """Raise `error` if `bad` holds for any row."""
        rows = self.rows.filter(bad)
        count = self.collect(rows.select(pl.len())).item()
        if count:
            forms = enumerate(_forms(column, self.schema[column]))
            shown = rows.select(**{str(number): form for number, form in forms})
            first = self.collect(shown.head(SHOWN_VALUES)).rows()
            raise error(
                problem,
                table=self.table,
                column=column,
                count=count,
                values=[next((form for form in row if form is not None), None) for row in first],
                remedy=remedy,
                code=code,
            )


def _forms(column: str, dtype: pl.DataType) -> list[pl.Expr]:
    """Return in which forms a message may show a value; the first that is not null is taken."""
    value = pl.col(column)
    if not dtype.is_temporal():
        return [value]
    # Polars panics when it turns what is beyond its calendar into a text or an object of Python.
    ticks = value.to_physical()
    if not isinstance(dtype, (pl.Date, pl.Datetime)):
        return [ticks]
    days = ticks // _TICKS_A_DAY[getattr(dtype, "time_unit", None)]
    return [pl.when(days.is_between(*_TELLABLE_DAYS)).then(value).dt.to_string("iso"), ticks]


def is_text(dtype: pl.DataType) -> bool:
    """Return whether a column of this type holds words, however they are stored."""
    return dtype == pl.String or isinstance(dtype, (pl.Categorical, pl.Enum))


def type_name(dtype: pl.DataType) -> str:
    """Return the type for a message, without the words of an Enum."""
    return "Enum" if isinstance(dtype, pl.Enum) else str(dtype)
