"""What `uncertainty=True` costs, beside a bare `group_by` of the polls and the plain report.

    python tests/benchmarks/uncertainty.py                 # 30,000 stores; 2,000 for the history
    python tests/benchmarks/uncertainty.py --stores 3000   # a small machine

makes its data in memory, checks that the flag changes no other column, and lets all take turns in one
process. Seconds are those of the processor, of all threads together, so that other work on the
machine matters less; medians of several rounds. Needs the extra "test".
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import time
from collections.abc import Callable, Mapping

import polars as pl

import contestants
from data import NOW, Data, make_data
from store_uptime import compute_history, compute_report
from told import tell

REPORTS = 90
SMALL = 10
LEAST = 0.2  # seconds that a measurement lasts at least; the clock of processors is coarse
Calls = Mapping[str, Callable[[], pl.DataFrame]]
Spent = dict[str, list[float]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stores", type=int, default=30_000)
    parser.add_argument("--polls", type=int, default=192, help="of each store, one an hour")
    parser.add_argument("--history-stores", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--skip", nargs="*", default=[], choices=["report", "history", "small"])
    args = parser.parse_args()
    if "report" not in args.skip:
        tell_report(make_data(args.stores, args.polls), args.rounds)
    if "history" not in args.skip:
        # A poll every hour for as many days as there are reports, a week and the look-back.
        tell_history(make_data(args.history_stores, (REPORTS + 8) * 24), args.rounds)
    if "small" not in args.skip:
        tell_small(make_data(SMALL, args.polls), args.rounds)


def tell_report(data: Data, rounds: int) -> None:
    """Print what one report costs more, in bare `group_by`s and by the poll."""
    calls: Calls = {"floor: one group_by": lambda: contestants.floor(data), **reports(data)}
    spent = by_turns(calls, rounds)
    tell_table(f"{len(data.timezones):,} stores, {data.polls:,} polls", spent)
    floor, plain, told = spent.values()
    extra = [more - less for more, less in zip(told, plain, strict=True)]
    ratio = statistics.median(own / each for own, each in zip(extra, floor, strict=True))
    nanoseconds = 1e9 * statistics.median(extra) / data.polls
    tell(f"\nThe uncertainty: {ratio:.1f} floors, {nanoseconds:.0f} ns a poll.")


def tell_history(data: Data, rounds: int) -> None:
    """Print what a history costs more, and how much of it each instant costs."""
    at = [NOW - dt.timedelta(days=day) for day in range(REPORTS)]
    calls: Calls = {
        f"{REPORTS} daily reports": lambda: compute_history(*data, at),
        "the same, uncertainty": lambda: compute_history(*data, at, uncertainty=True),
        **reports(data),
    }
    check(compute_history(*data, at[:2]), compute_history(*data, at[:2], uncertainty=True))
    spent = by_turns(calls, rounds)
    tell_table(f"{len(data.timezones):,} stores, {data.polls:,} polls", spent)
    plain, told, report, single = map(statistics.median, spent.values())
    each = (told - plain) / REPORTS
    tell(
        f"\nThe uncertainty: {1e3 * each:.0f} ms an instant, {1e6 * each / len(data.timezones):.0f} "
        f"microseconds an instant and store; of one report {1e3 * (single - report):.0f} ms."
    )


def tell_small(data: Data, rounds: int) -> None:
    """Print what a call with few stores takes, which is the time to tell polars what to do."""
    tell_table(f"{SMALL} stores, {data.polls:,} polls", by_turns(reports(data), rounds))


def reports(data: Data) -> Calls:
    """Return the report without the uncertainty and with it, which have the same columns else."""
    calls: Calls = {
        "report": lambda: compute_report(*data, NOW),
        "report, uncertainty": lambda: compute_report(*data, NOW, uncertainty=True),
    }
    check(*(call() for call in calls.values()))
    return calls


def check(plain: pl.DataFrame, told: pl.DataFrame) -> None:
    assert told.select(plain.columns).equals(plain)


def by_turns(calls: Calls, rounds: int) -> Spent:
    """Let all take turns, and return the seconds of each round."""
    spent: Spent = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, call in calls.items():
            seconds = timed(call)
            if turn:  # the first turn warms up
                spent[name].append(seconds)
    return spent


def timed(call: Callable[[], pl.DataFrame]) -> float:
    start, times = time.process_time(), 0
    while not times or time.process_time() - start < LEAST:
        call()
        times += 1
    return (time.process_time() - start) / times


def tell_table(title: str, spent: Spent) -> None:
    tell(f"\n## {title}, {len(next(iter(spent.values())))} rounds\n")
    tell("| what | seconds (median) | min - max |")
    tell("|---|---:|---:|")
    for name, runs in spent.items():
        tell(f"| {name} | {statistics.median(runs):.3f} | {min(runs):.3f} - {max(runs):.3f} |")


if __name__ == "__main__":
    main()
