"""What drivers raise, as errors of this package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from store_uptime._sql.driver import Driver
from store_uptime._sql.rows import ForeignTypeError, MixedTypesError
from store_uptime._tables.reading import is_panic
from store_uptime.errors import DatabaseError, SchemaError

# The drivers' classes of PEP 249 that say that the query is wrong, not the state of the database.
_ABOUT_THE_QUERY = {"ProgrammingError", "DataError", "NotSupportedError"}
# Where the class does not say it: SQLite's code of an error in a query; what SQLite says of others,
# for ADBC has no codes; MySQL's codes for a table that exists, a column that is ambiguous, unknown
# or there twice, no right to a table or a column, SELECTs of different widths, collations that do
# not mix, an unknown function, a broken view.
_SQLITE_ERROR = 1
_SQLITE_STATE = re.compile(r"\[SQLite\].*(is locked|not a database|malformed|I/O|unable to open)")
_MYSQL_ERRORS = (1050, 1052, 1054, 1060, 1142, 1143, 1222, 1267, 1305, 1356)
_TRY_AGAIN = "Call again when the database answers."


@contextmanager
def translated_errors(
    driver: Driver, problem: str = "the database reports", *, table: str | None = None
) -> Iterator[None]:
    """Raise what the driver raises inside as one of this package's errors.

    Without a `table` every error is that of the connection.
    """
    caught: tuple[type[Exception], ...] = (*driver.errors, pl.exceptions.PolarsError)
    try:
        yield
    except caught as error:
        message = f"{problem}: {first_line(error)}"
        if table is not None and _is_about_query(error):
            raise SchemaError(message, table=table, code="query_refused") from error
        raise DatabaseError(
            message, table=table or "connection", remedy=_TRY_AGAIN, code="database_failed"
        ) from error
    except MixedTypesError as error:
        raise SchemaError(
            f"{problem}: values of several types, or too large: {error}",
            table=table,
            column=error.column,
            remedy="Give a SELECT that casts the column to one type.",
            code="mixed_types",
        ) from error
    except ForeignTypeError as error:
        raise SchemaError(
            str(error),
            table=table,
            column=error.column,
            remedy="Give a SELECT that casts it.",
            code="unaccepted_type",
        ) from None
    except BaseException as error:
        # Polars panics at Arrow types that it does not have, such as intervals.
        if not is_panic(error):
            raise
        raise SchemaError(
            f"{problem}: a column has a type that polars does not have",
            table=table,
            values=[first_line(error)],
            remedy="Give a SELECT that casts it.",
            code="unaccepted_type",
        ) from error


def _is_about_query(error: Exception) -> bool:
    if getattr(error, "connection_invalidated", False):
        return False
    cause = getattr(error, "orig", None) or error
    if getattr(cause, "sqlite_errorcode", None) == _SQLITE_ERROR:
        return True
    if cause.args and cause.args[0] in _MYSQL_ERRORS:
        return True
    if _SQLITE_STATE.search(str(cause)):
        return False
    return bool(_ABOUT_THE_QUERY & {cls.__name__ for cls in type(cause).__mro__})


def first_line(error: BaseException) -> str:
    """Return the first line of what a driver says: the query may follow."""
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0].rstrip(".!")
