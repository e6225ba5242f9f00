"""`load_sql` and `write_sql`: each trouble with a connection is one clear error, tested for real."""

from __future__ import annotations

import pickle
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from typing import Any

import polars as pl
import pytest

import store_uptime
from store_uptime import (
    DatabaseError,
    MissingDependencyError,
    NaiveDatetimeError,
    PolicyError,
    SchemaError,
    load_sql,
    write_sql,
)
from support.databases import Database
from support.services import need
from support.sql_reports import REPORT
from support.sql_tables import NOW, TYPES, fill

FOR_POSTGRESQL = "adbc_driver_postgresql psycopg psycopg2 sqlalchemy"


def chain(error: BaseException) -> str:
    """Return all that a traceback would show of an error and its causes."""
    parts = []
    following: BaseException | None = error
    while following is not None:
        parts.append(f"{following!r} {following}")
        hidden = following.__suppress_context__
        following = following.__cause__ or (None if hidden else following.__context__)
    return "\n".join(parts)


@pytest.mark.parametrize(
    "form", ["uri", "psycopg2", "connection", "transaction", "adbc", "adbc autocommit"]
)
def test_a_connection_that_postgresql_ends_is_told(form: str, postgres: str) -> None:
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    connection = database.given_up(form)
    status = (
        "SELECT store_status.* FROM store_status, pg_terminate_backend(pg_backend_pid()) AS ended"
    )
    with pytest.raises(
        DatabaseError, match=r"^status: cannot be read: .*(terminat|closed)"
    ) as caught:
        load_sql(connection, status=status, now=NOW)
    assert isinstance(caught.value, ConnectionError)
    assert caught.value.__cause__ is not None
    assert load_sql(postgres, now=NOW).status.height == 5


@pytest.mark.parametrize("form", ["uri", "psycopg2"])
def test_a_connection_that_ends_amid_the_rows_is_told(form: str, postgres: str) -> None:
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    status = (
        "SELECT i AS store_id, TIMESTAMPTZ '2023-01-25 12:00:00+00' AS timestamp_utc,"
        " CASE WHEN i < 300000 THEN 'active' ELSE pg_terminate_backend(pg_backend_pid())::text END AS status"
        " FROM generate_series(1, 400000) i"
    )
    with pytest.raises(
        DatabaseError, match=r"status: cannot be read: .*terminat|status: cannot be read: .*closed"
    ):
        load_sql(database.given_up(form), status=status, now=NOW)


def test_a_connection_that_mariadb_ends_is_told(mariadb: str) -> None:
    database = Database("mariadb", mariadb)
    fill(database, TYPES["mariadb"][0])
    caught: list[Exception] = []

    def load() -> None:
        try:
            load_sql(mariadb, timezones="SELECT * FROM store_timezones WHERE SLEEP(60) = 0")
        except DatabaseError as error:
            caught.append(error)

    thread = threading.Thread(target=load)
    thread.start()
    sleeping = f"SELECT id FROM information_schema.processlist WHERE state = 'User sleep' AND db = '{mariadb.rpartition('/')[2]}'"
    while not (found := database.rows(sleeping)):
        assert thread.is_alive()
    database.run(f"KILL {found[0][0]}")
    thread.join(30)
    assert "timezones: " in str(caught[0])
    assert "cannot be read: (2013, 'Lost connection" in str(caught[0])


@pytest.mark.parametrize("form", ["sqlite3", "adbc", "duckdb", "connection"])
def test_a_connection_that_is_closed_is_told(form: str, tmp_path: Any) -> None:
    kind = "duckdb" if form == "duckdb" else "sqlite"
    database = Database(kind, f"{kind}:///{tmp_path}/stores.db")
    fill(database, TYPES[kind][0])
    connection = database.given_up(form)
    connection.close()
    with pytest.raises(DatabaseError, match=r"^connection: "):
        load_sql(connection)


UNREACHABLE = [
    "postgresql://stores:s3cret%2Fword@127.0.0.1:1/stores",
    "postgresql+psycopg://stores:s3cret%2Fword@127.0.0.1:1/stores?connect_timeout=5",
    "postgresql://127.0.0.1:1/stores?user=stores&password=s3cret%2Fword",
    "mysql://stores:s3cret%2Fword@127.0.0.1:1/stores",
    "mariadb+pymysql://stores:s3cret%2Fword@127.0.0.1:1/stores",
    "sqlite:////no/such/folder/stores.db",
    "duckdb:////no/such/folder/stores.db",
    "nosuchdatabase://stores:s3cret%2Fword@127.0.0.1/stores",
]


@pytest.mark.parametrize("uri", UNREACHABLE)
def test_a_database_that_cannot_be_reached_is_told_without_the_password(uri: str) -> None:
    for module in ("adbc_driver_postgresql", "sqlalchemy", "pymysql", "psycopg"):
        need(module)
    for call in (load_sql, lambda where: write_sql(REPORT, where)):
        with pytest.raises(DatabaseError, match=r"^connection: cannot be opened: ") as caught:
            call(uri)
        assert "s3cret" not in chain(caught.value)


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://stores:s3c%zzret@127.0.0.1/stores",
        "postgresql://stores:s3c/12@ret@127.0.0.1/stores",
        "mysql://stores:s3c:@ret@127.0.0.1:1/stores",
    ],
)
def test_a_password_that_breaks_the_uri_is_not_told(uri: str) -> None:
    need("adbc_driver_postgresql")
    need("pymysql")
    with pytest.raises(
        DatabaseError,
        match=r"the URI is unreadable. In a password, write @ : / % as %40 %3A %2F %25.",
    ) as caught:
        load_sql(uri)
    assert "s3c" not in chain(caught.value)
    assert "ret" not in chain(caught.value)


