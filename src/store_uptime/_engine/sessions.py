"""When a store is open: local hours on wall clocks become sessions on the axis.

A row's dated hours are an interval on the wall clock. In a segment of constant offset that is an
interval of UTC, so cutting at the segments' ends is all there is to daylight saving: an hour
that the clock skips falls out empty, an hour that it repeats comes out of both segments.
"""

from __future__ import annotations

import polars as pl

from store_uptime._effort import run
from store_uptime._engine.axis import Axis
from store_uptime._engine.intervals import difference, union, with_before
from store_uptime._engine.maintenance import planned_time
from store_uptime._engine.quiet_time import fill_quiet
from store_uptime._engine.stores import Stores
from store_uptime._engine.weekly_rows import (
    cut_at_segments,
    end_of_row,
    have_limits,
    missing_days,
    on_dates,
    whole_days,
)
from store_uptime._time.calendar import Calendar
from store_uptime.policy import Policy

_NO_SPECIAL_DAYS = pl.DataFrame(
    schema=dict.fromkeys(["i", "z", "midnight", "start", "end"], pl.Int64)
)


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
    limited = have_limits(hours)
    weekly = on_dates(hours.lazy(), stores.table["z"], dates, policy, limited=limited)
    opened = [weekly]
    if special.height:
        weekly = weekly.join(special.lazy(), on=["i", "midnight"], how="anti")
        dated = special.lazy().drop_nulls("start").join(dates, on=["z", "midnight"], how="inner")
        opened = [weekly, dated]
    parts = [cut_at_segments(each, axis) for each in opened]
    if always_open.height:
        base = pl.col("i") * axis.length
        parts.append(always_open.lazy().select(open=base, close=base + axis.length))
    sessions = union(pl.concat(parts) if len(parts) > 1 else parts[0])
    rows = len(stores) + hours.height * calendar.dates.height // 7
    if stores.maintenance.height or stores.maintenance_hours.height:
        planned = planned_time(stores, dates, axis, policy)
        sessions = difference(run(sessions, rows), planned).lazy()
    # They are searched often: of one piece, in two thirds of the time.
    found = run(with_before(sessions), rows).rechunk()
    if calendar.runs.is_empty():
        return found
    ranks = stores.table.select("i", "z").join(hours, on="i", how="semi")
    return fill_quiet(found, calendar.runs, ranks, axis)


def _weekly_hours(
    stores: Stores, special: pl.DataFrame, policy: Policy
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the weekly rows, and the stores that need none."""
    hours, always_open = stores.hours, stores.always_open
    if policy.missing_days == "open":
        hours = _with_rows(hours, missing_days(hours))
    if always_open.height and (special.height or stores.maintenance_hours.height):
        # A store that is always open, but for some time, is open on dates as others are.
        excepted = _excepted(always_open, stores, special)
        always_open = always_open.join(excepted, on="i", how="anti")
        hours = _with_rows(hours, whole_days(excepted))
    return hours, always_open


def _with_rows(hours: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([hours, others.select(hours.columns)])


def _excepted(always_open: pl.DataFrame, stores: Stores, special: pl.DataFrame) -> pl.DataFrame:
    """Return those of the stores that have special days or recurring maintenance."""
    recurring = stores.maintenance_hours["i"]
    if recurring.has_nulls():
        return always_open
    return always_open.join(pl.concat([special["i"], recurring]).to_frame(), on="i", how="semi")


def _special_days(stores: Stores, calendar: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Return what holds instead of the weekly rows: `i`, `z`, `midnight`, `start`, `end`.

    A day on which a store is closed has null for both times.
    """
    if stores.special.is_empty():
        return _NO_SPECIAL_DAYS
    columns = _NO_SPECIAL_DAYS.columns
    special = stores.special.lazy().join(calendar.lazy(), on="midnight", how="semi")
    special = special.with_columns(end_of_row(policy))
    ranks, keys = stores.table.lazy().select("i", "z"), ["i", "midnight"]
    named = special.drop_nulls("i").join(ranks, on="i").select(columns)
    for_all = stores.special["i"].null_count()
    if for_all:
        shared = special.filter(pl.col("i").is_null()).drop("i").join(ranks, how="cross")
        shared = shared.join(named, on=keys, how="anti")
        named = pl.concat([named, shared.select(columns)])
    return run(named, stores.special.height + for_all * len(stores))
