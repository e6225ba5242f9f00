"""How many stores have which availability: limits exactly, counts as in the summary."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import (
    DEFAULT_WINDOWS,
    PolicyError,
    SchemaError,
    Window,
    compute_history,
    summarize,
)
from store_uptime._tables.given import Source
from store_uptime.plot import distribution
from store_uptime.plot.availabilities import chosen_window, read_stores
from store_uptime.plot.distributions import Classes, availability_classes
from support.drawn_charts import marks_in, once, rows_of, svg_of, texts_in, titles_of
from support.services import need
from support.strategies import examples

WINDOWS = {"hour": Window("1h", "seconds"), "day": Window("1d", "seconds")}
LABELS = ["below 50", "50 to 90", "90 to 95", "95 to 98", "98 to 99", "99 to 99.5", "99.5 to 99.9"]
LABELS += ["99.9 to 100", "100"]


def report_of(*stores: tuple[float, float]) -> pl.DataFrame:
    """A report of stores with these seconds up and down in the day."""
    return pl.DataFrame(
        {
            "store_id": range(len(stores)),
            "uptime_day": [up for up, _ in stores],
            "downtime_day": [down for _, down in stores],
        },
        {"store_id": pl.Int64, "uptime_day": pl.Float64, "downtime_day": pl.Float64},
    ).with_columns(uptime_hour=pl.lit(60.0), downtime_hour=pl.lit(0.0))


def classes_of(report: pl.DataFrame, target: str | None = "0.99") -> Classes:
    stores = read_stores(Source(report, "report"), chosen_window(WINDOWS, None))
    return availability_classes(stores, None if target is None else Fraction(target))


def counted(classes: Classes) -> dict[str, int]:
    return dict(classes.rows.filter(pl.col("stores") > 0).select("label", "stores").rows())


# --- the classes ----------------------------------------------------------------------------------


def test_a_store_on_a_limit_is_in_the_class_above() -> None:
    # Of 10,000 seconds: at each limit, and a microsecond below it.
    ups = [0, 5_000, 9_000, 9_500, 9_800, 9_900, 9_950, 9_990, 10_000]
    at_limits = classes_of(report_of(*((up, 10_000 - up) for up in ups)))
    assert at_limits.rows["label"].to_list() == LABELS
    assert at_limits.rows["stores"].to_list() == [1] * 9
    assert at_limits.below == 5
    below = classes_of(report_of(*((up - 1e-6, 10_000 - up + 1e-6) for up in ups[1:])))
    assert below.rows["stores"].to_list() == [1] * 8 + [0]
    assert below.below == 5


def test_the_target_is_a_limit() -> None:
    report = report_of((970, 30), (969, 31), (980, 20), (950, 50))
    assert counted(classes_of(report)) == {"95 to 98": 3, "98 to 99": 1}
    classes = classes_of(report, "0.97")
    assert counted(classes) == {"95 to 97": 2, "97 to 98": 1, "98 to 99": 1}
    assert classes.rows.filter("below")["label"].to_list()[-1] == "95 to 97"
    assert counted(classes_of(report, "0.3")) == {"95 to 98": 3, "98 to 99": 1}
    assert classes_of(report, "0.3").rows["label"].to_list()[:2] == ["below 30", "30 to 50"]


def test_at_a_target_of_one_only_stores_without_downtime_are_not_below() -> None:
    classes = classes_of(report_of((86_000, 0), (86_000, 1e-6)), "1")
    assert classes.below == 1
    assert classes.rows.filter(~pl.col("below"))["label"].to_list() == ["100"]


def test_stores_with_nothing_known_are_in_no_class() -> None:
    classes = classes_of(report_of((0, 0), (10, 0), (0, 0)))
    assert counted(classes) == {"100": 1}
    assert (classes.stores, classes.unknown, classes.below) == (3, 2, 0)


def test_words_of_the_classes() -> None:
    told = classes_of(report_of((10, 0), (99, 1), (1, 2)))
    assert told.rows.filter(pl.col("stores") > 0)["told"].to_list() == [
        "1 store below 50 %, 33 % of those with known time",
        "1 store from 99 % to below 99.5 %, 33 % of those with known time",
        "1 store at 100 %, without any downtime, 33 % of those with known time",
    ]
    assert classes_of(report_of()).rows["told"][1] == "0 stores from 50 % to below 90 %"


seconds = st.integers(0, 100).map(float)


@examples(60)
@given(
    st.lists(st.tuples(seconds, seconds), max_size=20),
    st.sampled_from(["0.5", "0.9", "0.95", "0.99", "0.333", "1"]),
)
def test_the_stores_below_the_target_are_those_of_the_summary(
    stores: list[tuple[float, float]], target: str
) -> None:
    report = report_of(*stores)
    classes = classes_of(report, target)
    row = summarize(report, windows=WINDOWS, target=float(target)).filter(window="day")
    assert row.select("stores", "stores_unknown", "stores_below_target").row(0) == (
        classes.stores,
        classes.unknown,
        classes.below,
    )
    assert classes.rows.filter("below")["stores"].sum() == classes.below
    assert classes.rows["stores"].sum() == classes.stores - classes.unknown


# --- the chart ------------------------------------------------------------------------------------

REPORT = report_of((990, 10), (980, 20), (0, 0))


def test_the_line_stands_before_the_first_class_that_is_not_below() -> None:
    need("altair")
    chart = distribution(REPORT, windows=WINDOWS)
    assert rows_of(chart, "rule") == [{"label": "99 to 99.5"}]
    assert [row["stores"] for row in rows_of(chart, "bar")] == [0, 0, 0, 0, 1, 1, 0, 0, 0]
    assert titles_of(chart) == (
        "How many stores have which availability (day)",
        "2 of 3 stores have known time; 1 of them is below 99 %",
    )
    texts = texts_in(svg_of(chart))
    assert "target 99 %" in texts
    assert [text for text in texts if text in LABELS] == LABELS


def test_without_a_target_there_is_no_line() -> None:
    need("altair")
    chart = distribution(REPORT, windows=WINDOWS, target=None, scheme="dark", title="Mine")
    assert titles_of(chart) == ("Mine", "2 of 3 stores have known time")
    assert not any(row["below"] for row in rows_of(chart, "bar"))
    assert not any(text.startswith("target") for text in texts_in(svg_of(chart)))


def test_a_window_is_chosen_by_its_name() -> None:
    need("altair")
    chart = distribution(REPORT, windows=WINDOWS, window="hour")
    assert titles_of(chart)[1] == "3 of 3 stores have known time; 0 of them are below 99 %"
    with pytest.raises(PolicyError, match=r"^window: unknown window \(first: 'week'\)"):
        distribution(REPORT, windows=WINDOWS, window="week")


def test_a_report_without_stores_and_one_of_many_are_drawn() -> None:
    need("altair")
    assert "below 50" in texts_in(svg_of(distribution(report_of(), windows=WINDOWS)))
    many = distribution(report_of(*[(9.0, 1.0)] * 14_000), windows=WINDOWS)
    assert marks_in(many) <= 30
    assert "14,000" in texts_in(svg_of(many))


def test_the_order_of_stores_changes_nothing() -> None:
    need("altair")
    chart = distribution(REPORT, windows=WINDOWS).to_json()
    for form in (REPORT.reverse().lazy(), once(REPORT)):
        assert distribution(form, windows=WINDOWS).to_json() == chart


# --- what it refuses ------------------------------------------------------------------------------


def test_a_history_is_refused() -> None:
    need("altair")
    status = pl.DataFrame(
        {"store_id": [7], "timestamp_utc": ["2024-05-01 10:00:00"], "status": [True]}
    )
    at = ["2024-05-01T12:00:00Z", "2024-05-01T13:00:00Z"]
    history = compute_history(status, at=at)
    with pytest.raises(SchemaError, match="Of a history, give the rows of one instant") as caught:
        distribution(history)
    assert caught.value.code == "repeated_store"
    one = history.filter(pl.col("now") == dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC))
    assert titles_of(distribution(one))[1].startswith("1 of 1 stores")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": 0}, "^target: must be a number above 0"),
        ({"windows": {}}, "^windows: no windows"),
        ({"scheme": "sepia"}, "^scheme: unknown word"),
        ({"windows": DEFAULT_WINDOWS}, "^report.uptime_last_week: no such column"),
        ({"windows": {"day": Window("1s", "days")}}, "^report.uptime_day: .*above"),
    ],
)
def test_wrong_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    need("altair")
    with pytest.raises((PolicyError, SchemaError), match=message):
        distribution(REPORT, **{"windows": WINDOWS, **options})
