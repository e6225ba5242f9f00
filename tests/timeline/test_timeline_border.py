"""What cannot be a timeline is refused, with what is wrong and where; what is doubtful is told."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import pickle
import random
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import (
    CalendarWindow,
    CoverageWarning,
    NaiveDatetimeError,
    Policy,
    PolicyError,
    SchemaError,
    StoreUptimeError,
    UnknownTimeZoneError,
    Window,
    outages_from_timeline,
    report_from_timeline,
)
from support.strategies import examples
from support.wall_clock import HOUR, at, instant, tod

IN_UTC = pl.Datetime("us", "UTC")
DAY_BEGINS = at("2024-03-04")
COVERS = (instant(DAY_BEGINS), instant(DAY_BEGINS + 24 * HOUR))
DAY = {"day": Window("1d")}
GOOD: dict[str, Any] = {
    "store_id": [1, 1, 2],
    "start": ["2024-03-04 09:00:00", "2024-03-04 10:00:00", "2024-03-04 09:00:00"],
    "end": ["2024-03-04 10:00:00", "2024-03-04 12:00:00", "2024-03-04 12:00:00"],
    "state": ["up", "down", "up"],
}
TIMELINE = pl.DataFrame(GOOD)
ZONES = pl.DataFrame({"store_id": [1, 2], "timezone_str": ["Etc/UTC", "Etc/UTC"]})

Hours = tuple[int, float, float]


def timeline_of(*pieces: Hours) -> pl.DataFrame:
    """Return pieces ``(store_id, start, end)``, in hours since the day begins, all of them up."""
    rows = [
        (store_id, DAY_BEGINS + round(start * HOUR), DAY_BEGINS + round(end * HOUR), "up")
        for store_id, start, end in pieces
    ]
    frame = pl.DataFrame(rows, [*GOOD], orient="row")
    return frame.with_columns(pl.col("start", "end").cast(IN_UTC))


def refused(call: Callable[[], Any]) -> StoreUptimeError:
    """Return the error that a call ends in."""
    with pytest.raises(StoreUptimeError) as caught:
        call()
    return caught.value


def refused_timeline(timeline: Any) -> StoreUptimeError:
    """Return the error by which both functions refuse a timeline, eager or lazy."""
    forms: list[Any] = [timeline]
    if isinstance(timeline, pl.DataFrame):
        forms.append(timeline.lazy())
    calls = (report_from_timeline, outages_from_timeline)
    errors = [refused(partial(call, form)) for call in calls for form in forms]
    assert {(type(each), str(each)) for each in errors} == {(type(errors[0]), str(errors[0]))}
    return errors[0]


# --- tables that are no timeline ------------------------------------------------------------------

FAR, LONG_AGO = (pl.Series([us] * 3, dtype=pl.Int64).cast(IN_UTC) for us in (2**59, -(2**59)))
TEXT_REMEDY = "Write instants in UTC, like '2023-01-22 12:09:39.388884 UTC'."
GIVE_ONE = "Give what compute_timeline returned."
TYPES = "Accepted: strings, Enum and Categorical."
BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "no state": ({"state": None}, "missing_column", "timeline.state: no such column. The columns are: store_id, start, end."),
    "no start": ({"start": None}, "missing_column", "timeline.start: no such column."),
    "no end": ({"end": None}, "missing_column", "timeline.end: no such column."),
    "no ids": ({"store_id": None}, "missing_column", "timeline.store_id: no such column."),
    "null id": ({"store_id": [1, None, 2]}, "null_id", "timeline.store_id: null id in 1 row"),
    "null ids only": ({"store_id": [None] * 3}, "null_id", "timeline.store_id: null id in 3 rows"),
    "float ids": ({"store_id": [1.0, 1.0, 2.0]}, "float_ids", "timeline.store_id: ids are floats (Float64)."),
    "ids of pandas": ({"store_id": [1.0, None, 2.0]}, "float_ids", "pandas makes floats of such integers"),
    "boolean ids": ({"store_id": [True, False, True]}, "unaccepted_type", "timeline.store_id: type Boolean is not accepted"),
    "null start": ({"start": [None, *GOOD["start"][1:]]}, "unreadable_timestamp", f"timeline.start: null or unreadable timestamp in 1 row (first: None). {TEXT_REMEDY}"),
    "null ends": ({"end": [None, None, GOOD["end"][2]]}, "unreadable_timestamp", "timeline.end: null or unreadable timestamp in 2 rows"),
    "unreadable start": ({"start": ["soon", *GOOD["start"][1:]]}, "unreadable_timestamp", "timeline.start: null or unreadable timestamp in 1 row (first: 'soon')"),
    "25 o'clock": ({"end": ["2024-03-04 25:00:00", *GOOD["end"][1:]]}, "unreadable_timestamp", "(first: '2024-03-04 25:00:00')"),
    "a start of numbers": ({"start": [1, 2, 3]}, "unaccepted_type", "timeline.start: type Int64 is not accepted. Accepted: Datetime (naive means UTC) and strings."),
    "an end of dates": ({"end": [dt.date(2024, 3, 5)] * 3}, "unaccepted_type", "timeline.end: type Date is not accepted."),
    "an end beyond the years": ({"end": FAR}, "timestamp_outside_years", "timeline.end: timestamp outside"),
    "a start before the years": ({"start": LONG_AGO}, "timestamp_outside_years", "timeline.start: timestamp outside"),
    "unknown state": ({"state": ["up", "active", "inactive"]}, "unknown_state", f"timeline.state: state other than up, down and unknown in 2 rows (first: 'active', 'inactive'). {GIVE_ONE}"),
    "states in capitals": ({"state": ["UP", "down", "up"]}, "unknown_state", "in 1 row (first: 'UP')"),
    "null state": ({"state": ["up", None, "up"]}, "unknown_state", "in 1 row (first: None)"),
    "null states only": ({"state": [None] * 3}, "unknown_state", "in 3 rows"),
    "an Enum of other words": ({"state": pl.Series(["up", "on", "up"], dtype=pl.Enum(["up", "on"]))}, "unknown_state", "in 1 row (first: 'on')"),
    "a null in the Enum": ({"state": pl.Series(["up", None, "up"], dtype=pl.Enum(["up", "down", "unknown"]))}, "unknown_state", "in 1 row (first: None)"),
    "states of numbers": ({"state": [1, 0, 1]}, "unaccepted_type", f"timeline.state: type Int64 is not accepted. {TYPES}"),
    "states of truth": ({"state": [True, False, True]}, "unaccepted_type", f"type Boolean is not accepted. {TYPES}"),
    "no length": ({"end": [GOOD["start"][0], *GOOD["end"][1:]]}, "end_before_start", f"timeline.end: end not after its start in 1 row (first: '2024-03-04 09:00:00'). {GIVE_ONE}"),
    "an end before its start": ({"start": GOOD["end"], "end": GOOD["start"]}, "end_before_start", "end not after its start in 3 rows"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_table_that_is_no_timeline(name: str) -> None:
    changes, code, message = BAD[name]
    columns = {key: value for key, value in (GOOD | changes).items() if value is not None}
    error = refused_timeline(pl.DataFrame(columns))
    assert isinstance(error, SchemaError)
    assert (error.code, error.table) == (code, "timeline")
    assert message in str(error)


@pytest.mark.parametrize(
    "thing", [None, [1, 2], "timeline.parquet", Path("timeline.parquet"), GOOD], ids=str
)
def test_what_is_no_table(thing: Any) -> None:
    error = refused_timeline(thing)
    assert (error.code, error.table) == ("not_a_table", "timeline")


def test_the_first_fault_that_is_told_is_that_of_the_ids() -> None:
    """One fault at a time, in the order of the columns."""
    columns = {**GOOD, "store_id": [None, 1, 2], "start": ["x"] * 3, "state": ["y"] * 3}
    assert refused_timeline(pl.DataFrame(columns)).code == "null_id"
    assert refused_timeline(pl.DataFrame(columns | {"store_id": [1, 2, 3]})).column == "start"


@pytest.mark.parametrize(
    ("ids", "dtype", "code"),
    [(["1", "2"], pl.String, "mixed_ids"), ([1.0, 2.0], pl.Float64, "float_ids"), ([1, None], pl.Int64, "null_id"), ([1, 300], pl.Int64, "number_out_of_range")],
)  # fmt: skip
def test_ids_of_timezones_that_do_not_fit(ids: list[Any], dtype: Any, code: str) -> None:
    zones = ZONES.with_columns(pl.Series("store_id", ids, dtype))
    timeline = TIMELINE.cast({"store_id": pl.UInt8})
    error = refused(lambda: report_from_timeline(timeline, zones))
    assert (error.code, error.table) == (code, "timezones")
    assert "status" not in str(error)  # no such table was given


def test_zones_that_are_none() -> None:
    zones = ZONES.with_columns(timezone_str=pl.lit("Mars/Olympus"))
    with pytest.raises(UnknownTimeZoneError, match="timezones"):
        report_from_timeline(TIMELINE, zones)


# --- pieces that overlap --------------------------------------------------------------------------

TINY = 1 / HOUR  # a microsecond
OVERLAPS: dict[str, tuple[list[Hours], list[tuple[int, str]]]] = {
    "in order": ([(1, 0, 2), (1, 1, 3), (2, 0, 1)], [(1, "01:00")]),
    "out of order": ([(1, 1, 3), (2, 0, 1), (1, 0, 2)], [(1, "01:00")]),
    "by a microsecond": ([(1, 0, 1), (1, 1 - TINY, 2)], [(1, "00:59:59.999999")]),
    "one inside another": ([(1, 0, 9), (1, 1, 2), (1, 2, 3)], [(1, "01:00"), (1, "02:00")]),
    "one said twice": ([(1, 0, 1), (1, 0, 1)], [(1, "00:00")]),
    "one start, two ends": ([(1, 0, 2), (1, 0, 1)], [(1, "00:00")]),
    "across files": ([(1, 0, 2), (2, 0, 2), (1, 1.5, 3), (2, 2, 3)], [(1, "01:30")]),
    "two stores": ([(2, 0, 2), (1, 0, 2), (2, 1, 3), (1, 1, 3)], [(1, "01:00"), (2, "01:00")]),
    "more than are shown": ([(1, k, k + 2) for k in range(8)], [(1, f"0{k}:00") for k in range(1, 8)]),
}  # fmt: skip


def named(store_id: int, us: int) -> tuple[int, str]:
    """Return a store and an instant as an error names them."""
    return store_id, f"{instant(us):%Y-%m-%d %H:%M:%S.%f}+00:00"


@pytest.mark.parametrize("name", OVERLAPS)
def test_overlapping_pieces_are_refused(name: str) -> None:
    pieces, found = OVERLAPS[name]
    error = refused_timeline(timeline_of(*pieces))
    assert isinstance(error, SchemaError)
    assert (error.code, error.table, error.column) == ("overlapping_pieces", "timeline", "start")
    assert error.count == len(found)
    shown = [named(store_id, DAY_BEGINS + tod(time)) for store_id, time in found[:5]]
    assert error.values == (*shown,)
    assert "timeline.start: piece that begins before another of its store has ended" in str(error)
    assert str(error).endswith("Something was kept twice, such as a day: keep it once.")


def test_a_day_that_was_kept_twice(tmp_path: Path) -> None:
    """Three files, one of which holds a day of the file before it once more."""
    for number, day in enumerate((0, 1, 1)):
        frame = timeline_of((1, 24 * day + 9, 24 * day + 12), (2, 24 * day + 9, 24 * day + 12))
        frame.write_parquet(tmp_path / f"{number}.parquet")
    error = refused_timeline(pl.scan_parquet(tmp_path / "*.parquet"))
    assert (error.code, error.count) == ("overlapping_pieces", 2)
    assert error.values == tuple(named(store_id, DAY_BEGINS + 33 * HOUR) for store_id in (1, 2))


@pytest.mark.parametrize("shuffled", [False, True])
def test_one_overlap_among_many_pieces_in_no_order(shuffled: bool) -> None:  # noqa: FBT001
    """Backwards, most of 18,000 pieces begin a run of their own; then one of them is an hour longer."""
    hours = [(k % 3, k, k + 1) for k in range(18_000)]
    pieces = timeline_of(*reversed(hours))
    if shuffled:
        pieces = pieces.sample(fraction=1, shuffle=True, seed=1)
    window = {"all": Window(dt.timedelta(hours=18_000))}
    assert report_from_timeline(pieces, windows=window)["uptime_all"].to_list() == [6_000] * 3
    longer = pl.when(pl.col("start") == instant(DAY_BEGINS + 600 * HOUR)).then(3).otherwise(0)
    changed = pieces.with_columns(pl.col("end") + pl.duration(hours=longer, microseconds=longer))
    error = refused_timeline(changed)
    assert (error.code, error.count) == ("overlapping_pieces", 1)
    assert error.values == (named(0, DAY_BEGINS + 603 * HOUR),)


def has_overlap(pieces: Sequence[Hours]) -> bool:
    pairs = itertools.combinations(pieces, 2)
    return any(a[0] == b[0] and max(a[1], b[1]) < min(a[2], b[2]) for a, b in pairs)


hours_drawn = st.builds(
    lambda store, start, length: (store, start, start + length),
    st.integers(1, 3),
    st.integers(0, 30),
    st.integers(1, 3),
)


@examples(120)
@given(st.lists(hours_drawn, max_size=8), st.booleans(), st.randoms(use_true_random=False))
def test_pieces_are_refused_if_and_only_if_two_overlap(
    pieces: list[Hours],
    in_order: bool,  # noqa: FBT001
    chance: random.Random,
) -> None:
    pieces = sorted(pieces) if in_order else chance.sample(pieces, len(pieces))
    frame = timeline_of(*pieces).cast({"store_id": pl.Int64})
    for form in (frame, frame.lazy()):
        codes = []
        for call in (outages_from_timeline, report_on_all):
            try:
                call(form)
            except SchemaError as error:
                codes.append(error.code)
        assert codes == ["overlapping_pieces"] * (2 * has_overlap(pieces))


def report_on_all(timeline: Any) -> pl.DataFrame:
    covers = (instant(DAY_BEGINS), instant(DAY_BEGINS + 40 * HOUR))
    return report_from_timeline(timeline, windows=DAY, covers=covers)


# --- what it covers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("covers", "code"),
    [
        ("2024-03-04T00:00Z", "not_a_span"),
        (("2024-03-04T00:00Z",), "not_a_span"),
        (("2024-03-04T00:00Z",) * 3, "not_a_span"),
        ({"2024-03-04T00:00Z", "2024-03-05T00:00Z"}, "not_a_span"),
        (instant(DAY_BEGINS), "not_a_span"),
        (7, "not_a_span"),
        ((COVERS[0], 7), "not_an_instant"),
        ((None, COVERS[1]), "not_an_instant"),
        (("soon", COVERS[1]), "not_an_instant"),
        ((COVERS[0].replace(tzinfo=None), COVERS[1]), "naive_instant"),
        ((COVERS[0], "2024-03-05T00:00"), "naive_instant"),
        ((COVERS[1], COVERS[0]), "end_before_start"),
        ((COVERS[0], COVERS[0]), "end_before_start"),
    ],
)
def test_covers_that_are_no_span(covers: Any, code: str) -> None:
    for call in (
        lambda: report_from_timeline(TIMELINE, windows=DAY, covers=covers),
        lambda: outages_from_timeline(TIMELINE, covers=covers),
    ):
        error = refused(call)
        assert (error.code, error.table) == (code, "covers")
        naive = code == "naive_instant"
        assert isinstance(error, NaiveDatetimeError if naive else PolicyError)


@pytest.mark.parametrize("covers", [COVERS, list(COVERS), [*map(str, COVERS)]])
def test_covers_in_any_spelling(covers: Any) -> None:
    """The end of `covers` is `now`: of store 1, an hour up and two down."""
    report = report_from_timeline(TIMELINE, windows=DAY, covers=covers)
    assert report.rows() == [(1, 1.0, 2.0), (2, 3.0, 0.0)]


@pytest.mark.parametrize(
    ("covers", "count"),
    [
        (("2024-03-04T09:00:00.000001Z", "2024-03-05T00:00Z"), 2),
        (("2024-03-04T00:00Z", "2024-03-04T11:59:59.999999Z"), 2),
        (("2024-03-04T09:30Z", "2024-03-04T10:30Z"), 3),
        (("2024-03-05T00:00Z", "2024-03-06T00:00Z"), 3),
    ],
)
def test_pieces_outside_of_what_is_covered(covers: Any, count: int) -> None:
    minute = {"minute": Window("1m")}
    for form in (TIMELINE, TIMELINE.lazy(), TIMELINE.reverse()):
        for call in (
            lambda form=form: report_from_timeline(form, windows=minute, covers=covers),
            lambda form=form: outages_from_timeline(form, covers=covers),
        ):
            error = refused(call)
            assert isinstance(error, SchemaError)
            assert (error.code, error.table, error.column) == (
                "piece_not_covered",
                "timeline",
                "start",
            )
            assert error.count == count
            assert "piece outside of what the timeline covers" in str(error)
            assert error.remedy == "Give covers as the span for which the timeline was made."


def test_pieces_may_fill_what_is_covered() -> None:
    covers = ("2024-03-04T09:00Z", "2024-03-04T12:00Z")
    report = report_from_timeline(TIMELINE, windows={"all": Window("3h")}, covers=covers)
    assert report.rows() == [(1, 1.0, 2.0), (2, 3.0, 0.0)]
    assert outages_from_timeline(TIMELINE, covers=covers).height == 1


@pytest.mark.parametrize(
    ("options", "outside"),
    [
        ({"windows": {"d": Window("1d")}}, []),
        ({"windows": {"d": Window("1d"), "more": Window("86400000001us")}}, ["more"]),
        ({"windows": {"h": Window("1h")}, "now": "2024-03-05T00:00:00.000001Z"}, ["h"]),
        ({"windows": {"h": Window("1h")}, "now": "2024-03-04T00:59:59Z"}, ["h"]),
        ({"windows": {"h": Window("1h")}, "now": "2024-03-04T01:00Z"}, []),
        ({"windows": {"h": Window("1h"), "m": Window("1m")}, "at": ["2024-03-04T00:01Z", COVERS[1]]}, ["h"]),
        ({"windows": {"h": Window("1h")}, "at": [COVERS[1], "2024-03-05T00:01Z"]}, ["h"]),
        # Its end is midnight, which is covered, though `now` is not.
        ({"windows": {"y": CalendarWindow("day")}, "now": "2024-03-05T12:00Z"}, []),
        ({"windows": {"t": CalendarWindow("day", 0)}, "now": "2024-03-05T12:00Z"}, ["t"]),
        ({"windows": {"t": CalendarWindow("day", 0)}, "now": "2024-03-04T12:00Z"}, []),
        ({"windows": {"m": CalendarWindow("month", 0)}}, ["m"]),
    ],
)  # fmt: skip
def test_windows_outside_of_what_is_covered(options: Any, outside: list[str]) -> None:
    def call() -> pl.DataFrame:
        return report_from_timeline(TIMELINE, ZONES, covers=COVERS, **options)

    if not outside:
        assert call().height >= ZONES.height
        return
    error = refused(call)
    assert isinstance(error, PolicyError)
    assert (error.code, error.table, error.values) == ("window_not_covered", "windows", (*outside,))
    assert "begins before what the timeline covers, or ends after it" in str(error)
    covered = "It covers 2024-03-04T00:00:00+00:00 to 2024-03-05T00:00:00+00:00."
    assert error.remedy == covered


FAR_ZONES = pl.DataFrame({"store_id": [1, 2], "timezone_str": ["Etc/UTC", "Pacific/Kiritimati"]})


def test_a_day_of_a_store_far_away_may_begin_too_early() -> None:
    """At midnight in UTC it is 14:00 on Kiritimati: yesterday began 38 hours ago, at 10:00."""
    days = {"yesterday": CalendarWindow("day")}
    error = refused(lambda: report_from_timeline(TIMELINE, FAR_ZONES, windows=days, covers=COVERS))
    assert (error.code, error.values) == ("window_not_covered", ("yesterday",))
    longer = ("2024-03-03T10:00Z", COVERS[1])
    report = report_from_timeline(TIMELINE, FAR_ZONES, windows=days, covers=longer)
    # On Kiritimati the day is over at 10:00: an hour of the store's three.
    assert report["uptime_yesterday"].to_list() == [1.0, 1.0]
    assert report["downtime_yesterday"].to_list() == [2.0, 0.0]


@pytest.mark.parametrize("zones", [FAR_ZONES.clear(), FAR_ZONES.head(1)])
def test_a_zone_that_no_store_is_in_does_not_matter(zones: pl.DataFrame) -> None:
    """Neither that of a store that is not asked for, nor the default where all have a zone."""
    days = {"yesterday": CalendarWindow("day")}
    all_told = pl.concat(
        [zones, ZONES.filter(~pl.col("store_id").is_in(zones["store_id"].to_list()))]
    )
    far = Policy(default_timezone="Pacific/Kiritimati")
    report = report_from_timeline(TIMELINE, all_told, windows=days, covers=COVERS, policy=far)
    assert report["uptime_yesterday"].to_list() == [1.0, 3.0]
    error = refused(
        lambda: report_from_timeline(TIMELINE, zones, windows=days, covers=COVERS, policy=far)
    )
    assert error.code == "window_not_covered"


# --- other arguments ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"now": COVERS[1], "at": [COVERS[1]]}, "now_beside_at"),
        ({"at": []}, "no_instants"),
        ({"at": "2024-03-05T00:00Z"}, "no_instants"),
        ({"at": ["2024-03-05T00:00"]}, "naive_instant"),
        ({"now": "2024-03-05T00:00"}, "naive_instant"),
        ({"now": 7}, "not_an_instant"),
        ({"windows": {}}, "no_windows"),
        ({"windows": {"day": CalendarWindow("day")}}, "no_timezones"),
        ({"windows": {**DAY, "month": CalendarWindow("month")}}, "no_timezones"),
        ({"policy": "nearest"}, "not_a_policy"),
        ({"detail": 1}, "not_a_flag"),
        ({"batch_stores": 0}, "wrong_number"),
        ({"progress": 7}, "not_callable"),
        ({"policy": Policy(default_timezone="Mars/Olympus")}, "unknown_zone"),
    ],
)
def test_arguments_that_make_no_sense(options: dict[str, Any], code: str) -> None:
    error = refused(lambda: report_from_timeline(TIMELINE, **options))
    assert error.code == code


def test_now_beside_at_is_told_with_both() -> None:
    error = refused(lambda: report_from_timeline(TIMELINE, now="2024-03-05T00:00Z", at=[COVERS[1]]))
    assert str(error) == (
        "now: given beside at (first: '2024-03-05T00:00Z'). "
        "Give now for one report, or at for a history."
    )


def test_a_calendar_wants_zones() -> None:
    """A table without rows is one, too; then all stores are in the default zone, here UTC-6."""
    days = {"today": CalendarWindow("day", 0)}
    error = refused(lambda: report_from_timeline(TIMELINE, windows=days))
    assert isinstance(error, PolicyError)
    assert (error.code, error.table) == ("no_timezones", "timezones")
    assert "A table without rows puts all of them into Policy.default_timezone." in str(error)
    covers = ("2024-03-04T06:00Z", COVERS[1])
    report = report_from_timeline(
        TIMELINE, ZONES.clear(), "2024-03-04T11:00Z", windows=days, covers=covers
    )
    assert report["uptime_today"].to_list() == [1.0, 2.0]


# --- nothing there --------------------------------------------------------------------------------

EMPTY = timeline_of().cast({"store_id": pl.Int64})


@pytest.mark.parametrize("form", [EMPTY, EMPTY.lazy(), TIMELINE.clear(), EMPTY.to_arrow()])
def test_a_timeline_without_pieces(form: Any) -> None:
    error = refused(lambda: report_from_timeline(form))
    assert isinstance(error, SchemaError)
    assert (error.code, error.table) == ("no_pieces", "timeline")
    assert str(error) == "timeline: no pieces to take now from. Give now=... to say when to end."
    assert outages_from_timeline(form).height == 0
    assert (
        outages_from_timeline(form, covers=COVERS).schema == outages_from_timeline(TIMELINE).schema
    )


@pytest.mark.filterwarnings("ignore:What lies outside of a timeline:UserWarning")
@pytest.mark.parametrize(("zones", "stores"), [(None, []), (ZONES.clear(), []), (ZONES, [1, 2])])
@pytest.mark.parametrize("options", [{"covers": COVERS}, {"now": COVERS[1]}, {"at": COVERS}])
def test_a_report_of_no_pieces(zones: Any, stores: list[int], options: dict[str, Any]) -> None:
    """One row for each store that has a zone, at each instant."""
    for form in (EMPTY, EMPTY.lazy()):
        report = report_from_timeline(form, zones, windows=DAY, detail=True, **options)
        assert report["store_id"].to_list() == stores * len(options.get("at", [0]))
        assert report.schema["store_id"] == pl.Int64()
        assert report["scheduled_day"].sum() == 0


def test_a_timeline_without_pieces_and_calendar_windows() -> None:
    days = {"today": CalendarWindow("day", 0)}
    for zones, rows in ((ZONES.clear(), []), (ZONES, [(1, 0.0, 0.0), (2, 0.0, 0.0)])):
        found = report_from_timeline(
            EMPTY, zones, windows=days, covers=("2024-03-03T00:00Z", COVERS[1])
        )
        assert found.rows() == rows


def test_a_store_without_pieces_has_a_row_of_zeros() -> None:
    zones = pl.concat([ZONES, pl.DataFrame({"store_id": [0], "timezone_str": [None]})])
    report = report_from_timeline(TIMELINE, zones, windows=DAY, covers=COVERS, detail=True)
    assert report.row(0) == (0, 0.0, 0.0, 0.0, 0.0, None)
    assert report["store_id"].to_list() == [0, 1, 2]


# --- frames that fail while they are read ---------------------------------------------------------


def failing_at(read: int) -> pl.LazyFrame:
    """Return pieces out of order that fail at their so many-th read."""
    count = itertools.count()

    def rows(frame: pl.DataFrame) -> pl.DataFrame:
        if next(count) >= read:
            raise RuntimeError("gone")
        return frame

    frame = timeline_of((2, 0, 1), (1, 0.5, 1), (1, 0, 0.5), (2, 1, 2))
    return frame.lazy().map_batches(rows, schema=frame.schema)


CALLS: dict[str, Callable[[Any], pl.DataFrame]] = {
    "whole": lambda timeline: report_from_timeline(timeline, windows={"all": Window("2h")}),
    "windows": lambda timeline: report_from_timeline(
        timeline, windows={"h": Window("1h"), "half": Window("30m")}
    ),
    "calendar": lambda timeline: report_from_timeline(
        timeline, ZONES, windows={"today": CalendarWindow("day", 0)}, covers=COVERS
    ),
    "outages": outages_from_timeline,
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("read", range(6))
def test_a_timeline_that_fails_at_any_read(call: str, read: int) -> None:
    try:
        CALLS[call](failing_at(read))
    except SchemaError as error:
        assert (error.code, error.table) == ("unreadable_table", "timeline")  # noqa: PT017  # none is right too
        assert isinstance(error.__cause__, RuntimeError)  # noqa: PT017
    else:
        assert read > 0


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    error = refused_timeline(pl.scan_parquet(tmp_path / "none.parquet"))
    assert (error.code, error.table) == ("unreadable_table", "timeline")


# --- what is told ---------------------------------------------------------------------------------


def warned(call: Callable[[], object]) -> CoverageWarning | None:
    """Return the warning that a call gives, if any; never more than one, and of this line."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    assert len(caught) <= 1
    if not caught:
        return None
    assert caught[0].filename == __file__
    assert isinstance(caught[0].message, CoverageWarning)
    return caught[0].message


