"""Every accepted form of input gives the same report, and the caller's frames stay as they are."""

from __future__ import annotations

import datetime as dt
import pickle
from collections.abc import Callable
from functools import cache
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import (
    Inputs,
    InvalidStatusError,
    MissingDependencyError,
    SchemaError,
    Window,
    compute_report,
)

NOW = "2023-01-25T18:13:22.479220+00:00"
STATUS = pl.DataFrame(
    {
        "store_id": [8, 8, 8, 9, 9, 11],
        "timestamp_utc": [
            "2023-01-25 09:06:42.605777 UTC",
            "2023-01-25 17:30:00.5 UTC",
            "2023-01-25 18:00:00 UTC",
            "2023-01-24 09:08:07.634899 UTC",
            "2023-01-25 16:08:07.63 UTC",
            "2023-01-20 00:00:00 UTC",
        ],
        "status": ["active", "active", "inactive", "inactive", "active", "active"],
    }
)
HOURS = pl.DataFrame(
    {
        "store_id": [8, 8, 10],
        "day_of_week": [2, 1, 2],
        "start_time_local": ["08:00:00", "22:00:00", "00:00:00"],
        "end_time_local": ["17:00:00", "02:30:00", "23:59:59"],
    }
)
TIMEZONES = pl.DataFrame({"store_id": [8, 9, 12], "timezone_str": ["Asia/Beirut", None, "UTC"]})

INSTANT = pl.col("timestamp_utc").str.to_datetime(
    "%Y-%m-%d %H:%M:%S%.f UTC", time_unit="us", time_zone="UTC"
)
TIMES = pl.col("start_time_local", "end_time_local")


def report(status: Any = STATUS, hours: Any = HOURS, timezones: Any = TIMEZONES) -> pl.DataFrame:
    return compute_report(status, hours, timezones, NOW, detail=True)


@cache
def usual() -> pl.DataFrame:
    """Return the report that all spellings must give."""
    return report()


def whole_seconds() -> pl.DataFrame:
    return STATUS.with_columns(INSTANT.dt.truncate("1s"))


def test_every_store_of_any_table_has_a_row_in_order() -> None:
    assert report()["store_id"].to_list() == [8, 9, 10, 11, 12]


@pytest.mark.parametrize(
    "form",
    [
        lambda frame: frame.lazy(),
        lambda frame: frame.to_arrow(),
        lambda frame: frame.to_arrow().to_reader(),
        lambda frame: pd.DataFrame(frame.to_dict(as_series=False)),
        lambda frame: duckdb.from_arrow(frame.to_arrow()),
        lambda frame: frame.select(reversed(frame.columns)),
        lambda frame: frame.with_columns(extra=pl.lit([1, 2])),
        lambda frame: frame.reverse(),
        lambda frame: pl.concat([frame.head(1), frame.tail(-1)], rechunk=False),
    ],
    ids=["lazy", "arrow", "stream", "pandas", "duckdb", "columns", "extra", "rows", "chunks"],
)
def test_any_container_gives_the_same_report(form: Callable[[pl.DataFrame], Any]) -> None:
    assert_frame_equal(report(form(STATUS), form(HOURS), form(TIMEZONES)), usual())


@pytest.mark.parametrize(
    "column",
    [
        INSTANT,
        INSTANT.dt.replace_time_zone(None),
        INSTANT.dt.convert_time_zone("Asia/Kathmandu"),
        INSTANT.dt.cast_time_unit("ns"),
        # Below a microsecond everything is cut off, before 1970 as well as after.
        INSTANT.dt.cast_time_unit("ns") + pl.duration(nanoseconds=999),
        pl.col("timestamp_utc").str.replace(" ", "T").str.replace(" UTC", "Z"),
        pl.col("timestamp_utc").str.strip_suffix(" UTC"),
        pl.col("timestamp_utc").str.replace(" UTC", "+00:00"),
        INSTANT.dt.to_string("%Y-%m-%d %H:%M:%S%.6f") + "999 UTC",
    ],
    ids=["aware", "naive", "zone", "ns", "ns cut", "T Z", "bare", "offset", "nine digits"],
)
def test_any_timestamp_type_gives_the_same_report(column: pl.Expr) -> None:
    assert_frame_equal(report(STATUS.with_columns(timestamp_utc=column)), usual())


def test_millisecond_timestamps_are_read() -> None:
    status = whole_seconds()
    in_ms = status.with_columns(pl.col("timestamp_utc").dt.cast_time_unit("ms"))
    assert_frame_equal(report(in_ms), report(status))


