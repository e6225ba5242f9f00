"""The tables that the tests of databases fill, and what of them can matter."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import polars as pl

from support.databases import Database

NOW = dt.datetime(2023, 1, 25, 18, 13, 22, 479220, tzinfo=dt.UTC)
# The earliest of the default windows starts a week before `now`, and the look-back is a day.
LO = NOW - dt.timedelta(days=8)
TICK = dt.timedelta(microseconds=1)
IDS = (8419537941919820732, 5415949628544298339)
UUIDS = ("f3a1c8de-54c5-43ba-b5b1-fd711be0ce23", "0b8a2f7e-9d61-4c0c-8a55-5a6f0d3c1e42")
NO_HOURS = (
    "SELECT 1 AS store_id, 1 AS day, '' AS start_time_local, '' AS end_time_local WHERE 1 = 0"
)
# store, instant, status, whether it can matter at `NOW`
POLLS = [
    (0, LO - TICK, "inactive", False),
    (0, LO, "active", True),
    (0, dt.datetime(2023, 1, 25, 14, 6, 42, 605777, tzinfo=dt.UTC), "active", True),
    (0, dt.datetime(2023, 1, 25, 16, 30, 0, 500000, tzinfo=dt.UTC), "inactive", True),
    (0, NOW, "active", True),
    (0, NOW + TICK, "inactive", False),
    (1, dt.datetime(2022, 1, 25, 18, 0, tzinfo=dt.UTC), "active", False),
    (1, dt.datetime(2023, 1, 24, 9, 8, 7, tzinfo=dt.UTC), "inactive", True),
    (1, dt.datetime(2023, 1, 26, tzinfo=dt.UTC), "inactive", False),
]
HOURS = [
    (0, 2, "08:00:00", "17:00:00"),
    (0, 1, "22:00:00", "02:30:00"),
    (1, 2, "00:00:00", "23:59:59"),
]
ZONES = [(0, "America/New_York"), (1, None)]


class Types(NamedTuple):
    """What the columns are declared as."""

    timestamp: str
    id: str
    time: str


TYPES = {
    "postgresql": [Types("timestamptz", "bigint", "time"), Types("timestamp", "uuid", "text")],
    "mariadb": [Types("datetime(6)", "bigint", "time"), Types("timestamp(6)", "uuid", "varchar(8)")],
    "sqlite": [Types("text", "integer", "text"), Types("timestamp", "text", "time")],
    "duckdb": [Types("timestamptz", "bigint", "time"), Types("timestamp", "uuid", "varchar")],
}  # fmt: skip


def literal(value: Any) -> str:
    return "NULL" if value is None else str(value) if isinstance(value, int) else f"'{value}'"


def insert(table: str, *values: Any) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join(map(literal, values))})"


def written(instant: dt.datetime, types: Types) -> str:
    """Return the instant as a literal that means it in a column of that type."""
    text = instant.replace(tzinfo=None).isoformat(" ")
    if types.timestamp == "timestamptz":
        return f"{text}+00"
    return f"{text} UTC" if types.timestamp == "text" else text


def fill(database: Database, types: Types, polls: Any = POLLS) -> tuple[Any, ...]:
    """Make the three tables, and return the ids of the stores."""
    ids = IDS if "int" in types.id else UUIDS
    database.run(
        f"CREATE TABLE store_status (store_id {types.id} NOT NULL, timestamp_utc {types.timestamp}, status varchar(20))",
        f"CREATE TABLE business_hours (store_id {types.id}, day integer, start_time_local {types.time}, end_time_local {types.time})",
        f"CREATE TABLE store_timezones (store_id {types.id}, timezone_str varchar(60))",
        *(insert("store_status", ids[i], written(t, types), status) for i, t, status, *_ in polls),
        *(insert("business_hours", ids[i], *rest) for i, *rest in HOURS),
        *(insert("store_timezones", ids[i], zone) for i, zone in ZONES),
    )
    return ids


def frames(ids: tuple[Any, ...]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the same tables, as frames."""
    names = ["store_id", "day_of_week", "start_time_local", "end_time_local"]
    return (
        pl.DataFrame(
            [(ids[i], t, status == "active") for i, t, status, _ in POLLS],
            ["store_id", "timestamp_utc", "status"],
            orient="row",
        ),
        pl.DataFrame([(ids[i], *rest) for i, *rest in HOURS], names, orient="row"),
        pl.DataFrame(
            [(ids[i], zone) for i, zone in ZONES], ["store_id", "timezone_str"], orient="row"
        ),
    )
