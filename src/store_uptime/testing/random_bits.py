"""Random numbers that are the same on every platform: integers, and never a float.

They have no state. Each follows from the seed, from what it is used for, and from numbers that say
where: of the store, and of the poll, the outage or the day. So none depends on how many others
there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum, auto
from fractions import Fraction
from itertools import accumulate

import polars as pl

# The constants of splitmix64, which wants integers that wrap around, as those of polars do.
_STEP = 0x9E3779B97F4A7C15
_FACTORS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))

_UPPER_HALF = 2**32
_UNIT = 2**24
_LN_2 = 744_261_118  # times 2**30
_LONGEST_MEAN = 2**54  # microseconds; beyond, a product would wrap around


class Use(IntEnum):
    """What a random number is used for. The order is part of what a seed means."""

    ID = auto()
    ID_END = auto()
    ZONE = auto()
    HOURS = auto()
    ALWAYS_OPEN = auto()
    SPECIAL_DAY = auto()
    SPECIAL_HOURS = auto()
    MAINTENANCE = auto()
    MAINTENANCE_START = auto()
    MAINTENANCE_LENGTH = auto()
    DOWN_AT_FIRST = auto()
    UP_LENGTH = auto()
    DOWN_LENGTH = auto()
    POLL = auto()
    LOST = auto()
    LOST_WHILE_DOWN = auto()


Where = tuple[pl.Series, ...]
"""The numbers that say for what, as columns of UInt64; a row is one random number."""


def first_numbers(count: int) -> pl.Series:
    """Return the numbers from 0 on."""
    return pl.int_range(count, dtype=pl.UInt64, eager=True)


def random_bits(seed: int, use: Use, where: Where) -> pl.Series:
    """Return 64 random bits for each row, as UInt64."""
    state = pl.Series([seed], dtype=pl.UInt64)
    for number in (pl.Series([use], dtype=pl.UInt64), *where):
        state = _mixed(state + (number + 1) * _STEP)
    return state


def _mixed(bits: pl.Series) -> pl.Series:
    for shift, factor in _FACTORS:
        bits = (bits ^ (bits // 2**shift)) * factor
    return bits ^ (bits // 2**31)


def happens(seed: int, use: Use, where: Where, share: Fraction) -> pl.Series:
    """Return true in a share of the rows."""
    if not share:
        return pl.repeat(value=False, n=len(where[0]), eager=True)
    return random_bits(seed, use, where) // _UPPER_HALF < int(share * _UPPER_HALF)


def chosen(seed: int, use: Use, where: Where, weights: Sequence[Fraction]) -> pl.Series:
    """Return indices of the weights, each as often as it weighs."""
    *sums, total = accumulate(weights)
    limits = pl.Series([int(each * _UPPER_HALF / total) for each in sums], dtype=pl.UInt64)
    return limits.search_sorted(random_bits(seed, use, where) // _UPPER_HALF, side="right")


def exponential(
    seed: int, use: Use, where: Where, mean: Fraction, *, longest: int = 2**62
) -> pl.Series:
    """Return exponentially distributed lengths of this mean, in whole microseconds (Int64).

    They are ``-ln(u)`` times the mean, for random fractions `u`, with 24 binary places. A length is
    at least a microsecond, at most the `longest`; a mean above 570 years counts as these.
    """
    nats = _minus_log2(random_bits(seed, use, where)) * _LN_2 // 2**30
    whole = min(int(mean), _LONGEST_MEAN)
    lengths = nats * (whole // _UNIT) + nats * (whole % _UNIT) // _UNIT
    return lengths.clip(1, longest).cast(pl.Int64)


def _minus_log2(bits: pl.Series) -> pl.Series:
    """Return ``-log2`` of random fractions, in units of ``2**-24``.

    The zeros with which the upper 33 bits begin say how often 1 was halved. The lower 31 bits are
    the places of a number from 1 to 2, of whose logarithm each squaring gives a bit.
    """
    zeros = (bits // 2**31).bitwise_leading_zeros().cast(pl.UInt64) - 31
    number, log = 2**31 + bits % 2**31, 0 * bits
    for _ in range(24):
        number = number * number // 2**31
        bit = number // 2**32
        number = number // (bit + 1)
        log = 2 * log + bit
    return (zeros + 1) * _UNIT - log
