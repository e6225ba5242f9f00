"""Random stores with hand-picked nasty values.

Everything that has once broken a program of this kind has a place among the values to draw from:
the hours of ``hours_drawn.py``, polls one microsecond beside every edge, zones that have skipped a
day, half an hour, or midnight itself.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import polars as pl
from dateutil.relativedelta import relativedelta
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from store_uptime import CalendarWindow
from support.effort import FULL_RUN, asked
from support.frames import (
    DEFAULT_LENGTHS,
    UNIT_US,
    Frames,
    Length,
    Lengths,
    Maintenance,
    Recurring,
    Special,
    Spelling,
    Unit,
    frames,
    maintenance_frame,
    maintenance_hours_frame,
    now_as,
    report_of,
    spans_of,
    special_frame,
)
from support.hours_drawn import (
    dated,
    dates_near,
    lives,
    maintenances,
    recurring_maintenance,
    special_days,
    weeks,
)
from support.oracle import Poll, Row, Rules, Span, Store, edges, zone_of
from support.wall_clock import DAY, HOUR, MINUTE, at

FEWEST = 5  # the examples of a property that has few


def examples(count: int) -> settings:
    """Return the settings of one property that a full run tries on so many examples.

    A quick run tries its share of them. Where ``CI`` is set, the examples are the same each time:
    it must not fail by chance.
    """
    return settings(
        max_examples=max(FEWEST, count * asked() // FULL_RUN),
        deadline=None,
        derandomize="CI" in os.environ,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


ANCHORS: tuple[tuple[str, int], ...] = (
    ("America/Chicago", at("2026-11-01T07:00")),
    ("America/Chicago", at("2026-03-08T08:00")),
    ("Europe/Berlin", at("2026-10-25T01:00")),
    ("Europe/Berlin", at("2026-03-29T01:00")),
    ("America/Vancouver", at("2026-11-01T09:00")),  # a change that no longer happens
    ("America/Vancouver", at("2026-03-08T10:00")),
    ("Australia/Lord_Howe", at("2026-04-04T15:00")),  # half an hour twice
    ("Australia/Lord_Howe", at("2026-10-03T15:30")),  # half an hour never
    ("Antarctica/Troll", at("2026-10-25T01:00")),  # two hours twice
    ("Antarctica/Troll", at("2026-03-29T01:00")),  # two hours never
    ("Pacific/Apia", at("2011-12-30T10:00")),  # the Friday that was not
    ("Pacific/Chatham", at("2026-04-04T14:00")),
    ("Pacific/Chatham", at("2026-09-26T14:00")),
    ("America/St_Johns", at("2010-11-07T02:31")),  # 00:01 on Sunday is 23:01 on Saturday again
    ("America/St_Johns", at("2026-11-01T04:30")),
    ("Asia/Kathmandu", at("1985-12-31T18:30")),  # a quarter of an hour, for good
    ("Asia/Kathmandu", at("2026-11-01T00:00")),
    ("Asia/Beirut", at("2023-03-25T22:00")),  # midnight skipped
    ("Asia/Beirut", at("2023-10-28T21:00")),  # the last hour of Saturday twice
    ("Africa/Casablanca", at("2026-02-15T02:00")),  # Ramadan begins: negative daylight saving
    ("Africa/Casablanca", at("2026-03-22T02:00")),
    ("Africa/Casablanca", at("2026-09-20T02:00")),
    ("America/Sao_Paulo", at("2018-11-04T03:00")),
    ("UTC", at("1970-01-01T00:00")),  # negative instants on one side
)
ZONES = tuple(dict.fromkeys(zone for zone, _ in ANCHORS))

IDS: tuple[int, ...] = (8419537941919820732, -3, 0, 7, 2**53 + 1, 2**53, -(2**63), 2**63 - 1)
NAMES: tuple[str, ...] = ("2f8c1e5a-0b6f-4c57-9a43-1f0f5a6f5c11", "10", "9", "Ω", "a b", "A")
LENGTHS: tuple[Length, ...] = (
    timedelta(hours=1),
    timedelta(microseconds=1),
    timedelta(seconds=59, microseconds=999_999),
    timedelta(minutes=90),
    timedelta(days=1),
    timedelta(hours=25),
    timedelta(days=7),
    timedelta(days=9, microseconds=1),
    relativedelta(hours=1),
    relativedelta(days=3, hours=5),
    relativedelta(weeks=1),
    relativedelta(months=1),
    CalendarWindow("day"),
    CalendarWindow("day", 0),
    CalendarWindow("day", -3),
    CalendarWindow("week", 0),
    CalendarWindow("week"),
    CalendarWindow("week", 0, week_start="sunday"),
    CalendarWindow("week", week_start="saturday"),
    CalendarWindow("month", 0),
    CalendarWindow("month"),
)
LONG_LENGTHS: tuple[Length, ...] = (
    CalendarWindow("month", -2),
    CalendarWindow("quarter", 0),
    CalendarWindow("quarter"),
    CalendarWindow("year", 0),
    CalendarWindow("quarter", 0, first_month=2),
    CalendarWindow("quarter", first_month=12),
    CalendarWindow("year", 0, first_month=4),
    CalendarWindow("year", first_month=11),
)
GAPS: tuple[timedelta | None, ...] = (
    None,
    timedelta(microseconds=1),
    timedelta(minutes=5, microseconds=3),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=30),
    timedelta(days=400),
)
LOOKBACKS: tuple[timedelta | None, ...] = (
    timedelta(days=1),
    None,
    timedelta(0),
    timedelta(microseconds=1),
    timedelta(hours=7),
    timedelta(days=30),
)

rules_drawn: st.SearchStrategy[Rules] = st.builds(
    Rules,
    interpolation=st.sampled_from(("nearest", "previous", "next")),
    evidence=st.sampled_from(("open", "all")),
    backfill=st.booleans(),
    max_gap=st.sampled_from(GAPS),
    lookback=st.sampled_from(LOOKBACKS),
    missing_days=st.sampled_from(("closed", "open")),
    snap_midnight=st.booleans(),
    default_timezone=st.sampled_from(("America/Chicago", "Pacific/Apia", "UTC")),
)

spellings: st.SearchStrategy[Spelling] = st.builds(
    Spelling,
    stamps=st.sampled_from(("utc", "naive", "text", "nanoseconds", "elsewhere")),
    states=st.sampled_from(("words", "shouting", "truth")),
    times=st.sampled_from(("text", "duration")),
    now=st.sampled_from(("utc", "offset", "text")),
    dates=st.sampled_from(("date", "text", "midnight")),
    all_columns=st.booleans(),
)


@st.composite
def windows(draw: st.DrawFn) -> Lengths:
    """Draw the default windows, or one to three of any length and unit."""
    if draw(st.booleans()):
        return DEFAULT_LENGTHS
    odd = st.integers(1, 10 * DAY).map(lambda us: timedelta(microseconds=us))
    # Long ones are rare: the witness walks through them day by day.
    known = LENGTHS if draw(st.integers(0, 15)) else LONG_LENGTHS
    lengths = draw(st.lists(st.sampled_from(known) | odd, min_size=1, max_size=3))
    units: st.SearchStrategy[Unit] = st.sampled_from(tuple(UNIT_US))
    return {f"w{index}": (length, draw(units)) for index, length in enumerate(lengths)}


@st.composite
def nows(draw: st.DrawFn, anchor: int) -> int:
    """Draw ``now`` at a change of the clocks, just beside it, or some days to either side."""
    beside = (0, 1, -1, HOUR, -HOUR, HOUR // 2, 12 * HOUR, DAY, 3 * DAY, 7 * DAY)
    shift = draw(st.sampled_from(beside) | st.integers(-2 * DAY, 9 * DAY))
    return anchor + shift


@st.composite
def polls(draw: st.DrawFn, marks: Sequence[int], low: int, high: int) -> tuple[Poll, ...]:
    """Draw polls on marked instants, beside them and anywhere; some said twice, some gainsaid."""
    near = st.builds(
        int.__add__, st.sampled_from(marks), st.sampled_from((0, 0, 1, -1, 2, -3, HOUR, -HOUR))
    )
    poll = st.tuples(near | st.integers(low, high), st.booleans())
    found = draw(st.lists(poll, max_size=12))
    if draw(st.booleans()):
        found += _hourly(draw(st.integers(low, high)), draw(st.integers(0, 2**24 - 1)))
    again = [found[index] for index in draw(_indices(found))]
    opposed = [(us, not up) for us, up in (found[index] for index in draw(_indices(found)))]
    return tuple(found + again + opposed)


def _indices(found: Sequence[Poll]) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, len(found) - 1), max_size=2) if found else st.just([])


def _hourly(start: int, states: int) -> list[Poll]:
    """Poll 24 times, a little more than an hour apart, the states taken from an integer's bits."""
    return [(start + k * (HOUR + 7 * MINUTE + 1), bool(states >> k & 1)) for k in range(24)]


