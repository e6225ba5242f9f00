"""`load_sql` and `write_sql` with Django's connections."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from store_uptime import DatabaseError, SchemaError, compute_report, load_sql, write_sql
from support.databases import Database, empty_database
from support.services import need
from support.sql_reports import REPORT, rows, stored
from support.sql_tables import NOW, TYPES, fill, frames

ENGINES = {"postgresql": "postgresql", "sqlite": "sqlite3", "mariadb": "mysql"}


def settings_of(database: Database) -> dict[str, Any]:
    """Return what stands in Django's settings for a database."""
    url = need("sqlalchemy").make_url(database.url)
    settings: dict[str, Any] = {"ENGINE": f"django.db.backends.{ENGINES[database.kind]}"}
    if database.kind == "sqlite":
        return settings | {"NAME": database.file}
    settings |= {"NAME": url.database, "USER": url.username, "HOST": url.host}
    settings |= {"PASSWORD": url.password or "", "PORT": url.port or 3306}
    options = {"options": url.query["options"]} if database.kind == "postgresql" else {}
    return settings | {"OPTIONS": options}


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest) -> Database:
    return empty_database(request.param, request)


@pytest.fixture
def django_connection(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What ``from django.db import connection`` gives, for the database."""
    need("django")
    if database.kind == "mariadb":
        need("pymysql").install_as_MySQLdb()
    django_settings = need("django.conf").settings
    if not django_settings.configured:
        django_settings.configure(USE_TZ=True, DATABASES={})
        need("django").setup()
    db = need("django.db")
    configured = db.connections.configure_settings({"default": settings_of(database)})
    monkeypatch.setitem(db.connections.settings, "default", configured["default"])
    yield db.connection
    db.connection.close()
    del db.connections["default"]


@pytest.mark.parametrize("form", ["connection", "connections"])
def test_the_connection_is_read_and_written(
    form: str, database: Database, django_connection: Any
) -> None:
    ids = fill(database, TYPES[database.kind][0])
    report = compute_report(*frames(ids), now=NOW)
    given = django_connection
    if form == "connections":
        given = need("django.db").connections["default"]
        assert type(given).__name__ == "DatabaseWrapper"
    assert_frame_equal(compute_report(load_sql(given, now=NOW)), report)
    assert write_sql(report, given, run_id="r") == "r"
    assert given.get_autocommit()
    columns = ", ".join(report.columns)
    query = f"SELECT {columns} FROM store_uptime_report ORDER BY store_id"
    assert database.rows(query) == report.sort("store_id").rows()
    with given.cursor() as cursor:  # it is still usable by the application
        cursor.execute("SELECT count(*) FROM store_status")
        assert cursor.fetchone() == (9,)


@pytest.mark.parametrize("begun", [False, True])
def test_an_atomic_block_is_the_callers(
    database: Database, django_connection: Any, *, begun: bool
) -> None:
    fill(database, TYPES[database.kind][0])
    write_sql(REPORT, django_connection, run_id="before")
    atomic = need("django.db.transaction").atomic

    def write(run_id: str) -> None:
        if begun:
            with django_connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM store_status")
        assert load_sql(django_connection, now=NOW).status.height == 5
        write_sql(REPORT, django_connection, run_id=run_id)
        with pytest.raises(SchemaError, match=r"lacks columns"):
            write_sql(REPORT.with_columns(other=1), django_connection)

    def fail() -> None:
        with atomic():
            write("undone")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert stored(database) == rows("before")
    with atomic(), atomic():
        write("done")
    assert stored(database) == sorted(rows("before") + rows("done"), key=repr)


def test_without_autocommit_the_transaction_is_the_callers(
    database: Database, django_connection: Any
) -> None:
    write_sql(REPORT, django_connection, run_id="before")
    django_connection.set_autocommit(False)
    write_sql(REPORT, django_connection, run_id="undone")
    django_connection.rollback()
    assert stored(database) == rows("before")
    write_sql(REPORT, django_connection, run_id="done")
    django_connection.commit()
    assert not django_connection.get_autocommit()
    assert stored(database) == sorted(rows("before") + rows("done"), key=repr)


def test_a_block_in_which_something_has_failed_is_told(django_connection: Any) -> None:
    transaction = need("django.db.transaction")
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(
            SchemaError, match=r"connection: is in an atomic block .* failed"
        ) as caught:
            load_sql(django_connection)
    assert caught.value.code == "unusable_connection"


def test_a_statement_that_failed_in_a_block_is_told(
    database: Database, django_connection: Any
) -> None:
    fill(database, TYPES[database.kind][0])
    wrong = need("django.db").DatabaseError
    fails = database.kind == "postgresql"  # where it ends the transaction
    with need("django.db.transaction").atomic(), pytest.raises(wrong) if fails else nullcontext():
        with django_connection.cursor() as cursor, pytest.raises(wrong):
            cursor.execute("SELECT * FROM nothing")
        if fails:
            with pytest.raises(SchemaError, match=r"a statement has failed"):
                load_sql(django_connection)
            raise wrong
        assert load_sql(django_connection, now=NOW).status.height == 5


def test_a_database_that_cannot_be_reached_is_told_without_the_password(
    django_connection: Any,
) -> None:
    settings = django_connection.settings_dict
    nowhere = {"HOST": "127.0.0.1", "PORT": 1, "PASSWORD": "s3cret", "NAME": "/no/such/folder/x"}
    for name, value in nowhere.items():
        settings[name] = value
    with pytest.raises(DatabaseError, match=r"^connection: cannot be opened") as caught:
        load_sql(django_connection)
    assert "s3cret" not in str(caught.value)


def test_in_an_event_loop_the_line_with_a_thread_is_told(django_connection: Any) -> None:
    async def call() -> None:
        with pytest.raises(SchemaError, match=r"Write: await sync_to_async\(load_sql\)"):
            load_sql(django_connection)

    asyncio.run(call())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_no_connection_of_a_database_is_refused(django_connection: Any) -> None:
    connections = need("django.db").connections
    with pytest.raises(SchemaError, match=r"Write: load_sql\(connections\['default'\]\)"):
        load_sql(connections)
    cache = need("django.core.cache").cache  # behind a proxy of the same class
    with pytest.raises(SchemaError, match=r"django.utils.connection.ConnectionProxy is not"):
        load_sql(cache)
    with django_connection.cursor() as cursor, pytest.raises(SchemaError) as caught:
        load_sql(cursor)
    assert str(caught.value).endswith(
        "CursorWrapper is not a database connection. Write: load_sql(cursor.connection)"
    )
