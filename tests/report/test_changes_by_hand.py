"""Hours that change and maintenance of every week, worked by hand: by library and witness.

In the week from Monday 13 May 2024 on all clocks are in summer time, and UTC has none.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from store_uptime import Policy, Window, compute_history, compute_report, every
from support.frames import frames, maintenance_frame, maintenance_hours_frame
from support.judges import Judge, minutes, poll, row
from support.oracle import Row, Store
from support.wall_clock import DAY, at

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, NEXT_MONDAY = (
    f"2024-05-{day}" for day in (13, 14, 15, 16, 20)
)
ONE_DAY, WEEK = timedelta(days=1), timedelta(days=7)


def hours(judge: Judge, store: Store, now: str, length: timedelta = WEEK, **rules: Any) -> float:
    """Return the open hours of a window."""
    _, _, unknown = minutes(judge(store, now, length, **rules))
    return unknown / 60


def daily(start: str, end: str, *limits: str | None) -> tuple[Row, ...]:
    """Return a row for each day of the week."""
    return tuple(row(day, start, end, *limits) for day in range(7))


# --- maintenance of every week, on days on which the clocks change -------------------------------


@pytest.mark.parametrize(
    ("start", "end", "first", "last", "expected"),
    [
        # 8 March 2026 in Chicago has 23 hours, from 06:00 to 05:00 UTC: no clock reads 02:00-03:00.
        ("01:30", "02:30", "2026-03-08T06:00", "2026-03-09T05:00", 23 * 60 - 30),
        ("02:00", "03:00", "2026-03-08T06:00", "2026-03-09T05:00", 23 * 60),
        # 1 November has 25 hours: 01:30-02:00 comes twice, 02:00-02:30 once.
        ("01:30", "02:30", "2026-11-01T05:00", "2026-11-02T06:00", 25 * 60 - 90),
        ("01:00", "02:00", "2026-11-01T05:00", "2026-11-02T06:00", 25 * 60 - 120),
        # The Sunday after, in winter time, is one of 24 hours.
        ("01:30", "02:30", "2026-11-08T06:00", "2026-11-09T06:00", 24 * 60 - 60),
    ],
)
def test_maintenance_is_on_the_wall_clock(
    judge: Judge, start: str, end: str, first: str, last: str, expected: int
) -> None:
    store = Store(1, "America/Chicago", recurring=(row(6, start, end),))
    length = timedelta(microseconds=at(last) - at(first))
    assert minutes(judge(store, last, length)) == (0, 0, expected)


# --- what a row of maintenance says --------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "snap", "monday", "tuesday"),
    [
        ("22:00", "02:00", True, 22, 22),  # two hours before midnight, two after
        ("24:00", "02:00", True, 24, 22),  # on Tuesday only
        ("22:00", "23:59", True, 22, 24),
        ("22:00", "23:59", False, 24 - 119 / 60, 24),
        ("06:00", "06:00", True, 6, 18),  # 24 hours from 06:00 on
    ],
)
def test_a_row_of_maintenance_reads_as_one_of_hours(
    judge: Judge, start: str, end: str, *, snap: bool, monday: float, tuesday: float
) -> None:
    store = Store(1, recurring=(row(0, start, end),))
    for day, expected in ((TUESDAY, monday), (WEDNESDAY, tuesday)):
        assert hours(judge, store, day, ONE_DAY, snap_midnight=snap) == pytest.approx(expected)


def test_a_store_that_never_closes_has_maintenance_every_night(judge: Judge) -> None:
    """An hour each night is 7 of 168 hours; a row that holds from Thursday on, 4."""
    assert hours(judge, Store(1, recurring=daily("03:00", "04:00")), NEXT_MONDAY) == 161
    later = Store(1, recurring=daily("03:00", "04:00", THURSDAY))
    assert hours(judge, later, NEXT_MONDAY) == 164


def test_missing_days_are_of_the_hours_alone(judge: Judge) -> None:
    """Open from 09:00 to 17:00 on Monday and all day on six others; an hour less on Sunday."""
    store = Store(1, "UTC", (row(0, "09:00", "17:00"),), recurring=(row(6, "12:00", "13:00"),))
    assert hours(judge, store, NEXT_MONDAY, missing_days="open") == 8 + 6 * 24 - 1
    assert hours(judge, store, NEXT_MONDAY) == 8


def test_special_days_do_not_lift_maintenance(judge: Judge) -> None:
    """Open from 10:00 to 14:00 instead of 09:00 to 17:00, of which 13:00 to 14:00 is maintenance."""
    day = date.fromisoformat(MONDAY).toordinal()
    store = Store(1, "UTC", daily("09:00", "17:00"), recurring=(row(0, "13:00", "15:00"),))
    assert hours(judge, store, TUESDAY, ONE_DAY) == 6
    special = replace(store, special={day: (row(0, "10:00", "14:00")[1:3],)})
    assert hours(judge, special, TUESDAY, ONE_DAY) == 3
    assert hours(judge, replace(store, special={day: ()}), TUESDAY, ONE_DAY) == 0


def test_a_poll_in_maintenance_is_no_evidence(judge: Judge) -> None:
    """Half-open: the poll at 04:00 is the first that is heard, and speaks back to midnight."""
    store = Store(1, recurring=(row(0, "03:00", "04:00"),))
    for when, up in (("03:00", 0), ("03:59:59.999999", 0), ("04:00", 23 * 60)):
        polled = replace(store, polls=(poll(f"{MONDAY}T{when}", "up"),))
        assert minutes(judge(polled, TUESDAY, ONE_DAY))[0] == up


def test_a_poll_at_now_is_no_evidence_of_a_store_that_has_closed(judge: Judge) -> None:
    """Closed for good since 23:00: the poll at midnight is not heard, nor one at 23:00."""
    closed = Store(1, maintenance=((at(f"{MONDAY}T23:00"), None),))
    for when, up in ((f"{TUESDAY}T00:00", 0), (f"{MONDAY}T23:00", 0), (f"{MONDAY}T22:59", 23 * 60)):
        totals = judge(replace(closed, polls=(poll(when, "up"),)), TUESDAY, ONE_DAY)
        assert (totals.polls > 0, minutes(totals)[0]) == (up > 0, up)


def test_rows_of_a_store_and_rows_for_every_store_add_up() -> None:
    """Every store: Monday 02:00-03:00. The first also 02:30-04:00, and Tuesday 02:00-03:00 once."""
    stores = [
        Store(1, recurring=(row(0, "02:30", "04:00"),)),
        Store(2, "Asia/Kathmandu"),  # 02:00 on Monday is 20:15 on Sunday UTC
    ]
    once = ((at(f"{TUESDAY}T02:00"), at(f"{TUESDAY}T03:00")),)
    report = compute_report(
        *frames(stores),
        f"{WEDNESDAY}T00:00Z",
        windows={"w": Window("2d")},
        maintenance=maintenance_frame([replace(stores[0], maintenance=once)], ()),
        maintenance_hours=maintenance_hours_frame(stores, (row(0, "02:00", "03:00"),)),
        detail=True,
    )
    assert report["scheduled_w"].to_list() == [48 - 2 - 1, 48]
    assert report["unknown_w"].to_list() == [45, 48]


# --- hours that change ---------------------------------------------------------------------------

OVERNIGHT = (
    *daily("20:00", "04:00", None, TUESDAY),
    *daily("10:00", "18:00", TUESDAY),
)


def test_the_night_before_the_new_hours_runs_into_their_first_day(judge: Judge) -> None:
    """A row holds for what starts on its dates: Monday's night ends on Tuesday at 04:00."""
    store = Store(1, "UTC", OVERNIGHT)
    assert hours(judge, store, TUESDAY, ONE_DAY) == 4 + 4
    assert hours(judge, store, WEDNESDAY, ONE_DAY) == 4 + 8
    assert hours(judge, store, THURSDAY, ONE_DAY) == 8


