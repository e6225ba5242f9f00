"""`load_sql` and `write_sql`: what another try may mend is a `DatabaseError`, all else is none."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from types import SimpleNamespace
from typing import Any, TypeVar

import duckdb
import polars as pl
import pytest

from store_uptime import DatabaseError, SchemaError, StoreUptimeError, load_sql, write_sql
from store_uptime._sql.codes import passes
from store_uptime._sql.connect import opened
from store_uptime._sql.dialects import dialect_of
from store_uptime._sql.errors import translated_errors
from support.databases import FORMS, Database
from support.services import need
from support.sql_reports import REPORT, TABLE
from support.sql_tables import NOW, TYPES, fill

Code = TypeVar("Code", str, int)

# --- PostgreSQL ----------------------------------------------------------------------------------

PASSING_STATES = ["08000", "08001", "08003", "08006", "08P01", "25006", "25P03", "25P04", "28000", "28P01", "3D000", "40000", "40001", "40002", "40003", "40P01", "53000", "53100", "53200", "53300", "53400", "55000", "55006", "55P02", "55P03", "57000", "57014", "57P01", "57P02", "57P03", "57P04", "57P05", "58000", "58030", "58P01", "72000", "XX000", "XX001", "XX002"]  # fmt: skip
LASTING_STATES = ["0A000", "0L000", "0P000", "20000", "21000", "22003", "22008", "22012", "22021", "22P02", "22P05", "23000", "23001", "23502", "23503", "23505", "23514", "23P01", "24000", "25000", "25001", "25P01", "25P02", "26000", "2201E", "2BP01", "2D000", "34000", "38000", "39000", "3B001", "3F000", "42501", "42601", "42602", "42622", "42703", "42704", "42710", "42725", "42803", "42804", "42883", "42P01", "42P07", "42P10", "44000", "45000", "54000", "54001", "54011", "F0000", "HV000", "P0001", "P0002", "P0004", "QX999"]  # fmt: skip
STATES: dict[str, type[StoreUptimeError]] = {
    **dict.fromkeys(PASSING_STATES, DatabaseError),
    **dict.fromkeys(LASTING_STATES, SchemaError),
}
RAISE = "DO $$ BEGIN RAISE EXCEPTION 'the words' USING ERRCODE = '{}'; END $$"


def outcome(call: Callable[[], object]) -> type[StoreUptimeError]:
    """Return the class of what is raised, once it is sure that its words are the database's."""
    with pytest.raises(StoreUptimeError, match="the words") as caught:
        call()
    is_database = isinstance(caught.value, DatabaseError)
    assert caught.value.code == ("database_failed" if is_database else "query_refused")
    return type(caught.value)


def without_sessions(kind: str) -> list[str]:
    """Return the forms but a session's, which ends with its transaction; it has a connection."""
    return [form for form in FORMS[kind] if "session" not in form]


@pytest.mark.parametrize("form", without_sessions("postgresql"))
def test_each_sqlstate_has_its_class(form: str, postgres: str) -> None:
    database = Database("postgresql", postgres)
    with database.handed_over(form) as connection:
        assert found_classes(connection, STATES, RAISE) == STATES


def found_classes(connection: object, codes: Iterable[Code], statement: str) -> dict[Code, Any]:
    """Return the class that each code has, raised by a statement that the package runs."""
    found = {}
    with opened(connection, write=True) as driver:
        for code in codes:
            found[code] = outcome(reading(driver, driver.run, statement.format(code)))
            with suppress(*driver.errors):  # autocommit
                driver.connection.rollback()
    return found


@pytest.mark.parametrize("form", FORMS["postgresql"])
def test_what_fails_while_rows_are_read_has_its_class(form: str, postgres: str) -> None:
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    database.run(
        "CREATE FUNCTION fail(state text) RETURNS int LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the words' USING ERRCODE = state; END $$"
    )
    states = ["08006", "25006", "40001", "53100", "55P03", "57014", "58030"]
    if "adbc" not in form and form != "uri":  # of what fails amid the rows, ADBC gives no code
        states += ["0A000", "22012", "23514", "42501", "54000", "P0001"]
    found = {}
    for state in states:
        status = f"SELECT store_status.* FROM store_status, fail('{state}')"
        with database.handed_over(form) as connection:
            found[state] = outcome(lambda: load_sql(connection, status=status, now=NOW))  # noqa: B023  # called at once
            if form == "adbc":
                connection.rollback()
    assert found == {state: STATES[state] for state in states}


