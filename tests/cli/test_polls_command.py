"""What the polls are worth, on the command line."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from store_uptime import describe_polls, load_csv
from store_uptime.cli import main
from support.command_line import TUESDAY, WORKDAY_POLLS, pretend_terminal, refused

# Open time between the polls of 7: 6 h after an active one, 2 h and 2 h after inactive ones, then
# 3 h to now. Of 8: 6 h and 1 s after an active one, then 1 s less than 5 h.
POLLS = """\
store_id,polls,repeated,conflicting,outside_hours,first_poll,last_poll,evidence,inactive_share,\
median_gap_seconds,longest_gap_seconds,gap_ratio,gaps_after_inactive,has_hours,has_timezone
7,4,0,0,0,2023-01-23T10:00:00Z,2023-01-24T12:00:00Z,4,0.5000,7200.0000,21600.0000,0.3333,2,true,true
8,2,0,0,0,2023-01-23T12:00:00Z,2023-01-24T10:00:01Z,2,0.5000,21601.0000,21601.0000,,0,true,true
"""


def test_to_a_pipe_they_are_csv_with_all_columns(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["polls", str(two_workdays), "--now", TUESDAY]) == 0
    out, err = capsys.readouterr()
    assert out == POLLS
    # The mean of 2 h and 2 h over that of 6 h and 6 h 1 s.
    ratio = r"gap ratio 0\.33 of the fleet \(2 gaps after inactive polls\)"
    now = "now = 2023-01-24T15:00:00Z"
    assert re.fullmatch(rf"2 stores, {WORKDAY_POLLS}, {ratio}, {now}, \d+\.\d s\n", err)


def test_to_a_terminal_they_are_a_table_with_some(
    two_workdays: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    assert main(["polls", str(two_workdays), "--now", TUESDAY]) == 0
    assert capsys.readouterr().out == (
        "\n"
        "store_id  evidence  median_gap  longest_gap  gap_ratio\n"
        "7                4      2h 00m       6h 00m       0.33\n"
        "8                2      6h 00m       6h 00m          -\n"
        "\n"
    )


@pytest.mark.parametrize(
    ("column", "shown", "first"),
    [
        ("gaps_after_inactive", "gaps_after_inactive", "7"),
        ("median_gap_seconds", "median_gap", "8"),
        ("inactive_share", "inactive_share", "7"),
        ("polls", "polls", "8"),
        ("last_poll", "last_poll", "8"),
        ("has_hours:desc", "has_hours", "7"),
    ],
)
def test_the_worst_come_first_and_their_column_is_shown(
    column: str,
    shown: str,
    first: str,
    two_workdays: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pretend_terminal(monkeypatch)
    assert main(["polls", str(two_workdays), "--sort", column, "--top", "1"]) == 0
    out, _ = capsys.readouterr()
    header, row = out.splitlines()[1:3]
    assert shown in header.split()
    assert row.split()[0] == first


def test_start_store_and_rules_are_followed(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["--start", "2023-01-24T10:00:00Z", "--store", "7", "--evidence", "all"]
    assert main(["polls", str(two_workdays), "--now", TUESDAY, *argv]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1:] == [
        "7,2,0,0,0,2023-01-24T10:00:00Z,2023-01-24T12:00:00Z,2,0.5000,7200.0000,10800.0000,,1,true,true"
    ]
    # One gap after an inactive poll, and none after an active one: 8 counts for the fleet too.
    assert ", no gap ratio of the fleet, now = " in err
    wrong = ["polls", str(two_workdays), "--sort", "downtime"]
    assert "no column 'downtime'; there are store_id, polls, " in refused(capsys, wrong)


def test_to_parquet_they_are_the_frame_itself(two_workdays: Path) -> None:
    target = two_workdays / "polls.parquet"
    argv = ["polls", str(two_workdays), "--now", TUESDAY, "-o", str(target), "--batch-stores", "1"]
    assert main(argv) == 0
    expected = describe_polls(load_csv(two_workdays), now=TUESDAY)
    assert pl.read_parquet(target).equals(expected)


def test_local_times(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    zones = two_workdays / "timezones.csv"
    zones.write_text("store_id,timezone_str\n7,Asia/Calcutta\n8,Etc/UTC\n")
    assert main(["polls", str(two_workdays), "--local", "--store", "7"]) == 0
    assert ",2023-01-23T15:30:00+05:30,2023-01-24T17:30:00+05:30," in capsys.readouterr().out


def test_quiet_says_nothing_however_little_is_known(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["polls", str(two_workdays), "--now", "2033-01-01T00:00:00Z", "--quiet"]
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1] == "7,0,0,0,0,,,0,,,,,0,true,true"
    assert not err


def test_tables_that_do_not_meet_are_told(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hours = two_workdays / "menu_hours.csv"
    hours.write_text(hours.read_text().replace("\n7,", "\n17,").replace("\n8,", "\n18,"))
    assert main(["polls", str(two_workdays), "--quiet"]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("store-uptime: warning: No polled store is in hours")


def test_many_batches_draw_a_progress_bar(
    two_workdays: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    assert main(["polls", str(two_workdays), "--batch-stores", "1"]) == 0
    drawn = capsys.readouterr().err.split("\r")[1:]
    assert re.search(r"\[#{15}\.{15}\] 1 of 2 stores$", drawn[0])


def test_help_says_what_the_gap_ratio_means(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["polls", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "after an inactive poll, divided by the mean gap after an active one" in told
