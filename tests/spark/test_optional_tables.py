"""Tables that need not be there, and hours that change: in all partitions as by one call in memory."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from store_uptime import InvalidHoursError, compute_report, spark
from support import many_stores
from support.changing_hours import DATES, NOW, POLICY, REPORT, WINDOWS, report_of, tables
from support.comparing import bits, spelled
from support.spark_frames import one_to_spark, rows_of, skip_without_spark, to_spark

skip_without_spark()
pytestmark = pytest.mark.filterwarnings("ignore::store_uptime.CoverageWarning")


def found_by(given: dict[str, Any]) -> list[tuple[Any, ...]]:
    report = spark.compute_report(**given, now=NOW, windows=WINDOWS, policy=POLICY, detail=True)
    columns = ("store_id", *(f"{word}_3_days" for word in ("uptime", "downtime", "unknown")))
    return rows_of(report).select(columns).rows()


@pytest.mark.parametrize("date", ["date", "string", "timestamp_ntz"])
def test_the_report_worked_by_hand(session: Any, date: str) -> None:
    """The two stores are in partitions of their own; a row for every store reaches both."""
    given = {name: one_to_spark(session, frame) for name, frame in tables().items()}
    for name in ("hours", "maintenance_hours"):
        for column in DATES:
            given[name] = given[name].withColumn(column, given[name][column].cast(date))
    assert found_by(given) == REPORT


def test_some_columns_are_not_there_or_have_no_type(session: Any) -> None:
    local = tables()
    local["hours"] = local["hours"].drop("valid_from")
    given = {name: one_to_spark(session, frame) for name, frame in local.items()}
    given["maintenance_hours"] = given["maintenance_hours"].selectExpr(
        "store_id AS STORE_ID", "day", "start_time_local", "end_time_local", "NULL AS VALID_FROM"
    )
    local["maintenance_hours"] = local["maintenance_hours"].drop(DATES)
    assert found_by(given) == report_of(**local)


@pytest.mark.parametrize("id_", [None, 7])
def test_a_bad_date_is_told_at_the_call(session: Any, id_: int | None) -> None:
    local = tables()
    bad = local["maintenance_hours"].with_columns(
        store_id=pl.lit(id_, pl.Int64), valid_from=pl.lit("2024-06-13")
    )
    given = {name: one_to_spark(session, frame) for name, frame in local.items()}
    given["maintenance_hours"] = one_to_spark(session, bad)
    told = r"^maintenance_hours\.valid_until: before valid_from in 1 row \(first: '2024-06-12'\)"
    with pytest.raises(InvalidHoursError, match=told):
        found_by(given)


SPECIAL = pl.DataFrame(
    {
        "store_id": [100, None, None, 101, 5],
        "date": [dt.date(2023, 3, day) for day in (14, 14, 13, 12, 14)],
        "start_time_local": ["06:00", "12:00", None, None, "01:00"],
        "end_time_local": ["07:00", "14:30", None, None, "02:00"],
    }
)
MAINTENANCE = pl.DataFrame(
    {
        "store_id": [100, None, 102],
        "start_utc": [f"2023-03-14 {hour}:00:00 UTC" for hour in ("06", "17", "16")],
        "end_utc": [f"2023-03-14 {hour}:30:00 UTC" for hour in ("16", "17", "17")],
    }
)
WEEKLY = pl.DataFrame(
    {
        "store_id": [100, None, 101, 5],
        "day": [1, 1, 0, 1],
        "start_time_local": ["06:00", "12:00", "00:00", "01:00"],
        "end_time_local": ["07:00", "12:30", "24:00", "02:00"],
        "valid_from": [dt.date(2023, 3, 14), None, None, None],
        "valid_until": [None, dt.date(2023, 3, 15), dt.date(2023, 3, 14), None],
    }
)


def test_special_hours_and_maintenance_hold_for_the_stores_they_name_or_for_all(
    session: Any,
) -> None:
    """Rows without an id reach every partition; store 5, which they alone name, has no row."""
    times = [f"CAST({name}_time_local AS TIME) AS {name}_time_local" for name in ("start", "end")]
    special = one_to_spark(session, SPECIAL).selectExpr("store_id", "date", *times)
    maintenance = one_to_spark(session, MAINTENANCE)
    given = to_spark(session, *many_stores.tables())
    extra: dict[str, Any] = {}
    spark_extra: dict[str, Any] = {}
    before = compute_report(*many_stores.tables(), many_stores.NOW, detail=True)
    for name, frame, spark_frame in (
        ("special_hours", SPECIAL, special),
        ("maintenance", MAINTENANCE, maintenance),
        ("maintenance_hours", WEEKLY, one_to_spark(session, WEEKLY)),
    ):
        extra[name], spark_extra[name] = frame, spark_frame
        found = rows_of(spark.compute_report(*given, many_stores.NOW, detail=True, **spark_extra))
        assert found["store_id"].to_list() == list(range(100, 137))
        expected = compute_report(*many_stores.tables(), many_stores.NOW, detail=True, **extra)
        assert bits(found) == bits(spelled(expected))
        assert bits(expected) != bits(before)  # each table adds something
        before = expected


@pytest.mark.parametrize("id_", [None, 100])
def test_bad_rows_of_the_optional_tables_are_told_at_the_call(
    session: Any, id_: int | None
) -> None:
    given = to_spark(session, *many_stores.tables())
    store_id = pl.lit(id_, pl.Int64)
    special = SPECIAL.with_columns(store_id=store_id, end_time_local=pl.lit("9 am"))
    with pytest.raises(InvalidHoursError, match=r"special_hours\.end_time_local: .* in 5 rows"):
        spark.compute_report(*given, special_hours=one_to_spark(session, special))
    maintenance = MAINTENANCE.with_columns(store_id=store_id, end_utc=pl.col("start_utc"))
    with pytest.raises(InvalidHoursError, match=r"maintenance\.end_utc: .* in 3 rows"):
        spark.compute_report(*given, maintenance=one_to_spark(session, maintenance))
