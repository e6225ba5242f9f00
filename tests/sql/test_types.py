"""`load_sql`: which types the columns may have, and what is said of others."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from typing import Any

import duckdb
import polars as pl
import pytest

from store_uptime import (
    InvalidStatusError,
    SchemaError,
    Window,
    compute_report,
    load_sql,
)
from support.databases import ALL, Database, empty_database
from support.sql_tables import IDS, NO_HOURS, NOW, TYPES, Types, fill, insert


def selects(store_id: str, timestamp: str, status: str) -> dict[str, Any]:
    """Return SELECTs of one poll of one store that is open all the time."""
    return {
        "status": f"SELECT {store_id} AS store_id, {timestamp} AS timestamp_utc, {status} AS status",
        "hours": f"SELECT {store_id} AS store_id, 1 AS day, '00:00' AS start_time_local, '00:00' AS end_time_local WHERE 1 = 0",
        "timezones": f"SELECT {store_id} AS store_id, 'UTC' AS timezone_str",
    }


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("postgresql", "true"),
        ("postgresql", "'Active'"),
        ("postgresql", "CAST('active' AS char(20))"),
        ("mariadb", "true"),
        ("mariadb", "' ACTIVE '"),
        ("sqlite", "true"),
        ("duckdb", "true"),
        ("duckdb", "CAST('active' AS ENUM ('active', 'inactive'))"),
    ],
)  # fmt: skip
def test_a_status_may_be_what_the_database_has_for_it(
    kind: str, status: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    if kind in ("sqlite", "duckdb"):
        database.run("CREATE TABLE empty (a integer)")
    forms = {"postgresql": ("uri", "psycopg2"), "sqlite": ("uri", "sqlite3")}.get(kind, ("uri",))
    moment = {"sqlite": "'2023-01-25 12:00:00'"}.get(kind, "TIMESTAMP '2023-01-25 12:00:00'")
    for form in forms:
        with database.handed_over(form) as connection:
            inputs = load_sql(connection, now=NOW, **selects("1", moment, status))
        assert inputs.status["status"].to_list() == [True]


def test_an_enumeration_of_postgresql_is_read_as_its_words(postgres: str) -> None:
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    database.run(
        "CREATE TYPE state AS ENUM ('active', 'inactive')",
        "ALTER TABLE store_status ALTER COLUMN status TYPE state USING status::state",
    )
    for form in ("uri", "psycopg2"):
        with database.handed_over(form) as connection:
            assert load_sql(connection, now=NOW).status["status"].sum() == 3


@pytest.mark.parametrize("form", ["uri", "engine", "psycopg2"])
def test_a_type_that_no_column_may_have_is_refused_by_every_driver(
    form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database("postgresql", request)
    store_id = "CAST('00000000-0000-0000-53a5-c96335878186' AS uuid)"
    words = selects(store_id, "TIMESTAMP '2023-01-25 12:00:00'", "ARRAY['active']")
    with (
        database.handed_over(form) as connection,
        pytest.raises(
            SchemaError, match=r"^status\.status: type text\[\] is not accepted. Give a SELECT"
        ),
    ):
        load_sql(connection, now=NOW, **words)


@pytest.mark.parametrize("form", ["uri", "sqlite3", "engine"])
def test_numbers_other_than_0_and_1_are_no_status(form: str, tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, Types("text", "integer", "text"), polls=[])
    database.run(
        insert("store_status", 7, "2023-01-25 12:00:00", "active"),
        "UPDATE store_status SET status = NULL",
    )
    database.run(
        "ALTER TABLE store_status DROP COLUMN status",
        "ALTER TABLE store_status ADD COLUMN status integer DEFAULT 2",
    )
    with (
        database.handed_over(form) as connection,
        pytest.raises(
            ValueError, match=r"status other than active or inactive in 1 row \(first: 2\)"
        ),
    ):
        load_sql(connection, now=NOW)


@pytest.mark.parametrize(
    ("kind", "type_"), [("postgresql", "time"), ("mariadb", "time"), ("duckdb", "time")]
)
def test_24_00_is_an_end(kind: str, type_: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    ids = fill(
        database, Types("timestamp" if kind != "mariadb" else "datetime(6)", "bigint", type_)
    )
    database.run(
        "DELETE FROM business_hours", insert("business_hours", ids[0], 0, "09:30:00", "24:00:00")
    )
    assert load_sql(database.url).hours.row(0)[2:] == (
        dt.timedelta(hours=9.5),
        dt.timedelta(hours=24),
    )


@pytest.mark.parametrize("kind", TYPES)
def test_19_digit_and_unsigned_ids_come_out_whole(
    kind: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    id_type = {
        "mariadb": "bigint unsigned",
        "duckdb": "ubigint",
        "sqlite": "integer",
        "postgresql": "bigint",
    }[kind]
    types = TYPES[kind][0]._replace(id=id_type)
    fill(database, types)
    big = 2**64 - 1 if "u" in id_type else 2**63 - 1
    database.run(insert("store_timezones", big, "UTC"))
    inputs = load_sql(database.url)
    assert sorted(inputs.timezones["store_id"]) == sorted((*IDS, big))
    assert compute_report(*inputs)["store_id"].to_list() == sorted((*IDS, big))


@pytest.mark.parametrize("kind", TYPES)
def test_tables_without_rows_are_tables(kind: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    fill(database, TYPES[kind][0])
    database.run(
        "DELETE FROM store_status",
        "DELETE FROM business_hours",
        "DELETE FROM store_timezones WHERE store_id < 6000000000000000000",
    )
    inputs = load_sql(database.url)
    assert [frame.height for frame in inputs] == [0, 0, 1]
    hour = {"hour": Window(dt.timedelta(hours=1), "minutes")}
    report = compute_report(*inputs, now=NOW, windows=hour, detail=True)
    assert report["unknown_hour"].to_list() == [60.0]
    with pytest.raises(InvalidStatusError, match=r"now"):
        compute_report(*inputs)


@pytest.mark.parametrize("kind", TYPES)
def test_a_null_timestamp_is_never_overlooked(kind: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    ids = fill(database, TYPES[kind][0])
    database.run(*[insert("store_status", ids[0], None, "active")] * 2)
    with pytest.raises(
        InvalidStatusError, match=r"status.timestamp_utc: null timestamp in 2 rows. Remove the rows"
    ):
        load_sql(database.url, now=NOW)


def test_infinity_is_no_instant(postgres: str) -> None:
    database = Database("postgresql", postgres)
    ids = fill(database, TYPES["postgresql"][0])
    database.run(
        insert("store_status", ids[0], "infinity", "active"),
        insert("store_status", ids[0], "-infinity", "active"),
    )
    assert load_sql(postgres, now=NOW).status.height == 5
    with pytest.raises(InvalidStatusError, match=r"outside the years 1 to 9999"):
        load_sql(postgres)


def test_ids_keep_the_type_of_status_where_all_of_them_fit() -> None:
    with duckdb.connect() as connection:
        tables: dict[str, Any] = {
            "status": "SELECT 7::BIGINT AS store_id, TIMESTAMP '2023-01-25 12:00:00' AS timestamp_utc, true AS status",
            "hours": NO_HOURS,
            "timezones": "SELECT 8::UBIGINT AS store_id, 'UTC' AS timezone_str",
        }
        assert compute_report(*load_sql(connection, **tables)).schema["store_id"] == pl.Int64


def test_ids_of_mariadb_that_grow_beyond_int64_amid_the_rows_come_out_whole(mariadb: str) -> None:
    database = Database("mariadb", mariadb)
    fill(database, TYPES["mariadb"][0])
    large = "CAST(seq + IF(seq > 50000, 9223372036854775807, 0) AS unsigned)"
    zones = f"SELECT {large} AS store_id, 'UTC' AS timezone_str FROM seq_1_to_50001 ORDER BY seq"
    ids = load_sql(mariadb, timezones=zones).timezones["store_id"]
    assert ids.to_list() == [*range(1, 50_001), 2**63 + 50_000]


WRONG_TYPES = [
    ("status", "12 AS store_id, 1674648802 AS timestamp_utc, 'active' AS status", "status.timestamp_utc: type Int"),
    ("status", "12.5 AS store_id, {now} AS timestamp_utc, 'active' AS status", "status.store_id: "),
    ("status", "12 AS store_id, {now} AS timestamp_utc, 3.5 AS status", "status.status: type "),
    ("hours", "12 AS store_id, 1 AS day, '09:00' AS start_time_local, 12 AS end_time_local", "hours.end_time_local: type Int"),
    ("hours", "12 AS store_id, 1 AS day, 9 AS start_time_local, '12:00' AS end_time_local", "hours.start_time_local: type Int"),
    ("timezones", "'a' AS store_id, 'UTC' AS timezone_str", "timezones.store_id: ids are String here but Int64 in status"),
    ("timezones", "12 AS store_id, 1 AS timezone_str", "timezones.timezone_str: type Int"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "columns", "message"), WRONG_TYPES)
@pytest.mark.parametrize(
    ("kind", "form"),
    [(k, f) for k, f in ALL if f in ("uri", "psycopg2", "sqlite3")],
)
def test_a_column_of_a_wrong_type_is_told(
    kind: str, form: str, table: str, columns: str, message: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    fill(database, TYPES[kind][0])
    now = "'2023-01-25 12:00:00'" if kind == "sqlite" else "TIMESTAMP '2023-01-25 12:00:00'"
    tables: dict[str, Any] = {table: f"SELECT {columns.format(now=now)}"}
    with database.handed_over(form) as connection, pytest.raises(SchemaError) as caught:
        load_sql(connection, now=NOW, **tables)
    assert str(caught.value).startswith(message)


# More rows than are fetched at a time: the change of type may lie between two batches.
NUMBERS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)"


@pytest.mark.parametrize("rows", [1, 50_000])
def test_values_of_several_types_in_one_column_are_told(rows: int) -> None:
    zones = f"{NUMBERS} SELECT i AS store_id, 'UTC' AS timezone_str FROM n WHERE i <= {rows} UNION ALL SELECT 'one', 'UTC'"
    message = r"timezones.store_id: cannot be read: values of several types, or too large: .*Give a SELECT that casts"
    with closing(sqlite3.connect(":memory:")) as own, pytest.raises(SchemaError, match=message):
        load_sql(own, hours=NO_HOURS, timezones=zones)
