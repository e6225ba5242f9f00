"""Units of time in microseconds, and exact division by them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

INT64_MAX = 2**63 - 1
"""The largest number of microseconds that a column holds."""

FIRST_INSTANT = -62_135_596_800_000_000
LAST_INSTANT = 253_402_300_799_999_999
"""The first and the last microsecond of the years 1 to 9999, which Python's calendar has."""

UNIT_MICROSECONDS: Mapping[str, int] = MappingProxyType(
    {"seconds": 10**6, "minutes": 60 * 10**6, "hours": 3600 * 10**6, "days": 86_400 * 10**6}
)

DAY = UNIT_MICROSECONDS["days"]
"""A day of 24 hours in microseconds."""


def divided(dividend: pl.Expr, divisor: float, rows: int) -> pl.Expr:
    """Return `dividend / divisor` for a frame of so many rows, rounded once.

    Polars divides by a constant by multiplying with its reciprocal, which rounds twice. By a
    column, it divides.
    """
    return dividend / pl.lit(pl.Series([divisor]).new_from_index(0, rows))
