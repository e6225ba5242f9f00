"""A report to write, and what is found of it in a database."""

from __future__ import annotations

from typing import Any

import polars as pl

from support.databases import Database

TABLE = "store_uptime_report"
REPORT = pl.DataFrame(
    {
        "store_id": [8419537941919820732, 7],
        "uptime_last_day": [1.7416666666666667, 0.0],
        "availability_last_day": [0.25, None],
        "polls_last_day": pl.Series([3, 0], dtype=pl.UInt32),
    }
)


def stored(database: Database, table: str = TABLE) -> list[tuple[Any, ...]]:
    columns = "run_id, store_id, uptime_last_day, availability_last_day, polls_last_day"
    return sorted(database.rows(f"SELECT {columns} FROM {table}"), key=repr)


def rows(run: str, report: pl.DataFrame = REPORT) -> list[tuple[Any, ...]]:
    return sorted(((run, *row) for row in report.rows()), key=repr)
