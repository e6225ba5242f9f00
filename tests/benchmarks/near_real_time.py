"""How long a report takes when the polls of eight days are kept in memory, and how much memory.

    python tests/benchmarks/near_real_time.py                     # 14,000 stores, a poll an hour
    python tests/benchmarks/near_real_time.py --polls-an-hour 0.7

runs the class of docs/howto-near-real-time.md and some other ways, which take turns, and prints the
median, the least and the most of the rounds, and the median of each beside the report of the same
round. The memory is that of a process of its own. Needs the extra "test", and Linux. Run nothing
else beside it.
"""

from __future__ import annotations

import argparse
import doctest
import re
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from data import HOUR, NOW, Data, make_data
from store_uptime import Window, compute_report

PAGE = Path(__file__).parents[2] / "docs/howto-near-real-time.md"
DAY = {"last_hour": Window("1h", "minutes"), "last_day": Window("1d")}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stores", type=int, default=14_000)
    parser.add_argument("--polls-an-hour", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--folder", type=Path, help="tell the memory of the tables in this folder")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    if args.folder:
        tell_memory(args.folder)
        return
    polls = int(8 * 24 * args.polls_an_hour)
    data = make_data(args.stores, polls, order="time", every=int(HOUR / args.polls_an_hour))
    take_turns(calls_of(data), args.rounds)
    with tempfile.TemporaryDirectory() as folder:
        for name, table in zip(Data._fields, data, strict=True):
            table.write_parquet(Path(folder, name))
        subprocess.run([sys.executable, __file__, "--folder", folder], check=True)  # noqa: S603


def calls_of(data: Data) -> dict[str, Callable[[], object]]:
    status, hours, timezones = data
    recent = class_of_the_page()(hours, timezones)
    recent.add(status, NOW)
    new = status.tail(timezones.height)

    def add() -> None:
        before = recent.status
        recent.add(new, NOW)
        recent.status = before

    def few() -> pl.DataFrame:
        ids = timezones["store_id"].head(timezones.height // 100)
        some = pl.col("store_id").is_in(ids.implode())
        return compute_report(status.filter(some), hours.filter(some), timezones.filter(some), NOW)

    by_store = status.sort("store_id", "timestamp_utc")
    words = status.with_columns(
        pl.col("timestamp_utc").dt.strftime("%Y-%m-%d %H:%M:%S%.6f UTC"),
        status=pl.col("status").replace_strict({True: "active", False: "inactive"}),
    )
    clocks = hours.with_columns(pl.col("start_time_local", "end_time_local").dt.strftime("%X"))
    return {
        "report": lambda: recent.report(NOW),
        "adding a poll of each store": add,
        "a bare group_by": lambda: status.group_by("store_id").agg(pl.len()),
        "report, sorted by store": lambda: compute_report(by_store, hours, timezones, NOW),
        "report, no window of a week": lambda: recent.report(NOW, windows=DAY),
        "report, details": lambda: recent.report(NOW, detail=True),
        "report, hours as text": lambda: compute_report(status, clocks, timezones, NOW),
        "report, polls as text": lambda: compute_report(words, hours, timezones, NOW),
        "report, 1 % of the stores": few,
    }


def class_of_the_page() -> Any:
    """Return the class `Recent` as the page has it."""
    blocks = re.findall(r"```pycon\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    block = next(each for each in blocks if "class Recent" in each)
    names: dict[str, Any] = {}
    for example in doctest.DocTestParser().get_examples(block):
        exec(example.source, names)  # noqa: S102, the page's own code
    return names["Recent"]


def take_turns(calls: Mapping[str, Callable[[], object]], rounds: int) -> None:
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    tell(f"{'':30}{'median s':>10}{'min':>8}{'max':>8}{'relative':>10}")
    for name, each in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(each, seconds["report"], strict=True))
        middle = statistics.median(each)
        tell(f"{name:30}{middle:10.3f}{min(each):8.3f}{max(each):8.3f}{ratio:10.2f}")


def tell_memory(folder: Path) -> None:
    """Print what the frames take, and the most that the process takes with a report a second."""
    status, hours, timezones = (pl.read_parquet(folder / name) for name in Data._fields)
    recent = class_of_the_page()(hours, timezones)
    recent.add(status, NOW)
    for _ in range(10):
        recent.report(NOW)
    text = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(line.split()[1] for line in text.splitlines() if line.startswith("VmHWM"))
    frames = " and ".join(f"{f.estimated_size() / 1e6:.1f}" for f in (status, hours, timezones))
    tell(f"{status.height:,} polls; status, hours and timezones: {frames} MB")
    tell(f"most memory of the process with ten reports: {int(peak) / 2**20:.2f} GB")


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
