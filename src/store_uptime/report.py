"""The report: uptime and downtime of every store in every window."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from store_uptime._calls import report_on, with_warning
from store_uptime._engine.reports import Progress
from store_uptime._tables.gather import gather
from store_uptime.inputs import AnyPolls, AnyTable
from store_uptime.policy import DEFAULT_POLICY, Policy
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow


def compute_report(
    status: AnyPolls,
    hours: AnyTable | None = None,
    timezones: AnyTable | None = None,
    now: dt.datetime | str | None = None,
    *,
    windows: Mapping[str, AnyWindow] = DEFAULT_WINDOWS,
    policy: Policy = DEFAULT_POLICY,
    special_hours: AnyTable | None = None,
    maintenance: AnyTable | None = None,
    maintenance_hours: AnyTable | None = None,
    detail: bool = False,
    uncertainty: bool = False,
    rates: AnyTable | None = None,
    batch_stores: int | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Compute uptime and downtime of every store in every window.

    Inputs may be polars frames, eager or lazy, or any object with ``__arrow_c_stream__`` (pandas,
    pyarrow, DuckDB relations). Columns are found in any case, others are ignored, row and column
    order never matter, and nothing of the caller's is changed.

    Parameters
    ----------
    status
        The polls, or an `Inputs` with all tables: then leave the tables that it has out. Polls
        have `store_id` (any integer type, Decimal of scale 0, or String; UUIDs, Categorical and
        Enum become String),
        `timestamp_utc` (Datetime of any zone and precision, naive taken as UTC, or strings such
        as ``2023-01-22 12:09:39.388884 UTC``, which may end in an offset such as ``-05:30``
        instead; anything finer than a microsecond is cut off) and `status` (``active``/
        ``inactive``, ``true``/``false``, ``t``/``f`` or ``1``/``0`` in any case as String, Enum or
        Categorical; Boolean, true = active; the integers 1 and 0).
    hours
        The weekly hours, local: `store_id`, `day_of_week` (also read as `day`, `dayOfWeek`;
        whole numbers, 0 = Monday, or English names such as ``Mon``), `start_time_local` and
        `end_time_local` (Time, Duration since midnight, or strings ``H:MM``, ``HH:MM``,
        ``HH:MM:SS[.f]``, ``24:00``). An end at or before the start lies
        on the next day. A store without rows is always open; with ``None`` all are. Optional:
        `valid_from` and `valid_until` (as `date` in `special_hours`; null = without limit), the
        first local date on which a row holds, and the first on which it no longer does.
    timezones
        `store_id` and `timezone_str`, an IANA name; null is as good as no row. Stores without one
        are in `Policy.default_timezone`; with ``None`` all are.
    now
        Where all windows end: an aware datetime or an ISO 8601 string with an offset. ``None``
        is that of `Inputs`, or else the latest poll. The clock of the machine is never read.
    windows
        A mapping from name to `Window` or `CalendarWindow`; the names become the columns'
        endings, in this order.
    policy
        The rules where reasonable people differ, see `Policy`.
    special_hours
        What holds instead of the weekly hours on some local dates, holidays say: `store_id` (null
        = every store), `date` (Date, naive Datetime at midnight, or strings ``2023-12-25``),
        `start_time_local` and `end_time_local` (as in `hours`; both null = closed all day). They
        replace what starts on that date; rows that name a store beat rows for every store.
    maintenance
        Planned downtime, which is closed time: `store_id` (null = every store), `start_utc` and
        `end_utc` (as `timestamp_utc`), half-open. A null start is since ever, a null end for
        ever; not both.
    maintenance_hours
        Planned downtime that recurs every week on the store's wall clock: the columns of `hours`,
        `store_id` null = every store. Special days do not lift it.
    detail
        Whether to append what lies behind the numbers.
    uncertainty
        Whether to append how far the uptime may be off, see Notes.
    rates
        What `fit_outage_rates` returned, or a table like it: `rate`, `share_down` and `weight`
        (numbers; weights sum to 1). Only with `uncertainty`: then the outages of each store are
        taken to be like those of the stores that the rates were learnt from. ``None`` assumes
        nothing of the kind.
    batch_stores
        How many stores to compute at a time; less takes less memory and more time. ``None``
        chooses by the size of the tables. The numbers do not depend on it.
    progress
        Called after each batch with the number of stores done and the number of all stores.

    Returns
    -------
    pl.DataFrame
        One row for every store that occurs in any of the first three tables, sorted by
        `store_id`, which has the type that it has in `status`. Then, for each window in turn,
        `uptime_<name>` and `downtime_<name>`: Float64 in the window's unit, unrounded, never
        null.

        With `detail`, there follow for each window in turn `unknown_<name>` and
        `scheduled_<name>` (same type and unit; uptime + downtime + unknown = scheduled),
        `availability_<name>` (Float64 in [0, 1]: uptime / (uptime + downtime), null where nothing
        is known), `uptime_min_<name>` and `uptime_max_<name>` (same type and unit: what the polls
        prove if a store changes state at most once between two of them) and `polls_<name>`
        (UInt32: pieces of evidence in the window, one at `now` included).

        With `uncertainty`, there follow for each window in turn `uptime_expected_<name>` and
        `uptime_error_<name>` (Float64 in the window's unit; both null where nothing is known, and
        for a store with fewer than two pieces of evidence in open time). The first is the expected
        uptime, the second the root-mean-square error of `uptime_<name>` about the truth. Both speak
        of the known time only: 0 <= uptime_expected <= uptime + downtime, and unknown time is in
        neither. The error is never below the distance from uptime to uptime_expected.

    Raises
    ------
    SchemaError
        A column is missing, there twice but for its case, or of a type not listed above; ids are
        floats, or of different kinds in two tables; rows cannot be read (the error has the cause);
        a table is given beside an `Inputs` that has it; `rates` lack a column, or cannot be rates.
    InvalidStatusError
        A null id or timestamp, an unreadable timestamp or one outside the years 1 to 9999, a
        status other than active and inactive;
        or no polls and no `now`.
    InvalidHoursError
        In `hours`, `maintenance_hours` or `special_hours`: a weekday outside 0-6, weekdays
        numbered 1 to 7, an unreadable time or date, a null one but in `valid_from` and
        `valid_until`, a `valid_until` before its `valid_from`, a null id in `hours`, only one of
        the two times of a special date; in `maintenance`: both times null or one unreadable or
        outside the years 1 to 9999, an end not after its start.
    UnknownTimeZoneError
        A zone that the tzdata package does not know, a store with two different zones, a null id.
    NaiveDatetimeError
        `now` has no time zone.
    PolicyError
        `now`, `windows`, `policy`, `detail`, `uncertainty`, `batch_stores` or `progress` make no
        sense; `uncertainty` with the rules of `Policy.for_changes`, as a log of changes is no
        sample; `rates` without `uncertainty`; or polls matter that the loader of an `Inputs` left
        out.

    Warns
    -----
    CoverageWarning
        Less than half of the open time of some window is known, over all stores together; or no
        polled store is in `hours`, or none in `timezones`, though that table has rows.

    Notes
    -----
    By `uncertainty`, a store is a chain of two states, up and down, that changes at unknown rates
    while it is open: closed time is cut out. All its evidence in open time says which rates are
    likely, whatever `Policy.evidence` is [1]_, and of each rate follows how long it was up between
    two polls of which the states are known [2]_. The error has two parts, which add in squares: how
    far the truth scatters about the expected uptime, and how far the reported uptime is from it. As
    the rates are learnt from all evidence of the call, other windows or a longer `lookback` change
    the error.

    ``uptime ± 2 * uptime_error`` covers the truth in at least 90 % of the days of a store on which
    a change was seen, and in 86 % of the others. This was measured on simulated outages of many
    kinds. It does not hold where outages are a mixture of much shorter and much longer ones than
    the distance of the polls, nor where polls are lost because a store is down. Errors of days do
    not add up to that of the week: ask for the week; `summarize` adds up stores.

    References
    ----------
    .. [1] Kalbfleisch, J. D. and Lawless, J. F. (1985). The analysis of panel data under a Markov
       assumption. Journal of the American Statistical Association 80(392), 863-871.
    .. [2] Hobolth, A. and Jensen, J. L. (2011). Summary statistics for endpoint-conditioned
       continuous-time Markov chains. Journal of Applied Probability 48(4), 911-924.

    Examples
    --------
    Open on Monday from 09:00 to 12:00, up at 10:14, down at 11:15: the polls meet halfway, at
    10:44:30, which makes 104.5 minutes up and 75.5 minutes down.

    >>> status = pl.DataFrame(
    ...     {
    ...         "store_id": [7, 7],
    ...         "timestamp_utc": ["2023-01-23 10:14:00 UTC", "2023-01-23 11:15:00 UTC"],
    ...         "status": ["active", "inactive"],
    ...     }
    ... )
    >>> hours = pl.DataFrame(
    ...     {
    ...         "store_id": [7],
    ...         "day_of_week": [0],
    ...         "start_time_local": ["09:00"],
    ...         "end_time_local": ["12:00"],
    ...     }
    ... )
    >>> timezones = pl.DataFrame({"store_id": [7], "timezone_str": ["Etc/UTC"]})
    >>> from store_uptime import Window
    >>> today = {"today": Window(dt.timedelta(hours=12), "minutes")}
    >>> noon = "2023-01-23T12:00:00Z"
    >>> compute_report(status, hours, timezones, noon, windows=today).row(0, named=True)
    {'store_id': 7, 'uptime_today': 104.5, 'downtime_today': 75.5}
    """
    given = gather(status, hours, timezones, special_hours, maintenance, maintenance_hours)
    found = report_on(
        given,
        now,
        windows=windows,
        policy=policy,
        detail=detail,
        uncertainty=uncertainty,
        rates=rates,
        batch_stores=batch_stores,
        progress=progress,
    )
    return with_warning(found)
