"""What every store has in every window, read from the clocks of its line.

The clocks run over the polls that any report of the line knows. One report knows no poll before
its own lookback, and none after its own `now`. Between the oldest and the newest poll that it does
know, it says what the clocks say; before and after, one of these two polls speaks alone. So what a
window holds is a difference of readings between the two, and open time outside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl

from store_uptime._engine.batches import Line
from store_uptime._engine.evidence import DOWN, PROVED_DOWN, PROVED_UP, UP, cut_pieces
from store_uptime._engine.running_totals import state_clocks
from store_uptime.policy import Policy

_CLOCKS = {"uptime": (UP, PROVED_UP), "downtime": (DOWN, PROVED_DOWN)}
_PROOF_CLOCKS = {"proved_up": (PROVED_UP,), "proved_down": (PROVED_DOWN,)}


def read_windows(
    line: Line, bounds: pl.DataFrame, windows: Sequence[str], *, detail: bool
) -> pl.DataFrame:
    """Return what every window holds.

    Parameters
    ----------
    line
        The stores.
    bounds
        Where the windows begin and end, as `window_bounds` gives it.

    Returns
    -------
    pl.DataFrame
        `store_id`, `now` and, for each window, `uptime@<name>` and `downtime@<name>`, with
        `detail` also `scheduled@`, `proved_up@`, `proved_down@` (microseconds) and `polls@<name>`;
        Int64. One row for each store and `now`, sorted by store, then by `now`.
    """
    ends = _ends(bounds, windows)
    marks = list(dict.fromkeys(mark for pair in ends.values() for mark in pair))
    rows = _place(line, bounds, marks)
    clocks = _CLOCKS | _PROOF_CLOCKS if detail else _CLOCKS
    # A single report knows all that the clocks know, and they say all there is to say.
    partial = _know_less(line, rows)
    if partial:
        rows = rows.hstack(_known_polls(line, rows))
        marks += ["oldest", "newest"]
        marks += [] if line.policy.max_gap_us is None else ["oldest_reach", "newest_reach"]
    rows = rows.hstack(_read_clocks(line, rows.select(marks), clocks))
    columns: list[pl.Expr] = []
    for name, (start, end) in ends.items():
        if partial:
            parts = [*_known_states(clocks, start, end, line.policy)]
        else:
            parts = [_passed(clock, start, end).alias(clock) for clock in clocks]
        if detail:
            scheduled = _passed("open_time", start, end).alias("scheduled")
            parts += [scheduled, _count_polls(line, rows, start, end)]
        columns += [part.alias(f"{part.meta.output_name()}@{name}") for part in parts]
    return rows.select("store_id", "now", *columns)


# --- points -------------------------------------------------------------------------------------


def _ends(bounds: pl.DataFrame, windows: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the columns of `bounds` in which each window begins and ends, each only once."""
    first_of: dict[tuple[int, ...], str] = {}
    ends = {}
    for name in windows:
        pair = (f"start@{name}", f"end@{name}")
        start, end = (first_of.setdefault(tuple(bounds[side]), side) for side in pair)
        ends[name] = (start, end)
    return ends


def _place(line: Line, bounds: pl.DataFrame, marks: Sequence[str]) -> pl.DataFrame:
    """Return a row for each store and `now`: `store_id`, `now`, and positions on the axis.

    These are `marks`, `until` (`now`) and `since` (where evidence begins).
    """
    axis = line.axis
    zones = pl.DataFrame({"zone": line.stores.zones}, schema={"zone": pl.String})
    zones = zones.with_columns(z=pl.int_range(pl.len(), dtype=pl.Int64))
    bounds = bounds.join(zones, on="zone")
    since = pl.col("first") - axis.limit(line.policy.lookback_us)
    instants = {mark: pl.col(mark) for mark in marks}
    instants |= {"until": pl.col("now"), "since": pl.max_horizontal(since, axis.lo)}
    rows = line.stores.table.join(bounds, on="z").sort("i", "now")
    places = {name: axis.place(pl.col("i"), instant) for name, instant in instants.items()}
    return rows.select("store_id", "now", **places)


def _know_less(line: Line, rows: pl.DataFrame) -> bool:
    """Return whether the report of some row does not know all polls of its stretch."""
    since, until = rows["since"] % line.axis.length, rows["until"] % line.axis.length
    return bool((since > 0).any() or (until < line.axis.length - 1).any())


