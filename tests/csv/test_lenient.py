"""What a lenient load leaves out, hands back, and says."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path

import polars as pl
import pytest

from store_uptime import RejectedRowsWarning, UnknownTimeZoneError
from store_uptime._csv import records
from store_uptime._csv.load import load_csv
from store_uptime.inputs import REJECTED_SCHEMA
from support.csv_files import HOURS, ID, ZONES, Load, maintenance, poll, polls, special, write


def test_a_lenient_load_warns_once_with_counts_at_the_caller(tmp_path: Path) -> None:
    paths = write(tmp_path, status=polls("1", "2", poll(ID)), timezones=f"{ZONES}9,Mars")
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
        ("timezones", 3, "9,Mars"),
    ]
    assert isinstance(warning.message, RejectedRowsWarning)
    assert warning.message.counts == {"status": 2, "timezones": 1}
    assert warning.message.stores == ("9",)
    copy = pickle.loads(pickle.dumps(warning.message))  # noqa: S301  # our own bytes
    assert (str(copy), copy.counts, copy.stores) == (
        str(warning.message),
        {"status": 2, "timezones": 1},
        ("9",),
    )


def test_a_clean_load_rejects_nothing_and_does_not_warn(load: Load) -> None:
    for strict in (True, False):
        rejected = load(strict=strict).rejected
        assert rejected.is_empty()
        assert rejected.schema == REJECTED_SCHEMA


def test_rejected_rows_are_sorted_by_table_and_line(
    lenient: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_BLOCK_BYTES", 1)
    inputs = lenient(status=polls("1", poll(1), "2"), hours=f"{HOURS}3,9,,\n4,9,,")
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


@pytest.mark.parametrize("others", [f"{ID},Etc/UTC", f"{ID},\n{ID},Etc/UTC"])
def test_two_zones_of_one_store_are_refused_with_all_rows_of_it(
    load: Load, lenient: Load, others: str
) -> None:
    text = f"{ZONES}{others}\n7,Etc/UTC\n7,\n7,Etc/UTC\n"
    count = 2 + others.count("\n")
    reason = "one store with two different zones"
    with pytest.raises(UnknownTimeZoneError, match=rf"{reason} \(line 2, line 3.*in {count} rows"):
        load(timezones=text)
    inputs = lenient(timezones=text)
    assert inputs.timezones.rows() == [(7, "Etc/UTC"), (7, None), (7, "Etc/UTC")]
    assert inputs.status.is_empty()
    assert inputs.hours.is_empty()
    assert inputs.rejected.select("line", "store_id", "reason").rows() == [
        (line, str(ID), f"timezone_str: {reason}") for line in range(2, 2 + count)
    ]


def test_a_lenient_load_counts_all_tables_in_one_warning(load: Load) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        inputs = load(
            strict=False,
            timezones=f"{ZONES}1,Mars/Olympus\n",
            special_hours=special("1,never,,", ",2023-12-25,,", "2,never,,"),
            maintenance=maintenance("3,2023-01-22 02:00:00,2023-01-22 03:00:00", "3,,"),
        )
    (warning,) = caught
    assert "timezones 1, special_hours 2, maintenance 1." in str(warning.message)
    assert inputs.rejected.select("table", "line").rows() == [
        ("maintenance", 3),
        ("special_hours", 2),
        ("special_hours", 4),
        ("timezones", 3),
    ]
    assert "3 stores left out whole, of every table: 3, 1, 2." in str(warning.message)
    assert inputs.extra["maintenance"].is_empty()
    assert inputs.extra["special_hours"]["store_id"].to_list() == [None]


def test_an_optional_file_of_bad_rows_only_is_an_empty_table(load: Load) -> None:
    with pytest.warns(UserWarning, match="special_hours 1"):
        inputs = load(strict=False, special_hours=special("1,never,,"))
    assert inputs.extra["special_hours"].is_empty()
    assert inputs.extra["special_hours"].schema["store_id"] == pl.Int64
