"""What the caller calls a table: its name, or a SELECT."""

from __future__ import annotations

import re
from typing import Any

from store_uptime._sql.driver import PARAMETER, Driver
from store_uptime.errors import SchemaError

_SELECT = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:SELECT|WITH)\s", re.IGNORECASE | re.DOTALL)
_PART = r'"(?:[^"]|"")+"|[^."][^.]*'
_NAME = re.compile(rf"(?:{_PART})(?:\.(?:{_PART}))*")


def source_of(driver: Driver, table: str, given: Any) -> str:
    """Return what stands behind FROM for a table's name or a SELECT.

    Raises
    ------
    SchemaError
        `given` cannot be either.
    """
    if isinstance(given, str) and PARAMETER not in given and _SELECT.match(given):
        # The line ends keep a comment at the end from swallowing the bracket.
        return f"(\n{given.strip().rstrip(';')}\n) store_uptime_{table}"
    return quoted(driver, name_parts(table, given))


def name_parts(table: str, given: Any) -> list[str]:
    """Return the parts of ``schema.table``; a part in double quotes may hold a dot.

    Raises
    ------
    SchemaError
        `given` cannot be the name of a table.
    """
    if isinstance(given, str) and PARAMETER not in given and _NAME.fullmatch(given):
        return [_bare(part) for part in re.findall(_PART, given)]
    raise SchemaError(
        "no such table",
        table=table,
        values=[given],
        remedy="Give the table's name, such as 'schema.table'.",
    )


def _bare(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part


def quoted(driver: Driver, parts: list[str]) -> str:
    """Return a table's name as it stands in a query."""
    return ".".join(map(driver.quote, parts))
