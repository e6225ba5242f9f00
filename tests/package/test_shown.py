"""Policies and windows show themselves as the short call that makes them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import DEFAULT_WINDOWS, CalendarWindow, Policy, Window
from support.strategies import examples

NAMES = {
    "CalendarWindow": CalendarWindow,
    "Policy": Policy,
    "Window": Window,
    "relativedelta": relativedelta,
    "datetime": dt,
}


def made_of(text: str) -> Any:
    return eval(text, NAMES)  # noqa: S307  # our own


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Policy(), "Policy()"),
        (Policy(max_gap="90m"), "Policy(max_gap='1h30m')"),
        (Policy(backfill=False, lookback="0s"), "Policy(backfill=False, lookback='0s')"),
        (Policy(max_gap=None, lookback="1d"), "Policy(max_gap=None)"),
        (
            Policy.for_changes(default_timezone="Etc/UTC"),
            "Policy(interpolation='previous', evidence='all', backfill=False, max_gap=None, lookback=None, default_timezone='Etc/UTC')",
        ),
        (Window("7d"), "Window('7d')"),
        (Window("1w", "days"), "Window('7d', unit='days')"),
        (Window(dt.timedelta(microseconds=1)), "Window('1us')"),
        (Window("36h1ms"), "Window('1d12h1ms')"),
        (Window("1q"), "Window('3mo')"),
        (Window("14mo3d"), "Window('1y2mo3d')"),
        (Window(relativedelta(months=1, days=-2)), "Window(relativedelta(months=+1, days=-2))"),
        (Window(relativedelta(hours=36)), "Window(relativedelta(days=+1, hours=+12))"),
        (Window(relativedelta(day=1)), "Window(relativedelta(day=1))"),
        (CalendarWindow("day"), "CalendarWindow('day')"),
        (CalendarWindow("month", 0, "days"), "CalendarWindow('month', offset=0, unit='days')"),
        (
            CalendarWindow("week", week_start="sunday"),
            "CalendarWindow('week', week_start='sunday')",
        ),
        (CalendarWindow("year", first_month=4), "CalendarWindow('year', first_month=4)"),
    ],
    ids=repr,
)
def test_only_what_is_not_the_default_is_shown(value: object, shown: str) -> None:
    assert repr(value) == shown
    assert made_of(shown) == value


def test_the_default_windows_are_shown_as_a_dict_of_short_calls() -> None:
    assert made_of(repr(DEFAULT_WINDOWS)) == DEFAULT_WINDOWS


LENGTHS = st.timedeltas(dt.timedelta(microseconds=1), dt.timedelta(days=700_000))
MONTHS = st.builds(
    relativedelta,
    years=st.integers(0, 100),
    months=st.integers(1, 30),
    days=st.integers(-20, 400),
    minutes=st.integers(0, 3000),
    microseconds=st.integers(0, 10**7),
)
POLICIES = st.builds(
    Policy,
    interpolation=st.sampled_from(["nearest", "previous", "next"]),
    evidence=st.sampled_from(["open", "all"]),
    backfill=st.booleans(),
    max_gap=st.none() | LENGTHS,
    lookback=st.none() | LENGTHS | st.just(dt.timedelta(0)),
    missing_days=st.sampled_from(["closed", "open"]),
    snap_midnight=st.booleans(),
    default_timezone=st.sampled_from(["America/Chicago", "Etc/UTC", "no'such\"zone"]),
)
WINDOWS = st.builds(
    Window, LENGTHS | MONTHS, st.sampled_from(["seconds", "minutes", "hours", "days"])
)


@given(POLICIES | WINDOWS)
@examples(200)
def test_what_is_shown_makes_the_same_value(value: Policy | Window) -> None:
    again = made_of(repr(value))
    assert again == value
    assert type(again) is type(value)
    assert repr(again) == repr(value)


def test_a_subclass_shows_its_own_name() -> None:
    class House(Policy):
        """A caller's own, with other arguments: then all is shown."""

        def __init__(self, gap: str) -> None:
            super().__init__(max_gap=gap)

    assert repr(House("2h")).startswith("House('nearest', 'open', True, '2h', '1d', ")
