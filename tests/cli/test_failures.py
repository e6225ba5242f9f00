"""How a command fails: one line, and an exit code."""
# ruff: noqa: S603, the only program started here is this Python

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from store_uptime.cli import main
from support.command_line import TUESDAY, failed, in_a_process, only_error, refused


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["{}/nowhere"], "nowhere"),
        (["{}", "--status", "{}/empty.csv"], "Give --now ISO to say when to end."),
    ],
)
def test_a_users_mistake_is_one_line(
    argv: list[str], told: str, two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (two_workdays / "empty.csv").write_text("store_id,status,timestamp_utc\n")
    assert told in failed(capsys, ["report", *(word.format(two_workdays) for word in argv)])


@pytest.mark.parametrize("command", ["outages", "timeline", "polls"])
def test_a_start_that_is_not_before_now(
    command: str, two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = [command, str(two_workdays), "--now", TUESDAY, "--start", TUESDAY]
    message = refused(capsys, argv)
    assert message.startswith("argument --start: is not before now ('2023-01-24T15:00:00+00:00')")


@pytest.mark.parametrize("command", ["outages", "timeline", "polls", "history", "report"])
def test_without_polls_there_is_no_now(
    command: str, two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (two_workdays / "store_status.csv").write_text("store_id,timestamp_utc,status\n")
    own = ["--every", "1d", "--reports", "2"] if command == "history" else []
    message = failed(capsys, [command, str(two_workdays), *own])
    assert message == "status: no polls to take now from. Give --now ISO to say when to end."


def test_a_period_long_past_is_one_clear_error(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["report", str(two_workdays), "--window", "w=year-999999999"]
    assert refused(capsys, argv).startswith("argument --window: reaches back too far. Windows ")


@pytest.mark.parametrize("option", ["-o", "--rejected"])
def test_targets_are_checked_before_any_work(
    option: str,
    two_workdays: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_work(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError

    monkeypatch.setattr("store_uptime.cli.sources.load_csv", no_work)
    missing = two_workdays / "nowhere"
    argv = ["report", str(two_workdays), "--lenient", option, str(missing / "r.csv")]
    assert failed(capsys, argv) == f"{missing}: no such folder"


def test_a_report_never_replaces_a_table_it_is_made_from(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = two_workdays / "store_status.csv"
    before = status.read_bytes()
    message = refused(
        capsys, ["report", str(two_workdays), "-o", str(two_workdays / "." / status.name)]
    )
    assert "is one of the tables to read" in message
    assert status.read_bytes() == before


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (OSError("disk\non fire"), 1, "disk on fire"),
        (PermissionError(13, "Permission denied", "a.csv"), 1, "a.csv: Permission denied"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_other_failures_are_one_line(
    error: BaseException,
    code: int,
    told: str,
    two_workdays: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise error

    monkeypatch.setattr("store_uptime.cli.sources.load_csv", fail)
    assert main(["report", str(two_workdays)]) == code
    assert only_error(capsys) == told


def test_a_programming_error_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr("store_uptime.cli.demo.compute_report", fail)
    with pytest.raises(ZeroDivisionError):
        main(["demo"])


def test_a_reader_that_went_away_is_no_error(
    two_workdays: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert main(["report", str(two_workdays)]) == 141
    assert not capsys.readouterr().err


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_broken_pipe_in_a_process_of_its_own(two_workdays: Path, unbuffered: str) -> None:
    with (two_workdays / "timezones.csv").open("a") as file:
        file.writelines(f"{store},Etc/UTC\n" for store in range(100, 10_000))
    argv = [sys.executable, "-m", "store_uptime", "report", str(two_workdays)]
    with subprocess.Popen(
        argv,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_error_in_a_process_of_its_own(tmp_path: Path) -> None:
    done = in_a_process("report", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("store-uptime: error: status: no files for this table")
    assert done.stderr.count("\n") == 1
