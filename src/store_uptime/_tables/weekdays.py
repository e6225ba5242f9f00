"""Weekdays: 0 = Monday to 6 = Sunday, and how a table shows that it numbers them otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from store_uptime.errors import SHOWN_VALUES, InvalidHoursError

DAYS_A_WEEK = 7
_SEVEN = 7
# Not those of `calendar`: they follow the locale.
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY_NUMBERS: Mapping[str, int] = MappingProxyType(
    {name: number for number, day in enumerate(_FULL) for name in (day, day[:3])}
)
"""The weekdays by their English names, full and of three letters, in lower case."""

_DIGIT_FORM = r"^[0-7](\.0*)?$"


def weekday_number(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """Return a column as numbers from 0 to 7, Int64, null where it has others.

    ``None`` stands for a type that no weekday has. A 7 is no weekday, but it shows how a table
    numbers them.
    """
    if dtype == pl.String or isinstance(dtype, (pl.Categorical, pl.Enum)):
        return read_weekday_text(raw.cast(pl.String))
    if isinstance(dtype, pl.Decimal):
        raw = raw.cast(pl.Float64)
    elif not dtype.is_numeric():
        return None
    is_number = raw.is_between(0, _SEVEN) & (raw == raw.cast(pl.Int64, strict=False))
    return pl.when(is_number).then(raw.cast(pl.Int64, strict=False))


def read_weekday_text(text: pl.Expr) -> pl.Expr:
    """Return names and digits as numbers from 0 to 7, as `weekday_number` does."""
    word = text.str.strip_chars().str.to_lowercase()
    digit = pl.when(word.str.contains(_DIGIT_FORM)).then(word.str.head(1)).cast(pl.Int64)
    return digit.fill_null(
        word.replace_strict(WEEKDAY_NUMBERS, default=None, return_dtype=pl.Int64)
    )


class WeekdayCheck:
    """Looks, part by part of a table, for weekdays that are numbered 1 to 7.

    Such a table has a 7 and no 0. Read row by row, it would lose its Sundays, and every other row
    would be a day late; so it is refused as a whole.
    """

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def look_at(self, numbers: pl.Series) -> None:
        """Take the next rows' numbers, as `weekday_number` returns them."""
        self._counts.update(dict(numbers.drop_nulls().value_counts().rows()))

    def refuse(self, table: str, column: str, where: str = "") -> None:
        """Raise `InvalidHoursError` if the rows were numbered 1 to 7.

        Parameters
        ----------
        table, column
            The table, and its column as the caller named it.
        where
            What the message begins with, such as the path of a file and a colon.
        """
        if not self._counts[_SEVEN] or self._counts[0]:
            return
        raise InvalidHoursError(
            f"{where}weekdays numbered 1 = Monday to 7 = Sunday; subtract 1",
            table=table,
            column=column,
            count=self._counts.total(),
            values=sorted(+self._counts)[:SHOWN_VALUES],
            remedy="Weekdays go from 0 (Monday) to 6 (Sunday). Where 1 is Sunday, as MySQL's "
            "DAYOFWEEK has it, write (day + 5) % 7.",
            code="weekdays_from_one",
        )
