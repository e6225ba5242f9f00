"""The stores with the lowest availability: their order, and how far each may be off."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import PolicyError, SchemaError, Window, compute_report
from store_uptime.plot import worst
from store_uptime.plot.availabilities import axis_floor, chosen_window
from store_uptime.plot.rankings import Ranking, rank_stores
from support.drawn_charts import (
    labels_in,
    marks_in,
    once,
    rows_of,
    svg_of,
    texts_in,
    titles_of,
)
from support.frames import frames, policy_of, windows_of
from support.services import need
from support.strategies import Scenario, examples, scenarios
from support.wall_clock import instant

DAY = {"day": Window("1d", "minutes")}
GOAL = Fraction(99, 100)
HOSTILE = [
    "<script>alert('&')</script>",
    'quotes " and \\',
    "متجر رقم",
    "חנות",
    "",
    "line\nbreak\x00",
    "turned\u202eround",
    "x" * 200 + "1",
    "x" * 200 + "2",
]


def report_of(*stores: tuple[Any, ...], **columns: list[float | None]) -> pl.DataFrame:
    """A report of ids with minutes up and down, and other columns of the day."""
    ids, ups, downs = (list(column) for column in zip(*stores, strict=True))
    report = pl.DataFrame({"store_id": ids, "uptime_day": ups, "downtime_day": downs})
    report = report.with_columns(pl.col("uptime_day", "downtime_day").cast(pl.Float64))
    more = [pl.Series(f"{name}_day", values, pl.Float64) for name, values in columns.items()]
    return report.with_columns(more)


def ranked(report: pl.DataFrame, n: int = 20, goal: Fraction | None = GOAL) -> Ranking:
    return rank_stores(report, chosen_window(DAY, None), n, goal)


# --- the order ------------------------------------------------------------------------------------


def test_the_lowest_comes_first_then_more_downtime_then_the_lower_id() -> None:
    report = report_of((5, 9, 1), (4, 90, 10), (3, 90, 10), (2, 100, 0), (1, 0, 1), (9, 0, 0))
    ranking = ranked(report)
    assert ranking.rows["id"].to_list() == ["1", "3", "4", "5", "2"]
    assert ranking.rows["number"].to_list() == ["0 %", "90.00 %", "90.00 %", "90.00 %", "100 %"]
    assert ranking.rows["below"].to_list() == [True, True, True, True, False]
    assert (ranking.stores, ranking.unknown, ranking.range) == (6, 1, None)
    assert ranked(report, 2).rows["id"].to_list() == ["1", "3"]
    assert not ranked(report, goal=None).rows["below"].any()


def test_ids_of_19_digits_are_whole() -> None:
    report = report_of((9_007_199_254_740_993, 1, 1), (9_223_372_036_854_775_807, 1, 0))
    ids = ["9007199254740993", "9223372036854775807"]
    assert ranked(report).rows["id"].to_list() == ids


# --- the range ------------------------------------------------------------------------------------


def test_what_the_polls_prove_is_of_all_open_time() -> None:
    # The example of docs/howto-details.md: 180 minutes, of which 30 are proved up, 30 down.
    report = report_of(
        (1, 100, 60), (2, 40, 0), unknown=[20, 140], uptime_min=[30, 0], uptime_max=[150, 180]
    )
    ranking = ranked(report)
    assert ranking.range == "proven"
    columns = ranking.rows.select("id", "low", "availability", "high")
    assert columns.rows() == [("1", 30 / 180, 100 / 160, 150 / 180), ("2", 0.0, 1.0, 1.0)]
    proved = "of all open time the polls prove"
    assert ranking.rows["told"].to_list() == [
        f"1: 62.50 % up, 1 h down of 2 h 40 min open and known, 20 min unknown; {proved} 16.67 to 83.33 %",
        f"2: 100 % up, 0 s down of 40 min open and known, 2 h 20 min unknown; {proved} 0.00 to 100.00 %",
    ]


@examples(40)
@given(scenarios())
def test_what_the_polls_prove_holds_the_dot(scenario: Scenario) -> None:
    windows = windows_of(scenario.lengths)
    report = compute_report(
        *frames(scenario.stores),
        instant(scenario.now),
        windows=windows,
        policy=policy_of(scenario.rules),
        detail=True,
    )
    for name in windows:
        ranking = rank_stores(report, chosen_window(windows, name), 1000, GOAL)
        scheduled = pl.col(f"scheduled_{name}")
        known = report.filter(pl.col(f"availability_{name}").is_not_null()).with_columns(
            low=pl.col(f"uptime_min_{name}") / scheduled,
            high=pl.col(f"uptime_max_{name}") / scheduled,
            id=pl.col("store_id").cast(pl.String),
        )
        assert ranking.rows.height == known.height
        both = ranking.rows.join(known, on="id", suffix="_of_report")
        for low, dot, high, first, last in both.select(
            "low", "availability", "high", "low_of_report", "high_of_report"
        ).rows():
            assert 0 <= low <= dot <= high <= 1
            assert (low, high) == (pytest.approx(first), pytest.approx(last))


def test_two_errors_to_each_side_are_of_known_time_and_cut() -> None:
    nothing = None
    report = report_of(
        (1, 60, 40),
        (2, 90, 10),
        (3, 5, 95),
        (4, 97, 3),
        uptime_expected=[60, 90, 5, nothing],
        uptime_error=[10, 10, 10, nothing],
        unknown=[50, 50, 50, 50],
        uptime_min=[0, 0, 0, 0],
        uptime_max=[150, 150, 150, 150],
    )
    ranking = ranked(report)
    assert ranking.range == "errors"
    assert ranking.rows.select("id", "low", "high").rows() == [
        ("3", 0.0, 0.25),  # (5 - 20) / 100 is below 0
        ("1", 0.4, 0.8),
        ("2", 0.7, 1.0),
        ("4", None, None),
    ]
    assert ranking.rows["told"][1].endswith("50 min unknown; with 2 errors 40.00 to 80.00 %")
    assert ranking.rows["told"][3].endswith("50 min unknown")


# --- the chart ------------------------------------------------------------------------------------


def test_the_chart_says_what_the_range_is() -> None:
    need("altair")
    plain = report_of((1, 100, 60), (2, 40, 0), (3, 0, 0))
    bounds: dict[str, list[float | None]] = {
        "unknown": [20, 140, 0],
        "uptime_min": [30, 0, 0],
        "uptime_max": [150, 180, 0],
    }
    detailed = report_of((1, 100, 60), (2, 40, 0), (3, 0, 0), **bounds)
    uncertain = report_of((1, 1, 1), uptime_expected=[1.0], uptime_error=[0.1])
    told = "2 of 2 stores with known time; 1 more with nothing known"
    assert titles_of(worst(plain, windows=DAY)) == ("The lowest availabilities (day)", told)
    chart = worst(detailed, 1, windows=DAY, title="Mine")
    told = f"1{told[1:]}. Bars: what the polls prove of all open time"
    assert titles_of(chart) == ("Mine", told)
    assert titles_of(worst(uncertain, windows=DAY))[1].endswith("time. Bars: 2 errors to each side")


def test_the_picture_has_ids_numbers_and_the_target() -> None:
    need("altair")
    svg = svg_of(worst(report_of((1, 100, 60), (2, 40, 0)), windows=DAY))
    assert {"1", "62.50 %", "2", "100 %", "target 99 %"} <= set(texts_in(svg))
    assert "1: 62.50 % up, 1 h down of 2 h 40 min open and known" in labels_in(svg)
    dark = worst(report_of((1, 100, 60)), windows=DAY, target=None, scheme="dark")
    assert not any(text.startswith("target") for text in texts_in(svg_of(dark)))


def test_ids_of_any_kind_are_text() -> None:
    need("altair")
    report = report_of(*((name, 1, place) for place, name in enumerate(HOSTILE, 1)))
    chart = worst(report, windows=DAY)
    texts = texts_in(svg_of(chart))
    # Behind the "<" of an end of a script there is a sign that cannot be seen.
    script = HOSTILE[0].replace("</", "<\u2060/")
    for shown in (script, *HOSTILE[1:4], '""', "line\\u000abreak\\u0000", "turned\\u202eround"):
        assert shown in texts
    # Two that look the same where they are cut are two rows, and whole in what is said of them.
    cut = [text for text in texts if text.startswith("xxx")]
    assert len(cut) == 2
    assert all(text.endswith("…") and len(text) < 100 for text in cut)
    told = {row["told"].partition(":")[0] for row in rows_of(chart, "point")}
    assert set(HOSTILE[-2:]) <= told


def test_an_id_does_not_end_the_script_of_a_page() -> None:
    need("altair")
    endings = ("</script", "<!--")

    def counted(*ids: str) -> list[int]:
        page = worst(report_of(*((each, 1, 1) for each in ids)), windows=DAY).to_html().lower()
        return [page.count(ending) for ending in endings]

    assert counted("</script><b>", "</SCRIPT >", "<!--<script>") == counted("a", "b", "c")


def test_many_stores_and_none_are_drawn() -> None:
    need("altair")
    many = report_of(*((store, 100, store % 7) for store in range(14_000)))
    assert marks_in(worst(many, windows=DAY)) <= 4 * 20 + 2
    assert titles_of(worst(many.clear(), windows=DAY))[1] == "0 of 0 stores with known time"
    svg_of(worst(many.clear(), windows=DAY))


def test_the_order_of_stores_changes_nothing() -> None:
    need("altair")
    report = report_of((1, 9, 1), (2, 9, 1), (3, 8, 1))
    chart = worst(report, windows=DAY).to_json()
    for form in (report.reverse().lazy(), once(report)):
        assert worst(form, windows=DAY).to_json() == chart


@pytest.mark.parametrize(
    ("lowest", "goal", "floor"),
    [
        (0.955, "0.99", 0.95),
        (1.0, "0.99", 0.98),  # the target allows 1 %: at least 2 %
        (1.0, None, 0.98),
        (1.0, "0.999", 0.998),
        (1.0, "1", 0.998),
        (0.0, "0.99", 0.0),
        (1.0, "0.4", 0.0),  # twice 60 % is more than all
        (0.85, "0.99", 0.85),
    ],
)
def test_the_axis_begins_at_a_round_number_below_all(
    lowest: float, goal: str | None, floor: float
) -> None:
    shown = pl.Series([1.0, None, lowest])
    assert axis_floor(shown, None if goal is None else Fraction(goal)) == floor


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, -1, 1001, 2.0, True, "20", None])
def test_a_wrong_number_of_stores_is_refused(n: Any) -> None:
    need("altair")
    with pytest.raises(PolicyError, match=r"^n: must be a whole number from 1 to 1,000") as caught:
        worst(report_of((1, 1, 1)), n, windows=DAY)
    assert caught.value.code == "wrong_number"


numbers = st.sampled_from([None, -1.0, 1e300, float("nan"), float("inf")])


@examples(10)
@given(st.sampled_from(["uptime_min", "uptime_max", "uptime_error"]), numbers)
def test_a_bound_or_an_error_that_cannot_be_one_is_refused(name: str, number: float | None) -> None:
    need("altair")
    good: dict[str, list[float | None]] = (
        {"uptime_expected": [1.0], "uptime_error": [0.0]}
        if name == "uptime_error"
        else {"unknown": [1.0], "uptime_min": [1.0], "uptime_max": [1.0]}
    )
    with pytest.raises(SchemaError, match=rf"^report\.{name}_day: ") as caught:
        worst(report_of((1, 1, 1), **{**good, name: [number]}), windows=DAY)
    assert caught.value.code == "impossible_time"


def test_a_report_with_some_of_the_details_is_refused() -> None:
    need("altair")
    report = report_of((1, 1, 1), uptime_min=[1.0], unknown=[0.0])
    with pytest.raises(SchemaError, match=r"^report\.uptime_max_day: no such column"):
        worst(report, windows=DAY)
