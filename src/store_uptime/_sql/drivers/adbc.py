"""The drivers of ADBC connections, from which rows come as Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any

import polars as pl

from store_uptime._sql.dialects import DIALECTS, Dialect
from store_uptime._sql.driver import Driver
from store_uptime._sql.drivers.arrays import array_text, array_type
from store_uptime._sql.drivers.arrow_types import arrow_columns
from store_uptime._sql.drivers.begun import BEGUN_POSTGRES
from store_uptime._sql.drivers.literals import QUOTE, with_literals
from store_uptime._sql.drivers.postgres_types import (
    AS_TEXT,
    PostgresType,
    types_of_oids,
    values_of_texts,
)
from store_uptime._sql.parameters import PARAMETER, Value, with_marks
from store_uptime._sql.rows import ForeignTypeError, MixedTypesError

_NEW_ROWS = "store_uptime_rows"
# Where nothing can be written, the INSERT says so by its code.
_MAY_MAKE_TEMPORARY = (
    "SELECT has_database_privilege(current_database(), 'TEMP')"
    " AND current_setting('transaction_read_only') = 'off' AS may"
)
_ARRAY_ROWS = 5_000
# The SQLite driver does not wait for others at all if it is not told to; the standard library does.
_BUSY_QUERY = "PRAGMA busy_timeout"
_BUSY_MILLISECONDS = 5_000
# The SQLite driver infers the types of columns from the first batch of rows: let it be the only.
_ONE_BATCH = {"adbc.sqlite.query.batch_rows": 10**9}
# What it infers of values of several types.
_MIXABLE = (pl.String, pl.Float64, pl.Binary)


def adbc_driver(connection: Any) -> Driver:
    """Return the driver of an ADBC connection, which is asked what database it is of."""
    import adbc_driver_manager  # noqa: PLC0415  # optional

    errors = (adbc_driver_manager.Error,)
    # Without autocommit, which is the default, the driver keeps a transaction open all the time.
    inside = connection.adbc_connection.get_option("adbc.connection.autocommit") != "true"
    with nullcontext() if inside else _begun_by_the_driver(connection, errors):
        dialect = _ask_dialect(connection, errors)
    if dialect.name == "postgresql":
        return AdbcPostgres(connection, dialect if inside else BEGUN_POSTGRES, errors, inside)
    return (AdbcSqlite if dialect.name == "sqlite" else Adbc)(connection, dialect, errors, inside)


@contextmanager
def _begun_by_the_driver(connection: Any, errors: tuple[type[Exception], ...]) -> Iterator[None]:
    """Hold a transaction that is not begun by a statement.

    A statement is sent in three parts, and what pools transactions may give each part to another
    session, unless a transaction is open.
    """
    connection.adbc_connection.set_autocommit(False)
    try:
        yield
    except BaseException:
        with suppress(*errors):
            connection.rollback()
            connection.adbc_connection.set_autocommit(True)
        raise
    connection.adbc_connection.set_autocommit(True)  # which commits


def _ask_dialect(connection: Any, errors: tuple[type[Exception], ...]) -> Dialect:
    # The driver itself would tell, but only with pyarrow. A query that is unknown ends no
    # transaction of SQLite's, so PostgreSQL is asked first; of others it may end one, so whatever
    # answers is asked nothing else.
    for dialect in DIALECTS.values():
        if dialect.asked:
            query, begin = dialect.asked
            with suppress(*errors):
                answer = str(_fetch_arrow(connection, query).item())
                return dialect if answer.startswith(begin) else Dialect("another")
    return Dialect("another")


def _fetch_arrow(connection: Any, query: str, *values: Value, **options: Any) -> pl.DataFrame:
    with connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**options)
        cursor.execute(query, values or None)
        stream = cursor.fetch_arrow()
        for name, foreign in arrow_columns(stream):
            if foreign is not None:
                raise ForeignTypeError(name, foreign)
        return pl.DataFrame(stream)


class Adbc(Driver):
    """A connection of any ADBC driver."""

    typed = True

    def names(self, source: str) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {source} WHERE 1 = 0")
            return [name for name, _ in arrow_columns(cursor.fetch_arrow())]

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
        mixable = [name for name, dtype in frame.schema.items() if dtype in _MIXABLE]
        if mixable and frame.height > 1:
            self._refuse_mixed(query, values, mixable)
        # What the driver infers where there are no values means nothing.
        empty = [name for name in frame.columns if frame[name].null_count() == frame.height]
        return frame.with_columns(pl.Series(name, [None] * frame.height, pl.Null) for name in empty)

    @contextmanager
    def session(self) -> Iterator[None]:
        before = self.fetch(_BUSY_QUERY).item()
        self.fetch(f"{_BUSY_QUERY} = {before or _BUSY_MILLISECONDS}")
        try:
            yield
        finally:
            with suppress(*self.errors):
                self.fetch(f"{_BUSY_QUERY} = {before}")

    def _refuse_mixed(self, query: str, values: Sequence[Value], columns: Sequence[str]) -> None:
        """Raise for a column whose values the driver made texts or reals of, all or some."""
        kinds = [f"NULLIF(typeof({self.quote(name)}), 'null')" for name in columns]
        extremes = ", ".join(f"{each}({kind})" for kind in kinds for each in ("MIN", "MAX"))
        asked = f"SELECT {extremes} FROM (\n{query}\n) store_uptime_rows"
        found = iter(_fetch_arrow(self.connection, asked, *values).row(0))
        for name, first, last in zip(columns, found, found, strict=True):
            if first != last:
                raise MixedTypesError(name, f"{first} and {last}")


class AdbcPostgres(Adbc):
    """A connection of the ADBC driver for PostgreSQL."""

    typed = False
    # After an error the driver runs nothing but the rollback of the whole transaction.
    has_savepoints = False

    def session(self) -> AbstractContextManager[None]:
        return nullcontext() if self.inside else _begun_by_the_driver(self.connection, self.errors)

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        # With parameters of its own the query would not stream (COPY takes none), and a parameter
        # of type timestamptz makes the driver end the transaction.
        query = with_literals(query, values, self._quote_value)
        types = self._types(query)
        columns = ", ".join(
            name if type_.in_arrow else f"{AS_TEXT.format(type_.sql.format(name))} AS {name}"
            for name, type_ in zip(map(self.quote, types), types.values(), strict=True)
        )
        rows = _fetch_arrow(
            self.connection, f"SELECT {columns} FROM (\n{query}\n) store_uptime_rows"
        )
        return values_of_texts(
            rows, {name: each for name, each in types.items() if not each.in_arrow}
        )

    def _types(self, query: str) -> dict[str, PostgresType]:
        """Return the types of the columns: at some of them polars would panic."""
        names = self.names(f"(\n{query}\n) store_uptime_types")
        # Beside a NULL a domain is of the type below it.
        oids = ", ".join(
            f"CAST(CAST(pg_typeof(COALESCE({name}, NULL)) AS oid) AS bigint) AS {name}"
            for name in map(self.quote, names)
        )
        row = _fetch_arrow(
            self.connection,
            f"SELECT {oids} FROM (SELECT 1) one LEFT JOIN"
            f" (SELECT * FROM (\n{query}\n) q WHERE 1 = 0) store_uptime_types ON true",
        )
        return types_of_oids(row.row(0, named=True), self._texts)

    def _texts(self, query: str, _names: Sequence[str]) -> pl.DataFrame:
        return _fetch_arrow(self.connection, query)

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
