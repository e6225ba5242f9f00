"""Groups of stores, lazy sources and big data change nothing in the numbers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import Policy, Window, compute_report, line

NOW = "2023-03-14T18:00:00Z"
STORES = 37
WEEK = {"week": Window(dt.timedelta(days=7), "hours")}


def tables() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return polls every 50 minutes or so of stores of which some lack hours or a zone."""
    store = pl.DataFrame({"store_id": range(100, 100 + STORES)})
    poll = pl.DataFrame({"k": range(300)})
    status = store.join(poll, how="cross").select(
        "store_id",
        timestamp_utc=pl.lit(dt.datetime(2023, 3, 5, tzinfo=dt.UTC))
        + pl.duration(seconds=pl.col("k") * 3011 + pl.col("store_id") * 997 % 1800),
        status=(pl.col("k") * 7919 + pl.col("store_id")) % 11 < 8,
    )
    hours = store.head(30).join(pl.DataFrame({"day_of_week": range(6)}), how="cross")
    hours = hours.with_columns(
        start_time_local=pl.time(pl.col("store_id") % 12), end_time_local=pl.time(17, 30)
    )
    zones = store.tail(30).with_columns(
        timezone_str=pl.when(pl.col("store_id") % 2 == 0)
        .then(pl.lit("America/New_York"))
        .otherwise(pl.lit("Asia/Kolkata"))
    )
    return status, hours, zones