@pytest.mark.parametrize("option", ["password", "sslpassword", "PASSWD", "token", "client_secret"])
def test_what_the_driver_says_of_a_password_is_not_told(option: str) -> None:
    # libpq quotes what it cannot decode.
    need("adbc_driver_postgresql")
    with pytest.raises(DatabaseError) as caught:
        load_sql(f"postgresql://127.0.0.1:1/stores?user=stores&{option}=s3c%zzret")
    assert "s3c" not in chain(caught.value)


def test_a_file_that_is_not_there_is_not_made_by_reading(tmp_path: Any) -> None:
    for kind in ("sqlite", "duckdb"):
        with pytest.raises(DatabaseError):
            load_sql(f"{kind}:///{tmp_path}/stores.db")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_told(tmp_path: Any) -> None:
    (tmp_path / "stores.db").write_text("store_id,status\n" * 100)
    for kind in ("sqlite", "duckdb"):
        with pytest.raises(DatabaseError):
            load_sql(f"{kind}:///{tmp_path}/stores.db")


@pytest.mark.parametrize("connection", [7, None, object(), "stores.db", "", pl.DataFrame()])
def test_what_is_no_connection_is_told(connection: Any) -> None:
    for call in (load_sql, lambda what: write_sql(REPORT, what)):
        with pytest.raises(
            SchemaError, match=r"^connection: .*Give a SQLAlchemy engine, connection or session, a"
        ):
            call(connection)


def test_an_sqlite_file_that_is_locked_is_told(tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, TYPES["sqlite"][0])
    with (
        closing(sqlite3.connect(database.file)) as other,
        closing(sqlite3.connect(database.file, timeout=0.01)) as own,
    ):
        other.execute("BEGIN EXCLUSIVE")
        for call in (load_sql, lambda where: write_sql(REPORT, where)):
            with pytest.raises(
                DatabaseError, match=r"database is locked. Call again when the database answers."
            ):
                call(own)


def test_it_is_pickled_with_its_facts() -> None:
    error = DatabaseError("broke off", code="database_failed", table="status", remedy="Call again.")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    assert (type(copy), str(copy), copy.table) == (
        DatabaseError,
        "status: broke off. Call again.",
        "status",
    )
    assert isinstance(copy, store_uptime.StoreUptimeError)


def test_arguments_are_checked_before_a_connection_is_made() -> None:
    nowhere = "sqlite:////no/such/folder/stores.db"
    with pytest.raises(NaiveDatetimeError):
        load_sql(nowhere, now="2023-01-25T18:00:00")
    with pytest.raises(PolicyError, match=r"no windows"):
        load_sql(nowhere, windows={})
    with pytest.raises(PolicyError, match=r"is not a policy"):
        load_sql(nowhere, policy="strict")  # type: ignore[arg-type]
    with pytest.raises(
        PolicyError,
        match=r"if_exists: unknown word .first: 'update'.. Use one of 'append', 'replace', 'fail'",
    ):
        write_sql(REPORT, nowhere, if_exists="update")  # type: ignore[arg-type]
    for run in ("", 7):
        with pytest.raises(PolicyError, match=r"run_id: must be a string that is not empty"):
            write_sql(REPORT, nowhere, run_id=run)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("uri", "absent", "packages"),
    [
        ("postgresql://127.0.0.1:1/stores", FOR_POSTGRESQL, "adbc-driver-postgresql"),
        ("postgresql+psycopg://127.0.0.1:1/stores", FOR_POSTGRESQL, "adbc-driver-postgresql"),
        ("postgresql+pg8000://127.0.0.1:1/stores", "sqlalchemy", "sqlalchemy"),
        ("mysql://127.0.0.1:1/stores", "sqlalchemy", "sqlalchemy pymysql"),
        ("mariadb://127.0.0.1:1/stores", "pymysql", "sqlalchemy pymysql"),
        ("mariadb+mariadbconnector://127.0.0.1:1/stores", "sqlalchemy", "sqlalchemy"),
        ("duckdb:///stores.db", "duckdb", "duckdb"),
        ("oracle://127.0.0.1:1/stores", "sqlalchemy", "sqlalchemy"),
    ],
)
def test_a_package_that_is_not_installed_is_named(
    uri: str, absent: str, packages: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if absent == "pymysql":
        need("sqlalchemy")
    for module in absent.split():
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingDependencyError, match=rf"pip install {packages}[.)]"):
        load_sql(uri)


def test_it_needs_neither_pandas_nor_pyarrow(postgres: str, tmp_path: Any) -> None:
    uris = [postgres, f"sqlite:///{tmp_path}/stores.db", f"duckdb:///{tmp_path}/ducks.db"]
    for uri in uris:
        kind = uri.partition(":")[0]
        fill(Database(kind, uri), TYPES[kind][0])
    code = (
        "import sys; sys.modules |= dict.fromkeys(['pandas', 'pyarrow', 'numpy'])\n"
        "from store_uptime import *\n"
        f"for uri in {uris}: write_sql(compute_report(*load_sql(uri)), uri); print(load_sql(uri).status.height)"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603
    assert run.stdout.split() == ["6", "6", "6"]
