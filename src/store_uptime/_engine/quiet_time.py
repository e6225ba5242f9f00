"""Quiet time of the engine: where it is, and how the open time in it comes into the sessions.

A stretch without polls and edges of windows may be centuries long. The dates in it take no time:
sessions are built for some of its weeks, and stand for the others.
"""

from __future__ import annotations

import polars as pl

from store_uptime._effort import run, run_as_written
from store_uptime._engine.axis import Axis
from store_uptime._engine.intervals import union, with_before
from store_uptime._engine.running_totals import OPEN_TIME, read_open_time
from store_uptime._engine.weekly_rows import VALIDITY_LIMITS
from store_uptime._tables.polls import Span
from store_uptime._tables.read import Tables
from store_uptime._time.quiet import WEEK, Stretch
from store_uptime._time.units import DAY
from store_uptime.policy import Policy

_WORTH_A_LOOK = 8 * WEEK


def find_quiet(tables: Tables, span: Span, policy: Policy, points: pl.Series) -> list[Stretch]:
    """Return the stretches of the span in which only the sum of open time counts, in order.

    These hold none of `points` (the instants at which totals are read), no poll, no instant at
    which a poll begins or ends to speak, and none at which the hours of any store change other
    than from day to day of the week.
    """
    if span.last - span.first < _WORTH_A_LOOK:
        return []
    around = [
        # At the ends of the calendar, offsets are odd for a day.
        _around(points, 2 * DAY, 2 * DAY),
        # A date begins up to a day before it does in UTC, or after; its hours last up to two days.
        *(_around(dates, DAY, 3 * DAY) for dates in _loud_dates(tables)),
        *(_around(tables.maintenance[edge], 0, 1) for edge in ("start", "end")),
        _heard(span, policy),
    ]
    # Limits that are missing are null, and not inside.
    inside = (pl.col("close") > span.first) & (pl.col("open") <= span.last)
    loud = run_as_written(union(pl.concat(around).filter(inside)))
    begins, ends = [span.first, *loud["close"]], [*loud["open"], span.last + 1]
    return [(begin, end) for begin, end in zip(begins, ends, strict=True) if end - begin > 2 * WEEK]


def _loud_dates(tables: Tables) -> list[pl.Series]:
    """Return the dates on which hours differ from those of a week before, or begin to."""
    weekly = (tables.hours, tables.maintenance_hours)
    limits = [rows[limit] for rows in weekly for limit in VALIDITY_LIMITS]
    return [tables.special["midnight"], *limits]


def _around(instants: pl.Series, before: int, after: int) -> pl.LazyFrame:
    named = instants.alias("open").to_frame().lazy().unique()
    return named.select(pl.col("open") - before, close=pl.col("open") + after)


def _heard(span: Span, policy: Policy) -> pl.LazyFrame:
    """Return the stretches in which polls lie, begin to speak, or end."""
    if span.first_poll is None or span.last_poll is None:
        return _around(pl.Series([], dtype=pl.Int64), 0, 0)
    # Without a limit they speak up to their neighbours, and to the ends of the span.
    reach = min(policy.max_gap_us or 0, span.last - span.first)
    # Neighbours that differ may meet anywhere between them, and a scan is not read once more.
    if not span.in_memory or (policy.interpolation == "nearest" and policy.max_gap_us is None):
        ends = pl.Series([max(span.first_poll, span.first), min(span.last_poll, span.last)])
        around = _around(ends, reach, reach + 1)
        return around.select(pl.col("open").min(), pl.col("close").max())
    week = pl.col("t") // WEEK * WEEK
    weeks = run(span.polls().select(week.unique()), span.rows_at_most).to_series()
    return _around(weeks, reach, WEEK + reach)


def fill_quiet(
    sessions: pl.DataFrame, runs: pl.DataFrame, stores: pl.DataFrame, axis: Axis
) -> pl.DataFrame:
    """Return the sessions with the open time of the runs, in one session at the start of each.

    `stores` are `i` and `z` of those whose sessions were left out of the runs. The sessions come
    and go with `before`.
    """
    # Weeks first: four centuries hold weeks that were left out.
    for period in sorted(runs["period"].unique()):
        own = runs.lazy().filter(pl.col("period") == period).join(stores.lazy(), on="z")
        own = own.select(
            x=axis.position(pl.col("i"), pl.col("start")),
            times=(pl.col("end") - pl.col("start")) // period,
        ).sort("x")
        since = read_open_time(own.select(pl.col("x") - period), sessions).select(OPEN_TIME)
        until = read_open_time(own, sessions)
        both = pl.concat([until, since.rename({OPEN_TIME: "since"})], how="horizontal")
        once = pl.col(OPEN_TIME) - pl.col("since")
        filled = both.select(open="x", close=pl.col("x") + pl.col("times") * once)
        filled = filled.filter(pl.col("open") < pl.col("close"))
        filled = pl.concat([sessions.lazy().select("open", "close"), filled])
        sessions = run(
            with_before(filled.sort("open")), sessions.height + runs.height * stores.height
        )
    return sessions