def reading(driver: object, what: Callable[..., object], *given: object) -> Callable[[], None]:
    """Return a call that does what a load does with what a driver raises."""

    def call() -> None:
        with translated_errors(driver, table="status"):  # type: ignore[arg-type]  # a double
            what(*given)

    return call


@pytest.mark.parametrize("module", ["psycopg", "psycopg2"])
def test_each_sqlstate_has_its_class_without_sqlalchemy(module: str, postgres: str) -> None:
    dbapi = need(module)
    driver = SimpleNamespace(errors=(dbapi.Error,), dialect=dialect_of("postgresql"))
    found = {}
    with closing(dbapi.connect(postgres)) as connection:
        for state in STATES:
            execute = connection.cursor().execute
            found[state] = outcome(reading(driver, execute, RAISE.format(state)))
            connection.rollback()
    assert found == STATES


@pytest.mark.parametrize("flavour", ["asyncpg", "psycopg"])
def test_each_sqlstate_has_its_class_through_an_asynchronous_engine(
    flavour: str, postgres: str
) -> None:
    found = {}

    def raise_each(sync: Any) -> None:
        for state in STATES:
            statement = RAISE.format(state)
            found[state] = outcome(reading(alchemy("postgresql"), sync.exec_driver_sql, statement))
            sync.rollback()

    run_sync(asynchronous(flavour, postgres), raise_each)
    assert found == STATES


def alchemy(name: str) -> object:
    """Return what is needed of a driver through SQLAlchemy."""
    errors = (need("sqlalchemy.exc").SQLAlchemyError,)
    return SimpleNamespace(errors=errors, dialect=dialect_of(name))


def asynchronous(flavour: str, url: str, **options: Any) -> Any:
    """Return an asynchronous engine of a server, or of a file of SQLite."""
    need("greenlet")
    need(flavour)
    sqlalchemy = need("sqlalchemy")
    given = sqlalchemy.make_url(url.partition("?")[0])
    return need("sqlalchemy.ext.asyncio").create_async_engine(
        given.set(drivername=f"{given.drivername}+{flavour}"),
        poolclass=sqlalchemy.pool.NullPool,
        **options,
    )


def run_sync(engine: Any, what: Callable[[Any], object]) -> None:
    """Call it inside `AsyncConnection.run_sync`."""

    async def run() -> None:
        async with engine.connect() as connection:
            await connection.run_sync(what)

    asyncio.run(run())


@contextmanager
def classified(expected: type[StoreUptimeError], words: str) -> Iterator[None]:
    with pytest.raises(StoreUptimeError, match=words) as caught:
        yield
    assert type(caught.value) is expected


@pytest.mark.parametrize("form", FORMS["postgresql"])
def test_a_lock_that_is_not_given_in_time_passes(form: str, postgres: str) -> None:
    database = Database("postgresql", with_setting(postgres, "lock_timeout=50"))
    # Other tests make tables of this name, one at a time: here that may take longer.
    fill(Database("postgresql", postgres), TYPES["postgresql"][0])
    write_sql(REPORT, postgres)
    with database.engine().connect() as other:
        other.exec_driver_sql(f"LOCK TABLE store_status, {TABLE}")
        for call in (
            lambda connection: load_sql(connection, now=NOW),
            lambda connection: write_sql(REPORT, connection),
        ):
            connection = database.given_up(form)
            with classified(DatabaseError, "lock timeout"):
                call(connection)
            with closing_it(connection):
                pass


