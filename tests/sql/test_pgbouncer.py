"""`load_sql` and `write_sql` through a PgBouncer that pools transactions, for real."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from store_uptime import load_sql, write_sql
from support.databases import Database
from support.services import need, pgbouncer, postgres_database
from support.sql_reports import REPORT, rows, stored
from support.sql_tables import NOW, TYPES, fill


@pytest.fixture(scope="module")
def pooled_url(postgres_server: str) -> Iterator[tuple[str, str]]:
    """The URL of a database with tables, and that through PgBouncer."""
    with postgres_database(postgres_server) as url, pgbouncer(url) as through:
        fill(Database("postgresql", url), TYPES["postgresql"][0])
        yield url, through


@pytest.fixture
def pooled(pooled_url: tuple[str, str]) -> Iterator[Database]:
    url, through = pooled_url
    yield Database("postgresql", through)
    Database("postgresql", url).run("DROP TABLE IF EXISTS store_uptime_report")


def load_and_write(connection: Any, run_id: str) -> None:
    assert load_sql(connection).status.height > 0
    assert load_sql(connection, now=NOW).status.height == 5
    write_sql(REPORT, connection, run_id=run_id)


def with_psycopg(pooled: Database, run_id: str) -> None:
    with need("psycopg").connect(pooled.url, prepare_threshold=None) as connection:
        load_and_write(connection, run_id)


def with_engine(pooled: Database, run_id: str, driver: str = "psycopg", **arguments: Any) -> None:
    engine = pooled.engine(driver, connect_args=arguments)
    load_and_write(engine, run_id)
    engine.dispose()


def with_asyncpg(pooled: Database, run_id: str) -> None:
    need("asyncpg")
    of = need("sqlalchemy.ext.asyncio")
    arguments = {"statement_cache_size": 0, "prepared_statement_name_func": lambda: ""}

    async def call() -> None:
        engine = of.create_async_engine(
            pooled.url_for("asyncpg"),
            poolclass=need("sqlalchemy").NullPool,
            connect_args=arguments,
        )
        async with engine.connect() as connection:
            await connection.run_sync(lambda sync: load_and_write(sync, run_id))
        await engine.dispose()

    asyncio.run(call())


WAYS = {
    "uri": lambda pooled, run_id: load_and_write(pooled.url, run_id),
    "raw psycopg": with_psycopg,
    "psycopg": lambda pooled, run_id: with_engine(pooled, run_id, prepare_threshold=None),
    "psycopg2": lambda pooled, run_id: with_engine(pooled, run_id, "psycopg2"),
    "asyncpg": with_asyncpg,
}


@pytest.mark.parametrize("way", WAYS)
def test_clients_that_share_one_connection_read_and_write(way: str, pooled: Database) -> None:
    """Four at a time, whose transactions come one after the other on one connection."""
    runs = [f"run {number}" for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda run_id: WAYS[way](pooled, run_id), runs))
    assert stored(pooled) == sorted([row for run in runs for row in rows(run)], key=repr)


def test_nothing_of_ours_is_left_in_the_shared_session(pooled: Database) -> None:
    for way in WAYS.values():
        way(pooled, "r")
    with closing(need("psycopg2").connect(pooled.url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        prepared = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM pg_class WHERE relpersistence = 't'")
        temporary = cursor.fetchone()
        cursor.execute("SHOW transaction_read_only")
        assert (prepared, temporary, cursor.fetchone()) == ((0,), (0,), ("off",))
