"""The random numbers of data sets, by plain integers."""

from __future__ import annotations

STEP = 0x9E3779B97F4A7C15


def splitmix64(state: int) -> int:
    """Return what the generator of Steele, Lea and Flood gives first in a state."""
    z = (state + STEP) % 2**64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    return z ^ (z >> 31)


def nth(state: int, number: int) -> int:
    """Return what it gives after so many others."""
    return splitmix64((state + number * STEP) % 2**64)
