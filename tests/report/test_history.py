"""The report at many instants equals the reports at each of them, to the last bit."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from store_uptime import (
    CalendarWindow,
    NaiveDatetimeError,
    Policy,
    PolicyError,
    StoreUptimeError,
    Window,
    compute_history,
    compute_report,
)
from store_uptime.testing import polls, weekly
from support.effort import combined, thinned
from support.frames import policy_of, windows_of
from support.strategies import Scenario, examples, scenarios
from support.wall_clock import DAY, HOUR, instant

STATUS = polls(
    """
    1 Mon 10:00 up, 12:00 down, Tue 12:00 up
    2 Tue 11:00 up
    """,
    week="2023-01-23",
)
HOURS = weekly("")
ZONES = pl.DataFrame({"store_id": [1, 2], "timezone_str": ["Etc/UTC", "Asia/Tokyo"]})
TABLES = (STATUS, HOURS, ZONES)


def bits(frame: pl.DataFrame) -> list[str]:
    return [repr(row) for row in frame.rows()]


def assert_same_as_single_reports(
    tables: tuple[Any, Any, Any], at: list[dt.datetime], step: int = 1, **options: Any
) -> None:
    """Compare all instants, or every so many in a quick run."""
    history = compute_history(*tables, at, **options)
    assert history["now"].unique(maintain_order=True).to_list() == sorted(set(at))
    for now in thinned(sorted(set(at)), step):
        single = compute_report(*tables, now, **options)
        own = history.filter(pl.col("now") == now).drop("now")
        assert own.schema == single.schema
        assert bits(own) == bits(single), now


offsets = st.lists(st.sampled_from((0, 1, HOUR, DAY)) | st.integers(0, 40 * DAY), max_size=4)


@examples(60)
@given(scenarios(), offsets)
def test_a_history_equals_single_reports(scenario: Scenario, earlier: list[int]) -> None:
    """Later polls, earlier polls and other windows reach into none of the reports."""
    at = [instant(scenario.now - offset) for offset in (0, *earlier)]
    options: dict[str, Any] = {
        "windows": windows_of(scenario.lengths),
        "policy": policy_of(scenario.rules),
        "detail": True,
        **scenario.extra,
    }
    assert_same_as_single_reports(scenario.tables, at, **options)


@pytest.mark.parametrize(
    ("interpolation", "max_gap", "backfill"),
    combined(["nearest", "previous", "next"], [None, dt.timedelta(hours=3)], [True, False]),
)
def test_every_hour_of_three_days(interpolation: Any, max_gap: Any, *, backfill: bool) -> None:
    policy = Policy(
        interpolation=interpolation,
        max_gap=max_gap,
        backfill=backfill,
        lookback=dt.timedelta(hours=5),
    )
    first = dt.datetime(2023, 1, 22, 20, tzinfo=dt.UTC)
    at = [first + dt.timedelta(hours=hour) for hour in range(72)]
    windows = {
        "hour": Window(dt.timedelta(hours=1), "minutes"),
        "day": Window(dt.timedelta(days=1)),
        "today": CalendarWindow("day", 0),
        "from_tuesday": CalendarWindow("week", 0, week_start="tuesday"),
    }
    assert_same_as_single_reports(TABLES, at, 5, policy=policy, windows=windows, detail=True)


def test_a_month_back_from_the_end_of_months_that_differ() -> None:
    """A month before both March 30, noon, and March 31, 6 o'clock, is February 28: out of order."""
    status = polls("1 2023-02-28 05:00 up, 09:00 down, 13:00 up")
    at = [dt.datetime(2023, 3, 30, 12, tzinfo=dt.UTC), dt.datetime(2023, 3, 31, 6, tzinfo=dt.UTC)]
    windows = {"month": Window(relativedelta(months=1), "days")}
    policy = Policy(lookback=dt.timedelta(0))
    tables = (status, HOURS, ZONES)
    assert_same_as_single_reports(tables, at, policy=policy, windows=windows, detail=True)


