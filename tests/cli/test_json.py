"""Results as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from store_uptime import compute_report, load_csv
from store_uptime.cli import main
from store_uptime.cli.formats import to_json, to_ndjson
from support.command_line import BIG_ID, MONDAY, NOON, TUESDAY


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a file, read by another reader than the one that wrote it."""
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        found: list[dict[str, Any]] = json.loads(text)
        return found
    return [json.loads(line) for line in text.split("\n")[:-1]]


@pytest.mark.parametrize("name", ["report.json", "report.ndjson", "report.JSON"])
def test_ids_are_exact_and_numbers_unrounded(
    name: str, two_polls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = two_polls / name.lower()
    assert main(["report", str(two_polls), "--now", NOON, "--detail", "-o", str(target)]) == 0
    assert not capsys.readouterr().out
    expected = compute_report(load_csv(two_polls), now=NOON, detail=True)
    found = rows_of(target)
    # A reader that keeps 15 digits of a number would make another store of 8419537941919820732.
    assert [row["store_id"] for row in found] == ["3", str(BIG_ID)]
    assert [list(row) for row in found] == [expected.columns] * 2
    for row, frame_row in zip(found, expected.iter_rows(named=True), strict=True):
        assert {**row, "store_id": int(row["store_id"])} == frame_row
    assert found[0]["availability_last_day"] is None


def test_instants_and_lengths_are_as_in_csv(two_workdays: Path) -> None:
    target = two_workdays / "outages.json"
    argv = ["--now", TUESDAY, "--start", MONDAY, "-o", str(target)]
    assert main(["outages", str(two_workdays), *argv]) == 0
    assert rows_of(target)[1] == {
        "store_id": "8",
        "start": "2023-01-24T09:00:00Z",
        "end": "2023-01-24T15:00:00Z",
        "downtime_seconds": 21600.0,
        "ongoing": True,
        "elapsed_seconds": 21600.0,
        "last_poll_before": "2023-01-23T12:00:00Z",
        "first_poll_after": None,
        "recovered": False,
    }


def test_text_of_any_kind_and_numbers_that_json_lacks() -> None:
    frame = pl.DataFrame(
        {
            "store_id": ['a"\\b', "\u2028\n\x00", None],
            "used": [float("inf"), 1 / 3, None],
            "at": [datetime(2023, 1, 1, 0, 0, 0, 1000, tzinfo=UTC), None, None],
            "took": [timedelta(microseconds=1_500_001), None, None],
        }
    )
    expected = [
        {
            "store_id": 'a"\\b',
            "used": None,
            "at": "2023-01-01T00:00:00.001Z",
            "took_seconds": 1.500001,
        },
        {"store_id": "\u2028\n\x00", "used": 1 / 3, "at": None, "took_seconds": None},
        {"store_id": None, "used": None, "at": None, "took_seconds": None},
    ]
    assert json.loads(to_json(frame)) == expected
    assert [json.loads(line) for line in to_ndjson(frame).split("\n")[:-1]] == expected


def test_no_rows_are_an_empty_array() -> None:
    nothing = pl.DataFrame(schema={"store_id": pl.Int64})
    assert json.loads(to_json(nothing)) == []
    assert not to_ndjson(nothing)
