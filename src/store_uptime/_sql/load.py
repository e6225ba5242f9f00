"""Load the tables from a database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal, NamedTuple

import polars as pl

from store_uptime._sql.accepted import AnyConnection
from store_uptime._sql.connect import opened
from store_uptime._sql.driver import Driver
from store_uptime._sql.other_names import naming_tables
from store_uptime._sql.polls import find_polls
from store_uptime._sql.read import find_table
from store_uptime._sql.transactions import read_transaction
from store_uptime._tables.contract import TABLES
from store_uptime._tables.loaded import as_loaded
from store_uptime._tables.read import now_at_latest, read_tables
from store_uptime._time.instants import check_instant, from_microseconds, microseconds
from store_uptime._time.units import FIRST_INSTANT, INT64_MAX
from store_uptime.inputs import Inputs
from store_uptime.policy import DEFAULT_POLICY, Policy, check_policy
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow, check_windows, earliest_start


class _Span(NamedTuple):
    """Where the polls lie that can matter, in microseconds since 1970 UTC.

    If they are `all_until_now`, none is later than `last`.
    """

    first: int
    last: int
    all_until_now: bool

    @property
    def now(self) -> dt.datetime:
        """Where the reports end for which they were chosen."""
        return from_microseconds(self.last)

    @property
    def since(self) -> dt.datetime | None:
        """From when on they were loaded; ``None`` if that is all the time."""
        return None if self.first == FIRST_INSTANT else from_microseconds(self.first)

    @property
    def until(self) -> dt.datetime | None:
        """Up to when they were loaded; ``None`` if there are no later ones."""
        return None if self.all_until_now else self.now


def load_sql(
    connection: AnyConnection,
    *,
    status: str = "store_status",
    hours: str | Literal[False] | None = "business_hours",
    timezones: str | Literal[False] | None = "store_timezones",
    special_hours: str | Literal[False] | None = None,
    maintenance: str | Literal[False] | None = None,
    maintenance_hours: str | Literal[False] | None = None,
    now: dt.datetime | str | None = None,
    windows: Mapping[str, AnyWindow] = DEFAULT_WINDOWS,
    policy: Policy = DEFAULT_POLICY,
) -> Inputs:
    """Load the tables from a database.

    Only polls that can matter leave the database, and of all tables only the columns that are
    needed. All queries see one state of the data, in a transaction that only reads; if
    `connection` is in a transaction already, they run in that one, which stays open.

    Parameters
    ----------
    connection
        A SQLAlchemy engine, connection or session, also that which ``run_sync`` of an
        asynchronous one gives; a connection of ADBC, DuckDB, ``sqlite3``, psycopg, psycopg2,
        PyMySQL or Django; or a URI: ``postgresql://``, ``mysql://``, ``mariadb://``,
        ``sqlite:///file``, ``duckdb:///file``, or any other that SQLAlchemy knows. An
        asynchronous driver that a URI names is replaced by another. What is handed over stays
        open, and is left in the state in which it was.
    status, hours, timezones
        The tables: each a name, such as ``schema.table``, or a SELECT. The columns are named as
        `compute_report` wants them, in any case of letters. A name is quoted, never run; a part
        that holds a dot is written in double quotes. A SELECT is run as it stands. ``None`` or
        ``False`` for `hours` or `timezones`: no such table is read; then every store is open all
        the time, or in the default zone of the policy.
    special_hours, maintenance, maintenance_hours
        The optional tables, likewise.
    now, windows, policy
        What `compute_report` will be given. They say which polls can matter: those from
        `Policy.lookback` before the earliest window up to `now`; all up to `now` if it is
        ``None``. A `now` of ``None`` is the latest poll, for which the database is asked first.

    Returns
    -------
    Inputs
        In no order.

        - `status`: the polls that can matter: `store_id`, `timestamp_utc` (Datetime in UTC,
          microseconds), `status` (Boolean, true = active); no nulls.
        - `hours`: `store_id`, `day_of_week` (Int64, 0 = Monday), `start_time_local` and
          `end_time_local` (Duration since midnight, microseconds); no nulls. If the table has
          them, `valid_from` and `valid_until` (Date, null = without limit). No rows if no such
          table was read.
        - `timezones`: `store_id`, `timezone_str` (String, null where the table has none). No rows
          if no such table was read.
        - `extra`: the optional tables that were named, with their columns as the database has
          them: `store_id`, `date`, `start_time_local`, `end_time_local`; `store_id`,
          `start_utc`, `end_utc`; or those of `hours`.
        - `now`: the end for which the polls were chosen, or the latest poll; ``None`` if there
          are none. `compute_report` ends there if it is given no other `now`.
        - `since`, `until`: the span in which all polls were loaded; ``None`` is without limit. What
          needs polls from outside of it is a `PolicyError`.

        `store_id` has, in the first three, the integer type that it has in `status`, or String.
        A store that neither `hours` nor `timezones` names, and that has no poll that can matter,
        is not in them, and so not in a report.

    Raises
    ------
    SchemaError
        There is no such table, a SELECT is wrong, a column is missing or of a type that
        `compute_report` refuses; `connection` is of no kind listed above.
    InvalidStatusError, InvalidHoursError, UnknownTimeZoneError
        The table of that name has a value that `compute_report` refuses. Of `status` only the
        rows that are read are looked at, and nulls in `timestamp_utc`.
    DatabaseError
        The database cannot be reached, broke off, or could not do what it was asked to do.
    NaiveDatetimeError, PolicyError
        `now`, `windows` or `policy` make no sense.
    MissingDependencyError
        A URI needs a package that is not installed.

    Examples
    --------
    >>> import sqlite3
    >>> connection = sqlite3.connect(":memory:")
    >>> _ = connection.executescript('''
    ...     CREATE TABLE store_status (store_id INTEGER, timestamp_utc TEXT, status TEXT);
    ...     CREATE TABLE business_hours
    ...         (store_id INTEGER, day INTEGER, start_time_local TEXT, end_time_local TEXT);
    ...     CREATE TABLE store_timezones (store_id INTEGER, timezone_str TEXT);
    ...     INSERT INTO store_status VALUES (7, '2023-01-23 10:14:00 UTC', 'active');
    ...     INSERT INTO store_status VALUES (7, '2023-01-23 11:15:00 UTC', 'inactive');
    ...     INSERT INTO store_status VALUES (7, '2022-01-23 11:15:00 UTC', 'inactive');
    ...     INSERT INTO business_hours VALUES (7, 0, '09:00:00', '12:00:00');
    ...     INSERT INTO store_timezones VALUES (7, 'Etc/UTC');
    ... ''')
    >>> inputs = load_sql(connection)
    >>> inputs
    Inputs(status: 2, hours: 1, timezones: 1, rejected: 0)
    >>> inputs.since.isoformat(), inputs.now.isoformat()
    ('2023-01-15T11:15:00+00:00', '2023-01-23T11:15:00+00:00')
    """
    chosen = check_windows(windows, detail=False)
    check_policy(policy)
    instant = None if now is None else check_instant(now)
    given = {
        "hours": hours,
        "timezones": timezones,
        "special_hours": special_hours,
        "maintenance": maintenance,
        "maintenance_hours": maintenance_hours,
    }
    named = {name: t for name, t in given.items() if t is not None and t is not False}
    tables = {"status": status, **named}
    with (
        opened(connection, write=False) as driver,
        naming_tables(driver, tables),
        read_transaction(driver),
    ):
        rows = {name: find_table(driver, name, table).rows() for name, table in named.items()}
        polls, span = _read_polls(driver, status, instant, chosen, policy)
    return _inputs(polls, span, rows)


def _read_polls(
    driver: Driver,
    status: str,
    now: dt.datetime | None,
    windows: Mapping[str, AnyWindow],
    policy: Policy,
) -> tuple[pl.DataFrame, _Span | None]:
    """Return the polls, some more than those that matter, and the span in which they matter."""
    table = find_table(driver, "status", status)
    polls = find_polls(table)
    latest = polls.last() if now is None else None
    if now is None and latest is None:
        return table.rows(), None
    end = now_at_latest(latest) if now is None else now
    back = policy.lookback_us
    first = FIRST_INSTANT if back is None else earliest_start(windows, end) - back
    span = _Span(max(first, FIRST_INSTANT), microseconds(end), all_until_now=now is None)
    return polls.between(span.first, span.last), span


def _inputs(polls: pl.DataFrame, span: _Span | None, rows: dict[str, pl.DataFrame]) -> Inputs:
    """Check the tables and return them in the form that `Inputs` promises."""
    tables = read_tables(_with_common_ids({"status": polls, **rows}))
    first, last = (span.first, span.last) if span else (0, 0)
    return Inputs(
        as_loaded(tables.polls.between(first, first, last).polls().collect(), "status"),
        as_loaded(tables.hours, "hours", rows.get("hours")),
        as_loaded(tables.timezones, "timezones"),
        extra={name: frame for name, frame in rows.items() if TABLES[name].optional},
        now=span and span.now,
        since=span and span.since,
        until=span and span.until,
    )


def _with_common_ids(frames: Mapping[str, pl.DataFrame]) -> Mapping[str, pl.DataFrame]:
    """Widen the ids of `status` where another table has larger ones than Int64 holds.

    Where rows come as Python objects, the type of a column follows from the values that it has.
    """
    status = frames["status"]
    ids = [frame["store_id"] for frame in frames.values()]
    large = [i for i in ids if i.dtype == pl.UInt64 and (i.max() or 0) > INT64_MAX]  # type: ignore[operator]  # of integers
    if large and status["store_id"].dtype == pl.Int64:
        return {**frames, "status": status.cast({"store_id": pl.Int128})}
    return frames
