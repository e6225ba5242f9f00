"""What goes wrong around the host application, and what the tests see of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from support.host_app import Host
from support.services import need

# A server gives up soon, so that no test takes long.
SECONDS = {
    "TIMEOUT_SECONDS": "2",
    "LONG_TIMEOUT_SECONDS": "30",
    "LEASE_SECONDS": "3",
    "PATIENCE_SECONDS": "2",
}
# For a connection of the pool that does not answer, and then for a new one; and a busy machine.
SOON = 12.0


@contextmanager
def soon() -> Iterator[None]:
    """Check that what is done inside does not take long."""
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < SOON


def fetch(database: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Return what another connection sees."""
    with need("psycopg").connect(database) as connection:
        return list(connection.execute(query, values))


@contextmanager
def locked(database: str, table: str) -> Iterator[None]:
    """Let everybody wait who reads or writes the table."""
    with need("psycopg").connect(database) as connection:
        connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield


def waiting(database: str) -> int:
    """Return how many connections wait for a table that is locked."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'relation'"
    return int(fetch(database, query)[0][0])


def script(host: Host, text: str, *arguments: str, **env: str) -> str:
    """Run a script with the application, and return what it prints."""
    done = host.run("-c", text, *arguments, **env)
    assert done.returncode == 0, done.stderr
    return done.stdout
