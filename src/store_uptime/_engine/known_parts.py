"""The parts of gaps that a window holds and the report knows, where that is not a whole gap.

A window may begin and end inside a gap, before the oldest or after the newest poll; and a gap may
be unknown in its middle, beyond the reach of both polls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from store_uptime._effort import run
from store_uptime._engine.batches import Batch
from store_uptime._engine.known_rows import first_in, last_in
from store_uptime._engine.open_clock import Clocked
from store_uptime._engine.packed_polls import rank_of
from store_uptime._engine.states import find_silence
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
        `range` (the number of the window, from 1 on), `row`, `gap` (the index of its first poll), `from_known` and
        `to_known` (whether the polls on either side are), `begin` and `end` (on the open clock). A
        pair is two pieces of one gap, the second from `second_begin` to `second_end`.
    """
    regions = pl.concat(
        part.lazy()
        for number, name in enumerate(windows, start=1)
        for part in _regions(number, name, rows, inside, holes)
    )
    begin, end = pl.col("begin"), pl.col("end")
    found = run(regions.filter(begin < end), rows.height * len(windows)).with_row_index("region")
    cuts = _cuts(found, rows, holes)
    # A region that is cut so many times has one begin and one end more, and both rise.
    begins = pl.concat([found.select("region", "begin"), cuts.select("region", begin="to")])
    ends = pl.concat([found.select("region", "end"), cuts.select("region", end="from")])
    ends = ends.sort("region", "end").drop("region")
    pieces = begins.sort("region", "begin").hstack(ends).filter(begin < end)
    pieces = pieces.join(found.drop("begin", "end"), on="region", maintain_order="left")
    cut = pieces.filter(pl.col("region").is_in(cuts["region"].unique().implode()))
    seconds = cut.select("region", second_begin="begin", second_end="end")
    pairs = cut.join(seconds, on="region").filter(end <= pl.col("second_begin"))
    return pieces.drop("region"), pairs.drop("region")


def _regions(
    number: int, name: str, rows: pl.DataFrame, inside: Clocked, holes: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """Yield the parts of gaps that a window begins in, that it ends in, and those with holes."""
    first, last = pl.col(first_in(name)), pl.col(last_in(name))
    there = first <= pl.col("newest")
    clock = pl.lit(inside.clock)
    start, stop = pl.col(start_of(name)), pl.col(end_of(name))
    next_poll = clock.gather(pl.min_horizontal(first, "newest"))
    columns = pl.lit(number, pl.Int64).alias("range"), "row"
    known = {
        "from_known": pl.col("gap") >= pl.col("oldest"),
        "to_known": pl.col("gap") < pl.col("newest"),
    }
    names = ["range", "row", "gap", "begin", "end", *known]
    yield rows.select(
        *columns,
        "oldest",
        "newest",
        gap=first - 1,
        begin=start,
        end=pl.when(there).then(pl.min_horizontal(stop, next_poll)).otherwise(stop),
    ).with_columns(**known).select(names)
    yield rows.filter(first <= last).select(
        *columns, "oldest", "newest", gap=last, begin=clock.gather(last), end=stop
    ).with_columns(**known).select(names)
    whole = holes.select("gap").unique().filter(pl.col("gap") >= 0)
    whole = whole.with_columns(rank_of(inside.polls.gather(whole["gap"]), inside.axis).alias("i"))
    met = whole.join(rows.select("i", *columns, "oldest", "newest", one=first, other=last), on="i")
    yield met.filter(pl.col("gap") >= pl.col("one"), pl.col("gap") < pl.col("other")).with_columns(
        begin=clock.gather(pl.col("gap")), end=clock.gather(pl.col("gap") + 1), **known
    ).select(names)


def _cuts(regions: pl.DataFrame, rows: pl.DataFrame, holes: pl.DataFrame) -> pl.DataFrame:
    """Return the holes in each region: `region`, `from`, `to`."""
    known = rows.lazy().select("row", "since", "until")
    met = holes.lazy().join(regions.lazy(), on="gap").join(known, on="row")
    met = met.filter(
        pl.col("a") >= pl.col("since"),
        pl.col("b") <= pl.col("until"),
        pl.col("from") < pl.col("end"),
        pl.col("to") > pl.col("begin"),
    )
    return run(met.select("region", "from", "to"), regions.height)
