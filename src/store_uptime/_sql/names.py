"""What the caller calls a table: its name, or a SELECT."""

from __future__ import annotations

import re
from collections.abc import Sequence

from store_uptime._sql.driver import Driver
from store_uptime._sql.parameters import PARAMETER
from store_uptime.errors import SchemaError

SELECT_BEGINS = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:SELECT|WITH)\s", re.IGNORECASE | re.DOTALL
)
"""How a SELECT begins, and no name of a table."""

_NAME_PART = r'"(?:[^"]|"")+"|[^."][^.]*'
_TABLE_NAME = re.compile(rf"(?:{_NAME_PART})(?:\.(?:{_NAME_PART}))*")


def source_of(driver: Driver, table: str, given: object) -> str:
    """Return what stands behind FROM for a table's name or a SELECT.

    Raises
    ------
    SchemaError
        `given` cannot be either.
    """
    if isinstance(given, str) and PARAMETER not in given and SELECT_BEGINS.match(given):
        # The line ends keep a comment at the end from swallowing the bracket.
        return f"(\n{given.strip().rstrip(';')}\n) store_uptime_{table}"
    return quoted_name(driver, name_parts(table, given))


def name_parts(table: str, given: object) -> list[str]:
    """Return the parts of ``schema.table``; a part in double quotes may hold a dot.

    Raises
    ------
    SchemaError
        `given` cannot be the name of a table.
    """
    if isinstance(given, str) and PARAMETER not in given and _TABLE_NAME.fullmatch(given):
        return [_without_quotes(part) for part in re.findall(_NAME_PART, given)]
    raise SchemaError(
        "no such table",
        table=table,
        values=[given],
        remedy="Give the table's name, such as 'schema.table'.",
        code="unknown_table",
    )


def _without_quotes(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part


def quoted_name(driver: Driver, parts: Sequence[str]) -> str:
    """Return a table's name as it stands in a query."""
    return ".".join(map(driver.quote, parts))
