"""Centuries without polls: they cost no time, and their open time is exact."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from store_uptime import (
    DEFAULT_WINDOWS,
    CalendarWindow,
    Policy,
    Window,
    compute_history,
    compute_report,
)
from store_uptime._engine import batches
from store_uptime._engine.axis import Axis
from store_uptime._engine.reports import make_reports
from store_uptime._tables.read import read_tables
from support.calendars import dates_of
from support.frames import Length, Lengths, Maintenance, frames, report_of, totals_of
from support.hours_drawn import dated, recurring_maintenance, weeks
from support.oracle import DatedRow, Rules, Store, measure
from support.strategies import Scenario, examples, scenarios
from support.wall_clock import DAY, HOUR, at, instant, tod

FOUR_CENTURIES = dt.timedelta(days=146_097)  # 400 * 365 + 97
SUNDAYS = 20_871  # 146,097 / 7


def without_quiet_time(compute: Any) -> pl.DataFrame:
    """Compute with the sessions of all dates."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "find_quiet", lambda *_: [])
        report: pl.DataFrame = compute()
        return report


# --- random stores --------------------------------------------------------------------------------

LENGTHS: st.SearchStrategy[Length] = st.sampled_from(
    (
        dt.timedelta(days=61),
        dt.timedelta(days=400, microseconds=1),
        relativedelta(years=3),
        relativedelta(years=40),
        CalendarWindow("day", -200),
        CalendarWindow("month", -7),
        CalendarWindow("year", -5),
    )
)
GAPS = st.sampled_from((None, dt.timedelta(hours=1), dt.timedelta(days=300)))


@st.composite
def long_scenarios(draw: st.DrawFn) -> Scenario:
    """Draw stores with windows that reach far back, and odd days anywhere in them."""
    drawn = draw(scenarios())
    long: Lengths = {f"long{k}": (draw(LENGTHS), "seconds") for k in range(draw(st.integers(1, 2)))}
    past = st.integers(0, 1500)
    today = instant(drawn.now).toordinal()
    special = {today - draw(past): ((tod("22:00"), tod("03:00")),) for _ in range(3)}
    start = drawn.now - draw(past) * DAY
    dates = past.map(lambda ago: today - ago)
    works: Maintenance = ((start, start + draw(st.sampled_from((HOUR, 40 * DAY, 900 * DAY)))),)
    works = draw(st.sampled_from((works, ((None, start),), ((start, None),))))

    def longer(store: Store) -> Store:
        poll = (drawn.now - draw(past) * DAY - 1, draw(st.booleans()))
        polls = (*store.polls, poll) if draw(st.booleans()) else store.polls
        rows = draw(dated(weeks, dates)) if draw(st.booleans()) else store.rows
        recurring = draw(recurring_maintenance(dates))
        return replace(store, polls=polls, rows=rows, recurring=recurring, null_zone=True)

    return replace(
        drawn,
        stores=tuple(longer(store) for store in drawn.stores),
        lengths={**drawn.lengths, **long},
        rules=replace(drawn.rules, max_gap=draw(GAPS)),
        special={**drawn.special, **special} if draw(st.booleans()) else {},
        maintenance=drawn.maintenance + works if draw(st.booleans()) else (),
        recurring=draw(recurring_maintenance(dates)),
    )


@examples(80)
@given(long_scenarios())
def test_leaving_dates_out_changes_nothing(scenario: Scenario) -> None:
    whole = without_quiet_time(scenario.report)
    assert_frame_equal(scenario.report(), whole, check_exact=True)


