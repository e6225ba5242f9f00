"""Hours that change, planned downtime, and stores that open and close, on the command line."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from store_uptime.cli import main
from support.changing_hours import NOW, REPORT, texts
from support.command_line import failed, pretend_terminal, refused, write_tables
from support.databases import Database

ARGV = ["--now", NOW, "--window", "3_days=3d", "--detail", "--default-timezone", "Etc/UTC"]
EXPECTED = [row[:4] for row in REPORT]
READ = "2 rows of maintenance, 3 rows of maintenance_hours, "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with all tables but the special hours."""
    return write_tables(
        tmp_path / "tables", {f"{name}.csv": text for name, text in texts().items()}
    )


def rows(file: Path) -> list[tuple[object, ...]]:
    columns = ("store_id", *(f"{word}_3_days" for word in ("uptime", "downtime", "unknown")))
    return pl.read_csv(file).select(columns).rows()


def test_the_tables_are_found_and_counted(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "report.csv"
    assert main(["report", str(folder), *ARGV, "-o", str(out)]) == 0
    assert rows(out) == EXPECTED
    assert READ in capsys.readouterr().err


def test_the_file_may_be_named(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.csv"
    elsewhere = (folder / "maintenance_hours.csv").rename(tmp_path / "weekly works.txt")
    argv = ["report", str(folder), *ARGV, "--maintenance-hours", str(elsewhere), "-o", str(out)]
    assert main(argv) == 0
    assert rows(out) == EXPECTED


@pytest.mark.parametrize("command", ["outages", "timeline", "history"])
def test_every_command_reads_it(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["--every", "1d", "--reports", "2"] if command == "history" else []
    printed = []
    for name in ("maintenance_hours.csv", "notes.csv"):
        (folder / "maintenance_hours.csv").rename(folder / name)
        assert main([command, str(folder), "--now", NOW, *argv]) == 0
        out, err = capsys.readouterr()
        printed.append(out)
        assert ("3 rows of maintenance_hours" in err) == (name != "notes.csv")
    # The one outage is of the 12th, where the maintenance of the store no longer holds.
    assert (printed[0] == printed[1]) == (command == "outages")


def test_a_person_sees_what_is_read(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    assert main(["report", str(folder), *ARGV]) == 0
    assert f"from 3 polls, {READ.removesuffix(', ')}" in capsys.readouterr().err


@pytest.mark.parametrize("named", [True, False])
def test_in_a_database_it_is_named_or_not_read(
    named: bool,  # noqa: FBT001  # a case
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    database = Database("duckdb", f"duckdb:///{tmp_path}/stores.db")
    for name in texts():
        database.run(f"CREATE TABLE {name} AS FROM read_csv('{folder}/{name}.csv', header=true)")
    out = tmp_path / "report.csv"
    needed = ["--status", "status", "--hours", "hours", "--timezones", "timezones"]
    extra = ["--maintenance", "maintenance", "--maintenance-hours", "maintenance_hours"]
    argv = [database.url, *needed, *extra * named, *ARGV, "-o", str(out)]
    assert main(["report", *argv]) == 0
    assert (rows(out) == EXPECTED) == named
    assert (READ in capsys.readouterr().err) == named


def test_a_bad_row_is_told_or_left_out(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = folder / "maintenance_hours.csv"
    path.write_text(f"{path.read_text()}7,1,12:00,13:00,2024-06-13,2024-06-12\n")
    message = failed(capsys, ["report", str(folder)])
    assert "maintenance_hours.csv: valid_until: before valid_from (line 5) in 1 row" in message
    assert "swap them, or mend one" in message
    out = tmp_path / "report.csv"
    assert main(["report", str(folder), *ARGV, "--lenient", "-o", str(out)]) == 0
    assert rows(out) == EXPECTED[1:]
    told = capsys.readouterr().err
    assert "left out 1 unusable row: maintenance_hours 1\n" in told
    assert "1 store left out whole, of every table: 7." in told
    path.write_text(f"{path.read_text()},1,12:00,13:00,never,\n")
    message = failed(capsys, ["report", str(folder), "--lenient"])
    assert "valid_from: unreadable date (line 6) in 1 row" in message
    assert "do not say of which store they are" in message


def test_a_report_never_replaces_the_table(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "maintenance_hours.csv"
    message = refused(capsys, ["report", str(folder), "-o", str(path)])
    assert "is one of the tables to read" in message


def test_two_files_name_the_option_that_decides(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "maintenance-hours-2023.csv").touch()
    message = failed(capsys, ["report", str(folder)])
    assert "maintenance_hours: 2 files for this table" in message
    assert "Name the file: --maintenance-hours FILE." in message
