"""The report from a timeline on Spark DataFrames: sums of its pieces, by Spark's own SQL.

What a window holds is a sum of clipped lengths, so no row has to leave Spark. The core is asked on
the driver: with tables without rows, whether columns and options are right; and with one piece as
long as all of them in each zone, whether the windows lie in it. As for the other report, only
methods of the frames are used.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import polars as pl

from store_uptime._calls import check_instants
from store_uptime._engine.window_edges import end_of, find_window_edges, start_of
from store_uptime._results.timeline_calls import check_covers, timeline_report_on
from store_uptime._time.instants import microseconds
from store_uptime._time.units import UNIT_MICROSECONDS
from store_uptime.notices import CoverageWarning
from store_uptime.policy import DEFAULT_POLICY, Policy
from store_uptime.spark.piece_checks import (
    PieceRows,
    look_at_pieces,
    look_at_zones,
    piece_rows,
    refuse_faults,
    refuse_outside_of,
)
from store_uptime.spark.tables import LEAVES_AS, SparkTable, quoted, require_spark
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["report_from_timeline"]

# Where `now` is not known yet, the options are tried out at the instant that `Window` uses itself.
_TRIED_AT = "2024-03-31T00:00:00Z"


def report_from_timeline(
    timeline: DataFrame,
    timezones: DataFrame | None = None,
    now: dt.datetime | str | None = None,
    *,
    at: Iterable[dt.datetime | str] | None = None,
    windows: Mapping[str, AnyWindow] = DEFAULT_WINDOWS,
    policy: Policy = DEFAULT_POLICY,
    covers: tuple[dt.datetime | str, dt.datetime | str] | None = None,
    detail: bool = False,
) -> DataFrame:
    """Compute uptime and downtime of every store in every window, from a timeline on Spark.

    The rows are those of `store_uptime.report_from_timeline`, to the last bit. The call itself runs
    a job that checks the timeline, and one that checks `timezones`. The report is computed when it
    is asked for, by Spark's own sums: no row of the timeline goes through Python.

    Parameters
    ----------
    timeline
        A Spark DataFrame, of a classic session or of Spark Connect, with the columns that
        `store_uptime.report_from_timeline` takes, in any order of rows. `start` and `end` are
        `TIMESTAMP`, an instant whatever the session's time zone, or `TIMESTAMP_NTZ`, taken as UTC;
        texts are refused, because Spark itself reads those without a zone as times in the
        session's.
    timezones
        As in `store_uptime.spark.compute_report`. It is needed for calendar windows; a store that
        only this table names has a row of zeros.
    now, at, windows, policy, covers, detail
        As in `store_uptime.report_from_timeline`.

    Returns
    -------
    DataFrame
        The columns of `store_uptime.report_from_timeline` in their order: `store_id` in the type
        that it has in `timeline` (of decimals, BIGINT if it holds all of them, else
        DECIMAL(38,0)), DOUBLE in the windows' units, and with `at` first `now`, a TIMESTAMP. One
        row for every store in `timeline` or `timezones`, and each instant. Like any DataFrame it
        has no row order until it is sorted.

    Raises
    ------
    MissingDependencyError
        pyspark or pyarrow is not installed, or pyspark is older than 4.
    SchemaError
        As in `store_uptime.report_from_timeline`, and for what is no Spark DataFrame, has two
        columns of one name, or has texts for instants.
    PolicyError, UnknownTimeZoneError, NaiveDatetimeError
        As in `store_uptime.report_from_timeline`, at the call.

    Warns
    -----
    CoverageWarning
        A window begins before the earliest piece or ends after the latest, and there is no
        `covers`. How much of the open time is known is not told: its `known` and `stores` say
        nothing.

    Examples
    --------
    >>> from pyspark.sql import SparkSession
    >>> from store_uptime import Window
    >>> from store_uptime.spark import report_from_timeline
    >>> spark = SparkSession.builder.master("local[2]").getOrCreate()
    >>> timeline = spark.sql(
    ...     "SELECT * FROM VALUES"
    ...     "(7, TIMESTAMP '2023-01-23 09:00:00Z', TIMESTAMP '2023-01-23 10:30:00Z', 'up'),"
    ...     "(7, TIMESTAMP '2023-01-23 10:30:00Z', TIMESTAMP '2023-01-23 12:00:00Z', 'down')"
    ...     " AS t(store_id, start, end, state)"
    ... )
    >>> covers = ("2023-01-23T00:00:00Z", "2023-01-24T00:00:00Z")
    >>> report_from_timeline(timeline, windows={"day": Window("1d")}, covers=covers).collect()
    [Row(store_id=7, uptime_day=1.5, downtime_day=1.5)]
    """
    require_spark()
    pieces = SparkTable(timeline, "timeline")
    named = None if timezones is None else SparkTable(timezones, "timezones")
    instants = None if at is None else check_instants(at)
    options: dict[str, Any] = {"at": instants, "windows": windows, "policy": policy}
    options |= {"detail": detail, "batch_stores": None, "progress": None}
    tried_at = _TRIED_AT if now is None and at is None else now
    empty = pieces.empty, named and named.empty
    form, _ = timeline_report_on(*empty, tried_at, covers=None, **options)
    told = check_covers(covers)
    span = told and (microseconds(told[0]), microseconds(told[1]))

    rows = piece_rows(pieces, named, windows, policy.default_timezone)
    look = look_at_pieces(rows, span)
    id_dtype = pl.Int128() if look.beyond else form.schema["store_id"]
    zones = look_at_zones(rows, look, id_dtype)
    refuse_faults(rows, look)
    whole = _one_piece_a_zone(zones, span or (look.first, look.last))
    _, facts = timeline_report_on(*whole, now, covers=covers, **options)
    refuse_outside_of(span, rows, look)
    if facts.outside:
        warnings.warn(_of_the_span(facts), stacklevel=2)

    edges = _edges(windows, instants or [facts.now], rows, zones, timeline.sparkSession)
    totals = _sum_pieces(rows, edges, len(windows), history=at is not None)
    columns = _columns(windows)
    columns["store_id"] = f"CAST(key AS {LEAVES_AS.get(id_dtype, rows.key_type)})"
    return totals.selectExpr(*(f"{columns[name]} AS {quoted(name)}" for name in form.columns))


# --- what the core is asked ----------------------------------------------------------------------


def _one_piece_a_zone(
    zones: Sequence[str], span: tuple[int | None, int | None]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return a timeline that has one piece in each zone, as long as the span, and its zones."""
    stores = pl.DataFrame({"store_id": range(len(zones)), "timezone_str": zones})
    start, end = (pl.lit(edge, pl.Int64).cast(pl.Datetime("us", "UTC")) for edge in span)
    timeline = stores.select("store_id", start=start, end=end, state=pl.lit("up"))
    return timeline.drop_nulls(), stores


