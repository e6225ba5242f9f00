"""Reports and outages from a timeline alone: polls are no longer needed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import polars as pl

from store_uptime._calls import with_warning
from store_uptime._engine.reports import Progress
from store_uptime._results.timeline_calls import timeline_outages_on, timeline_report_on
from store_uptime.inputs import AnyTable
from store_uptime.policy import DEFAULT_POLICY, Policy
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow


def report_from_timeline(
    timeline: AnyTable,
    timezones: AnyTable | None = None,
    now: dt.datetime | str | None = None,
    *,
    at: Iterable[dt.datetime | str] | None = None,
    windows: Mapping[str, AnyWindow] = DEFAULT_WINDOWS,
    policy: Policy = DEFAULT_POLICY,
    covers: tuple[dt.datetime | str, dt.datetime | str] | None = None,
    detail: bool = False,
    batch_stores: int | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Compute uptime and downtime of every store in every window, from a timeline.

    A settled timeline is a few rows a store and day, and may be kept for ever (`compute_timeline`
    with ``settled=True``). With a fresh tail, that is ``pl.concat([settled, tail])``, it gives the
    numbers of `compute_report` over all polls, to the last bit, for every window that lies in it.

    Parameters
    ----------
    timeline
        The pieces: a polars frame, eager or lazy, or any object with ``__arrow_c_stream__``, with
        the columns `store_id` (as in `compute_report`), `start` and `end` (instants: Datetime or
        strings, as `timestamp_utc` there) and `state` (``up``, ``down`` or ``unknown``, as String,
        Enum or Categorical). Rows may come in any order, and pieces may touch. A lazy frame is
        read twice at most, if its rows are in order, as they are in files of settled timelines one
        after the other; it is never in memory as a whole.
    timezones
        As in `compute_report`. It is needed for calendar windows; a store that only this table
        names has a row of zeros.
    now
        Where all windows end: an aware datetime or an ISO 8601 string with an offset. ``None`` is
        the end of `covers`, or else of the latest piece.
    at
        Instants, as in `compute_history`, for a history instead of one report. It says what is
        known today about those windows. By the ``"nearest"`` rule, a report made on that day had to
        extrapolate where the next poll speaks now.
    windows
        As in `compute_report`.
    policy
        Of its rules only `Policy.default_timezone` matters, and only for calendar windows: the
        others have done their work when the timeline was made.
    covers
        The span for which the timeline was made, two instants as `now`; a window that begins before
        it, or ends after it, is refused. ``None`` is the span of the pieces, and such a window is
        warned of.
    detail
        Whether to append what lies behind the numbers, as far as a timeline tells.
    batch_stores, progress
        As in `compute_report`.

    Returns
    -------
    pl.DataFrame
        The columns of `compute_report`, or with `at` those of `compute_history`, in the same types,
        units and order: one row for every store in `timeline` or `timezones`, sorted by `store_id`,
        which has the type that it has in `timeline`. With `detail`, there follow for each window
        `unknown_<name>`, `scheduled_<name>` and `availability_<name>`; bounds and numbers of polls
        would need the polls.

    Raises
    ------
    SchemaError
        A column is missing or of a type that is not accepted; a null, an instant that cannot be
        read, or a state other than the three; a piece that does not end after its start; pieces of
        one store that overlap, or lie outside of `covers`; ids as for `compute_report`; no pieces
        and no `now`.
    PolicyError
        A window does not lie in `covers`; `now` and `at` are both given; a calendar window without
        `timezones`; or an argument makes no sense.
    UnknownTimeZoneError, NaiveDatetimeError
        As for `compute_report`.

    Warns
    -----
    CoverageWarning
        A window begins before the earliest piece or ends after the latest, and there is no
        `covers`; or less than half of the open time of some window is known.

    Examples
    --------
    Open from 09:00 to 12:00 on two days; down for an hour and a half, and for an hour.

    >>> timeline = pl.DataFrame(
    ...     {
    ...         "store_id": [7, 7, 7, 7],
    ...         "start": ["2023-01-23 09:00:00", "2023-01-23 10:30:00"]
    ...         + ["2023-01-24 09:00:00", "2023-01-24 10:00:00"],
    ...         "end": ["2023-01-23 10:30:00", "2023-01-23 12:00:00"]
    ...         + ["2023-01-24 10:00:00", "2023-01-24 12:00:00"],
    ...         "state": ["up", "down", "down", "up"],
    ...     }
    ... )
    >>> from store_uptime import Window
    >>> two_days = {"two_days": Window("2d")}
    >>> covers = ("2023-01-23T00:00:00Z", "2023-01-25T00:00:00Z")
    >>> report_from_timeline(timeline, windows=two_days, covers=covers).row(0, named=True)
    {'store_id': 7, 'uptime_two_days': 3.5, 'downtime_two_days': 2.5}
    """
    found = timeline_report_on(
        timeline,
        timezones,
        now,
        at=at,
        windows=windows,
        policy=policy,
        covers=covers,
        detail=detail,
        batch_stores=batch_stores,
        progress=progress,
    )
    return with_warning(found)


def outages_from_timeline(
    timeline: AnyTable,
    *,
    covers: tuple[dt.datetime | str, dt.datetime | str] | None = None,
) -> pl.DataFrame:
    """List the outages of a timeline: downtime, joined across closed time.

    They are those of `compute_outages`, but for the polls on either side, which a timeline does not
    have.

    Parameters
    ----------
    timeline
        As for `report_from_timeline`.
    covers
        The span for which the timeline was made, two instants; ``None`` is that of its pieces.

    Returns
    -------
    pl.DataFrame
        One row for each outage, sorted by `store_id` and `start`:

        - `store_id`: of the type that it has in `timeline`;
        - `start`, `end`: Datetime in UTC, microseconds, half-open, both in open time;
        - `downtime`: Duration, the open time down inside it;
        - `ongoing`: Boolean, whether it lasts until the timeline ends: the store has no other open
          time between the outage and the end of `covers`, or of the latest piece of all stores;
        - `elapsed`: Duration from `start` to `end`, or to where the timeline ends if it is ongoing;
        - `recovered`: Boolean, whether the store is up in the first open time after it.

    Raises
    ------
    SchemaError
        As for `report_from_timeline`.
    PolicyError, NaiveDatetimeError
        `covers` is no pair of instants, the first before the second.

    Examples
    --------
    The store of the example of `report_from_timeline`: down before the night and after it.

    >>> timeline = pl.DataFrame(
    ...     {
    ...         "store_id": [7, 7, 7],
    ...         "start": ["2023-01-23 10:30:00", "2023-01-24 09:00:00", "2023-01-24 10:00:00"],
    ...         "end": ["2023-01-23 12:00:00", "2023-01-24 10:00:00", "2023-01-24 12:00:00"],
    ...         "state": ["down", "down", "up"],
    ...     }
    ... )
    >>> outages = outages_from_timeline(timeline)
    >>> outages.select("downtime", "elapsed", "ongoing", "recovered").row(0)
    (datetime.timedelta(seconds=9000), datetime.timedelta(seconds=84600), False, True)
    """
    return timeline_outages_on(timeline, covers)
