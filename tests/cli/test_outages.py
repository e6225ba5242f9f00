"""Outages and timelines."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from store_uptime import compute_outages, compute_timeline, load_csv
from store_uptime.cli import main
from support.command_line import (
    MONDAY,
    TUESDAY,
    WORKDAY_POLLS,
    in_a_process,
    pretend_terminal,
)

OUTAGES = (
    "store_id,start,end,downtime_seconds,ongoing,elapsed_seconds,last_poll_before,"
    "first_poll_after,recovered\n"
    # 6 h of open time down within 22 h; 6 h down until now.
    "7,2023-01-23T13:00:00Z,2023-01-24T11:00:00Z,21600.0000,false,79200.0000,"
    "2023-01-23T10:00:00Z,2023-01-24T12:00:00Z,true\n"
    "8,2023-01-24T09:00:00Z,2023-01-24T15:00:00Z,21600.0000,true,21600.0000,"
    "2023-01-23T12:00:00Z,,false\n"
)
TIMELINE = """\
store_id,start,end,state
7,2023-01-23T09:00:00Z,2023-01-23T13:00:00Z,up
7,2023-01-23T13:00:00Z,2023-01-23T17:00:00Z,down
7,2023-01-24T09:00:00Z,2023-01-24T11:00:00Z,down
7,2023-01-24T11:00:00Z,2023-01-24T15:00:00Z,up
8,2023-01-23T09:00:00Z,2023-01-23T17:00:00Z,up
8,2023-01-24T09:00:00Z,2023-01-24T15:00:00Z,down
"""


def test_outages_to_a_pipe_are_csv(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outages", str(two_workdays), "--now", TUESDAY, "--start", MONDAY]) == 0
    out, err = capsys.readouterr()
    assert out == OUTAGES
    assert err.startswith(f"2 outages, {WORKDAY_POLLS}, 100 % known, now = 2023-01-24T15:00:00Z, ")


def test_outages_in_a_process_of_their_own(two_workdays: Path) -> None:
    done = in_a_process("outages", str(two_workdays), "--now", TUESDAY, "--start", MONDAY)
    assert done.stdout == OUTAGES
    assert done.stderr.startswith("2 outages, ")


def test_outages_to_a_terminal_are_a_table(
    two_workdays: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    assert main(["outages", str(two_workdays), "--now", TUESDAY]) == 0
    assert capsys.readouterr().out == (
        "\n"
        "store_id              start                end  downtime   ongoing   elapsed\n"
        "7         2023-01-23T13:00Z  2023-01-24T11:00Z    6h 00m        no   22h 00m\n"
        "8         2023-01-24T09:00Z  2023-01-24T15:00Z    6h 00m       yes    6h 00m\n"
        "\n"
        "store_id   last_poll_before   first_poll_after  recovered\n"
        "7         2023-01-23T10:00Z  2023-01-24T12:00Z        yes\n"
        "8         2023-01-23T12:00Z                  -         no\n"
        "\n"
    )


def test_only_ongoing_outages(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["outages", str(two_workdays), "--now", TUESDAY, "--start", MONDAY, "--ongoing"]
    assert main(argv) == 0
    out, err = capsys.readouterr()
    header, _, ongoing = OUTAGES.splitlines(keepends=True)
    assert out == header + ongoing
    assert err.startswith("1 outage, ")


def test_outages_begin_at_start(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start = ["--start", "2023-01-24T11:30:00+01:00"]  # 10:30 in UTC
    assert main(["outages", str(two_workdays), "--now", TUESDAY, *start]) == 0
    starts = [line.split(",")[1:4] for line in capsys.readouterr().out.splitlines()[1:]]
    assert starts == [
        ["2023-01-24T10:30:00Z", "2023-01-24T11:00:00Z", "1800.0000"],
        ["2023-01-24T10:30:00Z", "2023-01-24T15:00:00Z", "16200.0000"],
    ]


def test_no_outages_are_a_header(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (two_workdays / "store_status.csv").write_text("store_id,timestamp_utc,status\n")
    assert main(["outages", str(two_workdays), "--now", TUESDAY]) == 0
    out, err = capsys.readouterr()
    assert out == OUTAGES.splitlines(keepends=True)[0]
    assert "\n0 outages, 0 polls, 0.00 % known, now = " in err


def test_outages_to_parquet_are_the_frame_itself(two_workdays: Path) -> None:
    target = two_workdays / "outages.parquet"
    argv = ["--now", TUESDAY, "--start", MONDAY, "--no-backfill", "-o", str(target)]
    assert main(["outages", str(two_workdays), *argv]) == 0
    assert pl.read_parquet(target).equals(
        compute_outages(*load_csv(two_workdays), TUESDAY, start=MONDAY)
    )


def test_outages_know_the_rules_and_the_optional_tables(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Of the 4 h on Monday, 16:00 to 17:00 is maintenance, and the poll at 16:00 with it. By the
    # previous poll, 7 is down on Tuesday from 10:00 to 12:00, and 8 from 10:00:01 on.
    (two_workdays / "maintenance.csv").write_text(
        "store_id,start_utc,end_utc\n,2023-01-23 16:00:00 UTC,2023-01-23 17:00:00 UTC\n"
    )
    assert (
        main(["outages", str(two_workdays), "--now", TUESDAY, "--interpolation", "previous"]) == 0
    )
    out, err = capsys.readouterr()
    assert [line.split(",")[1:5] for line in out.splitlines()[1:]] == [
        ["2023-01-24T10:00:00Z", "2023-01-24T12:00:00Z", "7200.0000", "false"],
        ["2023-01-24T10:00:01Z", "2023-01-24T15:00:00Z", "17999.0000", "true"],
    ]
    assert f"\n2 outages, {WORKDAY_POLLS}, 1 row of maintenance, " in err


def test_timeline(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["timeline", str(two_workdays), "--now", TUESDAY, "--start", MONDAY]
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert out == TIMELINE
    assert err.startswith(f"6 pieces, {WORKDAY_POLLS}, 100 % known, ")


def test_timeline_to_files(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("timeline.csv", "timeline.parquet"):
        argv = [
            "timeline",
            str(two_workdays),
            "--now",
            TUESDAY,
            "--start",
            MONDAY,
            "-o",
            str(two_workdays / name),
        ]
        assert main(argv) == 0
        assert f"written to {two_workdays / name}" in capsys.readouterr().err
    assert (two_workdays / "timeline.csv").read_text() == TIMELINE
    expected = compute_timeline(*load_csv(two_workdays), TUESDAY, start=MONDAY)
    assert pl.read_parquet(two_workdays / "timeline.parquet").equals(expected)


def test_timeline_to_a_terminal_is_a_table(
    two_workdays: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    argv = ["timeline", str(two_workdays), "--now", TUESDAY, "--start", "2023-01-24T10:59:59.5Z"]
    assert main(argv) == 0
    # For a person, instants are cut to the minute.
    assert capsys.readouterr().out == (
        "\n"
        "store_id              start                end     state\n"
        "7         2023-01-24T10:59Z  2023-01-24T11:00Z      down\n"
        "7         2023-01-24T11:00Z  2023-01-24T15:00Z        up\n"
        "8         2023-01-24T10:59Z  2023-01-24T15:00Z      down\n"
        "\n"
    )
