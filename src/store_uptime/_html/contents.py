"""What the template shows: from a report and what lies behind it to texts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from store_uptime._csv.lenient import stores_left_out, told_stores
from store_uptime._html.behind import Behind
from store_uptime._html.figures import (
    MOST_OUTAGES,
    fleet_cards,
    known_shares,
    longest_outages,
    outage_facts,
)
from store_uptime._html.stores import STATIC_ROWS, StoreTable
from store_uptime._html.words import (
    NOTHING,
    in_seconds,
    told_name,
    told_rules,
    told_span,
    told_utc,
    told_window,
)
from store_uptime._results.summary import check_goal
from store_uptime._tables.contract import TABLES
from store_uptime._tables.gather import Given
from store_uptime._version import installed_version
from store_uptime.inputs import REJECTED_SCHEMA, Inputs
from store_uptime.plot.words import plain_name, plain_share
from store_uptime.policy import Policy
from store_uptime.windows import AnyWindow

_MOST_REASONS = 20
_CONTENTS = (
    ("fleet", "The fleet"),
    ("known", "What is known"),
    ("charts", "Charts"),
    ("outages", "Outages"),
    ("stores", "All stores"),
    ("rejected", "Rows left out"),
    ("asked", "What was asked"),
)


class PageOrder(NamedTuple):
    """What a page is asked for.

    Attributes
    ----------
    tables
        The names of those that were given.
    rejected
        The rows that a lenient load left out, as `Inputs` has them.
    title
        ``None`` is one that says how many stores there are.
    """

    tables: tuple[str, ...]
    rejected: pl.DataFrame
    windows: Mapping[str, AnyWindow]
    policy: Policy
    target: float
    title: str | None


def page_order(given: Given, status: object, **others: Any) -> PageOrder:
    """Return what a page is asked for, of the tables of a call."""
    rejected = status.rejected if isinstance(status, Inputs) else REJECTED_SCHEMA.to_frame()
    return PageOrder(tuple(given.tables), rejected, **others)


def page_parts(behind: Behind, order: PageOrder, table: StoreTable) -> dict[str, Any]:
    """Return all texts of the page."""
    windows, count = order.windows, behind.report.height
    stores = f"{count:,} store{'' if count == 1 else 's'}"
    title = f"Uptime of {stores}" if order.title is None else plain_name(order.title)
    some = f"the first {STATIC_ROWS} stores" if count > STATIC_ROWS else f"all {stores}"
    return {
        "title": title,
        "version": installed_version(),
        "lead": f"{stores}, up to {told_utc(behind.facts.now)}",
        "contents": _CONTENTS,
        "warnings": [behind.facts.text()] if behind.facts.is_due else [],
        "names": [*map(told_name, windows)],
        "cards": fleet_cards(behind, windows, order.target),
        "shares": known_shares(behind, windows, order.policy),
        "poll_facts": _poll_facts(behind),
        "since": _to_second(behind.span[0]),
        "outage_facts": outage_facts(behind.outages),
        "outage_lists": _outage_lists(behind),
        "table": table,
        "table_note": _table_note(),
        "static_note": some,
        "rejected": _rejected(order.rejected),
        "asked": _order_facts(behind, order),
        "windows": _windows(behind, windows),
        "rules": told_rules(order.policy),
    }


def _poll_facts(behind: Behind) -> list[tuple[str, str]]:
    """Return what the polls in the windows and their look-back are worth, all together."""
    described = behind.described
    told = [
        ("Polls that were looked at", f"{described['polls'].sum():,}"),
        ("Both up and down at one instant", f"{described['conflicting'].sum():,}"),
        ("While the store was closed", f"{described['outside_hours'].sum():,}"),
        ("Stores without a poll", f"{(described['polls'] == 0).sum():,}"),
        ("Median gap, in open time", _length(described["median_gap"].median())),
    ]
    if behind.gaps.ratio is not None:
        told.append(("Gap ratio", f"{behind.gaps.ratio:.2f}"))
    return told


def _to_second(instant: dt.datetime) -> str:
    return told_utc(instant.replace(microsecond=0))


def _length(length: Any) -> str:
    return NOTHING if length is None else in_seconds(length)


def _outage_lists(behind: Behind) -> list[tuple[str, str, list[Any]]]:
    clock = "Times are by the store's own clock; lengths are cut to the second."
    ongoing, every = longest_outages(behind, ongoing=True), longest_outages(behind, ongoing=False)
    most = f"At most {MOST_OUTAGES}, those with the most open time down first. {clock}"
    return [("Still going on", most, ongoing), ("The longest", most, every)]


def _table_note() -> str:
    return (
        "Times are rounded to two decimals. Availability is in percent of the known time, rounded "
        f"down to three decimals, so 100.000 is no downtime at all; {NOTHING} is nothing known."
    )


def _rejected(rejected: pl.DataFrame) -> dict[str, Any] | None:
    if rejected.is_empty():
        return None
    stores = stores_left_out(rejected)
    counts = rejected.group_by("table", "reason").len("rows")
    rows = counts.sort("table", "rows", "reason", descending=[False, True, False])
    lead = (
        f"{rejected.height:,} rows could not be used, and were left out when the tables were read."
    )
    if stores:
        lead += f" {told_stores([plain_name(store) for store in stores])}"
    if rows.height > _MOST_REASONS:
        lead += f" The first {_MOST_REASONS} of {rows.height:,} kinds:"
    shown = rows.head(_MOST_REASONS).rows()
    return {"lead": lead, "rows": [(name, why, f"{count:,}") for name, why, count in shown]}


def _order_facts(behind: Behind, order: PageOrder) -> list[tuple[str, str]]:
    described, facts = behind.described, behind.facts
    first, last = (
        "none" if poll is None else _to_second(poll) for poll in (facts.first_poll, facts.last_poll)
    )
    absent = [name for name in TABLES if name not in order.tables]
    hours, zones = (f"{described[column].sum():,}" for column in ("has_hours", "has_timezone"))
    return [
        ("Everything ends at (now)", told_utc(facts.now)),
        ("First poll in the table", first),
        ("Last poll in the table", last),
        ("Target", plain_share(check_goal(order.target))),
        ("Tables given", ", ".join(order.tables)),
        ("Tables not given", ", ".join(absent) or "none"),
        ("Stores with hours", f"{hours}; others are always open"),
        ("Stores with a time zone", f"{zones}; others are in {order.policy.default_timezone}"),
    ]


def _windows(behind: Behind, windows: Mapping[str, AnyWindow]) -> list[tuple[str, str, str, str]]:
    zones, now = behind.zones["zone"].unique().to_list(), behind.facts.now
    return [
        (
            plain_name(name),
            told_window(window),
            told_span(window, behind.spans[name], zones, now),
            window.unit,
        )
        for name, window in windows.items()
    ]
