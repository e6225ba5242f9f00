"""Columns as integer microseconds, weekdays, zones and Booleans, whatever type they came in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

from store_uptime._tables.contract import DATE, INSTANT, TIME, WEEKDAY, ZONE, Kind
from store_uptime._tables.given import Source, is_text
from store_uptime._tables.text import parse_date, parse_instant, parse_time
from store_uptime._time.units import DAY, INT64_MAX

_EPOCH_DATE = dt.date(1970, 1, 1)
_FIRST_DATE, _LAST_DATE = ((day - _EPOCH_DATE).days for day in (dt.date.min, dt.date.max))
_MOST_MILLISECONDS = INT64_MAX // 1000


def value_of(source: Source, column: str, kind: Kind) -> pl.Expr:
    """Return the values of a column; null where there is none.

    An instant is in microseconds since 1970 UTC, a time of day in microseconds since midnight, a
    date in microseconds from 1970-01-01 to its midnight, all Int64; a weekday is Int64, a zone
    String.

    Raises
    ------
    SchemaError
        The type of the column is not accepted.
    """
    if source.dtype(column) == pl.Null:
        return pl.lit(None, pl.String if kind == ZONE else pl.Int64)
    value = _READERS[kind](pl.col(column), source.dtype(column))
    if value is None:
        source.refuse_type(column, kind.accepted)
    return value


def datetime_micros(raw: pl.Expr, dtype: pl.Datetime) -> pl.Expr:
    """Return a Datetime column, naive or of any zone, as microseconds since 1970 UTC."""
    ticks = raw.to_physical()
    if dtype.time_unit == "ns":
        return ticks // 1000
    if dtype.time_unit == "us":
        return ticks
    fits = ticks.is_between(-_MOST_MILLISECONDS, _MOST_MILLISECONDS)
    return pl.when(fits).then(ticks * 1000)


def _read_instant(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    if isinstance(dtype, pl.Datetime):
        return datetime_micros(raw, dtype)
    return parse_instant(raw) if dtype == pl.String else None


def _read_time(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    if dtype == pl.Time:
        return raw.to_physical() // 1000
    if isinstance(dtype, pl.Duration):
        micros = datetime_micros(raw, pl.Datetime(dtype.time_unit))
        return pl.when(micros.is_between(0, DAY)).then(micros)
    return parse_time(raw) if dtype == pl.String else None


def _read_date(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    if dtype == pl.Date:
        days = raw.to_physical().cast(pl.Int64)
        return pl.when(days.is_between(_FIRST_DATE, _LAST_DATE)).then(days * DAY)
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
        # pandas knows no dates: there, a date is its midnight.
        micros = datetime_micros(raw, dtype)
        return pl.when(micros % DAY == 0).then(micros)
    return parse_date(raw) if dtype == pl.String else None


def _read_weekday(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    return pl.when(raw.is_between(0, 6)).then(raw).cast(pl.Int64) if dtype.is_integer() else None


def _read_zone(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    return raw.cast(pl.String) if is_text(dtype) else None


_READERS: Mapping[Kind, Callable[[pl.Expr, pl.DataType], pl.Expr | None]] = MappingProxyType(
    {
        INSTANT: _read_instant,
        TIME: _read_time,
        DATE: _read_date,
        WEEKDAY: _read_weekday,
        ZONE: _read_zone,
    }
)
