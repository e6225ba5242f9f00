"""The rates of outages, learnt from the evidence of all stores together (empirical Bayes).

Each of some pairs of rates gets the share of stores that seem to have them: first a guess, and then
again and again what the stores say by the guess before (expectation and maximisation).
"""

from __future__ import annotations

import polars as pl

from store_uptime._effort import run_as_written
from store_uptime._engine.batches import make_batches
from store_uptime._engine.coverage import Coverage
from store_uptime._engine.reports import Progress
from store_uptime._engine.uncertainty.gap_cells import GapCounts, Range, count_gaps
from store_uptime._engine.uncertainty.gap_lengths import share_out
from store_uptime._engine.uncertainty.known_rows import know_rows
from store_uptime._engine.uncertainty.open_clock import Clocked, put_on_clock
from store_uptime._engine.uncertainty.rate_nodes import (
    GIVEN_BINS,
    GIVEN_BITS,
    fleet_rates,
    grid_of,
    log_chances,
)
from store_uptime._engine.uncertainty.two_states import tree_sum
from store_uptime._tables.read import Tables
from store_uptime.policy import Policy

_ROUNDS = 30
_NO_HOLES = pl.Series([], dtype=pl.Int64)


def fit_rates(
    tables: Tables,
    first: int,
    until: int,
    policy: Policy,
    coverage: Coverage,
    *,
    batch_stores: int | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Return the rates (`rate`, `share_down`, `weight`) by the evidence from `first` to `until`.

    Without a store of which two polls are known, they are those that are guessed at first.
    """
    found, passed, gaps = [], 0, 0
    edges = _span_edges(tables, first, until, policy)
    for batch in make_batches(
        tables, first, until, policy, coverage, batch_stores=batch_stores, read_at=edges["now"]
    ):
        inside = put_on_clock(batch)
        rows = know_rows(batch, inside, edges, [])
        if rows.height:
            passed += int(rows["passed"].sum())
            gaps += int((rows["newest"] - rows["oldest"]).sum())
            found.append((rows.select("oldest_up", "newest_up"), _count(rows, inside)))
        if progress is not None:
            progress(coverage.stores, batch.of)
    guess = fleet_rates(passed / gaps if gaps else None)
    if found:
        grid = grid_of(guess)
        each_batch = [
            log_chances(share_out(counts, _given_units(rows), GIVEN_BINS), rows, grid)
            for rows, counts in found
        ]
        guess = guess.with_columns(weight=_fit(pl.concat(each_batch), guess["weight"]))
    return guess.sort("rate", "share_down")


def _span_edges(tables: Tables, first: int, until: int, policy: Policy) -> pl.DataFrame:
    zones = tables.zones_with(policy.default_timezone)
    return pl.DataFrame(
        {"z": range(len(zones)), "now": until, "first_start": first},
        schema=dict.fromkeys(["z", "now", "first_start"], pl.Int64),
    )


def _count(rows: pl.DataFrame, inside: Clocked) -> GapCounts:
    """Return the gaps of the stores."""
    whole = [Range(rows["oldest"], rows["newest"], whole=False)]
    bits = rows.with_columns(bits=pl.lit(GIVEN_BITS, pl.Int64))
    return count_gaps(inside, bits, whole, _NO_HOLES, GIVEN_BINS)


def _given_units(rows: pl.DataFrame) -> pl.Series:
    return pl.repeat(2.0**GIVEN_BITS, rows.height, eager=True)


def _fit(chances: pl.DataFrame, guess: pl.Series) -> pl.Series:
    """Return the weights of the nodes, of which one store more has the guess."""
    names, stores = chances.columns, chances.height
    # Sums over the chunks of a column depend on how the stores were cut into batches.
    chances = chances.rechunk()
    most = pl.max_horizontal(names)
    likely = run_as_written(chances.lazy().select((pl.col(name) - most).exp() for name in names))
    weights = guess.to_list()
    for _ in range(_ROUNDS):
        pairs = list(zip(names, weights, strict=True))
        total = likely.lazy().with_columns(
            inverse=1 / tree_sum(pl.col(name) * weight for name, weight in pairs)
        )
        shares = total.select(
            (pl.col(name) * pl.col("inverse")).sum() * weight for name, weight in pairs
        )
        seen = run_as_written(shares).row(0)
        weights = [(one + own) / (stores + 1) for one, own in zip(seen, guess, strict=True)]
    return pl.Series("weight", weights, dtype=pl.Float64)
