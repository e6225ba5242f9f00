"""The laws of the report (SPEC section 5), each as a short property over random stores."""

from __future__ import annotations

import random
from dataclasses import astuple, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from support.comparing import bits
from support.frames import Lengths, Spelling, frames, report_of, totals_of
from support.oracle import Totals
from support.strategies import Scenario, examples, scenarios
from support.wall_clock import DAY, HOUR, instant

if TYPE_CHECKING:
    from collections.abc import Iterator

LAW = examples(30)
US = timedelta(microseconds=1)


def totals(scenario: Scenario) -> Iterator[Totals]:
    """Run over all stores and windows."""
    for windows in totals_of(scenario.report(), scenario.lengths).values():
        yield from windows


def of_lengths(scenario: Scenario, *lengths: timedelta) -> dict[int | str, list[Totals]]:
    """Report a scenario over other windows."""
    chosen: Lengths = {f"w{index}": (each, "hours") for index, each in enumerate(lengths)}
    return totals_of(replace(scenario, lengths=chosen).report(), chosen)


lengths_drawn = st.integers(1, 8 * DAY).map(lambda us: timedelta(microseconds=us))


@LAW
@given(scenarios())
def test_nothing_is_negative(scenario: Scenario) -> None:
    assert all(min(astuple(each)) >= 0 for each in totals(scenario))


@LAW
@given(scenarios())
def test_the_parts_add_up_to_scheduled(scenario: Scenario) -> None:
    for each in totals(scenario):
        assert each.uptime + each.downtime + each.unknown == each.scheduled


@LAW
@given(scenarios())
def test_uptime_lies_between_its_bounds(scenario: Scenario) -> None:
    for each in totals(scenario):
        assert 0 <= each.uptime_min <= each.uptime <= each.uptime_max <= each.scheduled


@LAW
@given(scenarios())
def test_scheduled_fits_into_the_window(scenario: Scenario) -> None:
    found = totals_of(scenario.report(), scenario.lengths)
    for store in scenario.stores:
        for span, each in zip(scenario.spans(store), found[store.store_id], strict=True):
            assert each.scheduled <= span.end - span.start


@LAW
@given(scenarios(), lengths_drawn, lengths_drawn)
def test_a_longer_window_never_has_less(scenario: Scenario, w1: timedelta, w2: timedelta) -> None:
    """Of two windows that end together; what the longer adds fits into what it adds in length."""
    for short, long in of_lengths(scenario, w1, w1 + w2).values():
        assert all(a <= b for a, b in zip(astuple(short), astuple(long), strict=True))
        assert (long.scheduled - short.scheduled) * US <= w2


@LAW
@given(scenarios(), lengths_drawn, lengths_drawn)
def test_the_shorter_window_reads_the_same_alone_if_the_evidence_is_the_same(
    scenario: Scenario, w1: timedelta, w2: timedelta
) -> None:
    """Evidence reaches back from the earliest start; lengthen the lookback to make up for it."""
    lookback = scenario.rules.lookback
    longer = None if lookback is None else lookback + w2
    alone = replace(scenario, rules=replace(scenario.rules, lookback=longer))
    together = of_lengths(scenario, w1, w1 + w2)
    assert of_lengths(alone, w1) == {key: windows[:1] for key, windows in together.items()}


