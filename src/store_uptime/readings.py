"""What every store has in every window, read from the clocks of its line.

The clocks run over the polls that any report of the line knows. One report knows no poll before
its own lookback, and none after its own `now`. Between the oldest and the newest poll that it does
know, it says what the clocks say; before and after, one of these two polls speaks alone. So what a
window holds is a difference of readings between the two, and open time outside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from store_uptime.clocks import state_clocks
from store_uptime.evidence import DOWN, PROVED_DOWN, PROVED_UP, UP, cut_pieces
from store_uptime.line import Line
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
    rows = rows.hstack(_known_polls(line, rows))
    reach = [] if line.policy.max_gap_us is None else ["oldest_reach", "newest_reach"]
    points = rows.select(*marks, "oldest", "newest", *reach)
    rows = rows.hstack(_read_clocks(line, points, detail=detail))
    columns: list[pl.Expr] = []
    for name, (start, end) in ends.items():
        parts = [*_states(start, end, line.policy)]
        if detail:
            parts += [*_details(start, end), _count_polls(line, rows, start, end)]
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


def _known_polls(line: Line, rows: pl.DataFrame) -> pl.DataFrame:
    """Return whether the report of each row knows any poll (`known`), its oldest and its newest.

    These are `oldest` and `newest` (positions), `oldest_up` and `newest_up` (what they say), and
    `oldest_reach` and `newest_reach` (how far they may speak for what lies outside).
    """
    doubled = rows.select(pl.col("since") * 2, pl.col("until") * 2 + 1)
    first = line.evidence.search_sorted(doubled["since"], side="left")
    last = line.evidence.search_sorted(doubled["until"], side="right").cast(pl.Int64) - 1
    place = pl.DataFrame({"first": first, "last": last, "since": rows["since"]})
    known = pl.col("first") <= pl.col("last")
    polls = {
        name: pl.lit(line.evidence).gather(pl.when(known).then(pl.col(end)))
        for name, end in {"oldest": "first", "newest": "last"}.items()
    }
    limit = line.axis.limit(line.policy.max_gap_us)
    return (
        place.with_columns(known=known, **polls)
        .with_columns(pl.col("oldest", "newest").fill_null(2 * pl.col("since")))
        .select(
            "known",
            pl.col("oldest", "newest") // 2,
            (pl.col("oldest", "newest") % 2 == 1).name.suffix("_up"),
            oldest_reach=pl.col("oldest") // 2 - limit,
            newest_reach=pl.col("newest") // 2 + limit,
        )
    )


def _read_clocks(line: Line, points: pl.DataFrame, *, detail: bool) -> pl.DataFrame:
    """Return what every clock shows at every column of `points`, as `<clock>|<column>`."""
    stacked = pl.concat(
        points.select(
            pl.lit(mark, pl.UInt8).alias("mark"), pl.int_range(pl.len()).alias("row"), x=name
        )
        for mark, name in enumerate(points.columns)
    )
    clocks = _CLOCKS | _PROOF_CLOCKS if detail else _CLOCKS
    pieces = cut_pieces(line.evidence, line.axis, line.policy, proofs=detail)
    read = state_clocks(stacked.sort("x").lazy(), pieces, line.sessions, clocks).collect()
    wide = []
    for mark, name in enumerate(points.columns):
        column = read.filter(pl.col("mark") == mark).drop("mark", "x")
        # Positions rise from row to row unless a window is of no fixed length.
        if not points[name].is_sorted():
            column = column.sort("row")
        wide.append(column.select(pl.exclude("row").name.suffix(f"|{name}")))
    return pl.concat(wide, how="horizontal")


# --- differences --------------------------------------------------------------------------------


def _states(start: str, end: str, policy: Policy) -> Iterator[pl.Expr]:
    """Yield `uptime` and `downtime` from one mark to another."""
    for clock, up in (("uptime", True), ("downtime", False)):
        total = _between_polls(clock, start, end)
        for poll, alone in _alone(start, end, policy).items():
            total += pl.when(pl.col(f"{poll}_up") == up).then(alone.clip(0)).otherwise(0)
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


def _details(start: str, end: str) -> Iterator[pl.Expr]:
    """Yield `scheduled`, `proved_up` and `proved_down` from one mark to another."""
    yield (pl.col(f"open_time|{end}") - pl.col(f"open_time|{start}")).alias("scheduled")
    for clock in _PROOF_CLOCKS:
        proved = _between_polls(clock, start, end)
        yield pl.when("known").then(proved).otherwise(0).alias(clock)


def _count_polls(line: Line, rows: pl.DataFrame, start: str, end: str) -> pl.Expr:
    """Return the number of polls from one mark to another, with one at `now` if it ends there."""
    stop = pl.col(end) + (pl.col(end) == pl.col("until"))
    edges = rows.select(start=pl.col(start) * 2, stop=stop * 2)
    before, until = (line.evidence.search_sorted(edge).cast(pl.Int64) for edge in edges)
    return pl.lit(until - before).alias("polls")
