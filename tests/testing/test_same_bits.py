"""The same arguments make the same data on every platform and Python: integers are written down."""

from __future__ import annotations

from typing import Any

import pytest

from store_uptime.testing import Dataset, make_dataset
from store_uptime.testing.random_bits import Use
from support.splitmix import nth
from support.wall_clock import HOUR, micros

PRIME = 10**9 + 7
SPECIAL: dict[str, Any] = {
    "seed": 2**64 - 1,
    "now": "2024-03-31T12:00:00.000001Z",
    "poll_every": "37m",
    "jitter": 0.3,
    "missing": 0.1,
    "missing_while_down": 0.5,
    "outages_per_day": 3.7,
    "outage_length": "23m",
    "zones": {"Europe/Berlin": 2.5, "Africa/Cairo": 1, None: 0.1},
    "special_days": 0.3,
    "maintenance": 0.3,
}


def weighed(numbers: list[int]) -> int:
    """Return a sum that the order changes, too."""
    return sum(number * (place % 997 + 1) for place, number in enumerate(numbers))


def numbers_of(dataset: Dataset) -> dict[str, int]:
    """Return for each table a number that a change of any of its values changes."""
    tables = {
        "status": dataset.status,
        "hours": dataset.hours,
        "timezones": dataset.timezones,
        "outages": dataset.outages,
        **dataset.inputs.extra,
    }
    return {
        name: weighed([_number(value) for row in rows.rows() for value in row])
        for name, rows in tables.items()
    }


def _number(value: Any) -> int:
    if isinstance(value, int):
        return value % PRIME
    if hasattr(value, "tzinfo"):
        return micros(value)
    return int.from_bytes(str(value).encode()) % PRIME


def test_the_first_store_by_hand() -> None:
    dataset = make_dataset(2, days=1)
    key = nth(0, Use.ID)
    # The upper 31 bits, and behind them the number of the store in 32 bits.
    assert dataset.changes.status["store_id"].unique().sort().to_list() == sorted(
        (nth(key, number) >> 33) * 2**32 + number for number in (0, 1)
    )
    first, key = micros(dataset.start), nth(nth(0, Use.POLL), 0)
    assert dataset.status["timestamp_utc"].head(24).to_physical().to_list() == [
        first + hour * HOUR + nth(key, hour) % HOUR for hour in range(24)
    ]


def test_a_seed_means_what_it_meant() -> None:
    assert numbers_of(make_dataset(40, days=8)) == {
        "status": 6_603_934_589_387_523_339_047,
        "hours": 170_066_978_510_395,
        "timezones": 1_634_704_202_314,
        "outages": 503_200_669_648_278_398_453,
    }
    assert numbers_of(make_dataset(40, days=3, **SPECIAL)) == {
        "status": 3_425_041_744_434_863_893_906,
        "hours": 215_224_138_483_511,
        "timezones": 1_977_048_174_952,
        "outages": 647_404_771_345_376_000_712,
        "special_hours": 9_177_193_695_884,
        "maintenance": 6_410_499_732_675_585_578,
    }
    assert numbers_of(make_dataset(9, days=3, edition="uuid", off_when_closed=True)) == {
        "status": 545_399_776_004_526_534_031,
        "hours": 9_591_775_708_912,
        "timezones": 69_340_086_242,
        "outages": 3_331_639_909_973_206_080,
    }


def test_the_same_arguments_make_the_same_rows_and_another_seed_others() -> None:
    first, again, other = (make_dataset(5, days=2, seed=seed) for seed in (3, 3, 4))
    assert first.status.equals(again.status)
    assert first.outages.equals(again.outages)
    assert not set(first.status["store_id"]) & set(other.status["store_id"])
    assert not set(first.status["timestamp_utc"]) & set(other.status["timestamp_utc"])
    assert not set(first.outages["start"]) & set(other.outages["start"])


@pytest.mark.parametrize(
    "option",
    [{"outages_per_day": 5}, {"missing": 0.5}, {"zones": "Asia/Tokyo"}, {"without_hours": 1}],
)
def test_what_is_asked_of_one_thing_leaves_the_instants_of_the_others(option: Any) -> None:
    plain, other = make_dataset(5, days=2), make_dataset(5, days=2, **option)
    key = ["store_id", "timestamp_utc"]
    assert other.status.select(key).join(plain.status.select(key), on=key, how="anti").is_empty()
