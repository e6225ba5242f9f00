"""`Inputs` as the one argument: nothing is forgotten, nothing is given twice."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import (
    Inputs,
    Policy,
    PolicyError,
    SchemaError,
    Window,
    compute_history,
    compute_outages,
    compute_report,
    compute_timeline,
    describe_polls,
    load_sql,
)

NOW = dt.datetime(2023, 12, 27, 5, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
STATUS = pl.DataFrame(
    {
        "store_id": [7] * 40,
        "timestamp_utc": [NOW - dt.timedelta(hours=6) * k for k in range(40)],
        "status": [k % 3 > 0 for k in range(40)],
    }
)
HOURS = pl.DataFrame(
    {
        "store_id": [7] * 7,
        "day_of_week": range(7),
        "start_time_local": ["09:00"] * 7,
        "end_time_local": ["17:00"] * 7,
    }
)
ZONES = pl.DataFrame({"store_id": [7], "timezone_str": ["America/New_York"]})
HOLIDAYS = pl.DataFrame(
    {
        "store_id": [None],
        "date": [dt.date(2023, 12, 25)],
        "start_time_local": [None],
        "end_time_local": [None],
    },
    schema_overrides={"store_id": pl.Int64},
)
INPUTS = Inputs(STATUS, HOURS, ZONES, extra={"special_hours": HOLIDAYS})


def polls(status: Any, hours: Any = None, timezones: Any = None, **extra: Any) -> pl.DataFrame:
    # It tells a store without a zone from one in the default zone.
    return describe_polls(status, hours, timezones, NOW, **extra).drop("has_timezone")


CALLS: dict[str, Callable[..., pl.DataFrame]] = {
    "report": partial(compute_report, now=NOW),
    "history": partial(compute_history, at=[NOW, NOW - DAY]),
    "timeline": partial(compute_timeline, now=NOW),
    "outages": partial(compute_outages, now=NOW),
    "polls": polls,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
def test_the_optional_tables_come_with_it(call: Callable[..., pl.DataFrame]) -> None:
    with_holidays = call(STATUS, HOURS, ZONES, special_hours=HOLIDAYS)
    assert_frame_equal(call(INPUTS), with_holidays)
    assert not call(*INPUTS).equals(with_holidays)


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
@pytest.mark.parametrize("table", ["hours", "timezones", "special_hours"])
def test_a_table_that_it_has_is_not_given_beside_it(
    call: Callable[..., pl.DataFrame], table: str
) -> None:
    with pytest.raises(SchemaError) as caught:
        call(INPUTS, **{table: HOURS})
    assert (caught.value.table, caught.value.code) == (table, "table_given_twice")
    assert "given twice: in Inputs and beside it" in str(caught.value)


def test_an_optional_table_that_it_lacks_is() -> None:
    bare = Inputs(STATUS, HOURS, ZONES)
    assert_frame_equal(
        compute_report(bare, now=NOW, special_hours=HOLIDAYS), compute_report(INPUTS, now=NOW)
    )


def test_a_table_that_is_none_may_be_given_beside_it() -> None:
    nothing: Any = None
    bare = Inputs(STATUS, nothing, nothing)
    assert_frame_equal(compute_report(bare, now=NOW), compute_report(STATUS, now=NOW))
    assert_frame_equal(
        compute_report(bare, HOURS, ZONES, now=NOW), compute_report(STATUS, HOURS, ZONES, now=NOW)
    )


def test_an_extra_table_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"Inputs\.extra: no such table .*'holidays'") as caught:
        compute_report(Inputs(STATUS, HOURS, ZONES, extra={"holidays": HOLIDAYS}), now=NOW)
    assert caught.value.code == "unknown_table"


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
def test_without_hours_open_day_and_night_and_without_zones_in_the_default_one(
    call: Callable[..., pl.DataFrame],
) -> None:
    chicago = pl.DataFrame({"store_id": [7], "timezone_str": ["America/Chicago"]})
    assert_frame_equal(call(STATUS), call(STATUS, HOURS.clear(), ZONES.clear()))
    assert_frame_equal(call(STATUS, HOURS), call(STATUS, HOURS, chicago))
    assert_frame_equal(call(STATUS, timezones=ZONES), call(STATUS, HOURS.clear(), ZONES))


# --- what a loader remembers -----------------------------------------------------------------------


@pytest.fixture
def database() -> sqlite3.Connection:
    """Return a database with the three tables."""
    connection = sqlite3.connect(":memory:")
    connection.executescript("""
        CREATE TABLE store_status (store_id INTEGER, timestamp_utc TEXT, status TEXT);
        CREATE TABLE business_hours
            (store_id INTEGER, day INTEGER, start_time_local TEXT, end_time_local TEXT);
        CREATE TABLE store_timezones (store_id INTEGER, timezone_str TEXT);
        INSERT INTO store_timezones VALUES (7, 'America/New_York');
    """)
    polls = [
        (store, f"{instant:%Y-%m-%d %H:%M:%S} UTC", "active" if up else "inactive")
        for store, instant, up in STATUS.rows()
    ]
    connection.executemany("INSERT INTO store_status VALUES (?, ?, ?)", polls)
    connection.executemany("INSERT INTO business_hours VALUES (?, ?, ?, ?)", HOURS.rows())
    return connection


def test_now_is_the_loaders(database: sqlite3.Connection) -> None:
    earlier = NOW - dt.timedelta(hours=2)
    inputs = load_sql(database, now=earlier)
    assert (inputs.now, inputs.until) == (earlier, earlier)
    assert inputs.since == earlier - 8 * DAY
    assert_frame_equal(compute_report(inputs), compute_report(STATUS, HOURS, ZONES, earlier))
    assert_frame_equal(compute_timeline(inputs), compute_timeline(STATUS, HOURS, ZONES, earlier))
    latest = load_sql(database)
    assert (latest.now, latest.until) == (NOW, None)


def test_what_needs_polls_from_outside_of_the_span_is_refused(
    database: sqlite3.Connection,
) -> None:
    inputs = load_sql(database, now=NOW, windows={"day": Window("1d")})
    day = {"day": Window("1d")}
    assert compute_report(inputs, windows=day).height == 1
    month = {"month": Window("30d")}
    calls: list[Callable[[], Any]] = [
        lambda: compute_report(inputs, windows=month),
        lambda: compute_report(inputs, windows=day, policy=Policy(lookback="25h")),
        lambda: compute_report(inputs, windows=day, policy=Policy(lookback=None)),
        lambda: compute_report(inputs, now=NOW - DAY, windows=day),
        lambda: compute_history(inputs, at=[NOW - DAY, NOW], windows=day),
        lambda: compute_timeline(inputs),
        lambda: compute_outages(inputs, start=NOW - 2 * DAY),
    ]
    for call in calls:
        with pytest.raises(PolicyError, match="begins before the polls that were loaded") as caught:
            call()
        assert caught.value.code == "outside_loaded_span"
        assert "load_sql(connection, now=now, windows=windows, policy=policy)" in str(caught.value)
    with pytest.raises(PolicyError, match="now is after the polls that were loaded"):
        compute_report(inputs, now=NOW + DAY, windows=day)


def test_a_load_up_to_the_latest_poll_is_good_for_a_later_now(database: sqlite3.Connection) -> None:
    later = NOW + dt.timedelta(hours=3)
    found = compute_report(load_sql(database), now=later)
    assert_frame_equal(found, compute_report(STATUS, HOURS, ZONES, later))


def test_without_a_limit_to_look_back_all_polls_are_loaded(database: sqlite3.Connection) -> None:
    policy = Policy.for_changes()
    inputs = load_sql(database, now=NOW, windows={"hour": Window("1h")}, policy=policy)
    assert (inputs.status.height, inputs.since) == (STATUS.height, None)
    month = {"month": Window("30d")}
    found = compute_report(inputs, windows=month, policy=policy)
    expected = compute_report(STATUS, HOURS, ZONES, NOW, windows=month, policy=policy)
    assert_frame_equal(found, expected)


def test_of_a_database_without_polls_nothing_is_remembered(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM store_status")
    inputs = load_sql(database)
    assert (inputs.now, inputs.since, inputs.until) == (None, None, None)


# --- the object itself ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "again",
    [
        copy.copy,
        copy.deepcopy,
        lambda inputs: pickle.loads(pickle.dumps(inputs)),  # noqa: S301  # our own
    ],
)
def test_it_travels_with_all_it_knows(again: Callable[[Any], Any]) -> None:
    rejected = INPUTS.rejected.clear()
    inputs = Inputs(
        *INPUTS, extra=INPUTS.extra, rejected=rejected, now=NOW, since=NOW - DAY, until=NOW
    )
    other = again(inputs)
    extra = again(inputs.extra)
    assert list(extra) == ["special_hours"]
    assert_frame_equal(extra["special_hours"], HOLIDAYS)
    assert (other.now, other.since, other.until) == (NOW, NOW - DAY, NOW)
    assert_frame_equal(other.status, STATUS)
    assert_frame_equal(other.extra["special_hours"], HOLIDAYS)
    assert other != inputs


def test_it_is_equal_only_to_itself() -> None:
    same = Inputs(*INPUTS, extra=INPUTS.extra)
    assert same != INPUTS
    assert INPUTS == INPUTS  # noqa: PLR0124  # that is the point
    assert len({INPUTS, same, INPUTS}) == 2
    assert Inputs(*INPUTS).extra == {}
    assert same.extra == INPUTS.extra == {"special_hours": HOLIDAYS}
    assert same.extra != {"special_hours": HOLIDAYS.clone()}
    assert same.extra != {"maintenance": HOLIDAYS}
    assert same.extra != [("special_hours", HOLIDAYS)]  # type: ignore[comparison-overlap]  # no mapping
    assert len({same.extra, INPUTS.extra}) == 1


def test_its_optional_tables_are_read_only() -> None:
    with pytest.raises(TypeError):
        INPUTS.extra["special_hours"] = HOLIDAYS  # type: ignore[index]  # the point
    assert list(INPUTS.extra | {"maintenance": HOLIDAYS}) == ["special_hours", "maintenance"]  # type: ignore[operator]  # Mapping has no |


def test_a_lazy_status_is_told_as_such() -> None:
    lazy = Inputs(STATUS.lazy(), HOURS, ZONES)
    assert repr(lazy) == "Inputs(status: lazy, hours: 7, timezones: 1, rejected: 0)"
    assert_frame_equal(compute_report(lazy), compute_report(STATUS, HOURS, ZONES))
