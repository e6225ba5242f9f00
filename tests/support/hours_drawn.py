"""Random hours with hand-picked nasty values: weekly and special ones, and planned downtime.

Among the values to draw from are rows past midnight, rows that touch or overlap, the two public
spellings of midnight, rows inside an hour that is skipped or repeated, and hours that change on
some date.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from hypothesis import strategies as st

from support.frames import Maintenance, Recurring, Special
from support.oracle import DatedRow, Row
from support.wall_clock import DAY, HOUR, tod, wall_clock

NASTY_CLOCKS = """
00:00 00:00:00.000001 00:01 00:30 01:00 01:30 02:00 02:15 02:30 03:00 06:00 09:00
12:00 12:00:00.000001 17:30 22:00 23:00 23:01 23:30
23:58:59.999999 23:59 23:59:30 23:59:59 23:59:59.999999 24:00
"""
CLOCKS: tuple[int, ...] = tuple(tod(text) for text in NASTY_CLOCKS.split())
MIDNIGHTS = tuple(tod(text) for text in ("23:59", "23:59:30", "23:59:59", "24:00"))
LONG_AGO, FAR_AHEAD = (
    st.sampled_from([day.toordinal() for day in days])
    for days in ((date.min, date(1900, 1, 1)), (date(2100, 3, 1), date.max))
)

clocks = st.sampled_from(CLOCKS) | st.integers(0, DAY)
ends = clocks | st.sampled_from(MIDNIGHTS)
weekdays = st.integers(0, 6)
weekly_rows: st.SearchStrategy[Row] = st.tuples(weekdays, clocks, ends)


def _daily(start: int, end: int) -> tuple[tuple[int, int, int], ...]:
    return tuple((day, start, end) for day in range(7))


def _chain(middle: int) -> tuple[Row, ...]:
    """Cut every day in two: rows that touch, at a time of day and at midnight."""
    return tuple(row for day in range(7) for row in ((day, 0, middle), (day, middle, DAY)))


weeks: st.SearchStrategy[tuple[Row, ...]] = st.one_of(
    st.just(()),
    st.builds(_daily, clocks, ends),
    st.lists(weekly_rows, min_size=1, max_size=8).map(tuple),
    st.builds(_daily, clocks, ends).flatmap(
        lambda daily: st.lists(weekly_rows, max_size=4).map(lambda more: (*daily, *more))
    ),
    st.builds(_chain, st.integers(1, DAY - 1)),
)


def dates_near(*instants: int) -> st.SearchStrategy[int]:
    """Draw the ordinal of a local date a few days before or after one of some instants."""
    shown = [wall_clock("UTC", us)[0] for us in instants]
    return st.builds(int.__add__, st.sampled_from(shown), st.integers(-8, 2))


def limits(dates: st.SearchStrategy[int]) -> st.SearchStrategy[tuple[int | None, int | None]]:
    """Draw the first date and the one after the last: the same, centuries apart, or none."""
    return st.builds(_in_order, st.none() | dates | LONG_AGO, st.none() | dates | FAR_AHEAD)


def _in_order(since: int | None, until: int | None) -> tuple[int | None, int | None]:
    if since is not None and until is not None and until < since:
        return until, since
    return since, until


@st.composite
def dated(
    draw: st.DrawFn, rows: st.SearchStrategy[tuple[Row, ...]], dates: st.SearchStrategy[int]
) -> tuple[Row, ...]:
    """Draw weekly rows that hold on some dates only."""
    old = draw(rows)
    if draw(st.booleans()):
        pool = draw(st.lists(limits(dates), min_size=1, max_size=3))
        return tuple(DatedRow(*row[:3], *pool[k % len(pool)]) for k, row in enumerate(old))
    # One schedule up to a date, and another from then on, or the same; or with both, or a gap.
    new, until = draw(st.just(old) | rows), draw(dates)
    since = draw(st.just(until) | dates)
    before = (DatedRow(*row[:3], valid_until=until) for row in old)
    return (*before, *(DatedRow(*row[:3], valid_from=since) for row in new))


def recurring_maintenance(dates: st.SearchStrategy[int]) -> st.SearchStrategy[Recurring]:
    """Draw maintenance of every week, mostly short, so that open time is left; or none."""
    daily = st.builds(_daily, clocks, st.integers(1, 3 * HOUR)).map(_of_length)
    rows = st.tuples(weekdays, clocks, st.sampled_from((1, HOUR)) | st.integers(1, 6 * HOUR))
    some = st.lists(rows, min_size=1, max_size=3).map(_of_length)
    works = daily | some | some | weeks
    none = st.just(())
    return none | none | works | dated(works, dates)


def _of_length(rows: Iterable[tuple[int, int, int]]) -> tuple[Row, ...]:
    """Return rows whose third value was a length."""
    return tuple((day, start, (start + length) % DAY or DAY) for day, start, length in rows)


@st.composite
def special_days(draw: st.DrawFn, dates: st.SearchStrategy[int]) -> Special:
    """Draw some local dates with hours of their own, or none: those days are closed."""
    if not draw(st.booleans()):
        return {}
    hours = st.lists(st.tuples(clocks, ends), max_size=2).map(tuple)
    return draw(st.dictionaries(dates, hours, max_size=4))


@st.composite
def maintenances(draw: st.DrawFn, now: int, anchor: int) -> Maintenance:
    """Draw planned downtime, in any order, overlapping and touching."""
    if not draw(st.booleans()):
        return ()
    lengths = st.sampled_from((1, HOUR, 26 * HOUR)) | st.integers(1, 3 * DAY)
    pairs = draw(st.lists(st.tuples(_days_before(now, anchor), lengths), max_size=4))
    found = [(start, start + length) for start, length in pairs]
    return (*found, *((end, end + HOUR) for _, end in found[:1]))


@st.composite
def lives(draw: st.DrawFn, now: int, anchor: int) -> Maintenance:
    """Draw planned downtime up to an opening day, after a last day, both, or none."""
    which = draw(st.integers(0, 15))  # few, so that open time is left
    instants = _days_before(now, anchor)
    opened = [(None, draw(instants))] if which in (1, 2) else []
    closed = [(draw(instants), None)] if which in (2, 3) else []
    return (*opened, *closed)


def _days_before(now: int, anchor: int) -> st.SearchStrategy[int]:
    shifts = st.integers(-9 * DAY, DAY) | st.just(0)
    return st.builds(int.__add__, st.sampled_from((now, anchor)), shifts)
