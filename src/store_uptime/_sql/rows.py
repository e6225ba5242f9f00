"""Rows of Python objects, as most drivers give them, as a frame."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

BATCH_ROWS = 50_000


class MixedTypesError(Exception):
    """A column holds values of several types, or values that no type holds."""

    def __init__(self, column: str, what: str) -> None:
        super().__init__(what)
        self.column = column


class ForeignTypeError(Exception):
    """A column is of a type of the database that no column may have."""

    def __init__(self, column: str, type_: str) -> None:
        super().__init__(f"type {type_} is not accepted")
        self.column = column


def frame_of_rows(names: Sequence[str], batches: Iterable[Sequence[Sequence[Any]]]) -> pl.DataFrame:
    """Return the rows as a frame; a column without a value is of type Null.

    Raises
    ------
    MixedTypesError
        A column holds values of several types, or values that no type holds.
    """
    parts: list[list[pl.Series]] = [[] for _ in names]
    for rows in batches:
        for name, part, values in zip(names, parts, zip(*rows, strict=True), strict=True):
            part.append(_series(name, values))
    return pl.DataFrame([_one_series(name, part) for name, part in zip(names, parts, strict=True)])


def _series(name: str, values: Sequence[Any]) -> pl.Series:
    kinds = sorted({type(value).__name__ for value in values if value is not None})
    if len(kinds) > 1:
        raise MixedTypesError(name, " and ".join(kinds))
    first = next((value for value in values if value is not None), None)
    if isinstance(first, dt.datetime) and first.tzinfo is not None:
        # Python knows the offset that the driver gave; polars would look the zone up again.
        values = [value and value.astimezone(dt.UTC) for value in values]
    elif isinstance(first, uuid.UUID):
        values = [value and str(value) for value in values]
    try:
        return pl.Series(name, values, strict=True)
    except (TypeError, OverflowError) as error:
        raise MixedTypesError(name, str(error).partition("\n")[0]) from error


def _one_series(name: str, parts: list[pl.Series]) -> pl.Series:
    dtypes = {part.dtype for part in parts if part.dtype != pl.Null}
    if len(dtypes) > 1 and not all(dtype.is_integer() for dtype in dtypes):
        raise MixedTypesError(name, " and ".join(sorted(map(str, dtypes))))
    dtype = pl.Int128() if len(dtypes) > 1 else next(iter(dtypes), pl.Null())
    return pl.concat([pl.Series(name, [], dtype), *(part.cast(dtype) for part in parts)])
