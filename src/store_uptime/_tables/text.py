"""Expressions that read instants, times of day and statuses; null stands for unreadable.

What each of them accepts is in the contract; nothing else is guessed at.
"""

from __future__ import annotations

import polars as pl

from store_uptime._time.units import DAY

_TIMESTAMP_FORM = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-5][0-9]"
    r"(\.[0-9]{1,9})?( ?UTC|Z|\+00:00)?$"
)
_DATE_FORM = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIME_FORM = r"^([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,9}))?)?$"
_MIDNIGHT_FORM = r"^24:00(:00(\.0{1,9})?)?$"


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
    return pl.when(text.str.contains(_TIMESTAMP_FORM)).then(seconds + fraction)


def parse_date(text: pl.Expr) -> pl.Expr:
    """Return dates as microseconds from 1970-01-01 to their midnight; null where unreadable."""
    days = text.str.to_date("%Y-%m-%d", strict=False, cache=False).to_physical()
    # Python knows no year 0; polars does.
    written = text.str.contains(_DATE_FORM) & ~text.str.starts_with("0000")
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
    parts = text.str.extract_groups(_TIME_FORM).struct
    hour, minute, second = (parts.field(str(i)).cast(pl.Int64) for i in (1, 2, 3))
    fraction = parts.field("4").str.head(6).str.pad_end(6, "0").cast(pl.Int64)
    seconds = hour * 3600 + minute * 60 + second.fill_null(0)
    micros = seconds * 10**6 + fraction.fill_null(0)
    return pl.when(text.str.contains(_MIDNIGHT_FORM)).then(DAY).otherwise(micros)
