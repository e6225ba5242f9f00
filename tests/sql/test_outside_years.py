"""`load_sql`: timestamps and dates that no calendar of Python has are refused, never taken for others."""

from __future__ import annotations

import re
from typing import Any

import duckdb
import pytest

from store_uptime import InvalidHoursError, InvalidStatusError, Policy, SchemaError, load_sql
from support.databases import Database
from support.sql_tables import NOW

ALL_TIME = Policy(lookback=None)
FORMS = ["uri", "psycopg2", "engine"]


def two_polls(text: str, type_: str) -> dict[str, Any]:
    """Return the arguments for a good poll and one at `text`."""
    polls = (
        f"SELECT 7 AS store_id, true AS status, CAST('{each}' AS {type_}) AS timestamp_utc"
        for each in (text, "2023-01-25 12:00:00")
    )
    return {"status": " UNION ALL ".join(polls), "hours": None, "timezones": None}


@pytest.mark.parametrize("type_", ["timestamp", "timestamptz", "text"])
@pytest.mark.parametrize("form", FORMS)
def test_what_postgresql_has_outside_the_years_is_told(
    form: str, type_: str, postgres: str
) -> None:
    with Database("postgresql", postgres).handed_over(form) as connection:
        for late in ("infinity", "294000-01-01 00:00:00"):
            with pytest.raises(InvalidStatusError, match=r"latest timestamp is unreadable, or out"):
                load_sql(connection, **two_polls(late, type_))
            # Polls after `now` do not matter.
            rest = load_sql(connection, now=NOW, policy=ALL_TIME, **two_polls(late, type_))
            assert rest.status.height == 1
        for early in ("-infinity", "0044-03-15 00:00:00 BC"):
            polls = two_polls(early, type_)
            assert load_sql(connection, **polls).status.height == 1
            with pytest.raises(InvalidStatusError, match=r"in 1 row"):
                load_sql(connection, policy=ALL_TIME, **polls)


@pytest.mark.parametrize("type_", ["TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"])  # fmt: skip
def test_infinities_of_duckdb_are_no_instants(type_: str) -> None:
    with duckdb.connect() as connection:
        with pytest.raises(InvalidStatusError, match=r"latest timestamp is unreadable, or outside"):
            load_sql(connection, **two_polls("infinity", type_))
        polls = two_polls("-infinity", type_)
        assert load_sql(connection, **polls).status.height == 1
        with pytest.raises(InvalidStatusError, match=r"outside the years 1 to 9999 in 1 row"):
            load_sql(connection, policy=ALL_TIME, **polls)


@pytest.mark.parametrize("type_", ["TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"])
def test_instants_of_every_precision_come_out(type_: str) -> None:
    with duckdb.connect() as connection:
        inputs = load_sql(connection, **two_polls("2023-01-25 12:00:01", type_))
    assert [t.second for t in sorted(inputs.status["timestamp_utc"])] == [0, 1]


@pytest.mark.parametrize("form", FORMS)
def test_dates_that_are_none_are_told(form: str, postgres: str) -> None:
    closed = "NULL AS start_time_local, NULL AS end_time_local"
    with Database("postgresql", postgres).handed_over(form) as connection:
        for date in ("infinity", "0044-03-15 BC"):
            special = f"SELECT 7 AS store_id, DATE '{date}' AS date, {closed}"
            polls = two_polls("2023-01-25 13:00:00", "timestamp")
            with pytest.raises((InvalidHoursError, SchemaError), match=r"^special_hours"):
                load_sql(connection, special_hours=special, **polls)


def test_dates_of_zeros_are_told(mariadb: str) -> None:
    database = Database("mariadb", mariadb)
    with database.engine().begin() as connection:
        for statement in (
            "CREATE TABLE polls (store_id integer, timestamp_utc datetime, status varchar(9))",
            "SET sql_mode = ''",
            "INSERT INTO polls VALUES (7, '0000-00-00', 'active')",
        ):
            connection.exec_driver_sql(statement)
    polls: dict[str, Any] = {"status": "polls", "hours": None, "timezones": None}
    problem = "latest timestamp is unreadable, or outside the years 1 to 9999 (first: '0000-00-00"
    with pytest.raises(InvalidStatusError, match=re.escape(problem)):
        load_sql(mariadb, **polls)
    database.run("INSERT INTO polls VALUES (7, '2023-01-25 12:00:00', 'active')")
    assert load_sql(mariadb, **polls).status.height == 1
    with pytest.raises(SchemaError, match=r"status.timestamp_utc: cannot be read: values of sev"):
        load_sql(mariadb, policy=ALL_TIME, **polls)
