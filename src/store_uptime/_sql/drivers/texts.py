"""The driver of SQLAlchemy connections to PostgreSQL whose driver has no COPY."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from store_uptime._sql.drivers.alchemy import Alchemy
from store_uptime._sql.drivers.postgres_types import typed_rows, without_rows
from store_uptime._sql.parameters import PARAMETER, Value


class TextAlchemy(Alchemy):
    """A SQLAlchemy connection to PostgreSQL; values come as the texts that COPY would give."""

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        def texts_of(asked: str, _names: Sequence[str]) -> pl.DataFrame:
            bound = values if PARAMETER in asked else ()
            return super(TextAlchemy, self).fetch(asked, *bound).cast(pl.String)

        return typed_rows(query, self.oids(query, *values), texts_of)

    def oids(self, query: str, *values: Value) -> dict[str, int]:
        """Return the columns of a query, and the numbers of their types."""
        with self._execute(without_rows(query), *values) as result:
            return {name: oid for name, oid, *_ in result.cursor.description}
