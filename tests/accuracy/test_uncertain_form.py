"""The errors that a report tells are those of the same method in plain Python, to many digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest

from store_uptime import CalendarWindow, fit_outage_rates
from support.effort import thinned
from support.frames import (
    UNIT_US,
    Lengths,
    frames,
    maintenance_frame,
    maintenance_hours_frame,
    report_of,
    spans_of,
    special_frame,
)
from support.gap_pieces import Node
from support.oracle import Poll, Row, Rules, Store
from support.rates_form import fitted
from support.simulated_truths import NOW, poisson
from support.uncertain_form import gaps_between, stops_of, told_of
from support.uptime_error import Told
from support.wall_clock import DAY, HOUR, MINUTE, SECOND, instant

SAME = 1e-9  # of the known time of the window

LENGTHS: Lengths = {
    "hour": (timedelta(hours=1), "minutes"),
    "day": (timedelta(days=1), "hours"),
    "week": (timedelta(days=5), "hours"),
    "moment": (timedelta(seconds=90), "seconds"),
}
CALENDAR: Lengths = {
    "today": (CalendarWindow("day", 0), "hours"),
    "yesterday": (CalendarWindow("day", -1), "hours"),
    "before": (CalendarWindow("day", -4), "hours"),
    "all": (timedelta(days=6), "days"),
}
HOURS: dict[str, tuple[Row, ...]] = {
    "8 hours": tuple((day, 9 * HOUR, 17 * HOUR) for day in range(7)),
    "12 hours": tuple((day, 11 * HOUR, 23 * HOUR) for day in range(7)),
    "24 hours": (),
    "nights": tuple((day, 20 * HOUR, 4 * HOUR) for day in (0, 1, 2, 4, 5)),
}
REACHES = (None, timedelta(days=1), timedelta(hours=2), timedelta(minutes=35))


def states(kind: str, count: int, random: Random) -> list[bool]:
    """Return what a store answers."""
    if kind == "mixed":
        return [random.random() < 0.7 for _ in range(count)]
    if kind == "runs":
        long = [random.random() < 0.12 for _ in range(count)]
        return [sum(long[: k + 1]) % 2 == 0 for k in range(count)]
    if kind == "one change":
        turn = random.randrange(1, max(count, 2))
        return [k < turn for k in range(count)]
    return [kind == "up"] * count


def instants(kind: str, random: Random) -> list[int]:
    """Return when a store is polled."""
    low = NOW - 7 * DAY
    if kind == "two":
        return sorted(random.randrange(low, NOW) for _ in range(2))
    if kind == "few":
        return sorted(random.randrange(low, NOW) for _ in range(9))
    if kind == "bursts":
        starts = sorted(random.randrange(low, NOW - HOUR) for _ in range(12))
        return sorted({us + k * 40 * SECOND + k for us in starts for k in range(6)})
    every = {"often": 25 * MINUTE, "hourly": HOUR, "seldom": 7 * HOUR}[kind]
    return sorted(set(poisson(every)(random, low, NOW)))


KINDS = ("up", "down", "one change", "runs", "mixed")
TIMES = ("hourly", "often", "seldom", "few", "two", "bursts")


def made(number: int) -> list[Store]:
    """Return stores of every kind, of which the hours and the times vary with a number."""
    random = Random(f"form {number}")  # noqa: S311  # a simulation
    found = []
    for place, kind in enumerate(KINDS):
        times = instants(TIMES[(place + number) % len(TIMES)], random)
        polls: Sequence[Poll] = tuple(zip(times, states(kind, len(times), random), strict=True))
        rows = list(HOURS.values())[(place + 2 * number) % len(HOURS)]
        found.append(Store(10 * number + place, "America/Chicago", rows, tuple(polls)))
    return found


def assert_same_form(
    stores: Sequence[Store], rules: Rules, lengths: Lengths = LENGTHS, **options: Any
) -> int:
    """Compare every window of every store, and return how many tell something."""
    rates, same = options.pop("nodes", None), options.pop("same", SAME)
    now = options.pop("now", NOW)
    report = report_of(frames(stores), now, lengths, rules, {"uncertainty": True, **options})
    rows = {row["store_id"]: row for row in report.iter_rows(named=True)}
    told = 0
    for store in stores:
        spans = spans_of(now, lengths, store.zone or "UTC")
        expected = told_of(store, rules, now, spans, rates)
        for (name, (_, unit)), own in zip(lengths.items(), expected, strict=True):
            row, us = rows[store.store_id], UNIT_US[unit]
            known = (row[f"uptime_{name}"] + row[f"downtime_{name}"]) * us
            both = row[f"uptime_expected_{name}"], row[f"uptime_error_{name}"]
            if own is None:
                assert both == (None, None), (store.store_id, name)
                continue
            found = Told(both[0] * us, both[1] * us)
            assert tuple(found) == pytest.approx(tuple(own), rel=0, abs=same * known), (
                store.store_id,
                name,
            )
            told += 1
    return told


@pytest.mark.parametrize("number", thinned(range(12), 4))
def test_random_stores_by_random_rules(number: int) -> None:
    """Each number has other hours, other times of polls, and other rules."""
    rules = Rules(
        interpolation=("nearest", "previous", "next")[number % 3],
        evidence=("open", "all")[number // 3 % 2],
        backfill=number % 4 != 3,
        max_gap=REACHES[number % 4],
        lookback=(timedelta(days=1), timedelta(0), None)[number // 2 % 3],
    )
    assert assert_same_form(made(number), rules) >= 5
    assert assert_same_form(made(number), rules, CALENDAR) >= 4


def closed_now_and_then(number: int) -> list[Store]:
    """Return stores of which each has days, hours and weeks of its own in which it is closed."""
    today = date(2024, 5, 22).toordinal()
    special = {
        today: ((10 * HOUR, 12 * HOUR), (13 * HOUR, 22 * HOUR)),
        today - 2: (),
        today - 3: ((0, DAY),),
    }
    works = ((NOW - 30 * HOUR, NOW - 27 * HOUR), (None, NOW - 6 * DAY), (NOW - 20 * MINUTE, None))
    recurring = ((0, 12 * HOUR, 13 * HOUR), (2, 8 * HOUR, 9 * HOUR + 1))
    return [
        replace(store, special=special, maintenance=works[: place + 1], recurring=recurring)
        for place, store in enumerate(made(number))
    ]


@pytest.mark.parametrize("number", thinned(range(3), 3))
@pytest.mark.parametrize("max_gap", [None, timedelta(minutes=50)], ids=str)
def test_special_days_and_maintenance(number: int, max_gap: timedelta | None) -> None:
    stores = closed_now_and_then(number)
    tables: dict[str, Any] = {
        "special_hours": special_frame(stores, {}),
        "maintenance": maintenance_frame(stores, ()),
        "maintenance_hours": maintenance_hours_frame(stores, ()),
    }
    for lengths in (LENGTHS, CALENDAR):
        assert assert_same_form(stores, Rules(max_gap=max_gap), lengths, **tables) >= 4


def test_windows_inside_one_gap_and_at_its_ends() -> None:
    """Polls at whole hours, and windows that begin, end or lie between them, or meet them."""
    polls = tuple((NOW - k * HOUR, k not in (3, 4)) for k in range(30, 1, -1))
    lengths: Lengths = {
        "after the last": (timedelta(minutes=100), "minutes"),
        "from the last": (timedelta(hours=2), "minutes"),
        "a second more": (timedelta(hours=2, seconds=1), "minutes"),
        "inside": (timedelta(minutes=150), "minutes"),
        "from one on": (timedelta(hours=5), "minutes"),
        "all": (timedelta(hours=31), "hours"),
    }
    stores = [Store(1, "UTC", (), polls), Store(2, "UTC", (), polls[:-3])]
    for max_gap in (None, timedelta(minutes=20), timedelta(minutes=5)):
        for way in ("nearest", "previous", "next"):
            assert assert_same_form(stores, Rules(way, max_gap=max_gap), lengths) >= 3


def test_polls_at_the_very_end_and_beyond_open_time() -> None:
    """Polls at 13 o'clock, now and a day ago; others are from before opening and after closing."""
    now = NOW // DAY * DAY + 13 * HOUR
    minutes = (0, 20, 30, 70, 100, 300, 700, 1440)
    polls = tuple((now - ago * MINUTE, ago != 70) for ago in minutes)
    lengths: Lengths = {
        "microsecond": (timedelta(microseconds=1), "seconds"),
        "moment": (timedelta(microseconds=5), "seconds"),
        "minutes": (timedelta(minutes=4), "minutes"),
        "hour": (timedelta(hours=1), "minutes"),
        "day": (timedelta(days=1), "hours"),
    }
    usual = tuple((day, 9 * HOUR, 18 * HOUR) for day in range(7))
    early = tuple((day, 7 * HOUR + 30 * MINUTE, 18 * HOUR) for day in range(7))
    opened = ((usual, polls), (early, polls), (usual, polls[1:]))
    stores = [Store(number, "UTC", *each) for number, each in enumerate(opened)]
    for max_gap in (timedelta(minutes=8), timedelta(minutes=22), None):
        for way in ("open", "all"):
            rules = Rules(evidence=way, max_gap=max_gap, lookback=timedelta(0))
            assert assert_same_form(stores, rules, lengths, now=now) >= 4


