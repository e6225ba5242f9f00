"""What a poll costs in other orders and shapes than the shuffled one.

    python tests/benchmarks/shapes.py                        # up to 100 million polls
    python tests/benchmarks/shapes.py --scale 0.1            # a tenth of the stores
    python tests/benchmarks/shapes.py --only "by time" text  # some of them

Each shape has a process of its own, in which it takes turns with 100,000 stores and 19.2 million
polls in random order. It checks that a scan gives what the frame gives, and prints the tables of
docs/benchmark.md. Run nothing else beside it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from contestants import floor, library
from data import HOUR, Data, make_data
from store_uptime import CoverageWarning
from told import tell

WEEK_AND_DAY = 192  # hours: the longest window and the look-back
FORMAT = "%Y-%m-%d %H:%M:%S%.6f UTC"
TEXT = "text"
# The lines of the table of text, and what each is put beside.
BESIDE = {
    "report, typed": "",
    "polars parses": "",
    "polars parses, report": "polars parses",
    "report from text": "polars parses, report",
    "polars reads and parses CSV": "",
    "polars reads and parses CSV, report": "polars reads and parses CSV",
    "report from scan_csv": "polars reads and parses CSV, report",
}
Runs = dict[str, Callable[[], pl.DataFrame]]
Facts = dict[str, Any]


class Shape(NamedTuple):
    """How many polls of how many stores, how often, in which order, in which files."""

    stores: int = 100_000
    polls: int = WEEK_AND_DAY
    order: str = "shuffled"
    every: int = HOUR
    daily: bool = False

    def make(self, scale: float) -> Data:
        stores = max(1, round(self.stores * scale))
        return make_data(stores, self.polls, order=self.order, every=self.every)


REFERENCE = Shape()
SHAPES = {
    "shuffled": REFERENCE,
    "by time": Shape(order="time"),
    "by store": Shape(order="store"),
    "by time, daily files": Shape(order="time", daily=True),
    "90 % too old": Shape(10_000, 10 * WEEK_AND_DAY),
    "90 % too old, daily files": Shape(10_000, 10 * WEEK_AND_DAY, order="time", daily=True),
    "few stores": Shape(1_000, 100_000, every=WEEK_AND_DAY * HOUR // 100_000),
    "many stores": Shape(1_000_000, 20, every=WEEK_AND_DAY * HOUR // 20),
}


# A report without polls says that nothing is known, which is what is wanted here.
warnings.simplefilter("ignore", CoverageWarning)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", type=float, default=1.0, help="times as many stores")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=[*SHAPES, TEXT], default=[*SHAPES, TEXT])
    parser.add_argument("--here", choices=[*SHAPES, TEXT], help="one, in this very process")
    args = parser.parse_args()
    if args.here:
        measure(args.here, args.scale, args.rounds)
        return
    command = [sys.executable, __file__, "--scale", str(args.scale), "--rounds", str(args.rounds)]
    results = []
    for name in args.only:
        done = subprocess.run([*command, "--here", name], check=True, stdout=subprocess.PIPE)  # noqa: S603  # this very script
        results.append(json.loads(done.stdout))
        sys.stderr.write(f"{name}: done\n")
    tell_shapes([result for result in results if result["name"] != TEXT])
    for result in results:
        if result["name"] == TEXT:
            tell_text(result)


def measure(name: str, scale: float, rounds: int) -> None:
    """Print the seconds of all runs of a shape, as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        runs, facts = (
            texts(scale, Path(folder)) if name == TEXT else shapes(name, scale, Path(folder))
        )
        seconds = take_turns(runs, rounds)
    tell(json.dumps({"name": name, "seconds": seconds, **facts}))


def shapes(name: str, scale: float, folder: Path) -> tuple[Runs, Facts]:
    """Return the reports of a shape and of the shuffled one, from memory and from files."""
    shape = SHAPES[name]
    data, reference = shape.make(scale), REFERENCE.make(scale)
    scanned = scan(data, folder / "shape", daily=shape.daily)
    reference_scanned = scan(reference, folder / "reference", daily=False)
    assert library(scanned).equals(library(data))
    runs: Runs = {
        "reference": lambda: library(reference),
        "reference, scanned": lambda: library(reference_scanned),
        "floor": lambda: floor(data),
        "no polls": lambda: library(data._replace(status=data.status.clear())),
        "shape, scanned": lambda: library(scanned),
    }
    if not shape.daily:  # in memory there are no files
        runs["shape"] = lambda: library(data)
    return runs, {
        "stores": data.timezones.height,
        "polls": data.polls,
        "reference": reference.polls,
    }


