"""The polls: what `status` must hold, and the rows of it that matter."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from store_uptime._tables.given import Source, is_text, refuse_ids
from store_uptime._tables.text import STATUS_REMEDY, TIMESTAMP_REMEDY, parse_status
from store_uptime._tables.values import instant_column
from store_uptime.errors import InvalidStatusError

_TICKS = {"ns": 1000, "us": 1}
_INT64 = 2**63 - 1


class Span(NamedTuple):
    """Checked polls: `store_id`, `t` and `up`, and how many at most.

    Those that lie in the span are the ones for which `timely` holds; ``None`` if all do.
    """

    rows: pl.LazyFrame
    rows_at_most: int
    timely: pl.Expr | None


class Polls:
    """The `status` table.

    Rows in memory are checked whole. Of a lazy frame, the ids and the timestamps are read once,
    which takes no memory to speak of; a status is read, and checked, only where it can matter.

    Attributes
    ----------
    eager
        Whether the rows are in memory.
    count
        How many there are.
    first, last
        The extremes of the timestamps, in microseconds since 1970 UTC; ``None`` without polls.
    ids
        `store_id` of all polls.

    Raises
    ------
    SchemaError
        A column is missing or of a type that is not accepted.
    InvalidStatusError
        A null id, a null or unreadable timestamp; in memory also a status that is none.
    """

    def __init__(self, source: Source, id_dtype: pl.DataType) -> None:
        self._source = source
        self._t_column = source.column("timestamp_utc")
        self._t = instant_column(source, self._t_column).alias("t")
        self._id = pl.col("store_id").cast(id_dtype)
        _up(source, source.column("status"), lenient=False)  # refuses a wrong type, now
        self.eager = source.eager
        rows = source.rows.select(self._id, self._t)
        if self.eager:
            self._rows, _ = self._read(source)
            rows = self._rows
        self.ids = rows.select("store_id")
        facts = rows.select(
            pl.len(),
            pl.col("t").min().alias("first"),
            pl.col("t").max().alias("last"),
            pl.col("store_id", "t").null_count().name.prefix("no_"),
        )
        count, first, last, no_id, no_t = facts.collect(engine="streaming").row(0)
        self.count: int = count
        self.first: int | None = first
        self.last: int | None = last
        if no_id or no_t:
            refuse_ids(source, InvalidStatusError, id_dtype)
            bad, problem = self._t.is_null(), "null or unreadable timestamp"
            source.refuse_rows(InvalidStatusError, self._t_column, problem, bad, TIMESTAMP_REMEDY)

    def between(self, lo: int, now: int) -> Span:
        """Return the polls in ``[lo, now]``: of a lazy frame these, of rows in memory all.

        Raises
        ------
        InvalidStatusError
            A status that is none, in these rows of a lazy frame.
        """
        inside = self.first is None or self.last is None or lo <= self.first <= self.last <= now
        if self.eager:
            timely = None if inside else pl.col("t").is_between(lo, now)
            return Span(self._rows, self.count, timely)
        source = self._source if inside else self._source.filtered(self._timely(lo, now))
        return Span(*self._read(source), timely=None)

    def _read(self, source: Source) -> tuple[pl.LazyFrame, int]:
        """Return the rows with their statuses read, and their number."""
        column = source.column("status")
        for lenient in (False, True):
            up = _up(source, column, lenient=lenient).alias("up")
            rows = source.rows.select(self._id, self._t, up)
            if source.eager:
                rows = rows.collect(engine="streaming").lazy()
            facts = rows.select(pl.len(), pl.col("up").null_count()).collect(engine="streaming")
            count, bad = facts.row(0)
            if not bad:
                break
        else:
            problem = "status other than active or inactive"
            source.refuse_rows(InvalidStatusError, column, problem, up.is_null(), STATUS_REMEDY)
        return rows, count

    def _timely(self, lo: int, now: int) -> pl.Expr:
        """Return whether a poll lies in ``[lo, now]``, in a form that a scan can skip rows by."""
        raw, dtype = pl.col(self._t_column), self._source.dtype(self._t_column)
        if not isinstance(dtype, pl.Datetime):
            return self._t.is_between(lo, now)
        if dtype.time_unit == "ms":
            ticks = (-(-lo // 1000), now // 1000)
        else:
            per_micro = _TICKS[dtype.time_unit]
            ticks = (lo * per_micro, now * per_micro + per_micro - 1)
        first, last = (pl.lit(min(max(tick, -_INT64), _INT64)).cast(dtype) for tick in ticks)
        return raw.is_between(first, last)


def _up(source: Source, column: str, *, lenient: bool) -> pl.Expr:
    """Return the column as Boolean; null where it is neither active nor inactive."""
    dtype = source.dtype(column)
    raw = pl.col(column)
    if dtype == pl.Boolean:
        return raw
    if is_text(dtype):
        return parse_status(raw.cast(pl.String), lenient=lenient)
    if dtype == pl.Null:
        return pl.lit(None, pl.Boolean)
    source.refuse_type(column, "strings, Enum, Categorical and Boolean")