@dataclass(frozen=True)
class Scenario:
    """Everything one call of the library needs."""

    stores: tuple[Store, ...]
    now: int
    lengths: Lengths
    rules: Rules
    spelling: Spelling = field(default_factory=Spelling)
    special: Special = field(default_factory=dict)
    maintenance: Maintenance = ()
    recurring: Recurring = ()

    @property
    def tables(self) -> Frames:
        """The three tables, spelled as drawn."""
        return frames(self.stores, self.spelling)

    @property
    def extra(self) -> dict[str, pl.DataFrame]:
        """The optional tables, left out where they would be empty."""
        tables = {
            "special_hours": special_frame(self.stores, self.special, self.spelling),
            "maintenance": maintenance_frame(self.stores, self.maintenance, self.spelling),
            "maintenance_hours": maintenance_hours_frame(
                self.stores, self.recurring, self.spelling
            ),
        }
        return {name: frame for name, frame in tables.items() if frame.height}

    @property
    def told(self) -> list[Store]:
        """The stores, each with what the tables say of every store."""
        return [
            replace(
                store,
                special={**self.special, **store.special},
                maintenance=store.maintenance + self.maintenance,
                recurring=store.recurring + self.recurring,
            )
            for store in self.stores
        ]

    @property
    def plain(self) -> Scenario:
        """The same without special days and maintenance."""
        return replace(self.without_maintenance, special={}).of(special={})

    @property
    def without_maintenance(self) -> Scenario:
        """The same without maintenance of either kind."""
        return replace(self, maintenance=(), recurring=()).of(maintenance=(), recurring=())

    def of(self, **changes: Any) -> Scenario:
        """Return the same with changes in each store."""
        return replace(self, stores=tuple(replace(each, **changes) for each in self.stores))

    def spans(self, store: Store) -> list[Span]:
        """Return the windows of one store as pairs of instants."""
        return spans_of(self.now, self.lengths, zone_of(store, self.rules))

    def report(self, **options: Any) -> pl.DataFrame:
        """Call the library."""
        now = now_as(self.now, self.spelling.now)
        return report_of(self.tables, now, self.lengths, self.rules, {**self.extra, **options})


