"""Groups of stores, threads and long stretches of time change nothing in the numbers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import Policy, Window, compute_report, describe_polls
from store_uptime._engine import batches
from store_uptime._engine.coverage import Coverage
from store_uptime._tables.read import read_tables
from support.effort import combined, thinned
from support.many_rows import as_for_many_rows
from support.many_stores import NOW, STORES, tables
from support.plans import seen_plans
from support.wall_clock import DAY, at, instant

WEEK = {"week": Window(dt.timedelta(days=7), "hours")}


SIZES = (1, 2, STORES - 1, STORES, 1000)


@pytest.mark.parametrize(
    ("size", "lazy"), thinned([(size, lazy) for size in SIZES for lazy in (False, True)], 3)
)
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
    monkeypatch.setattr(batches, "_BUDGET", 3000)
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
        policy=Policy(max_gap=None),
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
    policy = Policy(max_gap=None, lookback="100d")
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


@pytest.mark.parametrize("keep", [False, True])
def test_polls_are_kept_only_where_they_are_asked_for(*, keep: bool) -> None:
    status, hours, zones = tables()
    given = read_tables({"status": status, "hours": hours, "timezones": zones})
    now, coverage = at(NOW), Coverage([])
    found = batches.make_batches(
        given, now - DAY, now, Policy(lookback="0s"), coverage, batch_stores=10, keep_polls=keep
    )
    last_day = pl.col("timestamp_utc").is_between(instant(now - DAY), instant(now))
    expected = status.filter(last_day).height if keep else 0
    assert sum(len(batch.polls) for batch in found) == expected


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


def test_batches_are_chosen_by_all_stores_not_by_those_that_hours_name() -> None:
    status, hours, zones = tables()
    seen: list[int] = []
    compute_report(
        status.lazy(), hours.clear(), zones.clear(), NOW, progress=lambda done, _: seen.append(done)
    )
    assert seen == [STORES]


@pytest.mark.parametrize(
    ("dtype", "size", "lazy"), combined([pl.Int64, pl.String], [None, 5], [False, True])
)
def test_ids_of_one_hash_are_still_told_apart(
    monkeypatch: pytest.MonkeyPatch, dtype: type[pl.DataType], size: int | None, *, lazy: bool
) -> None:
    status, hours, zones = (
        frame.with_columns(pl.col("store_id").cast(dtype)) for frame in tables()
    )
    first = pl.col("store_id").cast(pl.String)
    hours, zones = hours.filter(first < "110"), zones.filter(first < "120")
    polls = status.lazy() if lazy else status
    expected = compute_report(polls, hours, zones, NOW, detail=True, batch_stores=size)
    monkeypatch.setattr(pl.Expr, "hash", lambda self: self.is_null().cast(pl.UInt64))
    same = compute_report(polls, hours, zones, NOW, detail=True, batch_stores=size)
    assert_frame_equal(same, expected, check_exact=True)


def test_a_store_that_only_status_names_has_a_row_whatever_the_batches() -> None:
    polled, hours, zones = tables()
    alone = polled.filter(pl.col("store_id") == pl.col("store_id").max())
    others = (
        frame.filter(~pl.col("store_id").is_in(alone["store_id"].implode()))
        for frame in (hours, zones)
    )
    hours, zones = others
    found = compute_report(polled, hours, zones, NOW, batch_stores=5)
    assert alone["store_id"][0] in found["store_id"]
    assert_frame_equal(found, compute_report(polled, hours, zones, NOW), check_exact=True)


def test_known_ids_of_one_hash_keep_their_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    status, hours, _ = tables()
    status = status.filter(pl.col("store_id").is_in(hours["store_id"].unique().implode()))
    zones = hours.select("store_id", timezone_str=pl.lit("Asia/Kolkata")).unique()
    # One that has no hours is always open, also among ids that are looked up twice.
    some_hours = hours.filter(pl.col("store_id") > pl.col("store_id").min())
    given = [(status, each, zones, NOW) for each in (hours, some_hours)]
    expected = [compute_report(*each, detail=True) for each in given]
    monkeypatch.setattr(pl.Expr, "hash", lambda self: self.is_null().cast(pl.UInt64))
    with as_for_many_rows():
        found = [compute_report(*each, detail=True) for each in given]
    for one, other in zip(found, expected, strict=True):
        assert_frame_equal(one, other, check_exact=True)


def test_a_poll_at_the_start_of_a_stretch_is_of_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of stores 1 and 2, each down at the start and up an hour later; a thread sorts each store's."""
    start = dt.datetime(2024, 5, 13, tzinfo=dt.UTC)
    status = pl.DataFrame(
        {
            "store_id": [1, 1, 2, 2],
            "timestamp_utc": [start, start + dt.timedelta(hours=1)] * 2,
            "status": [False, True] * 2,
        }
    )
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    monkeypatch.setattr("store_uptime._engine.packed_polls._WORTH_A_THREAD", 1)
    found = describe_polls(status, now=start + dt.timedelta(hours=2), start=start)
    assert found["polls"].to_list() == [2, 2]
    assert found["repeated"].to_list() == [0, 0]
    assert found["evidence"].to_list() == [2, 2]


@pytest.mark.parametrize("dtype", [pl.Int64, pl.String])
@pytest.mark.parametrize("lazy", [False, True], ids=["eager", "lazy"])
def test_the_polls_of_all_threads_and_batches_come_from_one_pass(
    monkeypatch: pytest.MonkeyPatch, dtype: type[pl.DataType], tmp_path: Path, *, lazy: bool
) -> None:
    status, hours, zones = (
        frame.with_columns(pl.col("store_id").cast(dtype)) for frame in tables()
    )
    polls: pl.DataFrame | pl.LazyFrame = status
    if lazy:
        status.write_parquet(tmp_path / "status.parquet")
        polls = pl.scan_parquet(tmp_path / "status.parquet")
        monkeypatch.setattr("store_uptime._tables.scanned_polls.MOST_IN_MEMORY", 1)
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 5)
    monkeypatch.setattr("store_uptime._engine.packed_polls._WORTH_A_THREAD", 1)
    with as_for_many_rows(), seen_plans() as plans:
        compute_report(polls, hours, zones, NOW, batch_stores=10 if lazy else None)
    packing = next(plan for plan in plans if "SINK_MULTIPLE" in plan and 'col("poll")' in plan)
    source = "Parquet SCAN" if lazy else 'DF ["store_id", "t", "up"]'
    assert packing.count(source) == 1


@pytest.mark.parametrize(
    ("polled", "size", "lazy"), combined([1, STORES], [None, 5], [False, True])
)
def test_it_does_not_matter_how_many_threads_sort_the_polls(
    monkeypatch: pytest.MonkeyPatch, size: int | None, polled: int, *, lazy: bool
) -> None:
    status, hours, zones = tables()
    if polled == 1:
        status = status.filter(pl.col("store_id") == pl.col("store_id").max())
    polls = status.lazy() if lazy else status
    monkeypatch.setattr("store_uptime._engine.packed_polls._WORTH_A_THREAD", 1)
    reports = []
    for threads in (1, 2, 7, 64):
        monkeypatch.setattr(pl, "thread_pool_size", lambda threads=threads: threads)
        reports.append(compute_report(polls, hours, zones, NOW, detail=True, batch_stores=size))
    for report in reports[1:]:
        assert_frame_equal(report, reports[0], check_exact=True)
