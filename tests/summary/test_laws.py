"""Summaries held to sums of fractions, and to the laws that sums obey."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from store_uptime import (
    Window,
    summarize,
)
from support.frames import UNIT_US, Unit, totals_of, windows_of
from support.strategies import Scenario, examples, scenarios

# --- an oracle of fractions ----------------------------------------------------------------------


@dataclass(frozen=True)
class Times:
    """One store in one window, in microseconds."""

    up: int
    down: int
    unknown: int

    @property
    def known(self) -> int:
        return self.up + self.down


YEAR = 365 * UNIT_US["days"]
amounts = st.sampled_from((0, 0, 1, 99, 7 * UNIT_US["days"], 10 * YEAR)) | st.integers(0, YEAR)
# Parts of a hundred: stores that lie exactly at a target.
even = st.builds(
    lambda size, share: Times(size * share, size * (100 - share), 0),
    st.integers(1, 10**9),
    st.sampled_from((1, 50, 99, 100)),
)
times = st.builds(Times, amounts, amounts, amounts) | even
regions = st.sampled_from(("a", "b", None))
TARGETS = (0.99, 0.5, 0.01, 1.0, 1, 0.999, 0.07, 0.3333333333333333)
SIZES: Sequence[tuple[str, Unit]] = (("hour", "minutes"), ("day", "days"), ("odd", "seconds"))
CENTURY = dt.timedelta(days=36_500)  # longer than three times ten years
WINDOWS = {name: Window(CENTURY, unit) for name, unit in SIZES}

Store = tuple[str | None, tuple[Times, Times, Times]]
stores_drawn = st.lists(st.tuples(regions, st.tuples(times, times, times)), max_size=8)


def report_of(stores: Sequence[Store], *, detail: bool = True) -> pl.DataFrame:
    """Write the stores down as a report does: each time is the float nearest to it."""
    columns: dict[str, Any] = {
        "store_id": pl.Series(range(len(stores)), dtype=pl.Int64),
        "region": pl.Series([region for region, _ in stores], dtype=pl.String),
    }
    for place, (name, unit) in enumerate(SIZES):
        for part, field in (("uptime", "up"), ("downtime", "down"), ("unknown", "unknown")):
            if detail or part != "unknown":
                values = [getattr(windows[place], field) / UNIT_US[unit] for _, windows in stores]
                columns[f"{part}_{name}"] = pl.Series(values, dtype=pl.Float64)
    return pl.DataFrame(columns)


def check_row(row: dict[str, Any], group: Sequence[Times], unit: Unit, target: float) -> None:
    """Hold one row of a summary to sums of integers and fractions."""
    micros, goal = UNIT_US[unit], Fraction(str(target))
    known = [each for each in group if each.known]
    up, down = sum(each.up for each in group), sum(each.down for each in group)
    unknown = sum(each.unknown for each in group)
    assert row["unit"] == unit
    assert row["stores"] == len(group)
    assert row["stores_unknown"] == len(group) - len(known)
    assert row["stores_closed"] == sum(not each.known + each.unknown for each in group)
    below = [each for each in known if Fraction(each.up, each.known) < goal]
    assert row["stores_below_target"] == len(below)
    assert row["uptime"] == up / micros
    assert row["downtime"] == down / micros
    assert row["unknown"] == unknown / micros
    assert row["scheduled"] == (up + down + unknown) / micros
    if not known:
        shares = ("availability", "availability_percent", "availability_mean")
        assert all(row[name] is None for name in (*shares, "error_budget_used"))
        return
    share = Fraction(up, up + down)
    assert row["availability"] == up / (up + down)
    assert row["availability_percent"] == math.floor(share * 100_000) / 1000
    mean = sum((Fraction(each.up, each.known) for each in known), Fraction(0)) / len(known)
    assert abs(Fraction(row["availability_mean"]) - mean) <= Fraction(1, 2**53) + Fraction(1, 2**90)
    for name, whole in (("", 1), ("_percent", 100), ("_mean", 1)):
        assert (row[f"availability{name}"] == whole) == (down == 0)
    if goal < 1:
        used = Fraction(down, up + down) / (1 - goal)
        assert row["error_budget_used"] == pytest.approx(float(used), rel=1e-15)
        assert row["error_budget_used"] >= 1 or used < 1
        assert row["error_budget_used"] <= 1 or used > 1
    else:
        assert row["error_budget_used"] == (math.inf if down else 0)


@examples(200)
@given(stores_drawn, st.sampled_from(TARGETS))
def test_summaries_agree_with_fractions(stores: Sequence[Store], target: float) -> None:
    report = report_of(stores)
    found = summarize(report, "region", windows=WINDOWS, target=target)
    present = sorted({region for region, _ in stores}, key=lambda name: (name is None, name))
    rows = [(region, name) for region in present for name in WINDOWS]
    assert found.select("region", "window").rows() == rows
    whole = summarize(report, windows=WINDOWS, target=target)
    for place, (name, unit) in enumerate(SIZES):
        check_row(whole.row(place, named=True), [own[place] for _, own in stores], unit, target)
        for row in found.filter(pl.col("window") == name).iter_rows(named=True):
            group = [own[place] for region, own in stores if region == row["region"]]
            check_row(row, group, unit, target)


@examples(50)
@given(scenarios())
def test_summaries_of_real_reports_agree_with_the_integers_behind_them(scenario: Scenario) -> None:
    report = scenario.report()
    windows = windows_of(scenario.lengths)
    stores = list(totals_of(report, scenario.lengths).values())
    found = summarize(report, windows=windows)
    for place, (_, unit) in enumerate(scenario.lengths.values()):
        each = [own[place] for own in stores]
        group = [Times(own.uptime, own.downtime, own.unknown) for own in each]
        check_row(found.row(place, named=True), group, unit, 0.99)


# --- laws ----------------------------------------------------------------------------------------


@examples(50)
@given(stores_drawn, st.randoms(use_true_random=True))
def test_the_order_of_the_stores_is_nothing(stores: Sequence[Store], chance: random.Random) -> None:
    report = report_of(stores)
    shuffled = report[chance.sample(range(report.height), report.height)]
    for by in (None, "region"):
        expected = summarize(report, by, windows=WINDOWS)
        assert_frame_equal(summarize(shuffled, by, windows=WINDOWS), expected, check_exact=True)


@examples(50)
@given(stores_drawn)
def test_the_groups_add_up_to_the_whole(stores: Sequence[Store]) -> None:
    report = report_of(stores)
    whole = summarize(report, windows=WINDOWS)
    groups = summarize(report, "region", windows=WINDOWS)
    for place, (name, unit) in enumerate(SIZES):
        parts = groups.filter(pl.col("window") == name)
        for column in ("uptime", "downtime", "unknown", "scheduled"):
            micros = sum(round(value * UNIT_US[unit]) for value in parts[column])
            assert whole[column][place] == micros / UNIT_US[unit]
        for column in ("stores", "stores_unknown", "stores_closed", "stores_below_target"):
            assert whole[column][place] == parts[column].sum()


@examples(50)
@given(stores_drawn)
def test_a_group_of_one_store_is_the_report_of_that_store(stores: Sequence[Store]) -> None:
    report = report_of(stores)
    found = summarize(report, "store_id", windows=WINDOWS)
    for name in WINDOWS:
        own = found.filter(pl.col("window") == name)
        assert own["store_id"].equals(report["store_id"])
        for part in ("uptime", "downtime", "unknown"):
            assert own[part].equals(report[f"{part}_{name}"])
        # The mean of one is that one; below 2^-42 it has fewer digits.
        for share, mean in own.select("availability", "availability_mean").rows():
            assert mean == share or (0 < share < 2.0**-42 and abs(mean - share) <= 2.0**-94)


@examples(200)
@given(st.integers(0, 2**51), st.sampled_from(tuple(UNIT_US)))
def test_times_come_back_to_the_microsecond_up_to_71_years(micros: int, unit: Unit) -> None:
    # The floats of two different integers below 2^52 differ, so an equal float is an equal integer.
    value = micros / UNIT_US[unit]
    report = pl.DataFrame({"store_id": [1, 2], "uptime_w": [value, 0.0], "downtime_w": [0.0] * 2})
    found = summarize(report, windows={"w": Window(CENTURY, unit)})
    assert found["uptime"].item() == value
