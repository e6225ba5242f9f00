"""`load_sql`: an engine of PostgreSQL is read through its own connection, by COPY."""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from store_uptime import SchemaError, load_sql
from store_uptime._sql.connect import opened
from store_uptime._sql.drivers.copy_alchemy import CopyAlchemy
from store_uptime._sql.transactions import read_transaction
from support.databases import Database
from support.services import need
from support.sql_tables import HOURS, NO_HOURS, NOW, POLLS, TYPES, fill

DRIVERS = ["psycopg", "psycopg2"]


@pytest.fixture(params=DRIVERS)
def driver(request: pytest.FixtureRequest) -> str:
    need(request.param)
    return str(request.param)


@pytest.fixture
def database(postgres: str) -> Database:
    """Return a database with the three tables."""
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    return database


def fetched(connection: Any, query: str) -> pl.DataFrame:
    """Return the rows of a query that is run through the driver that COPY belongs to."""
    with opened(connection, write=False) as driver, read_transaction(driver):
        assert isinstance(driver, CopyAlchemy)
        return driver.fetch(query)


# --- whose connection ----------------------------------------------------------------------------

WAYS = ["creator", "arguments", "connect", "do_connect", "begin", "pool"]


@pytest.mark.parametrize("way", WAYS)
def test_what_the_application_set_up_for_its_engine_applies(
    way: str, driver: str, database: Database
) -> None:
    sqlalchemy, module = need("sqlalchemy"), need(driver)
    # The URL alone leads to where there are no such tables.
    (schema,) = database.rows("SELECT current_schema()")[0]
    search_path, options = f"SET search_path = {schema}", f"-csearch_path={schema}"
    elsewhere = Database("postgresql", database.url.partition("?")[0]).url_for(driver)

    def creator() -> Any:
        return module.connect(database.url)

    def set_path(connection: Any, _record: Any) -> None:
        connection.cursor().execute(search_path)
        connection.commit()

    options_of: dict[str, dict[str, Any]] = {
        "creator": {"creator": creator},
        "arguments": {"connect_args": {"options": options}},
        "pool": {"pool": sqlalchemy.pool.QueuePool(creator)},
    }
    plain = {"poolclass": sqlalchemy.pool.NullPool}
    engine = sqlalchemy.create_engine(elsewhere, **options_of.get(way, plain))
    listeners = {
        "connect": set_path,
        "do_connect": lambda _dialect, _record, _args, params: params.update(options=options),
        "begin": lambda connection: connection.exec_driver_sql(search_path),
    }
    if way in listeners:
        sqlalchemy.event.listen(engine, way, listeners[way])
    assert load_sql(engine, now=NOW).status.height == 5
    engine.dispose()


def test_the_options_of_an_engine_apply(driver: str, database: Database) -> None:
    engine = database.engine(driver).execution_options(isolation_level="SERIALIZABLE")
    assert load_sql(engine, now=NOW).status.height == 5


