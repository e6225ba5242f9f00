"""PostgreSQL, where it is the driver that begins a transaction."""

from __future__ import annotations

from dataclasses import replace

from store_uptime._sql.dialects import dialect_of

BEGUN_POSTGRES = replace(
    dialect_of("postgresql"),
    begin_reading=("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",),
    begin_writing=("SET TRANSACTION ISOLATION LEVEL READ COMMITTED",),
)
"""What is left to be said to a transaction that the driver has begun."""
