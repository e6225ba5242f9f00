"""Reports summed up by groups of stores."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from store_uptime._csv.groups import read_groups
from store_uptime.cli import main
from support.command_line import ONE_DAY, TUESDAY, failed, pretend_terminal, refused

# Store 8 is the north and store 7 the south. 6 of 8 h down is 75 times what 0.99 allows, 4 of 8 h
# is 50 times.
SUMMARY = """\
region,window,unit,stores,stores_unknown,stores_closed,stores_below_target,uptime,downtime,unknown,\
scheduled,availability,availability_percent,availability_mean,error_budget_used
north,day,hours,1,0,,1,2.0000,6.0000,,,0.2500,25.0000,0.2500,75.0000
south,day,hours,1,0,,1,4.0000,4.0000,,,0.5000,50.0000,0.5000,50.0000
"""


def by(two_workdays: Path, *argv: str) -> list[str]:
    """Return the arguments of a report by region."""
    return [
        "report",
        str(two_workdays),
        "--now",
        TUESDAY,
        *ONE_DAY,
        "--by",
        str(two_workdays / "regions.csv"),
        *argv,
    ]


def test_report_by_groups_is_their_summary(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(by(two_workdays)) == 0
    out, err = capsys.readouterr()
    assert out == SUMMARY
    assert err.startswith("2 rows, 6 polls from ")


def test_target_of_a_summary(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(by(two_workdays, "--target", "0.5")) == 0
    rows = [line.split(",") for line in capsys.readouterr().out.splitlines()[1:]]
    # Half is not below half, and just what it allows.
    assert [(row[0], row[6], row[-1]) for row in rows] == [
        ("north", "1", "1.5000"),
        ("south", "0", "1.0000"),
    ]


def test_details_of_a_summary(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(by(two_workdays, "--detail", "--no-backfill", "--lookback", "0s")) == 0
    rows = [line.split(",") for line in capsys.readouterr().out.splitlines()[1:]]
    # Evidence from Monday 15:00 on. 8: down at 10:00:01, before unknown: 2 h + 1 h 1 s. 7: down
    # at 16:00, before unknown: 1 h.
    assert [(row[0], row[9], row[10]) for row in rows] == [
        ("north", "3.0003", "8.0000"),
        ("south", "1.0000", "8.0000"),
    ]


def test_summary_to_a_terminal_is_a_table(
    two_workdays: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch, 300)
    assert main(by(two_workdays)) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    brief = "region window unit stores stores_unknown stores_below_target uptime downtime"
    assert lines[1:-1] == [
        [*brief.split(), "availability_percent", "error_budget_used"],
        ["north", "day", "hours", "1", "0", "1", "2.00", "6.00", "25.000", "75.00"],
        ["south", "day", "hours", "1", "0", "1", "4.00", "4.00", "50.000", "50.00"],
    ]
    assert main(by(two_workdays, "--detail")) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1] == SUMMARY.splitlines()[0].split(",")
    assert lines[2][10:] == ["8.00", "0.2500", "25.000", "0.2500", "75.00"]


def test_history_by_groups_has_each_instant(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["history", *by(two_workdays)[1:], "--every", "1d", "--reports", "2"]
    assert main(argv) == 0
    rows = [line.split(",") for line in capsys.readouterr().out.splitlines()]
    assert [(row[0], row[1], row[8], row[9]) for row in rows] == [
        ("now", "region", "uptime", "downtime"),
        ("2023-01-23T15:00:00Z", "north", "6.0000", "0.0000"),
        ("2023-01-23T15:00:00Z", "south", "6.0000", "0.0000"),
        ("2023-01-24T15:00:00Z", "north", "2.0000", "6.0000"),
        ("2023-01-24T15:00:00Z", "south", "4.0000", "4.0000"),
    ]


def test_ids_of_groups_are_compared_as_they_are_written(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # 007 is another store than 7, as it is in the tables.
    (two_workdays / "regions.csv").write_text("region,store_id\nsouth,007\nnorth,8\n")
    assert main(by(two_workdays)) == 0
    rows = [line.split(",") for line in capsys.readouterr().out.splitlines()[1:]]
    assert [(row[0], row[3], row[7]) for row in rows] == [
        ("north", "1", "2.0000"),
        ("", "1", "4.0000"),
    ]


def test_names_of_groups_may_be_any(tmp_path: Path) -> None:
    path = tmp_path / "groups.csv"
    path.write_text(",text,line,store_id,width\n0,a,,7,b\n")
    groups, rejected = read_groups(path)
    assert groups.rows(named=True) == [{"store_id": "7", "text": "a", "line": None, "width": "b"}]
    assert rejected.is_empty()


def test_lenient_leaves_out_rows_of_groups_as_well(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (two_workdays / "regions.csv").open("a") as file:
        file.write("7,north,why\n,north\n")
    message = failed(capsys, by(two_workdays))
    reasons = "wrong number of fields: 3 instead of 2 (line 5); store_id: null id (line 6)"
    assert f"regions.csv: {reasons}" in message
    assert "--lenient" not in message
    rejected = two_workdays / "rejected.csv"
    assert main(by(two_workdays, "--lenient", "--rejected", str(rejected))) == 0
    out, err = capsys.readouterr()
    assert out == SUMMARY
    assert err.startswith("left out 2 unusable rows: by 2\n")
    columns = ["table", "line", "store_id", "reason", "text"]
    assert pl.read_csv(rejected).select(columns).rows()[1] == (
        ("by", 6, None, "store_id: null id", ",north")
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the file is empty"),
        ('store_id,"region\n', "a quote out of place in the header"),
        ("id,region\n7,north\n", "by.store_id: {}: no such column"),
        ("store_id,region,region\n7,a,b\n", "by.region: {}: more than one such column"),
        ("store_id\n7\n", "by: no column to group by"),
        ("store_id,unknown_day\n7,x\n", "by.unknown_day: the summary has a column of this name"),
        ("store_id,window\n7,x\n", "by.window: the summary has a column of this name already"),
        ("store_id,region\n7,a\n7,b\n", "by.store_id: a store more than once in 2 rows"),
        ("store_id,region\n8.41954E+18,a\n", "the ids went through a spreadsheet"),
    ],
)
def test_groups_are_checked_before_any_work(
    text: str,
    problem: str,
    two_workdays: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("store_uptime.cli.sources.load_csv")
    path = two_workdays / "regions.csv"
    path.write_text(text)
    assert problem.format(path) in failed(capsys, by(two_workdays, "--fail-below", "0.5"))


def test_groups_without_a_file(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = two_workdays / "regions.csv"
    path.unlink()
    assert failed(capsys, by(two_workdays)) == f"by: {path}: no such file."


def test_a_summary_never_replaces_the_groups_it_is_made_from(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = two_workdays / "regions.csv"
    before = path.read_text()
    assert "is one of the tables to read" in refused(capsys, by(two_workdays, "-o", str(path)))
    assert path.read_text() == before
