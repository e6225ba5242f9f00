"""Availability over time, a line for each group of stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import polars as pl

from store_uptime._results.summary import check_goal, summarize
from store_uptime._tables.contract import INSTANT
from store_uptime._tables.given import Source
from store_uptime._tables.groups import Grouping
from store_uptime._tables.report_times import need_column
from store_uptime._tables.values import value_of
from store_uptime.errors import PolicyError, SchemaError
from store_uptime.inputs import AnyTable
from store_uptime.plot.availabilities import (
    PERCENT_LABEL,
    Named,
    axis_floor,
    chosen_window,
    micros,
)
from store_uptime.plot.look import MOST_MARKS, Look, Scheme, dressed, look_of
from store_uptime.plot.words import percent_up, plain_share, shown_name, spoken, utc_minute
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow

if TYPE_CHECKING:
    import altair as alt

_HEIGHT, _WIDTH, _LINE = 280, 620, 16
_MARKS_A_LINE = 16
_MOST_LABELS = 7
_HALF_A_DAY = 43_200_000  # in milliseconds
_DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [12, 4], [4, 4], [2, 5], [6, 2, 2, 2, 2, 2])
_SHAPES = (
    *("circle", "square", "triangle-up", "diamond"),
    *("triangle-down", "cross", "triangle-right", "triangle-left"),
)
_GIVE_A_HISTORY = "Give what compute_history returned."


def trend(
    history: AnyTable,
    by: Grouping = None,
    *,
    windows: Mapping[str, AnyWindow] = DEFAULT_WINDOWS,
    window: str | None = None,
    target: float | None = 0.99,
    title: str | None = None,
    scheme: Scheme = "light",
) -> alt.LayerChart:
    """Draw availability over time, a line for each group of stores.

    Each point is uptime / (uptime + downtime) of all stores of a group together, in the window that
    ends at that instant. Where nothing is known there is a gap, and no line across it.

    Parameters
    ----------
    history
        What `compute_history` returned, with or without details: a polars frame, eager or lazy, or
        any object with ``__arrow_c_stream__``.
    by
        The groups, as in `summarize`: ``None`` for one line of all stores; a column of `history`,
        or several; or a table of `store_id` and the groups. Of more than 8 groups, those with the
        most downtime are drawn, and the line below the title says so.
    windows
        The mapping from name to window that the history was computed with, as in `summarize`.
    window
        The name of the window to draw. ``None`` is the last one of `windows`.
    target
        The availability that stores should have, drawn as a line; ``None`` draws none.
    title
        ``None`` is a title that says what is shown.
    scheme
        ``"light"`` or ``"dark"``: the page on which the chart is to stand.

    Returns
    -------
    altair.LayerChart
        A line for each group, told apart by dashes, by the marks of its points, and by its name at
        the end. The axis ends at 100 % and begins at a round number below all points; it spans at
        least twice the downtime that `target` allows.

    Raises
    ------
    SchemaError
        As for `summarize`; `history` has no column `now`, or not one of instants.
    PolicyError
        `windows` or `target` make no sense; there is no such `window` or `scheme`; more points than
        a browser draws: 4,000.
    MissingDependencyError
        Altair is not installed.

    Examples
    --------
    >>> history = pl.DataFrame(
    ...     {
    ...         "now": ["2024-05-01 00:00:00", "2024-05-02 00:00:00"],
    ...         "store_id": [7, 7],
    ...         "uptime_day": [23.5, 24.0],
    ...         "downtime_day": [0.5, 0.0],
    ...     }
    ... )
    >>> from store_uptime import Window
    >>> chart = trend(history, windows={"day": Window("1d")})
    >>> chart.save("trend.svg")  # doctest: +SKIP
    """
    look = look_of(scheme)
    named = chosen_window(windows, window)
    goal = None if target is None else check_goal(target)
    lines = group_lines(history, by, named, len(look.lines))
    title = title or f"Availability over time ({named.name})"
    return dressed(_lines_drawn(lines, goal, look), look, title, _groups_in_words(lines))


# --- the points -----------------------------------------------------------------------------------


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
    need_column(Source(history, "history"), "now", _GIVE_A_HISTORY)
    summary = summarize(history, by, windows={named.name: named.window})
    groups = [name for name in summary.columns[: summary.columns.index("window")] if name != "now"]
    summary = summary.sort(*groups, "now", nulls_last=True)
    number = pl.struct(groups).rle_id() if groups else pl.repeat(0, pl.len(), dtype=pl.UInt32)
    rows = summary.select(
        *("stores", "stores_unknown", "availability"),
        *(micros(pl.col(f"{part}time"), named).alias(part) for part in ("up", "down")),
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
    problem, bad = INSTANT.null_fault, instant.is_null()
    source.refuse_rows(SchemaError, "now", problem, bad, INSTANT.remedy, code=INSTANT.code)
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
    return ", ".join(map(shown_name, parts)) or "all stores"


def _point_in_words(row: Mapping[str, Any], name: str) -> str:
    known = row["up"] + row["down"]
    when = f"{name}, up to {utc_minute(row['at'])}"
    if not known:
        return f"{when}: nothing known of {row['stores']:,} stores"
    times = f"{spoken(row['down'])} down of {spoken(known)} open and known"
    stores = f"{row['stores'] - row['stores_unknown']:,} of {row['stores']:,} stores known"
    return f"{when}: {percent_up(row['up'], known)} up, {times}; {stores}"


def _groups_in_words(lines: Lines) -> str:
    """Return what is drawn of what, in a line."""
    shown = len(lines.names)
    if shown < lines.groups:
        return f"{shown} of {lines.groups:,} groups: those with the most downtime"
    return "All stores together" if lines.groups == 1 else f"{shown} groups"


# --- the chart ------------------------------------------------------------------------------------


def _lines_drawn(lines: Lines, goal: Fraction | None, look: Look) -> alt.LayerChart:
    import altair as alt

    points = lines.points.with_columns(marked=_is_marked())
    shown = points.drop_nulls("availability")
    floor = axis_floor(shown["availability"], goal)
    x = alt.X("at:T", title="end of the window, UTC").scale(type="utc", domain=_axis_span(points))
    y = alt.Y("availability:Q", title="availability").scale(domain=[floor, 1], zero=False)
    y = y.axis(labelExpr=PERCENT_LABEL, domain=False, ticks=False, tickCount=6)
    base = alt.Chart(points).encode(x.axis(**_ticks_of(points), grid=False, labelFlush=False), y)
    looks = colour, dash, shape = _looks_of(len(lines.names), look)
    line = base.mark_line(strokeWidth=2).encode(colour, dash)
    seen = alt.Opacity("marked:N", legend=None).scale(domain=[False, True], range=[0, 1])
    mark = base.mark_point(filled=True, size=55).encode(colour, shape, seen)
    mark = mark.encode(tooltip="told:N", description="told:N").properties(data=shown)
    layers = [line, mark, *_names_drawn(_placed(shown, lines.names, floor), looks, look)]
    if goal is not None:
        layers = [*_target_across(goal, look), *layers]
    told = "Availability over time, a line for each group of stores"
    return alt.LayerChart(layer=layers).properties(width=_WIDTH, height=_HEIGHT, description=told)


def _looks_of(groups: int, look: Look) -> tuple[alt.Color, alt.StrokeDash, alt.Shape]:
    """Return what tells the groups apart; each of the three would do."""
    import altair as alt

    places = list(range(groups))
    return (
        alt.Color("group:O", legend=None).scale(domain=places, range=look.lines[:groups]),
        alt.StrokeDash("group:O", legend=None).scale(domain=places, range=_DASHES[:groups]),
        alt.Shape("group:O", legend=None).scale(domain=places, range=_SHAPES[:groups]),
    )


def _is_marked() -> pl.Expr:
    """Return whether a point has a mark that is seen: some of each line, and what has no line."""
    left = pl.len().over("group") - 1 - pl.int_range(pl.len()).over("group")
    every = (pl.len().over("group") - 1) // _MARKS_A_LINE + 1
    beside = (pl.col("availability").shift(step).over("group").is_null() for step in (1, -1))
    return (left % every == 0) | pl.all_horizontal(*beside)


def _axis_span(points: pl.DataFrame) -> list[int]:
    instants: list[int] = points["at"].to_list()
    if not instants:
        return []
    first, last = min(instants), max(instants)
    return [first, last] if first < last else [first - _HALF_A_DAY, last + _HALF_A_DAY]


def _ticks_of(points: pl.DataFrame) -> dict[str, Any]:
    """Return where the axis of time has its labels, at instants of the history, and their form."""
    instants = points["at"].unique().sort()
    midnights = (instants % (2 * _HALF_A_DAY) == 0).all()
    form = "%d %b %Y" if midnights else "%d %b %H:%M"
    most = _MOST_LABELS if midnights else _MOST_LABELS - 2
    return {
        "values": instants.gather_every(-(-len(instants) // most) or 1).to_list(),
        "format": form,
    }


def _placed(shown: pl.DataFrame, names: Sequence[str], floor: float) -> pl.DataFrame:
    """Return the `name` of each group, and at which `height` it stands at the right."""
    ends = shown.group_by("group", maintain_order=True).last()
    line = _LINE * (1 - floor) / _HEIGHT
    heights = spread(ends["availability"].to_list(), line, floor, 1.0)
    return ends.select(
        "group",
        height=pl.Series(heights, dtype=pl.Float64),
        name=pl.Series([names[group] for group in ends["group"]], dtype=pl.String),
    )


def _names_drawn(
    ends: pl.DataFrame, looks: tuple[alt.Color, alt.StrokeDash, alt.Shape], look: Look
) -> list[alt.Chart]:
    """Return the names of the groups, each with a piece of its line before it."""
    import altair as alt

    colour, dash, shape = looks

    def right(pixels: int) -> dict[str, object]:
        return {"value": {"expr": f"width + {pixels}"}}

    base = alt.Chart(ends).encode(y="height:Q")
    line = base.mark_rule(strokeWidth=2).encode(colour, dash, x=right(10), x2=right(42))
    mark = base.mark_point(filled=True, size=55, opacity=1)
    mark = mark.encode(colour, shape, x=right(26))
    name = base.mark_text(align="left", limit=180, color=look.ink, fontSize=12)
    return [line, mark, name.encode(x=right(48), text="name:N", tooltip="name:N")]


def spread(values: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Move values as little as is simple, so that they are `least` apart, from `low` to `high`.

    Examples
    --------
    >>> spread([5.0, 1.0, 5.0], 1.0, 0.0, 5.0)
    [5.0, 1.0, 4.0]
    """
    order = sorted(range(len(values)), key=lambda place: -values[place])
    moved, top = [0.0] * len(values), high
    for place in order:
        moved[place] = top = min(values[place], top)
        top -= least
    bottom = low
    for place in reversed(order):
        moved[place] = bottom = max(moved[place], bottom)
        bottom += least
    return moved


def _target_across(goal: Fraction, look: Look) -> list[alt.Chart]:
    import altair as alt

    base = alt.Chart(alt.InlineData(values=[{"target": float(goal)}])).encode(y="target:Q")
    line = base.mark_rule(color=look.target, strokeWidth=2, strokeDash=[6, 3], tooltip=None)
    name = base.mark_text(color=look.ink, align="left", dx=4, dy=8, tooltip=None)
    text = f"target {plain_share(goal)}"
    return [line, name.encode(x=alt.value(0), text=alt.value(text))]
