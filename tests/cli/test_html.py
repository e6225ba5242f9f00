"""`--html`: a page instead of the table, or beside it."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from store_uptime import Window, html_report, load_csv
from store_uptime.cli import main
from support.command_line import MONDAY, ONE_DAY, TUESDAY, failed, refused
from support.services import need

DAY = ["--now", TUESDAY, *ONE_DAY]


@pytest.fixture(autouse=True)
def _extras(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("altair", "vl_convert", "jinja2", "itables"):
        need(module)
    # They are most of what a page takes.
    monkeypatch.setattr("store_uptime._html.write.draw_charts", lambda *_: iter(()))


def test_a_page_is_what_the_library_writes_and_stands_in_the_place_of_the_table(
    two_workdays: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, same = tmp_path / "a.html", tmp_path / "b.html"
    options = ["--title", "Week <4>", "--target", "0.9"]
    assert main(["report", str(two_workdays), *DAY, "--html", str(page), *options]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert re.search(rf", \d+\.\d s, written to {re.escape(str(page))}\n$", err)
    inputs, windows = load_csv(two_workdays), {"day": Window("24h")}
    html_report(inputs, now=TUESDAY, windows=windows, title="Week <4>", target=0.9, path=same)
    assert page.read_bytes() == same.read_bytes()


def test_with_o_the_rows_that_were_chosen_come_too(
    two_workdays: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, table = tmp_path / "a.html", tmp_path / "a.csv"
    chosen = ["--top", "1", "--sort", "downtime_day"]
    main(["report", str(two_workdays), *DAY, "-o", str(table), *chosen])
    alone = table.read_text()
    capsys.readouterr()
    main(["report", str(two_workdays), *DAY, "--html", str(page), "-o", str(table), *chosen])
    assert table.read_text() == alone
    assert capsys.readouterr().err.endswith(f"written to {page}, written to {table}\n")
    assert "Uptime of 2 stores" in page.read_text()


def test_fail_below_looks_at_the_report_without_writing_it(
    two_workdays: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "a.html"
    options = ["--html", str(page), "--fail-below", "0.99", "--store", "7"]
    assert main(["report", str(two_workdays), *DAY, *options]) == 3
    out, err = capsys.readouterr()
    assert (out, page.exists()) == ("", True)
    assert "1 of 1 availability below 0.99" in err


def test_errors_of_the_uptime_are_on_the_page(two_workdays: Path, tmp_path: Path) -> None:
    page, rates = tmp_path / "a.html", tmp_path / "rates.csv"
    pl.DataFrame({"rate": [2.0], "share_down": [0.1], "weight": [1.0]}).write_csv(rates)
    options = ["--html", str(page), "--uncertainty", "--rates", str(rates)]
    assert main(["report", str(two_workdays), *DAY, *options]) == 0
    assert "± error of the uptime" in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--title", "x"], "argument --title: needs --html"),
        (["--html", "a.csv"], "must be a file that ends in .html or .htm, not 'a.csv'"),
        (["--html", "a.html", "--top", "3"], "argument --top: chooses rows of a table"),
        (["--html", "a.html", "--detail"], "argument --detail: chooses rows of a table"),
        (["--html", "a.html", "--window", "x=1d", "--window", "min_x=2d"], "uptime_min_x"),
    ],
    ids=["title", "ending", "rows", "details", "names"],
)
def test_what_makes_no_sense_is_refused(
    two_workdays: Path, options: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert complaint in refused(capsys, ["report", str(two_workdays), *options])


def test_a_page_needs_polls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--timeline", str(tmp_path), "--html", str(tmp_path / "a.html")]
    told = refused(capsys, ["report", *options, "--now", MONDAY])
    assert "argument --html: does not go with --timeline" in told


def test_a_folder_that_is_not_there_is_found_before_the_work(
    two_workdays: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ["--html", str(tmp_path / "none/a.html")]
    assert "no such folder" in failed(capsys, ["report", str(two_workdays), *folder])
