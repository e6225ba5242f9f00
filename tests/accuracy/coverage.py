"""How often uptime plus or minus twice its error holds the truth.

    python tests/accuracy/coverage.py                   # all truths
    python tests/accuracy/coverage.py --stores 20       # a fifth of the stores
    python tests/accuracy/coverage.py --only "fixed 10 min" fleet

simulates stores whose outages are known, computes their history with `uncertainty=True`, and prints
a line for each truth: days on which a change was seen and days without one, then weeks. All times
are in minutes. `told / made` is the root mean square of the errors told over that of the errors
made, `width` is the mean of four errors. A truth misses where less than 90 % of the days with a change
seen are covered, or 86 % of the quiet ones; fewer than 80 days are shown and not judged. Of the days of
all truths together 90 to 98 % are to be covered: an error that always holds the truth is too wide.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

sys.path.append(str(Path(__file__).parents[1]))

from accuracy.truths import not_promised, promised
from store_uptime import Window, compute_history
from support.frames import frames
from support.simulated_truths import NOW, Life, Truth, change_seen, lives, true_uptime
from support.wall_clock import DAY, MINUTE, instant

INSTANTS = [NOW - day * DAY for day in reversed(range(8))]
SPAN = 8 + len(INSTANTS) - 1  # days: a week and a day of lookback before the first instant
WINDOWS = {"day": Window("1d", "minutes"), "week": Window("7d", "minutes")}
LENGTHS = {"day": DAY, "week": 7 * DAY}
JUDGED = 80
LEAST = {True: 0.90, False: 0.86}
TOGETHER = (0.90, 0.98)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stores", type=int, default=100, help="of each truth; more where rare")
    parser.add_argument("--only", nargs="*", default=[""], help="words in the names of truths")
    args = parser.parse_args()
    for title, truths in (("promised", promised()), ("not promised", not_promised())):
        chosen = {name: truth for name, truth in truths.items() if _named(name, args.only)}
        if chosen:
            tell_all(title, chosen, args.stores)


def _named(name: str, words: Iterable[str]) -> bool:
    return any(word in name for word in words)


def tell_all(title: str, truths: Mapping[str, Truth], stores: int) -> None:
    """Print a line for each truth, then what misses, and the coverage of all together."""
    tell(f"\n## {title}\n")
    tell(HEADER)
    found = []
    for name, truth in truths.items():
        cells = judged(measured(name, truth, stores * _more(truth)))
        tell(line(name, cells))
        found.append(cells.with_columns(truth=pl.lit(name)))
    everything = pl.concat(found)
    tell_totals(everything)
    tell_misses(everything)


def _more(truth: Truth) -> int:
    """Return how many times as many stores it takes to see enough where outages are rare."""
    often = truth.per_day * truth.length.mean / (60 * MINUTE)
    return 1 if truth.kinds or truth.per_day == 0 or often >= 0.5 else 2 if often >= 0.1 else 6


# --- what is told, and what is true --------------------------------------------------------------


def measured(name: str, truth: Truth, stores: int) -> pl.DataFrame:
    """Return a row a store, instant and window: what was told, what is true, was a change seen."""
    made = lives(truth, stores, SPAN, seed=name)
    told = compute_history(
        *frames([life.store for life in made]),
        [instant(us) for us in INSTANTS],
        windows=WINDOWS,
        uncertainty=True,
    )
    return pl.concat(
        told.select(
            "store_id",
            "now",
            window=pl.lit(window),
            uptime=f"uptime_{window}",
            expected=f"uptime_expected_{window}",
            error=f"uptime_error_{window}",
        ).join(truth_of(made, truth, window), on=["store_id", "now"])
        for window in WINDOWS
    )


def truth_of(made: Iterable[Life], truth: Truth, window: str) -> pl.DataFrame:
    # Weeks overlap: those of the first instant and the last one do not.
    instants = INSTANTS if window == "day" else [INSTANTS[0], INSTANTS[-1]]
    spans = [(us - LENGTHS[window], us) for us in instants]
    rows = [
        (
            life.store.store_id,
            instant(end),
            true_uptime(life, truth, start, end) / MINUTE,
            change_seen(life, truth, start, end),
        )
        for life in made
        for start, end in spans
    ]
    types: dict[str, pl.DataType] = {
        "store_id": pl.Int64(),
        "now": pl.Datetime("us", "UTC"),
        "true": pl.Float64(),
        "changed": pl.Boolean(),
    }
    return pl.DataFrame(rows, types, orient="row")


def judged(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a row for windows with a change seen, and one for those without, of each length."""
    off = (pl.col("true") - pl.col("uptime")).abs()
    ideal = (pl.col("true") - pl.col("expected")).abs()
    return (
        rows.with_columns(
            covered=off <= 2 * pl.col("error") + 1e-6,
            made=off,
            better=ideal,
        )
        .group_by("window", "changed")
        .agg(
            n=pl.len(),
            covered=pl.col("covered").sum(),
            told=(pl.col("error") ** 2).sum(),
            made=(pl.col("made") ** 2).sum(),
            width=(4 * pl.col("error")).sum(),
            off=pl.col("made").sum(),
            off_expected=pl.col("better").sum(),
        )
        .sort("window", "changed", descending=[False, True])
    )


