"""The pictures of the charts are what their pages draw."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
if not (ROOT / "README.md").is_file():
    pytest.skip("the pages are not beside these tests", allow_module_level=True)
for package in ("altair", "vl_convert"):
    pytest.importorskip(package)

from docs import make_pictures  # noqa: E402  # it draws
from store_uptime.plot.svg import scheme_svg  # noqa: E402

CHARTS = dict(make_pictures.charts())


def said(svg: str) -> list[str]:
    """Return what a picture says: not where, as that hangs on the fonts of the machine."""
    texts = re.findall(r'<title>(.*?)</title>|aria-label="([^"]*)" ', svg, re.DOTALL)
    return [unescape(title or label) for title, label in texts]


@pytest.mark.parametrize("name", CHARTS)
def test_a_picture_says_what_is_drawn_where_it_stands(name: str) -> None:
    there = (ROOT / "docs/pictures" / name).read_text(encoding="utf-8")
    drawn = scheme_svg(CHARTS[name])
    assert said(there) == said(drawn), "make them anew: python tests/docs/make_pictures.py"
    assert len(said(drawn)) > 5
    assert drawn.count("svg.marks [") == there.count("svg.marks [") > 5


def test_every_picture_of_a_chart_is_made() -> None:
    there = {path.name for path in (ROOT / "docs/pictures").glob("*.svg")}
    assert {name for name in there if not name.startswith("accuracy-")} == {*CHARTS}


def test_the_readme_begins_with_its_picture() -> None:
    first = (ROOT / "README.md").read_text(encoding="utf-8").split("```")[0]
    assert f"](docs/pictures/{make_pictures.README})" in first
