"""How much memory a report from a Parquet file takes, in a process of its own.

    python tests/benchmarks/memory.py                     # 100,000 stores, 17 million polls
    python tests/benchmarks/memory.py --stores 1000000    # 170 million polls
    python tests/benchmarks/memory.py --old 3             # three times as many outside the windows

Hours and zones are in memory; the polls are scanned. Needs Linux.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from data import HOUR, NOW, NOW_US, ZONES
from store_uptime import compute_report

CHUNK = 50_000


def main() -> None:
    """Write the data, then compute in another process, so that only its memory counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stores", type=int, default=100_000)
    parser.add_argument("--polls", type=int, default=170, help="of each store, one an hour")
    parser.add_argument("--old", type=int, default=0, help="times as many before the windows")
    parser.add_argument("--folder", type=Path, help="compute on the tables in this folder")
    args = parser.parse_args()
    if args.folder:
        compute(args.folder)
        return
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), args.stores, args.polls, args.old)
        command = [sys.executable, __file__, "--folder", folder]
        subprocess.run(command, check=True)  # noqa: S603  # this very script


def write(folder: Path, stores: int, polls: int, old: int) -> None:
    """Write polls in the order of time, a file for each stretch of time and group of stores."""
    rng = np.random.default_rng(0)
    ids = rng.permutation(np.arange(stores, dtype=np.int64) * 7919 + 10**18)
    (folder / "status").mkdir()
    for first in range(0, stores, CHUNK):
        part = ids[first : first + CHUNK]
        for age in range(old + 1):
            ago = age * polls * HOUR + rng.integers(0, polls * HOUR, (polls, len(part)))
            order = np.argsort(-ago, axis=None)
            frame = pl.DataFrame(
                {
                    "store_id": np.tile(part, polls)[order],
                    "timestamp_utc": pl.Series((NOW_US - ago).ravel()[order]).cast(
                        pl.Datetime("us", "UTC")
                    ),
                    "status": rng.random(polls * len(part)) < 0.9,  # mostly up
                }
            )
            frame.write_parquet(folder / "status" / f"{age}-{first}.parquet")
    days = np.tile(np.arange(7), stores)
    hours = pl.DataFrame({"store_id": np.repeat(ids, 7), "day_of_week": days})
    hours = hours.with_columns(
        start_time_local=pl.time(pl.col("store_id") % 12),
        end_time_local=pl.time(pl.col("store_id") % 7 + 15, 30),
    )
    hours.write_parquet(folder / "hours.parquet")
    zones = pl.Series(ZONES).gather(rng.integers(0, len(ZONES), stores))
    pl.DataFrame({"store_id": ids, "timezone_str": zones}).write_parquet(folder / "zones.parquet")


def compute(folder: Path) -> None:
    """Compute the report and tell what it took."""
    before = peak()
    start = time.perf_counter()
    batches: list[int] = []
    report = compute_report(
        pl.scan_parquet(folder / "status" / "*.parquet"),
        pl.read_parquet(folder / "hours.parquet"),
        pl.read_parquet(folder / "zones.parquet"),
        NOW,
        progress=lambda done, _: batches.append(done),
    )
    seconds = time.perf_counter() - start
    count = pl.scan_parquet(folder / "status" / "*.parquet").select(pl.len()).collect().item()
    sys.stdout.write(
        f"{report.height:,} stores, {count:,} polls in {len(batches)} batches: {seconds:.1f} s, "
        f"peak {peak():.2f} GB (of which {before:.2f} before the first poll was read)\n"
    )


def peak() -> float:
    """Return the most memory that this process has had, in GB."""
    # Not getrusage: there a process inherits the peak of the one that started it.
    status = Path("/proc/self/status").read_text("ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) / 2**20


if __name__ == "__main__":
    main()
