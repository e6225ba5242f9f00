"""Outages that come back to be drawn."""

from __future__ import annotations

import polars as pl

from store_uptime._tables.contract import INSTANT
from store_uptime._tables.given import Source
from store_uptime._tables.ids import common_id_dtype, refuse_null_ids, with_text_ids
from store_uptime._tables.report_times import need_column
from store_uptime._tables.values import refuse_bad_instants, refuse_outside_years, value_of
from store_uptime.errors import SchemaError

_POLLS = ("last_poll_before", "first_poll_after")
_FROM_OUTAGES = "Give what compute_outages returned."


def read_outage_rows(outages: object, timeline: Source, id_dtype: pl.DataType) -> pl.DataFrame:
    """Return `store_id`, `start`, `end`, `ongoing`, `last_poll_before` and `first_poll_after`.

    Instants are in microseconds since 1970 UTC. What `outages_from_timeline` returned has no polls:
    they are null.

    Raises
    ------
    SchemaError
        A column is missing, or of a type that is not accepted; ids of another kind; a null where
        none may be; an instant that cannot be read.
    """
    source = with_text_ids(Source(outages, "outages"))
    common_id_dtype({"timeline": timeline, "outages": source})
    for name in ("start", "end", "ongoing"):
        need_column(source, name, _FROM_OUTAGES)
    if source.dtype("ongoing") != pl.Boolean:
        source.refuse_type("ongoing", "Boolean")
    edges = ("start", "end", *(name for name in _POLLS if name in source.schema))
    source = source.collected("store_id", "ongoing", *edges)
    instants = {name: value_of(source, name, INSTANT) for name in edges}
    _refuse_bad_rows_of(source, instants)
    ids = pl.col("store_id").cast(id_dtype, strict=False)
    nothing = {name: pl.lit(None, pl.Int64) for name in _POLLS}
    rows = source.rows.select(ids, "ongoing", **(nothing | instants))
    return source.collect(rows).select("store_id", "start", "end", "ongoing", *_POLLS)


def _refuse_bad_rows_of(source: Source, instants: dict[str, pl.Expr]) -> None:
    refuse_null_ids(source, SchemaError)
    null = pl.col("ongoing").is_null()
    source.refuse_rows(
        SchemaError, "ongoing", "null", null, _FROM_OUTAGES, code="impossible_outage"
    )
    for name, value in instants.items():
        bad = value.is_null()
        if name in _POLLS:
            bad &= pl.col(name).is_not_null()
        refuse_bad_instants(source, name, bad)
        refuse_outside_years(source, SchemaError, name, value)
