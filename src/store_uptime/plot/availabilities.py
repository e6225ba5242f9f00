"""What a report says of the stores in one window, in whole microseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import polars as pl

from store_uptime._results.read_back import read_report
from store_uptime._tables.given import Source
from store_uptime._tables.groups import refuse_repeats
from store_uptime._tables.report_times import in_microseconds
from store_uptime.errors import check_word
from store_uptime.plot.words import shown_name
from store_uptime.windows import AnyWindow, check_windows

PERCENT_LABEL = "format(100 * datum.value, '~r') + ' %'"
"""How Vega writes shares at an axis."""

# Where an axis of availabilities may begin.
_FLOORS = (0, 20, 40, 50, 60, 70, 80, 85, 90, 95, 97, 98, 99, Fraction("99.5"), Fraction("99.8"))


class Named(NamedTuple):
    """A window and its name."""

    name: str
    window: AnyWindow

    @property
    def shown(self) -> str:
        """The name as text for a title."""
        return shown_name(self.name)


def chosen_window(windows: Mapping[str, AnyWindow], window: str | None) -> Named:
    """Return the window of this name, or the last one.

    Raises
    ------
    PolicyError
        `windows` make no sense, or none of them has this name.
    """
    chosen = check_windows(windows, detail=False)
    if window is None:
        window = list(chosen)[-1]
    check_word("window", None, window, list(chosen), kind="window")
    return Named(window, chosen[window])


def read_stores(source: Source, named: Named, others: Sequence[str] = ()) -> pl.DataFrame:
    """Return `store_id`, `up`, `down` and `unknown` (0 where the report has none), and others.

    Raises
    ------
    SchemaError
        As `read_report`; a store has more than one row, as in a history.
    """
    rows = read_report(source, {named.name: named.window}, others)
    remedy = "Of a history, give the rows of one instant."
    refuse_repeats(Source(rows, "report"), ["store_id"], remedy)
    if f"unknown_{named.name}" not in rows.columns:
        rows = rows.with_columns(pl.lit(0.0).alias(f"unknown_{named.name}"))
    return rows.select(
        "store_id",
        *(
            in_microseconds(pl.col(f"{part}_{named.name}"), named.window).alias(short)
            for part, short in (("uptime", "up"), ("downtime", "down"), ("unknown", "unknown"))
        ),
        *others,
    )


def is_below(share: Fraction) -> pl.Expr:
    """Return whether up / (up + down) is below a share, exactly; not where nothing is known."""
    return pl.col("up") * share.denominator < (pl.col("up") + pl.col("down")) * share.numerator


def axis_floor(shown: pl.Series, goal: Fraction | None) -> float:
    """Return where an axis of availabilities begins that ends at 1.

    It is a round number at or below all that is shown. The axis spans at least twice the downtime
    that the target allows, or 2 %, so that small differences do not look large.
    """
    least = 1 - 2 * (1 - (goal or Fraction(99, 100)))
    most = 100 * min([least, *shown.drop_nulls()])
    return float(max((floor for floor in _FLOORS if floor <= most), default=0)) / 100
