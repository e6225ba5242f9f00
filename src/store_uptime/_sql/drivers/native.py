"""The drivers of sqlite3 and DuckDB, whose connections are theirs alone."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import polars as pl

from store_uptime._sql.driver import PARAMETER, Driver, Value
from store_uptime._sql.rows import BATCH_ROWS, frame_of_rows

_ROWS = "store_uptime_rows"


class Sqlite3(Driver):
    """A connection of the standard library."""

    dialect = "sqlite"
    typed = False

    def __init__(self, connection: Any) -> None:
        import sqlite3  # noqa: PLC0415  # a shared library that most users do not need

        self._connection = connection
        self.inside = bool(connection.in_transaction)
        self.errors = (sqlite3.Error,)

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        cursor = self._connection.cursor()
        cursor.row_factory = None
        cursor.execute(query.replace(PARAMETER, "?"), values)
        names = [column[0] for column in cursor.description]
        return frame_of_rows(names, iter(lambda: cursor.fetchmany(BATCH_ROWS), []))

    def run(self, statement: str, *values: Value) -> None:
        self._connection.execute(statement.replace(PARAMETER, "?"), values)

    def insert(self, table: str, rows: pl.DataFrame, types: Mapping[str, str]) -> None:
        columns = self.listed(rows.columns)
        marks = ", ".join("?" * rows.width)
        query = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
        self._connection.executemany(query, rows.iter_rows())


class DuckDB(Driver):
    """A connection of the duckdb package."""

    dialect = "duckdb"
    typed = True
    has_savepoints = False

    def __init__(self, connection: Any) -> None:
        import duckdb  # noqa: PLC0415  # optional

        self._connection = connection
        self.errors = (duckdb.Error,)
        # BEGIN inside a transaction would abort it. Outside of one, each statement has a number
        # of its own.
        ask = "SELECT txid_current()"
        first, second = (connection.execute(ask).fetchall() for _ in range(2))
        self.inside = bool(first == second)

    def names(self, source: str) -> list[str]:
        return list(self._connection.sql(f"SELECT * FROM {source} WHERE 1 = 0").columns)

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        relation = self._connection.sql(query.replace(PARAMETER, "?"), params=list(values))
        return pl.DataFrame(relation)

    def run(self, statement: str, *values: Value) -> None:
        # A result that is not fetched keeps the connection busy.
        self._connection.execute(statement.replace(PARAMETER, "?"), list(values)).fetchall()

    def insert(self, table: str, rows: pl.DataFrame, types: Mapping[str, str]) -> None:
        columns = self.listed(rows.columns)
        self._connection.register(_ROWS, _Stream(rows))
        try:
            self.run(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {_ROWS}")
        finally:
            with suppress(*self.errors):  # after an error the transaction takes it away
                self._connection.unregister(_ROWS)


class _Stream:
    """Nothing but an Arrow stream: of a polars frame DuckDB would ask for pyarrow."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._rows.__arrow_c_stream__(requested_schema)
