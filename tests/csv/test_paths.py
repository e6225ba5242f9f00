"""Whatever is given as a path, there is a table or one clear error."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from store_uptime import SchemaError, load_csv, load_parquet
from store_uptime._csv.groups import read_groups
from support.csv_files import STATUS, write

NO_PATHS: dict[str, tuple[Any, str]] = {
    "a number": (7, "a int is not a path"),
    "a float": (0.5, "a float is not a path"),
    "true": (True, "a bool is not a path"),
    "bytes": (b"polls.csv", "is not a path"),
    "nothing": ("", "an empty text is not a path"),
    "a URI": ("postgresql://u:secret@host/db", "a URI is not a path; of a database it"),
    "NUL": ("a\0b", r"a\\x00b: a path cannot hold a NUL character"),
    "half a pair": ("a\ud800b", r"a\\ud800b: a path cannot hold half of a surrogate pair"),
}
PLACES = ["folder", "status", "hours", "special_hours"]


@pytest.mark.parametrize("loader", [load_csv, load_parquet])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", NO_PATHS)
def test_what_is_no_path_is_refused(
    tmp_path: Path, kind: str, place: str, loader: Callable[..., Any]
) -> None:
    given, told = NO_PATHS[kind]
    with pytest.raises(SchemaError, match=told) as caught:
        loader(
            **{**write(tmp_path), place: given, **({"status": None} if place == "folder" else {})}
        )
    assert caught.value.code == "not_a_path"
    assert str(caught.value).isprintable()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("given", [["a"], {"a": 1}, lambda: None])
def test_a_folder_is_one_path(given: Any) -> None:
    with pytest.raises(SchemaError, match="is not a path"):
        load_csv(given)


@pytest.mark.parametrize("given", [{"status": [7]}, {"status": ["a", None]}, {"status": [""]}])
def test_each_of_several_files_is_a_path(tmp_path: Path, given: Any) -> None:
    with pytest.raises(SchemaError, match="is not a path"):
        load_csv(**{**write(tmp_path), **given})


def test_groups_are_read_from_a_path() -> None:
    given: Any = 7
    with pytest.raises(SchemaError, match="by: a int is not a path"):
        read_groups(given)


@pytest.mark.parametrize("name", ["polls\n.csv", os.fsdecode(b"polls-\xff.csv"), "päper.csv"])
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(f"{STATUS}8,on,\n")
    shown = {"polls\n.csv": r"polls\n.csv", "päper.csv": name}.get(name, r"polls-\udcff.csv")
    with pytest.raises(ValueError, match="line 3") as caught:
        load_csv(**{**write(tmp_path), "status": path})
    assert shown in str(caught.value)
    assert str(caught.value).isprintable()
    with pytest.warns(UserWarning, match="left out"):
        inputs = load_csv(**{**write(tmp_path), "status": path}, strict=False)
    assert inputs.rejected["file"].to_list() == [str(tmp_path / shown)]
    assert inputs.status.height == 1


def test_names_of_files_that_are_no_text_are_shown_all_the_same(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"polls-\xff.csv")).touch()
    with pytest.raises(SchemaError, match=r"the folder holds: polls-\\udcff\.csv\.") as caught:
        load_csv(tmp_path)
    str(caught.value).encode()


def test_home_is_not_looked_up() -> None:
    with pytest.raises(SchemaError, match=r"~/polls\.csv: no such file.*expanduser"):
        load_csv(status="~/polls.csv", hours=False, timezones=False)


def test_no_message_is_long_for_a_long_path(tmp_path: Path) -> None:
    path = tmp_path.joinpath(*["x" * 200] * 15)
    with pytest.raises(SchemaError) as caught:
        load_csv(path)
    assert len(str(caught.value)) < 2_000
