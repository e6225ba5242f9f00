"""The driver of PostgreSQL through SQLAlchemy where there is no COPY, as with asyncpg.

Values come as the texts that COPY would give. What drivers make of them differs, and some of them
take infinity for an instant.
"""

from __future__ import annotations

import polars as pl

from store_uptime._sql.drivers.alchemy import Alchemy
from store_uptime._sql.drivers.copy import read_values, types_of_oids
from store_uptime._sql.parameters import Value


class TextAlchemy(Alchemy):
    """A SQLAlchemy connection to PostgreSQL."""

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        empty = f"SELECT * FROM (\n{query}\n) store_uptime_types WHERE 1 = 0"
        with self._execute(empty, *values) as result:
            oids = {name: oid for name, oid, *_ in result.cursor.description}
        types = types_of_oids(oids, lambda ask: super(TextAlchemy, self).fetch(ask).rows())
        columns = ", ".join(
            f"CAST({type_.sql.format(name)} AS text) AS {name}"
            for name, type_ in zip(map(self.quote, types), types.values(), strict=True)
        )
        rows = super().fetch(f"SELECT {columns} FROM (\n{query}\n) store_uptime_rows", *values)
        return read_values(rows.cast(pl.String), types)
