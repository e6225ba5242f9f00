"""Tables from a database, whose URI stands where a folder would."""

from __future__ import annotations

from pathlib import Path

import pytest

from store_uptime.cli import main
from support.command_line import MONDAY, ONE_DAY, TUESDAY, failed, pretend_terminal, write_database

COMMANDS = [
    ["report", *ONE_DAY, "--now", TUESDAY],
    ["report", "--detail"],
    ["history", *ONE_DAY, "--every", "12h", "--reports", "3"],
    ["history", "--every", "1h", "--reports", "3", "--now", TUESDAY],
    ["outages"],
    ["outages", "--start", MONDAY],
    ["timeline", "--start", MONDAY, "--now", TUESDAY, "--lookback", "0s"],
    ["timeline", "--local", "--store", "7"],
    ["polls", "--start", MONDAY, "--now", TUESDAY],
]


@pytest.fixture
def uri(two_workdays: Path) -> str:
    """Return the URI of a database with the tables that are in the folder."""
    return write_database(two_workdays / "polls.db")


@pytest.mark.parametrize(
    "command", COMMANDS, ids=lambda command: "_".join(command).replace(":", "")
)
def test_a_database_gives_what_files_give(
    command: list[str], uri: str, two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, str(two_workdays)]) == 0
    from_files, err = capsys.readouterr()
    assert main([*command, uri]) == 0
    from_database, same = capsys.readouterr()
    assert from_database == from_files
    assert same.rpartition(", ")[0] == err.rpartition(", ")[0]


def test_a_table_may_be_a_select(uri: str, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["report", uri, *ONE_DAY, "--now", TUESDAY]
    assert main([*argv, "--status", "SELECT * FROM store_status WHERE store_id = 7"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1:] == ["7,4.0000,4.0000", "8,0.0000,0.0000"]
    assert ", 4 polls from " in err
    assert "'missing'" in failed(capsys, [*argv, "--hours", "missing"])


def test_tables_that_a_database_lacks(uri: str, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["report", uri, *ONE_DAY, "--now", TUESDAY, "--no-hours", "--no-timezones"]
    assert main(argv) == 0
    # All 24 hours count. 7: up at Monday 10:00, down at 16:00 and Tuesday 10:00, up at 12:00: up
    # from 11:00 on. 8: up at Monday 12:00, down at Tuesday 10:00:01: down from 23:00:00.5 on.
    out, _ = capsys.readouterr()
    assert out.splitlines()[1:] == ["7,4.0000,20.0000", "8,8.0001,15.9999"]


@pytest.mark.parametrize(
    "command", [["outages", "--start", MONDAY], ["history", "--every", "1d", "--reports", "2"]]
)
def test_a_database_without_polls_has_no_now(
    command: list[str], uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    none = "SELECT * FROM store_status WHERE store_id = 9"
    message = failed(capsys, [*command, uri, "--status", none])
    assert message == "status: no polls to take now from. Give --now ISO to say when to end."


def test_the_password_of_a_database_is_never_said(capsys: pytest.CaptureFixture[str]) -> None:
    message = failed(capsys, ["report", "postgresql://me:s3cret@127.0.0.1:1/nothing"])
    assert "s3cret" not in message
    assert "connection: " in message


def test_a_person_sees_no_password_either(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    assert main(["report", "postgresql://me:s3cret@127.0.0.1:1/nothing"]) == 1
    out, err = capsys.readouterr()
    assert not out
    assert "s  reading postgresql://***@127.0.0.1:1/nothing\n" in err
    assert "s3cret" not in err
