"""Special hours, maintenance and windows of the calendar."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from store_uptime.cli import main
from support.command_line import failed, in_a_process, pretend_terminal, refused, write_tables

# Store 7 is in New York, five hours behind UTC, store 8 in Tokyo, nine ahead of it; both are open
# daily from 09:00 to 17:00. Two polls of store 8 fall into closed time: at 10:00 on the 26th, when
# it opens only at 22:00, and into the maintenance.
TABLES = {
    "store_status.csv": """\
store_id,timestamp_utc,status
7,2023-12-24 15:00:00 UTC,active
7,2023-12-26 20:00:00 UTC,inactive
8,2023-12-26 01:00:00 UTC,inactive
8,2023-12-26 14:00:00 UTC,active
8,2023-12-26 15:10:00 UTC,inactive
""",
    "menu_hours.csv": "store_id,day,start_time_local,end_time_local\n"
    + "".join(f"{store},{day},09:00,17:00\n" for store in (7, 8) for day in range(7)),
    "timezones.csv": "store_id,timezone_str\n7,America/New_York\n8,Asia/Tokyo\n",
    "special_hours.csv": """\
store_id,date,start_time_local,end_time_local
,2023-12-25,,
7,2023-12-24,09:00,13:00
8,2023-12-26,22:00,02:00
""",
    "maintenance.csv": """\
store_id,start_utc,end_utc
,2023-12-26 15:00:00 UTC,2023-12-26 15:30:00 UTC
7,2023-12-26 21:30:00 UTC,2023-12-26 23:00:00 UTC
""",
}
NOW = "2023-12-27T05:00:00Z"
# A poll speaks for as long as need be: the numbers are about hours.
NO_GAP = ("--max-gap", "none")
HEADER = "store_id,uptime_3_days,downtime_3_days\n"
# Store 7, on its clock. 24th: 09:00-13:00. 25th: closed. 26th: 8 hours less 10:00-10:30 and
# 16:30-17:00. Its polls meet halfway between 24th 10:00 and 26th 15:00, at 12:30 on the 25th.
# Store 8, on its clock, 24th 14:00 to 27th 14:00. 24th: until 17:00, 3 hours. 25th: closed.
# 26th: 22:00-02:00 less 00:00-00:30, 3.5 hours. 27th: 09:00-14:00, 5 hours. One poll, up.
REPORT = f"{HEADER}7,4.0000,7.0000\n8,11.5000,0.0000\n"
POLLS = "2 stores, 5 polls from 2023-12-24T15:00Z to 2023-12-26T20:00Z, "
READ = f"{POLLS}3 rows of special_hours, 2 rows of maintenance, 100 % known, now = "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with all five tables."""
    return write_tables(tmp_path / "tables", TABLES)


def test_the_report_follows_both_tables(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(folder), "--now", NOW, "--window", "3_days=3d", *NO_GAP]) == 0
    out, err = capsys.readouterr()
    assert out == REPORT
    assert err.startswith(READ)


def test_in_a_process_of_its_own(folder: Path) -> None:
    done = in_a_process("report", str(folder), "--now", NOW, "--window", "3_days=3d", *NO_GAP)
    assert done.stdout == REPORT
    assert done.stderr.startswith(READ)


def test_without_them_weekly_hours_stand(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "special_hours.csv").unlink()
    (folder / "maintenance.csv").rename(folder / "works.csv")
    assert main(["report", str(folder), "--now", NOW, "--window", "3_days=3d", *NO_GAP]) == 0
    out, err = capsys.readouterr()
    # 7: up until 12:30 on the 25th, 8 + 3.5 hours; 4.5 + 8 down. 8: 3 + 8 + 8 + 5 hours, and the
    # only poll in them, at 10:00 on the 26th, was down.
    assert out == f"{HEADER}7,11.5000,12.5000\n8,0.0000,24.0000\n"
    assert err.startswith(f"{POLLS}100 % known, now = ")


