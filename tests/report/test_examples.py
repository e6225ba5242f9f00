"""Worked examples: every expected number was found with pencil and paper, as the comments show.

Each example is put before two judges, the library and the brute-force witness, so that the witness
of the random tests is itself held to sums that a reader can check.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from store_uptime import compute_report
from support.frames import Lengths, frames, report_of, spans_of, totals_of
from support.oracle import Poll, Row, Rules, Store, Totals, measure
from support.wall_clock import MINUTE, at, instant, tod

Judge = Callable[..., Totals]


def by_library(store: Store, now: int, length: timedelta, rules: Rules) -> Totals:
    """Ask the library."""
    lengths: Lengths = {"w": (length, "minutes")}
    report = report_of(frames([store]), now, lengths, rules)
    return totals_of(report, lengths)[store.store_id][0]


def by_oracle(store: Store, now: int, length: timedelta, rules: Rules) -> Totals:
    """Ask the witness."""
    return measure(store, rules, now, spans_of(now, {"w": (length, "minutes")}))[0]


@pytest.fixture(params=[by_library, by_oracle], ids=["library", "oracle"])
def judge(request: pytest.FixtureRequest) -> Judge:
    """Return a function of store, ``now``, length of the window and rules by name."""
    ask = request.param

    def asked(store: Store, now: str, length: timedelta, **rules: Any) -> Totals:
        totals = ask(store, at(now), length, Rules(**rules))
        assert isinstance(totals, Totals)
        return totals

    return asked


def minutes(totals: Totals) -> tuple[float, float, float]:
    """Return uptime, downtime and unknown in minutes."""
    parts = (totals.uptime, totals.downtime, totals.unknown)
    assert sum(parts) == totals.scheduled
    up, down, unknown = (part / MINUTE for part in parts)
    return up, down, unknown


def row(day: int, start: str, end: str) -> Row:
    """Write a weekly row."""
    return day, tod(start), tod(end)


def poll(when: str, state: str) -> Poll:
    """Write a poll."""
    return at(when), {"up": True, "down": False}[state]


HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)

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
