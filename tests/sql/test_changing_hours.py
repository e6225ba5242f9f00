"""`load_sql`: hours that change and planned downtime, in every database and over every connection."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from store_uptime import Inputs, InvalidHoursError, SchemaError, StoreUptimeError, load_sql
from support.changing_hours import DATES, NOW, REPORT, WINDOWS, report_of, tables
from support.databases import ALL, Database, empty_database
from support.sql_tables import TYPES, insert, written

DATABASES = list(TYPES)
NAMES = {
    "status": "store_status",
    "hours": "business_hours",
    "timezones": "store_timezones",
    "maintenance": "works",
    "maintenance_hours": "weekly_works",
}
EXTRA = {name: NAMES[name] for name in ("maintenance", "maintenance_hours")}
MIDNIGHT = {"postgresql": "timestamp", "mariadb": "datetime", "duckdb": "timestamp"}


def fill(database: Database, date: str = "date", **changed: pl.DataFrame) -> None:
    """Make the tables, with the columns that they have, and dates of that type."""
    types = TYPES[database.kind][0]
    declared = {
        **dict.fromkeys(["store_id", "day"], types.id),
        **dict.fromkeys(["start_utc", "end_utc", "timestamp_utc"], f"{types.timestamp} NULL"),
        **dict.fromkeys(["start_time_local", "end_time_local"], types.time),
        **dict.fromkeys(DATES, date),
    }
    for name, frame in (tables() | changed).items():
        columns = [f"{each} {declared.get(each, 'varchar(40)')}" for each in frame.columns]
        rows = [
            [written(v, types) if isinstance(v, dt.datetime) else v for v in row]
            for row in frame.rows()
        ]
        database.run(
            f"CREATE TABLE {NAMES[name]} ({', '.join(columns)})",
            *(insert(NAMES[name], *row) for row in rows),
        )


def loaded(connection: Any, **others: Any) -> Inputs:
    return load_sql(connection, now=NOW, windows=WINDOWS, **EXTRA | others)


@pytest.mark.parametrize(("kind", "form"), ALL)
def test_every_database_and_connection_gives_the_report_worked_by_hand(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    fill(database)
    with database.handed_over(form) as connection:
        inputs = loaded(connection)
    assert report_of(inputs) == REPORT
    expected = tables()["hours"]
    assert inputs.hours.schema == {
        "store_id": pl.Int64,
        "day_of_week": pl.Int64,
        "start_time_local": pl.Duration("us"),
        "end_time_local": pl.Duration("us"),
        "valid_from": pl.Date,
        "valid_until": pl.Date,
    }
    key = ("store_id", "day_of_week", "valid_until")
    assert inputs.hours.sort(key)[DATES].rows() == (
        expected.rename({"day": "day_of_week"}).sort(key)[DATES].rows()
    )
    assert list(inputs.extra) == ["maintenance", "maintenance_hours"]
    assert inputs.extra["maintenance_hours"].height == 3


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("date", ["varchar(10)", "a midnight"])
def test_a_date_may_be_a_text_or_a_midnight(
    kind: str, date: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    fill(database, MIDNIGHT.get(kind, "text") if date == "a midnight" else date)
    inputs = loaded(database.url)
    assert report_of(inputs) == REPORT
    assert inputs.hours.schema["valid_from"] == pl.Date


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("date", ["date", "varchar(10)"])
def test_columns_without_any_date_are_as_if_they_were_not_there(
    kind: str, date: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    empty = {
        name: tables()[name].with_columns(pl.lit(None, pl.Date).alias(each) for each in DATES)
        for name in ("hours", "maintenance_hours")
    }
    fill(database, date, **empty)
    inputs = loaded(database.url)
    assert inputs.hours.select(DATES).schema == dict.fromkeys(DATES, pl.Date)
    assert report_of(inputs) == report_of(**tables() | empty)


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("kept", [None, "valid_until"])
def test_columns_that_are_not_there_are_not_in_what_is_loaded(
    kind: str, kept: str | None, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    fewer = {
        name: tables()[name].drop(each for each in DATES if each != kept)
        for name in ("hours", "maintenance_hours")
    }
    fill(database, "date", **fewer)
    inputs = loaded(database.url)
    assert inputs.hours.columns[4:] == ([kept] if kept else [])
    assert inputs.extra["maintenance_hours"].columns[4:] == inputs.hours.columns[4:]
    assert report_of(inputs) == report_of(**tables() | fewer)


@pytest.mark.parametrize("kind", DATABASES)
def test_a_select_may_name_the_columns(kind: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    fill(database)
    database.run("ALTER TABLE weekly_works RENAME COLUMN valid_until TO last_day")
    select = "SELECT store_id, day AS dayOfWeek, start_time_local, end_time_local, valid_from, last_day AS VALID_UNTIL FROM weekly_works"
    inputs = loaded(database.url, maintenance_hours=select)
    assert report_of(inputs) == REPORT
    assert "valid_until" in inputs.extra["maintenance_hours"].columns


BAD: list[tuple[str, str, type[StoreUptimeError], str]] = [
    ("valid_from", "'never'", InvalidHoursError, r"unreadable date in . rows? \(first: 'never'"),
    ("valid_until", "'2024-06-12 12:00:00'", InvalidHoursError, "unreadable date"),
    ("valid_until", "'2000-01-01'", InvalidHoursError, r"before valid_from in . rows? \(first: '2000"),
    ("store_id", "'x'", SchemaError, "ids are String here"),
]  # fmt: skip


@pytest.mark.parametrize("table", ["hours", "maintenance_hours"])
@pytest.mark.parametrize("number", range(len(BAD)))
def test_what_is_wrong_is_told_by_the_load(number: int, table: str, tmp_path: Path) -> None:
    column, value, error, told = BAD[number]
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, "varchar(40)")
    columns = [each for each in tables()["hours"].columns if each != column]
    select = f"SELECT {', '.join(columns)}, {value} AS {column} FROM {NAMES[table]}"
    with pytest.raises(error, match=rf"^{table}\.{column}: {told}"):
        loaded(database.url, **{table: select})


@pytest.mark.parametrize("form", ["uri", "engine", "psycopg2"])
def test_the_end_of_time_in_postgresql_is_told(postgres: str, form: str) -> None:
    """`infinity` is no date of the calendar; a null is without limit."""
    database = Database("postgresql", postgres)
    fill(database)
    database.run("UPDATE business_hours SET valid_until = 'infinity' WHERE valid_until IS NULL")
    until = "NULLIF(valid_until, 'infinity') AS valid_until"
    select = f"SELECT store_id, day, start_time_local, end_time_local, valid_from, {until}"
    with database.handed_over(form) as connection:
        with pytest.raises(StoreUptimeError, match=r"^hours.*(unreadable date|infinite date)"):
            loaded(connection)
        assert report_of(loaded(connection, hours=f"{select} FROM business_hours")) == REPORT


def test_tables_that_are_not_named_are_not_read(tmp_path: Path) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database)
    for absent in (None, False):
        inputs = loaded(database.url, maintenance=absent, maintenance_hours=absent)
        assert inputs.extra == {}
        plain = {name: tables()[name] for name in ("status", "hours", "timezones")}
        assert report_of(inputs) == report_of(**plain)
    with pytest.raises(SchemaError, match=r"^maintenance_hours: "):
        loaded(database.url, maintenance_hours="nothing")
