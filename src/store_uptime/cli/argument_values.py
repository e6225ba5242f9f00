"""What stands behind an option: each kind of value is read, or refused in a few words."""

from __future__ import annotations

import datetime as dt
import re
from argparse import ArgumentTypeError
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, get_args

from dateutil.relativedelta import relativedelta

from store_uptime._files.find import PARQUET_ENDINGS
from store_uptime._files.paths import as_path
from store_uptime._results.summary import check_goal
from store_uptime._time.instants import check_instant
from store_uptime._time.lengths import read_length
from store_uptime._time.zone_names import check_zones
from store_uptime.cli.formats import ENDINGS
from store_uptime.cli.output import STDOUT
from store_uptime.errors import SchemaError, StoreUptimeError, UnknownTimeZoneError
from store_uptime.policy import Policy
from store_uptime.windows import AnyWindow, CalendarWindow, Period, Unit, Weekday, Window

NO_LIMIT = "none"
"""What is typed for ``None``."""

_PERIOD = re.compile(rf"({'|'.join(get_args(Period))})-([0-9]{{1,9}})(?:@(.*))?")
_WEEKDAY_NAMES = {word: name for name in get_args(Weekday) for word in (name, name[:3])}
_MONTH_NUMBERS = {
    word: number
    for number, name in enumerate(
        (
            *("january", "february", "march", "april", "may", "june"),
            *("july", "august", "september", "october", "november", "december"),
        ),
        start=1,
    )
    for word in (name, name[:3], f"{number}", f"{number:02}")
}
_A_WEEKDAY = ("week_start", _WEEKDAY_NAMES, "a weekday such as sunday or sun")
_A_MONTH = ("first_month", _MONTH_NUMBERS, "a month such as april, apr or 4")
_BEGINNINGS: Mapping[str, tuple[str, Mapping[str, Any], str]] = MappingProxyType(
    {"week": _A_WEEKDAY, "quarter": _A_MONTH, "year": _A_MONTH}
)
_LIMITS: Mapping[str, str] = MappingProxyType(
    {
        "max_gap": "a length above zero such as 90m, 2h30m or 7d",
        "lookback": "a length such as 90m, 2h30m or 7d, or 0s",
    }
)


class Sorting(NamedTuple):
    """A column to sort by; `descending` is ``None`` if the worst are to be first."""

    column: str
    descending: bool | None