UNKNOWN = pl.DataFrame(GOOD | {"state": ["up", "unknown", "unknown"]})


def test_windows_outside_of_the_pieces_are_told_by_name() -> None:
    windows = {
        "hour": Window("1h"),
        "half": Window("30m"),
        "day": Window("1d"),
        "week": Window("7d"),
    }
    found = warned(lambda: report_from_timeline(TIMELINE, windows=windows, batch_stores=1))
    assert found is not None
    assert found.outside == ("day", "week")
    assert found.covers == (instant(DAY_BEGINS + 9 * HOUR), instant(DAY_BEGINS + 12 * HOUR))
    assert found.now == found.covers[1]
    assert (found.from_timeline, found.unmet) == (True, ())
    assert (found.first_poll, found.last_poll) == (None, None)
    assert found.known == dict.fromkeys(windows, 1.0)
    assert str(found) == (
        "What lies outside of a timeline counts as closed: the timeline runs from "
        "2024-03-04T09:00Z to 2024-03-04T12:00Z, and the windows 'day', 'week' begin before it or "
        "end after it. Give covers to say for which span it was made."
    )


@pytest.mark.parametrize(
    ("options", "outside"),
    [
        ({}, ("day",)),
        ({"windows": {"all": Window("3h")}}, ()),
        ({"windows": {"more": Window("181m")}}, ("more",)),
        ({"windows": {"all": Window("3h")}, "now": "2024-03-04T12:00:00.000001Z"}, ("all",)),
        ({"windows": {"h": Window("1h")}, "now": "2024-03-04T10:00Z"}, ()),
        ({"windows": {"h": Window("1h")}, "at": ["2024-03-04T10:00Z", "2024-03-04T09:59Z"]}, ("h",)),
        ({"windows": {"h": Window("1h")}, "at": ["2024-03-04T10:00Z", "2024-03-04T12:01Z"]}, ("h",)),
        ({"windows": {"t": CalendarWindow("day", 0)}, "timezones": ZONES}, ("t",)),
    ],
)  # fmt: skip
def test_which_windows_are_outside(options: dict[str, Any], outside: tuple[str, ...]) -> None:
    found = warned(lambda: report_from_timeline(TIMELINE, **{"windows": DAY, **options}))
    assert (() if found is None else found.outside) == outside