def scan(data: Data, folder: Path, *, daily: bool) -> Data:
    """Write the polls to one file, or to one for each day, and return them as a scan."""
    folder.mkdir()
    day = pl.col("timestamp_utc").dt.date()
    files = data.status.group_by(day if daily else pl.lit("all"), maintain_order=True)
    for (name,), rows in files:
        rows.write_parquet(folder / f"{name}.parquet")
    return data._replace(status=pl.scan_parquet(folder))  # type: ignore[arg-type]


def texts(scale: float, folder: Path) -> tuple[Runs, Facts]:
    """Return the reports from text and from CSV, and what polars alone does with the same rows."""
    data = REFERENCE.make(scale)
    text = data.status.with_columns(
        pl.col("timestamp_utc").dt.strftime(FORMAT),
        pl.when("status").then(pl.lit("active")).otherwise(pl.lit("inactive")).alias("status"),
    )
    text.write_csv(folder / "status.csv")
    csv = pl.scan_csv(folder / "status.csv")

    def report(status: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
        return library(data._replace(status=status))  # type: ignore[arg-type]

    assert report(text).equals(library(data))
    assert report(csv).equals(library(data))
    runs: Runs = {
        "report, typed": lambda: library(data),
        "polars parses": lambda: parsed(text.lazy()),
        "polars parses, report": lambda: report(parsed(text.lazy())),
        "report from text": lambda: report(text),
        "polars reads and parses CSV": lambda: parsed(csv),
        "polars reads and parses CSV, report": lambda: report(parsed(csv)),
        "report from scan_csv": lambda: report(csv),
    }
    return runs, {"stores": data.timezones.height, "polls": data.polls}


def parsed(status: pl.LazyFrame) -> pl.DataFrame:
    """Read the stamps by the one format that they have, and compare the statuses with a word."""
    stamp = pl.col("timestamp_utc").str.to_datetime(FORMAT, time_unit="us", cache=False)
    rows = status.select("store_id", stamp, pl.col("status") == "active")
    return rows.collect(engine="streaming")


def take_turns(runs: Runs, rounds: int) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(rounds + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if turn:  # the first turn warms up
                seconds[name].append(time.perf_counter() - start)
    return seconds


def tell_shapes(results: list[Facts]) -> None:
    """Print nanoseconds a poll, and how many times that of the shuffled polls of the same rounds."""
    tell(
        "| shape | stores | polls | floor, ns a poll | no polls, ns a poll | in memory, ns a poll | relative | scanned, ns a poll | relative |"
    )
    tell("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for result in results:
        polls, seconds = result["polls"], result["seconds"]
        cells = [
            result["name"],
            f"{result['stores']:,}",
            f"{polls:,}",
            a_poll(seconds["floor"], polls),
            a_poll(seconds["no polls"], polls),
        ]
        for own, other in (("shape", "reference"), ("shape, scanned", "reference, scanned")):
            if own in seconds:
                relative = ratio(seconds[own], seconds[other]) * result["reference"] / polls
                cells += [a_poll(seconds[own], polls), f"{relative:.2f}"]
            else:
                cells += ["", ""]
        tell(f"| {' | '.join(cells)} |")


def tell_text(result: Facts) -> None:
    """Print what text costs, beside what polars alone needs to read and parse it."""
    tell(f"\n{result['polls']:,} polls of {result['stores']:,} stores:\n")
    tell("| what | seconds (median) | min - max | beside | ratio |")
    tell("|---|---:|---:|---|---:|")
    seconds = result["seconds"]
    for name, other in BESIDE.items():
        runs = seconds[name]
        cells = [name, f"{statistics.median(runs):.3f}", f"{min(runs):.3f} - {max(runs):.3f}"]
        cells += [other, f"{ratio(runs, seconds[other]):.2f}"] if other else ["", ""]
        tell(f"| {' | '.join(cells)} |")


def a_poll(seconds: list[float], polls: int) -> str:
    return f"{statistics.median(seconds) / polls * 1e9:.1f}"


def ratio(own: list[float], other: list[float]) -> float:
    """Return the median of the ratios round by round."""
    return statistics.median(a / b for a, b in zip(own, other, strict=True))


if __name__ == "__main__":
    main()
