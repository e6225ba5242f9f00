"""The tables of docs/accuracy.md of the grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from accuracy.cells import (
    NOTHING,
    SHOWN,
    TERMINALS_SHOWN,
    join_cells,
    minutes,
    percent,
    signed,
    write_table,
)
from accuracy.measured import MINUTES, slope
from accuracy.rules_compared import (
    EVIDENCE,
    INTERPOLATIONS,
    LENGTHS,
    RATES,
    SHOWN_BY_RULE,
    TERMINALS,
    of_cell,
)

DEFAULT = {"interpolation": "nearest", "evidence": "open"}
NEAR = 1.05


# --- the grid ---------------------------------------------------------------------------------------


def of_errors(grid: pl.DataFrame) -> str:
    """A row for each rule; in a cell the three kinds of terminals."""
    columns = {f"error, {each}": ("error", each) for each in MINUTES}
    columns |= {f"bias, {each}": ("bias", each) for each in MINUTES}

    def written(value: float, column: str, window: str) -> str:
        if column == "error":
            return minutes(value)
        return signed(value, 1 if window == "hour" else 0)

    return _of_rules(grid, columns, written)


def of_promises(grid: pl.DataFrame) -> str:
    """A row for each rule: how often the truth is where it is said to be."""
    columns = {f"proved, {each}": ("proved", each) for each in MINUTES}
    columns |= {f"± 2 errors, {each}": ("told", each) for each in MINUTES}
    return _of_rules(grid, columns, lambda value, _column, _window: percent(value))


def _of_rules(
    grid: pl.DataFrame,
    columns: Mapping[str, tuple[str, str]],
    written: Callable[[Any, str, str], str],
) -> str:
    rows = of_cell(grid, SHOWN_BY_RULE)
    lines = []
    for evidence in EVIDENCE:
        for interpolation in INTERPOLATIONS:
            rule = rows.filter(interpolation=interpolation, evidence=evidence)
            cells = []
            for column, window in columns.values():
                found = dict(rule.filter(window=window).select("terminals", column).rows())
                cells.append(
                    join_cells([written(found[each], column, window) for each in TERMINALS])
                )
            lines.append([f"`{interpolation}`, `{evidence}`", *cells])
    return write_table(["rule", *columns], lines)


def of_rates(grid: pl.DataFrame) -> str:
    """A row for each rate; in a cell the three lengths of outages. Then how the error grows."""
    rows = grid.filter(terminals="on", **DEFAULT)

    def errors(window: str, length: str, rates: Sequence[str]) -> list[float]:
        found = dict(rows.filter(window=window, length=length).select("every", "error").rows())
        return [found[rate] for rate in rates]

    def growth(rates: Sequence[str]) -> list[str]:
        distances = [RATES[rate] for rate in rates]
        return [
            " / ".join(f"{slope(distances, errors(window, each, rates)):.2f}" for each in LENGTHS)
            for window in MINUTES
        ]

    lines = [
        [
            SHOWN[rate],
            *(
                " / ".join(minutes(*errors(window, each, [rate])) for each in LENGTHS)
                for window in MINUTES
            ),
        ]
        for rate in RATES
    ]
    lines.append(["exponent, 5 to 15 minutes", *growth(["5m", "10m", "15m"])])
    lines.append(["exponent, 1 to 4 hours", *growth(["1h", "2h", "4h"])])
    return write_table(["a poll every", *MINUTES], lines)


def of_coverage(grid: pl.DataFrame, window: str) -> str:
    """A row for each rate; in a cell the three lengths of outages. Of all windows, and with downtime."""
    rows = grid.filter(terminals="on", window=window, **DEFAULT)
    columns = {
        "proved": "`uptime_min … uptime_max`",
        "proved_down": f"the same, {window}s with downtime",
        "told": "`uptime ± 2 error`",
        "told_down": f"the same, {window}s with downtime",
    }
    lines = [
        [
            SHOWN[rate],
            *(
                " / ".join(
                    percent(rows.filter(every=rate, length=each)[column].item()) for each in LENGTHS
                )
                for column in columns
            ),
        ]
        for rate in RATES
    ]
    return write_table(["a poll every", *columns.values()], lines)


def of_better_rules(grid: pl.DataFrame) -> str:
    """A row for each kind of terminals and length of a window: how the default fares among all six."""
    cell = ["every", "length", "terminals", "window"]
    best = grid.sort("error", maintain_order=True).unique(cell, keep="first", maintain_order=True)
    both = grid.filter(**DEFAULT).join(best, on=cell, suffix="_best", maintain_order="left")
    both = both.with_columns(ratio=pl.col("error") / pl.col("error_best"))
    lines = []
    for terminals in TERMINALS:
        for window in MINUTES:
            cells = both.filter(terminals=terminals, window=window)
            worst = cells.sort("ratio", descending=True, maintain_order=True).row(0, named=True)
            where = (
                f"every {SHOWN[worst['every']]}, outages of {SHOWN[worst['length']]}: "
                f"{minutes(worst['error'])}, with `{worst['interpolation_best']}`, "
                f"`{worst['evidence_best']}` {minutes(worst['error_best'])}"
            )
            lines.append(
                [
                    TERMINALS_SHOWN[terminals],
                    window,
                    f"{(cells['ratio'] == 1).sum()} of {cells.height}",
                    f"{(cells['ratio'] <= NEAR).sum()} of {cells.height}",
                    where if worst["ratio"] > 1 else NOTHING,
                ]
            )
    return write_table(
        [
            "terminals",
            "window",
            "the default is best",
            "within 5 % of the best",
            "worst for the default",
        ],
        lines,
    )
