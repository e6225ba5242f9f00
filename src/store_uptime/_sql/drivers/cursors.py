"""What the drivers of psycopg, psycopg2 and PyMySQL have in common: values that stand as ``%s``."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import polars as pl

from store_uptime._sql.driver import Driver
from store_uptime._sql.parameters import PARAMETER, Value
from store_uptime._sql.rows import BATCH_ROWS, frame_of_rows


class CursorDriver(Driver):
    """A connection of a driver that is used without SQLAlchemy; rows come as Python objects."""

    typed = False

    @abstractmethod
    def cursor(self) -> Any:
        """Open a cursor whose rows are tuples, whatever the caller has set for rows."""

    @abstractmethod
    def insert_many(self, cursor: Any, query: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run an INSERT for each of the rows."""

    def names(self, source: str) -> list[str]:
        with closing(self.cursor()) as cursor:
            _execute(cursor, f"SELECT * FROM {source} WHERE 1 = 0", ())
            return [name for name, *_ in cursor.description]

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        with closing(self.cursor()) as cursor:
            _execute(cursor, query, values)
            return frame_of_rows([name for name, *_ in cursor.description], _batches(cursor))

    def run(self, statement: str, *values: Value) -> None:
        with closing(self.cursor()) as cursor:
            _execute(cursor, statement, values)

    def insert(self, table: str, rows: pl.DataFrame, types: Mapping[str, str]) -> None:
        marks = ", ".join(PARAMETER * rows.width)
        query = f"INSERT INTO {table} ({self.listed(rows.columns)}) VALUES ({marks})"
        with closing(self.cursor()) as cursor:
            for part in rows.iter_slices(BATCH_ROWS):
                self.insert_many(cursor, _with_percents(query), part.rows())


def _execute(cursor: Any, query: str, values: Sequence[Value]) -> None:
    if values:
        cursor.execute(_with_percents(query), values)
    else:  # in which no percent sign means anything
        cursor.execute(query)


def _with_percents(query: str) -> str:
    return query.replace("%", "%%").replace(PARAMETER, "%s")


def _batches(cursor: Any) -> Iterator[Sequence[Sequence[Any]]]:
    while rows := cursor.fetchmany(BATCH_ROWS):
        yield rows
