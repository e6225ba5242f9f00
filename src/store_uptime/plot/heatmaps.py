"""When stores go down: the share of each hour of the local week."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from store_uptime._results.timeline_calls import read_timeline
from store_uptime._tables.timeline_rows import Pieces
from store_uptime.inputs import AnyTable
from store_uptime.plot.local_hours import LocalHour, sum_local_hours
from store_uptime.plot.look import Look, Scheme, dressed, look_of, readable_on
from store_uptime.plot.words import percent_down, spoken, utc_minute
from store_uptime.policy import DEFAULT_POLICY, Policy, check_policy

if TYPE_CHECKING:
    import altair as alt

_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# They are the same in every chart, so that charts can be compared.
_SHARE_LIMITS = tuple(Fraction(percent, 100) for percent in (1, 2, 5, 10, 20))
_SHARE_CLASSES = ("none", "below 1", "1 to 2", "2 to 5", "5 to 10", "10 to 20", "20 or more")
_NOTHING_KNOWN = "? nothing known"


def heatmap(
    timeline: AnyTable,
    timezones: AnyTable | None = None,
    *,
    policy: Policy = DEFAULT_POLICY,
    title: str | None = None,
    scheme: Scheme = "light",
) -> alt.LayerChart:
    """Draw when stores go down: how much of each hour of the local week was downtime.

    A cell is an hour of a weekday. Its share is downtime / (uptime + downtime) of all stores
    together, so each store weighs as much as its known open time. Each store goes by its own wall
    clock: an hour that the clock skips has nothing, and one that it repeats counts twice. Pieces
    are cut at the hours exactly, so the cells add up to the timeline, to the microsecond.

    Parameters
    ----------
    timeline
        What `compute_timeline` returned, of any span, or several of them joined: a polars frame,
        eager or lazy, or any object with ``__arrow_c_stream__``.
    timezones
        As in `compute_report`. ``None``: the hours are those of UTC, and the axis says so. Stores
        that the table lacks are in `Policy.default_timezone`; those that only it names are ignored.
    policy
        Of its rules only `Policy.default_timezone` matters, and only with `timezones`.
    title
        ``None`` is a title that says what is shown.
    scheme
        ``"light"`` or ``"dark"``: the page on which the chart is to stand.

    Returns
    -------
    altair.LayerChart
        168 cells. Each has its share in percent; ``0`` is no downtime at all. A cell in which no
        store was open is empty, and one with open time of which nothing is known has a ``?``. The
        tooltip of a cell, which is also its description for screen readers, says its times.

    Raises
    ------
    SchemaError
        As for `report_from_timeline`.
    PolicyError
        `policy` is none, or there is no such `scheme`.
    UnknownTimeZoneError
        As for `compute_report`.
    MissingDependencyError
        Altair is not installed.

    Examples
    --------
    Open from 09:00 to 11:00 on a Monday, and down for the last half hour.

    >>> timeline = pl.DataFrame(
    ...     {
    ...         "store_id": [7, 7],
    ...         "start": ["2023-01-23 09:00:00", "2023-01-23 10:30:00"],
    ...         "end": ["2023-01-23 10:30:00", "2023-01-23 11:00:00"],
    ...         "state": ["up", "down"],
    ...     }
    ... )
    >>> chart = heatmap(timeline, title="My stores")
    >>> chart.save("heatmap.svg")  # doctest: +SKIP
    """
    look = look_of(scheme)
    check_policy(policy)
    pieces, zones = read_timeline(timeline, timezones)
    given = None if timezones is None else zones
    hours = sum_local_hours(pieces, given, policy.default_timezone)
    whose = "UTC" if timezones is None else "on each store's own clock"
    chart = _hours_drawn(hour_cells(hours), look, f"hour of the day, {whose}")
    told = _hours_told(pieces, hours)
    chart.description = f"Downtime by weekday and hour of the day, {whose}: {told}"
    return dressed(chart, look, title, "When do stores go down?", told)


def _hours_told(pieces: Pieces, hours: list[LocalHour]) -> str:
    """Return what the chart is made of, in a line."""
    stores = pieces.collect(pieces.rows.select(pl.col("store_id").n_unique())).item()
    if pieces.first is None or pieces.last is None:
        return "No open time"
    first, last = utc_minute(pieces.first).removesuffix(" UTC"), utc_minute(pieces.last)
    down, known = sum(each.down for each in hours), sum(each.known for each in hours)
    share = f"{percent_down(down, known)} % of the known time down" if known else "nothing known"
    return f"{stores:,} store{'s' * (stores != 1)}, {first} to {last}: {share}"


# --- the cells ------------------------------------------------------------------------------------


def hour_cells(hours: list[LocalHour]) -> pl.DataFrame:
    """Return what is drawn of each hour with open time: place, class, number and words."""
    rows = [
        (_DAY_NAMES[each.day], each.hour, _class_of(each), _number_of(each), _hour_in_words(each))
        for each in hours
        if each.known or each.unknown
    ]
    columns = {"day": pl.String, "hour": pl.Int64, "share": pl.String}
    schema = {**columns, "number": pl.String, "told": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _class_of(hour: LocalHour) -> str:
    if not hour.known:
        return _NOTHING_KNOWN
    share = Fraction(hour.down, hour.known)
    return _SHARE_CLASSES[bisect_right(_SHARE_LIMITS, share) + 1 if share else 0]


def _number_of(hour: LocalHour) -> str:
    return percent_down(hour.down, hour.known) if hour.known else "?"


def _hour_in_words(hour: LocalHour) -> str:
    when = f"{_DAY_NAMES[hour.day]} {hour.hour:02}:00-{hour.hour + 1:02}:00"
    if not hour.known:
        return f"{when}, nothing known of {spoken(hour.unknown)} open"
    share, times = percent_down(hour.down, hour.known), (spoken(hour.down), spoken(hour.known))
    unknown = f", {spoken(hour.unknown)} unknown" if hour.unknown else ""
    return f"{when}, {share} % down: {times[0]} of {times[1]} open and known{unknown}"


# --- the chart ------------------------------------------------------------------------------------


def _hours_drawn(cells: pl.DataFrame, look: Look, axis: str) -> alt.LayerChart:
    import altair as alt

    fills = dict(zip((*_SHARE_CLASSES, _NOTHING_KNOWN), (*look.shares, look.page), strict=True))
    texts = {name: readable_on(fill, look) for name, fill in fills.items()}
    base = alt.Chart(cells).encode(
        x=alt.X(
            "hour:O", title=axis, scale=alt.Scale(domain=list(range(24)), paddingInner=0.06)
        ).axis(format="02d", labelAngle=0, ticks=False, domain=False),
        y=alt.Y(
            "day:N", title=None, sort=None, scale=alt.Scale(domain=_DAY_NAMES, paddingInner=0.06)
        ).axis(ticks=False, domain=False),
    )
    legend = alt.Legend(
        title="% of known time down",
        orient="bottom",
        symbolType="square",
        symbolStrokeColor=look.grid,
        symbolStrokeWidth=1,
    )
    fill = alt.Fill("share:N", legend=legend)
    fill = fill.scale(domain=list(fills), range=list(fills.values()))
    cell = base.mark_rect(stroke=look.grid, strokeWidth=1).encode(
        fill, tooltip="told:N", description="told:N"
    )
    colour = alt.Color("share:N", legend=None).scale(domain=list(texts), range=list(texts.values()))
    number = base.mark_text(fontSize=11).encode(colour, text="number:N")
    return alt.LayerChart(layer=[cell, number]).properties(width=24 * 32, height=7 * 30)
