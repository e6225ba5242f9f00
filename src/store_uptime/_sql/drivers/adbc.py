"""The drivers of ADBC connections, from which rows come as Arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from store_uptime._sql.codes import passes
from store_uptime._sql.dialects import DIALECTS, Dialect
from store_uptime._sql.driver import Driver
from store_uptime._sql.drivers.arrays import array_text, array_type
from store_uptime._sql.drivers.literals import QUOTE, with_literals
from store_uptime._sql.drivers.numerics import with_decimals
from store_uptime._sql.parameters import PARAMETER, Value, with_marks

_NEW_ROWS = "store_uptime_rows"
_MAY_MAKE_TEMPORARY = "SELECT has_database_privilege(current_database(), 'TEMP') AS may"
_ARRAY_ROWS = 5_000
# How the driver marks a column of PostgreSQL that it gives as text.
_NUMERIC_MARK = '"type_name": "numeric"'
# The SQLite driver infers the types of columns from the first batch of rows: let it be the only.
_ONE_BATCH = {"adbc.sqlite.query.batch_rows": 10**9}


def adbc_driver(connection: Any) -> Driver:
    """Return the driver of an ADBC connection, which is asked what database it is of."""
    import adbc_driver_manager  # noqa: PLC0415  # optional

    errors = (adbc_driver_manager.Error,)
    dialect = _ask_dialect(connection, errors)
    # Without autocommit, which is the default, the driver keeps a transaction open all the time.
    inside = connection.adbc_connection.get_option("adbc.connection.autocommit") != "true"
    kind = {"postgresql": AdbcPostgres, "sqlite": AdbcSqlite}.get(dialect.name, Adbc)
    return kind(connection, dialect, errors, inside)


def _ask_dialect(connection: Any, errors: tuple[type[Exception], ...]) -> Dialect:
    # The driver itself would tell, but only with pyarrow. A query that is unknown ends no
    # transaction of SQLite's, so PostgreSQL is asked first.
    for dialect in DIALECTS.values():
        if dialect.version and _answers(connection, dialect.name, *dialect.version, errors):
            return dialect
    return Dialect("another")


def _answers(
    connection: Any, name: str, query: str, begin: str, errors: tuple[type[Exception], ...]
) -> bool:
    """Return whether the query for the version of a database is answered as by that one."""
    try:
        return str(_fetch_arrow(connection, query).item()).startswith(begin)
    except errors as error:
        if passes(error, name):
            raise  # such as a lock, which says nothing about the query
        return False


def _fetch_arrow(connection: Any, query: str, *values: Value, **options: Any) -> pl.DataFrame:
    with connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**options)
        cursor.execute(query, values or None)
        return pl.DataFrame(cursor.fetch_arrow())


class Adbc(Driver):
    """A connection of any ADBC driver."""

    typed = True

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        return _fetch_arrow(self.connection, query.replace(PARAMETER, "?"), *values)

    def run(self, statement: str, *values: Value) -> None:
        statement = with_marks(statement, (f"${i + 1}" for i in range(len(values))))
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values or None)

    def insert(self, table: str, rows: pl.DataFrame, types: Mapping[str, str]) -> None:
        marks = ", ".join("?" * rows.width)
        query = f"INSERT INTO {table} ({self.listed(rows.columns)}) VALUES ({marks})"
        with self.connection.cursor() as cursor:
            cursor.executemany(query, rows)


class AdbcSqlite(Adbc):
    """A connection of the ADBC driver for SQLite."""

    typed = False

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        query = query.replace(PARAMETER, "?")
        frame = _fetch_arrow(self.connection, query, *values, **_ONE_BATCH)
        # What the driver infers where there are no values means nothing.
        empty = [name for name in frame.columns if frame[name].null_count() == frame.height]
        return frame.with_columns(pl.Series(name, [None] * frame.height, pl.Null) for name in empty)


class AdbcPostgres(Adbc):
    """A connection of the ADBC driver for PostgreSQL."""

    # After an error the driver runs nothing but the rollback of the whole transaction.
    has_savepoints = False

    def names(self, source: str) -> list[str]:
        # Polars would panic at a type that it does not have, even in a column that nobody needs.
        empty = f"SELECT * FROM {source} WHERE 1 = 0"
        row = f"SELECT t.* FROM (SELECT 1) one LEFT JOIN ({empty}) t ON true"
        query = f"SELECT json_object_keys(row_to_json(r)) AS name FROM ({row}) r"
        return self.fetch(query)["name"].to_list()

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        # With parameters of its own the query would not stream (COPY takes none), and a parameter
        # of type timestamptz makes the driver end the transaction.
        query = with_literals(query, values, self._quote_value)
        rows = _fetch_arrow(self.connection, query)
        opaque = [name for name, dtype in rows.schema.items() if _is_numeric(dtype)]
        return with_decimals(rows.with_columns(pl.col(opaque).ext.storage()), opaque)

    def _quote_value(self, value: str) -> str:
        query = with_marks(QUOTE, ["$1"])
        return str(_fetch_arrow(self.connection, query, value).item())

    def insert(self, table: str, rows: pl.DataFrame, types: Mapping[str, str]) -> None:
        # The server casts text to most types, but not to UUIDs.
        uuids = [name for name in rows.columns if types[name] == "uuid"]
        into = f"INSERT INTO {table} ({self.listed(rows.columns)})"
        if self.fetch(_MAY_MAKE_TEMPORARY).item():
            self._insert_by_copy(into, rows, uuids)
        else:
            self._insert_by_arrays(into, rows, uuids)

    def _insert_by_copy(self, into: str, rows: pl.DataFrame, uuids: Sequence[str]) -> None:
        # COPY takes columns of exactly their types, and no table with row security.
        quoted = {name: self.quote(name) for name in rows.columns}
        cast = [f"CAST({quoted[n]} AS uuid)" if n in uuids else quoted[n] for n in quoted]
        with self.connection.cursor() as cursor:
            cursor.adbc_ingest(_NEW_ROWS, rows, mode="create", temporary=True)
            cursor.execute(f"{into} SELECT {', '.join(cast)} FROM pg_temp.{_NEW_ROWS}")
            cursor.execute(f"DROP TABLE pg_temp.{_NEW_ROWS}")

    def _insert_by_arrays(self, into: str, rows: pl.DataFrame, uuids: Sequence[str]) -> None:
        # Without a temporary table, at half the speed; row by row would be a thirtieth.
        arrays = {
            name: f"unnest(CAST(${i + 1} AS {array_type(dtype)}))"
            for i, (name, dtype) in enumerate(rows.schema.items())
        }
        cast = [f"CAST({arrays[n]} AS uuid)" if n in uuids else arrays[n] for n in arrays]
        with self.connection.cursor() as cursor:
            for part in rows.iter_slices(_ARRAY_ROWS):
                values = [array_text(column) for column in part]
                cursor.execute(f"{into} SELECT {', '.join(cast)}", values)


def _is_numeric(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.BaseExtension) and _NUMERIC_MARK in (dtype.ext_metadata() or "")
