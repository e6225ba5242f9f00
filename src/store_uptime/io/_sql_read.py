"""Which tables, columns and rows are read, and how the rows become the tables of a load."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from store_uptime.errors import InvalidStatusError, SchemaError
from store_uptime.instant import from_microseconds
from store_uptime.io._sql_driver import PARAMETER, Driver, Value, told
from store_uptime.parse import TIMESTAMP_REMEDY, datetime_micros, parse_instant
from store_uptime.source import Source

COLUMNS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "status": (("store_id",), ("timestamp_utc",), ("status",)),
    "hours": (
        ("store_id",),
        ("day_of_week", "day", "dayOfWeek"),
        ("start_time_local",),
        ("end_time_local",),
    ),
    "timezones": (("store_id",), ("timezone_str",)),
    "special_hours": (("store_id",), ("date",), ("start_time_local",), ("end_time_local",)),
    "maintenance": (("store_id",), ("start_utc",), ("end_utc",)),
}
"""The columns of each table that are read, each with the names it may have."""

_DAY = dt.timedelta(days=1)
_SELECT = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:SELECT|WITH)\s", re.IGNORECASE | re.DOTALL)
_PART = r'"(?:[^"]|"")+"|[^."][^.]*'
_NAME = re.compile(rf"(?:{_PART})(?:\.(?:{_PART}))*")
_TIMESTAMP = "timestamp_utc"
_NO_BOOLEAN = ("sqlite", "mysql")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the database, or a SELECT, that is read as the input `name`.

    `source` stands behind FROM. `columns` are those that are read, as they stand behind SELECT.
    """

    driver: Driver
    name: str
    source: str
    columns: Mapping[str, str]

    def fetch(self, what: str, where: str = "", *values: Value) -> pl.DataFrame:
        """Return rows of the table, or raise one of this package's errors."""
        query = f"SELECT {what} FROM {self.source}{where and f' WHERE {where}'}"
        with told(self.driver, "cannot be read", table=self.name):
            return self.driver.fetch(query, *values)

    def rows(self, where: str = "", *values: Value) -> pl.DataFrame:
        """Return the columns that are read."""
        return self.fetch(", ".join(self.columns.values()), where, *values)


def find_table(driver: Driver, name: str, given: Any) -> Table:
    """Return the table that is `given` by its name or as a SELECT.

    Raises
    ------
    SchemaError
        There is no such table, or it lacks a column.
    """
    source = source_of(driver, name, given)
    with told(driver, "cannot be read", table=name):
        present = Source(pl.DataFrame(schema=dict.fromkeys(driver.names(source), pl.Null)), name)
    columns = {
        column: driver.quote(column)
        for column in (present.column(*names) for names in COLUMNS[name])
    }
    table = Table(driver, name, source, columns)
    if driver.dialect == "postgresql" and driver.typed:
        # UUIDs, enumerations and types of extensions arrive as the bytes that the server keeps.
        for column, dtype in table.rows("1 = 0").schema.items():
            if _is_binary(dtype):
                quoted = columns[column]
                columns[column] = f"CAST({quoted} AS text) AS {quoted}"
    return table


def _is_binary(dtype: pl.DataType) -> bool:
    return dtype == pl.Binary or getattr(dtype, "ext_storage", lambda: None)() == pl.Binary


def source_of(driver: Driver, name: str, given: Any) -> str:
    """Return what stands behind FROM for a table's name or a SELECT."""
    if not isinstance(given, str):
        raise SchemaError(
            f"a {type(given).__name__} is no table",
            table=name,
            remedy="Give the table's name, or a SELECT.",
        )
    if PARAMETER not in given:
        if _SELECT.match(given):
            # A comment at the end must not swallow the bracket.
            return f"(\n{given.strip().rstrip(';')}\n) store_uptime_{name}"
        if _NAME.fullmatch(given):
            return ".".join(driver.quote(_bare(part)) for part in re.findall(_PART, given))
    raise SchemaError(
        "no such table",
        table=name,
        values=[given],
        remedy="Give the table's name, such as 'schema.table', or a SELECT.",
    )


