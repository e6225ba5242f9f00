"""The tables that come as CSV files: their columns, and what can be wrong with a row.

A table is a description, `Table`; everything else works from that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from store_uptime._tables.contract import DATE, INSTANT, STATUS, TIME, WEEKDAY
from store_uptime._tables.text import (
    parse_date,
    parse_instant,
    parse_status,
    parse_time,
)
from store_uptime._time.zones import zone_names
from store_uptime.errors import (
    InvalidHoursError,
    InvalidStatusError,
    StoreUptimeError,
    UnknownTimeZoneError,
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its names in files, how its text is read, what to say of text that is unusable.

    `parse` gives null for such text; `blank_is_null` says that blank text is an honest null.
    """

    name: str
    names: tuple[str, ...]
    parse: Callable[[pl.Expr], pl.Expr]
    fault: str
    remedy: str
    blank_is_null: bool = False

    @property
    def text(self) -> pl.Expr:
        return pl.col(f"text of {self.name}")

    @property
    def is_bad(self) -> pl.Expr:
        bad = pl.col(self.name).is_null()
        return bad & ~_is_blank(self.text) if self.blank_is_null else bad


@dataclass(frozen=True, slots=True)
class Check:
    """What can be wrong with a row whose columns are good each by itself, told of one of them."""

    column: str
    is_bad: pl.Expr
    fault: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the names of its file without ``.csv``, its columns, the error for a bad row.

    A table that is `optional` need not have a file.
    """

    name: str
    files: tuple[str, ...]
    columns: tuple[Column, ...]
    error: type[StoreUptimeError]
    checks: tuple[Check, ...] = ()
    optional: bool = False


def _is_blank(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars() == ""


def parse_text(text: pl.Expr) -> pl.Expr:
    return pl.when(~_is_blank(text)).then(text)


def _parse_timestamp(text: pl.Expr) -> pl.Expr:
    return parse_instant(text).cast(pl.Datetime("us", "UTC"))


def _parse_date(text: pl.Expr) -> pl.Expr:
    return parse_date(text).cast(pl.Datetime("us")).cast(pl.Date)


def _parse_weekday(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains("^[0-6]$")).then(text).cast(pl.Int64)


def _parse_duration(text: pl.Expr) -> pl.Expr:
    return parse_time(text).cast(pl.Duration("us"))


def _parse_zone(text: pl.Expr) -> pl.Expr:
    return pl.when(text.is_in(sorted(zone_names()))).then(text)


def _timestamp(name: str) -> Column:
    return Column(name, (name,), _parse_timestamp, f"unreadable {name}", INSTANT.remedy)


def _time(name: str) -> Column:
    return Column(name, (name,), _parse_duration, f"unreadable {name}", TIME.remedy)


def _without(name: str, other: str) -> Check:
    is_bad = pl.col(name).is_null() & pl.col(other).is_not_null()
    return Check(name, is_bad, f"{other} without {name}", _CLOSED_REMEDY)


_CLOSED_REMEDY = "Give both times, or neither for a day on which the store is closed."
ID = Column(
    "store_id", ("store_id",), parse_text, "empty store_id", "Remove the rows or give them an id."
)
_ID_OR_ALL = replace(ID, blank_is_null=True)
_START, _END = _time("start_time_local"), _time("end_time_local")
_STATUS = Column(
    "status", ("status",), parse_status, "status other than active or inactive", STATUS.remedy
)
_WEEKDAY = Column(
    "day_of_week",
    ("day_of_week", "day", "dayOfWeek"),
    _parse_weekday,
    "weekday outside 0-6",
    WEEKDAY.remedy,
)
_DATE = Column("date", ("date",), _parse_date, "unreadable date", DATE.remedy)
_ZONE = Column(
    "timezone_str",
    ("timezone_str",),
    _parse_zone,
    "zone unknown to the tzdata package",
    "Use an IANA name such as 'America/Chicago', or upgrade tzdata if the zone is new.",
    blank_is_null=True,
)
TABLES = (
    Table(
        "status",
        ("store_status", "store status", "status"),
        (ID, _timestamp("timestamp_utc"), _STATUS),
        InvalidStatusError,
    ),
    Table(
        "hours",
        ("menu_hours", "menu hours", "business_hours"),
        (ID, _WEEKDAY, _START, _END),
        InvalidHoursError,
    ),
    Table(
        "timezones",
        ("timezones", "store_timezones", "bq-results-*"),
        (ID, _ZONE),
        UnknownTimeZoneError,
    ),
    Table(
        "special_hours",
        ("special_hours*", "special hours*"),
        (
            _ID_OR_ALL,
            _DATE,
            replace(_START, blank_is_null=True),
            replace(_END, blank_is_null=True),
        ),
        InvalidHoursError,
        (_without(_START.name, _END.name), _without(_END.name, _START.name)),
        optional=True,
    ),
    Table(
        "maintenance",
        ("maintenance*",),
        (_ID_OR_ALL, _timestamp("start_utc"), _timestamp("end_utc")),
        InvalidHoursError,
        (
            Check(
                "end_utc",
                pl.col("end_utc") <= pl.col("start_utc"),
                "end_utc not after start_utc",
                "Maintenance ends after it starts.",
            ),
        ),
        optional=True,
    ),
)
