"""What is computed from a timeline: from the arguments of a call to its result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from store_uptime._calls import Found, check_instants
from store_uptime._engine.reports import Progress
from store_uptime._engine.timeline_outages import list_timeline_outages
from store_uptime._engine.timeline_reports import Asked, ask, make_timeline_reports
from store_uptime._tables.contract import TABLES
from store_uptime._tables.given import Source
from store_uptime._tables.ids import common_id_dtype, refuse_foreign_ids, with_text_ids
from store_uptime._tables.rows import empty_rows
from store_uptime._tables.timeline_rows import Pieces, read_pieces, refuse_outside
from store_uptime._tables.timezones import read_timezones
from store_uptime._time.instants import check_instant, from_microseconds, microseconds
from store_uptime.errors import PolicyError, SchemaError
from store_uptime.policy import (
    Policy,
    check_batch,
    check_flag,
    check_policy,
    check_progress,
)
from store_uptime.windows import AnyWindow, CalendarWindow, check_windows

Covered = tuple[dt.datetime, dt.datetime]

_ZONES = TABLES["timezones"]
_GIVE_A_SPAN = "Give (start, end), the span for which the timeline was made."


def timeline_report_on(
    timeline: object,
    timezones: object,
    now: object,
    *,
    at: object,
    windows: Mapping[str, AnyWindow],
    policy: Policy,
    covers: object,
    detail: bool,
    batch_stores: int | None,
    progress: Progress | None,
) -> Found:
    """Return the report, or with `at` the history, as `report_from_timeline` describes it."""
    nows = _check_nows(now, at)
    check_flag(detail, "detail")
    chosen = check_windows(windows, detail=detail)
    check_batch(batch_stores)
    check_progress(progress)
    check_policy(policy)
    told = check_covers(covers)
    if timezones is None and any(isinstance(each, CalendarWindow) for each in chosen.values()):
        raise PolicyError(
            "is needed for calendar windows",
            table="timezones",
            remedy="Give the zones of the stores. A table without rows puts all of them into "
            "Policy.default_timezone.",
            code="no_timezones",
        )
    pieces, zones = read_timeline(timeline, timezones)
    span = told or _span_of(pieces)
    nows = nows or [_end_of(span)]
    asked = ask(pieces, zones, policy.default_timezone, chosen, nows)
    outside = _outside(asked, span)
    if told is not None:
        _refuse_outside(outside, told, pieces)
    reports, coverage = make_timeline_reports(
        pieces, asked, detail=detail, batch_stores=batch_stores, progress=progress
    )
    if at is None:
        reports.drop_in_place("now")
    return reports, coverage.facts_of_timeline(span, outside, max(nows))


def timeline_outages_on(timeline: object, covers: object) -> pl.DataFrame:
    """Return the outages, as `outages_from_timeline` describes them."""
    told = check_covers(covers)
    pieces, _ = read_timeline(timeline, None)
    if told is not None:
        refuse_outside(pieces, *map(microseconds, told))
    span = told or _span_of(pieces)
    return list_timeline_outages(pieces, None if span is None else microseconds(span[1]))


# --- arguments ------------------------------------------------------------------------------------


def _check_nows(now: object, at: object) -> list[dt.datetime] | None:
    if at is None:
        return None if now is None else [check_instant(now)]
    if now is not None:
        raise PolicyError(
            "given beside at",
            table="now",
            values=[now],
            remedy="Give now for one report, or at for a history.",
            code="now_beside_at",
        )
    return check_instants(at)


def check_covers(covers: object) -> Covered | None:
    """Return the span that is told, two instants, or raise."""
    if covers is None:
        return None
    if not isinstance(covers, Sequence) or isinstance(covers, str) or len(covers) != 2:  # noqa: PLR2004
        raise PolicyError(
            "must be a pair of instants",
            table="covers",
            values=[covers],
            remedy=_GIVE_A_SPAN,
            code="not_a_span",
        )
    start, end = (check_instant(each, table="covers") for each in covers)
    if start >= end:
        raise PolicyError(
            "does not end after its start",
            table="covers",
            values=list(covers),
            remedy=_GIVE_A_SPAN,
            code="end_before_start",
        )
    return start, end


def read_timeline(timeline: object, timezones: object) -> tuple[Pieces, pl.DataFrame]:
    """Return the pieces, and `store_id` and `timezone_str` (null: the default) of the zones."""
    source = with_text_ids(Source(timeline, "timeline"))
    sources = {"timeline": source}
    if timezones is not None:
        sources["timezones"] = with_text_ids(Source(timezones, "timezones"))
    id_dtype = common_id_dtype(sources)
    if timezones is None:
        zones = empty_rows(_ZONES, id_dtype)
    else:
        refuse_foreign_ids(sources["timezones"], id_dtype, of="timeline")
        zones = read_timezones(sources["timezones"], _ZONES, id_dtype)
    return read_pieces(source, id_dtype), zones


# --- the span that a timeline covers --------------------------------------------------------------


def _span_of(pieces: Pieces) -> Covered | None:
    if pieces.first is None or pieces.last is None:
        return None
    return from_microseconds(pieces.first), from_microseconds(pieces.last)


def _end_of(span: Covered | None) -> dt.datetime:
    if span is None:
        raise SchemaError(
            "no pieces to take now from",
            table="timeline",
            remedy="Give {option} to say when to end.",
            option="now=...",
            code="no_pieces",
        )
    return span[1]


def _outside(asked: Asked, span: Covered | None) -> list[str]:
    if span is None:
        return list(asked.windows)
    return asked.outside(*map(microseconds, span))


def _refuse_outside(windows: Sequence[str], covers: Covered, pieces: Pieces) -> None:
    start, end = covers
    if windows:
        raise PolicyError(
            "begins before what the timeline covers, or ends after it",
            table="windows",
            values=windows,
            remedy=f"It covers {start.isoformat()} to {end.isoformat()}.",
            code="window_not_covered",
        )
    refuse_outside(pieces, microseconds(start), microseconds(end))
