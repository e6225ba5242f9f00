"""What this package needs of a database connection, whatever driver it is of."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from enum import Enum
from typing import Any, Protocol

import polars as pl

from store_uptime.errors import DatabaseError, SchemaError, StoreUptimeError

PARAMETER = "\0"
"""Stands in a query for a value that is bound; no name and no SELECT can hold this sign."""

BATCH_ROWS = 50_000

Value = dt.datetime | str

# The drivers' classes of PEP 249 that say that the query is wrong, not that the database ails.
_ABOUT_THE_QUERY = {"ProgrammingError", "DataError", "NotSupportedError"}
_SQLITE_ERROR = 1
_MYSQL_NO_COLUMN = 1054
_SHOWN_CHARACTERS = 400


class Driver(Protocol):
    """One open connection.

    Attributes
    ----------
    dialect
        ``"postgresql"``, ``"mysql"`` (also MariaDB), ``"sqlite"``, ``"duckdb"``, or another name.
    typed
        Whether columns have types even where there are no rows.
    errors
        What the driver raises.
    """

    dialect: str
    typed: bool
    errors: tuple[type[Exception], ...]

    def quote(self, name: str) -> str:
        """Return one part of a table's name, or a column's, as it stands in a query."""

    def names(self, source: str) -> list[str]:
        """Return the columns of what stands behind FROM."""

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        """Return the rows; `PARAMETER` stands in the query for each value."""

    def run(self, statement: str, *values: Value) -> None:
        """Run what returns no rows."""

    def insert(self, table: str, rows: pl.DataFrame) -> None:
        """Append the rows to the table, whose name is quoted already."""

    def reading(self) -> AbstractContextManager[None]:
        """Hold one state of the data where the database can do that."""

    def writing(self) -> AbstractContextManager[None]:
        """Let what is run inside happen whole or not at all."""


# --- rows of Python objects ----------------------------------------------------------------------


def frame_of_rows(names: Sequence[str], batches: Iterable[Sequence[Sequence[Any]]]) -> pl.DataFrame:
    """Return rows of Python objects as a frame; a column without a value is of type Null.

    Raises
    ------
    SchemaError
        A column holds values of several types.
    """
    parts: list[list[pl.Series]] = [[] for _ in names]
    for rows in batches:
        for name, part, values in zip(names, parts, zip(*rows, strict=True), strict=True):
            part.append(_series(name, values))
    return pl.DataFrame([_joined(name, part) for name, part in zip(names, parts, strict=True)])


def _series(name: str, values: Sequence[Any]) -> pl.Series:
    first = next((value for value in values if value is not None), None)
    if isinstance(first, dt.datetime) and first.tzinfo is not None:
        # Python knows the offset that the driver gave; polars would look the zone up again.
        values = [value and value.astimezone(dt.UTC) for value in values]
    elif isinstance(first, uuid.UUID):
        values = [value and str(value) for value in values]
    elif isinstance(first, Enum):
        values = [value and value.value for value in values]
    try:
        return pl.Series(name, values, strict=True)
    except (TypeError, OverflowError) as error:
        raise _mixed(name, str(error).partition("\n")[0]) from error


def _joined(name: str, parts: list[pl.Series]) -> pl.Series:
    dtypes = {part.dtype for part in parts if part.dtype != pl.Null}
    if len(dtypes) > 1 and not all(dtype.is_integer() for dtype in dtypes):
        raise _mixed(name, ", ".join(sorted(map(str, dtypes))))
    dtype = pl.Int128() if len(dtypes) > 1 else next(iter(dtypes), pl.Null())
    return pl.concat([pl.Series(name, [], dtype), *(part.cast(dtype) for part in parts)])


def _mixed(column: str, what: str) -> SchemaError:
    return SchemaError(
        f"values of several types, or too large: {what}",
        column=column,
        remedy="Give all values of the column one type, or cast it in a SELECT.",
    )


# --- errors --------------------------------------------------------------------------------------


@contextmanager
def told(
    driver: Driver, problem: str, *, table: str | None = None, column: str | None = None
) -> Iterator[None]:
    """Raise what the driver raises inside as one of this package's errors.

    Without a `table` every trouble is that of the connection.
    """
    try:
        yield
    except StoreUptimeError as error:
        if error.table is not None or table is None:
            raise
        raise type(error)(
            error.problem, table=table, column=error.column, remedy=error.remedy
        ) from error
    except (*driver.errors, pl.exceptions.PolarsError) as error:
        about_query = table is not None and _is_about_query(error)
        kind = SchemaError if about_query else DatabaseError
        raise kind(f"{problem}: {message_of(error)}", table=table, column=column) from error
    except BaseException as error:
        # Polars panics at Arrow types that it does not have, such as intervals.
        if type(error).__name__ != "PanicException":
            raise
        raise SchemaError(
            f"{problem}: a column has a type that polars cannot read",
            table=table,
            column=column,
            remedy="Cast it in a SELECT.",
        ) from error


def _is_about_query(error: Exception) -> bool:
    if getattr(error, "connection_invalidated", False):
        return False
    cause = getattr(error, "orig", None) or error
    if getattr(cause, "sqlite_errorcode", None) == _SQLITE_ERROR:
        return True
    if cause.args and cause.args[0] == _MYSQL_NO_COLUMN:
        return True
    return bool(_ABOUT_THE_QUERY & {cls.__name__ for cls in type(cause).__mro__})


def message_of(error: BaseException) -> str:
    """Return what a driver says, on one line, without the query that SQLAlchemy appends."""
    text = " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".")
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 3]}..."
