"""Reports held against each other."""

from __future__ import annotations

import polars as pl


def bits(report: pl.DataFrame) -> tuple[object, ...]:
    """Return all there is in a report; ``repr`` of a float is exact and knows ``-0.0``."""
    return (report.schema, [repr(row) for row in report.rows()])


def spelled(report: pl.DataFrame) -> pl.DataFrame:
    """Return a report of the library with the types that Spark has."""
    return report.with_columns(pl.col(pl.UInt32).cast(pl.Int64))
