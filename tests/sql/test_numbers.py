"""`load_sql`: ids, weekdays and statuses as the number types of databases hold them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl
import pytest

from store_uptime import InvalidHoursError, SchemaError, load_sql
from support.databases import empty_database

FORMS = {
    "postgresql": ["uri", "psycopg2", "engine", "adbc autocommit"],
    "mariadb": ["uri"],
    "sqlite": ["sqlite3", "uri", "engine"],
    "duckdb": ["duckdb"],
}
ALL_FORMS = [(kind, form) for kind, forms in FORMS.items() for form in forms]
FINE = dt.timedelta(hours=9), dt.timedelta(hours=24)


@contextmanager
def connected(kind: str, form: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    database = empty_database(kind, request)
    if kind in ("sqlite", "duckdb"):
        database.run("CREATE TABLE makes_the_file (a integer)")
    with database.handed_over(form) as connection:
        yield connection


def tables(kind: str, store: str = "7", day: str = "0", status: str = "1") -> dict[str, Any]:
    moment = "'2023-01-25 12:00:00'" if kind == "sqlite" else "TIMESTAMP '2023-01-25 12:00:00'"
    end = "TIME '24:00'" if kind in ("postgresql", "duckdb") else "'24:00'"
    return {
        "status": f"SELECT {store} AS store_id, {moment} AS timestamp_utc, {status} AS status",
        "hours": f"SELECT 7 AS store_id, {day} AS day, '9:00' AS start_time_local, {end} AS end_time_local",
        "timezones": None,
    }


@pytest.mark.parametrize(("kind", "form"), ALL_FORMS)
def test_decimal_ids_without_places_are_integers(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    with connected(kind, form, request) as connection:
        for number in (7, 8419537941919820732):
            id_ = f"CAST({number} AS DECIMAL(20, 0))"
            inputs = load_sql(connection, **tables(kind, store=id_))
            assert (inputs.status["store_id"].item(), inputs.hours["store_id"].item()) == (
                number,
                7,
            )
            assert inputs.status["store_id"].dtype == pl.Int64
        if kind != "sqlite":  # there it is a real number
            big = load_sql(
                connection, **tables(kind, store="CAST(99999999999999999999 AS DECIMAL(30, 0))")
            )
            assert big.status["store_id"].item() == 10**20 - 1
            with pytest.raises(SchemaError, match=r"status.store_id: type Decimal"):
                load_sql(connection, **tables(kind, store="CAST(7.5 AS DECIMAL(20, 2))"))


def test_narrow_decimals_are_what_they_are(request: pytest.FixtureRequest) -> None:
    # With this setting DuckDB gives decimals of 4 and 8 bytes, which polars misreads.
    with connected("duckdb", "duckdb", request) as connection:
        connection.execute("SET arrow_output_version = '1.5'")
        for width in (9, 18, 38):
            store, day = f"CAST(7 AS DECIMAL({width}, 0))", f"CAST(6 AS DECIMAL({width}, 1))"
            inputs = load_sql(connection, **tables("duckdb", store=store, day=day))
            assert inputs.status["store_id"].item() == 7
            assert inputs.hours["day_of_week"].item() == 6


DAYS = ["CAST(0 AS DECIMAL(3, 0))", "CAST(0 AS DECIMAL(3, 1))", "'0'", "'Monday'", "0.0", "0e0"]


@pytest.mark.parametrize(("kind", "form"), ALL_FORMS)
def test_weekdays_may_be_what_databases_have_for_them(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    days = [*DAYS, "CAST(0 AS real)", "CAST(0 AS float)"] if kind == "postgresql" else DAYS
    with connected(kind, form, request) as connection:
        for day in days:
            # 24:00 stays what it is beside a column of any type.
            assert load_sql(connection, **tables(kind, day=day)).hours.row(0) == (7, 0, *FINE)


@pytest.mark.parametrize(("kind", "form"), ALL_FORMS)
def test_statuses_may_be_what_databases_have_for_them(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    small = "1" if kind in ("mariadb", "sqlite") else "CAST(0 + 1 AS smallint)"
    with connected(kind, form, request) as connection:
        for status in (small, "true", "'t'", "'1'", "'TRUE'"):
            assert load_sql(connection, **tables(kind, status=status)).status["status"].item()


@pytest.mark.parametrize("form", FORMS["postgresql"])
def test_what_no_decimal_holds_is_told(form: str, request: pytest.FixtureRequest) -> None:
    with connected("postgresql", form, request) as connection:
        for number in ("'NaN'", "1e40"):
            id_ = f"CAST({number} AS numeric)"
            with pytest.raises(SchemaError, match=r"status\.?(store_id)?: .*(decimal|Decimal)"):
                load_sql(connection, **tables("postgresql", store=id_))


@pytest.mark.parametrize("form", ["uri", "psycopg2", "engine"])
def test_a_time_with_a_zone_is_refused(form: str, request: pytest.FixtureRequest) -> None:
    # It says nothing of a day, so nobody knows which offset it has in a store's zone.
    hours = "SELECT 7 AS store_id, 0 AS day, TIMETZ '9:00+01' AS start_time_local, '24:00' AS end_time_local"
    with (
        connected("postgresql", form, request) as connection,
        pytest.raises(InvalidHoursError, match=r"hours.start_time_local: .*09:00:00\+01"),
    ):
        load_sql(connection, **{**tables("postgresql"), "hours": hours})
