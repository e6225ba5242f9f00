"""How fast the report is, beside other ways to the same numbers.

    python tests/benchmarks/run.py                      # 13,677 stores, 1.8 million polls
    python tests/benchmarks/run.py --stores 100000      # 19.2 million polls

makes its data in memory, checks that all contestants agree to the microsecond, and prints a table.
Needs the extra "test". Run nothing else beside it.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
from polars.testing import assert_frame_equal

import contestants
from data import Data, make_data

PYTHON_STORES = 300
Contestant = tuple[str, Callable[[Data], pl.DataFrame], Data]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stores", type=int, default=13_677)
    parser.add_argument("--polls", type=int, default=192, help="of each store, one an hour")
    parser.add_argument("--order", choices=["shuffled", "time", "store"], default="shuffled")
    parser.add_argument("--flip", type=float, default=0.1, help="chance of a change between polls")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--skip", nargs="*", default=[], help="words of contestants to leave out")
    args = parser.parse_args()
    tell(
        f"{platform.machine()}, {pl.thread_pool_size()} threads, Python {platform.python_version()}, polars {pl.__version__}, DuckDB {duckdb.__version__}"
    )
    size = {"polls": args.polls, "order": args.order, "flip": args.flip}
    with tempfile.TemporaryDirectory() as folder:
        entries = [
            entry
            for entry in line_up(args.stores, size, Path(folder))
            if not any(word in entry[0] for word in args.skip)
        ]
        check(entries)
        seconds: dict[str, list[float]] = {name: [] for name, _, _ in entries}
        for _ in range(args.rounds):
            for name, compute, data in entries:
                seconds[name].append(timed(compute, data))
    report(entries, seconds)


def line_up(stores: int, size: dict[str, object], folder: Path) -> list[Contestant]:
    """Return all contestants, each with the data that it works on."""
    data = make_data(stores, **size)  # type: ignore[arg-type]
    text = make_data(stores, ids="uuid", **size)  # type: ignore[arg-type]
    few = make_data(min(stores, PYTHON_STORES), **size)  # type: ignore[arg-type]
    path = folder / "status.parquet"
    data.status.write_parquet(path)
    scanned = data._replace(status=pl.scan_parquet(path))  # type: ignore[arg-type]
    return [
        ("store_uptime", contestants.library, data),
        ("store_uptime, from parquet", contestants.library, scanned),
        ("store_uptime, UUID ids", contestants.library, text),
        ("floor: one group_by", contestants.floor, data),
        ("floor: one group_by, UUID ids", contestants.floor, text),
        ("DuckDB SQL", contestants.DuckDB(data), data),
        ("plain polars", contestants.plain_polars, data),
        ("pure Python loop", contestants.pure_python, few),
    ]


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
    tell("all contestants agree to the microsecond")


def timed(compute: Callable[[Data], pl.DataFrame], data: Data) -> float:
    start = time.perf_counter()
    compute(data)
    return time.perf_counter() - start


def report(entries: list[Contestant], seconds: dict[str, list[float]]) -> None:
    """Print medians, time a poll, and ratios round by round, of which the median is shown."""
    polls = {name: data.hours.height // 7 for name, _, data in entries}
    own, base = seconds[entries[0][0]], polls[entries[0][0]]
    tell("| contestant | stores | seconds (median) | min - max | a store, relative |")
    tell("|---|---:|---:|---:|---:|")
    for name, _, _ in entries:
        runs = seconds[name]
        ratio = (
            statistics.median(a / b for a, b in zip(runs, own, strict=True)) * base / polls[name]
        )
        tell(
            f"| {name} | {polls[name]:,} | {statistics.median(runs):.3f} | {min(runs):.3f} - {max(runs):.3f} | {ratio:.2f} |"
        )


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
