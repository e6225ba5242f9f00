"""The report at many instants."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from store_uptime import CoverageWarning, compute_history, load_csv
from store_uptime.cli import main
from support.command_line import ONE_DAY, TUESDAY, pretend_terminal, refused

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


def test_history_goes_back_from_now(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = [
        "history",
        str(two_workdays),
        "--now",
        TUESDAY,
        "--every",
        "1d",
        "--reports",
        "2",
        *ONE_DAY,
    ]
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert out == HISTORY
    assert err.startswith(
        "4 rows, 6 polls from 2023-01-23T10:00Z to 2023-01-24T12:00Z, 100 % known, "
        "now = 2023-01-24T15:00:00Z, "
    )


def test_history_goes_back_from_the_latest_poll(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["history", str(two_workdays), "--every", "90m", "--reports", "3"]) == 0
    rows = capsys.readouterr().out.splitlines()[1:]
    assert [row.partition(",")[0] for row in rows[::2]] == [
        "2023-01-24T09:00:00Z",
        "2023-01-24T10:30:00Z",
        "2023-01-24T12:00:00Z",
    ]


def test_months_of_a_history_end_with_the_month(two_workdays: Path) -> None:
    target = two_workdays / "history.parquet"
    argv = ["--now", "2023-03-31T00:00:00Z", "--every", "1mo", "--reports", "3", "--detail"]
    assert main(["history", str(two_workdays), *argv, "-o", str(target)]) == 0
    # One and two months before the 31st of March; no step is taken from the 28th of February.
    at = ["2023-01-31T00:00:00Z", "2023-02-28T00:00:00Z", "2023-03-31T00:00:00Z"]
    with pytest.warns(CoverageWarning):
        expected = compute_history(*load_csv(two_workdays), at, detail=True)
    assert pl.read_parquet(target).equals(expected)


def test_history_to_a_terminal_has_the_instants_in_front(
    two_workdays: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch, 50)
    argv = [
        "history",
        str(two_workdays),
        "--now",
        TUESDAY,
        "--every",
        "1d",
        "--reports",
        "2",
        *ONE_DAY,
    ]
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


@pytest.mark.parametrize("every", ["1y", "999999999s", "9999w"])
def test_a_history_that_reaches_back_too_far(
    every: str, two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["history", str(two_workdays), "--now", TUESDAY, "--every", every, "--reports", "999999"]
    assert refused(capsys, argv).startswith(
        "argument --reports: the first report would be before the year 1. "
    )
