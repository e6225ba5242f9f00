"""The table that reports are written to: how it is made, and whether it can hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from store_uptime._sql.dialects import ColumnKind
from store_uptime._sql.driver import Driver
from store_uptime._sql.names import quoted_name
from store_uptime.errors import SchemaError

_KEY = ("run_id", "store_id")
_NOT_NULL = (*_KEY, "generated_at")


def find_columns(driver: Driver, parts: Sequence[str]) -> dict[str, str]:
    """Return the types of the table's columns by name; empty if there is no such table."""
    query, values = driver.dialect.columns(parts, quoted_name(driver, parts))
    return dict(driver.fetch(query, *values).iter_rows())


def create_table(
    driver: Driver, parts: Sequence[str], kinds: Mapping[str, ColumnKind], *, anew: bool
) -> None:
    """Make the table; if `anew`, one that exists is an error."""
    dialect = driver.dialect
    columns = [
        f"{driver.quote(name)} {dialect.types[kind]}{' NOT NULL' if name in _NOT_NULL else ''}"
        for name, kind in kinds.items()
    ]
    columns.append(f"PRIMARY KEY ({driver.listed(_KEY)})")
    if dialect.lock_query:
        driver.run(dialect.lock_query, parts[-1])
    begin = f"CREATE TABLE {'' if anew else 'IF NOT EXISTS '}{quoted_name(driver, parts)}"
    driver.create(f"{begin} ({', '.join(columns)})")


def check_columns(
    driver: Driver, table: str, present: Mapping[str, str], kinds: Mapping[str, ColumnKind]
) -> None:
    """Raise `SchemaError` unless the table can hold columns of these kinds."""
    missing = [name for name in kinds if name not in present]
    if missing:
        raise SchemaError(
            "the table that is there lacks columns",
            table=table,
            values=missing,
            remedy="Add them, or write to another table.",
            code="missing_column",
        )
    for name, kind in kinds.items():
        if not driver.dialect.can_hold(present[name].lower(), kind):
            raise SchemaError(
                f"type {present[name]} of the table that is there cannot hold the report's values",
                table=table,
                column=name,
                remedy=f"Make it {driver.dialect.types[kind]}, or write to another table.",
                code="unaccepted_type",
            )
