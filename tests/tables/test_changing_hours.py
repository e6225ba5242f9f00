"""Hours that change, and planned downtime, in every kind of frame: one report, worked by hand."""

from __future__ import annotations

import datetime as dt
import pickle
from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from store_uptime import Inputs, InvalidHoursError, SchemaError, StoreUptimeError
from support.changing_hours import DATES, REPORT, report_of, tables

Frames = dict[str, Any]
DATED = ("hours", "maintenance_hours")
STAMPED = {"status": ["timestamp_utc"], "maintenance": ["start_utc", "end_utc"]}


def in_each(change: Callable[[pl.DataFrame], Any], *names: str) -> Frames:
    return {
        name: change(frame) if not names or name in names else frame
        for name, frame in tables().items()
    }


def of_objects(frame: pl.DataFrame) -> pd.DataFrame:
    """Return a frame of pandas whose dates are objects of Python and whose missing ones are None.

    Its ids are read as they should be, since a missing one would make floats of them.
    """
    columns = frame.to_dict(as_series=False)
    return pd.DataFrame(columns).astype({"store_id": "Int64"})


def of_midnights(frame: pl.DataFrame) -> pd.DataFrame:
    """Return a frame of pandas whose dates are datetime64, and NaT where one is missing."""
    found = of_objects(frame)
    for name in DATES:
        if name in found:
            found[name] = pd.to_datetime(found[name])
    return found


FORMS: dict[str, Callable[[pl.DataFrame], Any]] = {
    "lazy": lambda frame: frame.lazy(),
    "pyarrow": lambda frame: frame.to_arrow(),
    "duckdb": lambda frame: duckdb.from_arrow(frame.to_arrow()),
    "pandas": of_objects,
    "pandas at midnight": of_midnights,
    "pandas on Arrow": lambda frame: frame.to_pandas(use_pyarrow_extension_array=True),
    "shouting": lambda frame: frame.rename(str.upper),
    "shuffled": lambda frame: frame.reverse().select(reversed(frame.columns)),
}


def test_the_report_worked_by_hand() -> None:
    assert report_of(**tables()) == REPORT


@pytest.mark.parametrize("form", FORMS)
def test_every_kind_of_frame_gives_the_same_report(form: str) -> None:
    assert report_of(**in_each(FORMS[form])) == REPORT


# pandas knows no dates of their own: of a column with none, the type says nothing at all.
NO_DATES = {
    "untyped": pl.lit(None),
    "dates": pl.lit(None, pl.Date),
    "datetimes": pl.lit(None, pl.Datetime("ns")),
    "texts": pl.lit(None, pl.String),
}


@pytest.mark.parametrize("form", ["lazy", "pyarrow", "pandas", "pandas at midnight"])
@pytest.mark.parametrize("kind", NO_DATES)
def test_columns_without_any_date_are_as_if_they_were_not_there(kind: str, form: str) -> None:
    plain = in_each(lambda frame: frame.drop(DATES), *DATED)
    empty = {
        name: FORMS[form](frame.with_columns(NO_DATES[kind].alias(date) for date in DATES))
        for name, frame in plain.items()
        if name in DATED
    }
    assert report_of(**plain | empty) == report_of(**plain) != REPORT


@pytest.mark.parametrize("date", DATES)
def test_one_of_the_two_columns_may_be_there_alone(date: str) -> None:
    less = in_each(lambda frame: frame.drop(date), *DATED)
    empty = in_each(lambda frame: frame.with_columns(pl.lit(None).alias(date)), *DATED)
    assert report_of(**less) == report_of(**empty) != REPORT


DTYPES = [pl.String(), *(pl.Datetime(unit) for unit in ("ms", "us", "ns"))]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_date_may_be_a_text_or_a_midnight(dtype: pl.DataType) -> None:
    cast = pl.col(DATES).cast(dtype)
    assert report_of(**in_each(lambda frame: frame.with_columns(cast), *DATED)) == REPORT
    arrow = pa.date64() if dtype != pl.String else pa.string_view()
    assert report_of(**in_each(lambda frame: arrow_dates(frame, arrow), *DATED)) == REPORT


def arrow_dates(frame: pl.DataFrame, dtype: pa.DataType) -> pa.Table:
    table = frame.to_arrow()
    for date in DATES:
        table = table.set_column(table.schema.get_field_index(date), date, table[date].cast(dtype))
    return table


NOON = dt.datetime(2024, 6, 12, 12)  # noqa: DTZ001  # on the store's own clock
BAD_DATES: list[tuple[Any, type[StoreUptimeError], str]] = [
    ("12.06.2024", InvalidHoursError, r"unreadable date in 1 row \(first: '12\.06\.2024'\)\. Write"),
    ("", InvalidHoursError, r"unreadable date in 1 row \(first: ''\)"),
    ("2024-06-12 00:00:00", InvalidHoursError, "unreadable date"),
    ("2024-02-30", InvalidHoursError, "unreadable date"),
    ("infinity", InvalidHoursError, "unreadable date"),
    (NOON, InvalidHoursError, r"unreadable date in 1 row \(first: '2024-06-12 12:00:00\.000000'\)"),
    (NOON.replace(tzinfo=dt.UTC), SchemaError, r"is not accepted.*own wall clock shows\.$"),
    (dt.time(12), SchemaError, "type Time is not accepted. Accepted: Date, naive Datetime at"),
    (20240612, SchemaError, "type Int32 is not accepted"),
    (True, SchemaError, "type Boolean is not accepted"),
]  # fmt: skip


