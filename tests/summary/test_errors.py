"""What cannot be summed up, and the sentences that say so."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest

from store_uptime import (
    Policy,
    PolicyError,
    SchemaError,
    StoreUptimeError,
    summarize,
)
from support.five_stores import GROUPS, PLAIN, REPORT, day

MISSING = "no such column. The columns are: store_id, "
RETURNED = "Give what compute_report returned, with the windows that it was given."
TIME = "null, negative, not finite or beyond 73,000 years in "


def times_of(*values: float | None) -> pl.DataFrame:
    rest = [1.0] * (PLAIN.height - len(values))
    return PLAIN.with_columns(downtime_day=pl.Series([*values, *rest], dtype=pl.Float64))


BAD_CALLS = [
    # --- no report
    ((7,), "report: a int is not a table."),
    ((PLAIN.drop("store_id"),), "report.store_id: no such column."),
    ((PLAIN.drop("downtime_day"),), f"report.downtime_day: {MISSING}region, brand, uptime_day. {RETURNED}"),
    ((PLAIN.rename({"uptime_day": "up"}),), f"report.uptime_day: {MISSING}"),
    ((PLAIN.with_columns(pl.col("uptime_day").cast(pl.Float32)),), "report.uptime_day: type Float32 is not accepted. Accepted: Float64"),
    ((REPORT.with_columns(unknown_day=pl.lit("none")),), "report.unknown_day: type String is not accepted."),
    # --- times
    ((times_of(None),), f"report.downtime_day: {TIME}1 row (first: None). {RETURNED}"),
    ((times_of(math.nan, -1.0, math.inf),), f"{TIME}3 rows (first: nan, -1.0, inf)."),
    ((times_of(-math.inf, 4e10),), f"{TIME}2 rows (first: -inf, 40000000000.0)."),
    ((REPORT.with_columns(unknown_day=-pl.col("unknown_day")),), f"report.unknown_day: {TIME}3 rows"),
    # --- ids
    ((PLAIN.with_columns(pl.col("store_id").cast(pl.Float64)),), "report.store_id: ids are floats (Float64)."),
    ((PLAIN.with_columns(store_id=pl.lit(True)),), "report.store_id: type Boolean is not accepted."),
    ((PLAIN.with_columns(pl.col("store_id").replace(2, None)),), "report.store_id: null id in 1 row"),
    ((pl.concat([PLAIN, PLAIN.head(1)]),), "report.store_id: a store more than once in 2 rows (first: 1, 1). Where groups were joined on, join one row a store."),
    # --- groups by name
    ((PLAIN, "city"), f"report.city: {MISSING}region, brand, uptime_day, downtime_day. Join it onto the report, or give a table of store_id and the groups as by."),
    ((PLAIN, ["region", "city"]), "report.city: no such column."),
    ((PLAIN, [7]), "report.7: no such column."),
    ((PLAIN, [["region"]]), "report.['region']: no such column."),
    ((PLAIN.rename({"region": "window"}), "window"), "report.window: the summary has a column of this name already. Rename the column to group by."),
    ((PLAIN.with_columns(region=pl.lit([1, 2])), "region"), "report.region: type List(Int64) is not accepted. Accepted: strings, numbers, Booleans, dates and times."),
    ((PLAIN.with_columns(region=pl.Series([object()] * 5)), "region"), "report.region: type Object is not accepted."),
    ((PLAIN.with_columns(now=pl.lit([1, 2])),), "report.now: type List(Int64) is not accepted."),
    # --- groups by table
    ((PLAIN, 7), "by: a int is not a table."),
    ((PLAIN, pl.DataFrame({"store": [1], "region": ["a"]})), "by.store_id: no such column."),
    ((PLAIN, GROUPS.select("store_id")), "by: no column to group by. Give it one beside store_id."),
    ((PLAIN, GROUPS.with_columns(pl.col("store_id").cast(pl.String))), "by.store_id: ids are String here but Int64 in report."),
    ((PLAIN, GROUPS.with_columns(pl.col("store_id").cast(pl.Float64))), "by.store_id: ids are floats (Float64)."),
    ((PLAIN, GROUPS.with_columns(pl.col("store_id").replace(2, None))), "by.store_id: null id in 1 row"),
    ((PLAIN, pl.concat([GROUPS, GROUPS.tail(1)])), "by.store_id: a store more than once in 2 rows (first: 5, 5). Keep one row a store."),
    ((PLAIN, GROUPS.rename({"brand": "unit"})), "by.unit: the summary has a column of this name already."),
    ((PLAIN, GROUPS.rename({"brand": "uptime_day"})), "by.uptime_day: the summary has a column of this name already."),
    ((PLAIN.with_columns(now=1), GROUPS.rename({"brand": "now"})), "by.now: the summary has a column of this name already."),
    ((PLAIN, GROUPS.with_columns(brand=pl.struct("region"))), "by.brand: type Struct({'region': String}) is not accepted."),
]  # fmt: skip


@pytest.mark.parametrize(("call", "sentence"), BAD_CALLS)
def test_bad_calls(call: tuple[Any, ...], sentence: str) -> None:
    with pytest.raises(SchemaError) as caught:
        day(*call)
    assert sentence in str(caught.value)
    assert isinstance(caught.value, StoreUptimeError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "target", [0, 0.0, -0.1, 1.01, 99, math.nan, math.inf, "0.99", None, True, 1e-19, 1e-300]
)
def test_bad_targets(target: Any) -> None:
    problem = "target: must be a number above 0 and at most 1, with at most 18 decimals"
    with pytest.raises(PolicyError, match=problem) as caught:
        day(target=target)
    assert "such as 0.99" in str(caught.value)
    assert f"(first: {target!r})" in str(caught.value)


def test_bad_windows() -> None:
    with pytest.raises(PolicyError, match="windows: no windows"):
        summarize(REPORT, windows={})
    policy: Any = Policy()
    with pytest.raises(PolicyError, match="windows: not a window"):
        summarize(REPORT, windows={"day": policy})
