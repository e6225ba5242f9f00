"""The long form of a report, as plots, joins and JSON like it: a row for each store and window."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from store_uptime._results.read_back import now_column, read_report
from store_uptime._tables.given import Source
from store_uptime._tables.report_times import (
    DETAILS,
    UNCERTAINTY,
    is_part,
    need_column,
    need_floats,
    time_columns,
)
from store_uptime.inputs import AnyTable
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow, check_windows

_ALL_OR_NONE = "Give what compute_report returned: a column of each window, or of none."


def tidy(report: AnyTable, *, windows: Mapping[str, AnyWindow] = DEFAULT_WINDOWS) -> pl.DataFrame:
    """Give each store and window a row of its own, with the unit beside the numbers.

    A report has a row for each store, and in the names of its columns what plots, joins and readers
    of JSON want in the rows: the window. No number is changed on the way.

    Parameters
    ----------
    report
        What `compute_report` or `compute_history` returned, with or without details, or some rows
        of it: a polars frame, eager or lazy, or any object with ``__arrow_c_stream__``. It has one
        row a store (and instant `now`, where it has such a column). Other columns, such as a region
        that was joined on, and windows that `windows` does not name are ignored: join by `store_id`
        onto the result.
    windows
        The mapping from name to window that the report was computed with, or some of it. It tells
        the units, so another one gives wrong ones. Minutes said to be hours are refused where a
        window would have more time than it is long; hours said to be minutes cannot be told.

    Returns
    -------
    pl.DataFrame
        One row for each row of `report` and each window: in the order of `report`, and for each of
        its rows in the order of `windows`. First `now`, if the report has it. Then:

        - `store_id`: as in the report;
        - `window` (Enum of the names in `windows`, so sorting keeps their order);
        - `unit` (String): that of the window, in which all time of the row is given;
        - `uptime` and `downtime` (Float64);
        - those of `unknown`, `scheduled` (Float64), `availability` (Float64; null where nothing is
          known), `uptime_min`, `uptime_max` (Float64) and `polls` (UInt32) that the report has;
        - `uptime_expected` and `uptime_error` (Float64), if the report has them, and then
          `availability_error` (Float64): uptime_error / (uptime + downtime). All three are null
          where the report says nothing of the error, and where nothing is known.

    Raises
    ------
    SchemaError
        A column is missing, or of a type that is not accepted; the report has a detail for some
        of the windows only; a time in the report is null, negative, not finite or beyond 73,000
        years; a store has more time in a window than the window can be long, in any zone (then
        `windows` are not those of the report); a store has more than one row; a null id; ids that
        are floats.
    PolicyError
        `windows` make no sense.

    Examples
    --------
    >>> report = pl.DataFrame(
    ...     {
    ...         "store_id": [7],
    ...         "uptime_last_hour": [45.0],
    ...         "downtime_last_hour": [15.0],
    ...         "uptime_last_day": [8.5],
    ...         "downtime_last_day": [0.25],
    ...     }
    ... )
    >>> windows = {name: DEFAULT_WINDOWS[name] for name in ("last_hour", "last_day")}
    >>> for row in tidy(report, windows=windows).rows():
    ...     print(*row)
    7 last_hour minutes 45.0 15.0
    7 last_day hours 8.5 0.25
    """
    chosen = check_windows(windows, detail=False)
    source = Source(report, "report")
    quantities = _quantities_of(source, chosen)
    columns = [f"{quantity}_{name}" for quantity in quantities for name in chosen]
    rows = read_report(source, chosen, columns).with_row_index("row")
    names = pl.Enum(list(chosen))
    parts = [
        rows.select(
            *("row", *now_column(source), "store_id"),
            window=pl.lit(name, names),
            unit=pl.lit(window.unit),
            **{quantity: pl.col(f"{quantity}_{name}") for quantity in quantities},
        )
        for name, window in chosen.items()
    ]
    # Only counts of polls may be of several types, after a way through files.
    long = pl.concat(parts, how="vertical_relaxed").sort("row", maintain_order=True).drop("row")
    if "uptime_error" not in quantities:
        return long
    known = pl.col("uptime") + pl.col("downtime")
    share = pl.when(known > 0).then(pl.col("uptime_error") / known)
    return long.with_columns(availability_error=share)


def _quantities_of(source: Source, windows: Mapping[str, AnyWindow]) -> list[str]:
    """Return what the report tells of each window.

    Raises
    ------
    SchemaError
        A column is missing, or of a wrong type.
    """
    time_columns(source, windows)  # first of all: it tells the windows of another report
    quantities = ["uptime", "downtime"]
    for detail in (*DETAILS, *UNCERTAINTY):
        columns = [f"{detail}_{name}" for name in windows]
        if any(is_part(source, column) for column in columns):
            quantities.append(detail)
            for column in columns:
                _check_detail(column, source)
    return quantities


def _check_detail(column: str, source: Source) -> None:
    if not column.startswith("polls_"):
        need_floats(source, column, _ALL_OR_NONE)
        return
    need_column(source, column, _ALL_OR_NONE)
    if not source.dtype(column).is_integer():
        source.refuse_type(column, "integers, as compute_report returns them")
