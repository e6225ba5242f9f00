"""From what the caller hands over to a `Driver`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from store_uptime._sql.connecting import connecting
from store_uptime._sql.driver import Driver
from store_uptime._sql.drivers.adbc import adbc_driver
from store_uptime._sql.drivers.alchemy import Alchemy
from store_uptime._sql.drivers.copy_alchemy import CopyAlchemy, can_copy
from store_uptime._sql.drivers.django import connection_under, is_inside, is_of_django
from store_uptime._sql.drivers.mysql import pymysql_driver
from store_uptime._sql.drivers.native import duckdb_driver, sqlite3_driver
from store_uptime._sql.drivers.postgres import psycopg2_driver, psycopg_driver
from store_uptime._sql.drivers.texts import TextAlchemy
from store_uptime._sql.errors import translated_errors
from store_uptime._sql.refused import kinds_of, refuse, refuse_outside_run_sync
from store_uptime._sql.sessions import connection_of
from store_uptime._sql.uris import open_uri

_ENGINE = "sqlalchemy.Engine"


def _alchemy_driver(connection: Any) -> Driver:
    if connection.dialect.name == "postgresql":
        return (CopyAlchemy if can_copy(connection) else TextAlchemy).of(connection)
    return Alchemy.of(connection)


_DRIVERS: Mapping[str, Callable[[Any], Driver]] = MappingProxyType(
    {
        "sqlite3.Connection": sqlite3_driver,
        "duckdb.DuckDBPyConnection": duckdb_driver,
        "adbc_driver_manager.Connection": adbc_driver,
        "sqlalchemy.Connection": _alchemy_driver,
        "psycopg.Connection": psycopg_driver,
        "psycopg2.connection": psycopg2_driver,
        "pymysql.Connection": pymysql_driver,
    }
)


@contextmanager
def opened(connection: Any, *, write: bool) -> Iterator[Driver]:
    """Give the driver of a connection; close afterwards what was opened for it, nothing else.

    Raises
    ------
    SchemaError
        `connection` is none of those that are accepted, or cannot be used as it is.
    MissingDependencyError
        What a URI needs is not installed.
    DatabaseError
        There is no connection to be had.
    """
    with ExitStack() as stack:
        with connecting(_uri_of(connection)):
            usable = stack.enter_context(_opening(connection, write=write))
            driver = _driver_of(usable, write=write)
        yield driver
        with translated_errors(driver):  # a session's transaction is committed here
            stack.close()


def _uri_of(connection: Any) -> str:
    """Return the URI, also that of an engine; nothing of any other connection."""
    if _ENGINE in kinds_of(connection):
        return str(connection.url.render_as_string(hide_password=False))
    return connection if isinstance(connection, str) else ""


def _opening(connection: Any, *, write: bool) -> AbstractContextManager[Any]:
    """Return what gives a connection that has a driver, and closes it if it was opened here."""
    kinds = kinds_of(connection)
    if isinstance(connection, str):
        return closing(open_uri(connection, write=write))
    if _ENGINE in kinds:
        refuse_outside_run_sync(connection, write=write)
        return closing(connection.connect())
    if "sqlalchemy.scoped_session" in kinds:
        return connection_of(connection(), write=write)
    if "sqlalchemy.Session" in kinds:
        return connection_of(connection, write=write)
    return nullcontext(connection)


def _driver_of(connection: Any, *, write: bool) -> Driver:
    kinds = kinds_of(connection)
    if is_of_django(connection, kinds):
        return _django_driver(connection, write=write)
    if "sqlalchemy.Connection" in kinds:
        refuse_outside_run_sync(connection, write=write)
    for kind in kinds:
        if kind in _DRIVERS:
            return _DRIVERS[kind](connection)
    refuse(connection, write=write)


def _django_driver(wrapper: Any, *, write: bool) -> Driver:
    driver = _driver_of(connection_under(wrapper), write=write)
    if driver.inside or not is_inside(wrapper):
        return driver
    if driver.dialect.begins_late:
        driver.run("BEGIN")  # without it a savepoint would be a transaction of its own
    return replace(driver, inside=True)
