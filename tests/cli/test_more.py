"""The command line beyond the report: outages, timelines, histories and summaries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from store_uptime import compute_history, compute_outages, compute_timeline, load_csv
from store_uptime._csv.groups import read_groups
from store_uptime.cli import main
from store_uptime.cli.arguments import make_parser
from store_uptime.cli.render import to_csv, to_plain_table

# Both stores are open on weekdays from 09:00 to 17:00 UTC.
# 7: up on Monday at 10:00, down at 16:00, still down on Tuesday at 10:00, up at 12:00. The polls
#    meet at Monday 13:00 and Tuesday 11:00: down for 4 h on Monday and 2 h on Tuesday.
# 8: up on Monday at 12:00, down on Tuesday at 10:00:01: they meet at Monday 23:00:00.5, when it
#    is closed, so it is down from Tuesday 09:00 on.
TABLES = {
    "store_status.csv": """\
store_id,timestamp_utc,status
7,2023-01-23 10:00:00 UTC,active
7,2023-01-23 16:00:00 UTC,inactive
7,2023-01-24 10:00:00 UTC,inactive
7,2023-01-24 12:00:00 UTC,active
8,2023-01-23 12:00:00 UTC,active
8,2023-01-24 10:00:01 UTC,inactive
""",
    "menu_hours.csv": "store_id,day,start_time_local,end_time_local\n"
    + "".join(f"{store},{day},09:00,17:00\n" for store in (7, 8) for day in range(5)),
    "timezones.csv": "store_id,timezone_str\n7,Etc/UTC\n8,Etc/UTC\n",
}
NOW = "2023-01-24T15:00:00Z"
MONDAY = "2023-01-23T00:00:00Z"
OUTAGES = (
    "store_id,start,end,downtime_seconds,ongoing,elapsed_seconds,last_poll_before,first_poll_after\n"
    # 6 h of open time down within 22 h; 6 h down until now.
    "7,2023-01-23T13:00:00Z,2023-01-24T11:00:00Z,21600.0000,false,79200.0000,"
    "2023-01-23T10:00:00Z,2023-01-24T12:00:00Z\n"
    "8,2023-01-24T09:00:00Z,2023-01-24T15:00:00Z,21600.0000,true,21600.0000,"
    "2023-01-23T12:00:00Z,\n"
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
DAY = ["--window", "day=24h:hours"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the three tables and one of regions."""
    tables = tmp_path / "tables"
    tables.mkdir()
    for name, text in TABLES.items():
        (tables / name).write_text(text)
    (tables / "regions.csv").write_text("store_id,region\n8,north\n7,south\n9,west\n")
    return tables


def pretend_terminal(monkeypatch: pytest.MonkeyPatch, width: int = 80) -> None:
    """Make standard output pass for a terminal."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line of an error."""
    out, err = capsys.readouterr()
    assert not out
    assert err.count("\n") == 1
    return err.removeprefix("store-uptime: error: ")


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """Return the message of arguments that must be refused with exit code 2."""
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
    return told(capsys)


# --- outages ------------------------------------------------------------------------------------


def test_outages_to_a_pipe_are_csv(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outages", str(folder), "--now", NOW]) == 0
    out, err = capsys.readouterr()
    assert out == OUTAGES
    assert err.startswith("2 outages, 6 polls, now = 2023-01-24T15:00:00Z, ")


def test_outages_in_a_process_of_their_own(folder: Path) -> None:
    argv = [sys.executable, "-W", "error", "-m", "store_uptime", "outages", str(folder)]
    argv += ["--now", NOW]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)  # noqa: S603  # our own interpreter
    assert done.stdout == OUTAGES
    assert done.stderr.startswith("2 outages, ")


