"""How a value that is bound stands in a query, before it has the mark that its driver wants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

Value = dt.datetime | str

PARAMETER = "\0"
"""Stands in a query for a value that is bound; no name and no SELECT can hold this sign."""


def with_marks(query: str, marks: Iterable[str]) -> str:
    """Return the query with the mark of each value in place of its `PARAMETER`."""
    for mark in marks:
        query = query.replace(PARAMETER, mark, 1)
    return query
