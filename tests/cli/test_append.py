"""Settled timelines that are added to a folder, a file a run."""
# ruff: noqa: S603, the only program started here is this Python

from __future__ import annotations

import datetime as dt
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import polars as pl
import pytest

from store_uptime import compute_timeline, load_csv
from store_uptime.cli import main
from support.command_line import (
    HANG,
    MONDAY,
    TUESDAY,
    WORKDAY_POLLS,
    failed,
    refused,
    write_database,
)

WEDNESDAY = "2023-01-25T15:00:00Z"
FIRST = "timeline_2023-01-23T000000Z_2023-01-23T150000Z.parquet"
SECOND = "timeline_2023-01-23T150000Z_2023-01-24T150000Z.parquet"
SETTLED = ["timeline", "{}/tables", "--settled"]
APPEND = [*SETTLED, "--append", "{}/kept"]
START = ["--start", MONDAY]


def words(tmp_path: Path, *argv: str) -> list[str]:
    return [word.format(tmp_path) for word in argv]


def run(tmp_path: Path, *argv: str) -> None:
    assert main(words(tmp_path, *APPEND, *argv)) == 0


def content(tmp_path: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((tmp_path / "kept").iterdir())}


def hours(file: Path) -> list[tuple[int, str, str, str]]:
    """Return the pieces with day and hour of their edges, such as ``23 09``."""
    frame = pl.read_parquet(file)
    times = pl.col("start", "end").dt.strftime("%d %H:%M").str.strip_suffix(":00")
    return frame.with_columns(times, pl.col("state").cast(pl.String)).rows()


