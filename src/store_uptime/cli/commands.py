"""The command line: ``store-uptime``, or ``python -m store_uptime``."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from store_uptime._csv.groups import read_groups
from store_uptime._csv.lenient import stores_left_out, told_stores
from store_uptime._csv.load import load_csv
from store_uptime._files.find import find_files
from store_uptime._tables.contract import TABLES
from store_uptime._tables.read import now_or_latest
from store_uptime.cli.arguments import (
    PROGRAM,
    as_typed,
    instants_of,
    make_parser,
    policy_of,
    windows_of,
)
from store_uptime.cli.demo import ABOUT, NEXT_STEPS, NOTES, make_demo
from store_uptime.cli.files import check_target
from store_uptime.cli.output import (
    ProgressBar,
    Result,
    terminal_width,
    write_file,
    write_result,
)
from store_uptime.cli.render import to_plain_table, to_table
from store_uptime.errors import CoverageWarning, RejectedRowsWarning, StoreUptimeError
from store_uptime.history import compute_history
from store_uptime.inputs import REJECTED_SCHEMA, Inputs
from store_uptime.policy import Policy
from store_uptime.report import compute_report
from store_uptime.summary import summarize
from store_uptime.timeline import compute_outages, compute_timeline
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow

__all__ = ["main"]

_FAILED = 1
_INTERRUPTED = 130
_BROKEN_PIPE = 141
_SUMMARY_DETAILS = ("stores_closed", "unknown", "scheduled", "availability", "availability_mean")
"""What a person sees of a summary only with ``--detail``."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    argv
        The arguments after the program's name; ``None`` takes them from ``sys.argv``.

    Returns
    -------
    int
        0 when all went well, 1 for unusable data or files, 130 when interrupted, 141 when the
        reader of the output went away.

    Raises
    ------
    SystemExit
        For ``--help`` and ``--version`` (code 0), and for arguments that make no sense (code 2).
    """
    parser, commands = make_parser()
    commands["demo"].set_defaults(run=_run_demo)
    for name, compute in _COMPUTE.items():
        commands[name].set_defaults(run=_run, compute=compute, refuse=commands[name].error)
    args = parser.parse_args(argv)
    try:
        args.run(args)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes standard output once more on its way out, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except KeyboardInterrupt:
        return _fail("interrupted", _INTERRUPTED)
    except (StoreUptimeError, OSError) as error:
        return _fail(_message(error), _FAILED)
    return 0


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"{PROGRAM}: error: {' '.join(message.splitlines())}\n")
    return code


def _message(error: StoreUptimeError | OSError) -> str:
    if isinstance(error, StoreUptimeError):
        return error.text(as_typed(error.option))
    if error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)


# --- commands -----------------------------------------------------------------------------------


def _run_demo(_: argparse.Namespace) -> None:
    inputs = make_demo()
    report = compute_report(inputs.status, inputs.hours, inputs.timezones)
    notes = "".join(f"{store_id:<14}{note}\n" for store_id, note in NOTES.items())
    sys.stdout.write(
        "\n".join([ABOUT, to_table(report, DEFAULT_WINDOWS, terminal_width()), notes, NEXT_STEPS])
    )


@dataclass(frozen=True, slots=True)
class _Job:
    """What a command computes with."""

    inputs: Inputs
    groups: pl.DataFrame | None
    now: dt.datetime
    windows: Mapping[str, AnyWindow]
    policy: Policy
    progress: ProgressBar


def _run(args: argparse.Namespace) -> None:
    """Do what all commands but the demo do."""
    policy, windows = policy_of(args), windows_of(args)
    _check_targets(args)
    progress = ProgressBar(sys.stderr)
    groups, inputs = _load(args, windows, progress)
    latest = inputs.status.select(pl.col("timestamp_utc").dt.epoch("us").max()).item()
    now = now_or_latest(args.now, latest)
    counted = _counted_tables(inputs)
    progress.say(f"computing the {args.name} from {counted}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        result: Result = args.compute(args, _Job(inputs, groups, now, windows, policy, progress))
    where = write_result(result, args.output, progress)
    instant = now.replace(tzinfo=None).isoformat()
    sys.stderr.write(
        f"{_counted(result.frame, result.noun)}, {counted}, now = {instant}Z, "
        f"{progress.seconds:.1f} s{where}\n"
    )


def _report_result(args: argparse.Namespace, job: _Job) -> Result:
    report = compute_report(
        *job.inputs,
        job.now,
        windows=job.windows,
        policy=job.policy,
        detail=args.detail,
        progress=job.progress.draw,
        **job.inputs.extra,
    )
    return _summed_up(report, "store", args, job)


def _history_result(args: argparse.Namespace, job: _Job) -> Result:
    history = compute_history(
        *job.inputs,
        instants_of(args, job.now),
        windows=job.windows,
        policy=job.policy,
        detail=args.detail,
        **job.inputs.extra,
    )
    return _summed_up(history, "row", args, job)


def _summed_up(report: pl.DataFrame, noun: str, args: argparse.Namespace, job: _Job) -> Result:
    """Return the report, or its summary if that was asked for."""
    if job.groups is None:
        table = partial(to_table, report, job.windows, detail=args.detail)
        return Result(report, table, noun)
    # Ids are compared as they stand in the files.
    report = report.with_columns(pl.col("store_id").cast(pl.String))
    summary = _summary(report, job.groups, job.windows, args)
    keys = [name for name in summary.columns if name in {"now", *job.groups.columns}]
    shown = summary if args.detail else summary.drop(_SUMMARY_DETAILS)
    return Result(summary, partial(to_plain_table, shown, [*keys, "window"]), "row")


def _outages_result(args: argparse.Namespace, job: _Job) -> Result:
    outages = compute_outages(
        *job.inputs, job.now, start=_start(args), policy=job.policy, **job.inputs.extra
    )
    found = outages.filter("ongoing") if args.ongoing else outages
    return Result(found, partial(to_plain_table, found, ["store_id"]), "outage")


def _timeline_result(args: argparse.Namespace, job: _Job) -> Result:
    timeline = compute_timeline(
        *job.inputs, job.now, start=_start(args), policy=job.policy, **job.inputs.extra
    )
    return Result(timeline, partial(to_plain_table, timeline, ["store_id"]), "piece")


def _start(args: argparse.Namespace) -> str | None:
    # As text, so that a message shows it as it is typed here.
    return args.start.isoformat() if args.start else None


_COMPUTE: Mapping[str, Callable[[argparse.Namespace, _Job], Result]] = {
    "report": _report_result,
    "history": _history_result,
    "outages": _outages_result,
    "timeline": _timeline_result,
}


# --- what goes in -------------------------------------------------------------------------------


def _check_targets(args: argparse.Namespace) -> None:
    if args.rejected and not args.lenient:
        args.refuse("--rejected needs --lenient")
    if args.target is not None and args.by is None:
        args.refuse("--target needs --by")
    if args.rejected and args.rejected == args.output:
        args.refuse("--output and --rejected name the same file")
    files = [
        *chain.from_iterable(find_files(args.folder, **_named_files(args)).values()),
        *([args.by] if args.by else []),
    ]
    sources = [Path(file).resolve() for file in files]
    for path in (args.output, args.rejected):
        if isinstance(path, Path):
            check_target(path)
            if path.resolve() in sources:
                args.refuse(f"{path} is one of the tables to read")


def _load(
    args: argparse.Namespace, windows: Mapping[str, AnyWindow], progress: ProgressBar
) -> tuple[pl.DataFrame | None, Inputs]:
    """Return the groups, if there are any, and the tables."""
    progress.say(f"reading {args.folder or 'the tables'}")
    strict, groups, rejected = not args.lenient, None, REJECTED_SCHEMA.to_frame()
    if args.by is not None:
        groups, rejected = read_groups(args.by, strict=strict)
        _try_summary(groups, windows, args)
    with warnings.catch_warnings():
        # Told below, in one line and without a line of code.
        warnings.simplefilter("ignore", RejectedRowsWarning)
        inputs = load_csv(args.folder, **_named_files(args), strict=strict)
    rejected = pl.concat([rejected, inputs.rejected])
    if args.lenient:
        sys.stderr.write(f"left out {_counted_refusals(rejected)}\n")
        if stores := stores_left_out(inputs.rejected):
            sys.stderr.write(f"{told_stores(stores)}\n")
    if args.rejected:
        write_file(rejected, args.rejected)
    return groups, inputs


def _try_summary(
    groups: pl.DataFrame, windows: Mapping[str, AnyWindow], args: argparse.Namespace
) -> None:
    """Raise now what `summarize` would raise after the work."""
    times = [f"{part}_{name}" for name in windows for part in ("uptime", "downtime")]
    schema = {"store_id": pl.String, **dict.fromkeys(times, pl.Float64)}
    _summary(pl.DataFrame(schema=schema), groups, windows, args)


def _summary(
    report: pl.DataFrame,
    groups: pl.DataFrame,
    windows: Mapping[str, AnyWindow],
    args: argparse.Namespace,
) -> pl.DataFrame:
    target = {} if args.target is None else {"target": args.target}
    return summarize(report, groups, windows=windows, **target)


def _named_files(args: argparse.Namespace) -> dict[str, Any]:
    return {table: getattr(args, table) for table in TABLES}


def _counted_tables(inputs: Inputs) -> str:
    """Say what there is to compute with: the polls, and the tables that need not be there."""
    extra = (f"{_counted(rows, 'row')} of {table}" for table, rows in inputs.extra.items())
    return ", ".join([_counted(inputs.status, "poll"), *extra])


def _counted_refusals(rejected: pl.DataFrame) -> str:
    by_table = rejected.group_by("table").len().sort("table").rows()
    tables = ", ".join(f"{table} {count:,}" for table, count in by_table)
    return _counted(rejected, "unusable row") + (f": {tables}" if tables else "")


def _counted(rows: pl.DataFrame, noun: str) -> str:
    return f"{rows.height:,} {noun}{'' if rows.height == 1 else 's'}"
