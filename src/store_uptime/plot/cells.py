"""What a status page draws of a history: a cell for each store and instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from store_uptime._results.read_back import read_report
from store_uptime._tables.contract import INSTANT
from store_uptime._tables.given import Source
from store_uptime._tables.report_times import in_microseconds, need_column
from store_uptime._tables.values import refuse_bad_instants, refuse_outside_years, value_of
from store_uptime._time.instants import from_microseconds
from store_uptime._time.units import DAY
from store_uptime.errors import PolicyError, SchemaError, check_word
from store_uptime.plot.choice import Chosen
from store_uptime.plot.clocks import place, told_instant
from store_uptime.plot.words import percent_up, spoken
from store_uptime.windows import AnyWindow, CalendarWindow

_FROM_HISTORY = "Give what compute_history returned."

SHARES: Mapping[str, int] = MappingProxyType(
    {"100 %": 100, "99 to 100 %": 99, "95 to 99 %": 95, "90 to 95 %": 90, "below 90 %": 0}
)
"""From how many percent on a cell is of a class: of the first that fits."""

NOTHING_KNOWN, CLOSED = "nothing known", "closed"

_CELL_COLUMNS = {
    "row": pl.String,
    "from": pl.Int64,
    "to": pl.Int64,
    **dict.fromkeys(("time", "up", "down", "unknown", "share", "class"), pl.String),
    "partly": pl.Boolean,
}


class CellSpan(NamedTuple):
    """The time that a cell stands for: its ends, in microseconds, and what is said of it."""

    start: int
    end: int
    told: str


# --- the instants ---------------------------------------------------------------------------------


def read_instants(source: Source) -> list[int]:
    """Return the instants of a history, each once and in order, in microseconds since 1970 UTC.

    Raises
    ------
    SchemaError
        There is no column `now`, or it holds what is no instant, or there are no rows.
    """
    need_column(source, "now", f"{_FROM_HISTORY} Of one report, worst draws the stores.")
    now = value_of(source, "now", INSTANT)
    refuse_bad_instants(source, "now", now.is_null())
    refuse_outside_years(source, SchemaError, "now", now)
    found = source.collect(source.rows.select(now.unique().alias("now"))).to_series()
    if found.is_empty():
        raise SchemaError(
            "no reports to draw",
            table=source.table,
            remedy=_FROM_HISTORY,
            code="no_instants",
        )
    return [int(each) for each in found.sort()]


def fitting_window(
    windows: Mapping[str, AnyWindow], nows: Sequence[int], asked: object
) -> tuple[str, AnyWindow]:
    """Return the window whose cells at these instants follow each other without gap or overlap.

    Raises
    ------
    PolicyError
        There is no such window, or there are more than one; or the one asked for is not such.
    """
    if asked is not None:
        check_word("window", None, asked, [*windows], kind="window")
    fitting = [name for name, window in windows.items() if _follows(window, nows)]
    found = [name for name in fitting if asked in (None, name)]
    if not found:
        raise PolicyError(
            "must be as long as the steps of the history",
            table="windows" if asked is None else "window",
            values=[*windows] if asked is None else [asked],
            remedy=f"{_steps_of(nows)} Compute the history with a window that reaches from each "
            "instant to the one before, and give it in windows.",
            code="no_fitting_window",
        )
    if len(found) > 1:
        raise PolicyError(
            "more than one is as long as the steps of the history",
            table="windows",
            values=found,
            remedy="Say which one to draw, by window.",
            code="several_windows_fit",
        )
    return found[0], windows[found[0]]


def _follows(window: AnyWindow, nows: Sequence[int]) -> bool:
    instants = [from_microseconds(now) for now in nows]
    if isinstance(window, CalendarWindow):
        dates = [window.dates(now.date()) for now in instants]
        return all(end == start for (_, end), (start, _) in pairwise(dates))
    starts = [window.earliest_us(now) for now in instants]
    return all(now == start for now, start in zip(nows, starts[1:], strict=False))


def _steps_of(nows: Sequence[int]) -> str:
    steps = sorted({later - now for now, later in pairwise(nows)})
    to = f" to {spoken(steps[-1])}" * (len(steps) > 1)
    return f"Its steps are {spoken(steps[0])}{to}."


def cells_of(window: AnyWindow, nows: Sequence[int]) -> dict[int, CellSpan]:
    """Return the cell of each instant.

    A period of the calendar has no ends that all stores share: its cell ends at the instant.
    """
    if not isinstance(window, CalendarWindow):
        starts = [window.earliest_us(from_microseconds(now)) for now in nows]
        return {
            now: CellSpan(start, now, f"{told_instant(start, None)} to {told_instant(now, None)}")
            for start, now in zip(starts, nows, strict=True)
        }
    first, after = window.dates(from_microseconds(nows[0]).date())
    length = (after - first).days * DAY
    said = f"{window.period} {window.offset} on the store's own calendar, counted from"
    return {
        now: CellSpan(start, now, f"{said} {told_instant(now, None)}")
        for start, now in zip([nows[0] - length, *nows], nows, strict=False)
    }


# --- the marks ------------------------------------------------------------------------------------


def read_cells(source: Source, name: str, window: AnyWindow) -> pl.DataFrame:
    """Return `store_id`, `now`, `up`, `down` and `unknown` (null: not told), in microseconds."""
    rows = Source(read_report(source, {name: window}, []), source.table)
    parts = {"up": f"uptime_{name}", "down": f"downtime_{name}", "unknown": f"unknown_{name}"}
    micros = {
        part: in_microseconds(pl.col(column), window)
        if column in rows.schema
        else pl.lit(None, pl.Int128)
        for part, column in parts.items()
    }
    return rows.collect(
        rows.rows.select("store_id", value_of(rows, "now", INSTANT).alias("now"), **micros)
    )


def cell_marks(rows: pl.DataFrame, chosen: Chosen, cells: Mapping[int, CellSpan]) -> pl.DataFrame:
    """Return a mark for each cell of the chosen stores: its place, its class and its words.

    `partly` says whether a part of it is unknown, and another is not.
    """
    own = rows.filter(pl.col("store_id").is_in(chosen.ids.implode())).sort("store_id", "now")
    marks = [
        (
            chosen.names[store],
            place(cells[now].start, 0),
            place(cells[now].end, 0),
            cells[now].told,
            spoken(up),
            spoken(down),
            None if unknown is None else spoken(unknown),
            share_of(up, down, unknown),
            class_of(up, down, unknown),
            bool(unknown and up + down),
        )
        for store, now, up, down, unknown in own.iter_rows()
    ]
    return pl.DataFrame(marks, schema=_CELL_COLUMNS, orient="row")


def end_marks(rows: pl.DataFrame, chosen: Chosen) -> pl.DataFrame:
    """Return what stands at the end of each row: the availability over all its cells."""
    sums = rows.group_by("store_id").agg(pl.col("up", "down").sum())
    found = {store: (up, down) for store, up, down in sums.iter_rows()}
    ends = [
        (name, share_of(*found[store], 0) if sum(found[store]) else "-")
        for store, name in chosen.names.items()
    ]
    return pl.DataFrame(ends, schema={"row": pl.String, "share": pl.String}, orient="row")


def class_of(up: int, down: int, unknown: int | None) -> str:
    """Return the class of a cell, by its times in microseconds; `unknown` may not be told."""
    known = up + down
    if not known:
        return CLOSED if unknown == 0 else NOTHING_KNOWN
    return next(name for name, limit in SHARES.items() if 100 * up >= limit * known)


def share_of(up: int, down: int, unknown: int | None) -> str:
    """Return the availability in words."""
    return percent_up(up, up + down) if up + down else class_of(up, down, unknown)
