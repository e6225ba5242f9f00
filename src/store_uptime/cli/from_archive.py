"""What some commands compute from a timeline alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from store_uptime._calls import TIMELINE
from store_uptime._results.timeline_calls import timeline_outages_on, timeline_report_on
from store_uptime.cli.archived import Archived, cut
from store_uptime.cli.looks import check_stores, zones_of
from store_uptime.cli.output import Result
from store_uptime.cli.results import Task, outages_result, report_result
from store_uptime.cli.spans import instants_of
from store_uptime.notices import CoverageWarning
from store_uptime.windows import Window


def result_from_archive(task: Task, archived: Archived) -> tuple[Result, CoverageWarning]:
    """Return what was asked for, and how much of it is known."""
    if task.args.store is not None:
        zones = [] if archived.timezones is None else [archived.timezones.lazy()]
        check_stores(task.args, [*zones, archived.timeline])
    return _COMPUTERS[task.args.name](task, archived)


def _archived_report(task: Task, archived: Archived) -> tuple[Result, CoverageWarning]:
    report, facts = timeline_report_on(
        archived.timeline,
        archived.timezones,
        task.args.now,
        at=None,
        covers=archived.covers,
        **task.report_options,
    )
    return report_result(report, ["store_id"], task), facts


def _archived_history(task: Task, archived: Archived) -> tuple[Result, CoverageWarning]:
    history, facts = timeline_report_on(
        archived.timeline,
        archived.timezones,
        None,
        at=instants_of(task.args, task.args.now or archived.covers.end),
        covers=archived.covers,
        **task.report_options,
    )
    return report_result(history, ["now", "store_id"], task), facts


def _archived_outages(task: Task, archived: Archived) -> tuple[Result, CoverageWarning]:
    part = cut(archived, task.args.start, task.args.now)
    outages = timeline_outages_on(part.timeline, part.covers)
    # How much is known, a report of one window says.
    start, end = part.covers
    options = task.report_options | {"windows": {TIMELINE: Window(end - start)}, "progress": None}
    _, facts = timeline_report_on(part.timeline, None, None, at=None, covers=part.covers, **options)
    zones: Mapping[str, str] = {}
    if task.args.local and part.timezones is not None:
        rows, default = part.timezones, task.policy.default_timezone
        zones = zones_of(rows["store_id"], rows["timezone_str"], default)
    return outages_result(outages, task, zones), facts


_COMPUTERS: Mapping[str, Callable[[Task, Archived], tuple[Result, CoverageWarning]]] = {
    "report": _archived_report,
    "history": _archived_history,
    "outages": _archived_outages,
}
