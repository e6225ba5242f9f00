"""What stands out: stores whose polls stop or are rare, and polls that are lost while down."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from store_uptime import Policy, describe_polls
from store_uptime._calls import polls_on
from store_uptime._engine.poll_worth import GapSums
from store_uptime._tables.gather import gather
from support.frames import frames
from support.simulated_polls import LAST, Fleet
from support.wall_clock import DAY, HOUR, MINUTE, instant

STORES = 400


def sums_of(fleet: Fleet, batch_stores: int | None = None) -> GapSums:
    """Return the gaps of all stores together, as the command line has them."""
    _, sums, _ = polls_on(
        gather(*frames(fleet.stores(STORES, seed=1))),
        instant(LAST),
        start=None,
        policy=Policy(),
        batch_stores=batch_stores,
        progress=None,
    )
    return sums


def ratio_of(fleet: Fleet) -> float:
    ratio = sums_of(fleet).ratio
    assert ratio is not None
    return ratio


# --- the fleet -----------------------------------------------------------------------------------

REGARDLESS = {
    "hourly": Fleet(),
    "half-hourly": Fleet(every=HOUR // 2),
    "long outages": Fleet(down=4 * HOUR),
    "day and night": Fleet(hours=()),
    "a fifth lost": Fleet(every=HOUR // 2, lost=20, lost_while_down=20),
}
LOST = {
    "half lost, outages of 90 minutes": Fleet(lost_while_down=50, down=90 * MINUTE),
    "half lost, outages of two hours": Fleet(lost_while_down=50, down=2 * HOUR),
    "half lost, half-hourly": Fleet(lost_while_down=50, every=HOUR // 2),
    "most lost": Fleet(lost_while_down=80),
    "half lost, day and night": Fleet(lost_while_down=50, down=2 * HOUR, hours=()),
}


@pytest.mark.parametrize("name", REGARDLESS)
def test_the_ratio_is_about_one_where_polls_do_not_care(name: str) -> None:
    assert 0.96 <= ratio_of(REGARDLESS[name]) <= 1.02


@pytest.mark.parametrize("name", LOST)
def test_the_ratio_shows_polls_that_are_lost_while_down(name: str) -> None:
    assert ratio_of(LOST[name]) >= 1.2


def test_half_lost_in_outages_of_an_hour_between_hourly_polls() -> None:
    assert 1.15 <= ratio_of(Fleet(lost_while_down=50)) <= 1.3


def test_outages_far_shorter_than_the_gaps_leave_no_trace() -> None:
    assert 0.85 <= ratio_of(Fleet(lost_while_down=50, down=5 * MINUTE, up=4 * HOUR)) <= 1.1


def test_the_sums_are_of_all_batches() -> None:
    fleet = Fleet(lost_while_down=50)
    assert sums_of(fleet, batch_stores=70) == sums_of(fleet)


@pytest.mark.parametrize(
    ("sums", "ratio"),
    [
        (GapSums(2, 4, 6 * HOUR, 8 * HOUR), 1.5),  # 3 h after inactive polls, 2 h after active ones
        (GapSums(0, 4, 0, 8 * HOUR), None),
        (GapSums(2, 0, 6 * HOUR, 0), None),
        (GapSums(2, 4, 6 * HOUR, 0), None),
        (GapSums(1, 1, 3 * 2**62, 2**63), 1.5),
        (GapSums(), None),
    ],
)
def test_the_ratio_by_hand(sums: GapSums, ratio: float | None) -> None:
    assert sums.ratio == ratio


# --- single stores -------------------------------------------------------------------------------


def test_a_store_whose_polls_stop_is_polled_less_or_goes_silent_stands_out() -> None:
    """Outages of four hours; of the third store no poll comes through while it is down."""
    fleet = Fleet(every=HOUR // 2, down=4 * HOUR)
    stores = fleet.stores(40, seed=1)
    stops, rare, silent = 7, 13, 21
    early = tuple(poll for poll in stores[stops].polls if poll[0] < LAST - 2 * DAY)
    stores[stops] = replace(stores[stops], polls=early)
    stores[rare] = replace(stores[rare], polls=stores[rare].polls[::8])
    stores[silent] = replace(fleet, lost_while_down=90).stores(silent + 1, seed=2)[silent]
    found = describe_polls(*frames(stores), instant(LAST))

    def worst(column: str) -> int:
        store: int = found.sort(column, descending=True, nulls_last=True)["store_id"][0]
        return store

    assert worst("longest_gap") == stops
    assert worst("median_gap") == rare
    assert worst("gap_ratio") == silent
    # Two days of 12 hours each passed without a poll.
    longest = dict(found.select("store_id", "longest_gap").rows())
    assert longest[stops] >= dt.timedelta(hours=24)
    assert found.filter(pl.col("evidence") < 50)["store_id"].to_list() == [rare]