@pytest.mark.parametrize(
    ("until", "expected"), [(MONDAY, 0), (TUESDAY, 0), (WEDNESDAY, 2), (None, 2)]
)
def test_a_row_from_24_on_has_to_hold_on_the_date_on_which_it_starts(
    judge: Judge, until: str | None, expected: int
) -> None:
    """Monday's row from 24:00 to 02:00 is Tuesday's first two hours."""
    rows = (row(0, "24:00", "02:00", None, until), row(5, "10:00", "11:00"))
    assert hours(judge, Store(1, "UTC", rows), WEDNESDAY, ONE_DAY) == expected
    recurring = Store(1, recurring=rows)
    assert hours(judge, recurring, WEDNESDAY, ONE_DAY) == 24 - expected


def test_dates_are_local(judge: Judge) -> None:
    """Tuesday begins in Kathmandu on Monday at 18:15 UTC: from there on 24 hours a day."""
    store = Store(1, "Asia/Kathmandu", daily("00:00", "24:00", TUESDAY))
    assert hours(judge, store, TUESDAY, ONE_DAY) == 5.75
    assert hours(judge, store, WEDNESDAY, ONE_DAY) == 24


def test_a_date_that_the_clock_skips_has_no_hours(judge: Judge) -> None:
    """Apia went from Thursday to Saturday: what holds on Friday, 30 December 2011, never does."""
    store = Store(1, "Pacific/Apia", daily("00:00", "24:00", "2011-12-30", "2011-12-31"))
    assert hours(judge, store, "2012-01-02") == 0
    longer = Store(1, "Pacific/Apia", daily("00:00", "24:00", "2011-12-30", "2012-01-01"))
    assert hours(judge, longer, "2012-01-02") == 24


