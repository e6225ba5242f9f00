"""The folder of settled timelines: names, spans, gaps, overlaps."""

from __future__ import annotations

import datetime as dt
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import SchemaError
from store_uptime.cli.archive import SettledSpan, read_archive
from support.strategies import examples

FIRST = "timeline_2023-01-23T000000Z_2023-01-23T150000Z.parquet"
SECOND = "timeline_2023-01-23T150000Z_2023-01-24T150000_000001Z.parquet"
THIRD = "timeline_2023-01-24T150000_000001Z_2023-01-25T000000Z.parquet"


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def folder_with(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).touch()
    return folder


def fault_of(folder: Path, *names: str) -> str:
    with pytest.raises(SchemaError) as caught:
        read_archive(folder_with(folder, *names))
    assert caught.value.table == "timeline"
    return f"{caught.value.code}: {caught.value.problem}".replace(str(folder), "FOLDER")


def test_each_file_is_named_by_its_span(tmp_path: Path) -> None:
    archive = read_archive(folder_with(tmp_path, THIRD, FIRST, SECOND))
    middle, late = utc("2023-01-23T15:00:00"), utc("2023-01-24T15:00:00.000001")
    assert archive.spans == [
        (utc("2023-01-23T00:00:00"), middle),
        (middle, late),
        (late, utc("2023-01-25T00:00:00")),
    ]
    assert archive.covers == (utc("2023-01-23T00:00:00"), utc("2023-01-25T00:00:00"))
    assert archive.files == [tmp_path / name for name in (FIRST, SECOND, THIRD)]


# Many within one second, where the fraction decides.
LEAP_DAY = dt.datetime(2024, 2, 29, 23, 59, 58, tzinfo=dt.UTC)
INSTANTS = st.datetimes(timezones=st.just(dt.UTC)) | st.integers(0, 3_000_000).map(
    lambda number: LEAP_DAY + dt.timedelta(microseconds=number)
)


@given(st.lists(INSTANTS, min_size=2, max_size=6, unique=True))
@examples(50)
def test_names_lead_back_to_their_spans_and_sort_as_they_do(instants: list[dt.datetime]) -> None:
    edges = sorted(instants)
    spans = [SettledSpan(*pair) for pair in pairwise(edges)]
    names = [span.name for span in spans]
    assert sorted(names) == names
    with tempfile.TemporaryDirectory() as folder:
        archive = read_archive(folder_with(Path(folder), *names))
    assert archive.spans == spans
    assert archive.covers == (edges[0], edges[-1])


def test_what_is_no_part_of_it(tmp_path: Path) -> None:
    others = ("notes.txt", "timezones.csv", f".{SECOND}.0123456789abcdef.tmp", f".{SECOND}")
    (tmp_path / "older").mkdir()
    assert read_archive(folder_with(tmp_path, FIRST, *others)).files == [tmp_path / FIRST]
    assert read_archive(tmp_path / "older").spans == []


@pytest.mark.parametrize(
    "name",
    [
        "store_status.parquet",
        "timeline_2023-01-24.PARQUET",
        "timeline_2023-01-23T150000Z.parquet",
        "timeline_2023-01-23T15:00:00Z_2023-01-24T15:00:00Z.parquet",
        "timeline_2023-13-23T150000Z_2023-13-24T150000Z.parquet",
        "timeline_2023-01-23T150000Z_2023-01-23T150000Z.parquet",
        "timeline_2023-01-24T150000Z_2023-01-23T150000Z.parquet",
        # An instant is written in one way only.
        "timeline_2023-01-23T150000_000000Z_2023-01-24T150000Z.parquet",
        "timeline_2023-01-23T150000Z_2023-01-24T240000Z.parquet",
        "copy of timeline_2023-01-23T150000Z_2023-01-24T150000Z.parquet",
    ],
)
def test_a_file_of_another_name_is_refused_by_name(name: str, tmp_path: Path) -> None:
    told = f"foreign_file: FOLDER: not named as a settled timeline: {name}"
    assert fault_of(tmp_path, FIRST, name) == told


def test_a_folder_with_the_name_of_a_file(tmp_path: Path) -> None:
    (tmp_path / SECOND).mkdir()
    assert fault_of(tmp_path, FIRST).endswith(SECOND)


def test_a_gap_and_an_overlap_name_both_files(tmp_path: Path) -> None:
    (tmp_path / "gap").mkdir()
    told = f"gap_between_files: FOLDER: nothing covers the time between {FIRST} and {THIRD}"
    assert fault_of(tmp_path / "gap", FIRST, THIRD) == told
    late = "timeline_2023-01-23T145959_999999Z_2023-01-24T150000Z.parquet"
    assert (
        fault_of(tmp_path, FIRST, late) == f"overlapping_files: FOLDER: {FIRST} and {late} overlap"
    )


def test_one_file_inside_another_overlaps_it(tmp_path: Path) -> None:
    inner = "timeline_2023-01-23T000000Z_2023-01-23T120000Z.parquet"
    assert fault_of(tmp_path, FIRST, inner).endswith(f"{inner} and {FIRST} overlap")


def test_what_is_no_folder(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "nowhere") == "unreadable_folder: FOLDER: no such folder"
    (tmp_path / "file").touch()
    assert fault_of(tmp_path / "file") == "unreadable_folder: FOLDER: no such folder"
