"""A store as a chain of two states on the open clock: closed forms for its downtime in a gap.

The chain is down a share `q` of the time and changes at the rate `r`: from up to down at ``q * r``,
from down to up at ``p * r``, with ``p = 1 - q``. What it does in a gap between two polls depends
only on what these found (Kalbfleisch and Lawless 1985), and mean and variance of the time that it
is down there are sums of exponentials (Hobolth and Jensen 2011, here for two states). Given the
rates, gaps are independent of each other, so what a window has is a sum over its gaps.

Frames have `q` and `r` of some nodes, and get columns for each node step by step, so that nothing
is computed twice. The steps are made once. Lengths are in the unit of the rates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache

import polars as pl

from store_uptime._effort import run_as_written

NODE_WEIGHTS = tuple(
    one * other for one in (1 / 6, 2 / 3, 1 / 6) for other in (1 / 6, 2 / 3, 1 / 6)
)
"""The weights of the nine nodes (Gauss and Hermite's, for three points each way)."""

# Gaps and pieces that are shorter, in units of 1 / r, are taken as so long: below, differences lose
# their digits. In a gap without time for two changes the rate does not matter, so the chain is made
# faster there. The mean of such a piece is off by less than a thousandth.
_SHORTEST_GAP, _SHORTEST_PIECE = 1e-3, 1e-6
_NOTHING_LEFT = 600.0  # After so long nothing is left of a state; more would be out of range.


class Node:
    """The columns of one node, by their names."""

    def __init__(self, number: int) -> None:
        """Take the number of the node."""
        self._number = number

    def __getattr__(self, name: str) -> pl.Expr:
        """Return the node's column of that name."""
        return pl.col(f"{name}_{self._number}")


NODES = [Node(number) for number in range(len(NODE_WEIGHTS))]


def by_node(name: str) -> list[str]:
    """Return the columns of a name for all nodes."""
    return [f"{name}_{number}" for number in range(len(NODES))]


def mixed(value: Callable[[Node], pl.Expr]) -> pl.Expr:
    """Return the mean of a value over the nodes."""
    return tree_sum(weight * value(node) for weight, node in zip(NODE_WEIGHTS, NODES, strict=True))


Steps = Sequence[Sequence[pl.Expr]]
"""What is appended to a frame at a time, one after the other."""


def step(**columns: Callable[[Node], pl.Expr]) -> Sequence[pl.Expr]:
    """Return columns for each node."""
    return [
        column(node).alias(each)
        for name, column in columns.items()
        for node, each in zip(NODES, by_node(name), strict=True)
    ]


def take(steps: Steps, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Return the frame with what the steps append."""
    for columns in steps:
        frame = frame.with_columns(columns)
    return frame


def tree_sum(terms: Iterable[pl.Expr]) -> pl.Expr:
    """Return the sum, added in an order that is always the same, without deep nesting."""
    rest = list(terms)
    while len(rest) > 1:
        odd = rest[-1:] if len(rest) % 2 else []
        rest = [one + other for one, other in zip(rest[::2], rest[1::2], strict=False)] + odd
    return rest[0]


# --- the chance of what the polls found ----------------------------------------------------------


def log_chance_alike(share: float, length: float) -> float:
    """Return the logarithm of the chance to find a state again that has this share of the time.

    `length` is in units of 1 / r.
    """
    return math.log(share + (1 - share) * math.exp(-length))


def log_chance_unlike(length: float) -> float:
    """Return the logarithm of the chance of a change, over `length` and the new state's share."""
    return math.log(-math.expm1(-length) / length)


# --- the downtime between them -------------------------------------------------------------------


def _shapes(length: pl.Expr, shortest: float) -> Steps:
    """Return what the integrals of exponentials over a piece come to, as shares of its length.

    With ``x = r * length``: `left` is ``exp(-x)``, `once` the mean of ``exp(-x u)`` over u in
    [0, 1], `twice` and `both` are what is left of two such integrals, one inside the other.
    """
    return [
        step(x=lambda n: pl.max_horizontal(n.r * length, shortest)),
        step(half=lambda n: n.x.clip(upper_bound=_NOTHING_LEFT) / 2),
        step(decay=lambda n: (-n.half).exp()),
        # 1 - e^-x is 2 e^(-x / 2) sinh(x / 2), which keeps its digits.
        step(left=lambda n: n.decay * n.decay, once=lambda n: 2 * n.decay * n.half.sinh() / n.x),
        step(twice=lambda n: (1 - n.once) / n.x, both=lambda n: (n.once - n.left) / n.x),
    ]


def with_factors(nodes: pl.DataFrame) -> pl.DataFrame:
    """Append to `q` and `r` of the nodes what does not depend on lengths."""
    return run_as_written(take(_factor_steps(), nodes.lazy()))


@cache
def _factor_steps() -> Steps:
    return [
        step(p=lambda n: 1 - n.q),
        step(
            pq=lambda n: n.p * n.q,
            pp=lambda n: n.p * n.p,
            qq=lambda n: n.q * n.q,
            lead=lambda n: n.p - n.q,
            on_twice=lambda n: 2 * n.q * (2 * n.p - n.q),
            on_both=lambda n: 2 * n.p * (n.p - 2 * n.q),
        ),
    ]


def whole_gaps(nodes: pl.LazyFrame) -> pl.LazyFrame:
    """Return the moments of the downtime in gaps of a `length`, between polls of every kind.

    The nodes are `with_factors`. The moments are the means by node, `both_down`, `unlike` and
    `both_up`, and the variances on average over the nodes, `var_both_down`, `var_unlike` and
    `var_both_up`.
    """
    steps, found = _whole_gap_steps()
    return take(steps, nodes).select(found)


@cache
def _whole_gap_steps() -> tuple[Steps, Sequence[pl.Expr]]:
    length = pl.col("length")

    def unlike_square(n: Node) -> pl.Expr:
        return (n.qq + n.on_twice * n.twice + n.on_both * n.both - n.pp * n.left) / n.gone

    steps = [
        *_shapes(length, _SHORTEST_GAP),
        step(
            gone=lambda n: 1 - n.left,
            # What the state that neither poll found has of the time, and of its square.
            first=lambda n: n.pq * (1 + n.left - 2 * n.once),
            own=lambda n: n.pq * (2 * n.twice - 4 * n.both + n.left),
            other=lambda n: n.pq * (1 - 4 * n.twice + 2 * n.both),
        ),
        step(
            is_up=lambda n: n.p + n.q * n.left,
            is_down=lambda n: n.q + n.p * n.left,
            changed=lambda n: (n.q + n.lead * n.once - n.p * n.left) / n.gone,
        ),
        step(down=lambda n: n.first / n.is_up, up=lambda n: n.first / n.is_down),
    ]
    means = step(
        both_down=lambda n: (1 - n.up) * length,
        unlike=lambda n: n.changed * length,
        both_up=lambda n: n.down * length,
    )
    variances = {
        "both_down": lambda n: (n.q * n.own + n.p * n.other) / n.is_down - n.up * n.up,
        "unlike": lambda n: unlike_square(n) - n.changed * n.changed,
        "both_up": lambda n: (n.p * n.own + n.q * n.other) / n.is_up - n.down * n.down,
    }
    squares = [
        (mixed(variance).clip(0) * length * length).alias(f"var_{name}")
        for name, variance in variances.items()
    ]
    return steps, [*means, *squares]


def _ends() -> Steps:
    """Return what the polls on either side of a gap say, each as a constant and a factor.

    The frame has `from_known` and `to_known` (1 where there is a poll, else 0), `from_down` and
    `to_down` (1 where it found the store down), and `gap`, the length between the two. Where both
    are known, `r` becomes no slower than one change in 1,000 gaps.
    """
    known = pl.col("from_known") * pl.col("to_known")
    same = 1 - (pl.col("from_down") - pl.col("to_down")).abs()
    sign = 2 * pl.col("to_down") - 1
    return [
        [known.alias("known"), same.alias("same"), sign.alias("sign")],
        step(r=lambda n: pl.max_horizontal(n.r, pl.col("known") * _SHORTEST_GAP / pl.col("gap"))),
        step(
            p=lambda n: 1 - n.q,
            before=lambda n: pl.col("from_known") * (pl.col("from_down") - n.q),
            # The later poll found a state that has this share of the time.
            to=lambda n: 1 - pl.col("to_known") * (pl.col("to_down") + pl.col("sign") * -n.q),
            felt=lambda n: (pl.col("gap") * -n.r).exp(),
        ),
        step(
            after=lambda n: pl.col("to_known") * pl.col("sign") * n.p,
            chance=lambda n: n.to + pl.col("known") * (pl.col("same") - n.to) * n.felt,
        ),
    ]


def piece_moments(pieces: pl.LazyFrame) -> pl.LazyFrame:
    """Append the moments of the downtime on pieces of gaps: `mean` by node, and `variance`.

    Beside what `_ends` asks for, the frame has `since` and `until`, how far the piece is behind the
    one poll and before the other, and `length`.
    """
    return take(_piece_steps(), pieces)


@cache
def _piece_steps() -> Steps:
    length = pl.col("length")

    def square(n: Node) -> pl.Expr:
        inside = n.q * (n.level / 2 + n.edge * n.twice + n.product * n.both)
        inside += n.p * (n.level * n.twice + n.edge * n.both + n.product * n.left / 2)
        return 2 * inside / n.chance

    variance = mixed(lambda n: square(n) - n.mean * n.mean).clip(0) * length * length
    return [
        *_ends(),
        *_shapes(length, _SHORTEST_PIECE),
        step(
            a=lambda n: n.before * (pl.col("since") * -n.r).exp(),
            b=lambda n: n.after * (pl.col("until") * -n.r).exp(),
        ),
        step(
            level=lambda n: n.q * n.to,
            edge=lambda n: n.a * n.to + n.q * n.b,
            product=lambda n: n.a * n.b,
        ),
        step(mean=lambda n: (n.level + n.edge * n.once + n.product * n.left) / n.chance),
        [variance.alias("variance"), *step(mean=lambda n: n.mean * length)],
    ]


def pair_moments(pairs: pl.LazyFrame) -> pl.LazyFrame:
    """Append `covariance`: of the downtimes on two pieces of a gap, on average over the nodes.

    Beside what `_ends` asks for, the frame has the lengths `since` the earlier poll, of the piece
    (`length`), `between` the two pieces, of the `second` and `until` the later poll.
    """
    between, second = pl.col("between"), pl.col("second")
    ahead = pl.col("since") + pl.col("length") + between
    rest = between + second + pl.col("until")
    frame = pairs.with_columns(ahead=ahead, first=pl.col("length"), last=pl.col("until"))
    kept = step(
        a_1=lambda n: n.a, once_1=lambda n: n.once, left_1=lambda n: n.left, mean_1=lambda n: n.mean
    )
    frame = piece_moments(frame.with_columns(until=rest)).with_columns(kept)
    frame = frame.with_columns(since="ahead", length="second", until="last")
    apart = step(apart=lambda n: (between * -n.r).exp())

    def joint(n: Node) -> pl.Expr:
        early = n.q * (n.q + n.a_1 * n.once_1) * (n.to + n.b * n.once)
        late = n.p * n.apart * (n.q * n.once_1 + n.a_1 * n.left_1) * (n.to * n.once + n.b * n.left)
        return (early + late) / n.chance * pl.col("first") * second

    covariance = mixed(lambda n: joint(n) - n.mean_1 * n.mean)
    return piece_moments(frame).with_columns(apart).with_columns(covariance=covariance)
