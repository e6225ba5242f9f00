"""The driver that reaches any database through SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import polars as pl

from store_uptime._sql.driver import PARAMETER, Driver, Value
from store_uptime._sql.rows import BATCH_ROWS, frame_of_rows


class Alchemy(Driver):
    """A SQLAlchemy connection."""

    typed = False

    def __init__(self, connection: Any) -> None:
        import sqlalchemy  # noqa: PLC0415  # optional

        self._connection = connection
        self._text = sqlalchemy.text
        self.errors = (sqlalchemy.exc.SQLAlchemyError,)
        is_mariadb = getattr(connection.dialect, "is_mariadb", False)
        self.dialect = "mariadb" if is_mariadb else connection.dialect.name
        self._is_mysql = self.dialect in ("mysql", "mariadb")
        self._callers = bool(connection.in_transaction())
        self._raw = connection.connection.dbapi_connection
        self.inside = self._is_inside()

    def _is_inside(self) -> bool:
        raw = self._raw
        if self.dialect == "sqlite":
            # The module sqlite3 begins a transaction late, unless it is told to begin none.
            return raw.in_transaction or (self._callers and raw.isolation_level is not None)
        if hasattr(raw, "get_autocommit"):  # MySQL
            return self._callers and not raw.get_autocommit()
        return self._callers and getattr(raw, "autocommit", False) is not True

    def quote(self, name: str) -> str:
        preparer = self._connection.dialect.identifier_preparer
        if preparer.quote(name) == name:
            return name
        # Not as the preparer has it, which doubles percent signs before `text` does.
        doubled = name.replace(preparer.final_quote, 2 * preparer.final_quote)
        return f"{preparer.initial_quote}{doubled}{preparer.final_quote}"

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        with self._execute(query, *values, stream_results=True, yield_per=BATCH_ROWS) as result:
            return frame_of_rows(list(result.keys()), result.partitions())

    def run(self, statement: str, *values: Value) -> None:
        self._execute(statement, *values)

    def _execute(self, query: str, *values: Value, **options: Any) -> Any:
        statement = self._statement(query, len(values))
        named = {f"value_{i}": value for i, value in enumerate(values)}
        return self._connection.execute(statement, named, execution_options=options)

    def _statement(self, query: str, values: int) -> Any:
        # A colon in a name or a literal would be taken for a parameter.
        query = query.replace(":", "\\:")
        for i in range(values):
            query = query.replace(PARAMETER, f":value_{i}", 1)
        return self._text(query)

    def create(self, statement: str) -> None:
        if self._is_mysql and self.inside:
            # CREATE TABLE commits whatever is open on its connection.
            with self._connection.engine.begin() as other:
                Alchemy(other).run(statement)
        else:
            self.run(statement)

    def insert(self, table: str, rows: pl.DataFrame, types: Mapping[str, str]) -> None:
        columns = self.listed(rows.columns)
        marks = ", ".join(PARAMETER * rows.width)
        query = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
        statement = self._statement(query, rows.width)
        rows = rows.rename(lambda name: f"value_{rows.columns.index(name)}")
        for part in rows.iter_slices(BATCH_ROWS):
            self._connection.execute(statement, part.to_dicts())

    @contextmanager
    def session(self) -> Iterator[None]:
        if self.dialect == "sqlite" and self.inside and not self._raw.in_transaction:
            self.run("BEGIN")
        try:
            with self._in_utc():
                yield
            # SQLAlchemy has begun a transaction at the first statement, if the caller has not.
            if not self._callers:
                self._connection.commit()
        except BaseException:
            if not self._callers:
                with suppress(*self.errors):
                    self._connection.rollback()
            raise

    @contextmanager
    def _in_utc(self) -> Iterator[None]:
        """Let MySQL give and take TIMESTAMP in UTC: it follows the session, unlike DATETIME."""
        if not self._is_mysql:
            yield
            return
        before = self._execute("SELECT @@session.time_zone").scalar()
        self.run("SET time_zone = '+00:00'")
        try:
            yield
        finally:
            with suppress(*self.errors):
                self.run(f"SET time_zone = {PARAMETER}", before)
