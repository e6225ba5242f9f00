"""Where the service has its tables: in SQLite, unless it is told of another database."""

from __future__ import annotations

import os
import sqlite3

TABLES = """
CREATE TABLE IF NOT EXISTS store_status (
    store_id INTEGER NOT NULL, timestamp_utc TEXT NOT NULL, status TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS business_hours (
    store_id INTEGER NOT NULL, day_of_week INTEGER NOT NULL,
    start_time_local TEXT NOT NULL, end_time_local TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS store_timezones (
    store_id INTEGER PRIMARY KEY, timezone_str TEXT NOT NULL
);
"""


def connect(path: str | None = None) -> sqlite3.Connection:
    """Open the database of the service, and make its tables where they are not there."""
    connection = sqlite3.connect(path or os.environ.get("STATUS_PAGE_DATABASE", "status_page.db"))
    connection.executescript(TABLES)
    return connection
