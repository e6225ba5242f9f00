"""Arrow streams: only the columns that are needed matter, whatever types the others have."""

from __future__ import annotations

import datetime as dt
import decimal
import sys
from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal

from store_uptime import MissingDependencyError, SchemaError, compute_report
from store_uptime._tables.given import Source
from support.bad_tables import HOURS, NOW, STATUS, TIMEZONES, report, tables


class Stream:
    """An object that has nothing but its stream."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._rows.__arrow_c_stream__(requested_schema)


def report_on(status: Any, hours: Any, timezones: Any) -> pl.DataFrame:
    return compute_report(status, hours, timezones, NOW)


# What Arrow has and polars lacks, or has only as an extension.
ODD: dict[str, pa.Array] = {
    "interval": pa.array([(1, 2, 3)] * 2, pa.month_day_nano_interval()),
    "decimal256": pa.array([decimal.Decimal(1)] * 2, pa.decimal256(50, 0)),
    "run-end encoded": pa.RunEndEncodedArray.from_arrays([2], [5]),
    "sparse union": pa.UnionArray.from_sparse(pa.array([0, 0], pa.int8()), [pa.array([1, 2])]),
    "dense union": pa.UnionArray.from_dense(
        pa.array([0, 0], pa.int8()), pa.array([0, 1], pa.int32()), [pa.array([1, 2])]
    ),
    "list view": pa.array([[1], [2]], pa.list_view(pa.int64())),
    "large list view": pa.array([[1], [2]], pa.large_list_view(pa.int64())),
    "list of intervals": pa.array([[(1, 2, 3)]] * 2, pa.list_(pa.month_day_nano_interval())),
    "zone that nobody knows": pa.array([1, 2], pa.timestamp("us", "Mars/Olympus")),
    "opaque": pa.ExtensionArray.from_storage(pa.opaque(pa.int32(), "a", "b"), pa.array([1, 2], pa.int32())),
    "json": pa.array(["1", "2"], pa.json_()),
    "map": pa.array([[("a", 1)]] * 2, pa.map_(pa.string(), pa.int64())),
}  # fmt: skip
READ_AS_WHAT_THEY_ARE = ("map", "opaque", "json", "zone that nobody knows")
FORMS: dict[str, Callable[[pa.Table], Any]] = {
    "table": lambda table: table,
    "reader": lambda table: table.to_reader(),
    "batch": lambda table: table.combine_chunks().to_batches()[0],
    "stream": Stream,
    "stream that is read once": lambda table: Stream(table.to_reader()),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ODD)
def test_a_further_column_of_any_type_is_ignored(name: str, form: str) -> None:
    given = [frame.to_arrow().append_column("odd", ODD[name]) for frame in tables()]
    assert_frame_equal(report_on(*map(FORMS[form], given)), report())


@pytest.mark.parametrize("name", [name for name in ODD if name not in READ_AS_WHAT_THEY_ARE])
@pytest.mark.parametrize("column", ["store_id", "timestamp_utc", "status"])
def test_a_needed_column_of_such_a_type_is_refused(column: str, name: str) -> None:
    table = pl.DataFrame(STATUS).to_arrow()
    odd = table.set_column(table.column_names.index(column), column, ODD[name])
    with pytest.raises(SchemaError) as caught:
        compute_report(odd, None, None, NOW)
    assert caught.value.table == "status"


@pytest.mark.parametrize("name", ["interval", "dense union", "decimal256", "run-end encoded"])
def test_the_type_that_polars_lacks_is_named_with_its_column(name: str) -> None:
    table = pl.DataFrame(HOURS).to_arrow().set_column(1, "Day", ODD[name])
    with pytest.raises(
        SchemaError, match=r"^hours\.Day: type .* is not accepted: polars"
    ) as caught:
        compute_report(pl.DataFrame(STATUS), table, None, NOW)
    assert caught.value.code == "unaccepted_type"


ODD_IN_DUCKDB = "INTERVAL 1 MONTH AS i, union_value(a := 1) AS u, MAP {'a': 1} AS m, '101'::BIT AS b, 1::BIGNUM AS n"


def test_further_columns_of_duckdb_are_ignored() -> None:
    status = pl.DataFrame(STATUS).to_arrow()  # noqa: F841  # DuckDB finds it by its name
    assert_frame_equal(
        report_on(duckdb.sql(f"SELECT *, {ODD_IN_DUCKDB} FROM status"), *tables()[1:]),
        report(),
    )
    columns = (
        "1 AS store_id, 0 AS day, INTERVAL 9 HOURS AS start_time_local, '12:00' AS end_time_local"
    )
    hours = duckdb.sql(f"SELECT {columns}")
    with pytest.raises(SchemaError, match=r"hours\.start_time_local: type month_day_nano_interval"):
        compute_report(pl.DataFrame(STATUS), hours, None, NOW)


@pytest.mark.parametrize("type_", ["HUGEINT", "UHUGEINT", "DECIMAL(38, 0)", "DECIMAL(18, 0)"])
def test_large_integers_of_duckdb_are_ids(type_: str) -> None:
    big = 841_953_794_191_982_073
    query = (
        f"SELECT {big}::{type_} AS store_id, '2023-01-25 12:00:00' AS timestamp_utc, 't' AS status"
    )
    for kind in ("relation", "frame", "lazy frame"):
        relation: Any = duckdb.sql(query)
        frames = {"relation": relation, "frame": relation.pl(), "lazy frame": relation.pl().lazy()}
        found = compute_report(frames[kind], None, None, NOW)["store_id"]
        assert found.dtype == pl.Int64
        assert found.to_list() == [big]
    if type_ == "HUGEINT":  # which DuckDB makes floats for pandas
        with pytest.raises(SchemaError, match="ids are floats"):
            compute_report(relation.df(), None, None, NOW)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("width", [32, 64, 128])
def test_decimals_of_any_width_are_numbers(width: int, form: str) -> None:
    # From a stream of batches, polars makes narrow ones a column whose cast panics.
    narrow = getattr(pa, f"decimal{width}")
    days = pa.array([decimal.Decimal("2.00")] * 2, narrow(9, 2))
    ids = pa.array([decimal.Decimal(1), decimal.Decimal(2)], narrow(9, 0))
    status, hours, timezones = (
        frame.to_arrow().set_column(0, "store_id", ids) for frame in tables()
    )
    given = (status, hours.set_column(1, "day_of_week", days), timezones)
    found = report_on(*map(FORMS[form], given))
    assert_frame_equal(found, report())


ODD_IN_PANDAS: dict[Any, Any] = {
    "objects": [object(), 1],
    "mixed": [1, "a"],
    "periods": pd.period_range("2023-01", periods=2, freq="M"),
    "intervals": pd.interval_range(0, 2),
    "complex": [1j, 2j],
    "offsets": [pd.offsets.MonthEnd()] * 2,
    "sparse": pd.arrays.SparseArray([1, 2]),
    7: [1, 2],
    ("a", "b"): [1, 2],
}


@pytest.mark.parametrize("name", ODD_IN_PANDAS, ids=str)
def test_further_columns_of_pandas_are_ignored(name: Any) -> None:
    given = [pd.DataFrame(columns) for columns in (STATUS, HOURS, TIMEZONES)]
    for frame in given:
        frame[name] = ODD_IN_PANDAS[name]
    assert_frame_equal(report_on(*given), report())


def test_the_index_of_pandas_is_no_column() -> None:
    frame = pd.DataFrame(STATUS).set_index("store_id")
    with pytest.raises(SchemaError, match=r"status\.store_id: no such column"):
        compute_report(frame, None, None, NOW)
    indexed = pd.DataFrame(STATUS, index=[7, 5])
    assert_frame_equal(report_on(indexed, *tables()[1:]), report())


@pytest.mark.parametrize(
    "values", [[1, "a"], [object(), object()], [1j, 2j]], ids=["mixed", "objects", "complex"]
)
def test_ids_of_pandas_that_are_of_no_type_are_refused(values: list[Any]) -> None:
    with pytest.raises(SchemaError, match=r"^status: cannot be read as a table: "):
        compute_report(pd.DataFrame({**STATUS, "store_id": values}), None, None, NOW)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["+05:30", "-00:30", "UTC", "Asia/Kolkata", "Mars/Olympus"])
def test_instants_count_from_1970_whatever_their_zone_is(zone: str, unit: str) -> None:
    instants = pl.DataFrame(STATUS)["timestamp_utc"].str.to_datetime("%Y-%m-%d %H:%M:%S UTC")
    zoned = instants.to_arrow().cast(pa.timestamp(unit)).cast(pa.timestamp(unit, zone))
    table = pl.DataFrame(STATUS).to_arrow().set_column(1, "timestamp_utc", zoned)
    assert_frame_equal(report_on(table, *tables()[1:]), report())


def test_instants_of_pandas_with_an_offset_are_read() -> None:
    local = pd.to_datetime(["2023-01-25T17:30:00+05:30", "2023-01-25T18:30:00+05:30"])
    frame = pd.DataFrame({**STATUS, "timestamp_utc": local})
    assert_frame_equal(report_on(frame, *tables()[1:]), report())


def test_uuids_of_arrow_become_strings() -> None:
    raw = [bytes(range(16)), bytes(range(16, 32))]
    texts = ["00010203-0405-0607-0809-0a0b0c0d0e0f", "10111213-1415-1617-1819-1a1b1c1d1e1f"]
    uuids = pa.array([raw[1], raw[0]], pa.uuid())
    status = pl.DataFrame(STATUS).to_arrow().set_column(0, "store_id", uuids)
    assert compute_report(status, None, None, NOW)["store_id"].to_list() == texts


def test_an_empty_stream_has_its_types() -> None:
    empty = [frame.clear().to_arrow() for frame in tables()]
    assert report_on(*empty).is_empty()


def test_the_columns_of_what_is_no_table_of_the_contract_are_all_read() -> None:
    table = pa.table({"store_id": [1], "Region": ["north"], "at": pa.array([dt.time(9)])})
    assert Source(table, "by").schema.names() == ["store_id", "Region", "at"]
    with pytest.raises(SchemaError, match=r"by\.region: no such column"):
        Source(table, "by").column("region")


# --- without pyarrow ------------------------------------------------------------------------------


@pytest.fixture
def without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)


@pytest.mark.usefixtures("without_pyarrow")
def test_streams_are_read_without_pyarrow() -> None:
    given = [Stream(frame) for frame in tables()]
    assert_frame_equal(report_on(*given), report())


@pytest.mark.parametrize("width", [32, 64])
def test_narrow_decimals_are_refused_without_pyarrow(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Polars reads 16 bytes of each number, which has 4 or 8: 0 where there was 2.
    status = pl.DataFrame(STATUS).to_arrow()
    narrow, wide = (
        pa.array([decimal.Decimal(1), decimal.Decimal(2)], getattr(pa, f"decimal{bits}")(9, 0))
        for bits in (width, 128)
    )
    as_ids, of_none, as_wide = (
        Stream(status.set_column(0, "store_id", narrow)),
        Stream(status.append_column("price", narrow)),
        Stream(status.set_column(0, "store_id", wide)),
    )
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SchemaError, match=r"^status\.store_id: decimals of less than") as caught:
        report_on(as_ids, *tables()[1:])
    assert caught.value.code == "unaccepted_type"
    assert_frame_equal(report_on(of_none, *tables()[1:]), report())
    assert_frame_equal(report_on(as_wide, *tables()[1:]), report())


@pytest.mark.usefixtures("without_pyarrow")
def test_pandas_without_pyarrow_names_what_is_missing() -> None:
    with pytest.raises(MissingDependencyError, match="pip install pyarrow"):
        compute_report(pd.DataFrame(STATUS).convert_dtypes(), None, None, NOW)
