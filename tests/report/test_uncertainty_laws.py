"""Laws of the expected uptime and its error, on random stores; exact where a law is exact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from typing import Any

import polars as pl
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from store_uptime import Policy, Window, compute_history, compute_report, fit_outage_rates
from store_uptime.testing import polls
from support.comparing import bits
from support.frames import UNIT_US, Frames, Lengths, frames, policy_of, report_of, windows_of
from support.many_stores import NOW as MANY_NOW
from support.many_stores import tables as many_tables
from support.oracle import Rules, Store, evidence_of
from support.simulated_truths import NOW, Truth, exponential, lives, poisson
from support.strategies import Scenario, examples, scenarios
from support.wall_clock import DAY, HOUR, MINUTE, SECOND, instant

RATES = pl.DataFrame({"rate": [2.0, 0.5], "share_down": [0.01, 0.2], "weight": [0.75, 0.25]})
RATES_OR_NOT = st.sampled_from((None, RATES))


def is_for_changes(rules: Rules) -> bool:
    """Return whether the rules are those of a log of changes, which has no uncertainty."""
    chosen = (rules.interpolation, rules.evidence, rules.backfill, rules.max_gap, rules.lookback)
    return chosen == ("previous", "all", False, None, None)


POLLED = scenarios().filter(lambda scenario: not is_for_changes(scenario.rules))


def uncertain(scenario: Scenario, **options: Any) -> pl.DataFrame:
    return scenario.report(uncertainty=True, **options)


def columns_of(kind: str, lengths: Lengths) -> list[str]:
    return [f"uptime_{kind}_{name}" for name in lengths]


# --- what the numbers may be ---------------------------------------------------------------------


@examples(60)
@given(POLLED, RATES_OR_NOT)
def test_expected_is_possible_and_the_error_holds_the_bias(
    scenario: Scenario, rates: pl.DataFrame | None
) -> None:
    """0 <= expected <= uptime + downtime, and error >= |expected - uptime|."""
    for row in uncertain(scenario, rates=rates).iter_rows(named=True):
        for name in scenario.lengths:
            expected, error = row[f"uptime_expected_{name}"], row[f"uptime_error_{name}"]
            if expected is not None:
                up, down = row[f"uptime_{name}"], row[f"downtime_{name}"]
                assert 0 <= expected <= (up + down) * (1 + 1e-15)
                assert error >= abs(expected - up) * (1 - 1e-12)


@examples(60)
@given(POLLED, RATES_OR_NOT)
def test_null_is_what_nothing_is_known_of_or_fewer_than_two_polls(
    scenario: Scenario, rates: pl.DataFrame | None
) -> None:
    rows = {row["store_id"]: row for row in uncertain(scenario, rates=rates).iter_rows(named=True)}
    inside_open_time = replace(scenario.rules, evidence="open")
    for store in scenario.told:
        first = min(span.start for span in scenario.spans(store))
        few = len(evidence_of(store, inside_open_time, first, scenario.now)) < 2
        row = rows[store.store_id]
        for name in scenario.lengths:
            known = row[f"uptime_{name}"] + row[f"downtime_{name}"]
            for kind in ("expected", "error"):
                assert (row[f"uptime_{kind}_{name}"] is None) == (few or not known)


@examples(30)
@given(POLLED, RATES_OR_NOT)
def test_no_other_column_changes(scenario: Scenario, rates: pl.DataFrame | None) -> None:
    names = [*columns_of("expected", scenario.lengths), *columns_of("error", scenario.lengths)]
    assert bits(uncertain(scenario, rates=rates).drop(names)) == bits(scenario.report())


@examples(10)
@given(POLLED)
def test_the_unit_of_a_window_only_scales(scenario: Scenario) -> None:
    """Numbers are microseconds over the unit: seconds and days differ by 86,400, rounded once."""
    in_unit = [
        replace(scenario, lengths={name: (length, unit) for name, (length, _) in scenario.lengths.items()})
        for unit in UNIT_US
    ]  # fmt: skip
    names = [*columns_of("expected", scenario.lengths), *columns_of("error", scenario.lengths)]
    seconds, *others = (uncertain(each).select(names) for each in in_unit)
    for other, unit in zip(others, list(UNIT_US)[1:], strict=True):
        scaled = seconds.select(pl.all() * UNIT_US["seconds"] / UNIT_US[unit])
        assert_frame_equal(other, scaled, rel_tol=1e-15, abs_tol=0)


@pytest.mark.parametrize("polled_every", [SECOND, MINUTE, HOUR])
def test_a_store_that_never_recovers_has_no_uptime_at_all(polled_every: int) -> None:
    """Down at every poll, and with these rates for ten thousand years: rounding leaves no less."""
    rates = pl.DataFrame({"rate": [1e-6], "share_down": [1e-12], "weight": [1.0]})
    seen = tuple((NOW - k * polled_every, False) for k in range(50))
    row = report_of(
        frames([Store(1, "UTC", (), seen)]),
        NOW,
        {"hour": (timedelta(hours=1), "seconds"), "day": (timedelta(days=1), "seconds")},
        Rules(max_gap=None),
        {"uncertainty": True, "rates": rates},
    ).row(0, named=True)
    for name in ("hour", "day"):
        assert row[f"downtime_{name}"] > 0
        assert row[f"uptime_expected_{name}"] == 0
        assert row[f"uptime_error_{name}"] < 1e-6 * row[f"downtime_{name}"]


# --- what must not matter ------------------------------------------------------------------------


@examples(40)
@given(POLLED, RATES_OR_NOT, st.randoms(use_true_random=False))
def test_neither_order_nor_repeated_polls_change_a_bit(
    scenario: Scenario, rates: pl.DataFrame | None, random: Any
) -> None:
    whole = uncertain(scenario, rates=rates)
    status, hours, zones = scenario.tables
    again = pl.concat([status, status.head(3), status.tail(2)])
    places = random.sample(range(again.height), again.height)
    shuffled = (again[places], hours.reverse(), zones.reverse())
    assert bits(called(scenario, shuffled, rates=rates)) == bits(whole)


@examples(20)
@given(POLLED, RATES_OR_NOT)
def test_neither_groups_nor_batches_of_stores_change_a_bit(
    scenario: Scenario, rates: pl.DataFrame | None
) -> None:
    whole = uncertain(scenario, rates=rates)
    apart = [
        uncertain(replace(scenario, stores=(store,)), rates=rates) for store in scenario.stores
    ]
    together = pl.concat(each.cast(whole.schema) for each in apart).sort("store_id")
    assert bits(together) == bits(whole)
    assert bits(uncertain(scenario, rates=rates, batch_stores=1)) == bits(whole)


def called(scenario: Scenario, tables: Frames, **options: Any) -> pl.DataFrame:
    return report_of(
        tables,
        scenario.now,
        scenario.lengths,
        scenario.rules,
        {**scenario.extra, "uncertainty": True, **options},
    )


offsets = st.lists(st.sampled_from((0, 1, HOUR, DAY)) | st.integers(0, 40 * DAY), max_size=4)


@examples(30)
@given(POLLED, offsets, RATES_OR_NOT)
def test_a_history_equals_single_reports(
    scenario: Scenario, earlier: list[int], rates: pl.DataFrame | None
) -> None:
    at = [instant(scenario.now - offset) for offset in (0, *earlier)]
    options: dict[str, Any] = {
        "windows": windows_of(scenario.lengths),
        "policy": policy_of(scenario.rules),
        "uncertainty": True,
        "rates": rates,
        **scenario.extra,
    }
    history = compute_history(*scenario.tables, at, **options)
    for now in at:
        own = history.filter(pl.col("now") == now).drop("now")
        assert bits(own) == bits(compute_report(*scenario.tables, now, **options)), now


def test_windows_that_begin_in_another_order_than_they_end() -> None:
    """A month before both March 30, noon, and March 31, 6 o'clock, is on February 28."""
    status = polls("1 2023-02-28 05:00 up, 09:00 down, 13:00 up")
    at = [dt.datetime(2023, 3, 30, 12, tzinfo=dt.UTC), dt.datetime(2023, 3, 31, 6, tzinfo=dt.UTC)]
    windows = {"month": Window(relativedelta(months=1), "hours")}
    policy = Policy(lookback=timedelta(days=1))
    history = compute_history(status, at=at, windows=windows, policy=policy, uncertainty=True)
    assert history["uptime_error_month"].null_count() == 0
    for now in at:
        single = compute_report(status, now=now, windows=windows, policy=policy, uncertainty=True)
        assert bits(history.filter(pl.col("now") == now).drop("now")) == bits(single)


