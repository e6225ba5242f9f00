"""What drivers raise, as errors of this package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from store_uptime._sql.codes import passes
from store_uptime._sql.driver import Driver
from store_uptime._sql.messages import driver_message
from store_uptime._sql.rows import ForeignTypeError, MixedTypesError
from store_uptime._tables.reading import is_panic
from store_uptime.errors import DatabaseError, SchemaError, StoreUptimeError

# Where no code says it: the drivers' classes of PEP 249 that say that the query is wrong, not the
# state of the database.
_ABOUT_THE_QUERY = {"ProgrammingError", "DataError", "IntegrityError", "NotSupportedError"}
# SQLAlchemy's classes for a connection that is used as it must not be, and those of them that say
# that it is closed.
_MISUSED = {"InvalidRequestError"}
_CLOSED = {"ResourceClosedError", "PendingRollbackError"}
_ASYNCHRONOUS = {"MissingGreenlet", "AwaitRequired"}
_TRY_AGAIN = "Call again when the database answers."
_RUN_SYNC = (
    "An asynchronous connection is read inside its run_sync: "
    "await connection.run_sync(lambda sync: load_sql(sync))."
)


@contextmanager
def translated_errors(
    driver: Driver, problem: str = "the database reports", *, table: str | None = None
) -> Iterator[None]:
    """Raise what the driver raises inside as one of this package's errors.

    Without a `table` an error is that of the connection.
    """
    # Asynchronous drivers let errors of the network pass as they are.
    caught: tuple[type[Exception], ...] = (*driver.errors, pl.exceptions.PolarsError, OSError)
    try:
        yield
    except StoreUptimeError:
        raise
    except caught as error:
        refuse_misuse(error)
        message = f"{problem}: {driver_message(error)}"
        where = table or "connection"
        if _may_pass(error, driver, in_query=table is not None):
            raise DatabaseError(
                message, table=where, remedy=_TRY_AGAIN, code="database_failed"
            ) from error
        raise SchemaError(message, table=where, code="query_refused") from error
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
            values=[driver_message(error)],
            remedy="Give a SELECT that casts it.",
            code="unaccepted_type",
        ) from error


def refuse_misuse(error: Exception) -> None:
    """Raise `SchemaError` if SQLAlchemy says that a connection is used as it must not be."""
    names = _classes(getattr(error, "orig", None) or error)
    if names & _MISUSED and not names & _CLOSED:
        raise SchemaError(
            f"it cannot be used here: {driver_message(error)}",
            table="connection",
            remedy=_RUN_SYNC if names & _ASYNCHRONOUS else "",
            code="not_a_connection",
        ) from error


def _may_pass(error: Exception, driver: Driver, *, in_query: bool) -> bool:
    """Return whether another try may mend it."""
    if getattr(error, "connection_invalidated", False):
        return True
    cause = getattr(error, "orig", None) or error
    by_code = passes(cause, driver.dialect.name)
    if by_code is not None:
        return by_code
    return not (in_query and _classes(cause) & _ABOUT_THE_QUERY)


def _classes(error: BaseException) -> set[str]:
    return {cls.__name__ for cls in type(error).__mro__}