def _of_the_span(facts: CoverageWarning) -> CoverageWarning:
    """Return what the facts of one piece say of a timeline that is as long."""
    return CoverageWarning(
        known=dict.fromkeys(facts.known),
        window=facts.window,
        stores=0,
        stores_unknown=0,
        now=facts.now,
        from_timeline=True,
        covers=facts.covers,
        outside=facts.outside,
    )


# --- sums ----------------------------------------------------------------------------------------


def _edges(
    windows: Mapping[str, AnyWindow],
    nows: Sequence[dt.datetime],
    rows: PieceRows,
    zones: Sequence[str],
    session: SparkSession,
) -> DataFrame:
    """Return where the windows begin and end, in microseconds since 1970 UTC.

    These are `zone`, `now`, `earliest` and `latest` (of all windows), and of each window, by its
    number, `s0` and `e0` and so on; a row for each zone, if any window asks for it, and `now`.
    """
    clocks = zones if rows.zones is not None else zones[:1]
    found = find_window_edges(windows, nows, clocks)
    ends = [end_of(name) for name in windows]
    numbered = {f"s{number}": start_of(name) for number, name in enumerate(windows)}
    numbered |= {f"e{number}": end for number, end in enumerate(ends)}
    edges = found.select(
        pl.Series("zone", clocks).gather(found["z"]),
        "now",
        earliest="first_start",
        latest=pl.max_horizontal(ends),
        **numbered,
    )
    arrow = edges.to_arrow(compat_level=pl.CompatLevel.oldest())
    return session.createDataFrame(arrow).hint("broadcast")


