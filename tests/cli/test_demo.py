"""The demo, and the program as a module."""

from __future__ import annotations

import importlib
import runpy
import sys

import pytest

from store_uptime.cli import main
from store_uptime.cli.demo import NOTES, make_demo
from support.command_line import TWO_POLLS, in_a_process, pretend_terminal

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


def test_demo_data_are_the_same_each_time() -> None:
    first, second = make_demo(), make_demo()
    for one, other in zip(first, second, strict=True):
        assert one.equals(other)


def test_module_runs_as_a_program_and_only_as_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "store_uptime.__main__", raising=False)
    monkeypatch.setattr(sys, "argv", ["store-uptime", "demo"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("store_uptime", run_name="__main__")
    assert caught.value.code == 0
    assert DEMO in capsys.readouterr().out
    importlib.import_module("store_uptime.__main__")
    assert not capsys.readouterr().out


def test_demo_in_a_process_of_its_own() -> None:
    done = in_a_process("demo")
    assert done.returncode == 0
    assert DEMO in done.stdout
    assert not done.stderr
