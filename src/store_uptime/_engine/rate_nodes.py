"""What the polls of a store say of the two rates of its chain.

The rates are unknown. Each of some pairs of them, the nodes, weighs as much as the polls are likely
under it, times its weight before any poll was seen. Nine nodes with the same mean and covariance
then stand for all of them. No store learns from another.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from store_uptime._effort import run
from store_uptime._engine.gap_cells import BOTH_DOWN, BOTH_UP, UNLIKE
from store_uptime._engine.two_states import decay, log_chance_alike, log_chance_unlike, tree_sum
from store_uptime._time.units import UNIT_MICROSECONDS

NODE_WEIGHTS = tuple(
    one * other for one in (1 / 6, 2 / 3, 1 / 6) for other in (1 / 6, 2 / 3, 1 / 6)
)
"""The weights of the nine nodes (Gauss and Hermite's, for three points each way)."""



def nine() -> Iterator[tuple[pl.Expr, pl.Expr]]:
    """Yield the columns of share and rate of each of the nine nodes."""
    for place in range(len(NODE_WEIGHTS)):
        yield pl.col(f"q{place // 3}"), pl.col(f"r{place}")


_OFFSETS = (-math.sqrt(3), 0.0, math.sqrt(3))
# Logarithms are summed up as integers, so that the order of the cells does not matter.
_FIXED = 2.0**32
_SHORTEST = 1e-9  # times a rate: below, the chance of a change is no more than its digits
_HOUR = UNIT_MICROSECONDS["hours"]
_SMALLEST = 1e-12  # of a variance, which has to have a root


@dataclass(frozen=True, slots=True)
class Grid:
    """The nodes: `shares` of time down, `rates` of change, and `weights` before any poll.

    Rates are changes in `unit` microseconds of open time, or in the mean gap of each store if that
    is ``None``.
    """

    shares: Sequence[float]
    rates: Sequence[float]
    weights: Sequence[float]
    unit: int | None


@cache
def own_grid() -> Grid:
    """Return the nodes for stores of which nothing is known but their polls.

    The share is down to one in 2,000 or up to 997 in 1,000, and a change comes once in 20 gaps or
    up to 30 times in one. Their weights favour neither up nor down, and changes that polls miss.
    """
    low, high = math.log(5e-4), -math.log(3e-3)
    logits = [low + (high - low) * step / (_OWN_SHARES - 1) for step in range(_OWN_SHARES)]
    rates = [0.05 * 600 ** (step / (_OWN_RATES - 1)) for step in range(_OWN_RATES)]
    pairs = [(1 / (1 + math.exp(-logit)), rate) for logit in logits for rate in rates]
    weights = [math.sqrt(share * (1 - share) * rate) for share, rate in pairs]
    return Grid([share for share, _ in pairs], [rate for _, rate in pairs], weights, None)


_OWN_SHARES, _OWN_RATES = 13, 7


def grid_of(rates: pl.DataFrame) -> Grid:
    """Return the nodes of a table of `rate` (changes an hour), `share_down` and `weight`."""
    some = rates.filter(pl.col("weight") > 0)
    shares, speeds, weights = (some[name].to_list() for name in ("share_down", "rate", "weight"))
    return Grid(shares, speeds, weights, _HOUR)


def log_chances(cells: pl.DataFrame, rows: pl.DataFrame, grid: Grid) -> pl.DataFrame:
    """Return the logarithm of the chance of the polls of each row under each node.

    Parameters
    ----------
    cells
        All gaps of the rows, as `count_gaps` gives them.
    rows
        `row`, `unit` (the microseconds of a unit of the rates), `oldest_up` and `newest_up` (whether
        the oldest and the newest poll found the store up), sorted by `row`.

    Returns
    -------
    pl.DataFrame
        A column for each node, with the rows of `rows`.
    """
    speeds = sorted(set(grid.rates))
    column = {speed: f"left{place}" for place, speed in enumerate(speeds)}
    mean = pl.col("length") / pl.col("n") / pl.col("unit")
    counted = cells.lazy().join(rows.lazy().select("row", "unit"), on="row").select(
        "row",
        "kind",
        "n",
        fixed=pl.col("n") * _FIXED,
        **{name: decay(mean.clip(_SHORTEST / speed), speed) for speed, name in column.items()},
    )
    nodes = [f"node{place}" for place in range(len(grid.rates))]

    def alike(kind: int) -> pl.LazyFrame:
        shares = grid.shares if kind == BOTH_DOWN else [1 - share for share in grid.shares]
        columns = [
            (pl.col("fixed") * log_chance_alike(share, pl.col(column[speed])))
            .cast(pl.Int64)
            .alias(node)
            for node, share, speed in zip(nodes, shares, grid.rates, strict=True)
        ]
        return counted.filter(pl.col("kind") == kind).select("row", *columns)

    same = pl.concat([alike(BOTH_UP), alike(BOTH_DOWN)]).group_by("row").sum()
    changed = [
        (pl.col("fixed") * log_chance_unlike(pl.col(name))).cast(pl.Int64).alias(name)
        for name in column.values()
    ]
    other = counted.filter(pl.col("kind") == UNLIKE).select("row", *changed, changes="n")
    joined = (
        rows.lazy()
        .select("row", pl.col("oldest_up", "newest_up").cast(pl.Int64))
        .join(same, on="row", how="left")
        .join(other.group_by("row").sum(), on="row", how="left")
        .fill_null(0)
        .sort("row")
    )
    # Changes to down and to up take turns, so the states at the ends tell how many there are.
    to_down = (pl.col("changes") + pl.col("oldest_up") - pl.col("newest_up")) // 2
    to_up = pl.col("changes") - to_down
    downs = to_down + 1 - pl.col("oldest_up")
    ups = to_up + pl.col("oldest_up")
    chances = [
        (pl.col(node) + pl.col(column[speed])) / _FIXED
        + downs * math.log(share)
        + ups * math.log(1 - share)
        for node, share, speed in zip(nodes, grid.shares, grid.rates, strict=True)
    ]
    chances = [each.alias(node) for node, each in zip(nodes, chances, strict=True)]
    return run(joined.select(chances), cells.height)


def nine_nodes(chances: pl.DataFrame, unit: pl.Series, grid: Grid) -> pl.DataFrame:
    """Return the nine nodes of each row: shares `q0` to `q2`, and rates `r0` to `r8`.

    Node ``k`` has the share ``q{k // 3}``, the rate ``r{k}`` (a microsecond of open time) and the
    weight ``NODE_WEIGHTS[k]``. The rows are those of `chances`.
    """
    names = chances.columns
    prior = [math.log(weight) for weight in grid.weights]
    logits = [math.log(share / (1 - share)) for share in grid.shares]
    speeds = [math.log(rate) for rate in grid.rates]
    likely = chances.lazy().select(
        (pl.col(name) + each).alias(name) for name, each in zip(names, prior, strict=True)
    )
    likely = likely.with_columns(most=pl.max_horizontal(names))
    weights = likely.select((pl.col(name) - pl.col("most")).exp() for name in names)

    def total(*factors: Sequence[float]) -> pl.Expr:
        products = [math.prod(each) for each in zip(*factors, strict=True)]
        return tree_sum(
            pl.col(name) * product for name, product in zip(names, products, strict=True)
        )

    sums = weights.select(
        all=tree_sum(map(pl.col, names)),
        a=total(logits),
        b=total(speeds),
        aa=total(logits, logits),
        bb=total(speeds, speeds),
        ab=total(logits, speeds),
    )
    a, b = pl.col("a"), pl.col("b")
    means = sums.select(pl.exclude("all") / pl.col("all"))
    spread = means.select(
        "a",
        "b",
        sd_a=(pl.col("aa") - a * a).clip(_SMALLEST).sqrt(),
        var_b=pl.col("bb") - b * b,
        both=pl.col("ab") - a * b,
    ).with_columns(along=pl.col("both") / pl.col("sd_a"))
    apart = (pl.col("var_b") - pl.col("along") ** 2).clip(0).sqrt()
    shares = {
        f"q{place}": 1 / (1 + (-(a + pl.col("sd_a") * step)).exp())
        for place, step in enumerate(_OFFSETS)
    }
    steps = [(one, other) for one in _OFFSETS for other in _OFFSETS]
    rates = {
        f"r{place}": (b + pl.col("along") * one + apart * other).exp() / pl.lit(unit)
        for place, (one, other) in enumerate(steps)
    }
    return run(spread.with_columns(apart=apart).select(**shares, **rates), chances.height)
