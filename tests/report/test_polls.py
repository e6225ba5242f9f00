"""Which polls speak, for how long, and what they prove.

Every expected number was found with pencil and paper, as the comments show.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from store_uptime import compute_report
from support.frames import Lengths, frames, report_of
from support.judges import Judge, minutes, poll, row
from support.oracle import Rules, Store
from support.wall_clock import MINUTE, at, instant

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MON = 0

# --- the example of the specification: Monday 2023-01-23, open 09:00-12:00 UTC -------------------

MORNING = Store(
    1,
    "UTC",
    (row(MON, "09:00", "12:00"),),
    (poll("2023-01-23T10:14", "up"), poll("2023-01-23T11:15", "down")),
)
NOON = "2023-01-23T12:00"


@pytest.mark.parametrize(
    ("interpolation", "backfill", "expected"),
    [
        # The middle of 10:14 and 11:15 is 10:44:30; 09:00 -> 10:44:30 = 104.5; 180 - 104.5 = 75.5.
        ("nearest", True, (104.5, 75.5, 0)),
        # 09:00 -> 11:15 = 135; 11:15 -> 12:00 = 45.
        ("previous", True, (135, 45, 0)),
        # 09:00 -> 10:14 = 74, said by the first poll backwards; 10:14 -> 12:00 = 106.
        ("next", True, (74, 106, 0)),
        # Without backfill the 74 minutes before 10:14 are unknown; 10:14 -> 10:44:30 = 30.5.
        ("nearest", False, (30.5, 75.5, 74)),
        # 10:14 -> 11:15 = 61.
        ("previous", False, (61, 45, 74)),
        ("next", False, (0, 106, 74)),
    ],
)
def test_one_morning_by_every_interpolation(
    judge: Judge, interpolation: str, expected: tuple[float, float, float], *, backfill: bool
) -> None:
    totals = judge(MORNING, NOON, WEEK, interpolation=interpolation, backfill=backfill)
    assert minutes(totals) == expected
    # No two neighbours agree: nothing is proven, neither up nor down.
    assert (totals.uptime_min, totals.uptime_max) == (0, 180 * MINUTE)
    assert totals.polls == 2


@pytest.mark.parametrize(
    ("interpolation", "expected"),
    [
        # 10:14 reaches 09:44 -> 10:44, 11:15 reaches 10:45 -> 11:45.  Up 60, down 60; unknown are
        # 09:00 -> 09:44 = 44, 10:44 -> 10:45 = 1 and 11:45 -> 12:00 = 15.
        ("nearest", (60, 60, 60)),
        # Up 09:44 -> 10:44 = 60, down 11:15 -> 11:45 = 30; unknown 44 + 31 + 15 = 90.
        ("previous", (60, 30, 90)),
        # Up 09:44 -> 10:14 = 30, down 10:45 -> 11:45 = 60; unknown 44 + 31 + 15 = 90.
        ("next", (30, 60, 90)),
    ],
)
def test_max_gap_ends_the_reach_of_a_poll(
    judge: Judge, interpolation: str, expected: tuple[float, float, float]
) -> None:
    gap = timedelta(minutes=30)
    totals = judge(MORNING, NOON, WEEK, interpolation=interpolation, max_gap=gap)
    assert minutes(totals) == expected


def test_max_gap_counts_closed_time_too(judge: Judge) -> None:
    """A poll before lunch is 90 minutes away from a session that opens 90 minutes later.

    Open 09:00-10:00 and 11:00-12:00, up at 09:30: with an hour's reach it speaks for 09:00-10:00
    and, across the closed hour, would end at 10:30: all of the second session is unknown.
    """
    rows = (row(MON, "09:00", "10:00"), row(MON, "11:00", "12:00"))
    store = Store(1, "UTC", rows, (poll("2023-01-23T09:30", "up"),))
    assert minutes(judge(store, NOON, WEEK, max_gap=HOUR)) == (60, 0, 60)
    # With 100 minutes it reaches to 11:10.
    assert minutes(judge(store, NOON, WEEK, max_gap=timedelta(minutes=100))) == (70, 0, 50)


def test_a_window_begins_inside_a_session(judge: Judge) -> None:
    """11:00 -> 12:00 lies after the middle at 10:44:30; one poll (11:15) is in the window.

    The evidence reaches a day further back, so the poll at 10:14 still speaks.
    """
    totals = judge(MORNING, NOON, HOUR)
    assert minutes(totals) == (0, 60, 0)
    assert totals.polls == 1


def test_the_default_columns_and_units() -> None:
    """Last hour in minutes, last day and week in hours: 104.5 minutes up, 75.5 down."""
    report = compute_report(*frames([MORNING]), instant(at(NOON)))
    assert report.schema == pl.Schema(
        {
            "store_id": pl.Int64,
            "uptime_last_hour": pl.Float64,
            "downtime_last_hour": pl.Float64,
            "uptime_last_day": pl.Float64,
            "downtime_last_day": pl.Float64,
            "uptime_last_week": pl.Float64,
            "downtime_last_week": pl.Float64,
        }
    )
    assert report.rows() == [(1, 0.0, 60.0, 104.5 / 60, 75.5 / 60, 104.5 / 60, 75.5 / 60)]


def test_the_details_follow_window_by_window() -> None:
    lengths: Lengths = {"b": (HOUR, "seconds"), "a": (WEEK, "days")}
    report = report_of(frames([MORNING]), at(NOON), lengths)
    kinds = ["unknown", "scheduled", "availability", "uptime_min", "uptime_max", "polls"]
    names = ["store_id", "uptime_b", "downtime_b", "uptime_a", "downtime_a"]
    assert report.columns == names + [f"{kind}_{window}" for window in "ba" for kind in kinds]
    assert report.schema["polls_a"] == pl.UInt32
    # 104.5 of 180 minutes.
    assert report["availability_a"].to_list() == [104.5 / 180]


# --- a store with little or nothing --------------------------------------------------------------


def test_a_store_with_nothing_is_open_and_unknown(judge: Judge) -> None:
    totals = judge(Store(1, None, null_zone=True), NOON, WEEK)
    assert minutes(totals) == (0, 0, 7 * 24 * 60)
    assert (totals.uptime_min, totals.uptime_max) == (0, totals.scheduled)
    assert totals.polls == 0


def test_every_store_of_any_table_has_a_row() -> None:
    stores = [
        Store(4, None, (), (poll("2023-01-23T11:00", "up"),)),
        Store(3, None, (row(MON, "09:00", "10:00"),)),
        Store(2, "UTC"),
        Store(1, None, null_zone=True),
    ]
    report = report_of(frames(stores), at(NOON))
    assert report["store_id"].to_list() == [1, 2, 3, 4]
    # 168 hours open; store 3 is open for one hour of Monday in Chicago (of 2023-01-16).
    assert report["scheduled_last_week"].to_list() == [168, 168, 1, 168]
    assert report["availability_last_week"].to_list() == [None, None, None, 1]


def test_one_poll_speaks_for_all_time_before_and_after(judge: Judge) -> None:
    store = Store(1, polls=(poll("2023-01-23T06:00", "down"),))
    assert minutes(judge(store, NOON, DAY)) == (0, 1440, 0)
    # 06:00 -> 12:00 = 360.
    assert minutes(judge(store, NOON, DAY, backfill=False)) == (0, 360, 1080)


def test_a_store_without_a_zone_is_in_chicago(judge: Judge) -> None:
    """09:00-10:00 in Chicago (UTC-6 in January) is 15:00-16:00 UTC; now is 15:30 UTC."""
    store = Store(1, None, (row(MON, "09:00", "10:00"),), null_zone=True)
    assert judge(store, "2023-01-23T15:30", DAY).scheduled == 30 * MINUTE
    # In Tokyo (UTC+9) 09:00-10:00 is 00:00-01:00 UTC.
    totals = judge(store, "2023-01-23T00:20", DAY, default_timezone="Asia/Tokyo")
    assert totals.scheduled == 20 * MINUTE


# --- which polls speak ---------------------------------------------------------------------------

NEVER_CLOSED = Store(
    1, "UTC", (), (poll("2023-01-23T10:30", "up"), poll("2023-01-23T11:30", "down"))
)


def test_lookback_zero_hears_no_poll_before_the_window(judge: Judge) -> None:
    """The window is 11:00 -> 12:00.  With lookback 10:30 up speaks until (10:30 + 11:30)/2 = 11:00.

    With "previous" it speaks until 11:30; without lookback nothing but 11:30 down is heard.
    """
    assert minutes(judge(NEVER_CLOSED, NOON, HOUR)) == (0, 60, 0)
    assert minutes(judge(NEVER_CLOSED, NOON, HOUR, interpolation="previous")) == (30, 30, 0)
    alone = judge(NEVER_CLOSED, NOON, HOUR, interpolation="previous", lookback=timedelta(0))
    assert minutes(alone) == (0, 60, 0)


def test_a_poll_exactly_at_the_end_of_the_lookback_speaks(judge: Judge) -> None:
    """11:00 less 30 minutes is 10:30; a microsecond less does not reach it."""
    reach = timedelta(minutes=30)
    reached = judge(NEVER_CLOSED, NOON, HOUR, interpolation="previous", lookback=reach)
    assert minutes(reached) == (30, 30, 0)
    short = reach - timedelta(microseconds=1)
    missed = judge(NEVER_CLOSED, NOON, HOUR, interpolation="previous", lookback=short)
    assert minutes(missed) == (0, 60, 0)


def test_the_lookback_starts_at_the_earliest_window() -> None:
    """Beside a window of a day, the window of an hour hears the poll of 10:30 without lookback."""
    lengths: Lengths = {"hour": (HOUR, "minutes"), "day": (DAY, "hours")}
    rules = Rules(interpolation="previous", lookback=timedelta(0))
    report = report_of(frames([NEVER_CLOSED]), at(NOON), lengths, rules)
    assert report["uptime_hour"].to_list() == [30]


def test_inactive_wins_between_polls_of_one_instant(judge: Judge) -> None:
    """Two polls of 11:15 disagree: down.  Said twice, it stays one piece of evidence."""
    store = Store(
        1, MORNING.zone, MORNING.rows, (*MORNING.polls, poll("2023-01-23T11:15", "up")) * 2
    )
    totals = judge(store, NOON, WEEK)
    assert minutes(totals) == (104.5, 75.5, 0)
    assert totals.polls == 2


def test_the_middle_of_an_odd_distance_is_floored(judge: Judge) -> None:
    """(0 + 3) // 2 = 1: a microsecond for the earlier poll, two for the later."""
    store = Store(
        1, "UTC", (), (poll("2023-01-23T11:00", "up"), poll("2023-01-23T11:00:00.000003", "down"))
    )
    totals = judge(store, "2023-01-23T11:00:00.000003", timedelta(microseconds=3))
    assert (totals.uptime, totals.downtime) == (1, 2)


