"""`write_sql`: what fails, is lost or is killed amid the rows changes nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import duckdb
import polars as pl
import pytest

from store_uptime import DatabaseError, SchemaError, write_sql
from support.databases import ALL, FORMS, Database, empty_database
from support.sql_reports import REPORT, TABLE, rows, stored


@pytest.mark.parametrize("kind", ["postgresql", "mariadb", "sqlite"])
def test_what_the_caller_did_before_survives_a_write_that_fails(
    kind: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    database.run("CREATE TABLE notes (note integer)")
    write_sql(REPORT, database.url, run_id="before")
    refuse(database)
    with database.engine().connect() as connection:
        connection.exec_driver_sql("INSERT INTO notes VALUES (1)")
        with pytest.raises((DatabaseError, SchemaError), match=r"not this one"):
            write_sql(REPORT, connection, run_id="before")
        connection.commit()
    assert database.rows("SELECT note FROM notes") == [(1,)]
    assert stored(database) == rows("before")


def refuse(database: Database) -> None:
    """Let the table refuse the store 7, which comes last."""
    if database.kind == "sqlite":
        action = "WHEN NEW.store_id = 7 BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        database.run(f"CREATE TRIGGER refuse BEFORE INSERT ON {TABLE} {action}")
    elif database.kind == "mariadb":
        action = "IF NEW.store_id = 7 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not this one'; END IF"
        database.run(f"CREATE TRIGGER refuse BEFORE INSERT ON {TABLE} FOR EACH ROW {action}")
    else:
        database.run(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'not this one'; END $$",
            f"CREATE TRIGGER refuse BEFORE INSERT ON {TABLE} FOR EACH ROW WHEN (NEW.store_id = 7) EXECUTE FUNCTION refuse()",
        )


@pytest.mark.parametrize(("kind", "form"), [(kind, form) for kind, form in ALL if kind != "duckdb"])
def test_a_write_that_fails_amid_the_rows_changes_nothing(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    write_sql(REPORT, database.url, run_id="before")
    refuse(database)
    with database.handed_over(form) as connection:
        for if_exists in ("append", "replace"):
            with pytest.raises(
                (DatabaseError, SchemaError), match=f"^{TABLE}: cannot be written: .*not this one"
            ):
                write_sql(REPORT, connection, run_id="before", if_exists=if_exists)
            if (kind, form) == ("postgresql", "adbc"):
                connection.rollback()
    assert stored(database) == rows("before")


def test_a_write_that_duckdb_refuses_changes_nothing() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE TABLE {TABLE} (run_id VARCHAR, generated_at TIMESTAMP, store_id BIGINT CHECK (store_id <> 7), uptime_last_day DOUBLE)"
        ).fetchall()
        report = REPORT.select("store_id", "uptime_last_day")
        write_sql(report.head(1), connection, run_id="before")
        with pytest.raises((DatabaseError, SchemaError), match=r"CHECK constraint"):
            write_sql(report, connection, run_id="before")
        assert connection.execute(f"SELECT store_id FROM {TABLE}").fetchall() == [
            (8419537941919820732,)
        ]


def test_a_connection_that_is_lost_amid_the_rows_changes_nothing(postgres: str) -> None:
    database = Database("postgresql", postgres)
    write_sql(REPORT, postgres, run_id="before")
    database.run(
        "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$",
        f"CREATE TRIGGER lose BEFORE INSERT ON {TABLE} FOR EACH ROW WHEN (NEW.store_id = 7) EXECUTE FUNCTION lose()",
    )
    for form in FORMS["postgresql"]:
        connection = database.given_up(form)
        with pytest.raises(
            DatabaseError, match=f"^{TABLE}: cannot be written: .*(terminat|closed)"
        ) as caught:
            write_sql(REPORT, connection, run_id="before")
        assert isinstance(caught.value, ConnectionError)
    assert stored(database) == rows("before")


SERVERS = ("postgresql", "mariadb")
FIFTY = pl.DataFrame({"store_id": range(1, 51)}).select(
    "store_id", uptime_last_day=0.5, availability_last_day=0.5, polls_last_day=1
)
MANY = "pl.DataFrame({'store_id': range(1, 100), 'uptime_last_day': 0.5, 'availability_last_day': 0.5, 'polls_last_day': 1})"


def writer(url: str, before: str = "") -> subprocess.Popen[bytes]:
    """Start a process that writes a report of other numbers for the run that is there."""
    code = f"import os, polars as pl, store_uptime\n{before}\nstore_uptime.write_sql({MANY}, {url!r}, run_id='before')"
    return subprocess.Popen([sys.executable, "-c", code])  # noqa: S603  # our own


def doze(database: Database) -> tuple[str, str]:
    """Let the table sleep at store 50; return the query for who sleeps, and what ends it."""
    if database.kind == "mariadb":
        database.run(
            f"CREATE TRIGGER doze BEFORE INSERT ON {TABLE} FOR EACH ROW IF NEW.store_id = 50 THEN DO SLEEP(600); END IF"
        )
        name = database.url.rpartition("/")[2]
        asleep = f"SELECT id FROM information_schema.processlist WHERE db = '{name}' AND state = 'User sleep'"
        return asleep, "KILL {}"
    database.run(
        "CREATE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$",
        f"CREATE TRIGGER doze BEFORE INSERT ON {TABLE} FOR EACH ROW WHEN (NEW.store_id = 50) EXECUTE FUNCTION doze()",
    )
    (schema,) = database.rows("SELECT current_schema()")[0]
    asleep = f"SELECT pid FROM pg_locks WHERE relation = '{schema}.{TABLE}'::regclass AND mode = 'RowExclusiveLock'"
    return asleep, "SELECT pg_terminate_backend({})"


@pytest.mark.parametrize("kind", SERVERS)
def test_a_process_killed_amid_the_rows_leaves_the_table_as_it_was(
    kind: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    write_sql(REPORT, database.url, run_id="before")
    asleep, end = doze(database)
    process = writer(database.url)
    while not (found := database.rows(asleep)):
        assert process.poll() is None
    time.sleep(0.1)
    process.kill()
    process.wait()
    # A server finds out that its client is gone when it wakes up; it need not take so long.
    database.run(end.format(found[0][0]))
    while database.rows(asleep):
        time.sleep(0.01)
    assert stored(database) == rows("before")


@pytest.mark.parametrize(("kind", "form"), [each for each in ALL if each[0] in SERVERS])
def test_a_session_that_another_one_ends_amid_the_rows_changes_nothing(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    write_sql(REPORT, database.url, run_id="before")
    asleep, end = doze(database)
    connection = database.given_up(form)
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(write_sql, FIFTY, connection, run_id="before")
        while not (found := database.rows(asleep)):
            assert not written.done()
        database.run(end.format(found[0][0]))
        with pytest.raises(DatabaseError, match=f"^{TABLE}: cannot be written: the INSERT fails: "):
            written.result(timeout=60)
    while database.rows(asleep):
        time.sleep(0.01)
    assert stored(database) == rows("before")
    # The session that ended holds up nobody.
    database.run(f"DROP TRIGGER doze{'' if kind == 'mariadb' else f' ON {TABLE}'}")
    write_sql(REPORT.head(1), database.url, run_id="before")
    assert stored(database) == rows("before", REPORT.head(1))


def test_a_process_killed_amid_the_rows_leaves_the_sqlite_file_as_it_was(tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    write_sql(REPORT, database.url, run_id="before")
    database.run(
        f"CREATE TRIGGER die BEFORE INSERT ON {TABLE} WHEN NEW.store_id = 50 BEGIN SELECT kill_me(); END"
    )
    die = (
        "import sqlite3; connect = sqlite3.connect\n"
        "def connect_to_die(*args, **options):\n"
        "    connection = connect(*args, **options)\n"
        "    connection.create_function('kill_me', 0, lambda: os.kill(os.getpid(), 9))\n"
        "    return connection\n"
        "sqlite3.connect = connect_to_die"
    )
    assert writer(database.url, die).wait() == -signal.SIGKILL
    database.run("DROP TRIGGER die")
    assert stored(database) == rows("before")


def test_a_process_killed_before_the_commit_leaves_the_duckdb_file_as_it_was(tmp_path: Any) -> None:
    database = Database("duckdb", f"duckdb:///{tmp_path}/stores.db")
    write_sql(REPORT, database.url, run_id="before")
    die = (
        "from store_uptime._sql.drivers.native import DuckDB; run = DuckDB.run\n"
        "def die_at_commit(self, statement, *values):\n"
        "    os.kill(os.getpid(), 9) if statement == 'COMMIT' else run(self, statement, *values)\n"
        "DuckDB.run = die_at_commit"
    )
    assert writer(database.url, die).wait() == -signal.SIGKILL
    assert stored(database) == rows("before")
