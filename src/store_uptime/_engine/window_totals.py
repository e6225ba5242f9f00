"""What every store has in every window, read from the running totals of its batch.

The totals run over the polls that any report of the batch knows. One report knows no poll before
its own lookback, and none after its own `now`. Between the oldest and the newest poll that it does
know, it says what the totals say; before and after, one of these two polls speaks alone. So what a
window holds is a difference of readings between the two, and open time outside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl

from store_uptime._effort import run, run_as_written
from store_uptime._engine.batches import Batch
from store_uptime._engine.packed_polls import first_at, last_at, position_of, says_up
from store_uptime._engine.running_totals import OPEN_TIME, read_totals
from store_uptime._engine.states import DOWN, PROVED_DOWN, PROVED_UP, UP, cut_states
from store_uptime._engine.window_edges import end_of, start_of
from store_uptime.policy import Policy

_TOTALS = {"uptime": (UP, PROVED_UP), "downtime": (DOWN, PROVED_DOWN)}
_PROOFS = {"proved_up": (PROVED_UP,), "proved_down": (PROVED_DOWN,)}


def total_in(window: str, quantity: str) -> str:
    """Return the column of what a window holds of a quantity."""
    return f"{quantity}@{window}"


def total_windows(
    batch: Batch, edges: pl.DataFrame, windows: Sequence[str], *, detail: bool
) -> pl.DataFrame:
    """Return what every window holds.

    Parameters
    ----------
    batch
        The stores.
    edges
        Where the windows begin and end, as `find_window_edges` gives it.

    Returns
    -------
    pl.DataFrame
        `store_id`, `now` and, for each window, the columns `total_in` of uptime, downtime and
        scheduled, with `detail` also of proved_up, proved_down (microseconds) and polls; Int64.
        One row for each store and `now`, sorted by store, then by `now`.
    """
    ends = _points_of(edges, windows)
    points = list(dict.fromkeys(point for pair in ends.values() for point in pair))
    rows = points_on_axis(batch, edges, points)
    totals = _TOTALS | _PROOFS if detail else _TOTALS
    # A single report knows all that the totals know, and they say all there is to say.
    partial = _knows_less(batch, edges)
    if partial:
        rows = rows.hstack(_known_polls(batch, rows))
        points += ["oldest", "newest"]
        points += [] if batch.policy.max_gap_us is None else ["oldest_reach", "newest_reach"]
    rows = rows.hstack(_readings(batch, [rows[point] for point in points], totals, proofs=detail))
    columns: list[pl.Expr] = []
    for name, (start, end) in ends.items():
        if partial:
            parts = [*_known_states(totals, start, end, batch.policy)]
        else:
            parts = [_passed(total, start, end).alias(total) for total in totals]
        parts.append(_passed(OPEN_TIME, start, end).alias("scheduled"))
        if detail:
            parts.append(_count_polls(batch, rows, start, end))
        columns += [part.alias(total_in(name, part.meta.output_name())) for part in parts]
    return rows.select("store_id", "now", *columns)


# --- points -------------------------------------------------------------------------------------


def _points_of(edges: pl.DataFrame, windows: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the columns of `edges` in which each window begins and ends, each only once."""
    first_of: dict[tuple[int, ...], str] = {}
    ends = {}
    for name in windows:
        pair = (start_of(name), end_of(name))
        start, end = (first_of.setdefault(tuple(edges[edge]), edge) for edge in pair)
        ends[name] = (start, end)
    return ends


def points_on_axis(batch: Batch, edges: pl.DataFrame, points: Sequence[str]) -> pl.DataFrame:
    """Return a row for each store and `now`: `store_id`, `i`, `now`, and positions on the axis.

    These are `points`, `until` (`now`) and `since` (where evidence begins).
    """
    axis = batch.axis
    since = pl.col("first_start") - axis.limit(batch.policy.lookback_us)
    instants = {point: pl.col(point) for point in points}
    instants |= {"until": pl.col("now"), "since": pl.max_horizontal(since, axis.first)}
    rows = batch.stores.table.lazy().join(edges.lazy(), on="z").sort("i", "now")
    positions = {name: axis.position(pl.col("i"), instant) for name, instant in instants.items()}
    return run_as_written(rows.select("store_id", "i", "now", **positions))


def _knows_less(batch: Batch, edges: pl.DataFrame) -> bool:
    """Return whether the report of some row may not know all polls of its stretch."""
    axis = batch.axis
    latest_start, earliest_now = max(edges["first_start"]), min(edges["now"])
    since = latest_start - axis.limit(batch.policy.lookback_us)
    return bool(since > axis.first or earliest_now < axis.last)


