"""How far reports are from the truth: makes the tables and pictures of docs/accuracy.md.

    python tests/accuracy/study.py                  # writes them into docs/
    python tests/accuracy/study.py --stores 200     # a look, in a minute; prints them

The same arguments make the same figures. It needs nothing beside the package.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
import warnings
from collections.abc import Mapping
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from accuracy import question_tables, tables  # found by the line above
from accuracy.pictures import PICTURES
from accuracy.rules_compared import score_grid

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "accuracy.md"
STORES = 2_000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stores", type=int, help=f"of each simulation; {STORES:,} for the page")
    parser.add_argument("--grid", type=Path, help="write the whole grid to this CSV file")
    args = parser.parse_args()
    begun = time.monotonic()
    # Of stores that are rarely polled little is known; the table says how much.
    warnings.simplefilter("ignore")
    grid = score_grid(args.stores or STORES)
    if args.grid:
        grid.write_csv(args.grid)
    blocks = make_blocks(grid, args.stores or STORES)
    if args.stores:
        sys.stdout.write("\n\n".join(f"{name}\n\n{block}" for name, block in blocks.items()) + "\n")
    else:
        PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), blocks), encoding="utf-8")
        for name, picture in PICTURES.items():
            (DOCS / "pictures" / name).write_text(picture(grid), encoding="utf-8")
    sys.stderr.write(f"{time.monotonic() - begun:.0f} s\n")


def make_blocks(grid: pl.DataFrame, stores: int) -> dict[str, str]:
    """Return the tables by the names that they have on the page."""
    return {
        "rules": tables.of_errors(grid),
        "promises": tables.of_promises(grid),
        "rates": tables.of_rates(grid),
        "coverage": tables.of_coverage(grid, "day"),
        "hours": tables.of_coverage(grid, "hour"),
        "better": tables.of_better_rules(grid),
        "hour": question_tables.of_one_hour(10 * stores),
        "fixed": question_tables.of_fixed_times(),
        "lost": question_tables.of_lost_polls(stores),
        "reaches": question_tables.of_reaches(stores),
    }


def fill(page: str, blocks: Mapping[str, str]) -> str:
    """Return the page with each block between its two marks; every block has its place."""
    for name, block in blocks.items():
        parts = re.split(rf"(?<=<!-- {name} -->\n).*?(?=<!-- end -->)", page, flags=re.DOTALL)
        if len(parts) != 2:
            message = f"the page has {len(parts) - 1} places for {name}"
            raise ValueError(message)
        page = f"\n{block}\n\n".join(parts)
    return page


if __name__ == "__main__":
    main()
