"""Laws of calendar windows: how they lie to each other, and that the witness finds the same ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import CalendarWindow, Window
from store_uptime._engine.window_edges import find_window_edges
from store_uptime.windows import earliest_start
from support.frames import frames, report_of, spans_of
from support.oracle import Rules, Store
from support.strategies import ANCHORS, examples
from support.wall_clock import DAY, HOUR, WEEKDAYS, instant

LAW = examples(40)
PERIODS = ("day", "week", "month", "quarter", "year")
some_window = st.one_of(
    st.builds(CalendarWindow, st.sampled_from(PERIODS)),
    st.builds(CalendarWindow, st.just("week"), week_start=st.sampled_from(WEEKDAYS)),
    st.builds(CalendarWindow, st.sampled_from(("quarter", "year")), first_month=st.integers(1, 12)),
)
# What the last full one is made of, and how many of these there are at most from its start to now.
PARTS: dict[str, tuple[Any, int]] = {
    "week": ("day", 14),
    "month": ("day", 62),
    "quarter": ("month", 6),
    "year": ("quarter", 8),
}


def edges(window: CalendarWindow, zone: str, now: int) -> tuple[int, int]:
    """Return the first and the last instant of a window."""
    start, end = find_window_edges({"w": window}, [instant(now)], [zone]).row(0)[3:]
    return start, end


@examples(100)
@given(st.sampled_from(ANCHORS), st.integers(-DAY, 400 * DAY), some_window, st.integers(-5, 0))
def test_the_witness_walks_to_the_same_edges(
    anchor: tuple[str, int], later: int, kind: CalendarWindow, offset: int
) -> None:
    zone, near = anchor
    now = near + later
    window = replace(kind, offset=offset)
    (span,) = spans_of(now, {"w": (window, "hours")}, zone)
    assert edges(window, zone, now) == (span.start, span.end)


@LAW
@given(
    st.sampled_from(ANCHORS),
    st.integers(-3 * DAY, 60 * DAY),
    some_window.filter(lambda window: window.period in PARTS),
)
def test_parts_add_up_to_the_whole(
    anchor: tuple[str, int], offset: int, whole: CalendarWindow
) -> None:
    """Days to weeks and months, months to quarters, quarters to years, wherever these begin."""
    zone, near = anchor
    now = near + offset
    store = Store(
        1,
        zone,
        tuple((day, 22 * HOUR, 3 * HOUR) for day in range(7)),
        tuple((now - k * 7 * HOUR - k, k * k % 5 < 3) for k in range(130)),
    )
    kind, count = PARTS[whole.period]
    first_month = whole.first_month if kind == "quarter" else 1
    parts = [CalendarWindow(kind, -k, first_month=first_month) for k in range(count)]
    lengths: Any = {f"p{k}": (part, "seconds") for k, part in enumerate(parts)}
    lengths["whole"] = (whole, "seconds")
    row = report_of(frames([store]), instant(now), lengths, Rules()).row(0, named=True)
    first, last = edges(whole, zone, now)
    spans = [edges(part, zone, now) for part in parts]
    inside = [k for k, (start, end) in enumerate(spans) if first <= start and end <= last]
    for total in ("uptime", "downtime", "unknown", "scheduled"):
        added = sum(round(row[f"{total}_p{k}"] * 10**6) for k in inside)
        assert added == round(row[f"{total}_whole"] * 10**6), total
    assert row["scheduled_whole"] > 0


@LAW
@given(st.sampled_from(ANCHORS), st.integers(-DAY, DAY), some_window)
def test_periods_follow_upon_each_other(
    anchor: tuple[str, int], offset: int, window: CalendarWindow
) -> None:
    """Each ends where the next begins, and the running one holds now."""
    zone, near = anchor
    now = near + offset
    found = [edges(replace(window, offset=-k), zone, now) for k in range(4)]
    assert found[0][0] <= now == found[0][1]
    assert all(later[0] == earlier[1] for later, earlier in pairwise(found))


@LAW
@given(st.sampled_from(ANCHORS), st.integers(-DAY, 400 * DAY), st.integers(1, 9))
def test_quarters_are_the_same_from_each_of_their_first_months(
    anchor: tuple[str, int], offset: int, month: int
) -> None:
    zone, near = anchor
    for back in (0, -1, -5):
        one, other = (
            edges(CalendarWindow("quarter", back, first_month=each), zone, near + offset)
            for each in (month, month + 3)
        )
        assert one == other


@LAW
@given(st.sampled_from(ANCHORS), st.integers(-DAY, DAY), some_window)
def test_the_earliest_start_is_no_later_than_any(
    anchor: tuple[str, int], offset: int, window: CalendarWindow
) -> None:
    zone, near = anchor
    now = instant(near + offset)
    windows = {"w": window, "r": Window(relativedelta(months=1))}
    first = find_window_edges(windows, [now], [zone])["first_start"].item()
    assert first - 70 * DAY * 20 < earliest_start(windows, now) <= first