def _sum_pieces(rows: PieceRows, edges: DataFrame, windows: int, *, history: bool) -> DataFrame:
    """Return `key`, `now`, and what each store has in each window, in microseconds.

    By the number of the window, `u0` is uptime, `d0` downtime and `t0` all open time.
    """
    met = _meet(rows.pieces.select("key", "start_us", "end_us", "word"), rows, edges)
    stores = [] if rows.timezones is None else [rows.timezones.select("key")]
    if history:
        # Most pieces lie outside of all windows of most instants, and so may all of a store.
        met = met.where("end_us > earliest AND start_us < latest")
        stores.append(rows.pieces.select("key"))
    numbers = range(windows)
    parts = met.selectExpr("key", "now", "word", *map(_length_in, numbers)).selectExpr(
        "key", "now", *(part for number in numbers for part in _parts_by_state(number))
    )
    if stores:
        every = reduce(lambda a, b: a.union(b), stores).distinct()
        nothing = (f"0L AS {name}" for name in parts.columns[2:])
        parts = parts.union(_meet(every, rows, edges).selectExpr("key", "now", *nothing))
    names = parts.columns
    return parts.groupBy("key", "now").sum(*names[2:]).toDF(*names)


def _meet(frame: DataFrame, rows: PieceRows, edges: DataFrame) -> DataFrame:
    """Return each row of a frame with `key` beside the edges of its store, for every instant."""
    if rows.zones is None:
        return frame.crossJoin(edges)
    own = f"coalesce(zone, '{rows.default_timezone}') AS zone"
    return frame.join(rows.zones, "key", "left").selectExpr(*frame.columns, own).join(edges, "zone")


def _length_in(number: int) -> str:
    return f"greatest(least(end_us, e{number}) - greatest(start_us, s{number}), 0L) AS t{number}"


def _parts_by_state(number: int) -> list[str]:
    states = {"u": "up", "d": "down"}
    return [
        *(
            f"IF(word = '{state}', t{number}, 0L) AS {name}{number}"
            for name, state in states.items()
        ),
        f"t{number}",
    ]


def _columns(windows: Mapping[str, AnyWindow]) -> dict[str, str]:
    """Return the columns of a report, each as what it is of the totals.

    A BIGINT as a DOUBLE, divided by a DOUBLE, is what the core computes too.
    """
    columns = {"now": "timestamp_micros(now)"}
    for number, (name, window) in enumerate(windows.items()):
        unit = f"{float(UNIT_MICROSECONDS[window.unit])}D"
        up, down, scheduled = f"u{number}", f"d{number}", f"t{number}"
        known = f"({up} + {down})"
        columns |= {
            f"uptime_{name}": f"CAST({up} AS DOUBLE) / {unit}",
            f"downtime_{name}": f"CAST({down} AS DOUBLE) / {unit}",
            f"unknown_{name}": f"CAST({scheduled} - {known} AS DOUBLE) / {unit}",
            f"scheduled_{name}": f"CAST({scheduled} AS DOUBLE) / {unit}",
            f"availability_{name}": f"CAST({up} AS DOUBLE) / CAST(nullif({known}, 0L) AS DOUBLE)",
        }
    return columns
