"""How long a window can be: no right report is ever refused for having more time than that."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from dateutil.relativedelta import MO, relativedelta
from hypothesis import given, reject
from hypothesis import strategies as st

from store_uptime import CalendarWindow, PolicyError, Window
from store_uptime._engine.window_edges import find_window_edges
from store_uptime._time.zone_names import zone_names
from store_uptime._time.zones import segments
from store_uptime.windows import Period
from support.effort import thinned
from support.strategies import examples
from support.wall_clock import DAY, HOUR, at, instant

PERIODS: tuple[Period, ...] = ("day", "week", "month", "quarter", "year")
LAST_CHANGE = at("2040-01-01")


@pytest.mark.parametrize(
    ("length", "days"),
    [
        (dt.timedelta(hours=36), 1.5),
        (relativedelta(months=1), 31),  # from 1 or 31 January
        (relativedelta(months=2), 62),  # from 1 July
        (relativedelta(years=1), 366),
        (relativedelta(months=13, days=2, hours=12), 366 + 31 + 2.5),
        (relativedelta(months=-1, days=40), 40),  # ten days or more
    ],
)
def test_the_longest_of_a_rolling_window(length: dt.timedelta | relativedelta, days: float) -> None:
    assert Window(length).longest_us() == days * DAY


def test_a_window_that_goes_back_to_a_date_may_be_of_any_length() -> None:
    for length in (
        relativedelta(days=1, hour=0),
        relativedelta(months=1, day=1),
        relativedelta(days=1, weekday=MO(-1)),
        relativedelta(years=1, leapdays=1),
    ):
        assert Window(length).longest_us() > 9_998 * 365 * DAY


parts = st.fixed_dictionaries(
    {
        "years": st.integers(-2, 30),
        "months": st.integers(-30, 30),
        "days": st.integers(-40, 400),
        "minutes": st.integers(-3000, 3000),
    }
)
nows = st.integers(at("1901-01-01"), at("2199-01-01")) | st.builds(
    lambda year, month, day: at(f"{year}-{month:02}-28") + day * DAY,
    st.sampled_from((2000, 2023, 2024, 2100)),
    st.integers(1, 12),
    st.integers(0, 3),
)


@examples(300)
@given(parts, nows)
def test_no_relative_window_is_longer(parts: dict[str, int], now: int) -> None:
    try:
        window = Window(relativedelta(**parts))  # type: ignore[arg-type]
        start = window.start_us(instant(now))
    except PolicyError:
        reject()  # it points ahead
    assert now - start <= window.longest_us()


def lengths(zone: str, now: int) -> list[tuple[Period, int]]:
    """Return how long the periods around an instant are in a zone."""
    windows = {
        f"{period}{offset}": CalendarWindow(period, offset)
        for period in PERIODS
        for offset in (-1, -2)
    }
    windows["from_sunday"] = CalendarWindow("week", week_start="sunday")
    windows["from_march"] = CalendarWindow("year", first_month=3)
    windows["from_february"] = CalendarWindow("quarter", first_month=2)
    row = find_window_edges(windows, [instant(now)], [zone]).row(0, named=True)
    return [
        (window.period, row[f"end@{name}"] - row[f"start@{name}"])
        for name, window in windows.items()
    ]


@pytest.mark.parametrize("zone", thinned(sorted(zone_names()), 25))
def test_no_period_is_longer_in_any_zone(zone: str) -> None:
    """The periods just before and around each change of the clocks since clocks were set by law."""
    for before, after in pairwise(segments(zone, at("1800-01-01"), LAST_CHANGE)):
        if after.offset < before.offset:
            for later in (2 * DAY, 8 * DAY, 40 * DAY, 370 * DAY):
                for period, length in lengths(zone, after.start + later):
                    assert length <= CalendarWindow(period).longest_us()


@pytest.mark.parametrize(
    ("zone", "next_date", "hours"),
    [
        ("America/Adak", "1867-10-20", 48),  # Alaska was sold: the 18th came twice
        ("Pacific/Apia", "1892-07-06", 48),  # Samoa had two 4 July
        ("Pacific/Kwajalein", "1969-10-02", 47),
        ("America/New_York", "2024-11-04", 25),
    ],
)
def test_days_that_were_longer_than_others(zone: str, next_date: str, hours: int) -> None:
    now = at(f"{next_date}T12:00")
    longest = max(length for period, length in lengths(zone, now) if period == "day")
    assert longest == hours * HOUR
    assert longest <= CalendarWindow("day").longest_us()
