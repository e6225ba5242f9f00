"""How good the error of a sum over stores is: groups of 10, 100 and 1,000 stores.

    python tests/accuracy/groups.py                     # 2,000 stores of each truth
    python tests/accuracy/groups.py --stores 500 --only fleet

Errors come from each store's own polls, then from rates fitted to all of them. Printed are, for days
and weeks, the share of groups whose uptime plus or minus twice its error holds the truth, the root
mean square of the errors told over that of the errors made, and the width, four errors, in percent
of the known time.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import polars as pl

sys.path.append(str(Path(__file__).parents[1]))

from accuracy.coverage import INSTANTS, SPAN, WINDOWS, tell, truth_of
from accuracy.truths import promised
from store_uptime import compute_history, fit_outage_rates, summarize
from support.frames import Frames, frames
from support.simulated_truths import NOW, lives
from support.wall_clock import instant

SIZES = (10, 100, 1000)
NAMES = (
    "a fleet of three kinds",
    "exponential 1 h, 1 a day",
    "exponential 10 min, 2 a day",
    "fixed 3 h, 0.5 a day",
    "log-normal 15 min, sigma 1, 1 a day",
    "no outages",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stores", type=int, default=2000, help="of each truth")
    parser.add_argument("--only", nargs="*", default=[""], help="words in the names of truths")
    args = parser.parse_args()
    tell("| truth | rates | window | " + " | ".join(_heads(args.stores)) + " |")
    tell("|---|---|---|" + "---:|" * 4 * len(_heads(args.stores)))
    for name in NAMES:
        if any(word in name for word in args.only):
            tell_truth(name, args.stores)


def _heads(stores: int) -> list[str]:
    return [f"{size:,} stores: n | % | told / made | width %" for size in SIZES if size <= stores]


def tell_truth(name: str, stores: int) -> None:
    """Print the lines of a truth: by own rates and by common ones, days and weeks."""
    truth = promised()[name]
    made = lives(truth, stores, SPAN, seed=name)
    tables = frames([life.store for life in made])
    true = {window: truth_of(made, truth, window) for window in WINDOWS}
    common = fit_outage_rates(*tables, instant(NOW))
    for word, rates in (("own", None), ("fitted", common)):
        told = history(tables, rates)
        for window in WINDOWS:
            cells = [_cell(told, true[window], window, size) for size in SIZES if size <= stores]
            tell(f"| {name} | {word} | {window} | {' | '.join(cells)} |")


def history(tables: Frames, rates: pl.DataFrame | None) -> pl.DataFrame:
    instants = [instant(us) for us in INSTANTS]
    return compute_history(*tables, instants, windows=WINDOWS, uncertainty=True, rates=rates)


def _cell(told: pl.DataFrame, true: pl.DataFrame, window: str, size: int) -> str:
    groups = told.select("store_id").unique().with_columns(group=pl.col("store_id") // size)
    sums = summarize(told, groups, windows=WINDOWS).filter(pl.col("window") == window)
    truths = true.join(groups, on="store_id").group_by("now", "group").agg(pl.col("true").sum())
    both = sums.join(truths, on=["now", "group"])
    off = (pl.col("true") - pl.col("uptime")).abs()
    sums_of = both.select(
        n=pl.len(),
        covered=(off <= 2 * pl.col("uptime_error") + 1e-3).mean(),
        told=(pl.col("uptime_error") ** 2).sum(),
        made=(off**2).sum(),
        width=4 * pl.col("uptime_error").sum() / pl.sum_horizontal("uptime", "downtime").sum(),
    ).row(0, named=True)
    ratio = (sums_of["told"] / sums_of["made"]) ** 0.5 if sums_of["made"] > 1e-6 else None
    shown = "" if ratio is None else f"{ratio:.2f}"
    n, covered, width = sums_of["n"], 100 * sums_of["covered"], 100 * sums_of["width"]
    return f"{n} | {covered:.1f} | {shown} | {width:.2f}"


if __name__ == "__main__":
    main()
