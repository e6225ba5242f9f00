"""The parts of gaps that a window holds and the report knows, where that is not a whole gap.

A window may begin and end inside a gap, before the oldest or after the newest poll; and a gap may
be unknown in its middle, beyond the reach of both polls.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from store_uptime._effort import run
from store_uptime._engine.batches import Batch
from store_uptime._engine.packed_polls import rank_of
from store_uptime._engine.states import find_silence
from store_uptime._engine.uncertainty.known_rows import first_in, last_in, same_columns
from store_uptime._engine.uncertainty.open_clock import Clocked
from store_uptime._engine.window_edges import end_of, start_of


def find_holes(batch: Batch, inside: Clocked) -> pl.DataFrame:
    """Return the open time between two polls for which neither of them speaks.

    Returns
    -------
    pl.DataFrame
        `gap` (the index of the last poll inside open time before it, -1 if there is none), `from`
        and `to` (on the open clock), `a` and `b` (where the two polls sit); sorted.
    """
    silence = find_silence(batch.evidence, batch.axis, batch.policy)
    clock = inside.clock_at(silence.select("leave", "reach"))
    return silence.select(
        inside.last_until(silence["a"]).alias("gap"),
        clock["leave"].alias("from"),
        clock["reach"].alias("to"),
        "a",
        "b",
    ).filter(pl.col("from") < pl.col("to"))


def last_ranges(rows: pl.DataFrame, windows: Sequence[str]) -> dict[str, int]:
    """Return the number of the range that has what each window holds after its last poll.

    Windows that end together share it. The ranges from 1 on have what is theirs alone.
    """
    ends = [end_of(name) for name in windows]
    same = same_columns(rows, ends)
    return {name: len(windows) + 1 + ends.index(same[end_of(name)]) for name in windows}


def find_parts(
    rows: pl.DataFrame, windows: Sequence[str], inside: Clocked, holes: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the known pieces of all gaps that are not known as a whole, and pairs of these.

    Parameters
    ----------
    rows
        What `know_rows` gives, with `row` before it.
    holes
        What `find_holes` gives.

    Returns
    -------
    pieces, pairs
        `range` (1 for the first window, and so on; for what follows the last poll in a window, the
        number that `last_ranges` gives), `row`, `gap` (the index of its first poll), `from_known`
        and `to_known` (whether the polls on either side are), `begin` and `end` (on the open
        clock). A pair is two pieces of one gap, the second from `second_begin` to `second_end`.
    """
    regions = []
    for number, name in enumerate(windows, start=1):
        regions += [
            _first_region(number, name, rows, inside),
            _holed(number, name, rows, inside, holes),
        ]
    shared = {number: name for name, number in last_ranges(rows, windows).items()}
    for number, name in shared.items():
        regions.append(_last_region(number, name, rows, inside))
    begin, end = pl.col("begin"), pl.col("end")
    found = pl.concat(regions).filter(begin < end).with_row_index("region")
    cuts = _cuts(found, rows, holes)
    # A region that is cut so many times has one begin and one end more, and both rise. A cut that
    # reaches beyond the region leaves a piece that ends before it begins.
    begins = pl.concat([found.select("region", "begin"), cuts.select("region", begin="to")])
    ends = pl.concat([found.select("region", "end"), cuts.select("region", end="from")])
    ends = ends.sort("region", "end").drop("region")
    pieces = begins.sort("region", "begin").hstack(ends).filter(begin < end)
    pieces = pieces.join(found.drop("begin", "end"), on="region")
    cut = pieces.filter(pl.col("region").is_in(cuts["region"].unique().implode()))
    seconds = cut.select("region", second_begin="begin", second_end="end")
    pairs = cut.join(seconds, on="region").filter(end <= pl.col("second_begin"))
    return pieces.drop("region"), pairs.drop("region")


# --- parts of gaps, before what is unknown is cut out of them ------------------------------------


def _region(number: int, gap: pl.Expr, begin: pl.Expr, end: pl.Expr) -> list[pl.Expr]:
    return [
        pl.lit(number, pl.Int64).alias("range"),
        pl.col("row"),
        gap.alias("gap"),
        begin.alias("begin"),
        end.alias("end"),
        (gap >= pl.col("oldest")).alias("from_known"),
        (gap < pl.col("newest")).alias("to_known"),
    ]


def _first_region(number: int, name: str, rows: pl.DataFrame, inside: Clocked) -> pl.DataFrame:
    """Return where each window begins: up to its first poll, or to its end."""
    first, stop = pl.col(first_in(name)), pl.col(end_of(name))
    next_poll = pl.lit(inside.clock).gather(pl.min_horizontal(first, "newest"))
    end = pl.when(first <= pl.col("newest")).then(pl.min_horizontal(stop, next_poll))
    return rows.select(_region(number, first - 1, pl.col(start_of(name)), end.otherwise(stop)))


def _last_region(number: int, name: str, rows: pl.DataFrame, inside: Clocked) -> pl.DataFrame:
    """Return where each window ends: from the last poll before."""
    last = pl.col(last_in(name))
    known = rows.filter(last >= pl.col("oldest"))
    return known.select(
        _region(number, last, pl.lit(inside.clock).gather(last), pl.col(end_of(name)))
    )


def _holed(
    number: int, name: str, rows: pl.DataFrame, inside: Clocked, holes: pl.DataFrame
) -> pl.DataFrame:
    """Return the gaps between polls of each window that are in part unknown."""
    gap = pl.col("gap")
    gaps = holes.select(gap.filter(gap >= 0).unique())
    gaps = gaps.with_columns(rank_of(inside.polls.gather(gaps["gap"]), inside.axis).alias("i"))
    met = gaps.join(rows, on="i").filter(gap >= pl.col(first_in(name)), gap < pl.col(last_in(name)))
    clock = pl.lit(inside.clock)
    return met.select(_region(number, gap, clock.gather(gap), clock.gather(gap + 1)))


def _cuts(regions: pl.DataFrame, rows: pl.DataFrame, holes: pl.DataFrame) -> pl.DataFrame:
    """Return the holes in the gap of each region: `region`, `from`, `to`.

    Where the report does not know both polls, it may know the time that is unknown to later ones.
    """
    known = rows.lazy().select("row", "since", "until")
    met = holes.lazy().join(regions.lazy(), on="gap").join(known, on="row")
    met = met.filter(pl.col("a") >= pl.col("since"), pl.col("b") <= pl.col("until"))
    return run(met.select("region", "from", "to"), regions.height)
