"""When a store is open: weekly rows, and the wall clock where it jumps.

Every expected number was found with pencil and paper, as the comments show.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from support.judges import Judge, minutes, poll, row
from support.oracle import Row, Store
from support.wall_clock import MINUTE

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)

# --- weekly rows ---------------------------------------------------------------------------------


def scheduled(judge: Judge, zone: str, rows: tuple[Row, ...], now: str, **rules: Any) -> float:
    """Return the scheduled minutes of the week before ``now``."""
    return judge(Store(1, zone, rows), now, WEEK, **rules).scheduled / MINUTE


MONDAY_MIDNIGHT = "2023-01-23T00:00"


def test_a_minute_before_midnight_means_midnight(judge: Judge) -> None:
    """Monday 20:00-24:00 and Tuesday 00:00-04:00: 8 h = 480 min; taken literally, less the rest."""
    for end, missing in (("23:59", 1), ("23:59:59", 1 / 60), ("23:59:59.9", 0.1 / 60)):
        rows = (row(MON, "20:00", end), row(TUE, "00:00", "04:00"))
        assert scheduled(judge, "UTC", rows, MONDAY_MIDNIGHT) == 480
        literal = scheduled(judge, "UTC", rows, MONDAY_MIDNIGHT, snap_midnight=False)
        assert literal == pytest.approx(480 - missing, abs=1e-9)
    early = (row(MON, "20:00", "23:58:59.999999"),)
    assert scheduled(judge, "UTC", early, MONDAY_MIDNIGHT) < 239


def test_a_join_at_midnight_leaves_no_gap_for_a_poll(judge: Judge) -> None:
    """Down at 23:59:30 is inside the joined session, and outside of the literal one.

    Monday 20:00 -> Tuesday 04:00, up at 22:00, down at 23:59:30: the middle is 22:59:45.
    """
    rows = (row(MON, "20:00", "23:59"), row(TUE, "00:00", "04:00"))
    polls = (poll("2023-01-23T22:00", "up"), poll("2023-01-23T23:59:30", "down"))
    store = Store(1, "UTC", rows, polls)
    joined = judge(store, "2023-01-24T12:00", DAY)
    assert minutes(joined) == (179.75, 300.25, 0)
    assert minutes(judge(store, "2023-01-24T12:00", DAY, snap_midnight=False)) == (479, 0, 0)


def test_snapping_comes_before_the_test_for_midnight(judge: Judge) -> None:
    """23:59:30-23:59:30 becomes 23:59:30-24:00, half a minute; literally it is 24 hours."""
    rows = (row(MON, "23:59:30", "23:59:30"),)
    # The Monday of the window's week is 2023-01-16.
    assert scheduled(judge, "UTC", rows, MONDAY_MIDNIGHT) == 0.5
    assert scheduled(judge, "UTC", rows, MONDAY_MIDNIGHT, snap_midnight=False) == 1440


@pytest.mark.parametrize(
    ("start", "end", "length"),
    [
        ("22:00", "02:00", 240),
        ("00:00", "00:00", 1440),
        ("00:00", "24:00", 1440),
        ("09:00", "09:00", 1440),
        ("22:00", "00:00", 120),
        ("22:00", "24:00", 120),
        ("24:00", "02:00", 120),  # the next day's 00:00-02:00
        ("24:00", "24:00", 1440),
        ("24:00", "00:00", 1440),
        ("12:00", "11:59", 1439),
    ],
)
def test_rows_past_midnight(judge: Judge, start: str, end: str, length: int) -> None:
    rows = (row(WED, start, end),)
    assert scheduled(judge, "UTC", rows, MONDAY_MIDNIGHT) == length


def test_a_tail_past_midnight_belongs_to_the_evening_before(judge: Judge) -> None:
    """Sunday 22:00-02:00: at Monday 01:00 UTC, three of its hours are in the last day."""
    store = Store(1, "UTC", (row(SUN, "22:00", "02:00"),))
    assert judge(store, "2023-01-23T01:00", DAY).scheduled == 180 * MINUTE
    # The tail alone, from Monday's midnight.
    assert judge(store, "2023-01-23T01:00", HOUR).scheduled == 60 * MINUTE
    assert judge(store, "2023-01-23T03:00", HOUR).scheduled == 0


def test_overlap_counts_once(judge: Judge) -> None:
    """09:00-12:00, 11:00-14:00, 14:00-15:00 and 09:00-12:00 again: 09:00-15:00 = 360."""
    rows = (
        row(MON, "09:00", "12:00"),
        row(MON, "11:00", "14:00"),
        row(MON, "14:00", "15:00"),
        row(MON, "09:00", "12:00"),
    )
    assert scheduled(judge, "UTC", rows, MONDAY_MIDNIGHT) == 360


def test_missing_days_are_closed_or_open(judge: Judge) -> None:
    """One hour on Monday; the other six days are closed, or 6 * 1440 = 8640 minutes."""
    rows = (row(MON, "09:00", "10:00"),)
    assert scheduled(judge, "UTC", rows, MONDAY_MIDNIGHT) == 60
    assert scheduled(judge, "UTC", rows, MONDAY_MIDNIGHT, missing_days="open") == 60 + 8640


# --- the wall clock ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "now", "rows", "expected"),
    [
        # Chicago, 2026-03-08: 02:00 CST is 03:00 CDT.  02:00-03:00 never comes.
        ("America/Chicago", "2026-03-09T12:00", (row(SUN, "02:00", "03:00"),), 0),
        # 01:30-02:00 and 03:00-03:30.
        ("America/Chicago", "2026-03-09T12:00", (row(SUN, "01:30", "03:30"),), 60),
        # 02:30 never comes: the hours begin when the clock reads 03:00, and end at 03:30.
        ("America/Chicago", "2026-03-09T12:00", (row(SUN, "02:30", "03:30"),), 30),
        ("America/Chicago", "2026-03-09T12:00", (row(SUN, "00:00", "24:00"),), 23 * 60),
        # Saturday 22:00 -> Sunday 02:30: 22:00-24:00 and 00:00-02:00.
        ("America/Chicago", "2026-03-09T12:00", (row(SAT, "22:00", "02:30"),), 240),
        # Chicago, 2026-11-01: 02:00 CDT is 01:00 CST.  01:00-02:00 comes twice.
        ("America/Chicago", "2026-11-02T12:00", (row(SUN, "01:00", "02:00"),), 120),
        # 01:30-02:00 twice, 02:00-02:30 once.
        ("America/Chicago", "2026-11-02T12:00", (row(SUN, "01:30", "02:30"),), 90),
        # 00:30-01:30: 60 minutes, and 01:00-01:30 again.
        ("America/Chicago", "2026-11-02T12:00", (row(SUN, "00:30", "01:30"),), 90),
        ("America/Chicago", "2026-11-02T12:00", (row(SUN, "00:00", "24:00"),), 25 * 60),
        # Saturday 22:00 -> Sunday 01:30: 3 h 30, and 01:00-01:30 again.
        ("America/Chicago", "2026-11-02T12:00", (row(SAT, "22:00", "01:30"),), 240),
        # Lord Howe moves by half an hour: 01:30-02:00 twice in April, 02:00-02:30 never in October.
        ("Australia/Lord_Howe", "2026-04-06T00:00", (row(SUN, "01:30", "02:00"),), 60),
        ("Australia/Lord_Howe", "2026-10-05T00:00", (row(SUN, "02:00", "02:30"),), 0),
        # Troll by two hours: 01:00-03:00 twice in October, never in March.
        ("Antarctica/Troll", "2026-10-26T00:00", (row(SUN, "01:00", "03:00"),), 240),
        ("Antarctica/Troll", "2026-03-30T00:00", (row(SUN, "01:00", "03:00"),), 0),
        # Samoa had no Friday 2011-12-30: its hours never came, but the tail of its night did
        # (Saturday reads 00:00-02:00), and Thursday's tail did not.
        ("Pacific/Apia", "2012-01-02T00:00", (row(FRI, "00:00", "24:00"),), 0),
        ("Pacific/Apia", "2012-01-02T00:00", (row(FRI, "22:00", "02:00"),), 120),
        ("Pacific/Apia", "2012-01-02T00:00", (row(THU, "22:00", "02:00"),), 120),
        # St John's 2010-11-07: 00:01 on Sunday became 23:01 on Saturday.
        # Saturday 23:00-24:00 = 60, then 23:01-24:00 = 59 again.
        ("America/St_Johns", "2010-11-08T12:00", (row(SAT, "23:00", "24:00"),), 119),
        # Sunday's first minute came twice.
        ("America/St_Johns", "2010-11-08T12:00", (row(SUN, "00:00", "00:01"),), 2),
        # Saturday 23:30 -> 00:30: 23:30-00:01 = 31, then all 60 of 23:30-00:30.
        ("America/St_Johns", "2010-11-08T12:00", (row(SAT, "23:30", "00:30"),), 91),
        # Beirut 2023-03-26: 00:00 became 01:00; Saturday 23:00 -> 02:00 is 23-24 and 01-02.
        ("Asia/Beirut", "2023-03-27T12:00", (row(SAT, "23:00", "02:00"),), 120),
        # Beirut 2023-10-29: 00:00 became 23:00 on Saturday; 23-24 twice, 00-02 once.
        ("Asia/Beirut", "2023-10-30T12:00", (row(SAT, "23:00", "02:00"),), 240),
        # Casablanca 2026-02-15 (Ramadan): 03:00 became 02:00.
        ("Africa/Casablanca", "2026-02-16T12:00", (row(SUN, "02:00", "03:00"),), 120),
        # Chatham 2026-04-05: 03:45 became 02:45; 02:45-03:45 twice, 03:45-04:00 once.
        ("Pacific/Chatham", "2026-04-06T00:00", (row(SUN, "02:45", "04:00"),), 135),
    ],
)
def test_the_wall_clock_decides(
    judge: Judge, zone: str, now: str, rows: tuple[Row, ...], expected: float
) -> None:
    assert scheduled(judge, zone, rows, now) == expected


def test_an_offset_of_three_quarters_of_an_hour(judge: Judge) -> None:
    """Kathmandu is UTC+5:45: Monday 09:00-10:00 is 03:15-04:15 UTC; now is 03:30 UTC."""
    store = Store(1, "Asia/Kathmandu", (row(MON, "09:00", "10:00"),))
    assert judge(store, "2023-01-23T03:30", DAY).scheduled == 15 * MINUTE


def test_a_repeated_half_hour_makes_two_sessions(judge: Judge) -> None:
    """Chicago 2026-11-01, 01:30-02:00: 06:30-07:00 UTC and again 07:30-08:00 UTC.

    Up at 06:45 and down at 07:45 UTC: the middle, 07:15, is closed; 30 minutes for each.
    Wall clocks alone (01:45 and 01:45) could not tell the two polls apart.
    """
    polls = (poll("2026-11-01T06:45", "up"), poll("2026-11-01T07:45", "down"))
    store = Store(1, "America/Chicago", (row(SUN, "01:30", "02:00"),), polls)
    totals = judge(store, "2026-11-01T12:00", DAY)
    assert minutes(totals) == (30, 30, 0)
    assert totals.polls == 2
    # A poll between the two passes, at 01:15 for the second time, finds the store closed.
    between = Store(1, store.zone, store.rows, (*polls, poll("2026-11-01T07:15", "down")))
    assert judge(between, "2026-11-01T12:00", DAY).polls == 2


def test_max_gap_is_elapsed_time_across_a_change_of_the_clocks(judge: Judge) -> None:
    """Up at 06:30 UTC = 01:30 CDT; an hour's reach ends at 07:30 UTC = 01:30 CST.

    Open 00:00-24:00 local; in the window 06:00 -> 09:00 UTC the reach is 06:00 -> 07:30 = 90.
    """
    store = Store(1, "America/Chicago", (), (poll("2026-11-01T06:30", "up"),))
    totals = judge(store, "2026-11-01T09:00", timedelta(hours=3), max_gap=HOUR)
    assert minutes(totals) == (90, 0, 90)
