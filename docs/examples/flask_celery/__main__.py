"""The command line: load CSV files, trigger a report, show it all working."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy.exc import SQLAlchemyError

from store_uptime import StoreUptimeError

from . import runs, tasks
from .demo import demo
from .loading import load


def main() -> int:
    """Run one command, and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m flask_celery", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    loading = commands.add_parser("load", help="replace the tables by the CSV files of a folder")
    loading.add_argument("folder", type=Path)
    triggering = commands.add_parser("trigger", help="have a report made, and print its id")
    triggering.add_argument("--wait", action="store_true", help="until it is complete or failed")
    commands.add_parser("demo", help="show it all working on SQLite and plain files")
    arguments = parser.parse_args()
    try:
        if arguments.command == "load":
            return _load(arguments.folder)
        if arguments.command == "trigger":
            return _trigger(wait=arguments.wait)
        return demo()
    except (StoreUptimeError, SQLAlchemyError, BrokerError) as error:
        sys.exit(f"error: {error}")


def _load(folder: Path) -> int:
    for table, rows in load(folder).items():
        print(f"{table}: {rows:,} rows")
    return 0


def _trigger(*, wait: bool) -> int:
    report_id = str(tasks.trigger())
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
