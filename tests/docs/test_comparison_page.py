"""The numbers of other tools on the page that compares: those of their rules."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import polars as pl
import pytest

from store_uptime import CalendarWindow, compute_report
from store_uptime.testing import polls, weekly
from support import other_tools
from support.other_tools import HOUR, ZONE, Input, Poll, Told, overlap

PAGE = Path(__file__).parents[2] / "docs/comparison.md"
if not PAGE.is_file():
    pytest.skip("the page is not beside these tests", allow_module_level=True)

TEXT = PAGE.read_text(encoding="utf-8")
POLLS = "\n".join(re.findall(r"^\.\.\.     (7 .* (?:up|down).*)$", TEXT, re.MULTILINE))
STATUS = polls(POLLS, week="2024-03-04", zone="America/New_York")
HOURS = weekly("7 Mon-Sun 09:00-17:00")
ZONES = pl.DataFrame({"store_id": [7], "timezone_str": ["America/New_York"]})
NOW = "2024-03-11T00:00:00-04:00"


def local(day: int, hour: int) -> int:
    return int(dt.datetime(2024, 3, day, hour, tzinfo=ZONE).timestamp())


STORE = Input(
    [Poll(int(at.timestamp()), state == "active") for _, at, state in STATUS.rows()],
    opens=9,
    closes=17,
    monday=dt.date(2024, 3, 4),
    silent=(local(5, 18), local(8, 10)),
)
INSIDE = STORE._replace(
    polls=[p for p in STORE.polls if any(a <= p.at < b for a, b in STORE.sessions)]
)


def ours() -> Told:
    windows = {"w": CalendarWindow("week")}
    report = compute_report(STATUS, HOURS, ZONES, NOW, windows=windows, detail=True)
    row = report.row(0, named=True)
    parts = (row["uptime_w"], row["downtime_w"], row["unknown_w"])
    return Told(*parts, 100 * row["availability_w"])


def last_observation() -> Told:
    monday, end = STORE.week
    states = other_tools.held(STORE, since=monday)
    up, down = (overlap(states[state], STORE.sessions) for state in (True, False))
    return Told(
        up, down, overlap([(monday, end)], STORE.sessions) - up - down, 100 * up / (up + down)
    )


TIMES = {
    "**store_uptime**": ours(),
    "Nagios, no report period": other_tools.nagios(STORE, always=True),
    "Nagios, report period": other_tools.nagios(STORE),
    "Nagios, report period, state not assumed while it was stopped": other_tools.nagios(
        STORE, assume_while_stopped=False
    ),
    "Nagios, report period, checks in opening hours only": other_tools.nagios(INSIDE),
    "Icinga": other_tools.icinga(STORE),
    "Icinga, downtime whenever it is closed": other_tools.icinga(STORE, downtimes_when_closed=True),
    "Zabbix, SLA with a schedule": other_tools.zabbix(STORE),
    "Checkmk, service period": other_tools.checkmk(STORE),
    "Toolkit, `heartbeat_agg` of 4 hours": other_tools.heartbeat_agg(STORE, 4 * HOUR),
    "Toolkit, the same cut to the open hours": other_tools.heartbeat_agg(STORE, 4 * HOUR, cut=True),
    "Toolkit, `duration_in` of `state_agg`": other_tools.state_agg(STORE),
    "Toolkit, `interpolated_duration_in`": other_tools.state_agg(STORE, interpolated=True),
    "SQL, last observation": last_observation(),
}
COUNTS = {
    "Uptime Kuma": other_tools.uptime_kuma(STORE),
    "Uptime Kuma, maintenance whenever it is closed": other_tools.uptime_kuma(
        STORE, maintenance_when_closed=True
    ),
    "Prometheus": other_tools.prometheus(STORE),
    "SQL, share of polls in opening hours": (
        sum(poll.up for poll in INSIDE.polls),
        sum(not poll.up for poll in INSIDE.polls),
    ),
}


def table(head: str) -> dict[str, list[float]]:
    """Return the numbers of the table whose first column has that head, by their labels."""
    rows = re.search(rf"^\| {re.escape(head)}.*\n\|.*\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    assert rows
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in rows[1].splitlines()]
    return {label: [float(cell.removesuffix(" %")) for cell in rest] for label, *rest in cells}


def test_hours_of_the_table() -> None:
    shown = table("tool | percentage | hours up")
    assert list(shown) == list(TIMES)
    for label, (up, down, neither, percent) in TIMES.items():
        assert shown[label] == [pytest.approx(percent, abs=0.05), up, down, neither], label


def test_polls_of_the_table() -> None:
    shown = table("tool | percentage | polls up")
    assert list(shown) == list(COUNTS)
    for label, (up, down) in COUNTS.items():
        assert shown[label] == [pytest.approx(100 * up / (up + down), abs=0.05), up, down], label


def test_the_days_by_hand() -> None:
    shown = table("day | held")
    windows = {f"d{day}": CalendarWindow("day", day - 7) for day in range(7)}
    row = compute_report(STATUS, HOURS, ZONES, NOW, windows=windows, detail=True).row(0, named=True)
    states = other_tools.held(STORE)
    days = []
    for day, session in enumerate(STORE.sessions):
        held = [overlap(states[state], [session]) for state in (True, False)]
        here = [row[f"{part}_d{day}"] for part in ("uptime", "downtime", "unknown")]
        days.append([*held, *here])
    assert list(shown.values()) == [*days, [sum(column) for column in zip(*days, strict=True)]]


def test_the_numbers_in_the_text() -> None:
    text = " ".join(TEXT.split())
    first, last = STORE.week
    assert f"the week has {(last - first) // HOUR} hours" in text
    known = TIMES["Checkmk, service period"]
    assert f"28 of 39 hours, {100 * known.up / (known.up + known.down):.1f} %" in text
    up, down = COUNTS["SQL, share of polls in opening hours"]
    assert f"is {56 * up / (up + down):.1f} hours up" in text
