"""The charts with a row for each store, as they are drawn."""

from __future__ import annotations

import datetime as dt
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from store_uptime import (
    CalendarWindow,
    PolicyError,
    SchemaError,
    Window,
    compute_history,
    compute_outages,
    compute_timeline,
    every,
)
from store_uptime.plot import bars, timeline
from store_uptime.plot.svg import scheme_svg
from store_uptime.testing import make_dataset

pytest.importorskip("altair")

DATA = make_dataset(40, 7, seed=1, outages_per_day=1)
PIECES = compute_timeline(DATA.inputs)
OUTAGES = compute_outages(DATA.inputs)
DAY = {"day": Window("1d")}
HISTORY = compute_history(
    DATA.inputs,
    at=every("1d", start=DATA.now - dt.timedelta(days=5), end=DATA.now),
    windows=DAY,
    detail=True,
)
HOSTILE = [
    "<script>alert(1)</script>",
    "a & b",
    '"quoted"',
    "it's",
    "שלום",
    "متجر",
    "line\nbreak",
    "\x00\x1f",
    "",
    "x" * 200,
    "x" * 199 + "y",
    "datum.row",
    "null",
    "007",
]


def data_of(chart: Any) -> list[pl.DataFrame]:
    return [layer.data for layer in chart.layer]


def texts_of(svg: str) -> list[str]:
    root = ET.fromstring(svg)  # noqa: S314  # our own
    return ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]


def hostile_timeline() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "store_id": HOSTILE,
            "start": "2024-05-13 00:00:00",
            "end": "2024-05-14 00:00:00",
            "state": "down",
        }
    )


def hostile_history() -> pl.DataFrame:
    return pl.DataFrame(
        {"now": "2024-05-14T00:00:00Z", "store_id": HOSTILE, "uptime_day": 8.0, "downtime_day": 1.0}
    )


def drawn(name: str, **options: Any) -> Any:
    if name == "timeline":
        return timeline(PIECES, OUTAGES, DATA.timezones, **options)
    return bars(HISTORY, windows=DAY, **options)


@pytest.mark.parametrize("name", ["timeline", "bars"])
def test_the_order_of_rows_changes_nothing(name: str) -> None:
    shuffled = [
        each.sample(fraction=1, shuffle=True, seed=3)
        for each in (PIECES, OUTAGES, DATA.timezones, HISTORY)
    ]
    again = timeline(*shuffled[:3]) if name == "timeline" else bars(shuffled[3].lazy(), windows=DAY)
    assert again.to_json() == drawn(name).to_json()
    assert "30 of 40 stores: those with the most downtime" in again.to_json()


