"""Random tables, with the values that break programs of this kind among them.

Tables are drawn row by row, and each choice has a plain value first, so that a failing example
shrinks to a few rows that can be read. To Hypothesis fewer choices are simpler than plain ones: so
what is plain never takes more choices than what is not. This module needs Hypothesis.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache, lru_cache, partial
from typing import Any

import polars as pl
from hypothesis import strategies as st

from store_uptime._time.units import DAY, UNIT_MICROSECONDS
from store_uptime._time.zone_names import zone_names

StoreIds = tuple[int, ...] | tuple[str, ...]
"""Ids of one kind, each once."""

HOUR = UNIT_MICROSECONDS["hours"]
REACH = 9 * DAY
"""How far before `now` tables have something to say: a week, the lookback, and a day more."""

_UTC = pl.Datetime("us", "UTC")
_CLOCK_COLUMNS = {"start_time_local": pl.String(), "end_time_local": pl.String()}
_WEEKLY_COLUMNS = {"day_of_week": pl.Int64(), **_CLOCK_COLUMNS}
_VALIDITY_COLUMNS = {"valid_from": pl.Date(), "valid_until": pl.Date()}

# Floats, and programs that sort numbers as text, get some of these wrong.
_IDS: tuple[StoreIds, ...] = (
    (1,),
    (1, 2),
    (3, 1, 2),
    (10, 9),
    (0, -7),
    (2**53 + 1, 2**53),
    (8419537941919820732,),
    ("a",),
    ("a", "b"),
    ("10", "9", "1"),
    ("2f8c1e5a-0b6f-4c57-9a43-1f0f5a6f5c11",),
    ("Ω", "a b"),
)
_HARD_ZONES = (
    "UTC",
    "America/Chicago",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Australia/Lord_Howe",  # sets its clocks by half an hour
    "Pacific/Apia",  # has skipped a day
    "Africa/Casablanca",  # sets its clocks back for Ramadan
)
_NASTY_CLOCKS = """
00:00 00:30 01:30 02:00 02:30 03:00 06:00 09:00 12:00 17:00 22:00 23:30
23:58:59 23:59 23:59:30 23:59:59 24:00
"""
_SHORT_SPANS = (("12:00", "12:30"), ("02:00", "03:00"), ("23:30", "00:30"), ("09:00", "09:00"))
_WORK_LENGTHS = (HOUR, 1, 26 * HOUR, 3 * DAY)
_MARKS = (0, -HOUR, -DAY, -7 * DAY, -8 * DAY)


def _mostly(special: Sequence[str], others: Sequence[str]) -> st.SearchStrategy[str]:
    """Draw a special value in half of the cases; the first one is the simplest."""
    # One choice instead of two: no example shrinks from one kind of choice to another.
    again = [*special] * (len(others) // len(special))
    return st.sampled_from((*special, *others, *again))


def _clocks(plain: str) -> st.SearchStrategy[str]:
    minutes = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)]
    return _mostly((plain, *_NASTY_CLOCKS.split()), minutes)


def instants_in(first: int, last: int) -> st.SearchStrategy[int]:
    """Draw an instant from `first` to `last`, both included; the last full hour is the simplest."""
    choices = []
    for unit in (HOUR, HOUR // 60, 1):
        latest = last // unit * unit
        if latest >= first:
            count = st.integers(0, (latest - first) // unit)
            choices.append(count.map(partial(_earlier, latest, unit)))
    return st.one_of(*choices, st.sampled_from((last, first)))


def _earlier(instant: int, unit: int, count: int) -> int:
    return instant - count * unit


# All of these are made once, since making them takes longer than drawing. Instants and dates are
# distances from `now`.
drawn_ids = st.sampled_from(_IDS)
drawn_zones = _mostly(_HARD_ZONES, sorted(zone_names()))
instants_beside = partial(st.builds, int.__add__, st.sampled_from((0, -1, 1, -HOUR, HOUR)))
instants = instants_in(-REACH, 0) | instants_beside(st.sampled_from(_MARKS))
seldom = st.integers(0, 9).map(lambda number: number > 8)  # noqa: PLR2004  # one in ten
_states = st.sampled_from(("active", "inactive"))
_weekdays = st.sampled_from((*((day,) for day in range(7)), range(5), (5, 6), range(7)))
_open_spans = st.tuples(_clocks("09:00"), _clocks("17:00"))
_closed_spans = st.sampled_from(_SHORT_SPANS)
_special_spans = st.just((None, None)) | _open_spans
_dates = st.integers(-8, 2)
_no_limits = st.tuples(st.none(), st.none())
_limits = st.one_of(
    _no_limits,
    st.tuples(_dates, st.none()),
    st.tuples(st.none(), _dates),
    st.tuples(_dates, _dates).map(sorted),
)
_work_span = st.tuples(instants, st.sampled_from(_WORK_LENGTHS)).map(
    lambda pair: (pair[0], sum(pair))
)
_maintenance = st.one_of(
    _work_span,
    _work_span,
    _work_span,
    st.tuples(st.none(), instants),
    st.tuples(instants, st.none()),
)


@lru_cache(maxsize=64)
def _few_rows(
    stores: tuple[Any, ...], *parts: st.SearchStrategy[Any], fewest: int = 0, most: int = 3
) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    rows = st.tuples(st.sampled_from(stores), *parts)
    return st.lists(rows, min_size=fewest, max_size=most)


@cache
def _rows_of_zone(zone: str) -> st.SearchStrategy[list[str | None]]:
    named: st.SearchStrategy[str | None] = st.just(zone) | drawn_zones
    return st.one_of(named, named, st.none()).map(lambda name: [name]) | st.just([])


@st.composite
def draw_polls(
    draw: st.DrawFn,
    ids: StoreIds | None,
    instants: st.SearchStrategy[int],
    fewest: int,
    most: int,
    now: int = 0,
) -> pl.DataFrame:
    """Draw a table `status`, of few enough instants that some have two polls."""
    ids = ids or draw(drawn_ids)
    found = draw(_few_rows(ids, instants, _states, fewest=fewest, most=most))
    rows = [(store, now + instant, state) for store, instant, state in found]
    return _table(ids, {"timestamp_utc": _UTC, "status": pl.String()}, rows)


@st.composite
def draw_hours(draw: st.DrawFn, ids: StoreIds | None, today: dt.date | None = None) -> pl.DataFrame:
    """Draw a table `hours`, some rows with dates of validity near `today`, or one without rows."""
    ids = ids or draw(drawn_ids)
    limits = _no_limits if today is None else _limits
    lines = draw(_few_rows(ids, _weekdays, _open_spans, limits, fewest=1, most=4))
    return _weekly(ids, [] if draw(seldom) else lines, today)


@st.composite
def draw_maintenance_hours(draw: st.DrawFn, ids: StoreIds, today: dt.date | None) -> pl.DataFrame:
    """Draw a table `maintenance_hours`, mostly of short times, so that open time is left."""
    limits = _no_limits if today is None else _limits
    return _weekly(ids, draw(_few_rows((*ids, None), _weekdays, _closed_spans, limits)), today)


def _weekly(ids: StoreIds, lines: list[tuple[Any, ...]], today: dt.date | None) -> pl.DataFrame:
    """Return weekly rows, without the dates of validity where no row has any."""
    rows = [
        (store, day, *span, *(_date(today, days) for days in limits))
        for store, weekdays, span, limits in lines
        for day in weekdays
    ]
    table = _table(ids, {**_WEEKLY_COLUMNS, **_VALIDITY_COLUMNS}, rows)
    without = all(table[name].null_count() == table.height for name in _VALIDITY_COLUMNS)
    return table.drop(_VALIDITY_COLUMNS) if without else table


def _date(today: dt.date | None, days: int | None) -> dt.date | None:
    return None if today is None or days is None else today + dt.timedelta(days)


@st.composite
def draw_timezones(draw: st.DrawFn, ids: StoreIds, zone: str) -> pl.DataFrame:
    """Draw a table `timezones`: for each store the zone, any other one, a null, or no row."""
    rows = [(store, name) for store in ids for name in draw(_rows_of_zone(zone))]
    return _table(ids, {"timezone_str": pl.String()}, rows)


@st.composite
def draw_special_hours(draw: st.DrawFn, ids: StoreIds, today: dt.date) -> pl.DataFrame:
    """Draw a table `special_hours`: dates that are closed, or have other hours."""
    lines = draw(_few_rows((*ids, None), _dates, _special_spans))
    rows = [(store, _date(today, days), *span) for store, days, span in lines]
    return _table(ids, {"date": pl.Date(), **_CLOCK_COLUMNS}, rows)


@st.composite
def draw_maintenance(draw: st.DrawFn, ids: StoreIds, now: int) -> pl.DataFrame:
    """Draw a table `maintenance`: some hours, now and then since ever or for ever."""
    rows = [
        (store, *(None if instant is None else now + instant for instant in span))
        for store, span in draw(_few_rows((*ids, None), _maintenance))
    ]
    return _table(ids, {"start_utc": _UTC, "end_utc": _UTC}, rows)


def _table(
    ids: StoreIds, columns: dict[str, pl.DataType], rows: list[tuple[Any, ...]]
) -> pl.DataFrame:
    id_type = pl.String() if isinstance(ids[0], str) else pl.Int64()
    return pl.DataFrame(rows, schema={"store_id": id_type, **columns}, orient="row")