def test_the_middle_is_floored_before_1970_too(judge: Judge) -> None:
    """(-5 + -2) // 2 = -4, not -3: up from -5 to -4, down from -4 to -2."""
    store = Store(1, "UTC", (), ((-5, True), (-2, False)))
    totals = judge(store, "1969-12-31T23:59:59.999998", timedelta(microseconds=3))
    assert (totals.uptime, totals.downtime) == (1, 2)


def test_a_poll_exactly_at_now_speaks(judge: Judge) -> None:
    """Up at 11:00, down at 12:00 = now: the middle is 11:30."""
    store = Store(1, "UTC", (), (poll("2023-01-23T11:00", "up"), poll(NOON, "down")))
    totals = judge(store, NOON, HOUR)
    assert minutes(totals) == (30, 30, 0)
    assert totals.polls == 2


def test_a_poll_after_now_is_not_heard(judge: Judge) -> None:
    store = Store(
        1, "UTC", (), (poll("2023-01-23T11:00", "up"), poll("2023-01-23T12:00:00.000001", "down"))
    )
    totals = judge(store, NOON, HOUR)
    assert minutes(totals) == (60, 0, 0)
    assert totals.polls == 1


def test_a_store_is_not_open_at_its_closing_time(judge: Judge) -> None:
    """Down at 12:00 sharp: the hours 09:00-12:00 are over, so only ``evidence="all"`` hears it.

    Then (11:00 + 12:00)/2 = 11:30: 30 minutes of 180 are down.
    """
    store = Store(1, "UTC", MORNING.rows, (poll("2023-01-23T11:00", "up"), poll(NOON, "down")))
    totals = judge(store, "2023-01-23T13:00", DAY)
    assert minutes(totals) == (180, 0, 0)
    assert totals.polls == 1
    every = judge(store, "2023-01-23T13:00", DAY, evidence="all")
    assert minutes(every) == (150, 30, 0)
    assert every.polls == 2
    # The same where 12:00 is ``now`` as well.
    assert minutes(judge(store, NOON, DAY)) == (180, 0, 0)


