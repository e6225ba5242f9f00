"""Every warning that this package gives. The facts behind a message are attributes too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

__all__ = ["CoverageWarning", "RejectedRowsWarning"]


class RejectedRowsWarning(UserWarning):
    """A lenient load left rows out; they are in `Inputs.rejected`.

    Attributes
    ----------
    counts
        How many rows it refused, by table.
    stores
        The ids, as texts, of the stores that it left out whole: a row that says when they are open
        was refused.
    """

    def __init__(self, message: str, counts: Mapping[str, int], stores: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.counts = dict(counts)
        self.stores = tuple(stores)

    def __reduce__(self) -> tuple[object, tuple[object, ...], object]:
        return type(self), (*self.args, self.counts, self.stores), vars(self)  # with the notes


class CoverageWarning(UserWarning):
    """Little of what was asked for is known, or the tables speak of different stores.

    Attributes
    ----------
    known
        The share of the open time that is known, by window; ``None`` where there is no open time.
        For `compute_timeline` and `compute_outages` there is one window, ``"timeline"``.
    window
        The window of which the smallest share is known.
    stores, stores_unknown
        How many stores there are, and how many of them have nothing known in `window`.
    first_poll, last_poll
        The earliest and the latest poll; ``None`` without polls.
    now
        Where the windows end; of a history, the last such instant.
    unmet
        Those of ``"hours"`` and ``"timezones"`` that have rows, but none of a polled store.
    from_timeline
        Whether this is about a timeline instead of polls.
    covers
        The span of the timeline, two instants; ``None`` without pieces, and of polls.
    outside
        The windows that begin before the span of the timeline or end after it.
    """

    def __init__(
        self,
        *,
        known: Mapping[str, float | None],
        window: str,
        stores: int,
        stores_unknown: int,
        first_poll: dt.datetime | None = None,
        last_poll: dt.datetime | None = None,
        now: dt.datetime,
        unmet: Sequence[str] = (),
        from_timeline: bool = False,
        covers: tuple[dt.datetime, dt.datetime] | None = None,
        outside: Sequence[str] = (),
    ) -> None:
        self.known = dict(known)
        self.window = window
        self.stores = stores
        self.stores_unknown = stores_unknown
        self.first_poll = first_poll
        self.last_poll = last_poll
        self.now = now
        self.unmet = tuple(unmet)
        self.from_timeline = from_timeline
        self.covers = covers
        self.outside = tuple(outside)
        super().__init__(self.text())

    @property
    def is_due(self) -> bool:
        """Whether there is anything to warn of."""
        return self._knows_little or bool(self.unmet or self.outside)

    @property
    def _knows_little(self) -> bool:
        share = self.known[self.window]
        return share is not None and share < _LITTLE

    def text(self, **spelled: str) -> str:
        """Return the message; there is none if nothing is to be warned of.

        Parameters
        ----------
        **spelled
            How `now`, `max_gap` and `lookback` are written where the message is read.
        """
        sentences = []
        if self._knows_little:
            now, gap, back = (spelled.get(name, name) for name in ("now", "max_gap", "lookback"))
            share = _percent(self.known[self.window])
            place = f" of {self.window}" if len(self.known) > 1 else ""
            have = "has" if self.stores_unknown == 1 else "have"
            sentences.append(
                f"Only {share} of the open time{place} is known: "
                f"{self.stores_unknown:,} of {self.stores:,} stores {have} nothing known; "
                f"{self._span}, and now is {_moment(self.now)}. Look at "
                + (f"{now}." if self.from_timeline else f"{now}, {gap} and {back}.")
            )
        if self.outside:
            covers = spelled.get("covers", "covers")
            first = ", ".join(map(repr, self.outside[:_SHOWN_WINDOWS]))
            sentences.append(
                f"What lies outside of a timeline counts as closed: {self._span}, and the windows "
                f"{first} begin before it or end after it. Give {covers} to say for which span it "
                "was made."
            )
        sentences += [_UNMET[table] for table in self.unmet]
        return " ".join(sentences)

    @property
    def _span(self) -> str:
        source, runs = ("timeline", "runs") if self.from_timeline else ("polls", "run")
        edges = self.covers if self.from_timeline else (self.first_poll, self.last_poll)
        if edges is None or edges[0] is None or edges[1] is None:
            return "the timeline is empty" if self.from_timeline else "there are no polls"
        return f"the {source} {runs} from {_moment(edges[0])} to {_moment(edges[1])}"

    def __reduce__(self) -> tuple[object, tuple[object, ...], object]:
        facts = {name: value for name, value in self.__dict__.items() if name != "__notes__"}
        notes = {"__notes__": self.__notes__} if hasattr(self, "__notes__") else None
        return _rebuilt_warning, (type(self), facts), notes


_LITTLE = 0.5
"""A smaller share than this is warned of."""

_SHOWN_WINDOWS = 3

_UNMET: Mapping[str, str] = MappingProxyType(
    {
        "hours": "No polled store is in hours, so each of them counts as open day and night. "
        "Look at the ids of status and hours.",
        "timezones": "No polled store is in timezones, so each of them is in the default zone. "
        "Look at the ids of status and timezones.",
    }
)


def _rebuilt_warning(cls: type[CoverageWarning], facts: Mapping[str, Any]) -> CoverageWarning:
    return cls(**facts)


def _moment(instant: dt.datetime) -> str:
    return f"{instant.replace(tzinfo=None).isoformat(timespec='minutes')}Z"


def _percent(share: float | None) -> str:
    """Return a share in percent, rounded down, but never to nothing."""
    tenths = int((share or 0) * 1000)
    return f"{tenths / 10:.1f} %" if tenths or not share else "less than 0.1 %"
