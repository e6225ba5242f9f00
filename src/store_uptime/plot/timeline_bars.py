"""What a chart of a timeline draws of each store: bars, and polls beside outages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from store_uptime._tables.timeline_rows import Pieces
from store_uptime._time.zones import Segment
from store_uptime.plot.choice import Chosen, refuse_many
from store_uptime.plot.clocks import clock_of, cut, offset_on, place, told_instant
from store_uptime.plot.words import spoken

POLL, STILL_DOWN = "poll beside an outage", "down at the end"

Mark = dict[str, Any]


class Rows(NamedTuple):
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


def rows_of(chosen: Chosen, pieces: Pieces, zones: Mapping[object, str] | None, other: str) -> Rows:
    """Return the rows of the stores, on the clocks of their zones; one without is in `other`."""
    first, last = pieces.first or 0, pieces.last or 0
    named = {store: None if zones is None else zones.get(store, other) for store in chosen.names}
    clocks = {zone: clock_of(zone, first, last) for zone in {*named.values()}}
    return Rows(chosen, {store: clocks[zone] for store, zone in named.items()}, zones is not None)


def closed_lines(rows: Rows, first: int, last: int) -> list[Mark]:
    """Return a line for each store, from the first instant to the last: what no bar covers."""
    return [
        {
            "row": name,
            "state": "closed",
            "from": rows.place_of(store, first),
            "to": rows.place_of(store, last),
        }
        for store, name in rows.chosen.names.items()
    ]


def state_bars(pieces: Pieces, rows: Rows) -> list[Mark]:
    """Return a bar for each piece, and one more for each change of the clock inside it."""
    ids = rows.chosen.ids
    own = pieces.rows.filter(pl.col("store_id").is_in(ids.implode()))
    frame = pieces.collect(own.sort("store_id", "start"))
    refuse_many(frame.height + len(ids), len(ids))
    found = frame.select("store_id", "start", "end", "state").iter_rows()
    return [bar for piece in found for bar in _bars_of(rows, *piece)]


def _bars_of(rows: Rows, store: object, start: int, end: int, state: str) -> Iterator[Mark]:
    parts = [*cut(start, end, rows.clocks[store])]
    told = {
        "row": rows.chosen.names[store],
        "state": state,
        "start": rows.told(start, parts[0].offset),
        "end": rows.told(end, parts[-1].offset),
        "lasts": spoken(end - start),
    }
    for part in parts:
        edges = (place(each, part.offset) for each in (part.start, part.end))
        yield told | dict(zip(("from", "to"), edges, strict=True))


def outage_marks(outages: pl.DataFrame, rows: Rows, first: int, last: int) -> list[Mark]:
    """Return the polls beside outages, each once, and the outages that have not ended.

    Of them, what lies from the first instant to the last.
    """
    polls: dict[tuple[object, int], list[str]] = {}
    still_down = []
    own = outages.filter(pl.col("store_id").is_in(rows.chosen.ids.implode()))
    for store, start, end, ongoing, before, after in own.sort("store_id", "start").iter_rows():
        inside = (min(max(each, first), last) for each in (start, end))
        begins, ends = (rows.told_of(store, each) for each in inside)
        for poll, what in ((before, "last before"), (after, "first after")):
            if poll is not None and first <= poll <= last:
                polls.setdefault((store, poll), []).append(f"{what} that of {begins}")
        if ongoing and first <= end <= last:
            told = {"state": STILL_DOWN, "what": f"since {begins}", "at": ends}
            still_down.append(_point(rows, store, end) | told)
    return [
        _point(rows, store, poll)
        | {"state": POLL, "what": "; ".join(texts), "at": rows.told_of(store, poll)}
        for (store, poll), texts in polls.items()
    ] + still_down


def _point(rows: Rows, store: object, instant: int) -> Mark:
    return {"row": rows.chosen.names[store], "from": rows.place_of(store, instant)}
