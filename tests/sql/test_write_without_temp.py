"""`write_sql` through ADBC: with temporary tables and without, the same rows come back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import pytest

from store_uptime import write_sql
from support.databases import Database
from support.services import need, postgres_database
from support.sql_reports import REPORT, rows, stored

WORDS = ["NULL", "", " ", 'a "b"', "a\\b", "{1,2}", "a,b", "\n", "\ttab", "'", "$1", "\u00e9\u4e2d\U0001f600", '\\"', None]  # fmt: skip


@contextmanager
def role_without_temp(server: str) -> Iterator[tuple[str, str]]:
    """Give the URLs of a database, for its owner and for a role that may make no such table."""
    with postgres_database(server) as url:
        name = f"writer_{url[-20:]}"
        with closing(need("psycopg").connect(url, autocommit=True)) as owner:
            database = urlsplit(url).path[1:]
            owner.execute(f"REVOKE TEMP ON DATABASE {database} FROM PUBLIC")
            owner.execute(f"CREATE ROLE {name} LOGIN")
            owner.execute(f"GRANT CREATE ON SCHEMA public TO {name}")
            try:
                yield url, Database("postgresql", url).as_user(name, "")
            finally:
                owner.execute(f"DROP OWNED BY {name}")
                owner.execute(f"DROP ROLE {name}")


@pytest.mark.parametrize("form", ["uri", "engine", "adbc", "adbc autocommit"])
def test_a_role_without_temporary_tables_writes_a_report(form: str, postgres_server: str) -> None:
    with role_without_temp(postgres_server) as (owner, url):
        database = Database("postgresql", url)
        with pytest.raises(need("sqlalchemy.exc").ProgrammingError, match="temporary tables"):
            database.run("CREATE TEMPORARY TABLE t (i int)")
        with database.handed_over(form) as connection:
            write_sql(REPORT, connection, run_id="monday")
            write_sql(REPORT.reverse(), connection, run_id="monday")
        assert stored(Database("postgresql", owner)) == rows("monday")


@pytest.fixture(params=["temporary table", "arrays"])
def target(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a role that writes in one of the two ways."""
    if request.param == "temporary table":
        yield request.getfixturevalue("postgres")
    else:
        with role_without_temp(request.getfixturevalue("postgres_server")) as (_, url):
            yield url


def test_words_and_numbers_come_back_as_they_were(target: str) -> None:
    report = pl.DataFrame(
        {
            "store_id": [f"store {i}" for i in range(len(WORDS))],
            "word": WORDS,
            "number": [2**63 - 1, -(2**63), 0, None, *range(len(WORDS) - 4)],
            "share": [math.inf, -math.inf, -0.0, 0.1, 5e-324, 1.7976931348623157e308, 1 / 3, None]
            + [2.5e-7] * (len(WORDS) - 8),
            "flag": [True, False, None] + [True] * (len(WORDS) - 3),
        }
    )
    write_sql(report, target)
    columns = ", ".join(report.columns)
    found = Database("postgresql", target).rows(
        f"SELECT {columns} FROM store_uptime_report ORDER BY CAST(substr(store_id, 7) AS int)"
    )
    assert found == report.rows()
    assert math.copysign(1, found[2][3]) == -1


def test_what_is_no_number_comes_back(target: str) -> None:
    write_sql(pl.DataFrame({"store_id": [7], "share": [math.nan]}), target)
    ((share,),) = Database("postgresql", target).rows("SELECT share FROM store_uptime_report")
    assert math.isnan(share)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
@pytest.mark.parametrize("type_", ["timestamptz", "timestamp", "timestamp(0)"])
def test_the_time_of_writing_is_the_instant_in_any_zone(type_: str, zone: str, target: str) -> None:
    database = Database("postgresql", target)
    database.run(f"CREATE TABLE reports (run_id uuid, generated_at {type_}, store_id numeric(20))")
    adbc: Any = need("adbc_driver_postgresql.dbapi")
    run = "f3a1c8de-54c5-43ba-b5b1-fd711be0ce23"
    with closing(adbc.connect(target, autocommit=True)) as connection:
        with connection.cursor() as cursor:
            cursor.execute(f"SET TIME ZONE '{zone}'")
            cursor.execute("SET datestyle TO 'SQL, DMY'")
        for _ in range(2):
            write_sql(pl.DataFrame({"store_id": [7]}), connection, "reports", run_id=run)
    instant = "generated_at" if type_ == "timestamptz" else "generated_at AT TIME ZONE 'UTC'"
    found = database.rows(
        f"SELECT run_id::text, store_id, now() - {instant} BETWEEN '-2 s' AND '30 s' FROM reports"
    )
    assert found == [(run, 7, True)]


def test_a_report_longer_than_one_part_is_whole(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store_uptime._sql.drivers.adbc._ARRAY_ROWS", 7)
    write_sql(pl.DataFrame({"store_id": range(100)}), target)
    found = Database("postgresql", target).rows(
        "SELECT count(*), count(DISTINCT store_id), count(DISTINCT generated_at) FROM store_uptime_report"
    )
    assert found == [(100, 100, 1)]
