"""`load_sql` and `write_sql` inside `run_sync`, and of URIs that name an asynchronous driver."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from store_uptime import DatabaseError, SchemaError, compute_report, load_sql, write_sql
from store_uptime._sql.connect import opened
from store_uptime._sql.drivers.copy_alchemy import CopyAlchemy
from support.databases import Database, empty_database
from support.services import need
from support.sql_reports import REPORT, rows, stored
from support.sql_tables import IDS, NOW, TYPES, fill, frames

DRIVERS = {
    "asyncpg": "postgresql",
    "psycopg_async": "postgresql",
    "aiosqlite": "sqlite",
    "aiomysql": "mariadb",
    "asyncmy": "mariadb",
}
REPORT_TABLE = "store_uptime_report"


def url_for(database: Database, driver: str) -> str:
    """Return the URL of an asynchronous engine."""
    url = database.url.replace("mysql+pymysql:", f"mysql+{driver}:")
    for name in ("postgresql", "sqlite"):
        url = url.replace(f"{name}://", f"{name}+{driver}://")
    return url


def engine_for(database: Database, driver: str, **options: Any) -> Any:
    need("greenlet")
    need({"psycopg_async": "psycopg"}.get(driver, driver))
    asyncio_of = need("sqlalchemy.ext.asyncio")
    url = need("sqlalchemy").make_url(url_for(database, driver))
    if driver == "asyncpg":  # which has libpq's options as a dictionary
        path = url.query["options"].partition("=")[2]
        options["connect_args"] = {"server_settings": {"search_path": path}}
        url = url.set(query={})
    return asyncio_of.create_async_engine(url, **options)


def in_run_sync(engine: Any, function: Callable[[Any], Any], *, before: str = "") -> Any:
    """Return what the function gives for the connection of `run_sync`, which is then rolled back."""

    async def call() -> Any:
        try:
            async with engine.connect() as connection:
                if before:
                    await connection.exec_driver_sql(before)
                return await connection.run_sync(function)
        finally:
            await engine.dispose()

    return asyncio.run(call())


@pytest.fixture(params=DRIVERS)
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database(driver: str, request: pytest.FixtureRequest) -> Database:
    return empty_database(DRIVERS[driver], request)


@pytest.mark.parametrize("variant", [0, 1])
def test_a_connection_is_read_and_written_inside_run_sync(
    driver: str, variant: int, database: Database
) -> None:
    ids = fill(database, TYPES[DRIVERS[driver]][variant])
    report = compute_report(*frames(ids), now=NOW)

    def both(connection: Any) -> str:
        assert_frame_equal(compute_report(load_sql(connection, now=NOW)), report)
        return write_sql(report, connection, run_id="r")

    assert in_run_sync(engine_for(database, driver), both) == "r"
    columns = ", ".join(report.columns)
    found = database.rows(f"SELECT {columns} FROM {REPORT_TABLE} ORDER BY store_id")
    assert found == report.sort("store_id").rows()


@pytest.mark.parametrize("begun", [False, True])
def test_a_transaction_of_the_callers_is_left_to_the_caller(
    driver: str, database: Database, *, begun: bool
) -> None:
    write_sql(REPORT, database.url, run_id="before")
    in_run_sync(
        engine_for(database, driver),
        lambda connection: write_sql(REPORT, connection, run_id="new"),
        before=f"SELECT * FROM {REPORT_TABLE}" if begun else "",
    )
    kept = rows("before") if begun else sorted(rows("before") + rows("new"), key=repr)
    assert stored(database) == kept


def test_a_failure_undoes_itself_alone(driver: str, database: Database) -> None:
    write_sql(REPORT, database.url, run_id="before")

    def write(connection: Any) -> None:
        write_sql(REPORT, connection, run_id="new")
        with pytest.raises(SchemaError, match=r"lacks columns"):
            write_sql(REPORT.with_columns(other=1), connection)
        with pytest.raises(SchemaError, match=r"status: 'polls' cannot be read"):
            load_sql(connection, status="polls", hours=None, timezones=None)
        connection.commit()

    in_run_sync(engine_for(database, driver), write, before=f"SELECT * FROM {REPORT_TABLE}")
    assert stored(database) == sorted(rows("before") + rows("new"), key=repr)


def test_an_engine_that_autocommits_writes_whole_reports(driver: str, database: Database) -> None:
    fill(database, TYPES[DRIVERS[driver]][0])
    engine = engine_for(database, driver, isolation_level="AUTOCOMMIT")

    def write(connection: Any) -> int:
        write_sql(REPORT, connection, run_id="r")
        with pytest.raises(SchemaError, match=r"lacks columns"):
            write_sql(REPORT.with_columns(other=1), connection)
        return load_sql(connection, now=NOW).status.height

    assert in_run_sync(engine, write) == 5
    assert stored(database) == rows("r")


def test_an_asynchronous_session_is_taken_inside_run_sync(driver: str, database: Database) -> None:
    fill(database, TYPES[DRIVERS[driver]][0])
    engine = engine_for(database, driver)
    text = need("sqlalchemy").text

    async def call() -> None:
        session_of = need("sqlalchemy.ext.asyncio").async_sessionmaker(engine)
        async with session_of() as session:  # which is in no transaction
            inputs = await session.run_sync(lambda sync: load_sql(sync, now=NOW))
            assert inputs.status.height == 5
            await session.run_sync(lambda sync: write_sql(REPORT, sync, run_id="own"))
            assert not session.in_transaction()
        async with session_of() as session:
            await session.execute(text("SELECT * FROM store_status"))
            await session.run_sync(lambda sync: write_sql(REPORT, sync, run_id="callers"))
            await session.rollback()
        await engine.dispose()

    asyncio.run(call())
    assert stored(database) == rows("own")


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg_async"])
def test_rows_of_postgresql_come_by_copy(driver: str, database: Database) -> None:
    def kind(connection: Any) -> type:
        with opened(connection, write=False) as found:
            assert found.fetch("SELECT 1 AS b")["b"].to_list() == [1]
            return type(found)

    assert in_run_sync(engine_for(database, driver), kind) is CopyAlchemy


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg_async"])
def test_a_connection_that_ends_amid_the_rows_is_told(driver: str, database: Database) -> None:
    fill(database, TYPES["postgresql"][0])
    status = (
        "SELECT i AS store_id, TIMESTAMPTZ '2023-01-25 12:00:00+00' AS timestamp_utc,"
        " CASE WHEN i < 300000 THEN 'active' ELSE pg_terminate_backend(pg_backend_pid())::text END AS status"
        " FROM generate_series(1, 400000) i"
    )
    with pytest.raises(ConnectionError, match=r"status: cannot be read: .*(terminat|closed)"):
        in_run_sync(
            engine_for(database, driver), lambda each: load_sql(each, status=status, now=NOW)
        )


# --- outside of run_sync -------------------------------------------------------------------------

RUN_SYNC = "await connection.run_sync(lambda sync: load_sql(sync))"
NO_CONNECTION = "is not a database connection"
REFUSED = {
    "engine": (f"sqlalchemy.ext.asyncio.engine.AsyncEngine {NO_CONNECTION}", f"async with engine.connect() as connection: {RUN_SYNC}"),
    "connection": (f"sqlalchemy.ext.asyncio.engine.AsyncConnection {NO_CONNECTION}", RUN_SYNC),
    "session": (f"sqlalchemy.ext.asyncio.session.AsyncSession {NO_CONNECTION}", "await session.run_sync(lambda sync: load_sql(sync))"),
    "scoped session": (f"sqlalchemy.ext.asyncio.scoping.async_scoped_session {NO_CONNECTION}", "await session.run_sync(lambda sync: load_sql(sync))"),
    "sessionmaker": (f"sqlalchemy.ext.asyncio.session.async_sessionmaker {NO_CONNECTION}", "async with Session() as session: await session.run_sync(lambda sync: load_sql(sync))"),
    "sync engine": ("sqlalchemy.engine.base.Engine of an asynchronous driver needs run_sync", RUN_SYNC),
    "sync connection": ("sqlalchemy.engine.base.Connection of an asynchronous driver needs run_sync", RUN_SYNC),
    "sync session": ("sqlalchemy.engine.base.Engine of an asynchronous driver needs run_sync", RUN_SYNC),
    "aiosqlite": (f"aiosqlite.core.Connection {NO_CONNECTION}", "await asyncio.to_thread(load_sql, 'sqlite:///stores.db')"),
}  # fmt: skip


@pytest.mark.parametrize("handle", REFUSED)
def test_what_has_to_be_waited_for_is_refused_with_the_line_to_write(
    handle: str, tmp_path: Any
) -> None:
    engine = engine_for(Database("sqlite", f"sqlite:///{tmp_path}/stores.db"), "aiosqlite")
    of = need("sqlalchemy.ext.asyncio")

    async def call() -> None:
        async with engine.connect() as connection, of.AsyncSession(engine) as session:
            given = {
                "engine": engine,
                "connection": connection,
                "session": session,
                "scoped session": of.async_scoped_session(of.async_sessionmaker(engine), str),
                "sessionmaker": of.async_sessionmaker(engine),
                "sync engine": engine.sync_engine,
                "sync connection": connection.sync_connection,
                "sync session": session.sync_session,
                "aiosqlite": (await connection.get_raw_connection()).driver_connection,
            }[handle]
            problem, line = REFUSED[handle]
            with pytest.raises(SchemaError) as caught:
                load_sql(given)
            assert str(caught.value) == f"connection: {problem}. Write: {line}"
            with pytest.raises(SchemaError) as caught:
                write_sql(REPORT, given)
            written = line.replace("load_sql(", "write_sql(report, ").replace(
                "load_sql,", "write_sql, report,"
            )
            assert str(caught.value) == f"connection: {problem}. Write: {written}"
        await engine.dispose()

    asyncio.run(call())


# --- URIs ----------------------------------------------------------------------------------------


def test_a_uri_of_an_asynchronous_driver_is_read_through_another(
    driver: str, database: Database
) -> None:
    fill(database, TYPES[DRIVERS[driver]][0])
    uri = url_for(database, driver)
    assert load_sql(uri, now=NOW).status.height == 5
    assert write_sql(REPORT, uri, run_id="r") == "r"
    assert stored(database) == rows("r")
    assert set(load_sql(uri, now=NOW).status["store_id"]) == set(IDS)


@pytest.mark.parametrize(
    "arguments",
    [
        "ssl=prefer",
        "ssl=allow&prepared_statement_cache_size=0",
        "ssl=false&timeout=2.5",
        "timeout=10&statement_cache_size=0&async_fallback=true",
    ],
)
def test_arguments_of_asyncpg_are_put_into_the_words_of_libpq(
    arguments: str, postgres: str
) -> None:
    fill(Database("postgresql", postgres), TYPES["postgresql"][0])
    uri = f"{postgres.replace('postgresql:', 'postgresql+asyncpg:')}&{arguments}"
    assert load_sql(uri, now=NOW).status.height == 5


@pytest.mark.parametrize(
    ("arguments", "known"),
    [
        ("ssl=require", "sslmode=require"),
        ("ssl=True", "sslmode=require"),
        (
            "ssl=verify-full&sslrootcert=%2Fetc%2Fca.pem",
            "sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem",
        ),
        ("ssl=false&timeout=2.5", "sslmode=disable&connect_timeout=3"),
        ("timeout=soon", "timeout=soon"),
        ("host=h1:5432&host=h2", "host=h1%2Ch2&port=5432%2C"),
        ("host=h1&host=h2", "host=h1%2Ch2"),
        ("host=%2Fvar%2Frun%2Fpostgresql", "host=%2Fvar%2Frun%2Fpostgresql"),
    ],
)
def test_no_argument_gets_lost(arguments: str, known: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened_uris: list[str] = []

    def connect(uri: str, **_: object) -> None:
        opened_uris.append(uri)
        raise ConnectionRefusedError

    monkeypatch.setattr(need("adbc_driver_postgresql.dbapi"), "connect", connect)
    with pytest.raises(DatabaseError):
        load_sql(f"postgresql+asyncpg://me@/stores?{arguments}")
    assert opened_uris == [f"postgresql://me@/stores?{known}"]


@pytest.mark.parametrize("argument", ["command_timeout=5", "server_settings=x", "direct_tls=1"])
def test_an_argument_that_only_asyncpg_knows_is_refused(argument: str) -> None:
    uri = f"postgresql+asyncpg://me:s3cret@127.0.0.1:1/stores?{argument}"
    name = argument.partition("=")[0]
    with pytest.raises(
        SchemaError, match=f"connection: the URI has an argument .*: {name}. Leave it out"
    ) as caught:
        load_sql(uri)
    assert caught.value.code == "unusable_connection"
    assert "s3cret" not in str(caught.value)
