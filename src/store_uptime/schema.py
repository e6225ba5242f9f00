"""The border: whatever the caller gives becomes three checked tables in canonical form.

Nothing behind this module meets a string, a time zone, a null or a float: ids are of one type,
instants and times of day are integer microseconds, a status is a Boolean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

import polars as pl

from store_uptime.errors import (
    SHOWN_VALUES,
    InvalidHoursError,
    InvalidStatusError,
    MissingDependencyError,
    SchemaError,
    StoreUptimeError,
    UnknownTimeZoneError,
)
from store_uptime.parse import (
    DAY,
    STATUS_REMEDY,
    TIME_REMEDY,
    TIMESTAMP_REMEDY,
    WEEKDAY_REMEDY,
    datetime_micros,
    parse_instant,
    parse_status,
    parse_time,
)

_DAY_NAMES = ("day_of_week", "day", "dayOfWeek")
ID_REMEDY = (
    "Read ids as integers or strings from the start: a float keeps only 15 to 17 of their digits."
)


@dataclass(frozen=True, slots=True)
class Polls:
    """The checked `status` table.

    `frame` has `store_id`, `t` (Int64, microseconds since 1970 UTC) and `up` (Boolean), no nulls,
    in any order. `first` and `last` are the extremes of `t`, null when there are no polls.
    `eager` tells whether the rows are in memory already.
    """

    frame: pl.LazyFrame
    eager: bool
    count: int
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Tables:
    """All inputs in canonical form.

    `hours` has `store_id`, `day` (0-6), `start`, `end` (Int64, microseconds since local
    midnight); `timezones` has `store_id` and `zone` (String, or null for a store that is named
    without a zone). `store_id` has one dtype throughout.
    """

    polls: Polls
    hours: pl.DataFrame
    timezones: pl.DataFrame


def read_tables(status: Any, hours: Any, timezones: Any) -> Tables:
    """Check all inputs and return them in canonical form.

    Raises
    ------
    SchemaError
        A missing column, a type that is not accepted, ids that do not fit together.
    InvalidStatusError, InvalidHoursError, UnknownTimeZoneError
        Unusable values in the table of that name.
    """
    sources = {
        "status": _Source(status, "status"),
        "hours": _Source(hours, "hours"),
        "timezones": _Source(timezones, "timezones"),
    }
    id_dtype = _common_id_dtype(sources)
    return Tables(
        _read_status(sources["status"], id_dtype),
        _read_hours(sources["hours"], id_dtype),
        _read_timezones(sources["timezones"], id_dtype),
    )


class _Source:
    """One input as it came: its rows, its schema, its name in messages."""

    def __init__(self, rows: Any, table: str) -> None:
        self.table = table
        frame = _as_frame(rows, table)
        self.eager = isinstance(frame, pl.DataFrame)
        self.rows = frame.lazy()
        try:
            self.schema = self.rows.collect_schema()
        except pl.exceptions.PolarsError as error:
            raise SchemaError(f"the lazy frame cannot be read: {error}", table=table) from error

    def column(self, *names: str) -> str:
        """Return the first of `names` that the table has."""
        for name in names:
            if name in self.schema:
                return name
        present = ", ".join(self.schema) or "none"
        raise SchemaError(
            "no such column",
            table=self.table,
            column=names[0],
            remedy=f"The columns are: {present}. Rename the one that holds it to {names[0]!r}.",
        )

    def dtype(self, column: str) -> pl.DataType:
        return self.schema[column]

    def refuse_type(self, column: str, accepted: str) -> NoReturn:
        dtype = self.schema[column]
        raise SchemaError(
            f"type {dtype} is not accepted",
            table=self.table,
            column=column,
            remedy=f"Accepted: {accepted}.",
        )

    def refuse_rows(
        self, error: type[StoreUptimeError], column: str, problem: str, bad: pl.Expr, remedy: str
    ) -> None:
        """Raise `error` if `bad` holds for any row."""
        shown = pl.col(column)
        if self.schema[column].is_temporal():
            # Polars panics when it turns an instant beyond its calendar into a Python object.
            shown = shown.to_physical()
        rows = self.rows.filter(bad)
        count = rows.select(pl.len()).collect().item()
        if count:
            values = rows.select(shown).head(SHOWN_VALUES).collect().to_series().to_list()
            raise error(
                problem, table=self.table, column=column, count=count, values=values, remedy=remedy
            )


def _as_frame(rows: Any, table: str) -> pl.DataFrame | pl.LazyFrame:
    if isinstance(rows, (pl.DataFrame, pl.LazyFrame)):
        return rows
    if not hasattr(rows, "__arrow_c_stream__"):
        raise SchemaError(
            f"a {type(rows).__name__} is not a table",
            table=table,
            remedy="Give a polars frame, or an object with __arrow_c_stream__ "
            "(pandas, pyarrow, DuckDB).",
        )
    try:
        return pl.DataFrame(rows)
    except ImportError as error:
        raise MissingDependencyError(
            f"a {type(rows).__name__} needs another package to be read: {error}",
            table=table,
            remedy="Install it: pip install 'store-uptime[pandas]'.",
        ) from error
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        raise SchemaError(f"cannot be read as a table: {error}", table=table) from error


# --- ids ----------------------------------------------------------------------------------------


def _common_id_dtype(sources: dict[str, _Source]) -> pl.DataType:
    """Return the type of all ids: that of `status`, unless it is empty and untyped."""
    dtypes = {name: _id_dtype(source) for name, source in sources.items()}
    typed = {name: dtype for name, dtype in dtypes.items() if dtype != pl.Null}
    if not typed:
        return pl.Int64()
    first = next(iter(typed))
    for name, dtype in typed.items():
        if dtype.is_integer() != typed[first].is_integer():
            raise SchemaError(
                f"ids are {dtype} here but {typed[first]} in {first}",
                table=name,
                column="store_id",
                remedy="Give store_id the same kind, integer or string, in all tables.",
            )
    return typed[first]


def _id_dtype(source: _Source) -> pl.DataType:
    dtype = source.dtype(source.column("store_id"))
    if dtype.is_integer() or dtype in (pl.String, pl.Null):
        return dtype
    if isinstance(dtype, (pl.Categorical, pl.Enum)):
        return pl.String()
    if dtype.is_float():
        raise SchemaError(
            f"ids are floats ({dtype})",
            table=source.table,
            column="store_id",
            remedy=ID_REMEDY,
        )
    source.refuse_type("store_id", "integers and strings")


def _refuse_ids(source: _Source, error: type[StoreUptimeError], id_dtype: pl.DataType) -> None:
    raw = pl.col("store_id")
    remedy = "Remove the rows or give them an id."
    source.refuse_rows(error, "store_id", "null id", raw.is_null(), remedy)
    if source.dtype("store_id").is_integer() and source.dtype("store_id") != id_dtype:
        remedy = "Cast status.store_id to a type that holds every id."
        source.refuse_rows(
            SchemaError,
            "store_id",
            f"id outside {id_dtype}, the type of the ids in status",
            raw.cast(id_dtype, strict=False).is_null(),
            remedy,
        )


# --- status -------------------------------------------------------------------------------------


def _read_status(source: _Source, id_dtype: pl.DataType) -> Polls:
    t_column, up_column = source.column("timestamp_utc"), source.column("status")
    t = _instant(source, t_column)
    for lenient in (False, True):
        up = _up(source, up_column, lenient=lenient)
        frame = source.rows.select(pl.col("store_id").cast(id_dtype), t.alias("t"), up.alias("up"))
        if source.eager:
            frame = frame.collect(engine="streaming").lazy()
        facts = frame.select(
            count=pl.len(),
            nulls=pl.sum_horizontal(pl.all().null_count()),
            first=pl.col("t").min(),
            last=pl.col("t").max(),
        )
        row = facts.collect(engine="streaming").row(0, named=True)
        if not row["nulls"]:
            break
    else:
        _refuse_ids(source, InvalidStatusError, id_dtype)
        for column, problem, value, remedy in (
            (t_column, "null or unreadable timestamp", t, TIMESTAMP_REMEDY),
            (up_column, "status other than active or inactive", up, STATUS_REMEDY),
        ):
            source.refuse_rows(InvalidStatusError, column, problem, value.is_null(), remedy)
    return Polls(frame, source.eager, row["count"], row["first"], row["last"])


def _instant(source: _Source, column: str) -> pl.Expr:
    """Return the column as microseconds since 1970 UTC; null where there is none."""
    dtype = source.dtype(column)
    if isinstance(dtype, pl.Datetime):
        return datetime_micros(pl.col(column), dtype)
    if dtype == pl.String:
        return parse_instant(pl.col(column))
    if dtype == pl.Null:
        return pl.lit(None, pl.Int64)
    source.refuse_type(column, "Datetime (naive means UTC) and strings")


def _up(source: _Source, column: str, *, lenient: bool) -> pl.Expr:
    """Return the column as Boolean; null where it is neither active nor inactive."""
    dtype = source.dtype(column)
    raw = pl.col(column)
    if dtype == pl.Boolean:
        return raw
    if dtype == pl.String or isinstance(dtype, (pl.Categorical, pl.Enum)):
        return parse_status(raw.cast(pl.String), lenient=lenient)
    if dtype == pl.Null:
        return pl.lit(None, pl.Boolean)
    source.refuse_type(column, "strings, Enum, Categorical and Boolean")


# --- hours and time zones -----------------------------------------------------------------------


def _read_hours(source: _Source, id_dtype: pl.DataType) -> pl.DataFrame:
    day_column = source.column(*_DAY_NAMES)
    times = {name: source.column(f"{name}_time_local") for name in ("start", "end")}
    source = _collected(source, "store_id", day_column, *times.values())
    if not (source.dtype(day_column).is_integer() or source.dtype(day_column) == pl.Null):
        source.refuse_type(day_column, "integers from 0 (Monday) to 6 (Sunday)")
    _refuse_ids(source, InvalidHoursError, id_dtype)
    day = pl.col(day_column)
    day = pl.when(day.is_between(0, 6)).then(day)
    micros = {name: _time_of_day(source, column) for name, column in times.items()}
    table = source.rows.select(
        pl.col("store_id").cast(id_dtype), day.cast(pl.Int64).alias("day"), **micros
    ).collect()
    for name, column, value, problem, remedy in (
        ("day", day_column, day, "weekday outside 0-6", WEEKDAY_REMEDY),
        ("start", times["start"], micros["start"], "null or unreadable time", TIME_REMEDY),
        ("end", times["end"], micros["end"], "null or unreadable time", TIME_REMEDY),
    ):
        if table[name].null_count():
            source.refuse_rows(InvalidHoursError, column, problem, value.is_null(), remedy)
    return table


def _collected(source: _Source, *columns: str) -> _Source:
    """Return the source with just these columns, in memory: small tables are checked often."""
    return _Source(source.rows.select(columns).collect(), source.table)


def _time_of_day(source: _Source, column: str) -> pl.Expr:
    """Return the column as microseconds since midnight; null where there is none."""
    dtype = source.dtype(column)
    raw = pl.col(column)
    if dtype == pl.Time:
        return raw.to_physical() // 1000
    if isinstance(dtype, pl.Duration):
        micros = datetime_micros(raw, pl.Datetime(dtype.time_unit))
        return pl.when(micros.is_between(0, DAY)).then(micros)
    if dtype == pl.String:
        return parse_time(raw)
    if dtype == pl.Null:
        return pl.lit(None, pl.Int64)
    source.refuse_type(column, "Time, Duration since midnight, and strings")


def _read_timezones(source: _Source, id_dtype: pl.DataType) -> pl.DataFrame:
    column = source.column("timezone_str")
    source = _collected(source, "store_id", column)
    _refuse_ids(source, UnknownTimeZoneError, id_dtype)
    dtype = source.dtype(column)
    if not (dtype in (pl.String, pl.Null) or isinstance(dtype, (pl.Categorical, pl.Enum))):
        source.refuse_type(column, "strings, Enum and Categorical")
    table = source.rows.select(
        pl.col("store_id").cast(id_dtype), pl.col(column).cast(pl.String).alias("zone")
    ).collect()
    _refuse_two_zones(table)
    return table


def _refuse_two_zones(table: pl.DataFrame) -> None:
    zones = pl.col("zone").unique().sort()
    named = table.drop_nulls("zone").group_by("store_id").agg(zones)
    double = named.filter(pl.col("zone").list.len() > 1).sort("store_id")
    if not double.is_empty():
        raise UnknownTimeZoneError(
            "one store with two different zones",
            table="timezones",
            column="timezone_str",
            count=int(double["zone"].list.len().sum()),
            values=double.head(SHOWN_VALUES).rows(),
            remedy="Keep one row per store.",
        )
