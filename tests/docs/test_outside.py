"""The figures of what was tried from outside are those of the tests."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from report import test_business_hours, test_cases, test_state_logs

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/trust.md"
if not PAGE.is_file():
    pytest.skip("the page is not beside these tests", allow_module_level=True)

REPORTS = json.loads((ROOT / "tests/report/public_reports.json").read_text(encoding="utf-8"))
PROJECT = re.compile(r"[\w.-]+/[\w.-]+|[\w-]+\.com")


def tables() -> list[list[list[str]]]:
    """Return the cells of the tables of the section, without their heads."""
    section = PAGE.read_text(encoding="utf-8").split("\n## Tried from outside\n")[1]
    found = re.findall(r"(?:^\|.*\n)+", section.split("\n## ")[0], re.MULTILINE)
    return [
        [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
        for table in found
    ]


def test_the_suites_and_how_many_cases_each_has() -> None:
    suites = {**test_business_hours.SUITES, **test_state_logs.SUITES}
    cases = {suite.split(" ")[0]: len(each) for suite, each in suites.items()}
    cases["timescale/timescaledb-toolkit"] = len(test_cases.HEARTBEATS) + len(test_cases.HOLDS)
    cases["opening-hours/opening_hours.js"] = len(test_cases.WEEKS)
    assert {project: int(count) for project, _, count in tables()[0]} == cases
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert f"{sum(cases.values())} cases from the suites of {len(cases)} projects" in page


def test_the_projects_of_the_reports_and_how_many_each_has() -> None:
    sources = [match[0] for each in REPORTS if (match := PROJECT.match(each["source"]))]
    projects = Counter(sources)
    told = Counter[str]()
    for _, names in tables()[1]:
        for name in names.split(", "):
            project, _, count = name.partition(" ")
            told[project] += int(count.strip("()") or 1)
    assert told == projects
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert f"{len(REPORTS)} situations" in page
    assert f"{len(sources)} of them from {len(projects)} projects" in page


def test_other_pages_have_the_same_figures() -> None:
    page = (ROOT / "docs/contributing.md").read_text(encoding="utf-8")
    assert f"{len(REPORTS)} situations from public bug reports" in page
