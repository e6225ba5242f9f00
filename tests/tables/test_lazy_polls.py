"""Of polls that are not in memory, only what a report needs is read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import InvalidStatusError, compute_report
from store_uptime._tables.given import Source
from store_uptime._tables.read import read_polls
from support.many_stores import NOW, tables
from support.plans import reading_statuses, seen_plans


@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
@pytest.mark.parametrize("unit", ["ns", "us", "ms"])
def test_only_needed_rows_and_columns_of_a_parquet_file_are_read(
    tmp_path: Path, unit: Literal["ns", "us", "ms"], zone: str | None
) -> None:
    status, hours, zones = tables()
    stamp = pl.col("timestamp_utc").dt.cast_time_unit(unit)
    stamp = stamp.dt.convert_time_zone(zone) if zone else stamp.dt.replace_time_zone(None)
    path = tmp_path / "status.parquet"
    status.with_columns(stamp, payload=pl.lit("x" * 100)).write_parquet(path, row_group_size=500)
    scanned = pl.scan_parquet(path)
    assert_frame_equal(
        compute_report(scanned, hours, zones, NOW, detail=True),
        compute_report(status, hours, zones, NOW, detail=True),
        check_exact=True,
    )
    with seen_plans() as plans:
        compute_report(scanned, hours, zones, NOW)
    (whole,) = reading_statuses(plans)
    assert "PROJECT 3/4 COLUMNS" in whole
    assert 'SELECTION: col("timestamp_utc").is_between(' in whole
    # Of the others there is a look at ids and instants, and that, too, skips rows.
    (others,) = (plan for plan in plans if "PROJECT 2/4 COLUMNS" in plan)
    assert "SELECTION: " in others


def test_polls_just_outside_and_on_the_bounds_of_a_lazy_frame() -> None:
    # A frame of nanoseconds or milliseconds must keep exactly the polls of [lo, now] in microseconds.
    nanos = [999, 1_000, 1_999, 2_000, 3_999, 4_000]
    frame = pl.DataFrame(
        {
            "store_id": [1] * 6,
            "timestamp_utc": pl.Series(nanos).cast(pl.Datetime("ns")),
            "status": True,
        }
    )
    assert instants_between(frame, 1, 3) == [1, 1, 2, 3]
    millis = frame.with_columns(pl.Series("timestamp_utc", range(6)).cast(pl.Datetime("ms")))
    assert instants_between(millis, 1, 3_999) == [1_000, 2_000, 3_000]
    assert instants_between(millis, 1_000, 4_000) == [1_000, 2_000, 3_000, 4_000]
    words = pl.format("1970-01-01 00:00:00.00000{} UTC", pl.int_range(6))
    assert instants_between(frame.with_columns(timestamp_utc=words), 1, 3) == [1, 2, 3]


def instants_between(frame: pl.DataFrame, first: int, last: int) -> list[int]:
    polls = read_polls(Source(frame.lazy(), "status"), pl.Int64())
    return polls.between(first, first, last).polls().collect()["t"].to_list()


def test_a_status_outside_the_windows_of_a_lazy_frame_is_not_even_read() -> None:
    status, hours, zones = tables()
    old = status.head(1).with_columns(
        timestamp_utc=pl.lit(dt.datetime(2001, 1, 1, tzinfo=dt.UTC)).cast(pl.Datetime("us", "UTC"))
    )
    words = pl.when("status").then(pl.lit("active")).otherwise(pl.lit("inactive"))
    mixed = pl.concat([status.with_columns(status=words), old.with_columns(status=pl.lit("?"))])
    assert_frame_equal(
        compute_report(mixed.lazy(), hours, zones, NOW), compute_report(status, hours, zones, NOW)
    )
    with pytest.raises(InvalidStatusError, match="status other than active or inactive in 1 row"):
        compute_report(mixed, hours, zones, NOW)
