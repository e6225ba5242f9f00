"""Nothing waits for PostgreSQL without end: limits for the server, the network and ourselves."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import psycopg

IDLE = 60  # seconds, for a transaction in which nothing happens
GRACE = 2  # seconds, in which the server may say itself that a statement took too long
# How each side finds out that the other has vanished; the last in milliseconds.
KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
USER_TIMEOUT = {"tcp_user_timeout": 25_000}


def limits(connect: int, statement: int) -> dict[str, str]:
    """Return parameters of libpq, with seconds for a connection, and for a statement or a lock."""
    server = {f"{name}_timeout": f"{statement}s" for name in ("statement", "lock")}
    server |= {"idle_in_transaction_session_timeout": f"{IDLE}s"}
    server |= {f"tcp_{name}": str(value) for name, value in KEEPALIVES.items()}
    options = " ".join(f"-c {it}={value}" for it, value in (server | USER_TIMEOUT).items())
    network = {"connect_timeout": connect, **KEEPALIVES, **USER_TIMEOUT}
    return {name: str(value) for name, value in network.items()} | {"options": options}


class Connection(psycopg.Connection[Any]):
    """One that is closed if no answer comes, such as from a proxy that keeps what it gets."""

    limit = 0

    @classmethod
    def within(cls, seconds: int, **options: Any) -> Connection:
        """Connect, and wait for each answer no longer than that."""
        made = cls.connect(**options)
        made.limit = seconds + GRACE
        return made

    def wait(self, gen: Generator[Any, Any, Any], *arguments: Any, **options: Any) -> Any:
        """Do what psycopg does, but not without end."""
        return super().wait(self._limited(gen), *arguments, **options)

    def _limited(self, steps: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        end = time.monotonic() + self.limit
        try:
            wanted = next(steps)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > end:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"no answer within {self.limit} seconds")
                wanted = steps.send(ready)
        except StopIteration as finished:
            return finished.value
