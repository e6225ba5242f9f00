"""The time zone of a session, which instants follow in some databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from store_uptime._sql.driver import Driver


@contextmanager
def in_utc(driver: Driver) -> Iterator[None]:
    """Let instants that follow the session, as MySQL's TIMESTAMP does, be given in UTC."""
    if not driver.dialect.zone_query:
        yield
        return
    before = driver.fetch(driver.dialect.zone_query).item()
    driver.run(driver.dialect.zone_statement, "+00:00")
    try:
        yield
    finally:
        with suppress(*driver.errors):
            driver.run(driver.dialect.zone_statement, before)
