"""What the polls of a store say of the two rates of its chain.

The rates are unknown. Each of some pairs of them, the nodes, weighs as much as the polls are likely
under it, times its weight before any poll was seen. Nine nodes with the same mean and covariance
then stand for all of them. No store learns from another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from store_uptime._effort import run_as_written
from store_uptime._engine.uncertainty.gap_cells import BOTH_DOWN, BOTH_UP, UNLIKE
from store_uptime._engine.uncertainty.gap_lengths import CHANGES, GapShares
from store_uptime._engine.uncertainty.two_states import (
    log_chance_alike,
    log_chance_unlike,
    tree_sum,
)
from store_uptime._time.units import UNIT_MICROSECONDS

_OFFSETS = (-math.sqrt(3), 0.0, math.sqrt(3))
_SMALLEST = 1e-12  # of a variance, which has to have a root

# The share is down to one in 2,000, or up to 997 in 1,000; a change comes once in 20 gaps, or up to
# 30 times in one.
_Axis = tuple[float, float, int]
_SHARES: _Axis = (5e-4, 0.997, 21)
_OWN_RATES: _Axis = (0.05, 30.0, 5)
_RATES_OF_FLEETS: _Axis = (0.05, 30.0, 9)
_OWN_BINS = range(-3, 11)

GIVEN_BITS = 32
"""The unit of rates that are given, as a power of two of microseconds: about 72 minutes."""

GIVEN_BINS = range(-12, 11)
"""The bins of gaps in that unit."""

_HOUR = UNIT_MICROSECONDS["hours"]
# Changes in a unit. Faster rates than this, and slower ones than one in so many units, are taken as
# these: over gaps as they are polled, both come to the same.
_EXTREME = 1e9


@dataclass(frozen=True, slots=True)
class Grid:
    """The nodes: `shares` of time down, `rates` of change, and `weights` before any poll.

    Rates are changes in a unit of open time, ``2 ** bits`` microseconds. With ``None`` that is the
    largest such unit in the mean gap of each row. `bins` are those in which gaps are counted.
    """

    shares: Sequence[float]
    rates: Sequence[float]
    weights: Sequence[float]
    bits: int | None
    bins: range


@cache
def own_grid() -> Grid:
    """Return the nodes for stores of which nothing is known but their polls.

    Their weights favour neither up nor down. They favour fast changes, as polls miss many of these.
    """
    nodes = _nodes(_OWN_RATES)
    # A mean gap is between one and two units, and is taken as the geometric mean of these.
    rates = [rate / math.sqrt(2) for _, rate, _ in nodes]
    shares, weights = [share for share, _, _ in nodes], [weight for _, _, weight in nodes]
    return Grid(shares, rates, weights, None, _OWN_BINS)


def fleet_rates(gap: float | None) -> pl.DataFrame:
    """Return nodes for stores whose mean gap is known, as `grid_of` takes them.

    It is in microseconds of open time. ``None``, if there is no gap, counts as an hour.
    """
    nodes = _nodes(_RATES_OF_FLEETS)
    total = sum(weight for _, _, weight in nodes)
    in_hours = _HOUR / (gap or _HOUR)
    return pl.DataFrame(
        {
            "rate": [rate * in_hours for _, rate, _ in nodes],
            "share_down": [share for share, _, _ in nodes],
            "weight": [weight / total for _, _, weight in nodes],
        }
    )


def _nodes(rates: _Axis) -> list[tuple[float, float, float]]:
    """Return share, rate and weight of each node; the rates are in changes a mean gap."""
    slowest, fastest, count = rates
    logs = _spaced(math.log(slowest), math.log(fastest), count)
    least, most, count = _SHARES
    logits = _spaced(math.log(least / (1 - least)), math.log(most / (1 - most)), count)
    pairs = [(1 / (1 + math.exp(-logit)), math.exp(log)) for logit in logits for log in logs]
    return [(share, rate, math.sqrt(share * (1 - share) * rate)) for share, rate in pairs]


def _spaced(low: float, high: float, count: int) -> list[float]:
    return [low + (high - low) * step / (count - 1) for step in range(count)]


def grid_of(rates: pl.DataFrame) -> Grid:
    """Return the nodes of a table of `rate` (changes an hour), `share_down` and `weight`."""
    shares, speeds, weights = (rates[name].to_list() for name in ("share_down", "rate", "weight"))
    units = 2.0**GIVEN_BITS / _HOUR
    speeds = [min(max(speed * units, 1 / _EXTREME), _EXTREME) for speed in speeds]
    return Grid(shares, speeds, weights, GIVEN_BITS, GIVEN_BINS)


def log_chances(gaps: GapShares, ends: pl.DataFrame, grid: Grid) -> pl.DataFrame:
    """Return the logarithm of the chance of the polls of each row under each node.

    Parameters
    ----------
    gaps
        The gaps, of which those of the first range count.
    ends
        `oldest_up` and `newest_up`: whether these polls found the store up.

    Returns
    -------
    pl.DataFrame
        A column for each node.
    """
    speeds = {speed: f"changed{place}" for place, speed in enumerate(sorted(set(grid.rates)))}

    def changed(speed: float) -> pl.Expr:
        of_lengths = gaps.add_up(lambda _, step: log_chance_unlike(speed * 2.0**step), [UNLIKE])
        return of_lengths + pl.col(CHANGES) * math.log(speed)

    def same(share: float, speed: float) -> pl.Expr:
        shares = {BOTH_DOWN: share, BOTH_UP: 1 - share}
        return gaps.add_up(
            lambda kind, exponent: log_chance_alike(shares[kind], speed * 2.0**exponent), [*shares]
        )

    changes = pl.col(CHANGES)
    first, last = (pl.col(name).cast(pl.Float64) for name in ("oldest_up", "newest_up"))
    # Changes to down and to up take turns, so the states at the ends tell how many there are.
    to_down = (changes + first - last) / 2
    rows = (
        gaps.frames[0]
        .hstack(ends)
        .lazy()
        .with_columns(
            *(changed(speed).alias(name) for speed, name in speeds.items()),
            downs=to_down + 1 - first,
            ups=changes - to_down + first,
        )
    )
    nodes = [
        same(share, speed)
        + pl.col(speeds[speed])
        + pl.col("downs") * math.log(share)
        + pl.col("ups") * math.log(1 - share)
        for share, speed in zip(grid.shares, grid.rates, strict=True)
    ]
    named = [node.alias(f"node{place}") for place, node in enumerate(nodes)]
    return run_as_written(rows.select(named))


def nine_nodes(chances: pl.DataFrame, grid: Grid) -> pl.DataFrame:
    """Return share `q` and rate `r` of each of the nine nodes; the rows are those of `chances`.

    Their weights are `NODE_WEIGHTS`. Rates are changes in a unit of the row.
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

    # First the nodes that share something, and then these sums.
    of_share = _by_value(logits, names)
    of_speed = _by_value(speeds, names)
    log_speed = dict(zip(names, speeds, strict=True))
    shares = {logit: (f"w{place}", f"b{place}") for place, logit in enumerate(of_share)}
    rates = {speed: f"v{place}" for place, speed in enumerate(of_speed)}
    sums = [tree_sum(map(pl.col, own)).alias(shares[logit][0]) for logit, own in of_share.items()]
    sums += [
        tree_sum(pl.col(each) * log_speed[each] for each in own).alias(shares[logit][1])
        for logit, own in of_share.items()
    ]
    sums += [tree_sum(map(pl.col, own)).alias(rates[speed]) for speed, own in of_speed.items()]
    moments = weights.select(sums).select(
        all=tree_sum(pl.col(w) for w, _ in shares.values()),
        a=tree_sum(pl.col(w) * logit for logit, (w, _) in shares.items()),
        b=tree_sum(pl.col(b) for _, b in shares.values()),
        aa=tree_sum(pl.col(w) * logit**2 for logit, (w, _) in shares.items()),
        ab=tree_sum(pl.col(b) * logit for logit, (_, b) in shares.items()),
        bb=tree_sum(pl.col(v) * speed**2 for speed, v in rates.items()),
    )
    a, b = pl.col("a"), pl.col("b")
    means = moments.select(pl.exclude("all") / pl.col("all"))
    spread = means.select(
        "a",
        "b",
        sd_a=(pl.col("aa") - a * a).clip(_SMALLEST).sqrt(),
        var_b=pl.col("bb") - b * b,
        both=pl.col("ab") - a * b,
    ).with_columns(along=pl.col("both") / pl.col("sd_a"))
    apart = (pl.col("var_b") - pl.col("along") ** 2).clip(0).sqrt()
    steps = [(one, other) for one in _OFFSETS for other in _OFFSETS]
    columns = {}
    for number, (one, other) in enumerate(steps):
        columns[f"q_{number}"] = 1 / (1 + (-(a + pl.col("sd_a") * one)).exp())
        columns[f"r_{number}"] = (b + pl.col("along") * one + pl.col("apart") * other).exp()
    return run_as_written(spread.with_columns(apart=apart).select(**columns))


def _by_value(values: Sequence[float], names: Sequence[str]) -> dict[float, list[str]]:
    """Return the names by value."""
    found: dict[float, list[str]] = {}
    for value, name in zip(values, names, strict=True):
        found.setdefault(value, []).append(name)
    return found
