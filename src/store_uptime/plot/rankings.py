"""The stores with the lowest availability, and how far the number may be off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from store_uptime._results.summary import check_goal
from store_uptime._tables.given import Source
from store_uptime._tables.report_times import (
    in_microseconds,
    is_part,
    need_floats,
    refuse_wrong_uncertainty,
    uncertainty_columns,
)
from store_uptime._time.units import UNIT_MICROSECONDS
from store_uptime.errors import PolicyError, SchemaError
from store_uptime.inputs import AnyTable
from store_uptime.plot.availabilities import (
    PERCENT_LABEL,
    Named,
    axis_floor,
    chosen_window,
    is_below,
    read_stores,
)
from store_uptime.plot.look import MOST_MARKS, Look, Scheme, dressed, look_of
from store_uptime.plot.words import percent_up, plain_share, shown_name, spoken
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow

if TYPE_CHECKING:
    import altair as alt

_MARKS_A_STORE = 4
_MOST_STORES = MOST_MARKS // _MARKS_A_STORE
_RANGES = {
    "proven": ". Bars: what the polls prove of all open time",
    "errors": ". Bars: 2 errors to each side",
    None: "",
}
_GIVE_DETAILS = "Give what compute_report returned with detail=True."


def worst(
    report: AnyTable,
    n: int = 20,
    *,
    windows: Mapping[str, AnyWindow] = DEFAULT_WINDOWS,
    window: str | None = None,
    target: float | None = 0.99,
    title: str | None = None,
    scheme: Scheme = "light",
) -> alt.LayerChart:
    """Draw the stores with the lowest availability, and how far it may be off.

    Of stores with the same availability, the one with more downtime comes first, then the one with
    the lower id. Stores with nothing known are not ranked; the line below the title counts them.

    Parameters
    ----------
    report
        As in `distribution`. With its details or its uncertainty there are ranges, see Notes.
    n
        How many stores: 1 to 1,000. Where the report has fewer with known time, it is all of them.
    windows, window
        As in `distribution`.
    target
        The availability that a store should have, drawn as a line; ``None`` draws none.
    title, scheme
        As in `distribution`.

    Returns
    -------
    altair.LayerChart
        A row for each store, the worst on top: its id, a dot at its availability, the range, and
        the number, rounded down. The tooltip has its times.

    Raises
    ------
    SchemaError
        As for `distribution`; a bound or an error in the report that cannot be one.
    PolicyError
        `n`, `windows` or `target` make no sense; there is no such `window` or `scheme`.
    MissingDependencyError
        Altair is not installed.

    Notes
    -----
    The dot is uptime / (uptime + downtime), the share of known time. The range depends on what the
    report has:

    - with ``uncertainty=True``, 2 errors to each side: (uptime - 2 error) / known to
      (uptime + 2 error) / known, cut at 0 and 1. A store without an error has no range;
    - else with ``detail=True``, what the polls prove: uptime_min / scheduled to
      uptime_max / scheduled. These are shares of all open time, in which all that the polls do not
      prove counts as down, and as up. The dot is always inside;
    - else there is none.

    Examples
    --------
    >>> report = pl.DataFrame(
    ...     {
    ...         "store_id": [1, 2, 3],
    ...         "uptime_last_week": [168.0, 100.0, 0.0],
    ...         "downtime_last_week": [0.0, 20.0, 0.0],
    ...     }
    ... )
    >>> chart = worst(report, windows={"last_week": DEFAULT_WINDOWS["last_week"]})
    >>> chart.save("worst.svg")  # doctest: +SKIP
    """
    look = look_of(scheme)
    named = chosen_window(windows, window)
    goal = None if target is None else check_goal(target)
    ranking = rank_stores(report, named, n, goal)
    default = f"The lowest availabilities ({named.shown})"
    chart, told = _ranks_drawn(ranking.rows, goal, look), _ranking_told(ranking)
    chart.description = f"The stores with the lowest availability, the worst on top: {told}"
    return dressed(chart, look, title, default, told)


def _check_number(n: object) -> None:
    if isinstance(n, int) and not isinstance(n, bool) and 1 <= n <= _MOST_STORES:
        return
    raise PolicyError(
        f"must be a whole number from 1 to {_MOST_STORES:,}",
        table="n",
        values=[n],
        remedy="Give how many stores to draw.",
        code="wrong_number",
    )


# --- the rows -------------------------------------------------------------------------------------


class Ranking(NamedTuple):
    """The stores with the lowest availability.

    Attributes
    ----------
    rows
        `rank` (from 1), `id`, `availability`, `below` (the target), `low`, `high` (null without a
        range), `number`, `told`.
    range
        What `low` and `high` are: ``"proven"``, ``"errors"`` or none.
    stores, unknown
        All stores of the report; those with nothing known.
    """

    rows: pl.DataFrame
    range: str | None
    stores: int
    unknown: int


def rank_stores(report: AnyTable, named: Named, n: int, goal: Fraction | None) -> Ranking:
    """Return the `n` stores with the lowest availability."""
    _check_number(n)
    source = Source(report, "report")
    kind, columns = _range_of(source, named)
    stores = read_stores(source, named, columns)
    _refuse_wrong_range(Source(stores, "report"), kind, named, columns)
    known = pl.col("up") + pl.col("down")
    ranked = stores.filter(known > 0).with_columns(availability=pl.col("up") / known)
    ranked = ranked.with_columns(below=pl.lit(value=False) if goal is None else is_below(goal))
    ranked = ranked.sort("availability", "down", "store_id", descending=[False, True, False])
    rows = ranked.head(n).with_columns(**_bounds(kind, named, columns)).with_row_index("rank", 1)
    words = [_store_in_words(row, kind) for row in rows.iter_rows(named=True)]
    ids, numbers, told = ([each[place] for each in words] for place in range(3))
    texts = [pl.Series("id", ids, pl.String), pl.Series("number", numbers, pl.String)]
    rows = rows.select("rank", "availability", "below", "low", "high").with_columns(
        *texts, pl.Series("told", told, pl.String)
    )
    return Ranking(rows, kind, stores.height, stores.height - ranked.height)


def _range_of(source: Source, named: Named) -> tuple[str | None, list[str]]:
    """Return which range the report has, and the two columns that it is made of."""
    uncertain = uncertainty_columns(source, {named.name: named.window})
    if uncertain:
        return "errors", uncertain[named.name]
    bounds = [f"uptime_{part}_{named.name}" for part in ("min", "max")]
    if not any(is_part(source, column) for column in bounds):
        return None, []
    for column in (*bounds, f"unknown_{named.name}"):
        need_floats(source, column, _GIVE_DETAILS)
    return "proven", bounds


def _refuse_wrong_range(source: Source, kind: str | None, named: Named, columns: list[str]) -> None:
    """Raise `SchemaError` for errors and bounds that cannot be some."""
    if kind == "errors":
        refuse_wrong_uncertainty(source, {named.name: named.window}, {named.name: columns})
        return
    # What is rounded, as in a CSV file, may be a little above the longest.
    longest = named.window.longest_us() / UNIT_MICROSECONDS[named.window.unit] + 1
    for column in columns:
        fits = pl.col(column).is_between(0, longest).fill_null(value=False)
        problem, code = "null, negative or longer than the window", "impossible_time"
        source.refuse_rows(SchemaError, column, problem, ~fits, _GIVE_DETAILS, code=code)


def _bounds(kind: str | None, named: Named, columns: Sequence[str]) -> dict[str, pl.Expr]:
    """Return `low` and `high`, with the availability always between them."""
    up, known, dot = pl.col("up"), pl.col("up") + pl.col("down"), pl.col("availability")
    if kind is None:
        return dict.fromkeys(("low", "high"), pl.lit(None, pl.Float64))
    first, last = (in_microseconds(pl.col(column), named.window) for column in columns)
    if kind == "errors":
        low, high = (up - 2 * last) / known, (up + 2 * last) / known
    else:
        low, high = (each / (known + pl.col("unknown")) for each in (first, last))
    # Comparing leaves out a null, which is a store without an error.
    return {
        "low": pl.when(low.is_not_null()).then(pl.min_horizontal(low, dot).clip(lower_bound=0)),
        "high": pl.when(high.is_not_null()).then(pl.max_horizontal(high, dot).clip(upper_bound=1)),
    }


def _store_in_words(row: Mapping[str, Any], kind: str | None) -> tuple[str, str, str]:
    """Return the id, the number and the tooltip of a store."""
    name, up, down = shown_name(str(row["store_id"])), row["up"], row["down"]
    number = percent_up(up, up + down)
    told = f"{name}: {number} up, {spoken(down)} down of {spoken(up + down)} open and known"
    if row["unknown"]:
        told += f", {spoken(row['unknown'])} unknown"
    if row["low"] is None:
        return name, number, told
    range_ = "of all open time the polls prove" if kind == "proven" else "with 2 errors"
    ends = f"{100 * row['low']:.2f} to {100 * row['high']:.2f} %"
    return name, number, f"{told}; {range_} {ends}"


def _ranking_told(ranking: Ranking) -> str:
    """Return which stores are drawn, and what the range is."""
    known = ranking.stores - ranking.unknown
    text = f"{ranking.rows.height:,} of {known:,} stores with known time"
    if ranking.unknown:
        text += f"; {ranking.unknown:,} more with nothing known"
    return f"{text}{_RANGES[ranking.range]}"


# --- the chart ------------------------------------------------------------------------------------


def _ranks_drawn(rows: pl.DataFrame, goal: Fraction | None, look: Look) -> alt.LayerChart:
    import altair as alt

    floor = axis_floor(rows["availability"].append(rows["low"]), goal)
    base = alt.Chart(rows).encode(
        x=alt.X("availability:Q", title="availability")
        .scale(domain=[floor, 1], zero=False, nice=False)
        .axis(labelExpr=PERCENT_LABEL, domain=False, ticks=False, tickCount=6, labelFlush=False),
        y=alt.Y("rank:O", axis=None).scale(domain=rows["rank"].to_list()),
    )
    colour = alt.Color("below:N", legend=None).scale(
        domain=[False, True], range=[look.up, look.down]
    )
    line = base.mark_rule(strokeWidth=5, opacity=0.35, strokeCap="round")
    dots = base.mark_point(size=60, filled=True, opacity=1)
    words = {"tooltip": "told:N", "description": "told:N"}
    names = base.mark_text(align="right", dx=-10, limit=220, color=look.ink, fontSize=12)
    numbers = base.mark_text(align="left", dx=10, color=look.ink, fontSize=12)
    layers = [
        line.encode(colour, x="low:Q", x2="high:Q", tooltip="told:N"),
        dots.encode(colour, **words),
        names.encode(x=alt.value(0), text="id:N", tooltip="told:N"),
        numbers.encode(x=alt.value("width"), text="number:N", tooltip="told:N"),
    ]
    if goal is not None:
        layers = [*_target_rule(goal, look), *layers]
    height = 22 * max(rows.height, 1)
    return alt.LayerChart(layer=layers).properties(width=480, height=height)


def _target_rule(goal: Fraction, look: Look) -> list[alt.Chart]:
    import altair as alt

    base = alt.Chart(alt.InlineData(values=[{"target": float(goal)}])).encode(x="target:Q")
    line = base.mark_rule(color=look.target, strokeWidth=2, strokeDash=[6, 3])
    name = base.mark_text(color=look.ink, dy=-8)
    text = f"target {plain_share(goal)}"
    return [line, name.encode(y=alt.value(0), text=alt.value(text))]
