"""Weekly rows, of hours and of recurring maintenance, and the dates on which they hold.

A row holds on the dates from `valid_from` (included) to `valid_until` (excluded), midnights on the
wall clock; null is without limit.
"""

from __future__ import annotations

import polars as pl

from store_uptime._effort import run_as_written
from store_uptime._engine.axis import Axis
from store_uptime._engine.intervals import difference, union
from store_uptime._time.units import DAY
from store_uptime.policy import Policy

_SNAP = (23 * 60 + 59) * 60 * 10**6
_WEEKDAYS = pl.DataFrame({"day": range(7)}, schema={"day": pl.Int64})
VALIDITY_LIMITS = ("valid_from", "valid_until")
"""The columns that say on which dates a row holds."""


def end_of_row(policy: Policy) -> pl.Expr:
    """Return the `end` of a row, after its `start`, past midnight if need be."""
    end = pl.col("end")
    midnight = end == 0  # 00:00 as an end is 24:00, so that a start of 24:00 finds it behind itself
    if policy.snap_midnight:
        midnight |= end >= _SNAP
    end = pl.when(midnight).then(DAY).otherwise(end)
    return pl.when(end <= pl.col("start")).then(end + DAY).otherwise(end).alias("end")


def _normal_rows(rows: pl.LazyFrame, policy: Policy) -> pl.LazyFrame:
    """Return the rows, every `end` after its `start`, which is on the row's own day."""
    late = pl.when(pl.col("start") == DAY).then(1).otherwise(0)
    return rows.with_columns(end_of_row(policy)).with_columns(
        day=(pl.col("day") + late) % 7,
        start=pl.col("start") - late * DAY,
        end=pl.col("end") - late * DAY,
    )


def whole_days(stores: pl.DataFrame) -> pl.DataFrame:
    """Return a whole day's row on each weekday, without limit, for every `i`."""
    days = stores.lazy().select("i").unique().join(_WEEKDAYS.lazy(), how="cross")
    without = (pl.lit(None, pl.Int64).alias(limit) for limit in VALIDITY_LIMITS)
    return run_as_written(_all_day(days, *without))


def missing_days(hours: pl.DataFrame) -> pl.DataFrame:
    """Return a whole day's row where a store has no row for a weekday, but for others.

    It holds on the dates on which any row of the store does, but none of that weekday.
    """
    if not have_limits(hours):
        return whole_days(hours).join(hours, on=["i", "day"], how="anti")
    # In days, on a line on which each weekday of each store has a stretch of its own, beginning
    # with a day before all limits, and ending with a day after them and one that is in no row.
    limits = pl.concat([hours[limit] for limit in VALIDITY_LIMITS]).drop_nulls().sort() // DAY
    first, last = limits[0] - 1, limits[-1] + 1
    length = last - first + 1
    start = (pl.col("i") * 7 + pl.col("day")) * length
    since, until = map(pl.col, VALIDITY_LIMITS)
    edges = {"open": (since // DAY).fill_null(first), "close": (until // DAY).fill_null(last)}
    position = {name: start + edge - first for name, edge in edges.items()}

    def on_line(rows: pl.DataFrame) -> pl.DataFrame:
        lines = rows.lazy().select(**position).filter(pl.col("open") < pl.col("close"))
        return union(lines).collect()

    every_day = hours.drop("day").join(_WEEKDAYS, how="cross")
    missing = difference(on_line(every_day), on_line(hours)).select(
        i=pl.col("open") // length // 7,
        day=pl.col("open") // length % 7,
        valid_from=pl.col("open") % length + first,
        valid_until=pl.col("close") % length + first,
    )
    since, until = pl.when(since > first).then(since * DAY), pl.when(until < last).then(until * DAY)
    return run_as_written(_all_day(missing.lazy(), since, until))


def _all_day(rows: pl.LazyFrame, *limits: pl.Expr) -> pl.LazyFrame:
    times = pl.lit(0, pl.Int64).alias("start"), pl.lit(DAY, pl.Int64).alias("end")
    return rows.select("i", "day", *times, *limits)


def have_limits(rows: pl.DataFrame) -> bool:
    """Return whether any row does not hold for ever."""
    return any(rows[limit].null_count() < rows.height for limit in VALIDITY_LIMITS)


def on_dates(
    rows: pl.LazyFrame, zones: pl.Series, dates: pl.LazyFrame, policy: Policy, *, limited: bool
) -> pl.LazyFrame:
    """Return the rows on every date on which they hold; `limited` is what `have_limits` says.

    Every `end` is after its `start`, which is on the row's own day. `zones` are the ranks of the
    zones of all stores, by their own; dates have `z`, `day` and `midnight`.
    """
    normal = _normal_rows(rows, policy).with_columns(z=pl.lit(zones).gather("i"))
    dated = normal.join(dates, on=["z", "day"], how="inner")
    if not limited:
        return dated
    since, until = map(pl.col, VALIDITY_LIMITS)
    return dated.filter(
        (since <= pl.col("midnight")).fill_null(value=True),
        (until > pl.col("midnight")).fill_null(value=True),
    )


def cut_at_segments(rows: pl.LazyFrame, axis: Axis) -> pl.LazyFrame:
    """Return rows on dates as intervals of the axis, cut at the ends of the segments.

    A row has `i`, `start` and `end`, and of its date `shift` (from the wall clock to the store's
    stretch of the axis), `segment_start` and `segment_end` (on that stretch).
    """
    base, shift = pl.col("i") * axis.length, pl.col("shift")
    return rows.select(
        open=base + pl.max_horizontal(shift + pl.col("start"), "segment_start"),
        close=base + pl.min_horizontal(shift + pl.col("end"), "segment_end"),
    ).filter(pl.col("open") < pl.col("close"))
