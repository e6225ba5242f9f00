"""Availability over time: the points of the summary, gaps, and names that tell lines apart."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import PolicyError, SchemaError, Window, compute_history, every, summarize
from store_uptime.plot import trend
from store_uptime.plot.availabilities import chosen_window
from store_uptime.plot.group_lines import Lines, group_lines
from store_uptime.plot.trends import spread
from store_uptime.testing import make_dataset
from support.drawn_charts import (
    labels_in,
    marks_in,
    once,
    rows_of,
    svg_of,
    texts_in,
    titles_of,
)
from support.services import need
from support.strategies import examples

DAY = {"day": Window("1d", "minutes")}
FIRST = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
HOSTILE = ["<b>&</b>", "شمال", "a.b[0]", "line\nbreak", "", "x" * 200]


def history_of(*rows: tuple[Any, ...], **columns: list[Any]) -> pl.DataFrame:
    """A history of days from the first of May on, ids, and minutes up and down."""
    days, ids, ups, downs = (list(column) for column in zip(*rows, strict=True))
    history = pl.DataFrame(
        {
            "now": [FIRST + dt.timedelta(days=day) for day in days],
            "store_id": ids,
            "uptime_day": ups,
            "downtime_day": downs,
        },
        strict=False,
    )
    history = history.with_columns(
        pl.col("uptime_day", "downtime_day").cast(pl.Float64),
        pl.col("now").cast(pl.Datetime("us", "UTC")),
    )
    return history.with_columns(pl.Series(name, values) for name, values in columns.items())


def lines_of(history: pl.DataFrame, by: Any = None, most: int = 8) -> Lines:
    return group_lines(history, by, chosen_window(DAY, None), most)


# --- the points -----------------------------------------------------------------------------------


def test_points_are_the_availability_of_all_stores_of_a_group() -> None:
    history = history_of((0, 1, 90, 10), (0, 2, 100, 0), (1, 1, 0, 0), (1, 2, 0, 0), (2, 1, 5, 5))
    lines = lines_of(history)
    assert lines.names == ["all stores"]
    milliseconds = [1_714_521_600_000 + day * 86_400_000 for day in range(3)]
    assert lines.points.drop("told").rows() == [
        (0, milliseconds[0], 0.95),
        (0, milliseconds[1], None),
        (0, milliseconds[2], 0.5),
    ]
    known = "10 min down of 3 h 20 min open and known; 2 of 2 stores known"
    half = "5 min down of 10 min open and known; 1 of 1 stores known"
    assert lines.points["told"].to_list() == [
        "all stores, up to 2024-05-01 00:00 UTC: 95.00 % up, " + known,
        "all stores, up to 2024-05-02 00:00 UTC: nothing known of 2 stores",
        "all stores, up to 2024-05-03 00:00 UTC: 50.00 % up, " + half,
    ]


def test_each_line_is_a_group_of_the_summary() -> None:
    made = make_dataset(12, 4, outages_per_day=3.0, seed=5)
    at = every("6h", start=made.now - dt.timedelta(days=2), end=made.now)
    history = compute_history(made.status, made.hours, made.timezones, at=at, windows=DAY)
    groups = made.timezones.select("store_id", kind=pl.col("store_id") % 3)
    lines = lines_of(history, groups)
    summary = summarize(history, groups, windows=DAY).sort("kind", "now")
    assert sorted(lines.names) == ["0", "1", "2"]
    for place, name in enumerate(lines.names):
        own = summary.filter(pl.col("kind") == int(name))
        drawn = lines.points.filter(group=place)
        assert drawn["availability"].to_list() == own["availability"].to_list()
        assert drawn["at"].to_list() == own["now"].dt.epoch("ms").to_list()
    downtime = summary.group_by("kind").agg(pl.sum("downtime")).sort("downtime", descending=True)
    assert lines.names == [str(kind) for kind in downtime["kind"]]


def test_of_many_groups_those_with_the_most_downtime_are_kept() -> None:
    history = history_of(*((day, store, 50, store % 10) for day in range(2) for store in range(30)))
    lines = lines_of(history, "store_id", most=4)
    assert lines.names == ["9", "19", "29", "8"]
    assert lines.groups == 30
    assert lines.points.height == 8


def test_names_of_groups_are_texts() -> None:
    rows = [(0, store, 1, 6 - store) for store in range(6)]
    history = history_of(*rows, **{"a.b['x']": HOSTILE})
    names = ["<b>&</b>", "شمال", "a.b[0]", "line\\u000abreak", '""', "x" * 200]
    assert lines_of(history, "a.b['x']").names == names
    two = lines_of(history.with_columns(n=pl.lit(None, pl.Int8)), ["a.b['x']", "n"])
    assert two.names[0] == "<b>&</b>, no n"
    numbers = history.with_columns(group=pl.lit(2.5), number=pl.lit(value=True), at=FIRST.date())
    assert lines_of(numbers, ["group", "number", "at"]).names == ["2.5, True, 2024-05-01"]


def test_instants_may_be_strings() -> None:
    history = history_of((1, 1, 1, 0), (0, 1, 0, 1))
    as_text = history.with_columns(pl.col("now").dt.strftime("%Y-%m-%d %H:%M:%S UTC"))
    assert lines_of(as_text).points.equals(lines_of(history).points)


# --- the names at the ends ------------------------------------------------------------------------


@examples(60)
@given(st.lists(st.integers(0, 100).map(float), max_size=9))
def test_names_are_apart_in_the_order_of_their_lines(values: list[float]) -> None:
    moved = spread(values, 10.0, 0.0, 100.0)
    order = sorted(range(len(values)), key=lambda place: values[place])
    assert all(
        moved[upper] - moved[lower] >= 10.0
        for lower, upper in pairwise(sorted(order, key=lambda place: moved[place]))
    )
    assert all(0 <= each <= 100 for each in moved)
    for lower in range(len(values)):
        for upper in range(len(values)):
            assert values[lower] >= values[upper] or moved[lower] < moved[upper]


def test_names_that_are_apart_stay() -> None:
    assert spread([50.0, 100.0, 0.0], 10.0, 0.0, 100.0) == [50.0, 100.0, 0.0]


# --- the chart ------------------------------------------------------------------------------------


def test_a_gap_is_not_drawn_across() -> None:
    need("altair")
    # Known, known, nothing, known, nothing, known, known.
    known = [True, True, False, True, False, True, True]
    history = history_of(*((day, 1, 10 * each, each) for day, each in enumerate(known)))
    chart = trend(history, windows=DAY)
    assert [row["availability"] is not None for row in rows_of(chart, "line")] == known
    # What has no line to either side has a mark that is seen.
    assert [row["marked"] for row in rows_of(chart, "point")] == [True] * 5
    (line,) = (
        path
        for path in svg_of(chart).iter()
        if path.get("aria-roledescription") == "line mark" and path.get("d")
    )
    assert str(line.get("d")).count("M") == 3


def test_of_long_lines_some_points_have_marks_and_all_have_words() -> None:
    need("altair")
    known = [day not in {100, 102} for day in range(300)]
    history = history_of(*((day, 1, 10 * each, 0) for day, each in enumerate(known)))
    points = rows_of(trend(history, windows=DAY), "point")
    assert len(points) == 298
    marked = [row["marked"] for row in points]
    assert 15 <= sum(marked) <= 18
    assert marked[100]  # day 101, alone
    assert marked[-1]


def test_the_picture_has_names_target_and_marks() -> None:
    need("altair")
    history = history_of(*((day, store, 98, 2 - store) for day in range(3) for store in range(3)))
    regions = pl.DataFrame({"store_id": [0, 1], "region": ["north", "south"]})
    chart = trend(history, regions, windows=DAY)
    assert titles_of(chart) == ("Availability over time (day)", "3 groups")
    svg = svg_of(chart)
    texts = texts_in(svg)
    assert {"north", "south", "no region", "target 99 %", "01 May 2024"} <= set(texts)
    assert any(
        label.startswith("south, up to 2024-05-03 00:00 UTC: 98.98 %") for label in labels_in(svg)
    )
    dark = trend(history, windows=DAY, target=None, scheme="dark", title="Mine")
    assert titles_of(dark) == ("Mine", "All stores together")
    assert not any(text.startswith("target") for text in texts_in(svg_of(dark)))


def test_names_of_any_kind_are_in_the_picture() -> None:
    need("altair")
    rows = [(0, store, 1, 6 - store) for store in range(6)]
    texts = texts_in(svg_of(trend(history_of(*rows, region=HOSTILE), "region", windows=DAY)))
    assert {"<b>&</b>", "شمال", "a.b[0]", "line\\u000abreak", '""'} <= set(texts)
    assert any(text.startswith("xxx") and text.endswith("…") for text in texts)


def test_more_groups_than_colours_are_a_choice_that_is_said() -> None:
    need("altair")
    rows = [(day, store, 50, store) for day in range(2) for store in range(10)]
    chart = trend(history_of(*rows), "store_id", windows=DAY)
    assert titles_of(chart)[1] == "8 of 10 groups: those with the most downtime"
    nothing = history_of(*rows, (0, 99, 0, 0)).filter(pl.col("store_id") > 7)
    told = titles_of(trend(nothing, "store_id", windows=DAY))[1]
    assert told == "3 groups; nothing known of 1"
    none = trend(nothing.filter(pl.col("store_id") > 9), windows=DAY)
    assert titles_of(none)[1] == "All stores together, nothing known"


def test_hours_of_the_day_are_told_where_instants_are_not_midnights() -> None:
    need("altair")
    history = history_of((0.25, 1, 9, 1), (0.75, 1, 9, 1))
    assert "01 May 06:00" in texts_in(svg_of(trend(history, windows=DAY)))


def test_one_instant_and_none_are_drawn() -> None:
    need("altair")
    one = history_of((0, 1, 9, 1))
    assert "01 May 2024" in texts_in(svg_of(trend(one, windows=DAY)))
    empty = trend(one.clear(), windows=DAY)
    assert titles_of(empty)[1] == "0 groups"
    svg_of(empty)


def test_the_order_of_rows_changes_nothing() -> None:
    need("altair")
    rows = [(day, store, 50, store) for day in range(3) for store in range(4)]
    history = history_of(*rows)
    chart = trend(history, "store_id", windows=DAY).to_json()
    for form in (history.reverse().lazy(), once(history)):
        assert trend(form, "store_id", windows=DAY).to_json() == chart


# --- what it refuses ------------------------------------------------------------------------------


def test_too_many_points_are_refused() -> None:
    need("altair")
    days = 4001
    history = pl.DataFrame(
        {
            "now": pl.Series(range(days), dtype=pl.Int64).cast(pl.Datetime("us", "UTC")),
            "store_id": [1] * days,
            "uptime_day": [1.0] * days,
            "downtime_day": [0.0] * days,
        }
    )
    with pytest.raises(PolicyError, match=r"^history: 4,001 points are too many") as caught:
        trend(history, windows=DAY)
    assert caught.value.code == "too_many_marks"
    assert marks_in(trend(history.head(4000), windows=DAY)) <= 2 * 4000 + 10


HISTORY = history_of((0, 1, 9, 1))


@pytest.mark.parametrize(
    ("history", "options", "message"),
    [
        (HISTORY.drop("now"), {}, "^history.now: no such column"),
        (HISTORY.with_columns(now=pl.lit("soon")), {}, "^history.now: null or unreadable"),
        (HISTORY.with_columns(now=pl.lit(1.5)), {}, "^history.now: type Float64"),
        (HISTORY, {"by": "region"}, "^report.region: no such column"),
        (HISTORY, {"window": "week"}, "^window: unknown window"),
        (HISTORY, {"target": 2}, "^target: must be"),
        (HISTORY, {"scheme": None}, "^scheme: unknown word"),
    ],
)
def test_wrong_arguments_are_refused(
    history: pl.DataFrame, options: dict[str, Any], message: str
) -> None:
    need("altair")
    with pytest.raises((PolicyError, SchemaError), match=message):
        trend(history, **{"windows": DAY, **options})
