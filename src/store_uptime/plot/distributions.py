"""How many stores have which availability."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from store_uptime._results.summary import check_goal
from store_uptime._tables.given import Source
from store_uptime.inputs import AnyTable
from store_uptime.plot.availabilities import chosen_window, is_below, read_stores
from store_uptime.plot.look import Look, Scheme, dressed, look_of
from store_uptime.plot.words import percent_down, plain_share
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow

if TYPE_CHECKING:
    import altair as alt

_CLASS_LIMITS = tuple(
    Fraction(share) for share in ("0", "0.5", "0.9", "0.95", "0.98", "0.99", "0.995", "0.999", "1")
)


def distribution(
    report: AnyTable,
    *,
    windows: Mapping[str, AnyWindow] = DEFAULT_WINDOWS,
    window: str | None = None,
    target: float | None = 0.99,
    title: str | None = None,
    scheme: Scheme = "light",
) -> alt.LayerChart:
    """Draw how many stores have which availability.

    The classes become narrower towards 100 %, where most stores are, and exactly 100 % is a class
    of its own. A store whose availability is a limit is in the class above it. `target` is always a
    limit, so its line stands between the stores that are below it and those that are not; they are
    compared exactly, as in `summarize`.

    Parameters
    ----------
    report
        What `compute_report` returned, with or without details: a polars frame, eager or lazy, or
        any object with ``__arrow_c_stream__``. Of a history, give the rows of one instant.
    windows
        The mapping from name to window that the report was computed with, as in `summarize`.
    window
        The name of the window to draw. ``None`` is the last one of `windows`.
    target
        The availability that a store should have, as in `summarize`; ``None`` draws no line.
    title
        ``None`` is a title that says what is shown.
    scheme
        ``"light"`` or ``"dark"``: the page on which the chart is to stand.

    Returns
    -------
    altair.LayerChart
        A bar for each class, with its number of stores. Stores with nothing known are in none of
        them; the line below the title counts them.

    Raises
    ------
    SchemaError
        A column is missing, or of a type that is not accepted; a time in the report cannot be one,
        or is longer than the window can be; a store has more than one row; a null id; ids that are
        floats.
    PolicyError
        `windows` or `target` make no sense; there is no such `window` or `scheme`.
    MissingDependencyError
        Altair is not installed.

    Examples
    --------
    >>> report = pl.DataFrame(
    ...     {
    ...         "store_id": [1, 2, 3],
    ...         "uptime_last_week": [168.0, 100.0, 0.0],
    ...         "downtime_last_week": [0.0, 20.0, 0.0],
    ...     }
    ... )
    >>> chart = distribution(report, windows={"last_week": DEFAULT_WINDOWS["last_week"]})
    >>> chart.save("distribution.svg")  # doctest: +SKIP
    """
    look = look_of(scheme)
    named = chosen_window(windows, window)
    goal = None if target is None else check_goal(target)
    classes = availability_classes(read_stores(Source(report, "report"), named), goal)
    default = f"How many stores have which availability ({named.shown})"
    chart, told = _bars_drawn(classes, goal, look), _counts_told(classes, goal)
    chart.description = f"Number of stores in each class of availability: {told}"
    return dressed(chart, look, title, default, told)


class Classes(NamedTuple):
    """Stores by availability.

    Attributes
    ----------
    rows
        `label`, `stores`, `below` (the target) and `told` of each class, from low to high.
    stores, unknown, below
        All stores; those with nothing known; those below the target.
    """

    rows: pl.DataFrame
    stores: int
    unknown: int
    below: int


def availability_classes(stores: pl.DataFrame, goal: Fraction | None) -> Classes:
    """Return how many stores are in which class; `goal` is a limit of classes."""
    limits = sorted({*_CLASS_LIMITS, *([] if goal is None else [goal])})
    known = stores.filter(pl.col("up") + pl.col("down") > 0)
    counts = known.select(is_below(limit).sum().alias(str(limit)) for limit in limits[1:]).row(0)
    below = dict(zip(limits, [0, *counts], strict=True))
    found = [below[upper] - below[lower] for lower, upper in pairwise(limits)]
    found.append(known.height - below[limits[-1]])
    rows = []
    for lower, upper, number in zip(limits, [*limits[1:], None], found, strict=True):
        short, long = _names_of(lower, upper)
        share = f", {percent_down(number, known.height)} % of those with known time"
        told = f"{number:,} store{'s' * (number != 1)} {long}{share if known.height else ''}"
        rows.append((short, number, goal is not None and lower < goal, told))
    columns = {"label": pl.String, "stores": pl.Int64, "below": pl.Boolean, "told": pl.String}
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    unknown = stores.height - known.height
    return Classes(frame, stores.height, unknown, 0 if goal is None else below[goal])


def _names_of(lower: Fraction, upper: Fraction | None) -> tuple[str, str]:
    """Return how an axis, and how a sentence calls a class."""
    low = plain_share(lower)
    if upper is None:
        return "100", "at 100 %, without any downtime"
    high = plain_share(upper)
    if not lower:
        return f"below {high.removesuffix(' %')}", f"below {high}"
    return f"{low.removesuffix(' %')} to {high.removesuffix(' %')}", f"from {low} to below {high}"


def _counts_told(classes: Classes, goal: Fraction | None) -> str:
    known = classes.stores - classes.unknown
    text = f"{known:,} of {classes.stores:,} stores have known time"
    if goal is None:
        return text
    verb = "is" if classes.below == 1 else "are"
    return f"{text}; {classes.below:,} of them {verb} below {plain_share(goal)}"


# --- the chart ------------------------------------------------------------------------------------


def _bars_drawn(classes: Classes, goal: Fraction | None, look: Look) -> alt.LayerChart:
    import altair as alt

    labels = classes.rows["label"].to_list()
    base = alt.Chart(classes.rows).encode(
        x=alt.X("label:N", sort=None, title="availability, %")
        .scale(domain=labels, paddingInner=0, paddingOuter=0)
        .axis(labelAngle=0, ticks=False),
        y=alt.Y("stores:Q", title="stores").axis(tickMinStep=1, domain=False, ticks=False),
    )
    colour = alt.Color("below:N", legend=None).scale(
        domain=[False, True], range=[look.up, look.down]
    )
    bars = base.mark_bar(width={"band": 0.86}).encode(
        colour, tooltip="told:N", description="told:N"
    )
    counts = base.mark_text(dy=-8, fontSize=12, color=look.ink)
    layers = [bars, counts.encode(text=alt.Text("stores:Q", format=","))]
    if goal is not None:
        layers += _target_line(classes, goal, look)
    height, width = 260, 80 * len(labels)
    return alt.LayerChart(layer=layers).properties(width=width, height=height)


def _target_line(classes: Classes, goal: Fraction, look: Look) -> list[alt.Chart]:
    """Return a line at the left edge of the first class that is not below the target."""
    import altair as alt

    first = classes.rows.filter(~pl.col("below"))["label"][0]
    left = alt.Chart(alt.InlineData(values=[{"label": first}])).encode(
        x=alt.X("label:N", sort=None, bandPosition=0)
    )
    text = f"target {plain_share(goal)}"
    line = left.mark_rule(color=look.target, strokeWidth=2, strokeDash=[6, 3])
    name = left.mark_text(color=look.ink, dy=-10)
    return [line, name.encode(y=alt.value(0), text=alt.value(text))]
