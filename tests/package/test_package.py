"""What the package is from outside: its names, its types, what importing it costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import metadata, resources
from pathlib import Path
from typing import NoReturn

import pytest

import store_uptime

OPTIONAL = ("pandas", "pyarrow", "numpy", "duckdb", "sqlalchemy", "altair", "pyspark", "hypothesis")


def run(code: str) -> str:
    return subprocess.run(  # noqa: S603  # our own interpreter, our own code
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout


def test_importing_it_imports_nothing_optional() -> None:
    loaded = run(
        "import sys, store_uptime; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    assert not set(OPTIONAL) & set(loaded.split())


def test_importing_it_imports_no_loader_before_one_is_asked_for() -> None:
    def loaders(code: str) -> str:
        rooms = "{'_csv', '_files', '_parquet', '_sql'}"
        return run(
            f"import sys, store_uptime; {code}; print(*sorted({rooms} & {{*vars(store_uptime)}}))"
        )

    assert loaders("pass") == "\n"
    assert loaders("store_uptime.load_csv") == "_csv _files\n"
    assert loaders("store_uptime.write_sql") == "_sql\n"


def test_importing_it_imports_few_modules_beyond_polars() -> None:
    # Counted, not timed: a count does not depend on how busy the machine is.
    # What the package itself is cut into is its own affair.
    def count(module: str) -> int:
        others = "[name for name in sys.modules if not name.startswith('store_uptime')]"
        return int(run(f"import sys, {module}; print(len({others}))"))

    assert count("store_uptime") - count("polars") < 40


def test_all_names_are_there_and_documented() -> None:
    for name in store_uptime.__all__:
        value = getattr(store_uptime, name)
        assert value.__doc__ or name == "DEFAULT_WINDOWS"


def test_the_version_is_that_of_the_installed_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert store_uptime.__version__ == metadata.version("store-uptime")

    def uninstalled(name: str) -> NoReturn:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", uninstalled)
    assert store_uptime.__version__ == "(not installed)"


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'store_uptime' has no attribute 'compute_reprot'"):
        getattr(store_uptime, "compute_reprot")  # noqa: B009  # type checkers would object


def test_core_dependencies_are_exactly_three() -> None:
    requires = metadata.requires("store-uptime") or []
    core = {line.split(">=")[0] for line in requires if "extra ==" not in line}
    assert core == {"polars", "python-dateutil", "tzdata"}


def test_it_is_typed() -> None:
    assert resources.files("store_uptime").joinpath("py.typed").is_file()


def test_nothing_evaluates_unpickles_or_imports_by_a_name_from_data() -> None:
    assert store_uptime.__file__
    for path in Path(store_uptime.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Name):
                assert node.id not in {"eval", "exec", "compile", "__import__"}, path
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
                assert not names & {"pickle", "marshal", "shelve", "importlib.import_module"}, path
