"""Every way to hand a database over, and tables in which one column is of a chosen type.

A new way is a line in `WAYS`.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any, NamedTuple

import polars as pl
import pytest

from store_uptime import Inputs, Policy, StoreUptimeError, load_sql
from support.databases import Database
from support.services import need
from support.sql_tables import NOW

Load = Callable[..., Inputs]
Way = Callable[[Database], AbstractContextManager[Load]]


# --- ways ----------------------------------------------------------------------------------------


def handed_over(form: str) -> Way:
    """Return the way that `Database.handed_over` has for it."""

    @contextmanager
    def way(database: Database) -> Iterator[Load]:
        with database.handed_over(form) as connection:

            def load(**arguments: Any) -> Inputs:
                try:
                    return load_sql(connection, **arguments)
                except StoreUptimeError:
                    if form in _ENDED_BY_ERRORS:
                        connection.rollback()
                        _ENDED_BY_ERRORS[form](connection)
                    raise

            yield load

    return way


_ENDED_BY_ERRORS: dict[str, Callable[[Any], Any]] = {
    "adbc": lambda _: None,
    "duckdb transaction": lambda connection: connection.begin(),
}


def in_run_sync(driver: str) -> Way:
    """Return the way through an asynchronous engine of SQLAlchemy."""

    @contextmanager
    def way(database: Database) -> Iterator[Load]:
        for module in ("greenlet", driver.partition("+")[2].partition("_")[0]):
            need(module)
        url = f"{driver}:{database.url.partition(':')[2]}"
        yield lambda **arguments: asyncio.run(_load_async(url, arguments))

    return way


async def _load_async(url: str, arguments: dict[str, Any]) -> Inputs:
    alchemy, pool = need("sqlalchemy.ext.asyncio"), need("sqlalchemy.pool")
    engine = alchemy.create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        inputs: Inputs = await connection.run_sync(lambda own: load_sql(own, **arguments))
    await engine.dispose()
    return inputs


def without_copy(form: str) -> Way:
    """Let psycopg2 wait by a callback, as greenlets want it, which forbids COPY."""

    @contextmanager
    def way(database: Database) -> Iterator[Load]:
        need("psycopg2")
        extras, extensions = need("psycopg2.extras"), need("psycopg2.extensions")
        extensions.set_wait_callback(extras.wait_select)
        try:
            with handed_over(form)(database) as load:
                yield load
        finally:
            extensions.set_wait_callback(None)

    return way


@contextmanager
def without_adbc(database: Database) -> Iterator[Load]:
    """Take the URI, where no ADBC driver is installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("store_uptime._sql.uris.find_spec", lambda _: None)
        yield lambda **arguments: load_sql(database.url, **arguments)


@contextmanager
def that_converts(database: Database) -> Iterator[Load]:
    """Take a connection of sqlite3 that makes other objects of what the database has."""
    with closing(sqlite3.connect(database.file, detect_types=_CONVERTED)) as connection:
        connection.text_factory, connection.row_factory = bytes, sqlite3.Row
        yield lambda **arguments: load_sql(connection, **arguments)
        assert connection.execute("SELECT 'a'").fetchone()[0] == b"a"


@contextmanager
def engine_that_converts(database: Database) -> Iterator[Load]:
    """Take an engine whose driver does likewise."""
    engine = database.engine(connect_args={"detect_types": _CONVERTED})
    yield lambda **arguments: load_sql(engine, **arguments)


_CONVERTED = sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES
WAYS: dict[str, dict[str, Way]] = {
    "postgresql": {
        "uri": handed_over("uri"),
        "adbc": handed_over("adbc"),
        "adbc autocommit": handed_over("adbc autocommit"),
        "psycopg engine": handed_over("engine"),
        "psycopg connection": handed_over("transaction"),
        "psycopg2 engine": handed_over("psycopg2"),
        "psycopg2 engine without copy": without_copy("psycopg2"),
        "raw psycopg": handed_over("raw psycopg"),
        "raw psycopg2": handed_over("raw psycopg2 transaction"),
        "raw psycopg2 without copy": without_copy("raw psycopg2"),
        "asyncpg": in_run_sync("postgresql+asyncpg"),
        "psycopg async": in_run_sync("postgresql+psycopg_async"),
    },
    "mariadb": {
        "uri": handed_over("uri"),
        "engine": handed_over("engine"),
        "connection": handed_over("transaction"),
        "raw pymysql": handed_over("raw pymysql"),
    },
    "sqlite": {
        "sqlite3": handed_over("sqlite3"),
        "sqlite3 that converts": that_converts,
        "engine that converts": engine_that_converts,
        "uri": handed_over("uri"),
        "uri without adbc": without_adbc,
        "adbc": handed_over("adbc"),
        "engine": handed_over("engine"),
        "connection": handed_over("transaction"),
        "aiosqlite": in_run_sync("sqlite+aiosqlite"),
    },
    "duckdb": {
        "connection": handed_over("duckdb"),
        "transaction": handed_over("duckdb transaction"),
        "uri": handed_over("uri"),
    },
}


