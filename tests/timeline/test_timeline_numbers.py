"""Reports and outages from any pieces: against sums and walks in plain Python."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from store_uptime import (
    Policy,
    Window,
    compute_outages,
    compute_timeline,
    outages_from_timeline,
    report_from_timeline,
)
from support.comparing import bits
from support.frames import policy_of, windows_of
from support.settled import (
    DEFAULT_ZONE,
    Drawn,
    Piece,
    clipped,
    drawn_timelines,
    numbers_of,
    sums_of,
    timeline_frame,
)
from support.strategies import Scenario, examples, scenarios
from support.wall_clock import DAY, HOUR, instant

pytestmark = pytest.mark.filterwarnings("ignore:What lies outside of a timeline:UserWarning")

POLICY = Policy(default_timezone=DEFAULT_ZONE)
offsets = st.lists(st.sampled_from((1, HOUR, DAY, 30 * DAY)) | st.integers(0, 40 * DAY), max_size=4)


def ask(drawn: Drawn, **options: Any) -> pl.DataFrame:
    given_: dict[str, Any] = {
        "timeline": timeline_frame(drawn.pieces).sample(fraction=1, shuffle=True, seed=1),
        "timezones": drawn.timezones,
        "windows": windows_of(drawn.lengths),
        "policy": POLICY,
        "detail": True,
    }
    return report_from_timeline(**{**given_, **options})


# --- reports --------------------------------------------------------------------------------------


@examples(50)
@given(drawn_timelines())
def test_a_report_adds_up_the_parts_of_pieces_inside_its_windows(drawn: Drawn) -> None:
    report = ask(drawn, now=instant(drawn.now))
    assert report["store_id"].to_list() == sorted(drawn.stores)
    assert numbers_of(report, drawn.lengths) == drawn.expected(drawn.now)


@examples(40)
@given(drawn_timelines(), offsets, st.booleans())
def test_a_history_does_so_at_each_instant(drawn: Drawn, earlier: list[int], lazy: bool) -> None:  # noqa: FBT001
    nows = sorted({drawn.now, *(drawn.now - us for us in earlier)})
    options: dict[str, Any] = {"timeline": timeline_frame(drawn.pieces).lazy()} if lazy else {}
    history = ask(drawn, at=[instant(now) for now in reversed(nows)], **options)
    assert history["now"].unique(maintain_order=True).to_list() == [*map(instant, nows)]
    for now in nows:
        own = history.filter(pl.col("now") == instant(now)).drop("now")
        assert numbers_of(own, drawn.lengths) == drawn.expected(now)
        assert bits(own) == bits(ask(drawn, now=instant(now)))


@examples(40)
@given(drawn_timelines(), offsets, st.integers(1, 4))
def test_batches_change_nothing(drawn: Drawn, earlier: list[int], batch_stores: int) -> None:
    at = [instant(drawn.now - us) for us in (0, *earlier)]
    done: list[tuple[int, int]] = []
    found = ask(
        drawn, at=at, batch_stores=batch_stores, progress=lambda *stores: done.append(stores)
    )
    assert bits(found) == bits(ask(drawn, at=at))
    of = len(drawn.stores)
    ends = range(batch_stores, of + batch_stores, batch_stores) if of else [0]
    assert done == [(min(end, of), of) for end in ends]


@examples(30)
@given(drawn_timelines(), st.integers(1, 9 * DAY), st.integers(1, 9 * DAY))
def test_adjacent_windows_add_up(drawn: Drawn, late: int, early: int) -> None:
    def totals(now: int, length: int) -> list[list[tuple[int, int, int]]]:
        lengths: Any = {"w": (dt.timedelta(microseconds=length), "seconds")}
        report = ask(drawn, now=instant(now), windows=windows_of(lengths))
        return [*numbers_of(report, lengths).values()]

    whole = totals(drawn.now, late + early)
    parts = zip(totals(drawn.now, late), totals(drawn.now - late, early), strict=True)
    assert whole == [[tuple(map(sum, zip(*a, *b, strict=True)))] for a, b in parts]


@examples(20)
@given(drawn_timelines())
def test_one_window_over_the_whole_timeline_adds_up_all_pieces(drawn: Drawn) -> None:
    """No zones, no `now` and no `covers`: all there is."""
    every = [edge for own in drawn.pieces.values() for piece in own for edge in piece[:2]]
    assume(every)
    length = dt.timedelta(microseconds=max(every) - min(every))
    report = ask(drawn, timezones=None, windows={"w": Window(length)})
    found = numbers_of(report, {"w": (length, "hours")})
    assert found == {id_: [sums_of(own)] for id_, own in drawn.pieces.items() if own}


# --- outages --------------------------------------------------------------------------------------

Walked = list[tuple[int, int, int, bool, int, bool]]


def walked(pieces: list[Piece], until: int) -> Walked:
    """Walk along the pieces of one store; each one down goes on from the one before, or begins."""
    found: Walked = []
    before = ""
    for start, end, state in sorted(pieces):
        if state == "down":
            first, downtime = (found.pop()[0::2][:2]) if before == "down" else (start, 0)
            found.append((first, end, downtime + end - start, True, until - first, False))
        elif before == "down":
            first, last, downtime, *_ = found.pop()
            found.append((first, last, downtime, False, last - first, state == "up"))
        before = state
    return found


def outages_in(frame: pl.DataFrame) -> dict[int | str, Walked]:
    plain = frame.with_columns(pl.col(pl.Datetime, pl.Duration).to_physical())
    found: dict[int | str, Walked] = {}
    for store_id, *rest in plain.iter_rows():
        found.setdefault(store_id, []).append(tuple(rest))
    return found


@examples(50)
@given(drawn_timelines(), st.integers(0, 99), st.booleans(), st.none() | st.integers(0, DAY))
def test_outages_are_those_of_a_walk(
    drawn: Drawn,
    seed: int,
    lazy: bool,  # noqa: FBT001
    beyond: int | None,
) -> None:
    """Out of order or in order, in memory or not, up to the last piece or to the end of `covers`."""
    frame = timeline_frame(drawn.pieces)
    ends = [end for own in drawn.pieces.values() for _, end, _ in own]
    starts = [start for own in drawn.pieces.values() for start, _, _ in own]
    options: dict[str, Any] = {}
    if beyond is not None and ends:
        options["covers"] = (instant(min(starts)), instant(max(ends) + beyond))
    shown = frame.sample(fraction=1, shuffle=True, seed=seed) if seed else frame
    found = outages_from_timeline(shown.lazy() if lazy else shown, **options)
    assert found.select("store_id", "start").rows() == sorted(
        found.select("store_id", "start").rows()
    )
    expected = {
        store_id: outages
        for store_id, own in drawn.pieces.items()
        if (outages := walked(own, max(ends, default=0) + (beyond or 0)))
    }
    assert outages_in(found) == expected


@examples(40)
@given(scenarios(), st.integers(1, 9 * DAY))
def test_outages_are_those_of_the_polls_where_both_know(scenario: Scenario, length: int) -> None:
    """Up to the last open time; what comes then, the polls alone can say."""
    start, now = instant(scenario.now - length), instant(scenario.now)
    given_: Any = {"start": start, "policy": policy_of(scenario.rules), **scenario.extra}
    timeline = compute_timeline(*scenario.tables, now, **given_)
    found = outages_from_timeline(timeline, covers=(start, now))
    expected = compute_outages(*scenario.tables, now, **given_).select(found.columns)
    where = ["store_id", "start", "end", "downtime"]
    assert bits(found.select(where)) == bits(expected.select(where))
    ends = ~found["ongoing"]
    assert bits(found.filter(ends)) == bits(expected.filter(ends))
    assert not found.filter("ongoing")["recovered"].any()
    both = expected["ongoing"]
    assert bits(found.filter(both)) == bits(expected.filter(both))


@examples(30)
@given(drawn_timelines())
def test_the_downtime_of_outages_is_that_of_the_pieces(drawn: Drawn) -> None:
    found = outages_in(outages_from_timeline(timeline_frame(drawn.pieces)))
    down = {store_id: sums_of(own)[1] for store_id, own in drawn.pieces.items()}
    assert {store_id: sum(row[2] for row in rows) for store_id, rows in found.items()} == {
        store_id: us for store_id, us in down.items() if us
    }
    for store_id, rows in found.items():
        for start, end, downtime, *_ in rows:
            inside = clipped(drawn.pieces[store_id], start, end)
            assert sums_of(inside) == (0, downtime, 0)
