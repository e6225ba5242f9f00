"""The nodes of the rates: what is given, before any poll, and after some; by hand."""

from __future__ import annotations

import polars as pl
import pytest

from store_uptime._engine.uncertainty.rate_nodes import grid_of, nine_nodes


def test_rates_become_changes_in_a_unit_and_none_is_endless() -> None:
    """A unit is 2 ** 32 microseconds, 4,294.967296 seconds: once an hour is 1.193 times in it."""
    rates = pl.DataFrame(
        {
            "rate": [1.0, 1e-300, 1e300],
            "share_down": [0.5, 0.25, 0.125],
            "weight": [0.25, 0.5, 0.25],
        }
    )
    grid = grid_of(rates)
    assert grid.rates == [pytest.approx(4294.967296 / 3600, rel=1e-15), 1e-9, 1e9]
    assert grid.shares == [0.5, 0.25, 0.125]
    assert grid.weights == [0.25, 0.5, 0.25]


def test_however_unlikely_all_polls_are_only_nodes_are_weighed_against_each_other() -> None:
    """The exponential of -5,000 is none; two nodes as likely as they weigh, 1 to 3.

    Their shares are 1/2 and 3/4, whose odds are 1 and 3: the mean of the logs is 3/4 * ln 3, the
    variance 3/16 * ln 3 ** 2. Their rates are the same.
    """
    rates = pl.DataFrame({"rate": [1.0, 1.0], "share_down": [0.5, 0.75], "weight": [1.0, 3.0]})
    chances = pl.DataFrame({"node0": [0.0, -5000.0, 700.0], "node1": [0.0, -5000.0, 700.0]})
    grid = grid_of(rates)
    for row in nine_nodes(chances, grid).iter_rows(named=True):
        for number, step in enumerate((-1, -1, -1, 0, 0, 0, 1, 1, 1)):
            odds = 3 ** (0.75 + step * 3**0.5 * (3 / 16) ** 0.5)
            assert row[f"q_{number}"] == pytest.approx(odds / (1 + odds), rel=1e-12)
            assert row[f"r_{number}"] == pytest.approx(grid.rates[0], rel=1e-7)
