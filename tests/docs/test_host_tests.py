"""The suite of a host application, as a project of its own: with what is installed here."""

# ruff: noqa: S603, the only program started here is pytest

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from support.host_app import EXAMPLES

if not EXAMPLES.is_dir():
    pytest.skip("the examples are not beside these tests", allow_module_level=True)

BUG = ('pl.col("downtime") >= CALLED_AFTER', 'pl.col("elapsed") >= CALLED_AFTER')
PAGE = EXAMPLES.parent / "howto-host-tests.md"
PLUGIN = (
    []
    if metadata.entry_points(group="pytest11", name="store_uptime")
    else ["-p", "_store_uptime_pytest"]
)


def test_what_the_page_shows_is_what_is_run() -> None:
    files = [path.read_text("utf-8") for path in (EXAMPLES / "host_tests").rglob("*.py")]
    page = PAGE.read_text("utf-8")
    shown = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert len(shown) == 6
    for block in shown:
        assert any(block in text for text in files), block
    ignored = 'filterwarnings = ["ignore::store_uptime.CoverageWarning"]'
    assert ignored in page
    assert ignored in (EXAMPLES / "host_tests" / "pyproject.toml").read_text("utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project, elsewhere."""
    return Path(shutil.copytree(EXAMPLES / "host_tests", tmp_path / "host_tests"))


def run_suite(project: Path) -> tuple[int, str]:
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *PLUGIN]
    done = subprocess.run(argv, cwd=project, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_it_passes(project: Path) -> None:
    status, told = run_suite(project)
    assert status == 0, told
    assert " passed" in told
    assert "warning" not in told


def test_it_finds_a_mistake_of_the_service(project: Path) -> None:
    """That nights count is what many programs get wrong."""
    service = project / "status_page" / "service.py"
    text = service.read_text("utf-8")
    assert BUG[0] in text
    service.write_text(text.replace(*BUG), "utf-8")
    status, told = run_suite(project)
    assert status == 1
    assert "FAILED tests/test_calls.py::test_the_night_does_not_count" in told
