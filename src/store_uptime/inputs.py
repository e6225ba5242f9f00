"""What the loaders return."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

REJECTED_SCHEMA = pl.Schema(
    {"table": pl.String, "line": pl.Int64, "reason": pl.String, "text": pl.String}
)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The tables of one load, ready for `compute_report`.

    Unpacks as ``status, hours, timezones``, so ``compute_report(*inputs)`` works, and
    ``compute_report(*inputs, **inputs.extra)`` where there may be optional tables.

    Attributes
    ----------
    status
        `store_id` (Int64 or String), `timestamp_utc` (Datetime in UTC, microseconds) and `status`
        (Boolean, true = active), in the order of the source.
    hours
        `store_id`, `day_of_week` (Int64, 0 = Monday), `start_time_local` and `end_time_local`
        (Duration since local midnight, microseconds; midnight as an end is 24 hours).
    timezones
        `store_id`, `timezone_str` (String, null where the source has none).
    extra
        The optional tables that were loaded, by the name of their keyword argument.
    rejected
        The rows that a lenient load refused: `table` (String), `line` (Int64, the first line of
        the file is 1), `reason` (String), `text` (String, the line as it stands in the file),
        sorted by table and line. Empty after a strict load.

    Examples
    --------
    >>> import polars as pl
    >>> empty = pl.DataFrame()
    >>> status, hours, timezones = Inputs(empty, empty, empty)
    """

    status: pl.DataFrame
    hours: pl.DataFrame
    timezones: pl.DataFrame
    extra: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    rejected: pl.DataFrame = field(default_factory=REJECTED_SCHEMA.to_frame)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        yield self.status
        yield self.hours
        yield self.timezones
