"""Transactions: one state of the data for reading, all or nothing for writing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from types import MappingProxyType

from store_uptime._sql.driver import Driver
from store_uptime._sql.errors import told

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
