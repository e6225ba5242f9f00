"""Results as tables for people.

Polars prints tables too, but breaks ids and numbers over several lines where a table is wider than
the terminal, aligns all text alike, and knows no headings over groups of columns.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

import polars as pl

from store_uptime._results.rounding import rounded
from store_uptime.windows import AnyWindow

MOST_ROWS = 24
"""A table shows every row up to this number, and the first and last ones beyond."""

_ENDS = 10
_GAP = "  "
_NARROWEST = 8
_DETAIL_QUANTITIES = ("unknown", "scheduled", "availability", "uptime_min", "uptime_max", "polls")
_DECIMALS = {
    "availability": 4,
    "availability_error": 4,
    "availability_mean": 4,
    "availability_percent": 3,
    "inactive_share": 4,
}

# The error stands behind the uptime, as one writes it.
_SHOWN_AS = {"uptime_error": "± error"}


class _Column(NamedTuple):
    """A heading and cells, all of one width; neighbours with one title stand under it together."""

    title: str
    lines: list[str]


def to_table(
    report: pl.DataFrame,
    windows: Mapping[str, AnyWindow],
    width: int,
    *,
    detail: bool = False,
    uncertainty: bool = False,
    most_rows: int | None = None,
) -> str:
    """Return a report or a history as a table that is at most `width` characters wide.

    What does not fit side by side stands below, with the ids repeated. Availability has four
    decimals, other floats two, rounded as `rounded` says; null is ``-``.

    Parameters
    ----------
    report
        What `compute_report` or `compute_history` returned.
    windows, detail, uncertainty
        What it was given. The error stands beside the uptime; the expected uptime is a detail.
    width
        In characters; exceeded only where the ids and one column alone do.
    most_rows
        Up to how many rows are all shown; ``None`` is `MOST_ROWS`.
    """
    quantities = [
        *("uptime", *["uptime_error"] * uncertainty, "downtime"),
        *_DETAIL_QUANTITIES * detail,
        *["uptime_expected"] * (uncertainty and detail),
    ]
    column = partial(_column, is_long=report.height > (most_rows or MOST_ROWS))
    groups = [
        [
            column(report[f"{quantity}_{name}"], quantity, f"{name}, {window.unit}")
            for quantity in quantities
            if f"{quantity}_{name}" in report.columns  # a timeline has no polls to tell of
        ]
        for name, window in windows.items()
    ]
    keys = [name for name in ("now", "store_id") if name in report.columns]
    return _stacked([column(report[name], name, is_key=True) for name in keys], groups, width)


def to_plain_table(
    frame: pl.DataFrame, keys: Sequence[str], width: int, *, most_rows: int | None = None
) -> str:
    """Return `frame` as a table as `to_table` does, with the columns `keys` repeated.

    Instants are cut to the minute, as are lengths of time from one hour on, shorter ones to the
    second. Percent has three decimals. A column `uptime_error` is headed by ``± error``.
    """
    column = partial(_column, is_long=frame.height > (most_rows or MOST_ROWS))
    groups = [[column(frame[name], name)] for name in frame.columns if name not in keys]
    return _stacked([column(frame[name], name, is_key=True) for name in keys], groups, width)


def _stacked(left: list[_Column], groups: Iterable[list[_Column]], width: int) -> str:
    """Return the groups of columns, each beside those on the left, in as few tables as will do."""

    def fits(columns: list[_Column]) -> bool:
        return len(_side_by_side([*left, *columns])[-1]) <= width

    tables: list[list[_Column]] = [[]]
    for group in groups:
        if tables[-1] and not fits(tables[-1] + group):
            tables.append([])
        for column in group:
            if tables[-1] and not fits([*tables[-1], column]):
                tables.append([])
            tables[-1].append(column)
    return "\n".join(
        "".join(f"{line}\n" for line in _side_by_side([*left, *table])) for table in tables
    )


def _side_by_side(columns: list[_Column]) -> list[str]:
    blocks = []
    for title, members in groupby(columns, key=lambda column: column.title):
        rows = [_GAP.join(row) for row in zip(*(each.lines for each in members), strict=True)]
        across = max(len(title), len(rows[0]))
        blocks.append([row.rjust(across) for row in (title, *rows)])
    lines = [_GAP.join(row) for row in zip(*blocks, strict=True)]
    return lines if any(column.title for column in columns) else lines[1:]


def _column(
    values: pl.Series, heading: str, title: str = "", *, is_long: bool, is_key: bool = False
) -> _Column:
    shown = pl.concat([values.head(_ENDS), values.tail(_ENDS)]) if is_long else values
    decimals = _DECIMALS.get(heading, 2)
    cells = [_cell(value, decimals) for value in rounded(shown, decimals)]
    if is_long:
        cells.insert(_ENDS, "...")
    lines = [_SHOWN_AS.get(heading, _printable(heading)), *cells]
    justify, narrowest = (str.ljust, 0) if is_key else (str.rjust, _NARROWEST)
    across = max(narrowest, *map(len, lines))
    return _Column(title, [justify(line, across) for line in lines])


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
        minutes, seconds = divmod(value // dt.timedelta(seconds=1), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}h {minutes:02}m" if hours else f"{minutes}m {seconds:02}s"
    return _printable(value)


def _printable(value: Any) -> str:
    # An id is a stranger's text: it must not steer the terminal.
    return "".join(sign if sign.isprintable() else "?" for sign in str(value))
