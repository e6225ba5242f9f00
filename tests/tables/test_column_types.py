"""Each kind of column in each type of polars: read as its values say, or a `SchemaError`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import (
    InvalidHoursError,
    InvalidStatusError,
    SchemaError,
    StoreUptimeError,
    UnknownTimeZoneError,
    compute_report,
)
from support.bad_tables import HOURS, NOW, STATUS, TIMEZONES, report
from support.effort import thinned

SPECIAL: dict[str, Any] = {
    "store_id": [1, 1],
    "date": ["2023-12-25", "2023-12-26"],
    "start_time_local": ["08:00"] * 2,
    "end_time_local": ["17:00"] * 2,
}
TABLES_OF_TEST = {
    "status": STATUS,
    "hours": HOURS,
    "timezones": TIMEZONES,
    "special_hours": SPECIAL,
    "maintenance_hours": HOURS,
}

# A value of each type that stands for the same thing wherever it can: store 1, status up, Tuesday.
VALUES: dict[str, pl.Series] = {
    **{
        str(dtype): pl.Series([1, 1], dtype=dtype)
        for dtype in (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128)
    },
    **{
        str(dtype): pl.Series([1, 1], dtype=dtype)
        for dtype in (pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)
    },
    "Float32": pl.Series([1.0, 1.0], dtype=pl.Float32),
    "Float64": pl.Series([1.0, 1.0]),
    "Decimal(38, 0)": pl.Series([Decimal(1)] * 2, dtype=pl.Decimal(38, 0)),
    "Decimal(9, 0)": pl.Series([Decimal(1)] * 2, dtype=pl.Decimal(9, 0)),
    "Decimal(9, 2)": pl.Series([Decimal("1.00")] * 2, dtype=pl.Decimal(9, 2)),
    "Boolean": pl.Series([True, True]),
    "String": pl.Series(["1", "1"]),
    "Categorical": pl.Series(["1", "1"], dtype=pl.Categorical),
    "Enum": pl.Series(["1", "1"], dtype=pl.Enum(["1"])),
    "Binary": pl.Series([b"1", b"1"]),
    "Date": pl.Series([dt.date(2023, 1, 1)] * 2),
    "Datetime": pl.Series([0, 0]).cast(pl.Datetime("us")),
    "Datetime with a zone": pl.Series([dt.datetime(2023, 1, 1, tzinfo=dt.UTC)] * 2),
    "Time": pl.Series([dt.time(9)] * 2),
    "Duration": pl.Series([dt.timedelta(hours=9)] * 2),
    "List": pl.Series([[1], [1]]),
    "Array": pl.Series([[1], [1]], dtype=pl.Array(pl.Int64, 1)),
    "Struct": pl.Series([{"a": 1}] * 2),
    "Object": pl.Series([object(), object()], dtype=pl.Object),
    "Null": pl.Series([None, None]),
}
INTEGERS = {
    *(f"Int{bits}" for bits in (8, 16, 32, 64, 128)),
    *(f"UInt{bits}" for bits in (8, 16, 32, 64)),
}
DECIMALS = {"Decimal(38, 0)", "Decimal(9, 0)"}
TEXTS = {"String", "Categorical", "Enum"}
FLOATS = {"Float32", "Float64"}
NUMBERS = INTEGERS | DECIMALS | FLOATS | {"Decimal(9, 2)"}
# Types of which the values decide. A column of the type Null has no values: nulls are bad values.
READ = {
    ("status", "store_id"): INTEGERS | DECIMALS | TEXTS | {"Null"},
    ("status", "timestamp_utc"): {"Datetime", "Datetime with a zone", "String", "Null"},
    ("status", "status"): INTEGERS | TEXTS | {"Boolean", "Null"},
    ("hours", "day_of_week"): NUMBERS | TEXTS | {"Null"},
    ("hours", "start_time_local"): {"Time", "Duration", "String", "Null"},
    ("timezones", "timezone_str"): TEXTS | {"Null"},
    ("special_hours", "date"): {"Date", "Datetime", "String", "Null"},
    ("hours", "valid_from"): {"Date", "Datetime", "String", "Null"},
    ("maintenance_hours", "valid_until"): {"Date", "Datetime", "String", "Null"},
}
CASES = [(*place, name) for place in READ for name in VALUES]


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize(("table", "column", "name"), thinned(CASES, 4))
def test_each_type_of_each_column_is_read_or_refused(
    table: str, column: str, name: str, *, lazy: bool
) -> None:
    given = {key: pl.DataFrame(columns) for key, columns in TABLES_OF_TEST.items()}
    given[table] = given[table].with_columns(VALUES[name].alias(column))
    if column == "store_id" and name in TEXTS:
        given = {
            key: frame.with_columns(pl.col("store_id").cast(pl.String))
            for key, frame in given.items()
        }
        given[table] = given[table].with_columns(VALUES[name].alias(column))
    tables = {key: frame.lazy() if lazy else frame for key, frame in given.items()}
    error = _error_of(tables)
    if name not in READ[table, column]:
        assert isinstance(error, SchemaError)
        assert (error.table, error.column) == (table, column)
        assert "accepted" in str(error) or "ids are floats" in str(error)
    elif error is not None:
        assert type(error) in (InvalidStatusError, InvalidHoursError, UnknownTimeZoneError)
        assert f"{table}.{column}: " in str(error)
        assert "accepted" not in str(error)


def _error_of(tables: dict[str, Any]) -> StoreUptimeError | None:
    try:
        compute_report(now=NOW, **tables)
    except StoreUptimeError as error:
        return error
    return None


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt64, pl.Int128])
@pytest.mark.parametrize("lazy", [False, True])
def test_1_and_0_are_up_and_down(dtype: Any, *, lazy: bool) -> None:
    found = report(lazy=lazy, status={"status": pl.Series([1, 0], dtype=dtype)})
    assert_frame_equal(found, report())
    for numbers in ([1, 2], [0, 127]):
        with pytest.raises(InvalidStatusError, match=rf"in 1 row \(first: {numbers[1]}\)"):
            report(lazy=lazy, status={"status": pl.Series(numbers, dtype=dtype)})


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("type_", [pl.String, pl.Categorical, pl.Enum])
@pytest.mark.parametrize(
    ("up", "down"),
    [("true", "false"), (" TRUE", "False\t"), ("t", "f"), ("T", " F "), ("1", "0"), (" 1", "0 "), ("t", "inactive")],
)  # fmt: skip
def test_words_for_true_and_false_are_up_and_down(
    up: str, down: str, type_: Any, *, lazy: bool
) -> None:
    dtype = pl.Enum([up, down]) if type_ is pl.Enum else type_
    assert_frame_equal(
        report(lazy=lazy, status={"status": pl.Series([up, down], dtype=dtype)}), report()
    )


@pytest.mark.parametrize(
    "word", ["yes", "no", "on", "off", "up", "down", "2", "-1", "1.0", "tr", ""]
)
def test_other_words_are_no_status(word: str) -> None:
    with pytest.raises(InvalidStatusError, match="status other than active or inactive in 1 row"):
        report(status={"status": ["active", word]})


@pytest.mark.parametrize(
    ("text", "same"),
    [("8:00", "08:00"), ("8:00:00", "08:00"), ("8:00:30.25", "08:00:30.250000"), ("0:00", "00:00"), ("0:00:00", "00:00:00")],
)  # fmt: skip
def test_a_time_may_lack_its_first_zero(text: str, same: str) -> None:
    short, long = (report(hours={"start_time_local": [each, "08:00"]}) for each in (text, same))
    assert_frame_equal(short, long)


@pytest.mark.parametrize(
    "text", ["1900-01-01 09:00:00", "1900-01-01T09:00:00", "2023-01-22 9:00", "1900-1-1 00:00:00"]
)
@pytest.mark.parametrize("column", ["start_time_local", "end_time_local"])
def test_a_date_with_a_time_is_called_so(column: str, text: str) -> None:
    with pytest.raises(InvalidHoursError) as caught:
        report(hours={column: [text, "nine"]})
    assert str(caught.value) == (
        f"hours.{column}: a date and a time where only a time may be in 1 row (first: '{text}'). "
        "pandas writes times so once it has made datetimes of them: "
        "write them by .dt.strftime('%H:%M:%S')."
    )


def test_what_to_do_with_a_type_is_said_where_it_is_known() -> None:
    with pytest.raises(SchemaError, match=r"take the time of day: \.dt\.time\(\) in polars"):
        report(hours={"start_time_local": pl.Series([0, 0]).cast(pl.Datetime("us"))})
    with pytest.raises(SchemaError, match=r"by their unit: pl\.from_epoch"):
        report(status={"timestamp_utc": [1_674_669_600] * 2})


# --- ids ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize(
    ("precision", "largest", "dtype"),
    [(18, 10**18 - 1, pl.Int64), (38, 2**63 - 1, pl.Int64), (38, 2**63, pl.Int128), (38, -(2**63) - 1, pl.Int128)],
)  # fmt: skip
def test_decimals_without_places_are_integers(
    precision: int, largest: int, dtype: Any, *, lazy: bool
) -> None:
    ids = pl.Series([1, largest], dtype=pl.Int128).cast(pl.Decimal(precision, 0))
    named = {"store_id": ids}
    found = report(lazy=lazy, status=named, hours=named, timezones=named)
    assert found.schema["store_id"] == dtype
    assert sorted(found["store_id"].to_list()) == sorted([1, largest])


def test_decimals_meet_integers_in_the_other_tables() -> None:
    decimals: dict[str, Any] = {"store_id": pl.Series([1, 2]).cast(pl.Decimal(38, 0))}
    for table in ("status", "hours", "timezones"):
        assert_frame_equal(report(lazy=False, **{table: decimals}), report())
    far = {"store_id": pl.Series([1, 2**70], dtype=pl.Int128).cast(pl.Decimal(38, 0))}
    with pytest.raises(SchemaError, match=r"hours\.store_id: id outside Int64"):
        report(hours=far)


def test_nulls_among_decimals_are_nulls() -> None:
    ids = pl.Series([Decimal(1), None], dtype=pl.Decimal(38, 0))
    with pytest.raises(InvalidStatusError, match="null id in 1 row"):
        report(status={"store_id": ids})


def test_uuids_become_strings() -> None:
    uuids = [UUID(int=1), UUID(int=2)]
    status = {"store_id": pl.Series(uuids, dtype=pl.Object)}
    texts = {"store_id": [str(each) for each in uuids]}
    found = report(status=status, hours=texts, timezones=status)
    assert_frame_equal(found, report(status=texts, hours=texts, timezones=texts))
    with pytest.raises(InvalidStatusError, match="null id in 1 row"):
        report(
            status={"store_id": pl.Series([None, UUID(int=1)], dtype=pl.Object)},
            hours=texts,
            timezones=texts,
        )


def test_other_objects_of_python_are_no_ids() -> None:
    for objects in ([object(), object()], [UUID(int=1), 2]):
        with pytest.raises(SchemaError, match=r"status\.store_id: type Object is not accepted"):
            report(status={"store_id": pl.Series(objects, dtype=pl.Object)})


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_float_ids_some_of_which_are_missing_come_from_pandas(missing: float | None) -> None:
    for ids, traced in (([1.0, missing], True), ([1.0, 2.0], False)):
        with pytest.raises(SchemaError) as caught:
            report(status={"store_id": ids})
        assert ("pandas makes floats of such integers" in str(caught.value)) == traced
        assert "dtype={'store_id': 'Int64'}" in str(caught.value)


def test_an_enum_of_many_words_is_refused_in_few() -> None:
    words = pl.Enum([f"word {k}" for k in range(20_000)])
    with pytest.raises(SchemaError) as caught:
        report(status={"timestamp_utc": pl.Series(["word 1"] * 2, dtype=words)})
    assert str(caught.value).startswith("status.timestamp_utc: type Enum is not accepted.")
    assert len(str(caught.value)) < 200