def test_outages_to_a_terminal_are_a_table(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    assert main(["outages", str(folder), "--now", NOW]) == 0
    assert capsys.readouterr().out == (
        "\n"
        "store_id              start                end  downtime   ongoing   elapsed\n"
        "7         2023-01-23T13:00Z  2023-01-24T11:00Z    6h 00m        no   22h 00m\n"
        "8         2023-01-24T09:00Z  2023-01-24T15:00Z    6h 00m       yes    6h 00m\n"
        "\n"
        "store_id   last_poll_before   first_poll_after\n"
        "7         2023-01-23T10:00Z  2023-01-24T12:00Z\n"
        "8         2023-01-23T12:00Z                  -\n"
        "\n"
    )


def test_only_ongoing_outages(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outages", str(folder), "--now", NOW, "--ongoing"]) == 0
    out, err = capsys.readouterr()
    header, _, ongoing = OUTAGES.splitlines(keepends=True)
    assert out == header + ongoing
    assert err.startswith("1 outage, ")


def test_outages_begin_at_start(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start = ["--start", "2023-01-24T11:30:00+01:00"]  # 10:30 in UTC
    assert main(["outages", str(folder), "--now", NOW, *start]) == 0
    starts = [line.split(",")[1:4] for line in capsys.readouterr().out.splitlines()[1:]]
    assert starts == [
        ["2023-01-24T10:30:00Z", "2023-01-24T11:00:00Z", "1800.0000"],
        ["2023-01-24T10:30:00Z", "2023-01-24T15:00:00Z", "16200.0000"],
    ]


def test_no_outages_are_a_header(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "store_status.csv").write_text("store_id,timestamp_utc,status\n")
    assert main(["outages", str(folder), "--now", NOW]) == 0
    out, err = capsys.readouterr()
    assert out == OUTAGES.splitlines(keepends=True)[0]
    assert err.startswith("0 outages, 0 polls, ")


def test_outages_to_parquet_are_the_frame_itself(folder: Path) -> None:
    target = folder / "outages.parquet"
    argv = ["--now", NOW, "--start", MONDAY, "--no-backfill", "-o", str(target)]
    assert main(["outages", str(folder), *argv]) == 0
    assert pl.read_parquet(target).equals(compute_outages(*load_csv(folder), NOW, start=MONDAY))


def test_outages_know_the_rules_and_the_optional_tables(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Of the 4 h on Monday, 16:00 to 17:00 is maintenance, and the poll at 16:00 with it. By the
    # previous poll, 7 is down on Tuesday from 10:00 to 12:00, and 8 from 10:00:01 on.
    (folder / "maintenance.csv").write_text(
        "store_id,start_utc,end_utc\n,2023-01-23 16:00:00 UTC,2023-01-23 17:00:00 UTC\n"
    )
    assert main(["outages", str(folder), "--now", NOW, "--interpolation", "previous"]) == 0
    out, err = capsys.readouterr()
    assert [line.split(",")[1:5] for line in out.splitlines()[1:]] == [
        ["2023-01-24T10:00:00Z", "2023-01-24T12:00:00Z", "7200.0000", "false"],
        ["2023-01-24T10:00:01Z", "2023-01-24T15:00:00Z", "17999.0000", "true"],
    ]
    assert "6 polls, 1 row of maintenance, now" in err


# --- timeline -----------------------------------------------------------------------------------


def test_timeline(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["timeline", str(folder), "--now", NOW, "--start", MONDAY]
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert out == TIMELINE
    assert err.startswith("6 pieces, 6 polls, ")


def test_timeline_to_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("timeline.csv", "timeline.parquet"):
        argv = ["timeline", str(folder), "--now", NOW, "--start", MONDAY, "-o", str(folder / name)]
        assert main(argv) == 0
        assert f"written to {folder / name}" in capsys.readouterr().err
    assert (folder / "timeline.csv").read_text() == TIMELINE
    expected = compute_timeline(*load_csv(folder), NOW, start=MONDAY)
    assert pl.read_parquet(folder / "timeline.parquet").equals(expected)


def test_timeline_to_a_terminal_is_a_table(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    argv = ["timeline", str(folder), "--now", NOW, "--start", "2023-01-24T10:59:59.5Z"]
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


@pytest.mark.parametrize("command", ["outages", "timeline"])
def test_a_start_that_is_not_before_now(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, str(folder), "--now", NOW, "--start", NOW]) == 1
    assert told(capsys).startswith("start: is not before now (first: '2023-01-24T15:00:00+00:00')")


@pytest.mark.parametrize("command", ["outages", "timeline", "history", "report"])
def test_without_polls_there_is_no_now(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "store_status.csv").write_text("store_id,timestamp_utc,status\n")
    own = ["--every", "1d", "--reports", "2"] if command == "history" else []
    assert main([command, str(folder), *own]) == 1
    assert told(capsys) == "status: no polls to take now from. Pass --now.\n"


# --- history ------------------------------------------------------------------------------------

# At 15:00 on Monday, the polls of the day said up, and 09:00-15:00 are 6 h. At 15:00 on Tuesday,
# the last 24 h are 15:00-17:00 on Monday and 09:00-15:00 on Tuesday: 7 is down for 2 + 2 h and up
# for 4, 8 is up for 2 and down for 6.
HISTORY = """\
now,store_id,uptime_day,downtime_day
2023-01-23T15:00:00Z,7,6.0000,0.0000
2023-01-23T15:00:00Z,8,6.0000,0.0000
2023-01-24T15:00:00Z,7,4.0000,4.0000
2023-01-24T15:00:00Z,8,2.0000,6.0000
"""


def test_history_goes_back_from_now(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["history", str(folder), "--now", NOW, "--every", "1d", "--reports", "2", *DAY]
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert out == HISTORY
    assert err.startswith("4 rows, 6 polls, now = 2023-01-24T15:00:00Z, ")


def test_history_goes_back_from_the_latest_poll(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["history", str(folder), "--every", "90m", "--reports", "3"]) == 0
    rows = capsys.readouterr().out.splitlines()[1:]
    assert [row.partition(",")[0] for row in rows[::2]] == [
        "2023-01-24T09:00:00Z",
        "2023-01-24T10:30:00Z",
        "2023-01-24T12:00:00Z",
    ]


def test_months_of_a_history_end_with_the_month(folder: Path) -> None:
    target = folder / "history.parquet"
    argv = ["--now", "2023-03-31T00:00:00Z", "--every", "1mo", "--reports", "3", "--detail"]
    assert main(["history", str(folder), *argv, "-o", str(target)]) == 0
    # One and two months before the 31st of March; no step is taken from the 28th of February.
    at = ["2023-01-31T00:00:00Z", "2023-02-28T00:00:00Z", "2023-03-31T00:00:00Z"]
    assert pl.read_parquet(target).equals(compute_history(*load_csv(folder), at, detail=True))


def test_history_to_a_terminal_has_the_instants_in_front(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch, 50)
    argv = ["history", str(folder), "--now", NOW, "--every", "1d", "--reports", "2", *DAY]
    assert main(argv) == 0
    assert capsys.readouterr().out == (
        "\n"
        "                                     day, hours\n"
        "now                store_id    uptime  downtime\n"
        "2023-01-23T15:00Z  7             6.00      0.00\n"
        "2023-01-23T15:00Z  8             6.00      0.00\n"
        "2023-01-24T15:00Z  7             4.00      4.00\n"
        "2023-01-24T15:00Z  8             2.00      6.00\n"
        "\n"
    )


@pytest.mark.parametrize(
    ("own", "problem"),
    [
        (["--reports", "2"], "required: --every"),
        (["--every", "1d"], "required: --reports"),
        (["--every", "0mo", "--reports", "2"], "'0mo' leads nowhere"),
        (["--every", "0s", "--reports", "2"], "'0s' leads nowhere"),
        (["--every", "day-1", "--reports", "2"], "'day-1' is no length"),
        (["--every", "1d", "--reports", "0"], "'0' is no whole number from 1 to 999999"),
        (["--every", "1d", "--reports", "-1"], "--reports"),
        (["--every", "1d", "--reports", "1000000"], "'1000000' is no whole number"),
        (["--every", "1d", "--reports", "1.5"], "'1.5' is no whole number"),
    ],
)
def test_a_history_that_makes_no_sense(
    own: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert problem in refused(capsys, "history", "x", *own)


@pytest.mark.parametrize("every", ["1y", "999999999s", "9999w"])
def test_a_history_that_reaches_back_too_far(
    every: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["history", str(folder), "--now", NOW, "--every", every, "--reports", "999999"]
    assert main(argv) == 1
    assert told(capsys).startswith("--reports: so many reports reach back before the year 1 ")


# --- groups of stores ---------------------------------------------------------------------------

# Store 8 is the north and store 7 the south. 6 of 8 h down is 75 times what 0.99 allows, 4 of 8 h
# is 50 times.
SUMMARY = """\
region,window,unit,stores,stores_unknown,stores_closed,stores_below_target,uptime,downtime,unknown,\
scheduled,availability,availability_percent,availability_mean,error_budget_used
north,day,hours,1,0,,1,2.0000,6.0000,,,0.2500,25.0000,0.2500,75.0000
south,day,hours,1,0,,1,4.0000,4.0000,,,0.5000,50.0000,0.5000,50.0000
"""


def by(folder: Path, *argv: str) -> list[str]:
    """Return the arguments of a report by region."""
    return ["report", str(folder), "--now", NOW, *DAY, "--by", str(folder / "regions.csv"), *argv]


def test_report_by_groups_is_their_summary(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(by(folder)) == 0
    out, err = capsys.readouterr()
    assert out == SUMMARY
    assert err.startswith("2 rows, 6 polls, ")


def test_target_of_a_summary(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(by(folder, "--target", "0.5")) == 0
    rows = [line.split(",") for line in capsys.readouterr().out.splitlines()[1:]]
    # Half is not below half, and just what it allows.
    assert [(row[0], row[6], row[-1]) for row in rows] == [
        ("north", "1", "1.5000"),
        ("south", "0", "1.0000"),
    ]


def test_details_of_a_summary(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(by(folder, "--detail", "--no-backfill", "--lookback", "0s")) == 0
    rows = [line.split(",") for line in capsys.readouterr().out.splitlines()[1:]]
    # Evidence from Monday 15:00 on. 8: down at 10:00:01, before unknown: 2 h + 1 h 1 s. 7: down
    # at 16:00, before unknown: 1 h.
    assert [(row[0], row[9], row[10]) for row in rows] == [
        ("north", "3.0003", "8.0000"),
        ("south", "1.0000", "8.0000"),
    ]


def test_summary_to_a_terminal_is_a_table(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch, 300)
    assert main(by(folder)) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    brief = "region window unit stores stores_unknown stores_below_target uptime downtime"
    assert lines[1:-1] == [
        [*brief.split(), "availability_percent", "error_budget_used"],
        ["north", "day", "hours", "1", "0", "1", "2.00", "6.00", "25.000", "75.00"],
        ["south", "day", "hours", "1", "0", "1", "4.00", "4.00", "50.000", "50.00"],
    ]
    assert main(by(folder, "--detail")) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1] == SUMMARY.splitlines()[0].split(",")
    assert lines[2][10:] == ["8.00", "0.2500", "25.000", "0.2500", "75.00"]


def test_history_by_groups_has_each_instant(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["history", *by(folder)[1:], "--every", "1d", "--reports", "2"]
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
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # 007 is another store than 7, as it is in the tables.
    (folder / "regions.csv").write_text("region,store_id\nsouth,007\nnorth,8\n")
    assert main(by(folder)) == 0
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
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (folder / "regions.csv").open("a") as file:
        file.write("7,north,why\n,north\n")
    assert main(by(folder)) == 1
    message = told(capsys)
    assert "wrong number of fields: 3 instead of 2 (line 5); store_id: null id" in message
    assert "--lenient" in message
    rejected = folder / "rejected.csv"
    assert main(by(folder, "--lenient", "--rejected", str(rejected))) == 0
    out, err = capsys.readouterr()
    assert out == SUMMARY
    assert err.startswith("left out 2 unusable rows: by 2\n")
    assert rejected.read_text().splitlines()[2] == 'by,6,store_id: null id,",north"'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the file is empty"),
        ('store_id,"region\n', "a quote out of place in the header"),
        ("id,region\n7,north\n", "by.store_id: {}: no such column"),
        ("store_id,region,region\n7,a,b\n", "by.region: {}: more than one such column"),
        ("store_id\n7\n", "by: no column to group by"),
        ("store_id,window\n7,x\n", "by.window: the summary has a column of this name already"),
        ("store_id,region\n7,a\n7,b\n", "by.store_id: a store more than once in 2 rows"),
        ("store_id,region\n8.41954E+18,a\n", "the ids went through a spreadsheet"),
    ],
)
def test_groups_are_checked_before_any_work(
    text: str,
    problem: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("store_uptime.cli.commands.load_csv")
    path = folder / "regions.csv"
    path.write_text(text)
    assert main(by(folder)) == 1
    assert problem.format(path) in told(capsys)


def test_groups_without_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "regions.csv"
    path.unlink()
    assert main(by(folder)) == 1
    assert told(capsys) == f"by: {path}: no such file.\n"


@pytest.mark.parametrize("target", ["0", "-0.5", "1.01", "nan", "99%", "1e-300"])
def test_targets_that_make_no_sense(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    message = refused(capsys, "report", "x", "--by", "y.csv", f"--target={target}")
    assert f"{target!r} is no availability above 0 and at most 1" in message


def test_a_target_is_one_of_groups(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--target needs --by" in refused(capsys, "report", "x", "--target", "0.9")


def test_a_summary_never_replaces_the_groups_it_is_made_from(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "regions.csv"
    before = path.read_text()
    assert "is one of the tables to read" in refused(capsys, *by(folder, "-o", str(path)))
    assert path.read_text() == before


# --- all of them --------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["history", "outages", "timeline"])
def test_help_of_each_command_fits_on_80_columns(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert ("UNIT is" in text) == (command == "history")


@pytest.mark.parametrize("option", ["--detail", "--window", "--by"])
def test_what_has_no_windows_has_no_options_for_them(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "unrecognized arguments" in refused(capsys, "outages", "x", option)
    assert {"demo", "report", "history", "outages", "timeline"} == {*make_parser()[1]}


# --- text ---------------------------------------------------------------------------------------


def test_csv_of_instants_and_lengths() -> None:
    at = pl.Series([1_500_000, None, -1]).cast(pl.Datetime("us", "UTC"))
    took = pl.Series([1_500_000, None, 49]).cast(pl.Duration("us"))
    # An instant has all of its digits, a length of time four decimals, like any number.
    assert to_csv(pl.DataFrame({"at": at, "took": took})) == (
        "at,took_seconds\n1970-01-01T00:00:01.500Z,1.5000\n,\n1969-12-31T23:59:59.999999Z,0.0000\n"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0m 00s"),
        (59.999999, "0m 59s"),
        (3599.9, "59m 59s"),
        (3600, "1h 00m"),
        (21_600, "6h 00m"),
        (100 * 3600 + 59 * 60 + 59, "100h 59m"),
    ],
)
def test_lengths_for_a_person_are_cut_never_rounded_up(seconds: float, text: str) -> None:
    took = pl.Series([round(seconds * 10**6)]).cast(pl.Duration("us"))
    table = to_plain_table(pl.DataFrame({"id": ["x"], "took": took}), ["id"], 80)
    assert table == f"id      took\nx   {text.rjust(8)}\n"


def test_a_group_does_not_steer_the_terminal() -> None:
    frame = pl.DataFrame({"\x1b[1mid": ["\x1b[31mred"], "\r": ["\n"]})
    assert to_plain_table(frame, ["\x1b[1mid"], 80).splitlines() == [
        "?[1mid           ?",
        "?[31mred         ?",
    ]