@pytest.mark.parametrize("size", [1, 2, 36, 37, 1000])
@pytest.mark.parametrize("lazy", [False, True], ids=["eager", "lazy"])
def test_the_size_of_the_batches_does_not_matter(size: int, *, lazy: bool) -> None:
    frames = tables()
    whole = compute_report(*frames, NOW, detail=True)
    seen: list[tuple[int, int]] = []
    status, hours, zones = (frame.lazy() if lazy else frame for frame in frames)
    parts = compute_report(
        status,
        hours,
        zones,
        NOW,
        detail=True,
        batch_stores=size,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert_frame_equal(parts, whole, check_exact=True)
    assert seen == [(min(k + size, STORES), STORES) for k in range(0, STORES, size)]


def test_batches_are_chosen_where_memory_asks_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = tables()
    whole = compute_report(*frames, NOW)
    monkeypatch.setattr(line, "_BUDGET", 3000)
    seen: list[int] = []
    parts = compute_report(*frames, NOW, progress=lambda done, _: seen.append(done))
    assert len(seen) > 2
    assert_frame_equal(parts, whole, check_exact=True)


@pytest.mark.parametrize("form", ["eager", "lazy", "strings"])
def test_stores_that_only_status_names_are_found_in_every_way(form: str) -> None:
    few = pl.col("store_id") < 110
    status, hours, zones = tables()
    hours, zones = hours.filter(few), zones.filter(few)
    if form == "strings":
        status, hours, zones = (
            frame.with_columns(pl.col("store_id").cast(pl.String))
            for frame in (status, hours, zones)
        )
    polls = status.lazy() if form == "lazy" else status
    report = compute_report(polls, hours, zones, NOW, windows=WEEK)
    assert report.height == STORES
    assert (report["uptime_week"] > 0).all()


def test_a_store_whose_polls_all_lie_outside_the_windows_still_has_a_row() -> None:
    status, hours, zones = tables()
    old = status.head(1).with_columns(
        store_id=pl.lit(7, pl.Int64),
        timestamp_utc=pl.lit(dt.datetime(2001, 1, 1, tzinfo=dt.UTC)).cast(pl.Datetime("us", "UTC")),
    )
    for frame in (pl.concat([status, old]), pl.concat([status, old]).lazy()):
        report = compute_report(frame, hours, zones, NOW, detail=True, windows=WEEK)
        assert report.row(0, named=True)["store_id"] == 7
        assert report.row(0, named=True)["unknown_week"] == 168.0


def test_a_long_axis_of_many_stores_does_not_wrap_around() -> None:
    # 2,000 stores x 100 years of microseconds x 2 exceeds 2**63, so they cannot share one axis.
    century = {"century": Window(dt.timedelta(days=36_500), "days")}
    store = pl.DataFrame({"store_id": range(2_000)})
    first = store.with_columns(timestamp_utc=pl.lit("1923-03-14 00:00:00 UTC"), status=True)
    last = store.with_columns(timestamp_utc=pl.lit("2023-03-14 00:00:00 UTC"), status=False)
    zones = store.with_columns(timezone_str=pl.lit("Etc/UTC"))
    hours = pl.DataFrame(
        schema={
            "store_id": pl.Int64,
            "day_of_week": pl.Int64,
            "start_time_local": pl.Time,
            "end_time_local": pl.Time,
        }
    )
    assert 2 * 2_000 * 36_500 * 86_400 * 10**6 > 2**63
    seen: list[int] = []
    report = compute_report(
        pl.concat([first, last]),
        hours,
        zones,
        "2023-03-15T00:00:00Z",
        windows=century,
        detail=True,
        progress=lambda done, _: seen.append(done),
    )
    assert len(seen) > 1
    # The window starts on 1923-04-09; the midpoint of the polls, 1923-03-14 and 2023-03-14 (36,525
    # days apart with 25 leap days), is 18,262.5 days after the first; a look-back of a day does
    # not reach the first poll, so only the second speaks, for all of the window.
    assert report.select(
        "uptime_century", "downtime_century", "scheduled_century"
    ).unique().rows() == [(0.0, 36_500.0, 36_500.0)]
    policy = Policy(lookback=dt.timedelta(days=100))
    both = compute_report(
        pl.concat([first, last]),
        hours,
        zones,
        "2023-03-15T00:00:00Z",
        windows=century,
        policy=policy,
    )
    # Up from 1923-04-09 to the midpoint: 18,262.5 days less the 26 days before the window.
    assert both.select("uptime_century", "downtime_century").unique().rows() == [
        (18_236.5, 18_263.5)
    ]


def test_the_longest_look_back_costs_nothing_and_means_all_polls() -> None:
    frames = tables()
    longest = Policy(lookback=dt.timedelta.max)
    enough = Policy(lookback=dt.timedelta(days=30))
    assert_frame_equal(
        compute_report(*frames, NOW, policy=longest, detail=True),
        compute_report(*frames, NOW, policy=enough, detail=True),
    )


def test_the_edges_of_the_calendar() -> None:
    status = pl.DataFrame(
        {
            "store_id": [1, 2],
            "timestamp_utc": ["9999-12-31 23:00:00 UTC", "9999-12-31 23:30:00 UTC"],
            "status": ["active", "inactive"],
        }
    )
    hours = pl.DataFrame(
        {
            "store_id": [1, 2],
            "day_of_week": [4, 4],
            "start_time_local": ["00:00"] * 2,
            "end_time_local": ["24:00"] * 2,
        }
    )
    zones = pl.DataFrame({"store_id": [1, 2], "timezone_str": ["Asia/Tokyo", "America/Chicago"]})
    report = compute_report(status, hours, zones, "9999-12-31T23:59:59.999999Z", detail=True)
    assert report["store_id"].to_list() == [1, 2]
    early = status.with_columns(timestamp_utc=pl.lit("0001-01-08 00:00:00 UTC"))
    report = compute_report(early, hours, zones, detail=True)
    assert report["polls_last_hour"].to_list() == [0, 0]


def test_only_needed_rows_and_columns_of_a_parquet_file_are_read(tmp_path: Path) -> None:
    status, hours, zones = tables()
    path = tmp_path / "status.parquet"
    wide = status.with_columns(payload=pl.lit("x" * 100)).sort("timestamp_utc")
    wide.write_parquet(path, row_group_size=500)
    scanned = pl.scan_parquet(path)
    assert_frame_equal(
        compute_report(scanned, hours, zones, NOW, detail=True),
        compute_report(status, hours, zones, NOW, detail=True),
        check_exact=True,
    )
