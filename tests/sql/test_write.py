"""`write_sql`: a report comes back as it was, once a run, in every database."""

from __future__ import annotations

import sqlite3
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import polars as pl
import pytest

from store_uptime import DatabaseError, SchemaError, compute_report, load_sql, write_sql
from store_uptime._sql.drivers import adbc
from support.databases import ALL, FORMS, Database, empty_database
from support.services import need
from support.sql_reports import REPORT, TABLE, rows, stored
from support.sql_tables import NOW, TYPES, fill

# Transactions that the caller has begun, and that are open still when a call returns.
OPEN = {form for _, form in ALL if form.endswith("transaction")} | {"adbc"}


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
            if kind == "mariadb" and form.endswith("transaction"):
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


NOT_WRITTEN = [
    (REPORT.drop("store_id"), "report.store_id: no such column"),
    (REPORT.with_columns(store_id=pl.lit(1.5)), "report.store_id: type Float64 is not accepted. Accepted: integers and strings."),
    (REPORT.with_columns(store_id=pl.Series([1, None])), "report.store_id: null id in 1 row (first: None)"),
    (REPORT.with_columns(store_id=1), "report.store_id: several rows of one store in 2 rows (first: 1, 1). Write one report at a time: one row a store."),
    (REPORT.with_columns(store_id=pl.Series([2**63, 1], dtype=pl.UInt64)), "report.store_id: number outside Int64 in 1 row (first: 9223372036854775808). Cast the column to String."),
    (REPORT.with_columns(Run_Id=1), "report.Run_Id: write_sql adds a column named run_id itself. Rename or drop the column."),
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
    monkeypatch.setattr(adbc, "DIALECTS", {})
    message = r"connection: the database .another. is not known, and not written to. Known are postgresql, duckdb, sqlite, mysql, mariadb."
    with (
        closing(dbapi.connect()) as connection,
        pytest.raises(SchemaError, match=message) as caught,
    ):
        write_sql(REPORT, connection)
    assert caught.value.code == "unknown_database"
