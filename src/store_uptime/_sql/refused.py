"""What is no connection, or none that can be used here: refused with the line to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NoReturn

from store_uptime._sql.drivers.refusals import unusable
from store_uptime.errors import SchemaError

ACCEPTED = (
    "Give a SQLAlchemy engine, connection or session, a connection of ADBC, DuckDB, sqlite3, "
    "psycopg, psycopg2, PyMySQL or Django, or a URI such as 'postgresql://user@host/database'."
)

_LINES: Mapping[str, str] = MappingProxyType(
    {
        "sqlalchemy.AsyncEngine": "async with engine.connect() as connection: "
        "await connection.run_sync(lambda sync: load_sql(sync))",
        "sqlalchemy.AsyncConnection": "await connection.run_sync(lambda sync: load_sql(sync))",
        "sqlalchemy.AsyncSession": "await session.run_sync(lambda sync: load_sql(sync))",
        "sqlalchemy.async_scoped_session": "await session.run_sync(lambda sync: load_sql(sync))",
        "sqlalchemy.async_sessionmaker": "async with Session() as session: "
        "await session.run_sync(lambda sync: load_sql(sync))",
        "sqlalchemy.sessionmaker": "with Session() as session: load_sql(session)",
        "sqlalchemy.URL": "load_sql(url.render_as_string(hide_password=False))",
        "sqlalchemy.Pool": "load_sql(engine)",
        "psycopg_pool.ConnectionPool": "with pool.connection() as connection: load_sql(connection)",
        "psycopg2.AbstractConnectionPool": "load_sql(pool.getconn())",
        "django.BaseConnectionHandler": "load_sql(connections['default'])",
        "psycopg.BaseConnection": "with psycopg.connect(...) as connection: load_sql(connection)",
        "pathlib.PurePath": "load_sql('sqlite:///stores.db')",
        "asyncpg": "await asyncio.to_thread(load_sql, 'postgresql://user@host/database')",
        "psycopg_pool": "await asyncio.to_thread(load_sql, 'postgresql://user@host/database')",
        "aiosqlite": "await asyncio.to_thread(load_sql, 'sqlite:///stores.db')",
        "aiomysql": "await asyncio.to_thread(load_sql, 'mysql://user@host/database')",
        "asyncmy": "await asyncio.to_thread(load_sql, 'mysql://user@host/database')",
        "MySQLdb": "load_sql('mysql://user@host/database')",
    }
)
"""What to write instead of a class, or of anything else of a package."""


def kinds_of(connection: Any) -> list[str]:
    """Return package and name of the classes of an object, for which nothing is imported."""
    # duckdb names its compiled module "_duckdb", or "duckdb.duckdb" in older versions.
    return [f"{_package(cls)}.{cls.__name__}" for cls in type(connection).__mro__]


def _package(cls: type) -> str:
    return cls.__module__.partition(".")[0].removeprefix("_")


def refuse(connection: Any, *, write: bool) -> NoReturn:
    """Raise `SchemaError` for what is no connection, with the line to write instead."""
    is_class = isinstance(connection, type)
    cls = connection if is_class else type(connection)
    line = "" if is_class else _line_for(connection, write=write)
    raise SchemaError(
        f"{'the class ' if is_class else ''}{_full_name(cls)} is not a database connection",
        table="connection",
        remedy=f"Write: {line}" if line else ACCEPTED,
        code="not_a_connection",
    )


def refuse_outside_run_sync(connection: Any, *, write: bool) -> None:
    """Raise `SchemaError` for an asynchronous engine or connection that nothing waits for."""
    if not connection.dialect.is_async:
        return
    from sqlalchemy.util.concurrency import in_greenlet  # noqa: PLC0415  # optional

    if not in_greenlet():
        line = _called(_LINES["sqlalchemy.AsyncConnection"], write=write)
        raise unusable(
            f"{_full_name(type(connection))} of an asynchronous driver needs run_sync",
            f"Write: {line}",
        )


def _full_name(cls: type) -> str:
    name = f"{cls.__module__}.{cls.__qualname__}"
    return name.removeprefix("builtins.")


def _line_for(connection: Any, *, write: bool) -> str:
    # A class goes before what is said of its package.
    for kind in (*kinds_of(connection), _package(type(connection))):
        if kind in _LINES:
            return _called(_LINES[kind], write=write)
    if "cursor" in type(connection).__name__.lower():
        return _called("load_sql(cursor.connection)", write=write)
    return ""


def _called(line: str, *, write: bool) -> str:
    if not write:
        return line
    return line.replace("load_sql(", "write_sql(report, ").replace(
        "load_sql,", "write_sql, report,"
    )
