"""What the polls say: polls on the axis, which of them may speak, and for which stretches.

A poll at `x` is packed into one integer, ``2 * x + up``, so that one plain sort puts the polls of
all stores in order, and an inactive poll before an active one at the same instant.
"""

from __future__ import annotations

import polars as pl

from store_uptime.axis import Axis
from store_uptime.policy import Policy
from store_uptime.schema import Polls

UNKNOWN, DOWN, UP, PROVED_DOWN, PROVED_UP = range(5)
"""The states of a piece of time. The proved ones lie between two polls that agree."""


def pack_polls(polls: Polls, stores: pl.DataFrame, axis: Axis, *, every: bool) -> pl.Series:
    """Return the packed polls that lie in the span of the axis, sorted.

    Parameters
    ----------
    stores
        `store_id` and its place `i` on the axis.
    every
        Whether a poll of a store that is not among `stores` comes out as a null; otherwise it is
        left out.
    """
    timely = pl.col("t").is_between(axis.lo, axis.now)
    rows = polls.frame
    if every:
        placed = _join_stores(rows, stores, "left").filter(timely | pl.col("i").is_null())
    else:
        placed = _join_stores(rows.filter(timely), stores, "inner")
    packed = axis.place(pl.col("i"), pl.col("t")) * 2 + pl.col("up")
    return placed.select(packed.alias("poll")).collect(engine="streaming").to_series().sort()


def _join_stores(rows: pl.LazyFrame, stores: pl.DataFrame, how: str) -> pl.LazyFrame:
    return rows.join(stores.lazy(), on="store_id", how=how)  # type: ignore[arg-type]


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
    return polls.select("poll").collect(engine="streaming").to_series()


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
    joints = _joints(pairs, axis, policy)
    columns = ("a", "leave", "reach", "b") if proofs else ("leave", "reach")
    states = (
        ("state_a", "nobody", "state_reach", "state_b") if proofs else ("nobody", "state_reach")
    )
    return joints.select(
        x=pl.concat_arr(columns).explode(), state=pl.concat_arr(states).explode()
    ).collect(engine="streaming")


def _joints(pairs: pl.LazyFrame, axis: Axis, policy: Policy) -> pl.LazyFrame:
    """Return the pairs of neighbouring polls between which the state changes, cut up.

    Poll `a` speaks until `leave`, poll `b` from `reach` on, nobody between the two.
    """
    a, b = pl.col("a"), pl.col("b")
    apart = a // axis.length != b // axis.length
    # Beyond the length of a stretch a limit is none, and the sums below stay within Int64.
    limit = axis.length if policy.max_gap_us is None else min(policy.max_gap_us, axis.length)
    agree = (pl.col("up_a") == pl.col("up_b")) & ~apart
    joints = (
        pairs.select(a=a // 2, b=b // 2, up_a=(a % 2).cast(pl.Int8), up_b=(b % 2).cast(pl.Int8))
        .with_columns(agree=agree)
        .filter(~pl.col("agree") | (b - a > limit))
    )
    between = {"nearest": (a + b) // 2, "previous": b, "next": a}[policy.interpolation]
    ends = pl.when(apart).then((a // axis.length + 1) * axis.length).otherwise(between)
    back = b // axis.length * axis.length if policy.backfill else b
    begins = pl.when(apart).then(back).otherwise(between)
    proof = pl.col("agree") * pl.lit(PROVED_UP - UP, pl.Int8)
    return joints.select(
        "a",
        "b",
        leave=pl.min_horizontal(ends, a + limit),
        reach=pl.max_horizontal(begins, b - limit),
        state_a=DOWN + pl.col("up_a") + proof,
        nobody=pl.lit(UNKNOWN, pl.Int8),
        state_reach=DOWN + pl.col("up_b") + proof,
        state_b=PROVED_DOWN + pl.col("up_b"),
    )
