"""The demo, and the program as a module."""

from __future__ import annotations

import importlib
import runpy
import shlex
import sys
from pathlib import Path

import pytest

import store_uptime
from store_uptime import compute_report, load_csv
from store_uptime.cli import main
from store_uptime.cli.demo import NOTES, make_demo
from support.command_line import TWO_POLLS, failed, in_a_process, pretend_terminal

# clock-change: four hours a night, seven nights, less the hour that Berlin skipped on 26 March.
# no-zone: 08:00-18:00 is 13:00-23:00 UTC in Chicago: 5 h on Monday so far, 5 h late on Sunday.
# outage: Saturday's polls from 18:50 to 20:50 UTC are down, from 18:20 to 21:20, three hours, and
# today's at 17:50, from 17:20 on, 40 minutes.
DEMO = """\
              last_hour, minutes     last_day, hours    last_week, hours
store_id        uptime  downtime    uptime  downtime    uptime  downtime
clock-change      0.00      0.00      4.00      0.00     27.00      0.00
never-polled      0.00      0.00      0.00      0.00      0.00      0.00
no-hours         60.00      0.00     24.00      0.00    168.00      0.00
no-zone          60.00      0.00     10.00      0.00     70.00      0.00
ordinary         60.00      0.00      8.00      0.00     56.00      0.00
outage           20.00     40.00      9.33      0.67     66.33      3.67
overnight         0.00      0.00      8.00      0.00     56.00      0.00
"""


def test_demo_shows_its_report_whole_on_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    assert main(["demo"]) == 0
    out, err = capsys.readouterr()
    assert DEMO in out
    assert max(map(len, out.splitlines())) <= 80
    assert all(f"\n{store_id} " in out for store_id in NOTES)
    assert all(name in out for name in TWO_POLLS)
    assert not err


def next_steps(text: str) -> list[list[str]]:
    """Return the commands that a text says to type, without the program's name."""
    lines = [line.strip() for line in text.splitlines() if line.startswith("    python")]
    return [shlex.split(line)[3:] for line in lines]


@pytest.mark.parametrize("name", ["play", "new/folder", "it's mine; really"])
def test_demo_writes_files_and_its_next_steps_run_as_printed(
    name: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo", name]) == 0
    out, err = capsys.readouterr()
    assert not err
    files = {path.name for path in Path(name).iterdir()}
    assert files == {*TWO_POLLS, "regions.csv"}
    assert all(file in out for file in files)
    steps = next_steps(out)
    assert {step[0] for step in steps} == {"report", "history", "outages"}
    for step in steps:
        code = main(step)
        shown, told = capsys.readouterr()
        assert shown
        # The last step shows what a store that was never polled does to --fail-below.
        assert code == (3 if "--fail-below" in step else 0)
        assert ("never-polled" in told) == (code == 3)


def test_the_files_of_the_demo_are_its_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", str(tmp_path)]) == 0
    assert compute_report(load_csv(tmp_path)).equals(compute_report(make_demo()))
    capsys.readouterr()
    assert main(["report", str(tmp_path)]) == 0
    # Six of seven stores are known, which is more than half: nothing is warned of.
    assert capsys.readouterr().err.startswith("7 stores, 1,152 polls from ")


@pytest.mark.parametrize("there", ["regions.csv", "timezones.csv"])
def test_demo_replaces_no_file(
    there: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / there).symlink_to(tmp_path / "nowhere")
    message = failed(capsys, ["demo", str(tmp_path)])
    assert message == f"{tmp_path / there}: is there already, and is kept"
    assert [path.name for path in tmp_path.iterdir()] == [there]


def test_demo_data_are_the_same_each_time() -> None:
    first, second = make_demo(), make_demo()
    for one, other in zip(first, second, strict=True):
        assert one.equals(other)


def test_module_runs_as_a_program_and_only_as_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "store_uptime.__main__", raising=False)
    monkeypatch.setattr(sys, "argv", ["store-uptime", "demo"])
    # First of all: whether a file is measured, coverage decides by the name that it first has.
    importlib.import_module("store_uptime.__main__")
    assert not capsys.readouterr().out
    # By its path: where pytest rewrites the modules of a distribution with a plugin, runpy finds
    # no code for them by their names.
    program = Path(store_uptime.__file__).with_name("__main__.py")
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(program), run_name="__main__")
    assert caught.value.code == 0
    assert DEMO in capsys.readouterr().out


def test_demo_in_a_process_of_its_own() -> None:
    done = in_a_process("demo")
    assert done.returncode == 0
    assert DEMO in done.stdout
    assert not done.stderr
