"""Turns what coverage.py prints into the tables of docs/accuracy-truths.md.

    python tests/accuracy/coverage.py > found.md
    python tests/accuracy/truths_page.py found.md      # writes the page's tables

That run takes minutes, so its output is kept, and the tables can be made again from it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from accuracy.cells import NOTHING
from accuracy.study import DOCS, fill

PAGE = DOCS / "accuracy-truths.md"
TITLES = {"promised": "promised", "not promised": "missed"}
_COLUMNS = "n | covered | told / made | width"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("found", type=Path, help="what coverage.py has printed")
    found = parser.parse_args().found.read_text(encoding="utf-8")
    page = fill(PAGE.read_text(encoding="utf-8"), make_blocks(found))
    PAGE.write_text(page, encoding="utf-8")


def make_blocks(found: str) -> dict[str, str]:
    """Return the tables by the names that they have on the page: of days and of weeks."""
    blocks = {}
    for part in re.split(r"^## ", found, flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        for place, window in enumerate(("days", "weeks")):
            blocks[f"{TITLES[title]}_{window}"] = "\n".join(_table(text, 8 * place))
    return blocks


def _table(text: str, first: int) -> Iterator[str]:
    """Yield a table of the eight columns from `first` on: four with a change seen, four without."""
    yield f"| truth | change seen: {_COLUMNS} | quiet: {_COLUMNS} |"
    yield f"|---|{'---:|' * 8}"
    for line in text.splitlines()[3:]:
        if line.startswith("| "):
            name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
            yield f"| {name} | {' | '.join(map(_shown, cells[first : first + 8], _UNITS * 2))} |"


_UNITS = ("", " %", "", "")


def _shown(cell: str, unit: str) -> str:
    return f"{int(cell):,}" if cell.isdigit() else cell + unit if cell else NOTHING


if __name__ == "__main__":
    main()
