"""The border: whatever the caller gives becomes three checked tables in canonical form.

Nothing behind this module meets a string, a time zone, a null or a float: ids are of one type,
instants and times of day are integer microseconds, a status is a Boolean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from store_uptime._tables.given import Source, common_id_dtype, is_text, refuse_ids
from store_uptime._tables.optional import read_maintenance, read_special_hours
from store_uptime._tables.polls import Polls
from store_uptime._tables.text import TIME_REMEDY, WEEKDAY_REMEDY
from store_uptime._tables.values import time_column
from store_uptime.errors import SHOWN_VALUES, InvalidHoursError, UnknownTimeZoneError

_DAY_NAMES = ("day_of_week", "day", "dayOfWeek")


@dataclass(frozen=True, slots=True)
class Tables:
    """All inputs in canonical form.

    `hours` has `store_id`, `day` (0-6), `start`, `end` (Int64, microseconds since local
    midnight); `timezones` has `store_id` and `zone` (String, or null for a store that is named
    without a zone); the others are described where they are read. `store_id` has one dtype
    throughout.
    """

    polls: Polls
    hours: pl.DataFrame
    timezones: pl.DataFrame
    special: pl.DataFrame
    maintenance: pl.DataFrame


def read_tables(
    status: Any, hours: Any, timezones: Any, special_hours: Any, maintenance: Any
) -> Tables:
    """Check all inputs and return them in canonical form; the last two may be None.

    Raises
    ------
    SchemaError
        A missing column, a type that is not accepted, ids that do not fit together.
    InvalidStatusError, InvalidHoursError, UnknownTimeZoneError
        Unusable values in the table of that name; `InvalidHoursError` also in the optional ones.
    """
    given = {"status": status, "hours": hours, "timezones": timezones}
    optional = {"special_hours": special_hours, "maintenance": maintenance}
    given |= {name: rows for name, rows in optional.items() if rows is not None}
    sources = {name: Source(rows, name) for name, rows in given.items()}
    id_dtype = common_id_dtype(sources)
    return Tables(
        Polls(sources["status"], id_dtype),
        _read_hours(sources["hours"], id_dtype),
        _read_timezones(sources["timezones"], id_dtype),
        read_special_hours(sources.get("special_hours"), id_dtype),
        read_maintenance(sources.get("maintenance"), id_dtype),
    )


def _read_hours(source: Source, id_dtype: pl.DataType) -> pl.DataFrame:
    day_column = source.column(*_DAY_NAMES)
    times = {name: source.column(f"{name}_time_local") for name in ("start", "end")}
    source = source.collected("store_id", day_column, *times.values())
    if not (source.dtype(day_column).is_integer() or source.dtype(day_column) == pl.Null):
        source.refuse_type(day_column, "integers from 0 (Monday) to 6 (Sunday)")
    refuse_ids(source, InvalidHoursError, id_dtype)
    day = pl.col(day_column)
    day = pl.when(day.is_between(0, 6)).then(day)
    micros = {name: time_column(source, column) for name, column in times.items()}
    table = source.rows.select(
        pl.col("store_id").cast(id_dtype), day.cast(pl.Int64).alias("day"), **micros
    ).collect()
    for name, column, value, problem, remedy in (
        ("day", day_column, day, "weekday outside 0-6", WEEKDAY_REMEDY),
        ("start", times["start"], micros["start"], "null or unreadable time", TIME_REMEDY),
        ("end", times["end"], micros["end"], "null or unreadable time", TIME_REMEDY),
    ):
        if table[name].null_count():
            source.refuse_rows(InvalidHoursError, column, problem, value.is_null(), remedy)
    return table


def _read_timezones(source: Source, id_dtype: pl.DataType) -> pl.DataFrame:
    column = source.column("timezone_str")
    source = source.collected("store_id", column)
    refuse_ids(source, UnknownTimeZoneError, id_dtype)
    dtype = source.dtype(column)
    if not (is_text(dtype) or dtype == pl.Null):
        source.refuse_type(column, "strings, Enum and Categorical")
    table = source.rows.select(
        pl.col("store_id").cast(id_dtype), pl.col(column).cast(pl.String).alias("zone")
    ).collect()
    _refuse_two_zones(table)
    return table


def _refuse_two_zones(table: pl.DataFrame) -> None:
    if table["store_id"].n_unique() == table.height:
        return
    zone = pl.col("zone")
    by_store = table.lazy().drop_nulls("zone").group_by("store_id")
    # Listing zones store by store takes its time, so it is first asked whether there is need to.
    if not by_store.agg(zone.min() != zone.max()).select(zone.any()).collect().item():
        return
    listed = by_store.agg(zone.unique().sort()).filter(zone.list.len() > 1)
    rows = listed.sort("store_id").collect()
    raise UnknownTimeZoneError(
        "one store with two different zones",
        table="timezones",
        column="timezone_str",
        count=int(rows["zone"].list.len().sum()),
        values=rows.head(SHOWN_VALUES).rows(),
        remedy="Keep one row per store.",
    )
