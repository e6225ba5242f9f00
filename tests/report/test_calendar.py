"""Calendar windows: periods worked by hand in zones that make them hard, and errors."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from store_uptime import CalendarWindow, Policy, PolicyError, Window, compute_report
from store_uptime._engine.window_edges import find_window_edges
from support.frames import frames
from support.oracle import Store
from support.wall_clock import HOUR, at, instant


def bounds(window: CalendarWindow, zone: str, now: str) -> tuple[str, str]:
    """Return where the window begins and ends, in UTC."""
    frame = find_window_edges({"w": window}, [dt.datetime.fromisoformat(now)], [zone])
    start, end = frame.select("start@w", "end@w").row(0)
    return tuple(f"{instant(us):%Y-%m-%dT%H:%M:%S}" for us in (start, end))  # type: ignore[return-value]


# --- by hand -------------------------------------------------------------------------------------

WEDNESDAY = "2023-05-17T20:30:00+00:00"


@pytest.mark.parametrize(
    ("kind", "offset", "start", "end"),
    [
        ("day", 0, "2023-05-17T00:00:00", "2023-05-17T20:30:00"),
        ("day", -1, "2023-05-16T00:00:00", "2023-05-17T00:00:00"),
        ("day", -17, "2023-04-30T00:00:00", "2023-05-01T00:00:00"),
        ("week", 0, "2023-05-15T00:00:00", "2023-05-17T20:30:00"),
        ("week", -1, "2023-05-08T00:00:00", "2023-05-15T00:00:00"),
        ("week", -20, "2022-12-26T00:00:00", "2023-01-02T00:00:00"),
        ("month", 0, "2023-05-01T00:00:00", "2023-05-17T20:30:00"),
        ("month", -1, "2023-04-01T00:00:00", "2023-05-01T00:00:00"),
        ("month", -5, "2022-12-01T00:00:00", "2023-01-01T00:00:00"),
        ("month", -39, "2020-02-01T00:00:00", "2020-03-01T00:00:00"),
        ("quarter", 0, "2023-04-01T00:00:00", "2023-05-17T20:30:00"),
        ("quarter", -1, "2023-01-01T00:00:00", "2023-04-01T00:00:00"),
        ("quarter", -2, "2022-10-01T00:00:00", "2023-01-01T00:00:00"),
        ("year", 0, "2023-01-01T00:00:00", "2023-05-17T20:30:00"),
        ("year", -1, "2022-01-01T00:00:00", "2023-01-01T00:00:00"),
        ("year", -3, "2020-01-01T00:00:00", "2021-01-01T00:00:00"),
    ],
)
def test_periods_in_utc(kind: Any, offset: int, start: str, end: str) -> None:
    assert bounds(CalendarWindow(kind, offset), "Etc/UTC", WEDNESDAY) == (start, end)


def test_a_date_is_that_of_the_stores_own_zone() -> None:
    """At 20:30 UTC it is Thursday 02:15 in Nepal (UTC+5:45), and 15:30 in Chicago (UTC-5)."""
    yesterday = CalendarWindow("day")
    assert bounds(yesterday, "Asia/Kathmandu", WEDNESDAY) == (
        "2023-05-16T18:15:00",
        "2023-05-17T18:15:00",
    )
    assert bounds(yesterday, "America/Chicago", WEDNESDAY) == (
        "2023-05-16T05:00:00",
        "2023-05-17T05:00:00",
    )


def test_days_have_23_and_25_hours_where_the_clocks_change() -> None:
    spring = bounds(CalendarWindow("day"), "Europe/Berlin", "2026-03-30T12:00:00+00:00")
    assert spring == ("2026-03-28T23:00:00", "2026-03-29T22:00:00")
    autumn = bounds(CalendarWindow("day"), "Europe/Berlin", "2026-10-26T12:00:00+00:00")
    assert autumn == ("2026-10-24T22:00:00", "2026-10-25T23:00:00")


def test_a_day_whose_midnight_is_skipped_begins_at_one() -> None:
    """Beirut went from 00:00 to 01:00 on 2023-03-26 (22:00 UTC on the 25th)."""
    day = bounds(CalendarWindow("day", 0), "Asia/Beirut", "2023-03-26T12:00:00+00:00")
    assert day == ("2023-03-25T22:00:00", "2023-03-26T12:00:00")


def test_a_date_that_a_zone_skipped_is_empty() -> None:
    """Samoa had no 2011-12-30: Thursday the 29th was followed by Saturday the 31st."""
    saturday = "2011-12-31T05:00:00+00:00"  # 19:00 there
    friday = bounds(CalendarWindow("day"), "Pacific/Apia", saturday)
    assert friday == ("2011-12-30T10:00:00", "2011-12-30T10:00:00")
    thursday = bounds(CalendarWindow("day", -2), "Pacific/Apia", saturday)
    assert thursday == ("2011-12-29T10:00:00", "2011-12-30T10:00:00")
    assert bounds(CalendarWindow("day", 0), "Pacific/Apia", saturday)[0] == "2011-12-30T10:00:00"


def test_an_hour_that_shows_yesterday_again_belongs_to_the_new_date() -> None:
    """St. John's, 2010-11-07 00:01 (02:31 UTC): back to 23:01 on Saturday, for an hour less 1 min.

    Sunday began at 00:00, 02:30 UTC, and does not begin again at 03:30 UTC.
    """
    repeated = "2010-11-07T03:00:00+00:00"  # 23:30 on the wall, Saturday again
    today = bounds(CalendarWindow("day", 0), "America/St_Johns", repeated)
    assert today == ("2010-11-07T02:30:00", "2010-11-07T03:00:00")
    yesterday = bounds(CalendarWindow("day"), "America/St_Johns", repeated)
    assert yesterday == ("2010-11-06T02:30:00", "2010-11-07T02:30:00")


@pytest.mark.parametrize(
    ("weekday", "offset", "start", "end"),
    [
        ("sunday", 0, "2023-05-14", "2023-05-17T20:30:00"),
        ("sunday", -1, "2023-05-07", "2023-05-14"),
        ("sunday", -5, "2023-04-09", "2023-04-16"),
        ("wednesday", 0, "2023-05-17", "2023-05-17T20:30:00"),  # its first day
        ("wednesday", -1, "2023-05-10", "2023-05-17"),
        ("thursday", 0, "2023-05-11", "2023-05-17T20:30:00"),  # its last day
        ("thursday", -20, "2022-12-22", "2022-12-29"),
    ],
)
def test_weeks_from_any_day(weekday: Any, offset: int, start: str, end: str) -> None:
    found = bounds(CalendarWindow("week", offset, week_start=weekday), "Etc/UTC", WEDNESDAY)
    assert [each.removesuffix("T00:00:00") for each in found] == [start, end]


@pytest.mark.parametrize(
    ("kind", "first_month", "offset", "start", "end"),
    [
        ("year", 4, 0, "2023-04-01", "2023-05-17T20:30:00"),
        ("year", 4, -1, "2022-04-01", "2023-04-01"),
        ("year", 4, -5, "2018-04-01", "2019-04-01"),
        ("year", 5, 0, "2023-05-01", "2023-05-17T20:30:00"),  # its first month
        ("year", 6, 0, "2022-06-01", "2023-05-17T20:30:00"),  # its last month
        ("year", 7, 0, "2022-07-01", "2023-05-17T20:30:00"),
        ("year", 7, -1, "2021-07-01", "2022-07-01"),
        ("year", 7, -5, "2017-07-01", "2018-07-01"),
        ("year", 12, -1, "2021-12-01", "2022-12-01"),
        ("quarter", 2, 0, "2023-05-01", "2023-05-17T20:30:00"),
        ("quarter", 2, -1, "2023-02-01", "2023-05-01"),
        ("quarter", 2, -2, "2022-11-01", "2023-02-01"),
        ("quarter", 2, -5, "2022-02-01", "2022-05-01"),
        ("quarter", 4, -1, "2023-01-01", "2023-04-01"),  # as those of the calendar
        ("quarter", 12, -1, "2022-12-01", "2023-03-01"),
        ("quarter", 12, -13, "2019-12-01", "2020-03-01"),  # three years before
    ],
)
def test_fiscal_years_and_quarters(
    kind: Any, first_month: int, offset: int, start: str, end: str
) -> None:
    window = CalendarWindow(kind, offset, first_month=first_month)
    found = bounds(window, "Etc/UTC", WEDNESDAY)
    assert [each.removesuffix("T00:00:00") for each in found] == [start, end]


@pytest.mark.parametrize(
    ("now", "running", "last"),
    [
        ("2023-04-01T06:15:00", ("2023-03-31", "2023-04-01T06:15:00"), ("2022-03-31", "2023-03-31")),
        ("2023-03-31T18:15:00", ("2023-03-31", "2023-03-31"), ("2022-03-31", "2023-03-31")),
        ("2023-03-31T18:14:59.999999", ("2022-03-31", "2023-03-31T18:14:59"), ("2021-03-31", "2022-03-31")),
    ],
)  # fmt: skip
def test_around_the_first_instant_of_a_fiscal_year(now: str, running: Any, last: Any) -> None:
    """In Nepal (UTC+5:45) a year from April begins on 31 March at 18:15 UTC."""
    for offset, expected in ((0, running), (-1, last)):
        window = CalendarWindow("year", offset, first_month=4)
        found = bounds(window, "Asia/Kathmandu", f"{now}+00:00")
        assert tuple(each.removesuffix("T18:15:00") for each in found) == expected


def test_weeks_from_sunday_where_the_clocks_change_on_sunday() -> None:
    """Chicago is 6 hours behind UTC, from 8 March 2026 to 1 November 5: 167 and 169 hours."""
    last = CalendarWindow("week", week_start="sunday")
    spring = bounds(last, "America/Chicago", "2026-03-17T12:00:00+00:00")
    assert spring == ("2026-03-08T06:00:00", "2026-03-15T05:00:00")
    autumn = bounds(last, "America/Chicago", "2026-11-10T12:00:00+00:00")
    assert autumn == ("2026-11-01T05:00:00", "2026-11-08T06:00:00")


def test_weeks_from_a_day_that_is_hard_to_find() -> None:
    """St. John's saw Saturday's last hour again on Sunday; Samoa had no Friday, 2011-12-30."""
    sunday = CalendarWindow("week", 0, week_start="sunday")
    week = bounds(sunday, "America/St_Johns", "2010-11-07T03:00:00+00:00")
    assert week == ("2010-11-07T02:30:00", "2010-11-07T03:00:00")
    friday = CalendarWindow("week", -1, week_start="friday")
    week = bounds(friday, "Pacific/Apia", "2012-01-07T12:00:00+00:00")
    assert week == ("2011-12-30T10:00:00", "2012-01-05T10:00:00")


def test_weeks_start_on_monday_also_across_years() -> None:
    """New Year's Day of 2023 was a Sunday."""
    sunday = bounds(CalendarWindow("week", 0), "Etc/UTC", "2023-01-01T12:00:00+00:00")
    assert sunday == ("2022-12-26T00:00:00", "2023-01-01T12:00:00")


