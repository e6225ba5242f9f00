"""Tables that lie in several pieces of memory, as `pl.concat` leaves them."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from store_uptime import compute_report

TIMES = ["00:00:00.035555", "09:00", "22:00:00", "02:52:47.413444", "24:00"]
ROWS = range(22)
STORES = {"store_id": [row % 4 for row in ROWS]}
CLOCKS = {
    "start_time_local": [TIMES[row % 5] for row in ROWS],
    "end_time_local": [TIMES[row * 3 % 5] for row in ROWS],
}
WEEKLY = {
    **STORES,
    "day_of_week": [row % 7 for row in ROWS],
    **CLOCKS,
    "valid_from": [None if row % 3 else f"2023-01-{row + 1:02}" for row in ROWS],
}
TABLES: dict[str, dict[str, Any]] = {
    "status": {
        **STORES,
        "timestamp_utc": [f"2023-01-{24 + row % 2} {row:02}:15:00.5 UTC" for row in ROWS],
        "status": ["Active" if row % 3 else "f" for row in ROWS],
    },
    "hours": WEEKLY,
    "timezones": {**STORES, "timezone_str": ["Asia/Kolkata" for _ in ROWS]},
    "special_hours": {**STORES, "date": [f"2023-01-{row + 3:02}" for row in ROWS], **CLOCKS},
    "maintenance": {
        **STORES,
        "start_utc": [f"2023-01-{row + 1:02} 10:00:00+05:30" for row in ROWS],
        "end_utc": [f"2023-01-{row + 1:02} 10:00:00.25" if row % 5 else None for row in ROWS],
    },
    "maintenance_hours": WEEKLY,
}


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("table", TABLES)
def test_a_table_in_pieces_is_the_table(table: str, *, lazy: bool) -> None:
    frames: dict[str, Any] = {name: pl.DataFrame(rows) for name, rows in TABLES.items()}
    whole = frames[table]
    cut = pl.concat([whole.head(7), whole[7:8], whole.tail(14)], rechunk=False)
    assert cut.n_chunks() == 3
    pieces = {**frames, table: cut.lazy() if lazy else cut}
    expected = compute_report(**frames, detail=True)
    assert compute_report(**pieces, detail=True).equals(expected)
