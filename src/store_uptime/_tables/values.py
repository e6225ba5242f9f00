"""Columns as integer microseconds, weekdays, zones and Booleans, whatever type they came in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

import polars as pl

from store_uptime._tables.contract import (
    DATE,
    INSTANT,
    OUTSIDE_YEARS,
    TIME,
    WEEKDAY,
    ZONE,
    Kind,
)
from store_uptime._tables.given import Source, is_text
from store_uptime._tables.text import parse_date, parse_instant, parse_time
from store_uptime._tables.weekdays import DAYS_A_WEEK, weekday_number
from store_uptime._time.units import DAY, FIRST_INSTANT, INT64_MAX, LAST_INSTANT
from store_uptime.errors import SchemaError, StoreUptimeError

_EPOCH_DATE = dt.date(1970, 1, 1)
_FIRST_DATE, _LAST_DATE = ((day - _EPOCH_DATE).days for day in (dt.date.min, dt.date.max))
_TICKS_A_MICROSECOND = {"ns": 1000, "us": 1}
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
    value = _reading_of(column, source.dtype(column), kind)
    if value is None:
        source.refuse_type(column, kind.accepted, _advice(kind, source.dtype(column)))
    return value


# For a table of few rows, writing the expression down takes as long as computing it.
@lru_cache(maxsize=100)
def _reading_of(column: str, dtype: pl.DataType, kind: Kind) -> pl.Expr | None:
    return _READERS[kind](pl.col(column), dtype)


def refuse_bad_instants(source: Source, column: str, bad: pl.Expr) -> None:
    """Raise `SchemaError` for rows of something that came back whose instant is none."""
    source.refuse_rows(
        SchemaError, column, INSTANT.null_fault, bad, INSTANT.remedy, code=INSTANT.code
    )


def refuse_outside_years(
    source: Source, error: type[StoreUptimeError], column: str, micros: pl.Expr
) -> None:
    """Raise `error` for instants that no datetime of Python can be."""
    source.refuse_rows(
        error,
        column,
        OUTSIDE_YEARS.fault,
        ~micros.is_between(FIRST_INSTANT, LAST_INSTANT),
        OUTSIDE_YEARS.remedy,
        code=OUTSIDE_YEARS.code,
    )


def _advice(kind: Kind, dtype: pl.DataType) -> str:
    if kind == TIME and isinstance(dtype, (pl.Datetime, pl.Date)):
        return "Of a datetime take the time of day: .dt.time() in polars, .dt.time in pandas."
    if kind == DATE and isinstance(dtype, pl.Datetime):
        return "Of an instant take the date that the store's own wall clock shows."
    if kind == INSTANT and dtype.is_numeric():
        return "Of numbers make instants, by their unit: pl.from_epoch, pandas.to_datetime."
    return ""


def datetime_micros(raw: pl.Expr, dtype: pl.Datetime) -> pl.Expr:
    """Return a Datetime column, naive or of any zone, as microseconds since 1970 UTC.

    What milliseconds reach beyond Int64 stays at its end, far outside the calendar.
    """
    ticks = raw.to_physical()
    if dtype.time_unit == "ns":
        return ticks // 1000
    if dtype.time_unit == "us":
        return ticks
    return ticks.clip(-_MOST_MILLISECONDS, _MOST_MILLISECONDS) * 1000


def datetime_limits(dtype: pl.Datetime, first: int, last: int) -> tuple[pl.Expr, pl.Expr]:
    """Return the least and the largest value of a type that lie from `first` to `last`.

    By values of the column's own type a scan can skip rows.
    """
    if dtype.time_unit == "ms":
        ticks = (-(-first // 1000), last // 1000)
    else:
        per_micro = _TICKS_A_MICROSECOND[dtype.time_unit]
        ticks = (first * per_micro, last * per_micro + per_micro - 1)
    lower, upper = (pl.lit(min(max(tick, -INT64_MAX), INT64_MAX)).cast(dtype) for tick in ticks)
    return lower, upper


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
        is_date = (micros % DAY == 0) & micros.is_between(FIRST_INSTANT, LAST_INSTANT)
        return pl.when(is_date).then(micros)
    return parse_date(raw) if dtype == pl.String else None


def _read_weekday(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    number = weekday_number(raw, dtype)
    return None if number is None else pl.when(number < DAYS_A_WEEK).then(number)


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
