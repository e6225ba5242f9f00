"""Write a report into a table, in place of what its run has there."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

import polars as pl

from store_uptime._sql.accepted import AnyConnection
from store_uptime._sql.connect import opened
from store_uptime._sql.dialects import ColumnKind
from store_uptime._sql.driver import Driver
from store_uptime._sql.errors import translated_errors
from store_uptime._sql.names import name_parts, quoted_name
from store_uptime._sql.parameters import PARAMETER, Value
from store_uptime._sql.target import as_stored, check_columns, check_known, target_columns
from store_uptime._sql.transactions import Turn, write_transaction
from store_uptime._tables.contract import ID
from store_uptime._tables.given import Source, is_text
from store_uptime._tables.ids import refuse_ids
from store_uptime.errors import PolicyError, SchemaError, check_word
from store_uptime.inputs import AnyTable

IfExists = Literal["append", "replace", "fail"]

_KEY = ("run_id", "store_id")
_NOT_WRITTEN = "cannot be written"
_WHOLE = ""
_ADDED: Mapping[str, ColumnKind] = MappingProxyType({"run_id": "text", "generated_at": "instant"})
_POLARS_TYPES: Mapping[ColumnKind, pl.DataType] = {
    "integer": pl.Int64(),
    "real": pl.Float64(),
    "text": pl.String(),
    "boolean": pl.Boolean(),
}


def write_sql(
    report: AnyTable,
    connection: AnyConnection,
    table: str = "store_uptime_report",
    *,
    run_id: str | None = None,
    if_exists: IfExists = "append",
) -> str:
    """Write a report into a table of a database, all of it or nothing.

    It takes the place of what the same run has in the table, so that a run that is written again
    changes nothing but `generated_at`. What `connection` has begun as a transaction is left to
    the caller to commit; else the rows are there for good when the call returns. (An ADBC
    connection that does not autocommit is always in a transaction.)

    Many may write at once: other runs are not in the way, and who writes the same run waits. In a
    transaction of the caller's a database may refuse that instead.

    Parameters
    ----------
    report
        What `compute_report` returned: one row a store. Integers, floats, Booleans and strings.
    connection
        As for `load_sql`: PostgreSQL, MySQL, MariaDB, SQLite or DuckDB.
    table
        The name of the table, such as ``schema.table``; it is quoted. If there is none, it is
        made: `run_id` and `generated_at`, then the columns of the report, with the primary key
        ``(run_id, store_id)``. A table that is there must have these columns, of types that hold
        their values; further columns stay empty.
    run_id
        The name of the run; ``None`` makes a new one, a random UUID.
    if_exists
        What to do with a table that is there: ``"append"`` to it, ``"replace"`` all rows of it,
        or ``"fail"``.

    Returns
    -------
    str
        The `run_id`, which stands in each row, beside `generated_at`: the time of writing by the
        clock of this machine, in UTC.

    Raises
    ------
    SchemaError
        The table that is there lacks a column or has one of another type, or `if_exists` is
        ``"fail"``; the report has no `store_id`, a null one or one twice, or a column that cannot
        be written; `connection` is of no kind listed above.
    DatabaseError
        The database cannot be reached, broke off, or could not do what it was asked to do.
    PolicyError
        `run_id` or `if_exists` make no sense.
    MissingDependencyError
        A URI needs a package that is not installed.

    Examples
    --------
    >>> import sqlite3
    >>> connection = sqlite3.connect(":memory:")
    >>> report = pl.DataFrame({"store_id": [7], "uptime_last_day": [1.75]})
    >>> for _ in range(2):
    ...     write_sql(report, connection, run_id="2023-01-23")
    '2023-01-23'
    '2023-01-23'
    >>> connection.execute(
    ...     "SELECT run_id, store_id, uptime_last_day FROM store_uptime_report"
    ... ).fetchall()
    [('2023-01-23', 7, 1.75)]
    """
    rows = _check_report(report, _check_run_id(run_id), is_new=run_id is None)
    check_word("if_exists", None, if_exists, get_args(IfExists))
    parts = name_parts("table", table)
    turns = [Turn(parts, run) for run in _replaced(rows, if_exists)]
    with opened(connection, write=True) as driver:
        check_known(driver)
        with write_transaction(driver, turns), translated_errors(driver, _NOT_WRITTEN, table=table):
            _write_rows(driver, rows, table, turns, anew=if_exists == "fail")
    return rows.run_id


@dataclass(frozen=True, slots=True)
class ReportRows:
    """The rows of a report that can be written, and the run that they are of.

    Attributes
    ----------
    run_id
        The run.
    is_new
        Whether no other run can have its name.
    kinds
        What each column of the table is to hold: those that are added, then those of the report.
    rows
        The columns of the report.
    """

    run_id: str
    is_new: bool
    kinds: Mapping[str, ColumnKind]
    rows: pl.DataFrame

    def frame(self, generated_at: pl.Expr) -> pl.DataFrame:
        """Return the rows with the columns that are added."""
        added = {"run_id": pl.lit(self.run_id), "generated_at": generated_at}
        return self.rows.select(*(value.alias(name) for name, value in added.items()), pl.all())


def _check_run_id(run_id: object) -> str:
    """Return the name of the run, a new one if there is none."""
    if run_id is None:
        return str(uuid.uuid4())
    if not isinstance(run_id, str) or not run_id:
        raise PolicyError(
            "must be a string that is not empty",
            table="run_id",
            values=[run_id],
            remedy="Leave it out to have one made.",
            code="not_a_run_id",
        )
    return run_id


def _check_report(report: AnyTable, run_id: str, *, is_new: bool) -> ReportRows:
    """Return the rows that can be written.

    Raises
    ------
    SchemaError
        The report is not one row a store, or has a column that cannot be written.
    """
    source = Source(report, "report")
    source = source.collected(*source.schema)
    _check_ids(source)
    kinds = {name: _kind_of(source, name) for name in source.schema}
    for name in kinds:
        if name.lower() in _ADDED:
            raise SchemaError(
                f"write_sql adds a column named {name.lower()} itself",
                table="report",
                column=name,
                remedy="Rename or drop the column.",
                code="name_taken",
            )
    rows = source.rows.select(_cast(source, name, kind) for name, kind in kinds.items())
    return ReportRows(run_id, is_new, {**_ADDED, **kinds}, rows.collect())


def _check_ids(source: Source) -> None:
    dtype = source.dtype(source.column("store_id"))
    if not (dtype.is_integer() or is_text(dtype)):
        source.refuse_type("store_id", ID.accepted)
    refuse_ids(source, SchemaError, dtype)
    twice = pl.col("store_id").is_duplicated()
    remedy = "Write one report at a time: one row a store."
    problem = "several rows of one store"
    source.refuse_rows(SchemaError, "store_id", problem, twice, remedy, code="repeated_store")


def _kind_of(source: Source, name: str) -> ColumnKind:
    dtype = source.dtype(name)
    if dtype.is_integer():
        return "integer"
    if dtype.is_float():
        return "real"
    if dtype == pl.Boolean:
        return "boolean"
    if is_text(dtype):
        return "text"
    source.refuse_type(name, "integers, floats, Booleans and strings")


def _cast(source: Source, name: str, kind: ColumnKind) -> pl.Expr:
    raw = pl.col(name)
    cast = raw.cast(_POLARS_TYPES[kind], strict=False)
    if kind == "integer":
        lost, remedy = cast.is_null() & raw.is_not_null(), "Cast the column to String."
        source.refuse_rows(
            SchemaError, name, "number outside Int64", lost, remedy, code="number_out_of_range"
        )
    return cast


def _replaced(rows: ReportRows, if_exists: IfExists) -> list[str]:
    """Return which runs of the table the rows take the place of; `_WHOLE` is all of them."""
    whole = [_WHOLE] if if_exists == "replace" else []
    return whole if rows.is_new else [*whole, rows.run_id]


def _write_rows(
    driver: Driver, rows: ReportRows, table: str, turns: Sequence[Turn], *, anew: bool
) -> None:
    """Write the rows into the table, in place of those that have the same turns.

    Raises
    ------
    SchemaError
        The table cannot be had, or cannot hold the rows.
    """
    parts = name_parts("table", table)
    not_null = (*_KEY, "generated_at")
    present = target_columns(driver, parts, rows.kinds, anew=anew, key=_KEY, not_null=not_null)
    check_columns(driver, table, present, rows.kinds)
    for turn in turns:
        turn.of_transaction(driver)
    if turns:
        _delete(driver, table, turns[0].run, present["run_id"])
    stamp = as_stored(driver, pl.lit(dt.datetime.now(dt.UTC)), present["generated_at"])
    with _writing(driver, table, "INSERT"):
        driver.insert(quoted_name(driver, parts), rows.frame(stamp), present)


def _delete(driver: Driver, table: str, run: str, run_type: str) -> None:
    """Delete the rows of the run, or all rows, if there are any.

    A DELETE that finds nothing needs a right all the same, and in MySQL it locks the gap into which
    others write.
    """
    target = quoted_name(driver, name_parts("table", table))
    values: list[Value] = []
    if run != _WHOLE:
        mark = f"CAST({PARAMETER} AS uuid)" if run_type.lower() == "uuid" else PARAMETER
        target, values = f"{target} WHERE run_id = {mark}", [run]
    with _writing(driver, table, "SELECT"):
        found = driver.fetch(f"SELECT 1 AS found FROM {target} LIMIT 1", *values)
    if not found.is_empty():
        with _writing(driver, table, "DELETE"):
            driver.run(f"DELETE FROM {target}", *values)


def _writing(driver: Driver, table: str, statement: str) -> AbstractContextManager[None]:
    """Say which statement fails, and so which right is missing: not every database does."""
    return translated_errors(driver, f"{_NOT_WRITTEN}: the {statement} fails", table=table)
