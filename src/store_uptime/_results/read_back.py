"""A report that is read back: its rows, once it is clear that they can be right."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

import polars as pl

from store_uptime._tables.given import Source
from store_uptime._tables.groups import refuse_group_names, refuse_repeats
from store_uptime._tables.ids import common_id_dtype
from store_uptime._tables.report_times import refuse_wrong_times, time_columns
from store_uptime.windows import AnyWindow


def now_column(source: Source) -> list[str]:
    """Return the column that tells the reports of a history apart, if there is one."""
    names = [name for name in ("now",) if name in source.schema]
    refuse_group_names(source, names, ())
    return names


def read_report(
    source: Source, windows: Mapping[str, AnyWindow], others: Iterable[str]
) -> pl.DataFrame:
    """Return the ids and times of a report, and other columns of it, with its rows in order.

    Raises
    ------
    SchemaError
        A column is missing or of a wrong type; a store has more than one row; a time is none, or
        more than the window can have.
    """
    id_dtype = common_id_dtype({source.table: source})
    times = time_columns(source, windows)
    keys = ["store_id", *now_column(source)]
    columns = list(dict.fromkeys([*keys, *itertools.chain(*times.values()), *others]))
    source = source.collected(*columns)
    refuse_repeats(source, keys, "Where groups were joined on, join one row a store.")
    refuse_wrong_times(source, windows)
    return source.rows.with_columns(pl.col("store_id").cast(id_dtype)).collect()
