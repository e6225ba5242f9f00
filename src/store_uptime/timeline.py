"""The timeline: open time cut into pieces of one state, and the outages among them."""

from __future__ import annotations

import datetime as dt

import polars as pl

from store_uptime._calls import pieces_on, with_warning
from store_uptime._engine.outages import list_outages
from store_uptime._engine.pieces import list_pieces
from store_uptime._engine.reports import Progress
from store_uptime._tables.gather import gather
from store_uptime.inputs import AnyPolls, AnyTable
from store_uptime.policy import DEFAULT_POLICY, Policy


def compute_timeline(
    status: AnyPolls,
    hours: AnyTable | None = None,
    timezones: AnyTable | None = None,
    now: dt.datetime | str | None = None,
    *,
    start: dt.datetime | str | None = None,
    policy: Policy = DEFAULT_POLICY,
    special_hours: AnyTable | None = None,
    maintenance: AnyTable | None = None,
    maintenance_hours: AnyTable | None = None,
    settled: bool = False,
    batch_stores: int | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Cut the open time of ``[start, now)`` into pieces of one state.

    What is up, down or unknown here sums up to what `compute_report` says of a window from `start`
    to `now`, to the microsecond.

    Parameters
    ----------
    status, hours, timezones, now, policy, special_hours, maintenance, maintenance_hours
        As for `compute_report`.
    batch_stores, progress
        As for `compute_report`.
    start
        Where the timeline begins: an aware datetime or an ISO 8601 string with an offset. ``None``
        is 7 days before `now`.
    settled
        Whether to end where the timeline is settled, at ``policy.settled_until(now)``, instead of
        at `now`: no later poll can change what is before. So pieces of this kind can be kept for
        ever, and their polls may go. Let each run begin where the one before ended, over the polls
        from ``start - lookback`` to its `now`: joined, the rows of all runs are those of one run.

    Returns
    -------
    pl.DataFrame
        `store_id` (of the type that it has in `status`), `start` and `end` (Datetime in UTC,
        microseconds, half-open), `state` (Enum ``up``, ``down``, ``unknown``); never null. One row
        for each stretch of open time in one state, as long as it can be; closed time has no rows.
        Sorted by `store_id` and `start`.

    Raises
    ------
    NaiveDatetimeError
        `now` or `start` has no time zone.
    PolicyError
        `now`, `start`, `policy`, `settled` or `batch_stores` make no sense; `start` is not before
        the end; or polls matter that the loader of an `Inputs` left out. With `settled` also if
        by these rules a timeline never settles.
    SchemaError, InvalidStatusError, InvalidHoursError, UnknownTimeZoneError
        As for `compute_report`.

    Warns
    -----
    CoverageWarning
        As for `compute_report`, of the open time of ``[start, now)``.

    Examples
    --------
    Open on Monday from 09:00 to 12:00, up at 10:14, down at 11:15: the polls meet halfway.

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
    >>> timeline = compute_timeline(status, hours, timezones, "2023-01-23T18:00:00Z")
    >>> timeline.select(pl.col("start", "end").dt.strftime("%a %T"), "state").rows()
    [('Mon 09:00:00', 'Mon 10:44:30', 'up'), ('Mon 10:44:30', 'Mon 12:00:00', 'down')]
    """
    given = gather(status, hours, timezones, special_hours, maintenance, maintenance_hours)
    found = pieces_on(
        list_pieces,
        given,
        now,
        start=start,
        policy=policy,
        batch_stores=batch_stores,
        progress=progress,
        settled=settled,
    )
    return with_warning(found)


def compute_outages(
    status: AnyPolls,
    hours: AnyTable | None = None,
    timezones: AnyTable | None = None,
    now: dt.datetime | str | None = None,
    *,
    start: dt.datetime | str | None = None,
    policy: Policy = DEFAULT_POLICY,
    special_hours: AnyTable | None = None,
    maintenance: AnyTable | None = None,
    maintenance_hours: AnyTable | None = None,
    batch_stores: int | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """List the outages of ``[start, now)``: downtime, joined across closed time.

    Two pieces of downtime are one outage when nothing but closed time lies between them. The
    `downtime` of all outages of a store sums up to its downtime in the report, to the microsecond.

    Parameters
    ----------
    status, hours, timezones, now, start, policy, special_hours, maintenance, maintenance_hours
        As for `compute_timeline`.
    batch_stores, progress
        As for `compute_timeline`.

    Returns
    -------
    pl.DataFrame
        One row for each outage, sorted by `store_id` and `start`:

        - `store_id`: of the type that it has in `status`;
        - `start`, `end`: Datetime in UTC, microseconds, half-open, both in open time;
        - `downtime`: Duration, the open time down inside it;
        - `ongoing`: Boolean, whether the store is still down at `now`. It may be closed then: no
          open time that is not down lies between the outage and `now`, and the poll that speaks
          for `now` says down;
        - `elapsed`: Duration from `start` to `end`, or to `now` if it is ongoing;
        - `last_poll_before`, `first_poll_after`: Datetime in UTC, the evidence next to the outage
          on either side, null if there is none. A poll where it starts or ends counts as outside
          if it says up. Of an ongoing outage `first_poll_after` is null;
        - `recovered`: Boolean, whether the store is up in the first open time after it. If there is
          none before `now`, whether the poll that speaks for `now` says up. An outage that ends at
          `now`, or because nothing is known any more, has not recovered.

    Raises
    ------
    NaiveDatetimeError, PolicyError
        As for `compute_timeline`.
    SchemaError, InvalidStatusError, InvalidHoursError, UnknownTimeZoneError
        As for `compute_report`.

    Warns
    -----
    CoverageWarning
        As for `compute_report`, of the open time of ``[start, now)``.

    Examples
    --------
    The store of the example of `compute_timeline` closed at 12:00, still down.

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
    >>> outages = compute_outages(status, hours, timezones, "2023-01-23T18:00:00Z")
    >>> outages.select("downtime", "ongoing", "elapsed", "recovered").row(0)
    (datetime.timedelta(seconds=4530), True, datetime.timedelta(seconds=26130), False)
    """
    given = gather(status, hours, timezones, special_hours, maintenance, maintenance_hours)
    found = pieces_on(
        list_outages,
        given,
        now,
        start=start,
        policy=policy,
        batch_stores=batch_stores,
        progress=progress,
    )
    return with_warning(found)
