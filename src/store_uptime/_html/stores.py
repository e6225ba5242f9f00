"""The table of all stores: a few rows as HTML, all of them as compact JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from store_uptime._html.behind import Behind
from store_uptime._html.words import NOTHING, told_name
from store_uptime._results.rounding import rounded
from store_uptime.plot.words import plain_name
from store_uptime.windows import AnyWindow

STATIC_ROWS = 25
"""How many stores are there without JavaScript; and on a page of the table with it."""


class NumberColumn(NamedTuple):
    """A column of numbers.

    Attributes
    ----------
    title
        What stands above it.
    decimals
        How many the numbers have.
    steps
        The numbers, rounded and without the point: whole numbers, which JavaScript holds exactly.
    """

    title: str
    decimals: int
    steps: pl.Series


class StoreTable(NamedTuple):
    """The stores in the order of the report, and of each window the name, unit and columns."""

    ids: list[str]
    zones: list[str]
    groups: Sequence[tuple[str, str, list[NumberColumn]]]

    @property
    def columns(self) -> list[NumberColumn]:
        """The columns of all windows."""
        return [column for *_, columns in self.groups for column in columns]

    @property
    def first_rows(self) -> list[list[str]]:
        """The first rows: id, numbers and zone, as texts."""
        texts = [
            [in_decimals(step, column.decimals) for step in column.steps.head(STATIC_ROWS)]
            for column in self.columns
        ]
        return [[*row] for row in zip(self.ids, *texts, self.zones, strict=False)]

    @property
    def data(self) -> str:
        """All rows as JSON, column by column, safe inside of HTML."""
        names = sorted(set(self.zones))
        place = {name: at for at, name in enumerate(names)}
        data = {
            "ids": self.ids,
            "zoneNames": names,
            "zones": [place[zone] for zone in self.zones],
            "columns": [
                {"decimals": column.decimals, "steps": column.steps.to_list()}
                for column in self.columns
            ],
        }
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        return text.replace("<", "\\u003c")


def store_table(
    behind: Behind, windows: Mapping[str, AnyWindow], *, uncertainty: bool
) -> StoreTable:
    """Return the table of all stores."""
    report = behind.report
    zones = report.select("store_id").join(behind.zones, on="store_id", maintain_order="left")
    groups = [
        (told_name(name), window.unit, [*_columns_of(report, name, uncertainty=uncertainty)])
        for name, window in windows.items()
    ]
    ids = [plain_name(text) for text in report["store_id"].cast(pl.String)]
    return StoreTable(ids, zones["zone"].to_list(), groups)


def _columns_of(report: pl.DataFrame, name: str, *, uncertainty: bool) -> Iterator[NumberColumn]:
    quantities = {
        "uptime": "Up",
        **({"uptime_error": "± error"} if uncertainty else {}),
        "downtime": "Down",
        "unknown": "Unknown",
    }
    for quantity, title in quantities.items():
        yield NumberColumn(title, 2, _steps(report[f"{quantity}_{name}"].alias(quantity), 2))
    share = report[f"availability_{name}"].alias("availability")
    yield NumberColumn("Availability %", 3, _steps(share, 5))


def _steps(values: pl.Series, decimals: int) -> pl.Series:
    """Return numbers in steps of the last decimal, rounded as the command line does."""
    steps: pl.Series = (rounded(values, decimals) * 10**decimals).round()
    return steps.cast(pl.Int64)


def in_decimals(steps: int | None, decimals: int) -> str:
    """Return a number of steps as a decimal number.

    Examples
    --------
    >>> in_decimals(123456, 2), in_decimals(7, 3), in_decimals(None, 2) == NOTHING
    ('1,234.56', '0.007', True)
    """
    if steps is None:
        return NOTHING
    whole, rest = divmod(steps, 10**decimals)
    return f"{whole:,}.{rest:0{decimals}}"
