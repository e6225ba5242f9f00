"""The drivers of sqlite3 and DuckDB, whose connections are theirs alone."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import polars as pl

from store_uptime._sql.dialects import dialect_of
from store_uptime._sql.driver import Driver
from store_uptime._sql.parameters import PARAMETER, Value
from store_uptime._sql.rows import BATCH_ROWS, frame_of_rows

_NEW_ROWS_VIEW = "store_uptime_rows"


def sqlite3_driver(connection: Any) -> Driver:
    """Return the driver of a connection of the standard library."""
    import sqlite3  # noqa: PLC0415  # a shared library that most users do not need

    inside = bool(connection.in_transaction)
    return Sqlite3(connection, dialect_of("sqlite"), (sqlite3.Error,), inside)


def duckdb_driver(connection: Any) -> Driver:
    """Return the driver of a DuckDB connection, which is asked whether it is in a transaction."""
    import duckdb  # noqa: PLC0415  # optional

    # BEGIN inside a transaction would abort it. Outside of one, each statement has a number of its
    # own.
    ask = "SELECT txid_current()"
    first, second = (connection.execute(ask).fetchall() for _ in range(2))
    return DuckDB(connection, dialect_of("duckdb"), (duckdb.Error,), inside=bool(first == second))


class Sqlite3(Driver):
    """A connection of the standard library."""

    typed = False

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        cursor = self.connection.cursor()
        cursor.row_factory = None
        cursor.execute(query.replace(PARAMETER, "?"), values)
        names = [column[0] for column in cursor.description]
        return frame_of_rows(names, iter(lambda: cursor.fetchmany(BATCH_ROWS), []))

    def run(self, statement: str, *values: Value) -> None:
        self.connection.execute(statement.replace(PARAMETER, "?"), values)

    def insert(self, table: str, rows: pl.DataFrame, types: Mapping[str, str]) -> None:
        marks = ", ".join("?" * rows.width)
        query = f"INSERT INTO {table} ({self.listed(rows.columns)}) VALUES ({marks})"
        self.connection.executemany(query, rows.iter_rows())


class DuckDB(Driver):
    """A connection of the duckdb package."""

    typed = True
    has_savepoints = False

    def names(self, source: str) -> list[str]:
        return list(self.connection.sql(f"SELECT * FROM {source} WHERE 1 = 0").columns)

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        relation = self.connection.sql(query.replace(PARAMETER, "?"), params=list(values))
        return pl.DataFrame(relation)

    def run(self, statement: str, *values: Value) -> None:
        # A result that is not fetched keeps the connection busy.
        self.connection.execute(statement.replace(PARAMETER, "?"), list(values)).fetchall()

    def insert(self, table: str, rows: pl.DataFrame, types: Mapping[str, str]) -> None:
        columns = self.listed(rows.columns)
        self.connection.register(_NEW_ROWS_VIEW, _ArrowStream(rows))
        try:
            self.run(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {_NEW_ROWS_VIEW}")
        finally:
            with suppress(*self.errors):  # after an error the transaction takes it away
                self.connection.unregister(_NEW_ROWS_VIEW)


class _ArrowStream:
    """Nothing but an Arrow stream: of a polars frame DuckDB would ask for pyarrow."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._rows.__arrow_c_stream__(requested_schema)
