"""The pages lead to each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
if not (ROOT / "README.md").is_file():
    pytest.skip("the pages are not beside these tests", allow_module_level=True)

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def prose(page: Path) -> str:
    """Return a page without its code."""
    return re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in headings}


def links(page: Path) -> list[str]:
    found = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    return [link for link in found if "://" not in link]


def test_every_link_leads_to_a_page_and_a_heading() -> None:
    broken = []
    for page in PAGES:
        for link in links(page):
            path, _, anchor = link.partition("#")
            target = page.parent / path if path else page
            if not target.exists() or (anchor and anchor not in anchors(target)):
                broken.append((page.name, link))
    assert broken == []


def test_the_index_names_every_page_once() -> None:
    # The side bar of the site is made of this list.
    docs = ROOT / "docs"
    pages = {
        str(page.relative_to(docs).as_posix())
        for pattern in ("*.md", "notebooks/*.ipynb")
        for page in docs.glob(pattern)
    }
    named = re.findall(
        r"^- \[.+?\]\((\S+)\): ", (docs / "index.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(named) == len(set(named))
    assert pages - {"index.md"} == set(named)
