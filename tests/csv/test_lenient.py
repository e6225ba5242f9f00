"""What a lenient load leaves out, hands back, and says."""

from __future__ import annotations

import warnings
from pathlib import Path

import polars as pl
import pytest

from store_uptime import UnknownTimeZoneError, compute_report
from store_uptime._csv import records
from store_uptime._csv.load import load_csv
from store_uptime.inputs import REJECTED_SCHEMA
from support.csv_files import HOURS, ID, ZONES, Load, maintenance, poll, polls, special, write


def test_a_lenient_load_warns_once_with_counts_at_the_caller(tmp_path: Path) -> None:
    paths = write(tmp_path, status=polls("1", "2", poll(ID)), timezones=f"{ZONES}9")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        inputs = load_csv(strict=False, **paths)
    (warning,) = caught
    assert issubclass(warning.category, UserWarning)
    assert "status 2, timezones 1." in str(warning.message)
    assert warning.filename == __file__
    assert inputs.rejected.select("table", "line", "text").rows() == [
        ("status", 2, "1"),
        ("status", 3, "2"),
        ("timezones", 3, "9"),
    ]


def test_a_clean_load_rejects_nothing_and_does_not_warn(load: Load) -> None:
    for strict in (True, False):
        rejected = load(strict=strict).rejected
        assert rejected.is_empty()
        assert rejected.schema == REJECTED_SCHEMA


def test_rejected_rows_are_sorted_by_table_and_line(
    lenient: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_BLOCK_BYTES", 1)
    inputs = lenient(status=polls("1", poll(1), "2"), hours=f"{HOURS}3\n4")
    assert inputs.rejected.select("table", "line").rows() == [
        ("hours", 3),
        ("hours", 4),
        ("status", 2),
        ("status", 4),
    ]


def test_a_file_of_bad_rows_only_is_an_empty_table(lenient: Load) -> None:
    inputs = lenient(status=polls("1", "2"))
    assert inputs.status.is_empty()
    assert inputs.rejected.height == 2


def test_two_zones_of_one_store_are_left_to_the_report(load: Load) -> None:
    inputs = load(timezones=f"{ZONES}{ID},Etc/UTC\n", strict=False)
    assert inputs.timezones.height == 2
    with pytest.raises(UnknownTimeZoneError, match="two different zones"):
        compute_report(*inputs)


def test_a_lenient_load_counts_all_tables_in_one_warning(load: Load) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        inputs = load(
            strict=False,
            timezones=f"{ZONES}1,Mars/Olympus\n",
            special_hours=special("1,never,,", ",2023-12-25,,", "2,never,,"),
            maintenance=maintenance("1,2023-01-22 02:00:00,2023-01-22 03:00:00", "1,,"),
        )
    (warning,) = caught
    assert "timezones 1, special_hours 2, maintenance 1." in str(warning.message)
    assert inputs.rejected.select("table", "line").rows() == [
        ("maintenance", 3),
        ("special_hours", 2),
        ("special_hours", 4),
        ("timezones", 3),
    ]


def test_an_optional_file_of_bad_rows_only_is_an_empty_table(load: Load) -> None:
    with pytest.warns(UserWarning, match="special_hours 1"):
        inputs = load(strict=False, special_hours=special("1,never,,"))
    assert inputs.extra["special_hours"].is_empty()
    assert inputs.extra["special_hours"].schema["store_id"] == pl.Int64
