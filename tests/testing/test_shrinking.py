"""What Hypothesis makes of a failing example, and prints of it, can be read and used again."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime
from random import Random
from textwrap import indent
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis.strategies import SearchStrategy

from store_uptime import Inputs, Policy, compute_report
from store_uptime.testing import st_hours, st_inputs, st_policies, st_polls
from store_uptime.testing.shown_inputs import ShownInputs
from support.strategies import examples

NOON = datetime(2024, 5, 13, 12, tzinfo=UTC)  # a Monday


def simplest(strategy: SearchStrategy[Any], asked: Callable[[Any], Any] = lambda _: True) -> Any:
    quick = settings(max_examples=1000, phases=[Phase.generate, Phase.shrink], database=None)
    return find(strategy, asked, settings=quick, random=Random(0))  # noqa: S311  # the same each time


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


# --- what is printed -----------------------------------------------------------------------------

POLLS = {
    "store_id": [1, 1],
    "timestamp_utc": [NOON, NOON.replace(microsecond=7)],
    "status": ["active", "inactive"],
}
HOURS = {
    "store_id": [1],
    "day_of_week": [0],
    "start_time_local": ["09:00"],
    "end_time_local": ["17:00"],
}
NO_ZONES = {"store_id": pl.Int64, "timezone_str": pl.String}
CLOSED = {
    "store_id": [None, 1],
    "date": [date(2024, 5, 13)] * 2,
    "start_time_local": [None, "10:00"],
    "end_time_local": [None, "12:00"],
}
SHOWN = """\
Inputs(
    status=pl.DataFrame(orient='row', schema={'store_id': pl.Int64, 'timestamp_utc': pl.String, 'status': pl.String}, data=[
        (1, '2024-05-13 12:00:00 UTC', 'active'),
        (1, '2024-05-13 12:00:00.000007 UTC', 'inactive'),
    ]),
    hours=pl.DataFrame(orient='row', schema={'store_id': pl.Int64, 'day_of_week': pl.Int64, 'start_time_local': pl.String, 'end_time_local': pl.String}, data=[
        (1, 0, '09:00', '17:00'),
    ]),
    timezones=pl.DataFrame(orient='row', schema={'store_id': pl.Int64, 'timezone_str': pl.String}, data=[]),
    extra={
        'special_hours': pl.DataFrame(orient='row', schema={'store_id': pl.Int64, 'date': pl.String, 'start_time_local': pl.String, 'end_time_local': pl.String}, data=[
            (None, '2024-05-13', None, None),
            (1, '2024-05-13', '10:00', '12:00'),
        ]),
    },
    now=datetime.fromisoformat('2024-05-13 12:00:00+00:00'),
)"""


@pytest.fixture
def inputs() -> ShownInputs:
    polls = pl.DataFrame(POLLS, schema_overrides={"timestamp_utc": pl.Datetime("us", "UTC")})
    extra = {"special_hours": pl.DataFrame(CLOSED)}
    return ShownInputs(
        polls, pl.DataFrame(HOURS), pl.DataFrame(schema=NO_ZONES), extra=extra, now=NOON
    )


def test_inputs_show_all_rows_of_all_tables(inputs: ShownInputs) -> None:
    assert repr(inputs) == SHOWN


def test_without_more_they_show_the_three_tables(inputs: ShownInputs) -> None:
    assert repr(ShownInputs(*inputs)) == f"{SHOWN.partition('    extra')[0]})"


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))], ids=["copy", "deepcopy", "pickle"])  # fmt: skip  # noqa: S301  # our own bytes
def test_they_can_be_copied_and_pickled(inputs: ShownInputs, again: Callable[[Any], Any]) -> None:
    assert repr(again(inputs)) == SHOWN


def test_hypothesis_prints_them_of_a_failing_example() -> None:
    @settings(database=None, phases=[Phase.generate])
    @given(drawn=st_inputs())
    def fails(drawn: Inputs) -> None:
        assert drawn.now is None

    with pytest.raises(AssertionError) as caught:
        fails()
    told = "\n".join(caught.value.__notes__)
    first_row = "        (1, '2024-05-13 12:00:00 UTC', 'active'),\n"
    until_first_row = "".join(SHOWN.partition(first_row)[:2])
    assert indent(f"drawn={until_first_row}", "    ") in told


@examples(40)
@given(st_inputs())
def test_what_is_printed_makes_the_same_report(drawn: Inputs) -> None:
    names = {"Inputs": Inputs, "pl": pl, "datetime": datetime}
    again = eval(repr(drawn), names)  # noqa: S307  # our own text
    assert type(again) is Inputs
    assert compute_report(again).equals(compute_report(drawn))
