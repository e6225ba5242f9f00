"""Tables and columns under other names: what to write where one is not there as it was named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from store_uptime._files.find import table_of
from store_uptime._sql.driver import Driver
from store_uptime._sql.names import SELECT_BEGINS
from store_uptime._sql.transactions import read_transaction
from store_uptime._tables.contract import TABLES, Column, Table
from store_uptime._tables.names import matching
from store_uptime.errors import SchemaError, StoreUptimeError, facts_of, listed

_OF_SQLITE = (
    "SELECT m.name AS name, c.name AS column_name"
    " FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type IN ('table', 'view')"
)
_OF_MYSQL = (
    "SELECT table_name AS name, column_name AS column_name"
    " FROM information_schema.columns WHERE table_schema = DATABASE()"
)
_OF_OTHERS = (
    "SELECT CAST(CASE WHEN table_schema = current_schema() THEN table_name"
    " ELSE table_schema || '.' || table_name END AS {text}) AS name,"
    " CAST(column_name AS {text}) AS column_name FROM information_schema.columns"
    " WHERE table_schema NOT IN ('information_schema', 'pg_catalog')"
)


@contextmanager
def naming_tables(driver: Driver, given: Mapping[str, object]) -> Iterator[None]:
    """Say which tables look right if one of those that are `given` is not there."""
    try:
        yield
    except SchemaError as error:
        name = error.table or ""
        there = given.get(name)
        if (
            error.code != "query_refused"
            or not isinstance(there, str)
            or SELECT_BEGINS.match(there)
        ):
            raise
        columns_of = _columns_by_table(driver)
        if not columns_of or there.casefold() in map(str.casefold, columns_of):
            raise  # no right to it, for instance
        raise _with_remedy(error, TABLES[name], columns_of) from error.__cause__


def _columns_by_table(driver: Driver) -> dict[str, list[str]]:
    """Return the tables of the database with their columns; none if it does not say them."""
    query = {"sqlite": _OF_SQLITE, "mysql": _OF_MYSQL, "mariadb": _OF_MYSQL}.get(
        driver.dialect.name, _OF_OTHERS.format(text=driver.dialect.text)
    )
    found: dict[str, list[str]] = {}
    # The error has ended a transaction of the caller's where it could not be undone alone.
    with suppress(StoreUptimeError), read_transaction(driver):
        for table, column in driver.fetch(query).sort("name").iter_rows():
            found.setdefault(table, []).append(column)
    return found


def _with_remedy(
    error: SchemaError, table: Table, columns_of: Mapping[str, Sequence[str]]
) -> SchemaError:
    right = _right_tables(table, columns_of)
    remedy = f"The tables are: {listed(columns_of)}. Write {{option}}."
    if right:
        remedy = f"Tables that look right: {listed(right)}. Write {{option}}."
    option = f'{table.name}="{right[0] if right else "..."}"'
    return type(error)(**facts_of(error) | {"remedy": remedy, "option": option})


def _right_tables(table: Table, columns_of: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the tables that look right, by their names, else by their columns.

    Those of the schema that is searched go before those of others, whose names have a dot.
    """
    for places in ([each for each in columns_of if "." not in each], list(columns_of)):
        named = [each for each in places if table_of(each.rpartition(".")[2], ("",)) == table.name]
        right = named or [each for each in places if _fits(table, columns_of[each])]
        if right:
            return right
    return []


def _fits(table: Table, present: Sequence[str]) -> bool:
    return all(matching(column.names, present) for column in _needed(table))


def _needed(table: Table) -> list[Column]:
    return [column for column in table.columns if not column.optional]


def select_for(table: Table, given: object, present: Sequence[str]) -> str:
    """Return a SELECT to fill in, of the columns that are there and those that are not."""
    parts = []
    for column in _needed(table):
        found = matching(column.names, present)
        parts.append(found[0] if found else f"... AS {column.name}")
    is_select = isinstance(given, str) and SELECT_BEGINS.match(given)
    return f"SELECT {', '.join(parts)} FROM {'...' if is_select else given}"
