"""`uncertainty` and `rates` on Spark: the columns of one call in memory, and the same refusals."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from store_uptime import Policy, StoreUptimeError, compute_history, compute_report, spark
from store_uptime.spark import by_store
from support.comparing import bits, spelled
from support.many_stores import NOW, tables
from support.spark_frames import rows_of, skip_without_spark, to_spark

skip_without_spark()

RATES = pl.DataFrame({"rate": [2.0, 0.5], "share_down": [0.01, 0.2], "weight": [0.75, 0.25]})
EARLIER = "2023-03-12T18:00:00+00:00"


@pytest.mark.parametrize("rates", [None, RATES, RATES.to_arrow()], ids=["alone", "polars", "arrow"])
def test_a_report_is_that_of_one_call(
    sessions: dict[str, Any], rates: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_store, "_STORES_A_BUCKET", 2)
    given = to_spark(sessions["classic"], *tables())
    found = spark.compute_report(*given, None, detail=True, uncertainty=True, rates=rates)
    expected = compute_report(*tables(), None, detail=True, uncertainty=True, rates=rates)
    assert found.columns == expected.columns
    assert bits(rows_of(found)) == bits(spelled(expected))


def test_a_history_is_that_of_one_call(session: Any) -> None:
    at = [EARLIER, NOW]
    given = to_spark(session, *tables())
    options: dict[str, Any] = {"at": at, "uncertainty": True, "rates": RATES}
    found = spark.compute_history(*given, **options)
    expected = compute_history(*tables(), **options)
    assert found.columns == expected.columns
    rows = pl.DataFrame(found.toArrow()).sort("now", "store_id")
    assert bits(rows) == bits(spelled(expected))


def test_what_is_refused_is_refused_at_the_call(sessions: dict[str, Any]) -> None:
    given = to_spark(sessions["classic"], *tables())
    calls = ((spark.compute_report, {"now": NOW}), (spark.compute_history, {"at": [NOW]}))
    for compute, instants in calls:
        for options, code in (
            ({"uncertainty": 1}, "not_a_flag"),
            ({"uncertainty": True, "policy": Policy.for_changes()}, "log_of_changes"),
            ({"rates": RATES}, "unused_option"),
            ({"uncertainty": True, "rates": RATES.drop("rate")}, "missing_column"),
            ({"uncertainty": True, "rates": "rates.csv"}, "not_a_table"),
        ):
            more: Any = {**instants, **options}
            with pytest.raises(StoreUptimeError) as caught:
                compute(*given, **more)
            assert caught.value.code == code
