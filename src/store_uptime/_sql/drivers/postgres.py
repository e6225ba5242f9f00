"""The drivers of psycopg and psycopg2, whose connections are used without SQLAlchemy."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from typing import Any

import polars as pl

from store_uptime._sql.dialects import Dialect, dialect_of
from store_uptime._sql.driver import Driver
from store_uptime._sql.drivers.begun import BEGUN_POSTGRES
from store_uptime._sql.drivers.copy import RunCopy, copied_rows, run_by_psycopg, run_by_psycopg2
from store_uptime._sql.drivers.cursors import CursorDriver
from store_uptime._sql.drivers.literals import QUOTE, with_literals
from store_uptime._sql.drivers.own_transaction import own_transaction
from store_uptime._sql.drivers.postgres_types import typed_rows, without_rows
from store_uptime._sql.drivers.refusals import unusable
from store_uptime._sql.parameters import Value

# libpq's numbers for the state of a transaction.
_IDLE, _IN_ERROR, _LOST = 0, 3, 4


def psycopg_driver(connection: Any) -> Driver:
    """Return the driver of a connection of psycopg."""
    import psycopg  # noqa: PLC0415  # optional

    if connection.pgconn.pipeline_status:
        raise unusable("is in pipeline mode", "Leave the block `with connection.pipeline()` first.")
    state = connection.info.transaction_status
    dialect, inside = _begun(connection, state)
    return Psycopg(connection, dialect, (psycopg.Error,), inside)


def psycopg2_driver(connection: Any) -> Driver:
    """Return the driver of a connection of psycopg2."""
    import psycopg2  # noqa: PLC0415  # optional

    if connection.async_:
        raise unusable("is asynchronous", "Open one without async_=True.")
    state = _LOST if connection.closed else connection.info.transaction_status
    dialect, inside = _begun(connection, state)
    return Psycopg2(connection, dialect, (psycopg2.Error,), inside)


def _begun(connection: Any, state: int) -> tuple[Dialect, bool]:
    """Return how transactions begin, and whether one of the caller's is open."""
    if state == _LOST:
        raise ConnectionError("the connection is closed")
    if state == _IN_ERROR:
        raise unusable(
            "is in a transaction in which a statement has failed",
            "End it first: connection.rollback().",
        )
    dialect = dialect_of("postgresql") if connection.autocommit else BEGUN_POSTGRES
    return dialect, state != _IDLE


class _Postgres(CursorDriver):
    """What psycopg and psycopg2 have in common: rows come by COPY."""

    @abstractmethod
    def run_copy(self, cursor: Any) -> RunCopy | None:
        """Return how COPY is run on a cursor; ``None`` if it cannot be."""

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        query = with_literals(query, values, self._quote_value)
        with closing(self.cursor()) as cursor:
            cursor.execute(without_rows(query))
            oids = {name: oid for name, oid, *_ in cursor.description}
            run_copy = self.run_copy(cursor)
            if run_copy:
                return copied_rows(query, oids, run_copy)
        return typed_rows(query, oids, self._texts)

    def _texts(self, query: str, _names: Sequence[str]) -> pl.DataFrame:
        return super().fetch(query).cast(pl.String)

    def _quote_value(self, value: str) -> str:
        return str(super().fetch(QUOTE, value).item())

    def session(self) -> AbstractContextManager[None]:
        # Unless it autocommits, the driver begins a transaction before the first statement.
        return own_transaction(self, of_caller=self.inside)


class Psycopg(_Postgres):
    """A connection of psycopg."""

    def cursor(self) -> Any:
        import psycopg  # noqa: PLC0415  # optional

        return psycopg.Cursor(self.connection, row_factory=psycopg.rows.tuple_row)

    def run_copy(self, cursor: Any) -> RunCopy:
        return run_by_psycopg(cursor)

    def insert_many(self, cursor: Any, query: str, rows: Sequence[Sequence[Any]]) -> None:
        cursor.executemany(query, rows)


class Psycopg2(_Postgres):
    """A connection of psycopg2."""

    def cursor(self) -> Any:
        from psycopg2.extensions import cursor  # noqa: PLC0415  # optional

        return self.connection.cursor(cursor_factory=cursor)

    def run_copy(self, cursor: Any) -> RunCopy | None:
        from psycopg2.extensions import get_wait_callback  # noqa: PLC0415  # optional

        # With a callback for greenlets psycopg2 refuses COPY.
        return None if get_wait_callback() else run_by_psycopg2(cursor)

    def insert_many(self, cursor: Any, query: str, rows: Sequence[Sequence[Any]]) -> None:
        from psycopg2.extras import execute_batch  # noqa: PLC0415  # optional

        # By its own `executemany` each row would wait for the answer to the one before.
        execute_batch(cursor, query, rows, page_size=1_000)
