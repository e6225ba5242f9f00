"""Which store an id stands for: the rank of every id in a list of ids."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from store_uptime._effort import are_few, run


@dataclass(frozen=True, slots=True)
class IdLookup:
    """The ranks of `ids`, each of which occurs once.

    A join says what each row's rank is. For most rows a table of slots does, at less cost: look
    where the hash of an id points to, and compare the id that is there. Ids that share a slot lose
    it to one of them, so the rows that miss are joined with the losers.

    Attributes
    ----------
    ranks
        `store_id` and rank `i`.
    slots
        The slots; ``None`` where there are too few rows to make them for.
    losers
        Of `ranks` those that share their slot and lost it.
    """

    ranks: pl.DataFrame
    slots: Slots | None
    losers: pl.DataFrame

    def guess(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Append the rank `i` of `store_id`, or null: for strangers and for losers."""
        if self.slots is None:
            return rows.join(self.ranks.lazy(), on="store_id", how="left")
        rank = pl.col("i")
        hit = pl.lit(self.slots.ids).gather(rank) == pl.col("store_id")
        guessed = rows.with_columns(i=pl.lit(self.slots.ranks).gather(self.slots.slot))
        return guessed.with_columns(pl.when(hit).then(rank).cast(pl.Int64))

    def join_losers(self, missed: pl.LazyFrame) -> pl.LazyFrame:
        """Append the rank `i` to rows whose guess was null; those of strangers are left out."""
        return missed.join(self.losers.lazy(), on="store_id")

    def find(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
        """Return the rows with `i` for `store_id`, and the ids, once each, that are strangers."""
        guessed = run(self.guess(rows.lazy()), rows.height)
        if not guessed["i"].null_count():
            guessed.drop_in_place("store_id")
            return guessed, self.nobody
        missed = guessed.filter(pl.col("i").is_null()).drop("i")
        joined = self.join_losers(missed.lazy()).select(guessed.columns).collect()
        found = pl.concat([guessed.drop_nulls("i"), joined]).drop("store_id")
        if joined.height == missed.height:
            return found, self.nobody
        return found, self.strangers(missed.lazy())

    @property
    def nobody(self) -> pl.Series:
        """No ids."""
        return self.ranks["store_id"].clear()

    def strangers(self, rows: pl.LazyFrame) -> pl.Series:
        """Return the ids of `rows`, once each, that are not among `ids`."""
        missed = self.guess(rows).filter(pl.col("i").is_null()).select("store_id").unique()
        strangers = missed.join(self.losers.lazy(), on="store_id", how="anti")
        ids: pl.Series = strangers.collect(engine="streaming").to_series()
        return ids


@dataclass(frozen=True, slots=True)
class Slots:
    """Where to find the rank of an id.

    Attributes
    ----------
    slot
        The slot of a `store_id`.
    ranks
        The rank that each slot points to.
    ids
        The ids by rank, with a null behind them: an empty slot points to it, and it equals nothing.
    """

    slot: pl.Expr
    ranks: pl.Series
    ids: pl.Series


def look_up(ids: pl.Series, rows: int) -> IdLookup:
    """Make the look-up of some ids, each of which occurs once, for tables of so many rows."""
    ranks = _with_ranks(ids)
    if are_few(max(len(ids), rows)):
        return IdLookup(ranks, None, ranks.clear())
    # With eight to sixteen slots an id, one id in fifteen or so loses its slot.
    count = 1 << (8 * max(len(ids), 1)).bit_length()
    slot = (pl.col("store_id").hash() & (count - 1)).cast(pl.UInt32)
    empty = pl.repeat(len(ids), count, dtype=pl.UInt32, eager=True)
    own = ranks.select(slot).to_series()
    slots = empty.scatter(own, ranks["i"].cast(pl.UInt32))
    losers = ranks.filter(pl.lit(slots).gather(pl.lit(own)) != pl.col("i"))
    known = ids.extend_constant(None, 1).rechunk()
    return IdLookup(ranks, Slots(slot, slots, known), losers)


def _with_ranks(ids: pl.Series) -> pl.DataFrame:
    """Return `store_id` and `i`."""
    ranks = pl.int_range(len(ids), dtype=pl.Int64, eager=True)
    return pl.DataFrame([ids.alias("store_id"), ranks.alias("i")])


def join_ranks(rows: pl.LazyFrame, ids: pl.Series) -> pl.LazyFrame:
    """Append the rank `i` that `store_id` has in `ids`; rows of strangers are left out."""
    if ids.dtype != pl.String:
        return rows.join(_with_ranks(ids).lazy(), on="store_id")
    # Finding strings among the categories of an Enum takes less time than joining them.
    rank = pl.col("store_id").cast(pl.Enum(ids), strict=False).to_physical()
    return rows.with_columns(i=rank.cast(pl.Int64)).drop_nulls("i")
