"""The truth, and what polls see of it.

Stores go by their numbers here, and instants are microseconds since 1970.
"""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from store_uptime.testing.options import Options
from store_uptime.testing.random_bits import Use, exponential, first_numbers, happens, random_bits


def make_outages(options: Options) -> pl.DataFrame:
    """Return the outages: `number` of the store, `start` and `end`, store by store.

    A store is up and down in turns, for exponentially distributed lengths, which have no memory.
    It begins down as often as it is down later on, so no part of the span is unlike the others.
    """
    outages = pl.DataFrame(schema={"number": pl.UInt64, "start": pl.Int64, "end": pl.Int64})
    if options.up is None:
        return outages
    running = pl.DataFrame({"number": first_numbers(options.stores)}).with_columns(
        end=pl.lit(options.first, pl.Int64)
    )
    some = int((options.now - options.first) / (options.up + options.down)) + 2
    first = 0
    while running.height:
        cycles = _cycles(options, options.up, running, first + first_numbers(some))
        outages = outages.vstack(cycles.filter(pl.col("start") < options.now))
        last = cycles.group_by("number", maintain_order=True).last()
        running = last.filter(pl.col("end") < options.now).select("number", "end")
        first += some
    return outages.sort("number", "start").with_columns(pl.col("end").clip(upper_bound=options.now))


def _cycles(
    options: Options, up: Fraction, running: pl.DataFrame, cycles: pl.Series
) -> pl.DataFrame:
    """Return the outages of these numbers of stores whose outage before them ended at `end`."""
    rows = running.join(cycles.alias("cycle").to_frame(), how="cross", maintain_order="left_right")
    seed, where = options.seed, (rows["number"], rows["cycle"])
    share_down = options.down / (up + options.down)
    # What is longer than the span leads out of it all the same, but sums might wrap around.
    longest = options.now - options.first
    rows = rows.with_columns(
        exponential(seed, Use.UP_LENGTH, where, up, longest=longest).alias("up"),
        exponential(seed, Use.DOWN_LENGTH, where, options.down, longest=longest).alias("down"),
        happens(seed, Use.DOWN_AT_FIRST, where[:1], share_down).alias("is_down"),
    )
    up_first = pl.when(pl.col("is_down"), pl.col("cycle") == 0).then(0).otherwise("up")
    end = pl.col("end") + (up_first + pl.col("down")).cum_sum().over("number")
    return rows.select("number", start=end - pl.col("down"), end=end)


def make_polls(options: Options, outages: pl.DataFrame) -> pl.DataFrame:
    """Return the polls that arrive: `number`, the instant `at`, and whether the store is `up`."""
    stretches = -(-(options.now - options.first) // options.every)
    index = first_numbers(options.stores * stretches)
    number, stretch = index // stretches, index % stretches
    seed, where = options.seed, (number, stretch)
    within = random_bits(seed, Use.POLL, where) % max(options.jitter, 1)
    at = options.first + (stretch * options.every + within).cast(pl.Int64)
    polls = pl.DataFrame({"number": number, "at": at})
    down = lie_in(polls, outages)
    lost = happens(seed, Use.LOST, where, options.missing)
    lost |= down & happens(seed, Use.LOST_WHILE_DOWN, where, options.missing_while_down)
    # The last stretch may reach beyond the span.
    return polls.with_columns(up=~down).filter(~lost & (at < options.now))


def lie_in(polls: pl.DataFrame, spans: pl.DataFrame) -> pl.Series:
    """Return which polls lie in one of their store's spans, which are sorted and disjoint."""
    found = polls.join_asof(
        spans, by="number", left_on="at", right_on="start", check_sortedness=False
    )
    return (found["at"] < found["end"]).fill_null(value=False)


def state_changes(options: Options, outages: pl.DataFrame) -> pl.DataFrame:
    """Return the truth as the polls of a log: the first state of each store, and each other one."""
    stores = pl.DataFrame({"number": first_numbers(options.stores)})
    changes = [
        stores.with_columns(at=pl.lit(options.first, pl.Int64), up=True),
        outages.select("number", at="start", up=False),
        outages.filter(pl.col("end") < options.now).select("number", at="end", up=True),
    ]
    # Where a store is down at first, that is what counts.
    ordered = pl.concat(changes).sort("number", "at", "up")
    return ordered.unique(["number", "at"], keep="first", maintain_order=True)
