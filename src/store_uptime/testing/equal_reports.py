"""Two reports held against each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

import polars as pl
import polars.selectors as cs

from store_uptime._tables.given import Source
from store_uptime._tables.groups import refuse_repeats
from store_uptime._tables.report_times import refuse_wrong_times
from store_uptime._time.lengths import LENGTH_EXAMPLES, read_length, write_length
from store_uptime.errors import PolicyError, listed, shortened
from store_uptime.inputs import AnyTable
from store_uptime.testing.read_reports import (
    MOST_CHARACTERS,
    ReadReport,
    ReportColumn,
    report_as_given,
    report_source,
    told_row,
    whole_microseconds,
)
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow, check_windows

_SHOWN_VALUES = 8


def assert_report_equal(
    a: AnyTable,
    b: AnyTable,
    *,
    windows: Mapping[str, AnyWindow] = DEFAULT_WINDOWS,
    tolerance: dt.timedelta | str = "0s",
) -> None:
    """Assert that two reports say the same of the same stores.

    Rows and columns may be in any order: stores are compared by their ids. Times are compared in
    whole microseconds, so a tolerance means the same in windows of any unit.

    Parameters
    ----------
    a, b
        What `compute_report` or `compute_history` returned, with or without details, or what
        became of it, or a table written by hand with the same columns: a polars frame, eager or
        lazy, or any object with ``__arrow_c_stream__``.
    windows
        The mapping from name to window that the reports were computed with. It tells the units.
    tolerance
        How far times may be apart: a ``timedelta``, or a string in polars' notation such as
        ``"1s"``. It is for all times, those of `uptime_expected_*` and `uptime_error_*` too, but
        not for `polls_*`, which must be the same. Where it is not zero, `availability_*` is not
        compared: it follows from uptime and downtime, which are.

    Raises
    ------
    AssertionError
        The reports differ: in their columns, in their stores (or instants `now`), in the kind of
        their ids, or in a value. A null is the same as a null, and as nothing else. The message
        has the first stores and columns that differ, with units, and how far the values are apart.
    SchemaError
        What is given is no report over these windows: a column is missing, of another type, or
        one that no window names; a store has more than one row; a null id; ids that are floats.
        Or both reports are alike, and a time in them is null or negative, or a store has more time
        in a window than the longest that it can be (with the tolerance).
    PolicyError
        `windows` or `tolerance` make no sense.

    Examples
    --------
    >>> report = pl.DataFrame(
    ...     {"store_id": [7], "uptime_last_hour": [44.5], "downtime_last_hour": [10.0]}
    ... )
    >>> other = report.with_columns(uptime_last_hour=pl.lit(44.75))
    >>> hour = {"last_hour": DEFAULT_WINDOWS["last_hour"]}
    >>> assert_report_equal(report, other, windows=hour, tolerance="15s")
    >>> assert_report_equal(report, other, windows=hour)
    Traceback (most recent call last):
        ...
    AssertionError: a and b differ in 1 of 1 rows:
      store 7: uptime_last_hour is 44.5 minutes in a, 44.75 minutes in b (15s apart)
    """
    __tracebackhide__ = True
    chosen, within = check_windows(windows, detail=False), _microseconds_of(tolerance)
    sources = report_source(a, "a"), report_source(b, "b")
    difference = _difference(*sources, chosen, within)
    if difference:
        raise AssertionError(shortened(difference, MOST_CHARACTERS))
    # Of reports that differ, the difference says more.
    for source in sources:
        refuse_wrong_times(source, chosen, within)


def _microseconds_of(tolerance: object) -> int:
    try:
        length = read_length(tolerance)
    except ValueError:
        length = None
    if not isinstance(length, dt.timedelta) or length < dt.timedelta(0):
        raise PolicyError(
            "must be a length of zero or more",
            table="tolerance",
            values=[tolerance],
            remedy=f"Write it like 0s, {LENGTH_EXAMPLES}.",
            code="not_a_length",
        )
    return length // dt.timedelta(microseconds=1)


def _difference(
    a: Source, b: Source, windows: Mapping[str, AnyWindow], tolerance: int
) -> str | None:
    """Return the first kind of difference that there is, in words."""
    only_in_a = [name for name in a.names if name not in b.names]
    only_in_b = [name for name in b.names if name not in a.names]
    if only_in_a or only_in_b:
        return f"a and b have different columns: {_only(only_in_a, only_in_b)}"
    read_a, read_b = _read_checked(a, windows), _read_checked(b, windows)
    return (
        _other_ids(read_a, read_b)
        or _other_rows(read_a, read_b)
        or _other_values(read_a, read_b, tolerance)
    )


def _only(in_a: list[str], in_b: list[str]) -> str:
    told = {"a": in_a, "b": in_b}
    return "; ".join(f"only in {side}: {listed(names)}" for side, names in told.items() if names)


def _read_checked(source: Source, windows: Mapping[str, AnyWindow]) -> ReadReport:
    """Return a report that has one row a store; its integers in one type, so that ids meet."""
    report = report_as_given(source, windows)
    read = Source(report.rows, source.table)
    refuse_repeats(read, report.keys, "Keep one row a store.")
    return replace(report, rows=report.rows.with_columns(cs.integer().cast(pl.Int128)))


def _other_ids(a: ReadReport, b: ReadReport) -> str | None:
    kinds = [each.rows["store_id"].dtype for each in (a, b)]
    if kinds[0] == kinds[1]:
        return None
    told = ["strings" if kind == pl.String else "integers" for kind in kinds]
    return f"a and b have different kinds of ids: {told[0]} in a, {told[1]} in b"


def _other_rows(a: ReadReport, b: ReadReport) -> str | None:
    only = [_rows_without(a, b), _rows_without(b, a)]
    return f"a and b have different rows: {_only(*only)}" if any(only) else None


def _rows_without(report: ReadReport, other: ReadReport) -> list[str]:
    rows = report.rows.join(other.rows, on=report.keys, how="anti").sort(report.keys)
    return [told_row(row) for row in rows.iter_rows(named=True)]


def _other_values(a: ReadReport, b: ReadReport, tolerance: int) -> str | None:
    columns = dict(enumerate(a.columns))
    pairs = _numbered(a, columns, "a").join(_numbered(b, columns, "b"), on=a.keys).sort(a.keys)
    compared = [each for i, column in columns.items() for each in _compared(i, column, tolerance)]
    different = pairs.with_columns(compared).filter(pl.any_horizontal("^differ.*$"))
    if different.is_empty():
        return None
    count = different.select(pl.sum_horizontal(pl.col("^differ.*$").sum())).item()
    more = [f"... and {count - _SHOWN_VALUES:,} more values"] if count > _SHOWN_VALUES else []
    beyond = f" by more than {write_length(tolerance)}" if tolerance else ""
    head = f"a and b differ{beyond} in {different.height:,} of {pairs.height:,} rows:"
    told = islice(_told_values(different, columns), _SHOWN_VALUES)
    return "\n  ".join([head, *told, *more])


def _numbered(report: ReadReport, columns: Mapping[int, ReportColumn], side: str) -> pl.DataFrame:
    """Return the rows with numbers for names: those of windows may be anything."""
    values = {f"{side}{i}": column.value for i, column in columns.items()}
    return report.rows.select(*report.keys, **values)


def _compared(i: int, column: ReportColumn, tolerance: int) -> list[pl.Expr]:
    """Return whether values differ, and how many microseconds apart they are if they are times."""
    a, b = pl.col(f"a{i}"), pl.col(f"b{i}")
    same, apart = a.eq_missing(b), pl.lit(None)
    if column.is_time:
        apart = (whole_microseconds(a, column.unit) - whole_microseconds(b, column.unit)).abs()
        same |= (apart <= tolerance).fill_null(value=False)
    elif column.quantity == "availability" and tolerance:
        same = pl.lit(value=True)
    return [(~same).alias(f"differ{i}"), apart.alias(f"apart{i}")]


def _told_values(different: pl.DataFrame, columns: Mapping[int, ReportColumn]) -> Iterator[str]:
    for row in different.iter_rows(named=True):
        for i, column in columns.items():
            if row[f"differ{i}"]:
                a, b, apart = (row[f"{each}{i}"] for each in ("a", "b", "apart"))
                distance = "" if apart is None else f" ({write_length(apart)} apart)"
                told = f"{column.name} is {column.shown(a)} in a, {column.shown(b)} in b"
                yield f"{told_row(row)}: {told}{distance}"
