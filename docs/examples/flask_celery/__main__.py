"""The command line: load CSV files, trigger a report, keep a year, show it all working."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from pathlib import Path

from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import TooManyRequests

from store_uptime import Policy, StoreUptimeError

from . import archive, runs, tasks
from .database import REPORT_TABLES, WEEK
from .demo import demo
from .loading import load


def main() -> int:
    """Run one command, and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m flask_celery", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    loading = commands.add_parser("load", help="replace the tables by the CSV files of a folder")
    loading.add_argument("folder", type=Path)
    triggering = commands.add_parser("trigger", help="have a report made, and print its id")
    triggering.add_argument("--windows", choices=REPORT_TABLES, default=WEEK)
    triggering.add_argument("--wait", action="store_true", help="until it is complete or failed")
    settling = commands.add_parser("settle", help="keep the timeline that is settled")
    settling.add_argument("--delay", type=length, default="1h", help="how late polls may come")
    cleaning = commands.add_parser("clean", help="delete polls that are settled, or old reports")
    which = cleaning.add_mutually_exclusive_group()
    keep = "polls, but not those of the last days (30d)"
    which.add_argument("--keep", type=length, default="30d", metavar="LENGTH", help=keep)
    older = "reports that finished before that, and no polls"
    which.add_argument("--older-than", type=length, metavar="LENGTH", help=older)
    commands.add_parser("sweep", help="ask again for reports that no worker has; run it often")
    commands.add_parser("demo", help="show it all working on SQLite and plain files")
    arguments = parser.parse_args()
    try:
        if arguments.command == "load":
            return _load(arguments.folder)
        if arguments.command == "trigger":
            return _trigger(arguments.windows, wait=arguments.wait)
        if arguments.command == "settle":
            return _settle(arguments.delay)
        if arguments.command == "clean":
            return _clean(arguments.keep, arguments.older_than)
        if arguments.command == "sweep":
            print(f"stuck: {tasks.sweep()} reports")
            return 0
        return demo()
    except (StoreUptimeError, SQLAlchemyError, BrokerError, TooManyRequests) as error:
        sys.exit(f"error: {error}")


def length(text: str) -> dt.timedelta | None:
    """Read a length of time, such as 90m or 30d."""
    return Policy(lookback=text).lookback


def _load(folder: Path) -> int:
    for table, rows in load(folder).items():
        print(f"{table}: {rows:,} rows")
    return 0


def _settle(delay: dt.timedelta) -> int:
    for until in archive.settle(delay):
        print(f"settled up to {until}", flush=True)
    return 0


def _clean(keep: dt.timedelta, older_than: dt.timedelta | None) -> int:
    if older_than is None:
        print(f"deleted: {archive.clean(keep):,} polls")
    else:
        print(f"deleted: {runs.delete_finished(older_than):,} reports")
    return 0


def _trigger(windows: str, *, wait: bool) -> int:
    report_id = str(tasks.trigger(windows))
    print(report_id, flush=True)
    run = None
    while wait and (run is None or run.status == runs.RUNNING):
        time.sleep(0.5)
        run = runs.find(report_id)
    if run is None:
        return 0
    print(run.status, run.reason or "", file=sys.stderr)
    return 0 if run.status == runs.COMPLETE else 1


if __name__ == "__main__":
    sys.exit(main())
