"""Which polls are read: those that can matter, by their timestamps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from store_uptime._sql.parameters import PARAMETER, Value
from store_uptime._sql.read import TableToRead
from store_uptime._tables.contract import INSTANT, OUTSIDE_YEARS
from store_uptime._tables.given import Source
from store_uptime._tables.text import parse_instant
from store_uptime._tables.values import datetime_micros
from store_uptime._time.instants import from_microseconds
from store_uptime._time.units import DAY, FIRST_INSTANT, LAST_INSTANT
from store_uptime.errors import InvalidStatusError

_POLLED_AT = "timestamp_utc"
_ONE_DAY = dt.timedelta(days=1)
_OFFSET_SIGNS = ("%+%", "%-%")


@dataclass(frozen=True, slots=True)
class _Condition:
    """What stands behind WHERE, and its values."""

    sql: str
    values: tuple[Value, ...] = ()

    def __and__(self, other: _Condition) -> _Condition:
        return _Condition(f"{self.sql} AND {other.sql}", (*self.values, *other.values))

    def __or__(self, other: _Condition) -> _Condition:
        return _Condition(f"({self.sql} OR {other.sql})", (*self.values, *other.values))


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

    def last(self) -> int | None:
        """Return the latest instant in microseconds since 1970 UTC; ``None`` without polls.

        Raises
        ------
        InvalidStatusError
            The latest timestamp is unreadable.
        """
        return None if self.latest.null_count() else _latest_micros(self.latest)

    def between(self, first: int, last: int) -> pl.DataFrame:
        """Return the polls in ``[first, last]``, and some more where timestamps are strings.

        From the first instant on, or up to the last, it is all of them, also those outside the
        calendar.
        """
        condition = self._wanted(first, last)
        return self.table.rows(condition.sql, *condition.values)

    def _wanted(self, first: int, last: int) -> _Condition:
        return self._bounds(first, last)

    def _bounds(self, first: int, last: int) -> _Condition:
        lower = self._lower(from_microseconds(first)) if first > FIRST_INSTANT else None
        upper = self._upper(from_microseconds(last + 1)) if last < LAST_INSTANT else None
        condition = _Condition("1 = 1")
        for sign, bound in ((">=", lower), ("<", upper)):
            if bound is not None:
                condition &= _Condition(f"{self._column} {sign} {PARAMETER}", (bound,))
        return condition

    def _lower(self, bound: dt.datetime) -> Value:
        """Return the bound in a form that compares rightly with the column."""
        has_zone = getattr(self.latest.dtype, "time_zone", None)
        return bound if has_zone else bound.replace(tzinfo=None)

    def _upper(self, bound: dt.datetime) -> Value | None:
        """Return likewise the bound that lies behind; ``None`` if nothing lies beyond it."""
        return self._lower(bound)


class PollsInText(PollsToRead):
    """The table of the polls, if their timestamps are strings.

    Strings sort by what the clock reads, up to the second. Between date and time a T sorts behind
    a blank, so that up to a bound only the date is looked at. Where there is an offset, the instant
    lies within a day of what the clock reads.
    """

    @property
    def _has_offset(self) -> _Condition:
        signs = [f"SUBSTR({self._column}, 20) LIKE {PARAMETER}" for _ in _OFFSET_SIGNS]
        return _Condition(f"({' OR '.join(signs)})", _OFFSET_SIGNS)

    def last(self) -> int | None:
        if self.latest.null_count():
            return None
        # The latest string need not be the latest instant, but that is no earlier.
        known = _latest_micros(self.latest)
        since = self._bounds(known - DAY, LAST_INSTANT)
        second = f"SUBSTR(REPLACE({self._column}, 'T', ' '), 1, 19)"
        without = since & _Condition(f"NOT {self._has_offset.sql}", self._has_offset.values)
        latest = self.table.fetch(f"MAX({second}) AS latest", without.sql, *without.values).item()
        is_latest = _Condition(f"{second} = {PARAMETER}", (latest or "",))
        found = since & (is_latest | self._has_offset)
        read = f"{self.table.columns[_POLLED_AT]} AS {self._column}"
        return _latest_micros(self.table.fetch(read, found.sql, *found.values).to_series())

    def _wanted(self, first: int, last: int) -> _Condition:
        around = self._bounds(first - DAY, last + DAY)
        return around & (self._bounds(first, last) | self._has_offset)

    def _lower(self, bound: dt.datetime) -> Value:
        return bound.replace(tzinfo=None).isoformat(" ", "seconds")

    def _upper(self, bound: dt.datetime) -> Value | None:
        return str(bound.date() + _ONE_DAY) if bound.date() < dt.date.max else None


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
            code=INSTANT.code,
        )
    return (PollsInText if latest.dtype == pl.String else PollsToRead)(table, latest)


def _latest_micros(timestamps: pl.Series) -> int:
    dtype, raw = timestamps.dtype, pl.first()
    parsed = datetime_micros(raw, dtype) if isinstance(dtype, pl.Datetime) else parse_instant(raw)
    micros = timestamps.to_frame().select(parsed).to_series()
    is_bad = ~micros.is_between(FIRST_INSTANT, LAST_INSTANT).fill_null(value=False)
    if is_bad.any():
        raise InvalidStatusError(
            "the latest timestamp is unreadable, or outside the years 1 to 9999",
            table="status",
            column=_POLLED_AT,
            values=timestamps.filter(is_bad).to_physical().to_list(),
            remedy=INSTANT.remedy,
            code=INSTANT.code if micros.has_nulls() else OUTSIDE_YEARS.code,
        )
    return int(micros.max())  # type: ignore[arg-type]  # of integers