@pytest.mark.parametrize("table", DATED)
@pytest.mark.parametrize("date", DATES)
@pytest.mark.parametrize("number", range(len(BAD_DATES)))
def test_what_is_no_date_is_told(number: int, date: str, table: str) -> None:
    value, error, told = BAD_DATES[number]
    bad = pl.when(pl.int_range(pl.len()) == 1).then(pl.lit(value)).alias(date)
    with pytest.raises(error, match=rf"^{table}\.{date}: .*{told}"):
        report_of(**in_each(lambda frame: frame.with_columns(bad), table))


@pytest.mark.parametrize("table", DATED)
@pytest.mark.parametrize("dtype", [pl.Date(), *DTYPES], ids=str)
def test_a_row_that_ends_before_it_begins_is_told_by_its_date(
    table: str, dtype: pl.DataType
) -> None:
    first, last = (pl.lit(dt.date(2024, 6, day)).cast(dtype) for day in (12, 11))
    swapped = in_each(lambda frame: frame.with_columns(valid_from=first, valid_until=last), table)
    told = rf"^{table}\.valid_until: before valid_from in [36] rows \(first: '2024-06-11"
    with pytest.raises(InvalidHoursError, match=told) as caught:
        report_of(**swapped)
    assert caught.value.remedy.endswith("swap them, or mend one.")


def test_a_row_that_ends_where_it_begins_never_holds() -> None:
    more = pl.concat([tables()["hours"], tables()["hours"].with_columns(pl.lit(dt.date(2024, 6, 11)).alias(date) for date in DATES)])  # fmt: skip
    assert report_of(**tables() | {"hours": more}) == REPORT


@pytest.mark.parametrize("table", DATED)
def test_two_columns_that_differ_in_case_only_are_told(table: str) -> None:
    twice = pl.lit(None, pl.Date)
    both = in_each(lambda frame: frame.with_columns(VALID_FROM=twice), table)
    assert report_of(**both) == REPORT  # the exact name goes before
    neither = in_each(
        lambda frame: frame.rename({"valid_from": "Valid_From"}).with_columns(VALID_FROM=twice),
        table,
    )
    with pytest.raises(SchemaError, match="differ only in case: Valid_From, VALID_FROM") as caught:
        report_of(**neither)
    assert (caught.value.table, caught.value.column) == (table, "valid_from")


def test_nulls_of_maintenance_have_a_meaning_in_every_type() -> None:
    for dtype in (pl.Datetime("ms"), pl.Datetime("ns", "Asia/Tokyo"), pl.String()):
        cast = [
            pl.col(name).dt.strftime("%F %T UTC")
            if dtype == pl.String
            else pl.col(name).cast(dtype)
            for name in STAMPED["maintenance"]
        ]
        assert report_of(**in_each(lambda frame: frame.with_columns(cast), "maintenance")) == REPORT  # noqa: B023  # called at once


@pytest.mark.parametrize("null", [pl.lit(None), pl.lit(None, pl.Datetime("us"))])
@pytest.mark.parametrize(
    ("there", "absent", "of_store_8"),
    [
        ("start_utc", "end_utc", (8, 11.5, 0.0, 0.0)),  # open on the 11th, less half an hour
        # Open on the 12th, less an hour; its only poll is of the 11th.
        ("end_utc", "start_utc", (8, 0.0, 0.0, 11.0)),
    ],
)
def test_a_column_of_maintenance_without_any_instant(
    there: str, absent: str, of_store_8: tuple[Any, ...], null: pl.Expr
) -> None:
    midnight = dt.datetime(2024, 6, 12, tzinfo=dt.UTC)
    rows = pl.DataFrame({"store_id": [8], there: [midnight]}).with_columns(null.alias(absent))
    assert report_of(**tables() | {"maintenance": rows})[1] == of_store_8


# --- together -------------------------------------------------------------------------------------


def test_inputs_take_the_table_along() -> None:
    status, hours, zones, *_ = (frame := tables()).values()
    extra = {name: frame[name] for name in ("maintenance", "maintenance_hours")}
    inputs = Inputs(status, hours, zones, extra=extra)
    assert "maintenance: 2, maintenance_hours: 3" in repr(inputs)
    assert report_of(inputs) == REPORT
    assert report_of(pickle.loads(pickle.dumps(inputs))) == REPORT  # noqa: S301  # our own bytes
    weekly = extra.pop("maintenance_hours")
    beside = Inputs(status, hours, zones, extra=extra)
    assert report_of(beside, maintenance_hours=weekly) == REPORT
    with pytest.raises(SchemaError, match="maintenance_hours: given twice"):
        report_of(inputs, maintenance_hours=weekly)


@pytest.mark.parametrize("table", ["hours", "maintenance_hours"])
def test_what_looks_like_another_table_is_called_so(table: str) -> None:
    with pytest.raises(SchemaError, match="this looks like the maintenance table"):
        report_of(**tables() | {table: tables()["maintenance"]})


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        (["7", "8", None], "ids are String here but Int64 in status"),
        ([7.0, 8.0, None], "ids are floats .*pandas makes floats of such integers"),
        ([2**63, 8, 7], "id outside Int64"),
    ],
)
def test_ids_of_planned_downtime_are_of_the_kind_of_all_others(ids: list[Any], told: str) -> None:
    dtype = pl.UInt64 if isinstance(ids[0], int) else None
    weekly = tables()["maintenance_hours"].with_columns(pl.Series("store_id", ids, dtype))
    with pytest.raises(SchemaError, match=rf"^maintenance_hours\.store_id: {told}"):
        report_of(**tables() | {"maintenance_hours": weekly})


def test_a_store_that_only_planned_downtime_names_has_no_row() -> None:
    stranger = tables()["maintenance_hours"].with_columns(store_id=pl.lit(99, pl.Int64))
    with_it = pl.concat([tables()["maintenance_hours"], stranger])
    assert report_of(**tables() | {"maintenance_hours": with_it}) == REPORT
