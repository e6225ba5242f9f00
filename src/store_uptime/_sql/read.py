"""Which columns and rows of which tables are read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from store_uptime._sql.driver import Driver
from store_uptime._sql.errors import translated_errors
from store_uptime._sql.names import source_of
from store_uptime._sql.parameters import PARAMETER, Value
from store_uptime._tables.contract import INSTANT, TABLES
from store_uptime._tables.given import Source
from store_uptime._tables.text import parse_instant
from store_uptime._tables.values import datetime_micros
from store_uptime._time.instants import from_microseconds
from store_uptime._time.units import DAY
from store_uptime.errors import InvalidStatusError

_POLLED_AT = "timestamp_utc"
_ONE_DAY = dt.timedelta(days=1)
_AFTER_ALL_DATES = ":"


@dataclass(frozen=True, slots=True)
class TableToRead:
    """A table of the database, or a SELECT, that is read as the input `name`.

    `source` stands behind FROM, `columns` behind SELECT.
    """

    driver: Driver
    name: str
    source: str
    columns: str

    def fetch(self, what: str, where: str = "", *values: Value) -> pl.DataFrame:
        """Return rows of the table."""
        query = f"SELECT {what} FROM {self.source}{where and f' WHERE {where}'}"
        with translated_errors(self.driver, "cannot be read", table=self.name):
            return self.driver.fetch(query, *values)

    def rows(self, where: str = "", *values: Value) -> pl.DataFrame:
        """Return the columns that matter."""
        return self.fetch(self.columns, where, *values)


def find_table(driver: Driver, name: str, given: Any) -> TableToRead:
    """Return the table that is `given` by its name or as a SELECT.

    Raises
    ------
    SchemaError
        There is no such table, or it lacks a column.
    """
    source = source_of(driver, name, given)
    with translated_errors(driver, f"{given!r} cannot be read", table=name):
        names = driver.names(source)
    source, columns = _renamed(driver, name, source, names)
    table = TableToRead(driver, name, source, driver.listed(columns))
    if not driver.typed:
        return table
    types = table.rows("1 = 0").schema
    listed = ", ".join(_readable(driver, column, types[column]) for column in columns)
    return TableToRead(driver, name, source, listed)


def _renamed(driver: Driver, name: str, source: str, names: Iterable[str]) -> tuple[str, list[str]]:
    """Return what stands behind FROM, and its columns, by names of the contract to the letter."""
    present = Source(pl.DataFrame(schema=dict.fromkeys(names, pl.Null)), name)
    found = {column: present.column(*column.names) for column in TABLES[name].columns}
    columns = [each if each in column.names else column.name for column, each in found.items()]
    if columns == list(found.values()):
        return source, columns
    quoted = zip(map(driver.quote, found.values()), map(driver.quote, columns), strict=True)
    aliases = ", ".join(f"{theirs} AS {ours}" for theirs, ours in quoted)
    return f"(SELECT {aliases} FROM {source}) store_uptime_named", columns


def _readable(driver: Driver, column: str, dtype: pl.DataType) -> str:
    """Return the column as it stands behind SELECT, cast to text where it would not arrive whole.

    PostgreSQL sends UUIDs, enumerations and types of extensions as the bytes that it keeps, and
    polars has no time of 24:00.
    """
    quoted = driver.quote(column)
    storage = dtype.ext_storage() if isinstance(dtype, pl.BaseExtension) else dtype
    if storage == pl.Binary or dtype == pl.Time:
        return f"CAST({quoted} AS {driver.dialect.text}) AS {quoted}"
    return quoted


# --- polls ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PollsToRead:
    """The table of the polls.

    `latest` has one row: the latest timestamp as the database has it, null if there is none.
    """

    table: TableToRead
    latest: pl.Series

    @property
    def _column(self) -> str:
        return self.table.driver.quote(_POLLED_AT)

    @property
    def _holds_text(self) -> bool:
        return self.latest.dtype == pl.String

    def last(self) -> int | None:
        """Return the latest instant in microseconds since 1970 UTC; ``None`` without polls.

        Raises
        ------
        InvalidStatusError
            The latest timestamp is unreadable.
        """
        if self.latest.null_count():
            return None
        latest = _latest_micros(self.latest)
        if not self._holds_text:
            return latest
        texts = self._texts_of_last_days()
        return _latest_micros(self._texts_of_last_second() if texts is None else texts)

    def _texts_of_last_second(self) -> pl.Series:
        """Return the timestamps of the latest second that has any.

        Where separators or fractions differ in form, strings do not sort by time. But the dates
        at their beginnings do, and so do the eight signs after the separator.
        """
        column, fetch = self._column, self.table.fetch
        clock, since = f"SUBSTR({column}, 12, 8)", f"{column} >= {PARAMETER}"
        day = self.latest.item()[:10]
        second = fetch(f"MAX({clock}) AS latest", since, day).item()
        found = fetch(column, f"{since} AND {clock} = {PARAMETER}", day, second)
        return found.to_series()

    def _texts_of_last_days(self) -> pl.Series | None:
        """Return the timestamps among which the latest is if some have offsets, else ``None``.

        Offsets lie within a day of UTC, so no other days than the last three can have it.
        """
        day = dt.date.fromisoformat(self.latest.item()[:10])
        since = str(max(day, dt.date.min + 2 * _ONE_DAY) - 2 * _ONE_DAY)
        column, fetch, recent = self._column, self.table.fetch, f"{self._column} >= {PARAMETER}"
        sign = f"SUBSTR({column}, 20) LIKE {PARAMETER}"
        count = fetch("COUNT(*) AS count", f"{recent} AND ({sign} OR {sign})", since, "%+%", "%-%")
        return fetch(column, recent, since).to_series() if count.item() else None

    def between(self, lo: int, now: int) -> pl.DataFrame:
        """Return the polls in ``[lo, now]``, and some more where timestamps are strings."""
        # What a text with an offset reads is within a day of its instant.
        around = DAY if self._holds_text else 0
        bounds = {">=": _datetime(lo - around), "<": _datetime(now + 1 + around)}
        values = {sign: self._value(bound, sign) for sign, bound in bounds.items() if bound}
        where = " AND ".join(f"{self._column} {sign} {PARAMETER}" for sign in values)
        return self.table.rows(where, *values.values())

    def _value(self, bound: dt.datetime, sign: str) -> Value:
        """Return the bound in a form that compares rightly with the column."""
        naive = bound.replace(tzinfo=None)
        if not self._holds_text:
            return bound if getattr(self.latest.dtype, "time_zone", None) else naive
        if sign == ">=":
            return naive.isoformat(" ", "seconds")
        # Times after a T sort behind all times after a blank, so that the date alone decides.
        return str(bound.date() + _ONE_DAY) if bound.date() < dt.date.max else _AFTER_ALL_DATES


def find_polls(table: TableToRead) -> PollsToRead:
    """Look at the timestamps of the polls.

    Raises
    ------
    SchemaError
        They are of a type that is not accepted.
    InvalidStatusError
        Some of them are null.
    """
    column = table.driver.quote(_POLLED_AT)
    latest = table.fetch(f"MAX({column}) AS {column}").to_series()
    if not isinstance(latest.dtype, pl.Datetime) and latest.dtype not in (pl.String, pl.Null):
        source = Source(latest.to_frame(), table.name)
        source.refuse_type(_POLLED_AT, INSTANT.accepted)
    nulls = table.fetch("COUNT(*) AS count", f"{column} IS NULL").item()
    if nulls:
        raise InvalidStatusError(
            "null timestamp",
            table=table.name,
            column=_POLLED_AT,
            count=nulls,
            remedy="Remove the rows, or give a SELECT without them.",
        )
    return PollsToRead(table, latest)


def _latest_micros(timestamps: pl.Series) -> int:
    dtype, raw = timestamps.dtype, pl.first()
    parsed = datetime_micros(raw, dtype) if isinstance(dtype, pl.Datetime) else parse_instant(raw)
    micros = timestamps.to_frame().select(parsed).to_series().to_list()
    if any(value is None or _datetime(value) is None for value in micros):
        raise InvalidStatusError(
            "the latest timestamp is unreadable, or outside the years 1 to 9999",
            table="status",
            column=_POLLED_AT,
            values=timestamps.to_physical().to_list(),
            remedy=INSTANT.remedy,
        )
    return int(max(micros))


def _datetime(micros: int) -> dt.datetime | None:
    """Return the instant; ``None`` outside the years 1 to 9999, where there are no polls."""
    try:
        return from_microseconds(micros)
    except OverflowError:
        return None
