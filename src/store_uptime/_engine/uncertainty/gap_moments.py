"""The downtime in the gaps of each range: its mean by node, and its variance on average.

Times are in microseconds, and variances in squares of these; Float64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import polars as pl

from store_uptime._effort import run_as_written
from store_uptime._engine.uncertainty.gap_cells import BOTH_DOWN, BOTH_UP, UNLIKE
from store_uptime._engine.uncertainty.gap_lengths import GapShares
from store_uptime._engine.uncertainty.open_clock import Clocked
from store_uptime._engine.uncertainty.two_states import (
    by_node,
    pair_moments,
    piece_moments,
    whole_gaps,
    with_factors,
)

_AT_A_TIME = 16_384  # Rows: their columns fit into a processor's cache.
_NAMES = {BOTH_DOWN: "both_down", UNLIKE: "unlike", BOTH_UP: "both_up"}

MEANS, VARIANCE = by_node("mean"), "variance"
"""The columns of the moments."""


# --- whole gaps ----------------------------------------------------------------------------------


def in_whole_gaps(gaps: GapShares, nodes: pl.DataFrame, units: pl.Series) -> list[pl.DataFrame]:
    """Return the moments of what each range but the first holds, with the rows of `nodes`.

    `units` are those of the rows, in microseconds.
    """
    table = pl.DataFrame(each for some in _at_lengths(gaps.exponents, nodes) for each in some)
    sources = dict(zip(MEANS, by_node("{}"), strict=True)) | {VARIANCE: "var_{}"}
    unit = pl.col("unit")
    sums = [
        (gaps.add_up(_value_at(source)) * (unit**2 if moment == VARIANCE else unit)).alias(moment)
        for moment, source in sources.items()
    ]
    return [
        run_as_written(table.hstack(own).with_columns(units).lazy().select(sums))
        for own in gaps.frames[1:]
    ]


def _at_lengths(exponents: Sequence[int], nodes: pl.DataFrame) -> Iterator[Iterator[pl.Series]]:
    """Yield what `whole_gaps` tells of each length, in columns of their own."""
    some, nodes = max(1, _AT_A_TIME // nodes.height), with_factors(nodes)
    for first in range(0, len(exponents), some):
        own = exponents[first : first + some]
        stacked = pl.concat(nodes.with_columns(length=pl.lit(2.0**exponent)) for exponent in own)
        found = run_as_written(whole_gaps(stacked.lazy()))
        for place, exponent in enumerate(own):
            cut = found.slice(place * nodes.height, nodes.height)
            yield (each.alias(_at(exponent, each.name)) for each in cut.iter_columns())


def _value_at(source: str) -> Callable[[int, int], pl.Expr]:
    return lambda kind, exponent: pl.col(_at(exponent, source.format(_NAMES[kind])))


def _at(exponent: int, name: str) -> str:
    return f"{name}@{exponent}"


# --- parts of gaps -------------------------------------------------------------------------------


def in_parts(
    pieces: pl.DataFrame, pairs: pl.DataFrame, rows: pl.DataFrame, inside: Clocked
) -> pl.DataFrame:
    """Return the moments of what `find_parts` has found: by `range` and `row`.

    `rows` has `row`, `unit` and the nodes.
    """
    means = [(pl.col(name) * pl.col("unit")).round().cast(pl.Int64) for name in MEANS]
    found = _by_parts(pieces, piece_moments, [*means, _squared(VARIANCE)], rows, inside)
    sums = found.group_by("range", "row").sum()
    if pairs.height:
        twice = _by_parts(pairs, pair_moments, [_squared("covariance") * 2], rows, inside)
        more = twice.group_by("range", "row").sum()
        sums = sums.join(more, on=["range", "row"], how="left")
        sums = sums.with_columns(pl.col(VARIANCE) + pl.col("covariance").fill_null(0))
    return sums.select("range", "row", pl.col(*MEANS, VARIANCE).cast(pl.Float64))


def _squared(name: str) -> pl.Expr:
    # The square of an hour in microseconds is more than Int64 holds.
    return (pl.col(name) * pl.col("unit") ** 2).round().cast(pl.Int128)


def _by_parts(
    parts: pl.DataFrame,
    moments: Callable[[pl.LazyFrame], pl.LazyFrame],
    sums: list[pl.Expr],
    rows: pl.DataFrame,
    inside: Clocked,
) -> pl.DataFrame:
    """Return the moments of each part as whole numbers, with `range` and `row`."""
    placed = _on_gaps(parts, inside).join(rows, on="row")
    lengths = [name for name in _IN_UNITS if name in placed.columns]
    in_units = placed.with_columns(pl.col(lengths) / pl.col("unit"))
    slices = in_units.iter_slices(_AT_A_TIME) if in_units.height else [in_units]
    return pl.concat(
        run_as_written(moments(some.lazy()).select("range", "row", *sums)) for some in slices
    )


_IN_UNITS = ("gap", "since", "length", "between", "second", "until")


def _on_gaps(parts: pl.DataFrame, inside: Clocked) -> pl.DataFrame:
    """Return what `piece_moments` and `pair_moments` ask for, with `range` and `row`."""
    last = len(inside) - 1
    before, after = parts["gap"].clip(0, last), (parts["gap"] + 1).clip(0, last)
    start, stop = inside.clock.gather(before), inside.clock.gather(after)
    is_pair = "second_end" in parts.columns
    end = pl.col("second_end" if is_pair else "end")
    columns = {
        "from_down": ~pl.lit(inside.ups(before)),
        "to_down": ~pl.lit(inside.ups(after)),
        # Where a poll is missing it means nothing, but lengths are divided by it.
        "gap": pl.lit((stop - start).clip(1)),
        "since": pl.when("from_known").then(pl.col("begin") - pl.lit(start)).otherwise(0),
        "length": pl.col("end") - pl.col("begin"),
        "until": pl.when("to_known").then(pl.lit(stop) - end).otherwise(0),
    }
    if is_pair:
        columns["between"] = pl.col("second_begin") - pl.col("end")
        columns["second"] = pl.col("second_end") - pl.col("second_begin")
    known = pl.col("from_known", "to_known").cast(pl.Float64)
    numbers = [each.cast(pl.Float64).alias(name) for name, each in columns.items()]
    return parts.select("range", "row", known, *numbers)
