"""`load_sql`: what stands in the columns, how instants compare, and in which transaction."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from contextlib import closing
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import InvalidStatusError, Window, compute_report, load_sql
from support.databases import Database, empty_database
from support.services import need
from support.sql_tables import IDS, NO_HOURS, NOW, POLLS, TICK, TYPES, Types, fill, insert

NO_ZONES = "SELECT 1 AS store_id, '' AS timezone_str WHERE 1 = 0"
HOUR = {"hour": Window(dt.timedelta(hours=1), "minutes")}


# --- timestamps that are strings -----------------------------------------------------------------

FORMS = st.tuples(
    st.sampled_from(" T"), st.integers(0, 9), st.sampled_from(["", "Z", "+00:00", "UTC", " UTC"])
)


def spelled(instant: dt.datetime, form: tuple[str, int, str]) -> tuple[str, dt.datetime]:
    """Return a way to write the instant, and the instant that it then means."""
    separator, digits, end = form
    fraction = f"{instant.microsecond:06}000"[:digits]
    meant = instant.replace(microsecond=int(fraction[:6].ljust(6, "0")))
    text = f"{instant:%Y-%m-%d}{separator}{instant:%H:%M:%S}"
    return text + (f".{fraction}" if digits else "") + end, meant


def loaded(texts: list[str], now: dt.datetime | None) -> list[dt.datetime]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "CREATE TABLE store_status (store_id INTEGER, timestamp_utc TEXT, status TEXT)"
        )
        connection.executemany(
            "INSERT INTO store_status VALUES (1, ?, 'active')", [(text,) for text in texts]
        )
        inputs = load_sql(connection, hours=NO_HOURS, timezones=NO_ZONES, now=now, windows=HOUR)
    return sorted(inputs.status["timestamp_utc"])


# Around the bounds of an hour and a day of look-back before `NOW`, and around `NOW`.
SINCE = NOW - dt.timedelta(hours=25)
NEAR = st.builds(
    lambda edge, shift: edge + shift,
    st.sampled_from([SINCE, NOW]),
    st.one_of(
        st.timedeltas(dt.timedelta(seconds=-2), dt.timedelta(seconds=2)),
        st.timedeltas(dt.timedelta(days=-3), dt.timedelta(days=3)),
        st.sampled_from([-TICK, dt.timedelta(0), TICK]),
    ),
)
POLLED = st.lists(st.tuples(NEAR, FORMS), min_size=1, max_size=12)


@given(POLLED)
def test_strings_are_read_exactly_where_they_matter(polled: Any) -> None:
    polls = [spelled(instant, form) for instant, form in polled]
    expected = sorted(t for _, t in polls if SINCE <= t <= NOW)
    assert loaded([text for text, _ in polls], NOW) == expected


@given(POLLED)
def test_the_latest_of_strings_is_the_latest_instant(polled: Any) -> None:
    polls = [spelled(instant, form) for instant, form in polled]
    latest = max(t for _, t in polls)
    expected = sorted(t for _, t in polls if latest - dt.timedelta(hours=25) <= t)
    assert loaded([text for text, _ in polls], None) == expected


@pytest.mark.parametrize("kind", ["postgresql", "mariadb", "duckdb"])
def test_strings_compare_alike_in_all_databases(kind: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    fill(database, Types("varchar(40)", "bigint", "varchar(8)"), polls=[])
    forms = [(" ", 6, " UTC"), ("T", 6, "Z"), ("T", 9, "+00:00"), (" ", 6, "")]
    for _, instant, status, _ in POLLS:
        for form in forms:
            database.run(insert("store_status", 7, spelled(instant, form)[0], status))
    found = load_sql(database.url, now=NOW).status["timestamp_utc"]
    expected = sorted([t for _, t, _, matters in POLLS if matters] * len(forms))
    assert sorted(found) == expected
    assert max(load_sql(database.url).status["timestamp_utc"]) == max(t for _, t, *_ in POLLS)


def test_an_unreadable_string_that_is_latest_is_told() -> None:
    with pytest.raises(
        InvalidStatusError, match=r"latest timestamp is unreadable.*first: 'yesterday'"
    ):
        loaded(["2023-01-25 12:00:00", "yesterday"], None)


def test_an_unreadable_string_among_those_that_are_read_is_told() -> None:
    with pytest.raises(
        InvalidStatusError, match=r"unreadable timestamp in 1 row .first: '2023-01-25 nine'"
    ):
        loaded(["2023-01-25 12:00:00", "2023-01-25 nine"], NOW)


# --- time zones of sessions ----------------------------------------------------------------------


@pytest.mark.parametrize("variant", [0, 1])
@pytest.mark.parametrize(
    "form", ["uri", "listening engine", "connection", "adbc", "adbc autocommit"]
)
def test_the_time_zone_of_a_postgresql_session_changes_nothing(
    form: str, variant: int, postgres: str
) -> None:
    database = Database("postgresql", postgres)
    ids = fill(database, TYPES["postgresql"][variant])
    there = Database("postgresql", f"{postgres}%20-cTimeZone%3DAmerica/New_York")
    assert there.rows("SHOW TimeZone") == [("America/New_York",)]
    with there.handed_over(form) as connection:
        status = load_sql(connection, now=NOW).status
    assert sorted(status.rows()) == sorted(
        (ids[i], t, s == "active") for i, t, s, matters in POLLS if matters
    )


@pytest.mark.parametrize("variant", [0, 1])
def test_the_time_zone_of_a_mariadb_session_changes_nothing_and_stays(
    variant: int, mariadb: str
) -> None:
    database = Database("mariadb", mariadb)
    ids = fill(database, TYPES["mariadb"][variant])
    sqlalchemy = need("sqlalchemy")
    with database.engine().connect() as connection:
        connection.execute(sqlalchemy.text("SET time_zone = '-05:00'"))
        connection.commit()
        status = load_sql(connection, now=NOW).status
        assert connection.scalar(sqlalchemy.text("SELECT @@session.time_zone")) == "-05:00"
    assert sorted(status.rows()) == sorted(
        (ids[i], t, s == "active") for i, t, s, matters in POLLS if matters
    )


@pytest.mark.parametrize("variant", [0, 1])
def test_the_time_zone_of_duckdb_changes_nothing(variant: int, tmp_path: Any) -> None:
    database = Database("duckdb", f"duckdb:///{tmp_path}/stores.db")
    ids = fill(database, TYPES["duckdb"][variant])
    with duckdb.connect(database.file) as connection:
        connection.execute("SET TimeZone = 'America/New_York'").fetchall()
        status = load_sql(connection, now=NOW).status
    assert sorted(status.rows()) == sorted(
        (ids[i], t, s == "active") for i, t, s, matters in POLLS if matters
    )


# --- types ---------------------------------------------------------------------------------------


def selects(store_id: str, timestamp: str, status: str) -> dict[str, Any]:
    """Return SELECTs of one poll of one store that is open all the time."""
    return {
        "status": f"SELECT {store_id} AS store_id, {timestamp} AS timestamp_utc, {status} AS status",
        "hours": f"SELECT {store_id} AS store_id, 1 AS day, '00:00' AS start_time_local, '00:00' AS end_time_local WHERE 1 = 0",
        "timezones": f"SELECT {store_id} AS store_id, 'UTC' AS timezone_str",
    }


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("postgresql", "true"),
        ("postgresql", "'Active'"),
        ("postgresql", "CAST('active' AS char(20))"),
        ("mariadb", "true"),
        ("mariadb", "' ACTIVE '"),
        ("sqlite", "true"),
        ("duckdb", "true"),
        ("duckdb", "CAST('active' AS ENUM ('active', 'inactive'))"),
    ],
)  # fmt: skip
def test_a_status_may_be_what_the_database_has_for_it(
    kind: str, status: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    if kind in ("sqlite", "duckdb"):
        database.run("CREATE TABLE empty (a integer)")
    forms = {"postgresql": ("uri", "listening engine"), "sqlite": ("uri", "sqlite3")}.get(
        kind, ("uri",)
    )
    moment = {"sqlite": "'2023-01-25 12:00:00'"}.get(kind, "TIMESTAMP '2023-01-25 12:00:00'")
    for form in forms:
        with database.handed_over(form) as connection:
            inputs = load_sql(connection, now=NOW, **selects("1", moment, status))
        assert inputs.status["status"].to_list() == [True]


def test_an_enumeration_of_postgresql_is_read_as_its_words(postgres: str) -> None:
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    database.run(
        "CREATE TYPE state AS ENUM ('active', 'inactive')",
        "ALTER TABLE store_status ALTER COLUMN status TYPE state USING status::state",
    )
    for form in ("uri", "listening engine"):
        with database.handed_over(form) as connection:
            assert load_sql(connection, now=NOW).status["status"].sum() == 3


@pytest.mark.parametrize("form", ["uri", "sqlite3", "engine"])
def test_numbers_other_than_0_and_1_are_no_status(form: str, tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, Types("text", "integer", "text"), polls=[])
    database.run(
        insert("store_status", 7, "2023-01-25 12:00:00", "active"),
        "UPDATE store_status SET status = NULL",
    )
    database.run(
        "ALTER TABLE store_status DROP COLUMN status",
        "ALTER TABLE store_status ADD COLUMN status integer DEFAULT 2",
    )
    with (
        database.handed_over(form) as connection,
        pytest.raises(ValueError, match=r"status.status: type Int64 is not accepted"),
    ):
        load_sql(connection, now=NOW)


@pytest.mark.parametrize(
    ("kind", "type_"), [("postgresql", "time"), ("mariadb", "time"), ("duckdb", "time")]
)
def test_24_00_is_an_end(kind: str, type_: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    ids = fill(
        database, Types("timestamp" if kind != "mariadb" else "datetime(6)", "bigint", type_)
    )
    database.run(
        "DELETE FROM business_hours", insert("business_hours", ids[0], 0, "09:30:00", "24:00:00")
    )
    assert load_sql(database.url).hours.row(0)[2:] == (
        dt.timedelta(hours=9.5),
        dt.timedelta(hours=24),
    )


@pytest.mark.parametrize("kind", TYPES)
def test_19_digit_and_unsigned_ids_come_out_whole(
    kind: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    id_type = {
        "mariadb": "bigint unsigned",
        "duckdb": "ubigint",
        "sqlite": "integer",
        "postgresql": "bigint",
    }[kind]
    types = TYPES[kind][0]._replace(id=id_type)
    fill(database, types)
    big = 2**64 - 1 if "u" in id_type else 2**63 - 1
    database.run(insert("store_timezones", big, "UTC"))
    inputs = load_sql(database.url)
    assert sorted(inputs.timezones["store_id"]) == sorted((*IDS, big))
    assert compute_report(*inputs)["store_id"].to_list() == sorted((*IDS, big))


# --- nothing there -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TYPES)
def test_tables_without_rows_are_tables(kind: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    fill(database, TYPES[kind][0])
    database.run(
        "DELETE FROM store_status",
        "DELETE FROM business_hours",
        "DELETE FROM store_timezones WHERE store_id < 6000000000000000000",
    )
    inputs = load_sql(database.url)
    assert [frame.height for frame in inputs] == [0, 0, 1]
    report = compute_report(*inputs, now=NOW, windows=HOUR, detail=True)
    assert report["unknown_hour"].to_list() == [60.0]
    with pytest.raises(InvalidStatusError, match=r"now"):
        compute_report(*inputs)


@pytest.mark.parametrize("kind", TYPES)
def test_a_null_timestamp_is_never_overlooked(kind: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    ids = fill(database, TYPES[kind][0])
    database.run(*[insert("store_status", ids[0], None, "active")] * 2)
    with pytest.raises(
        InvalidStatusError, match=r"status.timestamp_utc: null timestamp in 2 rows. Remove the rows"
    ):
        load_sql(database.url, now=NOW)


def test_infinity_is_no_instant(postgres: str) -> None:
    database = Database("postgresql", postgres)
    ids = fill(database, TYPES["postgresql"][0])
    database.run(
        insert("store_status", ids[0], "infinity", "active"),
        insert("store_status", ids[0], "-infinity", "active"),
    )
    assert load_sql(postgres, now=NOW).status.height == 5
    with pytest.raises(InvalidStatusError, match=r"outside the years 1 to 9999"):
        load_sql(postgres)


def test_ids_keep_the_type_of_status_where_all_of_them_fit() -> None:
    with duckdb.connect() as connection:
        tables: dict[str, Any] = {
            "status": "SELECT 7::BIGINT AS store_id, TIMESTAMP '2023-01-25 12:00:00' AS timestamp_utc, true AS status",
            "hours": NO_HOURS,
            "timezones": "SELECT 8::UBIGINT AS store_id, 'UTC' AS timezone_str",
        }
        assert compute_report(*load_sql(connection, **tables)).schema["store_id"] == pl.Int64


# --- one state of the data -----------------------------------------------------------------------


def changed_meanwhile(
    database: Database, form: str, wait: str, hold: str, release: str, waiting: str
) -> int:
    """Return how many polls a load reads that began before one was added, and ended after.

    The load stops at the table of the zones, which it reads before the polls, for the lock that
    the SQL of `hold` takes; `waiting` counts those who wait.
    """
    got: list[int] = []

    def load() -> None:
        with database.handed_over(form) as connection:
            zones = f"SELECT store_id, timezone_str FROM store_timezones WHERE {wait}"
            got.append(load_sql(connection, timezones=zones, now=NOW).status.height)

    with database.engine().connect() as holder:
        run = holder.exec_driver_sql
        run(hold)
        thread = threading.Thread(target=load)
        thread.start()
        while not database.rows(waiting)[0][0]:
            assert thread.is_alive()
        database.run("INSERT INTO store_status SELECT * FROM store_status WHERE status = 'active'")
        run(release)
        thread.join(30)
    return got[0]


@pytest.mark.parametrize(
    "form", ["uri", "engine", "listening engine", "connection", "autocommit", "adbc autocommit"]
)
def test_all_tables_are_read_of_one_state_of_postgresql(form: str, postgres: str) -> None:
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    key = abs(hash(postgres)) % 2**31
    height = changed_meanwhile(
        database,
        form,
        wait=f"pg_advisory_xact_lock({key}) IS NOT NULL",
        hold=f"SELECT pg_advisory_lock({key})",
        release=f"SELECT pg_advisory_unlock({key})",
        waiting=f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {key} AND NOT granted",
    )
    assert height == 5
    assert load_sql(postgres, now=NOW).status.height == 8


@pytest.mark.parametrize("form", ["uri", "engine", "connection", "autocommit"])
def test_all_tables_are_read_of_one_state_of_mariadb(form: str, mariadb: str) -> None:
    database = Database("mariadb", mariadb)
    fill(database, TYPES["mariadb"][0])
    key = mariadb[-20:]
    height = changed_meanwhile(
        database,
        form,
        wait=f"GET_LOCK('{key}', 60) AND RELEASE_LOCK('{key}')",
        hold=f"SELECT GET_LOCK('{key}', 60)",
        release=f"SELECT RELEASE_LOCK('{key}')",
        waiting=f"SELECT count(*) FROM information_schema.processlist WHERE state = 'User lock' AND info LIKE '%%{key}%%'",
    )
    assert height == 5
    assert load_sql(mariadb, now=NOW).status.height == 8


def test_all_tables_are_read_of_one_state_of_sqlite(tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, TYPES["sqlite"][0])
    database.run("PRAGMA journal_mode = WAL")

    def add() -> int:
        database.run("INSERT INTO store_status SELECT * FROM store_status WHERE status = 'active'")
        return 1

    with closing(sqlite3.connect(database.file)) as connection:
        connection.create_function("add_polls", 0, add)
        zones = "SELECT * FROM store_timezones WHERE add_polls() ORDER BY store_id LIMIT 1"
        assert load_sql(connection, timezones=zones, now=NOW).status.height == 5
        assert load_sql(connection, now=NOW).status.height > 5


def test_all_tables_are_read_of_one_state_of_duckdb(tmp_path: Any) -> None:
    database = Database("duckdb", f"duckdb:///{tmp_path}/stores.db")
    fill(database, TYPES["duckdb"][0])
    with duckdb.connect(database.file) as connection, connection.cursor() as other:

        def add(store_id: int) -> bool:
            other.execute(
                "INSERT INTO store_status SELECT * FROM store_status WHERE status = 'active'"
            ).fetchall()
            return store_id != 0

        connection.create_function("add_polls", add, ["BIGINT"], "BOOLEAN", side_effects=True)
        zones = "SELECT * FROM store_timezones WHERE add_polls(store_id)"
        assert load_sql(connection, timezones=zones, now=NOW).status.height == 5
        assert load_sql(connection, now=NOW).status.height > 5


def test_ids_of_mariadb_that_grow_beyond_int64_amid_the_rows_come_out_whole(mariadb: str) -> None:
    database = Database("mariadb", mariadb)
    fill(database, TYPES["mariadb"][0])
    large = "CAST(seq + IF(seq > 50000, 9223372036854775807, 0) AS unsigned)"
    zones = f"SELECT {large} AS store_id, 'UTC' AS timezone_str FROM seq_1_to_50001 ORDER BY seq"
    ids = load_sql(mariadb, timezones=zones).timezones["store_id"]
    assert ids.to_list() == [*range(1, 50_001), 2**63 + 50_000]
