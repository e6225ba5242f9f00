"""Histories, timelines and outages on a real Spark: the rows of the core, whatever is given."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

import store_uptime
from store_uptime import (
    InvalidStatusError,
    MissingDependencyError,
    NaiveDatetimeError,
    Policy,
    PolicyError,
    SchemaError,
    Window,
    every,
    spark,
)
from store_uptime.spark import by_store
from support.changing_hours import tables as changing_tables
from support.comparing import bits
from support.frames import policy_of, windows_of
from support.many_stores import NOW, tables
from support.spark_frames import one_to_spark, skip_without_spark, to_spark
from support.strategies import Scenario, scenarios
from support.wall_clock import instant

skip_without_spark()
pytestmark = pytest.mark.filterwarnings("ignore::store_uptime.CoverageWarning")

AT = every("7h", start="2023-03-11T05:00Z", end="2023-03-12T12:00Z")
WINDOWS = {"day": Window("1d", "seconds"), "two_hours": Window("2h")}
# What the core's rows are sorted by.
ORDERS = {
    "compute_history": ["now", "store_id"],
    "compute_timeline": ["store_id", "start"],
    "compute_outages": ["store_id", "start"],
}
OPTIONS: dict[str, dict[str, Any]] = {
    "compute_history": {"at": [*AT, AT[0]], "windows": WINDOWS, "detail": True},
    "compute_timeline": {"start": "2023-03-10T09:30:00Z"},
    "compute_outages": {},
}
CALLS = list(OPTIONS)
WITH_NOW = ["compute_timeline", "compute_outages"]


def found_by(name: str, session: Any, frames: dict[str, Any], **options: Any) -> pl.DataFrame:
    """Return the rows of a call on Spark, in the order of the core's."""
    given_ = {table: one_to_spark(session, frame) for table, frame in frames.items()}
    found = getattr(spark, name)(**given_, **options).toArrow()
    zone = session.conf.get("spark.sql.session.timeZone")
    assert zone == "UTC"
    return pl.DataFrame(found).sort(ORDERS[name])


def expected_by(name: str, frames: dict[str, Any], **options: Any) -> pl.DataFrame:
    """Return the rows of the core, in the types that Spark has."""
    rows: pl.DataFrame = getattr(store_uptime, name)(**frames, **options)
    return rows.with_columns(pl.col(pl.UInt32).cast(pl.Int64), pl.col(pl.Enum).cast(pl.String))


def same_rows(name: str, session: Any, frames: dict[str, Any], **options: Any) -> pl.DataFrame:
    """Hold Spark's rows to those of the core, and return them."""
    found = found_by(name, session, frames, **options)
    assert bits(found) == bits(expected_by(name, frames, **options))
    return found


def named() -> dict[str, pl.DataFrame]:
    return dict(zip(("status", "hours", "timezones"), tables(), strict=True))


@pytest.mark.parametrize("adaptive", ["false", "true"])
@pytest.mark.parametrize("name", CALLS)
def test_rows_are_those_of_the_core_in_many_partitions(
    session: Any, name: str, adaptive: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_store, "_STORES_A_BUCKET", 2)
    session.conf.set("spark.sql.adaptive.enabled", adaptive)
    now = {"now": NOW} if name in WITH_NOW else {}
    assert not same_rows(name, session, named(), **OPTIONS[name], **now).is_empty()
    session.conf.set("spark.sql.adaptive.enabled", "false")


@pytest.mark.parametrize("name", WITH_NOW)
def test_now_is_the_latest_poll_where_none_is_given(session: Any, name: str) -> None:
    assert not same_rows(name, session, named(), **OPTIONS[name]).is_empty()
    text = pl.col("timestamp_utc").dt.replace_time_zone(None).cast(pl.String)
    frames = named() | {"status": named()["status"].with_columns(text)}
    assert not same_rows(name, session, frames, **OPTIONS[name]).is_empty()


@pytest.mark.parametrize("now", [None, NOW])
def test_a_settled_timeline_ends_where_no_later_poll_changes_it(
    session: Any, now: str | None
) -> None:
    polls = {"status": named()["status"]}
    long = Policy(max_gap=dt.timedelta(days=3), lookback=dt.timedelta(days=9))
    found = same_rows("compute_timeline", session, polls, now=now, settled=True, policy=long)
    whole = same_rows("compute_timeline", session, polls, now=now, policy=long)
    assert max(found["end"]) < max(whole["end"])


