"""`write_sql`: all of a report or nothing, once a run, in every database."""

from __future__ import annotations

import datetime as dt
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import duckdb
import polars as pl
import pytest

from store_uptime import DatabaseError, SchemaError, compute_report, load_sql, write_sql
from store_uptime._sql.drivers import adbc
from support.databases import ALL, FORMS, Database, empty_database
from support.services import need
from support.sql_tables import NOW, TYPES, fill

TABLE = "store_uptime_report"
REPORT = pl.DataFrame(
    {
        "store_id": [8419537941919820732, 7],
        "uptime_last_day": [1.7416666666666667, 0.0],
        "availability_last_day": [0.25, None],
        "polls_last_day": pl.Series([3, 0], dtype=pl.UInt32),
    }
)
# Transactions that the caller has begun, and that are open still when a call returns.
OPEN = {"transaction", "adbc", "duckdb transaction"}


def stored(database: Database, table: str = TABLE) -> list[tuple[Any, ...]]:
    columns = "run_id, store_id, uptime_last_day, availability_last_day, polls_last_day"
    return sorted(database.rows(f"SELECT {columns} FROM {table}"), key=repr)


def rows(run: str, report: pl.DataFrame = REPORT) -> list[tuple[Any, ...]]:
    return sorted(((run, *row) for row in report.rows()), key=repr)


