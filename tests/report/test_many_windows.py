"""Hundreds of windows in one report: the days of a year, the hours of a month."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import CalendarWindow, Window, compute_history, compute_report
from store_uptime.windows import AnyWindow
from support.many_stores import NOW, STORES, tables

# A number of 8 bits ends at 255. A report of n windows has n + 1 edges, and a history two more.
COUNTS = (254, 255, 256, 365, 1000)


LAST = dt.datetime.fromisoformat(NOW)


def days(count: int) -> dict[str, AnyWindow]:
    """Return the last full days, each a window, in each store's own zone."""
    return {f"day_{back}": CalendarWindow("day", -back, "seconds") for back in range(1, count + 1)}


def hours(count: int) -> dict[str, AnyWindow]:
    """Return windows of one hour, two hours and so on."""
    return {f"last_{many}": Window(dt.timedelta(hours=many), "hours") for many in range(1, count)}


@pytest.mark.parametrize("detail", [False, True])
@pytest.mark.parametrize("count", COUNTS)
def test_each_of_many_windows_is_what_it_is_in_a_report_of_its_own(
    count: int, *, detail: bool
) -> None:
    # The longest window is in each report, so that all have the same evidence.
    windows = {"all": Window(dt.timedelta(days=1100)), **days(count), **hours(50)}
    report = compute_report(*tables(), NOW, windows=windows, detail=detail)
    for name in ("all", "day_1", f"day_{count // 2}", f"day_{count}", "last_49"):
        few = {"all": windows["all"], name: windows[name]}
        alone = compute_report(*tables(), NOW, windows=few, detail=detail)
        assert_frame_equal(report.select(alone.columns), alone, check_exact=True)


def test_the_days_of_a_year_add_up_to_the_year() -> None:
    # 14 March is the day 31 + 28 + 14 = 73 of 2023, so 73 days before it is the last one of 2022.
    windows: dict[str, AnyWindow] = {
        f"day_{back}": CalendarWindow("day", -back, "seconds") for back in range(73, 73 + 365)
    }
    windows["year"] = CalendarWindow("year", unit="seconds")
    report = compute_report(*tables(), NOW, windows=windows, detail=True)
    for part in ("uptime", "downtime", "unknown", "scheduled"):
        added = report.select(
            pl.sum_horizontal(
                (pl.col(f"{part}_{name}") * 10**6).round().cast(pl.Int64)
                for name in windows
                if name != "year"
            )
        ).to_series()
        year = (report[f"{part}_year"] * 10**6).round().cast(pl.Int64)
        assert added.to_list() == year.to_list()
    assert (report["scheduled_year"] > 0).all()


@pytest.mark.parametrize("count", [253, 256, 400])
def test_a_history_with_many_windows_equals_its_reports(count: int) -> None:
    at = [LAST - dt.timedelta(hours=7), LAST]
    history = compute_history(*tables(), at, windows=days(count), detail=True)
    for now in at:
        report = compute_report(*tables(), now, windows=days(count), detail=True)
        assert_frame_equal(
            history.filter(pl.col("now") == now).drop("now"), report, check_exact=True
        )


def test_more_windows_cost_in_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    """A query costs as much as its frame has columns, so their sum must not grow as a square."""
    lazy = pl.DataFrame.lazy
    widths: list[int] = []

    def spy(self: pl.DataFrame) -> pl.LazyFrame:
        widths.append(self.width)
        return lazy(self)

    monkeypatch.setattr(pl.DataFrame, "lazy", spy)

    def cost(count: int, **others: Any) -> int:
        widths.clear()
        compute_report(*tables(), NOW, windows=days(count), detail=True, **others)
        return sum(widths)

    few, many = cost(50), cost(500)
    assert many < 11 * few


def test_many_windows_make_smaller_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store_uptime._engine.batches._BUDGET", 20 * 500)
    seen: list[int] = []
    report = compute_report(
        *tables(), NOW, windows=days(500), progress=lambda done, _: seen.append(done)
    )
    assert report.height == STORES
    assert len(seen) > 2
