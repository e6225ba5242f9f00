"""The summary: what a report says of groups of stores."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import chain

import polars as pl

from store_uptime._engine.group_sums import UNCERTAINTY_SUMS, add_up, divide
from store_uptime._results.read_back import now_column, read_report
from store_uptime._tables.given import Source
from store_uptime._tables.groups import Grouping, is_named, join_groups, named_groups
from store_uptime._tables.report_times import refuse_wrong_uncertainty, uncertainty_columns
from store_uptime.errors import PolicyError
from store_uptime.inputs import AnyTable
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow, check_windows

_COLUMNS = (
    *("window", "unit", "stores", "stores_unknown", "stores_closed", "stores_below_target"),
    *("uptime", "downtime", "unknown", "scheduled"),
    *("availability", "availability_percent", "availability_mean", "error_budget_used"),
)
_TAKEN = (*_COLUMNS, *UNCERTAINTY_SUMS)
_FINEST = 10**18  # Times a store's microseconds, it still fits into Int128.


def summarize(
    report: AnyTable,
    by: Grouping = None,
    *,
    windows: Mapping[str, AnyWindow] = DEFAULT_WINDOWS,
    target: float = 0.99,
) -> pl.DataFrame:
    """Sum a report up over groups of stores, such as regions or brands.

    Uptime and downtime are added up before they are divided, so each store weighs as much as its
    known open time; the mean in which all stores weigh the same stands beside it. All sums are
    those of whole microseconds: the result does not depend on the order of the rows.

    Parameters
    ----------
    report
        What `compute_report` or `compute_history` returned, with or without details, or what
        became of it: a polars frame, eager or lazy, or any object with ``__arrow_c_stream__``. It
        has one row a store (and instant `now`, where it has such a column). Columns that are not
        needed are ignored.
    by
        ``None`` for all stores together; the name of a column of `report`, or a list of names; or
        a table of `store_id` and one or more columns to group by, one row a store. A store that
        this table does not name belongs to the group null; stores that only this table names are
        ignored.
    windows
        The mapping from name to window that the report was computed with. It tells the units, so
        another one gives other numbers. Minutes read as hours are refused where a window would
        have more time than it is long; hours read as minutes only look like little known time,
        and cannot be told.
    target
        The availability that a store should have: a number above 0 and at most 1, taken as it is
        written in decimals.

    Returns
    -------
    pl.DataFrame
        One row for each group and window, sorted by group (null last) and then in the order of
        `windows`. Without `by`, one row a window, even of a report without stores. First the
        columns of the groups, as they came; before them `now`, if the report has it: then each
        instant has groups of its own. Then:

        - `window` (Enum of the names in `windows`) and `unit` (String), that of the window, in
          which all time of the row is given;
        - `stores` (UInt32);
        - `stores_unknown` (UInt32): those of them with nothing known, neither uptime nor downtime;
          they count in no average and are not below any target;
        - `stores_closed` (UInt32): those of `stores_unknown` with no open time in the window at
          all; null without `unknown_*` in the report, as it is by default;
        - `stores_below_target` (UInt32): those with an availability below `target`. The comparison
          is exact: a store at 99 % is not below 0.99;
        - `uptime` and `downtime` (Float64);
        - `unknown` and `scheduled` (Float64): null without `unknown_*` in the report;
        - `availability` (Float64): uptime / (uptime + downtime), null where nothing is known. It
          is 1 only if there is no downtime at all;
        - `availability_percent` (Float64): the same in percent, rounded down to three decimals:
          100 only if there is no downtime at all;
        - `availability_mean` (Float64): the mean of the availabilities of the stores with
          something known, each with the same weight; null where there is none;
        - `error_budget_used` (Float64): downtime / ((1 - target) * (uptime + downtime)), so 1 where
          all that `target` allows is used up; null where nothing is known. A `target` of 1 allows
          no downtime: 0 without any, and infinity with some.

        If the report has `uptime_expected_*` and `uptime_error_*`, there follow, of those stores
        that have an error (null where none has, or where the window has no such columns):

        - `stores_without_error` (UInt32): all others, `stores_unknown` among them. Their time is in
          `uptime` and `downtime`, and not in the columns below;
        - `uptime_expected` (Float64): the expected uptimes, added up;
        - `uptime_error` (Float64): the root-mean-square error of the uptime of these stores, added
          up, about the truth. It takes them to fail each on its own, see Notes;
        - `availability_error` (Float64): uptime_error / (uptime + downtime).

    Raises
    ------
    SchemaError
        A column is missing, or of a type that is not accepted; a time in the report is null,
        negative, not finite or beyond 73,000 years; a store has more time in a window than the
        window can be long, in any zone (then `windows` are not those of the report); a store has
        more than one row; a null id; ids that are floats or of different kinds; a column to group
        by has the name of a column of the result; of a window there is only one of
        `uptime_expected_*` and `uptime_error_*`, or one of them is negative, not finite or beyond
        73,000 years, or null without the other.
    PolicyError
        `windows` or `target` make no sense.

    Notes
    -----
    Times are turned back into the microseconds that they came from. This is exact for stores with
    up to 71 years of open time in a window.

    The error of a store is made of a scatter, the root of uptime_error^2 - (uptime_expected -
    uptime)^2, and of a bias, uptime_expected - uptime. Over stores the scatters add in squares, and
    the biases straight: whatever the rule of interpolation misses, it misses everywhere. Stores
    that fail together, because a network or a region is down, scatter more than that.

    Examples
    --------
    Three stores, the first of them open much longer than the second. Together they were up for
    190 of 200 minutes; the third was not polled.

    >>> import datetime as dt
    >>> from store_uptime import Window
    >>> report = pl.DataFrame(
    ...     {
    ...         "store_id": [1, 2, 3],
    ...         "uptime_today": [180.0, 10.0, 0.0],
    ...         "downtime_today": [0.0, 10.0, 0.0],
    ...     }
    ... )
    >>> today = {"today": Window(dt.timedelta(hours=12), "minutes")}
    >>> for name, value in summarize(report, windows=today).row(0, named=True).items():
    ...     print(name, value)
    window today
    unit minutes
    stores 3
    stores_unknown 1
    stores_closed None
    stores_below_target 1
    uptime 190.0
    downtime 10.0
    unknown None
    scheduled None
    availability 0.95
    availability_percent 95.0
    availability_mean 0.75
    error_budget_used 5.0
    """
    chosen = check_windows(windows, detail=False)
    goal = check_goal(target)
    source = Source(report, "report")
    uncertain = uncertainty_columns(source, chosen)
    errors = [*chain.from_iterable(uncertain.values())]
    if is_named(by):
        groups = named_groups(source, by, _TAKEN)
        rows = read_report(source, chosen, [*errors, *groups])
    else:
        read = Source(read_report(source, chosen, errors), "report")
        rows, groups = join_groups(read, Source(by, "by"), _TAKEN, "left")
    refuse_wrong_uncertainty(Source(rows, "report"), chosen, uncertain)
    keys = list(dict.fromkeys([*now_column(source), *groups]))
    names = pl.Enum(list(chosen))
    sums = [
        add_up(rows, keys, name, window.unit, goal, uncertain=name in uncertain).with_columns(
            window=pl.lit(name, names), unit=pl.lit(window.unit)
        )
        for name, window in chosen.items()
    ]
    columns = _TAKEN if uncertain else _COLUMNS
    # A window without an error has nulls beside others that have one.
    summary = divide(pl.concat(sums, how="diagonal"), goal).select(*keys, *columns)
    return summary.sort(*keys, "window", nulls_last=True)


# --- the options ---------------------------------------------------------------------------------


def check_goal(target: object) -> Fraction:
    """Return `target` as its decimals say: 0.99 is 99/100.

    Raises
    ------
    PolicyError
        It is no number above 0 and at most 1, or has too many decimals.
    """
    number = isinstance(target, (int, float)) and not isinstance(target, bool) and 0 < target <= 1
    share = Fraction(str(target)) if number else None
    if share is None or share.denominator > _FINEST:
        raise PolicyError(
            "must be a number above 0 and at most 1, with at most 18 decimals",
            table="target",
            values=[target],
            remedy="Give the availability to aim at, such as 0.99.",
            code="wrong_number",
        )
    return share
