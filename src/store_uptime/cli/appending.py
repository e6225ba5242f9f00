"""What a run adds to an archive: from where the archive ends to where the timeline is settled."""

from __future__ import annotations

import datetime as dt
from argparse import Namespace
from pathlib import Path

import polars as pl

from store_uptime._files.whole import check_target, write_whole
from store_uptime._time.instants import from_microseconds
from store_uptime._time.units import LAST_INSTANT
from store_uptime.cli.archive import Archive, SettledSpan, read_archive
from store_uptime.cli.formats import as_bytes
from store_uptime.policy import Policy
from store_uptime.windows import Window

_WEEK_BEFORE = Window("7d")


def check_settles(policy: Policy) -> None:
    """Raise `PolicyError` if no timeline settles by this policy, whenever it ends."""
    policy.settled_until(from_microseconds(LAST_INSTANT))


def check_appending(args: Namespace) -> None:
    """Refuse options that do not go with ``--append``, and a folder that cannot be written to."""
    if not args.settled:
        args.refuse("argument --append: needs --settled")
    for name in ("output", "local", "store", "sort", "top"):
        if getattr(args, name):
            args.refuse(f"argument --{name}: does not go with --append, which keeps every row")
    there = args.append.exists()
    check_target(args.append / "timeline" if there else args.append)


def begin_run(args: Namespace) -> Archive:
    """Return the archive, and let the run begin where it ends, or refuse another ``--start``."""
    archive = read_archive(args.append) if args.append.exists() else Archive(args.append)
    if archive.spans:
        if args.start is None:
            args.start = archive.covers.end
        elif args.start not in (archive.covers.end, *(span.start for span in archive.spans)):
            _refuse_start(args, archive)
    return archive


def span_to_add(
    args: Namespace, archive: Archive, policy: Policy, now: dt.datetime
) -> SettledSpan | None:
    """Return the span of the file to write, which may be there; ``None`` if all is settled."""
    start = args.start or from_microseconds(_WEEK_BEFORE.start_us(now))
    span = SettledSpan(start, policy.settled_until(now))
    if not archive.spans or span in archive.spans:
        return span
    if start != archive.covers.end:
        _refuse_start(args, archive)
    return span if span.end > start else None


def _refuse_start(args: Namespace, archive: Archive) -> None:
    end = archive.covers.end.isoformat().replace("+00:00", "Z")
    args.refuse(
        f"argument --start: {args.append} ends at {end}, and what is added begins there: "
        f"leave --start out, or give --start {end}"
    )


def append_file(archive: Archive, span: SettledSpan, timeline: pl.DataFrame) -> Path:
    """Write a timeline into the folder, which is made if need be; return where it is now."""
    archive.folder.mkdir(exist_ok=True)
    path = archive.folder / span.name
    write_whole(path, as_bytes(timeline, path.suffix))
    return path
