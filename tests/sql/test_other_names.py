"""`load_sql`: what it says of tables and columns that are there under other names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from polars.testing import assert_frame_equal

from store_uptime import SchemaError, compute_report, load_sql
from support.databases import ALL, Database, empty_database
from support.services import postgres_database
from support.sql_tables import NOW, TYPES, fill, frames

KINDS = list(TYPES)
SOME = {
    "uri",
    "psycopg2",
    "session transaction",
    "raw psycopg",
    "raw pymysql",
    "sqlite3",
    "adbc",
    "duckdb",
    "duckdb transaction",
}
WAYS = [(kind, form) for kind, form in ALL if form in SOME]
# Transactions that an error ends, so that nothing can be asked any more.
ENDED = {("postgresql", "adbc"), ("duckdb", "duckdb transaction")}


@pytest.mark.parametrize(("kind", "form"), WAYS)
def test_tables_of_other_names_are_named_with_the_line_to_write(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    ids = fill(database, TYPES[kind][0])
    database.run(
        "ALTER TABLE store_status RENAME TO Polls",
        "ALTER TABLE business_hours RENAME TO menu_hours",
        "ALTER TABLE store_timezones RENAME TO zones",
    )
    polls = "polls" if kind == "postgresql" else "Polls"
    says = {
        "hours": 'Tables that look right: menu_hours. Write hours="menu_hours".',
        "timezones": 'Tables that look right: zones. Write timezones="zones".',
        "status": f'Tables that look right: {polls}. Write status="{polls}".',
    }
    named: dict[str, str] = {}
    for table, remedy in says.items():
        with database.handed_over(form) as connection, pytest.raises(SchemaError) as caught:
            load_sql(connection, now=NOW, **named)  # type: ignore[arg-type]
        assert (caught.value.table, caught.value.code) == (table, "query_refused")
        if (kind, form) not in ENDED:
            assert str(caught.value).endswith(f". {remedy}")
        named[table] = remedy.rpartition('="')[2].removesuffix('".')
    with database.handed_over(form) as connection:
        inputs = load_sql(connection, now=NOW, **named)  # type: ignore[arg-type]
    assert_frame_equal(compute_report(inputs), compute_report(*frames(ids), now=NOW))


@pytest.fixture
def own_postgres(postgres_server: str) -> Iterator[Database]:
    """A database of its own, in which there are no schemas of other tests."""
    with postgres_database(postgres_server) as url:
        yield Database("postgresql", url)


@pytest.mark.parametrize("kind", KINDS)
def test_where_no_table_looks_right_all_are_told(kind: str, request: pytest.FixtureRequest) -> None:
    own = kind == "postgresql"
    database = request.getfixturevalue("own_postgres") if own else empty_database(kind, request)
    fill(database, TYPES[kind][0])
    database.run(
        "DROP TABLE business_hours", "DROP TABLE store_status", "CREATE TABLE shops (id integer)"
    )
    with pytest.raises(SchemaError) as caught:
        load_sql(database.url)
    assert str(caught.value).endswith(
        '. The tables are: shops, store_timezones. Write hours="...".'
    )
    with pytest.raises(SchemaError) as caught:
        load_sql(database.url, hours=None, status="SELECT * FROM nothing")
    assert "The tables are" not in str(caught.value)  # a SELECT may mean any of them


def test_a_table_of_another_schema_is_named_with_it(own_postgres: Database) -> None:
    fill(own_postgres, TYPES["postgresql"][0])
    own_postgres.run("CREATE SCHEMA old", "ALTER TABLE business_hours SET SCHEMA old")
    own_postgres.run("ALTER TABLE old.business_hours RENAME TO hours_of")
    with pytest.raises(SchemaError, match=r'right: old.hours_of. Write hours="old.hours_of"'):
        load_sql(own_postgres.url)
    # One in the schema that is searched goes before.
    own_postgres.run("CREATE TABLE shop_hours AS SELECT * FROM old.hours_of")
    with pytest.raises(SchemaError, match=r'right: shop_hours. Write hours="shop_hours"'):
        load_sql(own_postgres.url)


def test_a_database_without_tables_says_no_more_than_that(tmp_path: object) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    database.run("CREATE TABLE t (a)", "DROP TABLE t")
    with pytest.raises(SchemaError) as caught:
        load_sql(database.url)
    assert "Write" not in str(caught.value)


@pytest.mark.parametrize(("kind", "form"), WAYS)
def test_a_day_of_week_without_quotes_is_found_in_tables_and_selects(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    ids = fill(database, TYPES[kind][0])
    database.run("ALTER TABLE business_hours RENAME COLUMN day TO dayOfWeek")
    with database.handed_over(form) as connection:
        for hours in (
            "business_hours",
            "SELECT store_id, dayOfWeek, start_time_local, end_time_local FROM business_hours",
            "SELECT h.*, 1 AS other FROM business_hours h",
        ):
            inputs = load_sql(connection, now=NOW, hours=hours)
            assert_frame_equal(compute_report(inputs), compute_report(*frames(ids), now=NOW))


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_column_is_told_with_a_select_to_fill_in(
    kind: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    ids = fill(database, TYPES[kind][0])
    database.run(
        "ALTER TABLE store_status RENAME COLUMN store_id TO shop",
        "ALTER TABLE store_status RENAME COLUMN status TO word",
    )
    select = "SELECT ... AS store_id, timestamp_utc, ... AS status FROM store_status"
    with pytest.raises(SchemaError) as caught:
        load_sql(database.url)
    assert caught.value.code == "missing_column"
    assert str(caught.value) == (
        "status.store_id: no such column. The columns are: shop, timestamp_utc, word. "
        f'Put the one that holds it for ...: status="{select}".'
    )
    filled = select.replace("...", "shop", 1).replace("...", "word", 1)
    inputs = load_sql(database.url, now=NOW, status=filled)
    assert_frame_equal(compute_report(inputs), compute_report(*frames(ids), now=NOW))
    with pytest.raises(
        SchemaError, match=r"SELECT \.\.\. AS store_id, timestamp_utc, .* FROM \.\.\."
    ):
        load_sql(database.url, status="SELECT timestamp_utc, word FROM store_status")
