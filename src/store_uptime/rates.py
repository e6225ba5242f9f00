"""The rates of outages, learnt from all stores together."""

from __future__ import annotations

import datetime as dt

import polars as pl

from store_uptime._calls import rates_on
from store_uptime._engine.reports import Progress
from store_uptime._tables.gather import gather
from store_uptime.inputs import AnyPolls, AnyTable
from store_uptime.policy import DEFAULT_POLICY, Policy


def fit_outage_rates(
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
    """Learn from all stores together how often outages begin, and how long they last.

    By itself, the uncertainty of a report takes each store alone: of a store that was never seen
    down, a few hundred polls cannot say that it never is. Rates say what stores like it do. Given
    as `rates` to `compute_report` or `compute_history`, they make errors smaller and groups of
    stores worth summing up. Learn them from stores of one kind, over as many polls as there are.

    Parameters
    ----------
    status, hours, timezones, now, start, policy, special_hours, maintenance, maintenance_hours
        As for `compute_outages`. All evidence counts that a report on this span would take, that
        of the look-back too, as long as it lies in open time.
    batch_stores, progress
        As for `compute_outages`.

    Returns
    -------
    pl.DataFrame
        A row for each pair of rates that some stores may have, never null:

        - `rate`: Float64, above 0, in changes per hour of open time: how often a store would change
          its state, in both directions together. A store that is up goes down `rate * share_down`
          times an hour, one that is down recovers `rate * (1 - share_down)` times an hour;
        - `share_down`: Float64, between 0 and 1, the share of open time that such a store is down;
        - `weight`: Float64, the share of stores that are so. All weights sum to 1.

        The weights that are guessed before any poll is seen count as one store more. If no store
        was polled twice inside its open time, they are the answer. The order of the rows has no
        meaning.

    Raises
    ------
    NaiveDatetimeError
        `now` or `start` has no time zone.
    PolicyError
        As for `compute_outages`; or the rules are those of `Policy.for_changes`, as a log of
        changes is no sample.
    SchemaError, InvalidStatusError, InvalidHoursError, UnknownTimeZoneError
        As for `compute_report`.

    Notes
    -----
    With `rates`, the error of a store depends on the stores that the rates were learnt from, and on
    these alone: a report with the same rates is the same whatever other stores are in it. Where
    stores are of very different kinds, rates of all of them say too little of each.

    Examples
    --------
    Stores fail 1.2 times a day for an hour, which is 5 % of the time. A month of their polls says
    so; rates and shares are those of a grid.

    >>> from store_uptime import compute_report
    >>> from store_uptime.testing import make_dataset
    >>> data = make_dataset(40, 30, outages_per_day=1.2, outage_length="1h")
    >>> rates = fit_outage_rates(data.status, now=data.now, start="2024-10-08T00:00Z")
    >>> [round(number, 2) for number in rates.sort("weight").row(-1)]
    [1.22, 0.05, 0.92]
    >>> report = compute_report(data.status, now=data.now, uncertainty=True, rates=rates)
    >>> report["uptime_error_last_day"].null_count()
    0
    """
    given = gather(status, hours, timezones, special_hours, maintenance, maintenance_hours)
    return rates_on(
        given, now, start=start, policy=policy, batch_stores=batch_stores, progress=progress
    )
