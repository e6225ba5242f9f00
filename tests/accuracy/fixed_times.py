"""Polls at fixed minutes, against outages at a fixed time of day."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

import polars as pl

from accuracy.measured import MINUTES, TELLS_ERROR
from store_uptime import Inputs, compute_report

STORES = 240
NOW = dt.datetime(2024, 5, 13, tzinfo=dt.UTC)
FIRST = NOW - dt.timedelta(days=8)
DOWN_FROM, DOWN_UNTIL = 14 * 60, 14 * 60 + 30  # minutes of each day
WEEK = {"week": MINUTES["week"]}
TRUE_DOWNTIME = 7.0 * (DOWN_UNTIL - DOWN_FROM)

KINDS = ("all at :10", "all at :40", "each store at a minute of its own", "at random in each hour")


def make_polls(kind: str) -> Inputs:
    """Return hourly polls of stores that are always open and fail from 14:00 to 14:30, daily."""
    random = Random(1)  # noqa: S311  # a simulation
    rows = []
    for store in range(STORES):
        for hour in range(8 * 24):
            seconds = {
                "all at :10": 10 * 60,
                "all at :40": 40 * 60,
                "each store at a minute of its own": store % 60 * 60,
                "at random in each hour": int(random.random() * 3600),
            }[kind]
            at = hour * 3600 + seconds
            down = DOWN_FROM <= at // 60 % (24 * 60) < DOWN_UNTIL
            rows.append((store, FIRST + dt.timedelta(seconds=at), not down))
    status = pl.DataFrame(
        rows,
        schema={
            "store_id": pl.Int64,
            "timestamp_utc": pl.Datetime("us", "UTC"),
            "status": pl.Boolean,
        },
        orient="row",
    )
    zones = pl.DataFrame({"store_id": range(STORES), "timezone_str": "Etc/UTC"})
    no_hours = pl.DataFrame(
        schema={
            "store_id": pl.Int64,
            "day_of_week": pl.Int64,
            "start_time_local": pl.Duration,
            "end_time_local": pl.Duration,
        }
    )
    return Inputs(status, no_hours, zones, now=NOW)


def judge_polls(kind: str, *, told: bool = True) -> dict[str, float | None]:
    """Return what a week's report says, in minutes of downtime, and how far each store is off."""
    asked: dict[str, Any] = {"uncertainty": True} if told and TELLS_ERROR else {}
    report = compute_report(make_polls(kind), windows=WEEK, detail=True, **asked)
    down = report["downtime_week"]
    off = (down - TRUE_DOWNTIME).abs()
    scheduled = report["scheduled_week"]
    least, most = scheduled - report["uptime_max_week"], scheduled - report["uptime_min_week"]
    found: dict[str, float | None] = {
        "fleet": _mean(down),
        "error": _mean(off),
        "proved": _mean((least <= TRUE_DOWNTIME + 1e-6) & (most >= TRUE_DOWNTIME - 1e-6)),
        "told": None,
    }
    if asked:
        found["told"] = _mean(off <= 2 * report["uptime_error_week"])
    return found


def _mean(values: pl.Series) -> float:
    return float(values.cast(pl.Float64).sum() / len(values))
