"""How fast the report is, beside other ways to the same numbers.

    python tests/benchmarks/run.py                      # 30,000 and 100,000 stores
    python tests/benchmarks/run.py --stores 3000        # a small machine

makes its data in memory, checks that all contestants agree to the microsecond, lets them take turns,
and prints the tables of docs/benchmark.md. Needs the extra "test", and the group "benchmark" for
ClickHouse, which is left out where it is not installed. Run nothing else beside it.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
from polars.testing import assert_frame_equal

import contestants
from clickhouse import ClickHouse
from data import Data, make_data
from told import tell

PYTHON_STORES = 300
OWN, SCAN, READ = "store_uptime", "store_uptime, from a scan", "store_uptime, file read first"
FLOOR, DUCKDB, CLICKHOUSE = "floor: one group_by", "DuckDB SQL", "ClickHouse SQL"
# What is compared, and the largest ratio that is meant to be.
BARS = [
    (SCAN, READ, "1.1"),
    (SCAN, DUCKDB, "0.15"),
    (SCAN, CLICKHOUSE, "none"),
    (OWN, FLOOR, "3 at 30,000 stores, 1.6 at 100,000"),
]
Contestant = tuple[str, Callable[[Data], pl.DataFrame], Data]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stores", type=int, nargs="+", default=[30_000, 100_000])
    parser.add_argument("--polls", type=int, default=192, help="of each store, one an hour")
    parser.add_argument("--order", choices=["shuffled", "time", "store"], default="shuffled")
    parser.add_argument("--flip", type=float, default=0.1, help="chance of a change between polls")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--skip", nargs="*", default=[], help="words of contestants to leave out")
    args = parser.parse_args()
    tell(
        f"{platform.machine()}, {pl.thread_pool_size()} threads, Python {platform.python_version()}, polars {pl.__version__}, DuckDB {duckdb.__version__}, {args.rounds} rounds"
    )
    size = {"polls": args.polls, "order": args.order, "flip": args.flip}
    for stores in args.stores:
        compare(stores, size, args.rounds, args.skip)


def compare(stores: int, size: dict[str, object], rounds: int, skip: list[str]) -> None:
    """Let all contestants compute the report of so many stores, by turns, and print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        entries = [
            entry
            for entry in line_up(stores, size, Path(folder))
            if not any(word in entry[0] for word in skip)
        ]
        tell(f"\n## {stores:,} stores, {entries[0][2].polls:,} polls\n")
        check(entries)
        seconds: dict[str, list[float]] = {name: [] for name, _, _ in entries}
        for _ in range(rounds):
            for name, compute, data in entries:
                seconds[name].append(timed(compute, data))
    report(entries, seconds)
    bars(seconds)


def line_up(stores: int, size: dict[str, object], folder: Path) -> list[Contestant]:
    """Return all contestants, each with the data that it works on."""
    data = make_data(stores, **size)  # type: ignore[arg-type]
    text = make_data(stores, ids="uuid", **size)  # type: ignore[arg-type]
    few = make_data(min(stores, PYTHON_STORES), **size)  # type: ignore[arg-type]
    path = folder / "status.parquet"
    data.status.write_parquet(path)
    scanned = data._replace(status=pl.scan_parquet(path))  # type: ignore[arg-type]
    return [
        (OWN, contestants.library, data),
        (SCAN, contestants.library, scanned),
        (READ, contestants.read_first(path), data),
        ("store_uptime, UUID ids", contestants.library, text),
        (FLOOR, contestants.floor, data),
        ("floor: one group_by, UUID ids", contestants.floor, text),
        (DUCKDB, contestants.DuckDB(data), data),
        *clickhouse(data),
        ("plain polars", contestants.plain_polars, data),
        ("pure Python loop", contestants.pure_python, few),
    ]


def clickhouse(data: Data) -> list[Contestant]:
    """Return ClickHouse as a contestant, if it is installed."""
    if importlib.util.find_spec("chdb") is None:
        tell("without ClickHouse: chdb is not installed")
        return []
    return [(CLICKHOUSE, ClickHouse(data), data)]


def check(entries: list[Contestant]) -> None:
    """Let everyone compute once, to warm up, and compare the numbers."""
    agreed: dict[int, pl.DataFrame] = {}
    for name, compute, data in entries:
        result = compute(data)
        if name.startswith("floor"):
            continue
        if name.startswith("store_uptime"):
            result = contestants.as_micros(result)
        expected = agreed.setdefault(id(data.hours), result)
        if expected is result and not name.startswith("store_uptime"):
            expected = contestants.as_micros(contestants.library(data))
        assert_frame_equal(result, expected, check_dtypes=False)
    tell("All contestants agree to the microsecond.\n")


def timed(compute: Callable[[Data], pl.DataFrame], data: Data) -> float:
    start = time.perf_counter()
    compute(data)
    return time.perf_counter() - start


def report(entries: list[Contestant], seconds: dict[str, list[float]]) -> None:
    """Print medians, time a poll, and ratios round by round, of which the median is shown."""
    polls = {name: data.hours.height // 7 for name, _, data in entries}
    own, base = entries[0][0], polls[entries[0][0]]
    tell("| contestant | stores | seconds (median) | min - max | a store, relative |")
    tell("|---|---:|---:|---:|---:|")
    for name, _, _ in entries:
        runs = seconds[name]
        relative = ratio(seconds, name, own) * base / polls[name]
        tell(
            f"| {name} | {polls[name]:,} | {statistics.median(runs):.3f} | {min(runs):.3f} - {max(runs):.3f} | {relative:.2f} |"
        )


def bars(seconds: dict[str, list[float]]) -> None:
    """Print the ratios for which there is a bar."""
    tell("\n| what | beside | ratio | meant to be at most |")
    tell("|---|---|---:|---|")
    for name, other, bar in BARS:
        if name in seconds and other in seconds:
            tell(f"| {name} | {other} | {ratio(seconds, name, other):.2f} | {bar} |")


def ratio(seconds: dict[str, list[float]], name: str, other: str) -> float:
    """Return the median of the ratios round by round."""
    pairs = zip(seconds[name], seconds[other], strict=True)
    return statistics.median(a / b for a, b in pairs)


if __name__ == "__main__":
    main()
