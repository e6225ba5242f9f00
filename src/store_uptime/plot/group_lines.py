"""The availability of groups of stores at the instants of a history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

import polars as pl

from store_uptime._results.summary import summarize
from store_uptime._tables.contract import INSTANT
from store_uptime._tables.given import Source
from store_uptime._tables.groups import Grouping
from store_uptime._tables.report_times import in_microseconds, need_column
from store_uptime._tables.values import refuse_bad_instants, value_of
from store_uptime.errors import PolicyError
from store_uptime.inputs import AnyTable
from store_uptime.plot.availabilities import Named
from store_uptime.plot.look import MOST_MARKS
from store_uptime.plot.words import percent_up, shown_name, spoken, utc_minute

ALL_STORES = "all stores"
_GIVE_A_HISTORY = "Give what compute_history returned."


class Lines(NamedTuple):
    """The availability of groups at instants.

    Attributes
    ----------
    points
        `group` (its place in `names`), `at` (milliseconds since 1970 UTC), `availability` (null:
        nothing known), `told`; sorted by group and instant.
    names
        Of the groups that are drawn, the one with the most downtime first.
    groups
        How many there are.
    """

    points: pl.DataFrame
    names: list[str]
    groups: int


def group_lines(history: AnyTable, by: Grouping, named: Named, most: int) -> Lines:
    """Return the availability of the groups with the most downtime, at most so many."""
    source = Source(history, "history")
    need_column(source, "now", _GIVE_A_HISTORY)
    # A stream can be read once.
    read = source.rows if source.frame is None else source.frame
    summary = summarize(read, by, windows={named.name: named.window})
    groups = [name for name in summary.columns[: summary.columns.index("window")] if name != "now"]
    summary = summary.sort(*groups, "now", nulls_last=True)
    number = pl.struct(groups).rle_id() if groups else pl.repeat(0, pl.len(), dtype=pl.UInt32)
    rows = summary.select(
        *("stores", "stores_unknown", "availability"),
        *(
            in_microseconds(pl.col(f"{part}time"), named.window).alias(part)
            for part in ("up", "down")
        ),
        at=_instant_of(summary),
        number=number,
    )
    order = rows.group_by("number").agg(pl.col("down").sum())
    chosen = order.sort("down", "number", descending=[True, False])["number"].head(most)
    kept = rows.join(chosen.to_frame().with_row_index("group"), on="number").sort("group", "at")
    if kept.height > MOST_MARKS:
        _refuse_points(kept.height)
    firsts = rows["number"].search_sorted(chosen)
    names = [_group_name(summary.row(first, named=True), groups) for first in firsts]
    told = [_point_in_words(row, names[row["group"]]) for row in kept.iter_rows(named=True)]
    points = kept.select("group", pl.col("at") // 1000, "availability")
    return Lines(points.with_columns(told=pl.Series(told, dtype=pl.String)), names, order.height)


def _instant_of(summary: pl.DataFrame) -> pl.Expr:
    """Return the instants `now` in microseconds since 1970 UTC, or raise `SchemaError`."""
    source = Source(summary, "history")
    instant = value_of(source, "now", INSTANT)
    refuse_bad_instants(source, "now", instant.is_null())
    return instant


def _refuse_points(count: int) -> NoReturn:
    raise PolicyError(
        f"{count:,} points are too many for a browser: {MOST_MARKS:,} at most",
        table="history",
        remedy="Give fewer instants, or fewer groups.",
        code="too_many_marks",
    )


def _group_name(row: Mapping[str, object], groups: Sequence[str]) -> str:
    parts = [f"no {name}" if row[name] is None else str(row[name]) for name in groups]
    return ", ".join(map(shown_name, parts)) or ALL_STORES


def _point_in_words(row: Mapping[str, Any], name: str) -> str:
    known = row["up"] + row["down"]
    when = f"{name}, up to {utc_minute(row['at'])}"
    if not known:
        return f"{when}: nothing known of {row['stores']:,} stores"
    times = f"{spoken(row['down'])} down of {spoken(known)} open and known"
    stores = f"{row['stores'] - row['stores_unknown']:,} of {row['stores']:,} stores known"
    return f"{when}: {percent_up(row['up'], known)} up, {times}; {stores}"
