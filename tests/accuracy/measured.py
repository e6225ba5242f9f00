"""How far reports are from the truth, in minutes, and how often what they promise holds."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from store_uptime import Inputs, Policy, Window, compute_history
from store_uptime.testing import Dataset

MINUTES = {
    "hour": Window("1h", "minutes"),
    "day": Window("1d", "minutes"),
    "week": Window("7d", "minutes"),
}
ROUNDING = 1e-6  # a minute is a float; what is equal to the microsecond is equal

# Only a library that tells an error can be asked for it.
TELLS_ERROR = "uncertainty" in inspect.signature(compute_history).parameters


@dataclass(frozen=True, slots=True)
class Score:
    """What is said of many windows of one length. Shares are from 0 to 1; ``None``: of none.

    `error` is the mean absolute error and `bias` the mean error, both in minutes of uptime, so a
    bias above zero is uptime that was none. `proved` is how often the truth lies in ``uptime_min
    ... uptime_max``, `told` how often in ``uptime +- 2 uptime_error``; `proved_down` and
    `told_down` are the same of those windows alone in which the store was down for a while.
    """

    windows: int
    error: float | None
    bias: float | None
    proved: float | None
    proved_down: float | None
    told: float | None
    told_down: float | None


def report_at(
    inputs: Inputs,
    at: Sequence[Any],
    policy: Policy,
    windows: dict[str, Window] = MINUTES,
    *,
    told: bool = True,
) -> pl.DataFrame:
    """Return the reports at these instants, and if it may be `told`, how far off they may be."""
    asked: dict[str, Any] = {"uncertainty": True} if told and TELLS_ERROR else {}
    return compute_history(inputs, at=at, windows=windows, policy=policy, detail=True, **asked)


def truth_at(
    dataset: Dataset, at: Sequence[Any], windows: dict[str, Window] = MINUTES
) -> pl.DataFrame:
    """Return the true uptime at these instants: the report of a log of all changes."""
    return compute_history(dataset.changes, at=at, windows=windows, policy=Policy.for_changes())


def compare(reports: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each window of a store that is open in it and wholly known.

    The columns are `now`, `store_id`, `window`, `uptime`, `least` and `most` (what the polls prove),
    `scheduled`, `true_uptime`, `error` (reported less true), and whether the truth is where it is said to be: `proved`, and `told`
    (null where nothing is told).
    """
    keys = ["now", "store_id"]
    names = [name for name in MINUTES if f"uptime_{name}" in truth.columns]
    true = truth.select(*keys, *(pl.col(f"uptime_{name}").alias(f"true_{name}") for name in names))
    both = reports.join(true, on=keys, how="left", validate="1:1", maintain_order="left")
    return pl.concat([_of_one_window(both, name) for name in names])


def _of_one_window(both: pl.DataFrame, name: str) -> pl.DataFrame:
    uptime, true = pl.col(f"uptime_{name}"), pl.col(f"true_{name}")
    least, most = pl.col(f"uptime_min_{name}"), pl.col(f"uptime_max_{name}")
    told = pl.lit(None, pl.Boolean)
    if f"uptime_error_{name}" in both.columns:
        told = (uptime - true).abs() <= 2 * pl.col(f"uptime_error_{name}") + ROUNDING
    known = both.filter(pl.col(f"scheduled_{name}") > 0, pl.col(f"unknown_{name}") == 0)
    return known.select(
        "now",
        "store_id",
        pl.lit(name).alias("window"),
        uptime.alias("uptime"),
        least.alias("least"),
        most.alias("most"),
        pl.col(f"scheduled_{name}").alias("scheduled"),
        true.alias("true_uptime"),
        (uptime - true).alias("error"),
        ((true >= least - ROUNDING) & (true <= most + ROUNDING)).alias("proved"),
        told.alias("told"),
    )


def score(compared: pl.DataFrame, window: str) -> Score:
    """Return what is to be said of all windows of one length."""
    rows = compared.filter(pl.col("window") == window)
    down = rows.filter(pl.col("true_uptime") < pl.col("scheduled") - ROUNDING)
    return Score(
        windows=rows.height,
        error=_mean(rows["error"].abs()),
        bias=_mean(rows["error"]),
        proved=_mean(rows["proved"]),
        proved_down=_mean(down["proved"]),
        told=_mean(rows["told"]),
        told_down=_mean(down["told"]),
    )


def _mean(values: pl.Series) -> float | None:
    mean = values.cast(pl.Float64).mean()
    return mean if isinstance(mean, float) else None


def slope(distances: Sequence[float], errors: Sequence[float]) -> float:
    """Return the exponent: how an error grows with the distance of the polls, by least squares.

    With 1, half the distance is half the error; with 0.5, it is 0.71 of the error.
    """
    x, y = [math.log(each) for each in distances], [math.log(each) for each in errors]
    middle = sum(x) / len(x)
    above = sum((each - middle) * value for each, value in zip(x, y, strict=True))
    return above / sum((each - middle) ** 2 for each in x)
