"""What the public functions share: from the arguments of a call to its result.

Each returns what is known of it too, which the public functions warn of where it is little, and the
command line tells always.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from store_uptime._engine.batches import Batch, make_batches
from store_uptime._engine.coverage import Coverage
from store_uptime._engine.outage_rates import fit_rates
from store_uptime._engine.pieces import open_pieces
from store_uptime._engine.poll_worth import GapSums, describe_batch
from store_uptime._engine.reports import Progress, Watch, make_reports
from store_uptime._engine.states import UNKNOWN
from store_uptime._tables.gather import Given
from store_uptime._tables.rates import check_uncertainty
from store_uptime._tables.read import Tables, now_at_latest, read_tables
from store_uptime._time.instants import check_instant, from_microseconds, microseconds
from store_uptime.errors import PolicyError
from store_uptime.inputs import AnyTable
from store_uptime.notices import CoverageWarning
from store_uptime.policy import (
    Policy,
    check_batch,
    check_flag,
    check_policy,
    check_progress,
    refuse_changes,
)
from store_uptime.windows import AnyWindow, Window, check_windows, earliest_start

Found = tuple[pl.DataFrame, CoverageWarning]

TIMELINE = "timeline"
"""The name of the one window of a timeline."""

_WEEK = Window("7d")


def with_warning(found: Found) -> pl.DataFrame:
    """Return what was found; warn the one who called a public function if little is known."""
    result, facts = found
    if facts.is_due:
        warnings.warn(facts, stacklevel=3)
    return result


def report_on(given: Given, now: object, **options: Any) -> Found:
    """Return the report at `now`, as `compute_report` describes it."""
    instant = given.now_for(now)
    reports, facts = _reports(given, None if instant is None else [instant], **options)
    reports.drop_in_place("now")
    return reports, facts


def history_on(given: Given, at: object, **options: Any) -> Found:
    """Return the reports at the instants `at`, as `compute_history` describes them."""
    reports, facts = _reports(given, check_instants(at), **options)
    return reports.sort("now", "store_id"), facts


def _reports(
    given: Given,
    nows: list[dt.datetime] | None,
    *,
    windows: Mapping[str, AnyWindow],
    policy: Policy,
    detail: bool,
    uncertainty: bool = False,
    rates: AnyTable | None = None,
    batch_stores: int | None,
    progress: Progress | None,
    watch: Watch | None = None,
) -> Found:
    check_flag(detail, "detail")
    check_flag(uncertainty, "uncertainty")
    chosen = check_windows(windows, detail=detail, uncertainty=uncertainty)
    check_batch(batch_stores)
    check_progress(progress)
    check_policy(policy)
    fitted = check_uncertainty(uncertainty, rates, policy)
    tables = read_tables(given.tables)
    nows = nows or [now_at_latest(tables.polls.last)]
    for now in (min(nows), max(nows)):
        given.check_span(earliest_start(chosen, now), now, policy)
    reports, coverage = make_reports(
        tables,
        nows,
        chosen,
        policy,
        detail=detail,
        uncertainty=uncertainty,
        rates=fitted,
        batch_stores=batch_stores,
        progress=progress,
        watch=watch,
    )
    return reports, coverage.facts(max(nows))


def check_instants(at: object) -> list[dt.datetime]:
    """Return the instants of a history, or raise."""
    if isinstance(at, (str, dt.datetime)) or not isinstance(at, Iterable):
        problem, values = "must be a list of instants", [at]
    else:
        instants = [check_instant(instant, table="at") for instant in at]
        if instants:
            return instants
        problem, values = "no instants", []
    remedy = "Give a list of aware datetimes or ISO 8601 strings, or every('1d', start=, end=)."
    raise PolicyError(problem, table="at", values=values, remedy=remedy, code="no_instants")


def pieces_on(
    compute: Callable[[Batch, pl.DataFrame, pl.DataFrame], pl.DataFrame],
    given: Given,
    now: object,
    *,
    start: object,
    policy: Policy,
    batch_stores: int | None,
    progress: Progress | None,
    settled: bool = False,
) -> Found:
    """Return what `compute` makes of the pieces of open time from `start` to `now`.

    Those that are `settled` end earlier, as `Policy.settled_until` says.
    """
    check_flag(settled, "settled")
    tables, first, until = _tables_and_span(given, now, start, policy, batch_stores, progress)
    given.check_span(first, until, policy)
    end = microseconds(_settled_end(policy, first, until) if settled else until)
    coverage, found = Coverage([TIMELINE]), []
    # Stores are numbered in the order of their ids, so what the batches give is in order.
    for batch in make_batches(
        tables, first, microseconds(until), policy, coverage, batch_stores=batch_stores
    ):
        states, pieces = open_pieces(batch, first, end)
        _cover_pieces(coverage, pieces)
        found.append(compute(batch, states, pieces))
        if progress is not None:
            progress(coverage.stores, batch.of)
    return pl.concat(found), coverage.facts(until)


def polls_on(
    given: Given,
    now: object,
    *,
    start: object,
    policy: Policy,
    batch_stores: int | None,
    progress: Progress | None,
) -> tuple[pl.DataFrame, GapSums, CoverageWarning]:
    """Return what the polls from `start` to `now` are worth, as `describe_polls` describes it.

    With it come the gaps of all stores together, and the facts, by which no open time is known.
    """
    tables, first, until = _tables_and_span(given, now, start, policy, batch_stores, progress)
    policy = replace(policy, lookback=dt.timedelta(0))  # no poll before `start` is told of
    given.check_span(first, until, policy)
    coverage, found, sums = Coverage([TIMELINE]), [], GapSums()
    last = microseconds(until)
    for batch in make_batches(
        tables,
        first,
        last,
        policy,
        coverage,
        batch_stores=batch_stores,
        read_at=pl.Series([first, last]),
        keep_polls=True,
    ):
        described, own = describe_batch(batch)
        found.append(described)
        sums += own
        if progress is not None:
            progress(coverage.stores, batch.of)
    return pl.concat(found), sums, coverage.facts(until)


def rates_on(
    given: Given,
    now: object,
    *,
    start: object,
    policy: Policy,
    batch_stores: int | None,
    progress: Progress | None,
) -> pl.DataFrame:
    """Return the rates of outages from `start` to `now`, as `fit_outage_rates` describes them."""
    check_policy(policy)
    refuse_changes(policy, "policy")
    tables, first, until = _tables_and_span(given, now, start, policy, batch_stores, progress)
    given.check_span(first, until, policy)
    return fit_rates(
        tables,
        first,
        microseconds(until),
        policy,
        Coverage([TIMELINE]),
        batch_stores=batch_stores,
        progress=progress,
    )


def _tables_and_span(
    given: Given,
    now: object,
    start: object,
    policy: Policy,
    batch_stores: int | None,
    progress: Progress | None,
) -> tuple[Tables, int, dt.datetime]:
    """Check the arguments, and return the tables, where the span begins, and `now`."""
    until = given.now_for(now)
    since = None if start is None else check_instant(start, table="start")
    check_batch(batch_stores)
    check_progress(progress)
    check_policy(policy)
    tables = read_tables(given.tables)
    if until is None:
        until = now_at_latest(tables.polls.last)
    if since is not None and since >= until:
        raise PolicyError(
            "is not before now",
            table="start",
            values=[start],
            remedy=f"The span is [start, now), and now is {until.isoformat()}.",
            code="end_before_start",
        )
    return tables, start_of_span(since, until), until


def start_of_span(since: dt.datetime | None, until: dt.datetime) -> int:
    """Return where a span begins that ends at `until`: at `since`, or a week before its end."""
    return _WEEK.start_us(until) if since is None else microseconds(since)


def _settled_end(policy: Policy, first: int, until: dt.datetime) -> dt.datetime:
    """Return up to when a timeline from `first` on is settled, or raise `PolicyError`."""
    end = policy.settled_until(until)
    if first >= microseconds(end):
        raise PolicyError(
            "is not before the end of what is settled",
            table="start",
            values=[from_microseconds(first)],
            remedy=f"With polls up to {until.isoformat()} it is settled up to {end.isoformat()}.",
            code="end_before_start",
        )
    return end


def _cover_pieces(coverage: Coverage, pieces: pl.DataFrame) -> None:
    length, known = pieces["end"] - pieces["start"], pieces["state"] != UNKNOWN
    stores_known = pieces["i"].filter(known).n_unique()
    coverage.add(TIMELINE, length, length.filter(known), stores_known)
