"""From the arguments to the exit code."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Mapping, Sequence

import polars as pl

from store_uptime._csv.groups import read_groups
from store_uptime._csv.lenient import stores_left_out, told_stores
from store_uptime._results.rounding import percent
from store_uptime._tables.rates import check_uncertainty
from store_uptime.cli.appending import append_file, begin_run, check_settles, span_to_add
from store_uptime.cli.archive import Archive, SettledSpan
from store_uptime.cli.archived import load_archived
from store_uptime.cli.arguments import PROGRAM, make_parser, policy_of, windows_of
from store_uptime.cli.console import Console, hold_handles
from store_uptime.cli.demo import show_demo
from store_uptime.cli.from_archive import result_from_archive
from store_uptime.cli.from_polls import PollTask, result_from_polls
from store_uptime.cli.output import Result, write_file, write_out, write_page, write_result
from store_uptime.cli.rate_files import load_rates
from store_uptime.cli.results import Task, try_groups
from store_uptime.cli.sources import (
    check_arguments,
    counted,
    counted_extra,
    counted_polls,
    load_tables,
)
from store_uptime.cli.typed_words import told, warned
from store_uptime.errors import PolicyError, StoreUptimeError
from store_uptime.inputs import REJECTED_SCHEMA
from store_uptime.notices import CoverageWarning
from store_uptime.windows import AnyWindow

__all__ = ["main"]

_FAILED = 1
_BELOW = 3
_INTERRUPTED = 130
_BROKEN_PIPE = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    argv
        The arguments after the program's name; ``None`` takes them from ``sys.argv``.

    Returns
    -------
    int
        0 when all went well, 1 for unusable data or files and for output that could not be
        written, 3 for an availability below ``--fail-below``, 130 when interrupted, 141 when the
        reader of the output went away.

    Raises
    ------
    SystemExit
        For ``--help`` and ``--version`` (code 0), and for arguments that make no sense (code 2).
    """
    hold_handles()
    console = Console(sys.stderr)
    try:
        code = _run(argv, console)
    except BrokenPipeError:
        return _BROKEN_PIPE
    except KeyboardInterrupt:
        code = _fail("interrupted", _INTERRUPTED, console)
    except (StoreUptimeError, OSError) as error:
        code = _fail(told(error), _FAILED, console)
    # What could not be said is lost, and somebody may need it.
    return code or (_FAILED if console.lost else 0)


def _fail(message: str, code: int, console: Console) -> int:
    console.say(f"{PROGRAM}: error: {message}")
    return code


def _run(argv: Sequence[str] | None, console: Console) -> int:
    parser, commands = make_parser()
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        commands[args.name].refuse_unknown(unknown)
    if "name" not in args:
        write_out(parser.format_help())
        return 0
    if args.name == "demo":
        show_demo(args.folder)
        return 0
    try:
        return _compute(args, console)
    except PolicyError as error:
        commands[args.name].error(told(error))


def _compute(args: argparse.Namespace, console: Console) -> int:
    """Do what all commands but the demo do."""
    console.quiet = args.quiet
    policy, windows = policy_of(args), windows_of(args)
    if args.settled:
        check_settles(policy)
    check_arguments(args)
    rates = None if args.rates is None else load_rates(args.rates)
    check_uncertainty(args.uncertainty, rates, policy)
    groups, left_out = _load_groups(args, windows)
    task = Task(args, groups, windows, policy, console, rates)
    if args.timeline is not None:
        return _from_archive(task)
    archive = None if args.append is None else begin_run(args)
    if archive is not None and args.now is not None and not _span_of_run(task, archive, args.now):
        return 0
    inputs = load_tables(args, windows, policy, console)
    _tell_rejected(args, pl.concat([left_out, inputs.rejected]), console)
    return _from_polls(PollTask(task, inputs), archive)


def _from_archive(task: Task) -> int:
    task.console.begin(f"reading {task.args.timeline}")
    archived = load_archived(task.args)
    start, end = archived.covers
    source = f"{counted(archived.count, 'piece')} from {_utc(start)} to {_utc(end)}"
    task.console.begin(f"computing from {source}")
    result, facts = result_from_archive(task, archived)
    where = write_result(result, task.args.output, task.console)
    return _finish(task, result, facts, source, where)


