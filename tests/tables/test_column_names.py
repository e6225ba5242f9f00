"""Columns are found in any case; what is missing or double is told."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import SchemaError, compute_report
from support.bad_tables import HOURS, NOW, STATUS, TIMEZONES, report, tables

Form = Callable[[pl.DataFrame], Any]
FORMS: dict[str, Form] = {
    "eager": lambda frame: frame,
    "lazy": lambda frame: frame.lazy(),
    "arrow": lambda frame: frame.to_arrow(),
    "pandas": lambda frame: frame.to_arrow().to_pandas(),
}
CASES: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "title": str.title,
    "without humps": str.lower,
    "swapped": str.swapcase,
}
NAMES = ["day_of_week", "day", "dayOfWeek"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("weekday", NAMES)
def test_columns_are_found_in_any_case(weekday: str, case: str, form: str) -> None:
    status, hours, timezones = (
        FORMS[form](frame.rename(CASES[case]))
        for frame in (tables()[0], tables()[1].rename({"day_of_week": weekday}), tables()[2])
    )
    assert_frame_equal(compute_report(status, hours, timezones, NOW), report())


def test_an_error_names_the_column_as_the_caller_does() -> None:
    _, hours, timezones = tables()
    status = pl.DataFrame({**STATUS, "status": ["up", "down"]}).rename(str.upper)
    with pytest.raises(ValueError, match=r"^status.STATUS: status other than") as caught:
        compute_report(status, hours, timezones, NOW)
    assert getattr(caught.value, "column", None) == "STATUS"
    nameless = pl.DataFrame({**STATUS, "store_id": [1, None]}).rename({"store_id": "Store_ID"})
    with pytest.raises(ValueError, match=r"^status.Store_ID: null id"):
        compute_report(nameless.lazy(), hours, timezones, NOW)


@pytest.mark.parametrize("form", FORMS)
def test_an_exact_name_goes_before_all_others(form: str) -> None:
    # Each of the others would be another weekday, on which the stores are closed at that hour.
    good, wrong = pl.lit(2), pl.lit(4)
    for exact, other in itertools.product(NAMES, ["Day", "DAY", "Day_Of_Week", "DAYOFWEEK"]):
        hours = tables()[1].drop("day_of_week").with_columns(wrong.alias(other), good.alias(exact))
        status, _, timezones = tables()
        found = compute_report(status, FORMS[form](hours), timezones, NOW)
        assert_frame_equal(found, report())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("one", "other"), [("Day", "DAY"), ("DAY_OF_WEEK", "Day"), ("dayofweek", "DAYOFWEEK")]
)
def test_two_names_that_differ_in_case_are_refused(one: str, other: str, form: str) -> None:
    hours = tables()[1].rename({"day_of_week": one}).with_columns(pl.col(one).alias(other))
    with pytest.raises(SchemaError) as caught:
        compute_report(pl.DataFrame(STATUS), FORMS[form](hours), pl.DataFrame(TIMEZONES), NOW)
    error = caught.value
    assert (error.table, error.code) == ("hours", "ambiguous_column")
    assert one in str(error)
    assert other in str(error)


SWAPPED = [
    (which, given) for which, given in itertools.permutations(["status", "hours", "timezones"], 2)
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("which", "given"), SWAPPED)
def test_a_table_in_the_place_of_another_is_recognised(which: str, given: str, form: str) -> None:
    frames = dict(zip(("status", "hours", "timezones"), tables(), strict=True))
    frames[which] = frames[given]
    with pytest.raises(SchemaError, match=f"{which}.*; this looks like the {given} table"):
        compute_report(**{name: FORMS[form](frame) for name, frame in frames.items()}, now=NOW)


def test_a_table_that_is_like_none_is_not_named() -> None:
    with pytest.raises(SchemaError, match=r"no such column\. The columns are: store_id, a\."):
        compute_report(pl.DataFrame({"store_id": [1], "a": [1]}), None, None, NOW)


@pytest.mark.parametrize("form", FORMS)
def test_many_columns_make_no_long_message(form: str) -> None:
    many = pl.DataFrame({f"a column with a long name {k}": [1] for k in range(20_000)})
    with pytest.raises(SchemaError, match=r"\(20,000 in all\)") as caught:
        compute_report(FORMS[form](many), None, None, NOW)
    assert len(str(caught.value)) < 2_000


@pytest.mark.parametrize("form", FORMS)
def test_hours_and_timezones_may_be_left_out(form: str) -> None:
    status = FORMS[form](pl.DataFrame(STATUS))
    # Empty tables say the same: open all the time, in the default zone.
    nothing = pl.DataFrame(HOURS).clear(), pl.DataFrame(TIMEZONES).clear()
    expected = compute_report(pl.DataFrame(STATUS), *nothing, NOW, detail=True)
    assert_frame_equal(compute_report(status, None, None, NOW, detail=True), expected)
    assert expected["scheduled_last_day"].to_list() == [24.0, 24.0]


def test_status_may_not_be_left_out() -> None:
    given: Any = None
    with pytest.raises(SchemaError, match="status: a NoneType is not a table"):
        compute_report(given, pl.DataFrame(HOURS), pl.DataFrame(TIMEZONES), NOW)