def test_a_store_is_open_at_its_opening_time(judge: Judge) -> None:
    """Down at 09:00 sharp and up at 11:00: the middle is 10:00."""
    store = Store(
        1, "UTC", MORNING.rows, (poll("2023-01-23T09:00", "down"), poll("2023-01-23T11:00", "up"))
    )
    assert minutes(judge(store, NOON, DAY)) == (120, 60, 0)
    # A microsecond earlier it is closed, and the poll of 11:00 speaks alone.
    early = Store(
        1,
        "UTC",
        MORNING.rows,
        (poll("2023-01-23T08:59:59.999999", "down"), poll("2023-01-23T11:00", "up")),
    )
    assert minutes(judge(early, NOON, DAY)) == (180, 0, 0)


# --- what the polls prove ------------------------------------------------------------------------

PROVEN = Store(
    1,
    "UTC",
    MORNING.rows,
    (
        poll("2023-01-23T09:30", "up"),
        poll("2023-01-23T10:00", "up"),
        poll("2023-01-23T10:30", "down"),
        poll("2023-01-23T11:00", "down"),
        poll("2023-01-23T11:30", "up"),
    ),
)


def test_the_bounds_of_uptime(judge: Judge) -> None:
    """Agreed up is 09:30 -> 10:00 = 30; agreed down is 10:30 -> 11:00 = 30, so at most 180 - 30.

    Nearest: up 09:00 -> 10:15 = 75 and 11:15 -> 12:00 = 45, down 10:15 -> 11:15 = 60.
    """
    totals = judge(PROVEN, NOON, WEEK)
    assert minutes(totals) == (120, 60, 0)
    assert (totals.uptime_min, totals.uptime_max) == (30 * MINUTE, 150 * MINUTE)
    assert totals.polls == 5


