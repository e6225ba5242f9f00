"""Which files are read: of which folder, how many, and of which format."""

from __future__ import annotations

from pathlib import Path

import pytest

from store_uptime import load_csv
from store_uptime.cli import main
from support.command_line import ONE_DAY, TUESDAY, WORKDAY_POLLS, failed, refused, write_tables

# 7 has 4 of 8 h down and 8 has 6 of 8.
ROWS = ["7,4.0000,4.0000", "8,2.0000,6.0000"]


def rows(capsys: pytest.CaptureFixture[str], *argv: str) -> list[str]:
    """Return the rows of the report."""
    assert main(["report", "--now", TUESDAY, *ONE_DAY, *argv]) == 0
    return capsys.readouterr().out.splitlines()[1:]


@pytest.fixture
def parquet(two_workdays: Path) -> Path:
    """Return a folder with the same tables as Parquet files."""
    folder = two_workdays.parent / "parquet"
    folder.mkdir()
    status, hours, timezones = load_csv(two_workdays)
    status.write_parquet(folder / "store_status.parquet")
    hours.write_parquet(folder / "menu_hours.parquet")
    timezones.write_parquet(folder / "timezones.parquet")
    return folder


def test_the_current_folder_is_meant_if_none_is_named(
    two_workdays: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(two_workdays)
    assert rows(capsys) == ROWS
    (two_workdays / "store_status.csv").rename(two_workdays / "others.csv")
    message = failed(capsys, ["report"])
    assert message.startswith(f"status: no files for this table in {two_workdays}. ")
    # What is not named is still looked for here.
    assert rows(capsys, "--status", "others.csv") == ROWS


def test_nothing_is_looked_for_if_all_that_is_needed_is_named(
    two_workdays: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(two_workdays)
    closed = "store_id,date,start_time_local,end_time_local\n,2023-01-24,,\n"
    (two_workdays / "special_hours.csv").write_text(closed)
    argv = ["--status", "store_status.csv", "--no-timezones", "--hours", "menu_hours.csv"]
    in_utc = ["--default-timezone", "Etc/UTC"]
    assert rows(capsys, *argv, *in_utc) == ROWS
    # On Monday after 15:00 there are two hours: 7 is down, 8 is up.
    assert rows(capsys, *argv, *in_utc, ".") == ["7,0.0000,2.0000", "8,2.0000,0.0000"]


@pytest.mark.parametrize("pattern", [False, True])
def test_several_files_of_polls(
    pattern: bool,  # noqa: FBT001
    two_workdays: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = two_workdays / "store_status.csv"
    header, *polls = status.read_text().splitlines(keepends=True)
    status.unlink()
    parts = [two_workdays / f"polls-{number}.csv" for number in range(3)]
    for number, part in enumerate(parts):
        part.write_text("".join([header, *polls[number::3]]))
    named = [two_workdays / "polls-*.csv"] if pattern else parts
    options = [word for path in named for word in ("--status", str(path))]
    assert rows(capsys, str(two_workdays), *options) == ROWS
    target = ["-o", str(parts[1])]
    message = refused(capsys, ["report", str(two_workdays), *options, *target])
    assert f"{parts[1]} is one of the tables to read" in message


def test_tables_that_are_not_there(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (two_workdays / "menu_hours.csv").unlink()
    message = failed(capsys, ["report", str(two_workdays)])
    assert "--no-hours" in message
    # Always open. 7: down from Monday 15:00 to Tuesday 11:00. 8: up until Monday 23:00:00.5.
    assert rows(capsys, str(two_workdays), "--no-hours") == ["7,4.0000,20.0000", "8,8.0001,15.9999"]
    # A table that is there does not count either.
    both = ["--no-hours", "--no-timezones"]
    assert rows(capsys, str(two_workdays), *both) == ["7,4.0000,20.0000", "8,8.0001,15.9999"]


def test_a_folder_of_parquet(parquet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rows(capsys, str(parquet)) == ROWS
    assert main(["history", str(parquet), "--every", "3h", "--reports", "2", *ONE_DAY]) == 0
    out, err = capsys.readouterr()
    assert [line.split(",")[0] for line in out.splitlines()[1::2]] == [
        "2023-01-24T09:00:00Z",
        "2023-01-24T12:00:00Z",
    ]
    assert err.startswith(f"4 rows, {WORKDAY_POLLS}, ")


def test_polls_in_a_folder_of_parquet(parquet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    polls = parquet / "polls"
    polls.mkdir()
    (parquet / "store_status.parquet").rename(polls / "1.parquet")
    assert rows(capsys, str(parquet), "--status", str(polls), "--store", "8") == ROWS[1:]


def test_csv_and_parquet_in_one_folder(
    two_workdays: Path, parquet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # A report in Parquet beside the tables is none of them.
    (two_workdays / "report.parquet").write_bytes(b"")
    assert rows(capsys, str(two_workdays)) == ROWS
    for path in parquet.iterdir():
        path.rename(two_workdays / path.name)
    message = refused(capsys, ["report", str(two_workdays)])
    three = "status, hours, timezones"
    told = f"has {three} as CSV and {three} as Parquet; say which to read by --status FILE"
    assert told in message
    for ending in ("csv", "parquet"):
        status = str(two_workdays / f"store_status.{ending}")
        assert rows(capsys, str(two_workdays), "--status", status) == ROWS


def test_no_table_is_overlooked_for_its_format(
    parquet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = "store_id,date,start_time_local,end_time_local\n,2023-01-24,,\n"
    (parquet / "special_hours.csv").write_text(closed)
    message = refused(capsys, ["report", str(parquet)])
    assert "has special_hours as CSV and status, hours, timezones as Parquet" in message


def test_of_parquet_a_missing_table_is_named_as_such(
    parquet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (parquet / "timezones.parquet").unlink()
    message = failed(capsys, ["report", str(parquet)])
    assert message.startswith(f"timezones: no files for this table in {parquet}. ")
    assert "timezones.parquet" in message
    assert "--no-timezones" in message
    # Of a table that there is not, no file is looked for.
    (parquet / "timezones.csv").write_text("store_id,timezone_str\n")
    in_utc = ["--default-timezone", "Etc/UTC"]
    assert rows(capsys, str(parquet), "--no-timezones", *in_utc) == ROWS


def test_a_file_where_a_folder_belongs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_tables(tmp_path / "tables", {"polls.db": ""})
    message = refused(capsys, ["report", str(folder / "polls.db")])
    assert f"such as sqlite:///{folder / 'polls.db'}" in message
