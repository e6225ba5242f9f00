"""Reports, histories and outages from a folder of settled timelines, without any polls."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import polars as pl
import pytest

from store_uptime.cli import main
from support.command_line import (
    MONDAY,
    ONE_DAY,
    TUESDAY,
    TWO_WORKDAYS,
    failed,
    pretend_terminal,
    refused,
    write_tables,
)

FIRST = "timeline_2023-01-23T000000Z_2023-01-23T150000Z.parquet"
SECOND = "timeline_2023-01-23T150000Z_2023-01-24T150000Z.parquet"
LAST_LINE = "8 pieces from 2023-01-23T00:00:00Z to 2023-01-24T15:00:00Z, 100 % known, now = "
# In New York it is five hours earlier, in Tokyo nine hours later.
ZONES = "store_id,timezone_str\n7,America/New_York\n8,Asia/Tokyo\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an archive of Monday and Tuesday up to 15:00, zones, and regions.

    As `TWO_WORKDAYS` says, 7 is up on Monday from 9:00 to 13:00 and down until 17:00, down on
    Tuesday from 9:00 to 11:00 and up until 15:00. 8 is up on Monday from 9:00 to 17:00, and down on
    Tuesday from 9:00 on.
    """
    folder = tmp_path_factory.mktemp("made")
    tables = write_tables(folder / "tables", TWO_WORKDAYS)
    argv = ["timeline", str(tables), "--settled", "--append", str(folder / "kept"), "--quiet"]
    assert main([*argv, "--start", MONDAY, "--now", TUESDAY]) == 0
    assert main([*argv, "--now", "2023-01-25T15:00:00Z"]) == 0
    shutil.rmtree(tables)
    (folder / "zones.csv").write_text(ZONES)
    (folder / "regions.csv").write_text("store_id,region\n8,north\n7,south\n9,west\n")
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """Return a copy, which a test may change."""
    return Path(shutil.copytree(made, tmp_path / "made"))


@pytest.fixture(autouse=True)
def inside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def rows(capsys: pytest.CaptureFixture[str], *argv: str) -> list[str]:
    """Return the rows that a command prints, without the header."""
    assert main([argv[0], "--timeline", "kept", *argv[1:]]) == 0
    return capsys.readouterr().out.splitlines()[1:]


# --- reports and histories ------------------------------------------------------------------------


def test_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--timeline", "kept", *ONE_DAY, "--window", "hour=1h:minutes"]) == 0
    out, err = capsys.readouterr()
    # The last 24 h are 15:00 to 17:00 on Monday and 9:00 to 15:00 on Tuesday.
    assert out == (
        "store_id,uptime_day,downtime_day,uptime_hour,downtime_hour\n"
        "7,4.0000,4.0000,60.0000,0.0000\n"
        "8,2.0000,6.0000,0.0000,60.0000\n"
    )
    assert re.fullmatch(rf"2 stores, {LAST_LINE}2023-01-24T15:00:00Z, \d+\.\d s\n", err)


def test_a_report_of_the_past(capsys: pytest.CaptureFixture[str]) -> None:
    # Monday, from 7:00 to 14:30.
    argv = ["--now", "2023-01-23T14:30:00Z", "--window", "w=7h30m"]
    assert rows(capsys, "report", *argv) == ["7,4.0000,1.5000", "8,5.5000,0.0000"]


