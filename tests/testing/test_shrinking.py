"""What Hypothesis makes of a failing example, and prints of it, can be read and used again."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import find, given, settings
from hypothesis.strategies import SearchStrategy

from store_uptime import Inputs, Policy, compute_report
from store_uptime.testing import st_hours, st_inputs, st_policies, st_polls
from support.strategies import examples

NOON = datetime(2024, 5, 13, 12, tzinfo=UTC)  # a Monday


def simplest(strategy: SearchStrategy[Any], asked: Callable[[Any], Any] = lambda _: True) -> Any:
    quiet = settings(max_examples=1000, database=None)
    return find(strategy, asked, settings=quiet, random=Random(0))


def rows(inputs: Inputs) -> list[list[tuple[Any, ...]]]:
    return [table.rows() for table in (*inputs, *inputs.extra.values())]


PLAIN: list[list[tuple[Any, ...]]] = [
    [(1, NOON, "active")],
    [(1, 0, "09:00", "17:00")],
    [(1, "UTC")],
]


def test_the_simplest_inputs_are_one_store_with_one_poll() -> None:
    inputs = simplest(st_inputs())
    assert rows(inputs) == PLAIN
    assert inputs.now == NOON


def test_the_simplest_policy_is_the_default_one() -> None:
    assert simplest(st_policies()) == Policy()


def test_an_example_about_hours_keeps_the_one_row_that_matters() -> None:
    overnight = pl.col("end_time_local") < pl.col("start_time_local")
    hours = simplest(st_hours(), lambda hours: not hours.filter(overnight).is_empty())
    assert hours.rows() == [(1, 0, "09:00", "00:00")]


def test_an_example_about_polls_keeps_the_two_that_matter() -> None:
    polls = simplest(st_polls(), lambda polls: polls["status"].n_unique() == 2)
    assert polls.sort("status").rows() == [(1, NOON, "active"), (1, NOON, "inactive")]


def test_an_example_about_an_optional_table_is_plain_in_all_others() -> None:
    inputs = simplest(st_inputs(), lambda inputs: "special_hours" in inputs.extra)
    assert rows(inputs) == [*PLAIN, [(1, NOON.date(), None, None)]]


def test_an_example_about_a_zone_is_plain_in_all_others() -> None:
    inputs = simplest(st_inputs(), lambda inputs: "Europe/Berlin" in inputs.timezones["timezone_str"])
    assert rows(inputs) == [*PLAIN[:2], [(1, "Europe/Berlin")]]


# --- what is printed -----------------------------------------------------------------------------

SHOWN = """\
Inputs(
    status=pl.DataFrame(orient='row', schema={'store_id': pl.Int64, 'timestamp_utc': pl.String, 'status': pl.String}, data=[
        (1, '2024-05-13 12:00:00 UTC', 'active'),
    ]),
    hours=pl.DataFrame(orient='row', schema={'store_id': pl.Int64, 'day_of_week': pl.Int64, 'start_time_local': pl.String, 'end_time_local': pl.String}, data=[
        (1, 0, '09:00', '17:00'),
    ]),
    timezones=pl.DataFrame(orient='row', schema={'store_id': pl.Int64, 'timezone_str': pl.String}, data=[]),
    extra={
        'special_hours': pl.DataFrame(orient='row', schema={'store_id': pl.Int64, 'date': pl.String, 'start_time_local': pl.String, 'end_time_local': pl.String}, data=[
            (1, '2024-05-13', None, None),
        ]),
    },
    now=datetime.fromisoformat('2024-05-13 12:00:00+00:00'),
)"""


def about_zones(inputs: Inputs) -> bool:
    return inputs.timezones.is_empty() and "special_hours" in inputs.extra


def test_inputs_show_all_rows_of_all_tables() -> None:
    assert repr(simplest(st_inputs(), about_zones)) == SHOWN


def test_hypothesis_prints_the_tables_of_a_failing_example() -> None:
    @settings(database=None, derandomize=True, max_examples=200)
    @given(inputs=st_inputs())
    def fails(inputs: Inputs) -> None:
        assert not about_zones(inputs)

    with pytest.raises(AssertionError) as caught:
        fails()
    told = "\n".join(caught.value.__notes__)
    assert f"    inputs={SHOWN}".replace("\n", "\n    ") in told


@examples(40)
@given(st_inputs())
def test_what_is_printed_makes_the_same_report(inputs: Inputs) -> None:
    names = {"Inputs": Inputs, "pl": pl, "datetime": datetime}
    again = eval(repr(inputs), names)  # noqa: S307  # our own text
    assert type(again) is Inputs
    assert compute_report(again).equals(compute_report(inputs))


def test_microseconds_are_shown_where_there_are_any() -> None:
    polls = pl.DataFrame({"timestamp_utc": [datetime(2024, 5, 13, 12, 0, 0, 7, tzinfo=UTC)]})
    inputs = simplest(st_inputs())
    shown = repr(type(inputs)(polls, inputs.hours, inputs.timezones))
    assert "('2024-05-13 12:00:00.000007 UTC',)" in shown
    assert "now=" not in shown


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])  # noqa: S301  # our own bytes
def test_drawn_inputs_can_be_copied_and_pickled(again: Callable[[Any], Any]) -> None:
    inputs = simplest(st_inputs())
    assert repr(again(inputs)) == repr(inputs)
