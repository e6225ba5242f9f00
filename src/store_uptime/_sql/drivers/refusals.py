"""The error of a connection that cannot be used as it is."""

from __future__ import annotations

from store_uptime.errors import SchemaError


def unusable(problem: str, remedy: str) -> SchemaError:
    """Return the error: what the connection is, and what to do about it."""
    return SchemaError(problem, table="connection", remedy=remedy, code="unusable_connection")
