"""The command line: what it prints, what it writes, and how it fails."""
# ruff: noqa: S603, the only program started here is this Python

from __future__ import annotations

import importlib
import io
import os
import re
import runpy
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any, NoReturn

import polars as pl
import pytest
from dateutil.relativedelta import relativedelta

from store_uptime import DEFAULT_WINDOWS, Policy, Window, compute_report
from store_uptime._csv.load import load_csv
from store_uptime._engine import batches
from store_uptime.cli import main
from store_uptime.cli.arguments import make_parser, policy_of, windows_of
from store_uptime.cli.demo import NOTES, make_demo
from store_uptime.cli.files import check_target, replacing
from store_uptime.cli.render import to_csv, to_table

BIG_ID = 8419537941919820732
STATUS = f"""\
store_id,status,timestamp_utc
{BIG_ID},active,2023-01-23 10:14:00 UTC
{BIG_ID},inactive,2023-01-23 11:15:00 UTC
"""
HOURS = f"store_id,day,start_time_local,end_time_local\n{BIG_ID},0,09:00,12:00\n3,1,09:00,12:00\n"
ZONES = f"store_id,timezone_str\n{BIG_ID},Etc/UTC\n"
TABLES = {"store_status.csv": STATUS, "menu_hours.csv": HOURS, "timezones.csv": ZONES}
NOON = "2023-01-23T12:00:00Z"
HEADER = (
    "store_id,uptime_last_hour,downtime_last_hour,uptime_last_day,downtime_last_day,"
    "uptime_last_week,downtime_last_week\n"
)
# The polls meet halfway, at 10:44:30: 104.5 minutes up, 75.5 minutes down.
REPORT_AT_NOON = (
    f"{HEADER}3,0.0000,0.0000,0.0000,0.0000,0.0000,0.0000\n"
    f"{BIG_ID},0.0000,60.0000,1.7417,1.2583,1.7417,1.2583\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the three tables."""
    tables = tmp_path / "tables"
    tables.mkdir()
    for name, text in TABLES.items():
        (tables / name).write_text(text)
    return tables


def pretend_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make both streams pass for a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)


def refused(capsys: pytest.CaptureFixture[str], argv: Sequence[str]) -> str:
    """Return the message of arguments that must be refused with exit code 2."""
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
    return only_error(capsys)


