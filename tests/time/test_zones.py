"""Zone rules come from the installed tzdata package, and from nowhere else."""

from __future__ import annotations

import importlib.resources
import os
import shutil
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from store_uptime import Policy, UnknownTimeZoneError, compute_report
from support.frames import Lengths, frames, report_of
from support.oracle import Rules, Store
from support.wall_clock import HOUR, at, instant, tod, wall_clock

if TYPE_CHECKING:
    from pathlib import Path

# --- a change of the law that tzdata knows -------------------------------------------------------
#
# British Columbia and Manitoba stay on summer time from 2026 on, and Morocco keeps UTC the whole
# year: on 2026-11-02 the clocks of Vancouver stand at UTC-7, of Winnipeg at UTC-5, of Casablanca at
# UTC+0 (tzdata 2026f).  By the rules of 2025 they would stand at UTC-8, UTC-6 and UTC+1.

NEW_RULES = [
    ("America/Vancouver", -7, -8),
    ("America/Winnipeg", -5, -6),
    ("Africa/Casablanca", 0, 1),
]
NINE_TO_TEN = tuple((day, tod("09:00"), tod("10:00")) for day in range(7))
LAST_HOUR: Lengths = {"w": (timedelta(hours=1), "minutes")}


def scheduled_at(zone: str, hour: int) -> float:
    """Return the scheduled minutes of the hour that begins at ``hour`` UTC on 2026-11-02."""
    now = at("2026-11-02T00:00") + (hour + 1) * HOUR
    report = report_of(frames([Store(1, zone, NINE_TO_TEN)]), now, LAST_HOUR)
    return float(report["scheduled_w"].item())


@pytest.mark.parametrize(("zone", "new", "old"), NEW_RULES)
def test_the_report_follows_tzdata_where_the_law_has_changed(zone: str, new: int, old: int) -> None:
    """09:00 local is 09:00 less the offset in UTC: at UTC-7 the hours are 16:00-17:00 UTC.

    An hour off, at the offset that no longer holds, the store is closed.
    """
    assert scheduled_at(zone, 9 - new) == 60
    assert scheduled_at(zone, 9 - old) == 0


@pytest.mark.parametrize(("zone", "new", "old"), NEW_RULES)
def test_polars_own_rules_would_give_another_answer(zone: str, new: int, old: int) -> None:
    """Prove that the test above can tell tzdata from the copy compiled into polars.

    Once polars has caught up it no longer can; the made-up law below still does.
    """
    noon = pl.Series([datetime(2026, 11, 2, 12, tzinfo=UTC)])
    polars_offset = noon.dt.convert_time_zone(zone).dt.hour().item() - 12
    _, clock = wall_clock(zone, at("2026-11-02T12:00"))
    assert clock // HOUR - 12 == new
    if polars_offset == new:
        pytest.skip("polars has caught up with the law; the made-up law proves the rule alone")
    assert polars_offset == old


# --- a law made up for the test ------------------------------------------------------------------

PROGRAM = textwrap.dedent(
    """
    from datetime import datetime, timedelta, timezone
    import polars as pl
    from store_uptime import Window, compute_report

    ids = pl.Series([1], dtype=pl.Int64)
    report = compute_report(
        pl.DataFrame(
            schema={
                "store_id": pl.Int64,
                "timestamp_utc": pl.Datetime("us", "UTC"),
                "status": pl.String,
            }
        ),
        pl.DataFrame(
            {
                "store_id": [1] * 7,
                "day_of_week": list(range(7)),
                "start_time_local": ["09:00"] * 7,
                "end_time_local": ["10:00"] * 7,
            }
        ),
        pl.DataFrame({"store_id": [1], "timezone_str": ["America/Chicago"]}),
        datetime(2026, 11, 2, 1, tzinfo=timezone.utc),
        windows={"w": Window(timedelta(hours=1), "minutes")},
        detail=True,
    )
    print(report["scheduled_w"].item())
    """
)
"""Chicago, 09:00-10:00 daily, between 00:00 and 01:00 UTC: closed.  In Tokyo (UTC+9): open."""


