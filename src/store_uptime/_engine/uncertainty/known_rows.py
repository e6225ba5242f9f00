"""What the report of each instant knows of each store, by the open clock."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from store_uptime._engine.batches import Batch
from store_uptime._engine.packed_polls import first_at, position_of
from store_uptime._engine.uncertainty.open_clock import Clocked, first_equals
from store_uptime._engine.window_edges import end_of, start_of
from store_uptime._engine.window_totals import points_on_axis

_FEWEST = 2  # One poll alone says nothing of how often a store changes.


def first_in(window: str) -> str:
    """Return the column of the first known poll from the start of a window on."""
    return f"first@{window}"


def last_in(window: str) -> str:
    """Return the column of the last known poll up to the end of a window."""
    return f"last@{window}"


def know_rows(
    batch: Batch, inside: Clocked, edges: pl.DataFrame, windows: Sequence[str]
) -> pl.DataFrame:
    """Return a row for each store and instant with two known polls at least inside open time.

    Returns
    -------
    pl.DataFrame
        `store_id`, `i` (the rank of the store) and `now`; `since` and `until` (positions between
        which polls are known); `oldest` and `newest` (the indices of the first and the last of
        these among `inside`), `oldest_up` and `newest_up` (what they say), `passed` (how far they
        are apart) and `gap` (how far neighbours are on average, Float64). For each window the
        columns `first_in` and `last_in` (indices, one after `newest` and one before `oldest` where
        there is no poll), and the columns `start_of` and `end_of`: between which it can be known,
        an end before the start if nothing is. Times are microseconds on the open clock. Sorted by
        `i` and `now`.
    """
    starts, ends = ([edge(name) for name in windows] for edge in (start_of, end_of))
    rows = points_on_axis(batch, edges, [*starts, *ends])
    rows = rows.with_columns(
        oldest=inside.first_from(rows["since"]), newest=inside.last_until(rows["until"])
    ).filter(pl.col("newest") - pl.col("oldest") + 1 >= _FEWEST)
    same = same_columns(rows, [*starts, *ends])
    first = {edge: inside.first_from(rows[edge]) for edge in {same[each] for each in starts}}
    last = {edge: inside.last_until(rows[edge]) for edge in {same[each] for each in ends}}
    indices = {first_in(name): first[same[start_of(name)]] for name in windows}
    indices |= {last_in(name): last[same[end_of(name)]] for name in windows}
    spoken = _spoken_for(batch, rows)
    clock = inside.clock_at(spoken.with_columns(rows[edge] for edge in set(same.values())))
    begin, stop = pl.col("begin"), pl.col("stop")
    return (
        rows.select("store_id", "i", "now", "since", "until", "oldest", "newest")
        .with_columns(**indices, **_ends_of(inside, rows))
        .hstack(clock.select("begin", "stop", **same))
        .with_columns(
            *(pl.max_horizontal(start, begin) for start in starts),
            *(pl.min_horizontal(end, stop) for end in ends),
        )
        .drop("begin", "stop")
    )


def same_columns(rows: pl.DataFrame, names: Sequence[str]) -> dict[str, str]:
    """Return for each column the first of those that are equal to it, which may be itself."""
    places = first_equals([rows[name] for name in names])
    return {name: names[place] for name, place in zip(names, places, strict=True)}


def _spoken_for(batch: Batch, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the positions from which on the oldest poll of a row speaks, and up to the newest."""
    evidence, policy = batch.evidence, batch.policy
    if policy.evidence == "open":
        first, last = (evidence.gather(rows[poll]) for poll in ("oldest", "newest"))
    else:
        first = evidence.gather(evidence.search_sorted(first_at(rows["since"])))
        last = evidence.gather(evidence.search_sorted(first_at(rows["until"] + 1)) - 1)
    limit = batch.axis.limit(policy.max_gap_us)
    start = pl.col("i") * batch.axis.length
    return rows.select(
        begin=pl.max_horizontal(pl.lit(position_of(first)) - limit * policy.backfill, start),
        stop=pl.min_horizontal(pl.lit(position_of(last)) + limit, "until"),
    )


def _ends_of(inside: Clocked, rows: pl.DataFrame) -> dict[str, pl.Series]:
    """Return what the oldest and the newest poll say, and how far neighbours are apart."""
    oldest, newest = rows["oldest"], rows["newest"]
    passed = inside.clock.gather(newest) - inside.clock.gather(oldest)
    return {
        "passed": passed,
        "oldest_up": inside.ups(oldest),
        "newest_up": inside.ups(newest),
        "gap": passed / (newest - oldest),
    }