def execute(connection: Any, statement: str) -> None:
    """Run a statement on a connection or a session of SQLAlchemy, or on one of a driver."""
    if hasattr(connection, "exec_driver_sql"):
        connection.exec_driver_sql(statement)
    elif hasattr(connection, "cursor"):
        with closing(connection.cursor()) as cursor:
            cursor.execute(statement)
    else:
        connection.execute(need("sqlalchemy").text(statement))


@contextmanager
def closing_it(connection: Any) -> Iterator[None]:
    """Close a connection, whatever it is, so that its locks end."""
    yield
    if hasattr(connection, "close"):
        connection.close()


def with_setting(url: str, setting: str) -> str:
    """Return the URL of the schema for sessions that have a setting of the server."""
    return url.replace("options=", f"options=-c{setting.replace('=', '%3D')}%20")


@pytest.mark.parametrize("form", FORMS["postgresql"])
def test_a_server_that_only_reads_passes(form: str, postgres: str) -> None:
    database = Database("postgresql", postgres)
    write_sql(REPORT, postgres)
    standby = Database("postgresql", with_setting(postgres, "default_transaction_read_only=on"))
    connection = standby.given_up(form)
    with classified(DatabaseError, "read-only transaction"):
        write_sql(REPORT, connection)
    with closing_it(connection):
        assert database.rows(f"SELECT count(*) FROM {TABLE}") == [(2,)]


@pytest.mark.parametrize("form", FORMS["postgresql"])
def test_a_query_that_takes_too_long_passes(form: str, postgres: str) -> None:
    database = Database("postgresql", with_setting(postgres, "statement_timeout=100"))
    fill(Database("postgresql", postgres), TYPES["postgresql"][0])
    connection = database.given_up(form)
    status = "SELECT store_status.* FROM store_status, pg_sleep(5)"
    with classified(DatabaseError, "statement timeout"):
        load_sql(connection, status=status, now=NOW)
    with closing_it(connection):
        pass


def test_an_asynchronous_driver_that_waits_no_longer_passes(postgres: str) -> None:
    # asyncpg raises the TimeoutError of Python, which SQLAlchemy lets pass.
    engine = asynchronous("asyncpg", postgres, connect_args={"command_timeout": 0.5})

    def sleep(sync: Any) -> None:
        with classified(DatabaseError, "status: the database reports: TimeoutError"):
            reading(alchemy("postgresql"), sync.exec_driver_sql, "SELECT pg_sleep(5)")()

    run_sync(engine, sleep)


@pytest.mark.parametrize("form", FORMS["postgresql"])
def test_a_row_that_a_constraint_refuses_does_not_pass(form: str, postgres: str) -> None:
    database = Database("postgresql", postgres)
    write_sql(REPORT, postgres, run_id="before")
    for constraint in (
        "CHECK (store_id <> 7 OR run_id = 'before')",
        "UNIQUE (store_id) DEFERRABLE INITIALLY DEFERRED",
    ):
        database.run(f"ALTER TABLE {TABLE} ADD CONSTRAINT mine {constraint}")
        connection = database.given_up(form)
        if "DEFERRED" in constraint and form.endswith(("transaction", "adbc")):
            write_sql(REPORT, connection)  # the caller's own commit is going to fail
        else:
            with classified(SchemaError, "violates .* constraint"):
                write_sql(REPORT, connection)
        with closing_it(connection):
            pass
        database.run(f"ALTER TABLE {TABLE} DROP CONSTRAINT mine")
    assert database.rows(f"SELECT DISTINCT run_id FROM {TABLE}") == [("before",)]


