"""The reports at some instants, from the pieces of a timeline instead of polls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import add

import polars as pl

from store_uptime._engine.coverage import Coverage
from store_uptime._engine.piece_sums import (
    STATES,
    Cells,
    align,
    make_cells,
    sum_cells,
    sum_whole,
)
from store_uptime._engine.reports import Progress, cover_windows, in_units
from store_uptime._engine.window_edges import end_of, find_window_edges, start_of
from store_uptime._engine.window_totals import total_in
from store_uptime._tables.timeline_rows import Pieces
from store_uptime.windows import AnyWindow, CalendarWindow

_MOST_NUMBERS = 64_000_000
"""Numbers held at a time, at 8 bytes each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a timeline.

    Attributes
    ----------
    windows
        By name.
    clocks
        Where all windows begin and end, as `find_window_edges` says it but without `z`, for each
        clock: that is what zones share in which they do so at the same instants.
    stores
        `store_id` and `clock`, sorted by `store_id`, where there are several clocks.
    named
        The ids of stores that are in the report also without pieces.
    """

    windows: Mapping[str, AnyWindow]
    clocks: list[pl.DataFrame]
    stores: pl.DataFrame | None
    named: pl.Series

    def outside(self, start: int, end: int) -> list[str]:
        """Return the windows that begin before `start`, or end after `end`, at any instant."""
        return [
            name
            for name in self.windows
            if any(
                min(own[start_of(name)].to_list()) < start or max(own[end_of(name)].to_list()) > end
                for own in self.clocks
            )
        ]


def ask(
    pieces: Pieces,
    timezones: pl.DataFrame,
    default_timezone: str,
    windows: Mapping[str, AnyWindow],
    nows: Sequence[dt.datetime],
) -> Asked:
    """Return what is asked; `timezones` has `store_id` and `timezone_str`, which may be null."""
    named = timezones["store_id"]
    if not any(isinstance(window, CalendarWindow) for window in windows.values()):
        edges = find_window_edges(windows, nows, [default_timezone]).drop("z")
        return Asked(windows, [edges], None, named)
    zone = pl.col("timezone_str")
    zones = timezones.group_by("store_id").agg(zone.max())
    stores = _all_stores(pieces, named).join(zones, on="store_id", how="left")
    stores = stores.with_columns(zone.fill_null(default_timezone)).sort("store_id")
    clocks: list[pl.DataFrame] = []
    clock_of = {}
    for name in stores["timezone_str"].unique().sort().to_list() or [default_timezone]:
        own = find_window_edges(windows, nows, [name]).drop("z")
        same = (number for number, other in enumerate(clocks) if own.equals(other))
        clock_of[name] = next(same, len(clocks))
        if clock_of[name] == len(clocks):
            clocks.append(own)
    clock = zone.replace_strict(clock_of, return_dtype=pl.Int64)
    return Asked(windows, clocks, stores.select("store_id", clock=clock), named)


def make_timeline_reports(
    pieces: Pieces,
    asked: Asked,
    *,
    detail: bool,
    batch_stores: int | None = None,
    progress: Progress | None = None,
) -> tuple[pl.DataFrame, Coverage]:
    """Return the reports, sorted by `now` and `store_id`, and how much of them is known."""
    cells = _cells_of(pieces, asked)
    whole = sum_whole(pieces) if cells.whole else None
    stores = asked.stores
    if stores is None:
        ids = _all_stores(pieces, asked.named, whole).sort("store_id")
        stores = ids.with_columns(clock=pl.lit(0, pl.Int64))
    coverage, reports = Coverage(tuple(asked.windows)), []
    size = batch_stores or max(1, _MOST_NUMBERS // (3 * len(cells) + 1))
    for batch in stores.iter_slices(size) if stores.height else [stores]:
        sums = sum_cells(pieces, cells, batch) if whole is None else [align(whole, batch)]
        totals = pl.concat(_totals(batch, sums, cells, asked))
        coverage.stores += batch.height
        cover_windows(coverage, totals)
        reports.append(in_units(totals, asked.windows, detail=detail))
        if progress is not None:
            progress(coverage.stores, stores.height)
    joined = pl.concat(reports)
    in_order = len(reports) == len(asked.clocks) == 1
    return joined if in_order else joined.sort("now", "store_id"), coverage


def _all_stores(
    pieces: Pieces, named: pl.Series, found: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return every store once, in no order."""
    if found is None:
        found = pieces.collect(pieces.rows.select("store_id").unique())
    both = pl.concat([found["store_id"], named])
    return both.unique().to_frame()


def _cells_of(pieces: Pieces, asked: Asked) -> Cells:
    edges = [
        [edge for name in asked.windows for at in (start_of, end_of) for edge in own[at(name)]]
        for own in asked.clocks
    ]
    return make_cells(edges, pieces.first or 0, pieces.last or 0)


def _totals(
    stores: pl.DataFrame, sums: Iterable[pl.DataFrame], cells: Cells, asked: Asked
) -> Iterator[pl.DataFrame]:
    """Yield what the stores of each clock have in all windows that end at an instant.

    That is `store_id`, `now` and, for each window, the columns `total_in` of uptime, downtime and
    scheduled, in microseconds. `sums` are what all `stores` have in each of the cells.
    """
    nothing = pl.repeat(0, stores.height, dtype=pl.Int64, eager=True)
    until = [*accumulate(sums, add, initial=pl.DataFrame(dict.fromkeys(STATES, nothing)))]
    for clock, windows in enumerate(asked.clocks):
        ids, own = stores["store_id"], until
        if len(asked.clocks) > 1:
            there = stores["clock"] == clock
            ids, own = ids.filter(there), [each.filter(there) for each in until]
        place = {edge: number for number, edge in enumerate(cells.edges[clock])}
        for row in windows.iter_rows(named=True):
            now = pl.repeat(row["now"], len(ids), dtype=pl.Int64, eager=True)
            columns = [ids, now.alias("now")]
            for name in asked.windows:
                start, end = (
                    own[place[min(max(row[edge_of(name)], cells.first), cells.last)]]
                    for edge_of in (start_of, end_of)
                )
                columns += _in_window(name, end - start)
            yield pl.DataFrame(columns)


def _in_window(name: str, states: pl.DataFrame) -> list[pl.Series]:
    up, down = states["up"], states["down"]
    totals = {"uptime": up, "downtime": down, "scheduled": up + down + states["unknown"]}
    return [total.alias(total_in(name, quantity)) for quantity, total in totals.items()]
