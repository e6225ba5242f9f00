"""Hours that hold on some dates only, and the maintenance of every week: the laws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import compute_timeline
from support.comparing import bits
from support.frames import DEFAULT_LENGTHS, policy_of, totals_of
from support.hours_drawn import weekly_rows
from support.oracle import DatedRow, Row, Store, weekly_hours
from support.strategies import Scenario, examples, scenarios
from support.wall_clock import DAY, EPOCH, instant, wall_clock

LAW = examples(40)
changing = scenarios(changing=True)
Rows = tuple[Row, ...]


def with_rows(scenario: Scenario, change: Callable[[DatedRow], Rows]) -> Scenario:
    """Write every row, of hours and of maintenance, in another way."""

    def changed(rows: Rows) -> Rows:
        return tuple(new for row in rows for new in change(DatedRow(*row)))

    stores = tuple(
        replace(store, rows=changed(store.rows), recurring=changed(store.recurring))
        for store in scenario.stores
    )
    return replace(scenario, stores=stores, recurring=changed(scenario.recurring))


@LAW
@given(changing)
def test_a_row_that_holds_on_all_dates_is_one_without_dates(scenario: Scenario) -> None:
    first, last = date.min.toordinal(), date.max.toordinal()

    def spelled_out(row: DatedRow) -> Rows:
        since, until = row.valid_from or first, row.valid_until or last
        return (row._replace(valid_from=since, valid_until=until),)

    assert bits(with_rows(scenario, spelled_out).report()) == bits(scenario.report())


@LAW
@given(changing, st.integers(-12, 3))
def test_a_row_may_be_split_at_any_date(scenario: Scenario, days: int) -> None:
    today, _ = wall_clock("UTC", scenario.now)

    def split(row: DatedRow) -> Rows:
        day = max(row.valid_from or 1, today + days)
        day = day if row.valid_until is None else min(day, row.valid_until)
        return (row._replace(valid_until=day), row._replace(valid_from=day))

    assert bits(with_rows(scenario, split).report()) == bits(scenario.report())


@LAW
@given(changing, weekly_rows, st.integers(-12, 3))
def test_a_row_from_a_date_until_the_same_date_never_holds(
    scenario: Scenario, row: Row, days: int
) -> None:
    day = wall_clock("UTC", scenario.now)[0] + days
    never = DatedRow(*row[:3], day, day)
    stores = tuple(
        # A store that has rows, if only such, is not open all the time.
        replace(store, rows=(*store.rows, *((never,) if store.rows else ())), recurring=(never,))
        for store in scenario.stores
    )
    without = scenario.of(recurring=())
    assert bits(replace(scenario, stores=stores).report()) == bits(without.report())


@LAW
@given(changing)
def test_maintenance_equal_to_the_hours_leaves_nothing(scenario: Scenario) -> None:
    """Where special days and missing days do not open the store at other times."""
    whole_days = tuple((day, 0, DAY) for day in range(7))
    stores = tuple(
        replace(store, special={}, recurring=store.rows or whole_days) for store in scenario.stores
    )
    rules = replace(scenario.rules, missing_days="closed")
    closed = replace(scenario, stores=stores, rules=rules, special={}, maintenance=())
    for windows in totals_of(closed.report(), scenario.lengths).values():
        assert all(each.scheduled == 0 for each in windows)


@LAW
@given(changing)
def test_rows_for_every_store_are_the_same_rows_for_each(scenario: Scenario) -> None:
    told = replace(scenario, stores=tuple(scenario.told), special={}, maintenance=(), recurring=())
    assert bits(told.report()) == bits(scenario.report())


@LAW
@given(changing)
def test_recurring_maintenance_is_maintenance_on_every_date(scenario: Scenario) -> None:
    """In UTC, where the wall clock's times are instants."""
    rules = replace(scenario.rules, lookback=timedelta(days=1))
    scenario = replace(scenario, rules=rules, lengths=DEFAULT_LENGTHS).of(zone="UTC")
    today, _ = wall_clock("UTC", scenario.now)

    def once(rows: Rows) -> tuple[tuple[int, int], ...]:
        return tuple(
            ((day - EPOCH.toordinal()) * DAY + start, (day - EPOCH.toordinal()) * DAY + end)
            for day in range(today - 10, today + 2)
            for start, end in weekly_hours(rows, rules, day)
        )

    stores = tuple(
        replace(store, maintenance=store.maintenance + once(store.recurring), recurring=())
        for store in scenario.stores
    )
    works = scenario.maintenance + once(scenario.recurring)
    given_once = replace(scenario, stores=stores, maintenance=works, recurring=())
    assert bits(given_once.report()) == bits(scenario.report())


def timeline(scenario: Scenario) -> list[tuple[Any, ...]]:
    """Return store, start, end and state of the pieces of nine days."""
    options: dict[str, Any] = {"policy": policy_of(scenario.rules), **scenario.extra}
    start, now = instant(scenario.now - 9 * DAY), instant(scenario.now)
    pieces = compute_timeline(*scenario.tables, now, start=start, **options)
    return pieces.with_columns(pl.col(pl.Datetime).to_physical()).rows()


@LAW
@given(changing, st.integers(-10 * DAY, DAY), st.integers(0, 10 * DAY))
def test_a_store_is_as_if_there_were_no_time_before_it_opens_and_after_it_closes(
    scenario: Scenario, since: int, length: int
) -> None:
    opens = scenario.now + since
    closes = opens + length
    scenario = replace(scenario, rules=replace(scenario.rules, evidence="open")).of(null_zone=True)
    life = ((None, opens), (closes, None))
    born = replace(scenario, maintenance=(*scenario.maintenance, *life))

    def alive(store: Store) -> Store:
        return replace(store, polls=tuple(p for p in store.polls if opens <= p[0] < closes))

    polled = replace(scenario, stores=tuple(alive(store) for store in scenario.stores))
    expected = [
        (store_id, max(start, opens), min(end, closes), state)
        for store_id, start, end, state in timeline(polled)
        if start < closes and opens < end and opens < closes
    ]
    assert timeline(born) == expected


@LAW
@given(changing, st.integers(1, 4))
def test_the_size_of_the_batches_is_nothing(scenario: Scenario, size: int) -> None:
    assert bits(scenario.report(batch_stores=size)) == bits(scenario.report())
