"""The notebooks run from a clean kernel, and say today what they say on the page."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from typing import Any

import pytest

NEEDED = ("altair", "vl_convert", "nbclient", "ipykernel")
if (
    not all(find_spec(each) for each in NEEDED)
    and "STORE_UPTIME_REQUIRE_SERVICES" not in os.environ
):
    pytest.skip("notebooks need the extra plot and the group dev", allow_module_level=True)

from support import notebooks  # noqa: E402  # it needs what may be missing

if not notebooks.FOLDER.is_dir():
    pytest.skip("the pages are not beside these tests", allow_module_level=True)


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


@pytest.mark.parametrize("name", notebooks.NAMES)
def test_a_notebook_says_what_it_says_on_the_page(name: str) -> None:
    assert notebooks.texts(notebooks.executed(name)) == notebooks.texts(notebooks.read(name))


@pytest.mark.parametrize("name", notebooks.NAMES)
def test_a_notebook_has_its_charts_as_pictures_that_need_no_network(name: str) -> None:
    pictures = [
        "".join(output["data"]["image/svg+xml"])
        for output in outputs(notebooks.read(name))
        if "image/svg+xml" in output.get("data", {})
    ]
    assert len(pictures) >= 2
    for picture in pictures:
        addresses = set(re.findall(r"https?://[^\s\"')]+", picture))
        assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not [o for o in outputs(notebooks.read(name)) if "application/javascript" in str(o)]


@pytest.mark.parametrize("name", notebooks.NAMES)
def test_a_notebook_keeps_nothing_of_the_machine_it_ran_on(name: str) -> None:
    text = (notebooks.FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert not re.findall(r"/(?:tmp|root|home|Users|work)/", text)
    assert len(text.encode()) < 1_000_000


def test_every_notebook_is_run() -> None:
    assert {path.stem for path in notebooks.FOLDER.glob("*.ipynb")} == set(notebooks.NAMES)
