"""The driver of ADBC connections, from which rows come as Arrow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import polars as pl

from store_uptime._sql.driver import PARAMETER, Driver, Value

_ROWS = "store_uptime_rows"
# A query, and how its answer begins. One that is unknown ends no transaction of SQLite's.
_VERSIONS = (
    ("postgresql", "SELECT version() AS version", "PostgreSQL"),
    ("sqlite", "SELECT sqlite_version() AS version", "3."),
)
# The SQLite driver infers the types of columns from the first batch of rows: let it be the only.
_ONE_BATCH = {"adbc.sqlite.query.batch_rows": 10**9}


class Adbc(Driver):
    """A connection of any ADBC driver."""

    def __init__(self, connection: Any) -> None:
        import adbc_driver_manager  # noqa: PLC0415  # optional

        self._connection = connection
        self.errors = (adbc_driver_manager.Error,)
        self.dialect = self._find_dialect()
        self.typed = self.dialect != "sqlite"
        self._is_postgres = self.dialect == "postgresql"
        # After an error the driver runs nothing but the rollback of the whole transaction.
        self.has_savepoints = not self._is_postgres
        self._options = {} if self.typed else _ONE_BATCH
        # Without autocommit, which is the default, the driver keeps one open all the time.
        handle = connection.adbc_connection
        self.inside = handle.get_option("adbc.connection.autocommit") != "true"

    def _find_dialect(self) -> str:
        # The driver itself would tell, but only with pyarrow.
        for dialect, query, version in _VERSIONS:
            with suppress(*self.errors):
                if str(self._query(query).item()).startswith(version):
                    return dialect
        return "another"

    def names(self, source: str) -> list[str]:
        if not self._is_postgres:
            return super().names(source)
        # Polars would panic at a type that it does not have, even in a column that nobody needs.
        empty = f"SELECT * FROM {source} WHERE 1 = 0"
        row = f"SELECT t.* FROM (SELECT 1) one LEFT JOIN ({empty}) t ON true"
        query = f"SELECT json_object_keys(row_to_json(r)) AS name FROM ({row}) r"
        return self.fetch(query)["name"].to_list()

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        if self._is_postgres:
            query, values = self._with_settings(query, values), ()
        frame = self._query(query.replace(PARAMETER, "?"), *values, **self._options)
        if self.typed:
            return frame
        # What the driver infers where there are no values means nothing.
        empty = [name for name in frame.columns if frame[name].null_count() == frame.height]
        return frame.with_columns(pl.Series(name, [None] * frame.height, pl.Null) for name in empty)

    def _query(self, query: str, *values: Value, **options: Any) -> pl.DataFrame:
        with self._connection.cursor() as cursor:
            cursor.adbc_statement.set_options(**options)
            cursor.execute(query, values or None)
            return pl.DataFrame(cursor.fetch_arrow())

    def _with_settings(self, query: str, values: tuple[Value, ...]) -> str:
        """Bind the values to settings of the transaction, and let the query read those.

        With parameters of its own the query would not stream (COPY takes none), and a parameter
        of type timestamptz makes the driver end the transaction.
        """
        for i, value in enumerate(values):
            setting, kind, text = f"store_uptime.value_{i}", "text", str(value)
            if isinstance(value, dt.datetime):
                kind = "timestamp" if value.tzinfo is None else "timestamptz"
            self._execute(f"SELECT set_config('{setting}', $1, true)", text)
            query = query.replace(PARAMETER, f"CAST(current_setting('{setting}') AS {kind})", 1)
        return query

    def run(self, statement: str, *values: Value) -> None:
        for i in range(len(values)):
            statement = statement.replace(PARAMETER, f"${i + 1}", 1)
        self._execute(statement, *values)

    def _execute(self, statement: str, *values: Value) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)

    def insert(self, table: str, rows: pl.DataFrame, types: Mapping[str, str]) -> None:
        columns = self.listed(rows.columns)
        with self._connection.cursor() as cursor:
            if not self._is_postgres:
                marks = ", ".join("?" * rows.width)
                cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
                return
            # COPY, by which the rows go in, takes columns of exactly their types. The server then
            # casts them, but not to UUIDs.
            cursor.adbc_ingest(_ROWS, rows, mode="create", temporary=True)
            uuids = [name for name in rows.columns if types[name] == "uuid"]
            cast = ", ".join(
                f"CAST({self.quote(name)} AS uuid)" if name in uuids else self.quote(name)
                for name in rows.columns
            )
            cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {cast} FROM pg_temp.{_ROWS}")
            cursor.execute(f"DROP TABLE pg_temp.{_ROWS}")