def scheduled_in_a_new_process(path: list[Path], **environment: str) -> float:
    """Run the program where ``path`` comes before everything else."""
    search = os.pathsep.join([*map(str, path), *filter(None, sys.path)])
    done = subprocess.run(  # noqa: S603 - the program stands above
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": search, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def chicago_made_tokyo(folder: Path) -> None:
    """Put the clocks of Tokyo into Chicago's file."""
    (folder / "America").mkdir(parents=True, exist_ok=True)
    tokyo = importlib.resources.files("tzdata") / "zoneinfo" / "Asia" / "Tokyo"
    (folder / "America" / "Chicago").write_bytes(tokyo.read_bytes())


def test_another_tzdata_is_another_law(tmp_path: Path) -> None:
    """Upgrading tzdata is all that a user does: with other files, the same call answers otherwise.

    No zone database in the world has Chicago on Tokyo's clock, so only the package found first on
    the path can have said so.
    """
    assert scheduled_in_a_new_process([]) == 0
    with importlib.resources.as_file(importlib.resources.files("tzdata")) as original:
        shutil.copytree(original, tmp_path / "tzdata")
    chicago_made_tokyo(tmp_path / "tzdata" / "zoneinfo")
    assert scheduled_in_a_new_process([tmp_path]) == 60


def test_the_files_of_the_system_are_not_read(tmp_path: Path) -> None:
    """``PYTHONTZPATH`` is where ``ZoneInfo(key)`` would look first."""
    chicago_made_tokyo(tmp_path)
    assert scheduled_in_a_new_process([], PYTHONTZPATH=str(tmp_path)) == 0


def test_every_name_of_tzdata_is_known() -> None:
    """Links, old names and ``Factory`` too: one store for each, at one call."""
    names = (importlib.resources.files("tzdata") / "zones").read_text().split()
    stores = [Store(index, name) for index, name in enumerate(names)]
    report = report_of(frames(stores), at("2026-11-02T00:00"), LAST_HOUR)
    assert report["scheduled_w"].to_list() == [60] * len(names)


# --- names that are none -------------------------------------------------------------------------

HOSTILE = [
    "",
    " ",
    ".",
    "..",
    "/",
    "../../etc/passwd",
    "../zones",
    "/etc/passwd",
    "/usr/share/zoneinfo/UTC",
    "America",
    "America/",
    "America/../UTC",
    "America//Chicago",
    "./UTC",
    "America\\Chicago",
    "__init__.py",
    "America/__init__.py",
    "__pycache__",
    "zones",
    "zone.tab",
    "tzdata.zi",
    "leapseconds",
    "america/chicago",
    "utc",
    "AMERICA/CHICAGO",
    " America/Chicago",
    "America/Chicago ",
    "America/Chicago\n",
    "America/Chicago\x00",
    "UTC\x00/../../etc/passwd",
    "Mars/Olympus_Mons",
    "EST5EDT,M3.2.0,M11.1.0",
    "UTC+3",
    "+03:00",
    "C:\\Windows",
    "file:///etc/passwd",
    "Ame\u0301rica/Chicago",
    "\ud7ff",
    "A" * 100_000,
    "A/" * 2_000,
]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: repr(name[:30]))
def test_a_name_that_tzdata_does_not_know_is_an_error_in_timezones(name: str) -> None:
    """Names come from users: none may become a path, none may pass unnoticed."""
    stores = [Store(1, "UTC", polls=((0, True),)), Store(2, name)]
    with pytest.raises(UnknownTimeZoneError):
        compute_report(*frames(stores), instant(HOUR))


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: repr(name[:30]))
def test_a_name_that_tzdata_does_not_know_is_an_error_in_the_policy(name: str) -> None:
    """It is one whether or not a store is in need of the default."""
    tables = frames([Store(1, "UTC", polls=((0, True),))])
    with pytest.raises(UnknownTimeZoneError):
        compute_report(*tables, instant(HOUR), policy=Policy(default_timezone=name))


def test_an_unknown_zone_is_an_error_even_for_a_store_without_hours_or_polls() -> None:
    with pytest.raises(UnknownTimeZoneError):
        compute_report(*frames([Store(1, "Europe/Atlantis")]), instant(HOUR))


def test_a_null_beside_a_name_is_a_missing_row() -> None:
    """A null says nothing; the row that names a zone stands."""
    status, hours, _ = frames([Store(1, "UTC", NINE_TO_TEN)])
    zones = pl.DataFrame({"store_id": [1, 1], "timezone_str": [None, "Asia/Tokyo"]})
    now = at("2026-11-02T01:00")
    report = report_of((status, hours, zones), now, LAST_HOUR, Rules())
    assert report["scheduled_w"].to_list() == [60]


def test_two_zones_for_one_store_are_an_error() -> None:
    zones = pl.DataFrame({"store_id": [1, 1], "timezone_str": ["UTC", "Asia/Tokyo"]})
    status, hours, _ = frames([Store(1, "UTC", NINE_TO_TEN)])
    with pytest.raises(UnknownTimeZoneError):
        compute_report(status, hours, zones, instant(HOUR))


def test_the_error_is_a_value_error_that_shows_the_name() -> None:
    with pytest.raises(ValueError, match="Europe/Atlantis"):
        compute_report(*frames([Store(1, "Europe/Atlantis")]), instant(HOUR))
