"""The two columns of `uncertainty=True`, their places, and what is refused before any work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import (
    Inputs,
    NaiveDatetimeError,
    Policy,
    PolicyError,
    StoreUptimeError,
    Window,
    compute_history,
    compute_report,
    fit_outage_rates,
)
from store_uptime._engine.reports import in_units
from store_uptime.testing import polls, weekly

STATUS = polls("7 Mon 10:14 up, 11:15 down\n8 Mon 10:00 up")
HOURS = weekly("7 Mon 09:00-12:00\n8 Mon 09:00-12:00\n9 Mon 09:00-12:00")
ZONES = pl.DataFrame({"store_id": [7, 8, 9], "timezone_str": ["Etc/UTC"] * 3})
NOON = "2024-05-13T12:00Z"
WINDOWS = {"a": Window("1h", "minutes"), "b": Window("1d")}
RATES = pl.DataFrame({"rate": [2.0, 0.5], "share_down": [0.01, 0.2], "weight": [0.75, 0.25]})

TIMES = ["uptime_a", "downtime_a", "uptime_b", "downtime_b"]
DETAILS = [
    f"{part}_{name}"
    for name in WINDOWS
    for part in ("unknown", "scheduled", "availability", "uptime_min", "uptime_max", "polls")
]
BOTH = ["uptime_expected_a", "uptime_error_a", "uptime_expected_b", "uptime_error_b"]


def report(**options: Any) -> pl.DataFrame:
    return compute_report(STATUS, HOURS, ZONES, NOON, windows=WINDOWS, **options)


def history(**options: Any) -> pl.DataFrame:
    at = ["2024-05-13T11:00Z", NOON]
    return compute_history(STATUS, HOURS, ZONES, at, windows=WINDOWS, **options)


def refused(call: Callable[..., object], *given: Any, **options: Any) -> StoreUptimeError:
    with pytest.raises(StoreUptimeError) as caught:
        call(*given, **options)
    return caught.value


# --- the columns ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compute", "keys"), [(report, ["store_id"]), (history, ["now", "store_id"])]
)
def test_the_two_columns_come_last_window_by_window(
    compute: Callable[..., pl.DataFrame], keys: list[str]
) -> None:
    assert compute(uncertainty=True).columns == [*keys, *TIMES, *BOTH]
    assert compute(uncertainty=True, detail=True).columns == [*keys, *TIMES, *DETAILS, *BOTH]
    assert compute().columns == [*keys, *TIMES]
    types = compute(uncertainty=True).select(BOTH).dtypes
    assert types == [pl.Float64] * 4


@pytest.mark.parametrize("compute", [report, history])
def test_no_other_number_changes(compute: Callable[..., pl.DataFrame]) -> None:
    for options in ({"rates": None}, {"rates": RATES}):
        uncertain = compute(uncertainty=True, detail=True, **options)
        assert_frame_equal(uncertain.drop(BOTH), compute(detail=True), check_exact=True)


@pytest.mark.parametrize("compute", [report, history])
def test_where_nothing_is_known_both_are_null(compute: Callable[..., pl.DataFrame]) -> None:
    never_polled = compute(uncertainty=True).filter(pl.col("store_id") == 9)
    assert never_polled.height > 0
    assert never_polled.select(BOTH).null_count().row(0) == (never_polled.height,) * 4


def test_both_are_in_the_unit_of_the_window() -> None:
    """90 minutes are 5.4e9 microseconds: 90 in a window of minutes, 1.5 in one of hours."""
    micros = 90 * 60 * 10**6
    totals = pl.DataFrame({"now": [0], "store_id": [7]}).with_columns(
        **{f"{part}@{name}": pl.lit(0) for name in WINDOWS for part in ("uptime", "downtime", "scheduled")},
        **{f"expected@{name}": pl.Series([float(micros)]) for name in WINDOWS},
        **{f"error@{name}": pl.Series([micros / 2]) for name in WINDOWS},
    )  # fmt: skip
    assert in_units(totals, WINDOWS, detail=False).select(BOTH).row(0) == (90.0, 45.0, 1.5, 0.75)
    none = totals.with_columns(pl.lit(None, pl.Float64).alias("error@a"))
    assert in_units(none, WINDOWS, detail=False)["uptime_error_a"].to_list() == [None]


@pytest.mark.parametrize("part", ["expected", "error"])
def test_windows_whose_columns_would_have_one_name(part: str) -> None:
    """The uptime of a window `error_x` is `uptime_error_x`, as is the error of a window `x`."""
    clash = {"x": Window("1h"), f"{part}_x": Window("2h")}
    for compute in (compute_report, compute_history):
        at: Any = {"at": [NOON]} if compute is compute_history else {}
        error = refused(compute, STATUS, windows=clash, uncertainty=True, **at)
        assert error.code == "name_taken"
        assert f"(first: 'uptime_{part}_x')" in str(error)
    columns = compute_report(STATUS, windows=clash, detail=True).columns
    assert columns.count(f"uptime_{part}_x") == 1


# --- what is refused -----------------------------------------------------------------------------

CHANGES = Policy.for_changes()


class NeverRead:
    """A table that is not to be looked at."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        raise AssertionError(requested_schema)


