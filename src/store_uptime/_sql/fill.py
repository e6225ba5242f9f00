"""Fill tables of a database with rows, in place of those that they have."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from store_uptime._sql.connect import opened
from store_uptime._sql.dialects import ColumnKind
from store_uptime._sql.driver import Driver
from store_uptime._sql.errors import translated_errors
from store_uptime._sql.names import quoted_name
from store_uptime._sql.target import as_stored, check_columns, check_known, target_columns
from store_uptime._sql.transactions import Turn, write_transaction


def fill_tables(tables: Mapping[str, pl.DataFrame], connection: object, *, anew: bool) -> None:
    """Fill the tables of these names; columns are Int64, String or Datetime in UTC.

    Raises
    ------
    SchemaError
        A table is there, though all are to be made `anew`; or it cannot hold the rows.
    """
    turns = [Turn([name]) for name in tables]
    with opened(connection, write=True) as driver, write_transaction(driver, turns):
        check_known(driver)
        # All are made before the first row is written: in MySQL that ends a transaction.
        present = {name: _find_target(driver, name, tables[name], anew=anew) for name in tables}
        for turn in turns:
            turn.of_transaction(driver)
        for name, rows in tables.items():
            _fill(driver, name, rows, present[name])


def _find_target(driver: Driver, name: str, rows: pl.DataFrame, *, anew: bool) -> dict[str, str]:
    """Return the types of the columns of a table, which is made if it is not there."""
    kinds = {column: _kind_of_type(dtype) for column, dtype in rows.schema.items()}
    with translated_errors(driver, "cannot be written", table=name):
        present = target_columns(driver, [name], kinds, anew=anew)
    check_columns(driver, name, present, kinds)
    return present


def _kind_of_type(dtype: pl.DataType) -> ColumnKind:
    if isinstance(dtype, pl.Datetime):
        return "instant"
    return "integer" if dtype == pl.Int64 else "text"


def _fill(driver: Driver, name: str, rows: pl.DataFrame, present: Mapping[str, str]) -> None:
    instants = [column for column, dtype in rows.schema.items() if isinstance(dtype, pl.Datetime)]
    stored = rows.with_columns(as_stored(driver, pl.col(each), present[each]) for each in instants)
    target = quoted_name(driver, [name])
    with translated_errors(driver, "cannot be written", table=name):
        driver.run(f"DELETE FROM {target}")
        driver.insert(target, stored, present)
