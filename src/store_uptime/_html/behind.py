"""The report, and what lies behind its numbers, from one pass over the tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from store_uptime._calls import report_on
from store_uptime._engine.batches import Batch
from store_uptime._engine.outages import list_outages
from store_uptime._engine.packed_polls import position_of, rank_of
from store_uptime._engine.pieces import list_pieces, open_pieces
from store_uptime._engine.poll_worth import GapSums, describe_batch
from store_uptime._engine.unknown_time import explain_unknown
from store_uptime._engine.window_edges import end_of, start_of
from store_uptime._tables.gather import Given
from store_uptime._time.instants import from_microseconds
from store_uptime.notices import CoverageWarning
from store_uptime.policy import Policy
from store_uptime.windows import AnyWindow

EdgePair = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Behind:
    """A report, and what it was made of. All of it rests on the same evidence.

    Attributes
    ----------
    report, facts
        What `report_on` returns, with details.
    timeline, outages
        As `compute_timeline` and `compute_outages` give them, of the span of all windows.
    described, gaps
        As `describe_polls` gives it, of the polls in the windows and their look-back; and the gaps
        of all stores together.
    unknown
        As `explain_unknown` gives it, of all stores.
    zones
        `store_id` and `zone` (String), that by whose clock the store is open.
    spans
        Where each window begins and ends; where that differs among the zones of the stores, all
        such spans, sorted.
    """

    report: pl.DataFrame
    facts: CoverageWarning
    timeline: pl.DataFrame
    outages: pl.DataFrame
    described: pl.DataFrame
    gaps: GapSums
    unknown: pl.DataFrame
    zones: pl.DataFrame
    spans: Mapping[str, list[EdgePair]]

    @property
    def span(self) -> EdgePair:
        """Where the earliest window begins, in any zone, and `now`."""
        return min(start for spans in self.spans.values() for start, _ in spans), self.facts.now


def compute_behind(
    given: Given,
    now: object,
    *,
    windows: Mapping[str, AnyWindow],
    policy: Policy,
    **options: Any,
) -> Behind:
    """Return the report at `now`, and what lies behind it; the options are those of `report_on`."""
    watcher = _Watcher(windows)
    how = {"windows": windows, "policy": policy, "detail": True, "watch": watcher.watch}
    report, facts = report_on(given, now, **how, **options)
    found = {name: pl.concat(parts) for name, parts in watcher.found.items()}
    unknown = found.pop("unknown").group_by("window", "reason").agg(pl.col("time", "stores").sum())
    return Behind(report, facts, gaps=watcher.gaps, unknown=unknown, spans=watcher.spans, **found)


class _Watcher:
    """Takes what there is to tell from each batch while the report is made."""

    def __init__(self, windows: Mapping[str, AnyWindow]) -> None:
        self._windows = windows
        parts = ("timeline", "outages", "described", "unknown", "zones")
        self.found: dict[str, list[pl.DataFrame]] = {part: [] for part in parts}
        self.gaps = GapSums()
        self.spans: dict[str, list[EdgePair]] = {}
        self._used: set[int] = set()

    def watch(self, batch: Batch, edges: pl.DataFrame) -> None:
        reported = _as_reported(batch, edges)
        first = min(edges["first_start"])
        states, pieces = open_pieces(reported, first, batch.axis.last)
        pieces = _since_own_start(batch, pieces, edges)
        described, gaps = describe_batch(batch)
        self.gaps += gaps
        parts = {
            "timeline": list_pieces(reported, states, pieces),
            "outages": list_outages(reported, states, pieces),
            "described": described,
            "unknown": explain_unknown(reported, pieces, edges, tuple(self._windows)),
            "zones": batch.stores.table.select(
                "store_id", zone=pl.lit(pl.Series(batch.stores.zones)).gather(pl.col("z"))
            ),
        }
        for name, part in parts.items():
            self.found[name].append(part)
        self._used.update(batch.stores.table["z"])
        own = edges.filter(pl.col("z").is_in([*self._used]))
        self.spans = {name: _spans(own if self._used else edges, name) for name in self._windows}


def _as_reported(batch: Batch, edges: pl.DataFrame) -> Batch:
    """Return the batch with the evidence that the report knows of each store.

    Periods of the calendar begin later in some zones than in others, and so does what counts.
    """
    if edges["first_start"].n_unique() == 1:
        return batch
    axis, poll = batch.axis, pl.col("poll")
    since = pl.col("first_start") - axis.limit(batch.policy.lookback_us)
    starts = (
        batch.stores.table.join(edges, on="z")
        .sort("i")
        .select(axis.position(pl.col("i"), pl.max_horizontal(since, axis.first)))
        .to_series()
    )
    known = position_of(poll) >= pl.lit(starts).gather(rank_of(poll, axis))
    evidence = batch.evidence.alias("poll").to_frame().filter(known)
    return replace(batch, evidence=evidence.to_series().set_sorted())


def _since_own_start(batch: Batch, pieces: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Return the pieces from where the windows of each store begin."""
    own = batch.stores.table.select("i", "z").join(edges.select("z", "first_start"), on="z")
    start = batch.axis.position(pl.col("i"), pl.col("first_start"))
    return (
        pieces.join(own, on="i", maintain_order="left")
        .with_columns(start=pl.max_horizontal("start", start))
        .filter(pl.col("start") < pl.col("end"))
        .select(pieces.columns)
    )


def _spans(edges: pl.DataFrame, window: str) -> list[EdgePair]:
    pairs = edges.select(start_of(window), end_of(window)).unique().sort(pl.all()).rows()
    return [(from_microseconds(start), from_microseconds(end)) for start, end in pairs]
