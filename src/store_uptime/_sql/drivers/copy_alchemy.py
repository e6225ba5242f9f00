"""The driver of SQLAlchemy connections to PostgreSQL whose driver has COPY."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from types import MappingProxyType
from typing import Any

import polars as pl

from store_uptime._sql.drivers.alchemy import Alchemy
from store_uptime._sql.drivers.copy import (
    RunCopy,
    copied_rows,
    run_by_psycopg,
    run_by_psycopg2,
)
from store_uptime._sql.drivers.literals import QUOTE, with_literals
from store_uptime._sql.parameters import Value

_COPYING: Mapping[str, Callable[[Any], RunCopy]] = MappingProxyType(
    {"psycopg": run_by_psycopg, "psycopg2": run_by_psycopg2}
)


def can_copy(connection: Any) -> bool:
    """Return whether the driver of a SQLAlchemy connection has COPY."""
    dialect = connection.dialect
    if dialect.name != "postgresql" or dialect.is_async or dialect.driver not in _COPYING:
        return False
    # With a callback for greenlets psycopg2 refuses COPY.
    extensions = getattr(dialect.loaded_dbapi, "extensions", None)
    return extensions is None or extensions.get_wait_callback() is None


class CopyAlchemy(Alchemy):
    """A SQLAlchemy connection to PostgreSQL; rows come by COPY."""

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        query = with_literals(query, values, self._quote_value)
        copying = _COPYING[self.connection.dialect.driver]
        with closing(self.connection.connection.cursor()) as cursor:
            rows = copied_rows(cursor, query, copying(cursor))
        return super().fetch(query) if rows is None else rows

    def _quote_value(self, value: str) -> str:
        return str(self._execute(QUOTE, value).scalar())
