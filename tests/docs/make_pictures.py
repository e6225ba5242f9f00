"""Make the pictures of the charts: `python tests/docs/make_pictures.py`.

A page is its own recipe: its examples are run, and what is `chart` where a picture stands is drawn
there. The README has a picture of the stores of the demo.
"""

from __future__ import annotations

import doctest
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from store_uptime import compute_outages, compute_timeline, plot
from store_uptime.cli.demo import make_demo
from store_uptime.plot.svg import scheme_svg

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("start.md", "howto-plot.md")
README = "readme.svg"
PICTURE = re.compile(r"^!\[[^\]]+\]\(pictures/((?:plot|start)-\w+\.svg)\)$", re.MULTILINE)


def draw_readme() -> Any:
    demo = make_demo()
    title = "A week of seven stores, each on its own wall clock"
    timeline, outages = compute_timeline(demo), compute_outages(demo)
    return plot.timeline(timeline, outages, demo.timezones, title=title)


def charts_of(page: Path) -> Iterator[tuple[str, Any]]:
    """Yield the name of each picture of a page, and what the examples before it draw."""
    known: dict[str, Any] = {}
    before, *rest = PICTURE.split(page.read_text(encoding="utf-8"))
    for name, after in zip(rest[::2], rest[1::2], strict=True):
        with redirect_stdout(None):
            for example in doctest.DocTestParser().get_examples(before, page.name):
                if doctest.SKIP not in example.options:
                    exec(example.source, known)  # noqa: S102  # the page's own example
        yield name, known["chart"]
        before = after


def charts() -> Iterator[tuple[str, Any]]:
    yield README, draw_readme()
    for page in PAGES:
        yield from charts_of(DOCS / page)


def main() -> None:
    for name, chart in charts():
        (DOCS / "pictures" / name).write_text(scheme_svg(chart), encoding="utf-8")
        sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
