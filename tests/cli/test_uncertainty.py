"""`--uncertainty` and `--rates`: the two columns in files, tables and summaries; rates in files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import (
    Window,
    compute_history,
    compute_report,
    load_csv,
    summarize,
)
from store_uptime.cli import main
from store_uptime.cli.formats import to_csv
from store_uptime.cli.rate_files import load_rates
from store_uptime.cli.render import to_plain_table, to_table
from support.command_line import NOON, ONE_DAY, TUESDAY, failed, pretend_terminal, refused

DAY = {"day": Window("24h", "hours")}
RATES = pl.DataFrame({"rate": [0.5, 2.0], "share_down": [0.2, 0.01], "weight": [0.25, 0.75]})
BOTH = ["uptime_expected_day", "uptime_error_day"]
UNCERTAIN = pl.DataFrame(
    {
        "store_id": [1, 2],
        "uptime_day": [7.5, 24.0],
        "downtime_day": [0.5, 0.0],
        "uptime_expected_day": [7.25, None],
        "uptime_error_day": [0.4201, None],
    }
)
DETAILS = {
    "unknown": 0.0,
    "scheduled": 24.0,
    "availability": 0.9,
    "uptime_min": 1.0,
    "uptime_max": 24.0,
}


def report(folder: Path, *more: str) -> list[str]:
    return ["report", str(folder), "--now", TUESDAY, *ONE_DAY, "--uncertainty", *more]


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("rates", [None, RATES], ids=["alone", "rates"])
def test_the_columns_are_those_of_the_library(
    two_workdays: Path, rates: pl.DataFrame | None, capsys: pytest.CaptureFixture[str]
) -> None:
    target, file = two_workdays / "report.parquet", two_workdays / "r.parquet"
    if rates is not None:
        rates.write_parquet(file)
    options = [] if rates is None else ["--rates", str(file)]
    inputs = load_csv(two_workdays)
    how: Any = {"windows": DAY, "uncertainty": True, "rates": rates}
    for detail in ([], ["--detail"]):
        assert main([*report(two_workdays, *options, *detail), "-o", str(target)]) == 0
        expected = compute_report(inputs, now=TUESDAY, detail=bool(detail), **how)
        assert_frame_equal(pl.read_parquet(target), expected, check_exact=True)
    command = ["history", *report(two_workdays, *options)[1:], "--every", "6h", "--reports", "2"]
    assert main([*command, "-o", str(target)]) == 0
    at = ["2023-01-24T09:00:00Z", TUESDAY]
    expected = compute_history(inputs, at=at, **how)
    assert_frame_equal(pl.read_parquet(target), expected, check_exact=True)
    capsys.readouterr()


def test_csv_and_json_have_them_behind_the_times(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(report(two_workdays)) == 0
    columns = ["store_id", "uptime_day", "downtime_day", *BOTH]
    assert capsys.readouterr().out.splitlines()[0].split(",") == columns
    target = two_workdays / "report.json"
    assert main([*report(two_workdays, "-o", str(target))]) == 0
    assert list(json.loads(target.read_text())[0]) == columns
    # Details that are computed to judge the rows are not shown.
    assert main([*report(two_workdays, "--fail-below", "0.001")]) == 0
    assert capsys.readouterr().out.splitlines()[0].split(",") == columns


def test_few_decimals_never_make_an_error_smaller() -> None:
    small = UNCERTAIN.head(1).with_columns(
        uptime_error_day=pl.lit(0.42001),
        availability_error=pl.lit(0.00001),
        uptime_expected_day=7.24999,
    )
    assert to_csv(small).splitlines()[1] == "1,7.5000,0.5000,7.2500,0.4201,0.0001"


# --- tables --------------------------------------------------------------------------------------


def test_the_error_stands_beside_the_uptime() -> None:
    assert to_table(UNCERTAIN, DAY, 80, uncertainty=True) == (
        "                            day, hours\n"
        "store_id    uptime   ± error  downtime\n"
        "1             7.50      0.43      0.50\n"  # rounded up: it never looks smaller
        "2            24.00         -      0.00\n"
    )


def test_the_expected_uptime_is_a_detail() -> None:
    detailed = UNCERTAIN.with_columns(**{f"{name}_day": value for name, value in DETAILS.items()})
    lines = to_table(detailed, DAY, 200, detail=True, uncertainty=True).splitlines()
    assert lines[1].replace("± error", "±").split()[1:] == [
        *("uptime", "±", "downtime", "unknown", "scheduled", "availability"),
        *("uptime_min", "uptime_max", "uptime_expected"),
    ]
    assert lines[3].split()[-1] == "-"
    assert "uptime_expected" not in to_table(UNCERTAIN, DAY, 80, uncertainty=True)


def test_the_error_of_a_group_stands_beside_its_uptime() -> None:
    """Store 1 alone has an error: its own."""
    summary = summarize(UNCERTAIN, windows=DAY).select("window", "uptime", "uptime_error")
    assert to_plain_table(summary, ["window"], 80) == (
        "window    uptime   ± error\n"
        "day        31.50      0.43\n"
    )  # fmt: skip


def test_a_terminal_shows_it(
    two_workdays: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch, 300)
    assert main(report(two_workdays)) == 0
    assert capsys.readouterr().out.splitlines()[2].split()[1:] == [
        "uptime",
        "±",
        "error",
        "downtime",
    ]
    groups = ["--by", str(two_workdays / "regions.csv")]
    assert main(report(two_workdays, *groups)) == 0
    brief = "region window unit stores stores_unknown stores_below_target uptime ± error downtime"
    more = "availability_percent error_budget_used stores_without_error"
    assert capsys.readouterr().out.splitlines()[1].split() == [*brief.split(), *more.split()]
    assert main(report(two_workdays, *groups, "--detail")) == 0
    shown = capsys.readouterr().out.splitlines()[1].split()
    assert shown[-3:] == ["stores_without_error", "uptime_expected", "availability_error"]
    assert main(report(two_workdays, "--target", "0.9", "-o", "-")) == 0
    columns = capsys.readouterr().out.splitlines()[0].split(",")
    assert columns[-4:] == [
        "stores_without_error",
        "uptime_expected",
        "uptime_error",
        "availability_error",
    ]


def test_the_largest_error_is_the_worst(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(report(two_workdays, "--sort", "uptime_error_day")) == 0
    assert capsys.readouterr().out.count("\n") == 3
    message = refused(capsys, [*report(two_workdays)[:-1], "--sort", "uptime_error_day"])
    assert message.startswith("argument --sort: no column 'uptime_error_day'; there are store_id, ")
    assert "and with --detail or --uncertainty more" in message


# --- rates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "rate,share_down,weight\n0.5,0.2,0.25\n2,0.01,0.75\n",
        "weight;kind;share_down;rate\n0.75;x;1e-2;2\n0.25;y;0.2;.5\n",
    ],
)
def test_rates_in_csv(tmp_path: Path, text: str) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(text)
    assert_frame_equal(load_rates(file), RATES, check_exact=True)


def test_rates_in_parquet(tmp_path: Path) -> None:
    file = tmp_path / "rates.parquet"
    RATES.select("weight", "rate", "share_down", x=1).write_parquet(file)
    assert_frame_equal(load_rates(file), RATES, check_exact=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "rates.csv: the file is empty, without a header"),
        ("rate,weight\n1,1\n", "rates.share_down: {}/rates.csv: no such column"),
        ("rate,share_down,weight\n", "rates: no rows"),
        ("rate,share_down,weight\nfast,0.1,1\n", "rates.rate: not a number above 0, in changes per hour, in 1 row"),
        ("rate,share_down,weight\n2,,1\n", "rates.share_down: not a number between 0 and 1, in 1 row"),
        ("rate,share_down,weight\n2,0.1\n", "rates.weight: not a number 0 or more, in 1 row"),
        ("rate,share_down,weight\n2,0.1,1,1\n", "rates: {}/rates.csv: cannot be read"),
        ("rate,share_down,weight\n2,0.1,0.9\n", "rates.weight: the weights sum to 0.9, not to 1"),
    ],
)  # fmt: skip
def test_files_that_hold_no_rates(
    two_workdays: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = two_workdays / "rates.csv"
    file.write_text(text)
    message = failed(capsys, report(two_workdays, "--rates", str(file)))
    assert said.format(two_workdays) in message


def test_rates_are_looked_at_before_the_tables(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (two_workdays / "timezones.csv").write_text("no such table")
    message = failed(capsys, report(two_workdays, "--rates", "nothing.csv"))
    assert "nothing.csv" in message


def test_rates_are_never_replaced_by_the_report(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = two_workdays / "rates.csv"
    RATES.write_csv(file)
    message = refused(capsys, report(two_workdays, "--rates", str(file), "-o", str(file)))
    assert message.startswith(f"{file} is one of the tables to read")


def test_a_log_of_changes_has_no_error(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, report(two_workdays, "--changes"))
    assert message.startswith(
        "argument --uncertainty: does not go with the rules for a log of changes, which is no "
        "sample. Changes are seen when they happen. If these are polls, give --max-gap."
    )
    assert main(report(two_workdays, "--changes", "--max-gap", "1d", "--quiet")) == 0


@pytest.mark.parametrize("options", [["--uncertainty"], ["--uncertainty", "--rates", "r.csv"]])
def test_a_timeline_does_not_tell_it(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, ["report", "--timeline", str(tmp_path), *options])
    assert message.startswith("argument --uncertainty: does not go with --timeline")


def test_the_usual_windows_stand_below_each_other_where_they_do_not_fit(
    two_workdays: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch, 80)
    assert main(["report", str(two_workdays), "--now", NOON, "--uncertainty"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    titles = [line.strip() for line in lines if "," in line]
    assert [title.split()[-2:] for title in titles] == [
        ["last_day,", "hours"],
        ["last_week,", "hours"],
    ]
    assert titles[0].startswith("last_hour, minutes")