def test_a_long_window_equals_the_oracle() -> None:
    now = at("2024-07-10T12:00")
    today = instant(now).toordinal()
    lengths: Lengths = {
        "years": (relativedelta(years=3), "seconds"),
        "day": (dt.timedelta(days=1), "minutes"),
        "year": (CalendarWindow("year", -2), "hours"),
    }
    nights = tuple((day, tod("22:00"), tod("02:30")) for day in (0, 5, 6))
    stores = [
        Store(1, "America/Chicago", nights, ((now - 90 * DAY, True), (now - HOUR, False))),
        Store(2, "Australia/Lord_Howe", ((6, tod("24:00"), tod("06:00")),), ((now, True),)),
        Store(3, "Europe/London", (), ((now - 2 * HOUR, True),)),
        Store(
            4,
            "America/New_York",
            ((6, tod("01:00"), tod("03:00")), (2, tod("00:00"), tod("00:00"))),
            special={instant(now - 500 * DAY).toordinal(): ((tod("24:00"), tod("05:00")),)},
            maintenance=((now - 800 * DAY, now - 700 * DAY),),
        ),
        Store(5, "Europe/London", recurring=((6, tod("00:30"), tod("02:00")),)),
        Store(
            6,
            "America/Chicago",
            (
                *(DatedRow(*night, valid_until=today - 300) for night in nights),
                DatedRow(6, tod("02:30"), tod("09:00"), today - 200),
            ),
            maintenance=((None, now - 900 * DAY),),
            recurring=(DatedRow(6, tod("01:30"), tod("02:30"), today - 700),),
        ),
    ]
    scenario = Scenario(tuple(stores), now, lengths, Rules(max_gap=dt.timedelta(days=2)))
    expected = {
        each.store_id: measure(each, scenario.rules, now, scenario.spans(each)) for each in stores
    }
    assert totals_of(scenario.report(), lengths) == expected


# --- worked by hand -------------------------------------------------------------------------------


def test_two_thousand_years_of_working_hours() -> None:
    """Five times 400 years are 5 * 20,871 weeks of 40 hours."""
    weekdays = tuple((day, tod("09:00"), tod("17:00")) for day in range(5))
    store = Store(1, "UTC", weekdays, ((at("2024-01-24T12:00"), True),))
    lengths: Lengths = {"all": (5 * FOUR_CENTURIES, "hours"), "week": (dt.timedelta(7), "hours")}
    rules = Rules(max_gap=dt.timedelta(hours=1))
    report = report_of(frames([store]), at("2024-01-25T00:00"), lengths, rules)
    row = report.row(0, named=True)
    assert row["scheduled_all"] == 5 * SUNDAYS * 40
    # From an hour before the poll to an hour after it.
    assert (row["uptime_all"], row["downtime_all"]) == (2, 0)
    assert (row["scheduled_week"], row["uptime_week"]) == (40, 2)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        # On Sundays in March New York's clock goes from 02:00 to 03:00; in November the hour from
        # 01:00 comes twice.
        ("02:00", "03:00", SUNDAYS - 400),
        ("01:00", "02:00", SUNDAYS + 400),
        ("03:00", "04:00", SUNDAYS),
    ],
)
@pytest.mark.parametrize("times", [1, 2, 3, 5])
def test_the_clocks_change_twice_a_year_for_centuries(
    start: str, end: str, hours: int, times: int
) -> None:
    store = Store(1, "America/New_York", ((6, tod(start), tod(end)),))
    lengths: Lengths = {"all": (times * FOUR_CENTURIES, "hours")}
    now = at("2110-06-01T00:00") + times * FOUR_CENTURIES // dt.timedelta(microseconds=1)
    report = report_of(frames([store]), now, lengths)
    assert report["scheduled_all"].item() == times * hours


@pytest.mark.parametrize(
    ("start", "end"),
    [("0001-01-02T00:00", "2001-01-01T00:00"), ("8000-01-01T00:00", "9999-12-31T23:00")],
)
def test_a_store_that_never_closes_is_open_at_both_ends_of_the_calendar(
    start: str, end: str
) -> None:
    whole_days = tuple((day, 0, DAY) for day in range(7))
    zones = ("Europe/London", "America/New_York", "Asia/Tokyo")
    stores = [Store(zone, zone, whole_days) for zone in zones]
    length = instant(at(end)) - instant(at(start))
    lengths: Lengths = {"all": (length, "seconds")}
    report = report_of(frames(stores), at(end), lengths)
    assert report["scheduled_all"].to_list() == [length.total_seconds()] * len(zones)


# --- instants far apart ---------------------------------------------------------------------------

