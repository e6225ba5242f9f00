"""Standard output and standard error that are closed, full, or that nobody reads."""
# ruff: noqa: S602, the only program started here is this Python

from __future__ import annotations

import errno
import io
import os
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from store_uptime.cli import main
from store_uptime.cli.console import Console, hold_handles, without_passwords
from support.command_line import NOON, TWO_POLLS, failed, write_tables

NO_SPACE = "standard output: No space left on device"
CLOSED = "standard output: is closed"
PROGRAM = f"{shlex.quote(sys.executable)} -m store_uptime"
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with three tables."""
    return write_tables(tmp_path_factory.mktemp("streams") / "tables", TWO_POLLS)


def in_a_shell(command: str, folder: Path, unbuffered: str) -> tuple[int, str, str]:
    """Return exit code, standard output and standard error of a command line."""
    done = subprocess.run(
        f"{PROGRAM} {command}",
        shell=True,
        cwd=folder,
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@needs_full
@pytest.mark.parametrize(
    ("command", "unbuffered", "code", "told"),
    [
        ("report >/dev/full", "", 1, NO_SPACE),
        ("report >/dev/full", "1", 1, NO_SPACE),
        ("report >&-", "", 1, CLOSED),
        ("report --help >/dev/full", "", 1, NO_SPACE),
        ("--version >/dev/full", "1", 1, NO_SPACE),
        ("report >/dev/full 2>&1", "", 1, ""),
        ("report nowhere 2>/dev/full", "", 1, ""),
        ("nonsense 2>/dev/full", "", 2, ""),
        ("nonsense >&- 2>&-", "", 2, ""),
    ],
)
def test_output_that_is_lost_is_a_failure(
    command: str, unbuffered: str, code: int, told: str, folder: Path
) -> None:
    found, out, err = in_a_shell(command, folder, unbuffered)
    assert (found, out) == (code, "")
    assert err == (told and f"store-uptime: error: {told}\n")


@needs_full
@pytest.mark.parametrize(
    ("redirection", "code"),
    # Who closes standard error wants to hear nothing; on a full disk, what was said is lost.
    [("2>&-", 0), ("2>/dev/full", 1)],
)
def test_the_result_stands_though_nothing_can_be_said(
    redirection: str, code: int, folder: Path
) -> None:
    expected = in_a_shell("report --quiet", folder, "")
    assert in_a_shell(f"report {redirection}", folder, "") == (code, expected[1], "")


def test_a_closed_handle_is_not_taken_by_a_file(folder: Path) -> None:
    target = folder / "report.csv"
    assert in_a_shell("report -o report.csv <&- >&- 2>&-", folder, "") == (0, "", "")
    assert target.read_text() == in_a_shell("report", folder, "")[1]


def test_closed_handles_lead_to_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(handle: int) -> None:
        if handle == 1:
            raise OSError(errno.EBADF, "Bad file descriptor")

    opened: list[Any] = []
    names = {"devnull": os.devnull, "O_RDWR": os.O_RDWR, "fstat": closed}
    system = SimpleNamespace(open=lambda *given: opened.append(given), **names)
    monkeypatch.setattr("store_uptime.cli.console.os", system)
    hold_handles()
    assert opened == [(os.devnull, os.O_RDWR)]


@pytest.mark.parametrize("argv", [["report", "{}"], ["--version"], []])
def test_closed_standard_output_in_this_process(
    argv: list[str],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert main([word.format(folder) for word in argv]) == 1
    assert capsys.readouterr().err == f"store-uptime: error: {CLOSED}\n"


class Slow(io.RawIOBase):
    """Takes three bytes at a time, and none when it is full."""

    def __init__(self, room: int) -> None:
        self.taken = b""
        self.room = room

    def write(self, content: Any) -> int | None:
        part = bytes(content[:3])
        if len(self.taken) + len(part) > self.room:
            return None
        self.taken += part
        return len(part)


class Unbuffered:
    """A text stream without a buffer of its own, as with PYTHONUNBUFFERED."""

    encoding = "utf-8"

    def __init__(self, room: int) -> None:
        self.buffer = Slow(room)

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        raise io.UnsupportedOperation

    def flush(self) -> None:
        """Have nothing left."""


def test_a_stream_that_takes_parts_gets_all(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["report", str(folder), "--now", NOON]
    assert main(argv) == 0
    expected = capsys.readouterr().out
    stream = Unbuffered(len(expected))
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(argv) == 0
    assert stream.buffer.taken == expected.encode()


def test_a_stream_that_takes_no_more_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", Unbuffered(room=5))
    message = failed(capsys, ["report", str(folder)])
    assert message == "standard output: takes nothing at the moment"


def test_what_a_terminal_cannot_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tables = TWO_POLLS | {"timezones.csv": "store_id,timezone_str\ncaf\u00e9,Etc/UTC\n"}
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["report", str(write_tables(tmp_path / "tables", tables))]) == 0
    stream.seek(0)
    assert "\ncaf? " in stream.read()


class Broken(io.StringIO):
    """A terminal that went away."""

    def isatty(self) -> bool:
        return True

    def write(self, _: str) -> int:
        raise OSError(errno.EIO, "Input/output error")


def test_what_cannot_be_said_is_not_said_again() -> None:
    console = Console(Broken())
    console.begin("reading")
    assert console.lost
    console.draw(1, 2)
    console.note("all is well")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:s3cret@host/db", "postgresql://***@host/db"),
        ("postgresql://me:s3:c@ret@host/db", "postgresql://***@host/db"),
        (
            "see postgresql://host/db?user=me&password=s3cret&x=1",
            "see postgresql://host/db?user=me&password=***&x=1",
        ),
        ("sqlite:///polls.db", "sqlite:///polls.db"),
    ],
)
def test_passwords_are_never_shown(text: str, shown: str) -> None:
    assert without_passwords(text) == shown
