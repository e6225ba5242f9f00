"""What the Hypothesis strategies of the kit draw: what fits, what is nasty, nothing else."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from store_uptime import Inputs, MissingDependencyError, Policy, compute_report
from store_uptime.errors import StoreUptimeError
from store_uptime.testing import (
    assert_report_valid,
    st_hours,
    st_inputs,
    st_policies,
    st_polls,
    st_zones,
)
from support.strategies import examples

NOON = dt.datetime(2024, 5, 13, 12, tzinfo=dt.UTC)
US = dt.timedelta(microseconds=1)
CHANGES = [  # in Chicago and Berlin
    dt.datetime(2024, month, day, hour, tzinfo=dt.UTC)
    for month, day, hour in ((3, 10, 8), (11, 3, 7), (3, 31, 1), (10, 27, 1))
]
OPTIONAL = ("special_hours", "maintenance", "maintenance_hours")
ALL: dict[str, Callable[[], Any]] = {
    "st_polls": st_polls,
    "st_hours": st_hours,
    "st_zones": st_zones,
    "st_policies": st_policies,
    "st_inputs": st_inputs,
}


def tables(inputs: Inputs) -> dict[str, pl.DataFrame]:
    return {
        "status": inputs.status,
        "hours": inputs.hours,
        "timezones": inputs.timezones,
        **inputs.extra,
    }


# --- what fits -----------------------------------------------------------------------------------


@examples(60)
@given(st_inputs(), st_policies())
def test_every_function_takes_what_is_drawn(inputs: Inputs, policy: Policy) -> None:
    assert_report_valid(compute_report(inputs, policy=policy, detail=True))


@examples(40)
@given(st_polls(), st_hours(), st_zones())
def test_tables_that_are_drawn_alone_fit_too(
    polls: pl.DataFrame, hours: pl.DataFrame, zone: str
) -> None:
    if polls.schema["store_id"] == hours.schema["store_id"]:
        policy = Policy(default_timezone=zone)
        assert_report_valid(compute_report(polls, hours, policy=policy, detail=True))


@examples(40)
@given(st_inputs([7, 9, 7], now=NOON))
def test_all_tables_are_of_the_given_stores_and_the_given_now(inputs: Inputs) -> None:
    assert inputs.now == NOON
    for name, table in tables(inputs).items():
        assert set(table["store_id"]) <= {7, 9} | ({None} if name in OPTIONAL else set())
        assert table.schema["store_id"] == pl.Int64


@examples(40)
@given(st_inputs(["a"], extra=["maintenance"], validity=False))
def test_what_is_not_asked_for_is_not_drawn(inputs: Inputs) -> None:
    assert set(inputs.extra) <= {"maintenance"}
    assert inputs.hours.columns == [
        "store_id",
        "day_of_week",
        "start_time_local",
        "end_time_local",
    ]


@pytest.mark.parametrize("length", [0, 1, 10**6, 3_599_999_999, 86_400 * 10**6])
@examples(20)
@given(data=st.data())
def test_polls_keep_to_their_span_and_their_number(length: int, data: st.DataObject) -> None:
    end = NOON + data.draw(st.sampled_from((0, 1, -1, 90 * 10**6))) * US
    start = end - length * US
    fewest = data.draw(st.integers(0, 3))
    most = data.draw(st.integers(fewest, 4))
    polls = data.draw(st_polls([1], start=start, end=end, min_size=fewest, max_size=most))
    assert fewest <= polls.height <= most
    assert polls["timestamp_utc"].is_between(start, end).all()


def test_a_span_may_be_one_instant() -> None:
    moment = NOON + US
    polls = find(st_polls(start=moment, end=moment), lambda _: True)
    assert polls.rows() == [(1, moment, "active")]


# --- what is nasty -------------------------------------------------------------------------------

START, END = pl.col("start_time_local"), pl.col("end_time_local")
DAY = ("store_id", "day_of_week")
INSTANT = ("store_id", "timestamp_utc")
CLOSED = pl.col("start_time_local").is_null()
Nasty = tuple[Callable[[], Any], Callable[[Any], Any]]


def some(condition: pl.Expr, table: str | None = None) -> Callable[[Any], bool]:
    """Ask whether the condition holds in a row."""

    def ask(drawn: Any) -> bool:
        found = drawn if table is None else tables(drawn).get(table, pl.DataFrame())
        return not found.is_empty() and not found.filter(condition).is_empty()

    return ask


def gap() -> pl.Expr:
    instants = pl.col("timestamp_utc").sort()
    return (instants.shift(-1) - instants).over("store_id")


NASTY: dict[str, Nasty] = {
    "past midnight": (st_hours, some((END < START) & (END > "00:00"))),
    "24 hours": (st_hours, some(START == END)),
    "the end of the day": (st_hours, some(END == "24:00")),
    "midnight as an end": (st_hours, some(END == "00:00")),
    "a minute to midnight": (st_hours, some(END == "23:59")),
    "a second to midnight": (st_hours, some(END == "23:59:59")),
    "a start at the end of the day": (st_hours, some(START == "24:00")),
    "an hour that may be skipped": (st_hours, some((START == "02:00") & (END == "03:00"))),
    "rows that overlap": (
        st_hours,
        some((START < END) & START.is_between(START.min().over(DAY), END.min().over(DAY), "none")),
    ),
    "rows that touch": (st_hours, some((START < END) & START.is_in(END.implode().over(DAY)))),
    "a missing weekday": (st_hours, some(pl.col("day_of_week").n_unique().over("store_id") == 6)),
    "no hours": (st_hours, pl.DataFrame.is_empty),
    "ids that are no floats": (
        st_polls,
        some(pl.col("store_id").cast(pl.String).str.len_chars() == 19),
    ),
    "ids that are texts": (st_polls, lambda polls: polls.schema["store_id"] == pl.String),
    "several stores": (st_polls, lambda polls: polls["store_id"].n_unique() == 3),
    "a poll said twice": (st_polls, lambda polls: polls.is_duplicated().any()),
    "a poll gainsaid": (st_polls, some(pl.col("status").n_unique().over(INSTANT) == 2)),
    "a microsecond apart": (st_inputs, some(gap() == US, "status")),
    "odd microseconds": (st_polls, some(pl.col("timestamp_utc").dt.microsecond() % 1000 > 0)),
    "no polls": (st_inputs, lambda inputs: inputs.status.is_empty()),
    "a poll at now": (st_inputs, lambda inputs: inputs.now in inputs.status["timestamp_utc"]),
    "a poll after now": (
        st_inputs,
        lambda inputs: (inputs.status["timestamp_utc"] > inputs.now).any(),
    ),
    "a store without polls": (
        st_inputs,
        lambda inputs: not set(inputs.hours["store_id"]) <= set(inputs.status["store_id"]),
    ),
    "a store without hours": (
        st_inputs,
        lambda inputs: not set(inputs.status["store_id"]) <= {*inputs.hours["store_id"]},
    ),
    "a store without a zone": (st_inputs, lambda inputs: inputs.timezones.is_empty()),
    "a zone that is null": (st_inputs, some(pl.col("timezone_str").is_null(), "timezones")),
    "hours that never hold": (
        st_inputs,
        lambda inputs: (
            "valid_from" in inputs.hours.columns
            and (inputs.hours["valid_from"] == inputs.hours["valid_until"]).any()
        ),
    ),
    "a date that is closed": (st_inputs, some(CLOSED, "special_hours")),
    "a date with hours": (st_inputs, some(~CLOSED, "special_hours")),
    "a date for every store": (st_inputs, some(pl.col("store_id").is_null(), "special_hours")),
    "maintenance since ever": (st_inputs, some(pl.col("start_utc").is_null(), "maintenance")),
    "maintenance for ever": (st_inputs, some(pl.col("end_utc").is_null(), "maintenance")),
    "maintenance of every week": (st_inputs, some(START.is_not_null(), "maintenance_hours")),
    "clocks that are being set": (
        st_inputs,
        lambda inputs: min(abs(inputs.now - change) for change in CHANGES) <= US,
    ),
    "a log of changes": (
        st_policies,
        lambda policy: policy.interpolation == "previous" and policy.max_gap is None,
    ),
}


@pytest.mark.parametrize("kind", NASTY)
def test_what_is_nasty_is_drawn_sometimes(kind: str) -> None:
    strategy, is_nasty = NASTY[kind]
    once = settings(max_examples=3000, phases=[Phase.generate], database=None)
    find(strategy(), is_nasty, settings=once, random=Random(kind))  # noqa: S311  # the same each time


# --- what is wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strategy", "options", "code"),
    [
        (st_polls, {"store_ids": []}, "not_store_ids"),
        (st_polls, {"store_ids": "12"}, "not_store_ids"),
        (st_hours, {"store_ids": 7}, "not_store_ids"),
        (st_hours, {"store_ids": [1, "1"]}, "not_store_ids"),
        (st_hours, {"store_ids": [1.0]}, "not_store_ids"),
        (st_inputs, {"store_ids": [True]}, "not_store_ids"),
        (st_inputs, {"store_ids": [2**63]}, "not_store_ids"),
        (st_inputs, {"store_ids": [[1]]}, "not_store_ids"),
        (st_polls, {"start": NOON, "end": NOON - US}, "end_before_start"),
        (st_polls, {"end": "2024-05-13"}, "naive_instant"),
        (st_polls, {"start": 7}, "not_an_instant"),
        (st_polls, {"min_size": -1}, "wrong_number"),
        (st_polls, {"min_size": True}, "wrong_number"),
        (st_polls, {"max_size": 2.5}, "wrong_number"),
        (st_polls, {"min_size": 3, "max_size": 2}, "wrong_number"),
        (st_inputs, {"now": "2024-05-13T12:00"}, "naive_instant"),
        (st_inputs, {"now": "9999-01-01T00:00Z"}, "not_an_instant"),
        (st_inputs, {"extra": ["holidays"]}, "unknown_word"),
        (st_inputs, {"validity": 1}, "not_a_flag"),
    ],
)
def test_what_makes_no_sense_is_refused_at_the_call(
    strategy: Callable[..., Any], options: dict[str, Any], code: str
) -> None:
    with pytest.raises(StoreUptimeError) as caught:
        strategy(**options)
    assert caught.value.code == code


def test_an_error_says_what_to_give_instead() -> None:
    with pytest.raises(ValueError, match=r"^store_ids: must be integers .* \(first: 7\)\. Give"):
        st_polls(7)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(
        ValueError, match=r"^max_size: must be a whole number from 3 on \(first: 2\)"
    ):
        st_polls(min_size=3, max_size=2)


@pytest.mark.parametrize("name", ALL)
def test_without_hypothesis_the_error_names_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(MissingDependencyError, match=r"Install it: pip install hypothesis\.$"):
        ALL[name]()


def test_the_kit_is_imported_without_hypothesis() -> None:
    code = "import sys, store_uptime.testing; print('hypothesis' in sys.modules)"
    done = subprocess.run(  # noqa: S603  # our own interpreter, our own code
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert done.stdout == "False\n"
