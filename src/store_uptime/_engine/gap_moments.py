"""Downtime in gaps of which something is known: its mean for each node, and its mean variance.

Times are in units of the row, squares for the variance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from store_uptime._effort import run
from store_uptime._engine.gap_cells import BOTH_UP, UNLIKE
from store_uptime._engine.gap_lengths import GapShares
from store_uptime._engine.open_clock import Clocked
from store_uptime._engine.rate_nodes import NODE_WEIGHTS, nine
from store_uptime._engine.two_states import Ends, Moments, alike, covariance, part, tree_sum, unlike

MEANS = [f"mean{place}" for place in range(len(NODE_WEIGHTS))]
"""The columns of the mean downtime, by node."""


def weighted() -> Iterator[tuple[float, str]]:
    """Yield the weight of each node and the column of its mean."""
    yield from zip(NODE_WEIGHTS, MEANS, strict=True)


def in_whole_gaps(gaps: GapShares, nodes: pl.DataFrame) -> list[pl.DataFrame]:
    """Return `MEANS` and `variance` of what each range holds, with the rows of `nodes`."""
    at_lengths = nodes.lazy().select(
        each for kind, step in gaps.columns.values() for each in _at_length(gaps, kind, step)
    )
    found = run(at_lengths, nodes.height)
    return [_summed(gaps, found.hstack(frame)) for frame in gaps.frames]


def _summed(gaps: GapShares, frame: pl.DataFrame) -> pl.DataFrame:
    def total(quantity: str) -> pl.Expr:
        return gaps.add_up(
            lambda kind, step: pl.col(f"{quantity}_{kind}_{step}") if gaps.lengths[step] else None
        ).alias(quantity)

    return run(frame.lazy().select(map(total, (*MEANS, "variance"))), frame.height)


def _at_length(gaps: GapShares, kind: int, step: int) -> Iterator[pl.Expr]:
    """Yield the moments of a gap of some kind and length; none if it has no length."""
    length = gaps.lengths[step]
    if not length:
        return
    if kind == UNLIKE:
        of_nodes = [unlike(q, r, pl.lit(length)) for q, r in nine()]
    else:
        of_nodes = [alike(q, r, pl.lit(length), up=kind == BOTH_UP) for q, r in nine()]
    for name, (mean, _) in zip(MEANS, of_nodes, strict=True):
        yield mean.alias(f"{name}_{kind}_{step}")
    yield _mean_variance(of_nodes).alias(f"variance_{kind}_{step}")


def _mean_variance(of_nodes: Iterable[Moments]) -> pl.Expr:
    pairs = zip(NODE_WEIGHTS, of_nodes, strict=True)
    return tree_sum(weight * variance for weight, (_, variance) in pairs)


# --- parts of gaps -------------------------------------------------------------------------------

_ENDS = Ends(*map(pl.col, ("from_known", "from_down", "to_known", "to_down", "gap")))
_PIECE = tuple(map(pl.col, ("since", "length", "until")))
_PAIR = tuple(map(pl.col, ("since", "length", "between", "second", "until")))
# What parts of a unit the sums are integers of. They may be added in any order, then.
_PARTS = 2**20


def in_parts(
    pieces: pl.DataFrame, pairs: pl.DataFrame, rows: pl.DataFrame, inside: Clocked
) -> pl.DataFrame:
    """Return `MEANS` and `variance` of what `find_parts` has found: by `range` and `row`.

    `rows` has `row`, `unit` and the nine nodes.
    """
    single = [part(q, r, _ENDS, *_PIECE) for q, r in nine()]
    found = [_as_integers(_on_gaps(pieces, inside, rows), single)]
    if pairs.height:
        both = [(pl.lit(0.0), 2 * covariance(q, r, _ENDS, *_PAIR)) for q, r in nine()]
        found.append(_as_integers(_on_gaps(pairs, inside, rows), both))
    sums = pl.concat(found).group_by("range", "row").sum()
    means, variance = pl.col(MEANS) / _PARTS, pl.col("variance") / _PARTS**2
    return run(sums.select("range", "row", means, variance), pieces.height)


def _as_integers(gaps: pl.LazyFrame, of_nodes: Sequence[Moments]) -> pl.LazyFrame:
    means = [
        (mean * _PARTS).round().cast(pl.Int64).alias(name)
        for name, (mean, _) in zip(MEANS, of_nodes, strict=True)
    ]
    variance = (_mean_variance(of_nodes) * _PARTS**2).round().cast(pl.Int128)
    return gaps.select("range", "row", *means, variance=variance)


def _on_gaps(parts: pl.DataFrame, inside: Clocked, rows: pl.DataFrame) -> pl.LazyFrame:
    """Append what `_ENDS`, `_PIECE` and `_PAIR` name, and the nodes."""
    last = len(inside) - 1
    before, after = parts["gap"].clip(0, last), (parts["gap"] + 1).clip(0, last)
    begin, end = inside.clock.gather(before), inside.clock.gather(after)
    states = parts.select(
        "range",
        "row",
        pl.col("from_known", "to_known").cast(pl.Float64),
        from_down=(~pl.lit(inside.ups(before))).cast(pl.Float64),
        to_down=(~pl.lit(inside.ups(after))).cast(pl.Float64),
    )
    is_pair = "second_end" in parts.columns
    lengths = {
        "gap": pl.lit(end - begin),
        "since": pl.when("from_known").then(pl.col("begin") - pl.lit(begin)).otherwise(0),
        "length": pl.col("end") - pl.col("begin"),
        "until": pl.when("to_known")
        .then(pl.lit(end) - pl.col("second_end" if is_pair else "end"))
        .otherwise(0),
    }
    if is_pair:
        lengths["between"] = pl.col("second_begin") - pl.col("end")
        lengths["second"] = pl.col("second_end") - pl.col("second_begin")
    joined = states.hstack(parts.select(**lengths)).lazy().join(rows.lazy(), on="row")
    return joined.with_columns(pl.col(name) / pl.col("unit") for name in lengths)
