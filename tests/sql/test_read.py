"""`load_sql`: the same polls, hours and zones from every database, and no more than can matter."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import (
    Policy,
    Window,
    compute_report,
    load_sql,
)
from store_uptime._sql.drivers import adbc
from support.databases import ALL, Database, empty_database
from support.sql_tables import LO, NOW, POLLS, TYPES, fill, frames, insert, written


@pytest.mark.parametrize("variant", [0, 1])
@pytest.mark.parametrize(("kind", "form"), ALL)
def test_every_database_and_connection_gives_the_polls_that_can_matter(
    kind: str, form: str, variant: int, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    ids = fill(database, TYPES[kind][variant])
    with database.handed_over(form) as connection:
        inputs = load_sql(connection, now=NOW)
    expected = sorted((ids[i], t, s == "active") for i, t, s, matters in POLLS if matters)
    assert sorted(inputs.status.rows()) == expected
    id_dtype = pl.Int64() if variant == 0 else pl.String()
    assert inputs.status.schema == {
        "store_id": id_dtype,
        "timestamp_utc": pl.Datetime("us", "UTC"),
        "status": pl.Boolean(),
    }
    assert inputs.hours.schema == {
        "store_id": id_dtype,
        "day_of_week": pl.Int64(),
        "start_time_local": pl.Duration("us"),
        "end_time_local": pl.Duration("us"),
    }
    assert inputs.timezones.schema == {"store_id": id_dtype, "timezone_str": pl.String()}
    got = compute_report(*inputs, now=NOW, detail=True)
    assert_frame_equal(got, compute_report(*frames(ids), now=NOW, detail=True))


@pytest.mark.parametrize(("kind", "form"), ALL)
def test_without_now_the_latest_poll_of_the_database_counts(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    ids = fill(database, TYPES[kind][0])
    with database.handed_over(form) as connection:
        inputs = load_sql(connection)
    # The latest poll is of the 26th at 0:00; eight days before, that is from the 18th at 0:00 on.
    since = dt.datetime(2023, 1, 18, tzinfo=dt.UTC)
    assert sorted(inputs.status["timestamp_utc"]) == sorted(t for _, t, _, _ in POLLS if t >= since)
    assert_frame_equal(compute_report(*inputs), compute_report(*frames(ids)))


@pytest.mark.parametrize("kind", TYPES)
def test_windows_and_lookback_say_how_far_back_polls_are_read(
    kind: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    fill(database, TYPES[kind][0])
    hour = {"hour": Window(dt.timedelta(hours=1), "minutes")}
    policy = Policy(lookback=dt.timedelta(minutes=45))
    inputs = load_sql(database.url, now=NOW, windows=hour, policy=policy)
    # From 16:28:22.479220 on, which is an hour and 45 minutes before `now`.
    assert [f"{t:%H:%M}" for t in sorted(inputs.status["timestamp_utc"])] == ["16:30", "18:13"]


def test_a_store_that_only_old_polls_name_is_not_in_the_report(tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    ids = fill(database, TYPES["sqlite"][0])
    database.run(
        insert("store_status", 7, "2022-01-25 12:00:00", "active"),
        insert("store_status", 8, "2023-01-25 12:00:00", "active"),
    )
    report = compute_report(*load_sql(database.url, now=NOW), now=NOW)
    assert report["store_id"].to_list() == sorted((8, *ids))


def test_bounds_outside_the_calendar_are_none(tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, TYPES["sqlite"][0])
    ages = {"ages": Window(dt.timedelta(days=365 * 2022), "days")}
    policy = Policy(lookback=dt.timedelta(days=365 * 10))
    end = dt.datetime.max.replace(tzinfo=dt.UTC)
    with database.handed_over("sqlite3") as connection:
        assert load_sql(connection, now=NOW, windows=ages, policy=policy).status.height == 7
        assert load_sql(connection, now=end).status.height == 0
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE store_status AS SELECT 1 AS store_id, TIMESTAMPTZ '2023-01-25 00:00:00+00' AS timestamp_utc, true AS status"
        ).fetchall()
        rest: dict[str, Any] = {
            "hours": "SELECT 1 AS store_id, 1 AS day, '' AS start_time_local, '' AS end_time_local WHERE false",
            "timezones": "SELECT 1 AS store_id, 'UTC' AS timezone_str",
        }
        assert load_sql(connection, now=NOW, windows=ages, policy=policy, **rest).status.height == 1
        assert load_sql(connection, now=end, **rest).status.height == 0


@pytest.mark.parametrize(
    ("kind", "form"),
    [(k, f) for k, f in ALL if f in ("uri", "sqlite3", "engine", "psycopg2")],
)
def test_optional_tables_come_as_extra(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    types = TYPES[kind][0]
    ids = fill(database, types)
    database.run(
        f"CREATE TABLE holidays (store_id {types.id}, date date, start_time_local {types.time}, end_time_local {types.time}, note varchar(9))",
        insert("holidays", ids[0], "2023-12-24", "09:00:00", "12:00:00", "eve"),
        insert("holidays", None, "2023-12-25", None, None, None),
        f"CREATE TABLE works (store_id {types.id}, start_utc {types.timestamp}, end_utc {types.timestamp})",
        insert("works", ids[1], written(LO, types), written(NOW, types)),
    )
    with database.handed_over(form) as connection:
        inputs = load_sql(connection, special_hours="holidays", maintenance="works", now=NOW)
    special, maintenance = inputs.extra["special_hours"], inputs.extra["maintenance"]
    assert special.columns == ["store_id", "date", "start_time_local", "end_time_local"]
    dates = special["date"].cast(pl.String)
    assert sorted(zip(dates, special["store_id"], strict=True)) == [
        ("2023-12-24", ids[0]),
        ("2023-12-25", None),
    ]
    assert special.filter(pl.col("store_id").is_null())["start_time_local"].to_list() == [None]
    assert maintenance.columns == ["store_id", "start_utc", "end_utc"]
    assert maintenance["store_id"].to_list() == [ids[1]]
    assert str(maintenance["end_utc"][0]).startswith("2023-01-25 18:13:22.47922")


def test_special_hours_are_not_asked_for_unless_named(tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, TYPES["sqlite"][0])
    assert dict(load_sql(database.url).extra) == {}


def test_a_database_that_is_not_known_is_read_by_the_standard(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, TYPES["sqlite"][0])
    monkeypatch.setattr(adbc, "DIALECTS", {})
    with database.handed_over("adbc autocommit") as connection:
        assert load_sql(connection, now=NOW).status.height == 5