def test_rows_are_sorted_by_now_and_store() -> None:
    """Whatever the order of the instants; one given twice counts once."""
    noon, eve = "2023-01-24T12:00:00Z", "2023-01-23T18:00:00+00:00"
    found = compute_history(*TABLES, [noon, eve, noon])
    assert found.schema["now"] == pl.Datetime("us", "UTC")
    assert found.columns[1:] == compute_report(*TABLES, noon).columns
    assert found.select(pl.col("now").dt.day(), "store_id").rows() == [
        (23, 1),
        (23, 2),
        (24, 1),
        (24, 2),
    ]


def test_a_history_by_hand() -> None:
    """Store 1, up at 10:00, down at 12:00 on Monday, up at 12:00 on Tuesday, always open.

    At noon on Monday the polls meet at 11:00, so the last hour is all down. On Tuesday at 06:00 the last word is still down; at 12:00 the polls meet
    at 00:00, so the last day is 12 hours down and 12 up.
    """
    at = ["2023-01-23T12:00:00Z", "2023-01-24T06:00:00Z", "2023-01-24T12:00:00Z"]
    found = compute_history(*TABLES, at).filter(store_id=1)
    assert found["uptime_last_hour"].to_list() == [0.0, 0.0, 60.0]
    assert found["downtime_last_day"].to_list() == [1.0, 19.0, 12.0]


def test_a_poll_one_microsecond_after_an_instant_is_not_known_yet() -> None:
    """Up at 09:00, down a microsecond after 10:00, always open.

    At 10:00 only the first poll is known: up for 60 minutes. At 11:00 both are; they meet at 09:30,
    so the last hour is all down.
    """
    status = pl.DataFrame(
        {
            "store_id": [7, 7],
            "timestamp_utc": ["2023-01-23 09:00:00 UTC", "2023-01-23 10:00:00.000001 UTC"],
            "status": ["active", "inactive"],
        }
    )
    at = ["2023-01-23T10:00:00Z", "2023-01-23T11:00:00Z"]
    found = compute_history(status, at=at)
    assert found["uptime_last_hour"].to_list() == [60.0, 0.0]
    assert found["downtime_last_hour"].to_list() == [0.0, 60.0]


def test_any_collection_of_instants_will_do() -> None:
    at = [dt.datetime(2023, 1, 24, hour, tzinfo=dt.UTC) for hour in (6, 12)]
    expected = compute_history(*TABLES, at)
    texts = [each.isoformat() for each in at]
    for instants in (tuple(at), set(at), iter(at), pl.Series(at), texts):
        assert_frame_equal(compute_history(*TABLES, instants), expected)


@pytest.mark.parametrize(
    ("at", "error", "message"),
    [
        ([], PolicyError, "at: no instants"),
        ("2023-01-24T12:00:00Z", PolicyError, "at: must be a list of instants"),
        (dt.datetime(2023, 1, 24, tzinfo=dt.UTC), PolicyError, "at: must be a list"),
        (None, PolicyError, "at: must be a list"),
        ([3], PolicyError, "at: is not an instant"),
        ([dt.datetime(2023, 1, 24)], NaiveDatetimeError, "at: has no time zone"),  # noqa: DTZ001
    ],
)
def test_instants_that_are_none(at: Any, error: type[StoreUptimeError], message: str) -> None:
    with pytest.raises(error, match=message):
        compute_history(*TABLES, at)


def test_groups_of_stores_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the points do not fit into memory, stores are computed in groups."""
    at = [dt.datetime(2023, 1, 24, hour, tzinfo=dt.UTC) for hour in range(24)]
    whole = compute_history(*TABLES, at, detail=True)
    monkeypatch.setattr("store_uptime._engine.batches._BUDGET", 100)
    assert_frame_equal(compute_history(*TABLES, at, detail=True), whole)
