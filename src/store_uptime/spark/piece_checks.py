"""A timeline in Spark as rows of numbers, and what is wrong with them.

Spark counts the rows that have a fault. What to say of them is the core's business: it is shown a
few of them on the driver, and its error is raised with the number of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from store_uptime._results.timeline_calls import timeline_outages_on
from store_uptime._tables.timeline_rows import PIECE_COLUMNS
from store_uptime._time.instants import from_microseconds
from store_uptime._time.units import FIRST_INSTANT, LAST_INSTANT
from store_uptime.errors import SHOWN_VALUES, SchemaError, StoreUptimeError, facts_of
from store_uptime.spark.layout import in_polars
from store_uptime.spark.partition import ZONES_DDL, join_outcomes, zones_partition
from store_uptime.spark.tables import MICROSECONDS, SparkTable, quoted
from store_uptime.windows import AnyWindow, CalendarWindow

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_BIGINT_DIGITS = 18  # the most that always fit

_OVERLAPS = "start_us < until"
# In the order in which the core looks for them.
_FAULTS = (
    "key IS NULL",
    "start_us IS NULL",
    "end_us IS NULL",
    "coalesce(word NOT IN ('up', 'down', 'unknown'), true)",
    "end_us <= start_us",
    *(f"{edge} NOT BETWEEN {FIRST_INSTANT} AND {LAST_INSTANT}" for edge in ("start_us", "end_us")),
    _OVERLAPS,
)


@dataclass(frozen=True, slots=True)
class PieceRows:
    """A timeline, and the zones of its stores.

    Attributes
    ----------
    pieces
        The columns of the timeline as they came; and `key` (its id), `start_us`, `end_us`
        (microseconds since 1970 UTC) and `word` (its state).
    timezones
        The columns of that table, and `key`; ``None`` without it.
    zones
        `key` and `zone` of each store in `timezones`, null for the default one; ``None`` where no
        window asks for a zone.
    default_timezone
        The zone of the stores without one.
    key_type
        The type of `key`, which holds the ids of both tables.
    """

    pieces: DataFrame
    timezones: DataFrame | None
    zones: DataFrame | None
    default_timezone: str
    key_type: str


@dataclass(frozen=True, slots=True)
class LookAtPieces:
    """What a look at all pieces has found.

    Attributes
    ----------
    first, last
        Where the earliest begins and the latest ends; ``None`` without pieces.
    faults
        How many rows have each of the faults, in the core's order.
    outside
        How many pieces lie outside of `covers`.
    zoneless
        Whether some store of the timeline has no zone, where any window asks for one.
    beyond
        Whether some id does not fit into BIGINT.
    """

    first: int | None
    last: int | None
    faults: Sequence[int]
    outside: int
    zoneless: bool
    beyond: bool


def piece_rows(
    timeline: SparkTable,
    timezones: SparkTable | None,
    windows: Mapping[str, AnyWindow],
    default_timezone: str,
) -> PieceRows:
    """Return the tables in the types that sums need, or refuse instants that are texts."""
    _refuse_texts(timeline)
    dtypes = [each.empty.schema["store_id"] for each in (timeline, timezones) if each is not None]
    key_type = _key_type(dtypes)
    key = f"CAST(store_id AS {key_type}) AS key"
    instants = (
        f"{MICROSECONDS[timeline.empty.schema[name]].format(quoted(name))} AS {name}_us"
        for name in ("start", "end")
    )
    # A column may compare its texts by rules of its own, such as in any case; a STRING does not.
    pieces = timeline.rows.selectExpr("*", key, *instants, "CAST(state AS STRING) AS word")
    named = None if timezones is None else timezones.rows.selectExpr("*", key)
    by_calendar = any(isinstance(window, CalendarWindow) for window in windows.values())
    zones = None
    if by_calendar and named is not None:
        # Where a store has several names, these are of one zone.
        own = named.selectExpr("key", "CAST(timezone_str AS STRING) AS zone")
        zones = own.groupBy("key").agg({"zone": "max"}).toDF("key", "zone")
    return PieceRows(pieces, named, zones, default_timezone, key_type)


def _refuse_texts(timeline: SparkTable) -> None:
    for name in ("start", "end"):
        if timeline.empty.schema[name] == pl.String:
            raise SchemaError(
                "type string is not accepted",
                table=timeline.name,
                column=name,
                remedy="Accepted: TIMESTAMP, and TIMESTAMP_NTZ, which is taken as UTC. "
                "CAST makes them of texts, but takes those without a zone as times in the "
                "session's own.",
                code="unaccepted_type",
            )


def _key_type(dtypes: Sequence[pl.DataType]) -> str:
    if any(isinstance(each, pl.Decimal) and each.precision > _BIGINT_DIGITS for each in dtypes):
        return "decimal(38,0)"
    return "string" if pl.String() in dtypes else "bigint"


# --- looks ---------------------------------------------------------------------------------------


def look_at_pieces(rows: PieceRows, covers: tuple[int, int] | None) -> LookAtPieces:
    """Look at every piece, in one job; `covers` is in microseconds, as all instants here."""
    seen = _with_until(rows)
    wanted = {"first": "min(start_us)", "last": "max(end_us)"}
    wanted |= {f"fault{number}": f"count_if({fault})" for number, fault in enumerate(_FAULTS)}
    if covers is not None:
        wanted["outside"] = f"count_if({_lies_outside(covers)})"
    if rows.zones is not None:
        seen = seen.join(rows.zones, "key", "left")
        wanted["zoneless"] = "count_if(zone IS NULL)"
    if rows.key_type.startswith("decimal"):
        wanted["beyond"] = "count_if(key IS NOT NULL AND try_cast(key AS BIGINT) IS NULL)"
    told = seen.selectExpr(*(f"{sql} AS {name}_" for name, sql in wanted.items())).toArrow()
    found = {name.removesuffix("_"): value for name, value in told.to_pylist()[0].items()}
    return LookAtPieces(
        found["first"],
        found["last"],
        [found[f"fault{number}"] for number in range(len(_FAULTS))],
        found.get("outside", 0),
        zoneless=found.get("zoneless", 0) > 0,
        beyond=found.get("beyond", 0) > 0,
    )


def look_at_zones(rows: PieceRows, look: LookAtPieces, id_dtype: pl.DataType) -> list[str]:
    """Return the zones in which there are stores, or the default one if there are no stores.

    Raises
    ------
    SchemaError, UnknownTimeZoneError
        As the core, with the number of rows in all partitions.
    """
    zones: set[str | None] = set()
    if rows.timezones is not None:
        by_store = rows.timezones.repartition("key").drop("key")
        check = partial(zones_partition, id_dtype=id_dtype)
        found = by_store.mapInArrow(check, ZONES_DDL).toArrow().to_pydict()
        join_outcomes([(None, None), *((None, error) for error in found["error"])])
        zones.update(found["zone"])
    if look.zoneless or not zones:
        zones.add(None)
    return sorted({zone or rows.default_timezone for zone in zones})


def _with_until(rows: PieceRows) -> DataFrame:
    """Return the pieces with `until`, where those that begin before them in their store end."""
    before = "PARTITION BY key ORDER BY start_us ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
    return rows.pieces.selectExpr("*", f"max(end_us) OVER ({before}) AS until")


def _lies_outside(covers: tuple[int, int]) -> str:
    return f"start_us < {covers[0]} OR end_us > {covers[1]}"


# --- faults --------------------------------------------------------------------------------------


def refuse_faults(rows: PieceRows, look: LookAtPieces) -> None:
    """Raise `SchemaError` of the first fault that any piece has."""
    for fault, count in zip(_FAULTS, look.faults, strict=True):
        if not count:
            continue
        seen = _with_until(rows)
        bad = seen.where(fault)
        if fault == _OVERLAPS:
            # The core finds these among all pieces of their stores.
            stores = bad.select("key").distinct().sort("key").limit(SHOWN_VALUES)
            _raise_of(seen.join(stores, "key", "left_semi"), count)
        _raise_of(bad.sort("key", "start_us").limit(SHOWN_VALUES), count)


def refuse_outside_of(covers: tuple[int, int] | None, rows: PieceRows, look: LookAtPieces) -> None:
    """Raise `SchemaError` if any piece lies outside of `covers`."""
    if covers is not None and look.outside:
        bad = rows.pieces.where(_lies_outside(covers)).sort("key", "start_us")
        _raise_of(bad.limit(SHOWN_VALUES), look.outside, tuple(map(from_microseconds, covers)))


def _raise_of(bad: DataFrame, count: int, covers: object = None) -> None:
    frame = in_polars(bad.select(*PIECE_COLUMNS).toArrow())
    try:
        timeline_outages_on(frame, covers)
    except StoreUptimeError as error:
        raise type(error)(**facts_of(error) | {"count": count}) from None
