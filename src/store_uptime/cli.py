"""The command line: ``store-uptime``, or ``python -m store_uptime``."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import polars as pl

from store_uptime.demo import ABOUT, NEXT_STEPS, NOTES, make_demo
from store_uptime.errors import StoreUptimeError
from store_uptime.inputs import Inputs
from store_uptime.io.csv import ALWAYS_OPEN, find_files, load_csv
from store_uptime.io.files import check_target, replacing
from store_uptime.io.text import to_csv, to_table
from store_uptime.options import (
    PROGRAM,
    STDOUT,
    TABLES,
    flag,
    make_parser,
    policy_of,
    windows_of,
)
from store_uptime.report import compute_report
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow

__all__ = ["main"]

_FAILED = 1
_INTERRUPTED = 130
_BROKEN_PIPE = 141
_BAR = 30


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
    parser, demo, report = make_parser()
    demo.set_defaults(run=_run_demo)
    report.set_defaults(run=_run_report, refuse=report.error)
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
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    # The library names its arguments; who reads this has options.
    text = re.sub(r"load_csv\((\w+)=\.\.\.\)", lambda call: f"{flag(call[1])} FILE", str(error))
    return text.replace("strict=False", "--lenient").replace("Pass now explicitly", "Pass --now")


# --- commands -----------------------------------------------------------------------------------


def _run_demo(_: argparse.Namespace) -> None:
    inputs = make_demo()
    report = compute_report(inputs.status, inputs.hours, inputs.timezones)
    notes = "".join(f"{store_id:<14}{note}\n" for store_id, note in NOTES.items())
    sys.stdout.write(
        "\n".join([ABOUT, to_table(report, DEFAULT_WINDOWS, _width()), notes, NEXT_STEPS])
    )


def _run_report(args: argparse.Namespace) -> None:
    policy, windows = policy_of(args), windows_of(args)
    _check_targets(args)
    progress = _Progress(sys.stderr)
    inputs = _load(args, progress)
    tables = _tables(inputs)
    progress.say(f"computing the report from {tables}")
    report = compute_report(
        inputs.status,
        inputs.hours,
        inputs.timezones,
        args.now,
        windows=windows,
        policy=policy,
        detail=args.detail,
        progress=progress.bar,
        **inputs.extra,
    )
    where = _write(report, windows, args, progress)
    end = args.now or inputs.status.select(pl.col("timestamp_utc").max()).item()
    now = end.replace(tzinfo=None).isoformat()
    sys.stderr.write(
        f"{_count(report, 'store')}, {tables}, now = {now}Z, {progress.seconds:.1f} s{where}\n"
    )


def _check_targets(args: argparse.Namespace) -> None:
    if args.rejected and not args.lenient:
        args.refuse("--rejected needs --lenient")
    if args.rejected and args.rejected == args.output:
        args.refuse("--output and --rejected name the same file")
    sources = [path.resolve() for path in find_files(args.folder, **_named(args)).values()]
    for path in (args.output, args.rejected):
        if isinstance(path, Path):
            check_target(path)
            if path.resolve() in sources:
                args.refuse(f"{path} is one of the tables to read")


def _load(args: argparse.Namespace, progress: _Progress) -> Inputs:
    progress.say(f"reading {args.folder or 'the tables'}")
    with warnings.catch_warnings():
        # Told below, in one line and without a line of code.
        warnings.filterwarnings("ignore", "load_csv left out", UserWarning)
        inputs = load_csv(args.folder, **_named(args), strict=not args.lenient)
    if args.lenient:
        sys.stderr.write(f"left out {_refusals(inputs.rejected)}\n")
        if "hours" in inputs.rejected["table"]:
            sys.stderr.write(f"{ALWAYS_OPEN}\n")
    if args.rejected:
        _write_file(inputs.rejected, args.rejected)
    return inputs


def _named(args: argparse.Namespace) -> dict[str, Any]:
    return {table: getattr(args, table) for table in TABLES}


def _tables(inputs: Inputs) -> str:
    """Say what there is to compute with: the polls, and the tables that need not be there."""
    extra = (f"{_count(rows, 'row')} of {table}" for table, rows in inputs.extra.items())
    return ", ".join([_count(inputs.status, "poll"), *extra])


def _refusals(rejected: pl.DataFrame) -> str:
    by_table = rejected.group_by("table").len().sort("table").rows()
    tables = ", ".join(f"{table} {count:,}" for table, count in by_table)
    return _count(rejected, "unusable row") + (f": {tables}" if tables else "")


def _count(rows: pl.DataFrame, noun: str) -> str:
    return f"{rows.height:,} {noun}{'' if rows.height == 1 else 's'}"


def _write(
    report: pl.DataFrame,
    windows: Mapping[str, AnyWindow],
    args: argparse.Namespace,
    progress: _Progress,
) -> str:
    """Put the report where it was asked for, and say where that is if it is a file."""
    if isinstance(args.output, Path):
        progress.say(f"writing {args.output}")
        _write_file(report, args.output)
        return f", written to {args.output}"
    if args.output == STDOUT or not sys.stdout.isatty():
        _write_csv(report)
    else:
        sys.stdout.write(f"\n{to_table(report, windows, _width(), detail=args.detail)}\n")
    # What follows on standard error must not overtake the report.
    sys.stdout.flush()
    return ""


def _write_csv(report: pl.DataFrame) -> None:
    # Line by line, because an unbuffered stream (PYTHONUNBUFFERED) says nothing when a long text is
    # cut short. Bytes where they can be had, so that the locale does not matter.
    lines = to_csv(report).splitlines(keepends=True)
    if hasattr(sys.stdout, "buffer"):
        sys.stdout.buffer.writelines(line.encode() for line in lines)
    else:
        sys.stdout.writelines(lines)


def _write_file(frame: pl.DataFrame, path: Path) -> None:
    with replacing(path) as file:
        if path.suffix.lower() == ".parquet":
            frame.write_parquet(file)
        else:
            file.write(to_csv(frame).encode())


def _width() -> int:
    return shutil.get_terminal_size().columns


class _Progress:
    """Says what is being done, to a person at a terminal; nothing to a file or a pipe."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._start = time.monotonic()
        self._drawn = False

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start

    def say(self, what: str) -> None:
        if self._stream.isatty():
            self._stream.write(f"{self.seconds:6.1f} s  {what}\n")
            self._stream.flush()

    def bar(self, done: int, total: int) -> None:
        """Draw how many stores are done, on one line; one batch is no news."""
        if self._stream.isatty() and (done < total or self._drawn):
            self._drawn = True
            full = _BAR * done // total
            bar = "#" * full + "." * (_BAR - full)
            end = "\n" if done == total else ""
            text = f"{self.seconds:6.1f} s  [{bar}] {done:,} of {total:,} stores"
            self._stream.write(f"\r{text}{end}")
            self._stream.flush()
