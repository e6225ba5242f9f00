"""Which store an id stands for: the rank of every id in a list of ids."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class IdLookup:
    """The ranks of `ids`, each of which occurs once.

    A join says what each row's rank is. For most rows a table of slots does, at less cost: look
    where the hash of an id points to, and compare the id that is there. Ids that share a slot lose
    it to one of them, so the rows that miss are joined with the losers.

    Attributes
    ----------
    ids
        The ids.
    known
        The ids with a null behind them: an empty slot points to it, and it equals nothing.
    slot
        The slot of a `store_id`.
    slots
        The rank that each slot points to.
    losers
        `store_id` and rank `i` of the ids that share their slot and lost it.
    """

    ids: pl.Series
    known: pl.Series
    slot: pl.Expr
    slots: pl.Series
    losers: pl.DataFrame

    def guess(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Append the rank `i` of `store_id`, or null: for strangers and for losers."""
        rank = pl.col("i")
        hit = pl.lit(self.known).gather(rank) == pl.col("store_id")
        guessed = rows.with_columns(i=pl.lit(self.slots).gather(self.slot))
        return guessed.with_columns(pl.when(hit).then(rank).cast(pl.Int64))

    def join_losers(self, missed: pl.LazyFrame) -> pl.LazyFrame:
        """Append the rank `i` to rows whose guess was null; those of strangers are left out."""
        return missed.join(self.losers.lazy(), on="store_id")

    def find(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
        """Return the rows with `i` for `store_id`, and the ids, once each, that are strangers."""
        guessed = self.guess(rows.lazy()).collect(engine="streaming")
        missed = guessed.filter(pl.col("i").is_null()).drop("i")
        joined = self.join_losers(missed.lazy()).select(guessed.columns).collect()
        found = pl.concat([guessed.drop_nulls("i"), joined]).drop("store_id")
        if joined.height == missed.height:
            return found, self.ids.clear()
        return found, self.strangers(missed.lazy())

    def strangers(self, rows: pl.LazyFrame) -> pl.Series:
        """Return the ids of `rows`, once each, that are not among `ids`."""
        missed = self.guess(rows).filter(pl.col("i").is_null()).select("store_id").unique()
        strangers = missed.join(self.losers.lazy(), on="store_id", how="anti")
        ids: pl.Series = strangers.collect(engine="streaming").to_series()
        return ids


def look_up(ids: pl.Series) -> IdLookup:
    """Make the look-up of some ids, each of which occurs once."""
    # With eight to sixteen slots an id, one id in fifteen or so loses its slot.
    count = 1 << (8 * max(len(ids), 1)).bit_length()
    slot = (pl.col("store_id").hash() & (count - 1)).cast(pl.UInt32)
    empty = pl.repeat(len(ids), count, dtype=pl.UInt32, eager=True)
    ranks = pl.DataFrame(ids).with_columns(slot=slot, i=pl.int_range(pl.len()))
    slots = empty.scatter(ranks["slot"], ranks["i"].cast(pl.UInt32))
    winner = pl.lit(slots).gather(pl.col("slot"))
    losers = ranks.filter(winner != pl.col("i")).select("store_id", "i")
    known = ids.extend_constant(None, 1).rechunk()
    return IdLookup(ids, known, slot, slots, losers)


def join_ranks(rows: pl.LazyFrame, ids: pl.Series) -> pl.LazyFrame:
    """Append the rank `i` that `store_id` has in `ids`; rows of strangers are left out."""
    if ids.dtype != pl.String:
        ranks = pl.int_range(pl.len(), dtype=pl.Int64)
        return rows.join(pl.LazyFrame(ids).with_columns(i=ranks), on="store_id")
    # Finding strings among the categories of an Enum takes less time than joining them.
    rank = pl.col("store_id").cast(pl.Enum(ids), strict=False).to_physical()
    return rows.with_columns(i=rank.cast(pl.Int64)).drop_nulls("i")
