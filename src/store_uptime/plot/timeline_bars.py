"""What a chart of a timeline draws of each store: bars, and polls beside outages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from store_uptime._tables.timeline_rows import Pieces
from store_uptime._time.zones import Segment
from store_uptime.plot.choice import Chosen, refuse_many
from store_uptime.plot.clocks import clock_of, offset_on, parts_on, place, told_instant
from store_uptime.plot.words import spoken

POLL, STILL_DOWN = "poll beside an outage", "down at the end"

Mark = dict[str, str | int]

_COLUMNS_OF_MARKS = {
    "row": pl.String,
    "state": pl.String,
    "from": pl.Int64,
    "to": pl.Int64,
    **dict.fromkeys(("start", "end", "lasts", "at", "what"), pl.String),
}


class StoreRows(NamedTuple):
    """Where the stores of a chart have their marks.

    Attributes
    ----------
    chosen
        The stores.
    clocks
        By id, the offsets of its clock.
    local
        Whether these are the stores' own clocks; if not, all are in UTC.
    """

    chosen: Chosen
    clocks: Mapping[object, Sequence[Segment]]
    local: bool

    def told(self, instant: int, offset: int) -> str:
        """Return what the clock shows, with its offset."""
        return told_instant(instant, offset if self.local else None)

    def told_of(self, store: object, instant: int) -> str:
        """Return what the clock of a store shows at an instant."""
        return self.told(instant, offset_on(self.clocks[store], instant))

    def place_of(self, store: object, instant: int) -> int:
        """Return where an instant lies on the axis, in milliseconds."""
        return place(instant, offset_on(self.clocks[store], instant))


def rows_of(
    chosen: Chosen, zones: Mapping[object, str] | None, other: str, first: int, last: int
) -> StoreRows:
    """Return the rows of stores on the clocks of their zones, or of `other`; without `zones`, UTC.

    They tell all times from the first instant to the last.
    """
    named = {store: None if zones is None else zones.get(store, other) for store in chosen.names}
    clocks = {zone: clock_of(zone, first, last) for zone in {*named.values()}}
    own = {store: clocks[zone] for store, zone in named.items()}
    return StoreRows(chosen, own, local=zones is not None)


def closed_lines(rows: StoreRows, first: int, last: int) -> pl.DataFrame:
    """Return a line for each store, from the first instant to the last: what no bar covers."""
    return _marks(
        {"row": name, "state": "closed"}
        | {"from": rows.place_of(store, first), "to": rows.place_of(store, last)}
        for store, name in rows.chosen.names.items()
    )


def state_bars(pieces: Pieces, rows: StoreRows) -> pl.DataFrame:
    """Return a bar for each piece, and one more for each change of the clock inside it.

    `start`, `end` and `lasts` tell the whole piece.
    """
    ids = rows.chosen.ids
    own = pieces.rows.filter(pl.col("store_id").is_in(ids.implode()))
    frame = pieces.collect(own.sort("store_id", "start"))
    refuse_many(frame.height + len(ids), len(ids))
    found = frame.select("store_id", "start", "end", "state").iter_rows()
    return _marks(bar for piece in found for bar in _bars_of(rows, *piece))


def _bars_of(rows: StoreRows, store: object, start: int, end: int, state: str) -> Iterator[Mark]:
    parts = [*parts_on(rows.clocks[store], start, end)]
    told = {
        "row": rows.chosen.names[store],
        "state": state,
        "start": rows.told(start, parts[0].offset),
        "end": rows.told(end, parts[-1].offset),
        "lasts": spoken(end - start),
    }
    for part in parts:
        yield told | {
            "from": place(part.start, part.offset),
            "to": place(part.end, part.offset),
        }


def outage_marks(outages: pl.DataFrame, rows: StoreRows, first: int, last: int) -> pl.DataFrame:
    """Return the polls beside outages, each once, and the outages that have not ended.

    Of them, what lies from the first instant to the last; `at` tells when, `what` which outage.
    """
    polls: dict[tuple[object, int], list[str]] = {}
    ends: list[Mark] = []
    own = outages.filter(pl.col("store_id").is_in(rows.chosen.ids.implode()))
    for store, start, end, ongoing, before, after in own.sort("store_id", "start").iter_rows():
        since = rows.told_of(store, min(max(start, first), last))
        for poll, what in ((before, "last before"), (after, "first after")):
            if poll is not None and first <= poll <= last:
                polls.setdefault((store, poll), []).append(f"{what} that of {since}")
        if ongoing and first <= end <= last:
            ends.append(_point(rows, store, end, STILL_DOWN, f"since {since}"))
    return _marks(
        [_point(rows, *which, POLL, "; ".join(texts)) for which, texts in polls.items()] + ends
    )


def _point(rows: StoreRows, store: object, instant: int, state: str, what: str) -> Mark:
    at = rows.told_of(store, instant)
    place_on_axis = rows.place_of(store, instant)
    name = rows.chosen.names[store]
    return {"row": name, "state": state, "from": place_on_axis, "at": at, "what": what}


def _marks(rows: Iterable[Mark]) -> pl.DataFrame:
    return pl.DataFrame([*rows], schema=_COLUMNS_OF_MARKS)
