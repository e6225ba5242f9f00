"""The reports at some instants: totals of all batches, in the units of the windows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import polars as pl

from store_uptime._engine.batches import make_batches
from store_uptime._engine.coverage import Coverage
from store_uptime._engine.window_edges import find_window_edges
from store_uptime._engine.window_totals import total_in, total_windows
from store_uptime._tables.read import Tables
from store_uptime._time.units import UNIT_MICROSECONDS, divided
from store_uptime.policy import Policy
from store_uptime.windows import AnyWindow

Progress = Callable[[int, int], object]
"""Told after each batch how many stores are done, and how many there are."""


def make_reports(
    tables: Tables,
    nows: Sequence[dt.datetime],
    windows: Mapping[str, AnyWindow],
    policy: Policy,
    *,
    detail: bool,
    batch_stores: int | None = None,
    progress: Progress | None = None,
) -> tuple[pl.DataFrame, Coverage]:
    """Return the reports at `nows`, and how much of their windows is known.

    They have a column `now`, and are sorted by `store_id`, then by `now`.
    """
    zones = {*tables.timezones["zone"].unique().drop_nulls(), policy.default_timezone}
    edges = find_window_edges(windows, nows, zones)
    start, end = edges.select(pl.col("first_start").min(), pl.col("now").max()).row(0)
    points = len(nows) * (len(windows) + 3)
    reports, coverage = [], Coverage(tuple(windows))
    for batch in make_batches(
        tables, start, end, policy, coverage, batch_stores=batch_stores, points=points
    ):
        totals = total_windows(batch, edges, tuple(windows), detail=detail)
        _cover_windows(coverage, totals)
        reports.append(_in_units(totals, windows, detail=detail))
        if progress is not None:
            progress(coverage.stores, batch.of)
    return pl.concat(reports), coverage


def _cover_windows(coverage: Coverage, totals: pl.DataFrame) -> None:
    for name in coverage.scheduled:
        up, down, scheduled = (
            totals[total_in(name, quantity)] for quantity in ("uptime", "downtime", "scheduled")
        )
        known = up + down
        coverage.add(name, scheduled, known, totals["store_id"].filter(known > 0).n_unique())


def _in_units(
    totals: pl.DataFrame, windows: Mapping[str, AnyWindow], *, detail: bool
) -> pl.DataFrame:
    """Return the report that the totals make."""
    instant = pl.col("now").cast(pl.Datetime("us", "UTC"))
    columns, details = [instant, pl.col("store_id")], []
    for name, window in windows.items():
        usual, detailed = _window_columns(name, window, totals.height)
        columns += usual
        details += detailed
    return totals.select(columns + details if detail else columns)


def _window_columns(name: str, window: AnyWindow, rows: int) -> tuple[list[pl.Expr], list[pl.Expr]]:
    """Return the columns of a window: the usual ones, and those with details."""

    def total(quantity: str) -> pl.Expr:
        return pl.col(total_in(name, quantity))

    def in_unit(micros: pl.Expr, quantity: str) -> pl.Expr:
        return divided(micros, UNIT_MICROSECONDS[window.unit], rows).alias(f"{quantity}_{name}")

    up, down, scheduled = total("uptime"), total("downtime"), total("scheduled")
    usual = [in_unit(up, "uptime"), in_unit(down, "downtime")]
    details = [
        in_unit(scheduled - up - down, "unknown"),
        in_unit(scheduled, "scheduled"),
        pl.when(up + down > 0).then(up / (up + down)).alias(f"availability_{name}"),
        in_unit(total("proved_up"), "uptime_min"),
        in_unit(scheduled - total("proved_down"), "uptime_max"),
        total("polls").cast(pl.UInt32).alias(f"polls_{name}"),
    ]
    return usual, details
