"""Planned downtime, given once or recurring every week: closed time on the axis."""

from __future__ import annotations

import polars as pl

from store_uptime._effort import run
from store_uptime._engine.axis import Axis
from store_uptime._engine.intervals import union
from store_uptime._engine.stores import Stores
from store_uptime._engine.weekly_rows import cut_at_segments, have_limits, on_dates
from store_uptime.policy import Policy


def planned_time(stores: Stores, dates: pl.LazyFrame, axis: Axis, policy: Policy) -> pl.DataFrame:
    """Return the maintenance of all stores on the axis, as sorted, disjoint intervals.

    `dates` are those of the stores' zones, as `cut_at_segments` takes them.
    """
    planned = [_given_once(stores, axis)]
    if stores.maintenance_hours.height:
        planned.append(_recurring(stores, dates, axis, policy))
    given = stores.maintenance.height + stores.maintenance_hours.height
    return run(union(pl.concat(planned)), given * len(stores))


def _given_once(stores: Stores, axis: Axis) -> pl.LazyFrame:
    first, last = axis.first, axis.last
    start, end = pl.col("start").fill_null(first), pl.col("end").fill_null(last + 1)
    rows = _of_each_store(stores.maintenance, stores).filter(end > first, start <= last)
    edges = {"open": start.clip(lower_bound=first), "close": end.clip(upper_bound=last + 1)}
    return rows.select(**{name: axis.position(pl.col("i"), at) for name, at in edges.items()})


def _recurring(stores: Stores, dates: pl.LazyFrame, axis: Axis, policy: Policy) -> pl.LazyFrame:
    rows = _of_each_store(stores.maintenance_hours, stores)
    limited = have_limits(stores.maintenance_hours)
    dated = on_dates(rows, stores.table["z"], dates, policy, limited=limited)
    return cut_at_segments(dated, axis)


def _of_each_store(rows: pl.DataFrame, stores: Stores) -> pl.LazyFrame:
    """Return the rows of stores; one without an `i` is of each."""
    if not rows["i"].null_count():
        return rows.lazy()
    ranks = stores.table.lazy().select("i")
    shared = rows.lazy().filter(pl.col("i").is_null()).drop("i").join(ranks, how="cross")
    return pl.concat([rows.lazy().drop_nulls("i"), shared.select(rows.columns)])
