"""Spark's tables: the columns that matter, and what the core will see of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from store_uptime._tables.contract import TABLES
from store_uptime._tables.names import matching
from store_uptime._tables.timeline_rows import PIECE_COLUMNS
from store_uptime.errors import MissingDependencyError, SchemaError

# What Arrow makes of Spark's types. Those that no column may have are here for the core to refuse.
_ARRIVES_AS: Mapping[str, pl.DataType] = {
    "ByteType": pl.Int8(),
    "ShortType": pl.Int16(),
    "IntegerType": pl.Int32(),
    "LongType": pl.Int64(),
    "FloatType": pl.Float32(),
    "DoubleType": pl.Float64(),
    "BooleanType": pl.Boolean(),
    "StringType": pl.String(),
    "CharType": pl.String(),
    "VarcharType": pl.String(),
    "DateType": pl.Date(),
    "TimestampType": pl.Datetime("us", "UTC"),
    "TimestampNTZType": pl.Datetime("us"),
    "DayTimeIntervalType": pl.Duration("us"),
    "TimeType": pl.Time(),
    "NullType": pl.Null(),
}
# All ways that Spark has from a TIMESTAMP_NTZ to a number lead through the session's time zone, but
# not those to its date, hour, minute and second.
_NTZ_MICROSECONDS = (
    "unix_date(CAST({0} AS DATE)) * 86400000000L + hour({0}) * 3600000000L"
    " + minute({0}) * 60000000L + CAST(extract(SECOND FROM {0}) * 1000000 AS BIGINT)"
)
MICROSECONDS: Mapping[pl.DataType, str] = {
    pl.Datetime("us", "UTC"): "unix_micros({0})",
    pl.Datetime("us"): _NTZ_MICROSECONDS,
    pl.Null(): "CAST({0} AS BIGINT)",
}
"""How Spark makes microseconds since 1970 UTC of an instant."""
# Spark has no unsigned integers.
LEAVES_AS: Mapping[pl.DataType, str] = {
    pl.Int8(): "tinyint",
    pl.Int16(): "smallint",
    pl.Int32(): "int",
    pl.Int64(): "bigint",
    pl.UInt32(): "bigint",
    pl.Float64(): "double",
    pl.String(): "string",
    pl.Boolean(): "boolean",
    pl.Datetime("us", "UTC"): "timestamp",
    pl.Duration("us"): "interval day to second",
}

_OLDEST_PYSPARK = 4


def require_spark() -> None:
    """Raise `MissingDependencyError` unless pyspark, as new as it has to be, and pyarrow are there.

    Older ones hand no Arrow table out, which a report would miss only at its end.
    """
    # Where pyspark came with a platform, only pyarrow may be missing.
    line = "pip install 'pyspark[sql]'"
    try:
        import pyspark.sql  # noqa: PLC0415  # is it there?

        line = "pip install pyarrow"
        import pyarrow as pa  # noqa: F401, PLC0415  # is it there?
    except ImportError as error:
        raise MissingDependencyError(
            f"Spark frames need another package: {error}",
            remedy=f"Install it: {line}.",
            code="missing_package",
        ) from error
    if int(pyspark.__version__.partition(".")[0]) < _OLDEST_PYSPARK:
        raise MissingDependencyError(
            f"Spark frames need pyspark {_OLDEST_PYSPARK} or newer; "
            f"here is pyspark {pyspark.__version__}",
            remedy="Install it: pip install 'pyspark[sql]>=4'.",
            code="missing_package",
        )


class SparkTable:
    """One input: the columns of it that matter, and what the core will see of them."""

    def __init__(self, frame: Any, table: str) -> None:
        from pyspark.sql import DataFrame  # noqa: PLC0415  # of an extra

        if not isinstance(frame, DataFrame):
            raise SchemaError(
                f"a {type(frame).__name__} is not a Spark DataFrame",
                table=table,
                remedy="Make it one by spark.createDataFrame, "
                "or use the function of this name in store_uptime for tables in memory.",
                code="not_a_table",
            )
        self.name = table
        canonical = _names_in_the_contract(table, frame.columns)
        names = [name for name in frame.columns if name in canonical]
        for name in names:
            if names.count(name) > 1:
                remedy = "Rename or drop all but one."
                raise SchemaError(
                    "columns of one name",
                    table=table,
                    column=name,
                    remedy=remedy,
                    code="ambiguous_column",
                )
        # By number, since Spark's own look-up by name may ignore case.
        numbered = {name: f"c{number}" for number, name in enumerate(frame.columns)}
        by_number = frame.toDF(*(f"c{number}" for number in range(len(frame.columns))))
        self.rows = by_number.select(*(numbered[name] for name in names)).toDF(
            *(canonical[name] for name in names)
        )
        types = {each.name: each.dataType for each in frame.schema if each.name in names}
        self.empty = pl.DataFrame(
            schema={
                canonical.get(name, name): self._arrives_as(name, types[name])
                if name in canonical
                else pl.Null()
                for name in frame.columns
            }
        )

    def _arrives_as(self, column: str, spark_type: Any) -> pl.DataType:
        if type(spark_type).__name__ == "DecimalType":
            return pl.Decimal(spark_type.precision, spark_type.scale)
        try:
            return _ARRIVES_AS[type(spark_type).__name__]
        except KeyError as error:
            raise SchemaError(
                f"type {spark_type.simpleString()} is not accepted",
                table=self.name,
                column=column,
                remedy="See the function of this name in store_uptime for the types that are.",
                code="unaccepted_type",
            ) from error


def _names_in_the_contract(table: str, present: Sequence[str]) -> dict[str, str]:
    """Return the columns that the table may need, and the names by which they travel."""
    columns: Sequence[Sequence[str]] = [(name,) for name in PIECE_COLUMNS]
    if table in TABLES:
        columns = [column.names for column in TABLES[table].columns]
    names = {name: name for own in columns for name in own if name in present}
    for own in columns:
        found = matching(own, present)
        if len(found) == 1 and found[0] not in own:
            names[found[0]] = own[0]
    return names


def columns_ddl(schema: pl.Schema) -> str:
    """Return the schema of a result as Spark writes it."""
    return ", ".join(f"{quoted(name)} {LEAVES_AS[dtype]}" for name, dtype in schema.items())


def quoted(column: str) -> str:
    """Return the name of a column as Spark's SQL writes it, whatever is in it."""
    name = column.replace("`", "``")
    return f"`{name}`"
