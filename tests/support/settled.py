"""Timelines in plain Python: how they are kept run by run, and what a report must say of them.

A piece is a tuple of its start, its end (UTC microseconds) and its state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import polars as pl
from hypothesis import strategies as st

from store_uptime import compute_timeline
from support.frames import UNIT_US, Lengths, frames, policy_of, spans_of
from support.oracle import Poll, Rules, Store, timeline
from support.strategies import ANCHORS, IDS, LENGTHS, NAMES, Scenario, micros_of, scenarios
from support.wall_clock import DAY, HOUR, MINUTE, instant

Piece = tuple[int, int, str]
Pieces = Mapping[int | str, Sequence[Piece]]

STATES = ("up", "down", "unknown")
DEFAULT_ZONE = "Pacific/Apia"
STATE_OF = {True: "up", False: "down", None: "unknown"}

# --- to and from frames ---------------------------------------------------------------------------


def timeline_frame(pieces: Pieces) -> pl.DataFrame:
    """Write pieces down as `compute_timeline` does."""
    rows = [(store_id, *piece) for store_id, own in pieces.items() for piece in own]
    time = pl.Datetime("us", "UTC")
    schema = {
        "store_id": id_type(pieces),
        "start": pl.Int64(),
        "end": pl.Int64(),
        "state": pl.Enum(STATES),
    }
    frame = pl.DataFrame(rows, schema, orient="row")
    return frame.with_columns(pl.col("start", "end").cast(time)).sort("store_id", "start")


def id_type(stores: Iterable[int | str]) -> pl.DataType:
    """Return the type of ids."""
    textual = any(isinstance(store_id, str) for store_id in stores)
    return pl.String() if textual else pl.Int64()


def pieces_in(frame: pl.DataFrame) -> dict[int | str, list[Piece]]:
    """Read the pieces of each store, in the order of their starts."""
    found: dict[int | str, list[Piece]] = {}
    plain = frame.with_columns(pl.col("start", "end").to_physical())
    for store_id, *piece in sorted(plain.rows()):
        found.setdefault(store_id, []).append(tuple(piece))
    return found


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Join neighbours that touch and have one state: a cut of time splits the piece it falls in."""
    found: list[Piece] = []
    for start, end, state in pieces:
        if found and found[-1][1:] == (start, state):
            found[-1] = (found[-1][0], end, state)
        else:
            found.append((start, end, state))
    return found


def clipped(pieces: Sequence[Piece], low: int, high: int) -> list[Piece]:
    """Return what lies in ``[low, high)``."""
    inside = [(max(start, low), min(end, high), state) for start, end, state in pieces]
    return [(start, end, state) for start, end, state in inside if start < end]


# --- a timeline that is kept run by run -----------------------------------------------------------


def reach_of(rules: Rules) -> int:
    """Return how far before it a poll may speak, by rules that settle."""
    return 0 if rules.interpolation == "previous" else micros_of(rules.max_gap or timedelta(0))


settling_gaps = (
    timedelta(days=1),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=30),
    timedelta(minutes=5, microseconds=3),
    timedelta(microseconds=1),
)


@st.composite
def settling_rules(draw: st.DrawFn) -> Rules:
    """Draw rules by which timelines settle."""
    gap = draw(st.sampled_from(settling_gaps))
    back = draw(st.sampled_from((gap, gap + timedelta(microseconds=1), timedelta(days=4), None)))
    others: dict[str, Any] = {
        "evidence": draw(st.sampled_from(("open", "all"))),
        "lookback": back,
        "missing_days": draw(st.sampled_from(("closed", "open"))),
        "snap_midnight": draw(st.booleans()),
    }
    if draw(st.booleans()):
        return Rules("nearest", backfill=True, max_gap=gap, **others)
    limit = gap if back is not None or draw(st.booleans()) else None
    return Rules("previous", backfill=False, max_gap=limit, **others)


Arrival = Callable[[Poll, int], bool]


def at_once(poll: Poll, now: int) -> bool:
    """Say that a poll has arrived if it is not after `now`."""
    return poll[0] <= now


