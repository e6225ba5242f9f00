"""What other tools make of one store's polls: their rules in a few lines each, from their sources.

The sources are named on the page that shows the numbers, docs/comparison.md. All instants are
seconds since 1970, as most of these tools have them, and all results are hours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

HOUR = 3600
DAY = 24 * HOUR
ZONE = ZoneInfo("America/New_York")

Span = tuple[int, int]


class Poll(NamedTuple):
    """An instant, and whether the store was up."""

    at: int
    up: bool


class Input(NamedTuple):
    """One store: its polls in order, its hours of every day, a week, and when nobody polled."""

    polls: list[Poll]
    opens: int  # hours since midnight, on the wall
    closes: int
    monday: dt.date
    silent: Span

    def midnight(self, day: int) -> int:
        """Return the instant at which a day of the week begins, 0 = Monday."""
        date = self.monday + dt.timedelta(days=day)
        return int(dt.datetime(date.year, date.month, date.day, tzinfo=ZONE).timestamp())

    @property
    def week(self) -> Span:
        return self.midnight(0), self.midnight(7)

    @property
    def sessions(self) -> list[Span]:
        """The open hours, by the wall clock of each day."""
        dates = [self.monday + dt.timedelta(days=day) for day in range(7)]
        return [
            (
                int(dt.datetime(d.year, d.month, d.day, self.opens, tzinfo=ZONE).timestamp()),
                int(dt.datetime(d.year, d.month, d.day, self.closes, tzinfo=ZONE).timestamp()),
            )
            for d in dates
        ]


class Told(NamedTuple):
    """Hours up, down and neither; the percentage that the tool shows."""

    up: float
    down: float
    neither: float
    percent: float


def overlap(spans: Iterable[Span], others: Iterable[Span]) -> float:
    """Return the hours that lie in both."""
    others = list(others)
    shared = sum(max(0, min(b, d) - max(a, c)) for a, b in spans for c, d in others)
    return shared / HOUR


def held(store: Input, *, since: int | None = None) -> dict[bool, list[Span]]:
    """Return when each state holds, if every poll holds until the next one."""
    ends = [*(poll.at for poll in store.polls[1:]), store.week[1]]
    spans: dict[bool, list[Span]] = {True: [], False: []}
    for poll, end in zip(store.polls, ends, strict=True):
        if since is None or poll.at >= since:
            spans[poll.up].append((poll.at, end))
    return spans


def nagios_period(store: Input, start: int, end: int, *, always: bool) -> float:
    """Count the hours of a state that lie in the report period, as `avail.c` does.

    It takes the midnight of the local day on which the state begins, and every later midnight 86,400
    seconds after the one before; the hours of a day are seconds since its midnight.
    """
    if always:
        return (end - start) / HOUR
    local = dt.datetime.fromtimestamp(start, ZONE)
    midnight = int(local.replace(hour=0, minute=0, second=0).timestamp())
    counted = 0
    while midnight < end:
        first = max(store.opens * HOUR, start - midnight)
        last = min(store.closes * HOUR, end - midnight, DAY)
        counted += max(0, last - first)
        midnight += DAY
    return counted / HOUR


def nagios(store: Input, *, always: bool = False, assume_while_stopped: bool = True) -> Told:
    """Availability report of Nagios: each hard state holds until the next entry of the log."""
    entries = [(poll.at, "up" if poll.up else "down") for poll in store.polls]
    entries.append((store.silent[0], "stopped"))
    entries.sort(key=lambda entry: entry[0])  # stable: it stopped after the poll of that instant
    (first, last), hours = store.week, {"up": 0.0, "down": 0.0, "undetermined": 0.0}
    known = "undetermined"
    for (since, state), (until, _) in pairwise([*entries, (last, "end")]):
        if state != "stopped":
            known = state
        elif not assume_while_stopped:
            state = "undetermined"  # noqa: PLW2901, the name of the sum to add to
        start = max(since, first)
        if until > start:
            name = known if state == "stopped" else state
            hours[name] += nagios_period(store, start, until, always=always)
    total = nagios_period(store, first, last, always=always)
    neither = total - hours["up"] - hours["down"]
    return Told(hours["up"], hours["down"], neither, 100 * hours["up"] / total)


def icinga(store: Input, *, downtimes_when_closed: bool = False) -> Told:
    """`get_sla_ok_percent`: time is OK unless a problem state holds and no downtime is active."""
    week = [store.week]
    total, down = overlap(week, week), held(store)[False]
    problem = overlap(down, store.sessions if downtimes_when_closed else week)
    return Told(total - problem, problem, 0, 100 * (total - problem) / total)


def zabbix(store: Input) -> Told:
    """SLI of seven daily reporting periods, added up.

    A row of the schedule is seconds since Sunday, from the Sunday 00:00 before the period on.
    """
    up = down = 0.0
    states = held(store)
    for day in range(7):
        weekday = (day + 1) % 7  # since Sunday
        sunday = store.midnight(day - weekday)
        seconds = [weekday * DAY + hour * HOUR for hour in (store.opens, store.closes)]
        scheduled = [(sunday + seconds[0], sunday + seconds[1])]
        up += overlap(states[True], scheduled)
        down += overlap(states[False], scheduled)
    return Told(up, down, 0, 100 * up / (up + down))


def checkmk(store: Input) -> Told:
    """Each state holds, but not while the monitoring does not run; only service time counts."""
    first, last = store.silent
    cut = [
        piece
        for opened, closed in store.sessions
        for piece in ((opened, min(closed, first)), (max(opened, last), closed))
    ]
    states = held(store)
    up, down = overlap(states[True], cut), overlap(states[False], cut)
    silent = overlap([store.silent], store.sessions)
    return Told(up, down, silent, 100 * up / (up + down + silent))


def heartbeat_agg(store: Input, liveness: int, *, cut: bool = False) -> Told:
    """Live from each heartbeat (a poll that is up) for the liveness interval; else dead."""
    first, last = store.week
    live: list[Span] = []
    for beat in (poll.at for poll in store.polls if poll.up and first <= poll.at < last):
        bound = min(beat + liveness, last)
        if live and beat <= live[-1][1]:
            live[-1] = (live[-1][0], bound)
        else:
            live.append((beat, bound))
    spans = store.sessions if cut else [store.week]
    up, total = overlap(live, spans), overlap(spans, spans)
    return Told(up, total - up, 0, 100 * up / total)


def state_agg(store: Input, *, interpolated: bool = False) -> Told:
    """Each state lasts until the next row; interpolated: from the row before, to the end."""
    first, last = store.week
    inside = [poll for poll in store.polls if first <= poll.at < last]
    span = (first, last) if interpolated else (inside[0].at, inside[-1].at)
    states = held(store)
    up, down = overlap(states[True], [span]), overlap(states[False], [span])
    return Told(up, down, (last - first) / HOUR - up - down, 100 * up / (up + down))


def uptime_kuma(store: Input, *, maintenance_when_closed: bool = False) -> tuple[int, int]:
    """Count the beats up and down of 168 hours of UTC, the one of the end included."""
    newest = store.week[1] // HOUR * HOUR
    beats = [poll for poll in store.polls if newest - 167 * HOUR <= poll.at < newest + HOUR]
    if maintenance_when_closed:
        beats = [b for b in beats if any(start <= b.at < end for start, end in store.sessions)]
    up = sum(beat.up for beat in beats)
    return up, len(beats) - up


def prometheus(store: Input) -> tuple[int, int]:
    """`avg_over_time(up[7d])` at the end: the mean of the samples of the last 168 hours."""
    end = store.week[1]
    samples = [poll.up for poll in store.polls if end - 7 * DAY < poll.at <= end]
    return sum(samples), len(samples) - sum(samples)
