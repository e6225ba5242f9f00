"""A report as text: CSV for programs, a table for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from store_uptime.windows import AnyWindow

CSV_DECIMALS = 4
MOST_ROWS = 24
"""A table for people shows every store up to this number, and the first and last ones beyond."""

_ENDS = 10
_GAP = "  "
_NARROWEST = 8
_QUANTITIES = ("uptime", "downtime")
_DETAILS = ("unknown", "scheduled", "availability", "uptime_min", "uptime_max", "polls")


def to_csv(frame: pl.DataFrame) -> str:
    r"""Return `frame` as CSV: floats with 4 decimals, all else exact, null as an empty field.

    Examples
    --------
    >>> to_csv(pl.DataFrame({"store_id": [7], "uptime_last_day": [1.7416666666666667]}))
    'store_id,uptime_last_day\n7,1.7417\n'
    """
    return frame.write_csv(float_precision=CSV_DECIMALS)


def to_table(
    report: pl.DataFrame, windows: Mapping[str, AnyWindow], width: int, *, detail: bool = False
) -> str:
    """Return `report` as a table that is at most `width` characters wide.

    What does not fit side by side stands below, with the ids repeated. Availability has four
    decimals, other floats two; null is ``-``.

    Parameters
    ----------
    report
        What `compute_report` returned.
    windows, detail
        What it was given.
    width
        In characters; exceeded only where the ids and one column alone do.
    """
    quantities = (*_QUANTITIES, *_DETAILS) if detail else _QUANTITIES
    ids = _Column("store_id", _excerpt(report["store_id"], _printable), 0)
    room = width - ids.width - len(_GAP)
    groups = [
        _Group(f"{name}, {window.unit}", [_column(report, q, name) for q in quantities])
        for name, window in windows.items()
    ]
    parts = [part for group in groups for part in _split(group, room)]
    return "\n".join(_render(ids, line) for line in _pack(parts, room))


@dataclass(frozen=True, slots=True)
class _Column:
    heading: str
    cells: list[str]
    narrowest: int = _NARROWEST

    @property
    def width(self) -> int:
        return max(self.narrowest, *map(len, (self.heading, *self.cells)))


@dataclass(frozen=True, slots=True)
class _Group:
    """The columns of one window, or some of them."""

    title: str
    columns: list[_Column]

    @property
    def width(self) -> int:
        across = sum(column.width + len(_GAP) for column in self.columns) - len(_GAP)
        return max(len(self.title), across)

    def lines(self) -> Iterator[str]:
        """Yield title, headings and rows, all of the group's width."""
        yield self.title.rjust(self.width)
        for row in zip(*((column.heading, *column.cells) for column in self.columns), strict=True):
            cells = (
                cell.rjust(column.width) for cell, column in zip(row, self.columns, strict=True)
            )
            yield _GAP.join(cells).rjust(self.width)


def _column(report: pl.DataFrame, quantity: str, name: str) -> _Column:
    decimals = 4 if quantity == "availability" else 2

    def cell(value: Any) -> str:
        if value is None:
            return "-"
        return f"{value:.{decimals}f}" if isinstance(value, float) else str(value)

    return _Column(quantity, _excerpt(report[f"{quantity}_{name}"], cell))


def _excerpt(column: pl.Series, cell: Any) -> list[str]:
    if len(column) <= MOST_ROWS:
        return [cell(value) for value in column]
    first, last = column.head(_ENDS), column.tail(_ENDS)
    return [*map(cell, first), "...", *map(cell, last)]


def _printable(value: Any) -> str:
    # An id is a stranger's text: it must not steer the terminal.
    return "".join(sign if sign.isprintable() else "?" for sign in str(value))


def _split(group: _Group, room: int) -> Iterator[_Group]:
    """Yield the group in as few parts as fit into `room`."""
    part: list[_Column] = []
    for column in group.columns:
        if part and _Group(group.title, [*part, column]).width > room:
            yield _Group(group.title, part)
            part = []
        part.append(column)
    yield _Group(group.title, part)


def _pack(parts: Iterable[_Group], room: int) -> list[list[_Group]]:
    """Return the parts side by side, on as few lines as their order allows."""
    packed: list[list[_Group]] = []
    left = 0
    for part in parts:
        if not packed or part.width > left:
            packed.append([])
            left = room
        packed[-1].append(part)
        left -= part.width + len(_GAP)
    return packed


def _render(ids: _Column, groups: list[_Group]) -> str:
    first = (cell.ljust(ids.width) for cell in ("", ids.heading, *ids.cells))
    rows = zip(first, *(group.lines() for group in groups), strict=True)
    return "".join(f"{_GAP.join(row)}\n" for row in rows)
