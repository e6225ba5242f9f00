"""Data sets are as they were asked for: rates, shares, hours, zones; and what one can do with them."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
import re
import warnings
from collections import Counter
from functools import cache
from typing import Any

import polars as pl
import pytest

from store_uptime import (
    CalendarWindow,
    Policy,
    PolicyError,
    Window,
    compute_history,
    compute_outages,
    compute_report,
    every,
)
from store_uptime.testing import Dataset, make_dataset
from store_uptime.testing.menus import DEFAULT_ZONES, HOURS_MENU
from support.wall_clock import HOUR, MINUTE, at, micros

UTC = dt.UTC


@cache
def fleet(**options: Any) -> Dataset:
    return make_dataset(2_000, days=7, **options)


# --- outages -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("a_day", "minutes"), [(1, 60), (0.2, 240), (8, 15)])
def test_outages_are_as_frequent_and_as_long_as_asked(a_day: float, minutes: int) -> None:
    dataset = fleet(outages_per_day=a_day, outage_length=dt.timedelta(minutes=minutes))
    outages = dataset.outages
    inside = outages.filter(pl.col("start") > dataset.start)
    assert inside.height == pytest.approx(2_000 * 7 * a_day, rel=0.04)
    # Those that are cut by the end of the span are longer than they look; few are.
    early = outages.filter(pl.col("start") < dataset.now - dt.timedelta(days=2))
    assert _mean_minutes(early) == pytest.approx(minutes, rel=0.05)
    share_down = a_day * minutes / (24 * 60)
    assert _mean_minutes(outages) * outages.height / (2_000 * 7 * 24 * 60) == pytest.approx(
        share_down, rel=0.06
    )


def _mean_minutes(outages: pl.DataFrame) -> float:
    lengths = (outages["end"] - outages["start"]).dt.total_microseconds()
    return float(lengths.sum()) / outages.height / MINUTE


def test_as_many_stores_are_down_at_first_as_later() -> None:
    dataset = fleet(outages_per_day=4, outage_length="2h")  # down a third of the time
    for hours in (0, 1, 50, 150):
        instant = dataset.start + dt.timedelta(hours=hours)
        down = dataset.outages.filter(pl.col("start") <= instant, instant < pl.col("end"))
        # 2,000 stores, a third: 667, give or take sqrt(2000 * 1/3 * 2/3) = 21
        assert down.height == pytest.approx(667, abs=85)


def test_no_outages_are_no_outages() -> None:
    dataset = make_dataset(3, days=1, outages_per_day=0)
    assert dataset.outages.is_empty()
    assert dataset.outages.schema == make_dataset(3, days=1).outages.schema
    assert dataset.status["status"].all()


# --- polls ---------------------------------------------------------------------------------------


def test_nothing_is_missing_unless_it_is_asked_for() -> None:
    dataset = make_dataset(5, days=3)
    assert dataset.status.height == 5 * 3 * 24
    assert not dataset.inputs.extra
    assert dataset.inputs.rejected.is_empty()


@pytest.mark.parametrize(
    ("missing", "while_down"), [(0.2, 0), (0, 0.5), (0.2, 0.5), (1, 0), (0, 1)]
)
def test_polls_are_lost_in_their_shares(missing: float, while_down: float) -> None:
    dataset = fleet(missing=missing, missing_while_down=while_down, outages_per_day=4)
    whole = fleet(outages_per_day=4)
    kept = 1 - missing
    assert _count(dataset, up=True) / _count(whole, up=True) == pytest.approx(kept, abs=0.01)
    kept *= 1 - while_down
    assert _count(dataset, up=False) / _count(whole, up=False) == pytest.approx(kept, abs=0.01)


def _count(dataset: Dataset, *, up: bool) -> int:
    return dataset.status.filter(pl.col("status") == up).height


def test_polls_come_at_fixed_instants_without_jitter() -> None:
    dataset = make_dataset(2, days=1, poll_every="5h", jitter=0, now="2024-05-02T00:30:00Z")
    fixed = [at(f"2024-05-01 {hour:02}:30") for hour in (0, 5, 10, 15, 20)]
    assert dataset.status["timestamp_utc"].to_physical().to_list() == fixed * 2


def test_jitter_is_a_share_of_the_stretch() -> None:
    dataset = fleet(jitter=0.25)
    within = (dataset.status["timestamp_utc"].to_physical() - micros(dataset.start)) % HOUR
    assert within.max() < HOUR // 4  # type: ignore[operator]  # of integers
    assert within.mean() == pytest.approx(HOUR / 8, rel=0.01)


def test_more_polls_bring_the_report_nearer_to_the_truth() -> None:
    def error(poll_every: str) -> float:
        dataset = make_dataset(100, days=7, poll_every=poll_every)
        both = (compute_report(dataset.inputs), dataset.truth())
        report, truth = (table["uptime_last_week"] for table in both)
        return (report - truth).abs().mean()  # type: ignore[return-value]  # of floats

    errors = [error(poll_every) for poll_every in ("4h", "1h", "15m", "3m")]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < errors[0] / 20


def test_a_terminal_that_is_off_changes_no_truth() -> None:
    on, off = fleet(), fleet(off_when_closed=True)
    assert off.truth().equals(on.truth())
    assert off.outages.equals(on.outages)
    assert off.status.drop("status").equals(on.status.drop("status"))
    assert off.status["status"].mean() < on.status["status"].mean() - 0.2  # type: ignore[operator]  # of floats
    assert compute_report(off.inputs).equals(compute_report(on.inputs))  # closed time says nothing


def test_spans_at_the_ends_of_time_and_at_its_zero_are_as_others() -> None:
    seldom: Any = {"poll_every": dt.timedelta.max, "outages_per_day": 1e-4}
    longest = make_dataset(3, days=3_652_058, now="9999-12-31T00:00Z", **seldom)
    assert longest.status.is_empty()
    assert longest.outages.height == pytest.approx(3 * 365, abs=130)
    old = make_dataset(3, days=1, now="0001-01-03T00:00Z", outages_per_day=9, special_days=1)
    assert old.status.height == 72
    assert old.truth({"day": Window("1d")}).height == 3
    zero = make_dataset(3, days=1, now="1970-01-02T00:00Z", jitter=0, special_days=1)
    assert zero.status["timestamp_utc"][0] == dt.datetime(1970, 1, 1, tzinfo=UTC)
    assert set(zero.inputs.extra["special_hours"]["date"]) == {dt.date(1970, 1, 1)}


# --- hours, zones, and what changes them ----------------------------------------------------------


def test_hours_are_as_people_have_them() -> None:
    hours = fleet().hours
    weeks = (
        hours.group_by("store_id")
        .agg(pl.struct(pl.exclude("store_id")).sort())
        .select("day_of_week")
    )
    assert weeks.n_unique() == len(HOURS_MENU)
    assert hours["store_id"].n_unique() == 2_000
    start, end = (hours[name].dt.total_seconds() for name in ("start_time_local", "end_time_local"))
    assert (end < start).any()
    assert ((start == 0) & (end == 0)).any()
    assert {24 * 3600, 24 * 3600 - 1, 24 * 3600 - 60} <= set(end)
    assert fleet(without_hours=1).hours.is_empty()
    some = fleet(without_hours=0.05).hours["store_id"].n_unique()
    assert some == pytest.approx(1_900, abs=40)


def test_zones_are_drawn_by_their_weights() -> None:
    counts = Counter(fleet().timezones["timezone_str"])
    assert set(counts) == set(DEFAULT_ZONES)
    assert counts.total() == 2_000
    assert counts["America/New_York"] == pytest.approx(600, abs=85)
    weighed = Counter(
        fleet(zones=_Frozen({"Asia/Tokyo": 3, None: 1.0, "Etc/UTC": 0})).timezones["timezone_str"]
    )
    assert weighed == {"Asia/Tokyo": pytest.approx(1_500, abs=80)}
    listed = Counter(
        make_dataset(2_000, 1, zones=["Asia/Tokyo", "Etc/UTC"]).timezones["timezone_str"]
    )
    assert listed == {name: pytest.approx(1_000, abs=90) for name in ("Asia/Tokyo", "Etc/UTC")}
    assert set(make_dataset(9, 1, zones="Asia/Tokyo").timezones["timezone_str"]) == {"Asia/Tokyo"}
    assert make_dataset(9, 1, zones=[None]).timezones.is_empty()


class _Frozen(dict[Any, Any]):
    """A mapping that a cache can hold."""

    def __hash__(self) -> int:  # type: ignore[override]  # that is the point
        return hash(tuple(self.items()))


def test_special_days_and_maintenance_have_their_shares() -> None:
    dataset = fleet(special_days=0.25, maintenance=0.1)
    special, work = (dataset.inputs.extra[name] for name in ("special_hours", "maintenance"))
    assert special.height == pytest.approx(2_000 * 7 * 0.25, rel=0.06)
    assert set(special["date"]) == {dt.date(2024, 10, 30) + dt.timedelta(days=n) for n in range(7)}
    assert special["start_time_local"].null_count() == pytest.approx(special.height / 3, rel=0.1)
    assert work.height == pytest.approx(2_000 * 7 * 0.1, rel=0.1)
    lengths = (work["end_utc"] - work["start_utc"]).dt.total_minutes()
    assert set(lengths) == {15 * n for n in range(1, 9)}


def test_what_holds_for_all_stores_has_no_id() -> None:
    dataset = fleet(special_days=1, maintenance=1)
    for name in ("special_hours", "maintenance"):
        table = dataset.inputs.extra[name]
        assert table["store_id"].null_count() == 7
        assert table.height == 7 * 2_001


# --- the default ---------------------------------------------------------------------------------


def test_the_default_week_has_an_hour_more_in_america() -> None:
    dataset = make_dataset(1, days=7, zones="America/New_York", without_hours=1)
    week = {"week": CalendarWindow("week", 0)}
    # From Monday 4 November, 05:00 UTC, to 6 November, 00:00 UTC, are 43 hours; the clocks went
    # back on Sunday: a day of 25 hours.
    assert dataset.truth(week).select(pl.sum_horizontal(pl.exclude("store_id"))).item() == 43
    sunday = {"sunday": CalendarWindow("day", -2)}
    assert dataset.truth(sunday).select(pl.sum_horizontal(pl.exclude("store_id"))).item() == 25


def test_the_default_report_needs_no_other_argument_and_warns_of_nothing() -> None:
    dataset = make_dataset(20, days=7)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report, truth = compute_report(dataset.inputs), dataset.truth()
    assert report.schema == truth.schema
    assert report["store_id"].equals(truth["store_id"])
    assert dataset.now == dt.datetime(2024, 11, 6, tzinfo=UTC)
    assert dataset.start == dt.datetime(2024, 10, 30, tzinfo=UTC)
    assert dataset.inputs.now == dataset.now


# --- the truth -----------------------------------------------------------------------------------


def test_a_store_without_a_single_poll_has_its_truth() -> None:
    dataset = make_dataset(3, days=1, missing=1, without_hours=1, zones=[None])
    assert dataset.status.is_empty()
    assert dataset.truth({"day": Window("1d")}).height == 3


def test_a_window_that_begins_before_the_span_is_refused() -> None:
    dataset = make_dataset(3, days=6)
    with pytest.raises(
        PolicyError,
        match=r"windows: a window begins before the data set \(first: 'since 2024-10-31",
    ) as caught:
        dataset.truth()
    assert caught.value.code == "outside_loaded_span"
    with pytest.raises(PolicyError):
        dataset.truth(
            {"exactly": Window("6d"), "more": Window(dt.timedelta(days=6, microseconds=1))}
        )
    with pytest.raises(PolicyError, match="no windows"):
        dataset.truth({})
    assert dataset.truth({"exactly": Window("6d")}).height == 3


def test_a_period_of_the_calendar_is_refused_by_where_it_begins() -> None:
    day_before = {"day_before": CalendarWindow("day", -2)}
    # At 06:00 UTC it is midnight in Chicago. Two days earlier 4 November began there.
    options: Any = {"stores": 2, "days": 2, "zones": "America/Chicago"}
    assert make_dataset(**options, now="2024-11-06T06:00Z").truth(day_before).height == 2
    with pytest.raises(PolicyError):
        make_dataset(**options, now="2024-11-06T06:01Z").truth(day_before)


def test_changes_tell_every_truth() -> None:
    dataset = make_dataset(30, days=7, without_hours=1, outages_per_day=2)
    policy = Policy.for_changes()
    found = compute_outages(dataset.changes, start=dataset.start, policy=policy)
    assert found.select("store_id", "start", "end").equals(
        dataset.outages.sort("store_id", "start")
    )
    at_now = compute_history(
        dataset.changes, at=every("1d", start=dataset.start, end=dataset.now), policy=policy
    )
    last = at_now.filter(pl.col("now") == dataset.now).drop("now")
    assert last.equals(dataset.truth())


# --- as an object ----------------------------------------------------------------------------------


def test_it_travels_and_says_what_it_is() -> None:
    dataset = make_dataset(1_000, days=2, special_days=0.1)
    assert re.fullmatch(
        r"Dataset\(1,000 stores, 2 days up to 2024-11-06T00:00:00\+00:00, 48,000 polls, [12],\d{3} outages\)",
        repr(dataset),
    )
    for again in (pickle.loads(pickle.dumps(dataset)), copy.copy(dataset), copy.deepcopy(dataset)):  # noqa: S301  # our own
        assert again.truth({"d": Window("1d")}).equals(dataset.truth({"d": Window("1d")}))
        assert again != dataset
        assert again.inputs.extra.keys() == {"special_hours"}
    assert dataset == dataset  # noqa: PLR0124  # that is the point
    with pytest.raises(AttributeError):
        dataset.now = dataset.start  # type: ignore[misc]  # that is the point
