"""A slow witness for the report: it looks at the wall clock, and at nothing else.

Every instant at which anything *can* change for one store is collected, the line of time is cut
there, and of every piece the left end is asked three questions: what does the clock on the wall
read, is that inside the hours, which poll speaks.  All intervals of the specification are closed
on the left, so the left end stands for its whole piece.  Cutting too often costs time and changes
nothing; that is why the cuts may be generous and the answers simple.

Instants are UTC microseconds since 1970 (plain integers), times of day microseconds since
midnight.  No polars, no interval algebra, no daylight-saving rule: only ``datetime``, ``zoneinfo``
(reading the files of the tzdata *package*) and integers, so that a mistake here and the same
mistake in the library would have to be made twice, in two different ways.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from support.wall_clock import DAY, offset, tod, transitions, wall_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

ALL_DAY = ((0, DAY),)


class DatedRow(NamedTuple):
    """A weekly row, and the local dates on which it holds: ordinals, ``None`` without limit."""

    day: int
    start: int
    end: int
    valid_from: int | None = None
    valid_until: int | None = None


Row = tuple[int, int, int] | DatedRow
"""A weekly row: day of the week (0 = Monday), start, end, the times as written; perhaps dates."""
Hours = tuple[tuple[int, int], ...]
"""Starts and ends, as microseconds since the midnight of one date."""
Poll = tuple[int, bool]
"""An instant, and whether the store was up."""


@dataclass(frozen=True)
class Store:
    """One store as the tables tell it.

    ``zone=None`` is a store without a usable row in ``timezones``; ``null_zone`` says that the row
    exists and holds a null.  ``special`` maps a local date's ordinal to the hours that replace the
    weekly ones (empty: closed all day); ``maintenance`` holds closed UTC intervals, one end of which
    may be ``None``; ``recurring`` is the maintenance of every week.
    """

    store_id: int | str
    zone: str | None = "UTC"
    rows: tuple[Row, ...] = ()
    polls: tuple[Poll, ...] = ()
    null_zone: bool = False
    special: Mapping[int, Hours] = field(default_factory=dict, hash=False)
    maintenance: tuple[tuple[int | None, int | None], ...] = ()
    recurring: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Rules:
    """The choices of ``Policy``, spelled again so that the witness imports nothing."""

    interpolation: str = "nearest"
    evidence: str = "open"
    backfill: bool = True
    max_gap: timedelta | None = timedelta(days=1)
    lookback: timedelta | None = timedelta(days=1)
    missing_days: str = "closed"
    snap_midnight: bool = True
    default_timezone: str = "America/Chicago"


@dataclass(frozen=True)
class Span:
    """A window as a pair of instants."""

    start: int
    end: int
    ends_at_now: bool = True


@dataclass(frozen=True)
class Totals:
    """What a report says of one store and one window, in microseconds (``polls``: a count)."""

    uptime: int = 0
    downtime: int = 0
    unknown: int = 0
    scheduled: int = 0
    uptime_min: int = 0
    uptime_max: int = 0
    polls: int = 0


# --- when a store is open ------------------------------------------------------------------------


def day_hours(store: Store, rules: Rules, ordinal: int) -> Hours:
    """Return the hours that start on a local date."""
    if ordinal in store.special:
        return tuple(_whole(a, b, rules) for a, b in store.special[ordinal])
    if not store.rows:
        return ALL_DAY
    listed = {row.day for row in _valid(store.rows, ordinal)}
    if listed and _weekday(ordinal) not in listed and rules.missing_days == "open":
        return ALL_DAY
    return weekly_hours(store.rows, rules, ordinal)


def weekly_hours(rows: Iterable[Row], rules: Rules, ordinal: int) -> Hours:
    """Return what weekly rows say of a local date, of hours and of maintenance alike."""
    today = _weekday(ordinal)
    whole = [(row.day, *_whole(row.start, row.end, rules)) for row in _valid(rows, ordinal)]
    # A row from 24:00 on starts on the day after its own.
    late = [(0, end - DAY) for day, a, end in whole if a == DAY and (day + 1) % 7 == today]
    return (*((a, end) for day, a, end in whole if a < DAY and day == today), *late)


def _weekday(ordinal: int) -> int:
    return date.fromordinal(ordinal).weekday()


def _valid(rows: Iterable[Row], ordinal: int) -> list[DatedRow]:
    dated = [DatedRow(*row) for row in rows]
    return [
        row
        for row in dated
        if (row.valid_from is None or row.valid_from <= ordinal)
        and (row.valid_until is None or ordinal < row.valid_until)
    ]


def _whole(start: int, end: int, rules: Rules) -> tuple[int, int]:
    """Read a row: midnight as an end is 24:00, and an end not after its start is tomorrow's."""
    if end == 0 or (rules.snap_midnight and end >= tod("23:59")):
        end = DAY
    return start, (end if end > start else end + DAY)


