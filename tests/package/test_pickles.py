"""Every public object travels: pickled, copied and deep-copied, it is the same."""

from __future__ import annotations

import copy
import datetime as dt
import inspect
import pickle
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta

import store_uptime
from store_uptime import (
    DEFAULT_WINDOWS,
    CalendarWindow,
    CoverageWarning,
    Inputs,
    Policy,
    RejectedRowsWarning,
    StoreUptimeError,
    Window,
)


def pickled(given: Any, protocol: int) -> Any:
    return pickle.loads(pickle.dumps(given, protocol=protocol))  # noqa: S301  # our own


WAYS: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"protocol {number}": partial(pickled, protocol=number)
        for number in range(2, pickle.HIGHEST_PROTOCOL + 1)
    },
}

ERRORS = [
    each
    for each in vars(store_uptime).values()
    if inspect.isclass(each) and issubclass(each, StoreUptimeError)
]


def error(kind: type[StoreUptimeError]) -> StoreUptimeError:
    return kind(
        "is wrong",
        code="wrong",
        table="status",
        column="store_id",
        count=2,
        values=(1, "x", None, dt.date(2024, 1, 1)),
        remedy="Give {option}.",
        option="strict=False",
    )


def coverage() -> CoverageWarning:
    return CoverageWarning(
        known={"week": 0.25, "day": None},
        window="week",
        stores=3,
        stores_unknown=2,
        first_poll=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        last_poll=None,
        now=dt.datetime(2024, 1, 2, tzinfo=dt.UTC),
        unmet=("hours",),
    )


RAISED: list[BaseException] = [
    *map(error, ERRORS),
    RejectedRowsWarning("3 rows left out", {"status": 2, "hours": 1}, ["7"]),
    coverage(),
]
VALUES: list[Any] = [
    DEFAULT_WINDOWS,
    Window(dt.timedelta(hours=36), "days"),
    Window(relativedelta(months=1, days=2)),
    Window("2h30m", "seconds"),
    CalendarWindow("quarter", -3, "days"),
    CalendarWindow("quarter", -3, "days", "monday", 4),
    CalendarWindow("week", 0, week_start="sunday"),
    Policy(),
    Policy(
        interpolation="previous", max_gap=None, lookback=dt.timedelta(0), default_timezone="UTC"
    ),
    Policy.for_changes(),
]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("given", VALUES, ids=repr)
def test_values_come_back_equal(given: Any, way: Callable[[Any], Any]) -> None:
    again = way(given)
    assert again == given
    assert type(again) is type(given)
    assert repr(again) == repr(given)
    assert [other for other in VALUES if other == again] == [given]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("given", RAISED, ids=lambda each: type(each).__name__)
def test_errors_and_warnings_come_back_with_their_facts_and_notes(
    given: BaseException, way: Callable[[Any], Any]
) -> None:
    noted = copy.copy(given)
    noted.add_note("while the report of Monday was made")
    again = way(noted)
    assert type(again) is type(given)
    assert str(again) == str(given)
    assert again.__notes__ == ["while the report of Monday was made"]
    assert vars(again) == vars(noted)
    assert not hasattr(given, "__notes__")


def test_no_public_class_is_missing_above() -> None:
    classes = {each for each in vars(store_uptime).values() if inspect.isclass(each)}
    shown = {type(each) for each in [*VALUES, *RAISED]}
    # `Inputs` has a test of its own, tests/tables/test_inputs_argument.py.
    assert {each for each in classes if each.__module__.startswith("store_uptime")} - shown == {
        Inputs
    }


def test_the_default_windows_are_a_mapping_that_nobody_changes() -> None:
    same = dict(DEFAULT_WINDOWS)
    assert isinstance(DEFAULT_WINDOWS, Mapping)
    assert list(DEFAULT_WINDOWS) == ["last_hour", "last_day", "last_week"]
    assert len(DEFAULT_WINDOWS) == 3
    assert same == DEFAULT_WINDOWS
    assert {"last_hour": same["last_hour"]} != DEFAULT_WINDOWS
    windows: Any = DEFAULT_WINDOWS
    month = {"month": Window("30d")}
    assert windows | month == {**same, **month}
    assert month | windows == {**month, **same}
    assert repr(windows) == repr(same)
    with pytest.raises(TypeError):
        windows["last_day"] = Window("7d")
    with pytest.raises(TypeError):
        del windows["last_day"]
    with pytest.raises(AttributeError):
        windows.other = 1
