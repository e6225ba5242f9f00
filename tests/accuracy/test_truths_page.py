"""The tables of docs/accuracy-truths.md are those of the truths, and keep what is promised."""

from __future__ import annotations

import re

import pytest

from accuracy import truths_page
from accuracy.cells import NOTHING
from accuracy.coverage import HEADER, JUDGED, LEAST
from accuracy.study import fill
from accuracy.truths import not_promised, promised

if not truths_page.PAGE.is_file():
    pytest.skip("the page is not beside these tests", allow_module_level=True)

# One store polled for two weeks and one day: 12 days with a change, 1,000 quiet, one quiet week.
PRINTED = f"""
## promised

{HEADER}
| short | 12 | 97.5 | 1.05 | 160 | 1000 | 86.0 | 1.50 | 70 | 0 | | | | 1 | 0.0 |  | 90 |
| **all together** | 12 | 97.5 | 1.05 | 160 | 1000 | 86.0 | 1.50 | 70 | 0 | | | | 1 | 0.0 |  | 90 |

Of 1,012 days of all truths 86.1 % are covered.
"""

Row = tuple[str, list[str]]


def table(name: str) -> list[Row]:
    """Return the rows of a table on the page, each its name and its eight cells."""
    page = truths_page.PAGE.read_text(encoding="utf-8")
    block = re.findall(rf"<!-- {name} -->\n\n(.*?)\n\n<!-- end", page, re.DOTALL)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
    return [(row[0], row[1:]) for row in rows[2:]]


def halves(row: Row) -> list[tuple[int, float]]:
    """Return how many windows with a change there are, and how many percent of them are covered;
    then the same of the quiet ones."""
    cells = row[1]
    pairs = [(cells[0], cells[1]), (cells[4], cells[5])]
    return [
        (int(n.replace(",", "")), float(share.removesuffix(" %")) if share != NOTHING else 0.0)
        for n, share in pairs
    ]


def test_what_is_printed_becomes_a_table_of_days_and_one_of_weeks() -> None:
    blocks = truths_page.make_blocks(PRINTED)
    assert list(blocks) == ["promised_days", "promised_weeks"]
    days, weeks = (block.splitlines() for block in blocks.values())
    assert days[2] == "| short | 12 | 97.5 % | 1.05 | 160 | 1,000 | 86.0 % | 1.50 | 70 |"
    assert weeks[2] == f"| short | 0 | {' | '.join([NOTHING] * 3)} | 1 | 0.0 % | {NOTHING} | 90 |"
    assert len(days) == len(weeks) == 4


@pytest.mark.parametrize("kind", ["promised", "missed"])
@pytest.mark.parametrize("window", ["days", "weeks"])
def test_the_page_has_a_row_for_each_truth_and_adds_them_up(kind: str, window: str) -> None:
    *rows, together = table(f"{kind}_{window}")
    truths = promised() if kind == "promised" else not_promised()
    assert [name for name, _ in rows] == list(truths)
    assert together[0] == "**all together**"
    for place, (n, share) in enumerate(halves(together)):
        parts = [halves(row)[place] for row in rows]
        assert n == sum(number for number, _ in parts)
        # Each share is rounded to a tenth, so is that of all.
        assert share == pytest.approx(sum(a * b for a, b in parts) / n, abs=0.101)


def test_the_page_keeps_what_is_promised() -> None:
    *rows, together = table("promised_days")
    for row in rows:
        for (n, share), least in zip(halves(row), (LEAST[True], LEAST[False]), strict=True):
            assert n < JUDGED or share >= 100 * least, row[0]
    (changed, one), (quiet, other) = halves(together)
    assert 90 <= (changed * one + quiet * other) / (changed + quiet) <= 98


def test_the_tables_have_their_places_on_the_page() -> None:
    page = truths_page.PAGE.read_text(encoding="utf-8")
    names = [
        f"{kind}_{window}" for kind in truths_page.TITLES.values() for window in ("days", "weeks")
    ]
    assert re.findall(r"<!-- (\w+_\w+) -->", page) == names
    assert fill(page, dict.fromkeys(names, "| x |")).count("\n| x |\n") == len(names)
