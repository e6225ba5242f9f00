"""`load_sql`: the same polls, hours and zones from every database, and no more than can matter."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import (
    Policy,
    Window,
    compute_report,
    load_sql,
)
from store_uptime._sql.drivers import adbc
from support.databases import ALL, Database, empty_database
from support.services import need
from support.sql_tables import HOURS, LO, NOW, POLLS, TYPES, ZONES, fill, insert, written


def frames(ids: tuple[Any, ...]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the same tables, as frames."""
    names = ["store_id", "day_of_week", "start_time_local", "end_time_local"]
    return (
        pl.DataFrame(
            [(ids[i], t, status == "active") for i, t, status, _ in POLLS],
            ["store_id", "timestamp_utc", "status"],
            orient="row",
        ),
        pl.DataFrame([(ids[i], *rest) for i, *rest in HOURS], names, orient="row"),
        pl.DataFrame(
            [(ids[i], zone) for i, zone in ZONES], ["store_id", "timezone_str"], orient="row"
        ),
    )


@pytest.mark.parametrize("variant", [0, 1])
@pytest.mark.parametrize(("kind", "form"), ALL)
def test_every_database_and_connection_gives_the_polls_that_can_matter(
    kind: str, form: str, variant: int, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    ids = fill(database, TYPES[kind][variant])
    with database.handed_over(form) as connection:
        inputs = load_sql(connection, now=NOW)
    expected = sorted((ids[i], t, s == "active") for i, t, s, matters in POLLS if matters)
    assert sorted(inputs.status.rows()) == expected
    id_dtype = pl.Int64() if variant == 0 else pl.String()
    assert inputs.status.schema == {
        "store_id": id_dtype,
        "timestamp_utc": pl.Datetime("us", "UTC"),
        "status": pl.Boolean(),
    }
    assert inputs.hours.schema == {
        "store_id": id_dtype,
        "day_of_week": pl.Int64(),
        "start_time_local": pl.Duration("us"),
        "end_time_local": pl.Duration("us"),
    }
    assert inputs.timezones.schema == {"store_id": id_dtype, "timezone_str": pl.String()}
    got = compute_report(*inputs, now=NOW, detail=True)
    assert_frame_equal(got, compute_report(*frames(ids), now=NOW, detail=True))


@pytest.mark.parametrize(("kind", "form"), ALL)
def test_without_now_the_latest_poll_of_the_database_counts(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    ids = fill(database, TYPES[kind][0])
    with database.handed_over(form) as connection:
        inputs = load_sql(connection)
    # The latest poll is of the 26th at 0:00; eight days before, that is from the 18th at 0:00 on.
    since = dt.datetime(2023, 1, 18, tzinfo=dt.UTC)
    assert sorted(inputs.status["timestamp_utc"]) == sorted(t for _, t, _, _ in POLLS if t >= since)
    assert_frame_equal(compute_report(*inputs), compute_report(*frames(ids)))


@pytest.mark.parametrize("kind", TYPES)
def test_windows_and_lookback_say_how_far_back_polls_are_read(
    kind: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    fill(database, TYPES[kind][0])
    hour = {"hour": Window(dt.timedelta(hours=1), "minutes")}
    policy = Policy(lookback=dt.timedelta(minutes=45))
    inputs = load_sql(database.url, now=NOW, windows=hour, policy=policy)
    # From 16:28:22.479220 on, which is an hour and 45 minutes before `now`.
    assert [f"{t:%H:%M}" for t in sorted(inputs.status["timestamp_utc"])] == ["16:30", "18:13"]


def test_a_store_that_only_old_polls_name_is_not_in_the_report(tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    ids = fill(database, TYPES["sqlite"][0])
    database.run(
        insert("store_status", 7, "2022-01-25 12:00:00", "active"),
        insert("store_status", 8, "2023-01-25 12:00:00", "active"),
    )
    report = compute_report(*load_sql(database.url, now=NOW), now=NOW)
    assert report["store_id"].to_list() == sorted((8, *ids))


def test_bounds_outside_the_calendar_are_none(tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, TYPES["sqlite"][0])
    ages = {"ages": Window(dt.timedelta(days=365 * 2022), "days")}
    policy = Policy(lookback=dt.timedelta(days=365 * 10))
    end = dt.datetime.max.replace(tzinfo=dt.UTC)
    with database.handed_over("sqlite3") as connection:
        assert load_sql(connection, now=NOW, windows=ages, policy=policy).status.height == 7
        assert load_sql(connection, now=end).status.height == 0
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE store_status AS SELECT 1 AS store_id, TIMESTAMPTZ '2023-01-25 00:00:00+00' AS timestamp_utc, true AS status"
        ).fetchall()
        rest: dict[str, Any] = {
            "hours": "SELECT 1 AS store_id, 1 AS day, '' AS start_time_local, '' AS end_time_local WHERE false",
            "timezones": "SELECT 1 AS store_id, 'UTC' AS timezone_str",
        }
        assert load_sql(connection, now=NOW, windows=ages, policy=policy, **rest).status.height == 1
        assert load_sql(connection, now=end, **rest).status.height == 0


# --- tables and SELECTs --------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["uri", "listening engine"])
def test_only_the_needed_columns_are_read_of_a_table_with_others(form: str, postgres: str) -> None:
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    # Polars has no type for an interval: were the column read, there would be an error.
    database.run(
        "ALTER TABLE store_status ADD COLUMN took interval DEFAULT '1 second'",
        "ALTER TABLE store_status ADD COLUMN notes integer[] DEFAULT '{1}'",
    )
    with database.handed_over(form) as connection:
        assert load_sql(connection, now=NOW).status.height == 5


@pytest.mark.parametrize(
    ("kind", "form"),
    [(k, f) for k, f in ALL if f in ("uri", "sqlite3", "engine", "listening engine")],
)
def test_a_select_stands_for_a_table(kind: str, form: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    ids = fill(database, TYPES[kind][0])
    database.run(
        "ALTER TABLE store_status RENAME TO polls", "ALTER TABLE store_timezones RENAME TO zones"
    )
    with database.handed_over(form) as connection:
        inputs = load_sql(
            connection,
            # a colon, a percent sign, a line comment at the end
            status="-- from the archive\n select * from polls where status <> 'a:b' and status not like '%x' -- all\n;",
            timezones="WITH z AS (SELECT * FROM zones) SELECT * FROM z /* end */",
            now=NOW,
        )
    assert inputs.status.height == 5
    assert_frame_equal(compute_report(*inputs, now=NOW), compute_report(*frames(ids), now=NOW))


@pytest.mark.parametrize(
    ("kind", "form"),
    [(k, f) for k, f in ALL if f in ("uri", "sqlite3", "engine", "listening engine")],
)
def test_odd_names_are_quoted(kind: str, form: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    ids = fill(database, TYPES[kind][0])
    mark = "`" if kind == "mariadb" else '"'
    double = '"' if kind == "mariadb" else '""'
    for old, new in (
        ("store_status", "odd: name"),
        ("business_hours", f"a{double}b"),
        ("store_timezones", "dot.ted"),
    ):
        database.run(f"ALTER TABLE {old} RENAME TO {mark}{new}{mark}")
    with database.handed_over(form) as connection:
        inputs = load_sql(
            connection, status="odd: name", hours='a"b', timezones='"dot.ted"', now=NOW
        )
    assert_frame_equal(compute_report(*inputs, now=NOW), compute_report(*frames(ids), now=NOW))


def test_a_name_may_begin_with_its_schema(postgres: str) -> None:
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    (schema,) = database.rows("SELECT current_schema()")[0]
    plain = postgres.partition("?")[0]
    inputs = load_sql(
        plain,
        status=f"{schema}.store_status",
        hours=f'{schema}."business_hours"',
        timezones=f'"{schema}".store_timezones',
        now=NOW,
    )
    assert inputs.status.height == 5


@pytest.mark.parametrize(
    ("kind", "form"),
    [(k, f) for k, f in ALL if f in ("uri", "sqlite3", "engine", "listening engine")],
)
def test_optional_tables_come_as_extra(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    types = TYPES[kind][0]
    ids = fill(database, types)
    database.run(
        f"CREATE TABLE holidays (store_id {types.id}, date date, start_time_local {types.time}, end_time_local {types.time}, note varchar(9))",
        insert("holidays", ids[0], "2023-12-24", "09:00:00", "12:00:00", "eve"),
        insert("holidays", None, "2023-12-25", None, None, None),
        f"CREATE TABLE works (store_id {types.id}, start_utc {types.timestamp}, end_utc {types.timestamp})",
        insert("works", ids[1], written(LO, types), written(NOW, types)),
    )
    with database.handed_over(form) as connection:
        inputs = load_sql(connection, special_hours="holidays", maintenance="works", now=NOW)
    special, maintenance = inputs.extra["special_hours"], inputs.extra["maintenance"]
    assert special.columns == ["store_id", "date", "start_time_local", "end_time_local"]
    dates = special["date"].cast(pl.String)
    assert sorted(zip(dates, special["store_id"], strict=True)) == [
        ("2023-12-24", ids[0]),
        ("2023-12-25", None),
    ]
    assert special.filter(pl.col("store_id").is_null())["start_time_local"].to_list() == [None]
    assert maintenance.columns == ["store_id", "start_utc", "end_utc"]
    assert maintenance["store_id"].to_list() == [ids[1]]
    assert str(maintenance["end_utc"][0]).startswith("2023-01-25 18:13:22.47922")


def test_special_hours_are_not_asked_for_unless_named(tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, TYPES["sqlite"][0])
    assert dict(load_sql(database.url).extra) == {}


# --- engines of PostgreSQL -----------------------------------------------------------------------


def test_a_plain_engine_is_read_through_adbc(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    engine = database.engine()
    monkeypatch.setattr(engine, "connect", None)
    assert load_sql(engine, now=NOW).status.height == 5


def test_without_adbc_the_driver_of_the_engine_is_used(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    assert load_sql(database.engine(), now=NOW).status.height == 5
    assert load_sql(database.alchemy_url, now=NOW).status.height == 5


@pytest.mark.parametrize(
    "how", ["creator", "arguments", "connect", "do_connect", "begin", "options"]
)
def test_an_engine_that_is_more_than_its_url_is_read_through_itself(
    how: str, postgres: str
) -> None:
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    sqlalchemy, psycopg = need("sqlalchemy"), need("psycopg")
    # The URL alone leads to where there are no such tables.
    plain = postgres.partition("?")[0]
    (schema,) = database.rows("SELECT current_schema()")[0]
    search_path = f"SET search_path = {schema}"
    options = f"-csearch_path={schema}"
    options_of: dict[str, dict[str, Any]] = {
        "creator": {"creator": lambda: psycopg.connect(postgres)},
        "arguments": {"connect_args": {"options": options}},
    }
    url = plain.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = sqlalchemy.create_engine(
        url, poolclass=sqlalchemy.pool.NullPool, **options_of.get(how, {})
    )
    listeners = {
        "connect": lambda connection, _: connection.execute(search_path) and connection.commit(),
        "do_connect": lambda _dialect, _record, _args, params: params.update(options=options),
        "begin": lambda connection: connection.exec_driver_sql(search_path),
    }
    if how in listeners:
        sqlalchemy.event.listen(engine, how, listeners[how])
    if how == "options":
        engine = sqlalchemy.create_engine(
            postgres.replace("postgresql://", "postgresql+psycopg://")
        )
        engine = engine.execution_options(isolation_level="SERIALIZABLE")
    assert load_sql(engine, now=NOW).status.height == 5


# --- other databases -----------------------------------------------------------------------------


def test_a_database_that_is_not_known_is_read_by_the_standard(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, TYPES["sqlite"][0])
    monkeypatch.setattr(adbc, "_VERSIONS", ())
    with database.handed_over("adbc autocommit") as connection:
        assert load_sql(connection, now=NOW).status.height == 5
