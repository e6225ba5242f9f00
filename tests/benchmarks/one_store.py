"""How long a call with one store takes, as services and their tests make it.

    python tests/benchmarks/one_store.py                  # a week of hourly polls; --rounds 500

prints the median and the least of many calls, and how much that is beside one `group_by` over the
same polls, which is what polars takes to do anything at all. To compare two versions, run it in
both checkouts by turns. Needs the extra "test". Run nothing else beside it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Mapping

import polars as pl

from store_uptime import (
    CalendarWindow,
    compute_history,
    compute_outages,
    compute_report,
    compute_timeline,
    describe_polls,
)

NOW = dt.datetime(2024, 11, 6, 18, tzinfo=dt.UTC)
STATUS = pl.DataFrame(
    {
        "store_id": 1,
        "timestamp_utc": [
            f"{NOW - dt.timedelta(minutes=61 * k):%Y-%m-%d %X} UTC" for k in range(168)
        ],
        "status": ["active" if k % 11 else "inactive" for k in range(168)],
    },
    schema_overrides={"store_id": pl.Int64},
)
HOURS = pl.DataFrame(
    {
        "store_id": [1] * 7,
        "day_of_week": range(7),
        "start_time_local": ["09:00:00"] * 7,
        "end_time_local": ["17:30:00"] * 7,
    }
)
ZONES = pl.DataFrame({"store_id": [1], "timezone_str": ["America/New_York"]})
TABLES = (STATUS, HOURS, ZONES)
CLOSED = pl.DataFrame(
    {"store_id": [1], "date": ["2024-11-05"], "start_time_local": [None], "end_time_local": [None]}
)
MONTH = {"month": CalendarWindow("month", 0)}


def group_by() -> pl.DataFrame:
    """Do the least that can be done with the polls."""
    return STATUS.group_by("store_id").agg(pl.len())


CALLS: Mapping[str, Callable[[], pl.DataFrame]] = {
    "a bare group_by": group_by,
    "compute_report": lambda: compute_report(*TABLES, NOW),
    "compute_report, details": lambda: compute_report(*TABLES, NOW, detail=True),
    "compute_report, a special day": lambda: compute_report(*TABLES, NOW, special_hours=CLOSED),
    "compute_report, calendar": lambda: compute_report(*TABLES, NOW, windows=MONTH),
    "compute_history, two instants": lambda: compute_history(*TABLES, [NOW, NOW - dt.timedelta(1)]),
    "compute_timeline": lambda: compute_timeline(*TABLES, NOW),
    "compute_outages": lambda: compute_outages(*TABLES, NOW),
    "describe_polls": lambda: describe_polls(*TABLES, NOW),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    seconds: dict[str, list[float]] = {name: [] for name in CALLS}
    for _ in range(args.rounds):
        for name, call in CALLS.items():
            seconds[name].append(timed(call))
    floor = statistics.median(seconds["a bare group_by"])
    tell(f"{'':32}{'median ms':>10}{'least ms':>10}{'group_bys':>10}")
    for name, each in seconds.items():
        median = statistics.median(each)
        tell(f"{name:32}{1e3 * median:10.2f}{1e3 * min(each):10.2f}{median / floor:10.1f}")


def timed(call: Callable[[], pl.DataFrame]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