@pytest.mark.parametrize("name", ["timeline", "bars"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_chart_can_be_changed_further(name: str, scheme: str) -> None:
    chart = drawn(name, scheme=scheme, title="Ours", most_stores=2).properties(width=300)
    spec = chart.to_dict()
    assert (spec["width"], spec["title"]["text"]) == (300, "Ours")
    assert spec["description"]


@pytest.mark.parametrize("frame", [hostile_timeline, hostile_history])
def test_ids_are_text_whatever_they_hold(frame: Any) -> None:
    pytest.importorskip("vl_convert")
    chart = timeline(frame()) if frame is hostile_timeline else bars(frame(), windows=DAY)
    svg = scheme_svg(chart)
    # In a page of Altair's, "</script" would end the script: there is a sign in it that is not seen.
    assert "</script>" not in chart.to_json()
    texts = [text.replace("\u2060", "") for text in texts_of(svg)]
    whole = {
        "<script>alert(1)</script>",
        "a & b",
        '"quoted"',
        "it's",
        "שלום",
        "متجر",
        "line\\u000abreak",
        "\\u0000\\u001f",
        '""',
        "datum.row",
        "null",
        "007",
    }
    assert whole <= {*texts}
    assert sum(text.startswith("xxxx") for text in texts) == 2  # cut alike, and still two rows
    assert "x" * 199 + "y" in svg  # in its tooltip


def test_a_minute_of_downtime_in_a_week_is_drawn_with_an_edge() -> None:
    frame = pl.DataFrame(
        {
            "store_id": [7, 7, 7],
            "start": ["2024-05-13 00:00", "2024-05-16 00:00", "2024-05-16 00:01"],
            "end": ["2024-05-16 00:00", "2024-05-16 00:01", "2024-05-20 00:00"],
            "state": ["up", "down", "up"],
        }
    ).with_columns(pl.col("start", "end").str.to_datetime())
    spec = timeline(frame).to_dict()
    down = spec["layer"][3]
    assert down["mark"]["strokeWidth"] > 1
    assert down["encoding"]["stroke"]["field"] == "state"


def test_a_store_that_was_closed_has_a_row_with_a_line() -> None:
    zones = pl.DataFrame(
        {"store_id": [DATA.timezones["store_id"].min(), 99], "timezone_str": "Asia/Tokyo"}
    ).cast({"store_id": DATA.timezones.schema["store_id"]})
    chart = timeline(PIECES, timezones=zones, stores=[99])
    lines, *others = data_of(chart)
    assert lines["row"].to_list() == ["99"]
    assert [each.height for each in others] == [0, 0, 0, 0]
    with pytest.raises(PolicyError, match="say nothing"):
        timeline(PIECES, stores=[99])


def test_a_timeline_without_pieces_is_refused() -> None:
    with pytest.raises(SchemaError, match="no pieces to draw"):
        timeline(PIECES.clear())


def test_cells_of_the_calendar_say_whose_days_they_are() -> None:
    windows = {"yesterday": CalendarWindow("day")}
    at = every("1d", start=DATA.now - dt.timedelta(days=3), end=DATA.now)
    chart = bars(compute_history(DATA.inputs, at=at, windows=windows), windows=windows)
    assert "each day on the stores' own calendars, before this time in UTC" in chart.to_json()


# --- many stores ----------------------------------------------------------------------------------


def test_of_14_000_stores_a_sample_is_drawn() -> None:
    ids = pl.DataFrame({"store_id": range(14_000)})
    days = pl.DataFrame({"now": [dt.datetime(2024, 5, day, tzinfo=dt.UTC) for day in range(1, 4)]})
    history = days.join(ids, how="cross").with_columns(
        uptime_day=pl.lit(8.0),
        downtime_day=pl.when(pl.col("store_id") % 1000 == 7).then(1.0).otherwise(0.0),
    )
    frames = data_of(bars(history, windows=DAY))
    assert sum(frame.height for frame in frames) == 30 * 4 + 1
    start = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    pieces = ids.select(
        "store_id",
        start=start,
        end=start + dt.timedelta(1),
        state=pl.when(pl.col("store_id") % 1000 == 7).then(pl.lit("down")).otherwise(pl.lit("up")),
    )
    chart = timeline(pieces, most_stores=14)
    assert sum(frame.height for frame in data_of(chart)) == 14 * 2
    assert data_of(chart)[3]["row"].to_list() == [str(each) for each in range(7, 14_000, 1000)]


@pytest.mark.parametrize("name", ["timeline", "bars"])
def test_more_marks_than_a_browser_draws_are_refused(name: str) -> None:
    ids = pl.DataFrame({"store_id": range(2001)})
    now = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    pieces = ids.select("store_id", start=now, end=now + dt.timedelta(1), state=pl.lit("up"))
    history = ids.select("store_id", now=now, uptime_day=8.0, downtime_day=0.0)
    draw = {
        "timeline": lambda: timeline(pieces, most_stores=3000),
        "bars": lambda: bars(history, windows=DAY, most_stores=3000),
    }
    with pytest.raises(PolicyError, match="2,001 stores would need more than 4,000 marks"):
        draw[name]()


@pytest.mark.parametrize("name", ["timeline", "bars"])
def test_an_unknown_scheme_is_refused(name: str) -> None:
    with pytest.raises(PolicyError, match="scheme: unknown word"):
        drawn(name, scheme="sepia")