def test_the_details_are_those_that_a_timeline_has(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--timeline", "kept", *ONE_DAY, "--detail"]) == 0
    header, *found = capsys.readouterr().out.splitlines()
    assert header == ("store_id,uptime_day,downtime_day,unknown_day,scheduled_day,availability_day")
    assert found == ["7,4.0000,4.0000,0.0000,8.0000,0.5000", "8,2.0000,6.0000,0.0000,8.0000,0.2500"]


def test_a_person_sees_the_same_details(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    argv = ["report", "--timeline", "kept", *ONE_DAY, "--detail", "--batch-stores", "1"]
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert out.split("\n")[2].split() == [
        *("store_id", "uptime", "downtime", "unknown", "scheduled", "availability")
    ]
    assert "s  reading kept\n" in err
    assert "1 of 2 stores" in err


def test_a_history(capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["history", *ONE_DAY[:1], "day=15h", "--every", "1d", "--reports", "2"]
    # Monday as it is known today: at 15:00 on that day nobody knew of the poll at 16:00.
    assert rows(capsys, *argv) == [
        "2023-01-23T15:00:00Z,7,4.0000,2.0000",
        "2023-01-23T15:00:00Z,8,6.0000,0.0000",
        "2023-01-24T15:00:00Z,7,4.0000,2.0000",
        "2023-01-24T15:00:00Z,8,0.0000,6.0000",
    ]
    argv = [*argv[:-1], "1", "--now", "2023-01-24T11:00:00Z", "--store", "7"]
    # From 20:00 to 11:00.
    assert rows(capsys, *argv) == ["2023-01-24T11:00:00Z,7,0.0000,2.0000"]


@pytest.mark.parametrize("zones", ["zones.csv", "zones.parquet"])
def test_calendar_windows_by_the_zones_of_a_file(
    zones: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pl.read_csv(folder / "zones.csv").write_parquet(folder / "zones.parquet")
    argv = ["--window", "today=day-0", "--now", TUESDAY, "--timezones", zones]
    # In Tokyo, Wednesday began at 15:00 UTC; in New York it is Tuesday.
    assert rows(capsys, "report", *argv) == ["7,4.0000,2.0000", "8,0.0000,0.0000"]


def test_calendar_windows_in_the_default_zone(capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["--window", "today=day-0", "--no-timezones", "--default-timezone"]
    # Chicago is as New York here; in Tokyo the day of both has just begun.
    assert rows(capsys, "report", *argv, "America/Chicago")[0] == "7,4.0000,2.0000"
    assert rows(capsys, "report", *argv, "Asia/Tokyo")[0] == "7,0.0000,0.0000"


def test_calendar_windows_need_zones(capsys: pytest.CaptureFixture[str]) -> None:
    message = refused(capsys, ["report", "--timeline", "kept", "--window", "today=day-0"])
    assert message == (
        "argument --timezones: is needed for calendar windows. Give --timezones FILE; or "
        "--no-timezones, and all stores are in --default-timezone. (see store-uptime report --help)"
    )


def test_sums_targets_and_failures(capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["report", "--timeline", "kept", *ONE_DAY, "--by", "regions.csv", "--target", "0.3"]
    assert main([*argv, "--fail-below", "0.3"]) == 3
    out, err = capsys.readouterr()
    kept = pl.read_csv(out.encode()).select("region", "stores_below_target", "uptime", "downtime")
    assert kept.rows() == [("north", 1, 2.0, 6.0), ("south", 0, 4.0, 4.0)]
    assert err.splitlines()[-1] == (
        "store-uptime: failed: 1 of 2 availabilities below 0.3 (worst: region north, day: 25.00 %)"
    )


def test_a_look_and_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["report", *ONE_DAY, "--sort", "downtime_day", "--top", "1"]
    assert rows(capsys, *argv) == ["8,2.0000,6.0000"]
    assert rows(capsys, *argv, "--store", "7", "--quiet") == ["7,4.0000,4.0000"]
    assert rows(capsys, *argv, "-o", "report.parquet") == []
    assert pl.read_parquet(folder / "report.parquet").rows() == [(8, 2.0, 6.0)]


@pytest.mark.parametrize("zones", [[], ["--timezones", "zones.csv"]])
@pytest.mark.parametrize("command", ["report", "outages"])
def test_a_store_that_is_not_there(
    zones: list[str], command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, [command, "--timeline", "kept", *zones, "--store", "9"])
    assert message.startswith("argument --store: no table has the store '9'")


@pytest.mark.parametrize(
    ("argv", "windows"),
    [
        ([], "'last_week'"),
        (["--window", "a=1d", "--window", "b=40h"], "'b'"),
        (["--window", "a=1h", "--now", "2023-01-24T15:00:01Z"], "'a'"),
        (["--window", "a=1h", "--now", "2023-01-23T00:59:59Z"], "'a'"),
        # A day that begins at 15:00 UTC in Tokyo, on Sunday.
        (["--window", "a=day-2", "--timezones", "zones.csv"], "'a'"),
    ],
)
def test_a_window_that_is_not_covered(
    argv: list[str], windows: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(capsys, ["report", "--timeline", "kept", *argv]) == (
        "argument --window: begins before what the timeline covers, or ends after it "
        f"({windows}). It covers 2023-01-23T00:00:00+00:00 to 2023-01-24T15:00:00+00:00. "
        "Look at --window and --now. (see store-uptime report --help)"
    )


def test_little_known_is_told(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    tables = write_tables(folder / "tables", TWO_WORKDAYS)
    argv = ["timeline", str(tables), "--settled", "--append", "kept", "--quiet"]
    assert main([*argv, "--now", "2023-02-04T00:00:00Z"]) == 0
    capsys.readouterr()
    for command in ("report", "outages"):
        last_day = ONE_DAY if command == "report" else ["--start", "2023-02-02T00:00:00Z"]
        assert main([command, "--timeline", "kept", "--quiet", *last_day]) == 0
        assert capsys.readouterr().err == (
            "store-uptime: warning: Only 0.0 % of the open time is known: 2 of 2 stores have "
            "nothing known; the timeline runs from "
            f"{'2023-01-23' if command == 'report' else '2023-02-02'}T00:00Z to 2023-02-03T00:00Z, "
            "and now is 2023-02-03T00:00Z. Look at --now.\n"
        )


# --- outages --------------------------------------------------------------------------------------


def test_outages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outages", "--timeline", "kept"]) == 0
    out, err = capsys.readouterr()
    # 7: 4 h on Monday and 2 h on Tuesday, 22 h by the clock. 8: 6 h, and still down.
    assert out == (
        "store_id,start,end,downtime_seconds,ongoing,elapsed_seconds,recovered\n"
        "7,2023-01-23T13:00:00Z,2023-01-24T11:00:00Z,21600.0000,false,79200.0000,true\n"
        "8,2023-01-24T09:00:00Z,2023-01-24T15:00:00Z,21600.0000,true,21600.0000,false\n"
    )
    assert re.fullmatch(rf"2 outages, {LAST_LINE}2023-01-24T15:00:00Z, \d+\.\d s\n", err)


def test_outages_of_a_part(capsys: pytest.CaptureFixture[str]) -> None:
    span = ["--start", "2023-01-23T14:00:00Z", "--now", "2023-01-24T10:00:00Z"]
    # 7: 14:00 to 17:00 and 9:00 to 10:00; both are down at the end.
    assert rows(capsys, "outages", *span) == [
        "7,2023-01-23T14:00:00Z,2023-01-24T10:00:00Z,14400.0000,true,72000.0000,false",
        "8,2023-01-24T09:00:00Z,2023-01-24T10:00:00Z,3600.0000,true,3600.0000,false",
    ]
    assert [row[0] for row in rows(capsys, "outages", *span[2:])] == ["7", "8"]
    only = rows(capsys, "outages", "--start", "2023-01-24T12:00:00Z", "--ongoing")
    assert only == ["8,2023-01-24T12:00:00Z,2023-01-24T15:00:00Z,10800.0000,true,10800.0000,false"]


def test_sums_of_outages(capsys: pytest.CaptureFixture[str]) -> None:
    by_region = rows(capsys, "outages", "--by", "regions.csv")
    assert [row.split(",")[:3] for row in by_region] == [
        ["north", "1", "1"],
        ["south", "1", "0"],
        ["west", "0", "0"],
    ]
    (total,) = rows(capsys, "outages", "--total")
    # Two outages, one goes on and one recovered, of 6 h each.
    assert total == "2,1,1,43200.0000,21600.0000,21600.0000"
    assert len(rows(capsys, "outages", "--per-store", "--store", "8")) == 1


def test_outages_by_the_clocks_of_the_stores(capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["outages", "--local", "--sort", "start"]
    found = rows(capsys, *argv, "--timezones", "zones.csv")
    assert [row.split(",")[1] for row in found] == [
        "2023-01-23T08:00:00-05:00",
        "2023-01-24T18:00:00+09:00",
    ]
    found = rows(capsys, *argv, "--no-timezones", "--default-timezone", "Asia/Tokyo")
    assert found[0].split(",")[1] == "2023-01-23T22:00:00+09:00"
    message = refused(capsys, ["outages", "--timeline", "kept", "--local"])
    assert message.startswith("argument --local: with --timeline it needs --timezones or ")


@pytest.mark.parametrize(
    ("argv", "option"),
    [
        (["--start", "2023-01-22T00:00:00Z"], "--start"),
        (["--start", "2023-01-24T15:00:00Z"], "--start"),
        (["--start", "2023-01-24T12:00:00Z", "--now", "2023-01-24T12:00:00Z"], "--start"),
        (["--now", "2023-01-24T15:00:00.000001Z"], "--now"),
    ],
)
def test_outages_of_what_is_not_covered(
    argv: list[str], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, ["outages", "--timeline", "kept", *argv])
    assert message.startswith(f"argument {option}: does not give a span that the timeline covers")
    assert "It covers 2023-01-23T00:00:00+00:00 to 2023-01-24T15:00:00+00:00." in message


# --- what does not go together --------------------------------------------------------------------


@pytest.mark.parametrize("command", ["report", "outages"])
@pytest.mark.parametrize(
    ("argv", "option", "reason"),
    [
        (["tables"], "FOLDER", "no polls"),
        (["sqlite:///polls.db"], "FOLDER", "no polls"),
        (["--status", "polls.csv"], "--status", "no polls"),
        (["--hours", "hours.csv"], "--hours", "no polls"),
        (["--no-hours"], "--no-hours", "no polls"),
        (["--special-hours", "x.csv"], "--special-hours", "no polls"),
        (["--maintenance", "x.csv"], "--maintenance", "no polls"),
        (["--maintenance-hours", "x.csv"], "--maintenance-hours", "no polls"),
        (["--lenient"], "--lenient", "no polls"),
        (["--changes"], "--changes", "made by its rules"),
        (["--interpolation", "nearest"], "--interpolation", "made by its rules"),
        (["--evidence", "all"], "--evidence", "made by its rules"),
        (["--no-backfill"], "--no-backfill", "made by its rules"),
        (["--max-gap", "none"], "--max-gap", "made by its rules"),
        (["--lookback", "2d"], "--lookback", "made by its rules"),
        (["--missing-days", "open"], "--missing-days", "made by its rules"),
        (["--no-snap-midnight"], "--no-snap-midnight", "made by its rules"),
    ],
    ids=lambda value: value if isinstance(value, str) and value[0] in "-F" else "",
)
def test_what_would_change_nothing_is_refused(
    command: str, argv: list[str], option: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, [command, "--timeline", "kept", *argv])
    assert message.startswith(f"argument {option}: does not go with --timeline, ")
    assert reason in message


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["-o", "kept/report.parquet"], "argument --output: kept is for settled timelines alone"),
        (["-o", f"kept/{FIRST}"], "argument --output: kept is for settled timelines alone"),
        (["--timezones", "zones.csv", "-o", "zones.csv"], "zones.csv is one of the tables to read"),
        (["--by", "regions.csv", "-o", "regions.csv"], "regions.csv is one of the tables to read"),
        (["--timezones", "zones.csv", "--no-timezones"], "argument --no-timezones: contradicts "),
    ],
)
def test_no_input_is_replaced(
    argv: list[str], told: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(folder.rglob("*"))
    assert refused(capsys, ["report", "--timeline", "kept", *argv]).startswith(told)
    assert sorted(folder.rglob("*")) == before


def test_other_files_may_be_written_beside_it(folder: Path) -> None:
    assert main(["report", "--timeline", "kept", *ONE_DAY, "-o", "kept/report.csv"]) == 0
    assert (folder / "kept/report.csv").exists()
    assert main(["report", "--timeline", "kept", *ONE_DAY, "-o", "report.parquet"]) == 0


# --- folders and files with a fault ---------------------------------------------------------------


def test_no_folder_and_an_empty_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "empty").mkdir()
    assert failed(capsys, ["report", "--timeline", "no"]) == "timeline: no: no such folder."
    assert failed(capsys, ["report", "--timeline", "empty"]) == (
        "timeline: empty: no settled timeline in this folder. "
        "store-uptime timeline --settled --append writes them."
    )


def test_a_missing_file_is_a_gap(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = "timeline_2023-01-24T160000Z_2023-01-25T150000Z.parquet"
    shutil.copy(folder / "kept" / SECOND, folder / "kept" / other)
    message = failed(capsys, ["history", "--timeline", "kept", "--every", "1d", "--reports", "1"])
    assert message.startswith(
        f"timeline: kept: nothing covers the time between {SECOND} and {other}. Put the "
    )


def test_a_damaged_file_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "kept" / SECOND).write_bytes(b"PAR1 and no more")
    message = failed(capsys, ["outages", "--timeline", "kept"])
    assert message.startswith(f"timeline: kept/{SECOND}: cannot be read: ")


def test_another_table_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    polls = {"store_id": [7], "timestamp_utc": ["2023-01-23"], "status": ["active"]}
    pl.DataFrame(polls).write_parquet(folder / "kept" / SECOND)
    message = failed(capsys, ["report", "--timeline", "kept"])
    assert message == (
        f"timeline.start: kept/{SECOND}: no such column; this looks like the status table. "
        "Keep what store-uptime timeline --append wrote."
    )


def test_files_of_other_types_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "kept" / SECOND
    pl.read_parquet(file).with_columns(pl.col("end").cast(pl.String)).write_parquet(file)
    message = failed(capsys, ["report", "--timeline", "kept"])
    assert message.startswith(
        f"timeline.end: kept/{SECOND}: another type than in kept/{FIRST}. Keep what "
    )


def test_further_columns_are_ignored(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "kept" / SECOND
    pl.read_parquet(file).with_columns(note=pl.lit("x")).write_parquet(file)
    assert rows(capsys, "report", *ONE_DAY) == ["7,4.0000,4.0000", "8,2.0000,6.0000"]


def test_a_file_that_was_renamed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    later = "timeline_2023-01-24T000000Z_2023-01-24T150000Z.parquet"
    (folder / "kept" / SECOND).rename(folder / "kept" / later)
    (folder / "kept" / FIRST).unlink()
    message = failed(capsys, ["report", "--timeline", "kept", "--window", "w=1h"])
    assert message.endswith(
        "A settled timeline is named by the span that it covers; look whether a file was renamed."
    )


def test_a_file_that_is_there_twice(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(folder / "kept" / FIRST, folder / "kept" / SECOND)
    message = failed(capsys, ["report", "--timeline", "kept", *ONE_DAY])
    assert "piece that begins before another of its store has ended in 3 rows" in message


# --- ids ------------------------------------------------------------------------------------------


def test_ids_may_become_texts_from_one_file_to_the_next(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = {
        "store_status.csv": "x9,2023-01-25 12:00:00 UTC,active\n",
        "menu_hours.csv": "x9,2,09:00,17:00\n",
        "timezones.csv": "x9,Etc/UTC\n",
    }
    tables = {name: text + more[name] for name, text in TWO_WORKDAYS.items()}
    argv = ["timeline", str(write_tables(folder / "tables", tables)), "--settled"]
    assert main([*argv, "--append", "kept", "--now", "2023-01-26T15:00:00Z"]) == 0
    capsys.readouterr()
    # The 48 h are the day of the tests above, two hours of Tuesday more, and Wednesday up to 15:00.
    # A poll reaches a day ahead: on Wednesday that of 7 says up until 12:00, that of 8 down until
    # 10:00:01. x9 is open on Wednesdays, and up.
    assert rows(capsys, "report", "--window", "w=2d") == [
        "7,9.0000,4.0000",
        "8,2.0000,9.0003",
        "x9,6.0000,0.0000",
    ]
    assert rows(capsys, "report", "--window", "w=1h", "--store", "x9") == ["x9,1.0000,0.0000"]


@pytest.mark.parametrize("window", ["day=24h:hours", "day=day-0"])
def test_ids_of_the_zones_may_be_texts(
    window: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "zones.csv").write_text(f"{ZONES}x9,Etc/UTC\n")
    found = rows(capsys, "report", "--timezones", "zones.csv", "--window", window)
    assert [row.partition(",")[0] for row in found] == ["7", "8", "x9"]
    assert found[0].startswith("7,4.0000,")
    assert found[2] == "x9,0.0000,0.0000"


@pytest.mark.parametrize(
    ("zones", "told"),
    [
        (f"{ZONES}7,Asia/Tokyo\n", "one store with two different zones"),
        ("store_id,timezone_str\n7,Mars\n", "Mars"),
        ("store_id,zone\n7,Asia/Tokyo\n", "timezones.timezone_str: "),
    ],
)
@pytest.mark.parametrize("command", ["report", "outages"])
def test_zones_that_cannot_be_used(
    command: str, zones: str, told: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "zones.csv").write_text(zones)
    argv = ["--timezones", "zones.csv"]
    assert told in failed(capsys, [command, "--timeline", "kept", *argv])
