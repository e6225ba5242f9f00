"""Availability over time, a line for each group of stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from store_uptime._results.summary import check_goal
from store_uptime._tables.groups import Grouping
from store_uptime.inputs import AnyTable
from store_uptime.plot.availabilities import PERCENT_LABEL, axis_floor, chosen_window
from store_uptime.plot.group_lines import ALL_STORES, Lines, group_lines
from store_uptime.plot.look import Look, Scheme, dressed, look_of
from store_uptime.plot.words import plain_share
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow

if TYPE_CHECKING:
    import altair as alt

_PLOT_HEIGHT, _PLOT_WIDTH, _NAME_HEIGHT = 280, 620, 16
_MARKS_A_LINE = 16
_MOST_LABELS = 7
_HALF_A_DAY = 43_200_000  # in milliseconds
_DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [12, 4], [4, 4], [2, 5], [6, 2, 2, 2, 2, 2])
_SHAPES = (
    *("circle", "square", "triangle-up", "diamond"),
    *("triangle-down", "cross", "triangle-right", "triangle-left"),
)


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
    default = f"Availability over time ({named.shown})"
    chart, told = _lines_drawn(lines, goal, look), _groups_in_words(lines)
    chart.description = f"Availability over time, a line for each group of stores: {told}"
    return dressed(chart, look, title, default, told)


def _groups_in_words(lines: Lines) -> str:
    """Return what is drawn of what, in a line."""
    shown = len(lines.names)
    known = lines.points.drop_nulls("availability")["group"].n_unique()
    nothing = f"; nothing known of {shown - known}" if known < shown else ""
    if shown < lines.groups:
        return f"{shown} of {lines.groups:,} groups: those with the most downtime{nothing}"
    if lines.names == [ALL_STORES]:
        return f"All stores together{nothing and ', nothing known'}"
    return f"{lines.groups} group{'s' * (lines.groups != 1)}{nothing}"


# --- the chart ------------------------------------------------------------------------------------


def _lines_drawn(lines: Lines, goal: Fraction | None, look: Look) -> alt.LayerChart:
    import altair as alt

    points = lines.points.with_columns(marked=_is_marked())
    shown = points.drop_nulls("availability")
    floor = axis_floor(shown["availability"], goal)
    x = alt.X("at:T", title="end of the window, UTC").scale(type="utc", domain=_axis_span(points))
    y = alt.Y("availability:Q", title="availability").scale(
        domain=[floor, 1], zero=False, nice=False
    )
    y = y.axis(labelExpr=PERCENT_LABEL, labelPadding=10, domain=False, ticks=False, tickCount=6)
    base = alt.Chart(points).encode(x.axis(**_ticks_of(points), grid=False, labelFlush=False), y)
    looks, key = _looks_of(len(lines.names), look), _key_of(shown, lines.names, floor, goal)
    line = base.mark_line(strokeWidth=2).encode(looks.colour, looks.dash)
    seen = alt.Opacity("marked:N", legend=None).scale(domain=[False, True], range=[0, 1])
    mark = base.mark_point(filled=True, size=55).encode(looks.colour, looks.shape, seen)
    mark = mark.encode(tooltip="told:N", description="told:N").properties(data=shown)
    layers = [line, mark, *_names_drawn(key, looks, look)]
    if goal is not None:
        layers = [*_target_drawn(goal, key, look), *layers]
    return alt.LayerChart(layer=layers).properties(width=_PLOT_WIDTH, height=_PLOT_HEIGHT)


class _Looks(NamedTuple):
    """What tells the groups apart; each of the three would do."""

    colour: alt.Color
    dash: alt.StrokeDash
    shape: alt.Shape


def _looks_of(groups: int, look: Look) -> _Looks:
    import altair as alt

    places = list(range(groups))
    return _Looks(
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


class _Key(NamedTuple):
    """What stands at the right: names, each at the `height` of the end of its line or near it.

    Attributes
    ----------
    groups
        `group`, `height` and `name`.
    target
        The height of the target; ``None`` without one.
    """

    groups: pl.DataFrame
    target: float | None


def _key_of(shown: pl.DataFrame, names: Sequence[str], floor: float, goal: Fraction | None) -> _Key:
    ends = shown.group_by("group", maintain_order=True).last()
    wanted = [*ends["availability"], *([] if goal is None else [float(goal)])]
    heights = spread(wanted, _NAME_HEIGHT * (1 - floor) / _PLOT_HEIGHT, floor, 1.0)
    groups = ends.select(
        "group",
        height=pl.Series(heights[: ends.height], dtype=pl.Float64),
        name=pl.Series([names[group] for group in ends["group"]], dtype=pl.String),
    )
    return _Key(groups, None if goal is None else heights[-1])


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


def _right(pixels: int) -> dict[str, object]:
    """Return a place so far to the right of the chart."""
    return {"value": {"expr": f"width + {pixels}"}}


def _names_drawn(key: _Key, looks: _Looks, look: Look) -> list[alt.Chart]:
    """Return the names of the groups, each with a piece of its line before it."""
    import altair as alt

    base = alt.Chart(key.groups).encode(y="height:Q")
    line = base.mark_rule(strokeWidth=2).encode(
        looks.colour, looks.dash, x=_right(10), x2=_right(42)
    )
    mark = base.mark_point(filled=True, size=55, opacity=1)
    mark = mark.encode(looks.colour, looks.shape, x=_right(26))
    name = base.mark_text(align="left", limit=180, color=look.ink, fontSize=12)
    return [line, mark, name.encode(x=_right(48), text="name:N", tooltip="name:N")]


def _target_drawn(goal: Fraction, key: _Key, look: Look) -> list[alt.Chart]:
    import altair as alt

    values = alt.InlineData(values=[{"target": float(goal), "height": key.target}])
    rule = alt.Chart(values).mark_rule(color=look.target, strokeWidth=2, strokeDash=[6, 3])
    name = alt.Chart(values).mark_text(align="left", color=look.ink, fontSize=12)
    text = alt.value(f"target {plain_share(goal)}")
    return [
        rule.encode(y="target:Q"),
        rule.encode(y="height:Q", x=_right(10), x2=_right(42)),
        name.encode(y="height:Q", x=_right(48), text=text),
    ]