def _known_polls(batch: Batch, rows: pl.DataFrame) -> pl.DataFrame:
    """Return whether the report of each row knows any poll (`known`), its oldest and its newest.

    These are `oldest` and `newest` (positions), `oldest_up` and `newest_up` (what they say), and
    `oldest_reach` and `newest_reach` (how far they may speak for what lies outside).
    """
    evidence = batch.evidence.to_frame().lazy().select(oldest="poll", newest="poll")
    since, until = first_at(pl.col("since")), last_at(pl.col("until"))
    polls = rows.lazy().select(since=since, until=until, row=pl.int_range(pl.len()))
    # Months are of different lengths, so that a later report may begin earlier.
    polls = polls.sort("since").join_asof(
        evidence.select("oldest"),
        left_on="since",
        right_on="oldest",
        strategy="forward",
        coalesce=False,
    )
    polls = polls.sort("until").join_asof(
        evidence.select("newest"), left_on="until", right_on="newest", coalesce=False
    )
    limit = batch.axis.limit(batch.policy.max_gap_us)
    ends = pl.col("oldest", "newest")
    known = (
        polls.sort("row")
        .with_columns(known=(pl.col("oldest") <= pl.col("until")).fill_null(value=False))
        .with_columns(pl.when("known").then(ends).otherwise(pl.col("since")))
        .select(
            "known",
            position_of(ends),
            says_up(ends).name.suffix("_up"),
            oldest_reach=position_of(pl.col("oldest")) - limit,
            newest_reach=position_of(pl.col("newest")) + limit,
        )
    )
    return run(known, max(rows.height, len(batch.evidence)))


# --- readings -----------------------------------------------------------------------------------


def _reading(total: str, point: str) -> str:
    """Return the column of what a running total reads at a point."""
    return f"{total}|{point}"


def _readings(
    batch: Batch,
    points: Sequence[pl.Series],
    totals: Mapping[str, tuple[int, ...]],
    *,
    proofs: bool,
) -> pl.DataFrame:
    """Return what every running total reads at `points`, a column for each of both."""
    stacked = pl.concat(points).alias("x").to_frame().with_row_index("place")
    states = cut_states(batch.evidence, batch.axis, batch.policy, proofs=proofs)
    read = read_totals(stacked.lazy().sort("x"), states, batch.sessions, totals)
    readings = run(read.sort("place"), max(stacked.height, states.height))
    return pl.DataFrame(
        [
            readings[total]
            .slice(number * len(point), len(point))
            .alias(_reading(total, point.name))
            for number, point in enumerate(points)
            for total in (OPEN_TIME, *totals)
        ]
    )


# --- differences --------------------------------------------------------------------------------


def _passed(total: str, start: str, end: str) -> pl.Expr:
    """Return how far a running total went from one point to another."""
    return pl.col(_reading(total, end)) - pl.col(_reading(total, start))


def _known_states(totals: Iterable[str], start: str, end: str, policy: Policy) -> Iterator[pl.Expr]:
    """Yield how far the totals go between two points by the polls that a row's report knows."""
    alone = _alone(start, end, policy)
    for total in totals:
        known = _between_polls(total, start, end)
        if total in _TOTALS:
            for poll, open_time in alone.items():
                said = pl.col(f"{poll}_up") == (total == "uptime")
                known += pl.when(said).then(open_time.clip(0)).otherwise(0)
        yield pl.when("known").then(known).otherwise(0).alias(total)


def _between_polls(total: str, start: str, end: str) -> pl.Expr:
    """Return how far a total went from one point to another, between oldest and newest poll."""
    # A total never goes back, so clipping the readings does what clipping the points would.
    oldest, newest = pl.col(_reading(total, "oldest")), pl.col(_reading(total, "newest"))
    first, last = (pl.col(_reading(total, each)).clip(oldest, newest) for each in (start, end))
    return last - first


def _alone(start: str, end: str, policy: Policy) -> dict[str, pl.Expr]:
    """Return the open time for which the oldest or the newest poll speaks alone.

    It is negative where that lies outside the window.
    """

    def open_time(point: str) -> pl.Expr:
        return pl.col(_reading(OPEN_TIME, point))

    since, until = open_time(start), open_time(end)
    if policy.max_gap_us is not None:
        since = pl.max_horizontal(since, open_time("oldest_reach"))
        until = pl.min_horizontal(until, open_time("newest_reach"))
    alone = {"newest": until - pl.max_horizontal(open_time(start), open_time("newest"))}
    if policy.backfill:
        alone["oldest"] = pl.min_horizontal(open_time(end), open_time("oldest")) - since
    return alone


def _count_polls(batch: Batch, rows: pl.DataFrame, start: str, end: str) -> pl.Expr:
    """Return the number of polls from one point to another, with one at `now` if it ends there."""
    stop = rows[end] + (rows[end] == rows["until"]).cast(pl.Int64)
    edges = (first_at(rows[start]), first_at(stop))
    before, until = (batch.evidence.search_sorted(edge).cast(pl.Int64) for edge in edges)
    return pl.lit(until - before).alias("polls")
