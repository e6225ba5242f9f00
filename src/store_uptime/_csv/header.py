"""What the first line of a file says: the columns, and what stands between the fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from store_uptime._csv.records import FirstLine, find_first_line, split_line
from store_uptime._files.paths import shown_path
from store_uptime._tables.contract import Column, Table
from store_uptime._tables.names import matching, no_such_column
from store_uptime.errors import SchemaError, listed

SEPARATORS: Mapping[str, str] = MappingProxyType(
    {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
)


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns, the separator, and where each column of the table is.

    `table` is as the file has it: without the optional columns that are not there.
    """

    table: Table
    names: list[str]
    separator: str
    positions: Mapping[str, int]
    first: FirstLine


def read_header(table: Table, path: Path, content: bytes) -> Header:
    """Return the header of the file of a table.

    Fields are separated by that which makes the columns of the table stand in the header.

    Raises
    ------
    SchemaError
        There is no header, or one of no such columns.
    """
    first, shown = find_first_line(content), shown_path(path)
    if not first.text:
        problem = f"{shown}: the file is empty, without a header"
        raise SchemaError(problem, table=table.name, code="no_header")
    ways = {separator: split_line(first.text, separator) for separator in SEPARATORS}
    names = {
        separator: [name.strip() for name in fields]
        for separator, fields in ways.items()
        if fields is not None
    }
    if not names:
        problem = f"{shown}: a quote out of place in the header, or a line break"
        raise SchemaError(problem, table=table.name, code="misplaced_quote")
    # Of ways that find as many columns the first is taken, which is the comma.
    best = max(names, key=lambda separator: _count_found(table, names[separator]))
    _refuse_two_separators(table, shown, best, names)
    table = _without_absent(table, names[best])
    positions = _positions(table, shown, best, names[best])
    return Header(table, names[best], best, positions, first)


def _without_absent(table: Table, names: list[str]) -> Table:
    """Return the table without the optional columns that are not there, and their checks.

    Of those that are there, none is optional any more.
    """
    there = [each for each in table.columns if not each.optional or _places(each, names)]
    columns = [replace(each, optional=False) for each in there]
    known = {column.name for column in columns}
    checks = [each for each in table.checks if known.issuperset(each.is_bad.meta.root_names())]
    return replace(table, columns=tuple(columns), checks=tuple(checks))


def _places(column: Column, names: list[str]) -> list[int]:
    """Return where a column may be: once, or there is a fault."""
    found = matching(column.names, names)
    return [place for place, name in enumerate(names) if name in found]


def _count_found(table: Table, names: list[str]) -> int:
    return sum(len(_places(column, names)) > 0 for column in table.columns)


def _refuse_two_separators(
    table: Table, shown: str, best: str, names: Mapping[str, list[str]]
) -> None:
    must = [column for column in table.columns if not column.optional]
    for separator, others in names.items():
        if others != names[best] and all(_places(column, others) for column in must):
            raise SchemaError(
                f"{shown}: the header has all columns between {SEPARATORS[best]}s, "
                f"and also between {SEPARATORS[separator]}s",
                table=table.name,
                remedy="Remove or rename the further columns that hold these names.",
                code="two_separators",
            )


def _positions(table: Table, shown: str, separator: str, names: list[str]) -> dict[str, int]:
    """Return where in a record each column of the table is."""
    positions = {}
    for column in table.columns:
        places = _places(column, names)
        if len(places) != 1:
            missing = no_such_column(table.name, names)
            raise SchemaError(
                f"{shown}: {'more than one such column' if places else missing}",
                table=table.name,
                column=names[places[0]] if places else column.name,
                remedy=f"The columns, by {SEPARATORS[separator]}s, are {listed(names)}; "
                f"exactly one must be named {' or '.join(column.names)}.",
                code="ambiguous_column" if places else "missing_column",
            )
        positions[column.name] = places[0]
    return positions
