"""How much the tests try: all of it in a full run, a share of what repeats a rule in a quick one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from typing import Any, TypeVar

from hypothesis import settings

T = TypeVar("T")
FULL_RUN = 100  # the number of examples that Hypothesis tries unless told otherwise


def asked() -> int:
    """Return how many of a hundred examples the profile of this run asks for."""
    return min(settings().max_examples, FULL_RUN)


def thinned(cases: Sequence[T], step: int) -> Sequence[T]:
    """Return all cases, or each ``step``-th of them in a quick run."""
    return cases if asked() == FULL_RUN else cases[::step]


def combined(*choices: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return every combination of choices; in a quick run a few that hold every pair of choices."""
    every = list(product(*choices))
    return every if asked() == FULL_RUN else _all_pairs(every)


def _all_pairs(every: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    pairs = {combination: set(combinations(enumerate(combination), 2)) for combination in every}
    missing = set().union(*pairs.values())
    found = []
    while missing:
        best = max(every, key=lambda combination: len(missing & pairs[combination]))
        missing -= pairs[best]
        found.append(best)
    return found
