"""`load_sql`: a table is given by its name or as a SELECT; a wrong one is told, and nothing is run."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from store_uptime import (
    SchemaError,
    compute_report,
    load_sql,
    write_sql,
)
from support.databases import ALL, Database, empty_database
from support.sql_reports import REPORT
from support.sql_tables import (
    NOW,
    TYPES,
    fill,
    frames,
)


@pytest.mark.parametrize("form", ["uri", "psycopg2"])
def test_only_the_needed_columns_are_read_of_a_table_with_others(form: str, postgres: str) -> None:
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    # Polars has no type for an interval: were the column read, there would be an error.
    database.run(
        "ALTER TABLE store_status ADD COLUMN took interval DEFAULT '1 second'",
        "ALTER TABLE store_status ADD COLUMN notes integer[] DEFAULT '{1}'",
    )
    with database.handed_over(form) as connection:
        assert load_sql(connection, now=NOW).status.height == 5


@pytest.mark.parametrize(
    ("kind", "form"),
    [(k, f) for k, f in ALL if f in ("uri", "sqlite3", "engine", "psycopg2")],
)
def test_a_select_stands_for_a_table(kind: str, form: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    ids = fill(database, TYPES[kind][0])
    database.run(
        "ALTER TABLE store_status RENAME TO polls", "ALTER TABLE store_timezones RENAME TO zones"
    )
    with database.handed_over(form) as connection:
        inputs = load_sql(
            connection,
            # a colon, a percent sign, a line comment at the end
            status="-- from the archive\n select * from polls where status <> 'a:b' and status not like '%x' -- all\n;",
            timezones="WITH z AS (SELECT * FROM zones) SELECT * FROM z /* end */",
            now=NOW,
        )
    assert inputs.status.height == 5
    assert_frame_equal(compute_report(*inputs, now=NOW), compute_report(*frames(ids), now=NOW))


@pytest.mark.parametrize(
    ("kind", "form"),
    [(k, f) for k, f in ALL if f in ("uri", "sqlite3", "engine", "psycopg2")],
)
def test_odd_names_are_quoted(kind: str, form: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    ids = fill(database, TYPES[kind][0])
    mark = "`" if kind == "mariadb" else '"'
    double = '"' if kind == "mariadb" else '""'
    for old, new in (
        ("store_status", "odd: name"),
        ("business_hours", f"a{double}b"),
        ("store_timezones", "dot.ted"),
    ):
        database.run(f"ALTER TABLE {old} RENAME TO {mark}{new}{mark}")
    with database.handed_over(form) as connection:
        inputs = load_sql(
            connection, status="odd: name", hours='a"b', timezones='"dot.ted"', now=NOW
        )
    assert_frame_equal(compute_report(*inputs, now=NOW), compute_report(*frames(ids), now=NOW))


def test_a_name_may_begin_with_its_schema(postgres: str) -> None:
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    (schema,) = database.rows("SELECT current_schema()")[0]
    plain = postgres.partition("?")[0]
    inputs = load_sql(
        plain,
        status=f"{schema}.store_status",
        hours=f'{schema}."business_hours"',
        timezones=f'"{schema}".store_timezones',
        now=NOW,
    )
    assert inputs.status.height == 5


HOSTILE = [
    "stores",
    "x; DROP TABLE store_status",
    'x" --',
    "x'",
    "`x`",
    "a.b.c.d",
    "x\\",
    ":x",
    "%s",
    "x WHERE 1 = 1",
]


@pytest.mark.parametrize(("kind", "form"), ALL)
def test_a_table_that_is_not_there_is_told_and_nothing_is_run(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    fill(database, TYPES[kind][0])
    for name in HOSTILE:
        with database.handed_over(form) as connection:
            with pytest.raises(SchemaError, match=r"^status: .* cannot be read: ") as caught:
                load_sql(connection, status=name, now=NOW)
            assert caught.value.table == "status"
            assert caught.value.__cause__ is not None
            if (kind, form) in (("duckdb", "duckdb transaction"), ("postgresql", "adbc")):
                connection.rollback()  # an error ends a transaction there
            if form == "duckdb transaction":
                connection.begin()
            assert load_sql(connection, now=NOW).status.height == 5
    assert database.rows("SELECT count(*) FROM store_status") == [(9,)]


@pytest.mark.parametrize(
    "name", ["", ".", "a.", ".a", "a..b", '"', '""', '"a', '"a"b', "a\0", "SELECT 1\0", 7, None]
)
def test_what_can_be_no_name_is_no_table(name: Any) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        with pytest.raises(
            SchemaError,
            match=r"^status: no such table .first: .*Give the table's name, such as 'schema.table'",
        ):
            load_sql(connection, status=name, hours=None, timezones=None)
        with pytest.raises(SchemaError, match=r"^table: no such table"):
            write_sql(REPORT, connection, name)


@pytest.mark.parametrize(("kind", "form"), ALL)
def test_a_column_that_is_not_there_is_told(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    fill(database, TYPES[kind][0])
    database.run("ALTER TABLE business_hours RENAME COLUMN day TO weekday")
    message = 'hours.day_of_week: no such column. The columns are: store_id, weekday, start_time_local, end_time_local. Put the one that holds it for ...: hours="SELECT store_id, ... AS day_of_week, start_time_local, end_time_local FROM business_hours".'
    with database.handed_over(form) as connection, pytest.raises(SchemaError) as caught:
        load_sql(connection)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("kind", "form"),
    [(k, f) for k, f in ALL if f in ("uri", "psycopg2", "sqlite3")],
)
def test_a_select_that_is_wrong_is_told(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    fill(database, TYPES[kind][0])
    for select in (
        "SELECT nothing FROM store_status",
        "SELECT 1; SELECT 2",
        "SELECT * FROM",
        "WITH a AS b SELECT 1",
    ):
        with (
            database.handed_over(form) as connection,
            pytest.raises(SchemaError, match=r"^status: "),
        ):
            load_sql(connection, status=select)


def test_a_table_that_one_may_not_read_is_told(postgres: str, mariadb: str) -> None:
    name = f"reader_{mariadb[-20:]}"
    maria, post = Database("mariadb", mariadb), Database("postgresql", postgres)
    (schema,) = post.rows("SELECT current_schema()")[0]
    fill(maria, TYPES["mariadb"][0])
    fill(post, TYPES["postgresql"][0])
    maria.run(f"CREATE USER {name} IDENTIFIED BY 'r'", f"GRANT SELECT ON store_status TO {name}")
    post.run(f"CREATE ROLE {name} LOGIN PASSWORD 'r'", f"GRANT USAGE ON SCHEMA {schema} TO {name}")
    try:
        for database in (maria, post):
            with pytest.raises(
                SchemaError, match=r"hours: 'business_hours' cannot be read: .*denied"
            ):
                load_sql(database.as_user(name, "r"))
    finally:
        maria.run(f"DROP USER {name}")
        post.run(f"DROP OWNED BY {name}", f"DROP ROLE {name}")


@pytest.mark.parametrize(
    ("kind", "form"),
    [(k, f) for k, f in ALL if f in ("uri", "sqlite3", "engine", "psycopg2")],
)
def test_columns_are_found_in_any_case(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    ids = fill(database, TYPES[kind][0])
    mark = "`" if kind == "mariadb" else '"'

    def renamed(table: str, *columns: str) -> str:
        others = (f"{each} AS {mark}{each.title()}{mark}" for each in columns)
        return f"SELECT {', '.join(others)} FROM {table}"

    with database.handed_over(form) as connection:
        inputs = load_sql(
            connection,
            status=renamed("store_status", "store_id", "timestamp_utc", "status"),
            hours=renamed(
                "business_hours", "store_id", "day", "start_time_local", "end_time_local"
            ),
            timezones=renamed("store_timezones", "store_id", "timezone_str"),
            now=NOW,
        )
    assert inputs.status.columns == ["store_id", "timestamp_utc", "status"]
    assert_frame_equal(compute_report(*inputs, now=NOW), compute_report(*frames(ids), now=NOW))


def test_two_columns_that_differ_in_case_are_refused(postgres: str) -> None:
    # PostgreSQL alone takes such names for two.
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    hours = 'SELECT *, 0 AS "Day", 0 AS "DAY" FROM business_hours'
    assert load_sql(database.url, hours=hours, now=NOW).hours.height > 0
    database.run("ALTER TABLE business_hours RENAME day TO weekday")
    with pytest.raises(SchemaError, match="differ only in case: Day, DAY"):
        load_sql(database.url, hours=hours, now=NOW)
