"""Keep a year: the settled timeline stays, and polls go when nobody needs them any more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import polars as pl
import sqlalchemy as sa

from store_uptime import (
    CalendarWindow,
    Inputs,
    Policy,
    Window,
    compute_timeline,
    load_sql,
    report_from_timeline,
)

from .database import BATCH_ROWS, engine, pieces, polls, read_many, spans, utc

WINDOWS: Mapping[str, Window | CalendarWindow] = {
    "last_30_days": Window("30d"),
    "last_month": CalendarWindow("month"),
    "last_quarter": CalendarWindow("quarter"),
    "last_year": CalendarWindow("year"),
}
WEEK = dt.timedelta(days=7)  # the longest window of the reports that are made from polls
LOOKBACK = dt.timedelta(days=1)
POLICY = Policy(lookback=LOOKBACK)
# No more polls at a time than a report over a week takes, however many there are. It has to be
# longer than max_gap: the last day of each step is not settled yet.
STEP = dt.timedelta(days=8)


class Span(NamedTuple):
    """One that is settled and kept."""

    number: int
    start: dt.datetime
    end: dt.datetime


def settle(delay: dt.timedelta) -> Iterator[dt.datetime]:
    """Keep what is settled and not kept yet, a step after the other; yield where each ends.

    A poll may arrive as late as `delay` after the latest one.
    """
    with engine(patient=True).connect() as connection:
        kept, polled = _kept(connection), _polled(connection)
    if polled is None:
        return
    first_poll, latest = polled
    number, start = (kept[-1].number + 1, kept[-1].end) if kept else (1, first_poll)
    while True:
        now = min(latest - delay, start + STEP)
        span = Span(number, start, POLICY.settled_until(now))
        if span.end <= start or not _keep(span, now):
            return
        yield span.end
        number, start = number + 1, span.end


def _keep(span: Span, now: dt.datetime) -> bool:
    """Keep a span with its pieces, or nothing; return whether no other run has kept it."""
    inputs = _load(span.start, now)
    timeline = compute_timeline(inputs, start=span.start, policy=POLICY, settled=True)
    rows = timeline.cast({"store_id": pl.String, "state": pl.String})
    rows = rows.rename({"start": "start_utc", "end": "end_utc"})
    with engine(patient=True).connect() as connection:
        try:
            connection.execute(spans.insert().values(span))
        except sa.exc.IntegrityError:
            return False
        for batch in rows.iter_slices(BATCH_ROWS):
            connection.execute(pieces.insert(), batch.to_dicts())
        connection.commit()
    return True


def clean(keep: dt.timedelta) -> int:
    """Delete the polls that are settled, needed by no report and older than `keep`; count them."""
    with engine(patient=True).begin() as connection:
        kept, polled = _kept(connection), _polled(connection)
        if not kept or polled is None:
            return 0
        # What is settled next begins where the last span ends, and looks back from there.
        _, now = polled
        until = min(kept[-1].end - LOOKBACK, now - WEEK - LOOKBACK, now - keep)
        return connection.execute(polls.delete().where(polls.c.timestamp_utc < until)).rowcount


def year_report() -> tuple[pl.DataFrame, dt.datetime]:
    """Compute the report over `WINDOWS` from what is settled and the polls since; say its end.

    A window is null as long as it may begin before the archive does.
    """
    with engine(patient=True).connect() as connection:
        kept, polled = _kept(connection), _polled(connection)
    if not kept:
        raise LookupError("Nothing is settled yet. Run: python -m flask_celery settle")
    first, end = kept[0].start, kept[-1].end
    if polled is None or polled[1] <= end:
        raise LookupError(f"No poll is later than what is settled, which ends at {end}.")
    _, now = polled
    begins = {name: _earliest(window, now) for name, window in WINDOWS.items()}
    covered = {name: window for name, window in WINDOWS.items() if begins[name] >= first}
    if not covered:
        raise LookupError(f"No window lies in what is settled, which begins at {first}.")
    inputs = _load(end, now)
    with engine(patient=True).connect() as connection:
        # Again, after the polls: those that were settled and cleaned meanwhile are in it.
        kept = _kept(connection)
    since = min(begins[name] for name in covered)
    start = max(span.start for span in kept if span.start <= since)
    report = report_from_timeline(
        _timeline(inputs, start, kept[-1].end),
        inputs.timezones,
        windows=covered,
        policy=POLICY,
        covers=(start, now),
    )
    columns = [f"{what}_{name}" for name in WINDOWS for what in ("uptime", "downtime")]
    nothing = {name: pl.lit(None, pl.Float64) for name in columns if name not in report.columns}
    return report.with_columns(**nothing).select("store_id", *columns), now


def _timeline(
    inputs: Inputs[pl.DataFrame], start: dt.datetime, settled_until: dt.datetime
) -> pl.DataFrame:
    tail = compute_timeline(inputs, start=settled_until, policy=POLICY)
    begin = pieces.c.start_utc
    settled = read_many(sa.select(pieces).where(begin >= start, begin < settled_until))
    settled = settled.rename({"start_utc": "start", "end_utc": "end"}).select(tail.columns)
    return pl.concat([settled.cast(tail.schema), tail])


def _load(start: dt.datetime, now: dt.datetime) -> Inputs[pl.DataFrame]:
    """Load what a timeline from `start` to `now` is made of."""
    return load_sql(
        engine(patient=True),
        special_hours="special_hours",
        maintenance="maintenance",
        now=now,
        windows={"timeline": Window(now - start)},
        policy=POLICY,
    )


def _kept(connection: sa.Connection) -> list[Span]:
    """Return the spans that are kept; each begins where the one before ends."""
    found = connection.execute(sa.select(spans).order_by(spans.c.number))
    return [Span(row.number, utc(row.start_utc), utc(row.end_utc)) for row in found]


def _polled(connection: sa.Connection) -> tuple[dt.datetime, dt.datetime] | None:
    """Return the earliest poll and the latest, of a clock that is not fast: where reports end."""
    at = polls.c.timestamp_utc
    taken = sa.select(sa.func.min(at), sa.func.max(at)).where(at <= dt.datetime.now(dt.UTC))
    first, latest = connection.execute(taken).one()
    return (utc(first), utc(latest)) if first else None


def _earliest(window: Window | CalendarWindow, now: dt.datetime) -> dt.datetime:
    """Return an instant before which the window begins in no zone."""
    return dt.datetime.fromtimestamp(window.earliest_us(now) // 1_000_000, dt.UTC)
