"""The numbers above the table: of the fleet in each window, of its polls and its outages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

import polars as pl

from store_uptime._engine.unknown_time import REASONS
from store_uptime._html.behind import Behind
from store_uptime._html.words import NOTHING, by_clock_of, in_seconds, told_name, told_reasons
from store_uptime._results.outage_summary import summarize_outages
from store_uptime._results.rounding import percent, rounded
from store_uptime._results.summary import check_goal, summarize
from store_uptime._tables.report_times import in_microseconds
from store_uptime._time.units import UNIT_MICROSECONDS
from store_uptime.plot.words import plain_name, plain_share
from store_uptime.policy import Policy
from store_uptime.windows import AnyWindow

MOST_OUTAGES = 15
"""How many outages each list shows."""

_BAR_PARTS = {"uptime": "Up", "downtime": "Down", "unknown": "Unknown"}


class Card(NamedTuple):
    """The fleet in one window.

    Attributes
    ----------
    name, availability
        Of the window; in percent, or that nothing is known.
    parts
        Shares of the open time in thousandths: up, down and unknown.
    lines
        Further numbers, with what they are.
    """

    name: str
    availability: str
    parts: tuple[float, float, float]
    lines: list[tuple[str, str]]


def fleet_cards(behind: Behind, windows: Mapping[str, AnyWindow], target: float) -> list[Card]:
    """Return the numbers of all stores together, a card for each window."""
    summary = summarize(behind.report, windows=windows, target=target)
    return [
        _card(row, behind.facts.known[row["window"]], target)
        for row in summary.iter_rows(named=True)
    ]


def _card(row: Mapping[str, Any], known: float | None, target: float) -> Card:
    unit, scheduled = row["unit"], row["scheduled"]
    up, down, dark = (1000 * (row[part] / scheduled if scheduled else 0.0) for part in _BAR_PARTS)
    stores, unknown = row["stores"], row["stores_unknown"] - row["stores_closed"]
    told = row["availability_percent"]
    lines = [
        *((_BAR_PARTS[part], f"{two_decimals(row[part])} {unit}") for part in _BAR_PARTS),
        ("Known", "no open time" if known is None else f"{percent(known)} of the open time"),
        (
            f"Below {plain_share(check_goal(target))}",
            f"{row['stores_below_target']:,} of {stores:,} stores",
        ),
    ]
    if row["error_budget_used"] is not None:
        lines.append(("Error budget used", _budget(row["error_budget_used"])))
    if unknown:
        lines.append(("Nothing known", f"{unknown:,} of {stores:,} stores"))
    if row["stores_closed"]:
        lines.append(("No open time", f"{row['stores_closed']:,} of {stores:,} stores"))
    if row.get("uptime_error") is not None:
        lines += _error_lines(row)
    nothing = "no open time" if known is None else "nothing known"
    availability = nothing if told is None else in_percent(told)
    return Card(told_name(row["window"]), availability, (up, down, dark), lines)


def _error_lines(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    error = rounded(pl.Series("uptime_error", [row["uptime_error"]]), 2).item()
    without = row["stores_without_error"]
    left_out = f", without {without:,} stores" if without else ""
    return [("± error of the uptime", f"{error:,.2f} {row['unit']}{left_out}")]


def _budget(used: float) -> str:
    """Return the used share of the error budget in percent, rounded up."""
    if math.isinf(used):
        return "all, as no downtime is allowed"
    share = rounded(pl.Series("error_budget_used", [used]), 3).item()
    return f"{100 * share:,.1f} %"


def two_decimals(number: float) -> str:
    """Return a number with two decimals, rounded to the nearest."""
    return f"{number:,.2f}"


def in_percent(share: float) -> str:
    """Return an availability in percent, which has three decimals and was rounded down."""
    return "100 %" if share == 100 else f"{share:.3f} %"  # noqa: PLR2004  # all of it


# --- known and unknown time ----------------------------------------------------------------------


class Share(NamedTuple):
    """A part of the open time: what it is, and for each window its share and its time."""

    what: str
    cells: list[tuple[str, str]]


def known_shares(behind: Behind, windows: Mapping[str, AnyWindow], policy: Policy) -> list[Share]:
    """Return how the open time of each window divides into known and unknown, and why.

    The parts of a window add up to its open time to the microsecond, before each is rounded.
    """
    scheduled = {
        name: behind.report.select(
            in_microseconds(pl.col(f"scheduled_{name}"), window).sum()
        ).item()
        for name, window in windows.items()
    }
    unknown = dict.fromkeys(product(REASONS, windows), 0)
    unknown |= {(reason, name): time for name, reason, time, _ in behind.unknown.rows()}

    def share(what: str, times: Mapping[str, int]) -> Share:
        return Share(
            what,
            [
                (_share(times[name], scheduled[name]), _time(times[name], window))
                for name, window in windows.items()
            ],
        )

    dark = {name: sum(unknown[reason, name] for reason in REASONS) for name in windows}
    known = {name: scheduled[name] - dark[name] for name in windows}
    why = {reason: {name: unknown[reason, name] for name in windows} for reason in REASONS}
    told = told_reasons(policy)
    reasons = [share(told[reason], times) for reason, times in why.items() if any(times.values())]
    return [share("Known", known), *reasons, share("All open time", scheduled)]


def _share(time: int, of: int) -> str:
    if not of:
        return NOTHING
    if not time:
        return "0 %"
    # Known time is rounded down, and what is there is never nothing.
    return percent(Fraction(time, of))


def _time(time: int, window: AnyWindow) -> str:
    return f"{two_decimals(time / UNIT_MICROSECONDS[window.unit])} {window.unit}"


# --- outages -------------------------------------------------------------------------------------


class Outage(NamedTuple):
    """An outage in words; its times are by the store's own clock."""

    store: str
    start: str
    end: str
    downtime: str
    elapsed: str


def outage_facts(outages: pl.DataFrame) -> list[tuple[str, str]]:
    """Return what all outages have together."""
    row = summarize_outages(outages).row(0, named=True)
    mean = row["mean_downtime"]
    return [
        ("Outages", f"{row['outages']:,}"),
        ("Still going on", f"{row['ongoing']:,}"),
        ("Downtime together", in_seconds(row["downtime"])),
        ("The longest", in_seconds(row["longest"])),
        ("Mean time to repair", NOTHING if mean is None else in_seconds(mean)),
    ]


def longest_outages(behind: Behind, *, ongoing: bool) -> list[Outage]:
    """Return the outages with the most downtime, of those that go on or of all."""
    chosen = behind.outages.filter("ongoing") if ongoing else behind.outages
    rows = (
        chosen.sort("downtime", "start", descending=[True, False], maintain_order=True)
        .head(MOST_OUTAGES)
        .join(behind.zones, on="store_id", maintain_order="left")
    )
    return [_outage(row) for row in rows.iter_rows(named=True)]


def _outage(row: Mapping[str, Any]) -> Outage:
    zone = row["zone"]
    return Outage(
        plain_name(str(row["store_id"])),
        by_clock_of(zone, row["start"]),
        "goes on" if row["ongoing"] else by_clock_of(zone, row["end"]),
        in_seconds(row["downtime"]),
        in_seconds(row["elapsed"]),
    )
