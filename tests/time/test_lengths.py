"""Lengths as text, wherever they may be given, and the instants of a history."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import polars as pl
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import NaiveDatetimeError, Policy, PolicyError, Window, every
from store_uptime._time.lengths import read_length, shown_length, write_length
from support.strategies import examples

NOT_LENGTHS = ["", "7", "d", "7 d", "-1d", "1.5h", "1d ", "1ns", "1D", "1i", "7d x", "forever", "9" * 14 + "d"]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7d", dt.timedelta(days=7)),
        ("90m", dt.timedelta(minutes=90)),
        ("2h30m", dt.timedelta(hours=2, minutes=30)),
        ("1w", dt.timedelta(days=7)),
        ("10s", dt.timedelta(seconds=10)),
        ("5ms7us", dt.timedelta(microseconds=5007)),
        ("500ns3us1500ns", dt.timedelta(microseconds=5)),
        ("1h1h", dt.timedelta(hours=2)),
        ("1mo", relativedelta(months=1)),
        ("1q", relativedelta(months=3)),
        ("2y", relativedelta(years=2)),
        ("1mo12h", relativedelta(months=1, hours=12)),
    ],
)
def test_a_window_takes_text(text: str, expected: dt.timedelta | relativedelta) -> None:
    assert Window(text) == Window(expected)
    assert hash(Window(text)) == hash(Window(expected))


@pytest.mark.parametrize("text", ["7d", "90m", "2h30m", "1w", "3d12h4m25s", "5ms7us"])
def test_it_says_what_polars_says(text: str) -> None:
    start = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
    moved = pl.Series([start]).dt.offset_by(text).item()
    assert moved - start == Window(text).length == Policy(max_gap=text).max_gap


@given(st.integers(0, 10**15))
def test_a_length_that_is_written_reads_the_same(length: int) -> None:
    assert read_length(write_length(length)) == dt.timedelta(microseconds=length)


def test_a_length_is_written_briefly() -> None:
    # 86,400 + 3,600 s = 1 day and 1 hour.
    lengths = [0, 1, 90_000_000, 90_000_000_000, 1_500_000]
    assert [*map(write_length, lengths)] == ["0s", "1us", "1m30s", "1d1h", "1s500ms"]


@pytest.mark.parametrize("text", NOT_LENGTHS)
def test_no_length_is_refused_everywhere(text: str) -> None:
    start, end = "2024-01-01T00:00Z", "2024-01-02T00:00Z"
    for call in (
        lambda: Window(text),
        lambda: Policy(max_gap=text),
        lambda: Policy(lookback=text),
        lambda: every(text, start=start, end=end),
    ):
        with pytest.raises(PolicyError) as caught:
            call()
        assert caught.value.values[0] == text
        assert "7d, 90m or 2h30m" in str(caught.value)


@pytest.mark.parametrize("text", ["1mo", "1q", "1y", "1mo1d"])
def test_months_are_no_limit(text: str) -> None:
    for field in ("max_gap", "lookback"):
        with pytest.raises(PolicyError, match="months and years have no fixed length"):
            Policy(**{field: text})  # type: ignore[arg-type]  # one of two names


# --- Policy.for_changes ---------------------------------------------------------------------------


def test_a_log_of_changes_has_its_own_rules() -> None:
    policy = Policy.for_changes()
    assert policy == Policy(
        interpolation="previous", evidence="all", backfill=False, max_gap=None, lookback=None
    )
    assert (policy.missing_days, policy.default_timezone) == ("closed", "America/Chicago")
    other = Policy.for_changes(default_timezone="Etc/UTC", max_gap="30d")
    assert (other.default_timezone, other.max_gap) == ("Etc/UTC", dt.timedelta(days=30))
    with pytest.raises(PolicyError):
        Policy.for_changes(evidence="some")  # type: ignore[arg-type]  # the point


# --- every ----------------------------------------------------------------------------------------


def test_every_has_both_ends_where_the_steps_meet_them() -> None:
    days = every("1d", start="2024-03-30T12:00Z", end="2024-04-01T12:00Z")
    assert days == [dt.datetime(2024, 3, 30 + k, 12, tzinfo=dt.UTC) for k in range(2)] + [
        dt.datetime(2024, 4, 1, 12, tzinfo=dt.UTC)
    ]
    assert every("1d", start=days[0], end=days[-1] - dt.timedelta(microseconds=1)) == days[:-1]
    assert every(dt.timedelta(days=5), start=days[0], end=days[0]) == days[:1]


def test_a_day_is_24_hours_whatever_the_clocks_do() -> None:
    """Berlin's clocks go forward on 31 March 2024: there, the third instant reads 13:00."""
    start = dt.datetime.fromisoformat("2024-03-30T12:00:00+01:00")
    found = every("1d", start=start, end="2024-04-01T23:00:00+02:00")
    assert [f"{each:%d %H:%M}" for each in found] == ["30 11:00", "31 11:00", "01 11:00"]


def test_months_are_counted_from_the_start() -> None:
    found = every("1mo", start="2024-01-31T00:00Z", end="2024-04-30T00:00Z")
    assert [f"{each:%m-%d}" for each in found] == ["01-31", "02-29", "03-31", "04-30"]


def test_it_ends_with_the_calendar() -> None:
    found = every("400y", start="9500-01-01T00:00Z", end="9999-12-31T00:00Z")
    assert [each.year for each in found] == [9500, 9900]


@pytest.mark.parametrize(
    ("step", "start", "end", "error", "sentence"),
    [
        ("0s", "2024-01-01T00:00Z", "2024-01-02T00:00Z", PolicyError, "step: must be a positive"),
        (dt.timedelta(-1), "2024-01-01T00:00Z", "2024-01-02T00:00Z", PolicyError, "step: must be"),
        (relativedelta(), "2024-01-01T00:00Z", "2024-01-02T00:00Z", PolicyError, "step: must be"),
        (24, "2024-01-01T00:00Z", "2024-01-02T00:00Z", PolicyError, "step: must be a positive"),
        (None, "2024-01-01T00:00Z", "2024-01-02T00:00Z", PolicyError, "step: must be a positive"),
        ("1d", "2024-01-02T00:00Z", "2024-01-01T00:00Z", PolicyError, "end: is before start"),
        (
            "1us",
            "2024-01-01T00:00Z",
            "9999-01-01T00:00Z",
            PolicyError,
            "step: makes more than 1,000,000 instants",
        ),
        ("1d", "2024-01-02", "2024-01-03T00:00Z", NaiveDatetimeError, "start: has no time zone"),
        ("1d", "2024-01-02T00:00Z", "soon", PolicyError, "end: is not an instant"),
    ],
)
def test_what_every_refuses(
    step: Any, start: Any, end: Any, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        every(step, start=start, end=end)


@given(st.timedeltas(dt.timedelta(0), dt.timedelta(days=10**6)))
@examples(100)
def test_a_length_is_shown_as_the_text_that_says_it(length: dt.timedelta) -> None:
    text = shown_length(length).strip("'")
    assert read_length(text) == length
    # Each unit at most once, the largest first, none that is a whole number of larger ones.
    units = re.findall(r"[0-9]+([a-z]+)", text)
    assert units == [unit for unit in ("d", "h", "m", "s", "ms", "us") if unit in units]


@pytest.mark.parametrize("given_length", [-dt.timedelta(1), relativedelta(days=-1), None, 7, "7d"])
def test_what_no_text_says_is_shown_as_it_is(given_length: object) -> None:
    assert shown_length(given_length) == repr(given_length)
