"""What runs inside a partition of the tables, and what it sends back: Arrow in, Arrow out.

A partition holds all rows of its stores, of all tables as one.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from store_uptime._tables.contract import TABLES
from store_uptime._tables.given import Source
from store_uptime._tables.ids import refuse_foreign_ids
from store_uptime._tables.read import read_tables
from store_uptime._tables.timezones import read_timezones
from store_uptime.errors import SHOWN_VALUES, StoreUptimeError, facts_of
from store_uptime.notices import CoverageWarning
from store_uptime.spark.layout import Layout, in_polars

if TYPE_CHECKING:
    import pyarrow as pa

Outcome = tuple[int | None, str | None]
"""The latest poll of a partition in microseconds since 1970 UTC; the first error in it, as text."""

OUTCOME_DDL = "latest bigint, error string"
ZONES_DDL = "zone string, error string"


@dataclass(frozen=True, slots=True)
class Job:
    """What every partition has to know.

    Attributes
    ----------
    compute
        The core's function.
    options
        Its arguments beside the tables.
    everywhere
        By table, rows for every store, which are no partition's own.
    """

    compute: Callable[..., pl.DataFrame]
    options: Mapping[str, Any]
    everywhere: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def run(self, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        """Compute the result on tables in memory."""
        whole: dict[str, Any] = dict(tables)
        for name, rows in self.everywhere.items():
            whole[name] = pl.concat([rows, tables[name]])
        with warnings.catch_warnings():
            # Of a part of the stores it would say nothing, and nobody reads a worker's warnings.
            warnings.simplefilter("ignore", CoverageWarning)
            return self.compute(**whole, **self.options)


def result_partition(
    batches: Iterable[pa.RecordBatch], layout: Layout, job: Job
) -> Iterator[pa.RecordBatch]:
    """Compute the result of the stores of one partition."""
    import pyarrow as pa  # noqa: PLC0415  # of an extra

    arrived = list(batches)
    if not arrived:
        return
    result = as_spark_has_it(job.run(layout.tables(pa.Table.from_batches(arrived))))
    table = result.to_arrow(compat_level=pl.CompatLevel.oldest())
    fields = [
        each.with_type(pa.string()) if pa.types.is_large_string(each.type) else each
        for each in table.schema
    ]
    yield from table.cast(pa.schema(fields)).to_batches()


def as_spark_has_it(result: pl.DataFrame) -> pl.DataFrame:
    """Return the columns in types that Spark has: no unsigned integers, and texts for states."""
    return result.with_columns(pl.col(pl.UInt32).cast(pl.Int64), pl.col(pl.Enum).cast(pl.String))


# --- checks, and errors on their way back --------------------------------------------------------


def check_partition(
    batches: Iterable[pa.RecordBatch], layout: Layout, empty: Mapping[str, pl.DataFrame]
) -> Iterator[pa.RecordBatch]:
    """Yield one row: the latest poll of the partition, and what is wrong in it.

    The tables that the layout does not have are `empty`.
    """
    import pyarrow as pa  # noqa: PLC0415  # of an extra

    arrived = list(batches)
    if arrived:
        tables = layout.tables(pa.Table.from_batches(arrived))
        latest, error = check_tables({**empty, **tables})
        schema = pa.schema({"latest": pa.int64(), "error": pa.string()})
        yield pa.RecordBatch.from_pydict({"latest": [latest], "error": [error]}, schema)


def check_tables(tables: Mapping[str, object]) -> Outcome:
    """Return what is found in tables in memory."""
    try:
        checked = read_tables(tables)
    except StoreUptimeError as error:
        return None, _to_text(error)
    return checked.polls.last, None


def zones_partition(
    batches: Iterable[pa.RecordBatch], id_dtype: pl.DataType
) -> Iterator[pa.RecordBatch]:
    """Yield the zones of the stores in a partition of `timezones`, or what is wrong in it.

    The zone of a store that is named without one is null.
    """
    import pyarrow as pa  # noqa: PLC0415  # of an extra

    arrived = list(batches)
    if not arrived:
        return
    source, error = Source(in_polars(pa.Table.from_batches(arrived)), "timezones"), None
    zones: list[str | None] = [None]
    try:
        refuse_foreign_ids(source, id_dtype, of="timeline")
        rows = read_timezones(source, TABLES["timezones"], id_dtype)
    except StoreUptimeError as found:
        error = _to_text(found)
    else:
        by_store = rows.group_by("store_id").agg(pl.col("timezone_str").max())
        zones = by_store["timezone_str"].unique().to_list()
    columns = {"zone": zones, "error": [error] * len(zones)}
    schema = pa.schema({"zone": pa.string(), "error": pa.string()})
    yield pa.RecordBatch.from_pydict(columns, schema)


def _to_text(error: StoreUptimeError) -> str:
    """Write an error down: Spark hands exceptions of workers on as text, without their class."""
    return json.dumps([type(error).__name__, facts_of(error)], default=str)


def _from_text(text: str) -> StoreUptimeError:
    name, facts = json.loads(text)
    classes = {each.__name__: each for each in StoreUptimeError.__subclasses__()}
    # JSON has no tuples.
    values = [tuple(value) if isinstance(value, list) else value for value in facts["values"]]
    return classes[name](**facts | {"values": values})


def join_outcomes(outcomes: Iterable[Outcome]) -> int | None:
    """Return the latest poll of all partitions, or raise one error for all of them.

    Where partitions stopped at different problems, it is the one found in the first table.
    """
    latest, texts = zip(*outcomes, strict=True)
    errors = [_from_text(text) for text in texts if text]
    if not errors:
        return max((each for each in latest if each is not None), default=None)
    first = min(errors, key=lambda error: list(TABLES).index(str(error.table)))
    fault = (first.table, first.column, first.problem)
    same = [error for error in errors if (error.table, error.column, error.problem) == fault]
    count = sum(error.count or 0 for error in same) or None
    values = [value for error in same for value in error.values][:SHOWN_VALUES]
    raise type(first)(**facts_of(first) | {"count": count, "values": values})
