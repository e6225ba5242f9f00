"""`load_sql`: the same rows, or the same error, by every way into a database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import polars as pl
import pytest

from store_uptime import InvalidHoursError, InvalidStatusError, SchemaError, UnknownTimeZoneError
from support import services
from support.databases import Database
from support.sql_ways import LOADS, WAYS, Cell, Refused, outcome

TYPE = Refused(SchemaError, "unaccepted_type")
QUERY = Refused(SchemaError, "query_refused")
FLOAT_ID = Refused(SchemaError, "float_ids")
MIXED = Refused(SchemaError, "mixed_types")
NO_ID = Refused(InvalidStatusError, "null_id")
NO_STAMP = Refused(InvalidStatusError, "unreadable_timestamp")
OUTSIDE = Refused(InvalidStatusError, "timestamp_outside_years")
NO_STATUS = Refused(InvalidStatusError, "unknown_status")
NO_DAY = Refused(InvalidHoursError, "unknown_weekday")
NO_TIME = Refused(InvalidHoursError, "unreadable_time")
NO_DATE = Refused(InvalidHoursError, "unreadable_date")
NO_ZONE = Refused(UnknownTimeZoneError, "unknown_zone")

BIG = 8419537941919820732
HUGE = 10**20 - 1
UUID = "0b8a2f7e-9d61-4c0c-8a55-5a6f0d3c1e42"
NOON = dt.datetime(2023, 1, 25, 12, tzinfo=dt.UTC)
MICRO = dt.timedelta(microseconds=1)
CHRISTMAS = dt.date(2023, 12, 25)
NONE: list[Any] = []


def at(hours: float) -> list[dt.timedelta]:
    return [dt.timedelta(hours=hours)]


def beside(*columns: tuple[str, str]) -> list[Cell]:
    return [Cell("beside", type_, literal, [True]) for type_, literal in columns]


POSTGRES_FOREIGN = [
    ("integer[]", "'{1}'"),
    ("text[]", "'{active}'"),
    ("state[]", "'{active}'"),
    ("json", "'true'"),
    ("jsonb", "'true'"),
    ("bytea", "'active'"),
    ("inet", "'10.0.0.1'"),
    ("macaddr", "'08:00:2b:01:02:03'"),
    ("point", "'(1,2)'"),
    ("int4range", "'[1,2)'"),
    ("money", "'1'"),
    ("xml", "'<a/>'"),
    ("tsvector", "'a'"),
    ("pair", "'(1,a)'"),
    ("state_range", "'[active,inactive]'"),
]
POSTGRES = [
    *beside(*POSTGRES_FOREIGN, ("interval", "'1 month'"), ("timetz", "'9:00+01'"), ("date", "'infinity'")),
    *(Cell("store_id", *column, TYPE) for column in POSTGRES_FOREIGN),
    *(
        Cell(column, type_, literal, TYPE)
        for column in ("status", "start_time_local", "timezone_str")
        for type_, literal in [("text[]", "'{active}'"), ("json", "'true'"), ("bytea", "'active'")]
    ),
    Cell("status", "text[]", "", TYPE),
    Cell("status", "jsonb", "NULL", TYPE),
    # --- ids
    Cell("store_id", "smallint", "7", [7], pl.Int16),
    Cell("store_id", "integer", "7", [7], pl.Int32),
    Cell("store_id", "bigint", f"{BIG}", [BIG], pl.Int64),
    Cell("store_id", "bigint", "", [], pl.Int64),
    Cell("store_id", "bigint", "7; NULL", NO_ID),
    Cell("store_id", "bigint", "NULL", NO_ID),
    Cell("store_id", "oid", "4294967295", [2**32 - 1], pl.Int64),
    Cell("store_id", "whole", "7", [7], pl.Int64),
    Cell("store_id", "numeric", f"7; {BIG}", [7, BIG], pl.Int64),
    Cell("store_id", "numeric", f"{HUGE}", [HUGE], pl.Int128),
    Cell("store_id", "numeric(20)", "7", [7], pl.Int64),
    Cell("store_id", "numeric(20)", "", [], pl.Int64),
    Cell("store_id", "numeric(20, 2)", "7", TYPE),
    Cell("store_id", "numeric", "7.5", TYPE),
    Cell("store_id", "numeric", "7; 7.50", TYPE),
    Cell("store_id", "numeric", "'NaN'", MIXED),
    Cell("store_id", "numeric", "1e40", MIXED),
    Cell("store_id", "real", "7", FLOAT_ID),
    Cell("store_id", "double precision", "7", FLOAT_ID),
    Cell("store_id", "text", "'abc'; 'abc '", ["abc", "abc "], pl.String),
    Cell("store_id", "varchar(9)", "'abc'", ["abc"], pl.String),
    Cell("store_id", "char(9)", "'abc'", ["abc"], pl.String),
    Cell("store_id", '"char"', "'a'", ["a"], pl.String),
    Cell("store_id", "name", "'abc'", ["abc"], pl.String),
    Cell("store_id", "citext", "'AbC'", ["AbC"], pl.String),
    Cell("store_id", "word", "'abc'", ["abc"], pl.String),
    Cell("store_id", "word_of_words", "'abc'", ["abc"], pl.String),
    Cell("store_id", "state", "'active'", ["active"], pl.String),
    Cell("store_id", "uuid", f"'{UUID.upper()}'", [UUID], pl.String),
    Cell("store_id", "uuid", "", [], pl.String),
    Cell("store_id", "boolean", "true", TYPE),
    Cell("store_id", "interval", "'1 hour'", TYPE),
    Cell("store_id", "date", "'2023-12-25'", TYPE),
    Cell("store_id", "timestamptz", "'2023-12-25'", TYPE),
    # --- instants
    Cell("timestamp_utc", "timestamptz", "'2023-01-25 17:30:00.000001+05:30'", [NOON + MICRO]),
    Cell("timestamp_utc", "timestamp", "'2023-01-25 12:00:00.000001'", [NOON + MICRO]),
    Cell("timestamp_utc", "moment", "'2023-01-25 12:00:00+00'", [NOON]),
    Cell("timestamp_utc", "text", "'2023-01-25T17:30:00+05:30'; '2023-01-25 12:00:00 UTC'", [NOON] * 2),
    Cell("timestamp_utc", "varchar(40)", "'2023-01-25 12:00:00.000001'", [NOON + MICRO]),
    Cell("timestamp_utc", "char(40)", "'2023-01-25 12:00:00.000001'", [NOON + MICRO]),
    Cell("timestamp_utc", "timestamptz", "", NONE),
    Cell("timestamp_utc", "text", "", NONE),
    Cell("timestamp_utc", "timestamptz", "NULL; '2023-01-25'", NO_STAMP),
    Cell("timestamp_utc", "text", "'noon'; '2023-01-25 12:00:00'", [NOON]),
    Cell("timestamp_utc", "text", "'2023-01-25 noon'", NO_STAMP),
    Cell("timestamp_utc", "date", "'2023-01-25'", TYPE),
    Cell("timestamp_utc", "bigint", "1674648000", TYPE),
    Cell("timestamp_utc", "double precision", "1674648000", TYPE),
    Cell("timestamp_utc", "interval", "'1 day'", TYPE),
    Cell("timestamp_utc", "inet", "'10.0.0.1'", TYPE),
    Cell("timestamp_utc", "integer[]", "'{1}'", TYPE),
    Cell("timestamp_utc", "jsonb", "'true'", QUERY),
    Cell("timestamp_utc", "point", "'(1,2)'", QUERY),
    *(
        cell
        for type_ in ("timestamp", "timestamptz")
        for cell in (
            Cell("timestamp_utc", type_, "'infinity'; '2023-01-25 12:00:00+00'", [NOON]),
            Cell("timestamp_utc", type_, "'-infinity'; '2023-01-25 12:00:00+00'", OUTSIDE),
            Cell("timestamp_utc", type_, "'0044-03-15 00:00:00 BC'", OUTSIDE),
            Cell("timestamp_utc", type_, "'0001-01-01 00:00:00+00'", [dt.datetime(1, 1, 1, tzinfo=dt.UTC)]),
            Cell("latest", type_, "'infinity'; '2023-01-25 12:00:00+00'", OUTSIDE),
            Cell("latest", type_, "'10000-01-01 00:00:00+00'", OUTSIDE),
            Cell("latest", type_, "'294000-01-01 00:00:00+00'", OUTSIDE),
            Cell("latest", type_, "'9999-12-31 23:59:59.999999+00'", [dt.datetime.max.replace(tzinfo=dt.UTC)]),
            Cell("end_utc", type_, "'infinity'", Refused(InvalidHoursError, "timestamp_outside_years")),
            Cell("end_utc", type_, "'0044-03-15 00:00:00 BC'", Refused(InvalidHoursError, "timestamp_outside_years")),
        )
    ),
    Cell("end_utc", "timestamptz", "'2023-01-25 12:00:00+00'", [NOON], pl.Datetime("us", "UTC")),
    Cell("end_utc", "timestamp", "'2023-01-25 12:00:00'", [NOON.replace(tzinfo=None)], pl.Datetime("us")),
    Cell("end_utc", "char(40)", "'2023-01-25 12:00:00'", ["2023-01-25 12:00:00"], pl.String),
    # --- states
    Cell("status", "text", "'active'; ' INACTIVE '", [False, True]),
    Cell("status", "char(20)", "'active'; 'inactive'", [False, True]),
    Cell("status", "citext", "'Active'", [True]),
    Cell("status", "state", "'active'; 'inactive'", [False, True]),
    Cell("status", "boolean", "true; false", [False, True]),
    Cell("status", "truth", "true; false", [False, True]),
    Cell("status", "smallint", "1; 0", [False, True]),
    Cell("status", "bigint", "1; 0", [False, True]),
    Cell("status", "bit(1)", "'1'; '0'", [False, True]),
    Cell("status", "boolean", "", NONE),
    Cell("status", "boolean", "true; NULL", NO_STATUS),
    Cell("status", "integer", "2", NO_STATUS),
    Cell("status", "text", "'open'", NO_STATUS),
    Cell("status", "numeric", "1", TYPE),
    Cell("status", "real", "1", TYPE),
    Cell("status", "interval", "'1 hour'", TYPE),
    # --- weekdays
    *(
        Cell("day_of_week", type_, "0; 6", [0, 6])
        for type_ in ("smallint", "integer", "bigint", "numeric", "numeric(3, 1)", "real", "double precision", "oid")
    ),
    Cell("day_of_week", "text", "'0'; 'Sun'; ' monday '", [0, 0, 6]),
    Cell("day_of_week", "char(9)", "'0'; 'Sunday'", [0, 6]),
    Cell("day_of_week", "weekday", "'Monday'; 'Sunday'", [0, 6]),
    Cell("day_of_week", "numeric", "1.5", NO_DAY),
    Cell("day_of_week", "real", "'NaN'", NO_DAY),
    Cell("day_of_week", "double precision", "'infinity'", NO_DAY),
    Cell("day_of_week", "integer", "NULL", NO_DAY),
    Cell("day_of_week", "integer", "0; -1", NO_DAY),
    Cell("day_of_week", "boolean", "true", TYPE),
    Cell("day_of_week", "date", "'2023-12-25'", TYPE),
    Cell("day_of_week", "integer", "", NONE),
    # --- times of day
    Cell("start_time_local", "time", "'09:30'", at(9.5)),
    Cell("start_time_local", "time", "'09:00:00.000001'", [dt.timedelta(hours=9) + MICRO]),
    Cell("end_time_local", "time", "'24:00'", at(24)),
    Cell("end_time_local", "interval", "'24 hours'", at(24)),
    Cell("end_time_local", "interval", "'1 day'", at(24)),
    Cell("end_time_local", "interval", "'1 day -10 hours'", at(14)),
    Cell("end_time_local", "interval", "'9 hours 0.000001 seconds'", [dt.timedelta(hours=9) + MICRO]),
    Cell("end_time_local", "interval", "'1 month -29 days -12 hours'", at(12)),
    Cell("end_time_local", "interval", "'25 hours'", NO_TIME),
    Cell("end_time_local", "interval", "'-1 hour'", NO_TIME),
    Cell("end_time_local", "interval", "'1 month'", NO_TIME),
    Cell("end_time_local", "interval", "NULL", NO_TIME),
    Cell("end_time_local", "interval", "", NONE),
    Cell("start_time_local", "timetz", "'09:00+01'", NO_TIME),
    Cell("start_time_local", "timetz", "'09:00+00'", NO_TIME),
    Cell("start_time_local", "text", "'9:30'", at(9.5)),
    Cell("end_time_local", "char(8)", "'24:00'; '9:30'", at(9.5) + at(24)),
    Cell("start_time_local", "word", "'09:30:00'", at(9.5)),
    Cell("start_time_local", "clock", "'09:30'", at(9.5)),
    Cell("start_time_local", "timestamp", "'2023-01-25 09:30:00'", TYPE),
    Cell("start_time_local", "date", "'2023-01-25'", TYPE),
    Cell("start_time_local", "integer", "9", TYPE),
    Cell("start_time_local", "numeric", "9", TYPE),
    # --- dates
    Cell("valid_until", "date", "'2023-12-25'; NULL", [CHRISTMAS, None]),
    Cell("valid_until", "timestamp", "'2023-12-25 00:00:00'; NULL", [CHRISTMAS, None]),
    Cell("valid_until", "text", "'2023-12-25'", [CHRISTMAS]),
    Cell("valid_until", "char(20)", "'2023-12-25'", [CHRISTMAS]),
    Cell("valid_until", "date", "NULL", [None]),
    Cell("valid_until", "date", "'0001-01-01'; '9999-12-31'", [dt.date(1, 1, 1), dt.date(9999, 12, 31)]),
    Cell("valid_until", "date", "'infinity'", NO_DATE),
    Cell("valid_until", "date", "'-infinity'", NO_DATE),
    Cell("valid_until", "date", "'0044-03-15 BC'", NO_DATE),
    Cell("valid_until", "date", "'10000-01-01'", NO_DATE),
    Cell("valid_until", "timestamp", "'infinity'", NO_DATE),
    Cell("valid_until", "timestamp", "'-infinity'", NO_DATE),
    Cell("valid_until", "timestamp", "'2023-12-25 12:00:00'", NO_DATE),
    Cell("valid_until", "timestamptz", "'2023-12-25 00:00:00'", TYPE),
    Cell("valid_until", "interval", "'1 day'", TYPE),
    Cell("valid_until", "integer", "20231225", TYPE),
    Cell("valid_until", "jsonb", "'true'", TYPE),
    Cell("date", "date", "'2023-12-25'", [CHRISTMAS], pl.Date),
    Cell("date", "timestamp", "'2023-12-25'", [dt.datetime.fromisoformat("2023-12-25")], pl.Datetime("us")),
    Cell("date", "date", "'infinity'", NO_DATE),
    Cell("date", "date", "'0044-03-15 BC'", NO_DATE),
    Cell("date", "integer[]", "'{1}'", TYPE),
    # --- zones
    *(
        Cell("timezone_str", type_, "'UTC'; NULL", ["UTC", None])
        for type_ in ("text", "varchar(40)", "char(40)", "citext", "zone", "word", "name")
    ),
    Cell("timezone_str", "uuid", f"'{UUID}'", NO_ZONE),
    Cell("timezone_str", "integer", "1", TYPE),
    Cell("timezone_str", "boolean", "true", TYPE),
    Cell("timezone_str", "text", "", NONE),
]  # fmt: skip
POSTGRES_SETUP = (
    # Not every installation has the extension; a domain of that name is read alike.
    "DO $$ BEGIN CREATE EXTENSION citext; EXCEPTION WHEN OTHERS THEN CREATE DOMAIN citext AS text; END $$",
    "CREATE TYPE state AS ENUM ('active', 'inactive')",
    "CREATE TYPE weekday AS ENUM ('Monday', 'Sunday')",
    "CREATE TYPE zone AS ENUM ('UTC')",
    "CREATE TYPE pair AS (a integer, b text)",
    "CREATE TYPE state_range AS RANGE (subtype = state)",
    "CREATE DOMAIN word AS text",
    "CREATE DOMAIN word_of_words AS word",
    "CREATE DOMAIN whole AS bigint",
    "CREATE DOMAIN truth AS boolean",
    "CREATE DOMAIN clock AS time",
    "CREATE DOMAIN moment AS timestamptz",
)

MARIADB = [
    *beside(("blob", "'a'"), ("json", "'[1]'"), ("point", "POINT(1, 2)"), ("bit(1)", "1"), ("year", "2023"), ("time", "'838:59:59'"), ("binary(16)", "'a'")),
    Cell("store_id", "int", "7", [7], pl.Int64),
    Cell("store_id", "bigint unsigned", f"7; {2**64 - 1}", [7, 2**64 - 1], pl.UInt64),
    Cell("store_id", "bigint", f"{BIG}", [BIG], pl.Int64),
    Cell("store_id", "decimal(20)", f"7; {BIG}", [7, BIG], pl.Int64),
    Cell("store_id", "decimal(30)", f"{HUGE}", [HUGE], pl.Int128),
    Cell("store_id", "decimal(20, 2)", "7", TYPE),
    Cell("store_id", "double", "7", FLOAT_ID),
    Cell("store_id", "float", "7", FLOAT_ID),
    Cell("store_id", "char(36)", f"'{UUID}'; 'abc'", [UUID, "abc"], pl.String),
    Cell("store_id", "uuid", f"'{UUID}'", [UUID], pl.String),
    Cell("store_id", "binary(16)", "'0123456789abcdef'", TYPE),
    Cell("store_id", "varbinary(16)", "'abc'", TYPE),
    Cell("store_id", "blob", "'abc'", TYPE),
    Cell("store_id", "bit(8)", "7", TYPE),
    Cell("store_id", "point", "POINT(1, 2)", TYPE),
    Cell("store_id", "year", "2023", [2023], pl.Int64),
    Cell("store_id", "inet4", "'10.0.0.1'", ["10.0.0.1"], pl.String),
    Cell("store_id", "int", "NULL", NO_ID),
    Cell("store_id", "int", "7; NULL", NO_ID),
    Cell("timestamp_utc", "datetime(6)", "'2023-01-25 12:00:00.000001'", [NOON + MICRO]),
    Cell("timestamp_utc", "timestamp(6)", "'2023-01-25 12:00:00.000001'", [NOON + MICRO]),
    Cell("timestamp_utc", "varchar(40)", "'2023-01-25T17:30:00+05:30'", [NOON]),
    Cell("timestamp_utc", "char(40)", "'2023-01-25 12:00:00 UTC'", [NOON]),
    Cell("timestamp_utc", "datetime", "", NONE),
    Cell("timestamp_utc", "datetime", "'2023-01-25 12:00:00'; NULL", NO_STAMP),
    Cell("timestamp_utc", "datetime", "'0000-00-00'; '2023-01-25 12:00:00'", MIXED),
    Cell("latest", "datetime", "'0000-00-00'", NO_STAMP),
    Cell("timestamp_utc", "date", "'2023-01-25'", TYPE),
    Cell("timestamp_utc", "bigint", "1674648000", TYPE),
    Cell("timestamp_utc", "time", "'12:00:00'", TYPE),
    Cell("timestamp_utc", "year", "2023", TYPE),
    Cell("status", "enum('active', 'inactive')", "'active'; 'inactive'", [False, True]),
    Cell("status", "boolean", "true; false", [False, True]),
    Cell("status", "char(20)", "'active'; 'inactive'", [False, True]),
    Cell("status", "tinyint", "2", NO_STATUS),
    Cell("status", "set('active', 'inactive')", "'active'", [True]),
    Cell("status", "set('active', 'inactive')", "'active,inactive'", NO_STATUS),
    Cell("status", "bit(1)", "1", TYPE),
    Cell("status", "decimal(1)", "1", TYPE),
    Cell("status", "binary(6)", "'active'", TYPE),
    Cell("status", "varchar(9)", "NULL", NO_STATUS),
    *(
        Cell("day_of_week", type_, "0; 6", [0, 6])
        for type_ in ("tinyint", "int", "bigint unsigned", "decimal(3)", "decimal(3, 1)", "float", "double", "char(3)")
    ),
    Cell("day_of_week", "decimal(3, 1)", "1.5", NO_DAY),
    Cell("day_of_week", "enum('0', 'Sun')", "'0'; 'Sun'", [0, 6]),
    Cell("day_of_week", "bit(3)", "1", TYPE),
    Cell("start_time_local", "time", "'09:30:00'", at(9.5)),
    Cell("start_time_local", "time(6)", "'09:00:00.000001'", [dt.timedelta(hours=9) + MICRO]),
    Cell("end_time_local", "time", "'24:00:00'", at(24)),
    Cell("end_time_local", "time", "'838:59:59'", NO_TIME),
    Cell("end_time_local", "time", "'-01:00:00'", NO_TIME),
    Cell("end_time_local", "time", "'-00:00:01'", NO_TIME),
    Cell("end_time_local", "time", "NULL", NO_TIME),
    Cell("end_time_local", "time", "", NONE),
    Cell("start_time_local", "char(8)", "'9:30'", at(9.5)),
    Cell("start_time_local", "datetime", "'2023-01-25 09:30:00'", TYPE),
    Cell("start_time_local", "int", "93000", TYPE),
    Cell("start_time_local", "binary(8)", "'09:30:00'", TYPE),
    Cell("valid_until", "date", "'2023-12-25'; NULL", [CHRISTMAS, None]),
    Cell("valid_until", "datetime", "'2023-12-25 00:00:00'", [CHRISTMAS]),
    Cell("valid_until", "datetime", "'2023-12-25 00:00:01'", NO_DATE),
    Cell("valid_until", "date", "'0000-00-00'", NO_DATE),
    Cell("valid_until", "date", "'0000-00-00'; '2023-12-25'", MIXED),
    Cell("valid_until", "year", "2023", TYPE),
    Cell("date", "date", "'2023-12-25'", [CHRISTMAS], pl.Date),
    Cell("end_utc", "datetime", "'2023-01-25 12:00:00'", [NOON.replace(tzinfo=None)], pl.Datetime("us")),
    *(
        Cell("timezone_str", type_, "'UTC'; NULL", ["UTC", None])
        for type_ in ("varchar(40)", "char(40)", "text", "enum('UTC')")
    ),
    Cell("timezone_str", "int", "1", TYPE),
    Cell("timezone_str", "blob", "'UTC'", TYPE),
]  # fmt: skip

SQLITE = [
    *beside(("blob", "x'00'"), ("real", "1.5"), ("datetime", "'never'")),
    Cell("store_id", "integer", f"7; {BIG}", [7, BIG], pl.Int64),
    Cell("store_id", "bigint", "'7'", [7], pl.Int64),
    Cell("store_id", "numeric", "'7'; 8.0", [7, 8], pl.Int64),
    Cell("store_id", "boolean", "1", [1], pl.Int64),
    Cell("store_id", "text", "'abc'; 7", ["7", "abc"], pl.String),
    Cell("store_id", "uuid", f"'{UUID}'", [UUID], pl.String),
    Cell("store_id", "char(9)", "'abc'", ["abc"], pl.String),
    Cell("store_id", "integer", "", [], pl.Int64),
    Cell("store_id", "integer", "7; NULL", NO_ID),
    Cell("store_id", "integer", "NULL", NO_ID),
    Cell("store_id", "real", "7", FLOAT_ID),
    Cell("store_id", "decimal(20, 0)", f"{HUGE}", FLOAT_ID),
    Cell("store_id", "integer", "7; 'abc'", MIXED),
    Cell("store_id", "", "7; '7'", MIXED),
    Cell("store_id", "", "'7'; 7", MIXED),
    Cell("store_id", "numeric", "7; 7.5", MIXED),
    Cell("store_id", "numeric", "7.5; 7", MIXED),
    Cell("store_id", "", "NULL; 7; NULL; 7.5", MIXED),
    Cell("store_id", "", "x'616263'; 'abc'", MIXED),
    Cell("store_id", "", "'abc'; x'616263'", MIXED),
    Cell("store_id", "", "x'61'; 7", MIXED),
    Cell("store_id", "blob", "x'616263'", TYPE),
    Cell("timestamp_utc", "text", "'2023-01-25T17:30:00+05:30'; '2023-01-25 12:00:00 UTC'", [NOON] * 2),
    Cell("timestamp_utc", "timestamp", "'2023-01-25 12:00:00.000001'", [NOON + MICRO]),
    Cell("timestamp_utc", "datetime", "'2023-01-25 12:00:00'", [NOON]),
    Cell("timestamp_utc", "text", "", NONE),
    Cell("timestamp_utc", "text", "NULL", NO_STAMP),
    Cell("timestamp_utc", "real", "2459970.0", TYPE),
    Cell("timestamp_utc", "timestamp", "2459970.5", TYPE),
    Cell("timestamp_utc", "timestamp", "1674648000", TYPE),
    Cell("timestamp_utc", "timestamp", "1674648000; '2023-01-25 12:00:00'", MIXED),
    Cell("timestamp_utc", "blob", "x'00'", TYPE),
    Cell("status", "text", "'active'; 'INACTIVE'", [False, True]),
    Cell("status", "boolean", "1; 0", [False, True]),
    Cell("status", "boolean", "true; false", [False, True]),
    Cell("status", "boolean", "'true'; 'f'", [False, True]),
    Cell("status", "boolean", "1; 'active'", MIXED),
    Cell("status", "integer", "2", NO_STATUS),
    Cell("status", "integer", "NULL", NO_STATUS),
    Cell("status", "real", "1", TYPE),
    Cell("status", "blob", "x'616374697665'", TYPE),
    Cell("day_of_week", "integer", "0; 6", [0, 6]),
    Cell("day_of_week", "real", "0; 6", [0, 6]),
    Cell("day_of_week", "text", "'0'; 'Sun'", [0, 6]),
    Cell("day_of_week", "decimal(3, 1)", "0.0; 6.0", [0, 6]),
    Cell("day_of_week", "real", "1.5", NO_DAY),
    Cell("day_of_week", "integer", "NULL", NO_DAY),
    Cell("day_of_week", "", "0; 'Sun'", MIXED),
    Cell("start_time_local", "text", "'9:30'", at(9.5)),
    Cell("end_time_local", "time", "'24:00'; '09:30:00'", at(9.5) + at(24)),
    Cell("start_time_local", "time", "9", TYPE),
    Cell("start_time_local", "real", "0.5", TYPE),
    Cell("start_time_local", "time", "NULL", NO_TIME),
    Cell("start_time_local", "blob", "x'00'", TYPE),
    Cell("valid_until", "date", "'2023-12-25'; NULL", [CHRISTMAS, None]),
    Cell("valid_until", "date", "NULL", [None]),
    Cell("valid_until", "date", "2023", TYPE),
    Cell("valid_until", "real", "2459970.0", TYPE),
    Cell("date", "date", "'2023-12-25'", ["2023-12-25"], pl.String),
    Cell("timezone_str", "text", "'UTC'; NULL", ["UTC", None]),
    Cell("timezone_str", "varchar(9)", "NULL", [None]),
    Cell("timezone_str", "integer", "1", TYPE),
    Cell("timezone_str", "blob", "x'555443'", TYPE),
]  # fmt: skip

DUCKDB_FOREIGN = [
    ("INTEGER[]", "[1]"),
    ("INTEGER[1]", "[1]"),
    ("STRUCT(a INTEGER)", "{'a': 1}"),
    ("MAP(INTEGER, INTEGER)", "MAP {1: 1}"),
    ("UNION(a INTEGER, b VARCHAR)", "union_value(a := 1)"),
    ("BLOB", "'a'"),
    ("BIT", "'1'"),
    ("JSON", "'true'"),
]
DUCKDB = [
    *beside(*DUCKDB_FOREIGN, ("INTERVAL", "INTERVAL 1 MONTH"), ("TIMETZ", "'09:00:00+01'"), ("UHUGEINT", "1")),
    *(Cell("store_id", *column, TYPE) for column in DUCKDB_FOREIGN),
    Cell("status", "VARCHAR[]", "['active']", TYPE),
    Cell("status", "JSON", "'true'", TYPE),
    Cell("start_time_local", "BLOB", "'a'", TYPE),
    Cell("timestamp_utc", "INTEGER[]", "[1]", TYPE),
    Cell("store_id", "TINYINT", "7", [7], pl.Int8),
    Cell("store_id", "BIGINT", f"{BIG}", [BIG], pl.Int64),
    Cell("store_id", "UBIGINT", f"{2**64 - 1}", [2**64 - 1], pl.UInt64),
    Cell("store_id", "HUGEINT", f"7; {BIG}", [7, BIG], pl.Int64),
    Cell("store_id", "HUGEINT", f"{HUGE}", [HUGE], pl.Int128),
    Cell("store_id", "UHUGEINT", f"{HUGE}", [HUGE], pl.Int128),
    Cell("store_id", "HUGEINT", f"{2**127 - 1}", MIXED),
    Cell("store_id", "UHUGEINT", f"{2**128 - 1}", MIXED),
    Cell("store_id", "DECIMAL(20, 0)", f"{BIG}", [BIG], pl.Int64),
    Cell("store_id", "DECIMAL(30, 0)", f"{HUGE}", [HUGE], pl.Int128),
    Cell("store_id", "DECIMAL(20, 2)", "7", TYPE),
    Cell("store_id", "DOUBLE", "7", FLOAT_ID),
    Cell("store_id", "FLOAT", "7", FLOAT_ID),
    Cell("store_id", "UUID", f"'{UUID.upper()}'", [UUID], pl.String),
    Cell("store_id", "VARCHAR", "'abc'", ["abc"], pl.String),
    Cell("store_id", "ENUM('a', 'b')", "'a'; 'b'", ["a", "b"], pl.String),
    Cell("store_id", "BOOLEAN", "true", TYPE),
    Cell("store_id", "INTERVAL", "INTERVAL 1 HOUR", TYPE),
    Cell("store_id", "BIGINT", "7; NULL", NO_ID),
    Cell("store_id", "BIGINT", "", [], pl.Int64),
    *(
        Cell("timestamp_utc", type_, "'2023-01-25 12:00:00'", [NOON])
        for type_ in ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "VARCHAR")
    ),
    Cell("timestamp_utc", "TIMESTAMPTZ", "'2023-01-25 17:30:00.000001+05:30'", [NOON + MICRO]),
    *(
        cell
        for type_ in ("TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
        for cell in (
            Cell("latest", type_, "'infinity'", OUTSIDE),
            Cell("timestamp_utc", type_, "'-infinity'; '2023-01-25 12:00:00+00'", OUTSIDE),
            Cell("timestamp_utc", type_, "", NONE),
        )
    ),
    Cell("timestamp_utc", "DATE", "'2023-01-25'", TYPE),
    Cell("timestamp_utc", "BIGINT", "1674648000", TYPE),
    Cell("timestamp_utc", "INTERVAL", "INTERVAL 1 HOUR", TYPE),
    Cell("timestamp_utc", "TIMESTAMP", "NULL", NO_STAMP),
    Cell("status", "BOOLEAN", "true; false", [False, True]),
    Cell("status", "ENUM('active', 'inactive')", "'active'; 'inactive'", [False, True]),
    Cell("status", "TINYINT", "1; 0", [False, True]),
    Cell("status", "HUGEINT", "1", TYPE),
    Cell("status", "DOUBLE", "1", TYPE),
    Cell("status", "BOOLEAN", "NULL", NO_STATUS),
    *(
        Cell("day_of_week", type_, "0; 6", [0, 6])
        for type_ in ("TINYINT", "UBIGINT", "HUGEINT", "UHUGEINT", "DECIMAL(3, 1)", "FLOAT", "DOUBLE", "VARCHAR")
    ),
    Cell("day_of_week", "ENUM('0', 'Sun')", "'0'; 'Sun'", [0, 6]),
    Cell("day_of_week", "DOUBLE", "'nan'", NO_DAY),
    Cell("day_of_week", "DOUBLE", "1.5", NO_DAY),
    Cell("start_time_local", "TIME", "'09:30:00.000001'", [dt.timedelta(hours=9.5) + MICRO]),
    Cell("end_time_local", "TIME", "'24:00:00'", at(24)),
    Cell("end_time_local", "TIME_NS", "'09:30:00'", at(9.5)),
    Cell("start_time_local", "TIMETZ", "'09:00:00+01'", NO_TIME),
    Cell("end_time_local", "INTERVAL", "INTERVAL 9 HOUR + INTERVAL 1 MICROSECOND", [dt.timedelta(hours=9) + MICRO]),
    Cell("end_time_local", "INTERVAL", "INTERVAL 1 DAY", at(24)),
    Cell("end_time_local", "INTERVAL", "INTERVAL 25 HOUR", NO_TIME),
    Cell("end_time_local", "INTERVAL", "INTERVAL (-1) HOUR", NO_TIME),
    Cell("end_time_local", "INTERVAL", "INTERVAL 1 MONTH", NO_TIME),
    Cell("end_time_local", "INTERVAL", "NULL", NO_TIME),
    Cell("end_time_local", "INTERVAL", "", NONE),
    Cell("start_time_local", "TIMESTAMP", "'2023-01-25 09:30:00'", TYPE),
    Cell("start_time_local", "INTEGER", "9", TYPE),
    Cell("valid_until", "DATE", "'2023-12-25'; NULL", [CHRISTMAS, None]),
    Cell("valid_until", "DATE", "'infinity'", NO_DATE),
    Cell("valid_until", "DATE", "'-infinity'", NO_DATE),
    Cell("valid_until", "TIMESTAMP", "'2023-12-25 00:00:00'", [CHRISTMAS]),
    Cell("valid_until", "TIMESTAMP", "'infinity'", NO_DATE),
    Cell("valid_until", "TIMESTAMPTZ", "'2023-12-25 00:00:00'", TYPE),
    Cell("valid_until", "INTERVAL", "INTERVAL 1 DAY", TYPE),
    Cell("date", "DATE", "'2023-12-25'", [CHRISTMAS], pl.Date),
    Cell("date", "DATE", "'infinity'", NO_DATE),
    Cell("end_utc", "TIMESTAMP_S", "'2023-01-25 12:00:00'", [NOON.replace(tzinfo=None)], pl.Datetime("us")),
    Cell("end_utc", "TIMESTAMP_S", "'infinity'", Refused(InvalidHoursError, "timestamp_outside_years")),
    Cell("timezone_str", "VARCHAR", "'UTC'; NULL", ["UTC", None]),
    Cell("timezone_str", "ENUM('UTC')", "'UTC'; NULL", ["UTC", None]),
    Cell("timezone_str", "INTEGER", "1", TYPE),
]  # fmt: skip

CELLS = {"postgresql": POSTGRES, "mariadb": MARIADB, "sqlite": SQLITE, "duckdb": DUCKDB}
# In the tables that are promised; ids keep their own type, optional tables that of the database.
DTYPES = {
    "timestamp_utc": pl.Datetime("us", "UTC"),
    "latest": pl.Datetime("us", "UTC"),
    "status": pl.Boolean(),
    "beside": pl.Boolean(),
    "day_of_week": pl.Int64(),
    "start_time_local": pl.Duration("us"),
    "end_time_local": pl.Duration("us"),
    "valid_until": pl.Date(),
    "timezone_str": pl.String(),
}
# Opening takes longer than reading there, and the connection is read as one of ADBC is.
FEWER = {("postgresql", "uri"): 5}
CASES = [
    pytest.param(kind, way, column, id=f"{kind}-{way}-{column}".replace(" ", "_"))
    for kind, cells in CELLS.items()
    for way in WAYS[kind]
    for column in dict.fromkeys(cell.column for cell in cells)
]


@pytest.fixture(scope="module")
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Database]]:
    """Databases with a table for each cell, made when they are asked for."""
    made: dict[str, Database] = {}
    with ExitStack() as stack:

        def database(kind: str) -> Database:
            if kind not in made:
                if kind == "postgresql":
                    server = request.getfixturevalue("postgres_server")
                    url = stack.enter_context(services.postgres_database(server))
                elif kind == "mariadb":
                    url = stack.enter_context(services.mariadb_database())
                else:
                    url = f"{kind}:///{tmp_path_factory.mktemp(kind)}/stores.db"
                filled = Database(kind, url)
                filled.run(*_statements(kind))
                made[kind] = filled
            return made[kind]

        yield database


def _statements(kind: str) -> Iterator[str]:
    if kind == "postgresql":
        yield from POSTGRES_SETUP
    if kind == "mariadb":
        yield "SET sql_mode = ''"
    for number, cell in enumerate(CELLS[kind]):
        yield f"CREATE TABLE cell_{number} (value {cell.kind})"
        for literal in filter(None, cell.literals.split("; ")):
            yield f"INSERT INTO cell_{number} VALUES ({literal})"


def expected(cell: Cell) -> tuple[Any, ...]:
    if isinstance(cell.outcome, Refused):
        return cell.outcome
    return cell.outcome, cell.dtype or DTYPES[cell.column]


@pytest.mark.parametrize(("kind", "way", "column"), CASES)
def test_every_way_gives_the_same_rows_or_the_same_error(
    kind: str,
    way: str,
    column: str,
    databases: Callable[[str], Database],
    capfd: pytest.CaptureFixture[str],
) -> None:
    wrong = []
    with WAYS[kind][way](databases(kind)) as load:
        cells = [(i, cell) for i, cell in enumerate(CELLS[kind]) if cell.column == column]
        for number, cell in cells[:: FEWER.get((kind, way), 1)]:
            found = outcome(load, cell, f"cell_{number}")
            if found != expected(cell):
                wrong.append((cell, found))
    assert wrong == []
    # Where polars panics at a type that it does not have, it says so there.
    assert capfd.readouterr().err == ""


def test_every_column_is_filled_with_something_in_every_database() -> None:
    for kind, cells in CELLS.items():
        filled = {cell.column for cell in cells if cell.outcome not in (TYPE, QUERY)}
        assert filled >= set(LOADS) - {"end_utc", "latest"}, kind
