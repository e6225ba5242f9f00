"""Where a span is quiet, by hand: a stretch that is too short costs time, one too long an hour.

Days are counted from the start of the span, a Thursday, on which the weeks since 1970 begin.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from store_uptime import Policy
from store_uptime._engine.quiet_time import find_quiet
from store_uptime._tables.read import read_tables
from support.frames import frames, maintenance_frame, maintenance_hours_frame, special_frame
from support.oracle import DatedRow, Store
from support.wall_clock import DAY, at

FIRST = at("2001-01-04")
MICROSECOND = 1 / DAY  # in days
FIRST_DATE = dt.date(2001, 1, 4).toordinal()
SIMPLE = Policy(interpolation="previous", max_gap=None)
STORE = Store(1, "UTC", ((0, 0, DAY),))

Days = list[tuple[float, float]]


def quiet(
    *stores: Store,
    days: float = 700,
    points: tuple[float, ...] = (),
    policy: Policy = SIMPLE,
    in_memory: bool = True,
    first: int = FIRST,
) -> Days:
    """Return the quiet stretches of a span of some days, in days."""
    given: dict[str, Any] = dict(
        zip(("status", "hours", "timezones"), frames(stores or [STORE]), strict=True)
    )
    given["maintenance"] = maintenance_frame(stores, ())
    given["maintenance_hours"] = maintenance_hours_frame(stores, ())
    given["special_hours"] = special_frame(stores, {})
    tables = read_tables(given)
    span = tables.polls.between(first, first, first + round(days * DAY) - 1)
    read_at = pl.Series([first + round(point * DAY) for point in points], dtype=pl.Int64)
    found = find_quiet(tables, span._replace(in_memory=in_memory), policy, read_at)
    return [((start - first) / DAY, (end - first) / DAY) for start, end in found]


def polled(*days: float, first: int = FIRST) -> Store:
    return replace(STORE, polls=tuple((first + round(day * DAY), True) for day in days))


def test_a_span_in_which_nothing_is_known_is_quiet_to_its_last_microsecond() -> None:
    assert quiet() == [(0, 700)]


def test_a_short_span_is_not_worth_a_look() -> None:
    assert quiet(days=55) == []
    assert quiet(days=57) == [(0, 57)]


def test_two_days_on_both_sides_of_a_point_are_loud() -> None:
    assert quiet(points=(700,)) == [(0, 698)]
    assert quiet(points=(0,)) == [(2, 700)]
    assert quiet(points=(300, 302.5, 500)) == [(0, 298), (304.5, 498), (502, 700)]


def test_what_lies_outside_the_span_can_reach_into_it() -> None:
    assert quiet(points=(-1, 701)) == [(1, 699)]
    assert quiet(points=(-2, 703)) == [(0, 700)]


def test_a_point_whose_two_days_end_or_begin_with_the_span() -> None:
    """The last instant of the span is 700 days less a microsecond."""
    assert quiet(points=(702 - MICROSECOND,)) == [(0, 700 - MICROSECOND)]


def test_two_weeks_between_loud_stretches_are_too_few() -> None:
    assert quiet(points=(300, 318)) == [(0, 298), (320, 700)]
    assert quiet(points=(300, 318.5)) == [(0, 298), (302, 316.5), (320.5, 700)]


@pytest.mark.parametrize(
    "store",
    [
        replace(STORE, rows=(DatedRow(0, 0, DAY, FIRST_DATE + 300),)),
        replace(STORE, rows=(DatedRow(0, 0, DAY, None, FIRST_DATE + 300),)),
        replace(STORE, recurring=(DatedRow(0, 0, DAY, FIRST_DATE + 300),)),
        replace(STORE, recurring=(DatedRow(0, 0, DAY, None, FIRST_DATE + 300),)),
        replace(STORE, special={FIRST_DATE + 300: ((0, DAY),)}),
    ],
    ids=["hours from", "hours until", "maintenance from", "maintenance until", "special"],
)
def test_a_date_is_loud_from_a_day_before_it_to_the_end_of_its_hours(store: Store) -> None:
    assert quiet(store) == [(0, 299), (303, 700)]


def test_edges_of_maintenance_are_loud_for_a_microsecond() -> None:
    works = ((None, FIRST + 100 * DAY), (FIRST + 200 * DAY, FIRST + 300 * DAY))
    found = quiet(replace(STORE, maintenance=works))
    assert found == [
        (0, 100),
        (100 + MICROSECOND, 200),
        (200 + MICROSECOND, 300),
        (300 + MICROSECOND, 700),
    ]


# --- polls ----------------------------------------------------------------------------------------


def test_the_weeks_of_polls_are_loud_as_far_as_polls_speak() -> None:
    """Days 294 to 301 are week 42, days 399 to 406 week 57."""
    assert quiet(polled(296, 300, 400)) == [(0, 294), (301, 399), (406, 700)]
    spoken = replace(SIMPLE, max_gap=dt.timedelta(days=10))
    assert quiet(polled(296, 400), policy=spoken) == [(0, 284), (311, 389), (416, 700)]


def test_polls_before_1970_speak_as_far_as_later_ones() -> None:
    """A Thursday, 2,000 weeks before 1970."""
    first = -14_000 * DAY
    spoken = replace(SIMPLE, max_gap=dt.timedelta(days=10))
    found = quiet(polled(296, 400, first=first), policy=spoken, first=first)
    assert found == [(0, 284), (311, 389), (416, 700)]


def test_polls_that_speak_for_longer_than_the_span_leave_nothing_quiet() -> None:
    assert quiet(polled(300), policy=replace(SIMPLE, max_gap=dt.timedelta(days=699))) == []


def test_without_a_limit_only_neighbours_that_differ_matter() -> None:
    """Under ``previous`` a state changes at a poll; under ``nearest``, anywhere between two."""
    polls = polled(100, 500)
    assert quiet(polls) == [(0, 98), (105, 497), (504, 700)]
    nearest = Policy(max_gap=None)
    assert quiet(polls, policy=nearest) == [(0, 100), (500 + MICROSECOND, 700)]
    within = Policy(max_gap=dt.timedelta(days=1))
    assert quiet(polls, policy=within) == [(0, 97), (106, 496), (505, 700)]


def test_a_scan_is_loud_from_its_first_poll_to_its_last() -> None:
    assert quiet(polled(100, 500), in_memory=False) == [(0, 100), (500 + MICROSECOND, 700)]
    spoken = replace(SIMPLE, max_gap=dt.timedelta(days=10))
    found = quiet(polled(100, 500), policy=spoken, in_memory=False)
    assert found == [(0, 90), (510 + MICROSECOND, 700)]


def test_polls_outside_the_span_bring_no_noise_into_it() -> None:
    """Of a scan whose polls lie at days -50 and 800, what is inside is loud, for it may differ."""
    assert quiet(polled(-50, 300), in_memory=False) == [(300 + MICROSECOND, 700)]
    assert quiet(polled(300, 800), in_memory=False) == [(0, 300)]
    assert quiet(polled(-50, 300)) == [(0, 294), (301, 700)]
    assert quiet(polled(300, 800)) == [(0, 294), (301, 700)]
