"""`load_sql`: all tables are read of one state of the data, whatever the session is set to."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from typing import Any

import duckdb
import pytest

from store_uptime import load_sql
from support.databases import Database
from support.services import need
from support.sql_tables import NOW, POLLS, TYPES, fill


@pytest.mark.parametrize("variant", [0, 1])
@pytest.mark.parametrize("form", ["uri", "psycopg2", "connection", "adbc", "adbc autocommit"])
def test_the_time_zone_of_a_postgresql_session_changes_nothing(
    form: str, variant: int, postgres: str
) -> None:
    database = Database("postgresql", postgres)
    ids = fill(database, TYPES["postgresql"][variant])
    there = Database("postgresql", f"{postgres}%20-cTimeZone%3DAmerica/New_York")
    assert there.rows("SHOW TimeZone") == [("America/New_York",)]
    with there.handed_over(form) as connection:
        status = load_sql(connection, now=NOW).status
    assert sorted(status.rows()) == sorted(
        (ids[i], t, s == "active") for i, t, s, matters in POLLS if matters
    )


@pytest.mark.parametrize("variant", [0, 1])
def test_the_time_zone_of_a_mariadb_session_changes_nothing_and_stays(
    variant: int, mariadb: str
) -> None:
    database = Database("mariadb", mariadb)
    ids = fill(database, TYPES["mariadb"][variant])
    sqlalchemy = need("sqlalchemy")
    with database.engine().connect() as connection:
        connection.execute(sqlalchemy.text("SET time_zone = '-05:00'"))
        connection.commit()
        status = load_sql(connection, now=NOW).status
        assert connection.scalar(sqlalchemy.text("SELECT @@session.time_zone")) == "-05:00"
    assert sorted(status.rows()) == sorted(
        (ids[i], t, s == "active") for i, t, s, matters in POLLS if matters
    )


@pytest.mark.parametrize("variant", [0, 1])
def test_the_time_zone_of_duckdb_changes_nothing(variant: int, tmp_path: Any) -> None:
    database = Database("duckdb", f"duckdb:///{tmp_path}/stores.db")
    ids = fill(database, TYPES["duckdb"][variant])
    with duckdb.connect(database.file) as connection:
        connection.execute("SET TimeZone = 'America/New_York'").fetchall()
        status = load_sql(connection, now=NOW).status
    assert sorted(status.rows()) == sorted(
        (ids[i], t, s == "active") for i, t, s, matters in POLLS if matters
    )


def changed_meanwhile(
    database: Database, form: str, wait: str, hold: str, release: str, waiting: str
) -> int:
    """Return how many polls a load reads that began before one was added, and ended after.

    The load stops at the table of the zones, which it reads before the polls, for the lock that
    the SQL of `hold` takes; `waiting` counts those who wait.
    """
    got: list[int] = []

    def load() -> None:
        with database.handed_over(form) as connection:
            zones = f"SELECT store_id, timezone_str FROM store_timezones WHERE {wait}"
            got.append(load_sql(connection, timezones=zones, now=NOW).status.height)

    with database.engine().connect() as holder:
        run = holder.exec_driver_sql
        run(hold)
        thread = threading.Thread(target=load)
        thread.start()
        while not database.rows(waiting)[0][0]:
            assert thread.is_alive()
        database.run("INSERT INTO store_status SELECT * FROM store_status WHERE status = 'active'")
        run(release)
        thread.join(30)
    return got[0]


@pytest.mark.parametrize(
    "form", ["uri", "engine", "psycopg2", "connection", "autocommit", "adbc autocommit"]
)
def test_all_tables_are_read_of_one_state_of_postgresql(form: str, postgres: str) -> None:
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    key = abs(hash(postgres)) % 2**31
    height = changed_meanwhile(
        database,
        form,
        wait=f"pg_advisory_xact_lock({key}) IS NOT NULL",
        hold=f"SELECT pg_advisory_lock({key})",
        release=f"SELECT pg_advisory_unlock({key})",
        waiting=f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {key} AND NOT granted",
    )
    assert height == 5
    assert load_sql(postgres, now=NOW).status.height == 8


@pytest.mark.parametrize("form", ["uri", "engine", "connection", "autocommit"])
def test_all_tables_are_read_of_one_state_of_mariadb(form: str, mariadb: str) -> None:
    database = Database("mariadb", mariadb)
    fill(database, TYPES["mariadb"][0])
    key = mariadb[-20:]
    height = changed_meanwhile(
        database,
        form,
        wait=f"GET_LOCK('{key}', 60) AND RELEASE_LOCK('{key}')",
        hold=f"SELECT GET_LOCK('{key}', 60)",
        release=f"SELECT RELEASE_LOCK('{key}')",
        waiting=f"SELECT count(*) FROM information_schema.processlist WHERE state = 'User lock' AND info LIKE '%%{key}%%'",
    )
    assert height == 5
    assert load_sql(mariadb, now=NOW).status.height == 8


def test_all_tables_are_read_of_one_state_of_sqlite(tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, TYPES["sqlite"][0])
    database.run("PRAGMA journal_mode = WAL")

    def add() -> int:
        database.run("INSERT INTO store_status SELECT * FROM store_status WHERE status = 'active'")
        return 1

    with closing(sqlite3.connect(database.file)) as connection:
        connection.create_function("add_polls", 0, add)
        zones = "SELECT * FROM store_timezones WHERE add_polls() ORDER BY store_id LIMIT 1"
        assert load_sql(connection, timezones=zones, now=NOW).status.height == 5
        assert load_sql(connection, now=NOW).status.height > 5


def test_all_tables_are_read_of_one_state_of_duckdb(tmp_path: Any) -> None:
    database = Database("duckdb", f"duckdb:///{tmp_path}/stores.db")
    fill(database, TYPES["duckdb"][0])
    with duckdb.connect(database.file) as connection, connection.cursor() as other:

        def add(store_id: int) -> bool:
            other.execute(
                "INSERT INTO store_status SELECT * FROM store_status WHERE status = 'active'"
            ).fetchall()
            return store_id != 0

        connection.create_function("add_polls", add, ["BIGINT"], "BOOLEAN", side_effects=True)
        zones = "SELECT * FROM store_timezones WHERE add_polls(store_id)"
        assert load_sql(connection, timezones=zones, now=NOW).status.height == 5
        assert load_sql(connection, now=NOW).status.height > 5
