"""The drivers that need no SQLAlchemy: sqlite3, DuckDB, ADBC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl

from store_uptime.io._sql_driver import BATCH_ROWS, PARAMETER, Value, frame_of_rows

_SAVEPOINT = "store_uptime"


def double_quoted(name: str) -> str:
    """Return `name` as an identifier by the rule of the SQL standard."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


class Sqlite3:
    """A connection of the standard library."""

    dialect = "sqlite"
    typed = False
    quote = staticmethod(double_quoted)

    def __init__(self, connection: Any) -> None:
        import sqlite3  # noqa: PLC0415  # loads a shared library that most users do not need

        self._connection = connection
        self.errors = (sqlite3.Error,)

    def names(self, source: str) -> list[str]:
        cursor = self._connection.execute(f"SELECT * FROM {source} WHERE 1 = 0")
        return [column[0] for column in cursor.description]

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        cursor = self._connection.execute(query.replace(PARAMETER, "?"), values)
        cursor.row_factory = None
        batches = iter(lambda: cursor.fetchmany(BATCH_ROWS), [])
        return frame_of_rows([column[0] for column in cursor.description], batches)

    def run(self, statement: str, *values: Value) -> None:
        self._connection.execute(statement.replace(PARAMETER, "?"), values)

    def insert(self, table: str, rows: pl.DataFrame) -> None:
        columns = ", ".join(map(self.quote, rows.columns))
        marks = ", ".join("?" * rows.width)
        query = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
        self._connection.executemany(query, rows.iter_rows())

    @contextmanager
    def reading(self) -> Iterator[None]:
        if self._connection.in_transaction:
            yield
            return
        self.run("BEGIN")
        try:
            yield
        finally:
            self._connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[None]:
        inside = self._connection.in_transaction
        begin, undo, end = (
            (f"SAVEPOINT {_SAVEPOINT}", f"ROLLBACK TO {_SAVEPOINT}", f"RELEASE {_SAVEPOINT}")
            if inside
            else ("BEGIN IMMEDIATE", "ROLLBACK", "COMMIT")
        )
        self.run(begin)
        try:
            yield
            self.run(end)
        except BaseException:
            self.run(undo)
            raise


