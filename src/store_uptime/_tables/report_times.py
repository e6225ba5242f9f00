"""The times of a report that is read back: their columns, and whether they can be right."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from store_uptime._tables.given import Source
from store_uptime._time.units import UNIT_MICROSECONDS
from store_uptime.errors import SchemaError, listed
from store_uptime.windows import AnyWindow

_MOST = 2**61  # Microseconds, 73,000 years: three of them still fit into Int64.
# Of a unit: what three columns are off by when each is rounded to four decimals, as in a CSV file.
_ROUNDED_OFF = 0.0002
_AS_RETURNED = "Give what compute_report returned, with the windows that it was given."


DETAILS = ("unknown", "scheduled", "availability", "uptime_min", "uptime_max", "polls")
"""What a report with details says of each window, in the order of its columns."""

UNCERTAINTY = ("uptime_expected", "uptime_error")
"""What says how far the uptime may be off; both are null where nothing can be said."""


def in_microseconds(time: pl.Expr, window: AnyWindow) -> pl.Expr:
    """Return times in the unit of a window as the whole microseconds that they came from."""
    return (time * UNIT_MICROSECONDS[window.unit]).round().cast(pl.Int128)


def need_column(source: Source, column: object, remedy: str) -> None:
    """Raise `SchemaError` unless the report has the column."""
    if not (isinstance(column, str) and column in source.schema):
        raise SchemaError(
            "no such column",
            table=source.table,
            column=str(column),
            remedy=f"The columns are: {listed(source.schema)}. {remedy}",
            code="missing_column",
        )


def need_floats(source: Source, column: str, remedy: str) -> None:
    """Raise `SchemaError` unless the report has the column, in Float64."""
    need_column(source, column, remedy)
    if source.dtype(column) != pl.Float64:
        source.refuse_type(column, "Float64, as compute_report returns it")


def time_columns(source: Source, windows: Mapping[str, AnyWindow]) -> dict[str, list[str]]:
    """Return the columns of each window that hold parts of its open time.

    These are `uptime_*`, `downtime_*` and, where the report has it, `unknown_*`.

    Raises
    ------
    SchemaError
        A column is missing, or is no Float64.
    """
    columns: dict[str, list[str]] = {}
    for name in windows:
        columns[name] = [f"uptime_{name}", f"downtime_{name}"]
        if f"unknown_{name}" in source.schema:
            columns[name].append(f"unknown_{name}")
        for column in columns[name]:
            need_floats(source, column, _AS_RETURNED)
    return columns


def is_part(source: Source, column: str) -> bool:
    """Return whether the report has the column, and it is not the uptime of another window."""
    # Without details, windows may be named x and min_x: then there is a downtime_min_x, too.
    part, _, window = column.partition("_")
    another = part == "uptime" and f"downtime_{window}" in source.schema
    return column in source.schema and not another


def uncertainty_columns(source: Source, windows: Mapping[str, AnyWindow]) -> dict[str, list[str]]:
    """Return the columns that say how far the uptime may be off, of each window that has them.

    Raises
    ------
    SchemaError
        A window has one of the two columns and not the other, or they are no Float64.
    """
    columns: dict[str, list[str]] = {}
    for name in windows:
        both = [f"{part}_{name}" for part in UNCERTAINTY]
        if any(is_part(source, column) for column in both):
            columns[name] = both
            for column in both:
                need_floats(source, column, _AS_RETURNED)
    return columns


def refuse_wrong_uncertainty(
    source: Source, windows: Mapping[str, AnyWindow], columns_of: Mapping[str, list[str]]
) -> None:
    """Raise `SchemaError` where a value of `uncertainty_columns` cannot be one."""
    for name, columns in columns_of.items():
        first, second = columns
        most = _MOST / UNIT_MICROSECONDS[windows[name].unit]
        for column in columns:
            fits = pl.col(column).is_between(0, most) | pl.col(column).is_null()
            problem = "negative, not finite or beyond 73,000 years"
            source.refuse_rows(
                SchemaError, column, problem, ~fits, _AS_RETURNED, code="impossible_time"
            )
        alone = pl.col(first).is_null() != pl.col(second).is_null()
        problem = f"null without {first}, or {first} without it,"
        source.refuse_rows(
            SchemaError, second, problem, alone, _AS_RETURNED, code="impossible_time"
        )


def refuse_wrong_times(
    source: Source, windows: Mapping[str, AnyWindow], tolerance: int = 0
) -> None:
    """Raise unless the times can be those of the windows, in their units.

    Each time may be off by `tolerance`, in microseconds.

    Raises
    ------
    SchemaError
        A time that is none, or more time in a window than the longest that it can be.
    """
    columns = time_columns(source, windows)
    for name, parts in columns.items():
        for column in parts:
            # Not a number is above every number.
            most = _MOST / UNIT_MICROSECONDS[windows[name].unit]
            fits = pl.col(column).is_between(0, most).fill_null(value=False)
            problem = "null, negative, not finite or beyond 73,000 years"
            source.refuse_rows(
                SchemaError, column, problem, ~fits, _AS_RETURNED, code="impossible_time"
            )
    for name, parts in columns.items():
        unit = windows[name].unit
        longest = windows[name].longest_us() / UNIT_MICROSECONDS[unit]
        off = len(parts) * tolerance / UNIT_MICROSECONDS[unit] + _ROUNDED_OFF
        source.refuse_rows(
            SchemaError,
            parts[0],
            f"together with {' and '.join(parts[1:])} above {longest:,.10g} {unit}, "
            "the longest that the window can be,",
            pl.sum_horizontal(parts) > longest + off,
            "Give the windows, and their units, with which the report was computed.",
            code="longer_than_window",
        )
