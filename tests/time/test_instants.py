"""What is given as an instant: a datetime, a string, or something that is neither."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd
import polars as pl
import pytest

from store_uptime import (
    NaiveDatetimeError,
    PolicyError,
    StoreUptimeError,
    compute_history,
    compute_outages,
    compute_report,
    compute_timeline,
    every,
)

STATUS = pl.DataFrame(
    {"store_id": [1], "timestamp_utc": ["2024-05-15 11:00:00 UTC"], "status": ["active"]}
)
NOON = "2024-05-15T12:00:00Z"


class _BrokenZone(dt.tzinfo):
    def utcoffset(self, _: dt.datetime | None) -> dt.timedelta:
        raise RuntimeError

    def dst(self, _: dt.datetime | None) -> None:
        raise RuntimeError

    def tzname(self, _: dt.datetime | None) -> str:
        return "broken"


NO_INSTANTS: list[Any] = [
    pd.NaT,
    dt.date(2024, 5, 15),
    1715774400,
    1.5,
    True,
    b"2024-05-15T12:00:00Z",
    "",
    "now",
    "infinity",
    "0000-01-01T00:00:00Z",
    "2024-05-15T12:00:00+25:00",
    "2024-02-30T00:00:00Z",
    "\x00",
    dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1))),
    dt.datetime(2024, 5, 15, tzinfo=_BrokenZone()),
    [NOON],
    object,
]
CALLS: dict[str, Callable[[Any], object]] = {
    "now": lambda given: compute_report(STATUS, now=given),
    "start": lambda given: compute_timeline(STATUS, now=NOON, start=given),
    "at": lambda given: compute_history(STATUS, at=[NOON, given]),
    "end": lambda given: every("1d", start=NOON, end=given),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("given", NO_INSTANTS, ids=[str(k) for k in range(len(NO_INSTANTS))])
def test_what_is_no_instant_is_refused_wherever_one_is_wanted(name: str, given: Any) -> None:
    with pytest.raises(PolicyError) as caught:
        CALLS[name](given)
    assert caught.value.table == name
    assert "is not an instant" in str(caught.value)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    "given",
    [
        "2024-05-15T12:00:00",
        dt.datetime(2024, 5, 15, 12),  # noqa: DTZ001  # the point
        pd.Timestamp("2024-05-15"),
    ],
)
def test_an_instant_without_a_zone_is_refused_as_such(name: str, given: Any) -> None:
    with pytest.raises(NaiveDatetimeError) as caught:
        CALLS[name](given)
    assert caught.value.table == name


@pytest.mark.parametrize(
    "given",
    [
        NOON,
        "2024-05-15 12:00:00 UTC",
        "2024-05-15T14:00:00+02:00",
        "20240515T120000Z",
        dt.datetime(2024, 5, 15, 12, tzinfo=dt.UTC),
        pd.Timestamp("2024-05-15T21:00", tz="Asia/Tokyo"),
    ],
)
def test_the_same_instant_in_any_form(given: Any) -> None:
    outages = compute_outages(STATUS, now=given, start="2024-05-15T10:00:00Z")
    assert outages.is_empty()
    assert compute_history(STATUS, at=[given])["now"].to_list() == [
        dt.datetime(2024, 5, 15, 12, tzinfo=dt.UTC)
    ]


def test_history_needs_instants() -> None:
    missing: list[Any] = [None, [], (), NOON, 5, dt.datetime(2024, 5, 15, tzinfo=dt.UTC)]
    for at in missing:
        with pytest.raises(PolicyError) as caught:
            compute_history(STATUS, at=at)
        assert caught.value.table == "at"
        assert "every('1d', start=, end=)" in str(caught.value)


def test_a_value_that_cannot_be_written_down_is_named_by_its_type() -> None:
    class Shy:
        def __repr__(self) -> str:
            raise RuntimeError

    with pytest.raises(StoreUptimeError, match=r"now: is not an instant \(first: <Shy>\)"):
        compute_report(STATUS, now=Shy())  # type: ignore[arg-type]  # the point
