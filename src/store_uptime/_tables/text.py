"""Expressions that read instants, times of day and statuses; null stands for unreadable.

What each of them accepts is in the contract; nothing else is guessed at.
"""

from __future__ import annotations

import polars as pl

from store_uptime._time.units import DAY

# Python knows no year 0; polars does.
_YEAR_FORM = r"(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_CLOCK_FORM = (
    rf"^{_YEAR_FORM}-[0-9]{{2}}-[0-9]{{2}}[ T][0-9]{{2}}:[0-9]{{2}}:[0-5][0-9](?:\.[0-9]{{1,9}})?"
)
_UTC_FORM = rf"{_CLOCK_FORM}(?: ?UTC| ?Z| ?[+-]00(?::?00)?)?$"
# PostgreSQL writes seconds, too, where an instant is older than the zones of today.
_OFFSET_FORM = rf"{_CLOCK_FORM} ?[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9](?::?[0-5][0-9])?)?$"
_UP_WORDS = ("active", "true", "t", "1")
_DOWN_WORDS = ("inactive", "false", "f", "0")
_DATE_FORM = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIME_FORM = r"^(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?$"
_LONGEST_WITHOUT_SECONDS = len("HH:MM")
_MIDNIGHT_FORM = r"^24:00(:00(\.0{1,9})?)?$"


def parse_instant(text: pl.Expr, *, with_offsets: bool = True) -> pl.Expr:
    """Return strings as microseconds since 1970 UTC; null where unreadable.

    Digits beyond the microsecond are cut off. Offsets other than zero are at most 23:59:59; they
    are read only `with_offsets`, which costs several times as much, and may lead out of the years
    1 to 9999.
    """
    utc = pl.when(text.str.contains(_UTC_FORM)).then(_seconds(text) + _fraction(text))
    if not with_offsets:
        return utc
    fraction = _fraction(text.str.replace(" ?[+-][0-9:]+$", ""))
    instant = _seconds(text) + fraction - _offset_at_end(text)
    return utc.fill_null(pl.when(text.str.contains(_OFFSET_FORM)).then(instant))


def _seconds(text: pl.Expr) -> pl.Expr:
    # Parsing whole seconds and fraction apart is twice as fast as one format with "%.f".
    return (
        text.str.head(19)
        .str.replace("T", " ", literal=True)
        .str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False, cache=False)
        .to_physical()
    )


def _fraction(text: pl.Expr) -> pl.Expr:
    # Zeros at its end go with those of an offset of zero, and come back.
    digits = text.str.slice(20, 6).str.strip_chars_end(" UTCZ+-:0").str.pad_end(6, "0")
    return digits.cast(pl.Int64, strict=False)


def _offset_at_end(text: pl.Expr) -> pl.Expr:
    """Return an offset of one to three numbers at the end of the text in microseconds."""
    digits = text.str.slice(19).str.extract("([+-][0-9:]+)$").str.replace_all(":", "", literal=True)
    number = digits.str.pad_end(7, "0").cast(pl.Int64, strict=False)  # such as -053000
    hour, minute, second = number.abs() // 10_000, number.abs() // 100 % 100, number.abs() % 100
    return (hour * 3600 + minute * 60 + second) * number.sign() * 10**6


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
    # Polars wants the seconds.
    whole = pl.when(text.str.len_bytes() <= _LONGEST_WITHOUT_SECONDS).then(text + ":00")
    time = whole.otherwise(text).str.to_time("%H:%M:%S%.f", strict=False, cache=False)
    micros = pl.when(text.str.contains(_TIME_FORM)).then(time.to_physical() // 1000)
    return pl.when(text.str.contains(_MIDNIGHT_FORM)).then(DAY).otherwise(micros)
