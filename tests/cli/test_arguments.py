"""What may be typed, and what is refused with exit code 2."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from importlib.metadata import PackageNotFoundError
from typing import Any, NoReturn

import pytest
from dateutil.relativedelta import relativedelta

from store_uptime import CalendarWindow, Policy, Window
from store_uptime.cli import main
from store_uptime.cli.arguments import as_typed, make_parser, policy_of, windows_of
from support.command_line import refused

COMMANDS = ["report", "history", "outages", "timeline"]
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
    ("text", "window"),
    [
        ("w=day-1", CalendarWindow("day", -1, "hours")),
        ("w=week-0:minutes", CalendarWindow("week", 0, "minutes")),
        ("w=month-1:days", CalendarWindow("month", -1, "days")),
        ("w=quarter-2:seconds", CalendarWindow("quarter", -2, "seconds")),
        ("w=year-10:hours", CalendarWindow("year", -10, "hours")),
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
        ([], "COMMAND"),
        (["repot"], "'repot'"),
        (["outages", "x", "--detail"], "unrecognized arguments"),
        (["outages", "x", "--window", "w=1d"], "unrecognized arguments"),
        (["outages", "x", "--by", "y.csv"], "unrecognized arguments"),
        (
            ["report", "x", "-o", "r.xlsx"],
            "must be a file that ends in .csv or .parquet, not 'r.xlsx'",
        ),
        (
            ["report", "x", "--lenient", "--rejected", "-"],
            "must be a file that ends in .csv, not '-'",
        ),
        (["report", "x", "--rejected", "r.csv"], "--rejected needs --lenient"),
        (["report", "x", "--lenient", "--rejected", "r.csv", "-o", "r.csv"], "the same file"),
        (["report", "x", "--target", "0.9"], "--target needs --by"),
        (
            ["report", "x", "--now", "2023-01-23T12:00:00"],
            "must be a time with an offset such as 2023-",
        ),
        (["report", "x", "--now", "noon"], "not 'noon'"),
        (["report", "x", "--evidence", "some"], "'some'"),
        (["report", "x", "--max-gap", "-1h"], "--max-gap"),
        (
            ["report", "x", "--max-gap", "1.5h"],
            "must be a length such as 90m, 1h30m, 2d or 3600s, not '1.5h'",
        ),
        (["report", "x", "--max-gap", "1h1h"], "must name each unit once, not '1h1h'"),
        (
            ["report", "x", "--max-gap", "1mo"],
            "must be in weeks or less, because months and years vary",
        ),
        (["report", "x", "--max-gap", "999999999w"], "is too long: '999999999w'"),
        (["report", "x", "--window", "30d"], "must be NAME=LENGTH:UNIT, not '30d'"),
        (["report", "x", "--window", "w=30:days"], "or a period such as month-1, not '30'"),
        (["report", "x", "--window", "w=30d:weeks"], "'weeks'"),
        (["report", "x", "--window", "w=0s"], "must be a positive"),
        (["report", "x", "--window", "w=2025y"], "reaches back too far"),
        (["report", "x", "--window", "w=month"], "must be a length such as 90m"),
        (["report", "x", "--window", "w=month--1"], "or a period such as month-1, not 'month--1'"),
        (["report", "x", "--window", "w=month+1"], "or a period such as month-1, not 'month+1'"),
        (["report", "x", "--window", "w=decade-1"], "or a period such as month-1, not 'decade-1'"),
        (["report", "x", "--window", "w=month-1:weeks"], "'weeks'"),
        (["report", "x", "--window", "w=month:-1"], "or a period such as month-1, not 'month'"),
        (["history", "x", "--reports", "2"], "required: --every"),
        ([*HISTORY, "1d"], "required: --reports"),
        ([*HISTORY, "0mo", "--reports", "2"], "must be longer than zero, not '0mo'"),
        ([*HISTORY, "0s", "--reports", "2"], "must be longer than zero, not '0s'"),
        ([*HISTORY, "day-1", "--reports", "2"], "or 3600s, not 'day-1'"),
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
    assert "  menu_hours.csv     store_id, day_of_week, start_time_local, end_time_local\n" in text
    assert ("UNIT is" in text) == (command in {"report", "history"})
