"""What is said beside the result: how much is known, and nothing where nothing is wanted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from store_uptime.cli import main
from support.command_line import (
    MONDAY,
    ONE_DAY,
    TUESDAY,
    WORKDAY_POLLS,
    in_a_process,
    pretend_terminal,
)

COMMANDS = [
    ["report", *ONE_DAY],
    ["history", *ONE_DAY, "--every", "1h", "--reports", "2"],
    ["outages", "--start", MONDAY],
    ["timeline", "--start", MONDAY],
]
LATER = "2033-01-01T00:00:00Z"
NAMES = [command[0] for command in COMMANDS]


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
@pytest.mark.parametrize("to_a_terminal", [False, True])
def test_the_last_line_says_what_is_known(
    command: list[str],
    to_a_terminal: bool,  # noqa: FBT001
    two_workdays: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if to_a_terminal:
        pretend_terminal(monkeypatch)
    argv = [*command, str(two_workdays), "--now", TUESDAY, "--batch-stores", "1"]
    assert main(argv) == 0
    last = capsys.readouterr().err.splitlines()[-1]
    known = "100 % known, now = 2023-01-24T15:00:00Z"
    assert re.fullmatch(rf"\d \w+, {WORKDAY_POLLS}, {known}, \d+\.\d s", last)


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_quiet_says_nothing_if_all_is_well(
    command: list[str],
    two_workdays: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pretend_terminal(monkeypatch)
    target = two_workdays / "result.csv"
    argv = [str(two_workdays), "--now", TUESDAY, "--quiet", "--lenient", "-o", str(target)]
    assert main([*command, *argv, "--batch-stores", "1"]) == 0
    assert capsys.readouterr() == ("", "")
    assert target.exists()


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
@pytest.mark.parametrize("quiet", [[], ["--quiet"]], ids=["loud", "quiet"])
def test_little_known_is_told_in_the_words_that_are_typed(
    command: list[str], quiet: list[str], two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, str(two_workdays), "--now", LATER, *quiet]) == 0
    warning, *last = capsys.readouterr().err.splitlines()
    assert warning.startswith("store-uptime: warning: Only ")
    assert "the polls run from 2023-01-23T10:00Z to 2023-01-24T12:00Z" in warning
    assert warning.endswith("now is 2033-01-01T00:00Z. Look at --now, --max-gap and --lookback.")
    assert len(last) == (0 if quiet else 1)


def test_a_poll_of_the_far_future_does_not_go_unsaid(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (two_workdays / "store_status.csv").open("a") as file:
        file.write("7,2033-01-01 00:00:00 UTC,active\n")
    assert main(["report", str(two_workdays), "--quiet"]) == 0
    assert "to 2033-01-01T00:00Z, and now is 2033-01-01T00:00Z" in capsys.readouterr().err


def test_tables_that_do_not_meet_are_told(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("menu_hours.csv", "timezones.csv"):
        path = two_workdays / name
        path.write_text(path.read_text().replace("\n7,", "\n17,").replace("\n8,", "\n18,"))
    assert main(["report", str(two_workdays), "--quiet"]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert "No polled store is in hours" in line
    assert "No polled store is in timezones" in line


def test_a_warning_is_one_line_in_a_process_of_its_own(two_workdays: Path) -> None:
    # There a warning that is not caught would be an error.
    done = in_a_process("report", str(two_workdays), "--now", LATER, "--quiet")
    assert done.returncode == 0
    assert done.stderr.startswith("store-uptime: warning: Only 0.0 % of the open time of ")
    assert done.stderr.count("\n") == 1


def test_nothing_scheduled_is_no_share(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["report", str(two_workdays), "--now", TUESDAY, "--window", "night=1s"]
    hours = two_workdays / "menu_hours.csv"
    hours.write_text("store_id,day,start_time_local,end_time_local\n7,6,1:00,2:00\n8,6,1:00,2:00\n")
    assert main(argv) == 0
    assert f"{WORKDAY_POLLS}, nothing scheduled, now = " in capsys.readouterr().err


def test_rows_that_are_left_out_are_told_even_so(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (two_workdays / "store_status.csv").open("a") as file:
        file.write("7,2023-01-24 13:00:00 UTC,broken\n")
    assert main(["report", str(two_workdays), *ONE_DAY, "--quiet", "--lenient"]) == 0
    assert capsys.readouterr().err == "left out 1 unusable row: status 1\n"


def test_many_batches_of_each_command_draw_a_progress_bar(
    two_workdays: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    for command in COMMANDS:
        assert main([*command, str(two_workdays), "--batch-stores", "1"]) == 0
        drawn = capsys.readouterr().err.split("\r")[1:]
        assert re.search(r"\[#{15}\.{15}\] 1 of 2 stores$", drawn[0])
        assert re.search(r"\[#{30}\] 2 of 2 stores\n", drawn[1])
