"""How much of what is asked for is known, and whether the tables speak of the same stores."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl

from store_uptime._engine.axis import Axis
from store_uptime._engine.packed_polls import first_at, rank_of
from store_uptime._engine.stores import Stores
from store_uptime._tables.polls import Span
from store_uptime._time.instants import from_microseconds
from store_uptime.notices import CoverageWarning

_LOOKS = 10
_COMPARED = ("hours", "timezones")


class Coverage:
    """What all batches have together: of each window, and of the tables.

    Attributes
    ----------
    scheduled, known
        Open time, and the part of it that is known, by window (microseconds).
    stores
        How many there are.
    stores_known
        How many of them have something known, by window.
    """

    def __init__(self, windows: Sequence[str]) -> None:
        self.scheduled = dict.fromkeys(windows, 0)
        self.known = dict.fromkeys(windows, 0)
        self.stores_known = dict.fromkeys(windows, 0)
        self.stores = 0
        self._first_poll: int | None = None
        self._last_poll: int | None = None
        self._polled = False
        self._named = dict.fromkeys(_COMPARED, False)
        self._met = dict.fromkeys(_COMPARED, False)

    def facts(self, now: dt.datetime) -> CoverageWarning:
        """Return what is known by the polls, in a form that can be warned of."""
        first, last = (
            None if edge is None else from_microseconds(edge)
            for edge in (self._first_poll, self._last_poll)
        )
        unmet = [name for name, met in self._met.items() if self._named[name] and not met]
        return self._facts(
            now, first_poll=first, last_poll=last, unmet=unmet if self._polled else ()
        )

    def facts_of_timeline(
        self,
        span: tuple[dt.datetime, dt.datetime] | None,
        outside: Sequence[str],
        now: dt.datetime,
    ) -> CoverageWarning:
        """Return what is known by a timeline of some span, outside of which some windows reach."""
        return self._facts(now, from_timeline=True, covers=span, outside=outside)

    def _facts(self, now: dt.datetime, **others: Any) -> CoverageWarning:
        shares = {window: self._share(window) for window in self.scheduled}
        lowest = min(shares, key=lambda window: _or_one(shares[window]))
        return CoverageWarning(
            known=shares,
            window=lowest,
            stores=self.stores,
            stores_unknown=self.stores - self.stores_known[lowest],
            now=now,
            **others,
        )

    def _share(self, window: str) -> float | None:
        scheduled = self.scheduled[window]
        return self.known[window] / scheduled if scheduled else None

    def add(self, window: str, scheduled: pl.Series, known: pl.Series, stores_known: int) -> None:
        """Add what a batch has in a window: a row for each stretch of open time."""
        # Years of a million stores are more microseconds than Int64 holds.
        self.scheduled[window] += int(scheduled.cast(pl.Int128).sum())
        self.known[window] += int(known.cast(pl.Int128).sum())
        self.stores_known[window] += stores_known

    def add_span(self, span: Span) -> None:
        """Add the extremes of all polls, which are the same whatever span of them is looked at."""
        self._first_poll, self._last_poll = span.first_poll, span.last_poll

    def add_tables(self, stores: Stores, packed: pl.Series, axis: Axis) -> None:
        """Add the stores of a batch, of which some were polled."""
        self.stores += len(stores)
        self._polled |= len(packed) > 0
        ranks = stores.hours["i"], stores.table["i"].filter(stores.table["has_zone"])
        for table, named in zip(_COMPARED, ranks, strict=True):
            self._named[table] |= len(named) > 0
            if not self._met[table]:
                self._met[table] = _meets(named, packed, axis)


def _or_one(share: float | None) -> float:
    return 1 if share is None else share


def _meets(named: pl.Series, packed: pl.Series, axis: Axis) -> bool:
    """Return whether any of the sorted, packed polls is of a store in `named`."""
    if named.is_empty() or packed.is_empty():
        return False
    # Nearly always, the first look shows it.
    for place in range(0, len(packed), max(1, len(packed) // _LOOKS)):
        if (named == rank_of(int(packed[place]), axis)).any():
            return True
    ranks = named.unique()
    starts, ends = (first_at(edge * axis.length) for edge in (ranks, ranks + 1))
    counts = packed.search_sorted(ends).cast(pl.Int64) - packed.search_sorted(starts).cast(pl.Int64)
    return bool((counts > 0).any())
