"""Outages summed up: by group, by store, all together."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import compute_outages, load_csv, summarize_outages
from store_uptime.cli import main
from support.command_line import MONDAY, TUESDAY, failed, pretend_terminal, refused

# Store 7, of the south, was down for 6 h and recovered. Store 8, of the north, is down for 6 h.
HEADER = "outages,ongoing,recovered,downtime_seconds,longest_seconds,mean_downtime_seconds\n"
SOUTH, NORTH = "1,0,1,21600.0000,21600.0000,21600.0000\n", "1,1,0,21600.0000,21600.0000,\n"
NONE = "0,0,0,0.0000,0.0000,\n"


def ask(folder: Path, *argv: str) -> list[str]:
    regions = [str(folder / word) if word == "regions.csv" else word for word in argv]
    return ["outages", str(folder), "--now", TUESDAY, "--start", MONDAY, *regions]


def shown(capsys: pytest.CaptureFixture[str], argv: list[str]) -> str:
    assert main(argv) == 0
    return capsys.readouterr().out


def test_all_together(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(ask(two_workdays, "--total")) == 0
    out, err = capsys.readouterr()
    assert out == f"{HEADER}2,1,1,43200.0000,21600.0000,21600.0000\n"
    assert err.startswith("1 row, 6 polls from ")


def test_each_store(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, ask(two_workdays, "--per-store"))
    assert out == f"store_id,{HEADER}7,{SOUTH}8,{NORTH}"


def test_groups(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, ask(two_workdays, "--by", "regions.csv"))
    assert out == f"region,{HEADER}north,{NORTH}south,{SOUTH}west,{NONE}"


def test_only_ongoing_ones(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, ask(two_workdays, "--per-store", "--ongoing"))
    assert out == f"store_id,{HEADER}8,{NORTH}"
    out = shown(capsys, ask(two_workdays, "--by", "regions.csv", "--ongoing"))
    assert out == f"region,{HEADER}north,{NORTH}south,{NONE}west,{NONE}"


def test_only_some_stores_and_their_groups(
    two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for argv in (["--by", "regions.csv"], ["--per-store"], ["--total"]):
        out = shown(capsys, ask(two_workdays, *argv, "--store", "7"))
        assert len(out.splitlines()) == 2
        assert out.endswith(SOUTH)


def test_the_worst_first(two_workdays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for column, first in (
        ("outages", "north"),
        ("mean_downtime", "south"),
        ("recovered:desc", "south"),
    ):
        out = shown(
            capsys, ask(two_workdays, "--by", "regions.csv", "--sort", column, "--top", "1")
        )
        assert out.splitlines()[1].startswith(first)


def test_a_person_reads_lengths(
    two_workdays: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_terminal(monkeypatch)
    assert shown(capsys, ask(two_workdays, "--by", "regions.csv")) == (
        "\n"
        "region   outages   ongoing  recovered  downtime   longest  mean_downtime\n"
        "north          1         1          0    6h 00m    6h 00m              -\n"
        "south          1         0          1    6h 00m    6h 00m         6h 00m\n"
        "west           0         0          0    0m 00s    0m 00s              -\n"
        "\n"
    )
    assert shown(capsys, ask(two_workdays, "--total")).splitlines()[2].split() == [
        *("2", "1", "1"),
        *("12h", "00m", "6h", "00m", "6h", "00m"),
    ]


def test_files(two_workdays: Path) -> None:
    outages = compute_outages(load_csv(two_workdays), now=TUESDAY, start=MONDAY)
    parquet, text = two_workdays / "sums.parquet", two_workdays / "sums.json"
    assert main(ask(two_workdays, "--per-store", "-o", str(parquet))) == 0
    assert_frame_equal(pl.read_parquet(parquet), summarize_outages(outages, "store_id"))
    assert main(ask(two_workdays, "--by", "regions.csv", "-o", str(text))) == 0
    assert json.loads(text.read_text())[2] == {
        "region": "west",
        **dict.fromkeys(("outages", "ongoing", "recovered"), 0),
        "downtime_seconds": 0.0,
        "longest_seconds": 0.0,
        "mean_downtime_seconds": None,
    }


def test_groups_are_checked_before_any_work(
    two_workdays: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("store_uptime.cli.sources.load_csv")
    (two_workdays / "regions.csv").write_text("store_id,longest\n7,x\n")
    message = failed(capsys, ask(two_workdays, "--by", "regions.csv"))
    assert message.startswith("by.longest: the summary has a column of this name already")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--total", "--per-store"], "argument --per-store: not allowed with argument --total"),
        (["--by", "regions.csv", "--total"], "argument --total: not allowed with argument --by"),
        (["--total", "--local"], "argument --local: sums of outages have no times to tell"),
        (["--by", "regions.csv", "--local"], "argument --local: sums of outages have no"),
    ],
)
def test_what_does_not_go_together(
    argv: list[str], message: str, two_workdays: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(capsys, ask(two_workdays, *argv)).startswith(message)
