"""How far the uptime of a report may be from the truth.

The polls of a store say how its rates of change are distributed, and these what it may have done
between polls: mean and variance of the downtime in every gap. Over a window both are sums. The
error is that of the uptime as reported, so what the report is expected to be off by is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import polars as pl

from store_uptime._effort import run
from store_uptime._engine.batches import Batch
from store_uptime._engine.gap_cells import BOTH_UP, UNLIKE, Range, count_gaps
from store_uptime._engine.known_parts import find_holes, find_parts
from store_uptime._engine.known_rows import first_in, know_rows, last_in
from store_uptime._engine.open_clock import Clocked, put_on_clock
from store_uptime._engine.rate_nodes import NODE_WEIGHTS, Grid, log_chances, nine, nine_nodes
from store_uptime._engine.two_states import Ends, Moments, alike, covariance, part, tree_sum, unlike
from store_uptime._engine.window_totals import total_in

_ALL = 0  # the number of the range that holds all gaps; those of the windows follow
_DOWNTIMES = [f"d{place}" for place in range(len(NODE_WEIGHTS))]
_ROWS_AT_A_TIME = 5_000  # Fewer stores take some instants together, as each takes many small steps.


def add_uncertainty(
    totals: pl.DataFrame, batch: Batch, edges: pl.DataFrame, windows: Sequence[str], grid: Grid
) -> pl.DataFrame:
    """Append to what `total_windows` gives, for each window, `expected` and `error`.

    They are the expected uptime and the root-mean-square error of the uptime; Float64, in
    microseconds, null where nothing is known or the report knows fewer than two polls of the store
    inside open time.
    """
    inside = put_on_clock(batch)
    holes = find_holes(batch, inside)
    instants = edges["now"].unique().sort()
    at_a_time = max(1, _ROWS_AT_A_TIME // max(1, len(batch.stores)))
    found = []
    for first in range(0, len(instants), at_a_time):
        some = instants.slice(first, at_a_time)
        own = edges.filter(pl.col("now").is_in(some.implode()))
        rows = know_rows(batch, inside, own, windows).with_row_index("row")
        downtimes = _downtimes(rows, inside, holes, windows, grid)
        found.append(rows.select("row", "i", "now").join(downtimes, on="row").drop("row"))
    spread = pl.concat(found).join(batch.stores.table.select("store_id", "i"), on="i")
    for place, name in enumerate(windows):
        own = spread.filter(pl.col("range") == place + 1).drop("range", "i")
        totals = totals.join(own, on=["store_id", "now"], how="left", maintain_order="left")
        totals = totals.with_columns(_uptime_and_error(name)).drop("mean", "variance")
    return totals


def _uptime_and_error(name: str) -> Iterable[pl.Expr]:
    up, down = (pl.col(total_in(name, quantity)) for quantity in ("uptime", "downtime"))
    known = (up + down).cast(pl.Float64)
    expected = (known - pl.col("mean")).clip(0, known)
    error = (pl.col("variance") + (expected - up) ** 2).sqrt()
    for quantity, value in (("expected", expected), ("error", error)):
        yield pl.when(known > 0).then(value).alias(total_in(name, quantity))


# --- the sum over the gaps of a window -----------------------------------------------------------


def _downtimes(
    rows: pl.DataFrame, inside: Clocked, holes: pl.DataFrame, windows: Sequence[str], grid: Grid
) -> pl.DataFrame:
    """Return mean and variance of the downtime in each window, of the rows that have any."""
    cells = count_gaps(inside, rows["i"], _ranges(rows, windows), holes["gap"])
    nodes = _nodes_of(rows, cells.filter(pl.col("range") == _ALL), grid).lazy()
    pieces, pairs = (
        _on_gaps(found, inside) for found in find_parts(rows, windows, inside, holes)
    )
    whole = cells.lazy().filter(pl.col("range") != _ALL, ~pl.col("holed"))
    whole = whole.with_columns(length=pl.col("length") / pl.col("n")).join(nodes, on="row")
    up, length = pl.col("kind") == BOTH_UP, pl.col("length")
    sums = [
        _moments(whole.filter(pl.col("kind") != UNLIKE), lambda q, r: alike(q, r, length, up)),
        _moments(whole.filter(pl.col("kind") == UNLIKE), lambda q, r: unlike(q, r, length)),
        _moments(pieces.lazy().join(nodes, on="row"), lambda q, r: part(q, r, _ENDS, *_PIECE)),
    ]
    if len(pairs):
        both = lambda q, r: (pl.lit(0.0), 2 * covariance(q, r, _ENDS, *_PAIR))
        sums.append(_moments(pairs.lazy().join(nodes, on="row"), both))
    added = pl.concat(sums).group_by("range", "row").sum()
    mean = tree_sum(weight * pl.col(each) for weight, each in _weighted())
    off = ((weight, pl.col(each) - pl.col("mean")) for weight, each in _weighted())
    spread = tree_sum(weight * each * each for weight, each in off)
    totals = added.with_columns(mean=mean).select(
        "range", "row", "mean", variance=pl.col("variance").cast(pl.Float64) + spread
    )
    return run(totals, cells.height + pieces.height)


def _weighted() -> Iterable[tuple[float, str]]:
    return zip(NODE_WEIGHTS, _DOWNTIMES, strict=True)


def _ranges(rows: pl.DataFrame, windows: Sequence[str]) -> list[Range]:
    """Return which gaps say what the rates are, and which lie in each window as a whole."""
    ranges = [Range(rows["oldest"], rows["newest"])]
    for name in windows:
        # A window between two polls has no whole gap, and may lie outside those that are known.
        first = pl.min_horizontal(first_in(name), "newest")
        ends = rows.select(first=first, end=pl.max_horizontal(first, last_in(name)))
        ranges.append(Range(ends["first"], ends["end"]))
    return ranges


def _nodes_of(rows: pl.DataFrame, cells: pl.DataFrame, grid: Grid) -> pl.DataFrame:
    """Return `row` and the nine nodes of each row, which all its gaps tell."""
    unit = pl.col("gap") if grid.unit is None else pl.lit(float(grid.unit))
    known = rows.select("row", "oldest_up", "newest_up", unit=unit)
    nodes = nine_nodes(log_chances(cells, known, grid), known["unit"], grid)
    return rows.select("row").hstack(nodes)


def _on_gaps(parts: pl.DataFrame, inside: Clocked) -> pl.DataFrame:
    """Append what `_ENDS`, `_PIECE` and `_PAIR` name, as Float64; `n` is 1."""
    last = len(inside) - 1
    before, after = parts["gap"].clip(0, last), (parts["gap"] + 1).clip(0, last)
    since, until = inside.clock.gather(before), inside.clock.gather(after)
    final = pl.col("second_end" if "second_end" in parts.columns else "end")
    columns = {
        "from_down": ~pl.lit(inside.ups(before)),
        "to_down": ~pl.lit(inside.ups(after)),
        "gap": pl.lit(until - since),
        "since": pl.when("from_known").then(pl.col("begin") - pl.lit(since)).otherwise(0),
        "length": pl.col("end") - pl.col("begin"),
        "until": pl.when("to_known").then(pl.lit(until) - final).otherwise(0),
    }
    if "second_end" in parts.columns:
        columns["between"] = pl.col("second_begin") - pl.col("end")
        columns["second"] = pl.col("second_end") - pl.col("second_begin")
    known = pl.col("from_known", "to_known")
    numbers = [each.cast(pl.Float64).alias(name) for name, each in columns.items()]
    return parts.select("range", "row", known.cast(pl.Float64), *numbers, n=1)


_ENDS = Ends(*map(pl.col, ("from_known", "from_down", "to_known", "to_down", "gap")))
_PIECE = tuple(map(pl.col, ("since", "length", "until")))
_PAIR = tuple(map(pl.col, ("since", "length", "between", "second", "until")))


def _moments(
    gaps: pl.LazyFrame, moments: Callable[[pl.Expr, pl.Expr], Moments]
) -> pl.LazyFrame:
    """Return the moments of `n` gaps each, as integers, which may be added up in any order.

    These are the mean for each of the nine nodes, and the mean of the variances.
    """
    of_nodes = [moments(*node) for node in nine()]
    count = pl.col("n")
    means = [
        (mean * count).round().cast(pl.Int64).alias(name)
        for name, (mean, _) in zip(_DOWNTIMES, of_nodes, strict=True)
    ]
    pairs = zip(NODE_WEIGHTS, of_nodes, strict=True)
    variance = tree_sum(weight * variance for weight, (_, variance) in pairs)
    # The square of a week in microseconds is more than Int64 holds.
    return gaps.select("range", "row", *means, variance=(variance * count).cast(pl.Int128))