def test_a_role_with_too_many_connections_may_try_again(postgres: str) -> None:
    database = Database("postgresql", postgres)
    role = f"one_{postgres[-20:]}"
    database.run(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 0")
    try:
        with classified(DatabaseError, "too many connections for role"):
            load_sql(database.as_user(role, ""))
    finally:
        database.run(f"DROP ROLE {role}")


def test_a_session_that_has_been_ended_passes_through_adbc(postgres: str) -> None:
    database = Database("postgresql", postgres)
    connection = database.given_up("adbc")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    database.rows(f"SELECT pg_terminate_backend({pid})")
    with classified(DatabaseError, "connection"):
        load_sql(connection)


def test_a_transaction_that_has_failed_before_does_not_pass(postgres: str) -> None:
    database = Database("postgresql", postgres)
    need("sqlalchemy")
    with database.engine().connect() as connection:
        with pytest.raises(Exception, match="nosuch"):
            connection.exec_driver_sql("SELECT * FROM nosuch")
        with classified(SchemaError, "^connection: .*transaction is aborted"):
            load_sql(connection)


# --- MariaDB and MySQL ---------------------------------------------------------------------------

PASSING_NUMBERS = [1021, 1036, 1040, 1053, 1114, 1158, 1161, 1203, 1205, 1206, 1213, 1226, 1290, 1317, 1412, 1637, 1792, 1836, 1927, 1969, 2003, 2006, 2013, 2055, 3024, 3572, 4031]  # fmt: skip
LASTING_NUMBERS = [1048, 1050, 1051, 1052, 1054, 1060, 1062, 1064, 1142, 1143, 1146, 1222, 1264, 1267, 1305, 1356, 1364, 1365, 1370, 1406, 1451, 1452, 1644, 1665, 3819, 4025]  # fmt: skip
NUMBERS: dict[int, type[StoreUptimeError]] = {
    **dict.fromkeys(PASSING_NUMBERS, DatabaseError),
    **dict.fromkeys(LASTING_NUMBERS, SchemaError),
}


@pytest.mark.parametrize("form", without_sessions("mariadb"))
def test_each_number_of_mariadb_has_its_class(form: str, mariadb: str) -> None:
    database = Database("mariadb", mariadb)
    database.run(
        "CREATE PROCEDURE fail(number INT) BEGIN"
        " SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = number, MESSAGE_TEXT = 'the words'; END"
    )
    with database.handed_over(form) as connection:
        assert found_classes(connection, NUMBERS, "CALL fail({})") == NUMBERS


@pytest.mark.parametrize("form", FORMS["mariadb"])
def test_a_lock_of_mariadb_passes(form: str, mariadb: str) -> None:
    database = Database("mariadb", mariadb)
    write_sql(REPORT, mariadb, run_id="r")
    with database.engine().connect() as other:
        other.exec_driver_sql(f"SELECT * FROM {TABLE} FOR UPDATE").fetchall()
        connection = database.given_up(form)
        if form in ("uri", "engine", "session"):
            # Their own connection has the server's limit, which is 50 s.
            connection = database.engine(
                connect_args={"init_command": "SET innodb_lock_wait_timeout = 1"}
            )
            if form == "session":
                connection = need("sqlalchemy.orm").Session(connection)
        else:
            execute(connection, "SET innodb_lock_wait_timeout = 1")
            if "transaction" not in form:
                connection.commit()
        with classified(DatabaseError, "Lock wait timeout"):
            write_sql(REPORT, connection, run_id="r")
        with closing_it(connection):
            pass


def test_a_server_of_mariadb_that_only_reads_passes(mariadb: str) -> None:
    database = Database("mariadb", mariadb)
    write_sql(REPORT, mariadb, run_id="r")
    with database.engine().connect() as connection:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql("START TRANSACTION READ ONLY")
        with classified(DatabaseError, "READ ONLY"):
            write_sql(REPORT, connection, run_id="r")


def test_a_deadlock_of_mariadb_passes(mariadb: str) -> None:
    database = Database("mariadb", mariadb)
    write_sql(REPORT, mariadb, run_id="a")
    write_sql(REPORT, mariadb, run_id="b")
    raised: list[type[Exception] | None] = []
    with database.engine().connect() as one, database.engine().connect() as two:
        for connection, run in ((one, "a"), (two, "b")):
            connection.exec_driver_sql(f"DELETE FROM {TABLE} WHERE run_id = '{run}'")

        def write(connection: Any, run: str) -> None:
            try:
                write_sql(REPORT, connection, run_id=run)
            except StoreUptimeError as error:
                raised.append(type(error))
                connection.rollback()

        crossed = ((one, "b"), (two, "a"))
        threads = [threading.Thread(target=write, args=each) for each in crossed]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert raised == [DatabaseError]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Exception(1205, "x"), True),
        (Exception(1146, "x"), False),
        (Exception(0, ""), None),
        (Exception(-1, "x"), None),
        (Exception("x"), None),
        (Exception(), None),
        (type("WithNumber", (Exception,), {"errno": 1213})("x"), True),
    ],
)
def test_the_number_is_where_drivers_have_it(error: Exception, expected: object) -> None:
    assert passes(error, "mysql") is expected
    assert passes(error, "mariadb") is expected


