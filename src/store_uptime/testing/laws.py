"""The laws that every report keeps, as conditions on its rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

import polars as pl

from store_uptime._tables.report_times import UNCERTAINTY
from store_uptime._time.units import UNIT_MICROSECONDS, divided
from store_uptime.testing.read_reports import ReadReport, ReportColumn
from store_uptime.windows import AnyWindow, CalendarWindow, Window

_OPEN_TIME_PARTS = ("uptime", "downtime", "unknown")
_TIMES = (*_OPEN_TIME_PARTS, "scheduled", "uptime_min", "uptime_max")
_GROWING = (*_TIMES, "polls")
# Below, 71 years, a float in any unit tells every microsecond.
_INEXACT = 2**51
_NEAR = 1e-12

_Columns = Mapping[str, ReportColumn]


class Law(NamedTuple):
    """A law: what it says, the columns that it is about, whether a row breaks it."""

    sentence: str
    columns: Sequence[ReportColumn]
    broken: pl.Expr


def laws_of(report: ReadReport, windows: Mapping[str, AnyWindow]) -> list[Law]:
    """Return the laws of a report, for those columns that it has."""
    by_window = _by_window(report, windows)
    laws = list(_laws_of_rows(report.keys))
    for name, columns in by_window.items():
        of_one = [
            *_laws_of_values(columns, report.rows.height),
            *_laws_of_sums(columns),
            *_laws_of_known_time(columns),
        ]
        laws += [law._replace(sentence=f"{name}: {law.sentence}") for law in of_one]
    laws += _laws_of_pairs(windows, by_window)
    # A null breaks the law that there is none, and no other.
    return [law._replace(broken=law.broken.fill_null(value=False)) for law in laws]


def laws_of_lengths(report: ReadReport, windows: Mapping[str, AnyWindow]) -> Iterator[Law]:
    """Yield the laws that other windows would break than those of the report."""
    for name, columns in _by_window(report, windows).items():
        parts = [columns[each] for each in _OPEN_TIME_PARTS if each in columns]
        named, total, unit = *_added(parts), parts[0].unit
        most = windows[name].longest_us()
        longest = f"{most / UNIT_MICROSECONDS[unit]:,.10g} {unit}"
        sentence = f"{name}: {named} is at most {longest}, the longest that the window can be"
        yield Law(sentence, parts, total > most + _blur(total))


def _by_window(report: ReadReport, windows: Mapping[str, AnyWindow]) -> Mapping[str, _Columns]:
    return {
        name: {each.quantity: each for each in report.columns if each.window == name}
        for name in windows
    }


def _added(parts: Sequence[ReportColumn]) -> tuple[str, pl.Expr]:
    """Return parts of open time together, in words and in microseconds."""
    total = pl.sum_horizontal((each.micros for each in parts), ignore_nulls=False)
    return " + ".join(each.quantity for each in parts), total


def _laws_of_rows(keys: list[str]) -> Iterator[Law]:
    named = " and ".join(keys)
    yield Law(f"{named} is never null", (), pl.any_horizontal(pl.col(keys).is_null()))
    yield Law(f"no two rows have the same {named}", (), pl.struct(keys).is_duplicated())
    falls = pl.col("store_id") < pl.col("store_id").shift()
    if "now" in keys:
        now, before = pl.col("now"), pl.col("now").shift()
        falls = (now < before) | ((now == before) & falls)
    yield Law(f"rows are sorted by {named}", (), falls)


# --- one window ----------------------------------------------------------------------------------


def _laws_of_values(columns: _Columns, rows: int) -> Iterator[Law]:
    for quantity, column in columns.items():
        value, micros = column.value, column.micros
        if quantity == "polls":
            wrong = value.is_null() | (value < 0)
            yield Law("polls is never null or negative", [column], wrong)
        elif quantity in UNCERTAINTY:
            wrong = value.is_not_null() & (micros.is_null() | (value < 0))
            yield Law(f"{quantity} is never negative or infinite", [column], wrong)
        elif quantity in _TIMES:
            wrong = micros.is_null() | (value < 0)
            yield Law(f"{quantity} is never null, negative or infinite", [column], wrong)
            whole = divided(micros.cast(pl.Float64), UNIT_MICROSECONDS[column.unit], rows)
            wrong = (micros < _INEXACT) & (value != whole)
            yield Law(f"{quantity} is whole microseconds", [column], wrong)


def _laws_of_sums(columns: _Columns) -> Iterator[Law]:
    if columns.keys() >= {*_OPEN_TIME_PARTS, "scheduled"}:
        parts, scheduled = [columns[each] for each in _OPEN_TIME_PARTS], columns["scheduled"]
        named, total = _added(parts)
        apart = (total - scheduled.micros).abs() > _blur(total)
        yield Law(f"{named} = scheduled", [*parts, scheduled], apart)
    bounds = ("uptime_min", "uptime", "uptime_max", "scheduled")
    if columns.keys() >= {*bounds}:
        chain = [columns[each] for each in bounds]
        falls = (less.micros > more.micros for less, more in pairwise(chain))
        yield Law(" <= ".join(bounds), chain, pl.any_horizontal(falls))


def _laws_of_known_time(columns: _Columns) -> Iterator[Law]:
    known = [columns["uptime"], columns["downtime"]]
    up, total = known[0].micros, known[0].micros + known[1].micros
    if availability := columns.get("availability"):
        share = pl.when(total > 0).then(up.cast(pl.Float64) / total.cast(pl.Float64))
        apart = (availability.value - share).abs()
        near = apart <= pl.when(total < _INEXACT).then(0.0).otherwise(_NEAR)
        wrong = (availability.value.is_null() != share.is_null()) | ~near
        sentence = "availability = uptime / (uptime + downtime), null where both are zero"
        yield Law(sentence, [*known, availability], total.is_not_null() & wrong)
    if columns.keys() >= {*UNCERTAINTY}:
        expected, error = (columns[each] for each in UNCERTAINTY)
        is_null, other_is_null = expected.value.is_null(), error.value.is_null()
        wrong = (is_null != other_is_null) | (~is_null & (total == 0))
        sentence = "uptime_expected and uptime_error are null together, and where nothing is known"
        yield Law(sentence, [*known, expected, error], wrong)
        above = expected.micros > total + _blur(total)
        yield Law("uptime_expected <= uptime + downtime", [*known, expected], above)
        bias = (expected.micros - up).abs()
        # Both are rounded to microseconds.
        below = error.micros < bias - 1 - _blur(total)
        sentence = "uptime_error is at least the distance from uptime to uptime_expected"
        yield Law(sentence, [known[0], expected, error], below)


# --- two windows ---------------------------------------------------------------------------------


def _laws_of_pairs(
    windows: Mapping[str, AnyWindow], by_window: Mapping[str, _Columns]
) -> Iterator[Law]:
    """Yield the laws of windows that end together, at `now`."""
    lengths = {
        name: window.longest_us()
        for name, window in windows.items()
        if isinstance(window, Window) and isinstance(window.length, dt.timedelta)
    }
    for short, long in pairwise(sorted(lengths, key=lengths.__getitem__)):
        for less, more in _same_quantities(by_window[short], by_window[long]):
            sentence = f"{long} is not shorter than {short}, so it has no less {less.quantity}"
            yield Law(sentence, [less, more], _falls(less, more))
    at_now = [
        name
        for name, window in windows.items()
        if isinstance(window, Window) or (isinstance(window, CalendarWindow) and not window.offset)
    ]
    for one, other in combinations(at_now, 2):
        if not {one, other} <= lengths.keys():
            pairs = list(_same_quantities(by_window[one], by_window[other]))
            falls = pl.any_horizontal(_falls(a, b) for a, b in pairs)
            rises = pl.any_horizontal(_falls(b, a) for a, b in pairs)
            sentence = f"one of {one} and {other} holds the other, so it has no less of anything"
            yield Law(sentence, [each for pair in pairs for each in pair], falls & rises)


def _same_quantities(one: _Columns, other: _Columns) -> list[tuple[ReportColumn, ReportColumn]]:
    return [(one[each], other[each]) for each in _GROWING if each in one and each in other]


def _falls(less: ReportColumn, more: ReportColumn) -> pl.Expr:
    """Return whether what should be more is less."""
    if not less.is_time:
        return less.value > more.value
    return less.micros > more.micros + _blur(more.micros)


def _blur(total: pl.Expr) -> pl.Expr:
    """Return how many microseconds floats of so much time may be off, all parts together."""
    return total // _INEXACT * 4
