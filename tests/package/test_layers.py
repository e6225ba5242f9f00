"""The import contract in pyproject.toml catches what it is there for."""

# ruff: noqa: S603, the only program started here is import-linter

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import store_uptime
from support.services import need

ROOT = Path(__file__).parents[2]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, beside the contract, to be damaged."""
    need("importlinter")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return Path(shutil.copytree(Path(store_uptime.__file__).parent, tmp_path / "store_uptime"))


def lint_imports(package: Path) -> tuple[int, str]:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    argv = [sys.executable, "-c", code]
    done = subprocess.run(argv, cwd=package.parent, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_package_keeps_the_contract(package: Path) -> None:
    assert lint_imports(package)[0] == 0


def test_a_module_that_no_layer_names_is_caught(package: Path) -> None:
    (package / "stray.py").touch()
    status, told = lint_imports(package)
    assert status == 1
    assert "stray" in told


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("_csv/load.py", "store_uptime._engine.batches"),
        ("_csv/load.py", "store_uptime._sql.load"),
        ("_engine/__init__.py", "store_uptime.report"),
        ("errors.py", "store_uptime.policy"),
        ("policy.py", "pandas"),
    ],
)
def test_a_forbidden_import_is_caught(package: Path, module: str, imported: str) -> None:
    with (package / module).open("a") as file:
        file.write(f"import {imported}\n")
    status, told = lint_imports(package)
    assert status == 1
    assert f"-> {imported}" in told
