"""Logs of state changes with the share of time that they were up: answers of Icinga's own tests.

Icinga takes planned work for time that was up; here it is closed. So what is compared is the
downtime: the share that Icinga misses, of the time that it counts. Left out are the cases that rest
on what Icinga keeps beside the log: the state before each change, and the current one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

import pytest

from store_uptime import Policy, compute_report
from support.frames import Lengths, frames, maintenance_frame, spans_of, windows_of
from support.oracle import Rules, Store, measure
from support.wall_clock import SECOND, at, instant


class Case(NamedTuple):
    """What is logged, when work is planned, a window, the percentage, and of which time it is one."""

    log: str  # instants, each with the state from there on
    planned: tuple[tuple[int, int], ...]
    start: int
    end: int
    percent: float
    counted: int


def of_day(log: str, start: str, end: str, percent: float) -> Case:
    first, last = at(f"2019-02-{start}"), at(f"2019-02-{end}")
    return Case(log, (), first, last, percent, last - first)


def of_seconds(log: str, planned: str, percent: float, counted: int = 1000) -> Case:
    """Return a case whose window is 1000 to 2000, all in seconds."""
    spans = [[int(each) * SECOND for each in span.split("-")] for span in planned.split()]
    pairs = tuple((start, end) for start, end in spans)
    return Case(log, pairs, 1000 * SECOND, 2000 * SECOND, percent, counted * SECOND)


# One outage, and before it an hour of soft states, which are none.
HOST = "2019-02-01T00:00 up, 2019-02-05T12:00 down, 2019-02-05T14:00 up"
FLAPPING = "1000 down, 1100 up, 1300 down, 1400 up, 1600 down, 1700 up, 1900 down"

SUITES = {
    # tests/sql/sla_test.go
    "Icinga/icingadb @ 5ea8218": {
        "multiple state changes": of_seconds(FLAPPING, "", 60),
        "overlapping downtimes and problems": of_seconds(
            "0 up, 1200 down, 1500 up", "1100-1300 1400-1600", 90
        ),
        "critical before interval": of_seconds("0 down", "", 0),
        "critical before interval with downtime": of_seconds("800 down", "600-1800", 80),
        "critical before interval with overlapping downtimes": of_seconds(
            "800 down", "600-1000 800-1200 1000-1400 1600-2000 1800-2200", 80
        ),
        "initial state from before": of_seconds("800 down, 1200 up", "", 80),
        "initial state from before over current state": of_seconds("800 down", "", 0),
        # 200 of the 500 seconds of which something is known
        "initial unknown reduces total time": of_seconds("1500 down, 1700 up", "", 60, 500),
    },
    # schema/postgresql/t/05-fill-statehistory.sql, 07-test-func.sql
    "Icinga/icingaweb2-module-idoreports @ 2f7a995": {
        "2 of 2 hours": of_day(HOST, "05T12:00", "05T14:00", 0),
        "2 of 4 hours": of_day(HOST, "05T10:00", "05T14:00", 50),
        "2 of 8 hours": of_day(HOST, "05T10:00", "05T18:00", 75),
        "before": of_day(HOST, "04T10:00", "04T18:00", 100),
        "after": of_day(HOST, "06T10:00", "08T18:00", 100),
        "in the last hour": of_day(HOST, "04T13:00", "05T13:00", 95.83333333333333),
        "in the first hour": of_day(HOST, "05T13:00", "06T13:00", 95.83333333333333),
    },
}
CASES = [
    pytest.param(case, id=f"{suite.split(' ')[0]}-{name}")
    for suite, cases in SUITES.items()
    for name, case in cases.items()
]
RULES = Rules(interpolation="previous", evidence="all", backfill=False, max_gap=None, lookback=None)


def polls_of(log: str) -> tuple[tuple[int, bool], ...]:
    changes = [each.split(" ") for each in log.split(", ")]
    return tuple(
        (int(when) * SECOND if when.isdigit() else at(when), state == "up")
        for when, state in changes
    )


@pytest.mark.filterwarnings("ignore::store_uptime.CoverageWarning")
@pytest.mark.parametrize("case", CASES)
def test_downtime_by_a_log(case: Case) -> None:
    store = Store(1, "Etc/UTC", (), polls_of(case.log), maintenance=case.planned)
    lengths: Lengths = {"w": (timedelta(microseconds=case.end - case.start), "seconds")}
    report = compute_report(
        *frames([store]),
        instant(case.end),
        windows=windows_of(lengths),
        policy=Policy.for_changes(),
        maintenance=maintenance_frame([store], ()),
        detail=True,
    ).row(0, named=True)
    down = (100 - case.percent) / 100 * case.counted / SECOND
    assert report["downtime_w"] == pytest.approx(down, abs=1e-6)
    if not case.planned:
        assert report["availability_w"] == pytest.approx(case.percent / 100)
    totals = measure(store, RULES, case.end, spans_of(case.end, lengths))[0]
    assert totals.downtime / SECOND == report["downtime_w"]
    assert totals.uptime / SECOND == report["uptime_w"]
