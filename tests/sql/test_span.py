"""`load_sql`: what is computed of `Inputs` is what all polls would give, or is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from store_uptime import (
    Policy,
    PolicyError,
    Window,
    compute_history,
    compute_outages,
    compute_report,
    every,
    load_sql,
)
from support.databases import Database
from support.sql_tables import LO, NOW, TYPES, fill, frames

WEEK = dt.timedelta(days=7)


@pytest.fixture
def database(tmp_path: Any) -> Database:
    return Database("sqlite", f"sqlite:///{tmp_path}/stores.db")


def test_inputs_remember_now_and_span(database: Database) -> None:
    ids = fill(database, TYPES["sqlite"][0])
    inputs = load_sql(database.url, now=NOW)
    assert (inputs.now, inputs.since, inputs.until) == (NOW, LO, NOW)
    assert_frame_equal(compute_report(inputs), compute_report(*frames(ids), now=NOW))
    # The latest poll of all is the end of the polls, so there are none after it.
    latest = load_sql(database.url)
    end = dt.datetime(2023, 1, 26, tzinfo=dt.UTC)
    assert (latest.now, latest.since, latest.until) == (end, end - dt.timedelta(days=8), None)
    later = end + dt.timedelta(hours=3)
    assert_frame_equal(compute_report(latest, now=later), compute_report(*frames(ids), now=later))


def test_polls_from_outside_of_the_span_are_asked_for(database: Database) -> None:
    fill(database, TYPES["sqlite"][0])
    inputs = load_sql(database.url, now=NOW)
    for windows, policy, now in (
        ({"w": Window("8d")}, Policy(), None),
        ({"w": Window("7d")}, Policy(lookback="2d"), None),
        ({"w": Window("7d")}, Policy.for_changes(), None),
        ({"w": Window("1h")}, Policy(), NOW + dt.timedelta(seconds=1)),
    ):
        with pytest.raises(PolicyError, match=r"Load again for it: load_sql") as caught:
            compute_report(inputs, now=now, windows=windows, policy=policy)
        assert caught.value.code == "outside_loaded_span"


@pytest.mark.parametrize("policy", [Policy(), Policy(lookback="0s"), Policy.for_changes()])
def test_one_load_is_enough_for_a_history(policy: Policy, database: Database) -> None:
    ids = fill(database, TYPES["sqlite"][0])
    days = every("6h", start="2023-01-23T00:00Z", end="2023-01-26T00:00Z")
    reach = {"reach": Window(days[-1] - days[0] + WEEK)}
    inputs = load_sql(database.url, now=days[-1], windows=reach, policy=policy)
    history = compute_history(inputs, at=days, policy=policy, detail=True)
    expected = compute_history(*frames(ids), days, policy=policy, detail=True)
    assert_frame_equal(history, expected)
    too_late = [*days, days[-1] + dt.timedelta(seconds=1)]
    with pytest.raises(PolicyError, match=r"now is after the polls that were loaded"):
        compute_history(inputs, at=too_late, policy=policy)
    if policy.lookback is not None:
        too_early = [days[0] - dt.timedelta(seconds=1), *days]
        with pytest.raises(PolicyError, match=r"begins before the polls that were loaded"):
            compute_history(inputs, at=too_early, policy=policy)


def test_a_log_of_changes_is_loaded_whole(database: Database) -> None:
    ids = fill(database, TYPES["sqlite"][0])
    policy = Policy.for_changes()
    inputs = load_sql(database.url, now=NOW, policy=policy)
    assert (inputs.since, inputs.until, inputs.status.height) == (None, NOW, 7)
    year = NOW - dt.timedelta(days=365)
    found = compute_outages(inputs, start=year, policy=policy)
    assert_frame_equal(found, compute_outages(*frames(ids), NOW, start=year, policy=policy))
