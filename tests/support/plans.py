"""Which plans polars carries out: what they read, and what they skip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
import pytest


@contextmanager
def seen_plans() -> Iterator[list[str]]:
    """Give a list that gets the optimized plan of all that is collected inside."""
    plans: list[str] = []
    collect, collect_all = pl.LazyFrame.collect, pl.collect_all

    def one(frame: pl.LazyFrame, **how: Any) -> Any:
        flags = how.get("optimizations", pl.QueryOptFlags())
        plans.append(frame.explain(optimizations=flags))
        return collect(frame, **how)

    def many(frames: Sequence[pl.LazyFrame], **how: Any) -> Any:
        flags = how.get("optimizations", pl.QueryOptFlags())
        plans.append(pl.explain_all(frames, optimizations=flags))
        return collect_all(frames, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pl.LazyFrame, "collect", one)
        patch.setattr(pl, "collect_all", many)
        yield plans


def scans(plans: Sequence[str], of: str = "Parquet") -> int:
    """Return how many times the plans scan a file, but to count its rows."""
    return sum(plan.count(f"{of} SCAN") for plan in plans if "PROJECT 0/" not in plan)


def reading_statuses(plans: Sequence[str]) -> list[str]:
    """Return the plans that scan a file for three or more columns."""
    return [plan for plan in plans if "SCAN" in plan and "PROJECT 3/" in plan]
