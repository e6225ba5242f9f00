"""The three columns of `status`: how they are read, and what is refused in them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import polars as pl

from store_uptime._effort import run
from store_uptime._tables.contract import INSTANT, STATUS, Kind
from store_uptime._tables.given import Source, is_text
from store_uptime._tables.ids import refuse_ids
from store_uptime._tables.text import parse_instant, parse_status
from store_uptime._tables.values import datetime_limits, refuse_outside_years, value_of
from store_uptime._time.units import FIRST_INSTANT, LAST_INSTANT
from store_uptime.errors import InvalidStatusError


class PollFacts(NamedTuple):
    """What can be told of polls without looking at each.

    How many there are, the first and the last instant of them, and how many have no id, no instant
    and no status that could be read.
    """

    polls: int
    first: int | None
    last: int | None
    no_id: int
    no_t: int
    no_up: int

    def with_others(self, others: PollFacts) -> PollFacts:
        """Return the facts of these polls and of others, of which no status was read."""
        edges = [each for each in (*self[1:3], *others[1:3]) if each is not None]
        return PollFacts(
            self.polls + others.polls,
            min(edges, default=None),
            max(edges, default=None),
            self.no_id + others.no_id,
            self.no_t + others.no_t,
            self.no_up,
        )


NO_POLLS = PollFacts(0, None, None, 0, 0, 0)
"""The facts of no rows."""

FACTS = (
    pl.len(),
    pl.col("t").min().alias("first"),
    pl.col("t").max().alias("last"),
    pl.col("store_id").null_count().alias("no_id"),
    pl.col("t").null_count().alias("no_t"),
    pl.col("up").null_count().alias("no_up"),
)
"""The facts of rows of `store_id`, `t` and `up`, in their order."""


class PollColumns:
    """How the columns of a `status` are read: as `store_id`, `t` (microseconds) and `up`.

    Raises
    ------
    SchemaError
        A column is missing or of a type that is not accepted.
    """

    def __init__(self, source: Source, id_dtype: pl.DataType) -> None:
        self.source, self.id_dtype = source, id_dtype
        self._stamp, self._status = source.column("timestamp_utc"), source.column("status")
        self._store_id = pl.col(source.id_column).cast(id_dtype).alias("store_id")
        self._t = value_of(source, self._stamp, INSTANT).alias("t")
        _up(source, self._status, lenient=False)  # refuses a wrong type, now

    @property
    def stamps_are_text(self) -> bool:
        """Whether the timestamps are text, so that a limit of time is nothing to their file."""
        return self.source.dtype(self._stamp) == pl.String

    def rows(
        self,
        source: Source,
        *,
        offsets: bool = False,
        lenient: bool = False,
        statuses: bool = True,
    ) -> pl.LazyFrame:
        """Return all rows of a source with these columns; null where one cannot be read.

        What is rare takes several times as long to read: instants with `offsets` other than zero,
        and statuses in other than the usual spelling, for which to be `lenient`. Without `statuses`
        that column is not read, and `up` says nothing.
        """
        t = self._t if offsets or not self.stamps_are_text else _in_utc(self._stamp)
        up = _up(self.source, self._status, lenient=lenient) if statuses else pl.lit(value=True)
        return source.rows.select(self._store_id, t, up.alias("up"))

    def read(self, source: Source, most: int | None = None) -> tuple[pl.DataFrame, PollFacts]:
        """Return the rows of a source, at `most` so many, and their facts.

        They are read again, with all that is accepted, where the quick way leaves nulls.
        """
        how: dict[str, bool] = {}
        rows, facts = self._read(source, most, how)
        again = self.worth_another_look(facts, how)
        return (rows, facts) if again == how else self._read(source, most, again)

    def _read(
        self, source: Source, most: int | None, how: dict[str, bool]
    ) -> tuple[pl.DataFrame, PollFacts]:
        rows = self.rows(source, **how)
        frame = source.collect(rows if most is None else rows.head(most))
        return frame, PollFacts(*run(frame.lazy().select(FACTS), frame.height).row(0))

    def worth_another_look(self, facts: PollFacts, how: dict[str, bool]) -> dict[str, bool]:
        """Return how to read rows that have these facts if they are read as `how` says."""
        more = dict(how)
        if facts.no_t and self.stamps_are_text:
            more["offsets"] = True
        if facts.no_up and is_text(self.source.dtype(self._status)):
            more["lenient"] = True
        return more

    def between(self, first: int, last: int) -> pl.Expr:
        """Return whether a row lies in the span, in a form by which a scan can skip rows."""
        dtype = self.source.dtype(self._stamp)
        if not isinstance(dtype, pl.Datetime):
            return self._t.is_between(first, last)
        lower, upper = datetime_limits(dtype, first, last)
        return pl.col(self._stamp).is_between(lower, upper)

    def refuse(self, source: Source, facts: PollFacts) -> None:
        """Raise for what is wrong in the rows of a source, if anything is by their facts.

        Raises
        ------
        InvalidStatusError
            A null id, a null or unreadable timestamp, one outside the years 1 to 9999.
        """
        if facts.no_id:
            refuse_ids(source, InvalidStatusError, self.id_dtype)
        if facts.no_t:
            self._refuse_null(source, self._stamp, INSTANT, self._t)
        extremes = [each for each in (facts.first, facts.last) if each is not None]
        if not all(FIRST_INSTANT <= extreme <= LAST_INSTANT for extreme in extremes):
            refuse_outside_years(source, InvalidStatusError, self._stamp, self._t)

    def refuse_statuses(self, source: Source) -> None:
        """Raise `InvalidStatusError` for statuses that are none."""
        self._refuse_null(
            source, self._status, STATUS, _up(self.source, self._status, lenient=True)
        )

    def _refuse_null(self, source: Source, column: str, kind: Kind, value: pl.Expr) -> None:
        source.refuse_rows(
            InvalidStatusError,
            column,
            kind.null_fault,
            value.is_null(),
            kind.remedy,
            code=kind.code,
        )


# For a table of few rows, writing the expression down takes as long as computing it.
@lru_cache(maxsize=10)
def _in_utc(column: str) -> pl.Expr:
    return parse_instant(pl.col(column), with_offsets=False).alias("t")


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
