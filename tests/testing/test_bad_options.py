"""What makes no sense of a data set is refused by name, with what would."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pytest

from store_uptime import NaiveDatetimeError, PolicyError, UnknownTimeZoneError
from store_uptime.testing import make_dataset

SHARES = ("jitter", "missing", "missing_while_down", "without_hours", "special_days", "maintenance")


def refused(error: type[Exception], match: str, **options: Any) -> None:
    with pytest.raises(error, match=match):
        make_dataset(**{"stores": 2, "days": 2, **options})


@pytest.mark.parametrize("wrong", [0, -1, True, 1.0, "1", None, 2**70])
@pytest.mark.parametrize("option", ["stores", "days"])
def test_counts_are_whole_numbers_from_one_on(option: str, wrong: Any) -> None:
    refused(PolicyError, f"{option}: must be a whole number from 1 to", **{option: wrong})


@pytest.mark.parametrize("wrong", [-1, True, 0.5, 2**64, None])
def test_seeds_are_whole_numbers_of_64_bits(wrong: Any) -> None:
    refused(PolicyError, "seed: must be a whole number from 0 to 18446744073709551615", seed=wrong)


@pytest.mark.parametrize(
    "wrong", [-0.1, 1.1, True, False, math.nan, math.inf, "0.5", None, Decimal("0.5")]
)
@pytest.mark.parametrize("option", SHARES)
def test_shares_are_numbers_from_zero_to_one(option: str, wrong: Any) -> None:
    refused(PolicyError, f"{option}: must be a share, a number from 0 to 1", **{option: wrong})


@pytest.mark.parametrize(
    "wrong", ["", "soon", "0s", "1mo", 60, None, dt.timedelta(0), dt.timedelta(-1)]
)
@pytest.mark.parametrize("option", ["poll_every", "outage_length"])
def test_lengths_are_positive_and_fixed(option: str, wrong: Any) -> None:
    refused(PolicyError, f"{option}: must be a positive length of time", **{option: wrong})


@pytest.mark.parametrize("wrong", [-1, True, math.inf, "1", None])
def test_outages_are_counted_by_numbers(wrong: Any) -> None:
    refused(PolicyError, "outages_per_day: must be a number of zero or more", outages_per_day=wrong)


def test_outages_must_leave_time_between_them() -> None:
    full_day = {"outages_per_day": 24, "outage_length": "1h"}
    refused(
        PolicyError, "outages_per_day: so many outages of '1h' do not fit into a day", **full_day
    )
    assert make_dataset(1, days=1, outages_per_day=23.999).outages.height > 1


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        {},
        7,
        {"Asia/Tokyo": -1},
        {"Asia/Tokyo": 0},
        {"Asia/Tokyo": True},
        {"Asia/Tokyo", "Etc/UTC"},
    ],
)
def test_zones_are_names_or_weigh_something(wrong: Any) -> None:
    refused(PolicyError, "zones: must be names of zones, or a mapping", zones=wrong)


@pytest.mark.parametrize(
    "wrong",
    ["Mars/Olympus", ["Asia/Tokyo", "Mars/Olympus"], {"Mars/Olympus": 1}, [7], [["Asia/Tokyo"]]],
)
def test_zones_are_those_of_tzdata(wrong: Any) -> None:
    refused(UnknownTimeZoneError, "zones.name: zone unknown to the tzdata package", zones=wrong)


def test_now_is_an_instant() -> None:
    refused(NaiveDatetimeError, "now: has no time zone", now="2024-11-06T00:00")
    refused(PolicyError, "now: is not an instant", now="today")
    refused(PolicyError, "now: is not an instant", now=None)
    refused(PolicyError, "days: reach back too far", now="0001-01-02T00:00Z", days=3)


def test_words_and_flags() -> None:
    refused(PolicyError, "edition: unknown word .*'integer', 'uuid'", edition="int")
    refused(PolicyError, "off_when_closed: must be True or False", off_when_closed=0)
