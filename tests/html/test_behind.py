"""What lies behind a report: the same numbers as the public functions, and why time is unknown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from hypothesis import given

from store_uptime import (
    CalendarWindow,
    Policy,
    Window,
    compute_outages,
    compute_report,
    compute_timeline,
    describe_polls,
)
from store_uptime._engine.unknown_time import REASON_DTYPE
from store_uptime._html.behind import Behind, compute_behind
from store_uptime._tables.gather import gather
from store_uptime.testing import polls, weekly
from store_uptime.windows import AnyWindow
from support.frames import UNIT_US, policy_of, windows_of
from support.strategies import Scenario, examples, scenarios
from support.wall_clock import instant

HOUR = 3_600_000_000
DAY_WINDOW = {"day": Window("1d")}


def behind(
    *tables: object,
    now: object,
    windows: Mapping[str, AnyWindow],
    policy: Policy = Policy(),  # noqa: B008  # cannot be changed
    batch_stores: int | None = None,
    **extra: object,
) -> Behind:
    return compute_behind(
        gather(*tables, **extra),
        now,
        windows=windows,
        policy=policy,
        batch_stores=batch_stores,
        progress=None,
    )


def of_scenario(scenario: Scenario, batch_stores: int | None = None) -> Behind:
    return behind(
        *scenario.tables,
        now=instant(scenario.now),
        windows=windows_of(scenario.lengths),
        policy=policy_of(scenario.rules),
        batch_stores=batch_stores,
        **scenario.extra,
    )


# --- laws ----------------------------------------------------------------------------------------


@examples(40)
@given(scenarios())
def test_the_report_is_that_of_compute_report(scenario: Scenario) -> None:
    options: dict[str, Any] = {
        "windows": windows_of(scenario.lengths),
        "policy": policy_of(scenario.rules),
        **scenario.extra,
    }
    report = compute_report(*scenario.tables, instant(scenario.now), detail=True, **options)
    assert of_scenario(scenario).report.equals(report)


@examples(40)
@given(scenarios())
def test_reasons_add_up_to_the_unknown_time_of_every_window(scenario: Scenario) -> None:
    found = of_scenario(scenario)
    for name, window in windows_of(scenario.lengths).items():
        micros = found.report[f"unknown_{name}"] * UNIT_US[window.unit]
        assert found.unknown.filter(window=name)["time"].sum() == sum(map(round, micros)), name


@examples(40)
@given(scenarios())
def test_timeline_and_outages_add_up_to_the_window_that_begins_first(scenario: Scenario) -> None:
    found = of_scenario(scenario, batch_stores=1)
    lengths = {"open": found.timeline["end"] - found.timeline["start"]}
    down = pl.DataFrame(lengths)["open"].filter(found.timeline["state"] == "down")
    assert down.sum() == found.outages["downtime"].sum()
    for name, spans in found.spans.items():
        if spans != [found.span] or isinstance(windows_of(scenario.lengths)[name], CalendarWindow):
            continue
        unit = UNIT_US[windows_of(scenario.lengths)[name].unit]
        downtime = sum(round(hours * unit) for hours in found.report[f"downtime_{name}"])
        assert (down.sum() or dt.timedelta(0)) == dt.timedelta(microseconds=downtime)


# --- by hand -------------------------------------------------------------------------------------

# Open day and night in UTC. Now is Friday 12:00; the window is Wednesday 12:00 to Friday 12:00, and
# a poll speaks for an hour on either side.
NOW = "2024-05-17T12:00:00Z"
TWO_DAYS = {"two_days": Window("2d")}
REACH = Policy(max_gap="1h", lookback="0s", default_timezone="Etc/UTC")
STATUS = polls("""
    1  Thu 00:00 up, 06:00 up       # unknown: 11 h before 23:00, 4 h between, 29 h after 07:00
    2  Mon 00:00 up                 # before the window, so no poll: 48 h
    3  Wed 12:30 up, Fri 11:30 up   # 13:30 to 10:30 lies between: 45 h
    4  Thu 22:00 up                 # while it is closed