@dataclass(frozen=True)
class Kept:
    """A scenario whose timeline is kept: from `start`, by runs at `nows`, the last at its `now`."""

    scenario: Scenario
    start: int
    nows: tuple[int, ...]

    def settled_until(self, now: int) -> int:
        """Return up to when it is settled with the polls up to `now`."""
        return now - reach_of(self.scenario.rules)

    def runs(self, arrived: Arrival = at_once) -> list[pl.DataFrame]:
        """Return what each run keeps, made only of polls that have arrived and are still there."""
        kept, start = [], self.start
        for now in self.nows:
            kept.append(self.made(start, now, arrived, settled=True))
            start = self.settled_until(now)
        return kept

    def made(
        self, start: int, now: int, arrived: Arrival = at_once, **options: Any
    ) -> pl.DataFrame:
        """Return a timeline over the polls from ``start - lookback`` on that have arrived."""
        back = self.scenario.rules.lookback
        first = None if back is None else start - micros_of(back)

        def is_there(poll: Poll) -> bool:
            return (first is None or first <= poll[0]) and arrived(poll, now)

        stores = [
            replace(store, polls=tuple(filter(is_there, store.polls)))
            for store in self.scenario.stores
        ]
        options = {"policy": policy_of(self.scenario.rules), **self.scenario.extra, **options}
        tables = frames(stores, self.scenario.spelling)
        return compute_timeline(*tables, instant(now), start=instant(start), **options)

    def expected(self) -> dict[int | str, list[Piece]]:
        """Return what the witness says of all polls, as far as it is settled."""
        rules, now = self.scenario.rules, self.scenario.now
        found = {}
        for store in self.scenario.told:
            states = timeline(store, rules, now, self.start)
            pieces = [(start, end, STATE_OF[up]) for start, end, up in states]
            if own := clipped(pieces, self.start, self.settled_until(now)):
                found[store.store_id] = own
        return found


def in_a_table(store: Store) -> Store:
    """Give a store a row in `timezones`: runs without its polls must know of it, too."""
    return store if store.zone is not None else replace(store, null_zone=True)


@st.composite
def rounds(draw: st.DrawFn, low: int, high: int, gap: int) -> tuple[Poll, ...]:
    """Draw polls that come again and again, within each other's reach or just out of it."""
    steps = (HOUR + 7 * MINUTE + 1, 5 * HOUR, 13 * HOUR, gap, 2 * gap, 2 * gap + 1)
    step = draw(st.sampled_from(steps))
    first = low + (high - low) * draw(st.integers(0, 1000)) // 1000
    states = draw(st.lists(st.booleans(), min_size=6, max_size=24))
    return tuple((first + number * step, up) for number, up in enumerate(states))


