"""A look at a result: some stores, the worst first, the first rows, the stores' own clocks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from store_uptime import Policy, compute_timeline, load_csv
from store_uptime.cli import main
from support.command_line import (
    MONDAY,
    ONE_DAY,
    TUESDAY,
    pretend_terminal,
    refused,
    write_tables,
)

# One store in Chicago, never closed, and up except for one inactive poll: from 06:30 to 07:30 UTC,
# on the night on which its clocks went from 02:00 back to 01:00 (07:00 UTC). Another in Calcutta.
NIGHT = {
    "store_status.csv": "store_id,timestamp_utc,status\n"
    + "".join(
        f"{store},2023-11-05 {hour:02}:00:00 UTC,{'inactive' if hour == 7 else 'active'}\n"
        for store in (1, 2)
        for hour in range(12)
    ),
    "menu_hours.csv": "store_id,day_of_week,start_time_local,end_time_local\n",
    "timezones.csv": "store_id,timezone_str\n1,\n2,Asia/Calcutta\n",
}


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """Return a folder with three tables, one of them empty."""
    return write_tables(tmp_path / "night", NIGHT)


def ids(capsys: pytest.CaptureFixture[str], argv: Sequence[str], column: int = 0) -> list[str]:
    """Return a column of the CSV that a command writes."""
    assert main(argv) == 0
    return [line.split(",")[column] for line in capsys.readouterr().out.splitlines()[1:]]


def report(two_workdays: Path, *argv: str) -> list[str]:
    """Return the arguments of a report, in which 7 has 4 of 8 h down and 8 has 6 of 8."""
    return ["report", str(two_workdays), "--now", TUESDAY, *ONE_DAY, "--detail", *argv]


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["--store", "8"], ["8"]),
        (["--store", "8", "--store", "7", "--store", "8"], ["7", "8"]),
        (["--top", "1"], ["7"]),
        (["--sort", "availability_day"], ["8", "7"]),
        (["--sort", "uptime_day"], ["8", "7"]),
        (["--sort", "downtime_day"], ["8", "7"]),
        (["--sort", "downtime_day:asc"], ["7", "8"]),
        (["--sort", "store_id:desc"], ["8", "7"]),
        (["--sort", "unknown_day"], ["7", "8"]),  # the same: as they were
        (["--sort", "downtime_day", "--top", "1"], ["8"]),
        (["--store", "7", "--sort", "downtime_day", "--top", "1"], ["7"]),
    ],
)
def test_stores_then_order_then_number(
    argv: list[str], expected: list[str], two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ids(capsys, report(two_workdays, *argv)) == expected


def test_files_hold_the_same_rows(two_workdays: Path) -> None:
    target = two_workdays / "worst.parquet"
    argv = ["--sort", "downtime_day", "--top", "1", "-o", str(target)]
    assert main(report(two_workdays, *argv)) == 0
    assert pl.read_parquet(target)["store_id"].to_list() == [8]


def test_of_what_nothing_is_known_comes_last(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (two_workdays / "timezones.csv").open("a") as file:
        file.write("5,Etc/UTC\n")
    argv = report(two_workdays, "--sort", "availability_day")
    assert ids(capsys, argv) == ["8", "7", "5"]


def test_a_summary_of_some_stores(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    by = ["--by", str(two_workdays / "regions.csv")]
    assert ids(capsys, report(two_workdays, *by, "--store", "7")) == ["south"]
    argv = report(two_workdays, *by, "--sort", "downtime:asc", "--top", "1")
    assert ids(capsys, argv) == ["south"]


def test_a_history_of_some_stores(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["history", *report(two_workdays)[1:], "--every", "1d", "--reports", "2"]
    assert ids(capsys, [*argv, "--store", "8"], 1) == ["8", "8"]
    assert ids(capsys, [*argv, "--sort", "downtime_day", "--top", "2"], 1) == ["8", "7"]


def test_the_longest_outage(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["outages", str(two_workdays), "--now", TUESDAY, "--start", MONDAY]
    for column in ("elapsed", "elapsed_seconds", "ongoing:asc"):
        assert ids(capsys, [*argv, "--sort", column, "--top", "1"]) == ["7"]


def test_a_store_without_an_outage_has_none(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for table in ("timezones.csv", "menu_hours.csv"):
        row = "5,Etc/UTC\n" if table == "timezones.csv" else "6,1,09:00,17:00\n"
        with (two_workdays / table).open("a") as file:
            file.write(row)
    for store in ("5", "6"):
        assert ids(capsys, ["outages", str(two_workdays), "--store", store]) == []


@pytest.mark.parametrize("command", ["report", "outages"])
def test_a_store_that_no_table_names(
    command: str, two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, [command, str(two_workdays), "--store", "7", "--store", "07"])
    assert message.startswith("argument --store: no table has the store '07'")


def test_a_column_that_is_not_there(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["report", str(two_workdays), *ONE_DAY, "--sort", "availability_day"]
    message = refused(capsys, argv)
    there = "there are store_id, uptime_day, downtime_day"
    assert f"argument --sort: no column 'availability_day'; {there}" in message


def test_as_many_rows_as_asked_for_are_shown(
    two_workdays: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with (two_workdays / "timezones.csv").open("a") as file:
        file.writelines(f"{store},Etc/UTC\n" for store in range(100, 160))
    pretend_terminal(monkeypatch)
    for argv, count in ((["--top", "50"], 50), ([], 21)):
        assert main(["report", str(two_workdays), *ONE_DAY, *argv]) == 0
        assert len(capsys.readouterr().out.strip("\n").splitlines()) == count + 2


LOCAL_OUTAGES = """\
store_id,start,end,downtime_seconds,ongoing,elapsed_seconds,last_poll_before,first_poll_after,\
recovered
1,2023-11-05T01:30:00-05:00,2023-11-05T01:30:00-06:00,3600.0000,false,3600.0000,\
2023-11-05T01:00:00-05:00,2023-11-05T02:00:00-06:00,true
2,2023-11-05T12:00:00+05:30,2023-11-05T13:00:00+05:30,3600.0000,false,3600.0000,\
2023-11-05T11:30:00+05:30,2023-11-05T13:30:00+05:30,true
"""


def test_outages_by_the_stores_own_clocks(night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["outages", str(night), "--local", "--start", "2023-11-05T00:00Z"]
    assert main(argv) == 0
    assert capsys.readouterr().out == LOCAL_OUTAGES
    target = night / "outages.json"
    assert main([*argv, "-o", str(target)]) == 0
    assert json.loads(target.read_text())[0]["start"] == "2023-11-05T01:30:00-05:00"
    assert main([*argv, "--default-timezone", "Etc/UTC", "--store", "1"]) == 0
    assert "\n1,2023-11-05T06:30:00+00:00," in capsys.readouterr().out


def test_a_timeline_by_the_stores_own_clocks(
    night: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    argv = ["timeline", str(night), "--local", "--start", "2023-11-05T00:00:00.5Z"]
    assert main(argv) == 0
    rows = [line.split(",") for line in capsys.readouterr().out.splitlines()[1:]]
    assert rows[0] == ["1", "2023-11-04T19:00:00.500000-05:00", "2023-11-05T01:30:00-05:00", "up"]
    # The oracle: the library's instants, which the texts must name.
    expected = compute_timeline(load_csv(night), start="2023-11-05T00:00:00.5Z", policy=Policy())
    told = pl.DataFrame(rows, schema=["store_id", "start", "end", "state"], orient="row")
    instants = told.select(pl.col("start", "end").str.to_datetime(time_zone="UTC", time_unit="us"))
    assert instants.equals(expected.select("start", "end"))
    pretend_terminal(monkeypatch)
    assert main(argv) == 0
    assert "\n1         2023-11-04T19:00-05:00  2023-11-05T01:30-05:00        up\n" in (
        capsys.readouterr().out
    )
