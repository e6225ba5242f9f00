"""Results as text: CSV for programs, a table for people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from store_uptime.windows import AnyWindow

CSV_DECIMALS = 4
MOST_ROWS = 24
"""A table for people shows every row up to this number, and the first and last ones beyond."""

_ENDS = 10
_GAP = "  "
_NARROWEST = 8
_KEYS = ("now", "store_id")
_QUANTITIES = ("uptime", "downtime")
_DETAILS = ("unknown", "scheduled", "availability", "uptime_min", "uptime_max", "polls")
_DECIMALS = {"availability": 4, "availability_mean": 4, "availability_percent": 3}


def to_csv(frame: pl.DataFrame) -> str:
    r"""Return `frame` as CSV: floats with 4 decimals, all else exact, null as an empty field.

    Instants are ISO 8601 in UTC. A length of time is a number of seconds, and its column says so.

    Examples
    --------
    >>> to_csv(pl.DataFrame({"store_id": [7], "uptime_last_day": [1.7416666666666667]}))
    'store_id,uptime_last_day\n7,1.7417\n'
    >>> outage = {"start": [dt.datetime(2023, 1, 23, 9)], "downtime": [dt.timedelta(minutes=90)]}
    >>> to_csv(pl.DataFrame(outage))
    'start,downtime_seconds\n2023-01-23T09:00:00Z,5400.0000\n'
    """
    lengths = [name for name, dtype in frame.schema.items() if dtype == pl.Duration]
    seconds = frame.with_columns(pl.col(lengths).dt.total_seconds(fractional=True)).rename(
        {name: f"{name}_seconds" for name in lengths}
    )
    return seconds.write_csv(float_precision=CSV_DECIMALS, datetime_format="%Y-%m-%dT%H:%M:%S%.fZ")


def to_table(
    report: pl.DataFrame, windows: Mapping[str, AnyWindow], width: int, *, detail: bool = False
) -> str:
    """Return a report or a history as a table that is at most `width` characters wide.

    What does not fit side by side stands below, with the ids repeated. Availability has four
    decimals, other floats two; null is ``-``.

    Parameters
    ----------
    report
        What `compute_report` or `compute_history` returned.
    windows, detail
        What it was given.
    width
        In characters; exceeded only where the ids and one column alone do.
    """
    quantities = (*_QUANTITIES, *_DETAILS) if detail else _QUANTITIES
    groups = [
        _Group(
            f"{name}, {window.unit}",
            [
                _Column(quantity, _cells(report[f"{quantity}_{name}"], quantity))
                for quantity in quantities
            ],
        )
        for name, window in windows.items()
    ]
    return _side_by_side([name for name in _KEYS if name in report.columns], report, groups, width)


def to_plain_table(frame: pl.DataFrame, keys: Sequence[str], width: int) -> str:
    """Return `frame` as a table as `to_table` does, with the columns `keys` repeated.

    Instants are cut to the minute, as are lengths of time from one hour on, shorter ones to the
    second. Percent has three decimals.
    """
    columns = [
        _Column(_printable(name), _cells(frame[name], name))
        for name in frame.columns
        if name not in keys
    ]
    return _side_by_side(keys, frame, [_Group("", columns)], width)


def _side_by_side(
    keys: Sequence[str], frame: pl.DataFrame, groups: list[_Group], width: int
) -> str:
    columns = [_Column(_printable(name), _cells(frame[name], name), 0, str.ljust) for name in keys]
    left = _Group("", columns)
    room = width - left.width - len(_GAP)
    parts = [part for group in groups for part in _split(group, room)]
    return "\n".join(_render([left, *line]) for line in _pack(parts, room))


@dataclass(frozen=True, slots=True)
class _Column:
    heading: str
    cells: list[str]
    narrowest: int = _NARROWEST
    justify: Callable[[str, int], str] = str.rjust

    @property
    def width(self) -> int:
        return max(self.narrowest, *map(len, (self.heading, *self.cells)))

    def lines(self) -> list[str]:
        return [self.justify(cell, self.width) for cell in (self.heading, *self.cells)]


@dataclass(frozen=True, slots=True)
class _Group:
    """Columns under one title, such as those of one window, or some of them."""

    title: str
    columns: list[_Column]

    @property
    def width(self) -> int:
        across = sum(column.width + len(_GAP) for column in self.columns) - len(_GAP)
        return max(len(self.title), across)

    def lines(self) -> Iterator[str]:
        """Yield title, headings and rows, all of the group's width."""
        yield self.title.rjust(self.width)
        for row in zip(*(column.lines() for column in self.columns), strict=True):
            yield _GAP.join(row).rjust(self.width)


# --- cells --------------------------------------------------------------------------------------


def _cells(column: pl.Series, quantity: str) -> list[str]:
    def cell(value: Any) -> str:
        return _cell(value, _DECIMALS.get(quantity, 2))

    if len(column) <= MOST_ROWS:
        return [cell(value) for value in column]
    first, last = column.head(_ENDS), column.tail(_ENDS)
    return [*map(cell, first), "...", *map(cell, last)]


def _cell(value: Any, decimals: int) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.{decimals}f}"
    if isinstance(value, dt.datetime):
        return f"{value.replace(tzinfo=None).isoformat(timespec='minutes')}Z"
    if isinstance(value, dt.timedelta):
        return _length(value)
    return _printable(value)


def _length(value: dt.timedelta) -> str:
    minutes, seconds = divmod(value // dt.timedelta(seconds=1), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes:02}m" if hours else f"{minutes}m {seconds:02}s"


def _printable(value: Any) -> str:
    # An id is a stranger's text: it must not steer the terminal.
    return "".join(sign if sign.isprintable() else "?" for sign in str(value))


# --- lines --------------------------------------------------------------------------------------


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


def _render(groups: list[_Group]) -> str:
    lines = [_GAP.join(row) for row in zip(*(group.lines() for group in groups), strict=True)]
    titled = any(group.title for group in groups)
    return "".join(f"{line}\n" for line in lines[0 if titled else 1 :])
