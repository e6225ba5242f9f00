"""The driver of SQLAlchemy connections to PostgreSQL whose driver has COPY."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Self

import polars as pl

from store_uptime._sql.drivers.copy import (
    RunCopy,
    copied_rows,
    copy_of,
    run_by_psycopg,
    run_by_psycopg2,
)
from store_uptime._sql.drivers.literals import QUOTE, with_literals
from store_uptime._sql.drivers.texts import TextAlchemy
from store_uptime._sql.parameters import Value


def can_copy(connection: Any) -> bool:
    """Return whether the driver of a SQLAlchemy connection to PostgreSQL has COPY."""
    dialect = connection.dialect
    # With a callback for greenlets psycopg2 refuses COPY.
    extensions = getattr(dialect.loaded_dbapi, "extensions", None)
    refuses = extensions is not None and extensions.get_wait_callback() is not None
    return (dialect.driver, dialect.is_async) in _COPYING and not refuses


class CopyAlchemy(TextAlchemy):
    """A SQLAlchemy connection to PostgreSQL; rows come by COPY."""

    @classmethod
    def of(cls, connection: Any) -> Self:
        driver = super().of(connection)
        if connection.dialect.driver != "asyncpg":
            return driver
        import asyncpg  # noqa: PLC0415  # optional

        # COPY is run below SQLAlchemy's adapter, which would translate them.
        errors = (*driver.errors, asyncpg.PostgresError, asyncpg.InterfaceError)
        return replace(driver, errors=errors)

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        query = with_literals(query, values, self._quote_value)
        pooled, dialect = self.connection.connection, self.connection.dialect
        copying = _COPYING[dialect.driver, dialect.is_async]
        oids = self.oids(query)
        with closing(pooled.cursor()) as cursor:
            run_copy = copying(pooled.driver_connection if dialect.is_async else cursor)
            return copied_rows(query, oids, run_copy)

    def _quote_value(self, value: str) -> str:
        return str(self._execute(QUOTE, value).scalar())


# --- asynchronous drivers, inside run_sync -------------------------------------------------------


def _run_by_asyncpg(connection: Any) -> RunCopy:
    from sqlalchemy.util import await_only  # noqa: PLC0415  # optional

    def run(query: str, file: io.BytesIO) -> None:
        await_only(connection.copy_from_query(query, output=file, format="csv", encoding="UTF8"))

    return run


def _run_by_asynchronous_psycopg(connection: Any) -> RunCopy:
    from sqlalchemy.util import await_only  # noqa: PLC0415  # optional

    async def copy(query: str, file: io.BytesIO) -> None:
        async with connection.cursor() as cursor, cursor.copy(copy_of(query)) as rows:
            async for block in rows:
                file.write(block)

    return lambda query, file: await_only(copy(query, file))


_COPYING: Mapping[tuple[str, bool], Callable[[Any], RunCopy]] = MappingProxyType(
    {
        ("psycopg", False): run_by_psycopg,
        ("psycopg2", False): run_by_psycopg2,
        ("psycopg", True): _run_by_asynchronous_psycopg,
        ("asyncpg", True): _run_by_asyncpg,
    }
)
"""How COPY is run by a driver, and whether that is asynchronous: then of its connection."""
