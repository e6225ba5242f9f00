"""What a year costs, from a settled timeline and from its polls.

    python tests/benchmarks/timeline.py                              # 2,000 stores, 60 days
    python tests/benchmarks/timeline.py --stores 13677 --days 365    # 120 million polls

makes hourly polls day by day, in Parquet files of one day each, and the settled timeline by daily
runs over the polls that they need. Then it prints how many rows and bytes each of them has, checks
that all agree to the microsecond, lets them take turns, and prints medians, ratios to the first line
of the same round, and the memory that each takes in a process of its own (on Linux). Needs the extra
"test". Run nothing else beside it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from data import HOUR, make_data
from memory import peak
from store_uptime import (
    Policy,
    Window,
    compute_report,
    compute_timeline,
    every,
    outages_from_timeline,
    report_from_timeline,
)
from told import tell

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
POLICY = Policy()
FALLS, RISES = 0.02, 0.5  # the chance of a change from one poll to the next, up and down
Rows = pl.DataFrame | pl.LazyFrame


@dataclass(frozen=True)
class Year:
    """The tables in a folder. The polls begin a day before the first day, for the look-back."""

    folder: Path
    days: int

    @property
    def covers(self) -> tuple[dt.datetime, dt.datetime]:
        return START, START + self.days * DAY

    @property
    def whole(self) -> dict[str, Window]:
        return {"whole": Window(self.days * DAY, "seconds")}

    def scan(self, name: str) -> pl.LazyFrame:
        return pl.scan_parquet(self.folder / name / "*.parquet")

    def table(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.folder / f"{name}.parquet")


@dataclass(frozen=True)
class Contestant:
    """What is timed; the rows are those of the timeline, in memory or scanned."""

    name: str
    compute: Callable[[Year, Rows], pl.DataFrame]
    in_memory: bool = True

    def rows(self, year: Year) -> Rows:
        scanned = year.scan("timeline")
        return scanned.collect() if self.in_memory else scanned


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stores", type=int, default=2_000)
    parser.add_argument("--days", type=int, default=60, help="seven or more")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.folder:
        tell_peak(Year(args.folder, args.days), args.alone)
        return
    tell(
        f"{platform.machine()}, {pl.thread_pool_size()} threads, Python {platform.python_version()}, polars {pl.__version__}"
    )
    with tempfile.TemporaryDirectory() as folder:
        year = Year(Path(folder), args.days)
        write(year, args.stores)
        tell_sizes(year)
        check(year)
        tell_times(year, args.rounds)


# --- a year ---------------------------------------------------------------------------------------


def write(year: Year, stores: int) -> None:
    """Write all tables; the timeline as it grows, run by run, and the tail at its end."""
    data = make_data(stores, 1)
    data.hours.write_parquet(year.folder / "hours.parquet")
    data.timezones.write_parquet(year.folder / "timezones.parquet")
    for name in ("polls", "timeline"):
        (year.folder / name).mkdir()
    recent: list[pl.DataFrame] = []
    settled = START
    for now, polls in daily_polls(data.timezones["store_id"], year.days):
        write_day(year, "polls", now - DAY, polls)
        recent = [*recent[-2:], polls]  # from the start of a run less the look-back, to its now
        status = pl.concat(recent)
        if POLICY.settled_until(now) > settled:
            start, settled = settled, POLICY.settled_until(now)
            run = compute_timeline(status, *data[1:], now, start=start, policy=POLICY, settled=True)
            write_day(year, "timeline", start, run)
    tail = compute_timeline(status, *data[1:], now, start=settled, policy=POLICY)
    write_day(year, "timeline", settled, tail)


def daily_polls(ids: pl.Series, days: int) -> Iterator[tuple[dt.datetime, pl.DataFrame]]:
    """Yield the polls of each day, in the order of time, and when it ends."""
    rng = np.random.default_rng(0)
    up = np.ones(len(ids), bool)
    states = np.empty((24, len(ids)), bool)
    for day in range(-1, days):
        start = START + day * DAY
        for hour in range(24):
            chance = rng.random(len(ids))
            up = np.where(up, chance >= FALLS, chance < RISES)
            states[hour] = up
        slot = np.arange(24, dtype=np.int64)[:, None] * HOUR
        instant = int(start.timestamp()) * 10**6 + slot + rng.integers(0, HOUR, states.shape)
        polls = {
            "store_id": pl.concat([ids] * 24),
            "timestamp_utc": pl.Series(instant.ravel()).cast(pl.Datetime("us", "UTC")),
            "status": states.ravel(),
        }
        yield start + DAY, pl.DataFrame(polls).sort("timestamp_utc")


def write_day(year: Year, name: str, day: dt.datetime, rows: pl.DataFrame) -> None:
    rows.write_parquet(year.folder / name / f"{day:%Y%m%d}.parquet")


# --- contestants ----------------------------------------------------------------------------------


def floor(_: Year, rows: Rows) -> pl.DataFrame:
    """Read every row once, and nothing else: less cannot be done."""
    ends = pl.col("end").to_physical().sum()
    found = rows.lazy().group_by("store_id").agg(pl.col("start").max(), ends)
    return found.collect(engine="streaming")


def whole(year: Year, rows: Rows) -> pl.DataFrame:
    return report_from_timeline(rows, windows=year.whole, covers=year.covers)


def default(year: Year, rows: Rows) -> pl.DataFrame:
    return report_from_timeline(rows, covers=year.covers)


def by_days(year: Year, rows: Rows) -> pl.DataFrame:
    start, end = year.covers
    at = every("1d", start=start + DAY, end=end)
    windows = {"whole": Window(DAY, "seconds")}
    return report_from_timeline(rows, at=at, windows=windows, covers=year.covers)


def outages(year: Year, rows: Rows) -> pl.DataFrame:
    return outages_from_timeline(rows, covers=year.covers)


def from_polls(year: Year, _: Rows) -> pl.DataFrame:
    tables = (year.table("hours"), year.table("timezones"))
    return compute_report(
        year.scan("polls"), *tables, year.covers[1], windows=year.whole, policy=POLICY
    )


CONTESTANTS = [
    Contestant("floor: one group_by", floor),
    Contestant("one window of all days", whole),
    Contestant("the three default windows", default),
    Contestant("one window of all days, scanned", whole, in_memory=False),
    Contestant("a window for each day", by_days),
    Contestant("outages", outages),
    Contestant("one window of all days, from scanned polls", from_polls, in_memory=False),
]


# --- what is told ---------------------------------------------------------------------------------


def tell_sizes(year: Year) -> None:
    for name in ("polls", "timeline"):
        rows = year.scan(name).select(pl.len()).collect().item()
        size = sum(path.stat().st_size for path in (year.folder / name).iterdir())
        tell(f"{name}: {rows:,} rows, {size:,} bytes of Parquet")


def check(year: Year) -> None:
    """Compare what each store has, in microseconds; days and outages are added up."""
    rows = year.scan("timeline").collect()
    expected = in_microseconds(from_polls(year, rows))
    for found in (whole(year, rows), whole(year, rows.lazy()), by_days(year, rows)):
        assert in_microseconds(found).equals(expected)
    down = outages(year, rows).group_by("store_id").agg(pl.col("downtime").sum().to_physical())
    both = expected.join(down, on="store_id", how="left").fill_null(0)
    assert both["downtime"].equals(both["downtime_whole"], check_names=False)
    tell("timeline and polls agree to the microsecond")


def in_microseconds(report: pl.DataFrame) -> pl.DataFrame:
    """Return what each store has in all reports together."""
    times = (pl.col("uptime_whole", "downtime_whole") * 10**6).round().cast(pl.Int64)
    return report.group_by("store_id").agg(times.sum()).sort("store_id")


def tell_times(year: Year, rounds: int) -> None:
    """Let all take turns, and print medians, ratios to the first, and memory."""
    seconds: dict[str, list[float]] = {each.name: [] for each in CONTESTANTS}
    in_memory = year.scan("timeline").collect()
    for _ in range(rounds):
        for each in CONTESTANTS:
            rows = in_memory if each.in_memory else year.scan("timeline")
            start = time.perf_counter()
            each.compute(year, rows)
            seconds[each.name].append(time.perf_counter() - start)
    tell("| what | seconds (median) | min - max | relative | peak memory |")
    tell("|---|---:|---:|---:|---:|")
    first = seconds[CONTESTANTS[0].name]
    for name, own in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(own, first, strict=True))
        tell(
            f"| {name} | {statistics.median(own):.3f} | {min(own):.3f} - {max(own):.3f} | {ratio:.1f} | {peak_alone(year, name)} |"
        )


def peak_alone(year: Year, name: str) -> str:
    if not sys.platform.startswith("linux"):
        return "not known"
    command = [sys.executable, __file__, "--folder", str(year.folder), "--days", str(year.days)]
    found = subprocess.run(  # noqa: S603  # this very script
        [*command, "--alone", name], check=True, capture_output=True, text=True
    )
    return found.stdout.strip()


def tell_peak(year: Year, name: str) -> None:
    """Compute once, and tell the most memory that this process has had, rows included."""
    (alone,) = (each for each in CONTESTANTS if each.name == name)
    alone.compute(year, alone.rows(year))
    tell(f"{peak():.2f} GB")


if __name__ == "__main__":
    main()
