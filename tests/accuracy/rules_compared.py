"""Every rule against every kind of store: the grid of the study."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import polars as pl

from accuracy.measured import MINUTES, compare, report_at, score, truth_at
from store_uptime import Policy, every
from store_uptime.policy import Evidence, Interpolation
from store_uptime.testing import make_dataset

SEED = 20_241_106
DAYS = 9  # a week, the day in which the instants lie, and a day to look back
NOW = dt.datetime(2024, 11, 6, tzinfo=dt.UTC)
# All times of day alike, since a terminal that is switched off troubles some of them only.
AT = every("3h", start=NOW - dt.timedelta(hours=21), end=NOW)

RATES = {"5m": 5, "10m": 10, "15m": 15, "30m": 30, "1h": 60, "2h": 120, "4h": 240}
LENGTHS = ("10m", "1h", "4h")
TERMINALS = ("on", "off", "half")
SHOWN_BY_RULE = ("1h", "1h")
INTERPOLATIONS: tuple[Interpolation, ...] = ("nearest", "previous", "next")
EVIDENCE: tuple[Evidence, ...] = ("open", "all")


def compare_rules(
    stores: int, rate: str, length: str, *, told: bool = True
) -> Iterator[tuple[str, Policy, pl.DataFrame]]:
    """Give for each kind of terminal and each rule how far the reports are from the truth.

    Of `half`, the stores with odd numbers switch their terminals off when they close.
    """
    rules = [
        Policy(interpolation=each, evidence=may) for each in INTERPOLATIONS for may in EVIDENCE
    ]
    on, off = (
        _compare_one_kind(stores, rate, length, rules, off=off, told=told) for off in (False, True)
    )
    odd = pl.col("store_id") % 2 == 1
    for rule, stays, goes in zip(rules, on, off, strict=True):
        half = pl.concat([stays.filter(~odd), goes.filter(odd)])
        for terminals, compared in zip(TERMINALS, (stays, goes, half), strict=True):
            yield terminals, rule, compared


def _compare_one_kind(
    stores: int, rate: str, length: str, rules: Sequence[Policy], *, off: bool, told: bool
) -> list[pl.DataFrame]:
    dataset = make_dataset(
        stores,
        DAYS,
        seed=SEED,
        now=NOW,
        poll_every=rate,
        outage_length=length,
        off_when_closed=off,
    )
    truth = truth_at(dataset, AT)
    # Errors cost many times as much as reports; these are the cells of which the page tells them.
    shown = (rate, length) == SHOWN_BY_RULE

    def asks(rule: Policy) -> bool:
        return told and (shown or (rule == Policy() and not off))

    return [compare(report_at(dataset.inputs, AT, rule, told=asks(rule)), truth) for rule in rules]


def of_cell(grid: pl.DataFrame, cell: tuple[str, str]) -> pl.DataFrame:
    """Return the rows of one rate and one length of outages."""
    rate, length = cell
    return grid.filter(every=rate, length=length)


def score_grid(stores: int) -> pl.DataFrame:
    """Return a row for each cell of the grid, with its score."""
    rows = []
    for rate in RATES:
        sys.stderr.write(f"polled every {rate}\n")
        for length in LENGTHS:
            for terminals, policy, compared in compare_rules(stores, rate, length):
                cell = {
                    "every": rate,
                    "length": length,
                    "terminals": terminals,
                    "interpolation": policy.interpolation,
                    "evidence": policy.evidence,
                }
                rows += [
                    cell | {"window": name} | asdict(score(compared, name)) for name in MINUTES
                ]
    return pl.DataFrame(rows, infer_schema_length=None)
