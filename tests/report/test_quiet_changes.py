"""Centuries in which hours change and maintenance recurs: they still cost no time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from dateutil.relativedelta import relativedelta

from store_uptime import CalendarWindow, Policy, Window, compute_report, compute_timeline
from support.calendars import dates_of
from support.frames import frames, maintenance_frame, maintenance_hours_frame
from support.oracle import DatedRow, Store
from support.wall_clock import DAY, HOUR, at, micros, tod

NOW = dt.datetime(2024, 5, 16, 9, tzinfo=dt.UTC)
WEEKS = 5 * 20_871  # in 2,000 years: five times 146,097 days


def daily(start: str, end: str, since: int | None = None, until: int | None = None) -> Any:
    """Return a row for each day of the week."""
    return tuple(DatedRow(day, tod(start), tod(end), since, until) for day in range(7))


def tables_over(years: int) -> dict[str, Any]:
    """Return stores whose hours change at a quarter, half and three quarters of some years."""
    start = NOW - relativedelta(years=years)
    first, second, third = (
        (start + (NOW - start) * quarter // 4).toordinal() for quarter in (1, 2, 3)
    )
    middle = micros(start) + (micros(NOW) - micros(start)) // 2
    polls = ((middle + 90 * DAY, False), (micros(NOW) - HOUR, True))
    sunday = (DatedRow(6, tod("01:30"), tod("02:30"), valid_until=second),)
    stores = [
        Store(
            1,
            "America/New_York",
            (*daily("20:00", "04:00", None, first), *daily("09:00", "17:00", second, third)[:5]),
            polls,
        ),
        Store(2, "Australia/Lord_Howe", (), polls, recurring=(*sunday, *daily("02:00", "02:15"))),
        Store(
            3,
            "Asia/Kathmandu",
            (DatedRow(0, DAY, tod("02:00"), third), *daily("23:00", "23:59", None, second)),
            polls,
            maintenance=((None, middle - 1000 * DAY), (middle + 100 * DAY, middle + 2000 * DAY)),
        ),
        Store(4, "Africa/Casablanca", daily("00:00", "24:00"), polls, recurring=sunday),
        Store(5, "America/Chicago", (), maintenance=((middle + 9000 * DAY, None),)),
        # The last of its old hours end two days after the date in UTC.
        Store(6, "Pacific/Honolulu", daily("23:30", "23:00", until=first)),
    ]
    shared = (DatedRow(2, tod("23:30"), tod("00:30"), first, third),)
    return {
        **dict(zip(("status", "hours", "timezones"), frames(stores), strict=True)),
        "maintenance": maintenance_frame(stores, ()),
        "maintenance_hours": maintenance_hours_frame(stores, shared),
    }


@pytest.mark.parametrize(
    ("years", "missing_days"), [(40, "open"), (40, "closed"), (700, "open"), (2000, "closed")]
)
def test_the_report_is_the_sum_of_the_timeline(years: int, missing_days: Any) -> None:
    """The timeline has every session of every date, the report those that it cannot do without."""
    tables = tables_over(years)
    options: Any = {
        "policy": Policy(missing_days=missing_days, max_gap="40d", lookback="0d"),
        **{name: tables.pop(name) for name in ("maintenance", "maintenance_hours")},
    }
    length = relativedelta(years=years)
    window = {"all": Window(length, "seconds")}
    report = compute_report(**tables, now=NOW, windows=window, detail=True, **options)
    pieces = compute_timeline(**tables, now=NOW, start=NOW - length, **options)
    assert (report["scheduled_all"] > 0).all()
    seconds = (pl.col("end") - pl.col("start")).sum().dt.total_microseconds() / 1_000_000
    sums = pieces.group_by("store_id", "state").agg(seconds)
    for state, column in (("up", "uptime"), ("down", "downtime"), ("unknown", "unknown")):
        found = dict(report.select("store_id", f"{column}_all").rows())
        told = dict.fromkeys(found, 0.0)
        told.update(sums.filter(pl.col("state") == state).drop("state").rows())
        assert found == told


# --- worked by hand -------------------------------------------------------------------------------


def scheduled(store: Store, now: str) -> float:
    """Return the open hours of 2,000 years."""
    report = compute_report(
        *frames([store]),
        now,
        windows={"all": Window(dt.timedelta(weeks=WEEKS))},
        maintenance=maintenance_frame([store], ()),
        maintenance_hours=maintenance_hours_frame([store], ()),
        detail=True,
    )
    found = report["scheduled_all"].item()
    assert isinstance(found, float)
    return found


def weeks_before(now: str, weeks: int) -> int:
    """Return the ordinal of a date."""
    return (dt.datetime.fromisoformat(now) - dt.timedelta(weeks=weeks)).toordinal()


MONDAY = "2024-05-13T00:00:00+00:00"


@pytest.mark.parametrize("since", [0, 1, 2, 500, 50_000, WEEKS - 1, WEEKS])
def test_hours_that_change_on_a_monday_some_weeks_ago(since: int) -> None:
    """Weeks of 56 hours before it, and of 21 hours from then on."""
    change = weeks_before(MONDAY, since)
    rows = (*daily("09:00", "17:00", None, change), *daily("10:00", "13:00", change))
    assert scheduled(Store(1, "UTC", rows), MONDAY) == (WEEKS - since) * 56 + since * 21


@pytest.mark.parametrize("since", [0, 1, 2, 500, 50_000, WEEKS - 1, WEEKS])
def test_maintenance_that_changes_on_a_monday_some_weeks_ago(since: int) -> None:
    """A store that never closes; an hour a week before it, and three from then on."""
    change = weeks_before(MONDAY, since)
    recurring = (
        DatedRow(2, tod("22:00"), tod("23:00"), valid_until=change),
        DatedRow(5, tod("22:00"), tod("01:00"), valid_from=change),
    )
    expected = WEEKS * 168 - (WEEKS - since) - 3 * since
    assert scheduled(Store(1, recurring=recurring), MONDAY) == expected


def test_a_store_that_opens_and_closes_for_good_centuries_apart() -> None:
    """Open for 1,000 weeks that ended 60,000 weeks ago."""
    end = at(MONDAY) - 60_000 * 7 * DAY
    life = ((None, end - 7000 * DAY), (end, None))
    recurring = daily("12:00", "13:00")
    assert scheduled(Store(1, maintenance=life), MONDAY) == 168_000
    assert scheduled(Store(1, maintenance=life, recurring=recurring), MONDAY) == 161_000


def test_windows_that_begin_and_end_in_quiet_time() -> None:
    """Open 8 hours a day, in UTC; 2019 had 365 days, February 2020 had 29, and a decade 3,652."""
    windows = {
        "decade": Window(dt.timedelta(days=3652)),
        "year": CalendarWindow("year", -5),
        "month": CalendarWindow("month", -51),
        "day": CalendarWindow("day", -1000),
    }
    tables = frames([Store(1, "UTC", daily("09:00", "17:00"))])
    report = compute_report(*tables, MONDAY, windows=windows, detail=True)
    days = [report[f"scheduled_{name}"].item() / 8 for name in windows]
    assert days == [3652, 365, 29, 1]


@pytest.mark.parametrize(
    ("zone", "ahead"), [("Pacific/Kiritimati", 14), ("Etc/UTC", 0), ("Pacific/Pago_Pago", -11)]
)
@pytest.mark.parametrize("day", range(7))
def test_a_date_begins_on_the_wall_clock_whatever_the_weeks_are_counted_from(
    zone: str, ahead: int, day: int
) -> None:
    """Always open from a date on; another store, up to it. UTC is never more than 14 hours away."""
    start, end = at("2000-01-01"), at("2024-01-01")
    change = at("2012-02-01") + day * DAY
    date = dt.date(2012, 2, 1 + day).toordinal()
    stores = [
        Store(1, zone, daily("00:00", "24:00", since=date)),
        Store(2, zone, daily("00:00", "24:00", until=date)),
    ]
    windows = {"all": Window(dt.timedelta(microseconds=end - start))}
    report = compute_report(*frames(stores), "2024-01-01T00:00Z", windows=windows, detail=True)
    since, until = ((end - change) // HOUR + ahead, (change - start) // HOUR - ahead)
    assert report["scheduled_all"].to_list() == [since, until]


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("0001-01-02T00:00", "2001-01-01T00:00", "0001-01-01", "2001-01-01"),
        ("8000-01-01T00:00", "9999-12-31T00:00", "8000-01-01", "9999-12-31"),
    ],
)
def test_dates_at_both_ends_of_the_calendar(start: str, end: str, first: str, last: str) -> None:
    """In UTC: 16 hours a day, less one of maintenance on the last day but one."""
    since, until = (dt.date.fromisoformat(day).toordinal() for day in (first, last))
    store = Store(
        1,
        "UTC",
        daily("04:00", "20:00", since, until),
        recurring=daily("12:00", "13:00", until - 2, until - 1),
    )
    days = (at(end) - at(start)) // DAY
    report = compute_report(
        *frames([store]),
        f"{end}Z",
        windows={"all": Window(dt.timedelta(days=days))},
        maintenance_hours=maintenance_hours_frame([store], ()),
        detail=True,
    )
    assert report["scheduled_all"].item() == days * 16 - 1


# --- what it costs --------------------------------------------------------------------------------


def test_changes_add_a_few_weeks_of_dates_each(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = {"all": Window(relativedelta(years=2000))}
    dates = dates_of(
        monkeypatch, lambda: compute_report(**tables_over(2000), now=NOW, windows=windows)
    )
    # The zones have some 600 changes of the clocks together, and a week or two beside each.
    assert dates < 10_000
