"""Weekdays: numbers and English names, and tables that number them from 1."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import InvalidHoursError
from support.bad_tables import report

# 2023-01-25, the day of the polls, is a Wednesday: 2.
WEDNESDAYS: dict[str, pl.Series] = {
    "Int8": pl.Series([2, 2], dtype=pl.Int8),
    "UInt64": pl.Series([2, 2], dtype=pl.UInt64),
    "Int128": pl.Series([2, 2], dtype=pl.Int128),
    "Float32": pl.Series([2.0, 2.0], dtype=pl.Float32),
    "Float64": pl.Series([2.0, 2.0]),
    "Decimal": pl.Series([Decimal("2.0")] * 2),
    "names": pl.Series(["Wednesday", "Wed"]),
    "cases": pl.Series(["WEDNESDAY", "wed"]),
    "blanks": pl.Series([" Wednesday", "wed\t"]),
    "Categorical": pl.Series(["Wed", "Wed"], dtype=pl.Categorical),
    "Enum": pl.Series(["Wed", "Wed"], dtype=pl.Enum(["Wed"])),
    "digits": pl.Series(["2", " 2 "]),
    "text of floats": pl.Series(["2.0", "2."]),
    "name and digit": pl.Series(["2", "Wed"]),
}
NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("name", WEDNESDAYS)
def test_a_weekday_is_read_in_every_form(name: str, *, lazy: bool) -> None:
    assert_frame_equal(report(lazy=lazy, hours={"day_of_week": WEDNESDAYS[name]}), report())


@pytest.mark.parametrize("number", range(7))
def test_every_name_is_its_number(number: int) -> None:
    expected = report(hours={"day_of_week": [number, number]})
    for name in (NAMES[number], NAMES[number][:3].upper()):
        assert_frame_equal(report(hours={"day_of_week": [name, str(number)]}), expected)


@pytest.mark.parametrize(
    "weekday",
    ["Tues", "Thurs", "Mo", "Montag", "lundi", "M", "-1", "8", "2.5", "00", "1e0", "0x1", "", "monday,"],
)  # fmt: skip
def test_other_texts_are_no_weekday(weekday: str) -> None:
    with pytest.raises(InvalidHoursError, match=r"weekday outside 0-6 in 1 row"):
        report(hours={"day_of_week": ["0", weekday]})


@pytest.mark.parametrize("weekday", [2.5, -1.0, 8.0, float("nan"), float("inf"), -0.1, 1e300, None])
def test_other_floats_are_no_weekday(weekday: float | None) -> None:
    with pytest.raises(InvalidHoursError, match=r"weekday outside 0-6 in 1 row"):
        report(hours={"day_of_week": [0.0, weekday]})


FROM_ONE: dict[str, list[Any]] = {
    "integers": [1, 7],
    "floats": [1.0, 7.0],
    "digits": ["1", "7"],
    "text of floats": ["1.0", "7.0"],
    "a 7 alone": [7, 7],
    "beside others that are bad": [7, 8],
    "beside none": [7, None],
    "a name but no Monday": ["Tue", "7"],
}


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("name", FROM_ONE)
def test_a_table_numbered_1_to_7_is_refused_as_a_whole(name: str, *, lazy: bool) -> None:
    with pytest.raises(InvalidHoursError) as caught:
        report(lazy=lazy, hours={"day_of_week": FROM_ONE[name]})
    error = caught.value
    assert "weekdays numbered 1 = Monday to 7 = Sunday; subtract 1 in" in str(error)
    assert "(day + 5) % 7" in str(error)
    assert (error.table, error.column, error.code) == ("hours", "day_of_week", "weekdays_from_one")


def test_all_its_rows_are_counted_and_its_numbers_shown() -> None:
    with pytest.raises(InvalidHoursError, match=r"in 2 rows \(first: 6, 7\)"):
        report(hours={"day_of_week": [7, 6]})


@pytest.mark.parametrize("weekdays", [[7, 0], ["7", "Mon"], [7.0, 0.0]])
def test_a_7_beside_a_0_is_a_bad_row(weekdays: list[Any]) -> None:
    with pytest.raises(InvalidHoursError, match=r"weekday outside 0-6 in 1 row \(first: '?7"):
        report(hours={"day_of_week": weekdays})


def test_numbers_from_1_to_6_alone_are_weekdays() -> None:
    # Nothing shows how they are meant; a table of Tuesdays to Sundays is nothing odd.
    assert report(hours={"day_of_week": [1, 6]}).height == 2
