"""When a store is open: local hours on wall clocks become sessions on the axis.

A row's dated hours are an interval on the wall clock. In a segment of constant offset that is an
interval of UTC, so cutting at the segments' ends is all there is to daylight saving: an hour
that the clock skips falls out empty, an hour that it repeats comes out of both segments.
"""

from __future__ import annotations

import polars as pl

from store_uptime._engine.axis import Axis
from store_uptime._engine.intervals import difference, union, with_before
from store_uptime._engine.quiet_time import fill_quiet
from store_uptime._engine.stores import Stores
from store_uptime._time.calendar import Calendar
from store_uptime._time.units import DAY
from store_uptime.policy import Policy

_SNAP = (23 * 60 + 59) * 60 * 10**6


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
    weekly = hours.lazy().join(dates, on=["z", "day"], how="inner")
    if special.height:
        weekly = weekly.join(special.lazy(), on=["i", "midnight"], how="anti")
    dated = special.lazy().drop_nulls("start").join(dates, on=["z", "midnight"], how="inner")
    base = pl.col("i") * axis.length
    opened = [
        rows.select(
            open=base + pl.max_horizontal(pl.col("shift") + pl.col("start"), "segment_start"),
            close=base + pl.min_horizontal(pl.col("shift") + pl.col("end"), "segment_end"),
        ).filter(pl.col("open") < pl.col("close"))
        for rows in (weekly, dated)
    ]
    always = always_open.lazy().select(open=base, close=base + axis.length)
    sessions = union(pl.concat([*opened, always]).collect(engine="streaming"))
    if stores.maintenance.height:
        sessions = difference(sessions, _planned(stores, axis))
    sessions = with_before(sessions)
    if calendar.runs.is_empty():
        return sessions
    return fill_quiet(sessions, calendar.runs, hours.select("i", "z").unique(), axis)


# --- hours --------------------------------------------------------------------------------------


def _weekly_hours(
    stores: Stores, special: pl.DataFrame, policy: Policy
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the weekly rows, every `end` after its `start`, and the stores that need none.

    Every row starts on its own day.
    """
    hours, always_open = stores.hours, stores.always_open
    if policy.missing_days == "open":
        hours = pl.concat([hours, _whole_days(hours).join(hours, on=["i", "day"], how="anti")])
    if special.height:
        # A store that is always open but has special days is open on each of the other days.
        excepted = always_open.join(special, on="i", how="semi")
        always_open = always_open.join(special, on="i", how="anti")
        hours = pl.concat([hours, _whole_days(excepted.join(stores.table, on="i"))])
    hours = hours.with_columns(_end(policy))
    late = pl.when(pl.col("start") == DAY).then(1).otherwise(0)
    hours = hours.with_columns(
        day=(pl.col("day") + late) % 7,
        start=pl.col("start") - late * DAY,
        end=pl.col("end") - late * DAY,
    )
    return hours, always_open


def _end(policy: Policy) -> pl.Expr:
    """Return the `end` of a row, after its `start`, past midnight if need be."""
    end = pl.col("end")
    midnight = end == 0  # 00:00 as an end is 24:00, so that a start of 24:00 finds it behind itself
    if policy.snap_midnight:
        midnight |= end >= _SNAP
    end = pl.when(midnight).then(DAY).otherwise(end)
    return pl.when(end <= pl.col("start")).then(end + DAY).otherwise(end).alias("end")


def _whole_days(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a whole day's row on each weekday for every store in `rows`."""
    week = pl.DataFrame({"day": range(7)}, schema={"day": pl.Int64})
    whole_day = {"start": pl.lit(0, pl.Int64), "end": pl.lit(DAY, pl.Int64)}
    return rows.select("i", "z").unique().join(week, how="cross").with_columns(**whole_day)


def _special_days(stores: Stores, calendar: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Return what holds instead of the weekly rows: `i`, `z`, `midnight`, `start`, `end`.

    A day on which a store is closed has null for both times.
    """
    columns = ["i", "z", "midnight", "start", "end"]
    if stores.special.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.Int64()))
    special = stores.special.join(calendar, on="midnight", how="semi").with_columns(_end(policy))
    ranks, keys = stores.table.select("i", "z"), ["i", "midnight"]
    named = special.drop_nulls("i").join(ranks, on="i")
    shared = special.filter(pl.col("i").is_null()).drop("i").join(ranks, how="cross")
    shared = shared.join(named, on=keys, how="anti")
    return pl.concat([named.select(columns), shared.select(columns)])


# --- maintenance --------------------------------------------------------------------------------


def _planned(stores: Stores, axis: Axis) -> pl.DataFrame:
    """Return the maintenance of all stores on the axis, as sorted, disjoint intervals."""
    rows = stores.maintenance.filter(pl.col("end") > axis.first, pl.col("start") <= axis.last)
    shared = (
        rows.filter(pl.col("i").is_null()).drop("i").join(stores.table.select("i"), how="cross")
    )
    rows = pl.concat([rows.drop_nulls("i"), shared.select(rows.columns)])
    start = pl.max_horizontal(pl.col("start"), axis.first)
    end = pl.min_horizontal(pl.col("end"), axis.last + 1)
    edges = {"open": start, "close": end}
    inside = rows.select(**{name: axis.position(pl.col("i"), at) for name, at in edges.items()})
    return union(inside.filter(pl.col("open") < pl.col("close")))
