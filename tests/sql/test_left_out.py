"""`load_sql`: `hours` and `timezones` may be left out."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import SchemaError, compute_report, load_sql
from support.databases import Database, empty_database
from support.sql_tables import NOW, TYPES, fill, frames

HOURS_TYPES = {
    "day_of_week": pl.Int64(),
    "start_time_local": pl.Duration("us"),
    "end_time_local": pl.Duration("us"),
}


@pytest.mark.parametrize("left_out", [None, False])
@pytest.mark.parametrize("variant", [0, 1])
@pytest.mark.parametrize("kind", TYPES)
def test_without_hours_and_timezones_no_such_table_is_read(
    kind: str, variant: int, left_out: Literal[False] | None, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    ids = fill(database, TYPES[kind][variant])
    database.run("DROP TABLE business_hours", "DROP TABLE store_timezones")
    inputs = load_sql(
        database.url, hours=left_out, timezones=left_out, special_hours=left_out, now=NOW
    )
    id_dtype = pl.Int64() if variant == 0 else pl.String()
    assert inputs.hours.schema == {"store_id": id_dtype, **HOURS_TYPES}
    assert inputs.timezones.schema == {"store_id": id_dtype, "timezone_str": pl.String()}
    assert [frame.height for frame in inputs[1:]] == [0, 0]
    assert dict(inputs.extra) == {}
    report = compute_report(inputs, detail=True)
    assert_frame_equal(report, compute_report(frames(ids)[0], now=NOW, detail=True))
    assert report["scheduled_last_day"].to_list() == [24.0, 24.0]


@pytest.mark.parametrize("one", ["hours", "timezones"])
def test_one_of_them_may_be_there(one: str, tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    ids = fill(database, TYPES["sqlite"][0])
    left_out = {"hours", "timezones"} - {one}
    inputs = load_sql(database.url, now=NOW, **dict.fromkeys(left_out))  # type: ignore[arg-type]  # nothing but None
    tables = dict(zip(("status", "hours", "timezones"), frames(ids), strict=True))
    kept: dict[str, Any] = {one: tables[one]}
    expected = compute_report(tables["status"], now=NOW, **kept)
    assert_frame_equal(compute_report(inputs), expected)


def test_a_database_without_polls_has_no_now(tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, TYPES["sqlite"][0], polls=[])
    inputs = load_sql(database.url, hours=None, timezones=None)
    assert (inputs.now, inputs.since, inputs.until) == (None, None, None)
    assert compute_report(inputs, now=dt.datetime(2023, 1, 1, tzinfo=dt.UTC)).height == 0


@pytest.mark.parametrize("given", [0, True, ""])
def test_nothing_else_means_that_there_is_no_table(given: Any, tmp_path: Any) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, TYPES["sqlite"][0])
    with pytest.raises(SchemaError, match=r"hours: no such table"):
        load_sql(database.url, hours=given)
