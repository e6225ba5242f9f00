"""The types of the public names, as mypy and pyright read them in calls that are never run."""

# ruff: noqa: S603, the only programs started here are the type checkers

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.services import need

HERE = Path(__file__).parent
FILES = [HERE / "good.py", HERE / "mistakes.py"]
Errors = list[tuple[str, int, str]]  # file, line, message


def output_of(*command: str) -> str:
    argv = [sys.executable, "-m", *command, *map(str, FILES)]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=HERE.parents[1], check=False)
    assert done.returncode == 1, done.stdout + done.stderr  # 0: no mistake found; 2: did not run
    return done.stdout


def mypy() -> Errors:
    found = map(json.loads, output_of("mypy", "--output=json").splitlines())
    return [(e["file"], e["line"], e["message"]) for e in found if e["severity"] == "error"]


def basedpyright() -> Errors:
    output = output_of("basedpyright", "--outputjson", "--pythonpath", sys.executable)
    found = json.loads(output)["generalDiagnostics"]
    return [(e["file"], e["range"]["start"]["line"] + 1, e["message"]) for e in found]


@pytest.mark.parametrize("checker", [mypy, basedpyright])
def test_type_checkers_find_the_mistakes_and_nothing_else(checker: Callable[[], Errors]) -> None:
    need(checker.__name__)
    marked = {
        (path.name, number)
        for path in FILES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if "  # wrong: " in line
    }
    errors = checker()
    found = {(Path(file).name, line) for file, line, _ in errors}
    assert not marked - found, "mistakes that are not found"
    assert not found - marked, [e for e in errors if (Path(e[0]).name, e[1]) not in marked]
