"""From one CSV file to the rows of its table: which are good, which are refused, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import polars as pl

from store_uptime._csv.content import read_content
from store_uptime._csv.damaged_ids import DamagedIds
from store_uptime._csv.header import Header, read_header
from store_uptime._csv.loaded import Load, with_integer_ids
from store_uptime._csv.records import STRAY_QUOTE, read_records
from store_uptime._csv.tables import is_unusable, numbered_weekdays, parsed, said_of
from store_uptime._files.paths import shown_path
from store_uptime._tables.contract import INSTANT, TABLES, ZONE, Table
from store_uptime._tables.loaded import no_rows
from store_uptime._tables.weekdays import WeekdayCheck
from store_uptime._time.zone_names import with_near_zones
from store_uptime.errors import SHOWN_VALUES

_FIELDS_REMEDY = (
    "Put values that hold the separator or a quote in quotes, with inner quotes doubled."
)
_LENIENT = "strict=False"
_LENIENT_REMEDY = "Or keep the good rows with {option}."
_NO_STORE_REMEDY = (
    "Leaving such rows out, as {option} does, could change when a store is open, "
    "and they do not say of which store they are."
)


@dataclass(frozen=True, slots=True)
class _Fault:
    """One thing that can be wrong with a row, and what to say of it."""

    is_bad: pl.Expr
    column: str | None
    reason: pl.Expr
    value: pl.Expr
    remedy: pl.Expr
    code: pl.Expr


def read_table(table: Table, path: Path, *, strict: bool) -> Load:
    """Read one file; `store_id` is Int64 in the parts where that keeps every id exactly.

    Raises
    ------
    SchemaError
        Something is wrong with the file as a whole.
    table.error
        Something is wrong with a row: if `strict` with any, else with one that says when some
        store is open, but not which.
    """
    content = read_content(path, table.name)
    header = read_header(table, path, content)
    table = header.table
    faults = _faults(table, header)
    # A file without rows has the columns that its header has.
    load = Load(shown_path(path), good=[no_rows(table, pl.Int64())])
    check, numbering = DamagedIds(), WeekdayCheck()
    weekday = numbered_weekdays(table, header.positions)
    width, needed = len(header.names), header.positions.values()
    for records in read_records(content, header.first, header.separator, width, needed):
        rows = _parsed(table, header.positions, records)
        check.look_at(
            rows.select("line", "number", _text(header.positions, "store_id").alias("id"))
        )
        if weekday:
            numbering.look_at(rows.select(weekday[1]).to_series())
        is_bad = rows.select(pl.any_horizontal(fault.is_bad for fault in faults)).to_series()
        load.count += rows.height
        if is_bad.any():
            # In one chunk, because polars 2.0 panics when it formats texts from several.
            load.refuse(_explained(rows.filter(is_bad).rechunk(), faults), keep_all=not strict)
            rows = rows.filter(~is_bad)
        load.good.append(with_integer_ids(rows).select(column.name for column in table.columns))
    check.refuse_damage(table.name, load.file)
    if weekday:
        numbering.refuse(table.name, header.names[weekday[0]], f"{load.file}: ")
    _refuse_rows(table, load, strict=strict)
    return load


def says_when_open(table: Table) -> bool:
    """Return whether a row that is left out of the table would change when a store is open."""
    return table.name in TABLES and table.name != "status"


def _text(positions: Mapping[str, int], column: str) -> pl.Expr:
    return pl.col(str(positions[column]))


def _parsed(table: Table, positions: Mapping[str, int], records: pl.DataFrame) -> pl.DataFrame:
    """Add the values of the columns to records, and ids as the `number` that they may be."""
    texts = {column: _text(positions, column.name) for column in table.columns}
    values = {column.name: parsed(column, text, as_usual=True) for column, text in texts.items()}
    number = _text(positions, "store_id").cast(pl.Int64, strict=False)
    # One column, the instants, takes most of the time; in this engine all cores read it.
    rows = records.lazy().with_columns(number=number, **values).collect(engine="streaming")
    unread = [
        column for column in texts if column.kind == INSTANT and rows[column.name].has_nulls()
    ]
    others = {column.name: parsed(column, texts[column]) for column in unread}
    return rows.lazy().with_columns(**others).collect(engine="streaming") if others else rows


def _faults(table: Table, header: Header) -> list[_Fault]:
    """Return what can be wrong with a row; of several faults the first one is told."""
    fault, text = pl.col("fault"), pl.col("text")
    positions = header.positions
    found = {column: header.names[position] for column, position in positions.items()}
    is_quote = pl.when(fault == STRAY_QUOTE)
    no_record = _Fault(
        fault.is_not_null(),
        None,
        fault,
        text,
        pl.lit(_FIELDS_REMEDY),
        code=is_quote.then(pl.lit("misplaced_quote")).otherwise(pl.lit("wrong_field_count")),
    )
    faults = [no_record]
    for column in table.columns:
        name, value = found[column.name], _text(positions, column.name)
        said, remedy, code = said_of(column, value)
        reason, is_bad = pl.lit(f"{name}: ") + said, is_unusable(column, value)
        faults.append(_Fault(is_bad, name, reason, value, remedy, code))
    for check in table.checks:
        name = found[check.column]
        said, remedy, code = map(pl.lit, (f"{name}: {check.fault}", check.remedy, check.code))
        faults.append(_Fault(check.is_bad, name, said, text, remedy, code))
    return faults


def _explained(bad: pl.DataFrame, faults: list[_Fault]) -> pl.DataFrame:
    """Return `line`, `store_id`, `text` and what to say of the first fault of bad rows."""

    def first(of: Callable[[_Fault], pl.Expr]) -> pl.Expr:
        # Coalescing the answers would pass over a null that is the answer.
        answer: pl.Expr = pl.lit(None, pl.String)
        for fault in reversed(faults):
            answer = pl.when(fault.is_bad).then(of(fault)).otherwise(answer)
        return answer

    return bad.select(
        "line",
        "store_id",
        "text",
        column=first(lambda fault: pl.lit(fault.column, pl.String)),
        reason=first(lambda fault: fault.reason),
        value=first(lambda fault: fault.value),
        remedy=first(lambda fault: fault.remedy),
        code=first(lambda fault: fault.code),
    )


def _refuse_rows(table: Table, load: Load, *, strict: bool) -> None:
    """Raise for the rows that may not be left out."""
    if strict and load.count_refused:
        # Leaving polls out keeps the numbers right, unless it is all of them.
        is_mended = table.name == "status" and load.count_refused < load.count
        remedy = _LENIENT_REMEDY if is_mended else ""
        _raise(table, load, pl.concat(load.refused), load.count_refused, remedy)
    if load.count_refused and says_when_open(table):
        nobodys = pl.concat(load.refused).filter(pl.col("store_id").is_null())
        if nobodys.height:
            _raise(table, load, nobodys, nobodys.height, _NO_STORE_REMEDY)


def _raise(table: Table, load: Load, refused: pl.DataFrame, count: int, remedy: str) -> NoReturn:
    first = refused.head(SHOWN_VALUES)
    lines: dict[str, list[str]] = {}
    for line, reason in first.select("line", "reason").rows():
        lines.setdefault(reason, []).append(f"line {line}")
    reasons = "; ".join(f"{reason} ({', '.join(where)})" for reason, where in lines.items())
    zones = first.filter(pl.col("code") == ZONE.code)["value"].to_list()
    remedies = [*first["remedy"].unique(maintain_order=True), *([remedy] if remedy else [])]
    raise table.error(
        f"{load.file}: {reasons}",
        table=table.name,
        column=first["column"][0],
        count=count,
        values=first["value"].to_list(),
        remedy=with_near_zones(" ".join(remedies), zones),
        option=_LENIENT if remedy else None,
        code=first["code"][0],
    )
