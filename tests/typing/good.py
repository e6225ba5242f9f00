"""Calls as users write them: type-checked by `test_types.py`, never run."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import assert_type

import altair as alt
import duckdb
import pandas as pd
import polars as pl
import psycopg
import psycopg2
import pyarrow as pa
import pymysql
import pyspark.sql
import sqlalchemy as sa
import sqlalchemy.ext.asyncio
import sqlalchemy.orm
from adbc_driver_sqlite import dbapi
from dateutil.relativedelta import relativedelta
from django.db import connection as django_connection
from hypothesis.strategies import SearchStrategy

import store_uptime
import store_uptime.plot
import store_uptime.spark
from store_uptime import (
    DEFAULT_WINDOWS,
    CalendarWindow,
    CoverageWarning,
    Inputs,
    Policy,
    RejectedRowsWarning,
    SchemaError,
    StoreUptimeError,
    Window,
    compute_history,
    compute_outages,
    compute_report,
    compute_timeline,
    describe_polls,
    every,
    fit_outage_rates,
    html_report,
    load_csv,
    load_parquet,
    load_sql,
    outages_from_timeline,
    report_from_timeline,
    summarize,
    summarize_outages,
    tidy,
    write_sql,
)
from store_uptime.plot import distribution, heatmap, trend, worst
from store_uptime.testing import (
    Dataset,
    assert_report_equal,
    assert_report_valid,
    make_dataset,
    polls,
    st_hours,
    st_inputs,
    st_policies,
    st_polls,
    st_zones,
    weekly,
)

NOW = datetime(2023, 1, 25, 18, tzinfo=UTC)

assert_type(store_uptime.__version__, str)


# --- tables of any kind --------------------------------------------------------------------------


def polars_frames(status: pl.DataFrame, hours: pl.LazyFrame, timezones: pl.DataFrame) -> None:
    assert_type(compute_report(status, hours, timezones), pl.DataFrame)
    compute_report(status.lazy(), hours.collect(), timezones.lazy(), NOW)
    compute_report(status, hours, timezones, "2023-01-25T18:00:00Z", detail=True)
    compute_report(status=status, hours=hours, timezones=timezones, now=None)
    assert_type(html_report(status, hours, timezones, path="a.html", title="Week 4"), Path)
    html_report(status, path=Path("a.html"), target=0.995, uncertainty=True, progress=print)


def pandas_frames(status: pd.DataFrame, hours: pd.DataFrame, timezones: pd.DataFrame) -> None:
    assert_type(compute_report(status, hours, timezones, special_hours=hours), pl.DataFrame)
    assert_type(
        compute_report(status, hours, maintenance_hours=hours[hours["day"] < 5]), pl.DataFrame
    )
    assert_type(summarize(status, by=hours), pl.DataFrame)


def arrow_tables(status: pa.Table, hours: pa.Table) -> None:
    # pyarrow has no types of its own: of what it is, checkers know nothing, and pyright says so.
    report = compute_report(status, hours, maintenance=None)  # pyright: ignore[reportUnknownArgumentType]
    assert_type(report, pl.DataFrame)


def duckdb_relations(connection: duckdb.DuckDBPyConnection) -> None:
    status, hours, timezones = (connection.table(name) for name in ("polls", "hours", "zones"))
    assert_type(compute_report(status, hours, timezones), pl.DataFrame)
    compute_timeline(connection.sql("SELECT * FROM polls"), hours.filter("store_id < 9"))
    assert_type(write_sql(status, connection), str)


class OwnTable:
    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return None


def how_far_off(inputs: Inputs, status: pd.DataFrame, table: OwnTable) -> None:
    rates = fit_outage_rates(inputs, start="2023-01-01T00:00Z", policy=Policy(max_gap="1h"))
    assert_type(rates, pl.DataFrame)
    assert_type(
        fit_outage_rates(status, status, now=NOW, batch_stores=9, progress=print), pl.DataFrame
    )
    assert_type(compute_report(inputs, uncertainty=True), pl.DataFrame)
    compute_report(inputs, uncertainty=True, rates=rates.lazy())
    compute_history(inputs, at=[NOW], detail=True, uncertainty=True, rates=table)


def own_tables(table: OwnTable) -> None:
    compute_report(table, table, table, special_hours=table, maintenance=table)
    compute_history(table, at=[NOW])
    summarize_outages(table, by=table)


def spark_frames(status: pyspark.sql.DataFrame, hours: pyspark.sql.DataFrame) -> None:
    report = store_uptime.spark.compute_report(status, hours, None, NOW, maintenance=hours)
    assert_type(report, pyspark.sql.DataFrame)
    store_uptime.spark.compute_report(status, windows=DEFAULT_WINDOWS, policy=Policy(), detail=True)
    rates = pl.read_parquet("rates.parquet")
    store_uptime.spark.compute_report(status, uncertainty=True, rates=rates)
    store_uptime.spark.compute_history(status, at=[NOW], uncertainty=True, rates=rates)
    history = store_uptime.spark.compute_history(status, hours, at=[NOW], windows=DEFAULT_WINDOWS)
    assert_type(history, pyspark.sql.DataFrame)
    outages = store_uptime.spark.compute_outages(status, now=NOW, start=NOW, policy=Policy())
    assert_type(outages, pyspark.sql.DataFrame)
    timeline = store_uptime.spark.compute_timeline(status, hours, None, NOW, settled=True)
    assert_type(timeline, pyspark.sql.DataFrame)
    again = store_uptime.spark.report_from_timeline(status, hours, at=[NOW], covers=("a", NOW))
    assert_type(again, pyspark.sql.DataFrame)


# --- loaders -------------------------------------------------------------------------------------


def csv_files(folder: Path) -> None:
    inputs = load_csv(folder)
    assert_type(inputs, Inputs)
    load_csv("folder", status=folder / "polls.csv", maintenance="planned.csv", strict=False)
    load_csv("folder", status=["a.csv", folder / "b.csv"], hours=False, timezones=False)
    load_csv("folder", status=folder.glob("*.csv"), special_hours=False, maintenance_hours="w.csv")
    load_parquet("folder", maintenance_hours=folder / "w.parquet")
    assert_type(load_parquet("folder", status=[folder], hours=False), Inputs[pl.LazyFrame])
    assert_type(compute_report(*inputs), pl.DataFrame)
    status, hours, timezones = inputs
    assert_type(status, pl.DataFrame)
    some = Inputs(status.head(), hours, timezones, extra=inputs.extra, now=inputs.now)
    assert_type(some, Inputs)
    assert_type(Inputs(status.lazy(), hours, timezones), Inputs[pl.LazyFrame])
    for loaded in (inputs, load_parquet("folder")):
        compute_report(loaded, maintenance=pl.LazyFrame())
    assert_type(inputs.hours, pl.DataFrame)
    assert_type(inputs.rejected, pl.DataFrame)
    assert_type(inputs.extra, Mapping[str, pl.DataFrame])
    assert_type(inputs.now, datetime | None)


def databases(connection: sqlite3.Connection) -> None:
    inputs = load_sql(connection, status="SELECT 1", now=NOW, windows=DEFAULT_WINDOWS)
    assert_type(inputs, Inputs)
    assert_type(load_sql("postgresql://localhost/shop", maintenance_hours="works"), Inputs)
    report = compute_report(*inputs, NOW, maintenance=inputs.extra["maintenance"])
    assert_type(write_sql(report, connection, run_id="nightly", if_exists="replace"), str)


def connections(
    engine: sa.Engine, connection: sa.Connection, session: sqlalchemy.orm.Session
) -> None:
    for each in (engine, connection, session):
        assert_type(load_sql(each, hours=None, timezones=False), Inputs)
        write_sql(pl.DataFrame(), each, "shop.reports", if_exists="fail")
    with duckdb.connect() as duck, sqlite3.connect("a.db") as lite, dbapi.connect() as adbc:
        assert_type(load_sql(duck), Inputs)
        assert_type(load_sql(lite), Inputs)
        assert_type(load_sql(adbc), Inputs)
    with engine.connect() as opened, sqlalchemy.orm.Session(engine) as begun:
        write_sql(pl.DataFrame(), opened)
        write_sql(pl.DataFrame(), begun)


def psycopg_connection(
    connection: psycopg.Connection[tuple[object, ...]],
    dicts: psycopg.Connection[dict[str, object]],
    report: pl.DataFrame,
) -> None:
    assert_type(load_sql(connection), Inputs)
    write_sql(report, connection)
    assert_type(load_sql(dicts), Inputs)


def sessions(
    made: sqlalchemy.orm.sessionmaker[sqlalchemy.orm.Session],
    scoped: sqlalchemy.orm.scoped_session[sqlalchemy.orm.Session],
) -> None:
    with made.begin() as session:
        assert_type(load_sql(session), Inputs)
    assert_type(load_sql(scoped), Inputs)
    write_sql(pl.DataFrame(), scoped)


async def inside_run_sync(
    connection: sqlalchemy.ext.asyncio.AsyncConnection, session: sqlalchemy.ext.asyncio.AsyncSession
) -> None:
    assert_type(await connection.run_sync(lambda sync: load_sql(sync, now=NOW)), Inputs)
    assert_type(await session.run_sync(lambda sync: write_sql(pl.DataFrame(), sync)), str)
    await connection.run_sync(load_sql)


def untyped(uri: str) -> None:
    load_sql(psycopg2.connect(uri))
    load_sql(pymysql.connect())
    load_sql(django_connection)


# --- what is asked for ---------------------------------------------------------------------------


def rules_and_windows(inputs: Inputs) -> None:
    policy = Policy(
        interpolation="previous",
        evidence="all",
        backfill=False,
        max_gap=timedelta(hours=2),
        lookback=timedelta(0),
        missing_days="open",
        default_timezone="Europe/Vienna",
    )
    assert_type(policy.max_gap, timedelta | None)
    assert_type(Policy(max_gap="2h30m", lookback=None).lookback, timedelta | None)
    assert_type(Policy.for_changes(max_gap=None, default_timezone="Etc/UTC"), Policy)
    assert_type(Window("7d", "days").length, timedelta | relativedelta)
    rolling = {
        "last_month": Window(timedelta(days=30), "days"),
        "y": Window(relativedelta(years=1)),
    }
    calendar = {
        "yesterday": CalendarWindow("day"),
        "so_far": CalendarWindow("month", 0, "days"),
        "week": CalendarWindow("week", -1, "hours", "sunday"),
        "fiscal": CalendarWindow("year", first_month=4),
    }
    compute_report(*inputs, NOW, windows=rolling, policy=policy)
    compute_report(*inputs, NOW, windows=calendar, batch_stores=1000)
    compute_report(*inputs, NOW, windows={**rolling, **calendar})
    compute_report(*inputs, NOW, windows={**DEFAULT_WINDOWS, "day": CalendarWindow("day")})


def progress(inputs: Inputs) -> None:
    def show(done: int, stores: int) -> None:
        print(f"{done} of {stores}")  # noqa: T201

    compute_report(*inputs, progress=show)


# --- the kit for tests ---------------------------------------------------------------------------


def tests_of_a_host() -> None:
    status = polls("7 Mon 10:14 up", week=NOW.date(), zone="Asia/Tokyo")
    assert_type(status, pl.DataFrame)
    assert_type(weekly("7 Mon-Fri 09:00-17:00"), pl.DataFrame)
    assert_report_equal(status, status.lazy(), windows={"day": Window("1d")}, tolerance="1s")
    assert_report_equal(pd.DataFrame(), status, tolerance=timedelta(seconds=1))
    assert_report_valid(status, {"day": CalendarWindow("day")})


# --- the other functions -------------------------------------------------------------------------


def beyond_the_report(inputs: Inputs) -> None:
    days: list[datetime | str] = [NOW, "2023-01-26T18:00:00Z"]
    history = compute_history(*inputs, days, special_hours=inputs.extra.get("special_hours"))
    assert_type(history, pl.DataFrame)
    compute_history(*inputs, (NOW - timedelta(days=back) for back in range(90)))
    assert_type(compute_timeline(*inputs, NOW, start=NOW - timedelta(days=1)), pl.DataFrame)
    assert_type(compute_outages(*inputs, start="2023-01-01T00:00:00Z"), pl.DataFrame)
    assert_type(describe_polls(*inputs, start="2023-01-01T00:00:00Z"), pl.DataFrame)
    assert_type(summarize(history), pl.DataFrame)
    assert_type(
        compute_history(inputs, at=every("1d", start=NOW, end="2023-02-01T00:00Z")), pl.DataFrame
    )
    assert_type(compute_report(inputs), pl.DataFrame)
    compute_timeline(inputs, now=NOW, batch_stores=100, progress=print)
    compute_timeline(inputs, now=NOW, start=NOW - timedelta(days=9), settled=True)
    assert_type(Policy().settled_until(NOW), datetime)
    assert_type(Policy().settled_until("2024-03-02T06:00Z"), datetime)
    timeline = pl.scan_parquet("timeline/*.parquet")
    assert_type(report_from_timeline(timeline), pl.DataFrame)
    report_from_timeline(timeline, inputs.timezones, NOW, windows=DEFAULT_WINDOWS, detail=True)
    report_from_timeline(timeline, at=days, policy=Policy(), covers=("2023-01-01T00:00Z", NOW))
    report_from_timeline(
        timeline.collect(), None, "2023-01-25T18:00Z", batch_stores=9, progress=print
    )
    assert_type(outages_from_timeline(timeline), pl.DataFrame)
    summarize_outages(outages_from_timeline(timeline, covers=(NOW - timedelta(days=1), NOW)))
    compute_outages(load_parquet("folder"), maintenance=pl.DataFrame())
    summarize(history, "region", target=1)
    summarize(history.lazy(), pl.DataFrame(), windows=DEFAULT_WINDOWS)
    assert_type(summarize_outages(history, ["store_id"]), pl.DataFrame)
    summarize_outages(history.lazy(), by=pl.DataFrame())
    assert_type(tidy(history), pl.DataFrame)
    tidy(history.lazy(), windows={"day": Window("1d")})


def charts(timeline: pd.DataFrame, zones: OwnTable, history: pl.LazyFrame, ids: list[int]) -> None:
    assert_type(store_uptime.plot.timeline(timeline), alt.LayerChart)
    store_uptime.plot.timeline(timeline, None, zones, stores=ids, policy=Policy(), scheme="dark")
    chart = store_uptime.plot.bars(history, windows={"day": Window("1d")}, stores=iter(["7"]))
    assert_type(chart, alt.LayerChart)


def charts_of_fleets(timeline: pl.DataFrame, report: pl.LazyFrame, history: pl.DataFrame) -> None:
    heatmap(timeline, timeline.lazy(), policy=Policy(default_timezone="Etc/UTC"), title="When")
    distribution(report, windows={"day": Window("1d")}, window="day", target=None)
    worst(report, 5, windows=DEFAULT_WINDOWS, target=1, scheme="dark")
    trend(history, ["brand", "region"], target=0.999)
    trend(history.lazy(), report).properties(width=300)


def made_up(folder: Path) -> None:
    dataset = make_dataset(
        3, 7, now=NOW, poll_every=timedelta(minutes=5), zones=["Asia/Tokyo", None]
    )
    assert_type(dataset, Dataset)
    assert_type(dataset.truth(DEFAULT_WINDOWS), pl.DataFrame)
    compute_report(dataset.inputs, policy=Policy(max_gap="1h"))
    make_dataset(3, 7, zones={"Asia/Tokyo": 2, "Etc/UTC": 0.5}, edition="uuid")
    make_dataset(3, 7, zones={"Asia/Tokyo": 2, None: 1}, jitter=0)
    assert_type(dataset.write_csv(folder), Path)
    assert_type(dataset.write_parquet("folder"), Path)
    dataset.to_sql("sqlite:///stores.db", if_exists="replace")


def strategies(ids: list[str], series: pl.Series) -> None:
    assert_type(st_polls(ids, start=NOW, min_size=0), SearchStrategy[pl.DataFrame])
    assert_type(st_hours(range(3)), SearchStrategy[pl.DataFrame])
    assert_type(st_zones(), SearchStrategy[str])
    assert_type(st_policies(), SearchStrategy[Policy])
    assert_type(st_inputs(now="2024-05-13T12:00Z", extra=["maintenance"]), SearchStrategy[Inputs])
    st_inputs(series, extra=(), validity=False)


def warning(told: CoverageWarning) -> None:
    assert_type(told.known, dict[str, float | None])
    assert_type(told.last_poll, datetime | None)
    assert_type(told.text(now="--now"), str)
    assert_type(told.unmet, tuple[str, ...])


def rejected(told: RejectedRowsWarning) -> None:
    assert_type(told.counts, dict[str, int])
    assert_type(told.stores, tuple[str, ...])


def errors(inputs: Inputs) -> str | None:
    try:
        compute_report(*inputs)
    except SchemaError as error:
        assert_type(error.column, str | None)
        assert_type(error.count, int | None)
        assert_type(error.values, tuple[object, ...])
        assert_type(error.text("--strict"), str)
        return error.table
    except (StoreUptimeError, ValueError) as error:
        return str(error)
    return None
