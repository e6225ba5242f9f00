"""How much open time lies between two instants: answers of libraries for business hours.

Each suite asks for the working time between two instants, or for the instant that lies so much of
it before or after another; here both are the open time of a window. Left out are the cases that
count backwards, and those of whole days or months.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import pytest

from store_uptime import compute_report
from support.frames import Lengths, frames, policy_of, spans_of, special_frame, windows_of
from support.oracle import Row, Rules, Store, measure
from support.wall_clock import SECOND, at, instant, tod


class Case(NamedTuple):
    """Weekly hours as ``0-4 09:00-17:00``, local days on which all is closed, and the answer."""

    weekly: str
    closed: tuple[str, ...]
    start: str
    end: str
    answer: str  # H:MM:SS


OFFICE = "0-4 09:00-17:00"
JANUARY = ("2014-01-01", "2014-01-20")  # New Year's Day and the day of Martin Luther King
WEEK = "0 09:00-17:00, 1 10:00-16:00, 2 09:00-17:00, 3 10:00-16:00, 4 09:00-17:00, 5 11:00-14:30"
BREAKS = "0-2 09:00-17:00, 3 09:00-12:00, 3 13:00-18:00, 4 09:00-12:00, 4 12:30-17:00"
LATE = "0 12:00-17:00, 1 09:30-17:00, 2 10:00-17:00, 3 09:00-17:00, 4 09:30-17:00"
EARLY = "0-1 09:30-17:00, 2 09:30-13:00, 3-4 09:30-17:00"

SUITES = {
    # businesstime/test/__init__.py; a day of it is eight hours
    "seatgeek/businesstime @ dd56a85": [
        Case(OFFICE, JANUARY, "2014-01-16T18:30", "2014-01-22T10:00", "17:00:00"),
        Case(OFFICE, (), "2015-02-23T17:00", "2015-02-24T14:20", "5:20:00"),
        Case(OFFICE, (), "2015-02-23T17:01", "2015-02-24T14:20", "5:20:00"),
        Case(OFFICE, JANUARY, "2014-01-12T12:00", "2014-01-17T19:30", "40:00:00"),
        Case(OFFICE, JANUARY, "2014-01-13T04:00", "2014-01-17T19:30", "40:00:00"),
        Case(OFFICE, JANUARY, "2014-01-30T12:15", "2014-01-31T19:30", "12:45:00"),
        Case(OFFICE, (), "2014-08-04T11:00", "2014-08-06T05:00", "14:00:00"),
        Case(OFFICE, (), "2014-08-04T01:00", "2014-08-04T05:00", "0:00:00"),
        Case(OFFICE, (), "2014-08-04T22:00", "2014-08-04T23:00", "0:00:00"),
        Case(OFFICE, JANUARY, "2014-01-10T16:15", "2014-01-12T12:30", "0:45:00"),
        Case(OFFICE, JANUARY, "2014-01-09T16:15", "2014-01-12T12:30", "8:45:00"),
        Case(OFFICE, JANUARY, "2014-01-10T17:15", "2014-01-12T12:30", "0:00:00"),
        Case(OFFICE, JANUARY, "2014-01-02T09:12", "2014-01-03T09:10", "7:58:00"),
        Case(OFFICE, JANUARY, "2014-01-02T09:10", "2014-01-03T09:12", "8:02:00"),
        Case(OFFICE, JANUARY, "2014-01-02T09:10", "2014-01-02T09:12", "0:02:00"),
        Case(OFFICE, JANUARY, "2014-01-04T09:10", "2014-01-04T09:12", "0:00:00"),
        Case(OFFICE, JANUARY, "2014-01-07T10:00", "2014-01-08T10:00", "8:00:00"),
        Case(OFFICE, JANUARY, "2014-01-07T09:00", "2014-01-08T09:00", "8:00:00"),
        Case(OFFICE, JANUARY, "2014-01-16T09:00", "2014-01-17T09:00", "8:00:00"),
        Case(OFFICE, JANUARY, "2014-01-16T09:00", "2014-01-17T15:00", "14:00:00"),
        Case(OFFICE, (), "2014-08-09T09:00", "2014-08-11T17:00", "8:00:00"),
        Case(OFFICE, (), "2014-08-09T09:00", "2014-08-11T23:00", "8:00:00"),
        Case(OFFICE, (), "2014-08-08T09:00", "2014-08-11T23:00", "16:00:00"),
    ],
    # spec/calculation/duration_within_spec.rb; and of older commits, for_duration_spec.rb beside it
    # (324fe55) and spec/schedule_spec.rb (318930d)
    "zendesk/biz @ f550995": [
        Case(WEEK, (), "2006-01-01T00:00", "2006-01-08T00:00", "39:30:00"),
        Case(WEEK, ("2006-01-01",), "2006-01-05T12:00", "2006-01-06T12:00", "7:00:00"),
        Case(WEEK, (), "2006-01-04T16:00", "2006-01-04T16:01:30", "0:01:30"),
        Case(WEEK, (), "2006-01-04T15:58:30", "2006-01-04T16:00", "0:01:30"),
        Case(WEEK, (), "2006-01-04T15:00", "2006-01-04T16:30", "1:30:00"),
        Case(WEEK, (), "2006-01-04T15:30", "2006-01-04T17:00", "1:30:00"),
        Case(WEEK, (), "2006-01-04T14:00", "2006-01-04T17:00", "3:00:00"),
        Case(WEEK, (), "2006-01-02T17:00", "2006-01-03T00:00", "0:00:00"),
        Case(WEEK, (), "2006-01-03T00:00", "2006-01-03T10:00", "0:00:00"),
    ],
    # test/spec.business-hours.js
    "lennym/moment-business-time @ 7c44e09": [
        Case(OFFICE, (), "2015-02-27T10:00", "2015-02-27T13:30", "3:30:00"),
        Case(OFFICE, (), "2015-02-27T10:00", "2015-03-02T13:30", "11:30:00"),
        Case(OFFICE, (), "2015-02-27T10:00", "2015-02-27T15:00", "5:00:00"),
        Case(OFFICE, (), "2015-02-26T10:00", "2015-02-27T15:00", "13:00:00"),
        Case(OFFICE, (), "2015-02-21T10:00", "2015-02-27T15:00", "38:00:00"),
        Case(OFFICE, (), "2016-10-16T18:00", "2016-10-17T06:00", "0:00:00"),
        Case(OFFICE, ("2015-02-27",), "2015-02-26T12:00", "2015-03-02T12:00", "8:00:00"),
        Case(OFFICE, (), "2015-02-26T10:12:34", "2015-02-27T12:00:51", "9:48:17"),
        Case(OFFICE, (), "2015-02-25T14:24:17", "2015-02-26T16:12:34", "9:48:17"),
        Case(OFFICE, (), "2015-02-26T14:12:34", "2015-02-26T16:12:34", "2:00:00"),
        Case(OFFICE, (), "2015-02-27T15:00", "2015-03-01T16:12:34", "2:00:00"),
        Case(OFFICE, (), "2015-02-25T15:12:34", "2015-02-26T16:12:34", "9:00:00"),
        Case(OFFICE, (), "2015-02-24T13:12:34", "2015-02-26T16:12:34", "19:00:00"),
        Case(OFFICE, (), "2015-02-09T12:12:34", "2015-02-26T16:12:34", "108:00:00"),
        Case(OFFICE, (), "2015-02-27T16:15", "2015-03-01T16:12:34", "0:45:00"),
        Case(OFFICE, (), "2015-02-25T16:15:00.7", "2015-02-26T09:00:00.7", "0:45:00"),
        Case(OFFICE, (), "2015-02-27T16:59:15", "2015-03-01T16:12:34", "0:00:45"),
        Case(OFFICE, (), "2015-02-25T16:59:35", "2015-02-26T09:00:20", "0:00:45"),
        Case(OFFICE, (), "2015-02-26T16:12:33.445", "2015-02-26T16:12:34", "0:00:00.555"),
        Case(OFFICE, (), "2015-02-25T16:59:59.545", "2015-02-26T09:00:00.1", "0:00:00.555"),
        Case(BREAKS, (), "2020-01-02T10:00", "2020-01-02T15:00", "4:00:00"),
        Case(BREAKS, (), "2020-01-03T11:00", "2020-01-03T13:30", "2:00:00"),
        Case(BREAKS, (), "2020-01-02T10:00", "2020-01-06T10:00", "15:30:00"),
        Case(BREAKS, (), "2020-01-02T10:00", "2020-01-06T10:30", "16:00:00"),
        Case(BREAKS, (), "2020-01-02T12:30", "2020-01-02T15:00", "2:00:00"),
        Case(BREAKS, (), "2020-01-03T11:30", "2020-01-03T13:00", "1:00:00"),
        Case(LATE, (), "2015-02-23T10:00", "2015-02-23T14:00", "2:00:00"),
        Case(LATE, (), "2015-02-23T10:00", "2015-02-25T12:30", "15:00:00"),
        Case(EARLY, (), "2015-02-25T16:00", "2015-02-26T11:30", "2:00:00"),
        Case(EARLY, (), "2015-02-24T12:30", "2015-02-25T16:00", "8:00:00"),
        Case(EARLY, (), "2015-02-23T10:00", "2015-02-26T14:00", "22:30:00"),
    ],
}
CASES = [
    pytest.param(case, id=f"{suite.split(' ')[0]}-{number}")
    for suite, cases in SUITES.items()
    for number, case in enumerate(cases)
]


def rows_of(weekly: str) -> tuple[Row, ...]:
    found = []
    for each in weekly.split(", "):
        days, hours = each.split(" ")
        first, _, last = days.partition("-")
        start, end = hours.split("-")
        found += [(day, tod(start), tod(end)) for day in range(int(first), int(last or first) + 1)]
    return tuple(found)


@pytest.mark.filterwarnings("ignore::store_uptime.CoverageWarning")
@pytest.mark.parametrize("case", CASES)
def test_open_time_between_two_instants(case: Case) -> None:
    closed = {date.fromisoformat(day).toordinal(): () for day in case.closed}
    store = Store(1, "Etc/UTC", rows_of(case.weekly), special=closed)
    start, now = at(case.start), at(case.end)
    lengths: Lengths = {"w": (timedelta(microseconds=now - start), "seconds")}
    report = compute_report(
        *frames([store]),
        instant(now),
        windows=windows_of(lengths),
        policy=policy_of(Rules()),
        special_hours=special_frame([store], {}),
        detail=True,
    )
    answer = tod(case.answer)
    assert report["scheduled_w"].item() == answer / SECOND
    assert report["unknown_w"].item() == answer / SECOND
    assert measure(store, Rules(), now, spans_of(now, lengths))[0].scheduled == answer


def test_no_case_is_there_twice() -> None:
    cases = sorted(case for each in SUITES.values() for case in each)
    assert all(one != other for one, other in pairwise(cases))
