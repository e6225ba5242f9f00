"""`load_sql`: columns are found in any case of letters, in every database."""

from __future__ import annotations

import pytest
from polars.testing import assert_frame_equal

from store_uptime import SchemaError, compute_report, load_sql
from support.databases import FORMS, empty_database
from support.sql_tables import NOW, TYPES, fill, frames

SHOUTED = [
    ("store_status", "store_id", "STORE_ID"),
    ("store_status", "timestamp_utc", "Timestamp_UTC"),
    ("business_hours", "day", "dayOfWeek"),
    ("business_hours", "end_time_local", "END_TIME_LOCAL"),
    ("store_timezones", "timezone_str", "TimeZone_Str"),
]


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("kind", TYPES)
def test_columns_are_found_in_any_case(
    kind: str, quote: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    ids = fill(database, TYPES[kind][0])
    mark = "`" if quote and kind == "mariadb" else quote
    for table, old, new in SHOUTED:
        # Unquoted, PostgreSQL keeps all of them in small letters: "dayofweek".
        if quote or kind != "postgresql" or new.lower() != old:
            database.run(f"ALTER TABLE {table} RENAME COLUMN {old} TO {mark}{new}{mark}")
    for form in {"postgresql": ["uri", "psycopg2", "engine"]}.get(kind, FORMS[kind][:2]):
        with database.handed_over(form) as connection:
            inputs = load_sql(connection, now=NOW)
        assert_frame_equal(compute_report(inputs), compute_report(*frames(ids), now=NOW))


@pytest.mark.parametrize("form", ["uri", "psycopg2"])
def test_two_columns_that_differ_in_case_are_told(
    form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database("postgresql", request)
    fill(database, TYPES["postgresql"][0])
    database.run(
        'ALTER TABLE store_timezones RENAME COLUMN store_id TO "Store_ID"',
        'ALTER TABLE store_timezones ADD COLUMN "STORE_ID" bigint',
    )
    with database.handed_over(form) as connection:
        with pytest.raises(SchemaError, match=r"timezones.store_id: several columns") as caught:
            load_sql(connection)
        assert caught.value.code == "ambiguous_column"
        database.run("ALTER TABLE store_timezones ADD COLUMN store_id bigint DEFAULT 1")
        # The one that is named exactly goes before.
        assert set(load_sql(connection).timezones["store_id"]) == {1}


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_select_with_one_column_twice_is_told(kind: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    fill(database, TYPES[kind][0])
    joined = "SELECT * FROM store_status s JOIN store_timezones z ON z.store_id = s.store_id"
    with pytest.raises(SchemaError, match=r"status: .*cannot be read: .*(ambiguous|Duplicate)"):
        load_sql(database.url, status=joined)
