"""A report held against the laws that every report keeps."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from store_uptime.errors import SchemaError, listed, shortened
from store_uptime.inputs import AnyTable
from store_uptime.testing.laws import Law, laws_of, laws_of_lengths
from store_uptime.testing.read_reports import (
    MOST_CHARACTERS,
    ReadReport,
    columns_in_order,
    report_as_given,
    report_source,
    told_row,
)
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow, check_windows

_SHOWN_LAWS = 5


def assert_report_valid(
    report: AnyTable, windows: Mapping[str, AnyWindow] = DEFAULT_WINDOWS
) -> None:
    """Assert that a report keeps every law of a report, whatever its stores are.

    - The columns are those of a report over these windows, in their order.
    - The rows are sorted by `store_id`, in a history by `now` and `store_id`, one row each.
    - Times are never null or negative, and whole microseconds; together they are no more than the
      longest that the window can be, in any zone.
    - uptime + downtime + unknown = scheduled, to the microsecond.
    - uptime_min <= uptime <= uptime_max <= scheduled.
    - availability = uptime / (uptime + downtime), and null where both are zero.
    - polls are never null or negative.
    - uptime_expected is between zero and uptime + downtime; uptime_error is no less than the
      distance from uptime to uptime_expected, to the microsecond; both are null, or neither, and
      both where nothing is known.
    - Of two windows that end together, the longer never has less of anything. Windows that end at
      `now` are every `Window`, and every `CalendarWindow` with offset 0. Where it depends on `now`
      which of two is the longer, one of them has no less of anything than the other.

    Laws about columns that the report does not have are left out. Times are compared in whole
    microseconds, which is exact for up to 71 years of open time; beyond, what floats cannot tell
    apart counts as equal.

    Parameters
    ----------
    report
        What `compute_report` or `compute_history` returned, with or without details, or the same
        read back from where it was kept: a polars frame, eager or lazy, or any object with
        ``__arrow_c_stream__``.
    windows
        The mapping from name to window that the report was computed with.

    Raises
    ------
    AssertionError
        The report breaks a law. The message has the laws that it breaks, each with the window, the
        first store, the values with their units, and how many rows break it.
    SchemaError
        What is given is no report over these windows: a column is missing, of another type, or
        one that no window names; ids that are floats. Or no other law is broken, but a store has
        more time in a window than the longest that it can be: then `windows` are wrong.
    PolicyError
        `windows` make no sense.

    Examples
    --------
    >>> report = pl.DataFrame(
    ...     {"store_id": [7], "uptime_last_hour": [44.5], "downtime_last_hour": [15.5]}
    ... )
    >>> hour = {"last_hour": DEFAULT_WINDOWS["last_hour"]}
    >>> assert_report_valid(report, hour)
    >>> assert_report_valid(report.with_columns(downtime_last_hour=pl.lit(-1.0)), hour)
    Traceback (most recent call last):
        ...
    AssertionError: the report breaks a law:
      last_hour: downtime is never null, negative or infinite; not so in store 7: \
downtime_last_hour is -1.0 minutes
    """
    __tracebackhide__ = True
    chosen = check_windows(windows, detail=False)
    read = report_as_given(report_source(report, "report"), chosen)
    broken = _misplaced_column(read, chosen) or _broken_laws(read, chosen)
    if broken:
        raise AssertionError(shortened(broken, MOST_CHARACTERS))
    _refuse_other_windows(read, chosen)


def _misplaced_column(read: ReadReport, windows: Mapping[str, AnyWindow]) -> str | None:
    quantities = {column.quantity for column in read.columns}
    wanted = [
        *read.keys,
        *(each.name for each in columns_in_order(windows) if each.quantity in quantities),
    ]
    missing = [name for name in wanted if name not in read.rows.columns]
    if missing:
        return f"columns are missing, which other windows have: {listed(missing)}"
    pairs = zip(read.rows.columns, wanted, strict=False)
    found, should = next((pair for pair in pairs if pair[0] != pair[1]), (None, None))
    return found and f"the columns are out of order: {found} stands where {should} should"


def _broken_laws(read: ReadReport, windows: Mapping[str, AnyWindow]) -> str | None:
    laws = laws_of(read, windows)
    counts = read.rows.select(law.broken.sum().alias(str(i)) for i, law in enumerate(laws)).row(0)
    broken = [(law, count) for law, count in zip(laws, counts, strict=True) if count]
    if not broken:
        return None
    head = f"the report breaks {'a law' if len(broken) == 1 else f'{len(broken)} laws'}:"
    told = [_told_law(read.rows, law, count) for law, count in broken[:_SHOWN_LAWS]]
    more = [f"... and {len(broken) - _SHOWN_LAWS} more"] if len(broken) > _SHOWN_LAWS else []
    return "\n  ".join([head, *told, *more])


def _refuse_other_windows(read: ReadReport, windows: Mapping[str, AnyWindow]) -> None:
    for law in laws_of_lengths(read, windows):
        count = read.rows.select(law.broken.sum()).item()
        if count:
            raise SchemaError(
                _told_law(read.rows, law, count),
                table="report",
                remedy="Give the windows, and their units, with which the report was computed.",
                code="longer_than_window",
            )


def _told_law(rows: pl.DataFrame, law: Law, count: int) -> str:
    row = rows.filter(law.broken).row(0, named=True)
    values = ", ".join(f"{each.name} is {each.shown(row[each.name])}" for each in law.columns)
    where = told_row(row) if count == 1 else f"{count:,} rows, first {told_row(row)}"
    return f"{law.sentence}; not so in {where}{values and ': '}{values}"
