"""What may be given as the connection to a database, as type checkers see it.

No driver is imported for it, and few say the types of another's methods: so each kind is told by
the few methods that its connections have and nothing else has.
"""

from __future__ import annotations

from typing import Protocol


class DriverConnection(Protocol):
    """That of a driver (DB-API): ADBC, DuckDB, sqlite3, psycopg, PyMySQL, and Django's."""

    def cursor(self) -> object:
        """Open a cursor."""

    def close(self) -> None:
        """Close it at once: an asynchronous connection has to be waited for."""


class DjangoConnection(Protocol):
    """Django's connection of the thread, which has the methods of another, unseen by checkers."""

    def __getattr__(self, item: str, /) -> object:
        """Return what the other has."""

    def __contains__(self, key: object, /) -> bool:
        """Whether the other contains it."""


class AlchemyConnection(Protocol):
    """SQLAlchemy's connection."""

    def in_transaction(self) -> bool:
        """Whether a transaction has begun."""

    def close(self) -> None:
        """Close it at once: an asynchronous connection has to be waited for."""


class AlchemySession(Protocol):
    """SQLAlchemy's session, or a registry of sessions, one for each thread."""

    def get_bind(self) -> object:
        """Return the engine or the connection."""

    def close(self) -> None:
        """Close it at once: an asynchronous session has to be waited for."""


class AlchemyEngine(Protocol):
    """SQLAlchemy's engine."""

    def connect(self) -> AlchemyConnection:
        """Open a connection."""


AnyConnection = (
    str | DriverConnection | DjangoConnection | AlchemyConnection | AlchemySession | AlchemyEngine
)
"""A connection, or the URI of a database."""
