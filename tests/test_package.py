"""What the package is from outside: its names, its types, what importing it costs."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata, resources

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


def test_importing_it_imports_few_modules_beyond_polars() -> None:
    # Counted, not timed: a count does not depend on how busy the machine is.
    def count(module: str) -> int:
        return int(run(f"import sys, {module}; print(len(sys.modules))"))

    assert (
        count("polars, dateutil.parser, dateutil.relativedelta, store_uptime") - count("polars")
        < 60
    )


def test_all_names_are_there_and_documented() -> None:
    for name in store_uptime.__all__:
        value = getattr(store_uptime, name)
        assert value.__doc__ or name == "DEFAULT_WINDOWS"


def test_core_dependencies_are_exactly_three() -> None:
    requires = metadata.requires("store-uptime") or []
    core = {line.split(">=")[0] for line in requires if "extra ==" not in line}
    assert core == {"polars", "python-dateutil", "tzdata"}


def test_it_is_typed() -> None:
    assert resources.files("store_uptime").joinpath("py.typed").is_file()
