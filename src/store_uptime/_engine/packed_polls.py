"""Polls on the axis, packed and sorted.

A poll at position `x` is packed into one integer, ``2 * x + up``, so that one plain sort puts the
polls of all stores in order, and an inactive poll before an active one at the same instant. No
other module knows that code.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import polars as pl

from store_uptime._effort import run_all
from store_uptime._engine.axis import Axis
from store_uptime._engine.id_lookup import IdLookup, join_ranks
from store_uptime._tables.polls import Span
from store_uptime._tables.reading import reading_rows

# So many polls take longer to sort than a thread takes to start.
_WORTH_A_THREAD = 100_000

Packed = TypeVar("Packed", pl.Expr, pl.Series, int)


# --- the code -----------------------------------------------------------------------------------


def pack(position: pl.Expr, up: pl.Expr) -> pl.Expr:
    """Return the packed poll of a position at which a store was found up or down."""
    return position * 2 + up


def position_of(packed: Packed) -> Packed:
    """Return where a packed poll sits."""
    return packed // 2


def says_up(packed: pl.Expr) -> pl.Expr:
    """Return whether a packed poll found the store up."""
    return packed & 1 == 1


def first_at(position: Packed) -> Packed:
    """Return the lowest packed poll at a position, which says down."""
    return position * 2


def last_at(position: Packed) -> Packed:
    """Return the highest packed poll at a position, which says up."""
    return position * 2 + 1


def disagree(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Return whether two packed polls found different states."""
    return (one ^ other) & 1 == 1


def at_one_instant(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Return whether two packed polls sit at one position."""
    return (one ^ other) <= 1  # they differ in no bit but the last


def rank_of(packed: Packed, axis: Axis) -> Packed:
    """Return the rank of the store that was polled."""
    return packed // (2 * axis.length)


# --- from rows to sorted integers ---------------------------------------------------------------


def pack_groups(polls: Span, ids: pl.Series, axis: Axis, size: int) -> list[pl.DataFrame]:
    """Return the packed polls of stores, apart for each group of `size` of them.

    Parameters
    ----------
    polls
        The polls of the span of the axis. They are read once.
    ids
        The stores of the axis, in their order. Polls of others are left out.
    size
        How many stores there are in a group, each of which has an axis of its own.
    """
    packed = _packed(join_ranks(polls.rows, ids), axis)
    firsts = range(0, max(len(ids), 1), size)  # no stores make one group, of none
    groups = [range(first, min(first + size, len(ids))) for first in firsts]
    plans = [
        _cut(packed, group, axis, polls).select(
            pl.col("poll") - first_at(pl.lit(axis.length * group.start))
        )
        for group in groups
    ]
    with reading_rows("status"):
        return pl.collect_all(plans, engine="streaming")


def sort_group(packed: pl.DataFrame, axis: Axis) -> pl.Series:
    """Return the packed polls of a group, sorted."""
    parts = _share_out(axis.stores, packed.height)
    return _sort([packed.filter(_within(part, axis)) for part in parts])


def pack_all(polls: Span, lookup: IdLookup, axis: Axis) -> tuple[pl.Series, pl.Series]:
    """Return the packed polls of all stores, sorted, and the ids that the look-up does not know.

    If there is such an id, whenever it was polled, it is all that counts: no polls come with it.
    """
    parts = _share_out(axis.stores, polls.rows_at_most)
    guessed = _packed(lookup.guess(polls.rows), axis)
    missed = guessed.filter(pl.col("poll").is_null()).select("store_id", "t", "up")
    plans = [_cut(guessed, part, axis, polls) for part in parts]
    *hits, rest = _collect_at_once([*plans, missed], polls.rows_at_most)
    if rest.is_empty():
        return _sort(hits), lookup.nobody
    joined = _packed(lookup.join_losers(rest.lazy()), axis)
    plans = [_cut(joined, part, axis, polls) for part in parts]
    *others, found = _collect_at_once([*plans, joined.select(pl.len())], rest.height)
    # A join finds a row once or not at all.
    if found.item() < rest.height:
        return pl.Series("poll", [], pl.Int64), lookup.strangers(rest.lazy())
    return _sort([pl.concat(both) for both in zip(hits, others, strict=True)]), lookup.nobody


def _collect_at_once(plans: Sequence[pl.LazyFrame], rows: int) -> list[pl.DataFrame]:
    """Compute the plans, and what they have in common only once."""
    # Pushing the plans' filters down would make them differ where they are the same.
    apart = pl.QueryOptFlags(predicate_pushdown=False)
    with reading_rows("status"):
        return run_all(plans, rows, apart)


def _packed(ranked: pl.LazyFrame, axis: Axis) -> pl.LazyFrame:
    poll = pack(axis.position(pl.col("i"), pl.col("t")), pl.col("up"))
    return ranked.select("store_id", "t", "up", poll=poll)


def _cut(packed: pl.LazyFrame, stores: range, axis: Axis, polls: Span) -> pl.LazyFrame:
    """Return the packed polls of these stores in the span."""
    return packed.filter(_within(stores, axis), *polls.conditions).select("poll")


def _within(stores: range, axis: Axis) -> pl.Expr:
    start, end = (2 * axis.length * rank for rank in (stores.start, stores.stop))
    return pl.col("poll").is_between(start, end, closed="left")


def _share_out(stores: int, rows: int) -> list[range]:
    """Share the stores out among as many threads as so many rows are worth."""
    threads = min(pl.thread_pool_size(), 1 + rows // _WORTH_A_THREAD)
    cuts = [stores * part // threads for part in range(threads + 1)]
    return [range(*pair) for pair in itertools.pairwise(cuts)]


def _sort(parts: Sequence[pl.DataFrame]) -> pl.Series:
    """Return the polls of all parts, which follow one another, sorted."""
    if len(parts) == 1:
        return parts[0].to_series().sort(multithreaded=False)
    # Polars' own sort on two threads takes as long as on one.
    with ThreadPoolExecutor(len(parts)) as pool:
        run = pool.map(lambda part: part.to_series().sort(multithreaded=False), parts)
        polls: list[pl.Series] = list(run)
    return pl.concat(polls)
