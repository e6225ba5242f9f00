"""`write_sql`: what a user has to be allowed to do."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from store_uptime import SchemaError, write_sql
from support.databases import Database, empty_database
from support.sql_reports import REPORT, TABLE, rows, stored

KINDS = ["postgresql", "mariadb"]


@contextmanager
def user_with(database: Database, rights: str) -> Iterator[str]:
    """Give the URL of a user who has these rights to the table, and no others."""
    name = f"su_{uuid.uuid4().hex[:20]}"
    if database.kind == "mariadb":
        place = database.url.rpartition("/")[2]
        database.run(
            f"CREATE USER {name} IDENTIFIED BY 'w'", f"GRANT {rights} ON {place}.{TABLE} TO {name}"
        )
        end = [f"DROP USER {name}"]
    else:
        (schema,) = database.rows("SELECT current_schema()")[0]
        database.run(
            f"CREATE ROLE {name} LOGIN PASSWORD 'w'",
            f"GRANT USAGE ON SCHEMA {schema} TO {name}",
            f"GRANT {rights} ON {TABLE} TO {name}",
        )
        end = [f"DROP OWNED BY {name}", f"DROP ROLE {name}"]
    try:
        yield database.as_user(name, "w")
    finally:
        database.run(*end)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Database:
    """A database with one run in its table."""
    kind: str = request.param
    database = empty_database(kind, request)
    write_sql(REPORT, database.url, run_id="first")
    return database


def test_who_may_not_create_tables_may_write_to_one(database: Database) -> None:
    with user_with(database, "SELECT, INSERT, DELETE") as url:
        write_sql(REPORT, url, run_id="second")
        write_sql(REPORT.head(1), url, run_id="first")
        assert stored(database) == sorted(rows("first", REPORT.head(1)) + rows("second"), key=repr)
        write_sql(REPORT, url, run_id="third", if_exists="replace")
        with pytest.raises(SchemaError, match=r"other: cannot be written: .*denied"):
            write_sql(REPORT, url, "other")
    assert stored(database) == rows("third")


def test_who_may_not_delete_may_write_what_is_not_there(database: Database) -> None:
    with user_with(database, "SELECT, INSERT") as url:
        write_sql(REPORT, url, run_id="second")
        for if_exists in ("append", "replace"):
            with pytest.raises(
                SchemaError, match=rf"^{TABLE}: cannot be written: the DELETE fails: .*denied"
            ):
                write_sql(REPORT, url, run_id="second", if_exists=if_exists)
    assert stored(database) == sorted(rows("first") + rows("second"), key=repr)


def test_who_may_only_insert_may_write_runs_that_are_named_for_him(database: Database) -> None:
    with user_with(database, "INSERT") as url:
        run = write_sql(REPORT, url)
        with pytest.raises(
            SchemaError, match=rf"^{TABLE}: cannot be written: the SELECT fails: .*denied"
        ):
            write_sql(REPORT, url, run_id="second")
    assert stored(database) == sorted(rows("first") + rows(run), key=repr)


def test_who_may_not_insert_is_told_so(database: Database) -> None:
    with (
        user_with(database, "SELECT, DELETE") as url,
        pytest.raises(
            SchemaError, match=rf"^{TABLE}: cannot be written: the INSERT fails: .*denied"
        ),
    ):
        write_sql(REPORT, url, run_id="first")
    assert stored(database) == rows("first")
