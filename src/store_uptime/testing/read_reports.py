"""A report that is read back: its rows, and what each of its columns holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from store_uptime._tables.given import Source
from store_uptime._tables.ids import common_id_dtype
from store_uptime._tables.report_times import DETAILS, UNCERTAINTY, time_columns
from store_uptime._time.units import UNIT_MICROSECONDS
from store_uptime.errors import SchemaError, listed
from store_uptime.windows import AnyWindow, Unit, check_windows

# In the order of their columns: first these of all windows, then the next ones window by window.
_ALWAYS = ("uptime", "downtime")
_WITHOUT_UNIT = ("availability", "polls")

MOST_CHARACTERS = 1900
"""How long a message about reports may be."""


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column of a report: which quantity it holds, of which window, in which unit."""

    quantity: str
    window: str
    unit: Unit

    @property
    def name(self) -> str:
        """Its name in the report."""
        return f"{self.quantity}_{self.window}"

    @property
    def is_time(self) -> bool:
        """Whether it is a time, in the unit of the window."""
        return self.quantity not in _WITHOUT_UNIT

    @property
    def value(self) -> pl.Expr:
        """Its values."""
        return pl.col(self.name)

    @property
    def micros(self) -> pl.Expr:
        """Its values, which are times, in whole microseconds; null where that makes no sense."""
        return whole_microseconds(self.value, self.unit)

    def shown(self, value: float | None) -> str:
        """Return one of its values, with its unit."""
        if value is None:
            return "null"
        return f"{value} {self.unit}" if self.is_time else f"{value}"


@dataclass(frozen=True, slots=True)
class ReadReport:
    """The rows of a report, what tells them apart, and all columns besides, in order."""

    rows: pl.DataFrame
    keys: list[str]
    columns: list[ReportColumn]


def whole_microseconds(value: pl.Expr, unit: Unit) -> pl.Expr:
    """Return times in a unit as Int128, which their sums fit into, whatever they are."""
    return (value * UNIT_MICROSECONDS[unit]).round().cast(pl.Int128, strict=False)


def told_row(row: Mapping[str, object]) -> str:
    """Return which row of a report it is, for a message."""
    at = f" at {row['now']}" if "now" in row else ""
    return f"store {row['store_id']}{at}"


def columns_in_order(windows: Mapping[str, AnyWindow]) -> list[ReportColumn]:
    """Return all columns that a report may have besides its keys, in their order."""
    blocks = [
        (name, quantity)
        for quantities in (_ALWAYS, DETAILS, UNCERTAINTY)
        for name in windows
        for quantity in quantities
    ]
    return [ReportColumn(quantity, name, windows[name].unit) for name, quantity in blocks]


def report_source(report: object, table: str) -> Source:
    """Return a report as it came, in memory: it is looked at more than once."""
    source = Source(report, table)
    return source.collected(*source.schema)


def report_as_given(source: Source, windows: Mapping[str, AnyWindow]) -> ReadReport:
    """Return a report, whatever its values are.

    Raises
    ------
    SchemaError
        A column is missing, of another type than in a report, or one that no window names; ids are
        floats.
    """
    id_dtype = common_id_dtype({source.table: source})
    time_columns(source, windows)
    keys: list[str] = [name for name in ("now", "store_id") if name in source.names]
    known: dict[str, ReportColumn] = {}
    for column in columns_in_order(windows):
        known.setdefault(column.name, column)
    _refuse_other_columns(source, [*keys, *known])
    columns = [known[name] for name in source.names if name in known]
    _refuse_other_types(source, columns)
    quantities = {column.quantity for column in columns}
    check_windows(
        windows,
        detail=not quantities.isdisjoint(DETAILS),
        uncertainty=not quantities.isdisjoint(UNCERTAINTY),
    )
    rows = source.rows.with_columns(pl.col("store_id").cast(id_dtype)).collect()
    if "now" in keys:
        rows = rows.with_columns(pl.col("now").dt.convert_time_zone("UTC").dt.cast_time_unit("us"))
    return ReadReport(rows, keys, columns)


def _refuse_other_columns(source: Source, known: list[str]) -> None:
    others = [name for name in source.names if name not in known]
    if others:
        raise SchemaError(
            f"columns that a report over these windows does not have: {listed(others)}",
            table=source.table,
            remedy="Give the windows with which it was computed, and drop what was joined on.",
            code="unknown_column",
        )


def _refuse_other_types(source: Source, columns: list[ReportColumn]) -> None:
    returned = "as compute_report returns it"
    for column in columns:
        name, dtype = column.name, source.dtype(column.name)
        if column.quantity == "polls":
            if not dtype.is_integer():
                source.refuse_type(name, f"UInt32, {returned}, and other integers")
        elif dtype != pl.Float64:
            source.refuse_type(name, f"Float64, {returned}")
    now = source.schema.get("now", pl.Datetime("us", "UTC"))
    if not (isinstance(now, pl.Datetime) and now.time_zone):
        source.refuse_type("now", "Datetime with a time zone, as compute_history returns it")
