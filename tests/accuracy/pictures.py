"""The pictures of docs/accuracy.md."""

from __future__ import annotations

import polars as pl

from accuracy.rules_compared import (
    EVIDENCE,
    INTERPOLATIONS,
    LENGTHS,
    RATES,
    SHOWN_BY_RULE,
    TERMINALS,
    of_cell,
)
from accuracy.svg import WIDTH, Axis, Picture, draw_axes, draw_series

LONG = {"10m": "10 minutes", "1h": "1 hour", "4h": "4 hours"}
RATE_NAMES = {
    "5m": "5 min",
    "10m": "10",
    "15m": "15",
    "30m": "30",
    "1h": "1 h",
    "2h": "2 h",
    "4h": "4 h",
}
RATE_TICKS = {name: float(RATES[rate]) for rate, name in RATE_NAMES.items()}
DEFAULT_RULES = {"interpolation": "nearest", "evidence": "open"}


def picture_rates(grid: pl.DataFrame) -> str:
    """How the error of a week grows with the distance of the polls."""
    picture = Picture(
        430,
        "Mean error of a week's uptime, by how often a store is polled",
        "Three lines on logarithmic axes. All rise with the distance of the polls. The table under "
        "“How the error falls” has the numbers.",
    )
    x, y = Axis(5, 240, 70, WIDTH - 130, log=True), Axis(2, 400, 375, 62, log=True)
    minutes = {str(each): float(each) for each in (2, 5, 10, 20, 50, 100, 200, 400)}
    draw_axes(picture, x, y, RATE_TICKS, minutes)
    picture.text(20, 52, "minutes", kind="small")
    picture.text((x.start + x.end) / 2, 415, "distance of the polls", "middle", "small")
    for series, length in enumerate(LENGTHS):
        rows = grid.filter(terminals="on", length=length, window="week", **DEFAULT_RULES)
        points = [
            (float(RATES[rate]), error) for rate, error in rows.select("every", "error").rows()
        ]
        draw_series(picture, x, y, points, series)
        picture.text(x.end + 12, y.at(points[-1][1]) + 4.5, LONG[length])
    picture.text(x.end + 12, y.at(points[-1][1]) - 14, "outages of", kind="small")
    picture.line([(x.at(5), y.at(8)), (x.at(120), y.at(192))], "guide")
    picture.text(x.at(34), y.at(105), "half the distance, half the error", "end", "small")
    return picture.written()


def picture_rules(grid: pl.DataFrame) -> str:
    """The error of a week by each rule, for each kind of terminal."""
    rules = [(interpolation, evidence) for evidence in EVIDENCE for interpolation in INTERPOLATIONS]
    picture = Picture(
        104 + 34 * len(rules) + 30,
        "Mean error of a week's uptime, by rule (polled hourly, outages of an hour)",
        "A row for each of six rules, with three marks: terminals on, off, or off at half of the "
        "stores. The table under “The rules” has the numbers.",
    )
    picture.legend(30, 58, ["terminals stay on", "off when closed", "off at half of the stores"])
    top, bottom = 76, 76 + 34 * len(rules)
    rows = of_cell(grid, SHOWN_BY_RULE).filter(window="week")
    most = 50 * -(-max(rows["error"]) // 50)
    x = Axis(0, most, 170, WIDTH - 40)
    y = Axis(0, len(rules), top, bottom)
    step = 50 if most <= 500 else 100
    ticks = {str(each): float(each) for each in range(0, int(most) + 1, step)}
    for name, value in ticks.items():
        picture.line([(x.at(value), top), (x.at(value), bottom)], "grid")
        picture.text(x.at(value), bottom + 18, name, "middle", "small")
    picture.text(WIDTH - 40, bottom + 38, "minutes a week", "end", "small")
    for place, (interpolation, evidence) in enumerate(rules):
        middle = y.at(place + 0.5)
        picture.line([(x.start, middle), (x.end, middle)], "grid")
        picture.text(x.start - 14, middle + 4.5, f"{interpolation} + {evidence}", "end")
        of_rule = rows.filter(interpolation=interpolation, evidence=evidence)
        for series, terminals in reversed(list(enumerate(TERMINALS))):
            error = of_rule.filter(terminals=terminals)["error"].item()
            # Three marks of nearly one value would hide each other.
            picture.mark(x.at(error), middle + 7 * (series - 1), series)
    return picture.written()


def picture_coverage(grid: pl.DataFrame) -> str:
    """How often the truth lies where it is said to be, on days with downtime."""
    panels = {"proved_down": "between uptime_min and uptime_max"}
    if not grid["told_down"].is_null().all():
        panels["told_down"] = "within uptime ± 2 errors"
    picture = Picture(
        400,
        "Days with downtime on which the truth is where it is said to be",
        "Three lines, by the distance of the polls. The table under “What is promised” has the "
        "numbers.",
    )
    picture.legend(30, 58, [f"outages of {LONG[length]}" for length in LENGTHS])
    each = (WIDTH - 20) / len(panels)
    for place, (column, words) in enumerate(panels.items()):
        start = 62 + place * each
        _draw_panel(picture, grid, column, words, (start, start + each - 66))
    return picture.written()


def _draw_panel(
    picture: Picture, grid: pl.DataFrame, column: str, words: str, span: tuple[float, float]
) -> None:
    x, y = Axis(5, 240, *span, log=True), Axis(0.5, 1, 345, 110)
    shares = {f"{each} %": each / 100 for each in range(50, 101, 10)}
    # Two labels so near to each other would touch.
    draw_axes(picture, x, y, {name: at for name, at in RATE_TICKS.items() if name != "10"}, shares)
    middle = sum(span) / 2
    picture.text(middle, 92, words, "middle")
    picture.text(middle, 388, "distance of the polls", "middle", "small")
    for series, length in enumerate(LENGTHS):
        rows = grid.filter(terminals="on", length=length, window="day", **DEFAULT_RULES)
        found = rows.select("every", pl.col(column).clip(y.low)).rows()
        draw_series(picture, x, y, [(float(RATES[rate]), share) for rate, share in found], series)


PICTURES = {
    "accuracy-rates.svg": picture_rates,
    "accuracy-rules.svg": picture_rules,
    "accuracy-coverage.svg": picture_coverage,
}
