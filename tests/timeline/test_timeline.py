"""Timelines and outages: against the witness, against the report, and worked by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import astuple, replace
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import (
    NaiveDatetimeError,
    Policy,
    PolicyError,
    StoreUptimeError,
    compute_outages,
    compute_timeline,
)
from support.frames import frames, policy_of, report_of, totals_of
from support.oracle import Span, Store, measure, outages, timeline
from support.strategies import Scenario, examples, scenarios
from support.wall_clock import DAY, HOUR, at, instant

LAW = examples(40)
STATES = {"up": True, "down": False, "unknown": None}
spans = st.integers(1, 9 * DAY)


def ask(compute: Any, scenario: Scenario, length: int) -> pl.DataFrame:
    frame = compute(
        *scenario.tables,
        instant(scenario.now),
        start=instant(scenario.now - length),
        policy=policy_of(scenario.rules),
        **scenario.extra,
    )
    assert isinstance(frame, pl.DataFrame)
    return frame


def rows_by_store(frame: pl.DataFrame) -> dict[int | str, list[tuple[Any, ...]]]:
    """Return the rows of each store, instants and lengths in microseconds."""
    plain = frame.with_columns(pl.col(pl.Datetime, pl.Duration).to_physical())
    found: dict[int | str, list[tuple[Any, ...]]] = {}
    for store_id, *rest in plain.iter_rows():
        found.setdefault(store_id, []).append(tuple(rest))
    return found


# --- against the witness -------------------------------------------------------------------------


@examples(80)
@given(scenarios(), spans)
def test_the_timeline_is_that_of_the_oracle(scenario: Scenario, length: int) -> None:
    found = rows_by_store(ask(compute_timeline, scenario, length))
    for store in scenario.told:
        expected = timeline(store, scenario.rules, scenario.now, scenario.now - length)
        rows = found.pop(store.store_id, [])
        assert [(start, end, STATES[state]) for start, end, state in rows] == expected
    assert not found


@examples(80)
@given(scenarios(), spans)
def test_the_outages_are_those_of_the_oracle(scenario: Scenario, length: int) -> None:
    found = rows_by_store(ask(compute_outages, scenario, length))
    for store in scenario.told:
        expected = outages(store, scenario.rules, scenario.now, scenario.now - length)
        assert found.pop(store.store_id, []) == [astuple(each) for each in expected]
    assert not found


# --- laws ----------------------------------------------------------------------------------------


@LAW
@given(scenarios(), spans)
def test_the_timeline_sums_up_to_the_report(scenario: Scenario, length: int) -> None:
    lengths: Any = {"w": (dt.timedelta(microseconds=length), "seconds")}
    report = report_of(scenario.tables, scenario.now, lengths, scenario.rules, extra=scenario.extra)
    rows = rows_by_store(ask(compute_timeline, scenario, length))
    for store_id, (totals,) in totals_of(report, lengths).items():
        sums = dict.fromkeys(STATES, 0)
        for start, end, state in rows.get(store_id, []):
            sums[state] += end - start
        assert tuple(sums.values()) == (totals.uptime, totals.downtime, totals.unknown)


@LAW
@given(scenarios(), spans)
def test_outages_hold_all_downtime_of_the_timeline(scenario: Scenario, length: int) -> None:
    down = ask(compute_timeline, scenario, length).filter(pl.col("state") == "down")
    by_store = down.group_by("store_id").agg(downtime=(pl.col("end") - pl.col("start")).sum())
    listed = ask(compute_outages, scenario, length)
    sums = listed.group_by("store_id").agg(pl.col("downtime").sum())
    assert dict(sums.iter_rows()) == dict(by_store.iter_rows())


@LAW
@given(scenarios(), spans)
def test_pieces_tile_the_open_time(scenario: Scenario, length: int) -> None:
    """No gap, no overlap, nothing that could be longer: neighbours that touch differ."""
    low, high = scenario.now - length, scenario.now
    rows = rows_by_store(ask(compute_timeline, scenario, length))
    for store in scenario.told:
        pieces = rows.get(store.store_id, [])
        assert all(low <= start < end <= high for start, end, _ in pieces)
        for (_, end, state), (start, _, following) in pairwise(pieces):
            assert end < start or (end == start and state != following)
        (whole,) = measure(store, scenario.rules, high, [Span(low, high)])
        assert sum(end - start for start, end, _ in pieces) == whole.scheduled


@LAW
@given(scenarios(), spans)
def test_outages_are_disjoint_and_ordered(scenario: Scenario, length: int) -> None:
    for rows in rows_by_store(ask(compute_outages, scenario, length)).values():
        for start, end, downtime, ongoing, elapsed, _, _, recovered in rows:
            assert 0 < downtime <= end - start <= elapsed
            assert ongoing or elapsed == end - start
            assert not (ongoing and recovered)
        for (_, end, _, ongoing, *_), (start, *_) in pairwise(rows):
            assert end < start
            assert not ongoing, "only the last outage goes on"


@LAW
@given(scenarios())
def test_a_week_is_the_default(scenario: Scenario) -> None:
    for compute in (compute_timeline, compute_outages):
        found: Any = compute
        options = {"policy": policy_of(scenario.rules), **scenario.extra}
        assert found(*scenario.tables, instant(scenario.now), **options).equals(
            ask(compute, scenario, 7 * DAY)
        )


# --- by hand -------------------------------------------------------------------------------------

SHOP = Store(
    7,
    "America/New_York",  # UTC-5 in January
    tuple((day, 9 * HOUR, 17 * HOUR) for day in range(5)),
    (
        (at("2023-01-23T15:00"), True),
        (at("2023-01-23T21:00"), False),  # down from the middle, 18:00 UTC, to closing at 22:00
        (at("2023-01-24T15:00"), False),  # still down at opening time, 14:00 UTC
        (at("2023-01-24T17:00"), True),  # up from 16:00 UTC on
    ),
)
TABLES = frames([SHOP])
WEDNESDAY = "2023-01-25T14:00:00Z"
MONDAY = "2023-01-23T00:00:00Z"


def test_an_outage_goes_on_over_night() -> None:
    """Monday 18:00-22:00 and Tuesday 14:00-16:00: 6 hours down within 22."""
    found = compute_outages(*TABLES, WEDNESDAY, start=MONDAY)
    assert found.schema == {
        "store_id": pl.Int64(),
        "start": pl.Datetime("us", "UTC"),
        "end": pl.Datetime("us", "UTC"),
        "downtime": pl.Duration("us"),
        "ongoing": pl.Boolean(),
        "elapsed": pl.Duration("us"),
        "last_poll_before": pl.Datetime("us", "UTC"),
        "first_poll_after": pl.Datetime("us", "UTC"),
        "recovered": pl.Boolean(),
    }
    assert rows_by_store(found) == {
        7: [
            (
                at("2023-01-23T18:00"),
                at("2023-01-24T16:00"),
                6 * HOUR,
                False,
                22 * HOUR,
                at("2023-01-23T15:00"),
                at("2023-01-24T17:00"),
                True,
            )
        ]
    }


def test_the_timeline_by_hand() -> None:
    found = compute_timeline(*TABLES, WEDNESDAY, start=MONDAY)
    assert found.schema == {
        "store_id": pl.Int64(),
        "start": pl.Datetime("us", "UTC"),
        "end": pl.Datetime("us", "UTC"),
        "state": pl.Enum(["up", "down", "unknown"]),
    }
    assert rows_by_store(found)[7] == [
        (at("2023-01-23T14:00"), at("2023-01-23T18:00"), "up"),
        (at("2023-01-23T18:00"), at("2023-01-23T22:00"), "down"),
        (at("2023-01-24T14:00"), at("2023-01-24T16:00"), "down"),
        (at("2023-01-24T16:00"), at("2023-01-24T22:00"), "up"),
    ]


def test_maintenance_is_closed_time_for_an_outage_too() -> None:
    """Half an hour of planned work in the middle of an outage neither ends nor lengthens it."""
    work = pl.DataFrame(
        {
            "store_id": [7],
            "start_utc": ["2023-01-23 19:00:00 UTC"],
            "end_utc": ["2023-01-23 19:30:00 UTC"],
        }
    )
    found = compute_outages(*TABLES, WEDNESDAY, start=MONDAY, maintenance=work)
    assert found["downtime"].to_list() == [dt.timedelta(hours=5, minutes=30)]


def test_an_outage_is_ongoing_while_the_store_is_closed() -> None:
    """At 03:00 UTC on Tuesday the store is closed, and was down when it closed five hours ago."""
    found = compute_outages(*TABLES, "2023-01-24T03:00:00Z", start=MONDAY)
    assert rows_by_store(found)[7] == [
        (
            at("2023-01-23T18:00"),
            at("2023-01-23T22:00"),
            4 * HOUR,
            True,
            9 * HOUR,
            at("2023-01-23T15:00"),
            None,
            False,
        )
    ]


@pytest.mark.parametrize(
    ("interpolation", "end", "recovered"),
    [("previous", "12:00", False), ("next", "11:00", True), ("nearest", "11:30", True)],
)
def test_a_poll_up_at_now_ends_the_outage(interpolation: Any, end: str, *, recovered: bool) -> None:
    """Down at 11:00, up at 12:00, which is now: at `now` itself, nothing is up yet."""
    store = Store(1, polls=((at("2023-01-23T11:00"), False), (at("2023-01-23T12:00"), True)))
    policy = Policy(interpolation=interpolation)
    found = compute_outages(
        *frames([store]), "2023-01-23T12:00:00Z", start="2023-01-23T10:00:00Z", policy=policy
    )
    assert rows_by_store(found)[1] == [
        (
            at("2023-01-23T10:00"),
            at(f"2023-01-23T{end}"),
            at(f"2023-01-23T{end}") - at("2023-01-23T10:00"),
            False,
            at(f"2023-01-23T{end}") - at("2023-01-23T10:00"),
            None,
            at("2023-01-23T12:00"),
            recovered,
        )
    ]


def test_silence_ends_an_outage_but_does_not_mend_it() -> None:
    """Half an hour after the last word time is unknown: nobody can say that it goes on."""
    store = Store(1, polls=((at("2023-01-23T11:00"), False),))
    policy = Policy(max_gap=dt.timedelta(minutes=30))
    found = compute_outages(
        *frames([store]), "2023-01-23T12:00:00Z", start="2023-01-23T11:00:00Z", policy=policy
    )
    assert found.select("end", "ongoing", "recovered").rows() == [
        (dt.datetime(2023, 1, 23, 11, 30, tzinfo=dt.UTC), False, False)
    ]


# Open from 09:00 to 12:00 UTC on Monday and Tuesday.
MORNINGS = Store(1, "UTC", ((0, 9 * HOUR, 12 * HOUR), (1, 9 * HOUR, 12 * HOUR)))
DOWN = (at("2023-01-23T11:00"), False)


@pytest.mark.parametrize(
    ("poll", "policy", "now", "ongoing", "recovered"),
    [
        # Down until 11:30, then up.
        (("2023-01-23T12:00", True), Policy(evidence="all"), "2023-01-23T12:00", False, True),
        # 11:00 speaks until 11:20, and 11:59 from 11:39 on: the outage ends in unknown time.
        (("2023-01-23T11:59", True), Policy(max_gap="20m"), "2023-01-23T12:00", False, False),
        # Down until closing at 12:00. In the evening a poll says up, and the morning begins so.
        (("2023-01-23T20:00", True), Policy(evidence="all"), "2023-01-24T10:00", False, True),
        # The same before the morning: no open time yet, but who speaks for `now` says up.
        (("2023-01-23T20:00", True), Policy(evidence="all"), "2023-01-23T21:00", False, True),
        # Closed time is no evidence: who speaks for `now` says down.
        (("2023-01-23T20:00", True), Policy(), "2023-01-23T21:00", True, False),
        # Nobody speaks for `now` any more.
        (("2023-01-23T11:30", False), Policy(max_gap="2h"), "2023-01-23T21:00", False, False),
        # `now` is the instant at which the store opens, and up.
        (("2023-01-24T09:00", True), Policy(), "2023-01-24T09:00", False, True),
        (("2023-01-24T09:00", False), Policy(), "2023-01-24T09:00", True, False),
        # Down up to `now` itself, where a poll says up: how it goes on is not in the span.
        (
            ("2023-01-23T11:30", True),
            Policy(interpolation="previous"),
            "2023-01-23T11:30",
            False,
            False,
        ),
    ],
)
def test_an_outage_recovers_where_the_store_is_up_next(
    poll: tuple[str, bool], policy: Policy, now: str, *, ongoing: bool, recovered: bool
) -> None:
    """Down at 11:00, and one more poll."""
    time, up = poll
    store = replace(MORNINGS, polls=(DOWN, (at(time), up)))
    found = compute_outages(*frames([store]), f"{now}Z", start=MONDAY, policy=policy)
    assert found.select("ongoing", "recovered").rows() == [(ongoing, recovered)]


def test_neighbours_on_the_line_do_not_share_pieces() -> None:
    """Two stores, always open, always down: two pieces and two outages, not one."""
    polls = ((at("2023-01-23T11:00"), False),)
    tables = frames([Store(1, polls=polls), Store(2, polls=polls)])
    start = "2023-01-23T11:00:00Z"
    for compute in (compute_timeline, compute_outages):
        found = compute(*tables, "2023-01-23T12:00:00Z", start=start)
        assert found["store_id"].to_list() == [1, 2]


def test_stores_without_open_time_have_no_rows() -> None:
    status, hours, zones = TABLES
    saturday = "2023-01-28T23:00:00Z"
    found = compute_timeline(status, hours, zones, saturday, start="2023-01-28T00:00:00Z")
    assert found.height == 0
    assert compute_outages(status, hours, zones, saturday).schema["downtime"] == pl.Duration("us")


def test_now_is_the_latest_poll_if_not_given() -> None:
    assert compute_timeline(*TABLES).equals(compute_timeline(*TABLES, "2023-01-24T17:00:00Z"))


@pytest.mark.parametrize("compute", [compute_timeline, compute_outages])
@pytest.mark.parametrize(
    ("start", "error", "message"),
    [
        (dt.datetime(2023, 1, 1), NaiveDatetimeError, "start: has no time zone"),  # noqa: DTZ001
        ("soon", PolicyError, "start: is not an instant"),
        (WEDNESDAY, PolicyError, "start: is not before now"),
        ("2024-01-01T00:00:00Z", PolicyError, r"now is 2023-01-25T14:00:00\+00:00"),
    ],
)
def test_a_start_that_makes_no_sense(
    compute: Any, start: Any, error: type[StoreUptimeError], message: str
) -> None:
    with pytest.raises(error, match=message):
        compute(*TABLES, WEDNESDAY, start=start)


def test_the_span_may_be_a_single_microsecond() -> None:
    noon = at("2023-01-24T15:00")
    found = compute_timeline(*TABLES, instant(noon + 1), start=instant(noon))
    assert rows_by_store(found) == {7: [(noon, noon + 1, "down")]}


def test_rules_are_followed() -> None:
    """Without backfill the morning before the first poll is unknown."""
    found = compute_timeline(*TABLES, WEDNESDAY, start=MONDAY, policy=Policy(backfill=False))
    assert rows_by_store(found)[7][0] == (
        at("2023-01-23T14:00"),
        at("2023-01-23T15:00"),
        "unknown",
    )