# --- SQLite --------------------------------------------------------------------------------------

PASSING_RESULTS = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 17, 26]
LASTING_RESULTS = [1, 12, 16, 18, 19, 20, 21, 23, 24, 25]


@pytest.mark.parametrize("extended", [0, 1, 7])
def test_each_result_of_sqlite_has_its_class(extended: int) -> None:
    found = {}
    for result in PASSING_RESULTS + LASTING_RESULTS:
        error = sqlite3.OperationalError("the words")
        error.sqlite_errorcode = extended * 256 + result
        found[result] = passes(error, "sqlite")
    assert found == dict.fromkeys(PASSING_RESULTS, True) | dict.fromkeys(LASTING_RESULTS, False)


# As ADBC writes them, which gives no code.
ADBC_WORDS = [
    "INVALID_ARGUMENT: [SQLite] Failed to prepare query: {}\nquery: SELECT 1",
    "INVALID_STATE: failed to execute query: {}",
    "INTERNAL: [SQLite] Failed to prepare query: (5) {}",
    "UNKNOWN: {}: what it is about",
]


@pytest.mark.parametrize("form", ADBC_WORDS)
def test_what_sqlite_says_through_adbc_is_known(form: str) -> None:
    adbc = need("adbc_driver_manager")
    for words, expected in {
        "database is locked": True,
        "database table is locked": True,
        "database schema is locked": True,
        "attempt to write a readonly database": True,
        "disk I/O error": True,
        "database or disk is full": True,
        "unable to open database file": True,
        "file is not a database": True,
        "database disk image is malformed": True,
        "no such table: database is locked": False,
        'near "interrupted": syntax error': False,
        "UNIQUE constraint failed: reports.store_id": False,
    }.items():
        error = adbc.ProgrammingError(form.format(words), status_code=adbc.AdbcStatusCode.UNKNOWN)
        assert passes(error, "sqlite") is expected