def test_a_poll_at_opening_time_where_a_day_ends_before() -> None:
    """A calendar window that ends in closed time before the poll holds the gap, but not the poll."""
    midnight = NOW // DAY * DAY
    times = [midnight - DAY + us for us in (9 * HOUR, 11 * HOUR, 15 * HOUR, 33 * HOUR, 35 * HOUR)]
    polls = tuple((us, k % 2 == 0) for k, us in enumerate(times))
    lengths: Lengths = {"yesterday": (CalendarWindow("day", -1), "hours"), **LENGTHS}
    assert assert_same_form([Store(1, "UTC", HOURS["8 hours"], polls)], Rules(), lengths) >= 3


USUAL = [(0.02, 0.5, 0.625), (0.3, 4.0, 0.375)]
EXTREME = [(0.02, 0.5, 0.5), (0.3, 4.0, 0.25), (0.001, 1e-7, 0.125), (0.5, 1e12, 0.125)]


@pytest.mark.parametrize(
    ("nodes", "same"), [(USUAL, 1e-7), (EXTREME, 2e-6)], ids=["usual", "extreme"]
)
@pytest.mark.parametrize("number", thinned(range(3), 3))
def test_with_given_rates(nodes: list[Node], same: float, number: int) -> None:
    """Of common rates, and of such as make all gaps short or all long.

    Two nodes lie on a line. What is left beside it is the root of a rounding error, 1e-8 or so; in a
    window that is a thousandth of a gap without changes, 1e-6.
    """
    table = pl.DataFrame(nodes, ["share_down", "rate", "weight"], orient="row")
    told = assert_same_form(made(number), Rules(), rates=table, nodes=nodes, same=same)
    assert told >= 8


