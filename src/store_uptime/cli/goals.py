"""Whether the rows that are shown keep to an availability."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction

import polars as pl

from store_uptime._engine.group_sums import add_up
from store_uptime._results.rounding import percent
from store_uptime._results.summary import check_goal
from store_uptime.windows import AnyWindow

_CLOSE = 1e-9


def complaint(
    report: pl.DataFrame,
    keys: list[str],
    shown: pl.DataFrame,
    windows: Mapping[str, AnyWindow],
    share: float,
) -> str:
    """Say which rows are below a share, or have open time of which nothing is known.

    The times are compared as whole microseconds, so a row at 99 % is not below 0.99.

    Parameters
    ----------
    report
        The report or history with its details, and the groups of the stores if there are any.
    keys
        The columns that tell the rows of the result apart.
    shown
        The result: rows with these keys, and a row a window if it has such a column.
    windows
        Those of the report.
    share
        The availability that each row should have.

    Returns
    -------
    str
        Empty if all is well.
    """
    goal = check_goal(share)
    sums = pl.concat(
        add_up(report, keys, name, window.unit, goal).with_columns(window=pl.lit(name))
        for name, window in windows.items()
    )
    if "window" in shown.columns:
        shown, keys = shown.with_columns(pl.col("window").cast(pl.String)), [*keys, "window"]
    sums = sums.join(shown.select(keys), on=keys, how="semi", nulls_equal=True)
    known = pl.col("uptime") + pl.col("downtime")
    dark = sums.filter(known == 0, pl.col("unknown") > 0)
    near = sums.filter(pl.col("uptime") / known < float(goal) + _CLOSE)
    times = near.select("uptime", "downtime").rows()
    below = near.filter(
        pl.Series([_is_below(up, down, goal) for up, down in times], dtype=pl.Boolean)
    )
    parts = []
    if below.height:
        worst = below.sort(pl.col("uptime") / known, *keys, nulls_last=True).row(0, named=True)
        had = percent(Fraction(worst["uptime"], worst["uptime"] + worst["downtime"]))
        parts.append(
            f"{below.height:,} of {_rows(sums.height)} below {share} "
            f"(worst: {_place(worst, keys)}: {had})"
        )
    if dark.height:
        first = dark.sort(*keys, nulls_last=True).row(0, named=True)
        parts.append(
            f"{dark.height:,} of {_rows(sums.height)} with open time of which nothing is known "
            f"(first: {_place(first, keys)})"
        )
    return "; ".join(parts)


def _is_below(uptime: int, downtime: int, goal: Fraction) -> bool:
    return uptime * goal.denominator < (uptime + downtime) * goal.numerator


def _rows(count: int) -> str:
    return f"{count:,} availabilit{'y' if count == 1 else 'ies'}"


def _place(row: Mapping[str, object], keys: list[str]) -> str:
    names = [f"{name} {_told_value(row[name])}" for name in keys if name != "window"]
    return ", ".join([*names, str(row["window"])])


def _told_value(value: object) -> str:
    if isinstance(value, dt.datetime):
        return f"{value.replace(tzinfo=None).isoformat()}Z"
    return "(none)" if value is None else str(value)