def test_an_old_row_that_was_not_closed_keeps_its_hours_open(judge: Judge) -> None:
    """From 08:00 to 12:00, and from Thursday on also from 10:00 to 14:00: 7 x 4 and 4 x 2 hours."""
    rows = (*daily("08:00", "12:00"), *daily("10:00", "14:00", THURSDAY))
    assert hours(judge, Store(1, "UTC", rows), NEXT_MONDAY) == 7 * 4 + 4 * 2


ENDS_AND_BEGINS = (
    row(0, "09:00", "17:00", None, WEDNESDAY),
    row(1, "09:00", "17:00", THURSDAY),
)


@pytest.mark.parametrize(
    ("day", "closed", "opened"),
    [
        (MONDAY, 8, 8),
        (TUESDAY, 0, 24),  # only Monday's row holds: Tuesday is missing
        (WEDNESDAY, 0, 0),  # no row holds: closed
        (THURSDAY, 0, 24),
        ("2024-05-07", 0, 24),  # so it was on every Tuesday before
        (NEXT_MONDAY, 0, 24),  # Monday's row is over, so Monday is missing
        ("2024-05-21", 8, 8),
    ],
)
def test_days_are_missing_among_the_rows_that_hold(
    judge: Judge, day: str, closed: int, opened: int
) -> None:
    store = Store(1, "UTC", ENDS_AND_BEGINS)
    end = (date.fromisoformat(day) + ONE_DAY).isoformat()
    assert hours(judge, store, end, ONE_DAY) == closed
    assert hours(judge, store, end, ONE_DAY, missing_days="open") == opened


def test_a_row_from_24_on_sunday_is_one_of_monday(judge: Judge) -> None:
    store = Store(1, "UTC", (row(6, "24:00", "02:00"),))
    assert hours(judge, store, TUESDAY, ONE_DAY) == 2
    assert hours(judge, store, MONDAY, ONE_DAY) == 0


@pytest.mark.parametrize("year", ["2024", "1912"])  # in both, 13 May is a Monday
def test_each_store_misses_its_own_days(year: str) -> None:
    """Scheduled in the week from 13 May, where missing days are open.

    Store 1 as above: Monday 8, Tuesday 24, Wednesday nothing, Thursday to Sunday 4 x 24 hours. Store
    2 has a row for Wednesdays that ends before this one, so it misses Monday and Tuesday, and is
    closed from then on. Store 3 has a row of an hour for Sundays from Thursday on: 3 x 24 + 1.
    """
    wednesday, thursday = (day.replace("2024", year) for day in (WEDNESDAY, THURSDAY))
    stores = [
        Store(
            1, "UTC", (row(0, "09:00", "17:00", None, wednesday), row(1, "9:00", "17:00", thursday))
        ),
        Store(2, "UTC", (row(2, "09:00", "10:00", None, wednesday),)),
        Store(3, "UTC", (row(6, "00:00", "01:00", thursday),)),
    ]
    found = compute_report(
        *frames(stores), f"{year}-05-20T00:00Z", policy=Policy(missing_days="open"), detail=True
    )
    assert found["scheduled_last_week"].to_list() == [8 + 5 * 24, 2 * 24, 3 * 24 + 1]


