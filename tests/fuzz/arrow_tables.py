"""Fuzz the border of `compute_report`: tables of any types, values, names and containers."""

from __future__ import annotations

import sys
from typing import Any

import atheris

with atheris.instrument_imports(include=["store_uptime"]):
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from store_uptime import CalendarWindow, Policy, Window, compute_report
    from store_uptime.testing import assert_report_valid

from fuzz.draw import Draw
from fuzz.findings import BrokenPromiseError, assert_same, kept_findings, outcome_of
from fuzz.table_values import drawn_column

_MOST_ROWS = 12
_WEEKLY = {"day_of_week": "weekday", "start_time_local": "time", "end_time_local": "time"}
_TABLES: dict[str, dict[str, str]] = {
    "status": {"store_id": "id", "timestamp_utc": "instant", "status": "status"},
    "hours": {"store_id": "id", **_WEEKLY, "valid_from": "date", "valid_until": "date"},
    "timezones": {"store_id": "id", "timezone_str": "zone"},
    "special_hours": {
        "store_id": "id", "date": "date", "start_time_local": "time", "end_time_local": "time",
    },
    "maintenance": {"store_id": "id", "start_utc": "instant", "end_utc": "instant"},
    "maintenance_hours": {"store_id": "id", **_WEEKLY, "valid_from": "date"},
}  # fmt: skip
_WINDOWS = (
    {"hour": Window("1h", "minutes"), "day": Window("1d"), "week": Window("7d", "days")},
    {"today": CalendarWindow("day", 0), "week": CalendarWindow("week", week_start="sunday")},
    {"month": Window("1mo"), "year": CalendarWindow("year", 0, first_month=4), "day": Window("1d")},
)
_NOWS = (None, "2024-11-04T12:00:00Z", "0001-01-02T00:00:00Z", "9999-12-31T23:59:59Z")


def fuzz_arrow_tables(data: bytes) -> None:
    draw = Draw(data)
    policy, options = _drawn_policy(draw), _drawn_options(draw)
    tables = {name: table for name in _TABLES if (table := _drawn_table(draw, name)) is not None}
    given = {name: _contained(draw, table) for name, table in tables.items()}
    again = {name: _otherwise(table, given[name]) for name, table in tables.items()}

    def report(tables: dict[str, Any]) -> pl.DataFrame:
        made = compute_report(**tables, policy=policy, **options)
        assert_report_valid(made, options["windows"])
        return made

    first = outcome_of(lambda: report(given))
    second = outcome_of(lambda: report(again))
    # Which fault is told first may depend on the order of rows, that there is one may not.
    if isinstance(first, pl.DataFrame) != isinstance(second, pl.DataFrame):
        raise BrokenPromiseError(f"the order of rows decides:\n{first!r}\n{second!r}")
    if isinstance(first, pl.DataFrame):
        assert_same(first, second, "another order of rows")


def _drawn_policy(draw: Draw) -> Policy:
    return Policy(
        interpolation=draw.one_of(("nearest", "previous", "next")),
        evidence=draw.one_of(("open", "all")),
        backfill=not draw.rarely(4),
        max_gap=draw.one_of(("1d", None, "1us", "2h", "9000d")),
        lookback=draw.one_of(("1d", None, "0s", "36h")),
        missing_days=draw.one_of(("closed", "open")),
        snap_midnight=not draw.rarely(4),
        default_timezone=draw.one_of(("America/Chicago", "Pacific/Apia", "UTC")),
    )


def _drawn_options(draw: Draw) -> dict[str, Any]:
    windows = draw.one_of(_WINDOWS)
    return {
        "now": draw.one_of(_NOWS[:2]) if not draw.rarely() else draw.one_of(_NOWS),
        "windows": windows,
        "detail": not draw.rarely(4),
        "batch_stores": draw.one_of((None, 1, 2)),
    }


def _drawn_table(draw: Draw, name: str) -> pa.Table | None:
    is_wanted = name == "status" or not draw.rarely(3)
    if not is_wanted:
        return None
    rows = draw.below(_MOST_ROWS)
    names, columns = [], []
    for column, role in _TABLES[name].items():
        if draw.rarely(32):
            continue
        names.append(
            draw.one_of((column, column.upper(), "", "\0", "status")) if draw.rarely(32) else column
        )
        columns.append(drawn_column(draw, role, rows))
    table = pa.Table.from_arrays(columns, names)
    if rows and draw.rarely(4):
        cut = draw.below(rows)
        table = pa.concat_tables([table.slice(0, cut), table.slice(cut)])
    return table


def _contained(draw: Draw, table: pa.Table) -> Any:
    """Return the table in one of the forms that callers have, or as it is if that has none."""
    form = draw.below(5)
    if form in (1, 2) and any(
        isinstance(dtype, pa.BaseExtensionType) for dtype in table.schema.types
    ):
        form = 4  # of UUIDs polars makes bytes, which are refused
    try:
        if form == 1:
            return pl.DataFrame(table)
        if form == 2:
            return pl.DataFrame(table).lazy()
        if form == 3 and not any(_ends_pandas(dtype) for dtype in table.schema.types):
            # Pandas' own types say less: integers with nulls are floats, no rows are of no type.
            keep_types = not (table.num_rows and all(map(_is_plain, table.columns)))
            return table.to_pandas(types_mapper=pd.ArrowDtype if keep_types else None)
        if form == 4:
            return pa.RecordBatchReader.from_batches(table.schema, table.to_batches())
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
    return table


def _is_plain(column: pa.ChunkedArray) -> bool:
    kinds = (pa.types.is_integer, pa.types.is_boolean, pa.types.is_string, pa.types.is_timestamp)
    return not column.null_count and any(is_kind(column.type) for is_kind in kinds)


def _ends_pandas(dtype: pa.DataType) -> bool:
    """Return whether pyarrow may end the process when it makes such a column one of pandas."""
    return bool(pa.types.is_run_end_encoded(dtype) or pa.types.is_nested(dtype))


def _otherwise(table: pa.Table, given: object) -> pa.Table | pl.LazyFrame:
    """Return the same table with its rows from the last to the first, each in its own chunk.

    Lazy tables stay lazy: what they hold outside of all windows is not looked at.
    """
    rows = [table.slice(row, 1) for row in reversed(range(table.num_rows))]
    turned = pa.concat_tables(rows) if rows else table
    if not isinstance(given, pl.LazyFrame):
        return turned
    try:
        return pl.DataFrame(turned).lazy()
    except pl.exceptions.PolarsError:  # of some types it takes one chunk, but not several
        return given.reverse()


if __name__ == "__main__":
    atheris.Setup(sys.argv, kept_findings(fuzz_arrow_tables))
    atheris.Fuzz()
