"""The laws of settled timelines: polls that are gone or still to come change nothing in them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import (
    Policy,
    PolicyError,
    Window,
    compute_report,
    compute_timeline,
    report_from_timeline,
)
from support.comparing import bits
from support.frames import frames, now_as, policy_of, windows_of
from support.oracle import Poll, Store
from support.settled import (
    Kept,
    Piece,
    clipped,
    joined,
    kept_timelines,
    pieces_in,
)
from support.strategies import examples
from support.wall_clock import DAY, HOUR, at, instant

Rows = dict[int | str, list[tuple[int, int, str]]]


def joined_in(frame: pl.DataFrame) -> Rows:
    return {store_id: joined(own) for store_id, own in pieces_in(frame).items()}


# --- time may be cut anywhere ---------------------------------------------------------------------


@examples(50)
@given(kept_timelines())
def test_runs_joined_are_one_run_over_all_polls(kept: Kept) -> None:
    """Each run sees the polls from ``start - lookback`` to its `now`, and no others.

    A piece that goes on beyond the end of a run is split there, and no piece elsewhere.
    """
    runs = kept.runs()
    whole = kept.made(kept.start, kept.scenario.now, settled=True)
    assert joined_in(pl.concat(runs)) == pieces_in(whole) == kept.expected()
    cuts = {kept.settled_until(now) for now in kept.nows[:-1]}
    split = {
        cut: sum(start < cut < end for own in kept.expected().values() for start, end, _ in own)
        for cut in cuts
    }
    assert sum(run.height for run in runs) == whole.height + sum(split.values())


@examples(30)
@given(kept_timelines(), st.integers(0, 3 * DAY), st.lists(st.integers(0, 10**6), min_size=1))
def test_polls_that_arrive_late_are_waited_for(kept: Kept, longest: int, parts: list[int]) -> None:
    """Each run is made when the longest delay has passed since its `now`.

    Then some later polls are there already. It is told to look at none of them.
    """
    polls = sorted({poll for store in kept.scenario.stores for poll in store.polls})
    delays = {poll: longest * parts[k % len(parts)] // 10**6 for k, poll in enumerate(polls)}

    def arrived(poll: Poll, now: int) -> bool:
        return poll[0] + delays[poll] <= now + longest

    assert joined_in(pl.concat(kept.runs(arrived))) == kept.expected()


@examples(20)
@given(kept_timelines(), st.lists(st.tuples(st.integers(1, 2 * DAY), st.booleans()), min_size=1))
def test_later_polls_change_nothing_that_is_settled(kept: Kept, later: list[Poll]) -> None:
    """Any polls after `now`, up or down, leave each piece before as it was."""
    now, end = kept.scenario.now, kept.settled_until(kept.scenario.now)
    polls = tuple((now + us, up) for us, up in later)
    stores = [replace(store, polls=store.polls + polls) for store in kept.scenario.stores]
    after = replace(kept, scenario=replace(kept.scenario, stores=tuple(stores)))
    found = pieces_in(after.made(kept.start, now + 2 * DAY))
    before = {store_id: clipped(own, kept.start, end) for store_id, own in found.items()}
    assert {store_id: own for store_id, own in before.items() if own} == kept.expected()


# --- the report -----------------------------------------------------------------------------------


def without_what_needs_polls(report: pl.DataFrame) -> pl.DataFrame:
    return report.select(pl.exclude("^uptime_m(in|ax)_.*$", "^polls_.*$"))


@examples(50)
@given(kept_timelines(windows=True), st.integers(0, 99), st.integers(1, 4))
def test_the_report_of_settled_pieces_and_a_fresh_tail_is_that_of_all_polls(
    kept: Kept, seed: int, batch_stores: int
) -> None:
    """To the last bit, in windows of any kind that the timeline covers."""
    scenario = kept.scenario
    nows = [now for now in kept.nows if kept.settled_until(now) > kept.start]
    runs = Kept(scenario, kept.start, tuple(nows[:-1])).runs()
    tail_start = kept.settled_until(nows[-2]) if len(nows) > 1 else kept.start
    timeline = pl.concat([*runs, kept.made(tail_start, scenario.now)])
    found = report_from_timeline(
        timeline.sample(fraction=1, shuffle=True, seed=seed),
        scenario.tables[2],
        now_as(scenario.now, scenario.spelling.now),
        windows=windows_of(scenario.lengths),
        policy=policy_of(scenario.rules),
        covers=(instant(kept.start), instant(scenario.now)),
        detail=True,
        batch_stores=batch_stores,
    )
    expected = without_what_needs_polls(scenario.report())
    assert bits(found) == bits(expected)


@pytest.mark.parametrize("policy", [Policy(), Policy("previous", backfill=False)])
@pytest.mark.parametrize(("too_old", "up"), [(1, 0), (0, 0), (-1, 1), (-2, 2)])
def test_the_lookback_is_as_long_as_a_poll_can_speak(policy: Policy, too_old: int, up: int) -> None:
    """A day old at the start, a poll has nothing to say; a microsecond younger, it has for one."""
    start = at("2024-03-05")
    store = Store(7, "Etc/UTC", polls=((start - DAY - too_old, True),))
    made = compute_timeline(
        *frames([store]),
        instant(start + 3 * DAY),
        start=instant(start),
        policy=policy,
        settled=True,
    )
    end = start + (2 if policy.backfill else 3) * DAY
    pieces = [(start, start + up, "up"), (start + up, end, "unknown")]
    assert pieces_in(made)[7] == clipped(pieces, start, end)


# --- hours that are edited afterwards -------------------------------------------------------------

MORNINGS = Store(7, "Etc/UTC", tuple((day, 9 * HOUR, 12 * HOUR) for day in range(7)))
SHORTER = replace(MORNINGS, rows=tuple((day, 10 * HOUR, 11 * HOUR) for day in range(7)))
UP = tuple((at(f"2024-03-0{day}T10:30"), True) for day in range(4, 8))
MONDAY, WEDNESDAY, THURSDAY = (instant(at(f"2024-03-0{day}")) for day in (4, 6, 7))
SPAN = (MONDAY, THURSDAY)
WHOLE = {"three_days": Window("3d")}


def kept_under(store: Store, now: dt.datetime, start: dt.datetime, **options: Any) -> pl.DataFrame:
    return compute_timeline(*frames([replace(store, polls=UP)]), now, start=start, **options)


def test_hours_edited_afterwards_do_not_rewrite_what_is_settled() -> None:
    """Open for three hours on Monday and Tuesday, and for one on Wednesday, by new hours.

    All polls say up. Of the polls alone, Monday and Tuesday would have one hour each, too.
    """
    settled = kept_under(MORNINGS, THURSDAY, MONDAY, settled=True)
    tail = kept_under(SHORTER, THURSDAY, WEDNESDAY)
    report = report_from_timeline(pl.concat([settled, tail]), windows=WHOLE, covers=SPAN)
    assert report["uptime_three_days"].to_list() == [3 + 3 + 1]
    tables = frames([replace(SHORTER, polls=UP)])
    of_polls = compute_report(*tables, THURSDAY, windows=WHOLE)
    assert of_polls["uptime_three_days"].to_list() == [1 + 1 + 1]


@pytest.mark.parametrize("table", ["special_hours", "maintenance"])
def test_a_holiday_told_afterwards_does_not_rewrite_what_is_settled(table: str) -> None:
    """Tuesday was open for three hours when it was settled. Then it is said to have been closed."""
    holiday = pl.DataFrame(
        {
            "store_id": [7],
            "date": [dt.date(2024, 3, 5)],
            "start_time_local": pl.Series([None], dtype=pl.String),
            "end_time_local": pl.Series([None], dtype=pl.String),
            "start_utc": ["2024-03-05 00:00:00"],
            "end_utc": ["2024-03-06 00:00:00"],
        }
    )
    settled = kept_under(MORNINGS, THURSDAY, MONDAY, settled=True)
    told = kept_under(MORNINGS, THURSDAY, MONDAY, settled=True, **{table: holiday})
    assert (settled.height, told.height) == (2, 1)
    tail = kept_under(MORNINGS, THURSDAY, WEDNESDAY, **{table: holiday})
    report = report_from_timeline(pl.concat([settled, tail]), windows=WHOLE, covers=SPAN)
    assert report["uptime_three_days"].to_list() == [3 + 3 + 3]


# --- why the other policies never settle ----------------------------------------------------------

# Always open, from day 0 on. Instants are in hours since then. Two runs, one after five days and
# one after seven: each sees the polls up to then, and from a lookback before its start on. The
# first is kept up to where a settled timeline would end by the rule that is nearest, that is a
# `max_gap` before, or a day where there is none. What is expected is the joined rows of both runs,
# and those of one run after seven days.
NEVER: dict[str, tuple[Policy, list[tuple[int, bool]], str, str]] = {
    # After its poll the store counts as up for a day. Once the next poll is there, it speaks
    # instead, for a day before it, and nobody for the time in between.
    "next": (
        Policy("next"),
        [(0, True), (150, True)],
        "0-24 up, 24-126 unknown, 126-168 up",
        "0-126 unknown, 126-168 up",
    ),
    # Up until further notice, for ever. Then the next poll says that it was down all the time.
    "next, no limits": (
        Policy("next", max_gap=None, lookback=None),
        [(0, True), (150, False)],
        "0-96 up, 96-168 down",
        "0-168 down",
    ),
    # The polls meet halfway, after 75 hours, and not after 96.
    "nearest, no limits": (
        Policy(max_gap=None, lookback=None),
        [(0, True), (150, False)],
        "0-96 up, 96-168 down",
        "0-75 up, 75-168 down",
    ),
    # The poll after 150 hours speaks for the day before it if there was one earlier. The second run
    # begins after 96 hours, and does not see the one after 10.
    "nearest without backfill": (
        Policy(backfill=False),
        [(10, True), (150, True)],
        "0-10 unknown, 10-34 up, 34-150 unknown, 150-168 up",
        "0-10 unknown, 10-34 up, 34-126 unknown, 126-168 up",
    ),
    # Unknown for four days. Then the first poll of all speaks for them.
    "previous with backfill": (
        Policy("previous", max_gap=None, lookback=None),
        [(150, True)],
        "0-96 unknown, 96-168 up",
        "0-168 up",
    ),
    # The poll after 150 hours speaks for the day before it only if it is the first.
    "previous with backfill and limits": (
        Policy("previous"),
        [(10, True), (150, True)],
        "0-34 up, 34-126 unknown, 126-168 up",
        "0-34 up, 34-150 unknown, 150-168 up",
    ),
    # The poll after 90 hours speaks for a day. The second run begins after 96 hours, and does not
    # see it.
    "nearest, short lookback": (
        Policy(lookback="5h"),
        [(90, True)],
        "0-66 unknown, 66-96 up, 96-168 unknown",
        "0-66 unknown, 66-114 up, 114-168 unknown",
    ),
    "previous, short lookback": (
        Policy("previous", backfill=False, lookback="5h"),
        [(90, True)],
        "0-90 unknown, 90-96 up, 96-168 unknown",
        "0-90 unknown, 90-114 up, 114-168 unknown",
    ),
}


@pytest.mark.parametrize("name", NEVER)
def test_rules_by_which_no_timeline_settles_change_what_was_kept(name: str) -> None:
    policy, hours, in_two_runs, in_one = NEVER[name]
    begin = at("2024-03-04")
    polls = [(begin + hour * HOUR, up) for hour, up in hours]
    back, gap = policy.lookback_us, policy.max_gap_us or DAY
    first_now, last_now = begin + 5 * DAY, begin + 7 * DAY

    def run(start: int, now: int, end: int) -> list[Piece]:
        seen = [(us, up) for us, up in polls if (back is None or start - back <= us) and us <= now]
        tables = frames([Store(7, "Etc/UTC", polls=tuple(seen))])
        made = compute_timeline(*tables, instant(now), start=instant(start), policy=policy)
        return clipped(pieces_in(made)[7], start, end)

    def told(pieces: list[Piece]) -> str:
        since = [((start - begin) // HOUR, (end - begin) // HOUR, up) for start, end, up in pieces]
        return ", ".join(f"{start}-{end} {state}" for start, end, state in since)

    cut = first_now - gap
    assert told(joined(run(begin, first_now, cut) + run(cut, last_now, last_now))) == in_two_runs
    assert told(run(begin, last_now, last_now)) == in_one
    with pytest.raises(PolicyError, match="no timeline settles"):
        policy.settled_until(instant(last_now))
