"""Values for queries of PostgreSQL that can take none, such as COPY."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from store_uptime._sql.parameters import PARAMETER, Value, with_marks

QUOTE = f"SELECT quote_literal(CAST({PARAMETER} AS text)) AS literal"
"""Has the server write a value, which is bound, as a literal."""


def with_literals(query: str, values: Sequence[Value], quote: Callable[[str], str]) -> str:
    """Return the query with literals for its values, which `quote` has the server write.

    The planner knows what they are. Settings of the transaction would be read for every row.
    """
    literals = [f"CAST({quote(str(value))} AS {_type_of(value)})" for value in values]
    return with_marks(query, literals)


def _type_of(value: Value) -> str:
    if isinstance(value, dt.datetime):
        return "timestamp" if value.tzinfo is None else "timestamptz"
    return "text"
