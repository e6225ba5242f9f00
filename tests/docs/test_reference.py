"""The page of all public names has them all, each once, with a sentence, and no other."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs/reference.md"
if not PAGE.is_file():
    pytest.skip("the pages are not beside these tests", allow_module_level=True)

TEXT = PAGE.read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([\w.]+)` \| ([^|]+) \|", TEXT, re.MULTILINE)
NAMES = [name for name, _ in ROWS]


def listed(room: str) -> set[str]:
    """Return the names of the root, or of one of its modules, as the page has them."""
    start = f"{room}." if room else ""
    found = {name.removeprefix(start) for name in NAMES if name.startswith(start)}
    return {name for name in found if "." not in name}


def test_no_name_is_listed_twice() -> None:
    assert len(NAMES) == len(set(NAMES))


def test_each_name_has_a_sentence() -> None:
    assert [name for name, sentence in ROWS if not re.fullmatch(r"\S.*\.", sentence)] == []


def test_all_names_of_the_package_are_listed() -> None:
    public = set(import_module("store_uptime").__all__)
    assert "`__version__` is" in TEXT
    assert listed("") == public - {"__version__"}


@pytest.mark.parametrize("room", ["plot", "spark", "testing"])
def test_all_names_of_a_module_are_listed(room: str) -> None:
    if room == "spark":
        pytest.importorskip("pyspark")
    module = pytest.importorskip(f"store_uptime.{room}")
    assert listed(room) == set(module.__all__)
