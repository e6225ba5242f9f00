"""The polls: what `status` must hold, and the rows of it that matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import polars as pl

from store_uptime._tables.contract import INSTANT, STATUS, Kind
from store_uptime._tables.given import Source, is_text
from store_uptime._tables.ids import refuse_ids
from store_uptime._tables.text import parse_instant, parse_status
from store_uptime._tables.values import datetime_limits, refuse_outside_years, value_of
from store_uptime._time.units import FIRST_INSTANT, LAST_INSTANT
from store_uptime.errors import InvalidStatusError


class Span(NamedTuple):
    """Checked polls: `store_id`, `t` and `up`, and how many at most.

    Those that lie in the span, from `first` to `last`, are the ones for which all `conditions`
    hold.
    """

    first: int
    last: int
    rows: pl.LazyFrame
    rows_at_most: int
    conditions: Sequence[pl.Expr]

    def polls(self) -> pl.LazyFrame:
        """Return the polls that lie in the span."""
        return self.rows.filter(*self.conditions)


@dataclass(frozen=True, slots=True)
class Polls:
    """The `status` table.

    Rows in memory have been checked whole. Of a lazy frame, the ids and the timestamps have been
    read once, which takes no memory to speak of; a status is read, and checked, only where it can
    matter.

    Attributes
    ----------
    source
        The table as it came.
    store_id, t
        How its ids and timestamps are read (microseconds since 1970 UTC).
    rows
        `store_id` and `t` of all polls; of rows in memory also `up`.
    count
        How many there are.
    first, last
        The extremes of the timestamps; ``None`` without polls.
    """

    source: Source
    store_id: pl.Expr
    t: pl.Expr
    rows: pl.LazyFrame
    count: int
    first: int | None
    last: int | None

    @property
    def eager(self) -> bool:
        """Whether the rows are in memory."""
        return self.source.eager

    @property
    def ids(self) -> pl.LazyFrame:
        """`store_id` of all polls."""
        return self.rows.select("store_id")

    def between(self, first: int, last: int) -> Span:
        """Return the polls from `first` to `last`: of a lazy frame these, of rows in memory all.

        Raises
        ------
        InvalidStatusError
            A status that is none, in these rows of a lazy frame.
        """
        all_lie_inside = (
            self.first is None or self.last is None or first <= self.first <= self.last <= last
        )
        if self.eager:
            conditions = [] if all_lie_inside else [pl.col("t").is_between(first, last)]
            return Span(first, last, self.rows, self.count, conditions)
        source = self.source
        if not all_lie_inside:
            source = source.filtered(_lies_between(source, self.t, first, last))
        return Span(first, last, *_read_statuses(source, self.store_id, self.t), conditions=[])


def read_polls(source: Source, id_dtype: pl.DataType) -> Polls:
    """Check the polls as far as `Polls` says.

    Raises
    ------
    SchemaError
        A column is missing or of a type that is not accepted.
    InvalidStatusError
        A null id, a null or unreadable timestamp; in memory also a status that is none.
    """
    t_column, id_column = source.column("timestamp_utc"), source.id_column
    t = value_of(source, t_column, INSTANT).alias("t")
    store_id = pl.col(id_column).cast(id_dtype).alias("store_id")
    _up(source, source.column("status"), lenient=False)  # refuses a wrong type, now
    if source.dtype(t_column) == pl.String:
        # Without offsets other than zero, which are rare, reading takes a quarter of the time.
        in_utc = _in_utc(t_column)
        polls, no_id, no_t = _with_facts(source, store_id, in_utc)
    if source.dtype(t_column) != pl.String or no_t:
        polls, no_id, no_t = _with_facts(source, store_id, t)
    if no_id or no_t:
        refuse_ids(source, InvalidStatusError, id_dtype)
        _refuse_null(source, t_column, INSTANT, t)
    extremes = [each for each in (polls.first, polls.last) if each is not None]
    if not all(FIRST_INSTANT <= extreme <= LAST_INSTANT for extreme in extremes):
        refuse_outside_years(source, InvalidStatusError, t_column, t)
    return polls


# For a table of few rows, writing the expression down takes as long as computing it.
@lru_cache(maxsize=10)
def _in_utc(column: str) -> pl.Expr:
    return parse_instant(pl.col(column), with_offsets=False).alias("t")


def _with_facts(source: Source, store_id: pl.Expr, t: pl.Expr) -> tuple[Polls, int, int]:
    """Return the polls, and how many have no id and how many no instant."""
    if source.eager:
        rows, _ = _read_statuses(source, store_id, t)
    else:
        rows = source.rows.select(store_id, t)
    facts = rows.select(
        pl.len(),
        pl.col("t").min().alias("first"),
        pl.col("t").max().alias("last"),
        pl.col("store_id", "t").null_count().name.prefix("no_"),
    )
    count, first, last, no_id, no_t = source.collect(facts).row(0)
    return Polls(source, store_id, t, rows, count, first, last), no_id, no_t


def _read_statuses(source: Source, store_id: pl.Expr, t: pl.Expr) -> tuple[pl.LazyFrame, int]:
    """Return the rows with their statuses read, and their number."""
    column = source.column("status")

    def read(up: pl.Expr) -> tuple[pl.LazyFrame, int, int]:
        rows = source.rows.select(store_id, t, up.alias("up"))
        if source.eager:
            frame = source.collect(rows)
            return frame.lazy(), frame.height, frame["up"].null_count()
        facts = rows.select(pl.len(), pl.col("up").null_count())
        return rows, *source.collect(facts).row(0)

    rows, count, bad = read(_up(source, column, lenient=False))
    if bad:
        # The usual spelling is read at a tenth of the cost of the others.
        up = _up(source, column, lenient=True)
        rows, count, bad = read(up)
        if bad:
            _refuse_null(source, column, STATUS, up)
    return rows, count


def _refuse_null(source: Source, column: str, kind: Kind, value: pl.Expr) -> None:
    source.refuse_rows(
        InvalidStatusError, column, kind.null_fault, value.is_null(), kind.remedy, code=kind.code
    )


def _up(source: Source, column: str, *, lenient: bool) -> pl.Expr:
    """Return the column as Boolean; null where it is neither active nor inactive."""
    dtype = source.dtype(column)
    if is_text(dtype):
        return _word_as_up(column, lenient=lenient)
    raw = pl.col(column)
    if dtype == pl.Boolean:
        return raw
    if dtype.is_integer():
        return pl.when(raw == 1).then(True).when(raw == 0).then(False)
    if dtype == pl.Null:
        return pl.lit(None, pl.Boolean)
    source.refuse_type(column, STATUS.accepted)


@lru_cache(maxsize=10)
def _word_as_up(column: str, *, lenient: bool) -> pl.Expr:
    return parse_status(pl.col(column).cast(pl.String), lenient=lenient)


def _lies_between(source: Source, t: pl.Expr, first: int, last: int) -> pl.Expr:
    """Return whether a poll lies in the span, in a form by which a scan can skip rows."""
    column = source.column("timestamp_utc")
    dtype = source.dtype(column)
    if not isinstance(dtype, pl.Datetime):
        return t.is_between(first, last)
    lower, upper = datetime_limits(dtype, first, last)
    return pl.col(column).is_between(lower, upper)
