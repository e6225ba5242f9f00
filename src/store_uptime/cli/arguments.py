"""What may be typed on the command line, and how it is read."""

from __future__ import annotations

import argparse
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn, get_args

from dateutil.relativedelta import relativedelta

from store_uptime._tables.contract import TABLES
from store_uptime._time.instants import check_now
from store_uptime._version import installed_version
from store_uptime.cli.output import STDOUT
from store_uptime.errors import PolicyError, StoreUptimeError
from store_uptime.policy import Evidence, Interpolation, MissingDays, Policy
from store_uptime.summary import check_goal
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow, CalendarWindow, Window

PROGRAM = "store-uptime"

_LENGTH = """\
LENGTH adds up weeks, days, hours, minutes and seconds, such as 90m, 1h30m, 2d\
"""
_WINDOWS = f"""\
{_LENGTH};
that of a window may have months and years too, such as 1mo or 1y. Or it is a
period of the calendar in each store's own zone, day, week, month, quarter or
year: month-0 is the running one, month-1 the last full one, month-2 the one
before. UNIT is seconds, minutes, hours (if left out) or days\
"""
_FOLDER = """
FOLDER holds three files, and may hold two more:
  store_status.csv   store_id, timestamp_utc, status
  menu_hours.csv     store_id, day_of_week, start_time_local, end_time_local
  timezones.csv      store_id, timezone_str
  special_hours.csv  store_id (empty = every store), date, start_time_local,
                     end_time_local (both empty = closed all day)
  maintenance.csv    store_id (empty = every store), start_utc, end_utc
"""
_UNITS = {
    "y": "years",
    "mo": "months",
    "w": "weeks",
    "d": "days",
    "h": "hours",
    "m": "minutes",
    "s": "seconds",
}
_TERM = r"([0-9]{1,9})(mo|[ywdhms])"
_PERIOD = r"(day|week|month|quarter|year)-([0-9]{1,9})"


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
        ("report", "compute the report on your own tables", _add_windows, _WINDOWS),
        ("history", "compute the report at many instants", _add_history, _WINDOWS),
        ("outages", "list when stores were down", _add_outages, _LENGTH),
        ("timeline", "cut open time into up, down and unknown", _add_start, _LENGTH),
    ):
        command = commands.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            epilog=f"{lengths}.\n{_FOLDER}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        # What a command has no option for, it has the default of.
        command.set_defaults(name=name, window=None, by=None, target=None)
        _add_inputs(command)
        _add_output(command)
        add_own(command)
        _add_policy(command.add_argument_group("rules"))
    return parser, commands.choices


def flag(name: str) -> str:
    """Return how an argument of the library is typed here."""
    return f"--{name.replace('_', '-')}"


def _add_inputs(parser: Parser) -> None:
    add = parser.add_argument
    add("folder", nargs="?", metavar="FOLDER", help="where the CSV files are")
    for table in TABLES:
        add(flag(table), metavar="FILE", help=f"the file of {table}, if not in FOLDER")
    add("--lenient", action="store_true", help="leave out unusable rows; otherwise they are errors")
    add("--rejected", type=_csv_file, metavar="FILE", help="where to write these rows (.csv)")


def _add_output(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "--now",
        type=_now,
        metavar="ISO",
        help="where to end, such as 2023-01-25T18:00:00Z (default: the latest poll)",
    )
    add(
        "-o",
        "--output",
        type=_report_file,
        metavar="FILE",
        help=".csv (numbers rounded to 4 decimals), .parquet (unrounded), or - for CSV to standard "
        "output (default: a table if that is a terminal, else CSV)",
    )


def _add_windows(parser: Parser) -> None:
    add = parser.add_argument
    add("--detail", action="store_true", help="add what lies behind the numbers")
    add(
        "--window",
        action="append",
        type=_window,
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
        type=_target,
        metavar="SHARE",
        help="with --by: the availability that a store should have (0.99)",
    )


def _add_history(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "--every",
        type=_step,
        required=True,
        metavar="LENGTH",
        help="from one report to the one before, such as 1d or 1mo; the last one is at --now",
    )
    add("--reports", type=_count, required=True, metavar="N", help="how many reports")
    _add_windows(parser)