""")
HOURS = weekly("4 Thu 09:00-17:00")  # unknown: 8 h
ZONES = pl.DataFrame({"store_id": [5], "timezone_str": ["Etc/UTC"]})  # never polled: 48 h


def test_every_reason_by_hand() -> None:
    found = behind(STATUS, HOURS, ZONES, now=NOW, windows=TWO_DAYS, policy=REACH)
    hours = {reason: time // HOUR for _, reason, time, _ in found.unknown.rows()}
    assert hours == {
        "never_polled": 48 + 48,
        "polled_while_closed": 8,
        "before_first": 11,
        "between": 4 + 45,
        "after_last": 29,
    }
    assert dict(found.unknown.select("reason", "stores").rows()) == {
        "never_polled": 2,
        "polled_while_closed": 1,
        "before_first": 1,
        "between": 2,
        "after_last": 1,
    }


@pytest.mark.parametrize("interpolation", ["nearest", "previous", "next"])
def test_a_poll_that_speaks_for_neither_side_ends_one_reason_and_begins_another(
    interpolation: str,
) -> None:
    """Without backfill, the six hours before the poll are unknown; from it on it speaks."""
    status = polls("1 Thu 18:00 up")
    policy = Policy(interpolation, backfill=False, max_gap=None, default_timezone="Etc/UTC")  # type: ignore[arg-type]
    found = behind(status, now="2024-05-17T12:00:00Z", windows=DAY_WINDOW, policy=policy)
    assert found.unknown.select("reason", "time").rows() == [("before_first", 6 * HOUR)]


def test_a_window_that_begins_where_unknown_time_ends_has_none_of_it() -> None:
    """The poll of 11:30 speaks from 11:00 on, which is where the last hour begins."""
    windows = {"hour": Window("1h"), "day": Window("1d")}
    policy = Policy(max_gap="30m", default_timezone="Etc/UTC")
    status = polls("1 Fri 11:30 up")
    found = behind(status, now=NOW, windows=windows, policy=policy)
    assert found.unknown.rows() == [("day", "before_first", 23 * HOUR, 1)]
    late = status.with_columns(pl.col("timestamp_utc") + pl.duration(microseconds=1))
    found = behind(late, now=NOW, windows=windows, policy=policy)
    assert sorted(found.unknown.rows()) == [
        ("day", "before_first", 23 * HOUR + 1, 1),
        ("hour", "before_first", 1, 1),
    ]
    assert found.unknown.schema["reason"] == REASON_DTYPE


def test_the_rest_is_what_the_public_functions_give() -> None:
    windows = {"hour": Window("1h"), "two_days": Window("2d")}
    found = behind(STATUS, HOURS, ZONES, now=NOW, windows=windows, policy=REACH)
    start = "2024-05-15T12:00:00Z"
    how: dict[str, Any] = {"start": start, "policy": REACH}
    assert found.timeline.equals(compute_timeline(STATUS, HOURS, ZONES, NOW, **how))
    assert found.outages.equals(compute_outages(STATUS, HOURS, ZONES, NOW, **how))
    assert found.described.equals(describe_polls(STATUS, HOURS, ZONES, NOW, **how))
    assert found.zones.rows() == [(store, "Etc/UTC") for store in range(1, 6)]
    assert [edge.isoformat() for edge in found.span] == [
        "2024-05-15T12:00:00+00:00",
        "2024-05-17T12:00:00+00:00",
    ]


def test_periods_of_the_calendar_begin_where_the_store_is() -> None:
    """Yesterday is Thursday: of a store in Auckland it begins 12 hours before that in UTC.

    The store in UTC is down all Wednesday, of which the page then says nothing.
    """
    status = polls("1 Wed 06:00 down, 18:00 down, Thu 06:00 up, 18:00 up\n2 Thu 06:00 up")
    zones = pl.DataFrame({"store_id": [1, 2], "timezone_str": ["Etc/UTC", "Pacific/Auckland"]})
    windows = {"yesterday": CalendarWindow("day")}
    found = behind(status, None, zones, now="2024-05-17T06:00:00Z", windows=windows)
    assert [start.isoformat() for start, _ in found.spans["yesterday"]] == [
        "2024-05-15T12:00:00+00:00",
        "2024-05-16T00:00:00+00:00",
    ]
    starts = found.timeline.group_by("store_id").agg(pl.col("start").min()).sort("store_id")
    assert [start.isoformat() for start in starts["start"]] == [
        "2024-05-16T00:00:00+00:00",
        "2024-05-15T12:00:00+00:00",
    ]


def test_without_stores_there_is_nothing_to_tell() -> None:
    empty = polls("1 Mon 00:00 up").clear()
    found = behind(empty, now=NOW, windows=DAY_WINDOW)
    assert found.report.is_empty()
    assert found.timeline.is_empty()
    assert found.unknown.is_empty()