@pytest.mark.parametrize("evidence", ["open", "all"])
def test_a_poll_a_microsecond_after_an_instant_is_not_known_yet(evidence: Any) -> None:
    """At 12:05 nothing tells of the minutes after 12:02; a microsecond later a poll does."""
    status = polls("1 Mon 10:00 up, 11:30 down, 12:00 up, 12:05:00.000001 up")
    now = dt.datetime(2024, 5, 13, 12, 5, tzinfo=dt.UTC)
    at = [now, now + timedelta(microseconds=1)]
    policy = Policy(evidence=evidence, max_gap="2m")
    history = compute_history(status, at=at, policy=policy, uncertainty=True)
    assert history["uptime_error_last_hour"].null_count() == 0
    assert history["uptime_expected_last_hour"].n_unique() == 2
    for each in at:
        single = compute_report(status, now=each, policy=policy, uncertainty=True)
        assert bits(history.filter(pl.col("now") == each).drop("now")) == bits(single)


# --- many stores ---------------------------------------------------------------------------------

TRUTH = Truth(exponential(HOUR), 2.0, poisson(2 * HOUR), hours=(8, 22))
LENGTHS: Lengths = {
    "hour": (timedelta(hours=1), "minutes"),
    "days": (timedelta(days=3), "hours"),
}
SPAN = {"start": instant(NOW - 5 * DAY)}
HOLED = Rules(max_gap=timedelta(minutes=50))


