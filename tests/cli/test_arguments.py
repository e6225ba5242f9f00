"""What may be typed, and what is refused with exit code 2."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError
from typing import Any, NoReturn

import pytest
from dateutil.relativedelta import relativedelta

from store_uptime import CalendarWindow, Policy, Window
from store_uptime.cli import main
from store_uptime.cli.arguments import make_parser, policy_of, windows_of
from store_uptime.cli.typed_words import as_typed
from support.command_line import refused

COMMANDS = ["report", "history", "outages", "timeline", "polls"]
POLICIES: list[tuple[list[str], str, Any]] = [
    (["--interpolation", "previous"], "interpolation", "previous"),
    (["--evidence", "all"], "evidence", "all"),
    (["--no-backfill"], "backfill", False),
    (["--max-gap", "1h30m"], "max_gap", timedelta(minutes=90)),
    (["--lookback", "0s"], "lookback", timedelta(0)),
    (["--max-gap", "none"], "max_gap", None),
    (["--lookback", "NONE"], "lookback", None),
    (["--missing-days", "open"], "missing_days", "open"),
    (["--no-snap-midnight"], "snap_midnight", False),
    (["--default-timezone", "Asia/Tokyo"], "default_timezone", "Asia/Tokyo"),
]


@pytest.mark.parametrize(("option", "field", "value"), POLICIES)
def test_each_rule_has_its_option(option: list[str], field: str, value: Any) -> None:
    args = make_parser()[0].parse_args(["report", "x", *option])
    assert policy_of(args) == Policy(**{field: value})


def test_no_rule_is_forgotten() -> None:
    assert {field for _, field, _ in POLICIES} == {field.name for field in fields(Policy)}
    assert policy_of(make_parser()[0].parse_args(["report", "x"])) == Policy()


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90m", timedelta(minutes=90)),
        ("3600s", timedelta(hours=1)),
        ("2w1d", timedelta(days=15)),
        ("1mo", relativedelta(months=1)),
        ("1y2mo3d", relativedelta(years=1, months=2, days=3)),
        ("1q", relativedelta(months=3)),
        ("1s500ms", timedelta(milliseconds=1500)),
    ],
)
def test_windows_of_any_length(text: str, length: timedelta | relativedelta) -> None:
    args = make_parser()[0].parse_args(["report", "x", "--window", f"w={text}:days"])
    assert windows_of(args) == {"w": Window(length, "days")}


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("w=day-1", CalendarWindow("day", -1, "hours")),
        ("w=week-0:minutes", CalendarWindow("week", 0, "minutes")),
        ("w=month-1:days", CalendarWindow("month", -1, "days")),
        ("w=quarter-2:seconds", CalendarWindow("quarter", -2, "seconds")),
        ("w=year-10:hours", CalendarWindow("year", -10, "hours")),
        ("w=week-1@sunday:hours", CalendarWindow("week", -1, "hours", "sunday")),
        ("w=week-0@Sat:days", CalendarWindow("week", 0, "days", "saturday")),
        ("w=week-0@MONDAY", CalendarWindow("week", 0)),
        ("w=year-1@april", CalendarWindow("year", first_month=4)),
        ("w=quarter-0@feb", CalendarWindow("quarter", 0, first_month=2)),
        ("w=quarter-2@May:days", CalendarWindow("quarter", -2, "days", first_month=5)),
        ("w=year-0@4", CalendarWindow("year", 0, first_month=4)),
        ("w=year-0@07", CalendarWindow("year", 0, first_month=7)),
        ("w=year-0@12", CalendarWindow("year", 0, first_month=12)),
    ],
)
def test_windows_of_the_calendar(text: str, window: CalendarWindow) -> None:
    args = make_parser()[0].parse_args(["report", "x", "--window", text])
    assert windows_of(args) == {"w": window}


def test_periods_and_lengths_go_together_in_the_given_order() -> None:
    argv = ["--window", "b=month-0", "--window", "a=90m", "--window", "c=day-1"]
    windows = windows_of(make_parser()[0].parse_args(["report", "x", *argv]))
    assert [(name, type(window)) for name, window in windows.items()] == [
        ("b", CalendarWindow),
        ("a", Window),
        ("c", CalendarWindow),
    ]


HISTORY = ["history", "x", "--every"]


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["repot"], "'repot'"),
        (["outages", "x", "--detail"], "unrecognized arguments"),
        (["outages", "x", "--window", "w=1d"], "unrecognized arguments"),
        (["timeline", "x", "--by", "y.csv"], "unrecognized arguments"),
        (
            ["report", "x", "-o", "r.xlsx"],
            "must be a file that ends in .csv, .json, .ndjson or .parquet, not 'r.xlsx'",
        ),
        (
            ["report", "x", "--lenient", "--rejected", "-"],
            "must be a file that ends in .csv, not '-'",
        ),
        (["report", "x", "--rejected", "r.csv"], "argument --rejected: needs --lenient"),
        (
            ["report", "x", "--lenient", "--rejected", "r.csv", "-o", "r.csv"],
            "argument --rejected: is the same file as --output",
        ),
        (
            ["report", "x", "--now", "2023-01-23T12:00:00"],
            "must be a time with an offset such as 2023-",
        ),
        (["report", "x", "--now", "noon"], "not 'noon'"),
        (["report", "x", "--evidence", "some"], "'some'"),
        (["report", "x", "--max-gap", "-1h"], "--max-gap"),
        (
            ["report", "x", "--max-gap", "1.5h"],
            "must be a length above zero such as 90m, 2h30m or 7d, or none, not '1.5h'",
        ),
        (["report", "x", "--max-gap", "0s"], "must be a length above zero"),
        (["report", "x", "--lookback", "week"], "must be a length such as 90m, 2h30m or 7d, or 0s"),
        (["report", "x", "--default-timezone", "Mars/Base"], "'Mars/Base' is unknown to tzdata. "),
        (
            ["report", "x", "--max-gap", "1mo"],
            "not '1mo' (a month or year has no fixed length)",
        ),
        (["report", "x", "--max-gap", "999999999w"], "must be a length above zero"),
        (
            ["report", "x", "--window", "30d"],
            "must be NAME=LENGTH:UNIT such as last_30_days=30d:hours, not '30d'",
        ),
        (["report", "x", "--window", "w=30:days"], "or a period such as month-1, not '30'"),
        (["report", "x", "--window", "w=30d:weeks"], "'weeks'"),
        (
            ["report", "x", "--window", "w=0s"],
            "must be longer than zero and begin after the year 1, not '0s'",
        ),
        (
            ["report", "x", "--window", "w=2025y"],
            "must be longer than zero and begin after the year 1, not '2025y'",
        ),
        (["report", "x", "--window", "w=month"], "must be a length such as 90m"),
        (["report", "x", "--window", "w=month--1"], "or a period such as month-1, not 'month--1'"),
        (["report", "x", "--window", "w=month+1"], "or a period such as month-1, not 'month+1'"),
        (["report", "x", "--window", "w=decade-1"], "or a period such as month-1, not 'decade-1'"),
        (["report", "x", "--window", "w=month-1:weeks"], "'weeks'"),
        (
            ["report", "x", "--window", "w=week-1@april"],
            "must have a weekday such as sunday or sun behind the @ of a week, not 'april'",
        ),
        (
            ["report", "x", "--window", "w=year-1@Sun:days"],
            "must have a month such as april, apr or 4 behind the @ of a year, not 'Sun'",
        ),
        (["report", "x", "--window", "w=quarter-1@13"], "behind the @ of a quarter, not '13'"),
        (["report", "x", "--window", "w=week-1@"], "behind the @ of a week, not ''"),
        (
            ["report", "x", "--window", "w=month-1@april"],
            "must have a week, quarter or year before the @, not a month",
        ),
        (
            ["report", "x", "--window", "w=7d@sunday"],
            "or a period such as month-1, not '7d@sunday'",
        ),
        (["report", "x", "--window", "w=month:-1"], "or days behind the colon, not '-1'"),
        (["history", "x", "--reports", "2"], "required: --every"),
        ([*HISTORY, "1d"], "required: --reports"),
        (
            [*HISTORY, "0mo", "--reports", "2"],
            "must be a length above zero such as 12h, 1d or 1mo, not '0mo'",
        ),
        (
            [*HISTORY, "0s", "--reports", "2"],
            "must be a length above zero such as 12h, 1d or 1mo, not '0s'",
        ),
        ([*HISTORY, "day-1", "--reports", "2"], "or 1mo, not 'day-1'"),
        ([*HISTORY, "1d", "--reports", "0"], "must be a whole number from 1 to 999999, not '0'"),
        ([*HISTORY, "1d", "--reports", "-1"], "--reports"),
        ([*HISTORY, "1d", "--reports", "1000000"], "must be a whole number from 1 to 999999"),
        ([*HISTORY, "1d", "--reports", "1.5"], "must be a whole number from 1 to 999999"),
    ],
)
def test_arguments_that_make_no_sense(
    argv: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told in refused(capsys, argv)


@pytest.mark.parametrize("target", ["0", "-0.5", "1.01", "nan", "99%", "1e-300"])
def test_targets_that_make_no_sense(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    message = refused(capsys, ["report", "x", "--by", "y.csv", f"--target={target}"])
    assert f"must be a share above 0 and at most 1 such as 0.99, not {target!r}" in message


@pytest.mark.parametrize(
    ("option", "typed"),
    [
        ("strict=False", "--lenient"),
        ("hours=False", "--no-hours"),
        ("timezones=None", "--no-timezones"),
        ("hours=...", "--hours FILE"),
        ("now=...", "--now ISO"),
        ("status=...", "--status FILE"),
        ("special_hours=...", "--special-hours FILE"),
        ("batch_stores=...", "batch_stores=..."),
        (None, None),
    ],
)
def test_an_option_of_the_library_as_it_is_typed(option: str | None, typed: str | None) -> None:
    assert as_typed(option) == typed


def test_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def uninstalled(name: str) -> NoReturn:
        raise PackageNotFoundError(name)

    for version, told in ((lambda _: "1.2.3", "1.2.3"), (uninstalled, "(not installed)")):
        monkeypatch.setattr("importlib.metadata.version", version)
        with pytest.raises(SystemExit) as caught:
            main(["--version"])
        assert caught.value.code == 0
        assert capsys.readouterr().out == f"store-uptime {told}\n"


def test_every_command_is_tried_here() -> None:
    assert {"demo", *COMMANDS} == {*make_parser()[1]}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_fits_on_80_columns(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "  menu_hours        store_id, day_of_week, start_time_local, end_time_local\n" in text
    assert f"\n  store-uptime {command} data " in text
    assert ("UNIT is" in text) == (command in {"report", "history"})


def test_alone_it_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    alone, err = capsys.readouterr()
    assert not err
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == alone
    assert all(f"\n    {command} " in alone for command in ["demo", *COMMANDS])


def test_names_of_options_are_not_abbreviated(capsys: pytest.CaptureFixture[str]) -> None:
    assert "unrecognized arguments: --max=1h" in refused(capsys, ["report", "x", "--max=1h"])


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--max-gpa=1h"], "unrecognized arguments: --max-gpa=1h; did you mean --max-gap? (see "),
        (["y", "--silent"], "unrecognized arguments: y --silent (see store-uptime report --help)"),
    ],
)
def test_an_option_that_is_mistyped(
    argv: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told in refused(capsys, ["report", "x", *argv])


def test_the_rules_for_a_log_of_changes() -> None:
    parser = make_parser()[0]
    alone = policy_of(parser.parse_args(["report", "--changes"]))
    assert alone == Policy.for_changes()
    bounded = policy_of(parser.parse_args(["report", "--changes", "--max-gap", "7d"]))
    assert bounded == Policy.for_changes(max_gap="7d")


def test_now_is_the_only_word_that_reads_the_clock() -> None:
    before = datetime.now(UTC)
    args = make_parser()[0].parse_args(["report", "--now", "Now"])
    assert before <= args.now <= datetime.now(UTC)
    assert make_parser()[0].parse_args(["report"]).now is None
