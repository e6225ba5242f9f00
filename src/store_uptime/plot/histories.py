"""A history as a status page: a row a store, a cell for each instant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from store_uptime._tables.given import Source
from store_uptime.inputs import AnyTable
from store_uptime.plot.axes import ROW_HEIGHT, WIDTH, one_legend, row_axis, said, time_axis
from store_uptime.plot.cells import (
    CLOSED,
    NOTHING_KNOWN,
    SHARES,
    cell_marks,
    cells_of,
    end_marks,
    fitting_window,
    read_cells,
    read_instants,
)
from store_uptime.plot.choice import choose, refuse_many
from store_uptime.plot.look import Look, Scheme, dressed, look_of
from store_uptime.plot.words import shown_name, utc_minute
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow, CalendarWindow, check_windows

if TYPE_CHECKING:
    import altair as alt

_CELL_HEIGHT, _LINE_HEIGHT = 0.8, 0.06  # of cells, as shares of a row
_STRIPE = 0.11  # a share of the diagonal of a cell
_PARTLY = "partly unknown"
_BOX = "M-.85,-.85H.85V.85H-.85V-.85"
_THREE_STROKES, _IN_A_CORNER = "M-.85,0L0,-.85M-.85,.85L.85,-.85M0,.85L.85,0", "M0,.85L.85,0"
_CELL_TITLES = {"row": "store", "up": "uptime", "down": "downtime", "share": "availability"}


def bars(
    history: AnyTable,
    *,
    windows: Mapping[str, AnyWindow] = DEFAULT_WINDOWS,
    window: str | None = None,
    stores: Iterable[object] | None = None,
    most_stores: int = 30,
    title: str | None = None,
    scheme: Scheme = "light",
) -> alt.LayerChart:
    """Draw the availability of each store, day by day or hour by hour, as status pages do.

    Each store has a row, with a cell for each instant of the history. The darker a cell, the more
    of its known time was downtime: none at all, up to 1 %, up to 5 %, up to 10 %, more. The limits
    are the same in every chart, and are compared in whole microseconds. A cell of which nothing is
    known is empty, with a stroke through it. At the end of a row stands the availability over all
    its cells, rounded down: ``100 %`` is said only where there is no downtime at all.

    Parameters
    ----------
    history
        What `compute_history` returned, or `report_from_timeline` with `at`: a polars frame, eager
        or lazy, or any object with ``__arrow_c_stream__``. With ``detail=True`` cells in which
        nothing was scheduled have just a line, and those of which a part is unknown are marked.
    windows
        The mapping from name to window that the history was computed with, as in `summarize`.
    window
        The name of the window to draw. It must reach from each instant to the one before, so that
        no time is in two cells and none is left out. ``None``: the only window that does.
    stores
        The ids of the stores to draw, in the order of their rows. ``None``: all, sorted; or, if
        there are more than `most_stores`, those with the most downtime in the cells, the most first
        (then the smaller id first), and the line below the title says so.
    most_stores
        How many stores are drawn at most, where `stores` is ``None``.
    title
        ``None`` is a title that says what is shown.
    scheme
        ``"light"`` or ``"dark"``: the page on which the chart is to stand.

    Returns
    -------
    altair.LayerChart
        At most 4,000 marks. The tooltip of a cell, which is also its description for screen
        readers, says its time, what of it was up, down and unknown, and its availability.

    Raises
    ------
    SchemaError
        `history` has no rows, lacks a column, such as `now`, or has a type or a time that is not
        accepted, as in `summarize`.
    PolicyError
        `windows` make no sense; no window, or more than one, fits the steps of the history, or
        `window` does not; there is no such `scheme`; `stores` is no collection of ids, or names one
        that is not in the history; `most_stores` is no whole number above 0; there would be more
        than 4,000 marks.
    MissingDependencyError
        Altair is not installed.

    Notes
    -----
    A day of the calendar begins and ends in each store's own zone, of which a history says nothing:
    the cells of a `CalendarWindow` stand side by side before the instants from which their periods
    are counted.

    Examples
    --------
    Two days of a store: one without downtime, one of which a quarter of an hour was down.

    >>> history = pl.DataFrame(
    ...     {
    ...         "now": ["2024-05-14T00:00:00Z", "2024-05-15T00:00:00Z"],
    ...         "store_id": [7, 7],
    ...         "uptime_last_day": [8.0, 7.75],
    ...         "downtime_last_day": [0.0, 0.25],
    ...     }
    ... )
    >>> windows = {"last_day": DEFAULT_WINDOWS["last_day"]}
    >>> chart = bars(history, windows=windows, title="Store 7")
    >>> chart.save("bars.svg")  # doctest: +SKIP
    """
    look = look_of(scheme)
    asked = check_windows(windows, detail=False)
    source = Source(history, "history")
    nows = read_instants(source)
    name, found = fitting_window(asked, nows, window)
    rows = read_cells(source, name, found)
    chosen = choose(rows.group_by("store_id").agg(pl.col("down").sum()), stores, most_stores)
    refuse_many((len(nows) + 1) * len(chosen.ids) + 1, len(chosen.ids))
    cells = cells_of(found, nows)
    marks, ends = cell_marks(rows, chosen, cells), end_marks(rows, chosen)
    detailed = not rows["unknown"].null_count()
    clock = "UTC"
    if isinstance(found, CalendarWindow):
        clock = f"each {found.period} on the stores' own calendars, before this time in UTC"
    chart = _cells_drawn(marks, ends, look, clock, detailed=detailed)
    begins, stops = map(utc_minute, (cells[nows[0]].start, nows[-1]))
    told = f"{chosen.told}, {begins} to {stops}, a cell is {shown_name(name)}"
    chart.description = f"Availability, a row a store, a cell for each report: {told}; {clock}"
    return dressed(chart, look, title, "Availability of each store", told)


# --- the chart ------------------------------------------------------------------------------------


def _cells_drawn(
    marks: pl.DataFrame, ends: pl.DataFrame, look: Look, clock: str, *, detailed: bool
) -> alt.LayerChart:
    import altair as alt

    y = row_axis(ends["row"])
    x = time_axis(clock, *marks.select(pl.col("from").min(), pl.col("to").max()).row(0))
    looks = _looks_of_cells(look, detailed=detailed)
    sentence = "{row}, {time}: {share}, {up} up, {down} down" + ", {unknown} unknown" * detailed

    def of(kept: pl.Expr, height: float, **look: Any) -> alt.Chart:
        chart = alt.Chart(marks.filter(kept).drop("class", "partly")).encode(x, y, x2="to:T")
        chart = chart.mark_bar(height=alt.RelativeBandSize(band=height), **look)
        told: alt.Chart = chart.encode(**said(sentence, _CELL_TITLES))
        return told

    edge = {"stroke": look.page, "strokeWidth": 1}
    layers = [
        *(of(kept, _CELL_HEIGHT, fill=fill, **edge) for kept, fill in _kinds_of_cells(look)),
        of(pl.col("class") == CLOSED, _LINE_HEIGHT, fill=look.muted),
        *_column_of_ends(ends, y, look),
        # For the legend alone.
        alt.Chart(marks.clear()).mark_point(opacity=1).encode(x, y, **looks),
    ]
    chart: alt.LayerChart = alt.LayerChart(layer=layers).properties(
        width=WIDTH, height=alt.Step(ROW_HEIGHT)
    )
    return chart


def _column_of_ends(ends: pl.DataFrame, y: alt.Y, look: Look) -> list[alt.Chart]:
    """Return the numbers beside the rows, and what stands above them."""
    import altair as alt

    beside: dict[str, Any] = {"align": "left", "dx": 8, "fontSize": 12}
    number = alt.Chart(ends).mark_text(color=look.ink, **beside).encode(y, text="share:N")
    above = alt.Chart(ends.head(1)).mark_text(color=look.muted, text="in all", **beside)
    above = above.encode(y=alt.value(-10))
    return [each.encode(x=alt.value("width")) for each in (number, above)]


def _kinds_of_cells(look: Look) -> Iterator[tuple[pl.Expr, Any]]:
    """Yield each kind of cell that is filled, and its fill."""
    for name, fill in zip(SHARES, _fills(look), strict=True):
        own = pl.col("class") == name
        yield own & ~pl.col("partly"), fill
        yield own & pl.col("partly"), _stripes(look, 0.55, fill)
    yield pl.col("class") == NOTHING_KNOWN, _stripes(look, 0.0, look.page)


def _stripes(look: Look, start: float, fill: str) -> dict[str, Any]:
    """Return a fill up to `start`, a share of the diagonal, and stripes from there on.

    It is a gradient whose colours change at once: so a cell is one mark, and its stripes fit
    whatever its size is.
    """
    count = round((1 - start) / _STRIPE)
    edges = [start + (1 - start) * each / count for each in range(count + 1)]
    colours = [(look.unknown, look.page)[each % 2] for each in range(count)]
    parts = [(0.0, start, fill), *zip(edges, edges[1:], colours, strict=False)]
    stops = [{"offset": at, "color": colour} for *both, colour in parts for at in both]
    return {"gradient": "linear", "x1": 0, "y1": 0, "x2": 1, "y2": 1, "stops": stops}


def _fills(look: Look) -> tuple[str, ...]:
    """Return the colours of `SHARES`: far enough apart to differ without colour, too."""
    none, _, little, _, some, much, most = look.shares
    return none, little, some, much, most


def _looks_of_cells(look: Look, *, detailed: bool) -> dict[str, Any]:
    """Return how the classes of cells differ."""
    count = len(SHARES)
    names = [*SHARES, NOTHING_KNOWN, _PARTLY, CLOSED]
    fills = [*_fills(look), look.page, look.page, look.page]
    strokes = [look.grid] * count + [look.unknown, look.unknown, look.muted]
    shapes = [_BOX] * count + [_BOX + _THREE_STROKES, _BOX + _IN_A_CORNER, "M-1,0H1"]
    shown = len(names) if detailed else count + 1
    return one_legend(
        "class",
        None,
        names[:shown],
        fill=fills[:shown],
        stroke=strokes[:shown],
        shape=shapes[:shown],
    )
