"""The options of the commands, by what they are about."""

from __future__ import annotations

import argparse
from typing import Any, get_args

from store_uptime._tables.contract import TABLES
from store_uptime.cli.argument_values import (
    NO_LIMIT,
    as_count,
    as_csv_file,
    as_folder,
    as_instant,
    as_limit,
    as_now,
    as_page_file,
    as_rates_file,
    as_result_file,
    as_share,
    as_sorting,
    as_step,
    as_text,
    as_window,
    as_zone,
)
from store_uptime.policy import Evidence, Interpolation, MissingDays

ABSENT_TABLES = ("hours", "timezones")
"""Tables that may be said not to exist."""


def flag(name: str) -> str:
    """Return the option for an argument of the library."""
    return f"--{name.replace('_', '-')}"


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """Add what says where the tables are."""
    parser.add_argument(
        "folder",
        nargs="?",
        metavar="FOLDER",
        help="where the tables are (default: the current folder), or the URI of a database",
    )
    add = parser.add_argument_group("tables").add_argument
    for table in TABLES:
        text = f"the file of {table}; in a database, the table or a SELECT"
        action = "store"
        if table == "status":
            text = f"{text}; may be repeated, or a pattern such as 'polls/*.csv'"
            action = "append"
        add(flag(table), action=action, metavar="FILE", help=text)
    for table in ABSENT_TABLES:
        add(f"--no-{table}", action="store_true", help=_ABSENT[table])
    add("--lenient", action="store_true", help="leave out unusable rows; otherwise they are errors")
    add("--rejected", type=as_csv_file, metavar="FILE", help="where to write these rows (.csv)")


