"""Sums over groups of stores, in whole microseconds, and the shares that they make."""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from store_uptime._time.units import UNIT_MICROSECONDS, divided

_ONE_FIXED = 2.0**94  # What the share 1 is as an integer: 2^32 of them still fit into Int128.
_BELOW_ONE = 1 - 2.0**-53
# Squares of microseconds have up to 122 bits. In two halves, 2^32 of them still fit into Int128.
_HALF = 2**62

UNCERTAINTY_SUMS = (
    "stores_without_error",
    "uptime_expected",
    "uptime_error",
    "availability_error",
)
"""What `divide` adds where some window was added up with its uncertainty."""


def add_up(
    rows: pl.DataFrame,
    keys: list[str],
    name: str,
    unit: str,
    goal: Fraction,
    *,
    uncertain: bool = False,
) -> pl.DataFrame:
    """Return the sums of one window: times in microseconds, availabilities in `_ONE_FIXED`.

    With `uncertain` there are also those that the error of the group is made of.
    """

    def micros(part: str) -> pl.Expr:
        return (pl.col(f"{part}_{name}") * UNIT_MICROSECONDS[unit]).round().cast(pl.Int64)

    detailed = f"unknown_{name}" in rows.columns
    up, down = micros("uptime"), micros("downtime")
    unknown = micros("unknown") if detailed else pl.lit(0)
    known, wide = up + down, pl.Int128
    stores = rows.select(
        *keys,
        stores_unknown=known == 0,
        stores_closed=known + unknown == 0,
        stores_below_target=up.cast(wide) * goal.denominator < known.cast(wide) * goal.numerator,
        uptime=up.cast(wide),
        downtime=down.cast(wide),
        unknown=unknown.cast(wide),
        # The sum of floats would depend on the order of the rows.
        availability_mean=pl.when(known > 0).then(up / known * _ONE_FIXED).cast(wide),
        **_uncertainty_of(up, known, micros("uptime_expected"), micros("uptime_error"))
        if uncertain
        else {},
    )
    totals = pl.len().alias("stores"), pl.all().sum()
    sums = stores.group_by(keys).agg(*totals) if keys else stores.select(*totals)
    return sums.with_columns(pl.when(detailed).then(pl.col("stores_closed", "unknown")))


def _uncertainty_of(
    up: pl.Expr, known: pl.Expr, expected: pl.Expr, error: pl.Expr
) -> dict[str, pl.Expr]:
    """Return what is added up of the stores that have an error: the squares, and the biases.

    Stores scatter each on its own, so their scatters add in squares. What the uptime is off on
    average, the bias, has one cause in all of them, the rule of interpolation, and adds straight.
    """
    has_error = (known > 0) & expected.is_not_null() & error.is_not_null()

    def of_these(value: pl.Expr) -> pl.Expr:
        return pl.when(has_error).then(value.cast(pl.Int128))

    bias, whole = of_these(expected - up), of_these(error)
    square = pl.max_horizontal(whole * whole - bias * bias, 0)
    return {
        "stores_with_error": has_error,
        "known_with_error": of_these(known),
        "expected": of_these(expected),
        "bias": bias,
        # The null of a store without an error must stay one: `max_horizontal` ignores it.
        "square_high": of_these(square // _HALF),
        "square_low": of_these(square % _HALF),
    }


def divide(sums: pl.DataFrame, goal: Fraction) -> pl.DataFrame:
    """Turn sums into times in their units, and into shares."""
    units = sums["unit"].replace_strict(dict(UNIT_MICROSECONDS), return_dtype=pl.Int64)
    up, down, unknown = pl.col("uptime"), pl.col("downtime"), pl.col("unknown")
    known = up + down
    some = known > 0

    def share(ratio: pl.Expr) -> pl.Expr:
        # The float nearest to a ratio just below one may be one.
        capped = pl.min_horizontal(ratio, _BELOW_ONE)
        return pl.when(down > 0).then(capped).when(some).then(1.0)

    counted = pl.col("stores") - pl.col("stores_unknown")
    mean = pl.col("availability_mean") // counted.cast(pl.Int128) / _ONE_FIXED
    percent = divided(up * 100_000 // known, 1000.0, sums.height)
    used = divided(down / known, float(1 - goal), sums.height)
    return sums.with_columns(
        *(
            (time / pl.lit(units)).alias(name)
            for name, time in (
                ("uptime", up),
                ("downtime", down),
                ("unknown", unknown),
                ("scheduled", known + unknown),
            )
        ),
        availability=share(up / known),
        availability_percent=pl.when(some).then(percent),
        availability_mean=share(mean),
        error_budget_used=pl.when(down > 0).then(used).when(some).then(0.0),
        **_uncertainty_in_units(units) if "bias" in sums.columns else {},
    )


def _uncertainty_in_units(units: pl.Series) -> dict[str, pl.Expr]:
    """Return the expected uptime and the error of the stores that have one; null if none has."""
    counted, known = pl.col("stores_with_error"), pl.col("known_with_error")
    high, low, bias = (
        pl.col(name).cast(pl.Float64) for name in ("square_high", "square_low", "bias")
    )
    error = pl.when(counted > 0).then((high * float(_HALF) + low + bias * bias).sqrt())
    expected = pl.when(counted > 0).then(pl.col("expected"))
    values = (
        pl.col("stores") - counted,
        expected / pl.lit(units),
        error / pl.lit(units),
        error / known,
    )
    return dict(zip(UNCERTAINTY_SUMS, values, strict=True))
