"""Data sets in files and databases: the loaders find them, and the report stays the same."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from store_uptime import (
    DatabaseError,
    Inputs,
    PolicyError,
    SchemaError,
    compute_report,
    load_csv,
    load_parquet,
    load_sql,
)
from store_uptime.testing import Dataset, make_dataset
from support.databases import Database, empty_database

EXTRA: Any = {"special_hours": "special_hours", "maintenance": "maintenance"}
FORMS = [
    ("sqlite", "sqlite3", "integer"),
    ("sqlite", "engine", "uuid"),
    ("sqlite", "adbc autocommit", "integer"),
    ("duckdb", "duckdb", "uuid"),
    ("postgresql", "uri", "uuid"),
    ("postgresql", "engine", "integer"),
    ("mariadb", "uri", "integer"),
    ("mariadb", "transaction", "uuid"),
]


def full(edition: Any = "integer", stores: int = 40) -> Dataset:
    """Return a data set with all tables, and with every kind of hours."""
    return make_dataset(
        stores,
        days=8,
        edition=edition,
        missing=0.1,
        special_days=0.2,
        maintenance=0.2,
        poll_every="3h",
    )


def same_report(dataset: Dataset, loaded: Inputs[Any]) -> bool:
    report = compute_report(loaded, now=dataset.now, detail=True)
    return report.equals(compute_report(dataset.inputs, detail=True))


@pytest.mark.parametrize("edition", ["integer", "uuid"])
def test_files_are_found_and_give_the_same_report(edition: str, tmp_path: Path) -> None:
    dataset = full(edition)
    folder = tmp_path / "new" / "folder"
    assert dataset.write_csv(folder) == folder
    assert dataset.write_parquet(str(folder)) == folder  # beside the others, and not for load_csv
    loaded = load_csv(folder)
    assert same_report(dataset, loaded)
    assert same_report(dataset, load_parquet(folder))
    # Not a value is another, not only the report.
    for mine, read in zip(dataset.inputs, loaded, strict=True):
        assert read.equals(mine)
    assert loaded.extra.keys() == set(EXTRA)
    assert all(loaded.extra[name].equals(dataset.inputs.extra[name]) for name in EXTRA)


def test_files_look_as_those_that_people_have(tmp_path: Path) -> None:
    make_dataset(30, days=1, special_days=1, without_hours=0, now="2024-11-06T00:00Z").write_csv(
        tmp_path
    )
    texts = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert set(texts) == {
        "store_status.csv",
        "menu_hours.csv",
        "timezones.csv",
        "special_hours.csv",
    }
    assert (
        pl.Series(texts["store_status.csv"].splitlines()[1:])
        .str.contains(r"^\d{10,19},2024-11-05 \d\d:\d\d:\d\d\.\d{6} UTC,(active|inactive)$")
        .all()
    )
    hours = pl.Series(texts["menu_hours.csv"].splitlines()[1:])
    assert hours.str.contains(r"^\d{10,19},[0-6],\d\d:\d\d:\d\d,\d\d:\d\d:\d\d$").all()
    special = pl.Series(texts["special_hours.csv"].splitlines()[1:])
    assert special.str.contains(
        r"^\d{0,19},2024-11-05,(,|10:00:00,14:00:00|18:00:00,03:00:00)$"
    ).all()


def test_a_data_set_without_hours_and_zones_has_its_files(tmp_path: Path) -> None:
    dataset = make_dataset(3, days=8, without_hours=1, zones=[None])
    assert same_report(dataset, load_csv(dataset.write_csv(tmp_path)))
    assert same_report(dataset, load_parquet(dataset.write_parquet(tmp_path)))


@pytest.mark.parametrize("name", ["store_status.csv", "Polls.CSV.gz", "maintenance-2024.csv"])
def test_no_file_is_overwritten_or_found_beside_the_new_ones(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    (tmp_path / "notes.csv").write_text("no table")
    with pytest.raises(SchemaError, match=f"folder: .*tables are there already.*{name}") as caught:
        make_dataset(3, days=1).write_csv(tmp_path)
    assert caught.value.code == "files_there"
    assert (tmp_path / name).read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_cannot_be_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for folder in (tmp_path / "file", tmp_path / "file" / "inside"):
        with pytest.raises(SchemaError, match=r"folder: .*file.*: cannot be written to") as caught:
            make_dataset(3, days=1).write_parquet(folder)
        assert caught.value.code == "unwritable_folder"
    with pytest.raises(SchemaError, match="is not a path"):
        make_dataset(3, days=1).write_csv(7)  # type: ignore[arg-type]  # that is the point


# --- databases -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "form", "edition"), FORMS)
def test_databases_give_the_same_report(
    kind: str, form: str, edition: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    dataset, other = full(edition, stores=12), full(edition, stores=7)
    with database.handed_over(form) as connection:
        other.to_sql(connection)
    with database.handed_over(form) as connection:
        dataset.to_sql(connection, if_exists="replace")
    with database.handed_over(form) as connection:
        assert same_report(dataset, load_sql(connection, now=dataset.now, **EXTRA))
    with (
        database.handed_over(form) as connection,
        pytest.raises(SchemaError, match="store_status") as caught,
    ):
        dataset.to_sql(connection)
    assert caught.value.code == "query_refused"
    assert database.rows("SELECT count(*) FROM store_status") == [(dataset.status.height,)]


def test_the_default_names_are_those_of_load_sql() -> None:
    connection = sqlite3.connect(":memory:")
    dataset = make_dataset(5, days=8)
    dataset.to_sql(connection)
    assert same_report(dataset, load_sql(connection, now=dataset.now))


def test_all_is_written_or_nothing() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE store_timezones (store_id INTEGER, timezone_str TEXT)")
    with pytest.raises(SchemaError, match=r"store_timezones: cannot be written: .*already exists"):
        make_dataset(5, days=1).to_sql(connection)
    tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("store_timezones",)]


def test_rows_are_replaced_in_the_tables_of_an_application(postgres: str) -> None:
    database = Database("postgresql", postgres)
    database.run(
        "CREATE TABLE store_status (id serial PRIMARY KEY, store_id uuid, timestamp_utc timestamp, status varchar(8))",
        "CREATE TABLE business_hours (store_id uuid, day_of_week smallint, start_time_local varchar(8), end_time_local text)",
        "INSERT INTO store_status (store_id) VALUES ('00000000-0000-4000-8000-000000000000')",
    )
    dataset = make_dataset(5, days=8, edition="uuid")
    dataset.to_sql(postgres, if_exists="replace")
    assert same_report(dataset, load_sql(postgres, now=dataset.now))


def test_tables_that_cannot_hold_the_rows_are_told_before_any_is_lost() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "CREATE TABLE store_status (store_id INTEGER, timestamp_utc TEXT, status TEXT);"
        "INSERT INTO store_status VALUES (7, '2024-05-01', 'active');"
        "CREATE TABLE business_hours (store_id INTEGER, day INTEGER);"
    )
    with pytest.raises(SchemaError, match=r"business_hours: .*lacks columns") as caught:
        make_dataset(5, days=1).to_sql(connection, if_exists="replace")
    assert caught.value.values == ("day_of_week", "start_time_local", "end_time_local")
    assert connection.execute("SELECT store_id FROM store_status").fetchall() == [(7,)]


def test_what_is_no_database_or_no_word_is_told() -> None:
    dataset = make_dataset(1, days=1)
    with pytest.raises(SchemaError, match="not a database connection"):
        dataset.to_sql(7)  # type: ignore[arg-type]  # the point
    with pytest.raises(PolicyError, match="if_exists: unknown word"):
        dataset.to_sql(sqlite3.connect(":memory:"), if_exists="append")  # type: ignore[arg-type]  # the point
    with pytest.raises(DatabaseError):
        dataset.to_sql("sqlite:////nowhere/at/all.db")
