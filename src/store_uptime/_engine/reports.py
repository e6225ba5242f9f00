"""The reports at some instants: totals of all batches, in the units of the windows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import polars as pl

from store_uptime._engine.batches import Batch, make_batches
from store_uptime._engine.coverage import Coverage
from store_uptime._engine.uncertainty.of_windows import add_uncertainty
from store_uptime._engine.uncertainty.rate_nodes import Grid, grid_of, own_grid
from store_uptime._engine.window_edges import find_window_edges
from store_uptime._engine.window_totals import total_in, total_windows
from store_uptime._tables.read import Tables
from store_uptime._time.units import DAY, INT64_MAX, UNIT_MICROSECONDS, divided
from store_uptime.policy import Policy
from store_uptime.windows import AnyWindow

_CENTURY = 36_524 * DAY

_OF_ERRORS = 200  # What errors hold for a store at a time, in as much memory as a poll takes.

Progress = Callable[[int, int], object]
"""Told after each batch how many stores are done, and how many there are."""

Watch = Callable[[Batch, pl.DataFrame], object]
"""Shown each batch, with all its polls, and where its windows begin and end."""


def make_reports(
    tables: Tables,
    nows: Sequence[dt.datetime],
    windows: Mapping[str, AnyWindow],
    policy: Policy,
    *,
    detail: bool,
    uncertainty: bool,
    rates: pl.DataFrame | None = None,
    batch_stores: int | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> tuple[pl.DataFrame, Coverage]:
    """Return the reports at `nows`, and how much of their windows is known.

    They have a column `now`; those of one instant are sorted by `store_id`. Whoever has more to
    tell of the same stores may `watch`.
    """
    grid = _grid(rates) if uncertainty else None
    edges = find_window_edges(windows, nows, tables.zones_with(policy.default_timezone))
    groups = _groups_of_instants(edges, policy)
    reports, coverage = [], Coverage(tuple(windows))
    for group in groups:
        start, end = group["first_start"].to_list(), group["now"].to_list()
        batches = make_batches(
            tables,
            min(start),
            max(end),
            policy,
            coverage,
            batch_stores=batch_stores,
            points=group["now"].n_unique() * (len(windows) + 3) + uncertainty * _OF_ERRORS,
            read_at=None if watch else _instants_of(group),
            keep_polls=watch is not None,
        )
        for batch in batches:
            totals = total_windows(batch, group, tuple(windows), detail=detail)
            cover_windows(coverage, totals)
            if grid is not None:
                totals = add_uncertainty(totals, batch, group, tuple(windows), grid)
            reports.append(in_units(totals, windows, detail=detail))
            if watch is not None:
                watch(batch, group)
            if progress is not None:
                progress(coverage.stores, batch.of * len(groups))
    joined = pl.concat(reports)
    if len(groups) > 1:
        _count_once(coverage, joined)
    return joined, coverage


def _instants_of(edges: pl.DataFrame) -> pl.Series:
    return pl.concat(each for each in edges.iter_columns() if each.name != "z")


def _grid(rates: pl.DataFrame | None) -> Grid:
    return own_grid() if rates is None else grid_of(rates)


def cover_windows(coverage: Coverage, totals: pl.DataFrame) -> None:
    """Add how much of their windows the stores of a batch know."""
    for name in coverage.scheduled:
        up, down, scheduled = (
            totals[total_in(name, quantity)] for quantity in ("uptime", "downtime", "scheduled")
        )
        known = up + down
        coverage.add(name, scheduled, known, totals["store_id"].filter(known > 0).n_unique())


def _count_once(coverage: Coverage, reports: pl.DataFrame) -> None:
    """Count each store once, in however many groups of instants it was."""
    ids = reports["store_id"]
    coverage.stores = ids.n_unique()
    for name in coverage.stores_known:
        known = reports[f"uptime_{name}"] + reports[f"downtime_{name}"] > 0
        coverage.stores_known[name] = ids.filter(known).n_unique()


def _groups_of_instants(edges: pl.DataFrame, policy: Policy) -> list[pl.DataFrame]:
    """Cut the edges where no report looks at a century or more.

    All instants of a group share an axis, and a long one has room for few stores.
    """
    if edges["now"].n_unique() == 1:
        return [edges]
    lookback = policy.lookback_us
    back = INT64_MAX // 2 if lookback is None else min(lookback, INT64_MAX // 2)
    known_since = pl.col("first_start").min() - back
    spans = edges.group_by("now").agg(known_since.alias("since")).sort("now")
    later = pl.col("since").cum_min(reverse=True)
    apart = (later - pl.col("now").shift(1) > _CENTURY).fill_null(value=False)
    numbered = edges.join(spans.select("now", group=apart.cum_sum()), on="now")
    return [part.drop("group") for part in numbered.partition_by("group", maintain_order=True)]


def in_units(
    totals: pl.DataFrame, windows: Mapping[str, AnyWindow], *, detail: bool
) -> pl.DataFrame:
    """Return the report that the totals make: `now`, `store_id`, and the columns of each window.

    Of the details there are those for which the totals have what is needed.
    """
    instant = pl.col("now").cast(pl.Datetime("us", "UTC"))
    columns, details, errors = [instant, pl.col("store_id")], [], []
    for name, window in windows.items():
        usual, detailed, uncertain = _window_columns(name, window, totals)
        columns += usual
        details += detailed if detail else []
        errors += uncertain
    return totals.select(columns + details + errors)


def _window_columns(
    name: str, window: AnyWindow, totals: pl.DataFrame
) -> tuple[list[pl.Expr], list[pl.Expr], list[pl.Expr]]:
    """Return the columns of a window: the usual ones, those with details, and its uncertainty."""

    def total(quantity: str) -> pl.Expr:
        return pl.col(total_in(name, quantity))

    def in_unit(micros: pl.Expr, quantity: str) -> pl.Expr:
        unit = UNIT_MICROSECONDS[window.unit]
        return divided(micros, unit, totals.height).alias(f"{quantity}_{name}")

    up, down, scheduled = total("uptime"), total("downtime"), total("scheduled")
    usual = [in_unit(up, "uptime"), in_unit(down, "downtime")]
    details = [
        in_unit(scheduled - up - down, "unknown"),
        in_unit(scheduled, "scheduled"),
        pl.when(up + down > 0).then(up / (up + down)).alias(f"availability_{name}"),
    ]
    # A timeline does not say what the polls prove, nor how many there were.
    if total_in(name, "polls") in totals.columns:
        details += [
            in_unit(total("proved_up"), "uptime_min"),
            in_unit(scheduled - total("proved_down"), "uptime_max"),
            total("polls").cast(pl.UInt32).alias(f"polls_{name}"),
        ]
    errors = []
    if total_in(name, "error") in totals.columns:
        errors = [in_unit(total(each), f"uptime_{each}") for each in ("expected", "error")]
    return usual, details, errors
