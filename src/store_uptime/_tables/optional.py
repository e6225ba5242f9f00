"""The optional tables, canonical and checked: special hours and maintenance."""

from __future__ import annotations

from typing import Any

import polars as pl

from store_uptime._tables.given import Source, refuse_foreign_ids
from store_uptime._tables.text import DATE_REMEDY, TIME_REMEDY, TIMESTAMP_REMEDY
from store_uptime._tables.values import date_column, instant_column, time_column
from store_uptime.errors import InvalidHoursError

_SPECIAL = ("store_id", "midnight", "start", "end")
_MAINTENANCE = ("store_id", "start", "end")
_BOTH_REMEDY = "Give both times, or neither where the store is closed all day."
_ORDER_REMEDY = "Maintenance is the time from start_utc to end_utc: end it after its start."


def read_special_hours(source: Source | None, id_dtype: pl.DataType) -> pl.DataFrame:
    """Return `store_id` (null = every store), `midnight` (of the date), `start`, `end`.

    All but the ids are Int64 microseconds: the midnight since 1970-01-01 on the wall clock, the
    times since midnight, both null where the store is closed all day.
    """
    if source is None:
        return _empty(_SPECIAL, id_dtype)
    date, start, end = "date", "start_time_local", "end_time_local"
    source = source.collected("store_id", date, start, end)
    refuse_foreign_ids(source, id_dtype)
    midnight = date_column(source, date)
    times = {column: time_column(source, column) for column in (start, end)}
    _refuse(source, date, "null or unreadable date", midnight.is_null(), DATE_REMEDY)
    for column, time in times.items():
        unreadable = time.is_null() & pl.col(column).is_not_null()
        _refuse(source, column, "unreadable time", unreadable, TIME_REMEDY)
    for column, other in ((start, end), (end, start)):
        lonely = pl.col(column).is_null() & pl.col(other).is_not_null()
        _refuse(source, column, f"null time beside one in {other}", lonely, _BOTH_REMEDY)
    return source.rows.select(
        pl.col("store_id").cast(id_dtype), midnight=midnight, start=times[start], end=times[end]
    ).collect()


def read_maintenance(source: Source | None, id_dtype: pl.DataType) -> pl.DataFrame:
    """Return `store_id` (null = every store), `start`, `end` (Int64 microseconds since 1970)."""
    if source is None:
        return _empty(_MAINTENANCE, id_dtype)
    source = source.collected("store_id", "start_utc", "end_utc")
    refuse_foreign_ids(source, id_dtype)
    start, end = (instant_column(source, column) for column in ("start_utc", "end_utc"))
    for column, instant in (("start_utc", start), ("end_utc", end)):
        problem = "null or unreadable time"
        _refuse(source, column, problem, instant.is_null(), TIMESTAMP_REMEDY)
    _refuse(source, "end_utc", "end not after its start", end <= start, _ORDER_REMEDY)
    return source.rows.select(pl.col("store_id").cast(id_dtype), start=start, end=end).collect()


def _empty(columns: tuple[str, ...], id_dtype: pl.DataType) -> pl.DataFrame:
    schema: dict[str, Any] = dict.fromkeys(columns, pl.Int64)
    return pl.DataFrame(schema=schema | {"store_id": id_dtype})


def _refuse(source: Source, column: str, problem: str, bad: pl.Expr, remedy: str) -> None:
    source.refuse_rows(InvalidHoursError, column, problem, bad, remedy)
