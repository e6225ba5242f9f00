"""Polls in several files are one table, and what is wrong in one of them names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from store_uptime import Inputs, InvalidStatusError, SchemaError
from store_uptime._csv.load import load_csv
from support.csv_files import gzipped, ids, poll, polls, write


@pytest.fixture
def days(tmp_path: Path) -> dict[str, Path]:
    """Three days of polls, each of its own spelling, and the other two tables."""
    place = tmp_path / "polls"
    place.mkdir()
    texts: dict[str, bytes] = {
        "2023-01-22.csv": polls(poll(22)).encode(),
        "2023-01-23.csv": polls(poll(23)).replace(",", ";").encode(),
        "2023-01-24.csv.gz": gzipped(polls(poll(24)).encode()),
    }
    for name, text in texts.items():
        (place / name).write_bytes(text)
    return {name: place / name for name in texts}


def load(tmp_path: Path, status: Any, **options: Any) -> Inputs:
    return load_csv(**{**write(tmp_path), "status": status, **options})


HOW: dict[str, Any] = {
    "a list of paths": list,
    "a tuple of texts": lambda paths: tuple(map(str, paths)),
    "a set": set,
    "a generator": lambda paths: (path for path in reversed(paths)),
    "a pattern": lambda paths: str(paths[0].parent / "2023-*.csv*"),
    "a pattern as a path": lambda paths: paths[0].parent / "2023-01-2[234].csv*",
    "any folders": lambda paths: str(paths[0].parents[1] / "**" / "2023*"),
    "a list with a pattern": lambda paths: [paths[0], paths[0].parent / "*-2[34].*"],
}


@pytest.mark.parametrize("how", HOW)
def test_polls_may_be_given_as(tmp_path: Path, days: dict[str, Path], how: str) -> None:
    assert ids(load(tmp_path, HOW[how](list(days.values()))).status) == [22, 23, 24]


def test_a_list_keeps_its_order_and_a_pattern_sorts(tmp_path: Path, days: dict[str, Path]) -> None:
    paths = [*reversed(days.values())]
    assert ids(load(tmp_path, paths).status) == [24, 23, 22]
    assert ids(load(tmp_path, paths[0].parent / "*").status) == [22, 23, 24]


def test_one_id_that_is_no_integer_makes_those_of_all_files_strings(
    tmp_path: Path, days: dict[str, Path]
) -> None:
    (tmp_path / "more.csv").write_text(polls(poll("007")))
    assert ids(load(tmp_path, [*days.values(), tmp_path / "more.csv"]).status) == [
        "22",
        "23",
        "24",
        "007",
    ]


def test_the_file_of_a_bad_row_is_named(tmp_path: Path, days: dict[str, Path]) -> None:
    bad = days["2023-01-23.csv"]
    bad.write_text(polls(poll(1), "2,on,"))
    with pytest.raises(InvalidStatusError, match=r"2023-01-23\.csv: .*line 3.*strict=False"):
        load(tmp_path, [*days.values()])
    worse = days["2023-01-22.csv"]
    worse.write_text(polls("3,on,"))
    with pytest.raises(InvalidStatusError, match=r"2023-01-22\.csv: .*line 2") as caught:
        load(tmp_path, [*days.values()])
    assert "strict=False" not in str(caught.value)  # it would leave a whole day out
    with pytest.warns(UserWarning, match=r"cannot use: status 2\."):
        inputs = load(tmp_path, [*days.values()], strict=False)
    assert ids(inputs.status) == [1, 24]
    assert inputs.rejected.select("file", "line").rows() == [(str(worse), 2), (str(bad), 3)]


def test_a_pattern_that_no_file_fits_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SchemaError, match=r"folder\*: no file fits this pattern"):
        load(tmp_path, tmp_path / "folder*")


def test_a_file_may_be_called_like_a_pattern(tmp_path: Path) -> None:
    path = tmp_path / "polls [1].csv"
    path.write_text(polls(poll(5)))
    assert ids(load(tmp_path, path).status) == [5]


@pytest.mark.parametrize("given", [[], (), set()])
def test_no_files_are_an_error(tmp_path: Path, given: Any) -> None:
    with pytest.raises(SchemaError, match="an empty list of files"):
        load(tmp_path, given)


def test_only_polls_may_be_several(tmp_path: Path, days: dict[str, Path]) -> None:
    with pytest.raises(SchemaError, match="hours: a list is not a path"):
        load(tmp_path, [*days.values()], hours=[*days.values()])
    with pytest.raises(SchemaError, match=r"\*: no such file"):
        load(tmp_path, [*days.values()], hours=tmp_path / "*")