def _bare(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part


# --- polls ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PollTable:
    """The table of the polls.

    `latest` has one row: the latest timestamp as the database has it, null if there is none.
    """

    table: Table
    latest: pl.Series

    @property
    def _column(self) -> str:
        return self.table.driver.quote(_TIMESTAMP)

    def last(self) -> int | None:
        """Return the latest instant in microseconds since 1970 UTC; ``None`` without polls.

        Raises
        ------
        InvalidStatusError
            The latest timestamp is unreadable.
        """
        if self.latest.dtype == pl.Null:
            return None
        if self.latest.dtype == pl.String:
            return self._last_of(self._latest_texts())
        dtype = self.latest.dtype
        assert isinstance(dtype, pl.Datetime)
        return int(self.latest.to_frame().select(datetime_micros(pl.first(), dtype)).item())

    def _latest_texts(self) -> pl.Series:
        """Return the timestamps of the latest second.

        Strings of one second do not sort by time where separators or fractions differ in form,
        but the dates at their beginning do, and so do the times after the separator.
        """
        self._last_of(self.latest)
        day = self.latest.item()[:10]
        column = self._column
        clock, since = f"SUBSTR({column}, 12, 8)", f"{column} >= {PARAMETER}"
        second = self.table.fetch(f"MAX({clock}) AS latest", since, day).item()
        found = self.table.fetch(column, f"{since} AND {clock} = {PARAMETER}", day, second)
        return found.to_series()

    def _last_of(self, texts: pl.Series) -> int:
        micros = texts.to_frame().select(parse_instant(pl.first())).to_series()
        if micros.null_count():
            raise InvalidStatusError(
                "unreadable timestamp",
                table=self.table.name,
                column=_TIMESTAMP,
                values=texts.filter(micros.is_null()).to_list(),
                remedy=TIMESTAMP_REMEDY,
            )
        return int(micros.max())  # type: ignore[arg-type]  # polls are not empty

    def between(self, lo: int, now: int) -> pl.DataFrame:
        """Return the polls in ``[lo, now]``, and some more where timestamps are strings."""
        text = self.latest.dtype == pl.String
        bounds = {">=": _instant(lo), "<": _instant(now + 1)}
        if text and bounds["<"]:
            # What follows the date is a blank or a T, after which times no longer compare.
            bounds["<"] = bounds["<"].replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
        aware = getattr(self.latest.dtype, "time_zone", None) is not None
        values: dict[str, Value] = {
            sign: f"{bound:%Y-%m-%d %H:%M:%S}"
            if text
            else bound
            if aware
            else bound.replace(tzinfo=None)
            for sign, bound in bounds.items()
            if bound is not None
        }
        where = " AND ".join(f"{self._column} {sign} {PARAMETER}" for sign in values)
        return self.table.rows(where, *values.values())


def find_polls(table: Table) -> PollTable:
    """Look at the timestamps of the polls.

    Raises
    ------
    SchemaError
        They are of a type that is not accepted.
    InvalidStatusError
        Some of them are null.
    """
    column = table.driver.quote(_TIMESTAMP)
    latest = table.fetch(f"MAX({column}) AS {column}").to_series()
    if not (isinstance(latest.dtype, pl.Datetime) or latest.dtype in (pl.String, pl.Null)):
        source = Source(latest.to_frame(), table.name)
        source.refuse_type(_TIMESTAMP, "Datetime (naive means UTC) and strings")
    nulls = table.fetch("COUNT(*) AS nulls", f"{column} IS NULL").item()
    if nulls:
        raise InvalidStatusError(
            "null timestamp",
            table=table.name,
            column=_TIMESTAMP,
            count=nulls,
            remedy="Remove the rows, or leave them out in a SELECT.",
        )
    return PollTable(table, latest)


def _instant(micros: int) -> dt.datetime | None:
    """Return the instant; ``None`` outside the years 1 to 9999, where there are no polls."""
    try:
        return from_microseconds(micros)
    except OverflowError:
        return None
