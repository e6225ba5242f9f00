"""What goes into a call: a table of any kind, or all tables of one load together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Generic, Protocol, Self

import polars as pl

from store_uptime._frozen import FrozenMapping

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    StatusFrame_co = TypeVar(
        "StatusFrame_co", bound=pl.DataFrame | pl.LazyFrame, default=pl.DataFrame, covariant=True
    )
else:
    from typing import TypeVar

    # Only type checkers know defaults yet.
    StatusFrame_co = TypeVar("StatusFrame_co", covariant=True)


class SupportsArrowStream(Protocol):
    """A table that can be read over Arrow, as those of pandas, pyarrow and DuckDB can."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Export the rows."""


class _ExtraTables(FrozenMapping[pl.DataFrame]):
    """The optional tables; equal to a mapping of the same frames, which are compared as objects."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping) or self.keys() != other.keys():
            return False
        return all(frame is other[name] for name, frame in self.items())

    def __hash__(self) -> int:
        return hash(frozenset((name, id(frame)) for name, frame in self.items()))


REJECTED_SCHEMA = pl.Schema(
    {
        "table": pl.String,
        "file": pl.String,
        "line": pl.Int64,
        "store_id": pl.String,
        "reason": pl.String,
        "text": pl.String,
    }
)


class Inputs(tuple[StatusFrame_co, pl.DataFrame, pl.DataFrame], Generic[StatusFrame_co]):  # noqa: SLOT001  # it has more
    """The tables of one load, ready for every function that computes: ``compute_report(inputs)``.

    Unpacks as ``status, hours, timezones``. Whoever hands over the three alone forgets the
    optional tables, and by which span the polls were chosen.

    Attributes
    ----------
    status
        `store_id` (an integer type or String), `timestamp_utc` (Datetime in UTC, microseconds)
        and `status` (Boolean, true = active), in the order of the source. `load_parquet` gives a
        LazyFrame with the columns as the files have them.
    hours
        `store_id`, `day_of_week` (Int64, 0 = Monday), `start_time_local` and `end_time_local`
        (Duration since local midnight, microseconds; midnight as an end is 24 hours). If the source
        has them, `valid_from` and `valid_until` (Date, null = without limit).
    timezones
        `store_id`, `timezone_str` (String, null where the source has none).
    extra
        The optional tables that were loaded, by the name of their keyword argument.
    rejected
        The rows that a lenient load refused: `table` (String), `file` (String), `line` (Int64, the
        first line of the file is 1), `store_id` (String, as it stands in the file, null where it
        cannot be read; of such a store of any table but `status` no row was kept), `reason`
        (String), `text` (String, the line as it stands in the file), sorted by table, in the order
        of the files. Empty after a strict load.
    now
        Where reports end if they are not told: the `now` of a loader that chose polls by it, or
        the latest poll that it found. ``None`` after a load of all polls.
    since, until
        The span of the polls that were loaded (datetimes in UTC). ``None`` is no limit. What needs
        polls from outside of it is refused.

    Notes
    -----
    Two of them are equal only if they are the same object.

    Examples
    --------
    >>> import polars as pl
    >>> empty = pl.DataFrame()
    >>> status, hours, timezones = Inputs(empty, empty, empty)
    >>> Inputs(empty, empty, empty)
    Inputs(status: 0, hours: 0, timezones: 0, rejected: 0)
    """

    extra: Mapping[str, pl.DataFrame]
    rejected: pl.DataFrame
    now: dt.datetime | None
    since: dt.datetime | None
    until: dt.datetime | None

    # A tuple of three, so that a type checker knows how far `*inputs` reaches.
    def __new__(
        cls,
        status: StatusFrame_co,
        hours: pl.DataFrame,
        timezones: pl.DataFrame,
        *,
        extra: Mapping[str, pl.DataFrame] | None = None,
        rejected: pl.DataFrame | None = None,
        now: dt.datetime | None = None,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
    ) -> Self:
        """Take the tables as they are; nothing is checked before `compute_report` does."""
        self = super().__new__(cls, (status, hours, timezones))
        self.extra = _ExtraTables(extra or {})
        self.rejected = REJECTED_SCHEMA.to_frame() if rejected is None else rejected
        self.now, self.since, self.until = now, since, until
        return self

    @property
    def status(self) -> StatusFrame_co:
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

    __eq__ = object.__eq__
    __ne__ = object.__ne__
    __hash__ = object.__hash__

    def __getnewargs_ex__(self) -> tuple[tuple[object, ...], dict[str, object]]:
        span = {"now": self.now, "since": self.since, "until": self.until}
        return tuple(self), {"extra": dict(self.extra), "rejected": self.rejected, **span}

    def __getstate__(self) -> None:
        return None

    def __repr__(self) -> str:
        tables: dict[str, pl.DataFrame | pl.LazyFrame] = {
            "status": self.status,
            "hours": self.hours,
            "timezones": self.timezones,
            **self.extra,
            "rejected": self.rejected,
        }
        told = (f"{name}: {_size(rows)}" for name, rows in tables.items())
        return f"Inputs({', '.join(told)})"


def _size(rows: pl.DataFrame | pl.LazyFrame) -> str:
    return f"{rows.height:,}" if isinstance(rows, pl.DataFrame) else "lazy"


AnyTable = pl.DataFrame | pl.LazyFrame | SupportsArrowStream
"""What may be given as a table."""

AnyPolls = AnyTable | Inputs[pl.DataFrame | pl.LazyFrame]
"""What may be given as `status`."""