# --- in a report ---------------------------------------------------------------------------------

SHOP = Store(
    1,
    "America/Chicago",
    tuple((day, 9 * HOUR, 17 * HOUR) for day in range(7)),
    (
        (at("2023-05-16T15:00"), True),  # 10:00 there
        (at("2023-05-16T21:00"), False),  # 16:00: they meet at 13:00
        (at("2023-05-17T16:00"), True),  # 11:00: they meet at 01:30, when it is closed
    ),
)
TABLES = frames([SHOP])


def test_calendar_and_rolling_windows_in_one_report() -> None:
    """At 15:30 in Chicago: yesterday 4 h up and 4 h down; today 6.5 h, and all of them up."""
    windows = {
        "yesterday": CalendarWindow("day", unit="minutes"),
        "today": CalendarWindow("day", 0),
        "last_day": Window(dt.timedelta(days=1)),
        "last_month": CalendarWindow("month"),
    }
    found = compute_report(
        *TABLES, WEDNESDAY, windows=windows, policy=Policy(max_gap=None), detail=True
    ).row(0, named=True)
    assert list(found)[1:5] == [
        "uptime_yesterday",
        "downtime_yesterday",
        "uptime_today",
        "downtime_today",
    ]
    assert (found["uptime_yesterday"], found["downtime_yesterday"]) == (240.0, 240.0)
    assert (found["uptime_today"], found["downtime_today"]) == (6.5, 0.0)
    # From 15:30 yesterday: 1.5 h down, and today's 6.5 h up.
    assert (found["uptime_last_day"], found["downtime_last_day"]) == (6.5, 1.5)
    assert (found["uptime_last_month"], found["scheduled_last_month"]) == (240.0, 240.0)
    assert [found[f"polls_{name}"] for name in windows] == [2, 1, 2, 0]


