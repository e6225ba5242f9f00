"""From checked tables to stores on the axis, with their sessions and their evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from store_uptime._engine.axis import Axis, capacity
from store_uptime._engine.evidence import choose_evidence, pack_all_polls, pack_polls, sort_packet
from store_uptime._engine.sessions import build_sessions
from store_uptime._engine.stores import Stores, number_stores
from store_uptime._tables.polls import Polls, Span
from store_uptime._tables.read import Tables
from store_uptime._time.units import DAY
from store_uptime._time.zones import calendar_frame
from store_uptime.policy import Policy

# Polls and sessions held at a time; each takes some 40 bytes at the peak.
_BUDGET = 64_000_000
# Groups for which one pass over the polls packs them, at 8 bytes each.
_GROUPS_A_PASS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A group of stores on their axis: when they are open, and which polls speak for them."""

    axis: Axis
    stores: Stores
    sessions: pl.DataFrame
    evidence: pl.Series
    policy: Policy
    total: int  # stores on all lines together


def lay_out(
    tables: Tables,
    start: int,
    now: int,
    policy: Policy,
    *,
    batch_stores: int | None = None,
    points: int = 0,
) -> Iterator[Line]:
    """Lay all stores out for the windows from `start` to `now`, in as many groups as need be.

    Every store that any of the three tables names is in exactly one group. `points` is how many
    readings each store is going to have.
    """
    lo = _earliest_evidence(tables.polls, start, policy)
    polls = tables.polls.between(lo, now)
    rows = polls.rows_at_most + tables.hours.height * ((now - lo) // (7 * DAY) + 1)
    limit = min(batch_stores or capacity(lo, now), capacity(lo, now))
    axis = Axis(limit if rows <= _BUDGET else 0, lo, now)
    stores, packed = _number_all(tables, polls, axis, policy)
    rows += (points + _shared_rows(stores, lo, now)) * len(stores)
    size = min(limit, max(1, _BUDGET * len(stores) // max(rows, 1)))
    calendar = calendar_frame(stores.zones, lo, now + 1)
    if size < len(stores):
        packed = None
    for part in stores.batches(min(_GROUPS_A_PASS * size, capacity(lo, now))):
        if packed is None:
            axis = Axis(len(part), lo, now)
            packets = pack_polls(polls, part.table["store_id"], axis, size)
        for group in part.batches(size):
            axis = Axis(len(group), lo, now)
            if packed is None:
                packed = sort_packet(packets.pop(0), axis)
            sessions = build_sessions(group, calendar, axis, policy)
            evidence = choose_evidence(packed, sessions, policy)
            packed = None
            yield Line(axis, group, sessions, evidence, policy, total=len(stores))


def _shared_rows(stores: Stores, lo: int, now: int) -> int:
    """Return how many rows each store has at most because of special hours and maintenance."""
    shared = (rows["i"].null_count() for rows in (stores.special, stores.maintenance))
    return sum(shared) + ((now - lo) // DAY + 1 if stores.special.height else 0)


def _number_all(
    tables: Tables, polls: Span, room: Axis, policy: Policy
) -> tuple[Stores, pl.Series | None]:
    """Return all stores, and their polls if these came along at no cost.

    `room` is an axis of as many stores as may lie on one.
    """
    stores, directory = number_stores(tables, policy.default_timezone)
    # Rows in memory are read once where that is enough: nearly always, every polled store is
    # named in another table, and all stores fit into one group.
    if tables.polls.eager and len(stores) <= room.stores:
        packed, strangers = pack_all_polls(polls, directory, room)
        if strangers.is_empty():
            return stores, packed
    else:
        strangers = directory.strangers(tables.polls.ids)
    if len(strangers):
        stores, _ = number_stores(tables, policy.default_timezone, [strangers])
    return stores, None


def _earliest_evidence(polls: Polls, start: int, policy: Policy) -> int:
    if polls.first is None:
        return start
    # A long look-back costs nothing where there are no polls to look back at.
    return min(start, max(start - policy.lookback_us, polls.first))
