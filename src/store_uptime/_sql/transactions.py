"""Transactions: one state of the data for reading, all or nothing for writing."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass

from store_uptime._sql.driver import Driver
from store_uptime._sql.errors import translated_errors
from store_uptime._sql.names import quoted_name
from store_uptime.errors import DatabaseError

_ONE_WRITER = threading.Lock()
"""For databases that only one process can write to, and whose transactions never wait."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is written by one transaction at a time: a run of a table, or, without one, all of it.

    `parts` is the table's name.
    """

    parts: Sequence[str]
    run: str = ""

    @contextmanager
    def of_session(self, driver: Driver) -> Iterator[None]:
        """Hold the turn, in a database where only sessions can wait for each other."""
        begin, end = driver.dialect.session_turn or ("", "")
        name, *schema = reversed(self.parts)
        values = ("".join(schema[:1]), name, self.run)
        if driver.fetch(begin, *values).item() != 1:
            raise DatabaseError(
                "cannot be written: another session writes the same, and does not end",
                table=name,
                remedy="Call again when it has ended.",
                code="database_failed",
            )
        try:
            yield
        finally:
            with suppress(*driver.errors):  # a session that is lost has ended its turn
                driver.run(end, *values)

    def of_transaction(self, driver: Driver) -> None:
        """Wait for the turn, which the end of the transaction ends."""
        if driver.dialect.turn_query:
            driver.run(driver.dialect.turn_query, quoted_name(driver, self.parts), self.run)


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
    with translated_errors(driver):
        driver.begin_late(dialect.begin_reading)
        with driver.session(), block:
            yield


@contextmanager
def write_transaction(driver: Driver, turns: Sequence[Turn]) -> Iterator[None]:
    """Let what is run inside happen whole or not at all, and not at the same time as these turns.

    In a transaction of the caller's it happens when the caller commits.
    """
    with ExitStack() as stack:
        stack.enter_context(translated_errors(driver))
        driver.begin_late(driver.dialect.begin_writing)
        stack.enter_context(driver.session())
        if driver.dialect.never_waits:
            stack.enter_context(_ONE_WRITER)
        # Nothing tells when a transaction of the caller's ends, and with it the turn.
        if driver.dialect.session_turn and not driver.inside:
            for turn in turns:
                stack.enter_context(turn.of_session(driver))
        if not driver.inside:
            stack.enter_context(_transaction(driver, statements_to_write(driver)))
        elif driver.has_savepoints:
            stack.enter_context(_savepoint(driver))
        yield


def statements_to_write(driver: Driver) -> tuple[str, ...]:
    """Return the statements that begin a transaction of our own to write."""
    dialect = driver.dialect
    if dialect.keeps_gaps_query and driver.fetch(dialect.keeps_gaps_query).is_empty():
        return (dialect.begin_without_gaps, *dialect.begin_writing)
    return dialect.begin_writing


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
