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
from store_uptime._tables.polls import read_polls
from support.many_stores import NOW, tables


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
    polls = read_polls(Source(scanned, "status"), pl.Int64())
    plan = polls.between(1_678_700_000_000_000, 1_678_800_000_000_000).rows.explain()
    assert "PROJECT 3/4 COLUMNS" in plan
    assert 'SELECTION: col("timestamp_utc").is_between(' in plan


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
    polls = read_polls(Source(frame.lazy(), "status"), pl.Int64())
    assert polls.between(1, 3).rows.collect()["t"].to_list() == [1, 1, 2, 3]
    millis = frame.with_columns(pl.Series("timestamp_utc", range(6)).cast(pl.Datetime("ms")))
    polls = read_polls(Source(millis.lazy(), "status"), pl.Int64())
    assert polls.between(1, 3_999).rows.collect()["t"].to_list() == [1_000, 2_000, 3_000]
    assert polls.between(1_000, 4_000).rows.collect()["t"].to_list() == [1_000, 2_000, 3_000, 4_000]
    words = pl.format("1970-01-01 00:00:00.00000{} UTC", pl.int_range(6))
    polls = read_polls(Source(frame.with_columns(timestamp_utc=words).lazy(), "status"), pl.Int64())
    assert polls.between(1, 3).rows.collect()["t"].to_list() == [1, 2, 3]


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
