"""Columns of instants, dates and times of day as integer microseconds, whatever their type."""

from __future__ import annotations

import datetime as dt

import polars as pl

from store_uptime._tables.given import Source
from store_uptime._tables.text import DAY, datetime_micros, parse_date, parse_instant, parse_time

_FIRST_DATE, _LAST_DATE = ((day - dt.date(1970, 1, 1)).days for day in (dt.date.min, dt.date.max))


def instant_column(source: Source, column: str) -> pl.Expr:
    """Return the column as microseconds since 1970 UTC; null where there is none.

    Raises
    ------
    SchemaError
        Its type is not accepted. So it is in the functions below.
    """
    dtype = source.dtype(column)
    if isinstance(dtype, pl.Datetime):
        return datetime_micros(pl.col(column), dtype)
    if dtype == pl.String:
        return parse_instant(pl.col(column))
    if dtype == pl.Null:
        return pl.lit(None, pl.Int64)
    source.refuse_type(column, "Datetime (naive means UTC) and strings")


def time_column(source: Source, column: str) -> pl.Expr:
    """Return the column as microseconds since midnight; null where there is none."""
    dtype = source.dtype(column)
    raw = pl.col(column)
    if dtype == pl.Time:
        return raw.to_physical() // 1000
    if isinstance(dtype, pl.Duration):
        micros = datetime_micros(raw, pl.Datetime(dtype.time_unit))
        return pl.when(micros.is_between(0, DAY)).then(micros)
    if dtype == pl.String:
        return parse_time(raw)
    if dtype == pl.Null:
        return pl.lit(None, pl.Int64)
    source.refuse_type(column, "Time, Duration since midnight, and strings")


def date_column(source: Source, column: str) -> pl.Expr:
    """Return the dates as microseconds from 1970-01-01 to their midnight; null where none is."""
    dtype = source.dtype(column)
    raw = pl.col(column)
    if dtype == pl.Date:
        days = raw.to_physical().cast(pl.Int64)
        return pl.when(days.is_between(_FIRST_DATE, _LAST_DATE)).then(days * DAY)
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
        # pandas knows no dates: there, a date is its midnight.
        micros = datetime_micros(raw, dtype)
        return pl.when(micros % DAY == 0).then(micros)
    if dtype == pl.String:
        return parse_date(raw)
    if dtype == pl.Null:
        return pl.lit(None, pl.Int64)
    source.refuse_type(column, "Date, naive Datetime at midnight, and strings")
