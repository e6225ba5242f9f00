"""The timeline as a chart: a row a store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import polars as pl

from store_uptime._results.timeline_calls import read_timeline
from store_uptime._tables.timeline_rows import Pieces
from store_uptime.errors import SchemaError
from store_uptime.inputs import AnyTable
from store_uptime.plot.axes import ROW_HEIGHT, WIDTH, one_legend, row_axis, said, time_axis
from store_uptime.plot.choice import choose, refuse_many
from store_uptime.plot.look import Look, Scheme, dressed, look_of
from store_uptime.plot.outage_rows import read_outage_rows
from store_uptime.plot.timeline_bars import (
    POLL,
    STILL_DOWN,
    closed_lines,
    outage_marks,
    rows_of,
    state_bars,
)
from store_uptime.plot.words import utc_minute
from store_uptime.policy import DEFAULT_POLICY, Policy, check_policy

if TYPE_CHECKING:
    import altair as alt

# By state, in the order in which they are drawn: the height, a share of a row, and the edge. That
# of downtime shows however short it is; one of uptime would cover the closed time beside it.
_BARS = {"up": (0.4, 0), "unknown": (0.4, 1.2), "down": (0.8, 1.2)}
# Symbols of the legend and of points, in half symbols from the middle.
_LOW, _HIGH = "M-1,-.45H1V.45H-1Z", "M-.8,-.9H.8V.9H-.8Z"
_SYMBOLS = {
    "up": _LOW,
    "down": _HIGH,
    "unknown": _LOW,
    "closed": "M-1,0H1",
    POLL: "M0,-1V1",
    STILL_DOWN: "M.1,-.5L.8,0L.1,.5Z",
}
_TITLES = {"row": "store", "what": "outage"}


def timeline(
    timeline: AnyTable,
    outages: AnyTable | None = None,
    timezones: AnyTable | None = None,
    *,
    stores: Iterable[object] | None = None,
    most_stores: int = 30,
    policy: Policy = DEFAULT_POLICY,
    title: str | None = None,
    scheme: Scheme = "light",
) -> alt.LayerChart:
    """Draw when each store was up, down, unknown and closed.

    Each store has a row. Uptime is a bar of half the height, downtime one of the whole height,
    unknown time a hollow one with a dashed edge; closed time is a thin line. Downtime is drawn last
    and with an edge, so that a minute of a week can still be seen. The chart begins with the first
    piece of the timeline and ends with the last one.

    Parameters
    ----------
    timeline
        What `compute_timeline` returned: a polars frame, eager or lazy, or any object with
        ``__arrow_c_stream__``.
    outages
        What `compute_outages` returned for the same time. The polls on either side of an outage are
        drawn as upright lines, and an arrow stands where a store is still down. Without the columns
        of polls, as `outages_from_timeline` returns them, there are only arrows. ``None``: neither.
    timezones
        ``None``: the chart is in UTC, and its axis says so. A table as in `compute_report`: each
        row is on the store's own wall clock. Pieces are cut where the clock changes; the parts on
        either side of a repeated hour lie one over the other.
    stores
        The ids of the stores to draw, in the order of their rows. ``None``: all that are in
        `timeline`, sorted; or, if there are more than `most_stores`, those with the most downtime,
        the most first (then the smaller id first), and the line below the title says so. A store
        that is only in `timezones` can be asked for: it was closed.
    most_stores
        How many stores are drawn at most, where `stores` is ``None``.
    policy
        Of its rules only `Policy.default_timezone` matters, and only with `timezones`: stores that
        the table lacks are in it.
    title
        ``None`` is a title that says what is shown.
    scheme
        ``"light"`` or ``"dark"``: the page on which the chart is to stand.

    Returns
    -------
    altair.LayerChart
        At most 4,000 marks. The tooltip of a mark, which is also its description for screen
        readers, says start and end with their offset from UTC, and how long the whole piece lasts.

    Raises
    ------
    SchemaError
        As for `report_from_timeline`; the timeline has no pieces; `outages` lacks a column, or has
        a type or a value that is not accepted.
    PolicyError
        `policy` is none, or there is no such `scheme`; `stores` is no collection of ids, or names
        one that is in neither table; `most_stores` is no whole number above 0; there would be more
        than 4,000 marks.
    UnknownTimeZoneError
        As for `compute_report`.
    MissingDependencyError
        Altair is not installed.

    Examples
    --------
    Open from 09:00 to 11:00 on a Monday, and down for the last half hour.

    >>> pieces = pl.DataFrame(
    ...     {
    ...         "store_id": [7, 7],
    ...         "start": ["2023-01-23 09:00:00", "2023-01-23 10:30:00"],
    ...         "end": ["2023-01-23 10:30:00", "2023-01-23 11:00:00"],
    ...         "state": ["up", "down"],
    ...     }
    ... )
    >>> chart = timeline(pieces, title="Store 7")
    >>> chart.save("timeline.svg")  # doctest: +SKIP
    """
    look = look_of(scheme)
    check_policy(policy)
    pieces, zones = read_timeline(timeline, timezones)
    first, last = _span_drawn(pieces)
    chosen = choose(_downtime_by_store(pieces, zones), stores, most_stores)
    named = dict(zones.drop_nulls().select("store_id", "timezone_str").iter_rows())
    own_zones = None if timezones is None else named
    rows = rows_of(chosen, own_zones, policy.default_timezone, first, last)
    parts = [closed_lines(rows, first, last), state_bars(pieces, rows)]
    if outages is not None:
        found = read_outage_rows(outages, pieces.source, chosen.ids.dtype)
        parts.append(outage_marks(found, rows, first, last))
    marks = pl.concat(parts, how="diagonal")
    refuse_many(marks.height, len(chosen.ids))
    clock = "UTC" if timezones is None else "local time of each store"
    names = [*chosen.names.values()]
    chart = _layers(marks, names, look, clock, with_polls=outages is not None)
    begins, ends = map(utc_minute, (first, last))
    told = f"{chosen.told}, {begins} to {ends}"
    chart.description = f"Up, down, unknown and closed time, a row a store: {told}; {clock}"
    return dressed(chart, look, title, "When stores were up and down", told)


def _span_drawn(pieces: Pieces) -> tuple[int, int]:
    if pieces.first is None or pieces.last is None:
        raise SchemaError(
            "no pieces to draw",
            table="timeline",
            remedy="No store was open in its time: compute it for a longer one.",
            code="no_pieces",
        )
    return pieces.first, pieces.last


def _downtime_by_store(pieces: Pieces, zones: pl.DataFrame) -> pl.DataFrame:
    """Return each store with its downtime, `down`: null for one that only `zones` has."""
    length = pl.col("end") - pl.col("start")
    down = length.filter(pl.col("state") == "down").sum()
    known = pieces.collect(pieces.rows.group_by("store_id").agg(down=down))
    others = zones.select(pl.col("store_id").unique()).join(known, on="store_id", how="anti")
    return pl.concat([known, others], how="diagonal")


# --- the chart ------------------------------------------------------------------------------------


def _layers(
    marks: pl.DataFrame, rows: list[str], look: Look, clock: str, *, with_polls: bool
) -> alt.LayerChart:
    import altair as alt

    def of(*states: str) -> alt.Chart:
        own = marks.filter(pl.col("state").is_in(states))
        used = [each.name for each in own if each.null_count() < max(own.height, 1)]
        made: alt.Chart = alt.Chart(own.select(used)).encode(x, row_axis(rows), **looks)
        return made

    x = time_axis(clock, *marks.select(pl.col("from").min(), pl.col("to").max()).row(0))
    looks = _looks(look, with_polls=with_polls)
    shape = looks.pop("shape")  # of points alone: a line with a shape is given points
    says = said("{row}: {state} from {start} to {end}, {lasts}", _TITLES)
    bars = [
        of(state)
        .mark_bar(height=alt.RelativeBandSize(band=height), strokeWidth=edge)
        .encode(x2="to:T", **says)
        for state, (height, edge) in _BARS.items()
    ]
    line = of("closed").mark_rule(aria=False).encode(x2="to:T")
    points = of(POLL, STILL_DOWN).mark_point(opacity=1, size=ROW_HEIGHT**2, strokeWidth=1.2)
    points = points.encode(shape=shape, **said("{row}: {state}, {at}, {what}", _TITLES))
    chart: alt.LayerChart = alt.LayerChart(layer=[line, *bars, points]).properties(
        width=WIDTH, height=alt.Step(ROW_HEIGHT)
    )
    return chart


def _looks(look: Look, *, with_polls: bool) -> dict[str, Any]:
    """Return how the states differ."""
    colours = {
        "up": (look.up, look.up),
        "down": (look.down, look.down),
        "unknown": (look.page, look.unknown),
        "closed": (look.page, look.muted),
        POLL: (look.ink, look.ink),
        STILL_DOWN: (look.page, look.ink),
    }
    states = [*colours][: None if with_polls else 4]
    return one_legend(
        "state",
        None,
        states,
        fill=[colours[state][0] for state in states],
        stroke=[colours[state][1] for state in states],
        strokeDash=[[3, 2] if state == "unknown" else [1, 0] for state in states],
        shape=[_SYMBOLS[state] for state in states],
    )