def _known_polls(line: Line, rows: pl.DataFrame) -> pl.DataFrame:
    """Return whether the report of each row knows any poll (`known`), its oldest and its newest.

    These are `oldest` and `newest` (positions), `oldest_up` and `newest_up` (what they say), and
    `oldest_reach` and `newest_reach` (how far they may speak for what lies outside).
    """
    evidence = line.evidence.to_frame().lazy().select(oldest="poll", newest="poll")
    since, until = pl.col("since") * 2, pl.col("until") * 2 + 1
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
    limit = line.axis.limit(line.policy.max_gap_us)
    ends = pl.col("oldest", "newest")
    return (
        polls.sort("row")
        .with_columns(known=(pl.col("oldest") <= pl.col("until")).fill_null(value=False))
        .with_columns(pl.when("known").then(ends).otherwise(pl.col("since")))
        .select(
            "known",
            ends // 2,
            (ends % 2 == 1).name.suffix("_up"),
            oldest_reach=pl.col("oldest") // 2 - limit,
            newest_reach=pl.col("newest") // 2 + limit,
        )
        .collect(engine="streaming")
    )


def _read_clocks(
    line: Line, points: pl.DataFrame, clocks: Mapping[str, tuple[int, ...]]
) -> pl.DataFrame:
    """Return what every clock shows at every column of `points`, as `<clock>|<column>`."""
    stacked = pl.concat(
        points.select(
            pl.lit(mark, pl.UInt8).alias("mark"), pl.int_range(pl.len()).alias("row"), x=name
        )
        for mark, name in enumerate(points.columns)
    )
    pieces = cut_pieces(line.evidence, line.axis, line.policy, proofs=len(clocks) > len(_CLOCKS))
    read = state_clocks(stacked.sort("x").lazy(), pieces, line.sessions, clocks).collect(
        engine="streaming"
    )
    wide = []
    for mark, name in enumerate(points.columns):
        column = read.filter(pl.col("mark") == mark).drop("mark", "x")
        # Positions rise from row to row unless a window is of no fixed length.
        if not points[name].is_sorted():
            column = column.sort("row")
        wide.append(column.select(pl.exclude("row").name.suffix(f"|{name}")))
    return pl.concat(wide, how="horizontal")


# --- differences --------------------------------------------------------------------------------


def _passed(clock: str, start: str, end: str) -> pl.Expr:
    """Return how far a clock went from one mark to another."""
    return pl.col(f"{clock}|{end}") - pl.col(f"{clock}|{start}")


def _known_states(clocks: Iterable[str], start: str, end: str, policy: Policy) -> Iterator[pl.Expr]:
    """Yield how far the clocks go between two marks by the polls that a row's report knows."""
    alone = _alone(start, end, policy)
    for clock in clocks:
        total = _between_polls(clock, start, end)
        if clock in _CLOCKS:
            for poll, open_time in alone.items():
                said = pl.col(f"{poll}_up") == (clock == "uptime")
                total += pl.when(said).then(open_time.clip(0)).otherwise(0)
        yield pl.when("known").then(total).otherwise(0).alias(clock)


def _between_polls(clock: str, start: str, end: str) -> pl.Expr:
    """Return how far a clock went from one mark to another, between oldest and newest poll."""
    # A clock never goes back, so clipping the readings does what clipping the marks would.
    oldest, newest = pl.col(f"{clock}|oldest"), pl.col(f"{clock}|newest")
    first, last = (pl.col(f"{clock}|{mark}").clip(oldest, newest) for mark in (start, end))
    return last - first


def _alone(start: str, end: str, policy: Policy) -> dict[str, pl.Expr]:
    """Return the open time for which the oldest or the newest poll speaks alone.

    It is negative where that lies outside the window.
    """
    first, last, oldest, newest = (
        pl.col(f"open_time|{mark}") for mark in (start, end, "oldest", "newest")
    )
    farthest, nearest = first, last
    if policy.max_gap_us is not None:
        farthest = pl.max_horizontal(first, "open_time|oldest_reach")
        nearest = pl.min_horizontal(last, "open_time|newest_reach")
    alone = {"newest": nearest - pl.max_horizontal(first, newest)}
    if policy.backfill:
        alone["oldest"] = pl.min_horizontal(last, oldest) - farthest
    return alone


def _count_polls(line: Line, rows: pl.DataFrame, start: str, end: str) -> pl.Expr:
    """Return the number of polls from one mark to another, with one at `now` if it ends there."""
    stop = pl.col(end) + (pl.col(end) == pl.col("until"))
    edges = rows.select(start=pl.col(start) * 2, stop=stop * 2)
    before, until = (line.evidence.search_sorted(edge).cast(pl.Int64) for edge in edges)
    return pl.lit(until - before).alias("polls")