def test_the_files_may_be_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = (folder / "special_hours.csv").rename(folder.parent / "holidays.txt")
    works = (folder / "maintenance.csv").rename(folder.parent / "works.txt")
    argv = ["--special-hours", str(days), "--maintenance", str(works)]
    assert main(["report", str(folder), *argv, "--now", NOW, "--window", "3_days=3d", *NO_GAP]) == 0
    assert capsys.readouterr().out == REPORT


def test_a_person_sees_what_is_read(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "special_hours.csv").unlink()
    pretend_terminal(monkeypatch)
    assert main(["report", str(folder), "--now", NOW]) == 0
    stages = [line[10:] for line in capsys.readouterr().err.splitlines()]
    assert stages[1] == "computing from 5 polls, 2 rows of maintenance"


def test_a_bad_row_is_told_in_terms_of_the_options(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "special_hours.csv"
    path.write_text(f"{path.read_text()}7,26.12.2023,,\n")
    message = failed(capsys, ["report", str(folder)])
    reason = "date: null or unreadable date (line 5) in 1 row (first: '26.12.2023')"
    assert f"special_hours.csv: {reason}" in message
    assert "--lenient" not in message


def test_lenient_counts_and_writes_what_it_leaves_out_of_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, row in {
        "special_hours.csv": "7,2023-12-26,09:00,",
        "maintenance.csv": "7,2023-12-26 11:00:00,2023-12-26 10:00:00",
    }.items():
        (folder / name).write_text(f"{TABLES[name]}{row}\n")
    rejected = folder / "rejected.csv"
    argv = ["report", str(folder), "--now", NOW, "--window", "3_days=3d", *NO_GAP, "--lenient"]
    assert main([*argv, "--rejected", str(rejected)]) == 0
    out, err = capsys.readouterr()
    assert [line.split(",")[0] for line in out.splitlines()] == ["store_id", "8"]
    told = "left out 2 unusable rows: maintenance 1, special_hours 1\n"
    assert err.startswith(f"{told}1 store left out whole, of every table: 7.\n1 store")
    assert pl.read_csv(rejected).select("table", "line", "reason").rows() == [
        ("maintenance", 4, "end_utc: end not after its start"),
        ("special_hours", 5, "end_time_local: null time beside one in start_time_local"),
    ]


def test_two_files_for_a_table_name_the_option_that_decides(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "special_hours_2022.csv").touch()
    message = failed(capsys, ["report", str(folder)])
    assert "2 files for this table" in message
    assert "Name the file: --special-hours FILE." in message


@pytest.mark.parametrize("name", ["special_hours.csv", "maintenance.csv"])
def test_a_report_never_replaces_an_optional_table_it_is_made_from(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, ["report", str(folder), "-o", str(folder / name)])
    assert "is one of the tables to read" in message
    assert (folder / name).read_text() == TABLES[name]


def test_each_store_has_its_own_calendar(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # It is midnight in New York and 14:00 in Tokyo, on Wednesday the 27th.
    windows = ["--window", "yesterday=day-1:minutes", "--window", "this_week=week-0"]
    assert main(["report", str(folder), "--now", NOW, *windows]) == 0
    out, _ = capsys.readouterr()
    # 7: the 26th has 7 hours, all down, and the week since Monday no more than that.
    # 8: of the 26th, 22:00 to midnight; of the week also 00:30-02:00 and 09:00-14:00 of the 27th.
    assert out == (
        "store_id,uptime_yesterday,downtime_yesterday,uptime_this_week,downtime_this_week\n"
        "7,0.0000,420.0000,0.0000,7.0000\n"
        "8,120.0000,0.0000,8.5000,0.0000\n"
    )


def test_a_table_for_a_person_names_the_units_of_periods(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    argv = ["report", str(folder), "--now", NOW, "--window", "yesterday=day-1:minutes"]
    assert main(argv) == 0
    assert re.search(r"yesterday, minutes\n.*\n7 +0\.00 +420\.00\n", capsys.readouterr().out)