def _from_polls(polled: PollTask, archive: Archive | None) -> int:
    task, inputs = polled.task, polled.inputs
    span = None if archive is None else _span_of_run(task, archive, polled.now)
    if archive is not None and span is None:
        return 0
    polls, extra = counted_polls(inputs), counted_extra(inputs)
    task.console.begin(f"computing from {polls}{extra}")
    result, facts = result_from_polls(polled)
    if archive is None or span is None:
        where = _write(task, result)
    else:
        where = f", written to {append_file(archive, span, result.frame)}"
    return _finish(task, result, facts, f"{polls}{_span(facts)}{extra}", where)


def _write(task: Task, result: Result) -> str:
    """Put the result where it was asked for: with a page, only there and where else is named."""
    args, page = task.args, ""
    if args.html is not None:
        page = write_page(result.page, args.html, task.console)
    if args.html is not None and args.output is None:
        return page
    return f"{page}{write_result(result, args.output, task.console)}"


def _span_of_run(task: Task, archive: Archive, now: dt.datetime) -> SettledSpan | None:
    """Return the span to add to the archive; say so if there is none."""
    span = span_to_add(task.args, archive, task.policy, now)
    if span is None:
        end, took = _utc(archive.covers.end), f"{task.console.seconds:.1f} s"
        text = f"nothing to add: {archive.folder} is settled up to {end}, now = {_utc(now)}, {took}"
        task.console.note(text)
    return span


def _finish(task: Task, result: Result, facts: CoverageWarning, source: str, where: str) -> int:
    """Say what there is to say of a result, and return the exit code."""
    console = task.console
    if facts.is_due:
        console.say(f"{PROGRAM}: warning: {warned(facts)}")
    rows = counted(result.frame.height, result.noun)
    remark, now = result.remark or _known(facts), _utc(facts.now)
    if task.args.settled:
        remark = f"{remark}, settled up to {_utc(task.policy.settled_until(facts.now))}"
    console.note(f"{rows}, {source}, {remark}, now = {now}, {console.seconds:.1f} s{where}")
    if not result.missed:
        return 0
    console.say(f"{PROGRAM}: failed: {result.missed}")
    return _BELOW


def _load_groups(
    args: argparse.Namespace, windows: Mapping[str, AnyWindow]
) -> tuple[pl.DataFrame | None, pl.DataFrame]:
    """Return the groups, if there are any, and the rows of them that are left out."""
    if args.by is None:
        return None, REJECTED_SCHEMA.to_frame()
    groups, rejected = read_groups(args.by, strict=not args.lenient)
    try_groups(groups, windows, args)
    return groups, rejected


def _tell_rejected(args: argparse.Namespace, rejected: pl.DataFrame, console: Console) -> None:
    if not args.lenient:
        return
    tell = console.say if rejected.height else console.note
    by_table = rejected.group_by("table").len().sort("table").rows()
    tables = ", ".join(f"{table} {count:,}" for table, count in by_table)
    tell(f"left out {counted(rejected.height, 'unusable row')}{tables and f': {tables}'}")
    if stores := stores_left_out(rejected):
        tell(told_stores(stores))
    if args.rejected:
        write_file(rejected, args.rejected)


def _span(facts: CoverageWarning) -> str:
    if facts.first_poll is None or facts.last_poll is None:
        return ""
    return f" from {_utc(facts.first_poll, 'minutes')} to {_utc(facts.last_poll, 'minutes')}"


def _known(facts: CoverageWarning) -> str:
    """Say how much is known, in the window of which the least is."""
    share = facts.known[facts.window]
    if share is None:
        return "nothing scheduled"
    of = f" of {facts.window}" if len(facts.known) > 1 and share < 1 else ""
    return f"{percent(share)}{of} known"


def _utc(instant: dt.datetime, precision: str = "auto") -> str:
    return f"{instant.replace(tzinfo=None).isoformat(timespec=precision)}Z"
