"""Hours that change and planned downtime, on Spark: in all partitions, as by one call in memory."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from store_uptime import InvalidHoursError, spark
from support.changing_hours import DATES, NOW, POLICY, REPORT, WINDOWS, report_of, tables
from support.spark_frames import one_to_spark, rows_of, skip_without_spark

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