@pytest.mark.parametrize(("kind", "form"), ALL)
def test_a_report_comes_back_as_it_was_and_once_a_run(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    with database.handed_over(form) as connection:
        assert write_sql(REPORT, connection, run_id="monday") == "monday"
        assert write_sql(REPORT, connection, run_id="tuesday") == "tuesday"
        assert write_sql(REPORT.reverse(), connection, run_id="tuesday") == "tuesday"
        less = REPORT.head(1)
        assert write_sql(less, connection, run_id="monday") == "monday"
    assert stored(database) == sorted(rows("monday", less) + rows("tuesday"), key=repr)


@pytest.mark.parametrize(("kind", "form"), ALL)
def test_a_report_of_real_tables_is_written_beside_them(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    for variant in (0, 1):
        database = empty_database(kind, request)
        database.run(
            *(
                f"DROP TABLE IF EXISTS {name}"
                for name in ("store_status", "business_hours", "store_timezones", TABLE)
            )
        )
        fill(database, TYPES[kind][variant])
        with database.handed_over(form) as connection:
            report = compute_report(*load_sql(connection), detail=True)
            if (kind, form) == ("mariadb", "transaction"):
                connection.rollback()  # a table that is made meanwhile is none to its snapshot
            run = write_sql(report, connection)
        assert uuid.UUID(run).version == 4
        columns = ", ".join(report.columns)
        back = database.rows(
            f"SELECT {columns} FROM {TABLE} WHERE run_id = '{run}' ORDER BY store_id"
        )
        assert back == report.sort("store_id").rows()


@pytest.mark.parametrize(("kind", "form"), [(kind, form) for kind, form in ALL if form in OPEN])
def test_the_callers_transaction_stays_the_callers(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    write_sql(REPORT, database.url, run_id="before")
    with database.handed_over(form) as connection:
        write_sql(REPORT, connection, run_id="new")
        with pytest.raises(SchemaError, match=r"lacks columns"):
            write_sql(REPORT.with_columns(other=1), connection)
        connection.rollback()
    assert stored(database) == rows("before")
    with database.handed_over(form) as connection:
        write_sql(REPORT, connection, run_id="new")
    assert stored(database) == sorted(rows("before") + rows("new"), key=repr)


def test_a_table_is_made_without_ending_a_transaction_of_mariadb(mariadb: str) -> None:
    database = Database("mariadb", mariadb)
    fill(database, TYPES["mariadb"][0])
    with database.engine().connect() as connection:
        connection.exec_driver_sql("DELETE FROM store_status")
        report = compute_report(*load_sql(connection, now=NOW), now=NOW)
        with pytest.raises(DatabaseError, match=r"please retry transaction"):
            write_sql(report, connection)
        connection.rollback()
        assert write_sql(report, connection, run_id="r") == "r"
    assert database.rows("SELECT count(*) FROM store_status") == [(9,)]
    assert database.rows(f"SELECT count(*) FROM {TABLE}") == [(2,)]


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


# --- killed midway -------------------------------------------------------------------------------

MANY = "pl.DataFrame({'store_id': range(1, 100), 'uptime_last_day': 0.5, 'availability_last_day': 0.5, 'polls_last_day': 1})"


def writer(url: str, before: str = "") -> subprocess.Popen[bytes]:
    """Start a process that writes a report of other numbers for the run that is there."""
    code = f"import os, polars as pl, store_uptime\n{before}\nstore_uptime.write_sql({MANY}, {url!r}, run_id='before')"
    return subprocess.Popen([sys.executable, "-c", code])  # noqa: S603  # our own


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_process_killed_amid_the_rows_leaves_the_table_as_it_was(
    kind: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    write_sql(REPORT, database.url, run_id="before")
    if kind == "mariadb":
        database.run(
            f"CREATE TRIGGER doze BEFORE INSERT ON {TABLE} FOR EACH ROW IF NEW.store_id = 50 THEN DO SLEEP(600); END IF"
        )
        name = database.url.rpartition("/")[2]
        asleep = f"SELECT id FROM information_schema.processlist WHERE db = '{name}' AND state = 'User sleep'"
        end = "KILL {}"
    else:
        database.run(
            "CREATE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$",
            f"CREATE TRIGGER doze BEFORE INSERT ON {TABLE} FOR EACH ROW WHEN (NEW.store_id = 50) EXECUTE FUNCTION doze()",
        )
        (schema,) = database.rows("SELECT current_schema()")[0]
        asleep = f"SELECT pid FROM pg_locks WHERE relation = '{schema}.{TABLE}'::regclass AND mode = 'RowExclusiveLock'"
        end = "SELECT pg_terminate_backend({})"
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


def test_the_first_reports_may_come_at_the_same_time(postgres: str) -> None:
    """Four sessions find no table, and each would make it."""
    for number in range(5):
        with ThreadPoolExecutor(4) as pool:
            runs = [f"run {k}" for k in range(4)]
            calls = [
                pool.submit(write_sql, REPORT, postgres, f"first_{number}", run_id=run)
                for run in runs
            ]
        assert sorted(call.result() for call in calls) == runs


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


# --- the table -----------------------------------------------------------------------------------


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
    [(k, f) for k, f in ALL if f in ("uri", "listening engine", "adbc autocommit")],
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
    ("kind", "form"), [(k, f) for k, f in ALL if f in ("uri", "listening engine", "sqlite3")]
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


def test_who_may_not_create_tables_may_write_to_one(postgres: str) -> None:
    database = Database("postgresql", postgres)
    write_sql(REPORT, postgres, run_id="first")
    (schema,) = database.rows("SELECT current_schema()")[0]
    role = f"writer_{schema[-20:]}"
    database.run(
        f"CREATE ROLE {role} LOGIN PASSWORD 'w'",
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT SELECT, INSERT, DELETE ON {TABLE} TO {role}",
    )
    try:
        as_role = database.as_user(role, "w")
        write_sql(REPORT, as_role, run_id="second")
        with pytest.raises(SchemaError, match=r"other: cannot be written: .*permission denied"):
            write_sql(REPORT, as_role, "other")
    finally:
        database.run(f"DROP OWNED BY {role}", f"DROP ROLE {role}")
    assert stored(database) == sorted(rows("first") + rows("second"), key=repr)


# --- the report ----------------------------------------------------------------------------------

NOT_WRITTEN = [
    (REPORT.drop("store_id"), "report.store_id: no such column"),
    (REPORT.with_columns(store_id=pl.lit(1.5)), "report.store_id: type Float64 is not accepted. Accepted: integers and strings."),
    (REPORT.with_columns(store_id=pl.Series([1, None])), "report.store_id: null id in 1 row (first: None)"),
    (REPORT.with_columns(store_id=1), "report.store_id: several rows of one store in 2 rows (first: 1, 1). Write one report at a time: one row a store."),
    (REPORT.with_columns(store_id=pl.Series([2**63, 1], dtype=pl.UInt64)), "report.store_id: number outside Int64 in 1 row (first: 9223372036854775808). Cast the column to String."),
    (REPORT.with_columns(Run_Id=1), "report.Run_Id: a column too many. Rename it: write_sql adds one of this name."),
    (REPORT.with_columns(since=pl.lit(NOW)), "report.since: type Datetime(time_unit='us', time_zone='UTC') is not accepted. Accepted: integers, floats, Booleans and strings."),
    ([1, 2], "report: a list is not a table"),
]  # fmt: skip


@pytest.mark.parametrize(("report", "message"), NOT_WRITTEN)
def test_what_is_no_report_is_told_before_anything_is_written(report: Any, message: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        with pytest.raises(SchemaError) as caught:
            write_sql(report, connection)
        assert str(caught.value).startswith(message)
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchall() == [(0,)]


@pytest.mark.parametrize("kind", FORMS)
def test_every_kind_of_column_comes_back(kind: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    report = pl.DataFrame(
        {
            "store_id": pl.Series(["x", "y"], dtype=pl.Categorical),
            "word": pl.Series(["a", None], dtype=pl.Enum(["a"])),
            "small": pl.Series([1, None], dtype=pl.UInt8),
            "single": pl.Series([1.5, None], dtype=pl.Float32),
            "flag": [True, None],
        }
    )
    for form in FORMS[kind]:
        with database.handed_over(form) as connection:
            write_sql(report.lazy(), connection, run_id="r")
        found = database.rows(
            f"SELECT store_id, word, small, single, flag FROM {TABLE} ORDER BY store_id"
        )
        assert found == report.rows()


@pytest.mark.parametrize("kind", FORMS)
def test_a_report_without_rows_takes_the_place_of_what_was(
    kind: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    for form in FORMS[kind]:
        with database.handed_over(form) as connection:
            write_sql(REPORT, connection, run_id="r")
            write_sql(REPORT.clear(), connection, run_id="r")
        assert stored(database) == []


def test_a_hundred_thousand_rows_are_written(postgres: str, mariadb: str, tmp_path: Any) -> None:
    report = pl.DataFrame({"store_id": range(100_000)}).with_columns(
        uptime_last_day=pl.col("store_id") / 8
    )
    for url in (
        postgres,
        mariadb,
        f"sqlite:///{tmp_path}/stores.db",
        f"duckdb:///{tmp_path}/ducks.db",
    ):
        write_sql(report, url)
        kind = "mariadb" if "mysql" in url else url.partition(":")[0]
        found = Database(kind, url).rows(f"SELECT count(*), sum(uptime_last_day) FROM {TABLE}")
        assert found == [(100_000, 99_999 * 50_000 / 8)]


def test_reports_are_not_written_to_a_database_that_is_not_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dbapi = need("adbc_driver_sqlite.dbapi")
    monkeypatch.setattr(adbc, "_VERSIONS", ())
    message = r"connection: no reports are written to a database of another. Those that are known: postgresql, duckdb, sqlite, mysql, mariadb."
    with closing(dbapi.connect()) as connection, pytest.raises(SchemaError, match=message):
        write_sql(REPORT, connection)
