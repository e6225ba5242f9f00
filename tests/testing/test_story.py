"""Polls and weekly hours written as short texts, and the sentences of texts that say nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import (
    InvalidHoursError,
    InvalidStatusError,
    PolicyError,
    StoreUptimeError,
    UnknownTimeZoneError,
    Window,
    compute_report,
)
from store_uptime.testing import polls, weekly
from support.strategies import ANCHORS, examples
from support.wall_clock import DAY, HOUR, MINUTE, at, instant, offset, wall_clock


def told(frame: pl.DataFrame) -> list[tuple[Any, str, str]]:
    """Return polls as id, instant in UTC and status."""
    instants = pl.col("timestamp_utc").dt.to_string("%a %F %T%.f")
    return frame.with_columns(instants).rows()


# --- polls ---------------------------------------------------------------------------------------


def test_a_store_a_line_and_a_day_holds_until_the_next() -> None:
    # 2024-05-13 is a Monday.
    frame = polls("""
        7  Mon 10:14 up, 11:15 down, tuesday 9:00 UP

        8  2023-12-25 00:00:30.5 down  # a date may stand for the day
        # 9 Mon 10:00 up
        7  Sun 24:00 up
    """)
    assert told(frame) == [
        (7, "Mon 2024-05-13 10:14:00", "active"),
        (7, "Mon 2024-05-13 11:15:00", "inactive"),
        (7, "Tue 2024-05-14 09:00:00", "active"),
        (8, "Mon 2023-12-25 00:00:30.500", "inactive"),
        (7, "Mon 2024-05-20 00:00:00", "active"),
    ]


def test_the_types_are_those_of_the_table() -> None:
    expected = {
        "store_id": pl.Int64,
        "timestamp_utc": pl.Datetime("us", "UTC"),
        "status": pl.String,
    }
    assert polls("7 Mon 10:14 up").schema == expected
    assert polls("# nothing yet").schema == expected
    assert polls("").is_empty()


def test_a_microsecond_is_kept() -> None:
    assert told(polls("7 Mon 23:59:59.999999 up")) == [
        (7, "Mon 2024-05-13 23:59:59.999999", "active")
    ]


@pytest.mark.parametrize("week", ["2024-01-01", "2024-01-03", "2024-01-07", dt.date(2024, 1, 7)])
def test_any_date_of_the_week_names_it(week: dt.date | str) -> None:
    frame = polls("7 Mon 10:00 up, Sun 10:00 up", week=week)
    assert [row[1] for row in told(frame)] == ["Mon 2024-01-01 10:00:00", "Sun 2024-01-07 10:00:00"]


def test_the_clock_of_a_zone_shows_the_times() -> None:
    """In Kathmandu, 5:45 ahead, Monday 02:00 is Sunday 20:15 UTC."""
    frame = polls("7 Mon 02:00 up", zone="Asia/Kathmandu")
    assert told(frame) == [(7, "Sun 2024-05-12 20:15:00", "active")]


@examples(100)
@given(st.sampled_from(ANCHORS), st.integers(-3 * HOUR, 3 * HOUR), st.sampled_from((1, MINUTE)))
def test_a_poll_is_at_the_one_instant_that_its_time_names(
    anchor: tuple[str, int], shift: int, step: int
) -> None:
    zone, near = anchor
    us = (near + shift) // step * step
    date, clock = wall_clock(zone, us)
    text = f"7 {dt.date.fromordinal(date)} {dt.timedelta(microseconds=clock)} up"
    # All instants with this reading differ from it by an offset that the zone has nearby.
    wall = us + offset(zone, us)
    offsets = {offset(zone, wall + part * HOUR) for part in range(-26, 27)}
    readings = {wall - each for each in offsets if offset(zone, wall - each) == each}
    if readings == {us}:
        assert polls(text, zone=zone)["timestamp_utc"].item() == instant(us)
    else:
        with pytest.raises(InvalidStatusError, match="reads more than once") as caught:
            polls(text, zone=zone)
        assert caught.value.code == "not_one_instant"


@pytest.mark.parametrize(
    ("zone", "time"),
    [
        ("America/New_York", "2024-03-10 02:00"),
        ("America/New_York", "2024-03-10 02:59:59.999999"),
        ("Australia/Lord_Howe", "2026-10-04 02:15"),  # half an hour
        ("Pacific/Apia", "2011-12-30 12:00"),  # the Friday that was not
    ],
)
def test_a_time_that_the_clock_skips_is_refused(zone: str, time: str) -> None:
    with pytest.raises(InvalidStatusError, match=f"which the clock of {zone} skips") as caught:
        polls(f"7 {time} up", zone=zone)
    assert caught.value.code == "not_one_instant"


def test_the_edges_of_skipped_and_repeated_hours_are_instants() -> None:
    """In New York, 02:00 to 03:00 is skipped in March, 01:00 to 02:00 repeated in November."""
    text = """
        7 2024-03-10 01:59:59.999999 up, 03:00 up
        7 2024-11-03 00:59:59.999999 up, 02:00 up
    """
    found = polls(text, zone="America/New_York")["timestamp_utc"].to_list()
    spring, autumn = instant(at("2024-03-10T07:00")), instant(at("2024-11-03T05:00"))
    least = dt.timedelta(microseconds=1)
    assert found == [spring - least, spring, autumn - least, autumn + dt.timedelta(hours=2)]


def test_the_calendar_ends_with_its_years() -> None:
    found = polls("7 0001-01-01 00:00 up, 9999-12-31 23:59:59.999999 up")["timestamp_utc"]
    assert found.to_physical().to_list() == [at("0001-01-01"), at("9999-12-31") + DAY - 1]
    for text, zone in (
        ("9999-12-31 24:00", "UTC"),
        ("9999-12-31 23:00", "America/New_York"),
        ("0001-01-01 01:00", "Asia/Tokyo"),
    ):
        with pytest.raises(InvalidStatusError, match="line 1 is outside the years") as caught:
            polls(f"7 {text} up", zone=zone)
        assert caught.value.code == "timestamp_outside_years"


# --- ids -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["7", "-3", "0"], [7, -3, 0]),
        (["9223372036854775807", "-9223372036854775808"], [2**63 - 1, -(2**63)]),
        (["7", "9223372036854775808"], ["7", "9223372036854775808"]),
        (["7", "9" * 5000], ["7", "9" * 5000]),
        (["7", "007"], ["7", "007"]),
        (["7", "-0"], ["7", "-0"]),
        (["7", "shop:8"], ["7", "shop:8"]),
        (["2f8c1e5a-0b6f-4c57-9a43-1f0f5a6f5c11", "a#1"],) * 2,
    ],
)
def test_ids_are_integers_if_all_are_written_so(ids: list[str], expected: list[Any]) -> None:
    assert (
        polls("\n".join(f"{each} Mon 10:00 up" for each in ids))["store_id"].to_list() == expected
    )
    assert (
        weekly("\n".join(f"{each} Mon 9:00-10:00" for each in ids))["store_id"].to_list()
        == expected
    )


# --- weekly hours --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon 09:00-17:00", [(0, "09:00", "17:00")]),
        ("Fri-Sat 22:00-02:00", [(4, "22:00", "02:00"), (5, "22:00", "02:00")]),
        ("Sat-Mon 0:00-24:00", [(5, "0:00", "24:00"), (6, "0:00", "24:00"), (0, "0:00", "24:00")]),
        ("sunday,Wed-thu 9:00-17:30:15.5", [(day, "9:00", "17:30:15.5") for day in (6, 2, 3)]),
        ("Tue 09:00-12:00, 13:00-17:00", [(1, "09:00", "12:00"), (1, "13:00", "17:00")]),
        ("Tue - Tue , Sun 09:00 - 12:00;Wed 8:00-9:00", [(1, "09:00", "12:00"), (6, "09:00", "12:00"), (2, "8:00", "9:00")]),
    ],
)  # fmt: skip
def test_weekdays_and_times(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert weekly(f"7 {text}").rows() == [(7, *row) for row in expected]


def test_hours_have_a_store_a_line() -> None:
    hours = weekly("""
        7 Mon 09:00-17:00
        # closed on other days
        x Tue 09:00-17:00
    """)
    assert hours.rows() == [("7", 0, "09:00", "17:00"), ("x", 1, "09:00", "17:00")]
    types = [pl.Int64, pl.Int64, pl.String, pl.String]
    names = ["store_id", "day_of_week", "start_time_local", "end_time_local"]
    assert weekly("").schema == dict(zip(names, types, strict=True))


def test_a_report_is_made_of_both() -> None:
    """Open 09:00-12:00; polled at 10:14 and 11:15, so up until 10:44:30: 104.5 minutes of 180."""
    status, hours = polls("7 Mon 10:14 up, 11:15 down"), weekly("7 Mon 09:00-12:00")
    zones = pl.DataFrame({"store_id": [7], "timezone_str": ["Etc/UTC"]})
    day = {"day": Window("1d", "minutes")}
    report = compute_report(status, hours, zones, "2024-05-13T12:00Z", windows=day)
    assert report.row(0) == (7, 104.5, 75.5)


# --- what says nothing ---------------------------------------------------------------------------

GOOD_POLL = "7 Mon 10:14 up, 11:15 down, Tue 09:00 up"
GOOD_HOURS = "7 Mon-Fri 09:00-12:00, 13:00-17:00; Sat 22:00-02:00"


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("7", None),
        ("7 Mon 10:14 up,", None),
        ("7 10:14 up", "10:14 up"),
        ("7, Mon 10:14 up", "7,"),
        ("7: Mon 10:14 up", "7:"),
        ("7 Mon 10:14", "Mon 10:14"),
        ("7 Mon 10:14 closed", "Mon 10:14 closed"),
        ("7 Mon 10:14 up 11:15 down", "Mon 10:14 up 11:15 down"),
        ("7 Mon 10:14 up, Tues 10:14 up", "Tues 10:14 up"),
        ("7 Mon 10:14 up, 2024-02-30 10:14 up", "2024-02-30 10:14 up"),
        ("7 Mon 24:01 up", "Mon 24:01 up"),
        ("7 Mon 10:60 up", "Mon 10:60 up"),
        ("7 Mon 10:14:00.1234567 up", "Mon 10:14:00.1234567 up"),
        ("7 Mon 10 up", "Mon 10 up"),
        ("7 8 Mon 10:14 up", "8 Mon 10:14 up"),
    ],
)
def test_a_line_of_polls_that_cannot_be_read(line: str, entry: str | None) -> None:
    with pytest.raises(InvalidStatusError) as caught:
        polls(f"{GOOD_POLL}\n\n  {line}  # why\n{GOOD_POLL}")
    assert caught.value.code == "unreadable_line"
    at = f" at {entry!r}" if entry else ""
    assert f"polls: line 3 cannot be read{at} (first: '{line}  # why'). " in str(caught.value)
    assert str(caught.value).endswith(f"like: {GOOD_POLL}")
    polls(GOOD_POLL)


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("7", None),
        ("7 Mon 09:00-17:00;", None),
        ("7 closed", "closed"),
        ("7; Mon 09:00-17:00", "7;"),
        ("7 09:00-17:00", "09:00-17:00"),
        ("7 Mon-Fry 09:00-17:00", "Mon-Fry 09:00-17:00"),
        ("7 Mon- 09:00-17:00", "Mon- 09:00-17:00"),
        ("7 Mon,, Tue 09:00-17:00", "Mon,, Tue 09:00-17:00"),
        ("7 Mon 09:00", "Mon 09:00"),
        ("7 Mon 09:00-24:30", "Mon 09:00-24:30"),
        ("7 Mon 09:00-12:00 13:00-17:00", "Mon 09:00-12:00 13:00-17:00"),
        ("7 Mon 09:00-12:00, Tue 13:00-17:00", "Mon 09:00-12:00, Tue 13:00-17:00"),
    ],
)
def test_a_line_of_hours_that_cannot_be_read(line: str, entry: str | None) -> None:
    with pytest.raises(InvalidHoursError) as caught:
        weekly(f"{GOOD_HOURS}\n{line}")
    assert caught.value.code == "unreadable_line"
    at = f" at {entry!r}" if entry else ""
    assert f"weekly: line 2 cannot be read{at} (first: '{line}'). " in str(caught.value)
    assert str(caught.value).endswith(f"like: {GOOD_HOURS}")
    weekly(GOOD_HOURS)


@pytest.mark.parametrize("builder", [polls, weekly])
def test_what_is_no_text_is_refused(builder: Any) -> None:
    with pytest.raises(StoreUptimeError, match="a list is no text") as caught:
        builder(["7 Mon 10:14 up"])
    assert caught.value.code == "unreadable_line"


def test_a_long_line_is_cut_in_the_message() -> None:
    with pytest.raises(InvalidStatusError) as caught:
        polls("7 " + "x" * 5000)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("week", ["soon", "2024-13-01", 20240513, None, dt.datetime(2024, 5, 13)])  # noqa: DTZ001  # naive on purpose
def test_a_week_that_is_no_date_is_refused(week: Any) -> None:
    with pytest.raises(PolicyError, match="week: is no date") as caught:
        polls("7 Mon 10:14 up", week=week)
    assert caught.value.code == "unreadable_date"


@pytest.mark.parametrize("zone", ["America/New York", "", None])
def test_a_zone_that_tzdata_does_not_know_is_refused(zone: Any) -> None:
    with pytest.raises(UnknownTimeZoneError, match="zone: zone unknown"):
        polls("7 Mon 10:14 up", zone=zone)
