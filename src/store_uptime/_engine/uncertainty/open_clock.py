"""Evidence on the open clock, on which closed time takes no time at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from store_uptime._effort import run
from store_uptime._engine.axis import Axis
from store_uptime._engine.batches import Batch
from store_uptime._engine.evidence import evidence_inside
from store_uptime._engine.packed_polls import first_at, position_of, says_up
from store_uptime._engine.running_totals import OPEN_TIME, read_open_time


@dataclass(frozen=True, slots=True)
class Clocked:
    """The evidence inside open time of all stores of a batch.

    `polls` are packed and sorted; `clock` is the open time of all stores before each.
    """

    axis: Axis
    sessions: pl.DataFrame
    polls: pl.Series
    clock: pl.Series

    def __len__(self) -> int:
        return len(self.polls)

    def first_from(self, positions: pl.Series) -> pl.Series:
        """Return the index of the first poll at or after each position."""
        return self.polls.search_sorted(first_at(positions)).cast(pl.Int64)

    def last_until(self, positions: pl.Series) -> pl.Series:
        """Return the index of the last poll at or before each position; -1 where there is none."""
        return self.first_from(positions + 1) - 1

    def clock_at(self, positions: pl.DataFrame) -> pl.DataFrame:
        """Return the open time before each of some positions, in columns of the same names."""
        return pl.DataFrame(map(self._clock_of, positions.iter_columns()))

    def _clock_of(self, positions: pl.Series) -> pl.Series:
        points = positions.alias("x").to_frame()
        if positions.is_sorted():
            read = read_open_time(points.lazy(), self.sessions)
        else:
            placed = points.with_row_index("place").lazy().sort("x")
            read = read_open_time(placed, self.sessions).sort("place")
        clock = run(read.select(OPEN_TIME), max(len(positions), self.sessions.height))
        return clock.to_series().alias(positions.name)

    def ups(self, indices: pl.Series) -> pl.Series:
        """Return whether the polls of some indices found the store up."""
        return self.polls.gather(indices).to_frame().select(says_up(pl.first())).to_series()


def first_equals(columns: Sequence[pl.Series]) -> list[int]:
    """Return for each column the place of the first that is equal to it, which may be itself."""
    places: list[int] = []
    for place, column in enumerate(columns):
        others = (other for other in dict.fromkeys(places) if columns[other].equals(column))
        places.append(next(others, place))
    return places


def put_on_clock(batch: Batch) -> Clocked:
    """Return the evidence of a batch that lies inside open time, whatever the policy uses."""
    polls = evidence_inside(batch.evidence, batch.sessions, batch.policy)
    points = position_of(polls).alias("x").to_frame().lazy()
    clock = run(read_open_time(points, batch.sessions).select(OPEN_TIME), len(polls)).to_series()
    return Clocked(batch.axis, batch.sessions, polls, clock)
