"""`load_sql` and `write_sql`: an error says the cause, in one line, and never a whole query."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from store_uptime import SchemaError, StoreUptimeError, load_sql, write_sql
from store_uptime._sql.messages import driver_message
from support.databases import ALL, FORMS, Database, empty_database
from support.services import need
from support.sql_reports import REPORT, TABLE
from support.sql_tables import NOW, TYPES, fill

LONG = " ".join(f"-- line {i} of a long query\n" for i in range(300))


def told(call: Any) -> str:
    """Return the message of the error, which must keep what each of them promises."""
    with pytest.raises(StoreUptimeError) as caught:
        call()
    message = str(caught.value)
    assert len(message) <= 2_000
    assert "\n" not in message
    for noise in ("LINE 1", "^", "[SQL", "Background", "CONTEXT", "Query was", "SQLSTATE", "libpq"):
        assert noise not in message
    return message


@pytest.mark.parametrize("form", FORMS["postgresql"])
def test_what_postgresql_adds_is_told(form: str, postgres: str) -> None:
    database = Database("postgresql", postgres)
    write_sql(REPORT, postgres)
    database.run(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION E'not this one,\\n\\nby no means' USING ERRCODE = '23514',"
        " DETAIL = 'a detail', HINT = 'a hint'; END $$",
        f"CREATE TRIGGER refuse BEFORE INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    with database.handed_over(form) as connection:
        message = told(lambda: write_sql(REPORT, connection))
        if form == "adbc":
            connection.rollback()
    cause = "not this one, by no means. DETAIL: a detail. HINT: a hint."
    assert message == f"{TABLE}: cannot be written: the INSERT fails: {cause}"


@pytest.mark.parametrize("form", FORMS["postgresql"])
def test_what_fails_amid_the_rows_is_told(form: str, postgres: str) -> None:
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    database.run(
        "CREATE FUNCTION fail() RETURNS int LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the words' USING ERRCODE = '40001', HINT = 'a hint'; END $$"
    )
    with database.handed_over(form) as connection:
        status = "SELECT store_status.* FROM store_status, fail()"
        message = told(lambda: load_sql(connection, status=status, now=NOW))
        if form == "adbc":
            connection.rollback()
    assert message == (
        "status: cannot be read: the words. HINT: a hint. Call again when the database answers."
    )


@pytest.mark.parametrize(("kind", "form"), ALL)
def test_a_query_that_is_refused_is_not_told_whole(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    fill(database, TYPES[kind][0])
    status = (
        f"SELECT\n{LONG} store_idd,\n timestamp_utc, ': ERROR:  no' AS status\nFROM store_status"
    )
    with database.handed_over(form) as connection:
        message = told(lambda: load_sql(connection, status=status, now=NOW))
        if form == "adbc" and kind == "postgresql":
            connection.rollback()
        if form == "duckdb transaction":
            connection.rollback()
            connection.begin()
    assert message.startswith("status: the SELECT cannot be read: ")
    assert "store_idd" in message
    assert "line 7 of" not in message
    assert "ERROR" not in message
    if kind == "postgresql":
        assert 'column "store_idd" does not exist. HINT: Perhaps you meant' in message


@pytest.mark.parametrize("form", FORMS["postgresql"])
def test_a_table_that_is_not_there_is_told(form: str, postgres: str) -> None:
    with Database("postgresql", postgres).handed_over(form) as connection:
        message = told(lambda: load_sql(connection, hours=None, timezones=None))
        if form == "adbc":
            connection.rollback()
    assert message.startswith("status: 'store_status' cannot be read: ")
    assert 'relation "store_status" does not exist' in message


def test_asynchronous_drivers_tell_what_the_server_adds(postgres: str) -> None:
    need("greenlet")
    need("asyncpg")
    sqlalchemy = need("sqlalchemy")
    url = sqlalchemy.make_url(postgres.partition("?")[0]).set(drivername="postgresql+asyncpg")
    engine = need("sqlalchemy.ext.asyncio").create_async_engine(
        url, poolclass=sqlalchemy.pool.NullPool
    )
    statement = (
        "DO $$ BEGIN RAISE EXCEPTION 'the words' USING DETAIL = 'a detail', HINT = 'a hint'; END $$"
    )

    async def run() -> None:
        async with engine.connect() as connection:
            with pytest.raises(sqlalchemy.exc.DBAPIError) as caught:
                await connection.exec_driver_sql(statement)
            message = driver_message(caught.value)
            assert message == "the words. DETAIL: a detail. HINT: a hint"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            "IO: [libpq] Failed to connect: connection to server failed: Connection refused\n\tIs it running?\n",
            "connection to server failed: Connection refused. Is it running",
        ),
        (
            "server closed the connection unexpectedly\n\tThis means that it ended\n\tbefore or while working.\n",
            "server closed the connection unexpectedly. This means that it ended before or while working",
        ),
        (
            "INVALID_STATE: [libpq] Failed to execute query 'SELECT ': no'\nFROM a': ERROR:  the words\nDETAIL:  more\n. SQLSTATE: 55P03",
            "the words. DETAIL: more",
        ),
        (
            "INVALID_STATE: [libpq] Failed to execute query 'SELECT\n1': server closed the connection\n",
            "server closed the connection",
        ),
        (
            'NOT_FOUND: Failed to prepare query: FEHLER:  Relation "a" existiert nicht\nZEILE 1: SELECT * FROM a\n                      ^\n\nQuery was: SELECT * FROM a. SQLSTATE: 42P01',
            'FEHLER:  Relation "a" existiert nicht',
        ),
        (
            "IO: failed to open 'file:/stores.db?mode=ro': failed to allocate memory",
            "failed to open 'file:/stores.db?mode=ro'",
        ),
        (
            "INVALID_ARGUMENT: [SQLite] Failed to prepare query: no such table: a\nquery: SELECT * FROM a",
            "no such table: a",
        ),
        (
            "<class 'asyncpg.exceptions.UndefinedTableError'>: relation \"a\" does not exist",
            'relation "a" does not exist',
        ),
        (
            'Catalog Error: Table with name a does not exist!\nDid you mean "b"?\n\nLINE 1: SELECT * FROM a\n                      ^',
            'Catalog Error: Table with name a does not exist! Did you mean "b"',
        ),
        (
            "greenlet_spawn has not been called (Background on this error at: https://sqlalche.me/e/21/xd2s)",
            "greenlet_spawn has not been called",
        ),
    ],
)
def test_the_cause_is_found_in_what_is_said(said: str, message: str) -> None:
    assert driver_message(Exception(said)) == message


def test_an_error_that_says_nothing_is_named() -> None:
    assert driver_message(TimeoutError()) == "TimeoutError"
    assert driver_message(KeyError(0, "")) == "KeyError"


def test_a_secret_is_not_told_wherever_it_stands() -> None:
    secrets = {"s3  cret", "two\nlines"}
    said = "a password of s3  cret\n  and of two\nlines, no more"
    assert driver_message(Exception(said), secrets) == "a password of *** and of ***, no more"
    diag = SimpleNamespace(
        message_primary="it was s3  cret", message_detail="or two\nlines", message_hint=None
    )
    error = type("WithParts", (Exception,), {"diag": diag})("unused")
    assert driver_message(error, secrets) == "it was ***. DETAIL: or ***"


def test_a_long_cause_begins_the_message(tmp_path: Any) -> None:
    database = Database("duckdb", f"duckdb:///{tmp_path}/stores.db")
    fill(database, TYPES["duckdb"][0])
    status = (
        f"SELECT error('the words{'!' * 3_000}') AS store_id,"
        " TIMESTAMPTZ '2023-01-25 12:00:00+00' AS timestamp_utc, 'active' AS status"
    )
    message = told(lambda: load_sql(database.url, status=status))
    assert message.startswith("status: ")
    assert "the words" in message[:120]


@pytest.mark.parametrize("driver", ["ADBC", "sqlite3"])
def test_a_file_of_sqlite_that_is_not_there_is_told(
    driver: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if driver == "sqlite3":
        monkeypatch.setattr("store_uptime._sql.uris.find_spec", lambda _: None)
    for name in ("stores.db", ""):
        file = f"{tmp_path}/{name}"
        message = told(lambda: load_sql(f"sqlite:///{file}"))  # noqa: B023  # called at once
        assert message == f"connection: cannot be opened: there is no file {file}."


def test_who_refuses_a_row_of_sqlite_is_told(tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    write_sql(REPORT, database.url)
    database.run(f"CREATE UNIQUE INDEX mine ON {TABLE} (store_id)")
    for form in FORMS["sqlite"]:
        with database.handed_over(form) as connection, pytest.raises(SchemaError) as caught:
            write_sql(REPORT, connection)
        cause = f"UNIQUE constraint failed: {TABLE}.store_id"
        assert str(caught.value) == f"{TABLE}: cannot be written: the INSERT fails: {cause}."
