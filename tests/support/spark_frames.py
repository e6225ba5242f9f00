"""Tables on their way into Spark, and reports on their way back."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from typing import Any

import polars as pl
import pytest

TYPES: dict[pl.DataType, str] = {
    pl.Int8(): "tinyint",
    pl.Int32(): "int",
    pl.Int64(): "bigint",
    pl.Boolean(): "boolean",
    pl.String(): "string",
    pl.Date(): "date",
    pl.Datetime("us", "UTC"): "timestamp",
    pl.Datetime("us"): "timestamp_ntz",
    pl.Duration("us"): "interval day to second",
}


def skip_without_spark() -> None:
    """Skip a module of tests where Spark or Java is missing, unless everything must be there."""
    if "STORE_UPTIME_REQUIRE_SERVICES" in os.environ:
        return
    if not (find_spec("pyspark") and find_spec("grpc")):
        reason = "needs pyspark[connect]: pip install 'pyspark[connect]'"
        pytest.skip(reason, allow_module_level=True)
    if not ("JAVA_HOME" in os.environ or shutil.which("java")):
        pytest.skip("needs Java 17 or newer", allow_module_level=True)


def to_spark(session: Any, *tables: pl.DataFrame) -> tuple[Any, Any, Any]:
    """Make Spark frames of the three polars frames."""
    status, hours, timezones = (one_to_spark(session, table) for table in tables)
    return status, hours, timezones


def one_to_spark(session: Any, table: pl.DataFrame) -> Any:
    """Make a Spark frame of a polars frame, with the types that Spark has for its columns."""
    for name, dtype in table.schema.items():
        if isinstance(dtype, pl.Datetime):
            zone = "UTC" if dtype.time_zone else None
            table = table.with_columns(pl.col(name).cast(pl.Datetime("us", zone)))
        elif dtype == pl.Time:
            table = table.with_columns(pl.col(name).cast(pl.String))
    types = ", ".join(f"{name} {TYPES[dtype]}" for name, dtype in table.schema.items())
    return session.createDataFrame(table.to_arrow(compat_level=pl.CompatLevel.oldest()), types)


def rows_of(report: Any) -> pl.DataFrame:
    """Fetch a report from Spark in the order of the library's own."""
    return pl.DataFrame(report.toArrow()).sort("store_id")