@LAW
@given(scenarios(), lengths_drawn, lengths_drawn)
def test_the_schedules_of_adjacent_windows_add_up(
    scenario: Scenario, w1: timedelta, w2: timedelta
) -> None:
    """``[now-w1-w2, now-w1)`` and ``[now-w1, now)`` join, whatever the policy."""
    earlier = replace(scenario, now=scenario.now - w1 // US)
    before = of_lengths(earlier, w2)
    for key, (recent, joined) in of_lengths(scenario, w1, w1 + w2).items():
        assert before[key][0].scheduled + recent.scheduled == joined.scheduled


@LAW
@given(scenarios(), lengths_drawn, lengths_drawn)
def test_adjacent_windows_add_up(scenario: Scenario, w1: timedelta, w2: timedelta) -> None:
    """They do in every part, where later polls do not change what is said of earlier time.

    The earlier window is read from a report that does not know the polls after its end, so the law
    can be tried only with the rule under which these are silent about it: last observation carried
    forward, nothing carried backward.
    """
    rules = replace(scenario.rules, interpolation="previous", backfill=False)
    forward = replace(scenario, rules=rules)
    before = of_lengths(replace(forward, now=forward.now - w1 // US), w2)
    for key, (recent, joined) in of_lengths(forward, w1, w1 + w2).items():
        for part in ("uptime", "downtime", "unknown", "scheduled"):
            parts = getattr(before[key][0], part) + getattr(recent, part)
            assert parts == getattr(joined, part), part


@LAW
@given(scenarios(), st.randoms(use_true_random=True))
def test_the_order_of_rows_and_columns_is_nothing(
    scenario: Scenario, chance: random.Random
) -> None:
    def shuffled(frame: pl.DataFrame) -> pl.DataFrame:
        names = chance.sample(frame.columns, frame.width)
        return frame.select(names)[chance.sample(range(frame.height), frame.height)]

    status, hours, zones = scenario.tables
    tables = (shuffled(status), shuffled(hours), shuffled(zones))
    found = report_of(
        tables, instant(scenario.now), scenario.lengths, scenario.rules, scenario.extra
    )
    assert bits(found) == bits(scenario.report())


@LAW
@given(scenarios(), st.integers(0, 2**12 - 1))
def test_repeated_rows_are_nothing(scenario: Scenario, chosen: int) -> None:
    """Repeat some polls, all hours and all zones."""
    status, hours, zones = scenario.tables
    again = status[[index for index in range(status.height) if chosen >> index % 12 & 1]]
    tables = (pl.concat([again, status]), pl.concat([hours, hours]), pl.concat([zones, zones]))
    found = report_of(
        tables, instant(scenario.now), scenario.lengths, scenario.rules, scenario.extra
    )
    assert bits(found) == bits(scenario.report())


@LAW
@given(scenarios(), st.integers(0, 15))
def test_stores_do_not_know_of_each_other(scenario: Scenario, chosen: int) -> None:
    """Split into any two groups, and the reports put together are the report of all."""
    left = tuple(each for k, each in enumerate(scenario.stores) if chosen >> k & 1)
    right = tuple(each for each in scenario.stores if each not in left)
    parts = [replace(scenario, stores=group).report() for group in (left, right) if group]
    assert bits(pl.concat(parts).sort("store_id")) == bits(scenario.report())


@LAW
@given(scenarios())
def test_results_are_equal_bit_for_bit_from_run_to_run(scenario: Scenario) -> None:
    assert bits(scenario.report()) == bits(scenario.report())


@LAW
@given(scenarios())
def test_the_spelling_of_the_tables_is_nothing(scenario: Scenario) -> None:
    """Stamps and times as text, as numbers, in another zone or finer: one report."""
    assert bits(replace(scenario, spelling=Spelling()).report()) == bits(scenario.report())


@LAW
@given(scenarios())
def test_the_callers_frames_are_not_changed(scenario: Scenario) -> None:
    tables = scenario.tables
    before = [frame.clone() for frame in tables]
    report_of(tables, instant(scenario.now), scenario.lengths, scenario.rules)
    for frame, copy in zip(tables, before, strict=True):
        assert frame.equals(copy, null_equal=True)
        assert frame.schema == copy.schema


@LAW
@given(scenarios())
def test_polls_after_now_are_ignored(scenario: Scenario) -> None:
    later = tuple(
        replace(store, polls=tuple(poll for poll in store.polls if poll[0] <= scenario.now))
        for store in scenario.stores
    )
    # A store known by its late polls alone stays in the report: it still occurs in ``status``.
    kept = {store.store_id for store in later if store.zone or store.rows or store.polls}
    kept |= {store.store_id for store in later if store.null_zone}
    found = replace(scenario, stores=later).report() if kept else None
    if found is not None:
        whole = scenario.report()
        assert bits(whole.filter(pl.col("store_id").is_in(list(kept)))) == bits(found)


@LAW
@given(scenarios())
def test_now_is_the_latest_poll_if_not_given(scenario: Scenario) -> None:
    latest = max((us for store in scenario.stores for us, _ in store.polls), default=None)
    if latest is not None:
        tables = frames(scenario.stores)
        found = report_of(tables, None, scenario.lengths, scenario.rules)
        assert bits(found) == bits(report_of(tables, latest, scenario.lengths, scenario.rules))


@LAW
@given(scenarios(), st.sampled_from((HOUR, 1, 3 * DAY)))
def test_a_week_of_seven_full_days_is_never_closed(scenario: Scenario, length: int) -> None:
    """Rows for every hour of the week are the same as no rows at all, through every change."""
    whole_days = tuple((day, 0, DAY) for day in range(7))
    open_all = [
        tuple(replace(store, rows=rows, null_zone=True) for store in scenario.stores)
        for rows in (whole_days, ())
    ]
    with_rows, without = (replace(scenario, stores=stores) for stores in open_all)
    assert of_lengths(with_rows, length * US) == of_lengths(without, length * US)
    plain = of_lengths(without.plain, length * US)
    assert all(windows[0].scheduled == length for windows in plain.values())