def as_text(text: str) -> str:
    """Read a text; bytes that are none come in as half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ArgumentTypeError(f"must be text in UTF-8, not {text!r}") from error
    return text


def as_instant(text: str) -> dt.datetime:
    """Read an instant."""
    try:
        return check_instant(text)
    except StoreUptimeError as error:
        message = f"must be a time with an offset such as 2023-01-25T18:00:00Z, not {text!r}"
        raise ArgumentTypeError(message) from error


def as_now(text: str) -> dt.datetime:
    """Read an instant, or ``now``: only where it is asked for is the clock read."""
    return dt.datetime.now(dt.UTC) if text.lower() == "now" else as_instant(text)


def as_csv_file(text: str) -> Path:
    """Read the name of a CSV file."""
    return _as_file(text, [".csv"])


def as_page_file(text: str) -> Path:
    """Read the name of a file that a browser opens."""
    return _as_file(text, [".html", ".htm"])


def as_rates_file(text: str) -> Path:
    """Read the name of a file of rates."""
    return _as_file(text, [".csv", *PARQUET_ENDINGS])


def as_folder(text: str) -> Path:
    """Read the name of a folder."""
    try:
        return as_path(text, None)
    except SchemaError as error:
        raise ArgumentTypeError(f"must be a folder, not {text!r}") from error


def as_result_file(text: str) -> Path | str:
    """Read the name of a file that can be written, or ``-``."""
    return text if text == STDOUT else _as_file(text, ENDINGS)


def _as_file(text: str, endings: Sequence[str]) -> Path:
    path = Path(text)
    if path.suffix.lower() not in endings:
        *others, last = endings
        told = f"{', '.join(others)} or {last}" if others else last
        raise ArgumentTypeError(f"must be a file that ends in {told}, not {text!r}")
    return path


def as_share(text: str) -> float:
    """Read an availability."""
    try:
        share = float(text)
        check_goal(share)
    except (ValueError, StoreUptimeError) as error:
        message = f"must be a share above 0 and at most 1 such as 0.99, not {text!r}"
        raise ArgumentTypeError(message) from error
    return share


def as_count(text: str) -> int:
    """Read a whole number from 1 to 999999."""
    if not re.fullmatch("0*[1-9][0-9]{0,5}", text):
        raise ArgumentTypeError(f"must be a whole number from 1 to 999999, not {text!r}")
    return int(text)


def as_step(text: str) -> dt.timedelta | relativedelta:
    """Read a length from one report to the next, months and years included."""
    length = _length_or_none(text)
    if not length:
        raise ArgumentTypeError(f"must be a length above zero such as 12h, 1d or 1mo, not {text!r}")
    return length


def as_limit(field: str) -> Callable[[str], str | None]:
    """Return what reads a length that a field of `Policy` takes, or ``none``."""

    def read(text: str) -> str | None:
        limit = None if text.lower() == NO_LIMIT else text
        try:
            Policy(**{field: limit})  # type: ignore[arg-type]  # a field that takes lengths
        except StoreUptimeError as error:
            months = _length_or_none(text) and " (a month or year has no fixed length)"
            message = f"must be {_LIMITS[field]}, or {NO_LIMIT}, not {text!r}{months or ''}"
            raise ArgumentTypeError(message) from error
        return limit

    return read


def as_zone(text: str) -> str:
    """Read the name of a time zone."""
    try:
        check_zones([text], table="", column="")
    except UnknownTimeZoneError as error:
        raise ArgumentTypeError(f"{text!r} is unknown to tzdata. {error.remedy}") from error
    return text


def as_window(text: str) -> tuple[str, AnyWindow]:
    """Read the name of a window, and the window."""
    match = re.fullmatch(r"([^=]+)=([^:]+)(?::(.+))?", as_text(text))
    if not match:
        message = f"must be NAME=LENGTH:UNIT such as last_30_days=30d:hours, not {text!r}"
        raise ArgumentTypeError(message)
    name, length, unit = match.groups(default="hours")
    units: tuple[str, ...] = get_args(Unit)
    if unit not in units:
        *others, last = units
        raise ArgumentTypeError(
            f"must have {', '.join(others)} or {last} behind the colon, not {unit!r}"
        )
    return name, _any_window(length, unit)


def _any_window(length: str, unit: Any) -> AnyWindow:
    match = _PERIOD.fullmatch(length)
    if match:
        period: Any = match[1]
        return CalendarWindow(period, -int(match[2]), unit, **_beginning(period, match[3]))
    if _length_or_none(length) is None:
        wanted = "a length such as 90m, 7d or 1mo, or a period such as month-1"
        raise ArgumentTypeError(f"must be {wanted}, not {length!r}")
    try:
        return Window(length, unit)
    except StoreUptimeError as error:
        message = f"must be longer than zero and begin after the year 1, not {length!r}"
        raise ArgumentTypeError(message) from error


def _beginning(period: str, text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    if period not in _BEGINNINGS:
        raise ArgumentTypeError(f"must have a week, quarter or year before the @, not a {period}")
    field, words, wanted = _BEGINNINGS[period]
    if text.lower() not in words:
        raise ArgumentTypeError(f"must have {wanted} behind the @ of a {period}, not {text!r}")
    return {field: words[text.lower()]}


def as_sorting(text: str) -> Sorting:
    """Read a column to sort by, with ``:asc`` or ``:desc`` behind it or not."""
    text = as_text(text)
    for ending, descending in ((":asc", False), (":desc", True)):
        if text.endswith(ending):
            return Sorting(text.removesuffix(ending), descending)
    return Sorting(text, None)


def _length_or_none(text: str) -> dt.timedelta | relativedelta | None:
    try:
        return read_length(text)
    except ValueError:
        return None
