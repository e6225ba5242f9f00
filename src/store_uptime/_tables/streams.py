"""Arrow streams as frames: pandas, pyarrow, DuckDB and whatever else can be read over Arrow.

Polars does not have all of Arrow's types, and panics at some. pyarrow has them, so where it is
installed it takes out the columns that are needed, batch by batch.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import polars as pl

from store_uptime._tables.names import needed
from store_uptime.errors import SchemaError

if TYPE_CHECKING:
    import pyarrow as pa

_HEX_DIGITS_OF_UUID = (8, 4, 4, 4, 12)


# The types that polars lacks, by the words of `pyarrow.types`.
_FOREIGN = ("interval", "union", "run_end_encoded", "list_view", "large_list_view", "decimal256")


def read_stream(rows: Any, table: str) -> tuple[pl.DataFrame, list[str]]:
    """Return the columns that the table may need, and the names of all."""
    if any(each.__module__.partition(".")[0] == "pandas" for each in type(rows).__mro__):
        names = [str(label) for label in rows.columns]
        # Types that even Arrow lacks are left out here; the index is no column.
        rows = rows.loc[:, needed(table, names)].reset_index(drop=True)
        return _read_needed(rows, table)[0], names
    return _read_needed(rows, table)


def _read_needed(rows: Any, table: str) -> tuple[pl.DataFrame, list[str]]:
    try:
        import pyarrow as pa  # noqa: PLC0415  # of an extra
    except ImportError:
        frame = pl.DataFrame(rows)
        _refuse_narrow_decimals(frame, table)
        return frame, frame.columns
    # Closed also where it fails: an open stream may block the connection that it comes from.
    with pa.RecordBatchReader.from_stream(rows) as reader:
        names: list[str] = reader.schema.names
        chosen = [position for position, is_needed in enumerate(needed(table, names)) if is_needed]
        fields = [reader.schema.field(position) for position in chosen]
        _refuse_foreign_types(fields, table)
        target = pa.schema([_plainer(field) for field in fields])
        batches = (batch.select(chosen).cast(target) for batch in reader)
        frame = pl.DataFrame(pa.RecordBatchReader.from_batches(target, batches))
    return frame.with_columns(_uuid_text(each.name) for each in fields if _is_uuid(each)), names


def _refuse_foreign_types(fields: list[pa.Field], table: str) -> None:
    import pyarrow as pa  # noqa: PLC0415  # of an extra

    is_foreign = [getattr(pa.types, f"is_{word}") for word in _FOREIGN]
    for field in fields:
        if any(is_type(field.type) for is_type in is_foreign):
            raise SchemaError(
                f"type {field.type} is not accepted: polars does not have it",
                table=table,
                column=field.name,
                remedy="Cast it to a type of numbers, texts or times.",
                code="unaccepted_type",
            )


def _refuse_narrow_decimals(frame: pl.DataFrame, table: str) -> None:
    """Raise for decimals of 32 and 64 bits, which polars 2.1 holds as if they had 128."""
    for name, is_needed in zip(frame.columns, needed(table, frame.columns), strict=True):
        if is_needed and isinstance(frame.schema[name], pl.Decimal):
            try:
                frame[name].to_physical().cast(pl.Int64, strict=False)
            except pl.exceptions.PolarsError as error:
                raise SchemaError(
                    "decimals of less than 128 bits are not accepted: polars cannot read them",
                    table=table,
                    column=name,
                    remedy="Cast them to integers, or install pyarrow, by which they are read.",
                    code="unaccepted_type",
                ) from error


def _plainer(field: pa.Field) -> pa.Field:
    """Return the field in a type that polars has, if that says the same."""
    import pyarrow as pa  # noqa: PLC0415  # of an extra

    if _is_uuid(field):
        return field.with_type(pa.binary(16))
    if pa.types.is_timestamp(field.type):
        # Polars has no seconds, and its own step to milliseconds wraps around silently.
        unit = "ms" if field.type.unit == "s" else field.type.unit
        # It counts from 1970 UTC whatever the zone is, and polars knows no zones such as +05:30.
        return field.with_type(pa.timestamp(unit, field.type.tz and "UTC"))
    if pa.types.is_decimal(field.type):
        # Of narrower ones in batches polars 2.1 makes other numbers, or panics.
        return field.with_type(pa.decimal128(field.type.precision, field.type.scale))
    if pa.types.is_duration(field.type) and field.type.unit == "s":
        return field.with_type(pa.duration("ms"))
    return field


def _is_uuid(field: pa.Field) -> bool:
    return getattr(field.type, "extension_name", "") == "arrow.uuid"


def _uuid_text(name: str) -> pl.Expr:
    digits = pl.col(name).bin.encode("hex")
    starts = itertools.accumulate(_HEX_DIGITS_OF_UUID, initial=0)
    parts = [digits.str.slice(*part) for part in zip(starts, _HEX_DIGITS_OF_UUID, strict=False)]
    return pl.concat_str(parts, separator="-").alias(name)
