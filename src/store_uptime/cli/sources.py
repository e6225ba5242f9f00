"""Where the tables come from: files of CSV or Parquet, or a database."""

from __future__ import annotations

import datetime as dt
import re
import warnings
from argparse import Namespace
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from store_uptime._csv.load import load_csv
from store_uptime._files.find import CSV_ENDINGS, PARQUET_ENDINGS, find_files
from store_uptime._files.whole import check_target
from store_uptime._parquet.load import load_parquet
from store_uptime._sql.load import load_sql
from store_uptime._tables.contract import TABLES
from store_uptime.cli.appending import check_appending
from store_uptime.cli.archived import check_archived
from store_uptime.cli.console import Console
from store_uptime.cli.options import ABSENT_TABLES
from store_uptime.cli.pages import check_html
from store_uptime.cli.spans import windows_to_load
from store_uptime.errors import SchemaError
from store_uptime.inputs import Inputs
from store_uptime.notices import RejectedRowsWarning
from store_uptime.policy import Policy
from store_uptime.windows import AnyWindow, Window

_URI_START = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def is_database(args: Namespace) -> bool:
    """Return whether FOLDER is the URI of a database."""
    return args.folder is not None and _URI_START.match(args.folder) is not None


def place_of(args: Namespace) -> str | None:
    """Return the folder to look into; ``None`` if each table that is needed is named."""
    needed = [table.name for table in TABLES.values() if not table.optional]
    named = _named(args)
    if args.folder is None and all(named[name] is not None for name in needed):
        return None
    # Whole, so that a message says where that is.
    return args.folder or str(Path.cwd())


def check_arguments(args: Namespace) -> None:
    """Refuse options that do not go together, and files that cannot be written."""
    _check_absent(args)
    if args.timeline is None:
        _check_source(args)
    else:
        check_archived(args)
    if args.append is not None:
        check_appending(args)
    check_html(args)
    if args.local and (args.by is not None or args.sum_keys is not None):
        args.refuse("argument --local: sums of outages have no times to tell")
    if args.rejected and not args.lenient:
        args.refuse("argument --rejected: needs --lenient")
    if args.rates and not args.uncertainty:
        args.refuse("argument --rates: needs --uncertainty")
    if args.rejected and args.rejected == args.output:
        args.refuse("argument --rejected: is the same file as --output")
    sources = [path.resolve() for path in _files_read(args)]
    for path in (args.output, args.rejected, args.html):
        if isinstance(path, Path):
            check_target(path)
            if path.resolve() in sources:
                args.refuse(f"{path} is one of the tables to read")


def _check_absent(args: Namespace) -> None:
    for table in ABSENT_TABLES:
        if getattr(args, f"no_{table}") and getattr(args, table) is not None:
            args.refuse(f"argument --no-{table}: contradicts --{table}")


def _check_source(args: Namespace) -> None:
    if is_database(args):
        if args.status and len(args.status) > 1:
            args.refuse("argument --status: of a database there is one such table; or a SELECT")
    elif args.folder is not None and Path(args.folder).is_file():
        args.refuse(
            f"argument FOLDER: {args.folder} is a file; a table is named like --status FILE, a "
            f"database by its URI, such as sqlite:///{args.folder}"
        )
    if args.lenient and (is_database(args) or _endings(args) == PARQUET_ENDINGS):
        args.refuse("argument --lenient: only CSV files are read so")


def load_tables(
    args: Namespace, windows: Mapping[str, AnyWindow], policy: Policy, console: Console
) -> Inputs[pl.DataFrame | pl.LazyFrame]:
    """Load the tables; what a lenient load leaves out is in `Inputs.rejected`."""
    place = place_of(args)
    console.begin(f"reading {place or 'the tables'}")
    if is_database(args):
        return _load_database(args, windows, policy)
    if _endings(args) == PARQUET_ENDINGS:
        return load_parquet(place, **_named(args))
    with warnings.catch_warnings():
        # Told in one line of our own.
        warnings.simplefilter("ignore", RejectedRowsWarning)
        return load_csv(place, **_named(args), strict=not args.lenient)


