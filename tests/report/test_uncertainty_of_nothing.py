"""Tables without rows, stores without polls, polls that say too little: nulls, and no failure."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from store_uptime import compute_history, compute_report, fit_outage_rates
from store_uptime.testing import polls, weekly

NOON = "2024-05-13T12:00Z"
ZONES = pl.DataFrame({"store_id": [7, 8], "timezone_str": ["Etc/UTC"] * 2})
RATES = pl.DataFrame({"rate": [2.0, 0.5], "share_down": [0.01, 0.2], "weight": [0.75, 0.25]})
NONE = polls("7 Mon 10:14 up").clear()
HOURS = weekly("7 Mon 09:00-12:00\n8 Mon 09:00-12:00")

TABLES: dict[str, tuple[Any, ...]] = {
    "no stores": (NONE, HOURS.clear(), ZONES.clear()),
    "no polls": (NONE, HOURS, ZONES),
    "one poll": (polls("7 Mon 10:14 up"), HOURS, ZONES),
    "two polls, one when closed": (polls("7 Mon 08:14 up, 10:14 up"), HOURS, ZONES),
    "two polls at one instant": (polls("7 Mon 10:14 up, 10:14 down"), HOURS, ZONES),
    "two polls, long ago": (polls("7 Mon 10:14 up, 10:15 up", week="2024-01-01"), HOURS, ZONES),
}


def rates_of(name: str, batch_stores: int | None = None) -> pl.DataFrame:
    status, hours, zones = TABLES[name]
    return fit_outage_rates(status, hours, zones, NOON, batch_stores=batch_stores)


STORES = {name: 0 if name == "no stores" else 2 for name in TABLES}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("rates", [None, RATES], ids=["own", "given"])
@pytest.mark.parametrize("batch_stores", [None, 1])
def test_nothing_is_told_where_there_is_too_little(
    name: str, rates: pl.DataFrame | None, batch_stores: int | None
) -> None:
    options: dict[str, Any] = {"uncertainty": True, "rates": rates, "batch_stores": batch_stores}
    status, hours, zones = TABLES[name]
    report = compute_report(status, hours, zones, NOON, **options)
    history = compute_history(status, hours, zones, [NOON, "2024-05-13T11:00Z"], **options)
    assert (report.height, history.height) == (STORES[name], 2 * STORES[name])
    for frame in (report, history):
        told = frame.select(r"^uptime_(expected|error)_.*$")
        assert told.dtypes == [pl.Float64] * 6
        assert told.null_count().row(0) == (frame.height,) * 6


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("batch_stores", [None, 1])
def test_without_evidence_rates_are_as_guessed_at_first(
    name: str, batch_stores: int | None
) -> None:
    """21 shares and 9 rates between 0.05 and 30 an hour; heavier by roots of q, 1 - q and r.

    Of two nodes with one share, 0.05 and 30 an hour, the weights are as 1 to root 600.
    """
    found = rates_of(name, batch_stores)
    assert found.height == 21 * 9
    assert found["weight"].sum() == pytest.approx(1, rel=1e-12)
    assert found["rate"].min() == pytest.approx(0.05)
    assert found["rate"].max() == pytest.approx(30)
    assert found["share_down"].min() == pytest.approx(5e-4)
    assert found["share_down"].max() == pytest.approx(0.997)
    # As they are sorted by rate, the first 21 rows have the lowest, the last 21 the highest.
    ratio = found["weight"][-21:].to_numpy() / found["weight"][:21].to_numpy()
    assert ratio == pytest.approx([600**0.5] * 21)
    assert found.equals(found.sort("rate", "share_down"))


def test_they_are_rates_that_a_report_takes() -> None:
    guessed = rates_of("no polls")
    status = polls("7 Mon 10:14 up, 11:15 down")
    report = compute_report(status, HOURS, ZONES, NOON, uncertainty=True, rates=guessed)
    assert report["uptime_error_last_day"].is_null().to_list() == [False, True]
