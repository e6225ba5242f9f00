"""States: who speaks for which stretch of the axis, and what it says."""

from __future__ import annotations

import polars as pl

from store_uptime._effort import run
from store_uptime._engine.axis import Axis
from store_uptime._engine.packed_polls import disagree, first_at, position_of, rank_of, says_up
from store_uptime.policy import Policy

UNKNOWN, DOWN, UP, PROVED_DOWN, PROVED_UP = range(5)
"""The states of a stretch. The proved ones lie between two polls that agree."""


def cut_states(evidence: pl.Series, axis: Axis, policy: Policy, *, proofs: bool) -> pl.DataFrame:
    """Return the axis cut into pieces of one state.

    Returns
    -------
    pl.DataFrame
        `x` (where the piece begins; it ends where the next begins) and `state`, sorted by `x`.
        Of several rows with one `x` the last counts. Without `proofs` no state is a proved one.
    """
    # A virtual poll before the first store and one after the last give every stretch two
    # neighbours, so that beginnings and ends of stretches need no case of their own.
    before, after = (first_at(pl.Series([x], dtype=pl.Int64)) for x in (-1, axis.end))
    chain = pl.concat([before, evidence, after])
    pairs = pl.DataFrame({"a": chain.head(-1), "b": chain.tail(-1)}).lazy()
    rows = len(evidence)
    joints = run(_joints(pairs, axis, policy, proofs=proofs), rows).lazy()
    silent = joints.filter(pl.col("leave") < pl.col("reach"))
    silent = silent.select(x="leave", state=pl.lit(UNKNOWN, pl.Int8))
    heard = joints.select(x="reach", state="state_reach")
    if not proofs:
        return run(_merge(heard, silent), rows)
    # Each joint is cut four times. A cut on top of the next of its joint is left out, so that
    # what still coincides is the end of one joint, `b`, with the first cut of the next.
    alone = joints.filter(pl.col("a") < pl.col("leave")).select(x="a", state="state_a")
    heard = joints.filter(pl.col("reach") < pl.col("b")).select(x="reach", state="state_reach")
    return run(_merge(joints.select(x="b", state="state_b"), alone, silent, heard), rows)


def find_silence(evidence: pl.Series, axis: Axis, policy: Policy) -> pl.DataFrame:
    """Return where nobody speaks between two polls of one store.

    Returns
    -------
    pl.DataFrame
        `a` and `b` (where the two polls sit), `leave` (up to where the one speaks) and `reach`
        (from where on the other does); sorted, each by each.
    """
    pairs = pl.DataFrame({"a": evidence.head(-1), "b": evidence.tail(-1)}).lazy()
    joints = _joints(pairs, axis, policy, proofs=False)
    silent = joints.filter(~pl.col("apart"), pl.col("leave") < pl.col("reach"))
    return run(silent.select("a", "b", "leave", "reach"), len(evidence))


def _merge(first: pl.LazyFrame, *others: pl.LazyFrame) -> pl.LazyFrame:
    """Merge sorted pieces; where two begin together, the one given first comes first."""
    for other in others:
        first = first.merge_sorted(other, key="x", maintain_order=True)
    return first


def _joints(pairs: pl.LazyFrame, axis: Axis, policy: Policy, *, proofs: bool) -> pl.LazyFrame:
    """Return the pairs of neighbouring polls between which the state changes.

    Poll `a` speaks until `leave`, poll `b` from `reach` on, nobody between the two; `state_a`,
    `state_reach` and `state_b` are the states from `a`, `reach` and `b` on. Sorted, each by each.
    """
    a, b, apart = pl.col("a"), pl.col("b"), pl.col("apart")
    limit = axis.limit(policy.max_gap_us)
    differ = disagree(a, b)
    step = PROVED_UP - UP if proofs else 0
    matter = differ | apart
    if limit < axis.length:
        matter |= position_of(b) - position_of(a) > limit
    # Most neighbours agree, so what the others need is computed after the rest is gone.
    joints = (
        pairs.with_columns(apart=rank_of(a, axis) != rank_of(b, axis))
        .filter(matter)
        .select(
            a=position_of(a),
            b=position_of(b),
            up_a=says_up(a).cast(pl.Int8),
            up_b=says_up(b).cast(pl.Int8),
            apart=apart,
            proof=pl.when(differ | apart).then(0).otherwise(step).cast(pl.Int8),
        )
    )
    between = {"nearest": (a + b) // 2, "previous": b, "next": a}[policy.interpolation]
    ends = pl.when(apart).then((axis.rank(a) + 1) * axis.length).otherwise(between)
    back = axis.rank(b) * axis.length if policy.backfill else b
    begins = pl.when(apart).then(back).otherwise(between)
    return joints.select(
        "a",
        "b",
        "apart",
        leave=pl.min_horizontal(ends, a + limit),
        reach=pl.max_horizontal(begins, b - limit),
        state_a=DOWN + pl.col("up_a") + pl.col("proof"),
        state_reach=DOWN + pl.col("up_b") + pl.col("proof"),
        state_b=PROVED_DOWN + pl.col("up_b"),
    )
