"""The databases, one in a row: how a transaction begins, what types there are, what is odd."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from store_uptime._sql.parameters import PARAMETER

ColumnKind = Literal["integer", "real", "text", "boolean", "instant"]
"""What a column of a report, or of the table that it is written to, holds."""

_NUMERIC = r"numeric|decimal"
_HOLDING: Mapping[ColumnKind, re.Pattern[str]] = MappingProxyType(
    {
        "integer": re.compile(rf"u?(big|small|tiny|medium|huge)?int(?!erval)|{_NUMERIC}"),
        "real": re.compile(rf"double|real|float|{_NUMERIC}"),
        "text": re.compile(r"n?(var)?char|text|(long|medium)text|citext|string|clob|uuid"),
        "boolean": re.compile(r"bool"),
        "instant": re.compile(r"timestamp|datetime"),
    }
)
_TINYINT: Mapping[ColumnKind, re.Pattern[str]] = MappingProxyType(
    {"boolean": re.compile(r"tinyint$")}
)
_STANDARD: Mapping[ColumnKind, str] = MappingProxyType(
    {
        "integer": "BIGINT",
        "real": "DOUBLE PRECISION",
        "text": "TEXT",
        "boolean": "BOOLEAN",
        "instant": "TIMESTAMP WITH TIME ZONE",
    }
)


# --- the columns of a table that is there --------------------------------------------------------


def _postgres_columns(_parts: Sequence[str], quoted: str) -> tuple[str, list[str]]:
    query = (
        "SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute"
        f" WHERE attrelid = to_regclass(CAST({PARAMETER} AS text))"
        " AND attnum > 0 AND NOT attisdropped"
    )
    return query, [quoted]


def _duckdb_columns(_parts: Sequence[str], quoted: str) -> tuple[str, list[str]]:
    return f"SELECT column_name AS name, column_type AS type FROM (DESCRIBE {quoted})", []


def _sqlite_columns(parts: Sequence[str], _quoted: str) -> tuple[str, list[str]]:
    marks = ", ".join(PARAMETER * len(parts))
    return f"SELECT name, type FROM pragma_table_info({marks})", [*reversed(parts)]


def _standard_columns(parts: Sequence[str], _quoted: str) -> tuple[str, list[str]]:
    name, *schema = reversed(parts)
    query = (
        "SELECT column_name AS name, data_type AS type FROM information_schema.columns"
        f" WHERE table_name = {PARAMETER}"
        f" AND table_schema = {PARAMETER if schema else 'DATABASE()'}"
    )
    return query, [name, *schema]


# --- what two writers must not write at the same time ---------------------------------------------

_ADVISORY_LOCK = f"""
SELECT count(pg_advisory_xact_lock(
    hashtext(CAST(CAST(to_regclass(CAST({PARAMETER} AS text)) AS oid) AS text)),
    hashtext(CAST({PARAMETER} AS text))
))
"""
_USER_LOCK = (
    f"SHA1(CONCAT_WS('/', 'store_uptime', COALESCE(NULLIF({PARAMETER}, ''), DATABASE()),"
    f" {PARAMETER}, {PARAMETER}))"
)

# --- what there is to know of each ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dialect:
    """What has to be known of a database. As the defaults are, it can be read, not written to.

    Attributes
    ----------
    name
        The name that SQLAlchemy has for it.
    asked
        A query, and how its answer begins if it is this database: an ADBC connection is asked.
    begin_reading, begin_writing
        The statements that begin a transaction.
    begin_without_gaps, keeps_gaps_query
        The statement before `begin_writing` that keeps writers from locking the gaps between their
        rows, in which others write; and a query that has rows if the database would then refuse
        to write.
    text
        The type of a text of any length, as it stands in CAST.
    has_instants
        Whether it has such a type; else it keeps text.
    any_type
        Whether any word may stand for the type of a column, and values of all types in it.
    error_ends_transaction
        Whether a query that fails ends the transaction, if nothing is done about it.
    create_ends_transaction
        Whether CREATE TABLE commits what is open.
    begins_late
        Whether the Python driver begins a transaction only before the first change.
    zone_query, zone_statement
        How the time zone of the session is asked for and set, where instants depend on it.
    lock_query
        Keeps other sessions from making the same table, whose name is bound.
    turn_query
        Waits until no other transaction writes the same; its table, as it is quoted, and its run
        are bound.
    session_turn
        The same where only sessions can wait for each other: a query that begins it and one that
        ends it. The schema, the table and the run are bound.
    never_waits
        Whether a transaction that meets the changes of another fails, instead of waiting for it.
    types
        The types of columns that are made; none where no reports are written.
    further_types
        Which types of columns hold values of a kind, beyond those that do everywhere.
    columns
        From the parts of a table's name and the quoted name, the query for `name` and `type` of
        its columns, and the values of the query.
    fails_without_table
        Whether that query fails if there is no such table, and ends the transaction.
    """

    name: str
    asked: tuple[str, str] | None = None
    begin_reading: tuple[str, ...] = ()
    begin_writing: tuple[str, ...] = ()
    begin_without_gaps: str = ""
    keeps_gaps_query: str = ""
    text: str = "VARCHAR"
    has_instants: bool = True
    any_type: bool = False
    error_ends_transaction: bool = False
    create_ends_transaction: bool = False
    begins_late: bool = False
    zone_query: str = ""
    zone_statement: str = ""
    lock_query: str = ""
    turn_query: str = ""
    session_turn: tuple[str, str] | None = None
    never_waits: bool = False
    types: Mapping[ColumnKind, str] = field(default_factory=dict)
    further_types: Mapping[ColumnKind, re.Pattern[str]] = field(default_factory=dict)
    columns: Callable[[Sequence[str], str], tuple[str, list[str]]] = _standard_columns
    fails_without_table: bool = False

    def can_hold(self, type_: str, kind: ColumnKind) -> bool:
        """Return whether a column of a type, in small letters, can hold values of the kind."""
        if self.any_type and not any(known.match(type_) for known in _HOLDING.values()):
            return True
        holding = (_HOLDING[kind], self.further_types.get(kind))
        return any(pattern is not None and pattern.match(type_) for pattern in holding)


# --- the databases -------------------------------------------------------------------------------


def _mysql(name: str, collation: str) -> Dialect:
    # A key needs a length there. Ids that differ in case or in blanks at the end are different.
    text = f"VARCHAR(255) CHARACTER SET utf8mb4 COLLATE {collation}"
    return Dialect(
        name,
        begin_reading=(
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        ),
        begin_writing=("START TRANSACTION",),
        begin_without_gaps="SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
        keeps_gaps_query=(
            "SHOW VARIABLES WHERE Variable_name = 'binlog_format' AND Value = 'STATEMENT'"
            " AND @@log_bin"
        ),
        session_turn=(
            f"SELECT GET_LOCK({_USER_LOCK}, @@innodb_lock_wait_timeout) AS begun",
            f"SELECT RELEASE_LOCK({_USER_LOCK})",
        ),
        create_ends_transaction=True,
        zone_query="SELECT @@session.time_zone",
        zone_statement=f"SET time_zone = {PARAMETER}",
        types=MappingProxyType({**_STANDARD, "instant": "DATETIME(6)", "text": text}),
        further_types=_TINYINT,
    )


_DIALECTS = (
    Dialect(
        "postgresql",
        asked=("SELECT version() AS version", "PostgreSQL"),
        begin_reading=("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",),
        # Who waited for a turn has to see what the one before it wrote.
        begin_writing=("BEGIN ISOLATION LEVEL READ COMMITTED",),
        text="text",
        error_ends_transaction=True,
        # IF NOT EXISTS does not keep two sessions from making the same table at the same time.
        lock_query=f"SELECT count(pg_advisory_xact_lock(hashtext(CAST({PARAMETER} AS text))))",
        turn_query=_ADVISORY_LOCK,
        types=_STANDARD,
        columns=_postgres_columns,
    ),
    Dialect(
        "duckdb",
        begin_reading=("BEGIN TRANSACTION READ ONLY",),
        begin_writing=("BEGIN TRANSACTION",),
        error_ends_transaction=True,
        types=_STANDARD,
        further_types=_TINYINT,
        columns=_duckdb_columns,
        never_waits=True,
        fails_without_table=True,
    ),
    Dialect(
        "sqlite",
        # Any SELECT would fail while another connection commits.
        asked=("PRAGMA busy_timeout", ""),
        begin_reading=("BEGIN",),
        # A lock that is taken at once cannot be refused halfway.
        begin_writing=("BEGIN IMMEDIATE",),
        has_instants=False,
        any_type=True,
        begins_late=True,
        types=MappingProxyType({**_STANDARD, "instant": "TEXT"}),
        further_types=MappingProxyType(
            {"boolean": _HOLDING["integer"], "instant": _HOLDING["text"]}
        ),
        columns=_sqlite_columns,
    ),
    _mysql("mysql", "utf8mb4_0900_bin"),
    _mysql("mariadb", "utf8mb4_nopad_bin"),
)
DIALECTS: Mapping[str, Dialect] = MappingProxyType({dialect.name: dialect for dialect in _DIALECTS})
"""All databases that reports are written to, by name."""


def dialect_of(name: str) -> Dialect:
    """Return the database of that name; one that is not known can be read."""
    return DIALECTS.get(name, Dialect(name))
