"""What stands behind an option: each kind of value is read, or refused in a few words."""

from __future__ import annotations

import argparse
import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dateutil.relativedelta import relativedelta

from store_uptime._time.instants import check_instant
from store_uptime.cli.output import STDOUT
from store_uptime.errors import StoreUptimeError
from store_uptime.summary import check_goal
from store_uptime.windows import AnyWindow, CalendarWindow, Window

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


def as_instant(text: str) -> dt.datetime:
    """Read an instant."""
    try:
        return check_instant(text)
    except StoreUptimeError as error:
        message = f"must be a time with an offset such as 2023-01-25T18:00:00Z, not {text!r}"
        raise argparse.ArgumentTypeError(message) from error


def as_csv_file(text: str) -> Path:
    """Read the name of a CSV file."""
    return _as_file(text, [".csv"])


def as_report_file(text: str) -> Path | str:
    """Read the name of a CSV or Parquet file, or ``-``."""
    return text if text == STDOUT else _as_file(text, [".csv", ".parquet"])


def _as_file(text: str, suffixes: Sequence[str]) -> Path:
    path = Path(text)
    if path.suffix.lower() not in suffixes:
        endings = " or ".join(suffixes)
        raise argparse.ArgumentTypeError(f"must be a file that ends in {endings}, not {text!r}")
    return path


def as_target(text: str) -> float:
    """Read an availability to aim at."""
    try:
        target = float(text)
        check_goal(target)
    except (ValueError, StoreUptimeError) as error:
        message = f"must be a share above 0 and at most 1 such as 0.99, not {text!r}"
        raise argparse.ArgumentTypeError(message) from error
    return target


def as_count(text: str) -> int:
    """Read a whole number from 1 to 999999."""
    if not re.fullmatch("0*[1-9][0-9]{0,5}", text):
        message = f"must be a whole number from 1 to 999999, not {text!r}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def as_step(text: str) -> dt.timedelta | relativedelta:
    """Read a length from one report to the next, months and years included."""
    length = _as_length(text)
    if not length:
        raise argparse.ArgumentTypeError(f"must be longer than zero, not {text!r}")
    return length


def as_duration(text: str) -> dt.timedelta:
    """Read a length that is the same wherever it begins."""
    length = _as_length(text)
    if not isinstance(length, dt.timedelta):
        message = f"must be in weeks or less, because months and years vary, not {text!r}"
        raise argparse.ArgumentTypeError(message)
    return length


def as_window(text: str) -> tuple[str, AnyWindow]:
    """Read the name of a window, and the window."""
    match = re.fullmatch(r"([^=]+)=([^:]+)(?::(.+))?", text)
    if not match:
        raise argparse.ArgumentTypeError(f"must be NAME=LENGTH:UNIT, not {text!r}")
    name, length, unit = match.groups(default="hours")
    try:
        return name, _as_any_window(length, unit)
    except StoreUptimeError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _as_any_window(length: str, unit: Any) -> AnyWindow:
    # The windows themselves refuse what is no unit.
    match = re.fullmatch(_PERIOD, length)
    if match:
        period: Any = match[1]
        return CalendarWindow(period, -int(match[2]), unit)
    return Window(_as_length(length, ", or a period such as month-1"), unit)


def _as_length(text: str, alternative: str = "") -> dt.timedelta | relativedelta:
    if not re.fullmatch(f"({_TERM})+", text):
        wanted = f"a length such as 90m, 1h30m, 2d or 3600s{alternative}"
        raise argparse.ArgumentTypeError(f"must be {wanted}, not {text!r}")
    terms = re.findall(_TERM, text)
    parts: dict[str, Any] = {_UNITS[unit]: int(count) for count, unit in terms}
    if len(parts) < len(terms):
        raise argparse.ArgumentTypeError(f"must name each unit once, not {text!r}")
    if parts.keys() & {"months", "years"}:
        return relativedelta(**parts)
    try:
        return dt.timedelta(**parts)
    except OverflowError as error:
        raise argparse.ArgumentTypeError(f"is too long: {text!r}") from error
