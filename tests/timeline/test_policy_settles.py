"""Up to when a timeline is settled, by each policy."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from store_uptime import NaiveDatetimeError, Policy, PolicyError

NOW = dt.datetime(2024, 3, 2, 6, tzinfo=dt.UTC)
HALF_PAST_ELEVEN = dt.timezone(dt.timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Policy(), "2024-03-01T06:00:00+00:00"),  # a day before
        (Policy(evidence="all", max_gap="6h"), "2024-03-02T00:00:00+00:00"),
        (Policy(max_gap="6h", lookback="6h"), "2024-03-02T00:00:00+00:00"),  # just enough
        (Policy(max_gap="1us", lookback="1us"), "2024-03-02T05:59:59.999999+00:00"),
        (Policy(max_gap="2d", lookback="3d"), "2024-02-29T06:00:00+00:00"),
        (Policy(max_gap="400d", lookback=None), "2023-01-27T06:00:00+00:00"),  # 365 + 35 days
        (Policy("previous", backfill=False), "2024-03-02T06:00:00+00:00"),
        (Policy("previous", backfill=False, lookback=None), "2024-03-02T06:00:00+00:00"),
        (Policy("previous", "all", backfill=False, max_gap="1h", lookback="1h"), NOW.isoformat()),
        (Policy.for_changes(), "2024-03-02T06:00:00+00:00"),
        (Policy.for_changes(max_gap="30d"), "2024-03-02T06:00:00+00:00"),
        (Policy.for_changes(missing_days="open", snap_midnight=False), NOW.isoformat()),
    ],
)
def test_it_is_settled_up_to(policy: Policy, expected: str) -> None:
    found = policy.settled_until(NOW)
    assert found.isoformat() == expected
    assert found.tzinfo is dt.UTC


@pytest.mark.parametrize(
    ("policy", "field", "value", "remedy"),
    [
        (Policy("next"), "interpolation", "next", "Use 'nearest' with backfill"),
        (Policy("next", backfill=False), "interpolation", "next", "or 'previous' without it"),
        (Policy("next", lookback="0s"), "interpolation", "next", "or 'previous' without it"),
        (Policy("previous"), "backfill", True, "With 'previous', use False."),
        (Policy.for_changes(backfill=True), "backfill", True, "With 'previous', use False."),
        (Policy(backfill=False), "backfill", False, "With 'nearest', use True."),
        (Policy(backfill=False, max_gap=None), "backfill", False, "With 'nearest', use True."),
        (Policy(max_gap=None), "max_gap", None, "give a limit, such as a day"),
        (Policy(max_gap=None, lookback=None), "max_gap", None, "give a limit, such as a day"),
        (Policy(lookback="23h"), "lookback", dt.timedelta(hours=23), "at least max_gap, or None"),
        (Policy(lookback="0s"), "lookback", dt.timedelta(0), "at least max_gap, or None"),
        (
            Policy(max_gap="1h", lookback="3599999ms"),
            "lookback",
            dt.timedelta(seconds=3599, milliseconds=999),
            "at least max_gap, or None",
        ),
        (
            Policy.for_changes(max_gap="2d", lookback="1d"),
            "lookback",
            dt.timedelta(days=1),
            "at least max_gap, or None",
        ),
        # Without a limit for `max_gap`, no `lookback` is long enough.
        (Policy.for_changes(lookback="400d"), "lookback", dt.timedelta(days=400), "or None"),
    ],
)
def test_it_never_settles(policy: Policy, field: str, value: object, remedy: str) -> None:
    with pytest.raises(PolicyError, match="no timeline settles") as caught:
        policy.settled_until(NOW)
    error = caught.value
    assert (error.code, error.table, error.column) == ("never_settles", "Policy", field)
    assert error.values == (value,)
    assert remedy in str(error)


@pytest.mark.parametrize(
    "now",
    [
        "2024-03-02T06:00:00Z",
        "2024-03-02T06:00:00+00:00",
        "2024-03-02T11:30:00+05:30",
        "2024-03-02 01:00-05:00",
        NOW,
        NOW.astimezone(HALF_PAST_ELEVEN),
    ],
)
def test_now_is_any_spelling_of_an_instant(now: Any) -> None:
    assert Policy().settled_until(now) == NOW - dt.timedelta(days=1)
    assert Policy().settled_until(now).utcoffset() == dt.timedelta(0)


@pytest.mark.parametrize("policy", [Policy(), Policy.for_changes()])
@pytest.mark.parametrize(
    ("now", "error", "code"),
    [
        (dt.datetime(2024, 3, 2), NaiveDatetimeError, "naive_instant"),  # noqa: DTZ001  # the point
        ("2024-03-02T06:00:00", NaiveDatetimeError, "naive_instant"),
        ("soon", PolicyError, "not_an_instant"),
        (None, PolicyError, "not_an_instant"),
        (7, PolicyError, "not_an_instant"),
        (dt.date(2024, 3, 2), PolicyError, "not_an_instant"),
    ],
)
def test_now_that_is_no_instant(policy: Policy, now: Any, error: Any, code: str) -> None:
    with pytest.raises(error) as caught:
        policy.settled_until(now)
    assert (caught.value.code, caught.value.table) == (code, "now")


def test_the_calendar_begins_with_the_year_1() -> None:
    first = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
    day = dt.timedelta(days=1)
    assert Policy().settled_until(first + day) == first
    with pytest.raises(PolicyError, match="reaches back too far") as caught:
        Policy().settled_until(first + day - dt.timedelta(microseconds=1))
    assert (caught.value.code, caught.value.column) == ("before_year_1", "max_gap")
    assert caught.value.values == (day,)
    assert Policy.for_changes().settled_until(first) == first


def test_a_reach_longer_than_the_calendar() -> None:
    forever = dt.timedelta.max
    with pytest.raises(PolicyError, match="reaches back too far"):
        Policy(max_gap=forever, lookback=None).settled_until(NOW)
    assert Policy.for_changes(max_gap=forever).settled_until(NOW) == NOW


@pytest.mark.parametrize("field", ["max_gap", "lookback"])
@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ("soon", "Write it like"),
        ("1mo", "months and years have no fixed length"),
        (dt.timedelta(-1), "Use None for no limit."),
    ],
)
def test_what_is_no_length_is_refused_before_anything_settles(
    field: Any, given: Any, remedy: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy(**{field: given})
    error = caught.value
    assert (error.code, error.column, error.values) == ("not_a_length", field, (given,))
    assert remedy in error.remedy
