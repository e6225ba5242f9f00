"""What runs inside a partition, called here without Spark: the rows, and errors on their way back."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import SchemaError, StoreUptimeError, UnknownTimeZoneError, compute_report
from store_uptime.spark.by_store import most_buckets
from store_uptime.spark.layout import Layout
from store_uptime.spark.partition import (
    Job,
    check_partition,
    join_outcomes,
    result_partition,
    zones_partition,
)
from support.bad_tables import BAD_TABLES, HOURS, STATUS, TIMEZONES, report
from support.comparing import bits, spelled
from support.frames import policy_of, windows_of
from support.many_stores import NOW, tables
from support.strategies import Scenario, examples, scenarios
from support.wall_clock import instant

NAMES = ("status", "hours", "timezones")
Named = Mapping[str, pl.DataFrame]


def named(*frames: pl.DataFrame) -> Named:
    return dict(zip(NAMES, frames, strict=True))


def layout_of(frames: Named) -> Layout:
    """Lay the tables out as Spark's would be: columns of one type share a place."""
    slots: dict[tuple[pl.DataType, int], str] = {}
    places: dict[str, dict[str, str]] = {}
    for table, frame in frames.items():
        seen: Counter[pl.DataType] = Counter()
        places[table] = {}
        for column, dtype in frame.drop("store_id").schema.items():
            slot = dtype, seen[dtype]
            seen[dtype] += 1
            places[table][column] = slots.setdefault(slot, f"v{len(slots)}")
    id_dtypes = {name: frame.schema["store_id"] for name, frame in frames.items()}
    return Layout(places, [str(dtype) for dtype, _ in slots], id_dtypes, "bigint")


def travel(frames: Named) -> pa.Table:
    """Make of the tables the one that travels."""
    layout = layout_of(frames)
    flat = [
        frame.select(
            pl.col("store_id").alias("key"),
            pl.lit(kind, pl.Int8).alias("kind"),
            **{place: pl.col(column) for column, place in layout.places[name].items()},
        )
        for kind, (name, frame) in enumerate(frames.items())
    ]
    return pl.concat(flat, how="diagonal_relaxed").to_arrow()


def batches(travelled: pa.Table) -> Iterator[pa.RecordBatch]:
    """Hand the rows to a partition as Spark does."""
    return iter(travelled.to_batches(max_chunksize=7))


def by_partitions(frames: Named, parts: int, job: Job) -> pl.DataFrame:
    """Compute partition by partition, with a job that has been pickled as by Spark."""
    layout, job = pickle.loads(pickle.dumps((layout_of(frames), job)))  # noqa: S301  # our own
    reports = []
    for part in range(parts):
        own = pl.col("store_id").hash() % parts == part
        group = travel({name: frame.filter(own) for name, frame in frames.items()})
        reports += [pl.DataFrame(batch) for batch in result_partition(batches(group), layout, job)]
    return pl.concat(reports).sort("store_id")


@examples(40)
@given(scenarios(), st.integers(1, 3))
def test_the_partitions_together_are_the_report(scenario: Scenario, parts: int) -> None:
    no_id = pl.col("store_id").is_null()
    options = {
        "now": instant(scenario.now),
        "windows": windows_of(scenario.lengths),
        "policy": policy_of(scenario.rules),
        "detail": True,
    }
    shared = {name: frame.filter(no_id) for name, frame in scenario.extra.items()}
    everywhere = layout_of(shared).tables(travel(shared)) if shared else {}
    job = Job(compute_report, options, everywhere)
    frames = {**named(*scenario.tables), **scenario.extra}
    assert bits(by_partitions(frames, parts, job)) == bits(spelled(scenario.report()))


@pytest.mark.parametrize(("setting", "most"), [("7", 7), ("auto", 200), ("", 200), (None, 200)])
def test_a_platform_may_have_a_word_for_the_number_of_partitions(
    setting: str | None, most: int
) -> None:
    assert most_buckets(setting) == most


def test_a_partition_without_rows_says_nothing() -> None:
    layout = layout_of(named(*tables()))
    assert list(result_partition(iter([]), layout, Job(compute_report, {}))) == []
    assert list(check_partition(iter([]), layout, {})) == []


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "GMT+08:00", "+05:30"])
def test_the_zone_that_arrow_labels_instants_with_is_nothing(zone: str) -> None:
    frames = tables()
    given = named(*frames)
    labelled = travel(given)
    fields = [
        field.with_type(pa.timestamp("us", zone)) if pa.types.is_timestamp(field.type) else field
        for field in labelled.schema
    ]
    job = Job(compute_report, {"detail": True, "now": NOW})
    reports = result_partition(batches(labelled.cast(pa.schema(fields))), layout_of(given), job)
    found = pl.concat([pl.DataFrame(batch) for batch in reports]).sort("store_id")
    assert bits(found) == bits(spelled(compute_report(*frames, NOW, detail=True)))


