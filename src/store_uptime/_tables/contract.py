"""The tables, said once: columns, their other names, what they hold, what to say of bad values.

The border, the loaders, Spark and the command line all take them from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from store_uptime.errors import (
    InvalidHoursError,
    InvalidStatusError,
    StoreUptimeError,
    UnknownTimeZoneError,
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A text that people write by a mistake that it shows: its form, what it is, what to do."""

    form: str
    fault: str
    code: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What a column holds.

    Attributes
    ----------
    accepted
        The types that it may have, in words.
    fault, null_fault
        What to say of a value that cannot be read; and of that or a null, where none may be.
    code
        The code of both.
    remedy
        What to do about it.
    loaded
        The type in which the loaders return it; ids keep their own.
    mistakes
        Of the texts that cannot be read, those that more can be said of.
    """

    accepted: str
    fault: str
    null_fault: str
    code: str
    remedy: str
    loaded: pl.DataType | None
    mistakes: tuple[Mistake, ...] = ()


OUTSIDE_YEARS = Mistake(
    # Among what has the form of an instant, an offset leads out of the first and the last date.
    r"^(?:0001-01-01|9999-12-31)[ T](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
    r" ?[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9]){0,2}$",
    "timestamp outside the years 1 to 9999",
    "timestamp_outside_years",
    "Look at the unit, such as seconds read as milliseconds, and leave infinities out.",
)
ID = Kind(
    "integers and strings",
    "unreadable id",
    "null id",
    "null_id",
    "Remove the rows or give them an id.",
    None,
)
INSTANT = Kind(
    "Datetime (naive means UTC) and strings",
    "unreadable timestamp",
    "null or unreadable timestamp",
    "unreadable_timestamp",
    "Write instants in UTC, like '2023-01-22 12:09:39.388884 UTC'.",
    pl.Datetime("us", "UTC"),
    (OUTSIDE_YEARS,),
)
STATUS = Kind(
    "strings, Enum, Categorical, Boolean, and the integers 1 and 0",
    "status other than active or inactive",
    "status other than active or inactive",
    "unknown_status",
    "A status is 'active' or 'inactive', true or false, t or f, 1 or 0.",
    pl.Boolean(),
)
WEEKDAY = Kind(
    "whole numbers from 0 (Monday) to 6 (Sunday), and English names",
    "weekday outside 0-6",
    "weekday outside 0-6",
    "unknown_weekday",
    "Weekdays are whole numbers from 0 (Monday) to 6 (Sunday), or English names.",
    pl.Int64(),
)
TIME = Kind(
    "Time, Duration since midnight, and strings",
    "unreadable time",
    "null or unreadable time",
    "unreadable_time",
    "Write local times as HH:MM or HH:MM:SS, from 00:00 to 24:00.",
    pl.Duration("us"),
    (
        Mistake(
            r"^\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T]",
            "a date and a time where only a time may be",
            "datetime_as_time",
            "pandas writes times so once it has made datetimes of them: "
            "write them by .dt.strftime('%H:%M:%S').",
        ),
    ),
)
DATE = Kind(
    "Date, naive Datetime at midnight, and strings",
    "unreadable date",
    "null or unreadable date",
    "unreadable_date",
    "Write local dates like '2023-12-25'.",
    pl.Date(),
)
ZONE = Kind(
    "strings, Enum and Categorical",
    "zone unknown to the tzdata package",
    "zone unknown to the tzdata package",
    "unknown_zone",
    "Use an IANA name such as 'America/Chicago', or upgrade tzdata if the zone is new.",
    pl.String(),
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it holds, its other names, and whether its values may be null.

    One that is `optional` need not be there.
    """

    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    nullable: bool = False
    optional: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All names by which it is found, its own first."""
        return (self.name, *self.aliases)

    @property
    def fault(self) -> str:
        """What to say of a value that may not stand there."""
        return self.kind.fault if self.nullable else self.kind.null_fault


@dataclass(frozen=True, slots=True)
class Check:
    """What can be wrong with a row whose values are good one by one; it is told of one column.

    `condition` is about the values of the row, by the names of their columns.
    """

    column: str
    condition: pl.Expr
    fault: str
    code: str
    remedy: str

    @property
    def is_bad(self) -> pl.Expr:
        """Whether a row is bad; one of which the condition says nothing, for a null, is good."""
        return self.condition.fill_null(value=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A table; one that is `optional` need not be there. Bad rows raise `error`."""

    name: str
    columns: tuple[Column, ...]
    error: type[StoreUptimeError]
    checks: tuple[Check, ...] = ()
    optional: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All names of all columns."""
        return tuple(name for column in self.columns for name in column.names)


def _one_time_alone(time: str, other: str) -> Check:
    return Check(
        time,
        pl.col(time).is_null() & pl.col(other).is_not_null(),
        f"null time beside one in {other}",
        "one_time_alone",
        "Give both times, or neither where the store is closed all day.",
    )


_STORE = Column("store_id", ID)
_STORE_OR_ALL = Column("store_id", ID, nullable=True)
_WEEKLY = (
    Column("day_of_week", WEEKDAY, aliases=("day", "dayOfWeek")),
    Column("start_time_local", TIME),
    Column("end_time_local", TIME),
    Column("valid_from", DATE, nullable=True, optional=True),
    Column("valid_until", DATE, nullable=True, optional=True),
)
_VALIDITY = Check(
    "valid_until",
    pl.col("valid_until") < pl.col("valid_from"),
    "before valid_from",
    "until_before_from",
    "A row holds from valid_from on, and no longer from valid_until on: swap them, or mend one.",
)
_TABLES = (
    Table(
        "status",
        (_STORE, Column("timestamp_utc", INSTANT), Column("status", STATUS)),
        InvalidStatusError,
    ),
    Table(
        "hours",
        (_STORE, *_WEEKLY),
        InvalidHoursError,
        (_VALIDITY,),
    ),
    Table(
        "timezones",
        (_STORE, Column("timezone_str", ZONE, nullable=True)),
        UnknownTimeZoneError,
    ),
    Table(
        "special_hours",
        (
            _STORE_OR_ALL,
            Column("date", DATE),
            Column("start_time_local", TIME, nullable=True),
            Column("end_time_local", TIME, nullable=True),
        ),
        InvalidHoursError,
        (
            _one_time_alone("start_time_local", "end_time_local"),
            _one_time_alone("end_time_local", "start_time_local"),
        ),
        optional=True,
    ),
    Table(
        "maintenance",
        (
            _STORE_OR_ALL,
            Column("start_utc", INSTANT, nullable=True),
            Column("end_utc", INSTANT, nullable=True),
        ),
        InvalidHoursError,
        (
            Check(
                "start_utc",
                pl.col("start_utc").is_null() & pl.col("end_utc").is_null(),
                "null beside a null in end_utc",
                "neither_start_nor_end",
                "A null start_utc is since ever, a null end_utc is for ever: give one of them.",
            ),
            Check(
                "end_utc",
                pl.col("end_utc") <= pl.col("start_utc"),
                "end not after its start",
                "end_before_start",
                "Maintenance is the time from start_utc to end_utc: end it after its start.",
            ),
        ),
        optional=True,
    ),
    Table(
        "maintenance_hours",
        (_STORE_OR_ALL, *_WEEKLY),
        InvalidHoursError,
        (_VALIDITY,),
        optional=True,
    ),
)
TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in _TABLES})
"""All tables by name, in the order in which they are checked."""
