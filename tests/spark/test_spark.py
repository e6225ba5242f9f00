"""On a real Spark: a classic session, and Spark Connect served by the same JVM.

Needs pyspark and Java 17 or newer. Where these are missing the tests are skipped, unless
``STORE_UPTIME_REQUIRE_SERVICES`` is set.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
import warnings
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import HealthCheck, given, settings

from store_uptime import (
    CalendarWindow,
    CoverageWarning,
    InvalidHoursError,
    InvalidStatusError,
    MissingDependencyError,
    NaiveDatetimeError,
    Policy,
    PolicyError,
    SchemaError,
    StoreUptimeError,
    UnknownTimeZoneError,
    Window,
    compute_report,
    spark,
)
from store_uptime.spark import by_store
from support.comparing import bits, spelled
from support.frames import policy_of, windows_of
from support.many_stores import NOW, tables
from support.spark_frames import one_to_spark, rows_of, skip_without_spark, to_spark
from support.strategies import Scenario, scenarios
from support.wall_clock import instant

skip_without_spark()

DAY = {"day": Window("1d")}
EARLIER = "2023-03-12T18:00:00+00:00"

# --- the same rows ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("partitions", "now", "adaptive"), [(1, NOW, "false"), (11, None, "true"), (11, NOW, "false")]
)
def test_rows_are_those_of_one_call_however_many_partitions_there_are(
    session: Any,
    partitions: int,
    now: str | None,
    adaptive: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(by_store, "_STORES_A_BUCKET", 2)
    session.conf.set("spark.sql.shuffle.partitions", partitions)
    session.conf.set("spark.sql.adaptive.enabled", adaptive)
    found = spark.compute_report(*to_spark(session, *tables()), now, detail=True)
    assert type(found) is type(session.range(1))
    assert found.selectExpr("spark_partition_id()").distinct().count() == partitions
    expected = compute_report(*tables(), now, detail=True)
    assert bits(rows_of(found)) == bits(spelled(expected))
    session.conf.set("spark.sql.shuffle.partitions", 3)
    session.conf.set("spark.sql.adaptive.enabled", "false")


def test_many_polls_of_few_stores_are_many_partitions(
    sessions: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_store, "_POLLS_A_BUCKET", 1_000)
    status, hours, zones = tables()
    one = pl.when(pl.col("store_id") % 4 == 0).then("store_id").otherwise(100)
    skewed = status.with_columns(one.alias("store_id"))
    found = spark.compute_report(*to_spark(sessions["classic"], skewed, hours, zones), NOW)
    assert found.selectExpr("spark_partition_id()").distinct().count() > 3
    assert bits(rows_of(found)) == bits(compute_report(skewed, hours, zones, NOW))


@pytest.mark.parametrize("type_", ["timestamp", "timestamp_ntz"])
def test_the_time_filter_reaches_the_files(
    session: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], type_: str
) -> None:
    """Polls that lie in no window, nor in its look-back, need not be read for the report."""
    status, hours, zones = to_spark(session, *tables())
    status = status.withColumn("timestamp_utc", status["timestamp_utc"].cast(type_))
    status.write.parquet(str(tmp_path / "status"))
    stored = session.read.parquet(str(tmp_path / "status"))
    found = spark.compute_report(stored, hours, zones, windows=DAY)
    found.explain("formatted")
    plan = capsys.readouterr().out
    (filters,) = [line for line in plan.splitlines() if line.startswith("PushedFilters")]
    assert "GreaterThanOrEqual(timestamp_utc" in filters
    assert "LessThanOrEqual(timestamp_utc" in filters
    assert bits(rows_of(found)) == bits(compute_report(*tables(), windows=DAY))


@pytest.mark.parametrize("given", [(0,), (0, 1), (0, 1, 2)])
def test_a_store_of_status_alone_has_its_row_whenever_it_was_polled(
    session: Any, given: tuple[int, ...]
) -> None:
    names = ("status", "hours", "timezones")
    local: dict[str, Any] = {names[place]: tables()[place] for place in given}
    alone = pl.col("store_id").is_between(110, 113)
    early = (
        local["status"]
        .filter(alone)
        .with_columns(pl.col("timestamp_utc") - dt.timedelta(days=900), pl.col("store_id") + 500)
    )
    local["status"] = pl.concat([local["status"], early])
    frames = {name: one_to_spark(session, table) for name, table in local.items()}
    found = rows_of(spark.compute_report(**frames, now=NOW, detail=True))
    assert found["store_id"].tail(4).to_list() == [610, 611, 612, 613]
    assert bits(found) == bits(spelled(compute_report(**local, now=NOW, detail=True)))


OLD_POLLS = (
    "SELECT CAST(id AS {}) AS store_id, CAST(at AS TIMESTAMP) AS timestamp_utc, 'active' AS status "
    "FROM VALUES ({}, '2023-03-12 10:00:00Z'), ({}, '2020-01-23 10:00:00Z'), "
    "({}, '2020-01-23 10:00:00Z') AS t(id, at)"
)
ONE_ZONE = "SELECT CAST({} AS {}) AS store_id, CAST('Asia/Tokyo' AS {}) AS timezone_str"


@pytest.mark.parametrize("zones", [None, ONE_ZONE.format(7, "int", "string")])
def test_ids_of_stores_polled_long_ago_may_be_larger_than_those_of_timezones(
    session: Any, zones: str | None
) -> None:
    status = session.sql(OLD_POLLS.format("bigint", 7, 8, 3_000_000_000))
    timezones = session.sql(zones) if zones else None
    found = rows_of(spark.compute_report(status, None, timezones, NOW, windows=DAY))
    assert found["store_id"].to_list() == [7, 8, 3_000_000_000]


@pytest.mark.parametrize("zoned", [None, "string", "string collate UNICODE_CI"])
def test_ids_are_compared_to_the_letter_whatever_the_collation(
    session: Any, zoned: str | None
) -> None:
    status = session.sql(OLD_POLLS.format("string collate UNICODE_CI", "'x'", "'a'", "'A'"))
    timezones = session.sql(ONE_ZONE.format("'x'", zoned, zoned)) if zoned else None
    found = rows_of(spark.compute_report(status, None, timezones, NOW, windows=DAY))
    assert found["store_id"].to_list() == ["A", "a", "x"]


STATUSES = {
    "words": pl.when("status").then(pl.lit("active")).otherwise(pl.lit("inactive")),
    "usual cases": pl.when("status").then(pl.lit("TRUE")).otherwise(pl.lit("Inactive")),
    "other cases": pl.when("status").then(pl.lit(" aCTive")).otherwise(pl.lit("F\t")),
    "numbers": pl.col("status").cast(pl.Int32),
}


@pytest.mark.parametrize("spelling", STATUSES)
def test_statuses_of_every_kind(session: Any, spelling: str) -> None:
    status, hours, zones = tables()
    written = status.with_columns(STATUSES[spelling].alias("status"))
    found = spark.compute_report(*to_spark(session, written, hours, zones), NOW)
    assert bits(rows_of(found)) == bits(compute_report(*tables(), NOW))


def test_words_are_compared_to_the_letter_whatever_the_collation(session: Any) -> None:
    status, hours, zones = tables()
    word = pl.when("status").then(pl.lit("active")).otherwise(pl.lit("\u0130nactive"))
    frames = to_spark(session, status.with_columns(word.alias("status")), hours, zones)
    by_rules = frames[0].withColumn("status", frames[0]["status"].cast("string collate UNICODE_CI"))
    with pytest.raises(InvalidStatusError, match="status other than active or inactive"):
        spark.compute_report(by_rules, *frames[1:], NOW)


def test_a_status_outside_the_span_is_not_checked(session: Any) -> None:
    status, hours, zones = tables()
    word = pl.when("status").then(pl.lit("active")).otherwise(pl.lit("inactive"))
    ended = pl.col("timestamp_utc") > dt.datetime.fromisoformat(EARLIER)
    odd = pl.when(ended).then(pl.lit("?")).otherwise(word)
    written = status.with_columns(odd.alias("status"))
    found = spark.compute_report(*to_spark(session, written, hours, zones), EARLIER)
    assert bits(rows_of(found)) == bits(compute_report(*tables(), EARLIER))
    with pytest.raises(InvalidStatusError, match="other than active or inactive"):
        spark.compute_report(*to_spark(session, written, hours, zones), NOW)


OUTSIDE_YEARS = {"too late": "253402300800000000L", "too early": "-62135596800000001L"}


@pytest.mark.parametrize("now", [None, NOW])
@pytest.mark.parametrize("instant_", [*OUTSIDE_YEARS, "null"])
def test_a_bad_timestamp_is_told_wherever_it_lies(
    session: Any, instant_: str, now: str | None
) -> None:
    status, hours, zones = to_spark(session, *tables())
    micros = OUTSIDE_YEARS.get(instant_, "CAST(NULL AS BIGINT)")
    bad = f"IF(store_id = 101, timestamp_micros({micros}), timestamp_utc) AS timestamp_utc"
    status = status.selectExpr("store_id", bad, "status")
    told = "null or unreadable" if instant_ == "null" else "outside the years 1 to 9999"
    with pytest.raises(InvalidStatusError, match=rf"status\.timestamp_utc: .*{told}.* in 300 rows"):
        spark.compute_report(status, hours, zones, now)


def test_without_limit_to_the_look_back_every_poll_up_to_now_matters(session: Any) -> None:
    rules = Policy.for_changes()
    found = spark.compute_report(*to_spark(session, *tables()), EARLIER, windows=DAY, policy=rules)
    expected = compute_report(*tables(), EARLIER, windows=DAY, policy=rules)
    assert bits(rows_of(found)) == bits(expected)


@pytest.mark.parametrize("given", [(0,), (0, 1), (0, 2)])
def test_hours_and_timezones_may_be_left_out(session: Any, given: tuple[int, ...]) -> None:
    names = ("status", "hours", "timezones")
    local: dict[str, Any] = {names[place]: tables()[place] for place in given}
    frames = {name: one_to_spark(session, table) for name, table in local.items()}
    found = spark.compute_report(**frames, now=NOW)
    assert bits(rows_of(found)) == bits(spelled(compute_report(**local, now=NOW)))


def test_of_a_part_of_the_stores_nothing_is_warned(sessions: dict[str, Any]) -> None:
    late = dt.datetime.fromisoformat(NOW) + dt.timedelta(days=900)
    with pytest.warns(CoverageWarning):
        compute_report(*tables(), late)
    with warnings.catch_warnings():
        warnings.simplefilter("error", CoverageWarning)
        found = spark.compute_report(*to_spark(sessions["classic"], *tables()), late)
    assert found.count() > 0


@settings(
    max_examples=5, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(scenarios())
def test_rows_are_those_of_one_call_for_any_stores(session: Any, scenario: Scenario) -> None:
    found = spark.compute_report(
        *to_spark(session, *scenario.tables),
        instant(scenario.now),
        windows=windows_of(scenario.lengths),
        policy=policy_of(scenario.rules),
        detail=True,
        **{name: one_to_spark(session, frame) for name, frame in scenario.extra.items()},
    )
    assert bits(rows_of(found)) == bits(spelled(scenario.report()))


@pytest.mark.parametrize("spark_type", ["tinyint", "smallint", "int", "bigint", "string"])
def test_ids_come_back_in_the_type_of_status(sessions: dict[str, Any], spark_type: str) -> None:
    other = "string" if spark_type == "string" else "bigint"
    status, hours, zones = to_spark(sessions["classic"], *tables())
    status = status.where("store_id < 128")
    hours = hours.where("store_id < 128")
    zones = zones.where("store_id < 128")
    found = spark.compute_report(
        status.withColumn("store_id", status["store_id"].cast(spark_type)),
        hours.withColumn("store_id", hours["store_id"].cast(other)),
        zones.withColumn("store_id", zones["store_id"].cast(other)),
        NOW,
    )
    assert found.schema["store_id"].dataType.simpleString() == spark_type
    expected = compute_report(*tables(), NOW).filter(pl.col("store_id") < 128)
    assert bits(rows_of(found).drop("store_id")) == bits(expected.drop("store_id"))


@pytest.mark.parametrize("dtype", [pl.Int64(), pl.String()])
def test_ids_of_nineteen_digits_stay_apart(session: Any, dtype: pl.DataType) -> None:
    def longer(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns((8419537941919820732 + pl.col("store_id")).cast(dtype))

    status, hours, zones = (longer(frame) for frame in tables())
    found = spark.compute_report(*to_spark(session, status, hours, zones), NOW)
    assert bits(rows_of(found)) == bits(compute_report(status, hours, zones, NOW))


def test_stores_that_only_one_table_names_have_a_row(session: Any) -> None:
    status, hours, zones = tables()
    of_hours, of_zones = hours.head(6), zones.head(1)
    frames = (
        status.filter(pl.col("store_id") > 130),
        of_hours.with_columns(store_id=pl.lit(-5, pl.Int64)),
        of_zones.with_columns(store_id=pl.lit(2**62, pl.Int64)),
    )
    found = rows_of(spark.compute_report(*to_spark(session, *frames), NOW, detail=True))
    assert found["store_id"].to_list() == [-5, *range(131, 137), 2**62]
    assert bits(found) == bits(spelled(compute_report(*frames, NOW, detail=True)))


def test_without_polls_nothing_is_known(session: Any) -> None:
    status, hours, zones = tables()
    given = to_spark(session, status.clear(), hours, zones)
    with pytest.raises(InvalidStatusError, match="no polls to take now from"):
        spark.compute_report(*given)
    found = rows_of(spark.compute_report(*given, NOW, detail=True))
    assert bits(found) == bits(
        spelled(compute_report(status.clear(), hours, zones, NOW, detail=True))
    )


def test_a_report_on_no_stores_has_its_columns(sessions: dict[str, Any]) -> None:
    status, hours, zones = tables()
    empty = status.clear(), hours.clear(), zones.clear()
    found = spark.compute_report(*to_spark(sessions["classic"], *empty), NOW)
    assert bits(rows_of(found)) == bits(compute_report(*empty, NOW))


@pytest.mark.parametrize(
    ("spelling", "zone"),
    [("utc", "GMT+08:00"), ("naive", "America/Los_Angeles"), ("text", "Asia/Kolkata")],
)
def test_the_time_zone_of_the_session_changes_nothing(
    session: Any, spelling: str, zone: str
) -> None:
    status, hours, zones = tables()
    naive = status["timestamp_utc"].dt.replace_time_zone(None)
    stamps = {"utc": status["timestamp_utc"], "naive": naive, "text": naive.cast(pl.String)}
    given = to_spark(session, status.with_columns(stamps[spelling]), hours, zones)
    session.conf.set("spark.sql.session.timeZone", zone)
    assert bits(rows_of(spark.compute_report(*given))) == bits(compute_report(*tables()))


def test_times_of_every_type_that_spark_has_beside_columns_of_no_matter(session: Any) -> None:
    """Further columns, and some whose names differ in case only, are ignored."""
    status, hours, zones = to_spark(session, *tables())
    status = status.selectExpr(
        "map(1, 2) AS timezone_str", "'?' AS STATUS", "1 AS twice", "2 AS twice", "*"
    )
    hours = hours.selectExpr(
        "store_id",
        "CAST(day_of_week AS tinyint) AS dayOfWeek",
        "CAST(start_time_local AS TIME) AS start_time_local",
        "INTERVAL '17:30' HOUR TO MINUTE AS end_time_local",
    )
    found = spark.compute_report(status, hours, zones, NOW)
    assert bits(rows_of(found)) == bits(compute_report(*tables(), NOW))


@pytest.mark.parametrize("change", [str.upper, str.title], ids=["upper", "title"])
def test_columns_are_found_in_any_case(session: Any, change: Any) -> None:
    status, hours, zones = tables()
    expected = compute_report(status, hours, zones, NOW)
    given = [frame.rename(change) for frame in (status, hours, zones)]
    found = rows_of(spark.compute_report(*to_spark(session, *given), NOW))
    assert bits(found) == bits(expected)


@pytest.mark.parametrize("type_", ["decimal(18,0)", "decimal(20,0)"])
def test_decimals_without_places_are_ids(session: Any, type_: str) -> None:
    frames = to_spark(session, *tables())
    cast = [frame.withColumn("store_id", frame.store_id.cast(type_)) for frame in frames]
    status, hours, zones = cast
    found = rows_of(spark.compute_report(status, hours, zones, NOW))
    assert bits(found) == bits(compute_report(*tables(), NOW))


def test_windows_and_their_names_are_the_callers(session: Any) -> None:
    windows = {
        "a `b`, c": Window(relativedelta(months=1), "days"),
        "last day": Window(dt.timedelta(days=1), "seconds"),
        "this week": CalendarWindow("week", 0, week_start="sunday"),
        "fiscal": CalendarWindow("quarter", 0, first_month=2),
    }
    policy = Policy(interpolation="previous", max_gap=dt.timedelta(minutes=20), backfill=False)
    options: dict[str, Any] = {"windows": windows, "policy": policy, "detail": True}
    found = spark.compute_report(*to_spark(session, *tables()), NOW, **options)
    assert bits(rows_of(found)) == bits(spelled(compute_report(*tables(), NOW, **options)))


# --- errors -----------------------------------------------------------------------------------------

# A table of this cannot be read: an error that comes instead of Spark's has come before any job.
UNREADABLE = "CAST(raise_error('a job has run') AS {}) AS {}"


def unreadable(session: Any, table: str, **changes: str | None) -> Any:
    """Return a table that has its columns, some of another type or dropped, and cannot be read."""
    columns: dict[str, dict[str, str | None]] = {
        "status": {"store_id": "int", "timestamp_utc": "timestamp", "status": "boolean"},
        "hours": {
            "store_id": "int",
            "day_of_week": "int",
            "start_time_local": "string",
            "end_time_local": "string",
        },
        "timezones": {"store_id": "int", "timezone_str": "string"},
    }
    types = columns[table] | changes
    written = [UNREADABLE.format(kind, name) for name, kind in types.items() if kind]
    return session.range(3).selectExpr(*written)


@pytest.mark.parametrize(
    ("table", "changes", "sentence"),
    [
        ("status", {"status": None}, "status.status: no such column. The columns are: store_id, timestamp_utc. "),
        ("status", {"store_id": None, "id": "int"}, "The columns are: timestamp_utc, status, id. Rename"),
        ("status", {"store_id": "double"}, "status.store_id: ids are floats (Float64)"),
        ("status", {"store_id": "decimal(19,2)"}, "status.store_id: type Decimal"),
        ("status", {"timestamp_utc": "bigint"}, "status.timestamp_utc: type Int64 is not accepted"),
        ("status", {"timestamp_utc": "map<string,date>"}, "status.timestamp_utc: type map<string,date> is not accepted"),
        ("hours", {"store_id": "string"}, "hours.store_id: ids are String here but Int32 in status"),
        ("hours", {"day_of_week": "boolean"}, "hours.day_of_week: type Boolean is not accepted"),
        ("timezones", {"timezone_str": "date"}, "timezones.timezone_str: type Date is not accepted"),
        ("timezones", {"timezone_str": "int"}, "timezones.timezone_str: type Int32 is not accepted"),
    ],
)  # fmt: skip
def test_bad_schemas_are_told_before_any_job(
    session: Any, table: str, changes: dict[str, str | None], sentence: str
) -> None:
    given = {name: unreadable(session, name) for name in ("status", "hours", "timezones")}
    given[table] = unreadable(session, table, **changes)
    with pytest.raises(SchemaError) as caught:
        spark.compute_report(**given)
    assert sentence in str(caught.value)


def test_bad_options_are_told_before_any_job(sessions: dict[str, Any]) -> None:
    from pyspark.errors import PySparkException  # noqa: PLC0415

    names = ("status", "hours", "timezones")
    status, hours, zones = (unreadable(sessions["classic"], name) for name in names)
    given = status, hours, zones
    anything: Any = 7
    with pytest.raises(NaiveDatetimeError):
        spark.compute_report(*given, "2023-01-01T00:00:00")
    with pytest.raises(PolicyError, match="windows: no windows"):
        spark.compute_report(*given, windows=anything)
    with pytest.raises(PolicyError, match="policy: is not a policy"):
        spark.compute_report(*given, policy=anything)
    with pytest.raises(UnknownTimeZoneError, match=r"Policy\.default_timezone"):
        spark.compute_report(*given, policy=Policy(default_timezone="Mars/Olympus"))
    with pytest.raises(PySparkException, match="a job has run"):  # as it does on good options
        spark.compute_report(*given)


def test_a_window_that_reaches_back_too_far_from_the_latest_poll(session: Any) -> None:
    status, hours, zones = tables()
    status = status.with_columns(pl.lit("0002-01-01 00:00:00").alias("timestamp_utc"))
    given = to_spark(session, status, hours, zones)
    with pytest.raises(PolicyError, match="reaches back too far"):
        spark.compute_report(*given, windows={"two_years": Window(dt.timedelta(days=730))})


def test_what_is_no_spark_frame(sessions: dict[str, Any]) -> None:
    status, hours, zones = to_spark(sessions["classic"], *tables())
    eager: Any = tables()[1]
    with pytest.raises(SchemaError, match=r"hours: a DataFrame is not a Spark DataFrame. Make it"):
        spark.compute_report(status, eager, zones)
    with pytest.raises(SchemaError, match=r"timezones\.store_id: columns of one name"):
        spark.compute_report(status, hours, zones.selectExpr("*", "1 AS store_id"))


BAD_VALUES: list[tuple[str, pl.Expr, type[StoreUptimeError]]] = [
    ("status", pl.col("store_id").replace(136, None), InvalidStatusError),
    ("status", pl.lit("?").alias("status"), InvalidStatusError),
    ("hours", pl.col("store_id").replace(100, None), InvalidHoursError),
    ("timezones", pl.lit("Mars/Olympus").alias("timezone_str"), UnknownTimeZoneError),
    ("timezones", pl.col("store_id").replace(136, 135), UnknownTimeZoneError),
    ("timezones", pl.col("store_id") + 2**40, SchemaError),
]


@pytest.mark.parametrize(("table", "change", "error"), BAD_VALUES)
def test_a_bad_value_is_told_at_the_call_as_by_one_call_in_memory(
    session: Any, table: str, change: pl.Expr, error: type[StoreUptimeError]
) -> None:
    given: dict[str, Any] = dict(zip(("status", "hours", "timezones"), tables(), strict=True))
    given["status"] = given["status"].with_columns(pl.col("store_id").cast(pl.Int32))
    given[table] = given[table].with_columns(change)
    # As of a scan: a status that cannot matter is not looked at.
    scanned = given | {"status": given["status"].lazy()}
    with pytest.raises(error) as expected:
        compute_report(**scanned)
    made: dict[str, Any] = dict(zip(given, to_spark(session, *given.values()), strict=True))
    with pytest.raises(error) as caught:
        spark.compute_report(**made)
    for fact in ("problem", "table", "column", "count", "remedy"):
        assert getattr(caught.value, fact) == getattr(expected.value, fact)
    assert 1 <= len(caught.value.values) <= 5
    told = given[table][str(caught.value.column)].to_list()
    assert all(value in told or isinstance(value, tuple) for value in caught.value.values)


@pytest.mark.parametrize(
    ("module", "package"), [("pyspark.sql", "'pyspark[sql]'"), ("pyarrow", "pyarrow")]
)
def test_without_the_extra_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, module: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    nothing: Any = None
    with pytest.raises(
        MissingDependencyError, match=re.escape(f"Install it: pip install {package}.")
    ):
        spark.compute_report(nothing, nothing, nothing)


def test_a_bad_status_is_told_where_there_is_no_other_table(session: Any) -> None:
    status = tables()[0].with_columns(status=pl.lit("?"))
    with pytest.raises(InvalidStatusError, match="status other than active or inactive"):
        spark.compute_report(one_to_spark(session, status))