def test_the_role_of_an_engine_sees_its_own_rows_only(driver: str, database: Database) -> None:
    """The URL is that of an owner, whom row security does not bind."""
    (schema,) = database.rows("SELECT current_schema()")[0]
    role = f"tenant_{schema[-20:]}"
    database.run(
        f"CREATE ROLE {role}",
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}",
        "ALTER TABLE store_status ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY own ON store_status TO {role} USING (status = 'active')",
    )
    engine = database.engine(driver)

    def set_role(connection: Any, _record: Any) -> None:
        connection.cursor().execute(f"SET ROLE {role}")
        connection.commit()

    try:
        need("sqlalchemy").event.listen(engine, "connect", set_role)
        assert load_sql(engine, now=NOW).status["status"].to_list() == [True] * 3
    finally:
        database.run(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_the_transaction_of_a_connection_is_the_one_that_is_read(
    driver: str, database: Database
) -> None:
    with database.engine(driver).connect() as connection:
        connection.exec_driver_sql("DELETE FROM store_status WHERE status = 'active'")
        assert load_sql(connection, now=NOW).status["status"].to_list() == [False] * 2
        with pytest.raises(SchemaError, match=r"^status: .*does not exist"):
            load_sql(connection, status="nothing")
        assert load_sql(connection, now=NOW).status.height == 2
        connection.rollback()
    assert load_sql(database.url, now=NOW).status.height == 5


def test_the_pool_has_its_connection_back(driver: str, database: Database) -> None:
    sqlalchemy = need("sqlalchemy")
    engine = sqlalchemy.create_engine(database.url_for(driver), pool_size=1, max_overflow=0)
    for _ in range(3):
        assert load_sql(engine, now=NOW).status.height == 5
        with pytest.raises(SchemaError):
            load_sql(engine, now=NOW, status="SELECT nothing FROM store_status")
    assert engine.pool.checkedout() == 0
    engine.dispose()


def test_without_adbc_a_uri_is_read_as_an_engine_is(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    assert load_sql(database.alchemy_url, now=NOW).status.height == 5


def test_where_psycopg2_cannot_copy_rows_are_fetched(database: Database) -> None:
    """A callback that lets greenlets run forbids COPY."""
    need("psycopg2")
    extras, extensions = need("psycopg2.extras"), need("psycopg2.extensions")
    extensions.set_wait_callback(extras.wait_select)
    try:
        assert load_sql(database.engine("psycopg2"), now=NOW).status.height == 5
    finally:
        extensions.set_wait_callback(None)


# --- values --------------------------------------------------------------------------------------

TEXTS = ["", "a,b", 'say "so"', "two\nlines", "two\r\nlines", "back\\slash", "\\N", "\\.", "NULL", " x ", "ä☃🏪", "\t", "'", None]  # fmt: skip


def test_text_arrives_as_it_is(driver: str, database: Database) -> None:
    literals = [t and t.replace("\\", "\\\\").replace("'", "''") for t in TEXTS]
    values = ", ".join("(NULL)" if t is None else f"(E'{t}')" for t in literals)
    database.run(f"CREATE TABLE texts AS SELECT * FROM (VALUES {values}) v (t)")
    query = "SELECT t AS a, i, t AS b FROM texts, generate_series(1, 5000) i ORDER BY i"
    latin = {"connect_args": {"client_encoding": "latin1"}}
    for engine in (database.engine(driver), database.engine(driver, **latin)):
        rows = fetched(engine, query)
        assert sorted(rows["a"].head(len(TEXTS)), key=repr) == sorted(TEXTS, key=repr)
        assert rows["a"].to_list() == rows["b"].to_list()
        assert rows.height == 5000 * len(TEXTS)


VALUES = [
    ("true", True, pl.Boolean()),
    ("32767::smallint", 32767, pl.Int16()),
    ("-2147483648", -(2**31), pl.Int32()),
    ("9223372036854775807", 2**63 - 1, pl.Int64()),
    ("'x'::char(3)", "x", pl.String()),
    ("'x'::varchar(3)", "x", pl.String()),
    ("'x'::name", "x", pl.String()),
    ("'0B8A2F7E-9D61-4C0C-8A55-5A6F0D3C1E42'::uuid", "0b8a2f7e-9d61-4c0c-8a55-5a6f0d3c1e42", pl.String()),
    ("'inactive'::state", "inactive", pl.String()),
    ("'active'::word", "active", pl.String()),
    ("'24:00'::time", "24:00:00", pl.String()),
    ("'09:30:00.25'::time", "09:30:00.25", pl.String()),
    ("'2023-12-25'::date", dt.date(2023, 12, 25), pl.Date()),
    ("'0001-01-01'::date", dt.date(1, 1, 1), pl.Date()),
    ("'1969-12-31 23:59:59.999999'::timestamp", dt.datetime.fromisoformat("1969-12-31 23:59:59.999999"), pl.Datetime("us")),
    ("'2023-01-25 18:13:22.479220+00'::timestamptz", NOW, pl.Datetime("us", "UTC")),
    ("'9999-12-31 23:59:59.999999+00'::timestamptz", dt.datetime.max.replace(tzinfo=dt.UTC), pl.Datetime("us", "UTC")),
    ("'9 hours 30 minutes'::interval", dt.timedelta(hours=9.5), pl.Duration("us")),
]  # fmt: skip


def test_values_arrive_in_their_types_whatever_the_session_is_set_to(
    driver: str, database: Database
) -> None:
    database.run("CREATE TYPE state AS ENUM ('active', 'inactive')", "CREATE DOMAIN word AS text")
    strange = Database(
        "postgresql",
        f"{database.url}%20-cTimeZone%3DAmerica/New_York%20-cDateStyle%3DSQL,DMY%20-cIntervalStyle%3Dsql_standard%20-cbytea_output%3Descape",
    )
    for where in (database, strange):
        engine = where.engine(driver)
        for sql, value, dtype in VALUES:
            rows = fetched(engine, f"SELECT {sql} AS v UNION ALL SELECT NULL ORDER BY v")
            assert rows.schema == {"v": dtype}
            assert rows["v"].to_list() == [value, None], sql


def test_types_are_known_without_rows(driver: str, database: Database) -> None:
    query = "SELECT store_id, timestamp_utc FROM store_status WHERE 1 = 0"
    assert fetched(database.engine(driver), query).schema == {
        "store_id": pl.Int64,
        "timestamp_utc": pl.Datetime("us", "UTC"),
    }


def test_infinity_is_beyond_all_instants(driver: str, database: Database) -> None:
    query = "SELECT 'infinity'::timestamptz AS a, '-infinity'::timestamp AS b"
    first = fetched(database.engine(driver), query).select(pl.all().to_physical()).row(0)
    assert first == (2**63 - 1, -(2**63) + 946_684_800 * 10**6)


def test_uuids_and_decimals_are_copied_as_they_are(driver: str, database: Database) -> None:
    ids = ("0b8a2f7e-9d61-4c0c-8a55-5a6f0d3c1e42", "f3a1c8de-54c5-43ba-b5b1-fd711be0ce23")
    query = f"SELECT '{ids[0]}'::uuid AS a, 1.5 AS b UNION SELECT '{ids[1]}', NULL ORDER BY a"
    rows = fetched(database.engine(driver), query)
    assert rows.rows() == [(ids[0], Decimal("1.5")), (ids[1], None)]


def test_a_decimal_is_no_id(driver: str, database: Database) -> None:
    status = "SELECT 12.5 AS store_id, now() AS timestamp_utc, true AS status"
    with pytest.raises(SchemaError, match=r"^status.store_id: type Decimal.* is not accepted"):
        load_sql(database.engine(driver), status=status, hours=NO_HOURS)


def test_all_engines_load_the_same(driver: str, database: Database) -> None:
    by_uri, by_engine = load_sql(database.url), load_sql(database.engine(driver))
    for one, other in zip(by_uri, by_engine, strict=True):
        assert one.schema == other.schema
        assert sorted(one.rows(), key=repr) == sorted(other.rows(), key=repr)
    assert by_engine.status.height < len(POLLS)
    assert by_engine.hours.height == len(HOURS)