_ABSENT = {
    "hours": "there is no such table: every store is always open",
    "timezones": "there is no such table: every store is in the default zone",
}


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add what says where to end, and where the result goes."""
    add = parser.add_argument
    add(
        "--now",
        type=as_now,
        metavar="ISO",
        help="where to end, such as 2023-01-25T18:00:00Z, or the word now (default: the latest "
        "poll)",
    )
    add(
        "-o",
        "--output",
        type=as_result_file,
        metavar="FILE",
        help=".csv (4 decimals), .json, .ndjson or .parquet (unrounded), or - for CSV to standard "
        "output (default: a table if that is a terminal, else CSV)",
    )
    add("--quiet", action="store_true", help="say nothing on standard error but what is wrong")
    add(
        "--batch-stores",
        type=as_count,
        metavar="N",
        help="how many stores to compute at a time (default: by the size of the tables)",
    )


def add_windows(parser: argparse.ArgumentParser) -> None:
    """Add what a report and a history are made of."""
    add = parser.add_argument
    add(
        "--detail",
        action="store_true",
        help="add unknown and scheduled time, availability, bounds and polls",
    )
    add(
        "--uncertainty",
        action="store_true",
        help="add the expected uptime, and how far the uptime may be off: its error",
    )
    add(
        "--rates",
        type=as_rates_file,
        metavar="FILE",
        help="with --uncertainty: what fit_outage_rates gave, in a file .csv or .parquet; without "
        "it, each store is taken alone",
    )
    add(
        "--window",
        action="append",
        type=as_window,
        metavar="NAME=LENGTH:UNIT",
        help="such as last_30_days=30d:hours or last_month=month-1; may be repeated; replaces the "
        "three usual windows",
    )
    _add_by(parser)
    add(
        "--target",
        type=as_share,
        metavar="SHARE",
        help="the availability that a store should have (0.99); without --by, sum up all stores",
    )
    add(
        "--fail-below",
        type=as_share,
        metavar="SHARE",
        help="end with exit code 3 if a row has a lower availability in some window, or has open "
        "time of which nothing is known",
    )
    _add_archive(parser)


def add_report(parser: argparse.ArgumentParser) -> None:
    """Add what a report is made of, and the page that shows it."""
    add_windows(parser)
    add = parser.add_argument
    add(
        "--html",
        type=as_page_file,
        metavar="FILE",
        help="write a page to look at and to send, of all stores; then the table comes only with "
        "-o",
    )
    add("--title", type=as_text, metavar="TEXT", help="the heading of that page")


def add_history(parser: argparse.ArgumentParser) -> None:
    """Add when the reports of a history are made, and what they are made of."""
    add = parser.add_argument
    add(
        "--every",
        type=as_step,
        required=True,
        metavar="LENGTH",
        help="from one report to the one before, such as 1d or 1mo; the last one is at --now",
    )
    add("--reports", type=as_count, required=True, metavar="N", help="how many reports")
    add_windows(parser)


def add_outages(parser: argparse.ArgumentParser) -> None:
    """Add which outages are wanted."""
    add_start(parser, ", or where --timeline begins")
    parser.add_argument("--ongoing", action="store_true", help="only those that last until --now")
    sums = parser.add_mutually_exclusive_group()
    _add_by(sums)
    for option, keys, text in (
        ("--per-store", ["store_id"], "one row for each store with outages instead"),
        ("--total", [], "one row for all outages instead"),
    ):
        sums.add_argument(option, action="store_const", dest="sum_keys", const=keys, help=text)
    _add_archive(parser)


def _add_by(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--by",
        metavar="FILE",
        help="sum up groups of stores instead: a CSV file with store_id and columns to group by",
    )


def _add_archive(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--timeline",
        type=as_folder,
        metavar="ARCHIVE",
        help="instead of polls: the settled timelines in this folder (see store-uptime timeline), "
        "up to where they end; --timezones may stand beside it, and no other table",
    )


def add_start(parser: argparse.ArgumentParser, otherwise: str = "") -> None:
    """Add where a timeline begins, and by which clock it is told."""
    parser.add_argument(
        "--start",
        type=as_instant,
        metavar="ISO",
        help=f"where to begin (default: 7 days before --now{otherwise})",
    )
    parser.add_argument(
        "--local",
        action="store_true",
        help="tell times by each store's own clock, with its offset from UTC",
    )


def add_timeline(parser: argparse.ArgumentParser) -> None:
    """Add how much of a timeline is wanted, and where it is kept."""
    add_start(parser, ", or where the files of --append end")
    parser.add_argument(
        "--settled",
        action="store_true",
        help="end where no later poll can change a state: --max-gap before --now, or at --now with "
        "--changes",
    )
    parser.add_argument(
        "--append",
        type=as_folder,
        metavar="ARCHIVE",
        help="with --settled: write it into this folder, one file a run, from where the last one "
        "ends; the folder is made if it is missing",
    )


def add_look(group: argparse._ArgumentGroup) -> None:
    """Add what chooses among the rows of a result."""
    add = group.add_argument
    add(
        "--store",
        action="append",
        type=as_text,
        metavar="ID",
        help="only this store; may be repeated",
    )
    add("--sort", type=as_sorting, metavar="COLUMN", help="sort by a column, the worst first")
    add("--top", type=as_count, metavar="N", help="only the first N rows")


def add_policy(group: argparse._ArgumentGroup) -> None:
    """Add one option for each field of `Policy`, absent from the result unless given."""

    def add(option: str, **how: Any) -> None:
        group.add_argument(option, default=argparse.SUPPRESS, **how)

    def add_choice(option: str, words: Any, text: str) -> None:
        add(option, choices=get_args(words), help=text)

    def add_length(field: str, text: str) -> None:
        add(flag(field), type=as_limit(field), metavar="LENGTH", help=text)

    def add_no(field: str, text: str) -> None:
        add(flag(f"no_{field}"), action="store_false", dest=field, help=text)

    group.add_argument(
        "--changes",
        action="store_true",
        help="status is a log of changes, each of which holds until the next: --interpolation "
        f"previous --evidence all --no-backfill --max-gap {NO_LIMIT} --lookback {NO_LIMIT}",
    )
    add_choice("--interpolation", Interpolation, "which poll holds between two polls (nearest)")
    add_choice("--evidence", Evidence, "polls that count: taken while open, or all (open)")
    add_no("backfill", "time before the first poll is unknown")
    add_length("max_gap", f"further from its poll than this, time is unknown (1d); or {NO_LIMIT}")
    add_length("lookback", f"how far before the windows polls still count (1d); or {NO_LIMIT}")
    add_choice(
        "--missing-days", MissingDays, "weekdays without hours, if others have some (closed)"
    )
    add_no("snap_midnight", "take an end of 23:59 literally, not as midnight")
    add(
        "--default-timezone",
        type=as_zone,
        metavar="NAME",
        help="of stores without one (America/Chicago)",
    )
