"""Results as text: CSV, and tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from store_uptime import DEFAULT_WINDOWS, CoverageWarning, compute_report
from store_uptime.cli.formats import to_csv
from store_uptime.cli.render import to_plain_table, to_table
from support.command_line import NOON


def test_csv_rounds_floats_and_nothing_else() -> None:
    frame = pl.DataFrame(
        {
            "store_id": ["a,b", '"', "é"],
            "polls": [2**63 - 1, None, 0],
            "uptime": [1 / 3, None, 604800.0],
        }
    )
    assert to_csv(frame) == (
        'store_id,polls,uptime\n"a,b",9223372036854775807,0.3333\n"""",,\né,0,604800.0000\n'
    )


def test_csv_of_instants_and_lengths() -> None:
    at = pl.Series([1_500_000, None, -1]).cast(pl.Datetime("us", "UTC"))
    took = pl.Series([1_500_000, None, 49]).cast(pl.Duration("us"))
    # An instant has all of its digits, a length of time four decimals, like any number.
    assert to_csv(pl.DataFrame({"at": at, "took": took})) == (
        "at,took_seconds\n1970-01-01T00:00:01.500Z,1.5000\n,\n1969-12-31T23:59:59.999999Z,0.0000\n"
    )


def table(ids: Sequence[Any], width: int, *, detail: bool = False) -> str:
    """Return the table of some stores that were never polled, for one window."""
    zones = pl.DataFrame({"store_id": ids, "timezone_str": ["Etc/UTC"] * len(ids)})
    none = zones.clear().select("store_id")
    status = none.with_columns(timestamp_utc=None, status=None)
    hours = none.with_columns(day_of_week=None, start_time_local=None, end_time_local=None)
    windows = {"last_hour": DEFAULT_WINDOWS["last_hour"]}
    with pytest.warns(CoverageWarning):
        report = compute_report(status, hours, zones, NOON, windows=windows, detail=detail)
    return to_table(report, windows, width, detail=detail)


def test_table_of_details_wraps() -> None:
    assert table([7], 60, detail=True) == (
        "                               last_hour, minutes\n"
        "store_id    uptime  downtime   unknown  scheduled\n"
        "7             0.00      0.00     60.00      60.00\n"
        "\n"
        "                                      last_hour, minutes\n"
        "store_id  availability  uptime_min  uptime_max     polls\n"
        "7                    -        0.00       60.00         0\n"
    )


def test_table_never_gives_up() -> None:
    lines = table(["x" * 40], 10).splitlines()
    assert [line.split() for line in lines if line] == [
        ["last_hour,", "minutes"],
        ["store_id", "uptime"],
        ["x" * 40, "0.00"],
        ["last_hour,", "minutes"],
        ["store_id", "downtime"],
        ["x" * 40, "0.00"],
    ]


def test_table_of_many_stores_shows_the_first_and_the_last() -> None:
    assert len(table(range(24), 80).splitlines()) == 26
    rows = table(range(25), 80).splitlines()[2:]
    assert [row.split()[0] for row in rows] == [
        *map(str, range(10)),
        "...",
        *map(str, range(15, 25)),
    ]


def test_an_id_does_not_steer_the_terminal() -> None:
    assert "\n?[31mred?x " in table(["\x1b[31mred\nx"], 80)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0m 00s"),
        (59.999999, "0m 59s"),
        (3599.9, "59m 59s"),
        (3600, "1h 00m"),
        (21_600, "6h 00m"),
        (100 * 3600 + 59 * 60 + 59, "100h 59m"),
    ],
)
def test_lengths_for_a_person_are_cut_never_rounded_up(seconds: float, text: str) -> None:
    took = pl.Series([round(seconds * 10**6)]).cast(pl.Duration("us"))
    table = to_plain_table(pl.DataFrame({"id": ["x"], "took": took}), ["id"], 80)
    assert table == f"id      took\nx   {text.rjust(8)}\n"


def test_a_group_does_not_steer_the_terminal() -> None:
    frame = pl.DataFrame({"\x1b[1mid": ["\x1b[31mred"], "\r": ["\n"]})
    assert to_plain_table(frame, ["\x1b[1mid"], 80).splitlines() == [
        "?[1mid           ?",
        "?[31mred         ?",
    ]
