"""Transactions: one state of the data for reading, all or nothing for writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

from store_uptime._sql.driver import Driver
from store_uptime._sql.errors import translated_errors


@contextmanager
def read_transaction(driver: Driver) -> Iterator[None]:
    """Hold one state of the data where the database can do that.

    In a transaction of the caller's that is up to the caller.
    """
    dialect = driver.dialect
    block: AbstractContextManager[None] = nullcontext()
    if not driver.inside:
        block = _transaction(driver, dialect.begin_reading)
    elif dialect.error_ends_transaction and driver.has_savepoints:
        block = _savepoint(driver)
    with translated_errors(driver), driver.session(), block:
        yield


@contextmanager
def write_transaction(driver: Driver) -> Iterator[None]:
    """Let what is run inside happen whole or not at all.

    In a transaction of the caller's it happens when the caller commits.
    """
    block: AbstractContextManager[None] = nullcontext()
    if not driver.inside:
        block = _transaction(driver, driver.dialect.begin_writing)
    elif driver.has_savepoints:
        block = _savepoint(driver)
    with translated_errors(driver), driver.session(), block:
        yield


@contextmanager
def _transaction(driver: Driver, begin: tuple[str, ...]) -> Iterator[None]:
    # By statement: whether a driver that is in autocommit mode begins one differs by driver.
    for statement in begin:
        driver.run(statement)
    with _undoing(driver, "ROLLBACK"):
        yield
        if begin:
            driver.run("COMMIT")


@contextmanager
def _savepoint(driver: Driver) -> Iterator[None]:
    driver.run("SAVEPOINT store_uptime")
    with _undoing(driver, "ROLLBACK TO SAVEPOINT store_uptime"):
        yield
        driver.run("RELEASE SAVEPOINT store_uptime")


@contextmanager
def _undoing(driver: Driver, statement: str) -> Iterator[None]:
    """Run the statement if the block fails, without hiding why."""
    try:
        yield
    except BaseException:
        with suppress(*driver.errors):
            driver.run(statement)
        raise
