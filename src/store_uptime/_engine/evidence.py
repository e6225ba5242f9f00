"""What the polls say: polls on the axis, which of them may speak, and for which stretches.

A poll at `x` is packed into one integer, ``2 * x + up``, so that one plain sort puts the polls of
all stores in order, and an inactive poll before an active one at the same instant.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from store_uptime._engine.axis import Axis
from store_uptime._engine.id_lookup import Directory, join_places
from store_uptime._tables.polls import Span
from store_uptime.policy import Policy

# So many polls take longer to sort than a thread takes to start.
_WORTH_A_THREAD = 100_000

UNKNOWN, DOWN, UP, PROVED_DOWN, PROVED_UP = range(5)
"""The states of a piece of time. The proved ones lie between two polls that agree."""


def pack_polls(polls: Span, ids: pl.Series, axis: Axis, size: int) -> list[pl.DataFrame]:
    """Return the packed polls that lie in the span of the axis, a packet for each `size` stores.

    Parameters
    ----------
    polls
        The polls of that span. They are read once.
    ids
        The stores of the axis, in their order. Polls of others are left out.
    size
        How many stores there are in each packet, which has an axis of its own.
    """
    packed = _pack(join_places(polls.rows, ids), axis)
    firsts = range(0, max(len(ids), 1), size)  # no stores make one packet, of none
    groups = [range(first, min(first + size, len(ids))) for first in firsts]
    plans = [
        _cut(packed, group, axis, polls).select(pl.col("poll") - 2 * axis.length * group.start)
        for group in groups
    ]
    return pl.collect_all(plans, engine="streaming")


def sort_packet(packet: pl.DataFrame, axis: Axis) -> pl.Series:
    """Return the packed polls of a packet, sorted."""
    parts = _share_out(axis.stores, packet.height)
    return _sort([packet.filter(_within(part, axis)) for part in parts])


def pack_all_polls(polls: Span, stores: Directory, axis: Axis) -> tuple[pl.Series, pl.Series]:
    """Return the packed polls of all stores, sorted, and the ids that are not in the directory.

    If there is such an id, whenever it was polled, it is all that counts: no polls come with it.
    """
    parts = _share_out(len(stores.ids), polls.rows_at_most)
    guessed = _pack(stores.guess(polls.rows), axis)
    missed = guessed.filter(pl.col("poll").is_null()).select("store_id", "t", "up")
    plans = [_cut(guessed, part, axis, polls) for part in parts]
    *hits, rest = _collect_at_once([*plans, missed])
    joined = _pack(stores.join_losers(rest.lazy()), axis)
    plans = [_cut(joined, part, axis, polls) for part in parts]
    *others, found = _collect_at_once([*plans, joined.select(pl.len())])
    # A join finds a row once or not at all.
    if found.item() < rest.height:
        return pl.Series("poll", [], pl.Int64), stores.strangers(rest.lazy())
    packets = [pl.concat(both) for both in zip(hits, others, strict=True)]
    return _sort(packets), stores.ids.clear()


def _collect_at_once(plans: Sequence[pl.LazyFrame]) -> list[pl.DataFrame]:
    """Compute the plans, and what they have in common only once."""
    # Pushing the plans' filters down would make them differ where they are the same.
    apart = pl.QueryOptFlags(predicate_pushdown=False)
    return pl.collect_all(plans, engine="streaming", optimizations=apart)


def _pack(placed: pl.LazyFrame, axis: Axis) -> pl.LazyFrame:
    packed = axis.place(pl.col("i"), pl.col("t")) * 2 + pl.col("up")
    return placed.select("store_id", "t", "up", poll=packed)


def _cut(packed: pl.LazyFrame, stores: range, axis: Axis, polls: Span) -> pl.LazyFrame:
    """Return the packed polls of these stores in the span."""
    return packed.filter(_within(stores, axis), *polls.conditions).select("poll")


def _within(stores: range, axis: Axis) -> pl.Expr:
    low, high = (2 * axis.length * store for store in (stores.start, stores.stop))
    return pl.col("poll").is_between(low, high, closed="left")


def _share_out(stores: int, rows: int) -> list[range]:
    """Share the stores out among as many threads as so many rows are worth."""
    threads = min(pl.thread_pool_size(), 1 + rows // _WORTH_A_THREAD)
    cuts = [stores * part // threads for part in range(threads + 1)]
    return [range(*pair) for pair in itertools.pairwise(cuts)]


def _sort(parts: Sequence[pl.DataFrame]) -> pl.Series:
    """Return the polls of all parts, which follow one another, sorted."""
    # Polars' own sort on two threads takes as long as on one.
    with ThreadPoolExecutor(len(parts)) as pool:
        run = pool.map(lambda part: part.to_series().sort(multithreaded=False), parts)
        polls: list[pl.Series] = list(run)
    return pl.concat(polls)


def choose_evidence(packed: pl.Series, sessions: pl.DataFrame, policy: Policy) -> pl.Series:
    """Return the sorted polls that may speak: one an instant, inactive if they disagree."""
    polls = packed.alias("poll").to_frame().lazy()
    # Two polls of one instant differ in no bit but the last.
    same = (pl.col("poll") ^ pl.col("poll").shift(1)) <= 1
    polls = polls.filter(~same.fill_null(value=False))
    if policy.evidence == "open":
        doubled = sessions.lazy().select(open=pl.col("open") * 2, close=pl.col("close") * 2)
        polls = polls.join_asof(doubled, left_on="poll", right_on="open", coalesce=False)
        polls = polls.filter(pl.col("poll") < pl.col("close"))
    return polls.select("poll").collect(engine="streaming").to_series().set_sorted()


def cut_pieces(evidence: pl.Series, axis: Axis, policy: Policy, *, proofs: bool) -> pl.DataFrame:
    """Return the axis cut into pieces of one state.

    Returns
    -------
    pl.DataFrame
        `x` (where the piece begins; it ends where the next begins) and `state`, sorted by `x`.
        Of several rows with one `x` the last counts. Without `proofs` no state is a proved one.
    """
    # A virtual poll before the first store and one after the last give every stretch two
    # neighbours, so that beginnings and ends of stretches need no case of their own.
    chain = pl.concat(
        [pl.Series([-2], dtype=pl.Int64), evidence, pl.Series([2 * axis.end], dtype=pl.Int64)]
    )
    pairs = pl.DataFrame({"a": chain.head(-1), "b": chain.tail(-1)}).lazy()
    joints = _joints(pairs, axis, policy, proofs=proofs).collect(engine="streaming").lazy()
    silent = joints.filter(pl.col("leave") < pl.col("reach"))
    silent = silent.select(x="leave", state=pl.lit(UNKNOWN, pl.Int8))
    heard = joints.select(x="reach", state="state_reach")
    if not proofs:
        return _merge(heard, silent)
    # Each joint is cut four times. A cut on top of the next of its joint is left out, so that
    # what still coincides is the end of one joint, `b`, with the first cut of the next.
    alone = joints.filter(pl.col("a") < pl.col("leave")).select(x="a", state="state_a")
    heard = joints.filter(pl.col("reach") < pl.col("b")).select(x="reach", state="state_reach")
    return _merge(joints.select(x="b", state="state_b"), alone, silent, heard)


def _merge(first: pl.LazyFrame, *others: pl.LazyFrame) -> pl.DataFrame:
    """Merge sorted pieces; where two begin together, the one given first comes first."""
    for other in others:
        first = first.merge_sorted(other, key="x", maintain_order=True)
    return first.collect(engine="streaming")


def _joints(pairs: pl.LazyFrame, axis: Axis, policy: Policy, *, proofs: bool) -> pl.LazyFrame:
    """Return the pairs of neighbouring polls between which the state changes.

    Poll `a` speaks until `leave`, poll `b` from `reach` on, nobody between the two; `state_a`,
    `state_reach` and `state_b` are the states from `a`, `reach` and `b` on. Sorted, each by each.
    """
    a, b, apart = pl.col("a"), pl.col("b"), pl.col("apart")
    limit = axis.limit(policy.max_gap_us)
    differ = (a ^ b) & 1 == 1
    step = PROVED_UP - UP if proofs else 0
    matter = differ | apart
    if limit < axis.length:
        matter |= b // 2 - a // 2 > limit
    # Most neighbours agree, so what the others need is computed after the rest is gone.
    joints = (
        pairs.with_columns(apart=a // (2 * axis.length) != b // (2 * axis.length))
        .filter(matter)
        .select(
            a=a // 2,
            b=b // 2,
            up_a=(a & 1).cast(pl.Int8),
            up_b=(b & 1).cast(pl.Int8),
            apart=apart,
            proof=pl.when(differ | apart).then(0).otherwise(step).cast(pl.Int8),
        )
    )
    between = {"nearest": (a + b) // 2, "previous": b, "next": a}[policy.interpolation]
    ends = pl.when(apart).then((a // axis.length + 1) * axis.length).otherwise(between)
    back = b // axis.length * axis.length if policy.backfill else b
    begins = pl.when(apart).then(back).otherwise(between)
    return joints.select(
        "a",
        "b",
        leave=pl.min_horizontal(ends, a + limit),
        reach=pl.max_horizontal(begins, b - limit),
        state_a=DOWN + pl.col("up_a") + pl.col("proof"),
        state_reach=DOWN + pl.col("up_b") + pl.col("proof"),
        state_b=PROVED_DOWN + pl.col("up_b"),
    )
