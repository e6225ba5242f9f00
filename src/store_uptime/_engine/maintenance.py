"""Planned downtime, given once or recurring every week: closed time on the axis."""

from __future__ import annotations

import polars as pl

from store_uptime._engine.axis import Axis
from store_uptime._engine.intervals import union
from store_uptime._engine.stores import Stores
from store_uptime._engine.weekly_rows import cut_at_segments, normal_rows, on_dates
from store_uptime.policy import Policy


def planned_time(stores: Stores, dates: pl.LazyFrame, axis: Axis, policy: Policy) -> pl.DataFrame:
    """Return the maintenance of all stores on the axis, as sorted, disjoint intervals.

    `dates` are those of the stores' zones, as `cut_at_segments` takes them.
    """
    planned = [_given_once(stores, axis)]
    if stores.maintenance_hours.height:
        planned.append(_recurring(stores, dates, axis, policy))
    return union(pl.concat(planned).collect(engine="streaming"))


def _given_once(stores: Stores, axis: Axis) -> pl.LazyFrame:
    first, last = axis.first, axis.last
    start, end = pl.col("start").fill_null(first), pl.col("end").fill_null(last + 1)
    rows = stores.maintenance.filter(end > first, start <= last)
    rows = _of_each_store(rows, stores.table.select("i"))
    edges = {"open": start.clip(lower_bound=first), "close": end.clip(upper_bound=last + 1)}
    return rows.lazy().select(
        **{name: axis.position(pl.col("i"), at) for name, at in edges.items()}
    )


def _recurring(stores: Stores, dates: pl.LazyFrame, axis: Axis, policy: Policy) -> pl.LazyFrame:
    rows = normal_rows(stores.maintenance_hours, policy)
    rows = _of_each_store(rows, stores.table.select("i", "z"))
    return cut_at_segments(on_dates(rows, dates), axis)


def _of_each_store(rows: pl.DataFrame, stores: pl.DataFrame) -> pl.DataFrame:
    """Return rows of stores with what `stores` says of them; a row without an `i` is of each."""
    named = rows.join(stores, on="i")
    shared = rows.filter(pl.col("i").is_null()).drop("i").join(stores, how="cross")
    return pl.concat([named, shared.select(named.columns)])
