"""When a store is open: weekly hours on wall clocks become sessions on the axis.

A row's dated hours are an interval on the wall clock. In a segment of constant offset that is an
interval of UTC, so cutting at the segments' bounds is all there is to daylight saving: an hour
that the clock skips falls out empty, an hour that it repeats comes out of both segments.
"""

from __future__ import annotations

import polars as pl

from store_uptime.axis import Axis
from store_uptime.parse import DAY
from store_uptime.policy import Policy

_SNAP = (23 * 60 + 59) * 60 * 10**6


def apply_policy(hours: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Return weekly hours in which every `end` lies after its `start`, past midnight if need be.

    Absent weekdays of stores that have others are filled when the policy says that they are open.
    """
    if policy.missing_days == "open":
        hours = pl.concat([hours, _missing_days(hours)])
    end = pl.col("end")
    midnight = end == 0  # 00:00 as an end is 24:00, so that a start of 24:00 finds it behind itself
    if policy.snap_midnight:
        midnight |= end >= _SNAP
    end = pl.when(midnight).then(DAY).otherwise(end)
    overnight = pl.when(end <= pl.col("start")).then(end + DAY).otherwise(end)
    return hours.with_columns(overnight.alias("end"))


def _missing_days(hours: pl.DataFrame) -> pl.DataFrame:
    days = pl.DataFrame({"day": range(7)}, schema={"day": hours.schema["day"]})
    absent = hours.select("i", "z").unique().join(days, how="cross")
    absent = absent.join(hours, on=["i", "day"], how="anti")
    whole_day = {"start": pl.lit(0, pl.Int64), "end": pl.lit(DAY, pl.Int64)}
    return absent.with_columns(**whole_day).select(hours.columns)


def build_sessions(
    hours: pl.DataFrame, always_open: pl.DataFrame, calendar: pl.DataFrame, axis: Axis
) -> pl.DataFrame:
    """Return all sessions on the axis.

    Parameters
    ----------
    hours
        `i`, `z`, `day`, `start`, `end` of every weekly row, ends after starts.
    always_open
        `i` of the stores that are open all the time.
    calendar
        The dates of every zone `z`, as `zones.calendar_frame` gives them.

    Returns
    -------
    pl.DataFrame
        `open`, `close` (positions on the axis) and `before` (open time of all stores before
        `open`), sorted, with neither overlap nor touch.
    """
    # All that does not depend on the store is computed once per date, not once per row.
    dates = calendar.lazy().select(
        "z",
        "day",
        shift=pl.col("midnight") - pl.col("offset") - axis.lo,
        first=pl.col("from") - axis.lo,
        last=pl.col("to") - axis.lo,
    )
    base = pl.col("i") * axis.length
    weekly = (
        hours.lazy()
        .join(dates, on=["z", "day"], how="inner")
        .select(
            open=base + pl.max_horizontal(pl.col("shift") + pl.col("start"), "first"),
            close=base + pl.min_horizontal(pl.col("shift") + pl.col("end"), "last"),
        )
        .filter(pl.col("open") < pl.col("close"))
    )
    always = always_open.lazy().select(open=base, close=base + axis.length)
    return _merge(pl.concat([weekly, always]).collect(engine="streaming"))


def _merge(intervals: pl.DataFrame) -> pl.DataFrame:
    """Return the union of the intervals as sorted, disjoint sessions."""
    ordered = intervals.sort("open").with_columns(pl.col("close").cum_max())
    # Stores lie apart on the axis, so the running maximum never reaches into the next store;
    # where two touch at a border, joining them changes neither the open time nor who is open.
    begins = (pl.col("open") > pl.col("close").shift(1)).fill_null(value=True)
    ends = (pl.col("open").shift(-1) > pl.col("close")).fill_null(value=True)
    sessions = pl.DataFrame(
        [
            ordered.select(pl.col("open").filter(begins)).to_series(),
            ordered.select(pl.col("close").filter(ends)).to_series(),
        ]
    )
    length = pl.col("close") - pl.col("open")
    return sessions.with_columns((length.cum_sum() - length).alias("before"))
