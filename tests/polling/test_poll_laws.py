"""What polls are worth: against the witness, and laws."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import describe_polls
from support.comparing import bits
from support.frames import policy_of, report_of
from support.poll_worth import poll_worth
from support.strategies import Scenario, examples, scenarios
from support.wall_clock import DAY, instant

LAW = examples(40)
spans = st.integers(1, 9 * DAY)


def ask(
    scenario: Scenario, length: int, tables: Sequence[Any] | None = None, **options: Any
) -> pl.DataFrame:
    more: dict[str, Any] = {**scenario.extra, **options}
    status, hours, timezones = scenario.tables if tables is None else tables
    return describe_polls(
        status,
        hours,
        timezones,
        instant(scenario.now),
        start=instant(scenario.now - length),
        policy=policy_of(scenario.rules),
        **more,
    )


@examples(80)
@given(scenarios(), spans)
def test_it_says_what_the_oracle_says(scenario: Scenario, length: int) -> None:
    plain = ask(scenario, length).with_columns(pl.col(pl.Datetime, pl.Duration).to_physical())
    found = {row["store_id"]: row for row in plain.iter_rows(named=True)}
    assert list(found) == sorted(found)
    for store in scenario.told:
        witness = poll_worth(store, scenario.rules, scenario.now, scenario.now - length)
        expected = asdict(witness)
        row = found.pop(store.store_id)
        # A ratio is rounded three times; all else is exact.
        exact = expected.pop("gap_ratio")
        assert row.pop("gap_ratio") == (exact and pytest.approx(float(exact), rel=1e-15))
        share = expected.pop("inactive_share")
        assert row.pop("inactive_share") == (None if share is None else float(share))
        assert row == {"store_id": store.store_id, **expected}
    assert not found


@LAW
@given(scenarios(), spans, st.integers(1, 3), st.integers(0, 99), st.booleans())
def test_neither_batches_nor_the_order_of_rows_matter(
    scenario: Scenario, length: int, size: int, seed: int, lazy: Any
) -> None:
    whole = ask(scenario, length)
    shuffled = [each.sample(fraction=1, shuffle=True, seed=seed) for each in scenario.tables]
    tables = [each.lazy() if lazy else each for each in shuffled]
    assert bits(ask(scenario, length, batch_stores=size)) == bits(whole)
    assert bits(ask(scenario, length, tables)) == bits(whole)
    assert bits(ask(scenario, length, tables, batch_stores=size)) == bits(whole)


@LAW
@given(scenarios(), spans)
def test_repeated_rows_change_nothing_but_their_count(scenario: Scenario, length: int) -> None:
    status, *others = scenario.tables
    once, twice = ask(scenario, length), ask(scenario, length, [pl.concat([status] * 2), *others])
    again = once.with_columns(polls=2 * once["polls"], repeated=once["repeated"] + once["polls"])
    assert bits(twice) == bits(again)


@LAW
@given(scenarios())
def test_evidence_is_that_of_a_report_without_look_back(scenario: Scenario) -> None:
    rules = replace(scenario.rules, lookback=dt.timedelta(0))
    lengths: Any = {"week": (dt.timedelta(days=7), "hours")}
    report = report_of(scenario.tables, scenario.now, lengths, rules, scenario.extra)
    described = ask(scenario, 7 * DAY)
    assert described["store_id"].equals(report["store_id"])
    assert described["evidence"].to_list() == report["polls_week"].to_list()
