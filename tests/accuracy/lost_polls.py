"""Polls that do not come: because the store is down, by chance, or because the poller stood still."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import polars as pl

from accuracy.measured import MINUTES, compare, report_at, score, truth_at
from accuracy.rules_compared import DAYS, NOW, SEED
from store_uptime import Inputs, Policy, compute_report
from store_uptime._calls import polls_on
from store_uptime._tables.gather import gather
from store_uptime.testing import Dataset, make_dataset

WEEK = {"week": MINUTES["week"]}
LOST_WHILE_DOWN = [
    ("1h", length, share) for length in ("10m", "1h", "4h") for share in (0, 0.5, 0.9)
] + [("15m", "1h", share) for share in (0, 0.5, 0.9)]


def judge_lost_while_down(
    stores: int, rate: str, length: str, share: float, *, told: bool = True
) -> dict[str, float | None]:
    """Return what a week's report makes of it, and the check that shows it.

    `found` is the share of the true downtime that is reported; `ratio` the gap ratio of the whole
    fleet, as ``store-uptime polls`` prints it, and `gaps` how many gaps after inactive polls it
    rests on.
    """
    dataset = make_dataset(
        stores,
        DAYS,
        seed=SEED,
        now=NOW,
        poll_every=rate,
        outage_length=length,
        missing_while_down=share,
    )
    compared = compare(
        report_at(dataset.inputs, [NOW], Policy(), WEEK, told=told), truth_at(dataset, [NOW], WEEK)
    )
    scored = score(compared, "week")
    scheduled, reported, true = compared.select("scheduled", "uptime", "true_uptime").sum().row(0)
    # The sums behind the command line's last line; `describe_polls` tells of single stores.
    _, sums, _ = polls_on(
        gather(dataset.inputs),
        None,
        start=None,
        policy=Policy(),
        batch_stores=None,
        progress=None,
    )
    return {
        "found": (scheduled - reported) / (scheduled - true),
        "ratio": sums.ratio,
        "gaps": sums.count_inactive,
        "error": scored.error,
        "bias": scored.bias,
        "proved": scored.proved,
        "told": scored.told,
    }


@dataclass(frozen=True, slots=True)
class Trouble:
    """What befalls hourly polls: the options of the data, and the days from which none come."""

    said: str
    options: dict[str, Any]
    silent: tuple[float, float] | None = None  # days before now: from, until


TROUBLES = [
    Trouble("none", {}),
    Trouble("half of the polls lost at random", {"missing": 0.5}),
    Trouble("nine of ten lost at random", {"missing": 0.9}),
    Trouble("half lost while down", {"missing_while_down": 0.5}),
    Trouble("nine of ten lost while down", {"missing_while_down": 0.9}),
    Trouble("poller silent for 36 hours", {}, (4.0, 2.5)),
    Trouble("first poll three days ago", {}, (99.0, 3.0)),
]
REACHES = {
    "default: one day": Policy(),
    "2 hours": Policy(max_gap="2h"),
    "6 hours": Policy(max_gap="6h"),
    "no limit": Policy(max_gap=None, lookback=None),
    "one day, no backfill": Policy(backfill=False),
}


def judge_reaches(stores: int, trouble: Trouble) -> dict[str, tuple[float, float]]:
    """Return for each policy the error of availability and the share of unknown time.

    The error is the mean absolute one of a week's availability, in percentage points, of the
    stores of which anything is known; outages last four hours.
    """
    dataset = make_dataset(stores, DAYS, seed=SEED, now=NOW, outage_length="4h", **trouble.options)
    inputs = _without_silence(dataset, trouble)
    true = dataset.truth(WEEK).select(
        "store_id", true=pl.col("uptime_week") / pl.sum_horizontal("uptime_week", "downtime_week")
    )
    found = {}
    for name, policy in REACHES.items():
        report = compute_report(inputs, windows=WEEK, policy=policy, detail=True)
        both = report.join(true, on="store_id", validate="1:1", maintain_order="left")
        known = both.drop_nulls("availability_week")
        off = (known["availability_week"] - known["true"]).abs()
        unknown, scheduled = report.select("unknown_week", "scheduled_week").sum().row(0)
        found[name] = (100 * sum(off) / len(off), unknown / scheduled)
    return found


def _without_silence(dataset: Dataset, trouble: Trouble) -> Inputs:
    if trouble.silent is None:
        return dataset.inputs
    start, end = (dataset.now - dt.timedelta(days=days) for days in trouble.silent)
    at = pl.col("timestamp_utc")
    heard = dataset.status.filter(~((at >= start) & (at < end)))
    return Inputs(heard, dataset.hours, dataset.timezones, now=dataset.now)