def test_a_missing_day_is_that_of_the_row_as_it_is_written(judge: Judge) -> None:
    """Monday's row from 24:00 on: Monday is not missing and has nothing; Tuesday is, and is open."""
    store = Store(1, "UTC", (row(0, "24:00", "02:00"),))
    assert hours(judge, store, TUESDAY, ONE_DAY, missing_days="open") == 0
    assert hours(judge, store, WEDNESDAY, ONE_DAY, missing_days="open") == 24


# --- stores that open and close for good ---------------------------------------------------------

SHOP = Store(
    1, "UTC", daily("09:00", "17:00"), (poll(f"{TUESDAY}T12:00", "up"), poll(f"{WEDNESDAY}T12:00", "down"))
)  # fmt: skip


def test_a_store_that_opens_on_wednesday(judge: Judge) -> None:
    """Five days of 8 hours: Tuesday's poll is of a store that is not there, Wednesday's speaks.

    It speaks for a day to both sides: Wednesday's hours, and Thursday's up to 12:00.
    """
    opened = [
        replace(SHOP, maintenance=((None, at(WEDNESDAY)),)),
        replace(SHOP, rows=daily("09:00", "17:00", WEDNESDAY)),
    ]
    for store in opened:
        assert minutes(judge(store, NEXT_MONDAY, WEEK)) == (0, 11 * 60, 29 * 60)


def test_a_store_that_closes_on_wednesday(judge: Judge) -> None:
    """Monday and Tuesday: Tuesday's poll speaks from Monday 12:00 on."""
    closed = [
        replace(SHOP, maintenance=((at(WEDNESDAY), None),)),
        replace(SHOP, rows=daily("09:00", "17:00", None, WEDNESDAY)),
    ]
    for store in closed:
        assert minutes(judge(store, NEXT_MONDAY, WEEK)) == (13 * 60, 0, 3 * 60)


def test_maintenance_without_a_start_ends_to_the_microsecond(judge: Judge) -> None:
    noon = at(f"{MONDAY}T12:00")
    store = Store(1, maintenance=((None, noon + 1),))
    assert judge(store, TUESDAY, ONE_DAY).scheduled == DAY // 2 - 1
    assert (
        judge(replace(store, maintenance=((noon, None),)), TUESDAY, ONE_DAY).scheduled == DAY // 2
    )
    both = replace(store, maintenance=((None, noon), (noon, None)))
    assert judge(both, TUESDAY, ONE_DAY).scheduled == 0


# --- many instants -------------------------------------------------------------------------------


def test_a_history_over_a_change_of_hours_is_its_reports() -> None:
    stores = [
        Store(1, "UTC", OVERNIGHT, SHOP.polls, recurring=daily("01:00", "01:30", WEDNESDAY)),
        Store(2, "Asia/Kathmandu", ENDS_AND_BEGINS, SHOP.polls),
    ]
    options: Any = {
        "maintenance_hours": maintenance_hours_frame(stores, (row(3, "12:00", "13:00"),)),
        "detail": True,
    }
    instants = every("6h", start=f"{MONDAY}T00:00Z", end=f"{NEXT_MONDAY}T00:00Z")
    history = compute_history(*frames(stores), instants, **options)
    for (now,), own in history.group_by("now", maintain_order=True):
        assert own.drop("now").equals(compute_report(*frames(stores), now, **options))
    day = history.filter(pl.col("store_id") == 1, pl.col("now").dt.hour() == 0)
    # Nights from 20:00 to 04:00 up to Monday's; 10:00 to 18:00 from Tuesday on. The maintenance at
    # 01:00 meets no night any more, that on Thursday at 12:00 is in the day.
    assert day["scheduled_last_day"].to_list() == [8, 8, 12, 8, 7, 8, 8, 8]
