"""The tables that are written to: how they are made, and whether they can hold the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from store_uptime._sql.dialects import DIALECTS, ColumnKind
from store_uptime._sql.driver import Driver
from store_uptime._sql.names import quoted_name
from store_uptime._sql.transactions import statements_to_write
from store_uptime.errors import DatabaseError, SchemaError


def check_known(driver: Driver) -> None:
    """Raise `SchemaError` unless the database is one that is written to."""
    if not driver.dialect.types:
        raise SchemaError(
            f"the database {driver.dialect.name!r} is not known, and not written to",
            table="connection",
            remedy=f"Known are {', '.join(DIALECTS)}.",
            code="unknown_database",
        )


def target_columns(
    driver: Driver,
    parts: Sequence[str],
    kinds: Mapping[str, ColumnKind],
    *,
    anew: bool,
    key: Sequence[str] = (),
    not_null: Sequence[str] = (),
) -> dict[str, str]:
    """Return the types of the table's columns by name, of a new table if there is none.

    Raises
    ------
    SchemaError
        There is a table, though it is to be made `anew`.
    DatabaseError
        The transaction is too old to see the table, which another session has made.
    """
    # Who may not create tables may still write to one that exists.
    there = {} if driver.dialect.fails_without_table else find_columns(driver, parts)
    if there and anew:
        raise SchemaError(
            "cannot be written: the table already exists",
            table=parts[-1],
            remedy="Write to another table, or into this one by another if_exists.",
            code="query_refused",
        )
    if there:
        return there
    _create_table(driver, parts, kinds, anew=anew, key=key, not_null=not_null)
    present = find_columns(driver, parts)
    if not present:
        raise DatabaseError(
            "another session made the table after this transaction had begun, which cannot see it",
            table=parts[-1],
            remedy="Roll back, and call again.",
            code="database_failed",
        )
    return present


def find_columns(driver: Driver, parts: Sequence[str]) -> dict[str, str]:
    """Return the types of the table's columns by name; empty if there is no such table."""
    query, values = driver.dialect.columns(parts, quoted_name(driver, parts))
    return dict(driver.fetch(query, *values).iter_rows())


def _create_table(
    driver: Driver,
    parts: Sequence[str],
    kinds: Mapping[str, ColumnKind],
    *,
    anew: bool,
    key: Sequence[str],
    not_null: Sequence[str],
) -> None:
    dialect = driver.dialect
    columns = [
        f"{driver.quote(name)} {dialect.types[kind]}{' NOT NULL' if name in not_null else ''}"
        for name, kind in kinds.items()
    ]
    if key:
        columns.append(f"PRIMARY KEY ({driver.listed(key)})")
    if dialect.lock_query:
        driver.run(dialect.lock_query, parts[-1])
    begin = f"CREATE TABLE {'' if anew else 'IF NOT EXISTS '}{quoted_name(driver, parts)}"
    driver.create(f"{begin} ({', '.join(columns)})")
    if dialect.create_ends_transaction and not driver.inside:
        for statement in statements_to_write(driver):
            driver.run(statement)


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
                f"type {present[name]} of the table that is there cannot hold the values",
                table=table,
                column=name,
                remedy=f"Make it {driver.dialect.types[kind]}, or write to another table.",
                code="unaccepted_type",
            )


def as_stored(driver: Driver, instants: pl.Expr, column_type: str) -> pl.Expr:
    """Return instants in UTC in the form that a column of a type takes."""
    kind = column_type.lower()
    if "with time zone" in kind:
        return instants
    if "char" in kind or "text" in kind:
        return instants.dt.strftime("%Y-%m-%d %H:%M:%S%.6f+00:00")
    naive = instants.dt.replace_time_zone(None)
    return naive if driver.dialect.has_instants else naive.dt.strftime("%Y-%m-%d %H:%M:%S%.6f")
