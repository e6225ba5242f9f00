"""From checked tables to batches of stores, with their sessions and their evidence."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import polars as pl

from store_uptime._engine.axis import Axis, capacity
from store_uptime._engine.coverage import Coverage
from store_uptime._engine.evidence import choose_evidence
from store_uptime._engine.packed_polls import pack_all, pack_groups, sort_group
from store_uptime._engine.quiet_time import find_quiet
from store_uptime._engine.sessions import build_sessions
from store_uptime._engine.stores import Stores, number_stores
from store_uptime._tables.polls import MOST_IN_MEMORY, Span
from store_uptime._tables.read import Tables
from store_uptime._time.calendar import make_calendar
from store_uptime._time.units import DAY, INT64_MAX
from store_uptime.policy import Policy

# Polls and sessions held at a time.
_BUDGET = MOST_IN_MEMORY
# Batches for which one pass over the polls packs them, at 8 bytes each.
_BATCHES_A_PASS = 4


@dataclass(frozen=True, slots=True)
class Batch:
    """Some stores on their axis: when they are open, and which polls speak for them.

    `polls` are all polls of the span, packed and sorted, if they were to be kept; else it is empty.
    `of` is the number of the stores of all batches together.
    """

    axis: Axis
    stores: Stores
    sessions: pl.DataFrame
    polls: pl.Series
    evidence: pl.Series
    policy: Policy
    of: int


def make_batches(
    tables: Tables,
    start: int,
    now: int,
    policy: Policy,
    coverage: Coverage,
    *,
    batch_stores: int | None = None,
    points: int = 0,
    read_at: pl.Series | None = None,
    keep_polls: bool = False,
) -> Iterator[Batch]:
    """Yield all stores, for windows from `start` to `now`, in as many batches as need be.

    Every store that any of the three tables names is in exactly one batch. `points` is how many
    readings each store is going to have; `read_at` says at which instants, beside those of polls.
    With ``None``, sessions are complete, however long and quiet the span is. `keep_polls` hands on
    all polls beside the evidence. What can be told of the tables goes into `coverage`.
    """
    back = None if policy.lookback_us is None else start - policy.lookback_us
    span = tables.polls.between(start, back, now)
    coverage.add_span(span)
    first, last = span.first, span.last
    quiet = [] if read_at is None else find_quiet(tables, span, policy, read_at)
    # Of the dates of a quiet stretch, those of a week or two are left in each segment.
    length = last - first - sum(end - start for start, end in quiet) * 7 // 8
    most = min(capacity(first, last), batch_stores or INT64_MAX)
    size_for = partial(_batch_size, tables, span.rows_at_most, length, most, points)
    stores, groups = _group(tables, span, policy, size_for)
    del span  # what was read of a scan, and is packed now, is larger than the rest
    calendar = make_calendar(stores.zones, first, last + 1, quiet)
    for group, packed in groups:
        axis = Axis(len(group), first, last)
        sessions = build_sessions(group, calendar, axis, policy)
        coverage.add_tables(group, packed, axis)
        evidence = choose_evidence(packed, sessions, policy)
        polls = packed if keep_polls else packed.clear()
        del packed  # as large as the evidence, and the batch is going to be worked on
        yield Batch(axis, group, sessions, polls, evidence, policy, of=len(stores))


def _batch_size(
    tables: Tables, polls: int, length: int, most: int, points: int, stores: Stores
) -> int:
    """Return how many of the stores, whose dates are `length` long, a batch has; at `most` some."""
    weeks = length // (7 * DAY) + 1
    shared = sum(rows["i"].null_count() for rows in (stores.special, stores.maintenance))
    shared += stores.maintenance_hours["i"].null_count() * weeks
    by_date = stores.special.height or stores.maintenance_hours.height
    a_store = points + shared + (length // DAY + 1 if by_date else 0)
    weekly = (tables.hours.height + tables.maintenance_hours.height) * weeks
    rows = polls + weekly + a_store * len(stores)
    return min(most, max(1, _BUDGET * len(stores) // max(rows, 1)))


def _group(
    tables: Tables, span: Span, policy: Policy, size_for: Callable[[Stores], int]
) -> tuple[Stores, Iterator[tuple[Stores, pl.Series]]]:
    """Return all stores; and, batch by batch, those of the batch and their packed polls, sorted."""
    zone, polls = policy.default_timezone, span.rows_at_most
    stores, lookup = number_stores(tables, zone, polls)
    strangers = lookup.nobody
    if len(span.other_ids):
        strangers = lookup.strangers(span.other_ids.to_frame().lazy())
    # Rows in memory are packed at once where that is enough: nearly always, every polled store is
    # named in another table, and all stores fit into one batch.
    if span.in_memory and strangers.is_empty() and len(stores) <= size_for(stores):
        packed, strangers = pack_all(span, lookup, Axis(len(stores), span.first, span.last))
        if strangers.is_empty():
            return stores, _handed_over(deque([(stores, packed)]))
    elif span.in_memory:
        strangers = pl.concat([strangers, lookup.strangers(span.rows)]).unique()
    if len(strangers):
        stores, _ = number_stores(tables, zone, polls, [strangers])
    return stores, _in_passes(span, stores, size_for(stores))


def _handed_over(
    groups: deque[tuple[Stores, pl.Series]],
) -> Iterator[tuple[Stores, pl.Series]]:
    """Yield the groups without keeping them: a generator that holds polls holds memory."""
    while groups:
        yield groups.popleft()


def _in_passes(span: Span, stores: Stores, size: int) -> Iterator[tuple[Stores, pl.Series]]:
    """Yield groups of `size` stores and their packed polls, read for some groups at a time."""
    a_pass = min(_BATCHES_A_PASS * size, capacity(span.first, span.last))
    for part in stores.groups(a_pass):
        axis = Axis(len(part), span.first, span.last)
        packed = deque(pack_groups(span, part.ids, axis, size))
        for group in part.groups(size):
            own = Axis(len(group), span.first, span.last)
            yield group, sort_group(packed.popleft(), own)
