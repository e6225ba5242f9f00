"""Rates learnt from many stores: are they those that the stores have, and always the same bits?"""

from __future__ import annotations

import math
from functools import cache
from random import Random
from typing import Any

import polars as pl
import pytest

from store_uptime import fit_outage_rates
from support.comparing import bits
from support.frames import Frames, frames
from support.oracle import Poll, Store
from support.simulated_truths import NOW
from support.wall_clock import DAY, HOUR, MINUTE, instant

DAYS = 30
START = instant(NOW - DAYS * DAY)


def polled(share_down: float, rate: float, random: Random) -> tuple[Poll, ...]:
    """Return polls every 40 minutes of a store that changes at a rate, in changes an hour."""
    found: list[Poll] = []
    us = NOW - DAYS * DAY
    up = random.random() >= share_down
    change = float(us)
    while us < NOW:
        while change <= us:
            up = not up
            leaving = rate * (share_down if up else 1 - share_down)
            change += HOUR * random.expovariate(leaving)
        found.append((us, up))
        us += 40 * MINUTE
    return tuple(found)


def fleet(count: int, *kinds: tuple[float, float]) -> Frames:
    """Return stores that take turns in having shares of time down and rates."""
    random = Random(5)  # noqa: S311  # a simulation
    stores = [
        Store(number, "UTC", (), polled(*kinds[number % len(kinds)], random))
        for number in range(count)
    ]
    return frames(stores)


@cache
def of_one_kind() -> Frames:
    return fleet(60, (0.05, 0.8))


@cache
def learnt(batch_stores: int | None = None) -> pl.DataFrame:
    return rates_of(of_one_kind(), batch_stores=batch_stores)


def rates_of(tables: Frames, **options: Any) -> pl.DataFrame:
    status, hours, zones = tables
    return fit_outage_rates(status, hours, zones, instant(NOW), start=START, **options)


def test_stores_of_one_kind_are_found_to_be_so() -> None:
    """60 stores that are down 5 % of the time, with 0.8 changes an hour: 0.04 to down, 0.76 back.

    In 43,200 hours there are some 43,200 * 0.05 * 0.76 = 1,640 outages, so that the share is known
    within some 4 % of itself. The nodes next to a rate are a factor of 600^(1/8) = 2.2 apart. One
    store of 61 is as is guessed without any poll.
    """
    status, hours, zones = of_one_kind()
    guess = fit_outage_rates(status.clear(), hours, zones, instant(NOW))
    found = learnt()
    assert found.columns == ["rate", "share_down", "weight"]
    assert found["weight"].sum() == pytest.approx(1, abs=1e-12)
    own = (61 * mean_share(found) - mean_share(guess)) / 60
    assert own == pytest.approx(0.05, rel=0.1)
    near = found.filter(
        pl.col("share_down").is_between(0.02, 0.12), pl.col("rate").is_between(0.3, 2)
    )
    assert near["weight"].sum() > 0.95


def mean_share(rates: pl.DataFrame) -> float:
    rows = rates.select("weight", "share_down").rows()
    return math.fsum(weight * share for weight, share in rows) / math.fsum(w for w, _ in rows)


def test_stores_of_two_kinds_are_told_apart() -> None:
    """Every other store is down 2 % of the time, or 40 %: half of the weight lies above 15 %.

    From a node to the next the odds double nearly, so that 40 % is met within a tenth.
    """
    tables = fleet(40, (0.02, 1.0), (0.4, 0.3))
    found = rates_of(tables)
    often = found.filter(pl.col("share_down") > 0.15)
    assert often["weight"].sum() == pytest.approx(0.5, abs=0.02)
    assert mean_share(often) == pytest.approx(0.4, rel=0.1)


@pytest.mark.parametrize("batch_stores", [23, 59])  # the last batch of one store, too
def test_batches_change_no_bit(batch_stores: int) -> None:
    assert bits(learnt(batch_stores=batch_stores)) == bits(learnt())


def test_neither_order_nor_repeated_polls_change_a_bit() -> None:
    status, hours, zones = of_one_kind()
    shuffled = pl.concat([status, status.head(100)]).sample(fraction=1.0, shuffle=True, seed=4)
    again = rates_of((shuffled, hours, zones.reverse()))
    assert bits(again) == bits(learnt())


def test_progress_is_told_batch_by_batch() -> None:
    told: list[tuple[int, int]] = []
    again = rates_of(
        of_one_kind(), batch_stores=25, progress=lambda done, of: told.append((done, of))
    )
    assert told == [(25, 60), (50, 60), (60, 60)]
    assert bits(again) == bits(learnt())


def test_stores_with_fewer_than_two_polls_count_for_nothing() -> None:
    status, hours, zones = of_one_kind()
    once = status.head(1).with_columns(store_id=pl.lit(99, pl.Int64))
    more = zones.with_columns(store_id=pl.col("store_id") + 100)
    found = rates_of((pl.concat([status, once]), hours, pl.concat([zones, more])))
    assert bits(found) == bits(learnt())
