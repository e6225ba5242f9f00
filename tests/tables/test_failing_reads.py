"""What fails only while it is read is a `SchemaError` of its table, which carries the cause."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from polars.io.plugins import register_io_source

from store_uptime import (
    SchemaError,
    StoreUptimeError,
    compute_history,
    compute_outages,
    compute_report,
    compute_timeline,
    describe_polls,
    load_parquet,
    outages_from_timeline,
    report_from_timeline,
)
from store_uptime._tables.reading import reading_rows
from support.bad_tables import NOW, tables
from support.effort import combined

NAMES = ("status", "hours", "timezones")
Call = Callable[..., pl.DataFrame]


def history(**given: Any) -> pl.DataFrame:
    return compute_history(at=[given.pop("now")], **given)


CALLS: dict[str, Call] = {
    "report": compute_report,
    "report in batches": lambda **given: compute_report(**given, batch_stores=1),
    "history": history,
    "timeline": compute_timeline,
    "outages": compute_outages,
    "polls": describe_polls,
}


FROM_TIMELINE: dict[str, Call] = {
    "report": report_from_timeline,
    "report in batches": lambda rows: report_from_timeline(rows, batch_stores=1),
    "outages": outages_from_timeline,
}


def raising(error: BaseException) -> Callable[..., NoReturn]:
    def fail(*_: Any) -> NoReturn:
        raise error

    return fail


def late_text(frame: pl.DataFrame, folder: Path) -> pl.LazyFrame:
    """Write many good rows and then one with a text for an id."""
    good = pl.concat([frame] * 2_000)
    path = folder / "late.csv"
    path.write_text(
        good.write_csv()
        + good.head(1).with_columns(store_id=pl.lit("x")).write_csv(include_header=False)
    )
    return pl.scan_csv(path)


def source(frame: pl.DataFrame, fails: Callable[..., NoReturn]) -> pl.LazyFrame:
    def rows(*_: Any) -> Iterator[pl.DataFrame]:
        yield frame
        fails()

    return register_io_source(rows, schema=frame.schema)


def damaged(frame: pl.DataFrame, folder: Path) -> pl.LazyFrame:
    """Write a Parquet file whose pages are no longer what its end says."""
    path = folder / "damaged.parquet"
    pl.concat([frame] * 500).write_parquet(path, compression="zstd", use_pyarrow=False)
    content = path.read_bytes()
    path.write_bytes(content[:4] + b"\xff" * 150 + content[154:])
    return pl.scan_parquet(path)


FAILING: dict[str, Callable[[pl.DataFrame, Path], pl.LazyFrame]] = {
    "text late in a scanned file": late_text,
    "damaged page": damaged,
    "no such file": lambda _, folder: pl.scan_parquet(folder / "none.parquet"),
    "strict cast": lambda frame, _: frame.lazy().with_columns(pl.lit("x").cast(pl.Int64).alias("store_id")),
    "own function": lambda frame, _: frame.lazy().map_batches(raising(KeyError("mine")), schema=frame.schema),
    "own function of a column": lambda frame, _: frame.lazy().with_columns(
        pl.col("store_id").map_elements(raising(RuntimeError("mine")), return_dtype=pl.Int64)
    ),
    "own source": lambda frame, _: source(frame, raising(OSError("torn off"))),
    "panic": lambda frame, _: frame.lazy().map_batches(
        # A date beyond the calendar of Python makes polars panic.
        lambda rows: rows.with_columns(pl.Series([2**62]).cast(pl.Datetime("ms")).to_list()), schema=frame.schema
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("failing", FAILING)
def test_a_lazy_frame_that_fails_is_told_with_its_table(
    failing: str, name: str, tmp_path: Path
) -> None:
    given: dict[str, Any] = dict(zip(NAMES, tables(), strict=True))
    given[name] = FAILING[failing](given[name], tmp_path)
    with pytest.raises(SchemaError) as caught:
        compute_report(**given, now=NOW)
    error = caught.value
    assert error.table == name
    assert error.code == "unreadable_table"
    assert error.__cause__ is not None
    assert not isinstance(error.__cause__, StoreUptimeError)
    assert len(str(error)) < 2_000
    assert "\n" not in str(error)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("reads", range(8))
def test_a_source_may_fail_at_any_of_the_reads(call: str, reads: int) -> None:
    """Fail at the first read of the polls, at the second, and so on until a call needs no more."""
    status, hours, timezones = tables()
    count = itertools.count()

    def fail_at_last(rows: pl.DataFrame) -> pl.DataFrame:
        if next(count) >= reads:
            raise RuntimeError("gone")
        return rows

    lazy = status.lazy().map_batches(fail_at_last, schema=status.schema)
    try:
        CALLS[call](status=lazy, hours=hours, timezones=timezones, now=NOW)
    except SchemaError as error:
        told, cause = str(error), error.__cause__
        assert told.startswith("status: the rows cannot be read: gone")  # none is right too
        assert isinstance(cause, RuntimeError)
    else:
        assert reads > 0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), MemoryError("no more"), SystemExit(1)], ids=repr
)
def test_what_is_about_no_table_passes(error: BaseException, name: str) -> None:
    given: dict[str, Any] = dict(zip(NAMES, tables(), strict=True))
    frame = given[name]
    given[name] = frame.lazy().map_batches(raising(error), schema=frame.schema)
    with pytest.raises(type(error)):
        compute_report(**given, now=NOW)


def test_an_error_of_ours_inside_stays_as_it_is() -> None:
    ours = SchemaError("mine", code="mine")
    with pytest.raises(SchemaError) as caught, reading_rows("status"):
        raise ours
    assert caught.value is ours


def test_an_error_without_words_is_called_by_its_class() -> None:
    with (
        pytest.raises(SchemaError, match="status: the rows cannot be read: AssertionError"),
        reading_rows("status"),
    ):
        raise AssertionError


@pytest.mark.parametrize("name", NAMES)
def test_a_stream_that_breaks_half_way_is_told(name: str) -> None:
    given: dict[str, Any] = dict(zip(NAMES, tables(), strict=True))
    table = given[name].to_arrow()

    def batches() -> Iterator[pa.RecordBatch]:
        yield from table.to_batches()
        raise RuntimeError("the line went dead")

    given[name] = pa.RecordBatchReader.from_batches(table.schema, batches())
    with pytest.raises(
        SchemaError, match=f"^{name}: cannot be read as a table: .*the line went dead"
    ):
        compute_report(**given, now=NOW)


# --- one damaged file among good ones -------------------------------------------------------------


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40])  # not even all rows are left


def overwritten(path: Path) -> None:
    path.write_bytes(b"store_id,timestamp_utc,status\n" * 20)


def pages_of(column: str) -> Callable[[Path], None]:
    """Return what damages the rows of a column; the end of the file still tells where they are."""

    def damage(path: Path) -> None:
        row_group = pq.ParquetFile(path).metadata.row_group(0)
        chunks = [row_group.column(k) for k in range(row_group.num_columns)]
        (chunk,) = (each for each in chunks if each.path_in_schema == column)
        start = chunk.dictionary_page_offset or chunk.data_page_offset
        content = bytearray(path.read_bytes())
        content[start : start + chunk.total_compressed_size] = b"\xff" * chunk.total_compressed_size
        path.write_bytes(content)

    return damage


DAMAGES: dict[str, Callable[[Path], None]] = {
    "cut off": cut_off,
    "overwritten": overwritten,
    **{f"pages of {name}": pages_of(name) for name in ("store_id", "timestamp_utc", "status")},
}
SCANS: dict[str, Callable[[Path], pl.LazyFrame]] = {
    "folder": pl.scan_parquet,
    "pattern": lambda folder: pl.scan_parquet(folder / "*" / "*.parquet"),
    "load_parquet": lambda folder: load_parquet(status=folder, hours=False, timezones=False).status,
}


def three_files(frame: pl.DataFrame, folder: Path) -> list[Path]:
    """Write a table as it comes, three times, in a folder for each file."""
    files = [folder / f"bucket={bucket}" / "part.parquet" for bucket in range(3)]
    for file in files:
        frame.write_parquet(file, mkdir=True)
    return files


@pytest.mark.parametrize("latest", [False, True], ids=["now", "latest poll"])
@pytest.mark.parametrize(
    ("damage", "scan", "which", "call"), combined(list(DAMAGES), list(SCANS), range(3), list(CALLS))
)
def test_one_damaged_file_of_a_folder_is_told(
    damage: str, scan: str, which: int, call: str, tmp_path: Path, *, latest: bool
) -> None:
    status, hours, timezones = tables()
    files = three_files(status, tmp_path)
    polls = SCANS[scan](tmp_path)  # while all files are good
    DAMAGES[damage](files[which])
    now = None if latest and call != "history" else NOW
    with pytest.raises(
        SchemaError, match=r"^status: the (rows|lazy frame) cannot be read: "
    ) as caught:
        CALLS[call](status=polls, hours=hours, timezones=timezones, now=now)
    assert caught.value.code == "unreadable_table"
    assert not isinstance(caught.value.__cause__, StoreUptimeError)


@pytest.mark.parametrize(("damage", "which"), combined(["cut off", "overwritten"], range(3)))
def test_a_file_that_is_damaged_before_load_parquet_looks_is_told(
    damage: str, which: int, tmp_path: Path
) -> None:
    """By the load where the file no longer begins as Parquet, else by the load or the call."""
    status, *_ = tables()
    files = three_files(status, tmp_path)
    DAMAGES[damage](files[which])
    if damage == "overwritten":
        told = re.escape(f"status: {files[which]}: this is not Parquet")
        with pytest.raises(SchemaError, match=f"^{told}"):
            SCANS["load_parquet"](tmp_path)
    else:
        with pytest.raises(SchemaError, match=r"^status: .*cannot be read: "):
            compute_report(SCANS["load_parquet"](tmp_path), now=NOW)


@pytest.mark.parametrize("call", FROM_TIMELINE)
@pytest.mark.parametrize("damage", ["cut off", "overwritten"])
def test_a_damaged_file_of_a_kept_timeline_is_told(damage: str, call: str, tmp_path: Path) -> None:
    files = three_files(compute_timeline(*tables(), NOW), tmp_path)
    rows = pl.scan_parquet(tmp_path)
    DAMAGES[damage](files[1])
    with pytest.raises(SchemaError, match=r"^timeline: the rows cannot be read: "):
        FROM_TIMELINE[call](rows)
