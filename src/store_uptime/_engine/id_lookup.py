"""Which store an id stands for: the place of every id in a list of ids."""

from __future__ import annotations

import polars as pl


class Directory:
    """The places of `ids`, each of which occurs once.

    A join says where each row's store is. For most rows a table of slots does, at less cost: look
    where the hash of an id points to, and compare the id that is there. Ids that share a slot lose
    it to one of them, so the rows that miss are joined with the losers.
    """

    def __init__(self, ids: pl.Series) -> None:
        self.ids = ids
        # With eight to sixteen slots an id, one id in fifteen or so loses its slot.
        slots = 1 << (8 * max(len(ids), 1)).bit_length()
        self._slot = (pl.col("store_id").hash() & (slots - 1)).cast(pl.UInt32)
        # An empty slot points to a null behind the ids, which equals nothing.
        self._known = ids.extend_constant(None, 1).rechunk()
        empty = pl.repeat(len(ids), slots, dtype=pl.UInt32, eager=True)
        places = pl.DataFrame(ids).with_columns(slot=self._slot, i=pl.int_range(pl.len()))
        self._slots = empty.scatter(places["slot"], places["i"].cast(pl.UInt32))
        winner = pl.lit(self._slots).gather(pl.col("slot"))
        self._losers = places.filter(winner != pl.col("i")).select("store_id", "i")

    def guess(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Append the place `i` of `store_id`, or null: for strangers and for losers."""
        place = pl.col("i")
        hit = pl.lit(self._known).gather(place) == pl.col("store_id")
        guessed = rows.with_columns(i=pl.lit(self._slots).gather(self._slot))
        return guessed.with_columns(pl.when(hit).then(place).cast(pl.Int64))

    def join_losers(self, missed: pl.LazyFrame) -> pl.LazyFrame:
        """Append the place `i` to rows whose guess was null; those of strangers are left out."""
        return missed.join(self._losers.lazy(), on="store_id")

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
        strangers = missed.join(self._losers.lazy(), on="store_id", how="anti")
        ids: pl.Series = strangers.collect(engine="streaming").to_series()
        return ids


def join_places(rows: pl.LazyFrame, ids: pl.Series) -> pl.LazyFrame:
    """Append the place `i` that `store_id` has in `ids`; rows of strangers are left out."""
    if ids.dtype != pl.String:
        places = pl.int_range(pl.len(), dtype=pl.Int64)
        return rows.join(pl.LazyFrame(ids).with_columns(i=places), on="store_id")
    # Finding strings among the categories of an Enum takes less time than joining them.
    place = pl.col("store_id").cast(pl.Enum(ids), strict=False).to_physical()
    return rows.with_columns(i=place.cast(pl.Int64)).drop_nulls("i")
