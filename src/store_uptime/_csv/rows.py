"""From one CSV file to the rows of its table: which are good, which are refused, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from store_uptime._csv.content import read_content
from store_uptime._csv.records import Header, read_header, read_records
from store_uptime._csv.spreadsheet import SpreadsheetCheck
from store_uptime._csv.tables import faults_of, numbered_weekdays, parsed
from store_uptime._tables.contract import ZONE, Table
from store_uptime._tables.names import matching, no_such_column
from store_uptime._tables.weekdays import WeekdayCheck
from store_uptime._time.zone_names import with_near_zones
from store_uptime.errors import SHOWN_VALUES, SchemaError, listed
from store_uptime.inputs import REJECTED_SCHEMA

_FIELDS_REMEDY = "Put values that hold a comma or a quote in quotes, with inner quotes doubled."
_LENIENT_REMEDY = "Or keep the good rows with {option}."


@dataclass(slots=True)
class Load:
    """The rows of one file: the good ones in parts, the first or all refused ones, their count."""

    good: list[pl.DataFrame] = field(default_factory=list)
    refused: list[pl.DataFrame] = field(default_factory=list)
    count_refused: int = 0

    @property
    def has_integer_ids(self) -> bool:
        return all(part.schema["store_id"] == pl.Int64 for part in self.good)

    def frame(self, id_dtype: type[pl.DataType]) -> pl.DataFrame:
        parts = (part.with_columns(pl.col("store_id").cast(id_dtype)) for part in self.good)
        return pl.concat(parts, rechunk=True)

    def rejected(self, table: str) -> pl.DataFrame:
        """Return the refused rows as `Inputs.rejected` has them."""
        named = (part.with_columns(table=pl.lit(table)) for part in self.refused)
        rows = (part.select(list(REJECTED_SCHEMA)) for part in named)
        return pl.concat([REJECTED_SCHEMA.to_frame(), *rows])


@dataclass(frozen=True, slots=True)
class _Fault:
    """One thing that can be wrong with a row, and what to say of it."""

    is_bad: pl.Expr
    column: str | None
    reason: pl.Expr
    value: pl.Expr
    remedy: str


def read_table(table: Table, path: Path, *, strict: bool) -> Load:
    """Read one file; `store_id` is Int64 in the parts where that keeps every id exactly.

    Raises
    ------
    SchemaError
        Something is wrong with the file as a whole.
    table.error
        If `strict`: something is wrong with a row.
    """
    content = read_content(path, table.name)
    header = read_header(content)
    names = column_names(table.name, path, header)
    positions = _positions(table, path, names)
    faults = _faults(table, names, positions)
    load, check, numbering = Load(), SpreadsheetCheck(), WeekdayCheck()
    weekday = numbered_weekdays(table, positions)
    for records in read_records(content, header, len(names), positions.values()):
        rows = _parsed(table, positions, records)
        check.look_at(rows.select("line", "number", _text(positions, "store_id").alias("id")))
        if weekday:
            numbering.look_at(rows.select(weekday[1]).to_series())
        is_bad = rows.select(pl.any_horizontal(fault.is_bad for fault in faults)).to_series()
        if is_bad.any():
            # In one chunk, because polars 2.0 panics when it formats texts from several.
            refused = _explained(rows.filter(is_bad).rechunk(), faults)
            load.count_refused += refused.height
            load.refused.append(refused.head(SHOWN_VALUES) if strict else refused)
            rows = rows.filter(~is_bad)
        load.good.append(_with_integer_ids(rows).select(column.name for column in table.columns))
    check.refuse_damage(table.name, path)
    if weekday:
        numbering.refuse(table.name, names[weekday[0]], f"{path}: ")
    if strict and load.count_refused:
        _refuse_load(table, path, load)
    return load


def column_names(table: str, path: Path, header: Header) -> list[str]:
    """Return the names of the columns of the file of a table.

    Raises
    ------
    SchemaError
        There is no header in the file.
    """
    if header.fields is None:
        raise SchemaError(
            f"{path}: a quote out of place in the header, or a line break", table=table
        )
    if not header.fields:
        raise SchemaError(f"{path}: the file is empty, without a header", table=table)
    return [name.strip() for name in header.fields]


def _positions(table: Table, path: Path, names: list[str]) -> dict[str, int]:
    """Return where in a record each column of the table is."""
    positions = {}
    for column in table.columns:
        found = matching(column.names, names)
        if len(found) != 1 or names.count(found[0]) > 1:
            missing = no_such_column(table.name, names)
            raise SchemaError(
                f"{path}: {'more than one such column' if found else missing}",
                table=table.name,
                column=found[0] if found else column.name,
                remedy=f"The columns are {listed(names)}; "
                f"exactly one column must be named {' or '.join(column.names)}.",
            )
        positions[column.name] = names.index(found[0])
    return positions


def _text(positions: Mapping[str, int], column: str) -> pl.Expr:
    return pl.col(str(positions[column]))


def _parsed(table: Table, positions: Mapping[str, int], records: pl.DataFrame) -> pl.DataFrame:
    """Add the values of the columns to records, and ids as the `number` that they may be."""
    values = {
        column.name: parsed(column, _text(positions, column.name)) for column in table.columns
    }
    number = _text(positions, "store_id").cast(pl.Int64, strict=False)
    # One column, the instants, takes most of the time; in this engine all cores read it.
    return records.lazy().with_columns(number=number, **values).collect(engine="streaming")


def _faults(table: Table, names: list[str], positions: Mapping[str, int]) -> list[_Fault]:
    """Return what can be wrong with a row; of several faults the first one is told."""
    fault, text = pl.col("fault"), pl.col("text")
    found = {column: names[position] for column, position in positions.items()}
    faults = [_Fault(fault.is_not_null(), None, fault, text, _FIELDS_REMEDY)]
    for column in table.columns:
        value = _text(positions, column.name)
        for is_bad, fault_text, remedy in faults_of(column, value):
            reason = pl.lit(f"{found[column.name]}: {fault_text}")
            faults.append(_Fault(is_bad, found[column.name], reason, value, remedy))
    for check in table.checks:
        reason = pl.lit(f"{found[check.column]}: {check.fault}")
        faults.append(_Fault(check.is_bad, found[check.column], reason, text, check.remedy))
    return faults


def _explained(bad: pl.DataFrame, faults: list[_Fault]) -> pl.DataFrame:
    """Return `line`, `text` and the first fault of bad rows."""

    def first(of: Callable[[_Fault], pl.Expr]) -> pl.Expr:
        # Coalescing the answers would pass over a null that is the answer.
        answer: pl.Expr = pl.lit(None, pl.String)
        for fault in reversed(faults):
            answer = pl.when(fault.is_bad).then(of(fault)).otherwise(answer)
        return answer

    return bad.select(
        "line",
        "text",
        column=first(lambda fault: pl.lit(fault.column, pl.String)),
        reason=first(lambda fault: fault.reason),
        value=first(lambda fault: fault.value),
        remedy=first(lambda fault: pl.lit(fault.remedy)),
    )


def _refuse_load(table: Table, path: Path, load: Load) -> None:
    first = pl.concat(load.refused).head(SHOWN_VALUES)
    lines: dict[str, list[str]] = {}
    for line, reason in first.select("line", "reason").rows():
        lines.setdefault(reason, []).append(f"line {line}")
    zones = first.filter(pl.col("remedy") == ZONE.remedy)["value"].to_list()
    remedy = " ".join([*first["remedy"].unique(maintain_order=True), _LENIENT_REMEDY])
    reasons = "; ".join(f"{reason} ({', '.join(where)})" for reason, where in lines.items())
    raise table.error(
        f"{path}: {reasons}",
        table=table.name,
        column=first["column"][0],
        count=load.count_refused,
        values=first["value"].to_list(),
        remedy=with_near_zones(remedy, zones),
        option="strict=False",
    )


def _with_integer_ids(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with Int64 ids if that changes nothing about how they are written."""
    number = rows["number"]
    is_same = rows["store_id"].eq_missing(number.cast(pl.String))
    return rows.with_columns(store_id=number) if is_same.all() else rows
