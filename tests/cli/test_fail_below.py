"""An exit code of its own for availabilities that are too low, or unknown."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from store_uptime import Window
from store_uptime.cli import main
from store_uptime.cli.goals import complaint
from support.command_line import MONDAY, ONE_DAY, TUESDAY


def ended(
    capsys: pytest.CaptureFixture[str], two_workdays: Path, *argv: str, command: str = "report"
) -> tuple[int, str]:
    """Return exit code and last line of a command; 7 has 4 of 8 h down and 8 has 6 of 8."""
    code = main([command, str(two_workdays), "--now", TUESDAY, *ONE_DAY, *argv])
    out, err = capsys.readouterr()
    assert out
    return code, err.splitlines()[-1].removeprefix("store-uptime: failed: ") if err else ""


def test_no_row_may_be_below(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(capsys, two_workdays, "--fail-below", "0.25")[0] == 0
    code, line = ended(capsys, two_workdays, "--fail-below", "0.5")
    assert (code, line) == (3, "1 of 2 availabilities below 0.5 (worst: store_id 8, day: 25.00 %)")
    code, line = ended(capsys, two_workdays, "--fail-below", "0.51")
    assert (code, line) == (3, "2 of 2 availabilities below 0.51 (worst: store_id 8, day: 25.00 %)")


def test_only_the_rows_that_are_shown_count(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["--fail-below", "0.4"]
    assert ended(capsys, two_workdays, *argv)[0] == 3
    assert ended(capsys, two_workdays, *argv, "--store", "7")[0] == 0
    assert ended(capsys, two_workdays, *argv, "--top", "1")[0] == 0
    assert ended(capsys, two_workdays, *argv, "--sort", "uptime_day", "--top", "1")[0] == 3


def test_groups_and_all_stores(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    by = ["--by", str(two_workdays / "regions.csv")]
    code, line = ended(capsys, two_workdays, *by, "--fail-below", "0.4")
    told = "1 of 2 availabilities below 0.4 (worst: region north, day: 25.00 %)"
    assert (code, line) == (3, told)
    assert ended(capsys, two_workdays, *by, "--fail-below", "0.4", "--store", "7")[0] == 0
    # 6 of 16 hours.
    code, line = ended(capsys, two_workdays, "--target", "0.99", "--fail-below", "0.376")
    assert (code, line) == (3, "1 of 1 availability below 0.376 (worst: day: 37.50 %)")
    assert ended(capsys, two_workdays, "--target", "0.99", "--fail-below", "0.375")[0] == 0


def test_each_instant_of_a_history(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["--every", "1d", "--reports", "2", "--fail-below", "0.5"]
    code, line = ended(capsys, two_workdays, *argv, command="history")
    place = "now 2023-01-24T15:00:00Z, store_id 8, day: 25.00 %"
    assert (code, line) == (3, f"1 of 4 availabilities below 0.5 (worst: {place})")


def test_open_time_of_which_nothing_is_known(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Store 5 is never polled and always open; store 6 is open on Sundays only.
    with (two_workdays / "timezones.csv").open("a") as file:
        file.write("5,Etc/UTC\n6,Etc/UTC\n")
    with (two_workdays / "menu_hours.csv").open("a") as file:
        file.write("6,6,09:00,17:00\n")
    code, line = ended(capsys, two_workdays, "--fail-below", "0.1", "--quiet")
    told = "1 of 4 availabilities with open time of which nothing is known (first: store_id 5, day)"
    assert (code, line) == (3, told)
    code, line = ended(capsys, two_workdays, "--fail-below", "0.3")
    assert (code, line.count("; ")) == (3, 1)
    assert ended(capsys, two_workdays, "--fail-below", "0.1", "--store", "6")[0] == 0


def test_a_file_is_written_all_the_same(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = two_workdays / "report.csv"
    argv = ["report", str(two_workdays), "--now", TUESDAY, "--fail-below", "1", "-o", str(target)]
    assert main(argv) == 3
    out, err = capsys.readouterr()
    assert not out
    assert "failed: " in err
    # What was needed to tell is not in the file.
    assert "unknown" not in target.read_text()


def test_it_says_nothing_if_all_is_well(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(capsys, two_workdays, "--quiet", "--fail-below", "0.25") == (0, "")


@pytest.mark.parametrize("stores", [1, 1000])
@pytest.mark.parametrize(("missing", "below"), [(0, False), (1, True), (-1, False)])
def test_a_microsecond_decides(stores: int, missing: int, below: bool) -> None:  # noqa: FBT001
    # 99 of 100 hours each; the first store has a microsecond less, or more. All together that is
    # one part in 3.6e14, less than a float can tell.
    hour = 3600 * 10**6
    up = [99 * hour - missing] + [99 * hour] * (stores - 1)
    report = pl.DataFrame(
        {
            "store_id": range(stores),
            "uptime_w": [micros / hour for micros in up],
            "downtime_w": [(100 * hour - micros) / hour for micros in up],
            "unknown_w": [0.0] * stores,
        }
    )
    windows = {"w": Window("200h")}
    shown = pl.DataFrame({"window": ["w"]})
    assert bool(complaint(report, [], shown, windows, 0.99)) is below
    assert bool(complaint(report, ["store_id"], report, windows, 0.99)) is below


def test_a_group_without_a_name_is_looked_at(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (two_workdays / "regions.csv").write_text("store_id,region\n7,south\n")
    by = ["--by", str(two_workdays / "regions.csv"), "--fail-below", "0.4"]
    code, line = ended(capsys, two_workdays, *by)
    assert (code, "worst: region (none), day: 25.00 %" in line) == (3, True)


def test_outages_have_no_availability(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["outages", "x", "--start", MONDAY, "--fail-below", "0.9"])
    assert "unrecognized arguments: --fail-below 0.9" in capsys.readouterr().err
