"""A timeline that comes back: its pieces, once it is clear that they can be right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NoReturn

import polars as pl

from store_uptime._effort import run, run_as_written
from store_uptime._tables.contract import INSTANT
from store_uptime._tables.given import Source, is_text
from store_uptime._tables.ids import refuse_null_ids
from store_uptime._tables.reading import reading_rows
from store_uptime._tables.values import (
    datetime_limits,
    refuse_bad_instants,
    refuse_outside_years,
    value_of,
)
from store_uptime._time.units import FIRST_INSTANT, LAST_INSTANT
from store_uptime.errors import SHOWN_VALUES, SchemaError

STATE_DTYPE = pl.Enum(["up", "down", "unknown"])
"""The states of a piece of a timeline."""

PIECE_COLUMNS = ("store_id", "start", "end", "state")
"""The columns of a timeline."""

_MOST_SLICES = 10_000
_GIVE_A_TIMELINE = "Give what compute_timeline returned."


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of a timeline, those of each store disjoint, in any order.

    Attributes
    ----------
    source
        The timeline as it came.
    names
        Its columns for `start`, `end` and `state`.
    columns
        How they are read: `store_id`, `start`, `end` (microseconds since 1970 UTC) and `state`
        (`STATE_DTYPE`).
    frame
        What is read, of a timeline in memory.
    first, last
        Where the earliest begins and the latest ends; ``None`` without pieces.
    in_order
        Whether the rows are in memory, and sorted by store and start.
    """

    source: Source
    names: Mapping[str, str]
    columns: Sequence[pl.Expr]
    frame: pl.DataFrame | None
    first: int | None
    last: int | None
    in_order: bool

    @property
    def rows(self) -> pl.LazyFrame:
        """All pieces."""
        return self.source.rows.select(self.columns) if self.frame is None else self.frame.lazy()

    def inside(self, first: int, last: int) -> pl.LazyFrame:
        """Return the pieces of which some part lies in ``[first, last)``."""
        rows = self.rows
        if self.frame is None:
            rows = self.source.rows.filter(*self._not_apart(first, last)).select(self.columns)
        return rows.filter(pl.col("end") > first, pl.col("start") < last)

    def _not_apart(self, first: int, last: int) -> Iterator[pl.Expr]:
        """Yield what all pieces inside fulfil, in a form by which a scan can skip rows."""
        start, end = self.names["start"], self.names["end"]
        types = self.source.dtype(start), self.source.dtype(end)
        if isinstance(types[0], pl.Datetime):
            yield pl.col(start) <= datetime_limits(types[0], first, last)[1]
        if isinstance(types[1], pl.Datetime):
            yield pl.col(end) >= datetime_limits(types[1], first, last)[0]

    def collect(self, query: pl.LazyFrame) -> pl.DataFrame:
        """Return what a query of the rows gives."""
        return _collect(query, self.frame)


def read_pieces(source: Source, id_dtype: pl.DataType) -> Pieces:
    """Check a timeline, and return its pieces. A lazy one is read once.

    Raises
    ------
    SchemaError
        A column is missing or of a type that is not accepted; a null; an instant that cannot be
        read or lies outside the years 1 to 9999; a piece that does not end after its start; a state
        that is none; pieces of one store that overlap.
    """
    names = {name: source.column(name) for name in ("start", "end", "state")}
    start, end = (value_of(source, names[name], INSTANT) for name in ("start", "end"))
    state = _state_of(source, names["state"])
    store_id = pl.col(source.id_column).cast(id_dtype).alias("store_id")
    read = [store_id, start.alias("start"), end.alias("end"), state.alias("state")]
    rows, frame = source.rows.select(read), None
    if source.eager:
        with reading_rows(source.table):
            frame = run_as_written(rows)
    runs = _collect(_runs_of(rows), None) if frame is None else _runs_in_memory(frame)
    if runs["bad"].any():
        _refuse_bad(source, names, start, end, state)
    first, last = runs.select(pl.col("start").min(), pl.col("end").max()).row(0)
    if runs.height and first < FIRST_INSTANT:
        refuse_outside_years(source, SchemaError, names["start"], start)
    if runs.height and last > LAST_INSTANT:
        refuse_outside_years(source, SchemaError, names["end"], end)
    in_order = frame is not None and runs.height <= 1
    pieces = Pieces(source, names, read, frame, first, last, in_order)
    if _may_overlap(runs):
        _refuse_overlaps(pieces)
    return pieces


def refuse_outside(pieces: Pieces, first: int, last: int) -> None:
    """Raise `SchemaError` if any piece begins before `first` or ends after `last`."""
    if pieces.first is None or pieces.last is None or first <= pieces.first < pieces.last <= last:
        return
    found = pieces.rows.filter((pl.col("start") < first) | (pl.col("end") > last))
    _refuse_pieces(
        pieces.collect(found.select("store_id", "start")),
        "piece outside of what the timeline covers",
        "Give covers as the span for which the timeline was made.",
        code="piece_not_covered",
    )


