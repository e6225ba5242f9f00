"""Laws of data sets, whatever is asked for: the truth is that of plain Python, and polls see it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import Window
from store_uptime.testing import make_dataset
from support.dataset_truth import is_down, outages_of, stores_of, true_times
from support.oracle import Rules, is_open
from support.strategies import examples
from support.wall_clock import HOUR, micros

UTC = dt.UTC
# Clocks change: back in America, forward in Sydney, by half an hour on Lord Howe, at midnight in Beirut.
NOWS = [
    dt.datetime(2024, 11, 6, tzinfo=UTC),
    dt.datetime(2024, 10, 8, 13, 7, 5, 123_457, tzinfo=UTC),
    dt.datetime(2024, 4, 3, 21, 30, tzinfo=UTC),
    dt.datetime(1969, 12, 31, 23, tzinfo=UTC),
    dt.datetime(1970, 1, 2, tzinfo=UTC),  # of one day, the first instant is 0
]

options = st.fixed_dictionaries(
    {
        "stores": st.integers(1, 4),
        "days": st.integers(1, 9),
        "seed": st.integers(0, 2**64 - 1),
        "now": st.sampled_from(NOWS),
        "poll_every": st.sampled_from(["1h", "7m", "100d", dt.timedelta(hours=5)]),
        "jitter": st.sampled_from([0, 0.0, 1e-9, 0.5, 1]),
        "missing": st.sampled_from([0, 0.2, 1]),
        "missing_while_down": st.sampled_from([0.0, 0.5, 1]),
        "outages_per_day": st.sampled_from([0, 1e-30, 0.3, 4, 40]),
        "outage_length": st.sampled_from(["1us", "1m", "30m"]),
        "off_when_closed": st.booleans(),
        "edition": st.sampled_from(["integer", "uuid"]),
        "without_hours": st.sampled_from([0, 0.5, 1]),
        "special_days": st.sampled_from([0, 0.4, 1]),
        "maintenance": st.sampled_from([0, 0.4, 1]),
    }
)


@given(options)
@examples(40)
def test_the_truth_is_open_time_less_outages(given_options: dict[str, Any]) -> None:
    dataset = make_dataset(**given_options)
    now, first = micros(dataset.now), micros(dataset.start)
    windows = {
        "all": Window(dt.timedelta(days=given_options["days"]), "seconds"),
        "h": Window("1h"),
    }
    truth = {row["store_id"]: row for row in dataset.truth(windows).iter_rows(named=True)}
    assert len(truth) == given_options["stores"]
    outages = outages_of(dataset)
    for store_id, store in stores_of(dataset).items():
        up, down = true_times(store, outages[store_id], first, now)
        assert truth[store_id]["uptime_all"] == up / 10**6
        assert truth[store_id]["downtime_all"] == down / 10**6
        up, down = true_times(store, outages[store_id], now - HOUR, now)
        assert truth[store_id]["uptime_h"] == up / HOUR
        assert truth[store_id]["downtime_h"] == down / HOUR


@given(options)
@examples(40)
def test_polls_see_the_truth_and_a_switched_off_terminal(given_options: dict[str, Any]) -> None:
    dataset = make_dataset(**given_options)
    outages = outages_of(dataset)
    for store_id, store in stores_of(dataset).items():
        for us, up in store.polls:
            down = is_down(outages[store_id], us)
            off = given_options["off_when_closed"] and not is_open(store, Rules(), us)
            assert up == (not down and not off)


@given(options)
@examples(40)
def test_everything_lies_in_the_span_and_outages_are_disjoint(
    given_options: dict[str, Any],
) -> None:
    dataset = make_dataset(**given_options)
    assert dataset.now - dataset.start == dt.timedelta(days=given_options["days"])
    first, now = micros(dataset.start), micros(dataset.now)
    for store in stores_of(dataset).values():
        assert [us for us, _ in store.polls] == sorted({us for us, _ in store.polls})
        assert all(first <= us < now for us, _ in store.polls)
        assert [
            us for pair in store.maintenance for us in pair if us not in range(first, now + 1)
        ] == []
    for spans in outages_of(dataset).values():
        edges = [us for span in spans for us in span]
        assert edges == sorted(set(edges))  # never empty, and something between any two
        assert first <= edges[0]
        assert edges[-1] <= now


@given(options, st.integers(1, 5))
@examples(40)
def test_more_stores_are_the_same_ones_and_some_more(
    given_options: dict[str, Any], more: int
) -> None:
    few = make_dataset(**given_options)
    many = make_dataset(**given_options | {"stores": given_options["stores"] + more})
    ids = few.changes.status["store_id"].unique()

    def same(table: pl.DataFrame, larger: pl.DataFrame) -> bool:
        of_those = pl.col("store_id").is_null() | pl.col("store_id").is_in(ids.implode())
        return table.equals(larger.filter(of_those))

    assert same(few.status, many.status)
    assert same(few.hours, many.hours)
    assert same(few.timezones, many.timezones)
    assert same(few.outages, many.outages)
    assert few.inputs.extra.keys() == many.inputs.extra.keys()
    assert all(same(few.inputs.extra[name], many.inputs.extra[name]) for name in few.inputs.extra)
