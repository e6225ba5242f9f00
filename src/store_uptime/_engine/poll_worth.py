"""What the polls of each store are worth: how many, how regular, and whether some go missing.

The polls of a store are neighbours on the axis. So how many it has of a kind is the difference of
two places among all sorted polls of that kind, and the open time between two of them the difference
of two readings.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import polars as pl

from store_uptime._engine.axis import Axis
from store_uptime._engine.batches import Batch
from store_uptime._engine.evidence import evidence_inside
from store_uptime._engine.packed_polls import (
    at_one_instant,
    disagree,
    first_at,
    position_of,
    rank_of,
    says_up,
)
from store_uptime._engine.pieces import instant_of
from store_uptime._engine.running_totals import OPEN_TIME, read_open_time

_GAP_DTYPE = pl.Duration("us")


@dataclass(frozen=True, slots=True)
class GapSums:
    """The gaps of many stores: how many follow inactive and active polls, and how long they are.

    Lengths are microseconds of open time, all gaps together.
    """

    count_inactive: int = 0
    count_active: int = 0
    length_inactive: int = 0
    length_active: int = 0

    def __add__(self, other: GapSums) -> GapSums:
        return GapSums(*map(sum, zip(astuple(self), astuple(other), strict=True)))

    @property
    def ratio(self) -> float | None:
        """The mean gap after inactive polls over that after active ones; ``None`` without both."""
        if not self.count_inactive or not self.length_active:
            return None
        inactive = self.length_inactive * self.count_active
        return inactive / (self.length_active * self.count_inactive)


def describe_batch(batch: Batch) -> tuple[pl.DataFrame, GapSums]:
    """Return the stores of the batch as `describe_polls` gives them, and the sums of their gaps."""
    clock = _on_open_clock(batch)
    first, last = _at_ends(clock, _find_places(batch.evidence, batch.axis))
    sums = _sum_gaps(first, last)
    gaps = _measure_gaps(batch, clock["length"], last["length"])
    rows = pl.concat([batch.stores.table, _count_kinds(batch), gaps, sums], how="horizontal")
    evidence, after_inactive = pl.col("evidence"), pl.col("count_inactive")
    described = rows.select(
        "store_id",
        pl.col("polls", "repeated", "conflicting", "outside_hours").cast(pl.UInt32),
        instant_of(batch, pl.col("first_poll")),
        instant_of(batch, pl.col("last_poll")),
        evidence.cast(pl.UInt32),
        pl.when(evidence > 0).then(pl.col("inactive") / evidence).alias("inactive_share"),
        pl.col("median_gap", "longest_gap").cast(_GAP_DTYPE),
        pl.when(after_inactive > 0, pl.col("length_active") > 0)
        .then(_mean_gap("inactive") / _mean_gap("active"))
        .alias("gap_ratio"),
        after_inactive.cast(pl.UInt32).alias("gaps_after_inactive"),
        pl.col("i").is_in(batch.stores.hours["i"].unique().implode()).alias("has_hours"),
        pl.col("has_zone").alias("has_timezone"),
    )
    return described, GapSums(**sums.sum().row(0, named=True))


def _mean_gap(kind: str) -> pl.Expr:
    return pl.col(f"length_{kind}") / pl.col(f"count_{kind}")


# --- a row for each store -----------------------------------------------------------------------


def _count_kinds(batch: Batch) -> pl.DataFrame:
    """Return how many polls of each kind there are, and the positions of the first and the last."""
    polls, poll, before = batch.polls.to_frame(), pl.col("poll"), pl.col("poll").shift(1)
    inside = evidence_inside(batch.evidence, batch.sessions, batch.policy)
    kinds = {
        "polls": batch.polls,
        "repeated": polls.filter(poll == before)["poll"],
        "conflicting": polls.filter(at_one_instant(poll, before) & disagree(poll, before))["poll"],
        "inside": inside,
        "evidence": batch.evidence,
        "inactive": batch.evidence.to_frame().filter(~says_up(poll))["poll"],
    }
    places = {name: _find_places(kind, batch.axis) for name, kind in kinds.items()}
    first, last = _at_ends(polls.select(position_of(poll)), places["polls"])
    instants = pl.col("polls") - pl.col("repeated") - pl.col("conflicting")
    return pl.DataFrame([each["count"].alias(name) for name, each in places.items()]).with_columns(
        outside_hours=instants - pl.col("inside"), first_poll=first["poll"], last_poll=last["poll"]
    )


def _sum_gaps(first: pl.DataFrame, last: pl.DataFrame) -> pl.DataFrame:
    """Return how many gaps follow polls of each state, and their length, as `GapSums` has them.

    `first` and `last` are what lies before the first and the last piece of evidence.
    """
    passed = (last - first).fill_null(0)
    return passed.select(
        "count_inactive",
        "length_inactive",
        count_active=pl.col("count") - pl.col("count_inactive"),
        length_active=pl.col("length") - pl.col("length_inactive"),
    )


def _measure_gaps(batch: Batch, clock: pl.Series, last: pl.Series) -> pl.DataFrame:
    """Return the median gap, and the longest one or the way from the last poll to `now`.

    `clock` is the open time before each piece of evidence, `last` that before the last of a store.
    """
    axis = batch.axis
    start = batch.stores.table["i"] * axis.length
    gaps = _sort_gaps(batch.evidence, clock, axis)
    places = _find_places(gaps, axis)
    first, count = places["first"], places["count"]
    lower, upper, longest = (
        position_of(gaps.gather(index)) - start
        for index in (first + (count - 1) // 2, first + count // 2, places["last"])
    )
    until_now = _open_time_before(start + (axis.length - 1), batch) - last
    return pl.select(
        median_gap=(lower + upper) // 2, longest_gap=pl.max_horizontal(longest, until_now)
    )


# --- along the axis -----------------------------------------------------------------------------


def _on_open_clock(batch: Batch) -> pl.DataFrame:
    """Return what lies before each piece of evidence, over all stores.

    These are `count` (polls) and `length` (open time), and of them `count_inactive` (polls that say
    down) and `length_inactive` (open time from each of these to the next poll).
    """
    evidence = batch.evidence.to_frame()
    length = _open_time_before(position_of(batch.evidence), batch)
    down = ~says_up(pl.col("poll"))
    spent = pl.when(down).then(pl.lit(length.shift(-1) - length)).otherwise(0)
    return evidence.select(
        count=pl.int_range(pl.len(), dtype=pl.Int64),
        length=length,
        count_inactive=down.cast(pl.Int64).cum_sum().shift(1, fill_value=0),
        length_inactive=spent.cum_sum().shift(1, fill_value=0),
    )


def _open_time_before(positions: pl.Series, batch: Batch) -> pl.Series:
    points = positions.alias("x").to_frame().lazy()
    return read_open_time(points, batch.sessions).collect(engine="streaming")[OPEN_TIME]


def _sort_gaps(evidence: pl.Series, clock: pl.Series, axis: Axis) -> pl.Series:
    """Return the gaps between neighbours of one store, sorted by store and length.

    Each is packed as a poll that sits so far from the start of the store's stretch.
    """
    rank = rank_of(evidence, axis)
    gaps = first_at(rank * axis.length + clock.shift(-1) - clock)
    return gaps.filter(rank == rank.shift(-1)).sort()


def _find_places(polls: pl.Series, axis: Axis) -> pl.DataFrame:
    """Return where those of each store lie among sorted, packed polls: `count`, `first`, `last`.

    The last two are indices, null where there are none.
    """
    ranks = pl.int_range(axis.stores + 1, dtype=pl.Int64, eager=True)
    before = polls.search_sorted(first_at(ranks * axis.length)).cast(pl.Int64)
    count, there = before.diff().tail(-1), before.diff().tail(-1) > 0
    first, last = before.head(-1), before.tail(-1) - 1
    return pl.select(count=count, first=pl.when(there).then(first), last=pl.when(there).then(last))


def _at_ends(columns: pl.DataFrame, places: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows at the first and at the last place of each store."""
    first, last = (columns.select(pl.all().gather(places[end])) for end in ("first", "last"))
    return first, last