def test_little_known_is_told_once_with_all_there_is_to_say() -> None:
    """Of six hours of open time, one is known: 16.6 %. Store 2 has nothing known."""
    found = warned(lambda: report_from_timeline(UNKNOWN, windows=DAY, batch_stores=1))
    assert found is not None
    assert (found.window, found.known) == ("day", {"day": 1 / 6})
    assert (found.stores, found.stores_unknown, found.outside) == (2, 1, ("day",))
    assert str(found) == (
        "Only 16.6 % of the open time is known: 1 of 2 stores has nothing known; the timeline runs "
        "from 2024-03-04T09:00Z to 2024-03-04T12:00Z, and now is 2024-03-04T12:00Z. Look at now. "
        "What lies outside of a timeline counts as closed: the timeline runs from "
        "2024-03-04T09:00Z to 2024-03-04T12:00Z, and the windows 'day' begin before it or end "
        "after it. Give covers to say for which span it was made."
    )
    covered = warned(lambda: report_from_timeline(UNKNOWN, windows=DAY, covers=COVERS))
    assert covered is not None
    assert (covered.covers, covered.outside) == (COVERS, ())
    assert "counts as closed" not in str(covered)


def test_nothing_is_told_of_what_is_covered_and_known() -> None:
    """Nor of outages, which are what they are."""
    assert warned(lambda: report_from_timeline(TIMELINE, windows=DAY, covers=COVERS)) is None
    history: dict[str, Any] = {
        "at": ["2024-03-04T12:00Z", COVERS[1]],
        "windows": {"h": Window("12h")},
    }
    assert warned(lambda: report_from_timeline(TIMELINE, covers=COVERS, **history)) is None
    assert warned(lambda: outages_from_timeline(UNKNOWN)) is None


