"""Two stores whose hours change, which open or close for good, and their report, by hand.

The report looks at three days of UTC, Tuesday 11 to Thursday 13 June 2024.

Store 7 is in New York, four hours behind UTC. It opened for the first time on the 11th at 10:00
(14:00 UTC) and closed at 17:00, less 12:00-12:30, planned for every store on Tuesdays: 6.5 hours.
Of its three rows for Wednesday the second one holds on the 12th, 10:00-14:00, and the maintenance
of its Wednesdays no longer does: 4 hours. It was up at 11:00 on the 11th and down at 11:00 on the
12th; halfway between is 23:00, when it is closed. So 6.5 hours are up and 4 are down.

Store 8 is in UTC, open 08:00-20:00. On the 11th: 12 hours less half an hour. On the 12th its
maintenance of 17:00-18:00 begins to hold, and at 19:00 it closes for good: 10 hours. Its one poll,
on the 11th at 09:00, says that it is up, and speaks for a day, so until 09:00 on the 12th:
11.5 + 1 hours are up, 9 are unknown.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from store_uptime import Policy, Window, compute_report

NOW = "2024-06-14T00:00:00Z"
WINDOWS = {"3_days": Window("3d")}
POLICY = Policy(default_timezone="Etc/UTC")
# store_id, up, down, unknown
REPORT = [(7, 6.5, 4.0, 0.0), (8, 12.5, 0.0, 9.0)]
DATES = ("valid_from", "valid_until")
TIMES = ("start_time_local", "end_time_local")
_WEEKLY = {"store_id": pl.Int64, "day": pl.Int64, **dict.fromkeys(TIMES, pl.String)}
_INSTANT = pl.Datetime("us", "UTC")


def _day(number: int) -> dt.date:
    return dt.date(2024, 6, number)


def _at(day: int, hour: int) -> dt.datetime:
    return dt.datetime(2024, 6, day, hour, tzinfo=dt.UTC)


def tables() -> dict[str, pl.DataFrame]:
    """Return the tables; dates and instants have types, times of day are texts."""
    weekly = {**_WEEKLY, **dict.fromkeys(DATES, pl.Date)}
    rows: dict[str, tuple[dict[str, Any], list[tuple[Any, ...]]]] = {
        "status": (
            {"store_id": pl.Int64, "timestamp_utc": _INSTANT, "status": pl.String},
            [(7, _at(11, 15), "active"), (7, _at(12, 15), "inactive"), (8, _at(11, 9), "active")],
        ),
        "hours": (
            weekly,
            [
                (7, 1, "09:00:00", "17:00:00", None, None),
                (7, 2, "09:00:00", "17:00:00", None, _day(12)),
                (7, 2, "10:00:00", "14:00:00", _day(12), _day(19)),
                (7, 2, "10:00:00", "22:00:00", _day(19), None),
                (8, 1, "08:00:00", "20:00:00", _day(11), _day(12)),
                (8, 2, "08:00:00", "20:00:00", dt.date(2023, 6, 11), None),
            ],
        ),
        "timezones": (
            {"store_id": pl.Int64, "timezone_str": pl.String},
            [(7, "America/New_York"), (8, None)],
        ),
        "maintenance": (
            {"store_id": pl.Int64, "start_utc": _INSTANT, "end_utc": _INSTANT},
            [(7, None, _at(11, 14)), (8, _at(12, 19), None)],
        ),
        "maintenance_hours": (
            weekly,
            [
                (None, 1, "12:00:00", "12:30:00", None, None),
                (7, 2, "10:00:00", "11:00:00", None, _day(12)),
                (8, 2, "17:00:00", "18:00:00", _day(12), None),
            ],
        ),
    }
    return {name: pl.DataFrame(data, schema, orient="row") for name, (schema, data) in rows.items()}


def texts() -> dict[str, str]:
    """Return the tables as CSV, without the names of the files."""
    found = {}
    for name, frame in tables().items():
        instants = pl.col(pl.Datetime).dt.strftime("%F %T UTC")
        found[name] = frame.with_columns(instants).write_csv()
    return found


def report_of(status: Any, **others: Any) -> list[tuple[Any, ...]]:
    """Return the report on the tables, or on what a loader returns, as `REPORT` has it."""
    options = {"now": NOW, "windows": WINDOWS, "policy": POLICY, "detail": True}
    report = compute_report(status, **others | options)
    columns = ("store_id", *(f"{word}_3_days" for word in ("uptime", "downtime", "unknown")))
    return report.select(columns).rows()