@pytest.fixture
def kept(two_workdays: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Return the folder after two runs, the first of which began on Monday."""
    assert two_workdays == tmp_path / "tables"
    run(tmp_path, *START, "--now", TUESDAY)
    run(tmp_path, "--now", WEDNESDAY)
    capsys.readouterr()
    return tmp_path / "kept"


def test_each_run_begins_where_the_last_one_ended(kept: Path) -> None:
    assert [path.name for path in sorted(kept.iterdir())] == [FIRST, SECOND]
    # A poll reaches a day back, so all is settled up to a day before now. As `TWO_WORKDAYS` says,
    # 7 goes down at Monday 13:00 and up at Tuesday 11:00, 8 is down from Tuesday 9:00 on.
    assert hours(kept / FIRST) == [
        (7, "23 09", "23 13", "up"),
        (7, "23 13", "23 15", "down"),
        (8, "23 09", "23 15", "up"),
    ]
    assert hours(kept / SECOND) == [
        (7, "23 15", "23 17", "down"),
        (7, "24 09", "24 11", "down"),
        (7, "24 11", "24 15", "up"),
        (8, "23 15", "23 17", "up"),
        (8, "24 09", "24 15", "down"),
    ]


def test_the_last_line_says_up_to_when_all_is_settled_and_where_it_is(
    two_workdays: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert two_workdays.is_dir()
    run(tmp_path, *START, "--now", TUESDAY)
    out, err = capsys.readouterr()
    told = (
        f"3 pieces, {WORKDAY_POLLS}, 100 % known, settled up to 2023-01-23T15:00:00Z, "
        "now = 2023-01-24T15:00:00Z, X s, written to "
    )
    assert not out
    assert re.sub(r"\d+\.\d s", "X s", err) == f"{told}{tmp_path}/kept/{FIRST}\n"


def test_many_uneven_runs_are_one(two_workdays: Path, tmp_path: Path) -> None:
    now = dt.datetime(2023, 1, 24, 1, 2, 3, 456789, dt.UTC)
    while now < dt.datetime(2023, 1, 25, 15, tzinfo=dt.UTC):
        run(tmp_path, *START[: 2 * (not (tmp_path / "kept").exists())], "--now", now.isoformat())
        now += dt.timedelta(hours=7, minutes=31, microseconds=1)
    run(tmp_path, "--now", WEDNESDAY)
    files = sorted((tmp_path / "kept").iterdir())
    assert len(files) == 7
    whole = compute_timeline(load_csv(two_workdays), now=WEDNESDAY, start=MONDAY, settled=True)
    joined = pl.concat(map(pl.read_parquet, files)).sort("store_id", "start")
    # A cut splits a piece in two that touch, and does nothing else.
    begins = (
        pl.struct("store_id", "state").ne(pl.struct("store_id", "state").shift())
        | (pl.col("start") != pl.col("end").shift())
    ).fill_null(value=True)
    pieces = joined.group_by(begins.cum_sum().alias("piece"), maintain_order=True).agg(
        pl.col("store_id", "start").first(), pl.col("end", "state").last()
    )
    assert joined.height > whole.height
    assert pieces.drop("piece").equals(whole)


@pytest.mark.parametrize(
    "argv", [["--now", WEDNESDAY], ["--now", TUESDAY], ["--now", "2023-01-20T00:00:00Z"], []]
)
def test_a_run_with_nothing_new_writes_nothing(
    argv: list[str], kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(tmp_path)
    run(tmp_path, *argv)
    out, err = capsys.readouterr()
    now = argv[-1] if argv else "2023-01-24T12:00:00Z"
    told = f"nothing to add: {kept} is settled up to 2023-01-24T15:00:00Z, now = {now}, "
    assert not out
    assert err.startswith(told)
    assert err.count("\n") == 1
    run(tmp_path, *argv, "--quiet")
    assert capsys.readouterr() == ("", "")
    assert content(tmp_path) == before


def test_what_is_known_to_add_nothing_reads_nothing(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_work(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError

    monkeypatch.setattr("store_uptime.cli.sources.load_csv", no_work)
    run(tmp_path, "--now", WEDNESDAY)
    assert kept.is_dir()


@pytest.mark.parametrize(
    ("start", "now"), [(MONDAY, TUESDAY), ("2023-01-23T16:00:00+01:00", WEDNESDAY)]
)
def test_the_same_span_again_is_the_same_file(
    start: str, now: str, kept: Path, tmp_path: Path
) -> None:
    before = content(tmp_path)
    file = kept / (FIRST if start == MONDAY else SECOND)
    file.write_bytes(b"damaged")
    run(tmp_path, "--start", start, "--now", now)
    assert content(tmp_path) == before


@pytest.mark.parametrize(
    "argv",
    [
        ["--start", "2023-01-24T15:00:01Z"],  # a gap
        ["--start", "2023-01-24T14:59:59Z"],  # an overlap
        ["--start", "2023-01-22T00:00:00Z"],
        ["--start", MONDAY, "--now", WEDNESDAY],  # the start of a file that ends elsewhere
        ["--start", "2023-01-23T15:00:00Z", "--now", "2023-01-25T14:00:00Z"],
    ],
)
def test_another_start_is_refused_before_any_work(
    argv: list[str],
    kept: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_work(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError

    monkeypatch.setattr("store_uptime.cli.sources.load_csv", no_work)
    before = content(tmp_path)
    assert refused(capsys, words(tmp_path, *APPEND, *argv)) == (
        f"argument --start: {kept} ends at 2023-01-24T15:00:00Z, and what is added begins there: "
        "leave --start out, or give --start 2023-01-24T15:00:00Z (see store-uptime timeline --help)"
    )
    assert content(tmp_path) == before


def test_the_start_of_a_file_is_refused_once_the_latest_poll_is_known(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The latest poll is of Tuesday noon, so the run would end at Monday noon.
    message = refused(capsys, words(tmp_path, *APPEND, *START))
    assert message.startswith(f"argument --start: {kept} ends at 2023-01-24T15:00:00Z")


def test_the_end_may_be_typed_as_the_start(kept: Path, tmp_path: Path) -> None:
    run(tmp_path, "--start", "2023-01-24T15:00:00Z", "--now", "2023-01-26T09:00:00.5Z")
    name = "timeline_2023-01-24T150000Z_2023-01-25T090000_500000Z.parquet"
    assert [path.name for path in sorted(kept.iterdir())] == [FIRST, SECOND, name]


def test_the_first_run_begins_a_week_before_now(two_workdays: Path, tmp_path: Path) -> None:
    assert two_workdays.is_dir()
    run(tmp_path)
    # The latest poll is of Tuesday, the 24th, at noon.
    assert [*content(tmp_path)] == ["timeline_2023-01-17T120000Z_2023-01-23T120000Z.parquet"]


def test_a_span_without_open_time_is_covered(
    two_workdays: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert two_workdays.is_dir()
    run(tmp_path, "--start", "2023-01-21T00:00:00Z", "--now", MONDAY)  # Saturday
    assert "0 pieces, " in capsys.readouterr().err
    (file,) = (tmp_path / "kept").iterdir()
    assert file.name == "timeline_2023-01-21T000000Z_2023-01-22T000000Z.parquet"
    assert pl.read_parquet(file).columns == ["store_id", "start", "end", "state"]
    run(tmp_path, "--now", TUESDAY)
    assert len([*(tmp_path / "kept").iterdir()]) == 2
    assert main(words(tmp_path, "report", "--timeline", "{}/kept", "--window", "w=63h")) == 0
    # Of the first file nothing, of Monday what is up to 15:00.
    assert capsys.readouterr().out.splitlines()[1:] == ["7,4.0000,2.0000", "8,6.0000,0.0000"]


def test_a_log_of_changes_is_settled_up_to_now(two_workdays: Path, tmp_path: Path) -> None:
    assert two_workdays.is_dir()
    run(tmp_path, *START, "--now", TUESDAY, "--changes")
    (file,) = (tmp_path / "kept").iterdir()
    assert file.name == "timeline_2023-01-23T000000Z_2023-01-24T150000Z.parquet"
    # 7 is up from 10:00 to 16:00 on Monday, down until Tuesday noon, and up.
    assert hours(file)[:5] == [
        (7, "23 09", "23 10", "unknown"),
        (7, "23 10", "23 16", "up"),
        (7, "23 16", "23 17", "down"),
        (7, "24 09", "24 12", "down"),
        (7, "24 12", "24 15", "up"),
    ]


def test_a_database_gives_the_same_files(kept: Path, tmp_path: Path) -> None:
    before = content(tmp_path)
    for file in kept.iterdir():
        file.unlink()
    uri = write_database(tmp_path / "polls.db")
    for argv in ([*START, "--now", TUESDAY], ["--now", WEDNESDAY], []):
        assert main(["timeline", uri, "--settled", "--append", str(kept), *argv]) == 0
    assert content(tmp_path) == before


# --- without --append -----------------------------------------------------------------------------


def test_a_settled_timeline_may_be_printed_and_written(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["timeline", str(two_workdays), "--settled", *START, "--now", TUESDAY]
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1:] == [
        "7,2023-01-23T09:00:00Z,2023-01-23T13:00:00Z,up",
        "7,2023-01-23T13:00:00Z,2023-01-23T15:00:00Z,down",
        "8,2023-01-23T09:00:00Z,2023-01-23T15:00:00Z,up",
    ]
    assert ", 100 % known, settled up to 2023-01-23T15:00:00Z, now = 2023-01-24T15:00:00Z" in err
    assert main([*argv, "--store", "8", "--local"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "8,2023-01-23T09:00:00+00:00,2023-01-23T15:00:00+00:00,up"
    ]


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--interpolation", "next"], "--interpolation: with it, "),
        (["--interpolation", "previous"], "--no-backfill: without it, "),
        (["--no-backfill"], "--no-backfill: with it, "),
        (["--max-gap", "none"], "--max-gap: with it, "),
        (["--lookback", "23h"], "--lookback: with it, "),
        (["--changes", "--lookback", "1d"], "--lookback: with it, "),
    ],
)
@pytest.mark.parametrize("append", [[], ["--append", "{}/kept"]], ids=["print", "append"])
def test_rules_by_which_nothing_settles_name_their_option(
    argv: list[str],
    told: str,
    append: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Nothing is read before.
    message = refused(capsys, words(tmp_path, "timeline", "nowhere", "--settled", *append, *argv))
    assert message.startswith(f"argument {told}what is kept may still change")
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("argv", [SETTLED, APPEND], ids=["print", "append"])
def test_a_start_behind_what_is_settled(
    argv: list[str], two_workdays: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert two_workdays.is_dir()
    start = ["--start", "2023-01-23T15:00:00Z", "--now", TUESDAY]
    message = refused(capsys, words(tmp_path, *argv, *start))
    assert message.startswith("argument --start: is not before the end of what is settled")
    assert not (tmp_path / "kept").exists()


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "option"),
    [
        (["-o", "t.parquet"], "--output"),
        (["-o", "-"], "--output"),
        (["--local"], "--local"),
        (["--store", "7"], "--store"),
        (["--sort", "start"], "--sort"),
        (["--top", "1"], "--top"),
    ],
)
def test_what_would_lose_rows_is_refused(
    argv: list[str], option: str, two_workdays: Path, tmp_path: Path, capsys: Any
) -> None:
    assert two_workdays.is_dir()
    message = refused(capsys, words(tmp_path, *APPEND, *argv))
    assert message.startswith(
        f"argument {option}: does not go with --append, which keeps every row"
    )


def test_append_needs_settled(
    two_workdays: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, ["timeline", str(two_workdays), "--append", str(tmp_path / "kept")])
    assert message.startswith("argument --append: needs --settled")


@pytest.mark.parametrize(
    ("place", "told"),
    [("no/kept", "no: no such folder"), ("tables/timezones.csv", "timezones.csv: not a folder")],
)
def test_a_place_that_is_none(
    place: str, told: str, two_workdays: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["timeline", str(two_workdays), "--settled", "--append", str(tmp_path / place)]
    assert failed(capsys, argv).endswith(told)


def test_an_archive_with_a_fault_is_not_added_to(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kept / "store_status.parquet").touch()
    message = failed(capsys, words(tmp_path, *APPEND, "--now", "2023-01-27T00:00:00Z"))
    assert message == (
        f"timeline: {kept}: not named as a settled timeline: store_status.parquet. "
        "Move other files to another folder."
    )


# --- runs that end early --------------------------------------------------------------------------


@pytest.mark.parametrize("now", [WEDNESDAY, "2023-01-26T15:00:00Z"], ids=["again", "anew"])
def test_a_killed_run_leaves_the_archive_as_it_was(
    now: str, kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(tmp_path)
    start = "2023-01-23T15:00:00Z" if now == WEDNESDAY else "2023-01-24T15:00:00Z"
    argv = words(tmp_path, *APPEND, "--start", start, "--now", now)
    with subprocess.Popen(
        [sys.executable, "-c", HANG, *argv], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        # By now the whole timeline stands in a hidden file.
        assert int(process.stdout.readline()) > 0
        process.kill()
    assert process.returncode == -signal.SIGKILL
    hidden = [name for name in content(tmp_path) if name.startswith(".")]
    assert len(hidden) == 1
    assert {name: each for name, each in content(tmp_path).items() if name in before} == before
    report = words(tmp_path, "report", "--timeline", "{}/kept", "--window", "w=1d")
    assert main(report) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["7,4.0000,4.0000", "8,2.0000,6.0000"]
    assert main(argv) == 0
    files = sorted(path for path in kept.iterdir() if path.name not in hidden)
    assert len(files) == (2 if now == WEDNESDAY else 3)
    assert pl.concat(map(pl.read_parquet, files)).height >= 8