def _collect(query: pl.LazyFrame, frame: pl.DataFrame | None) -> pl.DataFrame:
    with reading_rows("timeline"):
        return query.collect(engine="streaming") if frame is None else run(query, frame.height)


def _state_of(source: Source, column: str) -> pl.Expr:
    """Return the column as `STATE_DTYPE`; null where it is none of its words."""
    raw, dtype = pl.col(column), source.dtype(column)
    if dtype == STATE_DTYPE:
        return raw
    if not is_text(dtype) and dtype != pl.Null:
        source.refuse_type(column, "strings, Enum and Categorical")
    return raw.cast(pl.String).cast(STATE_DTYPE, strict=False)


# --- pieces that are none -------------------------------------------------------------------------


def _refuse_bad(
    source: Source, names: Mapping[str, str], start: pl.Expr, end: pl.Expr, state: pl.Expr
) -> None:
    refuse_null_ids(source, SchemaError)
    for name, value in (("start", start), ("end", end)):
        refuse_bad_instants(source, names[name], value.is_null())
    problem = "state other than up, down and unknown"
    source.refuse_rows(
        SchemaError,
        names["state"],
        problem,
        state.is_null(),
        _GIVE_A_TIMELINE,
        code="unknown_state",
    )
    problem = "end not after its start"
    source.refuse_rows(
        SchemaError,
        names["end"],
        problem,
        end <= start,
        _GIVE_A_TIMELINE,
        code="end_before_start",
    )


# --- pieces that overlap --------------------------------------------------------------------------

# A timeline is sorted by store and start, and so is each part of several that were joined. Within
# such a run nothing overlaps, nor do runs that lie apart in time. Only where they do not, as in a
# timeline whose rows are in no order, are the pieces of each store compared.


def _begins_run() -> pl.Expr:
    """Return whether a row does not come after the one before it, by stores and times."""
    store_id, before = pl.col("store_id"), pl.col("store_id").shift(1)
    same_store = (store_id == before) & (pl.col("start") < pl.col("end").shift(1))
    return ((store_id < before) | same_store).fill_null(value=True)


def _is_bad() -> pl.Expr:
    """Return whether a row is no piece."""
    missing = pl.any_horizontal(pl.col("store_id", "state").is_null())
    return missing | (pl.col("start") >= pl.col("end")).fill_null(value=True)


def _runs_in_memory(frame: pl.DataFrame) -> pl.DataFrame:
    """Return each run: its earliest `start`, its latest `end`, and whether any row is `bad`."""
    edges = frame.lazy().select(row=(_begins_run() | _is_bad()).arg_true())
    rows = _collect(edges, frame)["row"]
    if len(rows) > _MOST_SLICES:
        return _collect(_runs_of(frame.lazy()), frame)
    start, end = frame["start"], frame["end"]
    slices = [(first, next_ - first) for first, next_ in pairwise([*rows, frame.height])]
    return pl.DataFrame(
        {
            "start": [start.slice(*each).min() for each in slices],
            "end": [end.slice(*each).max() for each in slices],
            "bad": frame[rows].select(_is_bad()).to_series(),
        },
        schema_overrides={"start": pl.Int64, "end": pl.Int64},
    )


def _runs_of(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return the same as `_runs_in_memory`, in one pass over the rows."""
    numbered = rows.select("start", "end", run=_begins_run().cum_sum(), bad=_is_bad())
    latest = pl.col("end").max()
    return numbered.group_by("run").agg(pl.col("start").min(), latest, pl.col("bad").any())


def _may_overlap(runs: pl.DataFrame) -> bool:
    overlap = pl.col("start").shift(-1) < pl.col("end").cum_max()
    return bool(runs.sort("start").select(overlap.any()).item())


def _refuse_overlaps(pieces: Pieces) -> None:
    # Pieces are disjoint if and only if each ends before the next begins when starts and ends are
    # sorted apart: then never two are there at once.
    overlap = (pl.col("start").sort().shift(-1) < pl.col("end").sort()).any()
    stores = pieces.collect(pieces.rows.group_by("store_id").agg(overlap=overlap))
    stores = stores.filter("overlap").select("store_id")
    if stores.is_empty():
        return
    own = pieces.rows.join(stores.lazy(), on="store_id", how="semi").sort("store_id", "start")
    until = pl.col("end").cum_max().shift(1).over("store_id", order_by="start")
    found = pieces.collect(own.filter(pl.col("start") < until).select("store_id", "start"))
    _refuse_pieces(
        found,
        "piece that begins before another of its store has ended",
        "Something was kept twice, such as a day: keep it once.",
        code="overlapping_pieces",
    )


def _refuse_pieces(found: pl.DataFrame, problem: str, remedy: str, *, code: str) -> NoReturn:
    shown = found.sort("store_id", "start").head(SHOWN_VALUES)
    instants = shown["start"].cast(pl.Datetime("us", "UTC")).dt.to_string("iso")
    raise SchemaError(
        problem,
        table="timeline",
        column="start",
        count=found.height,
        values=list(zip(shown["store_id"], instants, strict=True)),
        remedy=remedy,
        code=code,
    )
