"""Whatever is wrong with an argument is said in the words that were typed."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from store_uptime.cli import main
from store_uptime.cli.arguments import make_parser
from support.command_line import MONDAY, TUESDAY, refused

HISTORY = ["history", "{}", "--every", "1d", "--reports", "2"]
REPORT = ["report", "{}"]
# Values that make no sense, by option; those of `report` unless the option is of another command.
BAD: dict[str, list[list[str]]] = {
    "--now": [[*REPORT, "--now", bad] for bad in ("noon", "2023-01-23T12:00:00", "", "2023-13-01")],
    "--start": [
        ["outages", "{}", "--start", "2023-01-23"],
        ["timeline", "{}", "--start", TUESDAY, "--now", MONDAY],
        ["outages", "{}", "--start", TUESDAY, "--now", TUESDAY],
    ],
    "--window": [
        [*REPORT, "--window", bad]
        for bad in (
            *("w", "w=", "=1d", "w=1d:", "w=1d:weeks", "w=0s", "w=-1d", "w=2025y", "w=month"),
            *("w=year-9999", "w=decade-1", "w=999999999999999w", "w=1d:hours:days", "\udcff=1d"),
            *("w=week-1@april", "w=year-0@13", "w=day-1@sunday", "w=quarter-0@"),
        )
    ]
    + [
        [*REPORT, "--window", "w=1d", "--window", "w=2d"],
        [*REPORT, "--detail", "--window", "w=1d", "--window", "min_w=2d"],
        [*REPORT, "--uncertainty", "--window", "w=1d", "--window", "error_w=2d"],
    ],
    "--uncertainty": [[*REPORT, "--uncertainty", "--changes"]],
    "--rates": [
        [*REPORT, "--rates", "r.csv"],
        *([*REPORT, "--uncertainty", "--rates", bad] for bad in ("r.txt", "", "{}")),
    ],
    "--by": [],  # a file, as the tables are
    "--target": [[*REPORT, "--target", bad] for bad in ("0", "2", "nan", "inf", "99%", "", "None")],
    "--fail-below": [[*REPORT, "--fail-below", bad] for bad in ("0", "1.5", "x", "1e-300")],
    "--every": [
        ["history", "{}", "--reports", "2", "--every", bad] for bad in ("0d", "day-1", "x", "1.5h")
    ],
    "--reports": [
        ["history", "{}", "--every", "1d", "--reports", bad] for bad in ("0", "x", "1000000")
    ]
    + [["history", "{}", "--every", "9y", "--reports", "999"]],
    "--batch-stores": [[*REPORT, "--batch-stores", bad] for bad in ("0", "-1", "x", "1.5", "")],
    "--output": [[*REPORT, "-o", bad] for bad in ("r.xlsx", "", "r", "{}")],
    "--rejected": [
        [*REPORT, "--rejected", "r.csv"],
        [*REPORT, "--lenient", "--rejected", "-"],
        [*REPORT, "--lenient", "--rejected", "r.csv", "-o", "r.csv"],
    ],
    "--no-hours": [[*REPORT, "--no-hours", "--hours", "x.csv"]],
    "--no-timezones": [[*REPORT, "--no-timezones", "--timezones", "x.csv"]],
    "--lenient": [
        ["report", "sqlite:///x.db", "--lenient"],
        [*REPORT, "--status", "x.parquet", "--lenient"],
    ],
    "--status": [
        ["report", "sqlite:///x.db", "--status", "a", "--status", "b"],
        [*REPORT, "--status", "x.parquet", "--hours", "x.csv"],
    ],
    "--store": [[*REPORT, "--store", bad] for bad in ("nobody", "", "\udcff")],
    "--sort": [
        [*REPORT, "--sort", "\udcff"],
        [*REPORT, "--sort", "uptime"],
        [*REPORT, "--sort", "availability_last_day"],
    ],
    "--top": [[*REPORT, "--top", bad] for bad in ("0", "-3", "x")],
    "--html": [[*REPORT, "--html", bad] for bad in ("a.csv", "")]
    + [[*REPORT, "--html", "a.html", "--top", "3"]],
    "--title": [[*REPORT, "--title", "x"], [*REPORT, "--html", "a.html", "--title", "\udcff"]],
    "--timeline": [
        ["report", "--timeline", bad]
        for bad in ("", "postgresql://host/db", "a\0b", "\udcff\ud800")
    ],
    "--append": [
        ["timeline", "{}", "--append", "kept"],
        ["timeline", "{}", "--settled", "--append", ""],
        ["timeline", "{}", "--settled", "--append", "sqlite:///x.db"],
    ],
    "--interpolation": [[*REPORT, "--interpolation", bad] for bad in ("linear", "")],
    "--evidence": [[*REPORT, "--evidence", "None"]],
    "--max-gap": [[*REPORT, "--max-gap", bad] for bad in ("0s", "-1h", "1mo", "1.5h", "", "nil")],
    "--lookback": [[*REPORT, "--lookback", bad] for bad in ("-1s", "1y", "x", "9999999999999w")]
    + [["timeline", "{}", "--settled", "--lookback", "1h"]],
    "--missing-days": [[*REPORT, "--missing-days", "true"]],
    "--default-timezone": [[*REPORT, "--default-timezone", bad] for bad in ("Mars", "", "../x")],
}
TABLES = {"--hours", "--timezones", "--special-hours", "--maintenance", "--maintenance-hours"}
FLAGS = {"--help", "--quiet", "--detail", "--local", "--ongoing", "--changes"}
FLAGS |= {"--no-backfill", "--no-snap-midnight", "--per-store", "--total", "--settled"}
PYTHON = re.compile(
    r"\b(None|True|False|\w*Error|\w*Exception|Policy\w*|Window|CalendarWindow|timedelta|"
    r"relativedelta|datetime|dict|str|int|float|polars|strict|max_gap|batch_stores|min_\w*|"
    r"default_timezone|missing_days|argv)\b(?!')|=\.\.\.|\bfirst:|<|^\w+(\.\w+)?: "
)


def test_every_option_is_tried() -> None:
    options = {
        action.option_strings[-1]
        for parser in make_parser()[1].values()
        for action in parser._actions  # noqa: SLF001  # argparse tells it nowhere else
        if action.option_strings and not isinstance(action, argparse._SubParsersAction)  # noqa: SLF001
    }
    assert options - TABLES - FLAGS == BAD.keys()


@pytest.mark.parametrize(
    ("option", "number"), [(option, number) for option in BAD for number in range(len(BAD[option]))]
)
def test_a_bad_value(
    option: str, number: int, two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = [word.format(two_workdays) for word in BAD[option][number]]
    message = refused(capsys, argv)
    assert option in message
    typed = re.findall(r"\w+", " ".join(argv))
    said = PYTHON.search(message.replace(str(two_workdays), "x"))
    assert said is None or said[0] in typed, message
    assert re.search(r" \(see store-uptime \w+ --help\)$", message)


def test_a_history_needs_both_of_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert "required: --every" in refused(capsys, HISTORY[:2])


@pytest.mark.parametrize(
    "argv",
    [
        ["report", "a", "postgresql://me:s3cret@host/db"],
        ["postgresql://me:s3cret@host/db"],
        ["report", "postgresql://me:s3cret@host/db", "--lenient"],
        ["report", "--now", "postgresql://me:s3cret@host/db"],
    ],
)
def test_a_password_is_never_said(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
    assert "s3cret" not in capsys.readouterr().err
