"""Which columns and rows of which tables are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from store_uptime._sql.driver import Driver
from store_uptime._sql.errors import translated_errors
from store_uptime._sql.names import source_of
from store_uptime._sql.other_names import select_for
from store_uptime._sql.parameters import Value
from store_uptime._tables.contract import TABLES
from store_uptime._tables.given import Source
from store_uptime.errors import SchemaError, facts_of, listed


@dataclass(frozen=True, slots=True)
class TableToRead:
    """A table of the database, or a SELECT, that is read as the input `name`.

    `source` stands behind FROM; `columns` says for each column by what it is read.
    """

    driver: Driver
    name: str
    source: str
    columns: Mapping[str, str]

    def fetch(self, what: str, where: str = "", *values: Value) -> pl.DataFrame:
        """Return rows of the table."""
        query = f"SELECT {what} FROM {self.source}{where and f' WHERE {where}'}"
        with translated_errors(self.driver, "cannot be read", table=self.name):
            return self.driver.fetch(query, *values)

    def rows(self, where: str = "", *values: Value) -> pl.DataFrame:
        """Return the columns that matter."""
        read = ((read, self.driver.quote(column)) for column, read in self.columns.items())
        return self.fetch(", ".join(f"{each} AS {name}" for each, name in read), where, *values)


def find_table(driver: Driver, name: str, given: object) -> TableToRead:
    """Return the table that is `given` by its name or as a SELECT.

    Raises
    ------
    SchemaError
        There is no such table, or it lacks a column.
    """
    source = source_of(driver, name, given)
    # A SELECT may be long, and the cause comes behind it.
    called = "the SELECT" if source.startswith("(") else repr(given)
    with translated_errors(driver, f"{called} cannot be read", table=name):
        names = driver.names(source)
    source, columns = _renamed(driver, name, source, _found(name, given, list(names)))
    plain = {column: _unconverted(driver, column) for column in columns}
    table = TableToRead(driver, name, source, plain)
    if not driver.typed:
        return table
    types = table.rows("1 = 0").schema
    readable = {column: _readable(driver, column, types[column]) for column in columns}
    return TableToRead(driver, name, source, readable)


def _found(name: str, given: object, names: list[str]) -> dict[str, str]:
    """Return the columns by the names of the contract.

    Raises
    ------
    SchemaError
        One is not there; the remedy is a SELECT with the columns that are.
    """
    present = Source(pl.DataFrame(schema=dict.fromkeys(names, pl.Null)), name)
    try:
        return present.columns(TABLES[name])
    except SchemaError as error:
        if error.code != "missing_column":
            raise
        remedy = f"The columns are: {listed(names)}. Put the one that holds it for ...: {{option}}."
        option = f'{name}="{select_for(TABLES[name], given, names)}"'
        raise type(error)(**facts_of(error) | {"remedy": remedy, "option": option}) from None


def _renamed(
    driver: Driver, name: str, source: str, found: Mapping[str, str]
) -> tuple[str, list[str]]:
    """Return what stands behind FROM, and its columns, by names of the contract to the letter."""
    names_of = {column.name: column.names for column in TABLES[name].columns}
    columns = [each if each in names_of[ours] else ours for ours, each in found.items()]
    if columns == list(found.values()):
        return source, columns
    quoted = zip(map(driver.quote, found.values()), map(driver.quote, columns), strict=True)
    aliases = ", ".join(f"{theirs} AS {ours}" for theirs, ours in quoted)
    return f"(SELECT {aliases} FROM {source}) store_uptime_named", columns


def _unconverted(driver: Driver, column: str) -> str:
    """Return by what the column is read that arrives as it is."""
    quoted = driver.quote(column)
    # In SQLite a column with a sign has no declared type. By that, an application may have told
    # the module sqlite3 to convert values, which then compare otherwise than the database has them.
    return f"+{quoted}" if driver.dialect.any_type else quoted


def _readable(driver: Driver, column: str, dtype: pl.DataType) -> str:
    """Return by what the column is read: cast to text where it would not arrive whole.

    Some databases send UUIDs as bytes, and polars has no time of 24:00.
    """
    quoted = driver.quote(column)
    storage = dtype.ext_storage() if isinstance(dtype, pl.BaseExtension) else dtype
    if storage == pl.Binary or dtype == pl.Time:
        return f"CAST({quoted} AS {driver.dialect.text})"
    return quoted