@st.composite
def kept_timelines(draw: st.DrawFn, *, windows: bool = False) -> Kept:
    """Draw a timeline, and when it was made; where there are `windows`, it covers them."""
    drawn = draw(scenarios())
    scenario = replace(drawn, rules=draw(settling_rules()))
    reach, gap = reach_of(scenario.rules), micros_of(scenario.rules.max_gap or timedelta(days=1))
    start = scenario.now - reach - draw(st.just(1) | st.integers(1, 9 * 24 * 60)) * MINUTE
    if windows:
        starts = [span.start for store in drawn.stores for span in scenario.spans(store)]
        start = min(starts) - draw(st.sampled_from((0, 1, DAY)))
    polled = rounds(max(start, scenario.now - 12 * DAY) - DAY, scenario.now, gap)
    stores = [
        replace(in_a_table(store), polls=store.polls + draw(polled)) for store in drawn.stores
    ]
    scenario = replace(scenario, stores=tuple(stores))
    low, high = start + reach, scenario.now
    # A run may begin, or have its `now`, where a poll is, or just where it no longer speaks.
    shifts = (-1, 0, 1, reach - 1, reach, reach + 1, reach + gap - 1, reach + gap)
    near = [us + shift for store in stores for us, _ in store.polls for shift in shifts]
    marks = [us for us in near if low < us < high]
    anywhere = st.integers(1, 1000).map(lambda part: high - (high - low) * (1000 - part) // 1000)
    cuts = anywhere | st.sampled_from(marks or [high])
    nows = draw(st.lists(cuts, max_size=5)) if low < high else []
    return Kept(scenario, start, tuple(sorted({*nows, high})))


# --- any timeline, and what a report must say of it -----------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """A timeline of any pieces, and what is asked of it; a store may have none."""

    pieces: dict[int | str, list[Piece]]
    zones: dict[int | str, str]
    now: int
    lengths: Lengths

    def expected(self, now: int) -> dict[int | str, list[tuple[int, int, int]]]:
        """Return uptime, downtime and unknown of each store in each window, piece by piece."""
        return {
            store_id: [
                sums_of(clipped(own, span.start, span.end))
                for span in spans_of(now, self.lengths, self.zones.get(store_id, DEFAULT_ZONE))
            ]
            for store_id, own in self.pieces.items()
            if store_id in self.stores
        }

    @property
    def stores(self) -> set[int | str]:
        """The stores that any table names."""
        return {store_id for store_id, own in self.pieces.items() if own or store_id in self.zones}

    @property
    def timezones(self) -> pl.DataFrame:
        """The table of zones."""
        schema = {"store_id": id_type(self.pieces), "timezone_str": pl.String()}
        return pl.DataFrame(list(self.zones.items()), schema, orient="row")


def sums_of(pieces: Sequence[Piece]) -> tuple[int, int, int]:
    """Return how long pieces are in each state."""
    up, down, unknown = (
        sum(end - start for start, end, state in pieces if state == each) for each in STATES
    )
    return up, down, unknown


def numbers_of(
    report: pl.DataFrame, lengths: Lengths
) -> dict[int | str, list[tuple[int, int, int]]]:
    """Read a detailed report back in microseconds; each number must be exactly of its unit."""
    found: dict[int | str, list[tuple[int, int, int]]] = {}
    for row in report.iter_rows(named=True):
        own = found.setdefault(row["store_id"], [])
        for name, (_, unit) in lengths.items():
            kinds = ("uptime", "downtime", "unknown")
            up, down, unknown = (round(row[f"{kind}_{name}"] * UNIT_US[unit]) for kind in kinds)
            whole = {"uptime": up, "downtime": down, "unknown": unknown}
            whole["scheduled"] = up + down + unknown
            assert all(row[f"{kind}_{name}"] == us / UNIT_US[unit] for kind, us in whole.items())
            ratio = up / (up + down) if up + down else None
            assert row[f"availability_{name}"] == ratio
            own.append((up, down, unknown))
    return found


@st.composite
def pieces_drawn(draw: st.DrawFn, marks: Sequence[int], low: int, high: int) -> list[Piece]:
    """Draw pieces between instants on marks and anywhere; some touch, some leave closed time."""
    near = st.sampled_from(marks) | st.integers(low, high)
    edges = sorted(draw(st.sets(near, min_size=2, max_size=12)))
    count = len(edges) - 1
    states = draw(st.lists(st.sampled_from((*STATES, None)), min_size=count, max_size=count))
    between = zip(pairwise(edges), states, strict=True)
    return [(start, end, state) for (start, end), state in between if state is not None]


@st.composite
def drawn_timelines(draw: st.DrawFn) -> Drawn:
    """Draw one to four stores, windows, and an instant near a change of the clocks."""
    zone, anchor = draw(st.sampled_from(ANCHORS))
    ids: list[int | str] = list(
        draw(
            st.lists(st.sampled_from(IDS), min_size=1, max_size=4, unique=True)
            | st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)
        )
    )
    now = anchor + draw(st.sampled_from((0, 1, HOUR, DAY, 7 * DAY)))
    lengths = draw(st.lists(st.sampled_from(LENGTHS), min_size=1, max_size=3))
    units = draw(st.lists(st.sampled_from(list(UNIT_US)), min_size=3, max_size=3))
    asked = {f"w{number}": pair for number, pair in enumerate(zip(lengths, units, strict=False))}
    edges = [edge for span in spans_of(now, asked, zone) for edge in (span.start, span.end)]
    marks = [edge + side for edge in edges for side in (-1, 0, 1)]
    low = min(edges) - DAY
    pieces = {each: draw(pieces_drawn(marks, low, now + DAY)) for each in ids}
    choices = st.sampled_from((zone, zone, "America/Chicago", None))
    zones = {each: named for each in ids if (named := draw(choices)) is not None}
    return Drawn(pieces, zones, now, asked)