def test_a_window_in_which_all_is_closed_is_not_little_known() -> None:
    hour = {"hour": Window("1h")}
    assert warned(lambda: report_from_timeline(UNKNOWN, windows=hour, covers=COVERS)) is None


def test_a_timeline_without_pieces_is_told() -> None:
    found = warned(lambda: report_from_timeline(EMPTY, ZONES, COVERS[1], windows=DAY))
    assert found is not None
    assert (found.covers, found.outside, found.known) == (None, ("day",), {"day": None})
    assert "the timeline is empty, and the windows 'day' begin" in str(found)
    assert warned(lambda: report_from_timeline(EMPTY, ZONES, windows=DAY, covers=COVERS)) is None


@pytest.mark.parametrize("way", ["copy", "deepcopy", "pickle"])
def test_the_facts_of_a_warning_travel(way: str) -> None:
    found = warned(lambda: report_from_timeline(UNKNOWN, windows=DAY))
    assert found is not None
    ways: dict[str, Callable[[Any], Any]] = {
        "copy": copy.copy,
        "deepcopy": copy.deepcopy,
        "pickle": lambda each: pickle.loads(pickle.dumps(each)),  # noqa: S301  # our own
    }
    found.add_note("seen")
    again = ways[way](found)
    assert type(again) is CoverageWarning
    assert vars(again) == vars(found)
    assert str(again) == str(found)
    assert again.covers == found.covers is not None
    assert again.outside == ("day",)


def test_the_facts_of_an_error_travel() -> None:
    error = refused_timeline(timeline_of((1, 0, 2), (1, 1, 3)))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    assert (str(again), again.values, again.code) == (str(error), error.values, error.code)
