"""What the loaders return."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

import polars as pl

REJECTED_SCHEMA = pl.Schema(
    {"table": pl.String, "line": pl.Int64, "reason": pl.String, "text": pl.String}
)


class Inputs(tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]):  # noqa: SLOT001  # it has more
    """The tables of one load, ready for `compute_report`.

    Unpacks as ``status, hours, timezones``, so ``compute_report(*inputs)`` works, and
    ``compute_report(*inputs, **inputs.extra)`` where there may be optional tables.

    Attributes
    ----------
    status
        `store_id` (an integer type or String), `timestamp_utc` (Datetime in UTC, microseconds)
        and `status` (Boolean, true = active), in the order of the source.
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
    >>> Inputs(empty, empty, empty)
    Inputs(status: 0, hours: 0, timezones: 0, rejected: 0)
    """

    # Any, so that type checkers accept ``compute_report(*inputs, **inputs.extra)``.
    extra: Mapping[str, Any]
    rejected: pl.DataFrame

    # A tuple of three, so that a type checker knows how far `*inputs` reaches.
    def __new__(
        cls,
        status: pl.DataFrame,
        hours: pl.DataFrame,
        timezones: pl.DataFrame,
        *,
        extra: Mapping[str, Any] | None = None,
        rejected: pl.DataFrame | None = None,
    ) -> Self:
        """Take the tables as they are; nothing is checked before `compute_report` does."""
        self = super().__new__(cls, (status, hours, timezones))
        self.extra = MappingProxyType(dict(extra or {}))
        self.rejected = REJECTED_SCHEMA.to_frame() if rejected is None else rejected
        return self

    @property
    def status(self) -> pl.DataFrame:
        """The table of that name."""
        return self[0]

    @property
    def hours(self) -> pl.DataFrame:
        """The table of that name."""
        return self[1]

    @property
    def timezones(self) -> pl.DataFrame:
        """The table of that name."""
        return self[2]

    def __getnewargs_ex__(self) -> tuple[tuple[pl.DataFrame, ...], dict[str, Any]]:
        return tuple(self), {"extra": dict(self.extra), "rejected": self.rejected}

    def __getstate__(self) -> None:
        return None

    def __repr__(self) -> str:
        names = ("status", "hours", "timezones")
        sizes = {**dict(zip(names, self, strict=True)), **self.extra, "rejected": self.rejected}
        return f"Inputs({', '.join(f'{name}: {rows.height:,}' for name, rows in sizes.items())})"