class DuckDB:
    """A connection of the duckdb package."""

    dialect = "duckdb"
    typed = True
    quote = staticmethod(double_quoted)

    def __init__(self, connection: Any) -> None:
        import duckdb  # noqa: PLC0415  # optional

        self._connection = connection
        self.errors = (duckdb.Error,)

    def names(self, source: str) -> list[str]:
        return list(self._connection.sql(f"SELECT * FROM {source} WHERE 1 = 0").columns)

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        relation = self._connection.sql(query.replace(PARAMETER, "?"), params=list(values))
        return pl.DataFrame(relation)

    def run(self, statement: str, *values: Value) -> None:
        # A result that is not fetched keeps the connection busy.
        self._connection.execute(statement.replace(PARAMETER, "?"), list(values)).fetchall()

    def insert(self, table: str, rows: pl.DataFrame) -> None:
        columns = ", ".join(map(self.quote, rows.columns))
        self._connection.register("store_uptime_rows", _Stream(rows))
        try:
            self.run(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM store_uptime_rows")
        finally:
            self._connection.unregister("store_uptime_rows")

    def _in_transaction(self) -> bool:
        # BEGIN inside a transaction would abort it, so it is asked for: each statement outside
        # of one has a number of its own.
        ask = "SELECT txid_current()"
        first, second = (self._connection.execute(ask).fetchall() for _ in range(2))
        return bool(first == second)

    @contextmanager
    def reading(self) -> Iterator[None]:
        if self._in_transaction():
            yield
            return
        self.run("BEGIN TRANSACTION READ ONLY")
        try:
            yield
        finally:
            self.run("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[None]:
        if self._in_transaction():
            yield
            return
        self.run("BEGIN TRANSACTION")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            self.run("ROLLBACK")
            raise


class _Stream:
    """Nothing but an Arrow stream: DuckDB would ask a polars frame for pyarrow."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._rows.__arrow_c_stream__(requested_schema)


class Adbc:
    """A connection of any ADBC driver."""

    quote = staticmethod(double_quoted)

    def __init__(self, connection: Any) -> None:
        import adbc_driver_manager  # noqa: PLC0415  # optional

        self._connection = connection
        self.errors = (adbc_driver_manager.Error,)
        self.dialect = str(connection.adbc_get_info()["vendor_name"]).lower()
        self.typed = self.dialect != "sqlite"

    def names(self, source: str) -> list[str]:
        empty = f"SELECT * FROM {source} WHERE 1 = 0"
        if self.dialect != "postgresql":
            return self.fetch(empty).columns
        # Polars would panic at a type that it does not have, even of a column that nobody needs.
        row = f"SELECT t.* FROM (SELECT 1) one LEFT JOIN ({empty}) t ON true"
        query = f"SELECT json_object_keys(row_to_json(r)) AS name FROM ({row}) r"
        return self.fetch(query)["name"].to_list()

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        if self.dialect == "postgresql":
            query = self._with_settings(query, values)
            values = ()
        with self._connection.cursor() as cursor:
            if self.dialect == "sqlite":
                # The types of columns are inferred from the first batch: there is but one.
                cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": 10**9})
            cursor.execute(query.replace(PARAMETER, "?"), values or None)
            frame = pl.DataFrame(cursor.fetch_arrow())
        if self.typed:
            return frame
        unknown = [name for name in frame.columns if frame[name].null_count() == frame.height]
        return frame.with_columns(pl.lit(None, pl.Null).alias(name) for name in unknown)

    def _with_settings(self, query: str, values: tuple[Value, ...]) -> str:
        """Bind the values to settings of the transaction, and let the query read those.

        With parameters of its own the query could not stream (COPY takes none), and a parameter
        of type timestamptz makes the driver end the transaction.
        """
        for i, value in enumerate(values):
            name, kind = f"store_uptime.value_{i}", "text"
            if isinstance(value, dt.datetime):
                kind = "timestamp" if value.tzinfo is None else "timestamptz"
                value = value.isoformat(sep=" ")  # noqa: PLW2901
            self._execute(f"SELECT set_config('{name}', $1, true)", value)
            query = query.replace(PARAMETER, f"CAST(current_setting('{name}') AS {kind})", 1)
        return query

    def _execute(self, statement: str, *values: Any) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)

    def run(self, statement: str, *values: Value) -> None:
        for i in range(len(values)):
            statement = statement.replace(PARAMETER, f"${i + 1}", 1)
        self._execute(statement, *values)

    def insert(self, table: str, rows: pl.DataFrame) -> None:
        columns = ", ".join(map(self.quote, rows.columns))
        with self._connection.cursor() as cursor:
            if self.dialect != "postgresql":
                marks = ", ".join(f"${i + 1}" for i in range(rows.width))
                query = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
                cursor.executemany(query, rows)
                return
            # Rows go in by COPY, which takes exact types only; the server then makes them fit.
            cursor.adbc_ingest("store_uptime_rows", rows, mode="create", temporary=True)
            own = "pg_temp.store_uptime_rows"
            cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {own}")
            cursor.execute(f"DROP TABLE {own}")

    @contextmanager
    def _transaction(self) -> Iterator[bool]:
        """Begin a transaction unless the caller is in one; say which."""
        handle = self._connection.adbc_connection
        if handle.get_option("adbc.connection.autocommit") != "true":
            yield False
            return
        handle.set_autocommit(False)
        try:
            yield True
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise
        finally:
            handle.set_autocommit(True)

    @contextmanager
    def reading(self) -> Iterator[None]:
        with self._transaction() as own:
            if own and self.dialect == "postgresql":
                self.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            with self._savepoint(wanted=not own and self.dialect == "postgresql"):
                yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self._transaction() as own, self._savepoint(wanted=not own):
            yield

    @contextmanager
    def _savepoint(self, *, wanted: bool) -> Iterator[None]:
        """Keep a failure inside from what the caller did before in the same transaction."""
        if not wanted:
            yield
            return
        self.run(f"SAVEPOINT {_SAVEPOINT}")
        try:
            yield
        except BaseException:
            self.run(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}")
            raise
        self.run(f"RELEASE SAVEPOINT {_SAVEPOINT}")