@contextmanager
def locked(file: str) -> Iterator[None]:
    """Let another process lock a file: locks of one process do not keep it from anything."""
    code = f"import sqlite3; c = sqlite3.connect({file!r}); c.execute('BEGIN EXCLUSIVE'); print(); input()"
    with subprocess.Popen(  # noqa: S603  # our own
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
        process.communicate(b"\n")


SQLITE: dict[str, Callable[[Database], Any]] = {
    "sqlite3": lambda database: sqlite3.connect(database.file, timeout=0.01),
    "engine": lambda database: database.engine(connect_args={"timeout": 0.01}),
    "connection": lambda database: database.engine(connect_args={"timeout": 0.01}).connect(),
    "adbc": lambda database: database.given_up("adbc"),
    "adbc autocommit": lambda database: database.given_up("adbc autocommit"),
}


@pytest.mark.parametrize("form", SQLITE)
def test_a_file_of_sqlite_that_is_locked_passes(form: str, tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, TYPES["sqlite"][0])
    write_sql(REPORT, database.url)
    connection = SQLITE[form](database)
    with locked(database.file):
        for call in (load_sql, lambda where: write_sql(REPORT, where)):
            with classified(DatabaseError, "is locked"):
                call(connection)
    with closing_it(connection):
        pass


def test_a_file_of_sqlite_that_is_locked_passes_by_its_uri(tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, TYPES["sqlite"][0])
    with locked(database.file), classified(DatabaseError, "is locked"):
        load_sql(database.url)


def test_a_file_of_sqlite_that_is_locked_passes_asynchronously(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/stores.db"
    fill(Database("sqlite", url), TYPES["sqlite"][0])
    engine = asynchronous("aiosqlite", url, connect_args={"timeout": 0.01})

    def read(sync: Any) -> None:
        execute = sync.exec_driver_sql
        with classified(SchemaError, "no such table"):
            reading(alchemy("sqlite"), execute, "SELECT * FROM nosuch")()
        with locked(f"{tmp_path}/stores.db"), classified(DatabaseError, "is locked"):
            reading(alchemy("sqlite"), execute, "SELECT * FROM store_status")()

    run_sync(engine, read)


READ_ONLY: dict[str, Callable[[Any], Any]] = {
    "sqlite3": lambda file: sqlite3.connect(f"file:{file}?mode=ro", uri=True),
    "engine": lambda file: Database("sqlite", f"sqlite:///file:{file}?mode=ro&uri=true").engine(),
    "adbc": lambda file: need("adbc_driver_sqlite.dbapi").connect(
        f"file:{file}?mode=ro", autocommit=True
    ),
}


@pytest.mark.parametrize("form", READ_ONLY)
def test_a_file_of_sqlite_that_only_reads_passes(form: str, tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    write_sql(REPORT, database.url)
    connection = READ_ONLY[form](database.file)
    with classified(DatabaseError, "readonly database"):
        write_sql(REPORT, connection)
    with closing_it(connection):
        pass


@pytest.mark.parametrize("form", [*SQLITE])
def test_a_row_that_sqlite_refuses_does_not_pass(form: str, tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    write_sql(REPORT, database.url, run_id="before")
    database.run(f"CREATE UNIQUE INDEX mine ON {TABLE} (store_id)")
    connection = SQLITE[form](database)
    with classified(SchemaError, "UNIQUE constraint failed"):
        write_sql(REPORT, connection)
    with closing_it(connection):
        pass


@pytest.mark.parametrize("form", SQLITE)
def test_a_file_of_sqlite_that_is_full_passes(form: str, tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    write_sql(REPORT, database.url)
    connection = SQLITE[form](database)
    pragma = "PRAGMA max_page_count = 3"
    if form == "engine":
        event = need("sqlalchemy.event")
        event.listen(connection, "connect", lambda raw, _: raw.execute(pragma))
    elif form == "connection":
        connection.exec_driver_sql(pragma)
        connection.commit()
    else:
        with closing(connection.cursor()) as cursor:
            cursor.execute(pragma)
    report = pl.DataFrame({"store_id": range(10_000), "uptime_last_day": 0.5})
    with classified(DatabaseError, "database or disk is full"):
        write_sql(report, connection)
    with closing_it(connection):
        pass


def test_a_file_that_is_no_database_passes_through_each_driver(tmp_path: Any) -> None:
    (tmp_path / "stores.db").write_text("store_id,status\n" * 100)
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    for form in ("sqlite3", "engine", "adbc autocommit", "uri"):
        connection = database.url if form == "uri" else SQLITE[form](database)
        with pytest.raises(DatabaseError, match="not a database"):
            load_sql(connection)
        with closing_it(connection):
            pass


# --- DuckDB --------------------------------------------------------------------------------------


def test_each_error_of_duckdb_has_its_class() -> None:
    passing = "Connection Fatal HTTP IO Internal Interrupt OutOfMemory ResourceInUse Serialization Transaction"
    lasting = (
        "Binder Catalog Constraint Conversion Dependency InvalidInput InvalidType NotImplemented"
        " OutOfRange Parser Permission Sequence Syntax TypeMismatch"
    )
    expected = dict.fromkeys(passing.split(), DatabaseError) | dict.fromkeys(
        lasting.split(), SchemaError
    )
    driver = SimpleNamespace(errors=(duckdb.Error,), dialect=dialect_of("duckdb"))

    def raise_it(name: str) -> None:
        raise getattr(duckdb, f"{name}Exception")("the words")

    # Older versions have fewer classes.
    expected = {name: cls for name, cls in expected.items() if hasattr(duckdb, f"{name}Exception")}
    assert len(expected) > 18
    assert {name: outcome(reading(driver, raise_it, name)) for name in expected} == expected


def test_a_file_of_duckdb_that_is_locked_passes(tmp_path: Any) -> None:
    database = Database("duckdb", f"duckdb:///{tmp_path}/stores.db")
    fill(database, TYPES["duckdb"][0])
    code = f"import duckdb; c = duckdb.connect({database.file!r}); print(); input()"
    with subprocess.Popen(  # noqa: S603  # our own
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        for call in (load_sql, lambda where: write_sql(REPORT, where)):
            with pytest.raises(DatabaseError, match="lock on file"):
                call(database.url)
        process.communicate(b"\n")


def test_a_file_of_duckdb_that_only_reads_passes(tmp_path: Any) -> None:
    database = Database("duckdb", f"duckdb:///{tmp_path}/stores.db")
    write_sql(REPORT, database.url)
    with (
        closing(duckdb.connect(database.file, read_only=True)) as connection,
        classified(DatabaseError, "read-only mode"),
    ):
        write_sql(REPORT, connection)


def test_two_transactions_of_duckdb_that_meet_may_try_again(tmp_path: Any) -> None:
    database = Database("duckdb", f"duckdb:///{tmp_path}/stores.db")
    write_sql(REPORT, database.url, run_id="r")
    with closing(duckdb.connect(database.file)) as one, closing(one.cursor()) as two:
        one.begin()
        two.begin()
        write_sql(REPORT, one, run_id="r")
        with classified(DatabaseError, "[Cc]onflict"):
            write_sql(REPORT, two, run_id="r")


def test_a_row_that_duckdb_refuses_does_not_pass(tmp_path: Any) -> None:
    with closing(duckdb.connect(f"{tmp_path}/stores.db")) as connection:
        connection.execute(
            "CREATE TABLE reports (run_id TEXT, generated_at TIMESTAMP, store_id BIGINT CHECK (store_id <> 7),"
            " uptime_last_day DOUBLE, availability_last_day DOUBLE, polls_last_day BIGINT)"
        )
        with classified(SchemaError, "CHECK constraint failed"):
            write_sql(REPORT, connection, "reports")


# --- asynchronous connections --------------------------------------------------------------------


@pytest.mark.parametrize("flavour", ["asyncpg", "psycopg", "aiosqlite"])
def test_an_asynchronous_connection_outside_run_sync_does_not_pass(
    flavour: str, request: pytest.FixtureRequest
) -> None:
    url = "sqlite://" if flavour == "aiosqlite" else request.getfixturevalue("postgres")
    engine = asynchronous(flavour, url)

    name = engine.dialect.name

    async def misuse() -> None:
        async with engine.connect() as connection:
            with pytest.raises(SchemaError, match=r"^connection: .*run_sync") as caught:
                reading(alchemy(name), connection.sync_connection.exec_driver_sql, "SELECT 1")()
            assert caught.value.code == "not_a_connection"
        for call in (load_sql, lambda where: write_sql(REPORT, where)):
            with pytest.raises(SchemaError, match=r"^connection: .*run_sync"):
                call(engine.sync_engine)

    asyncio.run(misuse())


def test_a_connection_of_sqlalchemy_that_is_misused_does_not_pass() -> None:
    exc = need("sqlalchemy.exc")

    def raised(error: Exception) -> StoreUptimeError:
        def what() -> None:
            raise error

        with pytest.raises(StoreUptimeError) as caught:
            reading(alchemy("sqlite"), what)()
        return caught.value

    misused = raised(exc.InvalidRequestError("already in a transaction"))
    assert str(misused) == "connection: it cannot be used here: already in a transaction."
    assert type(misused) is SchemaError
    for error in (exc.ResourceClosedError("closed"), exc.PendingRollbackError("broke off")):
        assert type(raised(error)) is DatabaseError


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ZeroDivisionError("no driver's")])
def test_what_is_not_of_a_driver_stays_what_it_is(error: BaseException) -> None:
    def what() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        reading(alchemy("sqlite"), what)()
    assert caught.value is error
