"""From one CSV file to the rows of its table: which are good, which are refused, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import polars as pl

from store_uptime._csv.lines import RECORDS_SCHEMA, read_header, read_lines, read_records
from store_uptime._csv.tables import ID, Table
from store_uptime.errors import SHOWN_VALUES, SchemaError
from store_uptime.inputs import REJECTED_SCHEMA

# An exponent without a point or a sign, as in 12e7, may be part of an honest hexadecimal id.
_FLOAT = r"^[+-]?[0-9]+([.,][0-9]*[eE][+-]?[0-9]+|[eE][+-][0-9]+|\.[0-9]*)$"
_LONG = r"^[1-9][0-9]{15,}$"
_SPREADSHEET_DIGITS = 15
_SPREADSHEET_REMEDY = (
    "Export the table again from its source; in a spreadsheet, import the column as text."
)
_FIELDS_REMEDY = "Put values that hold a comma or a quote in quotes, with inner quotes doubled."
_LENIENT_REMEDY = "Or keep the good rows with strict=False."


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
    header, lines = read_file_header(table.name, path)
    places = _places(table, path, header)
    faults = _faults(table, header, places)
    load, ids = Load(), _IdCheck()
    # The empty batch in front gives a file without rows its columns.
    batches = chain([RECORDS_SCHEMA.to_frame()], read_records(lines, list(places.values())))
    for batch in batches:
        rows = _parsed(table, places, batch)
        ids.look_at(rows.filter(pl.col("width") == len(header)))
        is_bad = rows.select(pl.any_horizontal(fault.is_bad for fault in faults)).to_series()
        # In one chunk, because polars 2.0 panics when it formats texts from several.
        refused = _explained(rows.filter(is_bad).rechunk(), faults)
        load.count_refused += refused.height
        load.refused.append(refused.head(SHOWN_VALUES) if strict else refused)
        good = rows.filter(~is_bad).select(column.name for column in table.columns)
        load.good.append(_with_integer_ids(good))
    ids.refuse_damage(table, path)
    if strict and load.count_refused:
        _refuse(table, path, load)
    return load


def read_file_header(table: str, path: Path) -> tuple[list[str], pl.DataFrame]:
    """Return the names of the columns of the file of a table, and the lines behind them.

    Raises
    ------
    SchemaError
        There is no such file, or no header in it.
    """
    header, lines = read_header(read_lines(path, table))
    if header is None:
        raise SchemaError(
            f"{path}: a quote out of place in the header, or a line break", table=table
        )
    if not header:
        raise SchemaError(f"{path}: the file is empty, without a header", table=table)
    return [name.strip() for name in header], lines


def _places(table: Table, path: Path, header: list[str]) -> dict[str, int]:
    """Return where in a record each column of the table is."""
    places = {}
    for column in table.columns:
        name = next((name for name in column.names if name in header), None)
        if name is None or header.count(name) > 1:
            raise SchemaError(
                f"{path}: {'no such column' if name is None else 'more than one such column'}",
                table=table.name,
                column=name or column.names[0],
                remedy=f"The header is {','.join(header)!r}; "
                f"exactly one column must be named {' or '.join(column.names)}.",
            )
        places[column.name] = header.index(name)
    return places


def _parsed(table: Table, places: Mapping[str, int], records: pl.DataFrame) -> pl.DataFrame:
    """Return `line`, `text`, `width`, and each column both as text and as value."""
    fields = pl.col("fields")
    texts = {
        f"text of {name}": fields.list.get(place, null_on_oob=True)
        for name, place in places.items()
    }
    width = fields.list.len()
    return records.select("line", "text", width.alias("width"), **texts).with_columns(
        column.parse(column.text).alias(column.name) for column in table.columns
    )


def _faults(table: Table, header: list[str], places: Mapping[str, int]) -> list[_Fault]:
    """Return what can be wrong with a row; of several faults the first one is told."""
    width, text = pl.col("width"), pl.col("text")
    wrong = pl.format("wrong number of fields: {} instead of {}", width, pl.lit(len(header)))
    return [
        _Fault(width.is_null(), None, pl.lit("quote out of place"), text, _FIELDS_REMEDY),
        _Fault(width != len(header), None, wrong, text, _FIELDS_REMEDY),
        *(
            _Fault(
                column.is_bad,
                header[places[column.name]],
                pl.lit(column.fault),
                column.text,
                column.remedy,
            )
            for column in table.columns
        ),
        *(
            _Fault(
                check.is_bad, header[places[check.column]], pl.lit(check.fault), text, check.remedy
            )
            for check in table.checks
        ),
    ]


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


def _refuse(table: Table, path: Path, load: Load) -> None:
    first = pl.concat(load.refused).head(SHOWN_VALUES)
    lines: dict[str, list[str]] = {}
    for line, reason in first.select("line", "reason").rows():
        lines.setdefault(reason, []).append(f"line {line}")
    reasons = "; ".join(f"{reason} ({', '.join(where)})" for reason, where in lines.items())
    raise table.error(
        f"{path}: {reasons}",
        table=table.name,
        column=first["column"][0],
        count=load.count_refused,
        values=first["value"].to_list(),
        remedy=" ".join([*first["remedy"].unique(maintain_order=True), _LENIENT_REMEDY]),
    )


def rejected(table: str, load: Load) -> pl.DataFrame:
    """Return the refused rows as `Inputs.rejected` has them."""
    rows = pl.concat(load.refused).with_columns(table=pl.lit(table))
    return rows.select(list(REJECTED_SCHEMA)).cast(REJECTED_SCHEMA)


# --- ids ----------------------------------------------------------------------------------------


def _with_integer_ids(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with Int64 ids if that changes nothing about how they are written."""
    text = rows["store_id"]
    number = text.cast(pl.Int64, strict=False)
    return rows.with_columns(number) if text.eq_missing(number.cast(pl.String)).all() else rows


class _IdCheck:
    """Looks, batch by batch, for ids that a spreadsheet has damaged."""

    def __init__(self) -> None:
        self.floats = pl.DataFrame(schema={"line": pl.UInt32, "id": pl.String})
        self.count_floats = 0
        self.shortened = self.floats
        self.count_shortened = 0
        self.some_are_whole = False

    def look_at(self, rows: pl.DataFrame) -> None:
        ids = rows.select("line", ID.text.alias("id"))
        text = pl.col("id")
        floats = ids.filter(text.str.contains(_FLOAT))
        self.count_floats += floats.height
        self.floats = pl.concat([self.floats, floats]).head(SHOWN_VALUES)
        if self.some_are_whole:
            return
        long = ids.filter(text.str.contains(_LONG))
        digits = long["id"].str.strip_chars_end("0").str.len_bytes()
        self.some_are_whole = bool((digits > _SPREADSHEET_DIGITS).any())
        self.count_shortened += long.height
        distinct = pl.concat([self.shortened, long]).unique("id", keep="first", maintain_order=True)
        self.shortened = distinct.head(SHOWN_VALUES)

    def refuse_damage(self, table: Table, path: Path) -> None:
        if self.count_floats:
            damage, found, count = "decimal numbers", self.floats, self.count_floats
        elif not self.some_are_whole and self.shortened.height > 1:
            damage = f"numbers of {_SPREADSHEET_DIGITS} digits, the rest zeros"
            found, count = self.shortened, self.count_shortened
        else:
            return
        raise SchemaError(
            f"{path}, line {found['line'][0]}: "
            f"the ids went through a spreadsheet, which wrote them as {damage}",
            table=table.name,
            column=ID.name,
            count=count,
            values=found["id"].to_list(),
            remedy=_SPREADSHEET_REMEDY,
        )
