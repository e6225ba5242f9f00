"""What each command computes from polls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from store_uptime._calls import history_on, pieces_on, polls_on, report_on
from store_uptime._engine.outages import list_outages
from store_uptime._engine.pieces import list_pieces
from store_uptime._engine.poll_worth import GapSums
from store_uptime._tables.gather import Given, gather
from store_uptime._tables.read import Tables, now_at_latest, read_tables
from store_uptime.cli.looks import check_stores, zones_of
from store_uptime.cli.output import Result
from store_uptime.cli.results import Task, outages_result, pieces_result, report_result
from store_uptime.cli.sources import counted
from store_uptime.cli.spans import instants_of
from store_uptime.inputs import Inputs
from store_uptime.notices import CoverageWarning

_POLLS_BRIEF = ("store_id", "evidence", "median_gap", "longest_gap", "gap_ratio")
"""What a person sees of polls, beside the column that they are sorted by."""


@dataclass(frozen=True)
class PollTask:
    """What is asked for, and the tables to compute it from."""

    task: Task
    inputs: Inputs[pl.DataFrame | pl.LazyFrame]

    @property
    def given(self) -> Given:
        """The tables of the call."""
        return gather(self.inputs)

    @cached_property
    def tables(self) -> Tables:
        """The tables in canonical form."""
        return read_tables(self.given.tables)

    @property
    def now(self) -> dt.datetime:
        """Where to end."""
        given = self.given.now_for(self.task.args.now)
        return given or now_at_latest(self.tables.polls.last)

    @property
    def zones(self) -> Mapping[str, str]:
        """The zones by which times are told; none where they are told in UTC."""
        if not self.task.args.local:
            return {}
        rows = self.tables.timezones
        return zones_of(rows["store_id"], rows["zone"], self.task.policy.default_timezone)

    @property
    def piece_options(self) -> dict[str, Any]:
        """The options of all that has a start."""
        args = self.task.args
        return {
            # As text, so that a message shows it as it is typed.
            "start": args.start and args.start.isoformat(),
            "policy": self.task.policy,
            "batch_stores": args.batch_stores,
            "progress": self.task.console.draw,
        }


def result_from_polls(polled: PollTask) -> tuple[Result, CoverageWarning]:
    """Return what was asked for, and how much of it is known."""
    args = polled.task.args
    if args.store is not None:
        tables = polled.tables
        check_stores(args, (tables.timezones.lazy(), tables.hours.lazy(), tables.polls.ids))
    return _COMPUTE[args.name](polled)


def _report(polled: PollTask) -> tuple[Result, CoverageWarning]:
    task = polled.task
    if task.args.html is not None:
        return _report_with_page(polled)
    report, facts = report_on(polled.given, task.args.now, **task.poll_report_options)
    return report_result(report, ["store_id"], task), facts


def _report_with_page(polled: PollTask) -> tuple[Result, CoverageWarning]:
    # Most runs make no page.
    from store_uptime._html.contents import page_order  # noqa: PLC0415
    from store_uptime._html.write import DEFAULT_TARGET, make_page  # noqa: PLC0415

    task, args = polled.task, polled.task.args
    order = page_order(
        polled.given,
        polled.inputs,
        windows=task.windows,
        policy=task.policy,
        target=DEFAULT_TARGET if args.target is None else args.target,
        title=args.title,
    )
    options = task.poll_report_options
    how = {name: options[name] for name in ("uncertainty", "rates", "batch_stores", "progress")}
    page = make_page(polled.given, args.now, order, **how)
    result = report_result(page.behind.report, ["store_id"], task)
    return result._replace(page=page.content), page.behind.facts


def _history(polled: PollTask) -> tuple[Result, CoverageWarning]:
    task = polled.task
    instants = instants_of(task.args, polled.now)
    history, facts = history_on(polled.given, instants, **task.poll_report_options)
    return report_result(history, ["now", "store_id"], task), facts


def _outages(polled: PollTask) -> tuple[Result, CoverageWarning]:
    now, options = polled.task.args.now, polled.piece_options
    outages, facts = pieces_on(list_outages, polled.given, now, **options)
    return outages_result(outages, polled.task, polled.zones), facts


def _timeline(polled: PollTask) -> tuple[Result, CoverageWarning]:
    args, options = polled.task.args, polled.piece_options
    timeline, facts = pieces_on(
        list_pieces, polled.given, args.now, settled=args.settled, **options
    )
    return pieces_result(timeline, "piece", polled.task, polled.zones), facts


def _polls(polled: PollTask) -> tuple[Result, CoverageWarning]:
    task = polled.task
    described, sums, facts = polls_on(polled.given, task.args.now, **polled.piece_options)
    sorted_by = task.args.sort and task.args.sort.column.removesuffix("_seconds")
    columns = [name for name in described.columns if name in _POLLS_BRIEF or name == sorted_by]
    result = pieces_result(described, "store", task, polled.zones, columns)
    return result._replace(remark=_gap_ratio(sums)), facts


def _gap_ratio(sums: GapSums) -> str:
    if sums.ratio is None:
        return "no gap ratio of the fleet"
    gaps = counted(sums.count_inactive, "gap")
    return f"gap ratio {sums.ratio:.2f} of the fleet ({gaps} after inactive polls)"


_COMPUTE: Mapping[str, Callable[[PollTask], tuple[Result, CoverageWarning]]] = {
    "report": _report,
    "history": _history,
    "outages": _outages,
    "timeline": _timeline,
    "polls": _polls,
}
