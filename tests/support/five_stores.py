"""The report on five stores of three regions, which summaries are worked from by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from store_uptime import Window, summarize

DAY = {"day": Window(dt.timedelta(days=1), "minutes")}
REPORT = pl.DataFrame(
    {
        "store_id": [1, 2, 3, 4, 5],
        "region": ["north", "north", "south", "south", None],
        "brand": ["x", "y", "x", "x", "x"],
        "uptime_day": [180.0, 10.0, 99.0, 0.0, 0.0],
        "downtime_day": [0.0, 10.0, 1.0, 0.0, 0.0],
        "unknown_day": [0.0, 160.0, 20.0, 60.0, 0.0],
    }
)
PLAIN = REPORT.drop("unknown_day")
GROUPS = PLAIN.select("store_id", "region", "brand")
TIMES = PLAIN.drop("region", "brand")


def day(report: Any = REPORT, by: Any = None, **options: Any) -> pl.DataFrame:
    return summarize(report, by, windows=DAY, **options)
