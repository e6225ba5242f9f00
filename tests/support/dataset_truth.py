"""What a data set says, as plain Python reads it: its stores, and how long they were up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any

import polars as pl

from store_uptime.testing import Dataset
from support.oracle import Hours, Rules, Store, edges, is_open
from support.wall_clock import micros

Spans = Mapping[Any, list[tuple[int, int]]]


def stores_of(dataset: Dataset) -> dict[Any, Store]:
    """Return the stores by id, in the order in which they were made."""
    ids = dataset.changes.status["store_id"].unique(maintain_order=True)
    zones = dict(dataset.timezones.iter_rows())
    rows, polls, work = defaultdict(list), defaultdict(list), defaultdict(list)
    special: dict[Any, dict[int, Hours]] = defaultdict(dict)
    for store_id, day, start, end in dataset.hours.iter_rows():
        rows[store_id].append((day, _us(start), _us(end)))
    for store_id, instant, up in dataset.status.iter_rows():
        polls[store_id].append((micros(instant), up))
    for store_id, start, end in _extra(dataset, "maintenance"):
        work[store_id].append((micros(start), micros(end)))
    for store_id, date, start, end in _extra(dataset, "special_hours"):
        open_ = () if start is None else ((_us(start), _us(end)),)
        special[store_id][date.toordinal()] = open_
    return {
        store_id: Store(
            store_id,
            zones.get(store_id),
            tuple(rows[store_id]),
            tuple(polls[store_id]),
            special={**special[None], **special[store_id]},
            maintenance=(*work[None], *work[store_id]),
        )
        for store_id in ids
    }


def _extra(dataset: Dataset, table: str) -> list[tuple[Any, ...]]:
    frame: pl.DataFrame | None = dataset.inputs.extra.get(table)
    return [] if frame is None else frame.rows()


def _us(length: timedelta) -> int:
    return length // timedelta(microseconds=1)


def outages_of(dataset: Dataset) -> Spans:
    """Return the outages of each store as pairs of instants."""
    found = defaultdict(list)
    for store_id, start, end in dataset.outages.iter_rows():
        found[store_id].append((micros(start), micros(end)))
    return found


def is_down(outages: list[tuple[int, int]], us: int) -> bool:
    return any(start <= us < end for start, end in outages)


def true_times(
    store: Store, outages: list[tuple[int, int]], low: int, high: int
) -> tuple[int, int]:
    """Return how long a store is open and up, and open and down, in microseconds."""
    cuts = {low, high, *edges(store, Rules(), low, high)}
    cuts |= {us for pair in outages for us in pair if low < us < high}
    up = down = 0
    for start, end in pairwise(sorted(cuts)):
        if is_open(store, Rules(), start):
            down += (end - start) * is_down(outages, start)
            up += (end - start) * (not is_down(outages, start))
    return up, down
