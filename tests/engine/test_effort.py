"""A call with few rows asks little of polars, and gets what it would get in the way of many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given

from store_uptime import (
    CalendarWindow,
    Policy,
    Window,
    compute_history,
    compute_outages,
    compute_report,
    compute_timeline,
    describe_polls,
)
from support.comparing import bits
from support.frames import policy_of
from support.many_rows import as_for_many_rows, queries_of
from support.strategies import Scenario, examples, scenarios
from support.wall_clock import instant

NOW = "2023-01-24T18:00:00Z"
STATUS = pl.DataFrame(
    {
        "store_id": [1, 1, 1],
        "timestamp_utc": [
            f"2023-01-{moment}:00 UTC" for moment in ("23 10:14", "23 11:15", "24 15:00")
        ],
        "status": ["active", "inactive", "active"],
    }
)
HOURS = pl.DataFrame({"store_id": 1, "day_of_week": range(7)}).with_columns(
    start_time_local=pl.lit("09:00"), end_time_local=pl.lit("17:00")
)
ZONES = pl.DataFrame({"store_id": [1], "timezone_str": ["America/New_York"]})
EXTRA = {
    "special_hours": pl.DataFrame(
        {
            "store_id": [1],
            "date": ["2023-01-20"],
            "start_time_local": ["10:00"],
            "end_time_local": ["12:00"],
        }
    ),
    "maintenance": pl.DataFrame(
        {
            "store_id": [1],
            "start_utc": ["2023-01-20 15:00:00 UTC"],
            "end_utc": ["2023-01-20 16:00:00 UTC"],
        }
    ),
    "maintenance_hours": HOURS.with_columns(
        start_time_local=pl.lit("03:00"), end_time_local=pl.lit("04:00")
    ),
}
CALENDAR = {"yesterday": CalendarWindow("day"), "month": CalendarWindow("month", 0, "days")}


def for_one_store(**options: Any) -> pl.DataFrame:
    return compute_report(STATUS, HOURS, ZONES, NOW, **options)


# Counted, not timed: a count does not depend on the machine. It is for what each call may cost:
# a step more is seen here, and not in any time.
@pytest.mark.parametrize(
    ("most", "call"),
    [
        pytest.param(18, for_one_store, id="report"),
        pytest.param(24, lambda: for_one_store(detail=True), id="with details"),
        pytest.param(18, lambda: for_one_store(windows=CALENDAR), id="calendar windows"),
        pytest.param(24, lambda: for_one_store(windows={"y": Window("1y")}), id="a year"),
        pytest.param(
            21, lambda: for_one_store(policy=Policy(missing_days="open")), id="missing days"
        ),
        pytest.param(24, lambda: compute_report(STATUS, now=NOW), id="polls alone"),
        pytest.param(34, lambda: for_one_store(**EXTRA), id="all tables"),
        pytest.param(
            25,
            lambda: compute_history(STATUS, HOURS, ZONES, [NOW, "2023-01-23T18:00Z"]),
            id="history",
        ),
        pytest.param(18, lambda: compute_timeline(STATUS, HOURS, ZONES, NOW), id="timeline"),
        pytest.param(29, lambda: compute_outages(STATUS, HOURS, ZONES, NOW), id="outages"),
    ],
)
def test_one_store_is_computed_in_few_queries(most: int, call: Callable[[], object]) -> None:
    call()  # what is made once is made
    assert queries_of(call) <= most


def test_queries_are_counted() -> None:
    frame = pl.DataFrame({"a": [1]})
    assert queries_of(lambda: None) == 0
    assert queries_of(lambda: frame.select("a").filter(pl.col("a") > 0)) == 2
    assert queries_of(frame.lazy().select("a").sort("a").collect) == 1
    assert queries_of(lambda: pl.collect_all([frame.lazy(), frame.lazy()])) == 1


@examples(40)
@given(scenarios())
def test_few_rows_and_many_are_computed_to_the_same_bits(scenario: Scenario) -> None:
    few = scenario.report()
    with as_for_many_rows():
        many = scenario.report()
    assert bits(many) == bits(few)


@pytest.mark.parametrize("compute", [compute_timeline, compute_outages, describe_polls])
@examples(20)
@given(scenarios())
def test_what_lies_between_polls_is_the_same_for_few_rows_and_many(
    compute: Callable[..., pl.DataFrame], scenario: Scenario
) -> None:
    def call() -> pl.DataFrame:
        now, policy = instant(scenario.now), policy_of(scenario.rules)
        return compute(*scenario.tables, now, policy=policy, **scenario.extra)

    few = call()
    with as_for_many_rows():
        many = call()
    assert bits(many) == bits(few)
