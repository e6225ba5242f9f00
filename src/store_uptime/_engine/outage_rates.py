"""The rates of outages, learnt from the evidence of all stores together."""

from __future__ import annotations

import polars as pl

from store_uptime._engine.coverage import Coverage
from store_uptime._engine.reports import Progress
from store_uptime._tables.read import Tables
from store_uptime.policy import Policy


def fit_rates(
    tables: Tables,
    first: int,
    until: int,
    policy: Policy,
    coverage: Coverage,
    *,
    batch_stores: int | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Return the rates (`rate`, `share_down`, `weight`) by the evidence from `first` to `until`."""
    # Holds the place of the engine's own module, which replaces this file.
    del tables, first, until, policy, coverage, batch_stores, progress
    raise NotImplementedError