# --- what is loaded ------------------------------------------------------------------------------


class Refused(NamedTuple):
    """The class and the code of an error."""

    error: type[StoreUptimeError]
    code: str


class Cell(NamedTuple):
    """A column of a type of the database, its values as SQL has them, and what must come out.

    `kind` is that type. What comes out are the values of Python, in their order, with the type that they have as a frame, or an
    error. `column` is one of `LOADS`.
    """

    column: str
    kind: str
    literals: str
    outcome: list[Any] | Refused
    dtype: pl.DataType | type[pl.DataType] | None = None


ALL_TIME = Policy(lookback=None)
_ID = "7 AS store_id"
_STAMP = "'2023-01-25 12:00:00' AS timestamp_utc"
_TIMES = "'09:00' AS start_time_local, '24:00' AS end_time_local"
_NOTHING: dict[str, Any] = {"hours": None, "timezones": None, "now": NOW, "policy": ALL_TIME}
_NO_POLLS = {**_NOTHING, "status": f"SELECT {_ID}, {_STAMP}, 'active' AS status"}


def _status(columns: str, **others: Any) -> dict[str, Any]:
    return {**_NOTHING, "status": f"SELECT {columns} FROM {{}}", **others}


def _hours(columns: str) -> dict[str, Any]:
    return {**_NO_POLLS, "hours": f"SELECT {_ID}, {columns} FROM {{}}"}


_SPECIAL = (
    f"SELECT {_ID}, value AS date, NULL AS start_time_local, NULL AS end_time_local FROM {{}}"
)
LOADS: dict[str, tuple[str, dict[str, Any]]] = {
    "store_id": ("status", _status(f"value AS store_id, {_STAMP}, 'active' AS status")),
    "timestamp_utc": ("status", _status(f"{_ID}, value AS timestamp_utc, 'active' AS status")),
    "latest": ("status", _status(f"{_ID}, value AS timestamp_utc, 'active' AS status", now=None)),
    "status": ("status", _status(f"{_ID}, {_STAMP}, value AS status")),
    "day_of_week": ("hours", _hours(f"value AS day_of_week, {_TIMES}")),
    "start_time_local": ("hours", _hours("0 AS day, value AS start_time_local, '24:00' AS end_time_local")),
    "end_time_local": ("hours", _hours("0 AS day, '00:00' AS start_time_local, value AS end_time_local")),
    "valid_until": ("hours", _hours(f"0 AS day, {_TIMES}, value AS valid_until")),
    "timezone_str": ("timezones", {**_NO_POLLS, "timezones": f"SELECT {_ID}, value AS timezone_str FROM {{}}"}),
    "date": ("special_hours", {**_NO_POLLS, "special_hours": _SPECIAL}),
    "end_utc": ("maintenance", {**_NO_POLLS, "maintenance": f"SELECT {_ID}, NULL AS start_utc, value AS end_utc FROM {{}}"}),
    "beside": ("status", {**_NO_POLLS, "status": f"SELECT {_ID}, {_STAMP}, 'active' AS status, value FROM {{}}"}),
}  # fmt: skip
"""By what a column is filled from a table with one column `value`, and where it comes out."""


def outcome(load: Load, cell: Cell, source: str) -> tuple[Any, ...]:
    """Return the values that come out and their type, or the class and the code of an error."""
    table, given = LOADS[cell.column]
    arguments = {
        name: each.format(source) if isinstance(each, str) and name != "now" else each
        for name, each in given.items()
    }
    try:
        inputs = load(**arguments)
    except StoreUptimeError as error:
        return type(error), error.code
    frames = {"status": inputs.status, "hours": inputs.hours, "timezones": inputs.timezones}
    column = {"latest": "timestamp_utc", "beside": "status"}.get(cell.column, cell.column)
    values = {**frames, **inputs.extra}[table][column]
    return sorted(values, key=lambda value: (value is None, value)), values.dtype
