"""The driver that reaches any database through SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl

from store_uptime.io._sql_driver import BATCH_ROWS, PARAMETER, Value, frame_of_rows

_NAMES = {"mariadb": "mysql"}


class Alchemy:
    """A SQLAlchemy connection."""

    typed = False

    def __init__(self, connection: Any) -> None:
        import sqlalchemy  # noqa: PLC0415  # optional

        self._connection = connection
        self._text = sqlalchemy.text
        self.errors = (sqlalchemy.exc.SQLAlchemyError,)
        self.dialect: str = _NAMES.get(connection.dialect.name, connection.dialect.name)

    def quote(self, name: str) -> str:
        return str(self._connection.dialect.identifier_preparer.quote(name))

    def names(self, source: str) -> list[str]:
        return list(self._execute(f"SELECT * FROM {source} WHERE 1 = 0").keys())

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        result = self._execute(query, *values, stream_results=True, yield_per=BATCH_ROWS)
        return frame_of_rows(list(result.keys()), result.partitions())

    def run(self, statement: str, *values: Value) -> None:
        self._execute(statement, *values)

    def _execute(self, query: str, *values: Value, **options: Any) -> Any:
        # SQLAlchemy would take a colon, in a name or a literal, for a parameter.
        query = query.replace(":", "\\:")
        for i in range(len(values)):
            query = query.replace(PARAMETER, f":value_{i}", 1)
        named = {f"value_{i}": value for i, value in enumerate(values)}
        return self._connection.execute(self._text(query), named, execution_options=options)

    def insert(self, table: str, rows: pl.DataFrame) -> None:
        columns = ", ".join(map(self.quote, rows.columns)).replace(":", "\\:")
        keys = [f"value_{i}" for i in range(rows.width)]
        marks = ", ".join(f":{key}" for key in keys)
        table = table.replace(":", "\\:")
        statement = self._text(f"INSERT INTO {table} ({columns}) VALUES ({marks})")
        for part in rows.iter_slices(BATCH_ROWS):
            self._connection.execute(
                statement, part.rename(dict(zip(rows.columns, keys, strict=True))).to_dicts()
            )

    @contextmanager
    def reading(self) -> Iterator[None]:
        with self._in_utc():
            if self._connection.in_transaction():
                with self._savepoint(wanted=self.dialect == "postgresql"):
                    yield
                return
            try:
                for statement in _BEGIN_READING.get(self.dialect, ("SELECT 1",)):
                    self.run(statement)
                yield
            finally:
                self._connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[None]:
        if self._connection.in_transaction():
            with self._savepoint(wanted=True):
                yield
            return
        with self._connection.begin():
            yield

    @contextmanager
    def _savepoint(self, *, wanted: bool) -> Iterator[None]:
        """Keep a failure inside from what the caller did before in the same transaction."""
        if not wanted:
            yield
            return
        with self._connection.begin_nested():
            yield

    @contextmanager
    def _in_utc(self) -> Iterator[None]:
        """Let MySQL show columns of type TIMESTAMP in UTC, in which DATETIME columns are read."""
        if self.dialect != "mysql":
            yield
            return
        outside = not self._connection.in_transaction()
        before = self._execute("SELECT @@session.time_zone").scalar()
        self.run("SET time_zone = '+00:00'")
        if outside:
            self._connection.rollback()
        try:
            yield
        finally:
            self.run(f"SET time_zone = {PARAMETER}", before)
            if outside:
                self._connection.rollback()


_BEGIN_READING = {
    "postgresql": ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",),
    "mysql": (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ),
    "sqlite": ("BEGIN",),
}