@pytest.mark.parametrize("name", CALLS)
def test_rows_are_those_of_the_core_with_tables_that_need_not_be_there(
    session: Any, name: str
) -> None:
    frames = dict(changing_tables())
    at = dt.datetime(2024, 6, 16, tzinfo=dt.UTC)
    when: dict[str, Any] = {"now": at} if name in WITH_NOW else {"at": [at]}
    assert not same_rows(name, session, frames, **when).is_empty()


@settings(
    max_examples=4, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(scenarios())
@pytest.mark.parametrize("name", CALLS)
def test_rows_are_those_of_the_core_for_any_stores(
    session: Any, name: str, scenario: Scenario
) -> None:
    frames = dict(zip(("status", "hours", "timezones"), scenario.tables, strict=True))
    now = instant(scenario.now)
    options: dict[str, Any] = {"policy": policy_of(scenario.rules), "now": now}
    if name not in WITH_NOW:
        earlier = now - dt.timedelta(hours=5)
        options |= {"at": [now, earlier], "windows": windows_of(scenario.lengths), "detail": True}
        del options["now"]
    same_rows(name, session, frames | dict(scenario.extra), **options)


def test_all_stores_have_a_row_at_every_instant_of_a_history(session: Any) -> None:
    frames = named()
    frames["status"] = frames["status"].filter(pl.col("store_id") < 120)
    found = same_rows("compute_history", session, frames, at=AT)
    assert found.height == 37 * len(AT)


# --- errors ---------------------------------------------------------------------------------------


def nothing_to_read(session: Any) -> Any:
    """Return polls that cannot be read: another error has come before any job."""
    failing = "CAST(raise_error('a job has run') AS {}) AS {}"
    columns = {"store_id": "int", "timestamp_utc": "timestamp", "status": "boolean"}
    return session.range(3).selectExpr(*(failing.format(t, name) for name, t in columns.items()))


BAD_OPTIONS: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    ("compute_history", {}, PolicyError, "at: must be a list of instants"),
    ("compute_history", {"at": []}, PolicyError, "at: no instants"),
    ("compute_history", {"at": [NOW], "windows": {}}, PolicyError, "windows: no windows"),
    ("compute_history", {"at": ["2023-01-01"]}, NaiveDatetimeError, "at: has no time zone"),
    ("compute_timeline", {"settled": 1}, PolicyError, "settled: must be True or False"),
    ("compute_timeline", {"policy": 1}, PolicyError, "policy: is not a policy"),
    ("compute_timeline", {"start": "2023-01-01"}, NaiveDatetimeError, "start: has no time zone"),
    ("compute_timeline", {"settled": True, "policy": Policy(max_gap=None)}, PolicyError, "no timeline settles"),
    ("compute_outages", {"policy": 1}, PolicyError, "policy: is not a policy"),
    ("compute_outages", {"now": NOW, "start": NOW}, PolicyError, "start: is not before now"),
    ("compute_outages", {"now": "soon"}, PolicyError, "now: is not an instant"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options", "error", "told"), BAD_OPTIONS)
def test_bad_options_are_told_before_any_job(
    sessions: dict[str, Any], name: str, options: dict[str, Any], error: Any, told: str
) -> None:
    with pytest.raises(error, match=told):
        getattr(spark, name)(nothing_to_read(sessions["classic"]), **options)


@pytest.mark.parametrize("name", CALLS)
def test_a_bad_column_is_told_before_any_job(session: Any, name: str) -> None:
    polls = nothing_to_read(session).drop("status")
    when: dict[str, Any] = {} if name in WITH_NOW else {"at": AT}
    with pytest.raises(SchemaError, match=r"status\.status: no such column"):
        getattr(spark, name)(polls, **when)


@pytest.mark.parametrize("name", WITH_NOW)
def test_what_only_the_latest_poll_can_tell(session: Any, name: str) -> None:
    compute = getattr(spark, name)
    status, hours, zones = to_spark(session, *tables())
    with pytest.raises(PolicyError, match="start: is not before now"):
        compute(status, hours, zones, start="2030-01-01T00:00:00Z")
    with pytest.raises(InvalidStatusError, match="no polls to take now from"):
        compute(status.limit(0), hours, zones)


@pytest.mark.parametrize("name", [*CALLS, "compute_report", "report_from_timeline"])
def test_an_old_pyspark_is_named_with_what_is_needed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pyspark.__version__", "3.5.6")
    told = "Spark frames need pyspark 4 or newer; here is pyspark 3.5.6. "
    told += "Install it: pip install 'pyspark[sql]>=4'."
    with pytest.raises(MissingDependencyError, match=re.escape(told)) as caught:
        getattr(spark, name)(None)
    assert caught.value.code == "missing_package"
