"""How far the uptime of a report may be from the truth.

The polls of a store say how its rates of change are distributed, and these what it may have done
between polls: mean and variance of the downtime in every gap. Over a window both are sums. The
error is that of the uptime as reported, so what the report is expected to be off by is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from store_uptime._engine.batches import Batch
from store_uptime._engine.uncertainty.gap_cells import Range, count_gaps
from store_uptime._engine.uncertainty.gap_lengths import share_out
from store_uptime._engine.uncertainty.gap_moments import VARIANCE, in_parts, in_whole_gaps
from store_uptime._engine.uncertainty.known_parts import find_holes, find_parts, last_ranges
from store_uptime._engine.uncertainty.known_rows import first_in, know_rows, last_in
from store_uptime._engine.uncertainty.open_clock import Clocked, put_on_clock
from store_uptime._engine.uncertainty.rate_nodes import Grid, log_chances, nine_nodes
from store_uptime._engine.uncertainty.two_states import mixed
from store_uptime._engine.window_totals import total_in

# So many take no more memory than the rest, and enough time to be worth the many small steps.
_MOST_ROWS_AT_A_TIME = 65_536
_MOST_POLLS_AT_A_TIME = 6_000_000


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
    known = know_rows(batch, inside, edges, windows)
    found = []
    for rows in known.iter_slices(_rows_at_a_time(known)) if len(known) else []:
        placed = rows.with_row_index("row").hstack(_units(rows, grid))
        downtimes = _downtimes(placed, inside, holes, windows, grid)
        found.append(pl.concat([rows.select("store_id", "now"), *downtimes], how="horizontal"))
    if not found:
        names = [total_in(name, each) for name in windows for each in ("expected", "error")]
        return totals.with_columns(pl.lit(None, pl.Float64).alias(name) for name in names)
    spread = pl.concat(found)
    rows = totals.join(spread, on=["store_id", "now"], how="left", maintain_order="left")
    columns = [each for name in windows for each in _uptime_and_error(name)]
    return rows.with_columns(columns).drop(spread.drop("store_id", "now").columns)


def _rows_at_a_time(rows: pl.DataFrame) -> int:
    polls = int((rows["newest"] - rows["oldest"] + 1).sum())
    return max(1, min(_MOST_ROWS_AT_A_TIME, _MOST_POLLS_AT_A_TIME * len(rows) // polls))


def _units(rows: pl.DataFrame, grid: Grid) -> pl.DataFrame:
    """Return the unit of each row in microseconds, and of which power of two it is."""
    bits = 63 - pl.col("gap").cast(pl.Int64).bitwise_leading_zeros().cast(pl.Int64)
    if grid.bits is not None:
        bits = pl.repeat(grid.bits, pl.len(), dtype=pl.Int64)
    return rows.select(bits=bits).with_columns(unit=pl.lit(2.0).pow("bits"))


def _uptime_and_error(name: str) -> Iterable[pl.Expr]:
    up, down = (pl.col(total_in(name, quantity)) for quantity in ("uptime", "downtime"))
    known = (up + down).cast(pl.Float64)
    expected = (known - pl.col(f"mean@{name}")).clip(0, known)
    # Where there is none, rounding may leave a little less.
    error = (pl.col(f"variance@{name}").clip(0) + (expected - up) ** 2).sqrt()
    for quantity, value in (("expected", expected), ("error", error)):
        yield pl.when(known > 0).then(value).alias(total_in(name, quantity))


# --- the sum over the gaps of a window -----------------------------------------------------------


def _downtimes(
    rows: pl.DataFrame, inside: Clocked, holes: pl.DataFrame, windows: Sequence[str], grid: Grid
) -> Iterator[pl.DataFrame]:
    """Yield `mean` and `variance` of the downtime of each row in each window."""
    ranges = _ranges(rows, windows)
    counts = count_gaps(inside, rows, ranges, holes["gap"], grid.bins)
    gaps = share_out(counts, rows["unit"], grid.bins)
    chances = log_chances(gaps, rows.select("oldest_up", "newest_up"), grid)
    nodes = nine_nodes(chances, grid)
    pieces, pairs = find_parts(rows, windows, inside, holes)
    parts = in_parts(pieces, pairs, rows.select("row", "unit").hstack(nodes), inside)
    whole_gaps = in_whole_gaps(gaps, nodes, rows["unit"])
    after = last_ranges(rows, windows)
    behind = {number: _of_range(parts, rows, number) for number in set(after.values())}
    mean = mixed(lambda node: node.mean)
    variance = pl.col(VARIANCE) + mixed(lambda node: (node.mean - pl.col("mean")) ** 2)
    for number, (name, whole) in enumerate(zip(windows, whole_gaps, strict=True), start=1):
        # What follows the last poll of a window is not in one that lies between two polls.
        polled = rows[first_in(name)] <= rows[last_in(name)]
        shared = behind[after[name]].select(pl.when(polled).then(pl.all()).otherwise(0))
        total = (whole + _of_range(parts, rows, number) + shared).with_columns(mean=mean)
        yield total.select(pl.col("mean").alias(f"mean@{name}"), variance.alias(f"variance@{name}"))


def _of_range(parts: pl.DataFrame, rows: pl.DataFrame, number: int) -> pl.DataFrame:
    """Return the moments of a range, with the rows of `rows`."""
    own = parts.filter(pl.col("range") == number)
    own = rows.select("row").join(own, on="row", how="left", maintain_order="left")
    return own.drop("row", "range").fill_null(0)


def _ranges(rows: pl.DataFrame, windows: Sequence[str]) -> list[Range]:
    """Return which gaps say what the rates are, and which lie in each window as a whole."""
    ranges = [Range(rows["oldest"], rows["newest"], whole=False)]
    for name in windows:
        # A window between two polls has no whole gap, and may lie outside those that are known.
        first = pl.min_horizontal(first_in(name), "newest")
        ends = rows.select(first=first, end=pl.max_horizontal(first, last_in(name)))
        ranges.append(Range(ends["first"], ends["end"], whole=True))
    return ranges