def test_later_polls_still_speak_for_a_period_that_is_over() -> None:
    """With "next", yesterday's last hour, after 16:00, is what today's first poll says: up."""
    yesterday = {"yesterday": CalendarWindow("day")}
    policy = Policy(interpolation="next")
    found = compute_report(*TABLES, WEDNESDAY, windows=yesterday, policy=policy)
    assert found.row(0) == (1, 1.0 + 1.0, 6.0)  # 9 to 10 backwards, and 16 to 17


def test_evidence_reaches_back_from_the_earliest_window_of_each_store() -> None:
    """One poll, 30 hours before now: a day's lookback reaches it from a day that began earlier.

    In Tokyo today began 10 hours before now, in Honolulu 16 hours before.
    """
    now = "2023-05-18T01:00:00+00:00"
    polls = ((at("2023-05-16T19:00"), True),)
    stores = [Store(1, "Asia/Tokyo", polls=polls), Store(2, "Pacific/Honolulu", polls=polls)]
    today, policy = {"today": CalendarWindow("day", 0)}, Policy(max_gap=None)
    report = compute_report(*frames(stores), now, windows=today, policy=policy)
    # Tokyo's day began on the 17th at 15:00 UTC: a day before is the 16th at 15:00, so it is heard.
    # Honolulu's began on the 17th at 10:00 UTC.
    assert report["uptime_today"].to_list() == [10.0, 15.0]
    polls = ((at("2023-05-16T12:00"), True),)
    stores = [Store(1, "Asia/Tokyo", polls=polls), Store(2, "Pacific/Honolulu", polls=polls)]
    report = compute_report(*frames(stores), now, windows=today, policy=policy)
    assert report["uptime_today"].to_list() == [0.0, 15.0]


