"""Batches, progress and groups of stores change nothing in what any call returns."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import (
    CoverageWarning,
    Policy,
    compute_history,
    compute_outages,
    compute_report,
    compute_timeline,
    describe_polls,
)
from support.effort import combined
from support.many_stores import NOW, STORES, tables

Call = Callable[..., pl.DataFrame]

NEAR = ["2023-03-13T00:00:00Z", NOW, "2023-03-12T06:30:00Z"]
# So far apart that each instant has a pass over the polls of its own.
FAR = ["2500-01-01T00:00:00Z", NOW]


def history(at: list[str]) -> Call:
    return lambda **given: compute_history(at=at, detail=True, **given)


CALLS: dict[str, Call] = {
    "report": lambda **given: compute_report(now=NOW, detail=True, **given),
    "history": history(NEAR),
    "history of instants far apart": history(FAR),
    "timeline": lambda **given: compute_timeline(now=NOW, **given),
    "settled timeline": lambda **given: compute_timeline(now=NOW, settled=True, **given),
    "outages": lambda **given: compute_outages(now=NOW, **given),
    "polls": lambda **given: describe_polls(now=NOW, **given),
}
PASSES = {"history of instants far apart": len(FAR)}
WARNING = [call for call in CALLS if call != "polls"]
SIZES = (5, STORES - 1, STORES, 1000)
FORMS = ("in memory", "lazy", "scanned")

pytestmark = pytest.mark.filterwarnings("ignore:Only:store_uptime.CoverageWarning")


def given_as(form: str, folder: Path) -> dict[str, Any]:
    status, hours, timezones = tables()
    polls: pl.DataFrame | pl.LazyFrame = status
    if form == "lazy":
        polls = status.lazy()
    elif form == "scanned":
        for number, part in enumerate(status.iter_slices(4_000)):
            part.write_parquet(folder / f"part-{number}.parquet")
        polls = pl.scan_parquet(folder)
    return {"status": polls, "hours": hours, "timezones": timezones}


@pytest.mark.parametrize(("call", "size", "form"), combined(list(CALLS), SIZES, FORMS))
def test_no_size_of_the_batches_changes_a_row_and_progress_ends_with_all(
    call: str, size: int, form: str, tmp_path: Path
) -> None:
    whole = CALLS[call](**given_as("in memory", tmp_path))
    given = given_as(form, tmp_path)
    seen: list[tuple[int, int]] = []
    parts = CALLS[call](**given, batch_stores=size, progress=lambda *told: seen.append(told))
    assert whole.height >= STORES
    assert_frame_equal(parts, whole, check_exact=True)
    passes = PASSES.get(call, 1)
    a_pass = [min(size, STORES - first) for first in range(0, STORES, size)]
    total = STORES * passes
    assert seen == [(done, total) for done in itertools.accumulate(a_pass * passes)]
    assert seen[-1] == (total, total)


@pytest.mark.parametrize(("call", "form"), combined(WARNING, FORMS))
def test_whatever_the_batches_one_warning_says_the_same(
    call: str, form: str, tmp_path: Path
) -> None:
    given = given_as(form, tmp_path)
    strangers = given["timezones"].with_columns(pl.col("store_id") + 1_000_000)
    given["timezones"] = strangers

    def told(**options: Any) -> list[dict[str, Any]]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            CALLS[call](**given, policy=Policy(max_gap="5m"), **options)
        assert [each.category for each in caught] == [CoverageWarning]
        return [vars(each.message) for each in caught]

    whole = told()
    assert whole[0]["unmet"] == ("timezones",)
    assert whole[0]["stores"] == STORES + strangers.height
    assert told(batch_stores=20) == whole


@pytest.mark.parametrize(("call", "form"), combined(list(CALLS), FORMS))
def test_an_error_in_progress_stops_the_call_as_it_is(call: str, form: str, tmp_path: Path) -> None:
    given = given_as(form, tmp_path)
    mine, seen = RuntimeError("enough"), []

    def stop(done: int, _: int) -> None:
        seen.append(done)
        if len(seen) == 2:
            raise mine

    with pytest.raises(RuntimeError) as caught:
        CALLS[call](**given, batch_stores=10, progress=stop)
    assert caught.value is mine
    assert seen == [10, 20]


@pytest.mark.parametrize("call", CALLS)
def test_without_stores_there_is_one_batch_of_none(call: str) -> None:
    given = given_as("in memory", Path())
    empty = {name: frame.clear() for name, frame in given.items()}
    seen: list[tuple[int, int]] = []
    found = CALLS[call](**empty, batch_stores=3, progress=lambda *told: seen.append(told))
    assert found.is_empty()
    assert seen == [(0, 0)] * PASSES.get(call, 1)


# --- groups of stores in buckets on disk ----------------------------------------------------------

BUCKETS = 4
RULES = {
    "numbers": pl.col("store_id") % BUCKETS,
    "strings": pl.col("store_id").str.tail(2).str.to_integer(base=16) % BUCKETS,
}


def tables_with(ids: str) -> dict[str, pl.DataFrame]:
    dtype = pl.Int64 if ids == "numbers" else pl.String
    cast = pl.col("store_id").cast(dtype)
    names = ("status", "hours", "timezones")
    return {name: frame.with_columns(cast) for name, frame in zip(names, tables(), strict=True)}


def write_buckets(status: pl.DataFrame, rule: pl.Expr, folder: Path) -> list[Path]:
    files = [folder / f"bucket={bucket}" / "polls.parquet" for bucket in range(BUCKETS)]
    for bucket, file in enumerate(files):
        file.parent.mkdir()
        status.filter(rule == bucket).write_parquet(file)
    return files


def compute_bucket(
    call: str, bucket: int, given: dict[str, pl.DataFrame], rule: pl.Expr, folder: Path
) -> pl.DataFrame:
    own = {name: given[name].filter(rule == bucket) for name in ("hours", "timezones")}
    polls = pl.scan_parquet(folder).filter(pl.col("bucket") == bucket)
    return CALLS[call](status=polls, **own)


@pytest.mark.parametrize(("call", "ids"), combined(list(CALLS), list(RULES)))
def test_groups_put_together_are_the_whole(call: str, ids: str, tmp_path: Path) -> None:
    given, rule = tables_with(ids), RULES[ids]
    write_buckets(given["status"], rule, tmp_path)
    groups = [compute_bucket(call, each, given, rule, tmp_path) for each in range(BUCKETS)]
    assert min(group.height for group in groups) > 0
    whole = CALLS[call](**given)
    order = [name for name in ("now", "store_id", "start") if name in whole.columns]
    assert_frame_equal(pl.concat(groups).sort(order), whole, check_exact=True)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("bucket", [0, 2])
def test_the_files_of_other_buckets_are_not_read(call: str, bucket: int, tmp_path: Path) -> None:
    """Except for the end of the first one, which has the columns."""
    given, rule = tables_with("numbers"), RULES["numbers"]
    files = write_buckets(given["status"], rule, tmp_path)
    expected = compute_bucket(call, bucket, given, rule, tmp_path)
    for other, file in enumerate(files):
        if other not in {0, bucket}:
            file.write_bytes(b"no Parquet")
    if bucket:
        content = files[0].read_bytes()
        middle = len(content) // 4
        files[0].write_bytes(b"\xff" * middle + content[middle:])
    found = compute_bucket(call, bucket, given, rule, tmp_path)
    assert_frame_equal(found, expected, check_exact=True)
