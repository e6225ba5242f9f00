"""Evidence: the polls that may speak for a store."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from store_uptime._effort import run
from store_uptime._engine.packed_polls import at_one_instant, first_at
from store_uptime.policy import Policy


def choose_evidence(packed: pl.Series, sessions: pl.DataFrame, policy: Policy) -> pl.Series:
    """Return the sorted polls that may speak: one an instant, inactive if they disagree."""
    polls = packed.alias("poll").to_frame().lazy()
    same = at_one_instant(pl.col("poll"), pl.col("poll").shift(1))
    polls = polls.filter(~same.fill_null(value=False))
    if policy.evidence == "open":
        edges = sessions.lazy().select(first_at(pl.col("open", "close")))
        polls = polls.join_asof(edges, left_on="poll", right_on="open", coalesce=False)
        polls = polls.filter(pl.col("poll") < pl.col("close"))
    return run(polls.select("poll"), len(packed)).to_series().set_sorted()


def evidence_inside(evidence: pl.Series, sessions: pl.DataFrame, policy: Policy) -> pl.Series:
    """Return those of the polls chosen by the policy that lie inside open time."""
    if policy.evidence == "open":
        return evidence
    return choose_evidence(evidence, sessions, replace(policy, evidence="open"))
