"""The tables of docs/accuracy.md."""

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
from accuracy.fixed_times import KINDS, judge_polls
from accuracy.lost_polls import (
    LOST_WHILE_DOWN,
    REACHES,
    TROUBLES,
    judge_lost_while_down,
    judge_reaches,
)
from accuracy.measured import MINUTES, slope
from accuracy.one_hour import read_hours
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
RARE = 0.001  # of fewer hours no share is worth telling


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


def of_coverage(grid: pl.DataFrame) -> str:
    """A row for each rate; in a cell the three lengths of outages. Of days, and of those with downtime."""
    rows = grid.filter(terminals="on", window="day", **DEFAULT)
    columns = {
        "proved": "`uptime_min … uptime_max`",
        "proved_down": "the same, days with downtime",
        "told": "`uptime ± 2 error`",
        "told_down": "the same, days with downtime",
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


# --- what is simulated for one question -------------------------------------------------------------


def of_one_hour(stores: int) -> str:
    """A row for each kind of report of one hour, from polls of these rates."""
    lines = [
        [
            f"every {SHOWN[rate]}, outages of {SHOWN[length]}",
            row["said"],
            percent(row["share"], 1),
            percent(row["right"]),
            f"{row['mean']:.1f}",
            f"{row['low']:.0f} to {row['high']:.0f}",
            f"{row['least']:.0f} to {row['most']:.0f}",
        ]
        for rate in ("1h", "15m", "5m")
        for length in ("10m", "1h")
        for row in read_hours(stores, rate, length).iter_rows(named=True)
        if row["share"] >= RARE
    ]
    head = [
        "polls",
        "the report says",
        "of all hours",
        "just right",
        "true uptime, mean",
        "nine of ten lie in",
        "proved, mean",
    ]
    return write_table(head, lines)


def of_fixed_times() -> str:
    lines = []
    for kind in KINDS:
        found = judge_polls(kind)
        cells = [minutes(found[name]) for name in ("fleet", "error")]
        lines.append([kind, *cells, percent(found["proved"]), percent(found["told"])])
    return write_table(
        ["polls", "downtime reported, mean", "error of a store", "proved", "± 2 errors"], lines
    )


def of_lost_polls(stores: int) -> str:
    lines = []
    for rate, length, share in LOST_WHILE_DOWN:
        found = judge_lost_while_down(stores, rate, length, share)
        ratio, gaps = found["ratio"], found["gaps"]
        lines.append(
            [
                f"every {SHOWN[rate]}, outages of {SHOWN[length]}",
                percent(share),
                percent(found["found"]),
                minutes(found["error"]),
                signed(found["bias"]),
                percent(found["proved"]),
                percent(found["told"]),
                f"{ratio:.2f} ({gaps:,})",
            ]
        )
    head = [
        "polls",
        "lost while down",
        "downtime found",
        "error",
        "bias",
        "proved",
        "± 2 errors",
        "gap ratio (gaps)",
    ]
    return write_table(head, lines)


def of_reaches(stores: int) -> str:
    lines = []
    for trouble in TROUBLES:
        found = judge_reaches(stores, trouble)
        cells = [f"{found[name][0]:.1f} ({percent(found[name][1])})" for name in REACHES]
        lines.append([trouble.said, *cells])
    return write_table(["trouble", *REACHES], lines)
