"""Write a report into a table, in place of what its run has there."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any, Literal

import polars as pl

from store_uptime._sql.driver import PARAMETER, Driver, told
from store_uptime._sql.names import name_parts, quoted
from store_uptime._sql.target import TYPES, Kind, check_columns, create_table, find_columns
from store_uptime._tables.given import Source, is_text
from store_uptime._tables.ids import refuse_ids
from store_uptime.errors import PolicyError, SchemaError

IfExists = Literal["append", "replace", "fail"]

_POLARS: Mapping[Kind, pl.DataType] = {
    "integer": pl.Int64(),
    "real": pl.Float64(),
    "text": pl.String(),
    "boolean": pl.Boolean(),
}


class ReportRows:
    """The rows of a report and the run that they are of.

    Attributes
    ----------
    run_id
        The run.
    kinds
        What each column of the table is to hold: those that are added, then those of the report.

    Raises
    ------
    PolicyError
        `run_id` is no name.
    SchemaError
        The report is not one row a store, or has a column that cannot be written.
    """

    def __init__(self, report: Any, run_id: str | None) -> None:
        self.run_id: str = str(uuid.uuid4()) if run_id is None else run_id
        if not isinstance(run_id, str | None) or run_id == "":
            remedy = "Give a string that is not empty, or None to have one made."
            raise PolicyError("is no name of a run", table="run_id", values=[run_id], remedy=remedy)
        source = Source(report, "report")
        source = source.collected(*source.schema)
        _check_ids(source)
        added: dict[str, Kind] = {"run_id": "text", "generated_at": "instant"}
        own = {name: _kind_of(source, name) for name in source.schema}
        for name in own:
            if name.lower() in added:
                remedy = "Rename it: write_sql adds one of this name."
                raise SchemaError("a column too many", table="report", column=name, remedy=remedy)
        self.kinds = added | own
        self._rows = source.rows.select(_cast(source, name, kind) for name, kind in own.items())

    def frame(self, generated_at: Any) -> pl.DataFrame:
        """Return the rows with the columns that are added."""
        added = pl.lit(self.run_id).alias("run_id"), pl.lit(generated_at).alias("generated_at")
        return self._rows.select(*added, pl.all()).collect()


def _check_ids(source: Source) -> None:
    dtype = source.dtype(source.column("store_id"))
    if not (dtype.is_integer() or is_text(dtype)):
        source.refuse_type("store_id", "integers and strings")
    refuse_ids(source, SchemaError, dtype)
    twice = pl.col("store_id").is_duplicated()
    remedy = "Write one report at a time: one row a store."
    source.refuse_rows(SchemaError, "store_id", "several rows of one store", twice, remedy)


def _kind_of(source: Source, name: str) -> Kind:
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


def _cast(source: Source, name: str, kind: Kind) -> pl.Expr:
    raw = pl.col(name)
    cast = raw.cast(_POLARS[kind], strict=False)
    if kind == "integer":
        lost, remedy = cast.is_null() & raw.is_not_null(), "Cast the column to String."
        source.refuse_rows(SchemaError, name, "number outside Int64", lost, remedy)
    return cast


def write_rows(driver: Driver, rows: ReportRows, table: str, if_exists: IfExists) -> None:
    """Write the rows into the table, in place of those that the run has there.

    Raises
    ------
    SchemaError
        The table cannot be had, or cannot hold the rows.
    """
    if driver.dialect not in TYPES:
        raise SchemaError(
            f"no reports are written to a database of {driver.dialect}",
            table="connection",
            remedy=f"Those that are known: {', '.join(TYPES)}.",
        )
    parts = name_parts("table", table)
    target = quoted(driver, parts)
    with told(driver, "cannot be written", table=table):
        present = _columns(driver, parts, rows.kinds, if_exists)
        check_columns(driver, table, present, rows.kinds)
        if if_exists == "replace":
            driver.run(f"DELETE FROM {target}")
        else:
            is_uuid = present["run_id"].lower() == "uuid"
            run = f"CAST({PARAMETER} AS uuid)" if is_uuid else PARAMETER
            driver.run(f"DELETE FROM {target} WHERE run_id = {run}", rows.run_id)
        stamp = _stamp(driver, present["generated_at"])
        driver.insert(target, rows.frame(stamp), present)


def _columns(
    driver: Driver, parts: list[str], kinds: Mapping[str, Kind], if_exists: IfExists
) -> dict[str, str]:
    """Return the types of the table's columns by name, of a new table if there is none."""
    anew = if_exists == "fail"
    # Who may not create tables may still write to one that exists. DuckDB knows no such rights,
    # and would abort the transaction if it were asked about a table that does not exist.
    if not anew and driver.dialect != "duckdb":
        present = find_columns(driver, parts)
        if present:
            return present
    create_table(driver, parts, kinds, anew=anew)
    return find_columns(driver, parts)


def _stamp(driver: Driver, column_type: str) -> dt.datetime | str:
    """Return the time of writing in the form that the column takes."""
    now = dt.datetime.now(dt.UTC)
    kind = column_type.lower()
    if "with time zone" in kind:
        return now
    if "char" in kind or "text" in kind:
        return now.isoformat(" ", "microseconds")
    naive = now.replace(tzinfo=None)
    return naive.isoformat(" ", "microseconds") if driver.dialect == "sqlite" else naive
