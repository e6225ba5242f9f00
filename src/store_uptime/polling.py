"""What the polls themselves are worth: how many, how regular, and whether some go missing."""

from __future__ import annotations

import datetime as dt

import polars as pl

from store_uptime._calls import polls_on
from store_uptime._engine.reports import Progress
from store_uptime._tables.gather import gather
from store_uptime.inputs import AnyPolls, AnyTable
from store_uptime.policy import DEFAULT_POLICY, Policy


def describe_polls(
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
    """Describe the polls of each store from `start` to `now`, a poll at either of them included.

    A gap is the open time between two neighbouring pieces of evidence: closed time does not count.

    Parameters
    ----------
    status, hours, timezones, now, start, special_hours, maintenance, maintenance_hours
        As for `compute_timeline`.
    batch_stores, progress
        As for `compute_timeline`.
    policy
        As for `compute_report`. Only what says when a store is open, and which polls are evidence,
        matters here. There is no look-back: polls before `start` are not described.

    Returns
    -------
    pl.DataFrame
        One row for every store that any of the three tables names, sorted by `store_id`:

        - `store_id`: of the type that it has in `status`;
        - `polls`: UInt32, the rows of `status`;
        - `repeated`: UInt32, rows that only repeat another one, with the same instant and state;
        - `conflicting`: UInt32, instants at which the store was found both up and down;
        - `outside_hours`: UInt32, instants with a poll at which the store is closed;
        - `first_poll`, `last_poll`: Datetime in UTC, microseconds; null without polls;
        - `evidence`: UInt32, the polls that may speak, one an instant;
        - `inactive_share`: Float64, how many of these are inactive, from 0 to 1; null without
          evidence;
        - `median_gap`: Duration, microseconds, rounded down; null without a gap;
        - `longest_gap`: Duration, also counting the open time from the last piece of evidence to
          `now`; null without evidence;
        - `gap_ratio`: Float64, the mean gap after an inactive piece of evidence, divided by the
          mean gap after an active one; null without a gap of each kind, or where all gaps after
          active ones are zero;
        - `gaps_after_inactive`: UInt32, how many gaps the first of these means is made of;
        - `has_hours`, `has_timezone`: Boolean, whether `hours` and `timezones` have a row of it;
          a null in `timezones` is as good as no row.

    Raises
    ------
    NaiveDatetimeError
        `now` or `start` has no time zone.
    PolicyError
        `now`, `start`, `policy` or `batch_stores` make no sense; `start` is not before `now`; or
        polls matter that the loader of an `Inputs` left out.
    SchemaError, InvalidStatusError, InvalidHoursError, UnknownTimeZoneError
        As for `compute_report`.

    Examples
    --------
    Open on Monday from 09:00 to 12:00. One poll was sent twice, and one came after closing time.
    The gaps between the others are 30 minutes, 1 hour and 1 hour.

    >>> polls = [("09:10", 1), ("09:40", 0), ("09:40", 0), ("10:40", 1), ("11:40", 1), ("13:00", 0)]
    >>> status = pl.DataFrame(
    ...     {
    ...         "store_id": [7] * 6,
    ...         "timestamp_utc": [f"2023-01-23 {clock}:00 UTC" for clock, _ in polls],
    ...         "status": [state for _, state in polls],
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
    >>> described = describe_polls(status, hours, timezones)
    >>> described.select("polls", "repeated", "outside_hours", "evidence").row(0)
    (6, 1, 1, 4)
    >>> described.select("inactive_share", "median_gap").row(0)
    (0.25, datetime.timedelta(seconds=3600))

    After the inactive poll it took an hour, after the active ones 45 minutes on average.

    >>> described.select("gap_ratio", "gaps_after_inactive").row(0)
    (1.3333333333333333, 1)
    """
    given = gather(status, hours, timezones, special_hours, maintenance, maintenance_hours)
    described, _, _ = polls_on(
        given,
        now,
        start=start,
        policy=policy,
        batch_stores=batch_stores,
        progress=progress,
    )
    return described