def test_the_bounds_know_only_what_is_within_reach(judge: Judge) -> None:
    """With max_gap 10 min: agreed up 09:30 -> 09:40 and 09:50 -> 10:00; agreed down 10:30 -> 10:40
    and 10:50 -> 11:00: at least 20, at most 180 - 20 = 160.

    Up: 09:20 -> 09:40, 09:50 -> 10:10, 11:20 -> 11:40 = 60; down: 10:20 -> 10:40 and
    10:50 -> 11:10 = 40; the rest of 180 is 80.
    """
    totals = judge(PROVEN, NOON, WEEK, max_gap=timedelta(minutes=10))
    assert minutes(totals) == (60, 40, 80)
    assert (totals.uptime_min, totals.uptime_max) == (20 * MINUTE, 160 * MINUTE)


def test_polls_are_counted_window_by_window() -> None:
    """Of 09:30, 10:00, 10:30, 11:00 and 11:30 the last hour has 11:00 (its start) and 11:30."""
    lengths: Lengths = {
        "hour": (HOUR, "minutes"),
        "less": (HOUR - timedelta(microseconds=1), "minutes"),
        "day": (DAY, "hours"),
    }
    report = report_of(frames([PROVEN]), at(NOON), lengths)
    found = [report[f"polls_{name}"].item() for name in lengths]
    assert found == [2, 1, 5]