# --- what is printed -----------------------------------------------------------------------------

CELLS = [("day", True), ("day", False), ("week", True), ("week", False)]
_HEADS = [f"{window}s, {'change' if seen else 'quiet'}" for window, seen in CELLS]
HEADER = (
    f"| truth | {' | '.join(f'{head}: n | % | told / made | width' for head in _HEADS)} |\n"
    f"|---|{'---:|' * 16}"
)


def line(name: str, cells: pl.DataFrame) -> str:
    return f"| {name} | {' | '.join(_cell(cells, *key) for key in CELLS)} |"


def _cell(cells: pl.DataFrame, window: str, changed: bool) -> str:  # noqa: FBT001
    chosen = cells.filter(window=window, changed=changed)
    if chosen.is_empty():
        return "0 | | |"
    cell = chosen.row(0, named=True)
    n = cell["n"]
    ratio = f"{(cell['told'] / cell['made']) ** 0.5:.2f}" if cell["made"] > 1e-9 else ""
    return f"{n} | {100 * cell['covered'] / n:.1f} | {ratio} | {cell['width'] / n:.0f}"


def tell_totals(everything: pl.DataFrame) -> None:
    sums = pl.col("n", "covered", "told", "made", "width", "off", "off_expected").sum()
    tell(line("**all together**", everything.group_by("window", "changed").agg(sums)))
    tell("")
    for window, cell in _rows(everything.group_by("window", maintain_order=True).agg(sums)):
        n = cell["n"]
        tell(
            f"Of {n:,} {window}s of all truths {100 * cell['covered'] / n:.1f} % are covered. Uptime is"
            f" off by {cell['off'] / n:.1f} minutes on average, expected uptime by"
            f" {cell['off_expected'] / n:.1f}."
        )


def _rows(cells: pl.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    for cell in cells.iter_rows(named=True):
        yield cell["window"], cell


def tell_misses(everything: pl.DataFrame) -> None:
    missing = list(misses(everything))
    share = share_covered(everything)
    if not TOGETHER[0] <= share <= TOGETHER[1]:
        missing.append(f"all days together ({100 * share:.1f} %)")
    tell("\nNot as promised: " + ("; ".join(missing) if missing else "nothing") + ".")


def share_covered(everything: pl.DataFrame) -> float:
    """Return the share of the days of all truths whose truth is held."""
    found = everything.filter(window="day").select(pl.col("covered", "n").sum()).row(0, named=True)
    return float(found["covered"] / found["n"])


def misses(everything: pl.DataFrame, judged_from: int = JUDGED) -> Iterator[str]:
    """Yield the days of a truth of which too few are covered."""
    for cell in everything.filter(window="day").iter_rows(named=True):
        share = cell["covered"] / cell["n"]
        if cell["n"] >= judged_from and share < LEAST[cell["changed"]]:
            kind = "a change seen" if cell["changed"] else "quiet"
            yield f"{cell['truth']} ({kind}, {100 * share:.1f} % of {cell['n']})"


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
