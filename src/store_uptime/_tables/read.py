"""The door: whatever the caller gives becomes checked tables in canonical form.

Nothing behind it meets a string, a time zone, a null or a float: ids are of one type, instants and
times of day are integer microseconds, a status is a Boolean. Nulls stay where they have a meaning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from store_uptime._tables.contract import TABLES, Table
from store_uptime._tables.given import Source
from store_uptime._tables.ids import common_id_dtype, with_text_ids
from store_uptime._tables.poll_columns import PollColumns
from store_uptime._tables.polls import Polls, PollsInMemory
from store_uptime._tables.rows import empty_rows, read_rows
from store_uptime._tables.scanned_polls import ScannedPolls
from store_uptime._tables.timezones import read_timezones
from store_uptime._time.instants import from_microseconds
from store_uptime.errors import InvalidStatusError

Reader = Callable[[Source, Table, pl.DataType], pl.DataFrame]
"""Checks the rows of a table and returns them by the names of its columns."""

_SHORT_NAMES = {
    "day_of_week": "day",
    "start_time_local": "start",
    "end_time_local": "end",
    "timezone_str": "zone",
    "date": "midnight",
    "start_utc": "start",
    "end_utc": "end",
}


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables in canonical form; `store_id` has one dtype throughout.

    Attributes
    ----------
    polls
        The polls.
    hours
        `store_id`, `day` (0-6), `start`, `end` (microseconds since local midnight), `valid_from`,
        `valid_until` (midnights of dates, as in `special`; null = without limit).
    timezones
        `store_id`, `zone` (String, null for a store that is named without a zone).
    special
        `store_id` (null = every store), `midnight` (of the date, in microseconds since 1970-01-01
        on the wall clock), `start`, `end` (as in `hours`; both null where the store is closed all
        day).
    maintenance
        `store_id` (null = every store), `start`, `end` (microseconds since 1970 UTC; one of them
        may be null: without limit).
    maintenance_hours
        As `hours`, with `store_id` null = every store.
    zones
        The zones in `timezones`.
    """

    polls: Polls
    hours: pl.DataFrame
    timezones: pl.DataFrame
    special: pl.DataFrame
    maintenance: pl.DataFrame
    maintenance_hours: pl.DataFrame
    zones: frozenset[str]

    def zones_with(self, default_timezone: str) -> list[str]:
        """Return the zones of all stores, if those without one are in `default_timezone`."""
        return sorted({*self.zones, default_timezone})


def read_tables(given: Mapping[str, object]) -> Tables:
    """Check all tables, given by their names, and return them in canonical form.

    All but `status` may be missing, or None: then they have no rows.

    Raises
    ------
    SchemaError
        No `status`, a missing column, a type that is not accepted, ids that do not fit together.
    InvalidStatusError, InvalidHoursError, UnknownTimeZoneError
        Unusable values in the table of that name; `InvalidHoursError` also in the optional ones.
    """
    there = [name for name in TABLES if name == "status" or given.get(name) is not None]
    sources = {name: with_text_ids(Source(given.get(name), name)) for name in there}
    id_dtype = common_id_dtype(sources)

    def rows(name: str, read: Reader = read_rows) -> pl.DataFrame:
        if name not in sources:
            return _no_rows(name, id_dtype)
        found = read(sources[name], TABLES[name], id_dtype)
        found.columns = [_SHORT_NAMES.get(column, column) for column in found.columns]
        return found

    polls, hours = read_polls(sources["status"], id_dtype), rows("hours")
    timezones = rows("timezones", read_timezones)
    return Tables(
        polls,
        hours,
        timezones,
        rows("special_hours"),
        rows("maintenance"),
        rows("maintenance_hours"),
        frozenset(timezones["zone"].unique()) - {None},
    )


def read_polls(source: Source, id_dtype: pl.DataType) -> Polls:
    """Return the polls of a source: in memory checked whole, of a lazy frame only the columns.

    Raises
    ------
    SchemaError
        A column is missing or of a type that is not accepted.
    InvalidStatusError
        In memory: a null id, a null or unreadable timestamp, a status that is none.
    """
    columns = PollColumns(source, id_dtype)
    if not source.eager:
        return ScannedPolls(columns)
    rows, facts = columns.read(source)
    columns.refuse(source, facts)
    if facts.no_up:
        columns.refuse_statuses(source)
    return PollsInMemory(columns, rows, facts)


# Most calls lack some tables, and a frame takes its time to be made.
@lru_cache(maxsize=50)
def _no_rows(name: str, id_dtype: pl.DataType) -> pl.DataFrame:
    columns = empty_rows(TABLES[name], id_dtype).iter_columns()
    return pl.DataFrame(
        [column.alias(_SHORT_NAMES.get(column.name, column.name)) for column in columns]
    )


def now_at_latest(latest: int | None) -> dt.datetime:
    """Return the instant of the latest poll, for a call without `now`.

    Raises
    ------
    InvalidStatusError
        There are no polls.
    """
    if latest is None:
        raise InvalidStatusError(
            "no polls to take now from",
            table="status",
            remedy="Give {option} to say when to end.",
            option="now=...",
            code="no_polls",
        )
    return from_microseconds(latest)