def only_error(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the error message, which must be the one line on standard error, after no output."""
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("store-uptime: error: ")
    assert err.count("\n") == 1
    return err.removeprefix("store-uptime: error: ").rstrip("\n")


# --- demo ---------------------------------------------------------------------------------------

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
    assert all(name in out for name in TABLES)
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


# --- report -------------------------------------------------------------------------------------


def test_report_to_a_pipe_is_csv(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(folder), "--now", NOON]) == 0
    out, err = capsys.readouterr()
    assert out == REPORT_AT_NOON
    assert re.fullmatch(r"2 stores, 2 polls, now = 2023-01-23T12:00:00Z, \d+\.\d s\n", err)


def test_now_is_the_latest_poll_by_default(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(folder)]) == 0
    implicit, err = capsys.readouterr()
    assert "now = 2023-01-23T11:15:00Z" in err
    assert main(["report", str(folder), "--now", "2023-01-23T12:15:00+01:00"]) == 0
    assert capsys.readouterr().out == implicit


def test_report_to_a_terminal_is_a_table_with_progress(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    assert main(["report", str(folder), "--now", NOON]) == 0
    out, err = capsys.readouterr()
    assert out == (
        "\n"
        "                     last_hour, minutes     last_day, hours    last_week, hours\n"
        "store_id               uptime  downtime    uptime  downtime    uptime  downtime\n"
        "3                        0.00      0.00      0.00      0.00      0.00      0.00\n"
        f"{BIG_ID}      0.00     60.00      1.74      1.26      1.74      1.26\n"
        "\n"
    )
    stages = [re.sub(r"^ *\d+\.\d s ", "", line) for line in err.splitlines()[:-1]]
    assert stages == [f" reading {folder}", " computing the report from 2 polls"]


def test_dash_is_csv_even_on_a_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    assert main(["report", str(folder), "--now", NOON, "-o", "-"]) == 0
    assert capsys.readouterr().out == REPORT_AT_NOON


def test_csv_file_is_rounded(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = folder / "report.CSV"
    assert main(["report", str(folder), "--now", NOON, "-o", str(target)]) == 0
    out, err = capsys.readouterr()
    assert not out
    assert err.endswith(f" s, written to {target}\n")
    assert target.read_bytes() == REPORT_AT_NOON.encode()


def test_parquet_file_is_the_report_itself(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    target = folder / "report.parquet"
    options = ["--now", NOON, "--detail", "--max-gap", "30m", "--no-backfill", "-o", str(target)]
    windows = ["--window", "half_day=12h:minutes", "--window", "month=1mo"]
    assert main(["report", str(folder), *options, *windows]) == 0
    assert f" s  writing {target}\n" in capsys.readouterr().err
    status, hours, timezones = load_csv(folder)
    expected = compute_report(
        status,
        hours,
        timezones,
        now=datetime(2023, 1, 23, 12, tzinfo=UTC),
        windows={
            "half_day": Window(timedelta(hours=12), "minutes"),
            "month": Window(relativedelta(months=1), "hours"),
        },
        policy=Policy(max_gap=timedelta(minutes=30), backfill=False),
        detail=True,
    )
    assert pl.read_parquet(target).equals(expected)


def test_csv_is_utf_8_whatever_the_locale(folder: Path) -> None:
    (folder / "timezones.csv").write_text(f"{ZONES}caf\u00e9,Etc/UTC\n", encoding="utf-8")
    argv = [sys.executable, "-m", "store_uptime", "report", str(folder)]
    env = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(argv, capture_output=True, env=env, check=True, timeout=60)
    assert "\ncaf\u00e9,".encode() in done.stdout


def test_files_may_be_named_one_by_one(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = []
    for option, name in zip(("--status", "--hours", "--timezones"), TABLES, strict=True):
        path = (folder / name).rename(tmp_path / f"{option}.txt")
        named += [option, str(path)]
    assert main(["report", "--now", NOON, *named]) == 0
    assert capsys.readouterr().out == REPORT_AT_NOON


# --- unusable rows ------------------------------------------------------------------------------


def test_strict_by_default_in_terms_of_the_options(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "store_status.csv").write_text(f"{STATUS}1,broken,2023-01-23 10:14:00 UTC\n")
    assert main(["report", str(folder)]) == 1
    message = only_error(capsys)
    assert "'broken'" in message
    assert "--lenient" in message
    assert "strict=" not in message


def test_lenient_counts_and_writes_what_it_leaves_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "store_status.csv").write_text(f"{STATUS}1,broken,2023-01-23 10:14:00 UTC\n")
    rejected = folder / "left out.csv"
    argv = ["report", str(folder), "--now", NOON, "--lenient", "--rejected", str(rejected)]
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert out == REPORT_AT_NOON
    assert err.startswith("left out 1 unusable row: status 1\n2 stores, ")
    (row,) = pl.read_csv(rejected).rows(named=True)
    assert (row["table"], row["line"]) == ("status", 4)
    assert row["text"] == "1,broken,2023-01-23 10:14:00 UTC"


def test_lenient_says_so_when_all_is_well(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(folder), "--now", NOON, "--lenient"]) == 0
    assert capsys.readouterr().err.startswith("left out 0 unusable rows\n")


# --- options ------------------------------------------------------------------------------------

POLICIES: list[tuple[list[str], str, Any]] = [
    (["--interpolation", "previous"], "interpolation", "previous"),
    (["--evidence", "all"], "evidence", "all"),
    (["--no-backfill"], "backfill", False),
    (["--max-gap", "1h30m"], "max_gap", timedelta(minutes=90)),
    (["--lookback", "0s"], "lookback", timedelta(0)),
    (["--missing-days", "open"], "missing_days", "open"),
    (["--no-snap-midnight"], "snap_midnight", False),
    (["--default-timezone", "Asia/Tokyo"], "default_timezone", "Asia/Tokyo"),
]


@pytest.mark.parametrize(("option", "field", "value"), POLICIES)
def test_each_rule_has_its_option(option: list[str], field: str, value: Any) -> None:
    args = make_parser()[0].parse_args(["report", "x", *option])
    assert policy_of(args) == Policy(**{field: value})


def test_no_rule_is_forgotten() -> None:
    assert [field for _, field, _ in POLICIES] == [field.name for field in fields(Policy)]
    assert policy_of(make_parser()[0].parse_args(["report", "x"])) == Policy()


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90m", timedelta(minutes=90)),
        ("3600s", timedelta(hours=1)),
        ("2w1d", timedelta(days=15)),
        ("1mo", relativedelta(months=1)),
        ("1y2mo3d", relativedelta(years=1, months=2, days=3)),
    ],
)
def test_windows_of_any_length(text: str, length: timedelta | relativedelta) -> None:
    args = make_parser()[0].parse_args(["report", "x", "--window", f"w={text}:days"])
    assert windows_of(args) == {"w": Window(length, "days")}


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        ([], "COMMAND"),
        (["repot"], "'repot'"),
        (["report", "x", "-o", "report.xlsx"], "'report.xlsx' does not end in .csv or .parquet"),
        (["report", "x", "--lenient", "--rejected", "-"], "'-' does not end in .csv"),
        (["report", "x", "--rejected", "r.csv"], "--rejected needs --lenient"),
        (["report", "x", "--lenient", "--rejected", "r.csv", "-o", "r.csv"], "the same file"),
        (["report", "x", "--now", "2023-01-23T12:00:00"], "no instant with an offset"),
        (["report", "x", "--now", "noon"], "'noon' is no instant"),
        (["report", "x", "--evidence", "some"], "'some'"),
        (["report", "x", "--max-gap", "-1h"], "--max-gap"),
        (["report", "x", "--max-gap", "1.5h"], "'1.5h' is no length"),
        (["report", "x", "--max-gap", "1h1h"], "'1h1h' names a unit twice"),
        (["report", "x", "--max-gap", "1mo"], "months and years vary"),
        (["report", "x", "--max-gap", "999999999w"], "is too long"),
        (["report", "x", "--window", "30d"], "'30d' is not NAME=LENGTH:UNIT"),
        (["report", "x", "--window", "w=30:days"], "'30' is no length"),
        (["report", "x", "--window", "w=30d:weeks"], "'weeks'"),
        (["report", "x", "--window", "w=0s"], "must be a positive"),
        (["report", "x", "--window", "w=2025y"], "reaches back too far"),
    ],
)
def test_arguments_that_make_no_sense(
    argv: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told in refused(capsys, argv)


def test_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def uninstalled(name: str) -> NoReturn:
        raise PackageNotFoundError(name)

    for version, told in ((lambda _: "1.2.3", "1.2.3"), (uninstalled, "(not installed)")):
        monkeypatch.setattr("store_uptime._version.version", version)
        with pytest.raises(SystemExit) as caught:
            main(["--version"])
        assert caught.value.code == 0
        assert capsys.readouterr().out == f"store-uptime {told}\n"


def test_help_fits_on_80_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main(["report", "--help"])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


# --- failures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        ([], "--status FILE"),
        (["{}/nowhere"], "nowhere"),
        (["{}", "--max-gap", "0s"], "Policy.max_gap"),
        (["{}", "--window", "w=1d", "--window", "w=2d"], "two windows of one name"),
        (["{}", "--default-timezone", "Mars/Base"], "'Mars/Base'"),
        (["{}", "--status", "{}/empty.csv"], "--now"),
    ],
)
def test_a_users_mistake_is_one_line(
    argv: list[str], told: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "empty.csv").write_text("store_id,status,timestamp_utc\n")
    assert main(["report", *(word.format(folder) for word in argv)]) == 1
    assert told in only_error(capsys)


@pytest.mark.parametrize("option", ["-o", "--rejected"])
def test_targets_are_checked_before_any_work(
    option: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_work(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError

    monkeypatch.setattr("store_uptime.cli.commands.load_csv", no_work)
    missing = folder / "nowhere"
    assert main(["report", str(folder), "--lenient", option, str(missing / "r.csv")]) == 1
    assert only_error(capsys) == f"{missing}: no such folder"


def test_bad_targets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = folder / "timezones.csv"
    with pytest.raises(NotADirectoryError):
        check_target(table / "report.csv")
    with pytest.raises(IsADirectoryError):
        check_target(folder)
    check_target(table)
    # The tests may run as root, whom no permission stops.
    monkeypatch.setattr(os, "access", lambda place, _: place != table)
    check_target(folder / "report.csv")
    with pytest.raises(PermissionError, match="no permission to write"):
        check_target(table)


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
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise error

    monkeypatch.setattr("store_uptime.cli.commands.load_csv", fail)
    assert main(["report", str(folder)]) == code
    assert only_error(capsys) == told


def test_a_programming_error_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr("store_uptime.cli.commands.compute_report", fail)
    with pytest.raises(ZeroDivisionError):
        main(["demo"])


def test_a_reader_that_went_away_is_no_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert main(["report", str(folder)]) == 141
    assert not capsys.readouterr().err


# --- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["report.csv", "report.parquet"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_file(
    name: str, error: BaseException, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> NoReturn:
        raise error

    target = folder / name
    target.write_text("old")
    before = sorted(folder.iterdir())
    monkeypatch.setattr(os, "fsync", fail)
    assert main(["report", str(folder), "-o", str(target)]) in {1, 130}
    assert target.read_text() == "old"
    assert sorted(folder.iterdir()) == before


def test_a_replaced_file_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    with replacing(link) as file:
        file.write(b"new")
        assert target.read_text() == "old"
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    with replacing(tmp_path / "target"):
        pass
    assert (tmp_path / "target").stat().st_mode == (tmp_path / "plain").stat().st_mode


HANG = """
import os, sys, time
from store_uptime.cli import main

def hang(handle):
    print(os.fstat(handle).st_size, flush=True)
    time.sleep(60)

os.fsync = hang
main(sys.argv[1:])
"""


@pytest.mark.parametrize("name", ["report.csv", "report.parquet"])
@pytest.mark.parametrize("old", ["old", None])
def test_a_killed_run_leaves_the_old_file_or_none(name: str, old: str | None, folder: Path) -> None:
    target = folder / name
    if old is not None:
        target.write_text(old)
    argv = [sys.executable, "-c", HANG, "report", str(folder), "-o", str(target)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        # By now the report stands in the draft, but not yet in the target.
        assert int(process.stdout.readline()) > 0
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert (target.read_text() if target.exists() else None) == old


# --- text ---------------------------------------------------------------------------------------


def test_csv_rounds_floats_and_nothing_else() -> None:
    frame = pl.DataFrame(
        {
            "store_id": ["a,b", '"', "é"],
            "polls": [2**63 - 1, None, 0],
            "uptime": [1 / 3, None, 604800.0],
        }
    )
    assert to_csv(frame) == (
        'store_id,polls,uptime\n"a,b",9223372036854775807,0.3333\n"""",,\né,0,604800.0000\n'
    )


