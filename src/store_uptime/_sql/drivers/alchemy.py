"""The driver that reaches any database through SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import polars as pl

from store_uptime._sql.dialects import Dialect, dialect_of
from store_uptime._sql.driver import Driver
from store_uptime._sql.drivers.own_transaction import own_transaction
from store_uptime._sql.drivers.session_zone import in_utc
from store_uptime._sql.parameters import PARAMETER, Value, with_marks
from store_uptime._sql.rows import BATCH_ROWS, frame_of_rows


@dataclass(frozen=True)
class Alchemy(Driver):
    """A SQLAlchemy connection; rows come as Python objects.

    `begun` says whether SQLAlchemy is in a transaction of the caller's, even if the database is in
    none because the connection autocommits.
    """

    begun: bool
    typed = False

    @classmethod
    def of(cls, connection: Any) -> Self:
        """Return the driver of a connection."""
        import sqlalchemy  # noqa: PLC0415  # optional

        its = connection.dialect
        dialect = dialect_of("mariadb" if getattr(its, "is_mariadb", False) else its.name)
        errors = (sqlalchemy.exc.SQLAlchemyError, its.loaded_dbapi.Error)
        begun = bool(connection.in_transaction())
        return cls(connection, dialect, errors, _is_inside(connection, dialect, begun=begun), begun)

    def quote(self, name: str) -> str:
        preparer = self.connection.dialect.identifier_preparer
        if preparer.quote(name) == name:
            return name
        # Not as the preparer has it, which doubles percent signs before `text` does.
        doubled = name.replace(preparer.final_quote, 2 * preparer.final_quote)
        return f"{preparer.initial_quote}{doubled}{preparer.final_quote}"

    def names(self, source: str) -> list[str]:
        with self._execute(f"SELECT * FROM {source} WHERE 1 = 0") as result:
            return list(result.keys())

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        options = {"stream_results": True, "yield_per": BATCH_ROWS}
        with self._execute(query, *values, **options) as result:
            return frame_of_rows(list(result.keys()), result.partitions())

    def run(self, statement: str, *values: Value) -> None:
        self._execute(statement, *values).close()

    def _execute(self, query: str, *values: Value, **options: Any) -> Any:
        named = {f"value_{i}": value for i, value in enumerate(values)}
        statement = _statement(query, len(values))
        return self.connection.execute(statement, named, execution_options=options)

    def create(self, statement: str) -> None:
        if self.dialect.create_ends_transaction and self.inside:
            with self.connection.engine.begin() as other:
                type(self).of(other).run(statement)
        else:
            self.run(statement)

    def insert(self, table: str, rows: pl.DataFrame, types: Mapping[str, str]) -> None:
        marks = ", ".join(PARAMETER * rows.width)
        query = f"INSERT INTO {table} ({self.listed(rows.columns)}) VALUES ({marks})"
        statement = _statement(query, rows.width)
        rows = rows.rename(lambda name: f"value_{rows.columns.index(name)}")
        for part in rows.iter_slices(BATCH_ROWS):
            self.connection.execute(statement, part.to_dicts())

    def begin_late(self, statements: Iterable[str]) -> None:
        if self.dialect.begins_late and self.inside and not _has_begun(self.connection):
            for statement in statements:
                self.run(statement)

    @contextmanager
    def session(self) -> Iterator[None]:
        with own_transaction(self, of_caller=self.begun), in_utc(self):
            yield


def _statement(query: str, values: int) -> Any:
    import sqlalchemy  # noqa: PLC0415  # optional

    # A colon in a name or a literal would be taken for a parameter.
    return sqlalchemy.text(
        with_marks(query.replace(":", "\\:"), (f":value_{i}" for i in range(values)))
    )


def _is_inside(connection: Any, dialect: Dialect, *, begun: bool) -> bool:
    """Return whether the database is in a transaction of the caller's."""
    pooled = connection.connection
    raw = pooled.driver_connection
    if dialect.begins_late:
        # The module sqlite3 begins none at all if it has no isolation level.
        return _has_begun(connection) or (begun and raw.isolation_level is not None)
    if hasattr(raw, "get_autocommit"):  # MySQL
        return begun and not raw.get_autocommit()
    return begun and getattr(pooled.dbapi_connection, "autocommit", False) is not True


def _has_begun(connection: Any) -> bool:
    return bool(connection.connection.driver_connection.in_transaction)
