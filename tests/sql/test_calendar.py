"""What leaves the database is enough for calendar windows in every zone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from store_uptime import CalendarWindow, compute_report, load_sql
from support.frames import frames
from support.oracle import Store
from support.wall_clock import HOUR, at

NOW = "2023-05-17T05:30:00Z"
ZONES = ("Pacific/Kiritimati", "Etc/GMT+12", "America/Chicago")  # UTC+14 and UTC-12 among them
STORES = [
    Store(
        number,
        zone,
        ((0, 9 * HOUR, 17 * HOUR), (2, 22 * HOUR, 2 * HOUR)),
        tuple((at(NOW) - k * 5 * HOUR - number, k * k % 7 < 4) for k in range(2500)),
    )
    for number, zone in enumerate(ZONES)
]


@pytest.mark.parametrize(
    ("period", "begins"),
    [
        *((period, {}) for period in ("day", "week", "month", "quarter", "year")),
        ("week", {"week_start": "wednesday"}),  # at NOW, some stores have a Tuesday
        ("quarter", {"first_month": 3}),
        ("year", {"first_month": 5}),
    ],
)
@pytest.mark.parametrize("offset", [0, -1])
def test_calendar_windows_find_all_their_polls(
    period: Any, begins: dict[str, Any], offset: int
) -> None:
    tables = frames(STORES)
    windows = {"w": CalendarWindow(period, offset, **begins)}
    with closing(sqlite3.connect(":memory:")) as connection:
        names = ("store_status", "business_hours", "store_timezones")
        for name, frame in zip(names, tables, strict=True):
            text = frame.with_columns(as_text(frame))
            columns = ", ".join(text.columns)
            connection.execute(f"CREATE TABLE {name} ({columns})")
            marks = ", ".join("?" * text.width)
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", text.rows())
        inputs = load_sql(connection, now=NOW, windows=windows)
    assert inputs.status.height < tables[0].height
    found = compute_report(*inputs, NOW, windows=windows, detail=True)
    assert_frame_equal(found, compute_report(*tables, NOW, windows=windows, detail=True))


def as_text(frame: Any) -> list[Any]:
    """Return the instants as text, which is what SQLite has."""
    return [
        frame[name].dt.strftime("%Y-%m-%d %H:%M:%S%.6f UTC")
        for name in frame.columns
        if name == "timestamp_utc"
    ]