def table(ids: Sequence[Any], width: int, *, detail: bool = False) -> str:
    """Return the table of some stores that were never polled, for one window."""
    zones = pl.DataFrame({"store_id": ids, "timezone_str": ["Etc/UTC"] * len(ids)})
    none = zones.clear().select("store_id")
    status = none.with_columns(timestamp_utc=None, status=None)
    hours = none.with_columns(day_of_week=None, start_time_local=None, end_time_local=None)
    windows = {"last_hour": DEFAULT_WINDOWS["last_hour"]}
    report = compute_report(status, hours, zones, NOON, windows=windows, detail=detail)
    return to_table(report, windows, width, detail=detail)


def test_table_of_details_wraps() -> None:
    assert table([7], 60, detail=True) == (
        "                               last_hour, minutes\n"
        "store_id    uptime  downtime   unknown  scheduled\n"
        "7             0.00      0.00     60.00      60.00\n"
        "\n"
        "                                      last_hour, minutes\n"
        "store_id  availability  uptime_min  uptime_max     polls\n"
        "7                    -        0.00       60.00         0\n"
    )


def test_table_never_gives_up() -> None:
    lines = table(["x" * 40], 10).splitlines()
    assert [line.split() for line in lines if line] == [
        ["last_hour,", "minutes"],
        ["store_id", "uptime"],
        ["x" * 40, "0.00"],
        ["last_hour,", "minutes"],
        ["store_id", "downtime"],
        ["x" * 40, "0.00"],
    ]


