"""The stores of the host application's tests, as CSV files."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

BY_HAND = 8419537941919820732


def write_stores(folder: Path) -> None:
    """Write forty random stores, polled until 2023-01-23 12:00 UTC, and one worked by hand."""
    chance = random.Random(7)  # noqa: S311  # the same stores each time
    now = dt.datetime(2023, 1, 23, 12, tzinfo=dt.UTC)
    polls = [
        f"{BY_HAND},active,2023-01-23 10:14:00 UTC",
        f"{BY_HAND},inactive,2023-01-23 11:15:00 UTC",
    ]
    hours = [f"{BY_HAND},0,09:00:00,12:00:00"]
    zones = [f"{BY_HAND},Etc/UTC"]
    for store in range(10**18, 10**18 + 40):
        polls += [
            f"{store},{chance.choice(['active', 'active', 'inactive'])},{now - dt.timedelta(hours=hour, microseconds=hour)}"
            for hour in range(1, 8 * 24)
        ]
        hours += [
            f"{store},{day},{chance.randrange(12):02}:30,{chance.randrange(13, 25):02}:00:00"
            for day in range(7)
        ]
        zones += [f"{store},{chance.choice(['America/New_York', 'Asia/Kolkata', 'Europe/Berlin'])}"]
    polls += [f"{store},active,{now}"]
    for name, columns, rows in (
        ("store_status", "store_id,status,timestamp_utc", polls),
        ("menu_hours", "store_id,day,start_time_local,end_time_local", hours),
        ("timezones", "store_id,timezone_str", zones),
        (
            "special_hours",
            "store_id,date,start_time_local,end_time_local",
            [f"{10**18},2023-01-22,,", ",2023-01-20,00:00,24:00"],
        ),
        (
            "maintenance",
            "store_id,start_utc,end_utc",
            [",2023-01-23 10:00:00 UTC,2023-01-23 10:10:00 UTC"],
        ),
    ):
        (folder / f"{name}.csv").write_text("\n".join([columns, *rows, ""]))
