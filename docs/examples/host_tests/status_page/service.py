"""What the service answers. No function reads the clock: `now` comes from outside."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Mapping
from typing import Any

import polars as pl

from store_uptime import (
    Inputs,
    Window,
    compute_outages,
    compute_report,
    load_sql,
    tidy,
    write_sql,
)

CALLED_AFTER = dt.timedelta(minutes=30)
WINDOWS: Mapping[str, Window] = {"day": Window("1d", "minutes"), "week": Window("7d", "hours")}


def stores_to_call(connection: sqlite3.Connection, now: dt.datetime) -> list[int]:
    """Return the stores that are down, and have been for half an hour of their open time."""
    outages = compute_outages(load_sql(connection, now=now, windows=WINDOWS))
    long = outages.filter(pl.col("ongoing"), pl.col("downtime") >= CALLED_AFTER)
    return long["store_id"].to_list()


def write_night(connection: sqlite3.Connection, now: dt.datetime) -> str:
    """Write the report of a night into the database, and return the name of its run."""
    inputs = load_sql(connection, now=now, windows=WINDOWS)
    report = compute_report(inputs, windows=WINDOWS)
    return write_sql(report, connection, "reports", run_id=now.date().isoformat())


def page_of(inputs: Inputs) -> list[dict[str, Any]]:
    """Return what the page shows: for each store and window the share up, in percent of 0 to 100.

    It is rounded down, so that only what was never down is at 100; `None` is "not known".
    """
    report = compute_report(inputs, windows=WINDOWS, detail=True)
    percent = (pl.col("availability") * 100).floor().cast(pl.Int64)
    rows = tidy(report, windows=WINDOWS)
    return rows.select(pl.col("store_id").cast(pl.String), "window", up=percent).to_dicts()