def test_the_latest_poll_is_found_over_all_partitions_exactly() -> None:
    stamps = [
        "2023-01-25 12:00:00.000001 UTC",
        "2023-01-25T12:00:00.000002999Z",
        "2023-01-01 00:00:00",
    ]
    status = pl.DataFrame(
        {"store_id": [1, 2, 3], "timestamp_utc": stamps, "status": ["active"] * 3}
    )
    hours, zones = pl.DataFrame(HOURS).clear(), pl.DataFrame(TIMEZONES).clear()
    found = [check(one, hours, zones) for one in status.iter_slices(1)]
    assert found == [
        (1_674_648_000_000_001, None),
        (1_674_648_000_000_002, None),
        (1_672_531_200_000_000, None),
    ]
    assert join_outcomes([(None, None), *found]) == 1_674_648_000_000_002
    assert join_outcomes([(None, None)]) is None


# --- errors ---------------------------------------------------------------------------------------


def check(*frames: pl.DataFrame) -> tuple[int | None, str | None]:
    """Run the check of one partition."""
    given = named(*frames)
    (row,) = [
        row
        for batch in check_partition(batches(travel(given)), layout_of(given), {})
        for row in batch.to_pylist()
    ]
    assert row.keys() == {"latest", "error"}
    return row["latest"], row["error"]


def facts(error: StoreUptimeError) -> tuple[Any, ...]:
    return type(error), *error.__reduce__()[1]


BAD_VALUES = [(table, change) for table, change, error, _ in BAD_TABLES if error is not SchemaError]


@pytest.mark.parametrize(("table", "change"), BAD_VALUES)
def test_an_error_comes_back_with_its_class_and_all_its_facts(
    table: str, change: dict[str, Any]
) -> None:
    """One partition: the error is that of the library in memory."""
    columns: dict[str, dict[str, Any]] = {"status": STATUS, "hours": HOURS, "timezones": TIMEZONES}
    columns[table] = columns[table] | change
    with pytest.raises(StoreUptimeError) as expected:
        report(lazy=False, **{table: change})
    with pytest.raises(StoreUptimeError) as caught:
        join_outcomes([(None, None), check(*(pl.DataFrame(columns[name]) for name in NAMES))])
    assert facts(caught.value) == facts(expected.value)


def test_the_rows_of_all_partitions_are_counted() -> None:
    words = ["active", "?", "open", None, "closed", "ACTIVE", "-", "x", "y"]
    status = pl.DataFrame(
        {"store_id": range(9), "timestamp_utc": "2023-01-25 12:00:00", "status": words}
    )
    empty = pl.DataFrame(HOURS).clear(), pl.DataFrame(TIMEZONES).clear()
    outcomes = [check(part, *empty) for part in status.iter_slices(2)]
    with pytest.raises(StoreUptimeError) as caught:
        join_outcomes(outcomes)
    assert caught.value.count == 7
    assert caught.value.values == ("?", "open", None, "closed", "-")


def test_of_different_problems_that_of_the_first_table_is_named() -> None:
    status, hours, zones = (pl.DataFrame(columns) for columns in (STATUS, HOURS, TIMEZONES))
    bad_zones = zones.with_columns(timezone_str=pl.lit("Mars/Olympus"))
    outcomes = [
        check(status, hours, bad_zones),
        check(status.with_columns(status=pl.lit("?")), hours, bad_zones),
        check(status, hours, zones),
    ]
    with pytest.raises(StoreUptimeError, match=r"status\.status: .* in 2 rows"):
        join_outcomes(outcomes)


# --- zones ----------------------------------------------------------------------------------------


def zones_of(*rows: tuple[int | None, str | None]) -> list[dict[str, str | None]]:
    """Run the look at the zones of one partition."""
    schema = {"store_id": pl.Int64, "timezone_str": pl.String}
    frame = pl.DataFrame(rows, schema, orient="row")
    told = zones_partition(batches(frame.to_arrow()), pl.Int64())
    return [row for batch in told for row in batch.to_pylist()]


def test_the_zones_of_a_partition_are_told_once_each() -> None:
    found = zones_of((1, "Asia/Tokyo"), (2, None), (3, "Asia/Tokyo"), (3, None))
    assert sorted(found, key=str) == [
        {"zone": "Asia/Tokyo", "error": None},
        {"zone": None, "error": None},
    ]
    assert list(zones_partition(iter([]), pl.Int64())) == []


def test_a_bad_zone_comes_back_as_an_error() -> None:
    (row,) = zones_of((1, "Mars/Olympus"), (2, "Mars/Olympus"))
    with pytest.raises(UnknownTimeZoneError) as caught:
        join_outcomes([(None, row["error"])])
    assert (caught.value.code, caught.value.count) == ("unknown_zone", 2)