def _named(args: Namespace) -> dict[str, Any]:
    """Return what is said of each table: its file or files, False if there is none, or None."""
    absent = {table: False for table in ABSENT_TABLES if getattr(args, f"no_{table}")}
    named = {table: getattr(args, table) for table in TABLES} | absent
    if args.status and len(args.status) == 1:
        named["status"] = args.status[0]
    return named


def _files_read(args: Namespace) -> list[Path]:
    beside = [Path(file) for file in (args.by, args.rates) if file]
    if is_database(args):
        return beside
    if args.timeline is not None:
        return beside if args.timezones is None else [*beside, Path(args.timezones)]
    found = find_files(place_of(args), _endings(args), **_named(args))
    return [*beside, *chain.from_iterable(found.values())]


def _endings(args: Namespace) -> tuple[str, ...]:
    """Return how the names of the files end: as those of CSV, or as those of Parquet."""
    named = [*(args.status or ()), *(getattr(args, table) for table in TABLES if table != "status")]
    kinds = {_is_parquet(Path(name)) for name in named if name is not None}
    if len(kinds) > 1:
        args.refuse("argument --status: the tables are all CSV files or all Parquet files")
    if kinds:
        return PARQUET_ENDINGS if kinds.pop() else CSV_ENDINGS
    csv, parquet = (_tables_there(args, each) for each in (CSV_ENDINGS, PARQUET_ENDINGS))
    if csv and parquet:
        args.refuse(
            f"argument FOLDER: {place_of(args)} has {', '.join(csv)} as CSV and "
            f"{', '.join(parquet)} as Parquet; say which to read by --status FILE"
        )
    return PARQUET_ENDINGS if parquet else CSV_ENDINGS


def _is_parquet(path: Path) -> bool:
    # Polls in Parquet may be a whole folder.
    return path.suffix.lower() in PARQUET_ENDINGS or path.is_dir()


def _tables_there(args: Namespace, endings: tuple[str, ...]) -> list[str]:
    """Return the tables to look for of which the folder has a file with such an ending."""
    there = []
    for table in [name for name, said in _named(args).items() if said is None]:
        others = {other: "named" for other in TABLES if other != table}
        with suppress(SchemaError):  # no such file
            there += [table] * (table in find_files(place_of(args), endings, **others))
    return there


# --- databases ------------------------------------------------------------------------------------


def _load_database(
    args: Namespace, windows: Mapping[str, AnyWindow], policy: Policy
) -> Inputs[pl.DataFrame | pl.LazyFrame]:
    named = {name: table for name, table in _named(args).items() if table is not None}
    # None, for a table that is not there.
    tables: dict[str, Any] = {name: table or None for name, table in named.items()}
    now: dt.datetime | None = args.now
    if now is None and (args.name == "history" or getattr(args, "start", None) is not None):
        # How far back they reach is not known before the latest poll is.
        shortest = {"latest": Window("1us")}
        recent = replace(policy, lookback=dt.timedelta(0))
        now = load_sql(args.folder, **tables, windows=shortest, policy=recent).now
    needed = windows_to_load(args, windows, now)
    return load_sql(args.folder, **tables, now=now, windows=needed, policy=policy)


# --- what is told of them -------------------------------------------------------------------------


def counted_polls(inputs: Inputs[pl.DataFrame | pl.LazyFrame]) -> str:
    """Say how many polls there are to compute with."""
    return counted(inputs.status.lazy().select(pl.len()).collect().item(), "poll")


def counted_extra(inputs: Inputs[pl.DataFrame | pl.LazyFrame]) -> str:
    """Say what there is of the tables that need not be there, with a comma before each."""
    counts = (counted(table.height, f"row of {name}") for name, table in inputs.extra.items())
    return "".join(f", {count}" for count in counts)


def counted(rows: int, noun: str) -> str:
    """Return a number of rows with their name.

    Examples
    --------
    >>> counted(1, "unusable row"), counted(1200, "row of maintenance")
    ('1 unusable row', '1,200 rows of maintenance')
    """
    first, *rest = noun.partition(" of ")
    return f"{rows:,} {first}{'' if rows == 1 else 's'}{''.join(rest)}"
