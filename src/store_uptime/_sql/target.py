"""The table that reports are written to: how it is made, and whether it can hold them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from store_uptime._sql.driver import PARAMETER, Driver
from store_uptime._sql.names import quoted
from store_uptime.errors import SchemaError

Kind = Literal["integer", "real", "text", "boolean", "instant"]

_KEY = ("run_id", "store_id")
_NOT_NULL = (*_KEY, "generated_at")
_STANDARD: Mapping[Kind, str] = MappingProxyType(
    {
        "integer": "BIGINT",
        "real": "DOUBLE PRECISION",
        "text": "TEXT",
        "boolean": "BOOLEAN",
        "instant": "TIMESTAMP WITH TIME ZONE",
    }
)
# A key needs a length there. Ids that differ in case or in blanks at the end are different ids.
_MYSQL_TEXT = "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE"
_MYSQL: Mapping[Kind, str] = MappingProxyType({**_STANDARD, "instant": "DATETIME(6)"})
TYPES: Mapping[str, Mapping[Kind, str]] = MappingProxyType(
    {
        "postgresql": _STANDARD,
        "duckdb": _STANDARD,
        "sqlite": {**_STANDARD, "instant": "TEXT"},
        "mysql": {**_MYSQL, "text": f"{_MYSQL_TEXT} utf8mb4_0900_bin"},
        "mariadb": {**_MYSQL, "text": f"{_MYSQL_TEXT} utf8mb4_nopad_bin"},
    }
)
"""The types of columns that are made, by dialect."""

_NUMERIC = r"numeric|decimal"
_HOLDS: Mapping[Kind, re.Pattern[str]] = MappingProxyType(
    {
        "integer": re.compile(rf"u?(big|small|tiny|medium|huge)?int(?!erval)|{_NUMERIC}"),
        "real": re.compile(rf"double|real|float|{_NUMERIC}"),
        "text": re.compile(r"n?(var)?char|text|(long|medium)text|citext|string|clob|uuid"),
        "boolean": re.compile(r"bool"),
        "instant": re.compile(r"timestamp|datetime"),
    }
)


def find_columns(driver: Driver, parts: list[str]) -> dict[str, str]:
    """Return the types of the table's columns by name; empty if there is no such table."""
    name, *schema = reversed(parts)
    values = [name, *schema]
    match driver.dialect:
        case "postgresql":
            values = [quoted(driver, parts)]
            query = (
                "SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute"
                f" WHERE attrelid = to_regclass(CAST({PARAMETER} AS text))"
                " AND attnum > 0 AND NOT attisdropped"
            )
        case "duckdb":
            values = []
            described = f"(DESCRIBE {quoted(driver, parts)})"
            query = f"SELECT column_name AS name, column_type AS type FROM {described}"
        case "sqlite":
            query = f"SELECT name, type FROM pragma_table_info({', '.join(PARAMETER * len(parts))})"
        case _:
            query = (
                "SELECT column_name AS name, data_type AS type FROM information_schema.columns"
                f" WHERE table_name = {PARAMETER}"
                f" AND table_schema = {PARAMETER if schema else 'DATABASE()'}"
            )
    return dict(driver.fetch(query, *values).iter_rows())


def create_table(
    driver: Driver, parts: list[str], kinds: Mapping[str, Kind], *, anew: bool
) -> None:
    """Make the table; if `anew`, one that exists is an error."""
    types = TYPES[driver.dialect]
    columns = [
        f"{driver.quote(name)} {types[kind]}{' NOT NULL' if name in _NOT_NULL else ''}"
        for name, kind in kinds.items()
    ]
    columns.append(f"PRIMARY KEY ({driver.listed(_KEY)})")
    if driver.dialect == "postgresql":
        # IF NOT EXISTS does not keep two sessions from making the same table at the same time.
        lock = f"pg_advisory_xact_lock(hashtext(CAST({PARAMETER} AS text)))"
        driver.fetch(f"SELECT count({lock}) AS locked", parts[-1])
    begin = f"CREATE TABLE {'' if anew else 'IF NOT EXISTS '}{quoted(driver, parts)}"
    driver.create(f"{begin} ({', '.join(columns)})")


def check_columns(
    driver: Driver, table: str, present: Mapping[str, str], kinds: Mapping[str, Kind]
) -> None:
    """Raise `SchemaError` unless the table can hold columns of these kinds."""
    missing = [name for name in kinds if name not in present]
    if missing:
        raise SchemaError(
            "the table that is there lacks columns",
            table=table,
            values=missing,
            remedy="Add them, or write to another table.",
        )
    for name, kind in kinds.items():
        if not _can_hold(driver, present[name].lower(), kind):
            raise SchemaError(
                f"type {present[name]} of the table that is there cannot hold the report's values",
                table=table,
                column=name,
                remedy=f"Make it {TYPES[driver.dialect][kind]}, or write to another table.",
            )


def _can_hold(driver: Driver, found: str, kind: Kind) -> bool:
    if _HOLDS[kind].match(found):
        return True
    if driver.dialect == "sqlite":
        # It has neither Booleans nor instants, and takes any word for a type.
        stead: dict[Kind, Kind] = {"boolean": "integer", "instant": "text"}
        known = any(pattern.match(found) for pattern in _HOLDS.values())
        return not known or bool(_HOLDS[stead.get(kind, kind)].match(found))
    return kind == "boolean" and found == "tinyint"
