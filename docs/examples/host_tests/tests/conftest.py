"""The database of a test: made for it, in memory, and gone after it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import polars as pl
import polars.selectors as cs
import pytest
from status_page.database import connect

Fill = Callable[..., None]


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    """Open an empty database of the service."""
    with closing(connect(":memory:")) as connection:
        yield connection


@pytest.fixture
def fill(database: sqlite3.Connection) -> Fill:
    """Return a function that writes polls and hours into the database."""

    def write(status: pl.DataFrame, hours: pl.DataFrame, zone: str = "UTC") -> None:
        zones = status.select(pl.col("store_id").unique(), pl.lit(zone).alias("timezone_str"))
        tables = {"store_status": status, "business_hours": hours, "store_timezones": zones}
        for name, frame in tables.items():
            rows = frame.with_columns(cs.datetime().cast(pl.String)).rows()
            marks = ", ".join("?" * frame.width)
            columns = ", ".join(frame.columns)
            database.executemany(f"INSERT INTO {name} ({columns}) VALUES ({marks})", rows)

    return write
