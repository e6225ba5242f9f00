"""Expressions that read instants, times of day and statuses; null stands for unreadable.

What each of them accepts is in the contract; nothing else is guessed at.
"""

from __future__ import annotations

import polars as pl

DAY = 86_400 * 10**6
"""A day of 24 hours in microseconds."""

_MILLISECOND_LIMIT = (2**63 - 1) // 1000

_TIMESTAMP = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-5][0-9]"
    r"(\.[0-9]{1,9})?( ?UTC|Z|\+00:00)?$"
)
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIME = r"^([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,9}))?)?$"
_MIDNIGHT = r"^24:00(:00(\.0{1,9})?)?$"
TIMESTAMP_REMEDY = "Write instants in UTC, like '2023-01-22 12:09:39.388884 UTC'."
STATUS_REMEDY = "A status is 'active' or 'inactive', or a Boolean."
DATE_REMEDY = "Write local dates like '2023-12-25'."
TIME_REMEDY = "Write local times as HH:MM or HH:MM:SS, from 00:00 to 24:00."
WEEKDAY_REMEDY = "Weekdays are whole numbers from 0 (Monday) to 6 (Sunday)."


def datetime_micros(raw: pl.Expr, dtype: pl.Datetime) -> pl.Expr:
    """Return a Datetime column, naive or of any zone, as microseconds since 1970 UTC."""
    ticks = raw.to_physical()
    if dtype.time_unit == "ns":
        return ticks // 1000
    if dtype.time_unit == "us":
        return ticks
    fits = ticks.is_between(-_MILLISECOND_LIMIT, _MILLISECOND_LIMIT)
    return pl.when(fits).then(ticks * 1000)


def parse_instant(text: pl.Expr) -> pl.Expr:
    """Return strings as microseconds since 1970 UTC; null where unreadable.

    Digits beyond the microsecond are cut off.
    """
    bare = text.str.strip_suffix("+00:00").str.strip_suffix("Z").str.strip_suffix("UTC")
    # Parsing whole seconds and fraction apart is twice as fast as one format with "%.f".
    seconds = (
        bare.str.head(19)
        .str.replace("T", " ", literal=True)
        .str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False, cache=False)
        .to_physical()
    )
    fraction = (
        bare.str.slice(20, 6)
        .str.strip_chars_end(" ")
        .str.pad_end(6, "0")
        .cast(pl.Int64, strict=False)
    )
    return pl.when(text.str.contains(_TIMESTAMP)).then(seconds + fraction)


def parse_date(text: pl.Expr) -> pl.Expr:
    """Return dates as microseconds from 1970-01-01 to their midnight; null where unreadable."""
    days = text.str.to_date("%Y-%m-%d", strict=False, cache=False).to_physical()
    # Python knows no year 0; polars does.
    written = text.str.contains(_DATE) & ~text.str.starts_with("0000")
    return pl.when(written).then(days.cast(pl.Int64) * DAY)


def parse_status(word: pl.Expr, *, lenient: bool = True) -> pl.Expr:
    """Return active as true and inactive as false; null for any other word.

    Case and outer blanks are ignored when `lenient`, which costs ten times as much.
    """
    if lenient:
        word = word.str.strip_chars().str.to_lowercase()
    return pl.when(word == "active").then(True).when(word == "inactive").then(False)


def parse_time(text: pl.Expr) -> pl.Expr:
    """Return local times as microseconds since midnight; null where unreadable."""
    parts = text.str.extract_groups(_TIME).struct
    hour, minute, second = (parts.field(str(i)).cast(pl.Int64) for i in (1, 2, 3))
    fraction = parts.field("4").str.head(6).str.pad_end(6, "0").cast(pl.Int64)
    seconds = hour * 3600 + minute * 60 + second.fill_null(0)
    micros = seconds * 10**6 + fraction.fill_null(0)
    return pl.when(text.str.contains(_MIDNIGHT)).then(DAY).otherwise(micros)
