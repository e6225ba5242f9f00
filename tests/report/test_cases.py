"""Cases that others published, with their answers.

Durations: timescale/timescaledb-toolkit @ 27e7345 (``extension/src/heartbeat_agg.rs``,
``extension/src/state_aggregate.rs``, ``docs/state_agg.md``).  Always open, UTC, times on
2020-01-01.  In a *heartbeat* every poll is up and speaks for its time to live, forward only; the
rest is unknown.  A *hold* carries the last state forward.

Weekly hours: opening-hours/opening_hours.js @ e041cdf (``test/test.js``), the cases that are plain
additive weekly rows, in Europe/Berlin; the windows run between local midnights, and both lie in
summer time (UTC+2).
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.frames import Lengths, frames, report_of, spans_of, totals_of
from support.oracle import Poll, Row, Rules, Store, Totals, measure
from support.wall_clock import HOUR, SECOND, at, tod


def report_both(store: Store, start: int, end: int, rules: Rules) -> Totals:
    """Ask the library, and the witness of the random tests as well."""
    lengths: Lengths = {"w": (timedelta(microseconds=end - start), "seconds")}
    found = totals_of(report_of(frames([store]), end, lengths, rules), lengths)
    assert found[store.store_id] == measure(store, rules, end, spans_of(end, lengths))
    return found[store.store_id][0]


def moment(clock: str) -> int:
    """Return the instant of a time on 2020-01-01."""
    return at(f"2020-01-01T{clock}")


HEARTBEATS = [
    pytest.param(
        10,
        "00:02:20 00:10:00 00:17:00 00:30:00 00:35:00 00:40:00 00:35:00 00:40:00 00:40:00 00:50:30 "
        "01:00:00 01:08:00 01:18:00 01:28:00 01:38:01 01:40:00 01:40:01 01:50:01 01:57:00 01:59:50",
        "02:00:00",
        6849,
        351,
        id="two hours",
    ),
    pytest.param(5, "00:02:20 00:10:00 00:17:00", "00:30:00", 900, 900, id="half an hour"),
]


@pytest.mark.parametrize(("ttl", "polls", "end", "up", "unknown"), HEARTBEATS)
def test_heartbeats(ttl: int, polls: str, end: str, up: int, unknown: int) -> None:
    store = Store(1, "UTC", (), tuple((moment(clock), True) for clock in polls.split()))
    rules = Rules(
        interpolation="previous",
        backfill=False,
        max_gap=timedelta(minutes=ttl),
        lookback=timedelta(0),
    )
    totals = report_both(store, moment("00:00:00"), moment(end), rules)
    assert (totals.uptime, totals.unknown) == (up * SECOND, unknown * SECOND)
    assert totals.downtime == 0


HOLD: tuple[Poll, ...] = (
    (moment("00:00:00"), False),
    (moment("00:00:11"), True),
    (moment("00:01:00"), False),
    (moment("00:01:03"), True),
    (moment("00:02:00"), False),
)


HOLDS = [
    pytest.param("00:00:00", "00:02:00", 106, id="two minutes"),
    pytest.param("00:00:15", "00:01:16", 58, id="window inside"),
]


@pytest.mark.parametrize(("start", "end", "up"), HOLDS)
def test_hold(start: str, end: str, up: int) -> None:
    rules = Rules(interpolation="previous", backfill=False)
    totals = report_both(Store(1, "UTC", (), HOLD), moment(start), moment(end), rules)
    assert totals.uptime == up * SECOND
    assert totals.unknown == 0


def rows(text: str) -> tuple[Row, ...]:
    """Read weekly rows such as ``0 22:00-02:00``, separated by commas."""
    found = []
    for each in text.split(", "):
        day, hours = each.split(" ")
        start, end = hours.split("-")
        found.append((int(day), tod(start), tod(end)))
    return tuple(found)


WEEKS = [
    pytest.param(
        ", ".join(f"{day} 22:00-02:00" for day in range(7)),
        "2012-10-01",
        "2012-10-08",
        28,
        id="overnight daily",
    ),
    pytest.param("2 22:00-02:00", "2012-10-01", "2012-10-08", 4, id="one overnight"),
    pytest.param("2 22:00-22:00", "2012-10-01", "2012-10-08", 24, id="start equals end is 24 h"),
    pytest.param(
        "6 11:00-01:00, 0 11:00-01:00, 1 11:00-01:00, 2 11:00-03:00, 3 11:00-03:00, "
        "4 11:00-06:00, 5 11:00-07:00",
        "2012-10-01",
        "2012-10-08",
        113,
        id="mixed late nights",
    ),
    pytest.param(
        "0 17:00-12:00, 1 17:00-12:00, 2 17:00-12:00, 3 17:00-12:00, 4 17:00-12:00, "
        "6 00:00-12:00, 0 00:00-12:00",
        "2014-08-25",
        "2014-09-02",
        138,
        id="overlapping rows count once",
    ),
]


@pytest.mark.parametrize(("weekly", "start", "end", "hours"), WEEKS)
def test_weekly_hours(weekly: str, start: str, end: str, hours: int) -> None:
    window = (at(f"{start}T00:00+02:00"), at(f"{end}T00:00+02:00"))
    totals = report_both(Store(1, "Europe/Berlin", rows(weekly)), *window, Rules())
    assert totals.scheduled == hours * HOUR
    assert totals.unknown == totals.scheduled
