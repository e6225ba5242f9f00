"""The polls of a lazy frame, read as seldom as can be.

Where the polls of the span fit into memory, they are read once, and go the way of rows in memory.
Where they do not, they are read once for what must be known of all of them, and then to be packed.
Of the polls outside the span only the distinct ids are taken, and the faults of ids and timestamps.
A limit of time is handed to the scan each time, which then skips what lies outside.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import polars as pl

from store_uptime._tables.given import Source
from store_uptime._tables.poll_columns import FACTS, NO_POLLS, PollColumns, PollFacts
from store_uptime._tables.polls import MOST_IN_MEMORY, PollsInMemory, Span
from store_uptime._tables.reading import reading_rows
from store_uptime._time.units import FIRST_INSTANT


class ScannedPolls:
    """Polls of a lazy frame. A status is read, and checked, only in the span."""

    def __init__(self, columns: PollColumns) -> None:
        self._columns, self._source = columns, columns.source
        self._held: PollsInMemory | None = None
        self._fit = columns.stamps_are_text  # as long as nobody knows better

    @property
    def ids(self) -> pl.LazyFrame:
        """As in `Polls`."""
        return self._columns.rows(self._source).select("store_id")

    @property
    def last(self) -> int | None:
        """As in `Polls`. Text that is read for this is kept until a span is asked for."""
        self._held = self._read_text()
        if self._held is not None:
            return self._held.last
        instants = self._columns.rows(self._source, offsets=True).select("t")
        latest: int | None = self._source.collect(instants.max()).item()
        self._columns.refuse(self._source, NO_POLLS._replace(last=latest))
        return latest

    def between(self, start: int, back: int | None, last: int) -> Span:
        """As in `Polls`."""
        held, self._held = self._held or self._read_text(), None
        if held is not None:
            return held.between(start, back, last)
        return self._scan(start, max(back or FIRST_INSTANT, FIRST_INSTANT), last)

    def _read_text(self) -> PollsInMemory | None:
        """Return all polls, if their timestamps are text and they fit into memory.

        A limit of time would spare nothing of such a file, and so each is parsed once.
        """
        if not self._fit:
            return None
        rows, facts = self._columns.read(self._source, MOST_IN_MEMORY + 1)
        self._fit = facts.polls <= MOST_IN_MEMORY
        if not self._fit:
            return None
        self._columns.refuse(self._source, facts)
        return PollsInMemory(self._columns, rows, facts)

    def _scan(self, start: int, back: int, last: int) -> Span:
        """Return the span of polls that a limit of time, handed to their scan, may spare."""
        every = self._count(self._source)
        inside = self._source.filtered(self._columns.between(back, last))
        # To count all rows takes no time, of Parquet, and those of a span a look at one column.
        at_most = every if every <= MOST_IN_MEMORY else self._count(inside)
        if at_most > MOST_IN_MEMORY:
            return self._survey_span(start, back, last)
        frame, facts = self._columns.read(inside)
        others, ids = NO_POLLS, frame["store_id"].clear()
        if facts.polls < every:
            _, rows = self._parts(back, last, {})
            ((others, ids),) = self._survey([rows])
        self._refuse(facts, others, back, last)
        return _span_with(start, last, frame.lazy(), facts, others, ids, in_memory=True)

    def _survey_span(self, start: int, back: int, last: int) -> Span:
        """Return the span of more polls than fit into memory, after one look at all of them."""
        how: dict[str, bool] = {}
        while True:
            parts = self._parts(back, last, how)
            (facts, ids), (others, other_ids) = self._survey(parts)
            again = self._columns.worth_another_look(facts.with_others(others), how)
            if again == how:
                break
            how = again  # whether a status can be read shows only once the instants can
        self._refuse(facts, others, back, last)
        ids = pl.concat([ids, other_ids]).unique()
        return _span_with(start, last, parts[0], facts, others, ids, in_memory=False)

    def _parts(
        self, back: int, last: int, how: dict[str, bool]
    ) -> tuple[pl.LazyFrame, pl.LazyFrame]:
        """Return the polls of a span, and the others, of which no status need be read."""
        if self._columns.stamps_are_text:
            rows = self._columns.rows(self._source, **how)
            inside = pl.col("t").is_between(back, last).fill_null(value=False)
            return rows.filter(inside), rows.filter(~inside)
        inside = self._columns.between(back, last).fill_null(value=False)
        polls = self._columns.rows(self._source.filtered(inside), **how)
        return polls, self._columns.rows(self._source.filtered(~inside), statuses=False)

    def _survey(self, parts: Sequence[pl.LazyFrame]) -> list[tuple[PollFacts, pl.Series]]:
        """Return the facts and the distinct ids of all parts, read together."""
        pairs = [(rows.select(FACTS), rows.select("store_id").unique()) for rows in parts]
        queries = list(itertools.chain(*pairs))
        # What all share is read once; of text that is the rows, before they are parted.
        shared = pl.QueryOptFlags(predicate_pushdown=not self._columns.stamps_are_text)
        with reading_rows("status"):
            found = pl.collect_all(queries, engine="streaming", optimizations=shared)
        read = zip(found[::2], found[1::2], strict=True)
        return [(PollFacts(*facts.row(0)), ids.to_series()) for facts, ids in read]

    def _refuse(self, facts: PollFacts, others: PollFacts, back: int, last: int) -> None:
        """Raise for what is wrong in ids and instants anywhere, and in statuses of the span."""
        self._columns.refuse(self._source, facts.with_others(others))
        if facts.no_up:
            self._columns.refuse_statuses(self._source.filtered(self._columns.between(back, last)))

    def _count(self, source: Source) -> int:
        count: int = source.collect(source.rows.select(pl.len())).item()
        return count


def _span_with(
    start: int,
    last: int,
    rows: pl.LazyFrame,
    facts: PollFacts,
    others: PollFacts,
    other_ids: pl.Series,
    *,
    in_memory: bool,
) -> Span:
    every = facts.with_others(others)
    return Span(
        start if facts.first is None else min(start, facts.first),
        last,
        rows,
        facts.polls,
        conditions=[],
        in_memory=in_memory,
        other_ids=other_ids,
        first_poll=every.first,
        last_poll=every.last,
    )