def test_timestamps_before_1970_are_floored_too() -> None:
    # 1 ns before 1970 is floored to 1 us before it: [-1 us, 0) is all that can be up.
    status = pl.DataFrame(
        {
            "store_id": [1],
            "timestamp_utc": pl.Series([-1], dtype=pl.Int64).cast(pl.Datetime("ns")),
            "status": [True],
        }
    )
    minute = {"minute": Window(dt.timedelta(minutes=1), "seconds")}
    hours, zones = HOURS.clear(), TIMEZONES.clear()
    result = compute_report(status, hours, zones, "1970-01-01T00:00:00Z", windows=minute)
    assert result.row(0) == (1, 60.0, 0.0)
    assert (
        compute_report(status, hours, zones, "1969-12-31T23:59:59.999999Z", detail=True)[
            "polls_last_hour"
        ].item()
        == 1
    )


@pytest.mark.parametrize(
    "column",
    [
        pl.col("status") == "active",
        pl.col("status").cast(pl.Categorical),
        pl.col("status").cast(pl.Enum(["active", "inactive", "closed"])),
        pl.format("  {}\t", pl.col("status").str.to_titlecase()),
        pl.col("status").str.to_uppercase(),
    ],
    ids=["bool", "categorical", "enum", "blanks", "upper"],
)
def test_any_status_type_gives_the_same_report(column: pl.Expr) -> None:
    assert_frame_equal(report(STATUS.with_columns(status=column)), usual())
    assert_frame_equal(report(STATUS.lazy().with_columns(status=column)), usual())


@pytest.mark.parametrize("name", ["day", "dayOfWeek"])
def test_other_names_of_the_weekday(name: str) -> None:
    assert_frame_equal(report(hours=HOURS.rename({"day_of_week": name})), usual())


@pytest.mark.parametrize(
    "column",
    [
        TIMES.str.to_time("%H:%M:%S"),
        TIMES.str.to_time("%H:%M:%S").cast(pl.Duration("us")),
        TIMES.str.to_time("%H:%M:%S").cast(pl.Duration("ns")),
        TIMES.str.to_time("%H:%M:%S").cast(pl.Duration("ms")),
        TIMES + ".000000000",
        TIMES.str.replace("^(.*):00$", "$1"),
        TIMES.str.replace("23:59:59", "24:00"),
        TIMES.str.replace("23:59:59", "24:00:00"),
    ],
    ids=["time", "us", "ns", "ms", "fraction", "minutes", "24:00", "24:00:00"],
)
def test_any_time_type_gives_the_same_report(column: pl.Expr) -> None:
    assert_frame_equal(report(hours=HOURS.with_columns(column)), usual())


def test_a_duration_of_24_hours_is_midnight() -> None:
    day = HOURS.with_columns(end_time_local=pl.lit(dt.timedelta(hours=24)))
    text = HOURS.with_columns(end_time_local=pl.lit("24:00"))
    assert_frame_equal(report(hours=day), report(hours=text))


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt16, pl.Int32, pl.UInt64, pl.Int128])
def test_the_report_has_the_id_type_of_status(dtype: pl.DataType) -> None:
    status = STATUS.with_columns(pl.col("store_id").cast(dtype))
    assert_frame_equal(report(status), usual().with_columns(pl.col("store_id").cast(dtype)))


@pytest.mark.parametrize(
    "dtype", [pl.String, pl.Categorical, pl.Enum(["10", "11", "12", "8", "9"])]
)
def test_string_ids_of_any_type_come_back_as_strings(dtype: pl.DataType) -> None:
    tables = [
        frame.with_columns(pl.col("store_id").cast(pl.String).cast(dtype))
        for frame in (STATUS, HOURS, TIMEZONES)
    ]
    expected = usual().with_columns(pl.col("store_id").cast(pl.String)).sort("store_id")
    assert_frame_equal(report(*tables), expected)


def test_ids_of_19_digits_stay_exact() -> None:
    big = 8_419_537_941_919_820_732
    tables = [
        frame.with_columns(pl.col("store_id") + (big - 8)) for frame in (STATUS, HOURS, TIMEZONES)
    ]
    assert report(*tables)["store_id"].to_list() == [big + k for k in range(5)]


def test_many_string_ids_that_only_some_tables_know() -> None:
    names = [f"{k:08x}-3668-4075-ad1d-16840294f818" for k in range(500)]
    status = pl.DataFrame(
        {
            "store_id": names,
            "timestamp_utc": ["2023-01-25 12:00:00 UTC"] * 500,
            "status": ["active"] * 500,
        }
    )
    hours, zones = HOURS.clear().cast({"store_id": pl.String}), TIMEZONES.clear()
    zones = pl.DataFrame({"store_id": names[::2], "timezone_str": ["UTC"] * 250})
    result = report(status, hours, zones)
    assert result["store_id"].to_list() == names
    assert set(result["uptime_last_day"]) == {24.0}


