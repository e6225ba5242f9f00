"""The polls in memory, and the span of them that matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import polars as pl

from store_uptime._tables.poll_columns import PollColumns, PollFacts

MOST_IN_MEMORY = 64_000_000
"""So many polls are held in memory at a time; each takes some 40 bytes at the peak."""


class Span(NamedTuple):
    """Checked polls: `store_id`, `t` and `up`, and how many at most.

    Those that lie in the span, from `first` to `last`, are the ones for which all `conditions`
    hold.

    Attributes
    ----------
    in_memory
        Whether the rows are in memory, so that to read them again costs little.
    other_ids
        The ids, once each, of polls that are not in the rows, or whose ids need no further look.
    first_poll, last_poll
        The extremes of all polls of the table; ``None`` without polls.
    """

    first: int
    last: int
    rows: pl.LazyFrame
    rows_at_most: int
    conditions: Sequence[pl.Expr]
    in_memory: bool
    other_ids: pl.Series
    first_poll: int | None
    last_poll: int | None

    def polls(self) -> pl.LazyFrame:
        """Return the polls that lie in the span."""
        return self.rows.filter(*self.conditions)


class Polls(Protocol):
    """The `status` table."""

    @property
    def ids(self) -> pl.LazyFrame:
        """`store_id` of all polls."""

    @property
    def last(self) -> int | None:
        """The instant of the latest poll; ``None`` without polls."""

    def between(self, start: int, back: int | None, last: int) -> Span:
        """Return the polls from `back` to `last`, and what there is to say of the others.

        The span begins at `start`, or at the first of these polls if that is earlier. ``None`` is
        no limit.

        Raises
        ------
        InvalidStatusError
            A null id, a null or unreadable timestamp, one outside the years 1 to 9999; a status
            that is none, in the polls that are returned.
        SchemaError
            The rows cannot be read.
        """


@dataclass(frozen=True, slots=True)
class PollsInMemory:
    """Polls that are in memory: `rows` of `store_id`, `t` and `up`, with their facts.

    Where a status could not be read, `up` is null; only the polls of a span are checked for that.
    """

    columns: PollColumns
    rows: pl.DataFrame
    facts: PollFacts

    @property
    def ids(self) -> pl.LazyFrame:
        """As in `Polls`."""
        return self.rows.lazy().select("store_id")

    @property
    def last(self) -> int | None:
        """As in `Polls`."""
        return self.facts.last

    def between(self, start: int, back: int | None, last: int) -> Span:
        """As in `Polls`; `rows` are all polls, and the conditions say which lie in the span."""
        _, first_poll, last_poll, *_ = self.facts
        first = start
        if first_poll is not None:
            first = min(start, first_poll if back is None else max(back, first_poll))
        all_inside = (
            first_poll is None or last_poll is None or first <= first_poll <= last_poll <= last
        )
        conditions = [] if all_inside else [pl.col("t").is_between(first, last)]
        return Span(
            first,
            last,
            self._with_statuses(first, last).lazy(),
            self.facts.polls,
            conditions,
            in_memory=True,
            other_ids=self.rows["store_id"].clear(),
            first_poll=first_poll,
            last_poll=last_poll,
        )

    def _with_statuses(self, first: int, last: int) -> pl.DataFrame:
        """Return the rows with no null for a status, of which none may be in the span."""
        if not self.facts.no_up:
            return self.rows
        no_up = pl.col("up").is_null()
        if self.rows.filter(no_up, pl.col("t").is_between(first, last)).height:
            inside = self.columns.source.filtered(self.columns.between(first, last))
            self.columns.refuse_statuses(inside)
        return self.rows.with_columns(pl.col("up").fill_null(value=False))
