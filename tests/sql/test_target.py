"""`write_sql`: the table that is made, and one that is there."""

from __future__ import annotations

import datetime as dt
import sqlite3
import uuid
from contextlib import closing

import duckdb
import polars as pl
import pytest

from store_uptime import DatabaseError, SchemaError, write_sql
from support.databases import ALL, FORMS, Database, empty_database
from support.sql_reports import REPORT, TABLE, rows, stored


@pytest.mark.parametrize("kind", FORMS)
def test_replace_leaves_nothing_but_this_run(kind: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    write_sql(REPORT, database.url, run_id="first", if_exists="replace")
    write_sql(REPORT, database.url, run_id="second")
    write_sql(REPORT.tail(1), database.url, run_id="third", if_exists="replace")
    assert stored(database) == rows("third", REPORT.tail(1))


@pytest.mark.parametrize("kind", FORMS)
def test_fail_wants_a_table_of_its_own(kind: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    write_sql(REPORT, database.url, "fresh", run_id="first", if_exists="fail")
    with pytest.raises(SchemaError, match=r"^fresh: cannot be written: .*exist"):
        write_sql(REPORT, database.url, "fresh", run_id="second", if_exists="fail")
    assert stored(database, "fresh") == rows("first")


@pytest.mark.parametrize("kind", FORMS)
def test_a_run_and_a_store_are_there_once(kind: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    write_sql(REPORT, database.url, run_id="first")
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        database.run(f"INSERT INTO {TABLE} SELECT * FROM {TABLE}")


@pytest.mark.parametrize("kind", FORMS)
def test_names_that_differ_in_case_or_blanks_are_different(
    kind: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    ids = ["a", "A", "a ", "ä"]
    report = pl.DataFrame({"store_id": ids, "uptime_last_day": [1.0, 2.0, 3.0, 4.0]})
    for run in ("r", "R", "r "):
        write_sql(report, database.url, run_id=run)
    back = database.rows(f"SELECT run_id, store_id FROM {TABLE}")
    assert sorted(back) == sorted((run, i) for run in ("r", "R", "r ") for i in ids)


@pytest.mark.parametrize(
    ("kind", "form"),
    [(k, f) for k, f in ALL if f in ("uri", "psycopg2", "adbc autocommit")],
)
def test_generated_at_is_the_time_of_writing_in_utc(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    start = dt.datetime.now(dt.UTC)
    with database.handed_over(form) as connection:
        write_sql(REPORT, connection)
    end = dt.datetime.now(dt.UTC)
    (found,) = {row[0] for row in database.rows(f"SELECT generated_at FROM {TABLE}")}
    at = dt.datetime.fromisoformat(str(found))
    assert start <= (at if at.tzinfo else at.replace(tzinfo=dt.UTC)) <= end


OWN_TABLES = [
    ("postgresql", "uuid", "timestamp", "integer", "numeric", "smallint"),
    ("postgresql", "char(36)", "timestamp(3)", "numeric(20)", "numeric(9,3)", "bigint"),
    ("postgresql", "varchar(40)", "timestamptz", "bigint", "real", "integer"),
    ("mariadb", "varchar(40)", "timestamp(6)", "bigint", "double", "int"),
    ("mariadb", "char(36)", "datetime", "bigint unsigned", "decimal(9,3)", "bigint"),
    ("sqlite", "", "", "", "", ""),
    ("sqlite", "VARCHAR(36)", "TIMESTAMP", "INT", "FLOAT", "INTEGER"),
    ("duckdb", "UUID", "TIMESTAMP", "INTEGER", "DECIMAL(9,3)", "UINTEGER"),
    ("duckdb", "VARCHAR", "TIMESTAMPTZ", "HUGEINT", "FLOAT", "BIGINT"),
]


@pytest.mark.parametrize("own", OWN_TABLES)
def test_a_table_of_ones_own_may_have_other_types_and_columns(
    own: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    kind, run, instant, integer, real, small = own
    database = empty_database(kind, request)
    database.run(
        f"CREATE TABLE own (note varchar(9), polls_last_day {small}, availability_last_day {real}, uptime_last_day {real},"
        f" store_id {integer}, generated_at {instant}, run_id {run})"
    )
    report = REPORT.with_columns(
        store_id=pl.Series([12, 7]), uptime_last_day=pl.Series([1.75, 0.0])
    )
    name = str(uuid.UUID(int=7))
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    for form in FORMS[kind]:
        with database.handed_over(form) as connection:
            write_sql(report, connection, "own", run_id=name)
        assert sorted(
            tuple(map(float, row))
            for row in database.rows("SELECT store_id, uptime_last_day, polls_last_day FROM own")
        ) == [(7, 0, 0), (12, 1.75, 3)]
        assert {str(row[0]) for row in database.rows("SELECT run_id FROM own")} == {name}
        at = dt.datetime.fromisoformat(str(database.rows("SELECT generated_at FROM own")[0][0]))
        assert before <= (at if at.tzinfo else at.replace(tzinfo=dt.UTC)) <= dt.datetime.now(dt.UTC)


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    "column", ["run_id", "store_id", "uptime_last_day", "polls_last_day", "generated_at"]
)
def test_a_column_of_a_type_that_cannot_hold_the_values_is_told(
    kind: str, column: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    types = {
        "run_id": "varchar(40)",
        "generated_at": "timestamp",
        "store_id": "bigint",
        "uptime_last_day": "double precision",
        "availability_last_day": "double precision",
        "polls_last_day": "bigint",
    }
    wrong = {
        "uptime_last_day": "integer",
        "store_id": "varchar(20)",
        "polls_last_day": "double precision",
    }
    types[column] = wrong.get(column, "bigint")
    database.run(
        f"CREATE TABLE own ({', '.join(f'{name} {type_}' for name, type_ in types.items())})"
    )
    with pytest.raises(
        SchemaError,
        match=rf"^own.{column}: type \S.* of the table that is there cannot hold .* Make it [A-Z]",
    ):
        write_sql(REPORT, database.url, "own")
    assert database.rows("SELECT count(*) FROM own") == [(0,)]


def test_an_interval_holds_no_number(postgres: str) -> None:
    Database("postgresql", postgres).run(
        "CREATE TABLE own (run_id text, generated_at timestamptz, store_id interval)"
    )
    with pytest.raises(
        SchemaError, match=r"own.store_id: type interval of the table that is there cannot hold"
    ):
        write_sql(REPORT.select("store_id"), postgres, "own")


@pytest.mark.parametrize("kind", FORMS)
def test_a_table_that_lacks_columns_is_told(kind: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    write_sql(REPORT.select("store_id"), database.url)
    with pytest.raises(
        SchemaError,
        match=f"^{TABLE}: the table that is there lacks columns .first: 'uptime_last_day', 'availability_last_day', 'polls_last_day'.. Add them, or write to another table.",
    ):
        write_sql(REPORT, database.url)


@pytest.mark.parametrize("kind", ["postgresql", "mariadb", "duckdb"])
def test_a_number_too_large_for_a_column_is_told(kind: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    database.run("CREATE TABLE own (run_id varchar(40), generated_at timestamp, store_id integer)")
    with pytest.raises(
        (SchemaError, DatabaseError), match=r"(?i)^own: cannot be written: .*out of range"
    ):
        write_sql(REPORT.select("store_id"), database.url, "own")


@pytest.mark.parametrize(
    ("kind", "form"), [(k, f) for k, f in ALL if f in ("uri", "psycopg2", "sqlite3")]
)
def test_odd_names_of_tables_and_columns_are_quoted(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    mark = "`" if kind == "mariadb" else '"'
    report = REPORT.select("store_id", pl.lit(1.5).alias('uptime_a "b": c, %s'))
    with database.handed_over(form) as connection:
        for _ in range(2):
            write_sql(report, connection, "odd; name: it", run_id="it's")
    assert database.rows(
        f"SELECT run_id, store_id FROM {mark}odd; name: it{mark} ORDER BY store_id"
    ) == [("it's", 7), ("it's", 8419537941919820732)]


def test_the_table_may_be_in_another_schema(postgres: str, mariadb: str) -> None:
    (schema,) = Database("postgresql", postgres).rows("SELECT current_schema()")[0]
    plain = postgres.partition("?")[0]
    name = mariadb.rpartition("/")[2]
    elsewhere = mariadb.removesuffix(name) + "information_schema"
    with closing(sqlite3.connect(":memory:")) as lite, duckdb.connect() as duck:
        lite.execute("ATTACH ':memory:' AS other")
        duck.execute("CREATE SCHEMA other").fetchall()
        for place, table in (
            (plain, f"{schema}.reports"),
            (elsewhere, f"{name}.reports"),
            (lite, "other.reports"),
            (duck, "other.reports"),
        ):
            for run in ("r", "s", "r"):
                write_sql(REPORT, place, table, run_id=run)
        assert lite.execute("SELECT count(*) FROM other.reports").fetchall() == [(4,)]
        assert duck.execute("SELECT count(*) FROM other.reports").fetchall() == [(4,)]
    assert len(stored(Database("postgresql", postgres), "reports")) == 4
    assert len(stored(Database("mariadb", mariadb), "reports")) == 4