def test_gaps_of_half_a_second_and_of_months_with_given_rates() -> None:
    """The unit of given rates is 72 minutes; some of these change once in 10,000 hours."""
    bursts = tuple((NOW - 200 * SECOND + k * SECOND // 2, k % 70 > 4) for k in range(300))
    seldom = tuple((NOW - days * DAY, days != 260) for days in (260, 259, 60, 1))
    lengths: Lengths = {**LENGTHS, "year": (timedelta(days=300), "days")}
    nodes = [(0.02, 1e-4, 0.625), (0.3, 4.0, 0.375)]
    table = pl.DataFrame(nodes, ["share_down", "rate", "weight"], orient="row")
    stores = [Store(1, "UTC", (), bursts), Store(2, "UTC", (), seldom + bursts[-3:])]
    rules = Rules(max_gap=None, lookback=None)
    assert assert_same_form(stores, rules, lengths, rates=table, nodes=nodes, same=1e-7) >= 8


@pytest.mark.parametrize("number", thinned(range(3), 3))
def test_rates_learnt_from_all_stores(number: int) -> None:
    stores, rules, first = made(number), Rules(), NOW - 5 * DAY
    found = fit_outage_rates(*frames(stores), instant(NOW), start=instant(first))
    gaps = [gaps_between(stops_of(store, rules, NOW, first)[0]) for store in stores]
    expected = sorted(fitted([each for each in gaps if each]), key=lambda node: node[1::-1])
    rows = found.select("share_down", "rate", "weight").rows()
    assert len(rows) == len(expected) == 189
    for row, node in zip(rows, expected, strict=True):
        assert row == pytest.approx(node, rel=SAME, abs=SAME)
