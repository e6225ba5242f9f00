"""The summary of outages: how many there were, how long, and how soon they were repaired."""

from __future__ import annotations

import polars as pl

from store_uptime._tables.given import Source
from store_uptime._tables.groups import Grouping, is_named, join_groups, named_groups
from store_uptime._tables.ids import common_id_dtype, refuse_null_ids
from store_uptime._tables.report_times import need_column
from store_uptime._time.units import INT64_MAX
from store_uptime.errors import SchemaError
from store_uptime.inputs import AnyTable

_LENGTHS = ("downtime", "longest", "mean_downtime")
_RESULT = ("outages", "ongoing", "recovered", *_LENGTHS)
_GIVE_OUTAGES = "Give what compute_outages returned."
_COMPUTE_AGAIN = "Compute the outages again: an older version did not say which have recovered."


def summarize_outages(outages: AnyTable, by: Grouping = None) -> pl.DataFrame:
    """Count outages and add up their downtime, of all stores, of each, or of groups of them.

    Parameters
    ----------
    outages
        What `compute_outages` returned, or some rows of it: a polars frame, eager or lazy, or any
        object with ``__arrow_c_stream__``. Of its columns `downtime` (a Duration of any unit),
        `ongoing` and `recovered` (Boolean) are needed, and `store_id` where `by` is about stores.
        Others are ignored. An outage that runs at `start` counts with what lies inside.
    by
        ``None`` for all outages together; the name of a column of `outages`, such as
        ``"store_id"``, or a list of names; or a table of `store_id` and one or more columns to
        group by, one row a store. An outage of a store that this table does not name belongs to the
        group null. A group without outages has a row too, if this table names it.

    Returns
    -------
    pl.DataFrame
        One row for each group, sorted by group (null last); without `by` one row, even of a table
        without outages. First the columns of the groups, as they came. Then, of which only
        `mean_downtime` is ever null:

        - `outages`, `ongoing`, `recovered` (UInt32): how many there are, how many of them last
          until `now`, and after how many the store was up next. The rest ended where nothing is
          known;
        - `downtime` (Duration, microseconds): of all of them together;
        - `longest` (Duration, microseconds): the largest `downtime` of a single one; zero where
          there is none;
        - `mean_downtime` (Duration, microseconds): the downtime of the recovered ones, divided by
          their number: the mean time to repair (MTTR), in open time. Rounded down to the
          microsecond; null where none has recovered.

    Raises
    ------
    SchemaError
        A column is missing, or of a type that is not accepted; a null in a column that is needed;
        a negative downtime; an outage that is both ongoing and recovered; a downtime together
        beyond 292,000 years; ids that are floats or of different kinds; a store twice in the table
        of groups; a column to group by has the name of a column of the result.

    Examples
    --------
    Store 1 was down for 10 and for 20 minutes, store 2 is down since an hour ago.

    >>> import datetime as dt
    >>> outages = pl.DataFrame(
    ...     {
    ...         "store_id": [1, 1, 2],
    ...         "downtime": [dt.timedelta(minutes=minutes) for minutes in (10, 20, 60)],
    ...         "ongoing": [False, False, True],
    ...         "recovered": [True, True, False],
    ...     }
    ... )
    >>> for name, value in summarize_outages(outages).row(0, named=True).items():
    ...     print(name, value)
    outages 3
    ongoing 1
    recovered 2
    downtime 1:30:00
    longest 1:00:00
    mean_downtime 0:15:00
    >>> summarize_outages(outages, "store_id").select("store_id", "outages", "longest").rows()
    [(1, 2, datetime.timedelta(seconds=1200)), (2, 1, datetime.timedelta(seconds=3600))]
    >>> regions = pl.DataFrame({"store_id": [1, 3], "region": ["north", "south"]})
    >>> summarize_outages(outages, regions).select("region", "outages").rows()
    [('north', 2), ('south', 0), (None, 1)]
    """
    source = Source(outages, "outages")
    if is_named(by):
        groups = named_groups(source, by, _RESULT)
        rows = _read_outages(source, groups).rows.collect()
    else:
        read = _read_outages(source, [source.id_column])
        rows, groups = join_groups(read, Source(by, "by"), _RESULT, "full")
    totals = _add_up_outages(rows, groups)
    Source(totals, "outages").refuse_rows(
        SchemaError,
        "downtime",
        "together beyond 292,000 years",
        pl.col("downtime") > INT64_MAX,
        "Sum up fewer of them at a time.",
        code="sum_too_large",
    )
    return totals.with_columns(pl.col(_LENGTHS).cast(pl.Int64).cast(pl.Duration("us")))


# --- what comes in -------------------------------------------------------------------------------


def _read_outages(source: Source, columns: list[str]) -> Source:
    """Return these columns and those to add up, fit for it; downtime in microseconds, Int128."""
    need_column(source, "downtime", _GIVE_OUTAGES)
    need_column(source, "ongoing", _GIVE_OUTAGES)
    need_column(source, "recovered", _COMPUTE_AGAIN)
    unit = source.dtype("downtime")
    if not isinstance(unit, pl.Duration):
        source.refuse_type("downtime", "Duration")
    for flag in ("ongoing", "recovered"):
        if source.dtype(flag) != pl.Boolean:
            source.refuse_type(flag, "Boolean")
    source = source.collected(*dict.fromkeys([*columns, "downtime", "ongoing", "recovered"]))
    _refuse_bad_outages(source)
    rows = source.rows
    if "store_id" in columns:
        refuse_null_ids(source, SchemaError)
        rows = rows.with_columns(pl.col("store_id").cast(common_id_dtype({"outages": source})))
    ticks = pl.col("downtime").to_physical().cast(pl.Int128)
    micros = {"ns": ticks // 1000, "us": ticks, "ms": ticks * 1000}[unit.time_unit]
    return Source(rows.with_columns(downtime=micros), source.table)


def _refuse_bad_outages(source: Source) -> None:
    downtime, ongoing, recovered = (pl.col(name) for name in ("downtime", "ongoing", "recovered"))
    wrong = downtime.is_null() | (downtime.to_physical() < 0)
    source.refuse_rows(
        SchemaError, "downtime", "null or negative", wrong, _GIVE_OUTAGES, code="impossible_time"
    )
    for column, problem, bad in (
        ("ongoing", "null", ongoing.is_null()),
        ("recovered", "null", recovered.is_null()),
        ("recovered", "true of an outage that is ongoing too", ongoing & recovered),
    ):
        source.refuse_rows(
            SchemaError, column, problem, bad, _GIVE_OUTAGES, code="impossible_outage"
        )


# --- what goes out -------------------------------------------------------------------------------


def _add_up_outages(rows: pl.DataFrame, groups: list[str]) -> pl.DataFrame:
    """Return the result with lengths in microseconds, Int128: no sum of these wraps around."""
    # A group without outages has a row of nulls.
    downtime, recovered = pl.col("downtime"), pl.col("recovered")
    mended = downtime.filter(recovered).sum()
    sums = (
        downtime.count().alias("outages"),
        pl.col("ongoing").sum(),
        recovered.sum(),
        downtime.sum(),
        downtime.max().fill_null(0).alias("longest"),
        pl.when(recovered.any()).then(mended // recovered.sum()).alias("mean_downtime"),
    )
    if not groups:
        return rows.select(*sums)
    return rows.group_by(groups).agg(*sums).sort(groups, nulls_last=True)
