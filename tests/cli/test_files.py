"""Files that are there whole or not at all."""
# ruff: noqa: S603, the only program started here is this Python

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import pytest

from store_uptime._files.whole import check_target, write_whole
from store_uptime.cli import main
from store_uptime.cli.formats import ENDINGS
from support.command_line import HANG, failed


def test_bad_targets(two_polls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = two_polls / "timezones.csv"
    with pytest.raises(NotADirectoryError):
        check_target(table / "report.csv")
    with pytest.raises(IsADirectoryError):
        check_target(two_polls)
    check_target(table)
    # The tests may run as root, whom no permission stops.
    monkeypatch.setattr(os, "access", lambda place, _: place != table)
    check_target(two_polls / "report.csv")
    with pytest.raises(PermissionError, match="no permission to write"):
        check_target(table)


@pytest.mark.parametrize("name", ["report.csv", "report.json", "report.parquet"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_file(
    name: str, error: BaseException, two_polls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> NoReturn:
        raise error

    target = two_polls / name
    target.write_text("old")
    before = sorted(two_polls.iterdir())
    monkeypatch.setattr(os, "fsync", fail)
    assert main(["report", str(two_polls), "-o", str(target)]) in {1, 130}
    assert target.read_text() == "old"
    assert sorted(two_polls.iterdir()) == before


def test_a_replaced_file_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    write_whole(tmp_path / "target", b"")
    assert (tmp_path / "target").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("name", ["report.csv", "report.json", "report.parquet"])
@pytest.mark.parametrize("old", ["old", None])
def test_a_killed_run_leaves_the_old_file_or_none(
    name: str, old: str | None, two_polls: Path
) -> None:
    target = two_polls / name
    if old is not None:
        target.write_text(old)
    argv = [sys.executable, "-c", HANG, "report", str(two_polls), "-o", str(target)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        # By now the report stands in the draft, but not yet in the target.
        assert int(process.stdout.readline()) > 0
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert (target.read_text() if target.exists() else None) == old


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_full_disk_names_the_file(
    ending: str, two_polls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # A device is written to, not replaced.
    target = two_polls / f"report{ending}"
    target.symlink_to("/dev/full")
    message = failed(capsys, ["report", str(two_polls), "-o", str(target)])
    assert message == f"{target}: No space left on device"
    assert target.is_char_device()


def test_a_file_that_grows_too_large_is_named_and_leaves_nothing(two_polls: Path) -> None:
    before = sorted(two_polls.iterdir())
    command = f"ulimit -f 0; {shlex.quote(sys.executable)} -m store_uptime report -o r.parquet"
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=two_polls, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "store-uptime: error: r.parquet: File too large\n"
    assert sorted(two_polls.iterdir()) == before


def test_a_named_pipe_is_written_to(two_polls: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipe = two_polls / "report.csv"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        reader = pool.submit(pipe.read_text)
        assert main(["report", str(two_polls), "-o", str(pipe)]) == 0
        read = reader.result()
    capsys.readouterr()
    assert main(["report", str(two_polls)]) == 0
    assert capsys.readouterr().out == read
