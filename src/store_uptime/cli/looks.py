"""A look at a result: some stores, the worst first, a few rows, times by the stores' clocks."""

from __future__ import annotations

import datetime as dt
from argparse import Namespace
from collections.abc import Iterable, Mapping

import polars as pl

from store_uptime._time.instants import microseconds
from store_uptime._time.zones import offset_at

_MORE = ", and with --detail or --uncertainty more"
_MOST_IS_WORST = (
    *("downtime", "unknown", "elapsed", "ongoing", "outages", "longest", "mean_downtime"),
    *("stores_unknown", "stores_below_target", "error_budget_used"),
    *("uptime_error", "stores_without_error", "availability_error"),
    *("repeated", "conflicting", "outside_hours", "inactive_share"),
    *("median_gap", "longest_gap", "gap_ratio", "gaps_after_inactive"),
)


def only_stores(frame: pl.DataFrame, args: Namespace) -> pl.DataFrame:
    """Return the rows of the stores that are asked for; of all, if none is."""
    if args.store is None:
        return frame
    return frame.filter(pl.col("store_id").cast(pl.String).is_in(args.store))


def check_stores(args: Namespace, tables: Iterable[pl.LazyFrame]) -> None:
    """Refuse stores that none of the tables names."""
    missing = dict.fromkeys(args.store)
    for rows in tables:
        ids = rows.select(pl.col("store_id").cast(pl.String))
        for (store,) in ids.filter(pl.col("store_id").is_in([*missing])).unique().collect().rows():
            del missing[store]
    if missing:
        args.refuse(f"argument --store: no table has the store {next(iter(missing))!r}")


def chosen_rows(frame: pl.DataFrame, args: Namespace) -> pl.DataFrame:
    """Return the rows sorted as asked for, and of them the first ones."""
    if args.sort is not None:
        column = args.sort.column
        if column not in frame.columns:
            column = column.removesuffix("_seconds")  # as CSV calls a length of time
        if column not in frame.columns:
            there = ", ".join(frame.columns)
            more = _MORE if args.name in ("report", "history") and not args.detail else ""
            args.refuse(f"argument --sort: no column {args.sort.column!r}; there are {there}{more}")
        descending = args.sort.descending
        if descending is None:
            descending = column.startswith(_MOST_IS_WORST)
        frame = frame.sort(column, descending=descending, nulls_last=True, maintain_order=True)
    return frame if args.top is None else frame.head(args.top)


def zones_of(stores: pl.Series, zones: pl.Series, default: str) -> Mapping[str, str]:
    """Return the zone of each store that has one; under the empty name, that of all others."""
    named = zip(stores.cast(pl.String), zones, strict=True)
    return {"": default, **{store: zone for store, zone in named if zone is not None}}


def in_local_time(frame: pl.DataFrame, zones: Mapping[str, str], precision: str) -> pl.DataFrame:
    """Return `frame` with all instants as text: by the store's own clock, with its offset.

    `precision` is that of `datetime.isoformat`.
    """
    ids = frame["store_id"].cast(pl.String)
    names = [zones.get(store, zones[""]) for store in ids]
    return frame.with_columns(
        pl.Series(
            column.name,
            [
                instant and _local(instant, zone, precision)
                for instant, zone in zip(column, names, strict=True)
            ],
            dtype=pl.String,
        )
        for column in frame
        if isinstance(column.dtype, pl.Datetime)
    )


def _local(instant: dt.datetime, zone: str, precision: str) -> str:
    # By the rules of the tzdata package: polars would take those of its own copy.
    offset = dt.timedelta(microseconds=offset_at(zone, microseconds(instant)))
    return instant.astimezone(dt.timezone(offset)).isoformat(timespec=precision)
