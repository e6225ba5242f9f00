"""Expressions that read instants, times of day and statuses; null stands for unreadable.

What each of them accepts is in the contract; nothing else is guessed at.
"""

from __future__ import annotations

import polars as pl

from store_uptime._time.units import DAY, FIRST_INSTANT, LAST_INSTANT

_CLOCK_FORM = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]{1,9})?"
_UTC_FORM = rf"^{_CLOCK_FORM}( ?UTC| ?Z|\+00:00)?$"
# PostgreSQL writes offsets with seconds for instants before the zones of today.
_OFFSET_FORM = rf"^({_CLOCK_FORM}) ?([+-])([01][0-9]|2[0-3])(?::?([0-5][0-9])(?::([0-5][0-9]))?)?$"
_UP_WORDS = ("active", "true", "t", "1")
_DOWN_WORDS = ("inactive", "false", "f", "0")
_DATE_FORM = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIME_FORM = r"^([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,9}))?)?$"
_MIDNIGHT_FORM = r"^24:00(:00(\.0{1,9})?)?$"


def parse_instant(text: pl.Expr) -> pl.Expr:
    """Return strings as microseconds since 1970 UTC; null where unreadable.

    Digits beyond the microsecond are cut off. An offset is at most 23:59:59.
    """
    is_utc = text.str.contains(_UTC_FORM)
    # Most files have no offsets, and of a null there is nothing to match.
    parts = pl.when(~is_utc).then(text).str.extract_groups(_OFFSET_FORM).struct
    sign = pl.when(parts.field("2") == "-").then(-1).otherwise(1)
    hour, minute, second = (parts.field(str(i)).cast(pl.Int64) for i in (3, 4, 5))
    offset = hour * 3600 + minute.fill_null(0) * 60 + second.fill_null(0)
    clock = _parse_clock(pl.when(is_utc).then(text).otherwise(parts.field("1")))
    micros = clock - (sign * offset * 10**6).fill_null(0)
    # Python knows no year 0; polars does.
    return pl.when(micros.is_between(FIRST_INSTANT, LAST_INSTANT)).then(micros)


def _parse_clock(text: pl.Expr) -> pl.Expr:
    """Return what a clock reads in microseconds since 1970-01-01, whatever follows its fraction."""
    text = text.str.strip_suffix("+00:00")
    # Parsing whole seconds and fraction apart is twice as fast as one format with "%.f".
    seconds = (
        text.str.head(19)
        .str.replace("T", " ", literal=True)
        .str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False, cache=False)
        .to_physical()
    )
    fraction = (
        text.str.slice(20, 6)
        .str.strip_chars_end(" UTCZ")
        .str.pad_end(6, "0")
        .cast(pl.Int64, strict=False)
    )
    return seconds + fraction


def parse_date(text: pl.Expr) -> pl.Expr:
    """Return dates as microseconds from 1970-01-01 to their midnight; null where unreadable."""
    days = text.str.to_date("%Y-%m-%d", strict=False, cache=False).to_physical()
    # Python knows no year 0; polars does.
    written = text.str.contains(_DATE_FORM) & ~text.str.starts_with("0000")
    return pl.when(written).then(days.cast(pl.Int64) * DAY)


def parse_status(word: pl.Expr, *, lenient: bool = True) -> pl.Expr:
    """Return active as true and inactive as false; null for any other word.

    If `lenient`, which costs ten times as much, case and outer blanks are ignored, and words for
    true and false are read too.
    """
    if not lenient:
        return pl.when(word == "active").then(True).when(word == "inactive").then(False)
    word = word.str.strip_chars().str.to_lowercase()
    return pl.when(word.is_in(_UP_WORDS)).then(True).when(word.is_in(_DOWN_WORDS)).then(False)


def parse_time(text: pl.Expr) -> pl.Expr:
    """Return local times as microseconds since midnight; null where unreadable."""
    parts = text.str.extract_groups(_TIME_FORM).struct
    hour, minute, second = (parts.field(str(i)).cast(pl.Int64) for i in (1, 2, 3))
    fraction = parts.field("4").str.head(6).str.pad_end(6, "0").cast(pl.Int64)
    seconds = hour * 3600 + minute * 60 + second.fill_null(0)
    micros = seconds * 10**6 + fraction.fill_null(0)
    return pl.when(text.str.contains(_MIDNIGHT_FORM)).then(DAY).otherwise(micros)