def test_the_caller_s_frames_are_not_changed() -> None:
    before = [frame.clone() for frame in (STATUS, HOURS, TIMEZONES)]
    report()
    for frame, copy in zip((STATUS, HOURS, TIMEZONES), before, strict=True):
        assert_frame_equal(frame, copy)


def test_empty_status_needs_now_and_leaves_everything_unknown() -> None:
    for status in (STATUS.clear(), pl.DataFrame({name: [] for name in STATUS.columns})):
        result = report(status)
        assert result["store_id"].to_list() == [8, 9, 10, 12]
        assert result["unknown_last_week"].to_list() == result["scheduled_last_week"].to_list()
        assert result["availability_last_week"].null_count() == result.height
        with pytest.raises(
            InvalidStatusError, match=r"no polls to take now from\. Give now=\.\.\. to say"
        ):
            compute_report(status, HOURS, TIMEZONES)


@pytest.mark.parametrize("lazy", [False, True])
def test_no_stores_at_all_make_an_empty_report(*, lazy: bool) -> None:
    untyped = [
        pl.DataFrame({name: [] for name in frame.columns}) for frame in (STATUS, HOURS, TIMEZONES)
    ]
    result = report(*(frame.lazy() if lazy else frame for frame in untyped))
    assert result.is_empty()
    assert result.drop("store_id").schema == usual().drop("store_id").schema


def test_ids_take_their_type_from_the_other_tables_when_status_is_empty() -> None:
    untyped = pl.DataFrame({name: [] for name in STATUS.columns})
    hours = HOURS.with_columns(pl.col("store_id").cast(pl.String))
    zones = TIMEZONES.with_columns(pl.col("store_id").cast(pl.String))
    assert report(untyped, hours, zones).schema["store_id"] == pl.String


def test_now_defaults_to_the_latest_poll() -> None:
    latest = compute_report(STATUS, HOURS, TIMEZONES, "2023-01-25T18:00:00Z")
    assert_frame_equal(compute_report(STATUS, HOURS, TIMEZONES), latest)


@pytest.mark.parametrize(
    "now",
    [
        dt.datetime(2023, 1, 25, 18, 13, 22, 479220, tzinfo=dt.UTC),
        dt.datetime(2023, 1, 25, 23, 43, 22, 479220, dt.timezone(dt.timedelta(hours=5.5))),
        pd.Timestamp("2023-01-25T18:13:22.479220999Z"),
        "2023-01-25T18:13:22.479220Z",
        "2023-01-25 18:13:22.47922 UTC",
        "20230125T194322.479220+0130",
    ],
)
def test_now_in_any_zone_and_spelling(now: Any) -> None:
    assert_frame_equal(compute_report(STATUS, HOURS, TIMEZONES, now, detail=True), usual())


def test_pandas_without_pyarrow_names_the_package() -> None:
    class Frame:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise ImportError("pyarrow is required")

    with pytest.raises(MissingDependencyError, match=r"Install it: pip install pyarrow\.$"):
        report(Frame())


def test_a_stream_that_breaks_is_a_schema_error() -> None:
    class Frame:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise ValueError("torn")

    with pytest.raises(SchemaError, match="status: cannot be read as a table: torn"):
        report(Frame())


def test_inputs_unpack_and_pickle_like_the_three_tables() -> None:
    rejected = pl.DataFrame({"table": ["hours"], "line": [7], "reason": ["no"], "text": ["x"]})
    inputs = Inputs(STATUS, HOURS, TIMEZONES, extra={"maintenance": STATUS}, rejected=rejected)
    assert_frame_equal(compute_report(*inputs, NOW, detail=True), usual())
    assert repr(inputs) == "Inputs(status: 6, hours: 3, timezones: 3, maintenance: 6, rejected: 1)"
    copy = pickle.loads(pickle.dumps(inputs))  # noqa: S301  # worker pools do this
    assert_frame_equal(copy.status, STATUS)
    assert_frame_equal(copy.hours, HOURS)
    assert_frame_equal(copy.timezones, TIMEZONES)
    assert_frame_equal(copy.extra["maintenance"], STATUS)
    assert_frame_equal(copy.rejected, rejected)
    assert Inputs(STATUS, HOURS, TIMEZONES).rejected.is_empty()
