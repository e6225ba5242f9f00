"""Names of zones: which are links of one zone, and which are near a name that nobody knows."""

from __future__ import annotations

import importlib.resources
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from store_uptime import Policy, PolicyError, UnknownTimeZoneError, compute_report
from store_uptime._time.zone_names import zone_links, zone_names
from support.bad_tables import report

ZONEINFO = importlib.resources.files("tzdata") / "zoneinfo"


def test_a_link_has_the_rules_of_its_zone_and_both_are_known() -> None:
    links = zone_links()
    assert links["Asia/Calcutta"] == "Asia/Kolkata"
    for name, zone in links.items():
        assert {name, zone} <= zone_names()
        assert zone not in links
        assert (ZONEINFO / name).read_bytes() == (ZONEINFO / zone).read_bytes()


LINKED = [
    ("Asia/Calcutta", "Asia/Kolkata"),
    ("US/Eastern", "America/New_York"),
    ("Europe/Kiev", "Europe/Kyiv"),
    ("UTC", "Etc/UTC"),
    ("Zulu", "Universal"),  # both are links to Etc/UTC
]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("names", LINKED)
def test_two_names_of_one_zone_are_one_zone(names: tuple[str, str], *, turned: bool) -> None:
    zones = [*reversed(names)] if turned else [*names]
    two = {"store_id": [1, 1, 2], "timezone_str": [*zones, "UTC"]}
    one = {"store_id": [1, 2], "timezone_str": [names[0], "UTC"]}
    assert report(timezones=two).equals(report(timezones=one))


@pytest.mark.parametrize(
    "zones",
    [("Asia/Calcutta", "Asia/Tokyo"), ("America/Chicago", "America/New_York"), ("Africa/Abidjan", "Etc/UTC")],
)  # fmt: skip
def test_zones_that_are_no_links_differ_even_where_their_clocks_agree(
    zones: tuple[str, str],
) -> None:
    two = {"store_id": [1, 1, 2, 2], "timezone_str": [*zones, "Asia/Calcutta", "Asia/Kolkata"]}
    with pytest.raises(UnknownTimeZoneError) as caught:
        report(timezones=two)
    assert caught.value.values == ((1, sorted(zones)),)
    assert caught.value.count == 2


NEAR = [
    ("new york", "America/New_York"),
    ("New York City", "America/New_York"),
    ("America/New York", "America/New_York"),
    ("America/NewYork", "America/New_York"),
    ("US/Estern", "US/Eastern"),
    ("Eastern Standard Time", "America/New_York"),
    ("eastern daylight time", "America/New_York"),
    ("W. Europe Standard Time", "Europe/Berlin"),
    ("Tokyo Standard Time", "Asia/Tokyo"),
    ("Pacific Time", "America/Los_Angeles"),
    ("est5edt", "EST5EDT"),
    ("PST", "PST8PDT"),
    ("utc", "UTC"),
    ("america/chicago", "America/Chicago"),
    (" America/Chicago\n", "America/Chicago"),
    ("USA/Chicago", "America/Chicago"),
    ("America\\Chicago", "America/Chicago"),
    ("Kiev", "Europe/Kiev"),
    # In tzdata's names the sign is turned round.
    ("UTC+3", "Etc/GMT-3"),
    ("GMT-05:00", "Etc/GMT+5"),
    ("+0300", "Etc/GMT-3"),
]


@pytest.mark.parametrize(("name", "near"), NEAR)
def test_an_unknown_name_tells_the_nearest_known_one_first(name: str, near: str) -> None:
    told = f"Known names near {name!r}: {near}"
    with pytest.raises(UnknownTimeZoneError) as caught:
        report(timezones={"timezone_str": [name, "UTC"]})
    assert told in str(caught.value)
    tables = pl.DataFrame(
        {"store_id": [1], "timestamp_utc": ["2023-01-25 12:00:00"], "status": [1]}
    )
    with pytest.raises(UnknownTimeZoneError) as caught:
        compute_report(tables, None, None, policy=Policy(default_timezone=name))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "UTC+5:30", "GMT+99", "", "x", "/", "A" * 100_000]
)
def test_a_name_that_is_near_none_tells_none(name: str) -> None:
    with pytest.raises(UnknownTimeZoneError) as caught:
        report(timezones={"timezone_str": [name, "UTC"]})
    assert "near" not in str(caught.value)
    assert len(str(caught.value)) < 2_000


def test_of_many_unknown_names_the_first_ones_are_told() -> None:
    names = [f"US/Estern{k}" for k in range(50)]
    with pytest.raises(UnknownTimeZoneError, match="in 50 rows") as caught:
        report(timezones={"store_id": list(range(50)), "timezone_str": names})
    assert len(caught.value.values) == 5
    assert len(str(caught.value)) < 2_000


@pytest.mark.parametrize(
    "zone", [["UTC"], {}, b"UTC", None, 5, float("nan"), Path("UTC"), "\udc80", ("UTC",)], ids=repr
)
def test_a_default_zone_that_is_no_name_is_our_error(zone: Any) -> None:
    status = pl.DataFrame(
        {"store_id": [1], "timestamp_utc": ["2023-01-25 12:00:00"], "status": [1]}
    )
    with pytest.raises((UnknownTimeZoneError, PolicyError), match="default_timezone") as caught:
        compute_report(status, None, None, policy=Policy(default_timezone=zone))
    assert str(caught.value).encode("utf-8", "backslashreplace")