@cache
def fleet() -> list[Store]:
    return [life.store for life in lives(TRUTH, 12, 6)]


def of_fleet(compute: Callable[..., pl.DataFrame], at: Any, **options: Any) -> pl.DataFrame:
    """Call with gaps of which the middle is unknown."""
    options = {"policy": policy_of(HOLED), "windows": windows_of(LENGTHS), **options}
    return compute(*frames(fleet()), at, uncertainty=True, **options)


@pytest.mark.parametrize("rates", [None, RATES], ids=["own", "given"])
def test_a_dozen_stores_come_out_the_same_however_they_are_cut(rates: pl.DataFrame | None) -> None:
    whole = of_fleet(compute_report, instant(NOW), rates=rates)
    for size in (5, 11):  # the last batch of one store alone, too
        same = of_fleet(compute_report, instant(NOW), rates=rates, batch_stores=size)
        assert bits(same) == bits(whole)
    at = [instant(NOW - k * 7 * HOUR) for k in range(3)]
    history = of_fleet(compute_history, at, rates=rates)
    assert bits(of_fleet(compute_history, at, rates=rates, batch_stores=5)) == bits(history)
    for now in at:
        own = history.filter(pl.col("now") == now).drop("now")
        assert bits(own) == bits(of_fleet(compute_report, now, rates=rates))


@pytest.mark.parametrize("interpolation", ["previous", "next"])
def test_a_poll_that_is_not_known_cuts_nothing_out(interpolation: Any) -> None:
    """The last known poll speaks for what follows, the first for what was before, as it can."""
    policy = Policy(interpolation=interpolation, max_gap="40m", lookback="0d")
    at = [instant(NOW - k * 37 * MINUTE) for k in range(4)]
    history = of_fleet(compute_history, at, policy=policy)
    for now in at:
        own = history.filter(pl.col("now") == now).drop("now")
        assert bits(own) == bits(of_fleet(compute_report, now, policy=policy))