def zone_of(store: Store, rules: Rules) -> str:
    """Return the zone the store's clock hangs in."""
    return store.zone if store.zone is not None else rules.default_timezone


def is_open(store: Store, rules: Rules, us: int) -> bool:
    """Ask whether the wall clock reads a time inside the hours, and inside no maintenance."""
    if any((a is None or a <= us) and (b is None or us < b) for a, b in store.maintenance):
        return False
    today, clock = wall_clock(zone_of(store, rules), us)
    if _covers(partial(weekly_hours, store.recurring, rules), today, clock):
        return False
    return _covers(partial(day_hours, store, rules), today, clock)


def _covers(hours_of: Callable[[int], Hours], today: int, clock: int) -> bool:
    """Ask whether a time of today lies inside today's hours, or last night's."""
    if any(start <= clock < end for start, end in hours_of(today)):
        return True
    return any(start <= clock + DAY < end for start, end in hours_of(today - 1))


def edges(store: Store, rules: Rules, low: int, high: int) -> list[int]:
    """Collect the instants in ``[low, high]`` at which the store may open or close."""
    zone = zone_of(store, rules)
    shifts = transitions(zone, low - 2 * DAY, high + 2 * DAY)
    offsets = {offset(zone, us) for us in (low - 2 * DAY, *shifts)}
    days = range(low // DAY - 2, high // DAY + 3)
    clocks = {0} | {us % DAY for pair in _written_times(store, rules) for us in pair}
    found = {day * DAY + clock - shift for day in days for clock in clocks for shift in offsets}
    found.update(shifts, (us for pair in store.maintenance for us in pair if us is not None))
    return sorted(us for us in found if low <= us <= high)


def _written_times(store: Store, rules: Rules) -> Iterable[tuple[int, int]]:
    for _, start, end, *_ in (*store.rows, *store.recurring):
        yield _whole(start, end, rules)
    yield from (_whole(a, b, rules) for hours in store.special.values() for a, b in hours)


# --- what the polls say --------------------------------------------------------------------------


def evidence_of(store: Store, rules: Rules, first_start: int, now: int) -> list[Poll]:
    """Return the polls that may speak, in order, one an instant (inactive wins)."""
    back = None if rules.lookback is None else rules.lookback // timedelta(microseconds=1)
    states: dict[int, bool] = {}
    for us, up in store.polls:
        speaks = (back is None or first_start - back <= us) and us <= now
        if speaks and (rules.evidence == "all" or is_open(store, rules, us)):
            states[us] = states.get(us, True) and up
    return sorted(states.items())


def _gap(rules: Rules) -> int | None:
    return None if rules.max_gap is None else rules.max_gap // timedelta(microseconds=1)


def speaker(known: Sequence[Poll], rules: Rules, us: int) -> Poll | None:
    """Return the piece of evidence that speaks for an instant, if one does."""
    index = bisect_right(known, us, key=lambda poll: poll[0])
    earlier = known[index - 1] if index else None
    later = known[index] if index < len(known) else None
    chosen = _choose(earlier, later, rules, us)
    gap = _gap(rules)
    if chosen is None or gap is None:
        return chosen
    near = us - chosen[0] < gap if chosen[0] <= us else chosen[0] - us <= gap
    return chosen if near else None


def _choose(earlier: Poll | None, later: Poll | None, rules: Rules, us: int) -> Poll | None:
    if earlier is None:
        return later if rules.backfill else None
    if later is None or rules.interpolation == "previous":
        return earlier
    if rules.interpolation == "next":
        return later
    return earlier if us < (earlier[0] + later[0]) // 2 else later


def agreement(known: Sequence[Poll], us: int) -> bool | None:
    """Return the state on which the neighbours on both sides agree, else ``None``."""
    index = bisect_right(known, us, key=lambda poll: poll[0])
    if index in (0, len(known)) or known[index - 1][1] != known[index][1]:
        return None
    return known[index][1]


# --- the sum -------------------------------------------------------------------------------------


def measure(store: Store, rules: Rules, now: int, spans: Sequence[Span]) -> list[Totals]:
    """Return the totals of every window of one store."""
    known = evidence_of(store, rules, min(span.start for span in spans), now)
    pieces = _pieces(store, rules, known, spans)
    return [_sum(pieces, known, span) for span in spans]


@dataclass(frozen=True)
class Piece:
    """Open time within which nothing changes: its state, and what both neighbours agree on."""

    start: int
    end: int
    state: bool | None
    agreed: bool | None


def _pieces(
    store: Store, rules: Rules, known: Sequence[Poll], spans: Sequence[Span]
) -> list[Piece]:
    low, high = min(span.start for span in spans), max(span.end for span in spans)
    cuts = {us for span in spans for us in (span.start, span.end)}
    cuts.update(edges(store, rules, low, high), _poll_cuts(known, rules))
    pieces = []
    for start, end in pairwise(sorted(us for us in cuts if low <= us <= high)):
        if is_open(store, rules, start):
            voice = speaker(known, rules, start)
            agreed = agreement(known, start) if voice else None
            pieces.append(Piece(start, end, voice[1] if voice else None, agreed))
    return pieces


def _poll_cuts(known: Sequence[Poll], rules: Rules) -> set[int]:
    gap = _gap(rules) or 0
    cuts = {us + shift for us, _ in known for shift in (-gap, 0, gap)}
    return cuts | {(a + b) // 2 for (a, _), (b, _) in pairwise(known)}


def _sum(pieces: Iterable[Piece], known: Sequence[Poll], span: Span) -> Totals:
    inside = [piece for piece in pieces if span.start <= piece.start < span.end]

    def length(*, state: bool | None) -> int:
        return sum(piece.end - piece.start for piece in inside if piece.state is state)

    def agreed(*, state: bool) -> int:
        return sum(piece.end - piece.start for piece in inside if piece.agreed is state)

    scheduled = sum(piece.end - piece.start for piece in inside)
    times = [us for us, _ in known if span.start <= us <= span.end]
    return Totals(
        uptime=length(state=True),
        downtime=length(state=False),
        unknown=length(state=None),
        scheduled=scheduled,
        uptime_min=agreed(state=True),
        uptime_max=scheduled - agreed(state=False),
        polls=sum(1 for us in times if us < span.end or span.ends_at_now),
    )


# --- the timeline --------------------------------------------------------------------------------

States = list[tuple[int, int, bool | None]]


@dataclass(frozen=True)
class Outage:
    """One outage as a timeline tells it, and the polls next to it."""

    start: int
    end: int
    downtime: int
    ongoing: bool
    elapsed: int
    last_poll_before: int | None
    first_poll_after: int | None
    recovered: bool


def timeline(store: Store, rules: Rules, now: int, start: int) -> States:
    """Return start, end and state of every stretch of open time, as long as each can be."""
    known = evidence_of(store, rules, start, now)
    found: States = []
    for piece in _pieces(store, rules, known, [Span(start, now)]):
        if found and found[-1][1:] == (piece.start, piece.state):
            found[-1] = (found[-1][0], piece.end, piece.state)
        else:
            found.append((piece.start, piece.end, piece.state))
    return found


def outages(store: Store, rules: Rules, now: int, start: int) -> list[Outage]:
    """Walk along the timeline, and call every unbroken run of downtime an outage."""
    known = evidence_of(store, rules, start, now)
    stretches = timeline(store, rules, now, start)
    found: list[Outage] = []
    run: list[tuple[int, int]] = []
    for place, (begin, end, state) in enumerate(stretches):
        run = [*run, (begin, end)] if state is False else []
        last = place == len(stretches) - 1
        if run and (last or stretches[place + 1][2] is not False):
            # Where the store is next seen open, or looked at for the last time.
            voice = speaker(known, rules, now if last else stretches[place + 1][0])
            found.append(_outage(run, known, now, says_up=voice[1] if voice else None))
    return found


def _outage(
    run: Sequence[tuple[int, int]], known: Sequence[Poll], now: int, *, says_up: bool | None
) -> Outage:
    start, end = run[0][0], run[-1][1]
    ongoing = says_up is False  # before other open time it would be part of the run
    before = [us for us, up in known if us < start or (us == start and up)]
    after = [us for us, up in known if us > end or (us == end and up)]
    return Outage(
        start,
        end,
        sum(b - a for a, b in run),
        ongoing,
        (now if ongoing else end) - start,
        max(before, default=None),
        None if ongoing else min(after, default=None),
        says_up is True and end < now,
    )