def _add_outages(parser: Parser) -> None:
    _add_start(parser)
    parser.add_argument("--ongoing", action="store_true", help="only those that last until --now")


def _add_start(parser: Parser) -> None:
    parser.add_argument(
        "--start", type=_now, metavar="ISO", help="where to begin (default: 7 days before --now)"
    )


def _add_policy(group: argparse._ArgumentGroup) -> None:
    """Add one option for each field of `Policy`, absent from the result unless given."""

    def add(option: str, **how: Any) -> None:
        group.add_argument(option, default=argparse.SUPPRESS, **how)

    def add_choice(option: str, words: Any, text: str) -> None:
        add(option, choices=get_args(words), help=text)

    def add_length(option: str, text: str) -> None:
        add(option, type=_duration, metavar="LENGTH", help=text)

    def add_no(field: str, text: str) -> None:
        option = f"--no-{field.replace('_', '-')}"
        add(option, action="store_false", dest=field, help=text)

    add_choice("--interpolation", Interpolation, "whose state holds between polls (nearest)")
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
            "so many reports reach back before the year 1",
            table="--reports",
            values=[args.reports],
            remedy="Give a smaller number, or a shorter --every.",
        ) from error


# --- values -------------------------------------------------------------------------------------


def _now(text: str) -> dt.datetime:
    try:
        return check_now(text)
    except StoreUptimeError as error:
        message = f"{text!r} is no instant with an offset such as 2023-01-25T18:00:00Z"
        raise argparse.ArgumentTypeError(message) from error


def _csv_file(text: str) -> Path:
    return _file(text, [".csv"])


def _report_file(text: str) -> Path | str:
    return text if text == STDOUT else _file(text, [".csv", ".parquet"])


def _file(text: str, suffixes: Sequence[str]) -> Path:
    path = Path(text)
    if path.suffix.lower() not in suffixes:
        raise argparse.ArgumentTypeError(f"{text!r} does not end in {' or '.join(suffixes)}")
    return path


def _target(text: str) -> float:
    try:
        target = float(text)
        check_goal(target)
    except (ValueError, StoreUptimeError) as error:
        message = f"{text!r} is no availability above 0 and at most 1, such as 0.99"
        raise argparse.ArgumentTypeError(message) from error
    return target


def _count(text: str) -> int:
    if not re.fullmatch("0*[1-9][0-9]{0,5}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to 999999")
    return int(text)


def _step(text: str) -> dt.timedelta | relativedelta:
    length = _length(text)
    if not length:
        raise argparse.ArgumentTypeError(f"{text!r} leads nowhere")
    return length


def _duration(text: str) -> dt.timedelta:
    length = _length(text)
    if not isinstance(length, dt.timedelta):
        raise argparse.ArgumentTypeError(f"{text!r}: months and years vary, so give days")
    return length


def _window(text: str) -> tuple[str, AnyWindow]:
    match = re.fullmatch(r"([^=]+)=([^:]+)(?::(.+))?", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=LENGTH:UNIT")
    name, length, unit = match.groups(default="hours")
    try:
        return name, _any_window(length, unit)
    except StoreUptimeError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _any_window(length: str, unit: Any) -> AnyWindow:
    # The windows themselves refuse what is no unit.
    match = re.fullmatch(_PERIOD, length)
    if match:
        period: Any = match[1]
        return CalendarWindow(period, -int(match[2]), unit)
    return Window(_length(length, ", or period such as month-1"), unit)


def _length(text: str, alternative: str = "") -> dt.timedelta | relativedelta:
    if not re.fullmatch(f"({_TERM})+", text):
        wanted = f"length such as 90m, 1h30m, 2d or 3600s{alternative}"
        raise argparse.ArgumentTypeError(f"{text!r} is no {wanted}")
    terms = re.findall(_TERM, text)
    parts: dict[str, Any] = {_UNITS[unit]: int(count) for count, unit in terms}
    if len(parts) < len(terms):
        raise argparse.ArgumentTypeError(f"{text!r} names a unit twice")
    if parts.keys() & {"months", "years"}:
        return relativedelta(**parts)
    try:
        return dt.timedelta(**parts)
    except OverflowError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is too long") from error