# Of 36 rows, the last time for one alone, too; and more rows than are computed at a time.
@pytest.mark.parametrize(("room", "at_a_time"), [(11, 330), (35, 30)])
def test_how_many_instants_are_taken_together_changes_nothing(
    room: int, at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [instant(NOW - k * 7 * HOUR) for k in range(3)]
    history = of_fleet(compute_history, at)
    monkeypatch.setattr("store_uptime._engine.uncertainty.of_windows._MOST_ROWS_AT_A_TIME", room)
    monkeypatch.setattr("store_uptime._engine.uncertainty.gap_moments._AT_A_TIME", at_a_time)
    assert bits(of_fleet(compute_history, at)) == bits(history)


def test_a_store_with_more_polls_than_are_held_at_a_time_has_them_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    status = polls("1 Mon 09:00 up, 10:00 down, 11:30 up\n2 Mon 09:10 up, 10:10 up, 11:10 up")
    compute = partial(compute_report, status, now="2024-05-13T12:00Z", uncertainty=True)
    report = compute()
    assert report["uptime_error_last_day"].null_count() == 0
    monkeypatch.setattr("store_uptime._engine.uncertainty.of_windows._MOST_POLLS_AT_A_TIME", 1)
    assert bits(compute()) == bits(report)


def test_two_runs_give_the_same_bits() -> None:
    tables = many_tables()
    computes: list[Callable[..., pl.DataFrame]] = [compute_report, fit_outage_rates]
    for compute in computes:
        options: dict[str, Any] = {} if compute is fit_outage_rates else {"uncertainty": True}
        first, second = (compute(*tables, MANY_NOW, **options) for _ in range(2))
        assert bits(first) == bits(second)


# --- time backwards, and up for down -------------------------------------------------------------


def told(seen: list[tuple[int, bool]], *, of: str = "days", **options: Any) -> tuple[float, ...]:
    """Return known time, expected uptime and error of one store that is always open."""
    row = compute_report(
        *frames([Store(1, "UTC", (), tuple(seen))]),
        instant(NOW),
        windows=windows_of(LENGTHS),
        uncertainty=True,
        **options,
    ).row(0, named=True)
    known = row[f"uptime_{of}"] + row[f"downtime_{of}"]
    return known, row[f"uptime_expected_{of}"], row[f"uptime_error_{of}"]


@pytest.mark.parametrize("number", range(4))
def test_with_up_for_down_what_is_expected_is_the_rest(number: int) -> None:
    """With rates whose shares are mirrored, too: the chain does not know which state is good.

    In hours, but for rounding: two nodes lie on a line, and what is left beside it is an error.
    """
    seen = list(lives(replace(TRUTH, hours=(0, 24)), 4, 6)[number].store.polls)
    if number == 0:
        seen = [(us, True) for us, _ in seen]
    one = RATES.with_columns(share_down=pl.Series([0.05, 0.3]))
    other = one.with_columns(share_down=1 - pl.col("share_down"))
    known, expected, error = told(seen, rates=one)
    same, mirrored, same_error = told([(us, not up) for us, up in seen], rates=other)
    assert same == known
    assert mirrored == pytest.approx(known - expected, rel=0, abs=1e-6)
    assert same_error == pytest.approx(error, rel=0, abs=1e-6)


def test_time_backwards_is_as_likely() -> None:
    """Polls a whole number of hours before now, in a window from the first poll to the last."""
    seen = [(NOW - k * HOUR, k % 5 not in (1, 2)) for k in (0, 1, 2, 4, 7, 11, 13, 20, 29, 40, 72)]
    back = [(2 * NOW - 72 * HOUR - us, up) for us, up in seen]
    assert told(back) == pytest.approx(told(seen), rel=1e-9)
