"""What special days, maintenance, changing hours, details and history cost, beside a plain report.

    python tests/benchmarks/beyond.py                     # 100,000 stores; 13,677 for the history

makes its data in memory, checks that a history equals single reports and that hours cut in two are
those hours, and prints ratios within one run, the median of several rounds. Needs the extra "test".
Run nothing else beside it. The bar: all of these together cost at most half a report more.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import polars as pl

from data import NOW, Data, make_data
from store_uptime import Window, compute_history, compute_report

Run = tuple[str, Callable[[], pl.DataFrame]]
REPORTS = 90
DAYS = 100


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stores", type=int, default=100_000)
    parser.add_argument("--history-stores", type=int, default=13_677)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    compare(closures(make_data(args.stores, 192)), args.rounds)
    # A poll every hour for 100 days and some more.
    compare(histories(make_data(args.history_stores, (DAYS + 1) * 24)), args.rounds)


def closures(data: Data) -> list[Run]:
    """A special day, maintenance and a change of hours for every store, all different."""
    number = pl.int_range(pl.len())
    stores = data.timezones.select("store_id")
    opens = pl.when(number % 3 > 0)
    special = stores.with_columns(
        date=pl.lit(dt.date(2023, 1, 18)) + pl.duration(days=number % 7),
        start_time_local=opens.then(pl.lit("10:00")),
        end_time_local=opens.then(pl.lit("15:00")),
    )
    ends = pl.lit(NOW) - pl.duration(minutes=number % 9000)
    maintenance = stores.with_columns(start_utc=ends - pl.duration(hours=1), end_utc=ends)
    hours, recurring, life = changed_hours(data.hours), every_week(stores), lives(stores)
    everything = {
        "special_hours": special,
        "maintenance": pl.concat([maintenance, life]),
        "maintenance_hours": recurring,
    }
    plain = compute_report(*data, NOW)
    assert compute_report(data.status, hours, data.timezones, NOW).equals(plain)

    def report(hours: pl.DataFrame = data.hours, **options: Any) -> Callable[[], pl.DataFrame]:
        return lambda: compute_report(data.status, hours, data.timezones, NOW, **options)

    return [
        ("report", report()),
        ("with special hours", report(special_hours=special)),
        ("with maintenance", report(maintenance=maintenance)),
        ("with both", report(special_hours=special, maintenance=maintenance)),
        ("with details", report(detail=True)),
        ("with changed hours", report(hours)),
        ("with maintenance hours", report(maintenance_hours=recurring)),
        ("with all of these but details", report(hours, **everything)),
    ]


def changed_hours(hours: pl.DataFrame) -> pl.DataFrame:
    """Cut each row in two, one up to a date of the last week, and one from it on."""
    number, date = pl.int_range(pl.len()), pl.lit(NOW.date())
    change, never = date - pl.duration(days=number % 7), pl.lit(None, pl.Date)
    return pl.concat(
        [
            hours.with_columns(valid_from=never, valid_until=change),
            hours.with_columns(valid_from=change, valid_until=never),
        ]
    )


def every_week(stores: pl.DataFrame) -> pl.DataFrame:
    """Half an hour of each store, on any weekday, half of them for some dates; two for all."""
    number, date = pl.int_range(pl.len()), pl.lit(NOW.date())
    own = stores.with_columns(
        day_of_week=number % 7,
        start_time_local=pl.format("{}:00", (number % 24).cast(pl.String).str.pad_start(2, "0")),
        end_time_local=pl.format("{}:30", (number % 24).cast(pl.String).str.pad_start(2, "0")),
        valid_from=pl.when(number % 2 == 0).then(date - pl.duration(days=number % 30)),
        valid_until=pl.lit(None, pl.Date),
    )
    shared = own.head(2).with_columns(pl.lit(None, own.schema["store_id"]).alias("store_id"))
    return pl.concat([own, shared])


def lives(stores: pl.DataFrame) -> pl.DataFrame:
    """Maintenance up to an opening, or from a closing on, of every store; some in the last week."""
    number = pl.int_range(pl.len())
    opening = pl.lit(NOW) - pl.duration(hours=number % 1000)
    closing = pl.lit(NOW) - pl.duration(hours=number % 24)
    opens = number % 10 > 0  # one in ten has closed
    return stores.with_columns(
        start_utc=pl.when(~opens).then(closing), end_utc=pl.when(opens).then(opening)
    )


def histories(data: Data) -> list[Run]:
    at = [NOW - dt.timedelta(days=day) for day in range(REPORTS)]
    history = compute_history(*data, at)
    for now in (at[0], at[30], at[-1]):
        single = compute_report(*data, now)
        assert history.filter(pl.col("now") == now).drop("now").equals(single)
    whole = {"days": Window(dt.timedelta(days=DAYS))}
    return [
        (f"one report of the last {DAYS} days", lambda: compute_report(*data, NOW, windows=whole)),
        ("one report of the last week", lambda: compute_report(*data, NOW)),
        (f"{REPORTS} daily reports", lambda: compute_history(*data, at)),
    ]


def compare(runs: list[Run], rounds: int) -> None:
    """Let all take turns, and print medians and ratios to the first."""
    seconds: dict[str, list[float]] = {name: [] for name, _ in runs}
    for turn in range(rounds + 1):
        for name, compute in runs:
            start = time.perf_counter()
            compute()
            if turn:  # the first turn warms up
                seconds[name].append(time.perf_counter() - start)
    first = seconds[runs[0][0]]
    for name, own in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(own, first, strict=True))
        sys.stdout.write(f"| {name} | {statistics.median(own):.3f} | {ratio:.2f} |\n")


if __name__ == "__main__":
    main()
