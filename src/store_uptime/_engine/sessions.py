"""When a store is open: local hours on wall clocks become sessions on the axis.

A row's dated hours are an interval on the wall clock. In a segment of constant offset that is an
interval of UTC, so cutting at the segments' ends is all there is to daylight saving: an hour
that the clock skips falls out empty, an hour that it repeats comes out of both segments.
"""

from __future__ import annotations

import polars as pl

from store_uptime._engine.axis import Axis
from store_uptime._engine.intervals import difference, union, with_before
from store_uptime._engine.maintenance import planned_time
from store_uptime._engine.quiet_time import fill_quiet
from store_uptime._engine.stores import Stores
from store_uptime._engine.weekly_rows import (
    cut_at_segments,
    end_of_row,
    missing_days,
    normal_rows,
    on_dates,
    whole_days,
)
from store_uptime._time.calendar import Calendar
from store_uptime.policy import Policy


def build_sessions(stores: Stores, calendar: Calendar, axis: Axis, policy: Policy) -> pl.DataFrame:
    """Return all sessions on the axis.

    Parameters
    ----------
    stores
        The stores of the axis.
    calendar
        The dates of every zone, and the runs of quiet time without dates.

    Returns
    -------
    pl.DataFrame
        `open`, `close` (positions on the axis) and `before` (open time of all stores before
        `open`), sorted, without overlap. The open time of a run is one session at its start.
    """
    special = _special_days(stores, calendar.dates, policy)
    hours, always_open = _weekly_hours(stores, special, policy)
    # All that does not depend on the store is computed once per date, not once per row.
    dates = calendar.dates.lazy().select(
        "z",
        "day",
        "midnight",
        shift=pl.col("midnight") - pl.col("offset") - axis.first,
        segment_start=pl.col("segment_start") - axis.first,
        segment_end=pl.col("segment_end") - axis.first,
    )
    weekly = on_dates(hours, dates)
    if special.height:
        weekly = weekly.join(special.lazy(), on=["i", "midnight"], how="anti")
    dated = special.lazy().drop_nulls("start").join(dates, on=["z", "midnight"], how="inner")
    opened = [cut_at_segments(rows, axis) for rows in (weekly, dated)]
    base = pl.col("i") * axis.length
    always = always_open.lazy().select(open=base, close=base + axis.length)
    sessions = union(pl.concat([*opened, always]).collect(engine="streaming"))
    if stores.maintenance.height or stores.maintenance_hours.height:
        sessions = difference(sessions, planned_time(stores, dates, axis, policy))
    sessions = with_before(sessions)
    if calendar.runs.is_empty():
        return sessions
    return fill_quiet(sessions, calendar.runs, hours.select("i", "z").unique(), axis)


def _weekly_hours(
    stores: Stores, special: pl.DataFrame, policy: Policy
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the weekly rows, as `normal_rows` does, and the stores that need none."""
    hours, always_open = stores.hours, stores.always_open
    if policy.missing_days == "open":
        hours = pl.concat([hours, missing_days(hours)])
    if special.height or stores.maintenance_hours.height:
        # A store that is always open, but for some time, is open on dates as others are.
        excepted = _excepted(stores, special)
        always_open = always_open.join(excepted, on="i", how="anti")
        hours = pl.concat([hours, whole_days(excepted)])
    return normal_rows(hours, policy), always_open


def _excepted(stores: Stores, special: pl.DataFrame) -> pl.DataFrame:
    """Return the stores without weekly hours that have special days or recurring maintenance."""
    always_open = stores.always_open.join(stores.table, on="i")
    recurring = stores.maintenance_hours["i"]
    if recurring.has_nulls():
        return always_open
    return always_open.join(pl.concat([special["i"], recurring]).to_frame(), on="i", how="semi")


def _special_days(stores: Stores, calendar: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Return what holds instead of the weekly rows: `i`, `z`, `midnight`, `start`, `end`.

    A day on which a store is closed has null for both times.
    """
    columns = ["i", "z", "midnight", "start", "end"]
    if stores.special.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.Int64()))
    special = stores.special.join(calendar, on="midnight", how="semi").with_columns(
        end_of_row(policy)
    )
    ranks, keys = stores.table.select("i", "z"), ["i", "midnight"]
    named = special.drop_nulls("i").join(ranks, on="i")
    shared = special.filter(pl.col("i").is_null()).drop("i").join(ranks, how="cross")
    shared = shared.join(named, on=keys, how="anti")
    return pl.concat([named.select(columns), shared.select(columns)])
