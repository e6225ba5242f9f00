"""What a chart of a timeline draws of each store."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from store_uptime import SchemaError, compute_outages, compute_timeline, outages_from_timeline
from store_uptime._results.timeline_calls import read_timeline
from store_uptime._tables.given import Source
from store_uptime.plot.choice import choose
from store_uptime.plot.outage_rows import read_outage_rows
from store_uptime.plot.timeline_bars import (
    StoreRows,
    closed_lines,
    outage_marks,
    rows_of,
    state_bars,
)
from store_uptime.testing import make_dataset

DATA = make_dataset(20, 7, seed=5, outages_per_day=2, missing=0.3)
IN_UTC = pl.Datetime("us", "UTC")


def drawn(
    timeline: pl.DataFrame, zones: dict[object, str] | None, default: str = "Etc/UTC"
) -> tuple[pl.DataFrame, StoreRows, tuple[int, int]]:
    pieces, _ = read_timeline(timeline, None)
    assert pieces.first is not None
    assert pieces.last is not None
    known = timeline.select(pl.col("store_id").unique(), down=0)
    rows = rows_of(choose(known, None, 10**6), zones, default, pieces.first, pieces.last)
    return state_bars(pieces, rows), rows, (pieces.first, pieces.last)


def piece(*rows: tuple[int, str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["store_id", "start", "end", "state"], orient="row")


def outages(**values: object) -> pl.DataFrame:
    first = {
        "store_id": 7,
        "start": "2023-01-23 10:00:00",
        "end": "2023-01-23 11:00:00",
        "ongoing": False,
        "last_poll_before": "2023-01-23 09:30:00",
        "first_poll_after": "2023-01-23 11:30:00",
    }
    return pl.DataFrame([first | values], schema_overrides={"first_poll_after": pl.String})


def read(frame: pl.DataFrame) -> pl.DataFrame:
    timeline = Source(piece((7, "2023-01-23", "2023-01-24", "up")), "timeline")
    return read_outage_rows(frame, timeline, pl.Int64())


@pytest.mark.parametrize("local", [False, True])
def test_the_bars_of_a_store_add_up_to_its_time_in_each_state(local: bool) -> None:  # noqa: FBT001
    timeline = compute_timeline(DATA.inputs).with_columns(
        pl.col("start", "end").cast(pl.Datetime("ms", "UTC"))
    )
    timeline = timeline.filter(pl.col("start") < pl.col("end"))
    zones = dict(DATA.timezones.rows()) if local else None
    bars, *_ = drawn(timeline, zones)
    length = (pl.col("end") - pl.col("start")).dt.total_milliseconds()
    expected = timeline.group_by(
        row=pl.col("store_id").cast(pl.String), state=pl.col("state").cast(pl.String)
    ).agg(length.sum().alias("length"))
    found = bars.group_by("row", "state").agg((pl.col("to") - pl.col("from")).sum().alias("length"))
    assert found.sort("row", "state").equals(expected.sort("row", "state"))
    assert (bars["to"] > bars["from"]).all()


def test_a_piece_through_the_repeated_hour_says_twice_what_it_is_as_a_whole() -> None:
    # 00:00 EDT to 03:00 EST are four hours; the clock of New York goes back at 06:00 UTC.
    timeline = piece((7, "2024-11-03 04:00:00", "2024-11-03 08:00:00", "down"))
    bars, *_ = drawn(timeline, {7: "America/New_York"})
    midnight = int(dt.datetime(2024, 11, 3, tzinfo=dt.UTC).timestamp()) * 1000
    hours = [
        ((first - midnight) / 3_600_000, (last - midnight) / 3_600_000)
        for first, last in bars.select("from", "to").rows()
    ]
    assert hours == [(0, 2), (1, 3)]
    told = {
        "start": "Sun 2024-11-03 00:00:00 -04:00",
        "end": "Sun 2024-11-03 03:00:00 -05:00",
        "lasts": "4 h",
    }
    assert bars.select([*told]).unique().to_dicts() == [told]


def test_in_utc_nothing_is_moved_and_texts_say_utc() -> None:
    bars, *_ = drawn(piece((7, "2024-11-03 04:00:00", "2024-11-03 08:00:00", "up")), None)
    assert bars.select("start", "end").rows() == [
        ("Sun 2024-11-03 04:00:00 UTC", "Sun 2024-11-03 08:00:00 UTC")
    ]
    assert bars["from"].to_list() == [1_730_606_400_000]


def test_stores_without_a_zone_are_in_the_default_one() -> None:
    timeline = piece((7, "2024-11-03 04:00:00", "2024-11-03 08:00:00", "up"))
    bars, *_ = drawn(timeline, {}, "Asia/Kolkata")
    assert bars["start"].to_list() == ["Sun 2024-11-03 09:30:00 +05:30"]


def test_each_store_has_a_line_over_the_whole_span_on_its_own_clock() -> None:
    timeline = piece(
        (7, "2024-01-01 00:00:00", "2024-01-01 06:00:00", "up"),
        (8, "2024-01-01 12:00:00", "2024-01-02 00:00:00", "up"),
    )
    _, rows, span = drawn(timeline, {7: "Etc/GMT-1", 8: "Etc/UTC"})
    midnight, hour = 1_704_067_200_000, 3_600_000
    assert closed_lines(rows, *span).select("row", "from", "to").rows() == [
        ("7", midnight + hour, midnight + 25 * hour),
        ("8", midnight, midnight + 24 * hour),
    ]


# --- outages --------------------------------------------------------------------------------------


def marks_of(frame: pl.DataFrame, first: str = "2023-01-23 09:00:00") -> list[tuple[str, str, str]]:
    timeline = piece((7, first, "2023-01-23 12:00:00", "up"))
    _, rows, span = drawn(timeline, None)
    return outage_marks(read(frame), rows, *span).select("state", "at", "what").rows()


def test_an_outage_has_the_polls_on_either_side() -> None:
    since = "that of Mon 2023-01-23 10:00:00 UTC"
    assert marks_of(outages()) == [
        ("poll beside an outage", "Mon 2023-01-23 09:30:00 UTC", f"last before {since}"),
        ("poll beside an outage", "Mon 2023-01-23 11:30:00 UTC", f"first after {since}"),
    ]


def test_a_poll_between_two_outages_is_drawn_once() -> None:
    later = {
        "start": "2023-01-23 11:40:00",
        "end": "2023-01-23 12:00:00",
        "last_poll_before": "2023-01-23 11:30:00",
        "first_poll_after": None,
    }
    marks = marks_of(pl.concat([outages(), outages(**later)]))
    assert len(marks) == 2
    assert marks[1][2] == (
        "first after that of Mon 2023-01-23 10:00:00 UTC; last before that of Mon 2023-01-23 11:40:00 UTC"
    )


def test_an_outage_that_has_not_ended_has_an_arrow_at_its_end() -> None:
    found = marks_of(outages(ongoing=True, first_poll_after=None))
    assert found[1:] == [
        ("down at the end", "Mon 2023-01-23 11:00:00 UTC", "since Mon 2023-01-23 10:00:00 UTC")
    ]


def test_what_lies_before_the_timeline_is_not_drawn() -> None:
    assert len(marks_of(outages(), "2023-01-23 09:30:00")) == 2
    found = marks_of(outages(), "2023-01-23 10:30:00")
    assert [what for *_, what in found] == ["first after that of Mon 2023-01-23 10:30:00 UTC"]
    assert marks_of(outages(ongoing=True), "2023-01-23 11:31:00") == []
    assert marks_of(outages(store_id=8)) == []


def test_polls_of_compute_outages_lie_beside_the_downtime_that_is_drawn() -> None:
    found = compute_outages(DATA.inputs)
    timeline = compute_timeline(DATA.inputs)
    _, rows, span = drawn(timeline, None)
    source = Source(timeline, "timeline")
    frame = read_outage_rows(found, source, timeline.schema["store_id"])
    marks = outage_marks(frame, rows, *span)
    polls = (
        pl.concat(
            [found.select("store_id", at=name) for name in ("last_poll_before", "first_poll_after")]
        )
        .drop_nulls()
        .unique()
    )
    inside = polls.filter(pl.col("at").is_between(timeline["start"].min(), timeline["end"].max()))
    assert marks.filter(state="poll beside an outage").height == inside.height > 50
    assert marks.filter(state="down at the end").height == found["ongoing"].sum()


def test_outages_from_a_timeline_have_no_polls() -> None:
    timeline = compute_timeline(DATA.inputs)
    frame = read_outage_rows(
        outages_from_timeline(timeline), Source(timeline, "timeline"), timeline.schema["store_id"]
    )
    assert (
        frame.select("last_poll_before", "first_poll_after").null_count().row(0)
        == (frame.height,) * 2
    )


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (outages().drop("ongoing"), "ongoing: no such column"),
        (outages().with_columns(ongoing=1), "ongoing: type Int32 is not accepted"),
        (outages(ongoing=None), "ongoing: "),
        (outages(start=None), "start: "),
        (outages(first_poll_after="soon"), "first_poll_after: null or unreadable timestamp"),
        (outages(store_id="7"), "store_id: ids are"),
        (outages(store_id=None).cast({"store_id": pl.Int64}), "store_id: null id"),
        (outages(end="9999-12-31 23:00:00-05:00"), "end: timestamp outside the years"),
    ],
)
def test_outages_that_are_none_are_refused(bad: pl.DataFrame, message: str) -> None:
    with pytest.raises(SchemaError, match=f"outages.{message}"):
        read(bad)
