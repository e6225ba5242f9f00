"""What may be typed on the command line, and what it asks for."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NoReturn, get_args

from store_uptime._tables.contract import TABLES
from store_uptime._version import installed_version
from store_uptime.cli.argument_values import (
    as_count,
    as_csv_file,
    as_duration,
    as_instant,
    as_report_file,
    as_step,
    as_target,
    as_window,
)
from store_uptime.errors import PolicyError
from store_uptime.policy import Evidence, Interpolation, MissingDays, Policy
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow

PROGRAM = "store-uptime"

_LENGTH_HELP = """\
LENGTH adds up weeks, days, hours, minutes and seconds, such as 90m, 1h30m, 2d\
"""
_WINDOW_HELP = f"""\
{_LENGTH_HELP};
that of a window may have months and years too, such as 1mo or 1y. Or it is a
period of the calendar in each store's own zone, day, week, month, quarter or
year: month-0 is the running one, month-1 the last full one, month-2 the one
before. UNIT is seconds, minutes, hours (if left out) or days\
"""
_USUAL_FILES = {"status": "store_status.csv", "hours": "menu_hours.csv"}
_FOLDER_HELP = "\n".join(
    [
        "FOLDER holds three files, and may hold two more:",
        *(
            f"  {_USUAL_FILES.get(name, f'{name}.csv'):<19}"
            f"{', '.join(column.name for column in table.columns)}"
            for name, table in TABLES.items()
        ),
        "In the last two, an empty store_id means every store. Special hours without",
        "times mean closed all day.",
    ]
)


class Parser(argparse.ArgumentParser):
    """A parser that complains in one line, whichever command was given."""

    def error(self, message: str) -> NoReturn:
        """Leave the program with exit code 2."""
        self.exit(2, f"{PROGRAM}: error: {message} (see {self.prog} --help)\n")


def make_parser() -> tuple[Parser, dict[str, Parser]]:
    """Return the parser of the whole command line, and those of its commands by their names."""
    parser = Parser(
        prog=PROGRAM,
        description="Uptime and downtime of stores from periodic polls, local opening hours and "
        "time zones.",
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {installed_version()}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    commands.add_parser("demo", help="show the report on a few made-up stores")
    for name, text, add_own, lengths in (
        ("report", "compute the report on your own tables", _add_windows, _WINDOW_HELP),
        ("history", "compute the report at many instants", _add_history, _WINDOW_HELP),
        ("outages", "list when stores were down", _add_outages, _LENGTH_HELP),
        ("timeline", "cut open time into up, down and unknown", _add_start, _LENGTH_HELP),
    ):
        command = commands.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            epilog=f"{lengths}.\n\n{_FOLDER_HELP}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        # What a command has no option for, it has the default of.
        command.set_defaults(name=name, window=None, by=None, target=None)
        _add_inputs(command)
        _add_output(command)
        add_own(command)
        _add_policy(command.add_argument_group("rules"))
    return parser, commands.choices


def as_typed(option: str | None) -> str | None:
    """Return an argument of the library, such as ``strict=False``, as it is typed here."""
    if option is None:
        return None
    name = option.partition("=")[0]
    if name in TABLES:
        return f"{_flag(name)} FILE"
    return {"strict": "--lenient", "now": "--now ISO"}.get(name, option)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _add_inputs(parser: Parser) -> None:
    add = parser.add_argument
    add("folder", nargs="?", metavar="FOLDER", help="where the CSV files are")
    for table in TABLES:
        add(_flag(table), metavar="FILE", help=f"the file of {table}, if not in FOLDER")
    add("--lenient", action="store_true", help="leave out unusable rows; otherwise they are errors")
    add("--rejected", type=as_csv_file, metavar="FILE", help="where to write these rows (.csv)")


def _add_output(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "--now",
        type=as_instant,
        metavar="ISO",
        help="where to end, such as 2023-01-25T18:00:00Z (default: the latest poll)",
    )
    add(
        "-o",
        "--output",
        type=as_report_file,
        metavar="FILE",
        help=".csv (numbers rounded to 4 decimals), .parquet (unrounded), or - for CSV to standard "
        "output (default: a table if that is a terminal, else CSV)",
    )


def _add_windows(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "--detail",
        action="store_true",
        help="add unknown and scheduled time, availability, bounds and polls",
    )
    add(
        "--window",
        action="append",
        type=as_window,
        metavar="NAME=LENGTH:UNIT",
        help="such as last_30_days=30d:hours or last_month=month-1; may be repeated; replaces the "
        "three usual windows",
    )
    add(
        "--by",
        metavar="FILE",
        help="sum up groups of stores instead: a CSV file with store_id and columns to group by",
    )
    add(
        "--target",
        type=as_target,
        metavar="SHARE",
        help="with --by: the availability that a store should have (0.99)",
    )


def _add_history(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "--every",
        type=as_step,
        required=True,
        metavar="LENGTH",
        help="from one report to the one before, such as 1d or 1mo; the last one is at --now",
    )
    add("--reports", type=as_count, required=True, metavar="N", help="how many reports")
    _add_windows(parser)


def _add_outages(parser: Parser) -> None:
    _add_start(parser)
    parser.add_argument("--ongoing", action="store_true", help="only those that last until --now")


def _add_start(parser: Parser) -> None:
    parser.add_argument(
        "--start",
        type=as_instant,
        metavar="ISO",
        help="where to begin (default: 7 days before --now)",
    )


def _add_policy(group: argparse._ArgumentGroup) -> None:
    """Add one option for each field of `Policy`, absent from the result unless given."""

    def add(option: str, **how: Any) -> None:
        group.add_argument(option, default=argparse.SUPPRESS, **how)

    def add_choice(option: str, words: Any, text: str) -> None:
        add(option, choices=get_args(words), help=text)

    def add_length(option: str, text: str) -> None:
        add(option, type=as_duration, metavar="LENGTH", help=text)

    def add_no(field: str, text: str) -> None:
        option = f"--no-{field.replace('_', '-')}"
        add(option, action="store_false", dest=field, help=text)

    add_choice("--interpolation", Interpolation, "which poll holds between two polls (nearest)")
    add_choice("--evidence", Evidence, "polls that count: taken while open, or all (open)")
    add_no("backfill", "time before the first poll is unknown")
    add_length("--max-gap", "time further from its poll than this is unknown (no limit)")
    add_length("--lookback", "how far before the windows polls still count (1d)")
    add_choice(
        "--missing-days", MissingDays, "weekdays without hours, if others have some (closed)"
    )
    add_no("snap_midnight", "take an end of 23:59 literally, not as midnight")
    add("--default-timezone", metavar="NAME", help="of stores without one (America/Chicago)")


def policy_of(args: argparse.Namespace) -> Policy:
    """Return the policy that was asked for."""
    given = vars(args)
    return Policy(
        **{field.name: given[field.name] for field in fields(Policy) if field.name in given}
    )


def windows_of(args: argparse.Namespace) -> Mapping[str, AnyWindow]:
    """Return the windows that were asked for.

    Raises
    ------
    PolicyError
        Two windows have one name.
    """
    if not args.window:
        return DEFAULT_WINDOWS
    windows = dict(args.window)
    if len(windows) < len(args.window):
        names = [name for name, _ in args.window]
        raise PolicyError("two windows of one name", table="--window", values=names)
    return windows


def instants_of(args: argparse.Namespace, now: dt.datetime) -> list[dt.datetime]:
    """Return the instants of a history, which goes back from `now`.

    Raises
    ------
    PolicyError
        The first of them would be before the year 1.
    """
    try:
        return [now - args.every * k for k in range(args.reports)]
    except (OverflowError, ValueError) as error:
        raise PolicyError(
            "the first report would be before the year 1",
            table="--reports",
            values=[args.reports],
            remedy="Give a smaller number, or a shorter --every.",
        ) from error
