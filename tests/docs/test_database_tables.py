"""The tables on the page about them: made by its own statements, filled, read and written to."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import compute_report, load_sql, write_sql
from store_uptime.testing import Dataset, make_dataset
from support.databases import Database, empty_database
from support.sql_reports import TABLE

PAGE = Path(__file__).parents[2] / "docs/howto-database-tables.md"
if not PAGE.is_file():
    pytest.skip("the page is not beside these tests", allow_module_level=True)

LABELS = {"postgresql": "PostgreSQL", "mariadb": "MariaDB, MySQL"}
NAMES = {"menu_hours": "business_hours", "timezones": "store_timezones"}
NOW = dt.datetime(2024, 11, 6, tzinfo=dt.UTC)


def statements(kind: str, word: str) -> list[str]:
    """Return the statements of the blocks of this database that hold the word."""
    blocks = re.findall(r"```sql\n-- (.*?)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    ours = [block for label, block in blocks if label == LABELS[kind] and word in block]
    assert ours, word
    return [each for block in ours for each in block.split(";\n") if each.strip()]


def test_every_block_says_of_which_database_it_is() -> None:
    first = re.findall(r"```sql\n(?:-- (.*))?\n", PAGE.read_text("utf-8"))
    assert set(first) == set(LABELS.values())
    assert len(first) == PAGE.read_text("utf-8").count("```sql")


def stores_of(kind: str) -> Dataset:
    """Return a data set with all the tables that the page has for the database."""
    share = 0.3 if kind == "postgresql" else 0.0
    return make_dataset(
        12, days=40, now=NOW, poll_every="3h", special_days=share, maintenance=share
    )


def fill(database: Database, dataset: Dataset, folder: Path) -> None:
    for file in sorted(dataset.write_csv(folder).iterdir()):
        insert(database, NAMES.get(file.stem, file.stem), pl.read_csv(file, infer_schema=False))


def insert(database: Database, table: str, rows: pl.DataFrame) -> None:
    """Insert rows of text; a DATETIME of MariaDB takes no zone."""
    if database.kind == "mariadb":
        rows = rows.with_columns(pl.all().str.strip_suffix(" UTC"))
    marks = ", ".join(["%s"] * rows.width)
    statement = f"INSERT INTO {table} ({', '.join(rows.columns)}) VALUES ({marks})"
    with database.engine().begin() as connection:
        connection.exec_driver_sql(statement, rows.rows())


def read(database: Database, dataset: Dataset) -> pl.DataFrame:
    optional: dict[str, Any] = {name: name for name in dataset.inputs.extra}
    return compute_report(load_sql(database.url, now=NOW, **optional))


def made(kind: str, request: pytest.FixtureRequest) -> Database:
    database = empty_database(kind, request)
    database.run(*(each for each in statements(kind, "CREATE TABLE") if "PARTITION" not in each))
    return database


@pytest.mark.parametrize("kind", LABELS)
def test_the_tables_hold_what_the_library_reads_and_writes(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    dataset = stores_of(kind)
    database = made(kind, request)
    fill(database, dataset, tmp_path / "csv")
    report = read(database, dataset)
    assert_frame_equal(report, compute_report(dataset.inputs, now=NOW))
    write_sql(report, database.url, run_id="first")
    if kind == "mariadb":
        database.run(*statements(kind, "CREATE INDEX"))
    write_sql(report, database.url, run_id="first")
    assert database.rows(f"SELECT count(*) FROM {TABLE}") == [(report.height,)]


@pytest.mark.parametrize("kind", LABELS)
def test_a_month_of_polls_is_dropped_and_the_report_stays(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    dataset = stores_of(kind)
    database = made(kind, request)
    if kind == "postgresql":
        database.run("DROP TABLE store_status")
    database.run(*statements(kind, "PARTITION BY"))
    fill(database, dataset, tmp_path / "csv")
    report = read(database, dataset)
    assert_frame_equal(report, compute_report(dataset.inputs, now=NOW))
    of_october = "timestamp_utc >= '2024-10-01' AND timestamp_utc < '2024-11-01'"
    count = f"SELECT count(*) FROM store_status WHERE {of_october}"
    assert database.rows(count) > [(1_000,)]
    database.run(*statements(kind, "DROP "))
    assert database.rows(count) == [(0,)]
    since = dt.datetime(2024, 11, 1, tzinfo=dt.UTC)
    rest = dataset.status.filter(pl.col("timestamp_utc") >= since).height
    ((left,),) = database.rows(
        "SELECT count(*) FROM store_status WHERE timestamp_utc >= '2024-11-01'"
    )
    assert left == rest
    assert read(database, dataset).columns == report.columns


@pytest.mark.parametrize("kind", LABELS)
def test_old_polls_and_old_runs_go_piece_by_piece(
    kind: str, request: pytest.FixtureRequest
) -> None:
    database = made(kind, request)
    today = dt.datetime.now(dt.UTC)
    for store, age in enumerate([0, 1, 29, 31, 32, 32, 60, 400]):
        at = (today - dt.timedelta(days=age)).strftime("%Y-%m-%d %H:%M:%S UTC")
        columns = {"store_id": str(store), "timestamp_utc": at, "status": "active"}
        insert(database, "store_status", pl.DataFrame(columns))
    until_nothing_is_deleted(database, *statements(kind, "DELETE FROM store_status"))
    assert sorted(database.rows("SELECT store_id FROM store_status")) == [(0,), (1,), (2,)]
    report = pl.DataFrame({"store_id": [1, 2, 3]})
    for age in (0, 89, 91, 91, 365):
        run = write_sql(report, database.url)
        at = (today - dt.timedelta(days=age)).strftime("%Y-%m-%d %H:%M:%S")
        utc = "+00" if kind == "postgresql" else ""
        database.run(f"UPDATE {TABLE} SET generated_at = '{at}{utc}' WHERE run_id = '{run}'")
    until_nothing_is_deleted(database, *statements(kind, f"DELETE FROM {TABLE}"))
    assert database.rows(f"SELECT count(*) FROM {TABLE}") == [(6,)]


def until_nothing_is_deleted(database: Database, statement: str) -> None:
    for _ in range(9):
        with database.engine().begin() as connection:
            if not connection.exec_driver_sql(statement).rowcount:
                return
    pytest.fail("it goes on")
