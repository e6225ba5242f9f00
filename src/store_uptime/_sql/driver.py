"""What this package needs of a database connection, whatever driver it is of."""

from __future__ import annotations

import datetime as dt
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from types import MappingProxyType

import polars as pl

from store_uptime._sql.rows import MixedTypesError
from store_uptime.errors import DatabaseError, SchemaError

Value = dt.datetime | str

PARAMETER = "\0"
"""Stands in a query for a value that is bound; no name and no SELECT can hold this sign."""


class Driver(ABC):
    """One open connection.

    Attributes
    ----------
    dialect
        ``"postgresql"``, ``"mysql"``, ``"mariadb"``, ``"sqlite"``, ``"duckdb"``, or another name.
    typed
        Whether columns have types even where there are no rows.
    inside
        Whether a transaction is open that the caller has begun.
    has_savepoints
        Whether what fails in such a transaction can be undone alone.
    errors
        What the driver raises.
    """

    dialect: str
    typed: bool
    inside: bool
    has_savepoints: bool = True
    errors: tuple[type[Exception], ...]

    @abstractmethod
    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        """Return the rows; `PARAMETER` stands in the query for each value."""

    @abstractmethod
    def run(self, statement: str, *values: Value) -> None:
        """Run what returns no rows."""

    @abstractmethod
    def insert(self, table: str, rows: pl.DataFrame, types: Mapping[str, str]) -> None:
        """Append the rows to the table, whose name is quoted and whose columns have `types`."""

    def quote(self, name: str) -> str:
        """Return a column, or one part of a table's name, as it stands in a query."""
        doubled = name.replace('"', '""')
        return f'"{doubled}"'

    def names(self, source: str) -> list[str]:
        """Return the columns of what stands behind FROM."""
        return self.fetch(f"SELECT * FROM {source} WHERE 1 = 0").columns

    def create(self, statement: str) -> None:
        """Run a CREATE TABLE without ending a transaction of the caller's."""
        self.run(statement)

    def session(self) -> AbstractContextManager[None]:
        """Set what must be set before anything is read or written, and restore it afterwards."""
        return nullcontext()

    def listed(self, columns: Iterable[str]) -> str:
        """Return the columns as they stand behind SELECT."""
        return ", ".join(map(self.quote, columns))


# --- transactions --------------------------------------------------------------------------------

_MYSQL_READING = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
)
_BEGIN_READING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "postgresql": ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",),
        "mysql": _MYSQL_READING,
        "mariadb": _MYSQL_READING,
        "sqlite": ("BEGIN",),
        "duckdb": ("BEGIN TRANSACTION READ ONLY",),
    }
)
_BEGIN_WRITING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "postgresql": ("BEGIN",),
        "mysql": ("START TRANSACTION",),
        "mariadb": ("START TRANSACTION",),
        # A lock that is taken at once cannot be refused halfway.
        "sqlite": ("BEGIN IMMEDIATE",),
        "duckdb": ("BEGIN TRANSACTION",),
    }
)


@contextmanager
def reading(driver: Driver) -> Iterator[None]:
    """Hold one state of the data where the database can do that.

    In a transaction of the caller's that is up to the caller.
    """
    with told(driver), driver.session():
        block: AbstractContextManager[None] = nullcontext()
        if not driver.inside:
            block = _transaction(driver, _BEGIN_READING)
        elif driver.dialect == "postgresql" and driver.has_savepoints:
            block = _savepoint(driver)  # or a query that fails would end it
        with block:
            yield


@contextmanager
def writing(driver: Driver) -> Iterator[None]:
    """Let what is run inside happen whole or not at all.

    In a transaction of the caller's it happens when the caller commits.
    """
    with told(driver), driver.session():
        block: AbstractContextManager[None] = nullcontext()
        if not driver.inside:
            block = _transaction(driver, _BEGIN_WRITING)
        elif driver.has_savepoints:
            block = _savepoint(driver)
        with block:
            yield


@contextmanager
def _transaction(driver: Driver, begin: Mapping[str, tuple[str, ...]]) -> Iterator[None]:
    # By statement: whether a driver that is in autocommit mode begins one differs by driver.
    statements = begin.get(driver.dialect, ())
    for statement in statements:
        driver.run(statement)
    with _undone(driver, "ROLLBACK"):
        yield
        if statements:
            driver.run("COMMIT")


@contextmanager
def _savepoint(driver: Driver) -> Iterator[None]:
    driver.run("SAVEPOINT store_uptime")
    with _undone(driver, "ROLLBACK TO SAVEPOINT store_uptime"):
        yield
        driver.run("RELEASE SAVEPOINT store_uptime")


@contextmanager
def _undone(driver: Driver, statement: str) -> Iterator[None]:
    """Run the statement if the block fails, without hiding why."""
    try:
        yield
    except BaseException:
        with suppress(*driver.errors):
            driver.run(statement)
        raise


# --- errors --------------------------------------------------------------------------------------

# The drivers' classes of PEP 249 that say that the query is wrong, not that the database ails.
_ABOUT_THE_QUERY = {"ProgrammingError", "DataError", "NotSupportedError"}
# Where the class says nothing: SQLite's code for such an error, and what it says of others, since
# ADBC has no codes; MySQL's for a table that exists, an unknown column, no right to a table.
_SQLITE_ERROR = 1
_SQLITE_AILS = re.compile(r"\[SQLite\].*(is locked|not a database|malformed|I/O|unable to open)")
_MYSQL_ERRORS = (1050, 1054, 1142)
_REMEDY = "Call again when the database answers."


@contextmanager
def told(
    driver: Driver, problem: str = "the database reports", *, table: str | None = None
) -> Iterator[None]:
    """Raise what the driver raises inside as one of this package's errors.

    Without a `table` every trouble is that of the connection.
    """
    trouble: tuple[type[Exception], ...] = (*driver.errors, pl.exceptions.PolarsError)
    try:
        yield
    except trouble as error:
        message = f"{problem}: {message_of(error)}"
        if table is not None and _is_about_query(error):
            raise SchemaError(message, table=table) from error
        raise DatabaseError(message, table=table or "connection", remedy=_REMEDY) from error
    except MixedTypesError as error:
        raise SchemaError(
            f"{problem}: values of several types, or too large: {error}",
            table=table,
            column=error.column,
            remedy="Give a SELECT that casts the column to one type.",
        ) from error
    except BaseException as error:
        # Polars panics at Arrow types that it does not have, such as intervals.
        if type(error).__name__ != "PanicException":
            raise
        raise SchemaError(
            f"{problem}: a column has a type that polars does not have",
            table=table,
            values=[message_of(error)],
            remedy="Give a SELECT that casts it.",
        ) from error


def _is_about_query(error: Exception) -> bool:
    if getattr(error, "connection_invalidated", False):
        return False
    cause = getattr(error, "orig", None) or error
    if getattr(cause, "sqlite_errorcode", None) == _SQLITE_ERROR:
        return True
    if cause.args and cause.args[0] in _MYSQL_ERRORS:
        return True
    if _SQLITE_AILS.search(str(cause)):
        return False
    return bool(_ABOUT_THE_QUERY & {cls.__name__ for cls in type(cause).__mro__})


def message_of(error: BaseException) -> str:
    """Return the first line of what a driver says: the query may follow."""
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0].rstrip(".!")