@dataclass(frozen=True)
class Near:
    """What the tables can say near two instants; whether hours change or recur in maintenance."""

    now: int
    anchor: int
    changing: bool

    @property
    def weeks(self) -> st.SearchStrategy[tuple[Row, ...]]:
        """Weekly rows, some with dates."""
        return weeks | dated(weeks, self.dates) if self.changing else weeks

    @property
    def dates(self) -> st.SearchStrategy[int]:
        """The ordinals of local dates."""
        return dates_near(self.now, self.anchor)

    @property
    def exceptions(self) -> st.SearchStrategy[dict[str, Any]]:
        """Special days and maintenance."""
        special, works = special_days(self.dates), maintenances(self.now, self.anchor)
        if not self.changing:
            return st.fixed_dictionaries({"special": special, "maintenance": works})
        works = st.builds(operator.add, works, lives(self.now, self.anchor))
        recurring = recurring_maintenance(self.dates)
        return st.fixed_dictionaries(
            {"special": special, "maintenance": works, "recurring": recurring}
        )


@st.composite
def stores_near(
    draw: st.DrawFn, store_id: int | str, zone: str, scenario: Scenario, near: Near
) -> Store:
    """Draw one store; it may lack polls, hours and zone, but occurs in one table at least."""
    zones = st.sampled_from((zone, zone, zone, None, *ZONES))
    bare = Store(store_id, draw(zones), draw(near.weeks), null_zone=draw(st.booleans()))
    bare = replace(bare, **draw(near.exceptions))
    if draw(st.integers(0, 5)):
        starts = [span.start for span in scenario.spans(bare)]
        # Without a limit, any poll before the windows will do.
        back = scenario.rules.lookback
        earliest = min(starts) - (3 * DAY if back is None else micros_of(back))
        # Session edges near one end or the other: those of a whole month would only cost time.
        around = draw(st.sampled_from((scenario.now, min(starts), near.anchor)))
        marks = [scenario.now, near.anchor, earliest, *starts]
        marks += edges(bare, scenario.rules, around - DAY, around + DAY)
        drawn = polls(marks, max(earliest, scenario.now - 12 * DAY) - HOUR, scenario.now + HOUR)
        bare = replace(bare, polls=draw(drawn))
    occurs = bare.zone is not None or bare.rows or bare.polls
    return bare if occurs else replace(bare, null_zone=True)


def micros_of(length: timedelta) -> int:
    """Return a length in microseconds."""
    return length // timedelta(microseconds=1)


@st.composite
def scenarios(draw: st.DrawFn, *, changing: bool = False) -> Scenario:
    """Draw one to four stores, ``now`` near a change of the clocks, windows and a policy.

    Where it is ``changing``, hours may hold on some dates only, maintenance recur, and stores open
    and close for good; otherwise in half of the scenarios.
    """
    zone, anchor = draw(st.sampled_from(ANCHORS))
    bare = Scenario((), draw(nows(anchor)), draw(windows()), draw(rules_drawn), draw(spellings))
    ids: st.SearchStrategy[list[int | str]] = st.one_of(
        st.lists(st.sampled_from(IDS), min_size=1, max_size=4, unique=True),
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True),
    )
    near = Near(bare.now, anchor, changing=changing or draw(st.booleans()))
    stores = [draw(stores_near(each, zone, bare, near)) for each in draw(ids)]
    return replace(bare, stores=tuple(stores), **draw(near.exceptions))
