"""The charts of the page, as SVG that follows the reader's scheme."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import polars as pl

from store_uptime import plot
from store_uptime._html.behind import Behind
from store_uptime._html.contents import PageOrder
from store_uptime._results.timeline_calls import timeline_report_on
from store_uptime.errors import PolicyError
from store_uptime.plot.svg import scheme_svg
from store_uptime.windows import Window

if TYPE_CHECKING:
    import altair as alt

_WORST = 15
_DRAWN_STORES = (_WORST, 5, 1)
"""How many stores a timeline shows: as many as fit into the marks that it may have."""

_LONGEST_DRAWN = dt.timedelta(days=7)
_STEPS = {
    "hour": (dt.timedelta(hours=1), dt.timedelta(days=2)),
    "day": (dt.timedelta(days=1), dt.timedelta(days=92)),
    "week": (dt.timedelta(days=7), dt.timedelta.max),
}
"""From one point of the trend to the next, and up to which span."""

_FEWEST_POINTS = 3


def draw_charts(behind: Behind, order: PageOrder) -> Iterator[str]:
    """Yield the charts one by one, as each takes its time; none of time of which nothing is."""
    if behind.timeline.is_empty():
        return
    charts: tuple[Callable[[Behind, PageOrder], alt.LayerChart | None], ...] = (
        _trend_of_all,
        _distribution,
        _worst,
        _hours_of_week,
        _timeline_of_worst,
    )
    for draw in charts:
        chart = draw(behind, order)
        if chart is not None:
            yield scheme_svg(chart)


def _distribution(behind: Behind, order: PageOrder) -> alt.LayerChart:
    return plot.distribution(behind.report, windows=order.windows, target=order.target)


def _worst(behind: Behind, order: PageOrder) -> alt.LayerChart:
    return plot.worst(behind.report, _WORST, windows=order.windows, target=order.target)


def _hours_of_week(behind: Behind, order: PageOrder) -> alt.LayerChart:
    return plot.heatmap(behind.timeline, _zones(behind), policy=order.policy)


def _trend_of_all(behind: Behind, order: PageOrder) -> alt.LayerChart | None:
    """Return how the fleet went on, step by step back from `now`; none of a few steps."""
    start, now = behind.span
    name, step = next((name, step) for name, (step, most) in _STEPS.items() if now - start <= most)
    points = [now - step * back for back in range((now - start) // step)]
    if len(points) < _FEWEST_POINTS:
        return None
    windows = {name: Window(step)}
    options: dict[str, Any] = {"windows": windows, "policy": order.policy, "detail": True}
    history, _ = timeline_report_on(
        behind.timeline,
        None,
        None,
        at=points,
        covers=behind.span,
        batch_stores=None,
        progress=None,
        **options,
    )
    title = f"Availability of all stores, {name} by {name}"
    return plot.trend(history, windows=windows, target=order.target, title=title)


def _timeline_of_worst(behind: Behind, order: PageOrder) -> alt.LayerChart | None:
    """Return the timeline of the stores with the most downtime, of a week at most."""
    start, now = behind.span
    since = pl.lit(max(start, now - _LONGEST_DRAWN))
    pieces = behind.timeline.filter(pl.col("end") > since).with_columns(
        start=pl.max_horizontal("start", since)
    )
    if pieces.is_empty():
        return None
    outages, zones = behind.outages.filter(pl.col("end") > since), _zones(behind)
    for most in _DRAWN_STORES:
        try:
            return plot.timeline(pieces, outages, zones, most_stores=most, policy=order.policy)
        except PolicyError:  # too many marks
            continue
    return None


def _zones(behind: Behind) -> pl.DataFrame:
    return behind.zones.rename({"zone": "timezone_str"})
