"""What completion shows after ``store_uptime.``: the public names, and no inner rooms."""

from __future__ import annotations

import importlib
import itertools
import subprocess
import sys
from rlcompleter import Completer
from types import ModuleType

import pytest

import store_uptime

PLACES = ["store_uptime", "store_uptime.plot", "store_uptime.spark", "store_uptime.testing"]


def completed(module: ModuleType, text: str) -> set[str]:
    """Return the names without `_` that the interpreter's own completion offers for a text."""
    completer, numbers = Completer({"module": module}), itertools.count()
    offered = iter(lambda: completer.complete(text, next(numbers)), None)
    names = {each.removeprefix("module.").rstrip("()") for each in offered if each}
    return {name for name in names if name[0] != "_"}


@pytest.mark.parametrize("place", PLACES)
def test_completion_shows_the_public_names_and_nothing_else(place: str) -> None:
    module = importlib.import_module(place)
    rooms = {"plot", "spark", "testing"} if module is store_uptime else set()
    for name in rooms:  # imported by whoever uses them
        importlib.import_module(f"store_uptime.{name}")
    assert set(dir(module)) == {*module.__all__, *rooms}
    assert completed(module, "module.") == {name for name in dir(module) if name[0] != "_"}


def test_part_of_a_name_completes_to_the_names_that_begin_so() -> None:
    assert completed(store_uptime, "module.load_") == {"load_csv", "load_parquet", "load_sql"}
    assert completed(store_uptime, "module.poll") == set()


def test_every_name_that_is_listed_is_there() -> None:
    assert all(hasattr(store_uptime, name) for name in dir(store_uptime))
    assert not hasattr(store_uptime, "load_excel")


def test_rooms_are_listed_once_they_are_imported() -> None:
    code = (
        "import store_uptime as s; before = dir(s); import store_uptime.testing; "
        "assert sorted({*dir(s)} - {*before}) == ['testing'], dir(s)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603  # our own


def test_a_star_import_brings_the_loaders_too() -> None:
    code = "from store_uptime import *; assert load_csv and load_parquet and load_sql and write_sql"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603  # our own


def test_spark_is_imported_and_described_where_pyspark_is_missing() -> None:
    code = (
        "import sys; sys.modules['pyspark'] = sys.modules['pyarrow'] = None; "
        "import inspect, store_uptime.spark; "
        "print(inspect.signature(store_uptime.spark.compute_report).return_annotation)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603  # our own
    assert done.stdout == "DataFrame\n"
