"""Three good tables, and every way in which one of them can be bad."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from store_uptime import (
    InvalidHoursError,
    InvalidStatusError,
    SchemaError,
    UnknownTimeZoneError,
    compute_report,
)

NOW = "2023-01-25T18:00:00Z"
STATUS: dict[str, Any] = {
    "store_id": [1, 2],
    "timestamp_utc": ["2023-01-25 12:00:00 UTC", "2023-01-25 13:00:00 UTC"],
    "status": ["active", "inactive"],
}
HOURS: dict[str, Any] = {
    "store_id": [1, 2],
    "day_of_week": [2, 2],
    "start_time_local": ["08:00", "08:00"],
    "end_time_local": ["17:00", "17:00"],
}
TIMEZONES: dict[str, Any] = {"store_id": [1, 2], "timezone_str": ["UTC", "UTC"]}
FLOATS_REMEDY = "Read ids as integers or strings from the start"


def tables() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    return pl.DataFrame(STATUS), pl.DataFrame(HOURS), pl.DataFrame(TIMEZONES)


def report(*, lazy: bool = False, **changes: dict[str, Any]) -> pl.DataFrame:
    """Compute the report with some columns replaced, or dropped where the new one is None."""
    frames: list[pl.DataFrame | pl.LazyFrame] = []
    for name, columns in (("status", STATUS), ("hours", HOURS), ("timezones", TIMEZONES)):
        changed = columns | changes.get(name, {})
        frame = pl.DataFrame({key: value for key, value in changed.items() if value is not None})
        frames.append(frame.lazy() if lazy else frame)
    status, hours, timezones = frames
    return compute_report(status, hours, timezones, NOW)


MISSING = "no such column. The columns are: "
BAD_TABLES = [
    # --- a column is missing
    ("status", {"store_id": None}, SchemaError, "status.store_id: " + MISSING),
    ("status", {"timestamp_utc": None}, SchemaError, "status.timestamp_utc: " + MISSING),
    ("status", {"status": None}, SchemaError, "status.status: " + MISSING + "store_id, timestamp_utc."),
    ("hours", {"store_id": None}, SchemaError, "hours.store_id: " + MISSING),
    ("hours", {"day_of_week": None}, SchemaError, "Rename the one that holds it to 'day_of_week'."),
    ("hours", {"start_time_local": None}, SchemaError, "hours.start_time_local: " + MISSING),
    ("hours", {"end_time_local": None}, SchemaError, "hours.end_time_local: " + MISSING),
    ("timezones", {"store_id": None}, SchemaError, "timezones.store_id: " + MISSING),
    ("timezones", {"timezone_str": None}, SchemaError, "timezones.timezone_str: " + MISSING),
    # --- a column of a type that is not listed
    ("status", {"store_id": [1.0, 2.0]}, SchemaError, "status.store_id: ids are floats (Float64). " + FLOATS_REMEDY),
    ("hours", {"store_id": [1.0, 2.0]}, SchemaError, "hours.store_id: ids are floats (Float64)."),
    ("timezones", {"store_id": [1.0, None]}, SchemaError, "timezones.store_id: ids are floats"),
    ("status", {"store_id": [True, False]}, SchemaError, "status.store_id: type Boolean is not accepted. Accepted: integers and strings."),
    ("status", {"timestamp_utc": [1, 2]}, SchemaError, "status.timestamp_utc: type Int64 is not accepted."),
    ("status", {"timestamp_utc": [dt.date(2023, 1, 1)] * 2}, SchemaError, "status.timestamp_utc: type Date is not accepted."),
    ("status", {"status": [1.0, 0.0]}, SchemaError, "status.status: type Float64 is not accepted. Accepted: strings, Enum, Categorical, Boolean, and the integers 1 and 0."),
    ("hours", {"day_of_week": [True, False]}, SchemaError, "hours.day_of_week: type Boolean is not accepted. Accepted: whole numbers from 0 (Monday) to 6 (Sunday), and English names."),
    ("hours", {"start_time_local": [8, 9]}, SchemaError, "hours.start_time_local: type Int64 is not accepted."),
    ("timezones", {"timezone_str": [1, 2]}, SchemaError, "timezones.timezone_str: type Int64 is not accepted."),
    # --- ids of different kinds
    ("hours", {"store_id": ["1", "2"]}, SchemaError, "hours.store_id: ids are String here but Int64 in status."),
    ("timezones", {"store_id": ["1", "2"]}, SchemaError, "Give store_id the same kind, integer or string, in all tables."),
    # --- values of status
    ("status", {"store_id": [1, None]}, InvalidStatusError, "status.store_id: null id in 1 row (first: None). Remove the rows or give them an id."),
    ("status", {"store_id": [None, None]}, InvalidStatusError, "null id in 2 rows"),
    ("status", {"timestamp_utc": [None, "2023-01-25 12:00:00 UTC"]}, InvalidStatusError, "status.timestamp_utc: null or unreadable timestamp in 1 row (first: None)."),
    ("status", {"timestamp_utc": [None, None]}, InvalidStatusError, "null or unreadable timestamp in 2 rows"),
    ("status", {"timestamp_utc": ["yesterday", "2023-02-30 12:00:00 UTC"]}, InvalidStatusError, "in 2 rows (first: 'yesterday', '2023-02-30 12:00:00 UTC'). Write instants in UTC, like '2023-01-22 12:09:39.388884 UTC'."),
    ("status", {"status": ["active", "closed"]}, InvalidStatusError, "status.status: status other than active or inactive in 1 row (first: 'closed'). A status is 'active' or 'inactive', true or false, t or f, 1 or 0."),
    ("status", {"status": [None, "active"]}, InvalidStatusError, "(first: None)"),
    ("status", {"status": [None, True]}, InvalidStatusError, "(first: None)"),
    ("status", {"status": [None, None]}, InvalidStatusError, "in 2 rows (first: None, None)"),
    # --- values of hours
    ("hours", {"store_id": [1, None]}, InvalidHoursError, "hours.store_id: null id in 1 row"),
    ("hours", {"day_of_week": [8, -1]}, InvalidHoursError, "hours.day_of_week: weekday outside 0-6 in 2 rows (first: 8, -1). Weekdays are whole numbers from 0 (Monday) to 6 (Sunday), or English names."),
    ("hours", {"day_of_week": [None, 1]}, InvalidHoursError, "weekday outside 0-6 in 1 row (first: None)"),
    ("hours", {"day_of_week": [None, None]}, InvalidHoursError, "weekday outside 0-6 in 2 rows"),
    ("hours", {"start_time_local": ["9 am", "08:00"]}, InvalidHoursError, "hours.start_time_local: null or unreadable time in 1 row (first: '9 am'). Write local times as HH:MM or HH:MM:SS, from 00:00 to 24:00."),
    ("hours", {"end_time_local": [None, "08:00"]}, InvalidHoursError, "hours.end_time_local: null or unreadable time in 1 row (first: None)."),
    ("hours", {"end_time_local": [None, None]}, InvalidHoursError, "null or unreadable time in 2 rows"),
    ("hours", {"end_time_local": [dt.timedelta(hours=25), dt.timedelta(hours=-1)]}, InvalidHoursError, "null or unreadable time in 2 rows"),
    # --- values of timezones
    ("timezones", {"timezone_str": ["Mars/Olympus", "UTC"]}, UnknownTimeZoneError, "timezones.timezone_str: zone unknown to the tzdata package in 1 row (first: 'Mars/Olympus'). Use an IANA name such as 'America/Chicago'"),
    ("timezones", {"store_id": [1, None]}, UnknownTimeZoneError, "timezones.store_id: null id in 1 row"),
    ("timezones", {"store_id": [1, 1], "timezone_str": ["UTC", "Asia/Tokyo"]}, UnknownTimeZoneError, "one store with two different zones in 2 rows (first: (1, ['Asia/Tokyo', 'UTC'])). Keep one row per store."),
]  # fmt: skip