def test_options_are_refused_before_any_table_is_looked_at() -> None:
    for options, code in (
        ({"uncertainty": 1}, "not_a_flag"),
        ({"uncertainty": None}, "not_a_flag"),
        ({"uncertainty": True, "policy": CHANGES}, "log_of_changes"),
        ({"rates": RATES}, "unused_option"),
        ({"uncertainty": True, "rates": RATES.drop("rate")}, "missing_column"),
        ({"uncertainty": True, "rates": "rates.csv"}, "not_a_table"),
    ):
        given: Any = options
        assert refused(compute_report, NeverRead(), **given).code == code
        assert refused(compute_history, NeverRead(), at=[NOON], **given).code == code


def test_a_log_of_changes_is_no_sample() -> None:
    error = refused(report, uncertainty=True, policy=Policy.for_changes(default_timezone="Etc/UTC"))
    assert type(error) is PolicyError
    assert (error.table, error.code) == ("uncertainty", "log_of_changes")
    assert "is no sample" in str(error)
    assert "uptime_a" in report(policy=CHANGES).columns


@pytest.mark.parametrize(
    "other",
    [
        {"interpolation": "nearest"},
        {"evidence": "open"},
        {"backfill": True},
        {"max_gap": "1d"},
        {"lookback": "1d"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_with_one_rule_changed_they_may_be_polls(other: dict[str, Any]) -> None:
    assert set(BOTH) <= {*report(uncertainty=True, policy=Policy.for_changes(**other)).columns}


def test_rates_need_the_uncertainty() -> None:
    error = refused(report, rates=RATES)
    assert type(error) is PolicyError
    assert (error.table, error.code) == ("rates", "unused_option")
    assert str(error).startswith("rates: have no meaning without uncertainty=True.")


# --- fit_outage_rates ----------------------------------------------------------------------------
# What it gives is tested with the engine; here is what it refuses.


def test_what_rates_cannot_be_learnt_from() -> None:
    naive = refused(fit_outage_rates, STATUS, now=dt.datetime(2024, 5, 13))  # noqa: DTZ001  # the point
    assert type(naive) is NaiveDatetimeError
    for options, code, table in (
        ({"policy": CHANGES}, "log_of_changes", "policy"),
        ({"policy": 7}, "not_a_policy", "policy"),
        ({"now": NOON, "start": NOON}, "end_before_start", "start"),
        ({"batch_stores": 0}, "wrong_number", "batch_stores"),
        ({"progress": 7}, "not_callable", "progress"),
    ):
        given: Any = options
        error = refused(fit_outage_rates, STATUS, HOURS, ZONES, **given)
        assert (type(error), error.code, error.table) == (PolicyError, code, table)


def test_rates_need_the_polls_that_a_loader_left_out() -> None:
    loaded = Inputs(STATUS, HOURS, ZONES, since=dt.datetime(2024, 5, 12, tzinfo=dt.UTC))
    error = refused(fit_outage_rates, loaded, now=NOON)  # a week, and a day of look-back
    assert error.code == "outside_loaded_span"
    policy = replace(Policy(), lookback=dt.timedelta(days=2))
    error = refused(fit_outage_rates, loaded, now=NOON, start="2024-05-13T00:00Z", policy=policy)
    assert error.code == "outside_loaded_span"
