"""Which store an id stands for: the place of every id in a list of ids."""

from __future__ import annotations

import polars as pl


class Directory:
    """The places of `ids`, each of which occurs once.

    A join says where each row's store is. For most rows, so does a table of slots, at less cost:
    look where the hash of an id points to, and compare the id that is there.
    """

    def __init__(self, ids: pl.Series) -> None:
        self.ids = ids
        # With eight to sixteen slots an id, one id in fifteen or so shares its slot.
        slots = 1 << (8 * max(len(ids), 1)).bit_length()
        self._slot = (pl.col("store_id").hash() & (slots - 1)).cast(pl.UInt32)
        taken = pl.DataFrame(ids).select(slot=self._slot, i=pl.int_range(pl.len(), dtype=pl.UInt32))
        # An empty slot points to a null behind the ids, which equals nothing.
        self._known = ids.extend_constant(None, 1)
        empty = pl.repeat(len(ids), slots, dtype=pl.UInt32, eager=True)
        self._slots = empty.scatter(taken["slot"], taken["i"])

    def guess(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Append the place `i` of `store_id`, or null: for all strangers and for some others."""
        place = pl.col("i")
        hit = pl.lit(self._known).gather(place) == pl.col("store_id")
        guessed = rows.with_columns(i=pl.lit(self._slots).gather(self._slot))
        return guessed.with_columns(pl.when(hit).then(place).cast(pl.Int64))

    def find(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
        """Return the rows with `i` for `store_id`, and the ids, once each, that are strangers."""
        guessed = self.guess(rows.lazy()).collect(engine="streaming")
        missed = guessed.filter(pl.col("i").is_null()).drop("i")
        strays = join_places(missed.lazy(), self.ids).collect()
        # A join finds a row once or not at all.
        missing = missed if strays.height < missed.height else missed.clear()
        found = pl.concat([guessed.drop_nulls("i"), strays.select(guessed.columns)])
        return found.drop("store_id"), self.strangers(missing.lazy())

    def strangers(self, rows: pl.LazyFrame) -> pl.Series:
        """Return the ids of `rows`, once each, that are not among `ids`."""
        missed = self.guess(rows).filter(pl.col("i").is_null()).select("store_id").unique()
        strangers = missed.join(pl.LazyFrame(self.ids), on="store_id", how="anti")
        ids: pl.Series = strangers.collect(engine="streaming").to_series()
        return ids


def join_places(rows: pl.LazyFrame, ids: pl.Series) -> pl.LazyFrame:
    """Append the place `i` that `store_id` has in `ids`; rows of strangers are left out."""
    known = pl.LazyFrame(ids).with_columns(i=pl.int_range(pl.len(), dtype=pl.Int64))
    if ids.dtype != pl.String:
        return rows.join(known, on="store_id")
    # Joining on a hash and comparing what was found is as exact, and costs half of joining on
    # strings: only numbers go through the join.
    code = pl.col("store_id").hash().alias("code")
    joined = rows.with_columns(code).join(known.select(code, "i"), on="code").drop("code")
    return joined.filter(pl.lit(ids).gather(pl.col("i")) == pl.col("store_id"))
