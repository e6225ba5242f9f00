"""A timeline may come in many forms; all of them give the same numbers, and none is changed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from store_uptime import (
    CalendarWindow,
    Window,
    compute_timeline,
    outages_from_timeline,
    report_from_timeline,
)
from store_uptime.testing import make_dataset
from support.comparing import bits

DATA = make_dataset(9, 6, seed=5, outages_per_day=3)
START = DATA.now - dt.timedelta(days=5)
COVERS = (START, DATA.now)
TIMES = ("start", "end")
# To the second, so that each form can hold it.
TIMELINE = compute_timeline(DATA.inputs, start=START).with_columns(
    pl.col(TIMES).dt.truncate("1s")
).filter(pl.col("start") < pl.col("end"))  # fmt: skip
ZONES = DATA.timezones
WINDOWS = {
    "hour": Window("1h", "minutes"),
    "days": Window("3d"),
    "yesterday": CalendarWindow("day"),
    "today": CalendarWindow("day", 0, "seconds"),
}
IN_UTC = pl.Datetime("us", "UTC")


def report(timeline: Any, timezones: Any = ZONES) -> pl.DataFrame:
    return report_from_timeline(
        timeline, timezones, windows=WINDOWS, covers=COVERS, detail=True, batch_stores=4
    )


REPORT = report(TIMELINE)
OUTAGES = outages_from_timeline(TIMELINE, covers=COVERS)


def times(expression: pl.Expr) -> pl.DataFrame:
    return TIMELINE.with_columns(expression)


def states(dtype: Any) -> pl.DataFrame:
    return TIMELINE.with_columns(pl.col("state").cast(pl.String).cast(dtype))


def in_files(folder: Path, *, shuffled: bool) -> pl.LazyFrame:
    """Write a file a day, as runs keep them, or any rows in any file."""
    rows = TIMELINE.sample(fraction=1, shuffle=True, seed=2) if shuffled else TIMELINE
    day = pl.int_range(pl.len()) % 4 if shuffled else pl.col("start").dt.date()
    parts = rows.with_columns(day=day).partition_by("day", maintain_order=True)
    for number, part in enumerate(parts):
        part.drop("day").write_parquet(folder / f"{number}.parquet")
    return pl.scan_parquet(folder / "*.parquet")


FORMS: dict[str, Callable[[Path], Any]] = {
    "lazy": lambda _: TIMELINE.lazy(),
    "shuffled": lambda _: TIMELINE.sample(fraction=1, shuffle=True, seed=1),
    "shuffled, lazy": lambda _: TIMELINE.sample(fraction=1, shuffle=True, seed=1).lazy(),
    "backwards": lambda _: TIMELINE.reverse(),
    "in chunks": lambda _: pl.concat([TIMELINE[:7], TIMELINE[7:50], TIMELINE[50:]], rechunk=False),
    "further columns": lambda _: TIMELINE.select(pl.lit(1.5).alias("x"), *reversed(TIMELINE.columns)),
    "pyarrow": lambda _: TIMELINE.to_arrow(),
    "pyarrow stream": lambda _: TIMELINE.to_arrow().to_reader(),
    "pyarrow, words": lambda _: states(pl.String).to_arrow(),
    "pandas": lambda _: TIMELINE.to_pandas(),
    "duckdb": lambda _: duckdb.from_arrow(states(pl.String).to_arrow()),
    "a file a day": lambda folder: in_files(folder, shuffled=False),
    "files in no order": lambda folder: in_files(folder, shuffled=True),
    "milliseconds": lambda _: times(pl.col(TIMES).dt.cast_time_unit("ms")),
    "nanoseconds": lambda _: times(pl.col(TIMES).dt.cast_time_unit("ns") + pl.duration(nanoseconds=999)),
    "naive": lambda _: times(pl.col(TIMES).dt.replace_time_zone(None)),
    "naive milliseconds, lazy": lambda _: times(
        pl.col(TIMES).dt.replace_time_zone(None).dt.cast_time_unit("ms")
    ).lazy(),
    "Tokyo": lambda _: times(pl.col(TIMES).dt.convert_time_zone("Asia/Tokyo")),
    "two zones": lambda _: times(pl.col("start").dt.convert_time_zone("America/St_Johns")),
    "texts": lambda _: times(pl.col(TIMES).dt.strftime("%Y-%m-%d %H:%M:%S UTC")),
    "ISO texts, lazy": lambda _: times(pl.col(TIMES).dt.strftime("%Y-%m-%dT%H:%M:%SZ")).lazy(),
    "texts of Kathmandu": lambda _: times(
        pl.col(TIMES).dt.convert_time_zone("Asia/Kathmandu").dt.strftime("%Y-%m-%d %H:%M:%S+05:45")
    ),
    "one a text": lambda _: times(pl.col("end").dt.strftime("%Y-%m-%d %H:%M:%S")),
    "words": lambda _: states(pl.String),
    "words, lazy": lambda _: states(pl.String).lazy(),
    "Categorical": lambda _: states(pl.Categorical),
    "another Enum": lambda _: states(pl.Enum(["none", "unknown", "up", "down"])),
    "another Enum, lazy": lambda _: states(pl.Enum(["unknown", "up", "down"])).lazy(),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_each_form_gives_the_same_numbers(name: str, tmp_path: Path) -> None:
    make = FORMS[name]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert bits(report(make(tmp_path / "a"))) == bits(REPORT)
    found = outages_from_timeline(make(tmp_path / "b"), covers=COVERS)
    assert bits(found) == bits(OUTAGES)
    assert OUTAGES.height > 0


NUMBERS = TIMELINE["store_id"].unique().sort()
TEXTS = [str(uuid.UUID(int=7 * 2**100 + k)) for k in range(len(NUMBERS))]


def renamed(frame: pl.DataFrame, ids: list[Any], dtype: Any) -> pl.DataFrame:
    places = NUMBERS.search_sorted(frame["store_id"])
    return frame.with_columns(pl.Series("store_id", [ids[place] for place in places], dtype))


IDS: dict[str, tuple[list[Any], Any, Any]] = {
    "String": (TEXTS, pl.String, pl.String()),
    "Categorical": (TEXTS, pl.Categorical, pl.String()),
    "Enum": (TEXTS, pl.Enum(TEXTS[::-1]), pl.String()),
    "UUID": ([*map(uuid.UUID, TEXTS)], pl.Object, pl.String()),
    "Int8": ([*range(-4, 5)], pl.Int8, pl.Int8()),
    "UInt64": ([*range(2**64 - 9, 2**64)], pl.UInt64, pl.UInt64()),
    "Int128": ([*range(2**70, 2**70 + 9)], pl.Int128, pl.Int128()),
    "Decimal": ([*range(1, 10)], pl.Decimal(18, 0), pl.Int64()),
}


@pytest.mark.parametrize(
    ("name", "lazy"), [*((name, False) for name in IDS), ("String", True), ("UInt64", True)]
)
def test_ids_keep_their_type_and_their_stores(name: str, *, lazy: bool) -> None:
    ids, dtype, shown = IDS[name]
    timeline = renamed(TIMELINE.sample(fraction=1, shuffle=True, seed=3), ids, dtype)
    given = timeline.lazy() if lazy else timeline
    told = TEXTS if name == "UUID" else ids
    found = report(given, renamed(ZONES, ids, dtype))
    assert found.schema["store_id"] == shown
    assert found["store_id"].to_list() == told
    assert bits(found.drop("store_id")) == bits(REPORT.drop("store_id"))
    outages = outages_from_timeline(given, covers=COVERS)
    assert bits(outages) == bits(renamed(OUTAGES, told, shown))


def test_nothing_of_the_callers_frames_is_changed() -> None:
    table = TIMELINE.to_arrow()
    frame = TIMELINE.sample(fraction=1, shuffle=True, seed=4)
    before, zones = frame.clone(), ZONES.clone()
    texts = times(pl.col(TIMES).dt.strftime("%Y-%m-%d %H:%M:%S UTC"))
    spelled = texts.clone()
    for each in (frame, texts, table):
        report(each)
        outages_from_timeline(each)
    assert bits(frame) == bits(before)
    assert bits(ZONES) == bits(zones)
    assert bits(texts) == bits(spelled)
    assert isinstance(table, pa.Table)
    assert table.equals(TIMELINE.to_arrow())