def test_the_running_period_at_its_first_instant_is_empty() -> None:
    """Both windows end at now, so the poll there counts in both."""
    midnight = "2023-05-17T05:00:00+00:00"
    polls = (*SHOP.polls, (at("2023-05-17T05:00"), True))
    windows = {"today": CalendarWindow("day", 0), "yesterday": CalendarWindow("day")}
    tables = frames([Store(1, SHOP.zone, polls=polls)])
    found = compute_report(*tables, midnight, windows=windows, detail=True).row(0, named=True)
    assert found["scheduled_today"] == found["uptime_today"] == 0.0
    assert found["availability_today"] is None
    assert (found["polls_today"], found["polls_yesterday"]) == (1, 3)


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fortnight",), "CalendarWindow.period: unknown period .first: 'fortnight'.. Use one of 'day', 'week', 'month', 'quarter', 'year'"),
        ((["day"],), "CalendarWindow.period: unknown period"),
        (("day", 1), "CalendarWindow.offset: must be a whole number of zero or less .first: 1.. 0 is the running period, -1 the last full one"),
        (("day", -1.0), "CalendarWindow.offset"),
        (("day", False), "CalendarWindow.offset"),
        (("day", None), "CalendarWindow.offset"),
        (("day", -1, "fortnights"), "CalendarWindow.unit: unknown unit .first: 'fortnights'.. Use one of 'seconds'"),
        (("week", -1, "hours", "Sun"), "CalendarWindow.week_start: unknown weekday .first: 'Sun'.. Use one of 'monday', "),
        (("week", -1, "hours", 6), "CalendarWindow.week_start: unknown weekday"),
        (("month", -1, "hours", "sunday"), "CalendarWindow.week_start: has no meaning for the period 'month' .first: 'sunday'.. Only 'week' uses it."),
        (("year", -1, "hours", "monday", 0), "CalendarWindow.first_month: must be a whole number from 1 to 12 .first: 0.. 1 is January"),
        (("year", -1, "hours", "monday", 13), "CalendarWindow.first_month: must be"),
        (("year", -1, "hours", "monday", 4.0), "CalendarWindow.first_month: must be"),
        (("year", -1, "hours", "monday", True), "CalendarWindow.first_month: must be"),
        (("year", -1, "hours", "monday", "april"), "CalendarWindow.first_month: must be"),
        (("week", -1, "hours", "sunday", 4), "CalendarWindow.first_month: has no meaning for the period 'week' .first: 4.. Only 'quarter' and 'year' use it."),
    ],
)  # fmt: skip
def test_windows_that_make_no_sense(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        CalendarWindow(*arguments)


@pytest.mark.parametrize(
    ("kind", "offset"), [("year", -3000), ("day", -(10**7)), ("month", -(10**30))]
)
def test_windows_before_the_year_one(kind: Any, offset: int) -> None:
    with pytest.raises(PolicyError, match=r"CalendarWindow\.offset: reaches back too far"):
        compute_report(*TABLES, WEDNESDAY, windows={"w": CalendarWindow(kind, offset)})


@pytest.mark.parametrize(
    "window",
    [
        CalendarWindow("week", 0, week_start="sunday"),  # 0001-01-01 was a Monday
        CalendarWindow("quarter", -1, first_month=2),
        CalendarWindow("year", 0, first_month=4),
    ],
)
def test_the_first_week_and_fiscal_year_of_the_calendar_are_not_whole(
    window: CalendarWindow,
) -> None:
    with pytest.raises(PolicyError, match=r"CalendarWindow\.offset: reaches back too far"):
        compute_report(*TABLES, "0001-01-05T12:00:00Z", windows={"w": window})


def test_windows_are_values() -> None:
    assert CalendarWindow("day") == CalendarWindow("day", -1, "hours")
    assert hash(CalendarWindow("day")) == hash(CalendarWindow("day"))
    assert CalendarWindow("day") != CalendarWindow("week")
    sunday: Any = "Sunday"
    assert CalendarWindow("week", week_start=sunday) == CalendarWindow("week", week_start="sunday")
    assert len({CalendarWindow("week", week_start=each) for each in (sunday, "sunday")}) == 1
    assert CalendarWindow("week", week_start="sunday") != CalendarWindow("week")
    assert CalendarWindow("year", first_month=4) != CalendarWindow("year")
