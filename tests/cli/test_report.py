"""The report: where it goes, what is said beside it, and rows that are left out."""

from __future__ import annotations

import io
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from dateutil.relativedelta import relativedelta

from store_uptime import Policy, Window, compute_report, load_csv
from store_uptime._engine import batches
from store_uptime.cli import main
from support.command_line import BIG_ID, NOON, TWO_POLLS, failed, in_a_process, pretend_terminal

HEADER = (
    "store_id,uptime_last_hour,downtime_last_hour,uptime_last_day,downtime_last_day,"
    "uptime_last_week,downtime_last_week\n"
)
# The polls meet halfway, at 10:44:30: 104.5 minutes up, 75.5 minutes down.
REPORT_AT_NOON = (
    f"{HEADER}3,0.0000,0.0000,0.0000,0.0000,0.0000,0.0000\n"
    f"{BIG_ID},0.0000,60.0000,1.7417,1.2583,1.7417,1.2583\n"
)


def test_report_to_a_pipe_is_csv(two_polls: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(two_polls), "--now", NOON]) == 0
    out, err = capsys.readouterr()
    assert out == REPORT_AT_NOON
    # Store 3 was never polled. Its hours are on Tuesday: none in the last hour and day, and half of
    # the six hours of the week.
    polls = "2 polls from 2023-01-23T10:14Z to 2023-01-23T11:15Z"
    known = "50.00 % of last_week known, now = 2023-01-23T12:00:00Z"
    assert re.fullmatch(rf"2 stores, {polls}, {known}, \d+\.\d s\n", err)


def test_now_is_the_latest_poll_by_default(
    two_polls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(two_polls)]) == 0
    implicit, err = capsys.readouterr()
    assert "now = 2023-01-23T11:15:00Z" in err
    assert main(["report", str(two_polls), "--now", "2023-01-23T12:15:00+01:00"]) == 0
    assert capsys.readouterr().out == implicit


def test_report_to_a_terminal_is_a_table_with_progress(
    two_polls: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    assert main(["report", str(two_polls), "--now", NOON]) == 0
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
    assert stages == [f" reading {two_polls}", " computing from 2 polls"]


def test_many_batches_draw_a_progress_bar(
    two_polls: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    monkeypatch.setattr(batches, "_BUDGET", 1)
    assert main(["report", str(two_polls)]) == 0
    drawn = capsys.readouterr().err.split("\r")[1:]
    assert re.search(r"\[#{15}\.{15}\] 1 of 2 stores$", drawn[0])
    assert re.search(r"\[#{30}\] 2 of 2 stores\n", drawn[1])


def test_dash_is_csv_even_on_a_terminal(
    two_polls: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    assert main(["report", str(two_polls), "--now", NOON, "-o", "-"]) == 0
    assert capsys.readouterr().out == REPORT_AT_NOON


def test_csv_file_is_rounded(two_polls: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = two_polls / "report.CSV"
    assert main(["report", str(two_polls), "--now", NOON, "-o", str(target)]) == 0
    out, err = capsys.readouterr()
    assert not out
    assert err.endswith(f" s, written to {target}\n")
    assert target.read_bytes() == REPORT_AT_NOON.encode()


def test_parquet_file_is_the_report_itself(
    two_polls: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    target = two_polls / "report.parquet"
    options = ["--now", NOON, "--detail", "--max-gap", "30m", "--no-backfill", "-o", str(target)]
    windows = ["--window", "half_day=12h:minutes", "--window", "month=1mo"]
    assert main(["report", str(two_polls), *options, *windows]) == 0
    assert f" s  writing {target}\n" in capsys.readouterr().err
    status, hours, timezones = load_csv(two_polls)
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


def test_csv_is_utf_8_whatever_the_locale(two_polls: Path) -> None:
    with (two_polls / "timezones.csv").open("a", encoding="utf-8") as file:
        file.write("caf\u00e9,Etc/UTC\n")
    done = in_a_process("report", str(two_polls), PYTHONIOENCODING="ascii")
    assert "\ncaf\u00e9," in done.stdout


def test_csv_goes_to_a_text_stream_as_well(
    two_polls: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["report", str(two_polls), "-o", "-"]) == 0
    as_bytes = capsys.readouterr().out
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["report", str(two_polls), "-o", "-"]) == 0
    assert stream.getvalue() == as_bytes


def test_files_may_be_named_one_by_one(
    tmp_path: Path, two_polls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = []
    for option, name in zip(("--status", "--hours", "--timezones"), TWO_POLLS, strict=True):
        path = (two_polls / name).rename(tmp_path / f"{option}.txt")
        named += [option, str(path)]
    assert main(["report", "--now", NOON, *named]) == 0
    assert capsys.readouterr().out == REPORT_AT_NOON


def test_strict_by_default_in_terms_of_the_options(
    two_polls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (two_polls / "store_status.csv").open("a") as file:
        file.write("1,broken,2023-01-23 10:14:00 UTC\n")
    message = failed(capsys, ["report", str(two_polls)])
    assert "'broken'" in message
    assert "--lenient" in message
    assert "strict=" not in message


def test_lenient_counts_and_writes_what_it_leaves_out(
    two_polls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (two_polls / "store_status.csv").open("a") as file:
        file.write("1,broken,2023-01-23 10:14:00 UTC\n")
    rejected = two_polls / "left out.csv"
    argv = ["report", str(two_polls), "--now", NOON, "--lenient", "--rejected", str(rejected)]
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert out == REPORT_AT_NOON
    assert err.startswith("left out 1 unusable row: status 1\n2 stores, ")
    (row,) = pl.read_csv(rejected).rows(named=True)
    assert (row["table"], row["line"]) == ("status", 4)
    assert row["text"] == "1,broken,2023-01-23 10:14:00 UTC"


def test_lenient_says_so_when_all_is_well(
    two_polls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(two_polls), "--now", NOON, "--lenient"]) == 0
    assert capsys.readouterr().err.startswith("left out 0 unusable rows\n")


def test_a_lenient_load_names_the_stores_that_it_leaves_out(
    two_polls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = two_polls / "menu_hours.csv"
    path.write_text(path.read_text() + "1,9,00:00,01:00\n")
    assert main(["report", str(two_polls), "--lenient"]) == 0
    assert "1 store left out whole, of every table: 1." in capsys.readouterr().err
