"""What this package needs of a database connection, whatever driver it is of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from store_uptime._sql.dialects import Dialect
from store_uptime._sql.parameters import Value


@dataclass(frozen=True)
class Driver(ABC):
    """One open connection, and what has been found out about it.

    Attributes
    ----------
    connection
        The connection itself.
    dialect
        The database.
    errors
        What the driver raises.
    inside
        Whether a transaction is open that the caller has begun.
    typed
        Whether columns have types even where there are no rows.
    has_savepoints
        Whether what fails in such a transaction can be undone alone.
    """

    connection: Any
    dialect: Dialect
    errors: tuple[type[Exception], ...]
    inside: bool
    typed: ClassVar[bool]
    has_savepoints: ClassVar[bool] = True

    @abstractmethod
    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        """Return the rows; `PARAMETER` stands in the query for each value."""

    @abstractmethod
    def run(self, statement: str, *values: Value) -> None:
        """Run a statement whose rows, if it has any, nobody needs."""

    @abstractmethod
    def insert(self, table: str, rows: pl.DataFrame, types: Mapping[str, str]) -> None:
        """Append the rows to the table, whose name is quoted and whose columns have `types`."""

    def quote(self, name: str) -> str:
        """Return a column, or one part of a table's name, as it stands in a query."""
        doubled = name.replace('"', '""')
        return f'"{doubled}"'

    def listed(self, columns: Iterable[str]) -> str:
        """Return the columns as they stand behind SELECT."""
        return ", ".join(map(self.quote, columns))

    def names(self, source: str) -> list[str]:
        """Return the columns of what stands behind FROM."""
        return self.fetch(f"SELECT * FROM {source} WHERE 1 = 0").columns

    def create(self, statement: str) -> None:
        """Run a CREATE TABLE without ending a transaction of the caller's."""
        self.run(statement)

    def begin_late(self, statements: Iterable[str]) -> None:  # noqa: B027  # most begin at once
        """Begin by these a transaction of the caller's that the driver has not begun yet."""

    def session(self) -> AbstractContextManager[None]:
        """Set what must be set before anything is read or written, and restore it afterwards."""
        return nullcontext()
