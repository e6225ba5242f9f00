"""Columns as PostgreSQL's arrays, each of them one text."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

_ARRAY_TYPES: Mapping[pl.DataType, str] = MappingProxyType(
    {
        pl.Int64(): "bigint",
        pl.Float64(): "double precision",
        pl.Boolean(): "boolean",
        pl.String(): "text",
        pl.Datetime("us"): "timestamp",
        pl.Datetime("us", "UTC"): "timestamptz",
    }
)


def array_type(dtype: pl.DataType) -> str:
    """Return the type of the array of a column."""
    return f"{_ARRAY_TYPES[dtype]}[]"


def array_text(values: pl.Series) -> str:
    """Return the array as it is written in PostgreSQL."""
    if values.dtype == pl.String:
        text = values.str.replace_all("\\", "\\\\", literal=True)
        text = '"' + text.str.replace_all('"', '\\"', literal=True) + '"'
    elif isinstance(values.dtype, pl.Datetime):
        # A timestamp without a time zone passes over the offset.
        text = values.dt.strftime("%Y-%m-%d %H:%M:%S%.6f+00")
    else:
        text = values.cast(pl.String)
    return f"{{{text.fill_null('NULL').str.join(',').item()}}}"
