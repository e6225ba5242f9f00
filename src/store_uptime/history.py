"""The history: the report at many instants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import polars as pl
from dateutil.relativedelta import relativedelta

from store_uptime._calls import history_on, with_warning
from store_uptime._engine.reports import Progress
from store_uptime._tables.gather import gather
from store_uptime._time.instants import check_instant
from store_uptime._time.lengths import LENGTH_EXAMPLES, read_length
from store_uptime.errors import PolicyError
from store_uptime.inputs import AnyPolls, AnyTable
from store_uptime.policy import DEFAULT_POLICY, Policy
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow

_MOST_INSTANTS = 1_000_000


def compute_history(
    status: AnyPolls,
    hours: AnyTable | None = None,
    timezones: AnyTable | None = None,
    at: Iterable[dt.datetime | str] | None = None,
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
    """Compute the report at many instants, in one pass over the polls.

    Each row equals that of `compute_report` at its instant, to the last bit: a report knows
    nothing of later polls, nor of polls before its own lookback.

    Parameters
    ----------
    status, hours, timezones, windows, policy, special_hours, maintenance, maintenance_hours
        As for `compute_report`.
    detail, uncertainty, rates, batch_stores, progress
        As for `compute_report`. The rates of a store are learnt, at each instant, from what is
        known at that instant.
    at
        The instants at which the reports are made: aware datetimes or ISO 8601 strings with an
        offset, in any order, or what `every` returns. An instant given twice counts once. It must
        be given.

    Returns
    -------
    pl.DataFrame
        `now` (Datetime in UTC, microseconds), then the columns of the report. For each instant one
        row for every store that occurs in any of the first three tables, sorted by `now`, then by
        `store_id`.

    Raises
    ------
    NaiveDatetimeError
        One of the instants has no time zone.
    PolicyError
        `at` is missing, empty or no collection of instants; or as for `compute_report`.
    SchemaError, InvalidStatusError, InvalidHoursError, UnknownTimeZoneError
        As for `compute_report`.

    Warns
    -----
    CoverageWarning
        As for `compute_report`, of all instants together.

    Examples
    --------
    At 11:00 the poll at 11:15 was not known, and the store seemed up all morning.

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
    >>> at = ["2023-01-23T11:00:00Z", "2023-01-23T12:00:00Z"]
    >>> history = compute_history(status, hours, timezones, at)
    >>> history.select(pl.col("now").dt.hour(), "uptime_last_hour", "downtime_last_hour").rows()
    [(11, 60.0, 0.0), (12, 0.0, 60.0)]
    """
    given = gather(status, hours, timezones, special_hours, maintenance, maintenance_hours)
    found = history_on(
        given,
        at,
        windows=windows,
        policy=policy,
        detail=detail,
        uncertainty=uncertainty,
        rates=rates,
        batch_stores=batch_stores,
        progress=progress,
    )
    return with_warning(found)


def every(
    step: dt.timedelta | relativedelta | str,
    *,
    start: dt.datetime | str,
    end: dt.datetime | str,
) -> list[dt.datetime]:
    """Return regular instants for a history: `start`, a step later, and so on, `end` at the latest.

    Parameters
    ----------
    step
        How far from one to the next: a ``timedelta``, a dateutil ``relativedelta``, or a string in
        polars' notation such as ``"1d"``, ``"6h"`` or ``"1mo"``. Days are 24 hours, in UTC; months
        are counted from `start`, so that the 31st is followed by the last day of each month.
    start, end
        Aware datetimes or ISO 8601 strings with an offset.

    Returns
    -------
    list of datetime
        In UTC, rising. `end` is among them if the steps meet it.

    Raises
    ------
    PolicyError
        `step` is no length of time, not positive, or so short that there are more than a million
        instants; `start` or `end` is no instant, or `end` is before `start`.
    NaiveDatetimeError
        `start` or `end` has no time zone.

    Examples
    --------
    >>> days = every("1d", start="2024-01-30T00:00Z", end="2024-02-01T00:00Z")
    >>> [day.date().isoformat() for day in days]
    ['2024-01-30', '2024-01-31', '2024-02-01']
    """
    first, last = check_instant(start, table="start"), check_instant(end, table="end")
    length = _step(step, first)
    if last < first:
        remedy = f"It starts at {first.isoformat()}."
        raise PolicyError(
            "is before start", code="end_before_start", table="end", values=[end], remedy=remedy
        )
    instants = [first]
    while (following := _after(first, length, len(instants))) and following <= last:
        instants.append(following)
        if len(instants) > _MOST_INSTANTS:
            raise PolicyError(
                f"makes more than {_MOST_INSTANTS:,} instants",
                code="too_many_instants",
                table="step",
                values=[step],
                remedy="Give a longer step, or a shorter time from start to end.",
            )
    return instants


def _step(given: object, start: dt.datetime) -> dt.timedelta | relativedelta:
    try:
        length = read_length(given)
    except ValueError:
        length = None
    if isinstance(length, (dt.timedelta, relativedelta)):
        following = _after(start, length, 1)
        if following is None or following > start:
            return length
    raise PolicyError(
        "must be a positive timedelta, relativedelta or string",
        code="not_a_length",
        table="step",
        values=[given],
        remedy=f"Write it like {LENGTH_EXAMPLES}, or 1mo.",
    )


def _after(
    start: dt.datetime, step: dt.timedelta | relativedelta, count: int
) -> dt.datetime | None:
    """Return the instant so many steps after `start`; ``None`` after the year 9999."""
    try:
        return start + step * count
    except (OverflowError, ValueError):
        return None