def test_table_of_many_stores_shows_the_first_and_the_last() -> None:
    assert len(table(range(24), 80).splitlines()) == 26
    rows = table(range(25), 80).splitlines()[2:]
    assert [row.split()[0] for row in rows] == [
        *map(str, range(10)),
        "...",
        *map(str, range(15, 25)),
    ]


def test_an_id_does_not_steer_the_terminal() -> None:
    assert "\n?[31mred?x " in table(["\x1b[31mred\nx"], 80)


# --- the real thing -----------------------------------------------------------------------------


def test_demo_in_a_process_of_its_own() -> None:
    argv = [sys.executable, "-W", "error", "-m", "store_uptime", "demo"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    assert DEMO in done.stdout
    assert not done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_broken_pipe_in_a_process_of_its_own(folder: Path, unbuffered: str) -> None:
    zones = "".join(f"{store},Etc/UTC\n" for store in range(100, 10_000))
    (folder / "timezones.csv").write_text(ZONES + zones)
    argv = [sys.executable, "-m", "store_uptime", "report", str(folder)]
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
    argv = [sys.executable, "-m", "store_uptime", "report", str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("store-uptime: error: status: no files for this table")
    assert done.stderr.count("\n") == 1


# --- what a person sees beside the report -------------------------------------------------------


def test_many_batches_draw_a_progress_bar(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    monkeypatch.setattr(batches, "_BUDGET", 1)
    assert main(["report", str(folder)]) == 0
    drawn = capsys.readouterr().err.split("\r")[1:]
    assert re.search(r"\[#{15}\.{15}\] 1 of 2 stores$", drawn[0])
    assert re.search(r"\[#{30}\] 2 of 2 stores\n", drawn[1])


def test_a_report_never_replaces_a_table_it_is_made_from(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = folder / "store_status.csv"
    before = status.read_bytes()
    message = refused(capsys, ["report", str(folder), "-o", str(folder / "." / status.name)])
    assert "is one of the tables to read" in message
    assert status.read_bytes() == before


def test_csv_goes_to_a_text_stream_as_well(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["report", str(folder), "-o", "-"]) == 0
    as_bytes = capsys.readouterr().out
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["report", str(folder), "-o", "-"]) == 0
    assert stream.getvalue() == as_bytes


def test_a_lenient_load_says_what_happens_to_stores_without_hours(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "menu_hours.csv"
    path.write_text(path.read_text() + "1,9,00:00,01:00\n")
    assert main(["report", str(folder), "--lenient"]) == 0
    assert (
        "A store that lost all of its hours counts as open all the time." in capsys.readouterr().err
    )
