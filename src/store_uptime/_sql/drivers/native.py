"""The drivers of sqlite3 and DuckDB, whose connections are theirs alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import Any

import polars as pl

from store_uptime._sql.dialects import dialect_of
from store_uptime._sql.driver import Driver
from store_uptime._sql.drivers.numerics import with_decimals
from store_uptime._sql.parameters import PARAMETER, Value
from store_uptime._sql.rows import BATCH_ROWS, ForeignTypeError, frame_of_rows

_NEW_ROWS_VIEW = "store_uptime_rows"
_INTEGERS = [f"{sign}{size}int" for sign in ("", "u") for size in ("tiny", "small", "big")]
_AS_THEY_ARE = [
    *(*_INTEGERS, "integer", "uinteger", "float", "double", "boolean"),
    *("varchar", "enum", "date", "timestamp", "timestamp with time zone", "null"),
]
_HUGE = ("hugeint", "uhugeint")
# By what each type is read that a column may have; polars has no time of 24:00.
_DUCKDB_TYPES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(_AS_THEY_ARE, "{}"),
        **dict.fromkeys(("time", "time with time zone", "time_ns", "uuid"), "CAST({} AS VARCHAR)"),
        # In another precision their infinities would arrive as instants.
        **dict.fromkeys(("timestamp_s", "timestamp_ms", "timestamp_ns"), "CAST({} AS TIMESTAMP)"),
        # In Arrow the largest of them would wrap around.
        **dict.fromkeys(_HUGE, "CAST({} AS VARCHAR)"),
        "interval": "epoch_us({})",
        # Since `arrow_output_version` 1.5 they may be narrower, and polars misreads those.
        "decimal": "CAST({} AS DECIMAL(38, {scale}))",
    }
)


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
        with self._text_as_text():
            cursor.execute(query.replace(PARAMETER, "?"), values)
            names = [column[0] for column in cursor.description]
            return frame_of_rows(names, iter(lambda: cursor.fetchmany(BATCH_ROWS), []))

    @contextmanager
    def _text_as_text(self) -> Iterator[None]:
        own = self.connection.text_factory
        self.connection.text_factory = str
        try:
            yield
        finally:
            self.connection.text_factory = own

    def run(self, statement: str, *values: Value) -> None:
        self.connection.execute(statement.replace(PARAMETER, "?"), values)

    def insert(self, table: str, rows: pl.DataFrame, types: Mapping[str, str]) -> None:
        marks = ", ".join("?" * rows.width)
        query = f"INSERT INTO {table} ({self.listed(rows.columns)}) VALUES ({marks})"
        self.connection.executemany(query, rows.iter_rows())


class DuckDB(Driver):
    """A connection of the duckdb package."""

    typed = False
    has_savepoints = False

    def names(self, source: str) -> list[str]:
        return list(self.connection.sql(f"SELECT * FROM {source} WHERE 1 = 0").columns)

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        query = query.replace(PARAMETER, "?")
        types = self._types(query, values)
        listed = ", ".join(
            f"{_sql_to_read(type_, name)} AS {name}" for name, type_ in types.items()
        )
        rows = pl.DataFrame(
            self._relation(f"SELECT {listed} FROM (\n{query}\n) store_uptime_rows", values)
        )
        kinds = (_type_word(type_) for type_ in types.values())
        of_type = dict(zip(rows.columns, kinds, strict=True))
        spans = [name for name, type_ in of_type.items() if type_ == "interval"]
        rows = rows.with_columns(pl.col(spans).cast(pl.Duration("us")))
        return with_decimals(rows, [name for name, type_ in of_type.items() if type_ in _HUGE])

    def _types(self, query: str, values: Sequence[Value]) -> dict[str, Any]:
        """Return the types of the columns, by their quoted names: at some polars would panic."""
        empty = f"SELECT * FROM (\n{query}\n) store_uptime_types WHERE 1 = 0"
        types = {}
        for name, type_, *_ in self._relation(empty, values).description:
            if _type_word(type_) not in _DUCKDB_TYPES:
                raise ForeignTypeError(name, str(type_))
            types[self.quote(name)] = type_
        return types

    def _relation(self, query: str, values: Sequence[Value]) -> Any:
        return self.connection.sql(query, params=list(values))

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


def _type_word(type_: Any) -> str:
    """Return the word for a type of DuckDB without its parameters."""
    return "json" if str(type_) == "JSON" else str(type_.id)  # which is that of text


def _sql_to_read(type_: Any, name: str) -> str:
    """Return by which SQL a column of a type is read."""
    kind = _type_word(type_)
    parameters = dict(type_.children) if kind == "decimal" else {}
    return _DUCKDB_TYPES[kind].format(name, **parameters)


class _ArrowStream:
    """Nothing but an Arrow stream: of a polars frame DuckDB would ask for pyarrow."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._rows.__arrow_c_stream__(requested_schema)
