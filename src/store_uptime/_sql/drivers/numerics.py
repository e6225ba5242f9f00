"""PostgreSQL's `numeric`, which arrives as text, as decimals."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from store_uptime._sql.rows import MixedTypesError

_MOST_DIGITS = 38


def with_decimals(rows: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """Return the rows with these columns as decimals, with as many places as their values have.

    Raises
    ------
    MixedTypesError
        A value is no number, or has more digits than a decimal.
    """
    return rows.with_columns(_decimals(rows[name]) for name in columns)


def _decimals(text: pl.Series) -> pl.Series:
    places = text.str.extract(r"\.(.*)$").str.len_chars().max() or 0
    read = text.cast(pl.Decimal(_MOST_DIGITS, min(int(places), _MOST_DIGITS)), strict=False)  # type: ignore[arg-type]  # of lengths
    if read.null_count() > text.null_count():
        first = text.filter(read.is_null() & text.is_not_null())[0]
        raise MixedTypesError(text.name, f"{first!r} is no decimal of {_MOST_DIGITS} digits")
    return read