AT = (
    "0001-02-03T04:05:06Z",
    "1023-01-25T00:00:00Z",
    "2024-01-25T00:00:00Z",
    "2024-01-26T00:00:00Z",
    "2124-03-10T07:30:00Z",
    "9999-10-30T23:59:59Z",
)
STORES = [
    Store(1, "America/New_York", ((6, tod("01:00"), tod("03:00")),), ((at(AT[2]), True),)),
    Store(2, "Asia/Kathmandu", (), ((at(AT[1]), True), (at(AT[3]) - HOUR, False))),
    Store(3, None, tuple((day, 0, DAY) for day in range(7)), ((at("2000-01-01"), False),)),
]
POLICIES = {
    "default": Policy(),
    "without a limit": Policy(max_gap=None, lookback=dt.timedelta.max),
    "a century": Policy(max_gap=dt.timedelta(days=40_000), lookback=dt.timedelta(days=400_000)),
    "changes": Policy(interpolation="previous", backfill=False, lookback=dt.timedelta.max),
}
WINDOWS = {
    "week": Window(dt.timedelta(days=7)),
    "yesterday": CalendarWindow("day"),
    "month": CalendarWindow("month", 0),
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_a_history_of_instants_centuries_apart_is_its_reports(policy: Policy) -> None:
    tables = frames(STORES)
    history = compute_history(*tables, AT, windows=WINDOWS, policy=policy, detail=True)
    assert history["now"].is_sorted()
    for now in AT:
        report = compute_report(*tables, now, windows=WINDOWS, policy=policy, detail=True)
        own = history.filter(pl.col("now") == dt.datetime.fromisoformat(now)).drop("now")
        assert_frame_equal(own, report, check_exact=True)


# --- what it costs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("windows", "most"),
    [
        # The zones have some 600 changes of the clocks together, and a week or two beside each.
        ({"all": Window(relativedelta(years=2000))}, 8_000),
        ({"year": CalendarWindow("year", -1000), "today": CalendarWindow("day", 0)}, 8_000),
        ({"day": CalendarWindow("day", -300_000)}, 8_000),
        ({"century": Window(dt.timedelta(days=36_500))}, 8_000),
        ({"week": Window(dt.timedelta(days=7))}, 50),
    ],
)
def test_a_long_window_has_few_dates(
    monkeypatch: pytest.MonkeyPatch, windows: dict[str, Any], most: int
) -> None:
    now = instant(at("2024-01-25T00:00"))
    tables = frames([replace(store, polls=((at(AT[2]), True),)) for store in STORES])
    compute = lambda: compute_report(*tables, now, windows=windows)  # noqa: E731
    assert dates_of(monkeypatch, compute) <= most


def test_an_instant_far_away_has_the_dates_of_its_own_windows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables = frames([replace(store, polls=((at(AT[2]), True),)) for store in STORES])

    def count(instants: list[str]) -> int:
        return dates_of(monkeypatch, lambda: compute_history(*tables, instants))

    assert count([AT[2], AT[0], AT[5]]) == count([AT[2]]) + count([AT[0]]) + count([AT[5]])
    far = Policy(lookback=dt.timedelta.max)
    forever = lambda: compute_history(*tables, [AT[2], AT[5]], policy=far)  # noqa: E731
    # Two zones with two changes in each of some 480 + 400 years.
    assert dates_of(monkeypatch, forever) <= 60_000


def test_spans_apart_share_no_axis(monkeypatch: pytest.MonkeyPatch) -> None:
    spans: list[int] = []

    def spy(stores: int, first: int, last: int) -> Axis:
        spans.append(last - first)
        return Axis(stores, first, last)

    monkeypatch.setattr(batches, "Axis", spy)
    compute_history(*frames(STORES), AT, windows={"hour": Window(dt.timedelta(hours=1))})
    assert max(spans) < 3 * DAY


def test_groups_of_instants_count_in_the_progress_and_once_in_what_is_known() -> None:
    seen: list[tuple[int, int]] = []
    given_tables = frames([replace(store, rows=()) for store in STORES])
    tables = read_tables(dict(zip(("status", "hours", "timezones"), given_tables, strict=True)))
    _, coverage = make_reports(
        tables,
        [dt.datetime.fromisoformat(each) for each in AT[1:3]],
        DEFAULT_WINDOWS,
        Policy(),
        detail=False,
        uncertainty=False,
        progress=lambda done, of: seen.append((done, of)),
    )
    assert seen == [(3, 6), (6, 6)]
    # Store 2 was polled at the earlier instant, store 1 at the later one, store 3 at neither.
    assert coverage.stores == 3
    assert coverage.stores_known == dict.fromkeys(DEFAULT_WINDOWS, 2)
