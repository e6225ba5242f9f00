"""Numbers with few decimals, none of which looks better than it is."""

from __future__ import annotations

from fractions import Fraction

import polars as pl

_DOWN = ("availability", "uptime_min")
_UP = ("uptime_max", "error_budget_used", "uptime_error", "availability_error")


def rounded(values: pl.Series, decimals: int) -> pl.Series:
    """Return floats with so many decimals, by the name of their column; other values as they are.

    An availability and a lower bound are rounded down, so 1 stands only where there was no
    downtime. An upper bound, an error, and the used share of an error budget are rounded up. All
    else is rounded to the nearest.

    Examples
    --------
    >>> rounded(pl.Series("availability_last_week", [0.99999999, 0.57, 1.0]), 4).to_list()
    [0.9999, 0.57, 1.0]
    """
    if not values.dtype.is_float():
        return values
    # Polars divides by a constant by multiplying with its reciprocal, which rounds twice.
    scale = pl.Series([10.0**decimals]).new_from_index(0, len(values))
    steps = (values * scale).round()
    # Compared as floats, so that 0.57 itself, of which no float is exactly that, stays.
    if values.name.startswith(_UP):
        steps += (steps / scale < values).cast(pl.Float64)
    elif values.name.startswith(_DOWN):
        steps -= (steps / scale > values).cast(pl.Float64)
    # What is too large for the step, or infinite, has no decimals to lose.
    return (steps / scale).zip_with((values * scale).is_finite(), values).alias(values.name)


def percent(share: float | Fraction) -> str:
    """Return a share in percent, rounded down to two decimals: 100 % is all of it.

    Examples
    --------
    >>> percent(0.57), percent(Fraction(999_999, 1_000_000)), percent(1), percent(1e-9)
    ('57.00 %', '99.99 %', '100 %', 'under 0.01 %')
    """
    exact = Fraction(str(share)) if isinstance(share, float) else share
    hundredths = int(exact * 10_000)
    if exact == 1:
        return "100 %"
    return f"{hundredths / 100:.2f} %" if hundredths or not exact else "under 0.01 %"
