"""Summaries of little known time: worked by hand."""

from __future__ import annotations

import datetime as dt

import polars as pl

from store_uptime import Policy, Window, compute_report, summarize

NOW = dt.datetime(2024, 5, 14, tzinfo=dt.UTC)
STATUS = pl.DataFrame({"store_id": [7], "timestamp_utc": [NOW], "status": [True]})
HOUR = {"hour": Window("1h", "seconds")}


def summary(max_gap: str) -> dict[str, object]:
    """Return the summary of one store, always open, up at `now`."""
    policy = Policy(max_gap=max_gap)
    report = compute_report(STATUS, now=NOW, windows=HOUR, policy=policy, detail=True)
    return summarize(report, windows=HOUR).row(0, named=True)


def test_a_store_that_is_known_for_half_of_its_time_is_not_closed() -> None:
    found = summary("30m")  # known for 1,800 seconds, unknown for as many
    assert (found["uptime"], found["unknown"]) == (1800.0, 1800.0)
    assert (found["stores_closed"], found["stores_unknown"]) == (0, 0)


def test_a_known_microsecond_has_its_shares() -> None:
    found = summary("1us")
    assert found["uptime"] == 1e-6
    assert found["stores_unknown"] == 0
    assert (found["availability"], found["availability_mean"]) == (1.0, 1.0)
    assert (found["availability_percent"], found["error_budget_used"]) == (100.0, 0.0)


def test_stores_of_which_a_microsecond_is_known_count_in_the_mean() -> None:
    # One was up in it, the other one down: (1 + 0) / 2.
    status = pl.concat([STATUS, STATUS.with_columns(store_id=pl.lit(8, pl.Int64), status=False)])
    policy = Policy(max_gap="1us")
    report = compute_report(status, now=NOW, windows=HOUR, policy=policy)
    assert summarize(report, windows=HOUR)["availability_mean"].item() == 0.5
