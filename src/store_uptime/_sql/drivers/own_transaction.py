"""The transaction that a driver has begun at the first statement, if the caller has not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from store_uptime._sql.driver import Driver


@contextmanager
def own_transaction(driver: Driver, *, of_caller: bool) -> Iterator[None]:
    """End the transaction with the block, as it ends; one `of_caller` is left alone."""
    try:
        yield
        if not of_caller:
            driver.connection.commit()
    except BaseException:
        if not of_caller:
            with suppress(*driver.errors):
                driver.connection.rollback()
        raise
